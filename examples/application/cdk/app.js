// The same application as the stacks in ../cloudformation, for the AWS CDK.
const cdk = require("aws-cdk-lib");
const { aws_kms: kms, aws_s3: s3, aws_sqs: sqs, aws_iam: iam, aws_ec2: ec2, aws_cloudtrail: cloudtrail } = cdk;
const { aws_secretsmanager: secrets } = cdk;

const account = "200000000002";
const partner = "999900000001";
const env = { account, region: "eu-west-1" };
const app = new cdk.App({ analyticsReporting: false });
const stack = (name) => new cdk.Stack(app, name, { env });
const role = (name) => new iam.ArnPrincipal(`arn:aws:iam::${account}:role/${name}`);
const statement = (rest) => new iam.PolicyStatement(rest);

const keys = stack("orders-keys");
const key = new kms.Key(keys, "Key", {
  alias: "alias/orders",
  enableKeyRotation: true,
  policy: new iam.PolicyDocument({
    statements: [
      statement({ sid: "Administer", principals: [role("platform/key-admin")], actions: ["kms:Describe*", "kms:Put*", "kms:Enable*", "kms:List*", "kms:Get*"], resources: ["*"] }),
      statement({ sid: "Read", principals: [role("app/orders-reader")], actions: ["kms:Decrypt"], resources: ["*"] }),
      statement({ sid: "Recover", principals: [new iam.AccountRootPrincipal()], actions: ["kms:PutKeyPolicy"], resources: ["*"] }),
    ],
  }),
});

const network = stack("orders-network");
const vpc = new ec2.CfnVPC(network, "Vpc", { cidrBlock: "10.0.0.0/16" });
const endpoint = new ec2.CfnVPCEndpoint(network, "S3", {
  vpcId: vpc.ref,
  serviceName: `com.amazonaws.${network.region}.s3`,
  policyDocument: new iam.PolicyDocument({
    statements: [
      statement({ principals: [new iam.AnyPrincipal()], actions: ["s3:*"], resources: ["*"], conditions: { StringEquals: { "aws:ResourceAccount": account } } }),
    ],
  }),
});

const data = stack("orders-data");
const orders = new s3.Bucket(data, "Orders", {
  bucketName: "acme-orders",
  encryption: s3.BucketEncryption.KMS,
  encryptionKey: key,
  bucketKeyEnabled: true,
  versioned: true,
  objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
});
const everybody = [new iam.AnyPrincipal()];
orders.addToResourcePolicy(
  statement({ sid: "OnlyOurs", effect: iam.Effect.DENY, principals: everybody, actions: ["s3:*"], resources: [orders.bucketArn, orders.arnForObjects("*")], conditions: { StringNotEquals: { "aws:PrincipalAccount": account } } }),
);
orders.addToResourcePolicy(
  statement({ sid: "OnlyThroughTheEndpoint", effect: iam.Effect.DENY, principals: everybody, actions: ["s3:GetObject", "s3:PutObject"], resources: [orders.arnForObjects("*")], conditions: { StringNotEquals: { "aws:SourceVpce": endpoint.ref } } }),
);
const incoming = new sqs.Queue(data, "Incoming", { queueName: "orders-incoming", encryptionMasterKey: key });
incoming.addToResourcePolicy(
  statement({ sid: "PartnerReads", principals: [new iam.AccountPrincipal(partner)], actions: ["sqs:SendMessage", "sqs:ReceiveMessage"], resources: [incoming.queueArn] }),
);
const credential = new secrets.CfnSecret(data, "Credential", { name: "orders/credential", kmsKeyId: key.keyArn });
new secrets.CfnResourcePolicy(data, "CredentialPolicy", {
  secretId: credential.ref,
  resourcePolicy: new iam.PolicyDocument({
    statements: [
      statement({ sid: "OnlyOurs", effect: iam.Effect.DENY, principals: everybody, actions: ["secretsmanager:*"], resources: ["*"], conditions: { StringNotEquals: { "aws:PrincipalAccount": account } } }),
    ],
  }),
});

const access = stack("orders-access");
const reader = new iam.Role(access, "Reader", { roleName: "orders-reader", path: "/app/", assumedBy: new iam.ServicePrincipal("ecs-tasks.amazonaws.com") });
reader.addToPolicy(statement({ actions: ["s3:GetObject", "s3:ListBucket"], resources: [orders.bucketArn, orders.arnForObjects("*")] }));
reader.addToPolicy(statement({ actions: ["kms:Decrypt"], resources: [key.keyArn] }));
const admin = new iam.Role(access, "KeyAdmin", { roleName: "key-admin", path: "/platform/", assumedBy: role("platform/deployer") });
admin.addToPolicy(statement({ actions: ["kms:*"], resources: ["*"] }));

const audit = stack("orders-audit");
const archive = new s3.Bucket(audit, "Archive", { bucketName: "acme-orders-log", versioned: true });
archive.addToResourcePolicy(
  statement({ sid: "Deliver", principals: [new iam.ServicePrincipal("cloudtrail.amazonaws.com")], actions: ["s3:GetBucketAcl", "s3:PutObject"], resources: [archive.bucketArn, archive.arnForObjects("*")], conditions: { StringEquals: { "aws:SourceArn": `arn:aws:cloudtrail:${audit.region}:${account}:trail/orders` } } }),
);
new cloudtrail.CfnTrail(audit, "Trail", {
  trailName: "orders",
  s3BucketName: archive.bucketName,
  isLogging: true,
  isMultiRegionTrail: true,
  enableLogFileValidation: true,
  eventSelectors: [{ readWriteType: "All", includeManagementEvents: true, dataResources: [{ type: "AWS::S3::Object", values: ["arn:aws:s3"] }] }],
});

app.synth();
