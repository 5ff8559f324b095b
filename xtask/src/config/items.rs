//! The items themselves: one in ten of a type that is read, in the proportions of a large
//! organization, where roles are most.

use serde_json::{Value, json};

use super::{Item, Random};

/// Accounts of the organization.
const ACCOUNTS: u64 = 1_000;

/// One item of so many is of a type that is read.
const ONE_IN: u64 = 10;

/// The item of a number.
pub(super) fn item(number: u64, random: &mut Random) -> Item {
    let kind = random.below(ONE_IN * 20);
    match kind {
        0..=8 => role(number, random),
        9..=11 => managed_policy(number, random),
        12..=13 => bucket(number, random),
        14..=15 => key(number, random),
        16 => alias(number, random),
        17 => queue(number, random),
        18 => function(number, random),
        19 => endpoint(number, random),
        20..=60 => compliance(number, random),
        61..=110 => interface(number, random),
        111..=150 => group(number, random),
        _ => volume(number, random),
    }
}

/// An item whose members are still to be put in.
fn blank(kind: &'static str, random: &mut Random) -> Item {
    let account = 200_000_000_001 + random.below(ACCOUNTS);
    Item {
        kind,
        account,
        region: "eu-west-1",
        id: String::new(),
        arn: String::new(),
        configuration: Value::Null,
        supplementary: json!({}),
        relationships: json!([]),
        tags: json!({"team": format!("team-{}", random.below(50)), "cost-center": random.below(900).to_string()}),
        status: if random.below(100) == 0 {
            "ResourceDiscovered"
        } else {
            "OK"
        },
        captured: random.below(20 * 86_400),
    }
}

fn regional(item: &mut Item, service: &str, id: String) {
    let (region, account) = (item.region, item.account);
    item.arn = format!("arn:aws:{service}:{region}:{account:012}:{id}");
    item.id = id;
}

fn trust(account: u64) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account:012}:root")}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-large1a2b3"}}}]})
}

fn reads(bucket: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")]},
        {"Sid": "Logs", "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}]})
}

/// As Config writes documents of IAM: percent-encoded.
fn encoded(document: &Value) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~*".contains(&byte);
    let text = document.to_string().into_bytes();
    let encoded = text.into_iter().map(|byte| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    encoded.collect()
}

fn role(number: u64, random: &mut Random) -> Item {
    let mut item = blank("AWS::IAM::Role", random);
    let (account, name) = (item.account, format!("app-{number}"));
    item.region = "global";
    item.arn = format!("arn:aws:iam::{account:012}:role/app/{name}");
    item.id = format!("AROA{:017X}", random.below(u64::MAX));
    item.configuration = json!({
        "path": "/app/", "roleName": name, "roleId": item.id, "arn": item.arn, "createDate": "2025-03-01T00:00:00.000Z",
        "assumeRolePolicyDocument": encoded(&trust(account)), "instanceProfileList": [],
        "rolePolicyList": [{"policyName": "read", "policyDocument": encoded(&reads(&format!("data-{account:012}-0")))}],
        "attachedManagedPolicies": [{"policyName": "base", "policyArn": format!("arn:aws:iam::{account:012}:policy/base-{}", random.below(9))}],
        "permissionsBoundary": null, "tags": [], "roleLastUsed": null,
    });
    item
}

fn managed_policy(number: u64, random: &mut Random) -> Item {
    let mut item = blank("AWS::IAM::Policy", random);
    let (account, name) = (item.account, format!("own-{number}"));
    item.region = "global";
    item.arn = format!("arn:aws:iam::{account:012}:policy/{name}");
    item.id = format!("ANPA{:017X}", random.below(u64::MAX));
    let version = |id: &str, default| json!({"document": encoded(&reads(&name)), "versionId": id, "isDefaultVersion": default, "createDate": "2025-03-01T00:00:00.000Z"});
    item.configuration = json!({
        "policyName": name, "policyId": item.id, "arn": item.arn, "path": "/", "defaultVersionId": "v2",
        "attachmentCount": 1, "permissionsBoundaryUsageCount": 0, "isAttachable": true, "description": null,
        "policyVersionList": [version("v2", true), version("v1", false)],
    });
    item
}

fn bucket(number: u64, random: &mut Random) -> Item {
    let mut item = blank("AWS::S3::Bucket", random);
    let name = format!("data-{:012}-{number}", item.account);
    item.arn = format!("arn:aws:s3:::{name}");
    let statement = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]});
    item.configuration = json!({"name": name, "owner": {"displayName": null, "id": "c0ffee"}, "creationDate": "2025-03-01T00:00:00.000Z"});
    item.supplementary = json!({
        "AccessControlList": json!({"grantSet": null, "grantList": [{"grantee": {"id": "c0ffee", "displayName": null}, "permission": "FullControl"}], "owner": {"displayName": null, "id": "c0ffee"}, "isRequesterCharged": false}).to_string(),
        "BucketAccelerateConfiguration": {"status": null}, "BucketLoggingConfiguration": {"destinationBucketName": null, "logFilePrefix": null},
        "BucketNotificationConfiguration": {"configurations": {}}, "BucketPolicy": {"policyText": statement.to_string()},
        "BucketVersioningConfiguration": {"status": "Enabled", "isMfaDeleteEnabled": null}, "IsRequesterPaysEnabled": "false",
        "PublicAccessBlockConfiguration": {"blockPublicAcls": true, "ignorePublicAcls": true, "blockPublicPolicy": true, "restrictPublicBuckets": true},
        "ServerSideEncryptionConfiguration": {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyID": "alias/data"}, "bucketKeyEnabled": true}]},
    });
    item.id = name;
    item
}

fn key(_: u64, random: &mut Random) -> Item {
    let mut item = blank("AWS::KMS::Key", random);
    let id = random.hex();
    regional(&mut item, "kms", format!("key/{id}"));
    let account = item.account;
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account:012}:root")}, "Action": "kms:*", "Resource": "*"}]});
    item.configuration = json!({"keyId": id, "arn": item.arn, "awsaccountId": format!("{account:012}"), "enabled": true, "keyState": "Enabled", "keyManager": "CUSTOMER", "keyUsage": "ENCRYPT_DECRYPT", "origin": "AWS_KMS", "description": ""});
    item.supplementary =
        json!({"Policy": policy.to_string(), "KeyRotationStatus": true, "Tags": []});
    item.id = id;
    item
}

fn alias(number: u64, random: &mut Random) -> Item {
    let mut item = blank("AWS::KMS::Alias", random);
    let name = format!("alias/data-{number}");
    regional(&mut item, "kms", name.clone());
    item.configuration = json!({"AliasName": name, "TargetKeyId": random.hex()});
    item
}

fn queue(number: u64, random: &mut Random) -> Item {
    let mut item = blank("AWS::SQS::Queue", random);
    regional(&mut item, "sqs", format!("jobs-{number}"));
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": item.arn}]});
    item.configuration = json!({"QueueArn": item.arn, "QueueName": item.id, "Policy": policy.to_string(), "VisibilityTimeout": 30, "KmsMasterKeyId": "alias/data"});
    item
}

fn function(number: u64, random: &mut Random) -> Item {
    let mut item = blank("AWS::Lambda::Function", random);
    let name = format!("load-{number}");
    regional(&mut item, "lambda", format!("function:{name}"));
    item.configuration = json!({"functionName": name, "functionArn": item.arn, "runtime": "python3.13", "handler": "main.run", "memorySize": 256, "timeout": 30, "role": format!("arn:aws:iam::{:012}:role/app/load", item.account), "layers": [], "kmsKeyArn": null});
    item.supplementary = json!({"Policy": null, "Tags": {}});
    item
}

fn endpoint(_: u64, random: &mut Random) -> Item {
    let mut item = blank("AWS::EC2::VPCEndpoint", random);
    let (id, vpc) = (
        format!("vpce-{}", random.hex()),
        format!("vpc-{}", random.hex()),
    );
    regional(&mut item, "ec2", format!("vpc-endpoint/{id}"));
    item.configuration = json!({"vpcEndpointId": id, "vpcEndpointType": "Gateway", "vpcId": vpc, "serviceName": "com.amazonaws.eu-west-1.s3", "state": {"value": "Available"}, "routeTableIds": [], "ownerId": format!("{:012}", item.account)});
    item.id = id;
    item
}

fn related(kinds: &[&str], random: &mut Random) -> Value {
    let one = |kind: &&str| json!({"resourceId": random.hex(), "resourceName": null, "resourceType": kind, "name": "Is contained in"});
    Value::Array(kinds.iter().map(one).collect())
}

fn compliance(number: u64, random: &mut Random) -> Item {
    let mut item = blank("AWS::Config::ResourceCompliance", random);
    item.relationships = related(&["AWS::S3::Bucket"], random);
    item.id = format!("AWS::S3::Bucket/data-{number}");
    let rule = |index: u64| json!({"configRuleName": format!("rule-{index}"), "configRuleArn": format!("arn:aws:config:eu-west-1:{:012}:config-rule/config-rule-{index}", item.account), "configRuleId": format!("config-rule-{index}"), "complianceType": "COMPLIANT"});
    let rules: Vec<Value> = (0..6).map(rule).collect();
    item.configuration = json!({"targetResourceId": format!("data-{number}"), "targetResourceType": "AWS::S3::Bucket", "configRuleList": rules, "complianceType": "COMPLIANT"});
    item
}

fn interface(number: u64, random: &mut Random) -> Item {
    let mut item = blank("AWS::EC2::NetworkInterface", random);
    let id = format!("eni-{}", random.hex());
    regional(&mut item, "ec2", format!("network-interface/{id}"));
    item.relationships = related(
        &[
            "AWS::EC2::VPC",
            "AWS::EC2::Subnet",
            "AWS::EC2::SecurityGroup",
            "AWS::EC2::Instance",
        ],
        random,
    );
    item.configuration = json!({
        "association": null, "attachment": {"attachTime": "2025-03-01T00:00:00.000Z", "attachmentId": random.hex(), "deleteOnTermination": true, "deviceIndex": 0, "instanceId": random.hex(), "instanceOwnerId": format!("{:012}", item.account), "status": "attached"},
        "availabilityZone": "eu-west-1a", "description": format!("interface {number} of a container that the scheduler placed"),
        "groups": [{"groupName": "default", "groupId": random.hex()}], "interfaceType": "interface", "ipv6Addresses": [], "macAddress": "02:00:00:00:00:01", "networkInterfaceId": id,
        "ownerId": format!("{:012}", item.account), "privateDnsName": "ip-10-0-0-1.eu-west-1.compute.internal", "privateIpAddress": "10.0.0.1",
        "privateIpAddresses": [{"association": null, "primary": true, "privateDnsName": "ip-10-0-0-1.eu-west-1.compute.internal", "privateIpAddress": "10.0.0.1"}],
        "requesterManaged": false, "sourceDestCheck": true, "status": "in-use", "subnetId": random.hex(), "tagSet": [], "vpcId": random.hex(),
    });
    item.id = id;
    item
}

fn group(_: u64, random: &mut Random) -> Item {
    let mut item = blank("AWS::EC2::SecurityGroup", random);
    let id = format!("sg-{}", random.hex());
    regional(&mut item, "ec2", format!("security-group/{id}"));
    item.relationships = related(&["AWS::EC2::VPC", "AWS::EC2::NetworkInterface"], random);
    let rule = |port: u64| json!({"fromPort": port, "ipProtocol": "tcp", "ipv6Ranges": [], "prefixListIds": [], "toPort": port, "userIdGroupPairs": [], "ipv4Ranges": [{"cidrIp": "10.0.0.0/8", "description": "from \"inside\" only"}], "ipRanges": ["10.0.0.0/8"]});
    let rules: Vec<Value> = [22, 80, 443, 5432].into_iter().map(rule).collect();
    item.configuration = json!({"description": "managed by a vending machine", "groupName": id, "ipPermissions": rules, "ownerId": format!("{:012}", item.account), "groupId": id, "ipPermissionsEgress": [], "tags": [], "vpcId": random.hex()});
    item.id = id;
    item
}

fn volume(_: u64, random: &mut Random) -> Item {
    let mut item = blank("AWS::EC2::Volume", random);
    let id = format!("vol-{}", random.hex());
    regional(&mut item, "ec2", format!("volume/{id}"));
    item.relationships = related(&["AWS::EC2::Instance"], random);
    item.configuration = json!({"attachments": [{"attachTime": "2025-03-01T00:00:00.000Z", "device": "/dev/xvda", "instanceId": random.hex(), "state": "attached", "volumeId": id, "deleteOnTermination": true}], "availabilityZone": "eu-west-1a", "createTime": "2025-03-01T00:00:00.000Z", "encrypted": true, "kmsKeyId": random.hex(), "size": 30, "snapshotId": random.hex(), "state": "in-use", "volumeId": id, "iops": 3000, "tags": [], "volumeType": "gp3"});
    item.id = id;
    item
}
