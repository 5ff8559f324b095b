//! Plans that Terraform made of the sources beside them, and what their overlays say.

use std::path::Path;

use cofferdam_org::fact::Kind;
use cofferdam_sources::terraform::{Options as Terraform, Rule};
use cofferdam_sources::{Options, Read, read_with};
use cofferdam_text::Documents;
use expect_test::expect;

use crate::lines;

/// A plan that Terraform made of the sources beside it, read with or without them.
fn made(name: &str, with_sources: bool) -> (Read, Documents) {
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    let terraform = Terraform {
        accounts: [("aws".to_owned(), "111122223333".to_owned())].into(),
        directory: with_sources.then(|| plans.join(name)),
    };
    let mut documents = Documents::new();
    let path = plans.join(format!("{name}.plan.json"));
    let read = read_with(
        &[path],
        &Options {
            terraform,
            ..Options::default()
        },
        &mut documents,
    )
    .expect("a plan");
    (read, documents)
}

/// How many attributes each rule settled, and what is left.
fn settled(read: &Read) -> String {
    let rules = [
        Rule::Stated,
        Rule::Default,
        Rule::Reference,
        Rule::Document,
        Rule::Sources,
    ];
    let mut out: Vec<String> = rules
        .iter()
        .map(|rule| format!("{rule:?} {}", read.coverage.count(*rule)))
        .collect();
    let left = read.coverage.iter().filter(|one| one.rule == Rule::Unknown);
    out.extend(left.map(|one| format!("? {}.{}", one.address, one.attribute)));
    out.join("\n")
}

#[test]
fn a_landing_zone_of_modules() {
    let (read, _) = made("landing-zone", false);
    expect![[r#"
        Stated 5
        Default 6
        Reference 9
        Document 3
        Sources 0
        ? aws_kms_key_policy.data.policy
        ? aws_sqs_queue_policy.events["claims"].policy
        ? aws_sqs_queue_policy.events["payments"].policy
        ? module.store["claims"].aws_iam_role_policy.reader.policy
        ? module.store["payments"].aws_iam_role_policy.reader.policy"#]]
    .assert_eq(&settled(&read));
    expect![[r#"
        arn:aws:s3:::acme-claims
          Exists: true
          Name: "acme-claims"
          Account: "111122223333"
          Region: "eu-west-1"
          Tags: []
          ResourcePolicy: {"Version":"2012-10-17","Statement":[{"Sid":"Network","Effect":"Deny","Principal":"*","Action":["s3:*"],"Resource":["(module.store["claims"].data.aws_iam_policy_document.this.statement[0].resources[0], known after apply)","(module.store["claims"].data.aws_iam_policy_document.this.statement[0].resources[1], known after apply)"],"Condition":{"StringNotEquals":{"aws:SourceVpce":["(module.store["claims"].data.aws_iam_policy_document.this.statement[0].condition[0].values[0], known after apply)"]}}},{"Sid":"Read","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/app/claims-reader"]},"Action":["s3:GetObject"],"Resource":["(module.store["claims"].data.aws_iam_policy_document.this.statement[1].resources[0], known after apply)"]}]}
          PublicAccessBlock: {"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}
          Ownership: "BucketOwnerEnforced"
          AccessControlList: []
          Encryption: {"Algorithm":"aws:kms","KeyId":"arn:aws:kms:eu-west-1:111122223333:key/(aws_kms_key.data, known after apply)"}
          Versioning: absent
          ObjectLock: absent
          Lifecycle: absent
          Replication: absent
        arn:aws:s3:::acme-payments
          Exists: true
          Name: "acme-payments"
          Account: "111122223333"
          Region: "eu-west-1"
          Tags: []
          ResourcePolicy: {"Version":"2012-10-17","Statement":[{"Sid":"Network","Effect":"Deny","Principal":"*","Action":["s3:*"],"Resource":["(module.store["payments"].data.aws_iam_policy_document.this.statement[0].resources[0], known after apply)","(module.store["payments"].data.aws_iam_policy_document.this.statement[0].resources[1], known after apply)"],"Condition":{"StringNotEquals":{"aws:SourceVpce":["(module.store["payments"].data.aws_iam_policy_document.this.statement[0].condition[0].values[0], known after apply)"]}}},{"Sid":"Read","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/app/payments-reader"]},"Action":["s3:GetObject"],"Resource":["(module.store["payments"].data.aws_iam_policy_document.this.statement[1].resources[0], known after apply)"]}]}
          PublicAccessBlock: {"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}
          Ownership: "BucketOwnerEnforced"
          AccessControlList: []
          Encryption: {"Algorithm":"aws:kms","KeyId":"arn:aws:kms:eu-west-1:111122223333:key/(aws_kms_key.data, known after apply)"}
          Versioning: absent
          ObjectLock: absent
          Lifecycle: absent
          Replication: absent
        arn:aws:s3:::acme-trail
          Exists: true
          Name: "acme-trail"
          Account: "111122223333"
          Region: "eu-west-1"
          Tags: []
          ResourcePolicy: {"Version":"2012-10-17","Statement":[{"Sid":"Write","Effect":"Allow","Principal":{"Service":["cloudtrail.amazonaws.com"]},"Action":["s3:PutObject"],"Resource":["(data.aws_iam_policy_document.trail.statement[0].resources[0], known after apply)"],"Condition":{"StringEquals":{"aws:SourceArn":["arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"]}}}]}
          PublicAccessBlock: {"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}
          Ownership: "BucketOwnerEnforced"
          AccessControlList: []
          Encryption: {"Algorithm":"AES256"}
          Versioning: absent
          ObjectLock: absent
          Lifecycle: absent
          Replication: absent
    "#]].assert_eq(&lines(&read.facts, Kind::Bucket));
}

#[test]
fn a_landing_zone_with_its_sources() {
    let (read, _) = made("landing-zone", true);
    expect![[r#"
        Stated 5
        Default 6
        Reference 9
        Document 0
        Sources 8"#]]
    .assert_eq(&settled(&read));
    expect![[r#"
        arn:aws:s3:::acme-claims
          Exists: true
          Name: "acme-claims"
          Account: "111122223333"
          Region: "eu-west-1"
          Tags: []
          ResourcePolicy: {"Version":"2012-10-17","Statement":[{"Sid":"Network","Effect":"Deny","Principal":"*","Action":["s3:*"],"Resource":["arn:aws:s3:::acme-claims","arn:aws:s3:::acme-claims/*"],"Condition":{"StringNotEquals":{"aws:SourceVpce":["vpce-(aws_vpc_endpoint.s3, known after apply)"]}}},{"Sid":"Read","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/app/claims-reader"]},"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::acme-claims/*"]}]}
          PublicAccessBlock: {"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}
          Ownership: "BucketOwnerEnforced"
          AccessControlList: []
          Encryption: {"Algorithm":"aws:kms","KeyId":"arn:aws:kms:eu-west-1:111122223333:key/(aws_kms_key.data, known after apply)"}
          Versioning: absent
          ObjectLock: absent
          Lifecycle: absent
          Replication: absent
        arn:aws:s3:::acme-payments
          Exists: true
          Name: "acme-payments"
          Account: "111122223333"
          Region: "eu-west-1"
          Tags: []
          ResourcePolicy: {"Version":"2012-10-17","Statement":[{"Sid":"Network","Effect":"Deny","Principal":"*","Action":["s3:*"],"Resource":["arn:aws:s3:::acme-payments","arn:aws:s3:::acme-payments/*"],"Condition":{"StringNotEquals":{"aws:SourceVpce":["vpce-(aws_vpc_endpoint.s3, known after apply)"]}}},{"Sid":"Read","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/app/payments-reader"]},"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::acme-payments/*"]}]}
          PublicAccessBlock: {"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}
          Ownership: "BucketOwnerEnforced"
          AccessControlList: []
          Encryption: {"Algorithm":"aws:kms","KeyId":"arn:aws:kms:eu-west-1:111122223333:key/(aws_kms_key.data, known after apply)"}
          Versioning: absent
          ObjectLock: absent
          Lifecycle: absent
          Replication: absent
        arn:aws:s3:::acme-trail
          Exists: true
          Name: "acme-trail"
          Account: "111122223333"
          Region: "eu-west-1"
          Tags: []
          ResourcePolicy: {"Version":"2012-10-17","Statement":[{"Sid":"Write","Effect":"Allow","Principal":{"Service":["cloudtrail.amazonaws.com"]},"Action":["s3:PutObject"],"Resource":["arn:aws:s3:::acme-trail/AWSLogs/*"],"Condition":{"StringEquals":{"aws:SourceArn":["arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"]}}}]}
          PublicAccessBlock: {"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}
          Ownership: "BucketOwnerEnforced"
          AccessControlList: []
          Encryption: {"Algorithm":"AES256"}
          Versioning: absent
          ObjectLock: absent
          Lifecycle: absent
          Replication: absent
    "#]].assert_eq(&lines(&read.facts, Kind::Bucket));
    expect![[r#"
        arn:aws:kms:eu-west-1:111122223333:key/(aws_kms_key.data, known after apply)
          Exists: true
          Account: "111122223333"
          Tags: []
          Status: "Enabled"
          ResourcePolicy: {"Statement":[{"Action":"kms:*","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Resource":"*","Sid":"Account"},{"Action":["kms:Decrypt"],"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/app/claims-reader"},"Resource":"arn:aws:kms:eu-west-1:111122223333:key/(aws_kms_key.data, known after apply)","Sid":"Useclaims"},{"Action":["kms:Decrypt"],"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/app/payments-reader"},"Resource":"arn:aws:kms:eu-west-1:111122223333:key/(aws_kms_key.data, known after apply)","Sid":"Usepayments"}],"Version":"2012-10-17"}
          Grants: []
          KeyManager: "CUSTOMER"
          Rotation: "true"
          MultiRegion: absent
          Aliases: ["alias/data"]
    "#]].assert_eq(&lines(&read.facts, Kind::Key));
    expect![[r#"
        arn:aws:sqs:eu-west-1:111122223333:acme-claims-events
          Exists: true
          Account: "111122223333"
          Tags: []
          ResourcePolicy: {"Statement":[{"Action":"sqs:SendMessage","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::acme-claims"}},"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Resource":"arn:aws:sqs:eu-west-1:111122223333:acme-claims-events"}],"Version":"2012-10-17"}
          Encryption: {"Algorithm":"aws:kms","KeyId":"(aws_kms_key.data, known after apply)"}
        arn:aws:sqs:eu-west-1:111122223333:acme-payments-events
          Exists: true
          Account: "111122223333"
          Tags: []
          ResourcePolicy: {"Statement":[{"Action":"sqs:SendMessage","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::acme-payments"}},"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Resource":"arn:aws:sqs:eu-west-1:111122223333:acme-payments-events"}],"Version":"2012-10-17"}
          Encryption: {"Algorithm":"aws:kms","KeyId":"(aws_kms_key.data, known after apply)"}
    "#]].assert_eq(&lines(&read.facts, Kind::Queue));
    expect![[r#"
        vpce-(aws_vpc_endpoint.s3, known after apply)
          Exists: true
          Account: "111122223333"
          Region: "eu-west-1"
          ResourcePolicy: {"Statement":[{"Action":"s3:*","Effect":"Allow","Principal":"*","Resource":["arn:aws:s3:::acme-claims/*"],"Sid":"Claims"},{"Action":"s3:*","Effect":"Allow","Principal":"*","Resource":["arn:aws:s3:::acme-payments/*"],"Sid":"Payments"}],"Version":"2012-10-17"}
          Vpc: "vpc-(aws_vpc.main, known after apply)"
          Service: "com.amazonaws.eu-west-1.s3"
          EndpointType: "Gateway"
    "#]].assert_eq(&lines(&read.facts, Kind::Endpoint));
    expect![[r#"
        arn:aws:iam::111122223333:role/app/claims-reader
          Exists: true
          Account: "111122223333"
          Tags: []
          UniqueId: "(module.store["claims"].aws_iam_role.reader, known after apply)"
          Trust: {"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"}}],"Version":"2012-10-17"}
          InlinePolicies: [{"PolicyName":"read","PolicyDocument":{"Statement":[{"Action":"s3:GetObject","Effect":"Allow","Resource":"arn:aws:s3:::acme-claims/*"},{"Action":"kms:Decrypt","Effect":"Allow","Resource":"arn:aws:kms:eu-west-1:111122223333:key/(aws_kms_key.data, known after apply)"}],"Version":"2012-10-17"}}]
          AttachedPolicies: []
          Boundary: absent
          MaxSession: "3600"
        arn:aws:iam::111122223333:role/app/payments-reader
          Exists: true
          Account: "111122223333"
          Tags: []
          UniqueId: "(module.store["payments"].aws_iam_role.reader, known after apply)"
          Trust: {"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"}}],"Version":"2012-10-17"}
          InlinePolicies: [{"PolicyName":"read","PolicyDocument":{"Statement":[{"Action":"s3:GetObject","Effect":"Allow","Resource":"arn:aws:s3:::acme-payments/*"},{"Action":"kms:Decrypt","Effect":"Allow","Resource":"arn:aws:kms:eu-west-1:111122223333:key/(aws_kms_key.data, known after apply)"}],"Version":"2012-10-17"}}]
          AttachedPolicies: []
          Boundary: absent
          MaxSession: "3600"
    "#]].assert_eq(&lines(&read.facts, Kind::Role));
    expect![[r#"
        arn:aws:cloudtrail:eu-west-1:111122223333:trail/main
          Exists: true
          Account: "111122223333"
          Logging: "true"
          TrailDescription: {"Name":"main","S3BucketName":"acme-trail","IsOrganizationTrail":"false","IsMultiRegionTrail":"true","HomeRegion":"eu-west-1","LogFileValidationEnabled":"false","KmsKeyId":"arn:aws:kms:eu-west-1:111122223333:key/(aws_kms_key.data, known after apply)"}
          Selectors: {"EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true}],"AdvancedEventSelectors":[]}
    "#]].assert_eq(&lines(&read.facts, Kind::Trail));
}

#[test]
fn a_change_to_what_is_there() {
    let (read, _) = made("change", true);
    let kinds = [Kind::Bucket, Kind::Role, Kind::Key];
    let all: String = kinds.iter().map(|kind| lines(&read.facts, *kind)).collect();
    expect![[r#"
        arn:aws:s3:::acme-records
          Exists: true
          Name: "acme-records"
          Account: "111122223333"
          Region: "eu-west-1"
          Tags: []
          ResourcePolicy: {"Statement":[{"Action":"s3:GetObject","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999900000001:root"},"Resource":"arn:aws:s3:::acme-records/*","Sid":"Partner"}],"Version":"2012-10-17"}
          PublicAccessBlock: absent
          Lifecycle: []
        arn:aws:iam::111122223333:role/app/reader
          Exists: true
          Account: "111122223333"
          Tags: []
          UniqueId: "AROA1EXAMPLE"
          Trust: {"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"}}],"Version":"2012-10-17"}
          InlinePolicies: [{"PolicyName":"new","PolicyDocument":{"Statement":[{"Action":"kms:Decrypt","Effect":"Allow","Resource":"arn:aws:kms:eu-west-1:111122223333:key/(aws_kms_key.records, known after apply)"}],"Version":"2012-10-17"}}]
          AttachedPolicies: []
          Boundary: absent
          MaxSession: "3600"
        arn:aws:kms:eu-west-1:111122223333:key/5f0e0000-1111-2222-3333-444455556666
          Exists: absent
        arn:aws:kms:eu-west-1:111122223333:key/(aws_kms_key.records, known after apply)
          Exists: true
          Account: "111122223333"
          Tags: []
          Status: "Enabled"
          ResourcePolicy: {"Version":"2012-10-17","Id":"key-default-1","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}
          Grants: []
          KeyManager: "CUSTOMER"
          Rotation: "false"
          MultiRegion: absent
          Aliases: []
    "#]].assert_eq(&all);
}

#[test]
fn a_destroy_leaves_nothing() {
    let (read, _) = made("destroy", false);
    let kinds = [Kind::Bucket, Kind::Role, Kind::Key];
    let all: String = kinds.iter().map(|kind| lines(&read.facts, *kind)).collect();
    expect![[r#"
        arn:aws:s3:::acme-records
          Exists: absent
        arn:aws:iam::111122223333:role/app/reader
          Exists: absent
        arn:aws:kms:eu-west-1:111122223333:key/5f0e0000-1111-2222-3333-444455556666
          Exists: absent
    "#]]
    .assert_eq(&all);
}

#[test]
fn a_statement_leads_to_its_line_and_address() {
    let (read, documents) = made("landing-zone", true);
    let key = read.facts.of_kind(Kind::Key).next().unwrap();
    let policy = read
        .facts
        .get(key, cofferdam_org::fact::Attribute::ResourcePolicy);
    let statement = &policy.present().unwrap().get("Statement").unwrap().items()[1];
    let place = documents.place(statement.origin);
    assert!(
        place.file.ends_with("landing-zone/main.tf"),
        "{}",
        place.file
    );
    assert_eq!((place.line, place.pointer.as_str()), (42, "/Statement/1"));
    assert_eq!(place.address.as_deref(), Some("aws_kms_key_policy.data"));
}
