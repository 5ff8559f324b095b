//! A small snapshot as data, written into a directory of its own for each test.
#![allow(dead_code)] // each test file uses its part

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use cofferdam_org::build::build;
use cofferdam_org::model::Organization;
use cofferdam_sources::{Read, read};
use cofferdam_text::{Diagnostic, Documents};

/// Files below `ACCOUNT/REGION/` of a sound snapshot.
pub const FILES: &[(&str, &str)] = &[
    (
        "100000000001/global/organizations.describe-organization.json",
        r#"{"Organization": {"Id": "o-acme1a2b3c", "MasterAccountId": "100000000001"}}"#,
    ),
    (
        "100000000001/global/organizations.list-roots.json",
        r#"{"Roots": [{"Id": "r-1", "Name": "Root", "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}, {"Type": "RESOURCE_CONTROL_POLICY", "Status": "ENABLED"}]}]}"#,
    ),
    (
        "100000000001/global/organizations.list-organizational-units-for-parent.jsonl",
        r#"{"request": {"ParentId": "r-1"}, "response": {"OrganizationalUnits": [{"Id": "ou-1", "Name": "workloads"}]}}
{"request": {"ParentId": "ou-1"}, "response": {"OrganizationalUnits": []}}
"#,
    ),
    (
        "100000000001/global/organizations.list-accounts-for-parent.jsonl",
        r#"{"request": {"ParentId": "r-1"}, "response": {"Accounts": [{"Id": "100000000001", "Name": "management", "Status": "ACTIVE"}]}}
{"request": {"ParentId": "ou-1"}, "response": {"Accounts": [{"Id": "200000000002", "Name": "claims", "Status": "ACTIVE"}]}}
"#,
    ),
    (
        "100000000001/global/organizations.list-policies.jsonl",
        r#"{"request": {"Filter": "SERVICE_CONTROL_POLICY"}, "response": {"Policies": [{"Id": "p-full", "Name": "FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY"}]}}
{"request": {"Filter": "RESOURCE_CONTROL_POLICY"}, "response": {"Policies": [{"Id": "p-rcp", "Name": "perimeter", "Type": "RESOURCE_CONTROL_POLICY"}]}}
"#,
    ),
    (
        "100000000001/global/organizations.describe-policy.jsonl",
        r#"{"request": {"PolicyId": "p-full"}, "response": {"Policy": {"PolicySummary": {"Id": "p-full", "Name": "FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY"}, "Content": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"}}}
{"request": {"PolicyId": "p-rcp"}, "response": {"Policy": {"PolicySummary": {"Id": "p-rcp", "Name": "perimeter", "Type": "RESOURCE_CONTROL_POLICY"}, "Content": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}}}
"#,
    ),
    (
        "100000000001/global/organizations.list-targets-for-policy.jsonl",
        r#"{"request": {"PolicyId": "p-full"}, "response": {"Targets": [{"TargetId": "r-1"}, {"TargetId": "ou-1"}, {"TargetId": "200000000002"}, {"TargetId": "100000000001"}]}}
{"request": {"PolicyId": "p-rcp"}, "response": {"Targets": [{"TargetId": "ou-1"}]}}
"#,
    ),
    (
        "200000000002/global/iam.get-account-authorization-details.json",
        r#"{"RoleDetailList": [{"Arn": "arn:aws:iam::200000000002:role/app/reader", "RoleId": "AROAREADER", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
  "RolePolicyList": [{"PolicyName": "read", "PolicyDocument": "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3AGetObject%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D"}],
  "AttachedManagedPolicies": [{"PolicyName": "own", "PolicyArn": "arn:aws:iam::200000000002:policy/own"}], "Tags": [{"Key": "team", "Value": "claims"}]}],
 "UserDetailList": [], "GroupDetailList": [],
 "Policies": [{"PolicyName": "own", "Arn": "arn:aws:iam::200000000002:policy/own", "PolicyVersionList": [
   {"VersionId": "v1", "IsDefaultVersion": false, "Document": {"Statement": []}},
   {"VersionId": "v2", "IsDefaultVersion": true, "Document": {"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}}]}]}"#,
    ),
    (
        "200000000002/global/iam.list-open-id-connect-providers.json",
        r#"{"OpenIDConnectProviderList": []}"#,
    ),
    (
        "200000000002/global/iam.list-saml-providers.json",
        r#"{"SAMLProviderList": []}"#,
    ),
    (
        "200000000002/global/s3api.list-buckets.json",
        r#"{"Buckets": [{"Name": "acme-records"}, {"Name": "acme-plain"}]}"#,
    ),
    (
        "200000000002/global/s3api.get-bucket-policy.jsonl",
        r#"{"request": {"Bucket": "acme-records"}, "response": {"Policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}}
{"request": {"Bucket": "acme-plain"}, "error": {"code": "NoSuchBucketPolicy", "message": "The bucket policy does not exist"}}
"#,
    ),
    (
        "200000000002/global/s3api.get-bucket-location.jsonl",
        r#"{"request": {"Bucket": "acme-records"}, "response": {"LocationConstraint": "eu-west-1"}}
{"request": {"Bucket": "acme-plain"}, "response": {"LocationConstraint": null}}
"#,
    ),
    (
        "200000000002/global/s3api.get-bucket-encryption.jsonl",
        r#"{"request": {"Bucket": "acme-records"}, "response": {"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/records"}, "BucketKeyEnabled": true}]}}}
{"request": {"Bucket": "acme-plain"}, "error": {"code": "AccessDenied", "message": "Access Denied"}}
"#,
    ),
    (
        "200000000002/eu-west-1/kms.list-keys.json",
        r#"{"Keys": [{"KeyId": "k1", "KeyArn": "arn:aws:kms:eu-west-1:200000000002:key/k1"}]}"#,
    ),
    (
        "200000000002/eu-west-1/kms.list-aliases.json",
        r#"{"Aliases": [{"AliasName": "alias/records", "TargetKeyId": "k1"}, {"AliasName": "alias/aws/s3"}]}"#,
    ),
    (
        "200000000002/eu-west-1/kms.get-key-policy.jsonl",
        r#"{"request": {"KeyId": "k1", "PolicyName": "default"}, "response": {"Policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"200000000002\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}"}}
"#,
    ),
    (
        "200000000002/eu-west-1/sqs.list-queues.json",
        r#"{"QueueUrls": ["https://sqs.eu-west-1.amazonaws.com/200000000002/jobs"]}"#,
    ),
    (
        "200000000002/eu-west-1/sqs.get-queue-attributes.jsonl",
        r#"{"request": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/200000000002/jobs"}, "response": {"Attributes": {"QueueArn": "arn:aws:sqs:eu-west-1:200000000002:jobs", "KmsMasterKeyId": "alias/aws/sqs"}}}
"#,
    ),
    (
        "200000000002/eu-west-1/ec2.describe-vpc-endpoints.json",
        r#"{"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "VpcEndpointType": "Gateway", "VpcId": "vpc-1", "ServiceName": "com.amazonaws.eu-west-1.s3", "OwnerId": "200000000002", "PolicyDocument": "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}"}]}"#,
    ),
    (
        "200000000002/eu-west-1/cloudtrail.describe-trails.json",
        r#"{"trailList": [{"Name": "main", "TrailARN": "arn:aws:cloudtrail:eu-west-1:100000000001:trail/main", "S3BucketName": "acme-log", "IsOrganizationTrail": true}]}"#,
    ),
];

static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// A directory with some files, gone when dropped.
pub struct Directory(pub PathBuf);

impl Directory {
    pub fn of(files: &[(&str, &str)]) -> Directory {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("cofferdam-sources-{}-{number}", std::process::id());
        let directory = Directory(std::env::temp_dir().join(name));
        files
            .iter()
            .for_each(|(path, text)| directory.write(path, text));
        directory
    }

    /// The sound snapshot with its manifest, after a change to its files.
    pub fn snapshot(change: impl FnOnce(&mut Vec<(String, String)>)) -> Directory {
        let mut files: Vec<_> = FILES
            .iter()
            .map(|(path, text)| (path.to_string(), text.to_string()))
            .collect();
        let manifest = manifest(&files);
        change(&mut files);
        let directory = Directory::of(&[("manifest.json", &manifest)]);
        files
            .iter()
            .for_each(|(path, text)| directory.write(path, text));
        directory
    }

    /// The sound snapshot with further answers, which its manifest lists.
    pub fn with(more: &[(&str, &str)]) -> Directory {
        let files: Vec<_> = FILES
            .iter()
            .chain(more)
            .map(|(path, text)| (path.to_string(), text.to_string()))
            .collect();
        let directory = Directory::of(&[("manifest.json", &manifest(&files))]);
        files
            .iter()
            .for_each(|(path, text)| directory.write(path, text));
        directory
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self) -> (Read, Documents) {
        let mut documents = Documents::new();
        let read =
            read(std::slice::from_ref(&self.0), &mut documents).expect("the source can be used");
        (read, documents)
    }

    pub fn organization(&self) -> (Organization, Vec<Diagnostic>) {
        let (read, _) = self.read();
        let (organization, more) = build(&read.facts);
        assert!(
            more.is_empty(),
            "what sources pass on is well-formed: {more:?}"
        );
        (organization, read.diagnostics)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn manifest(files: &[(String, String)]) -> String {
    let entry = |path: &String| {
        let mut parts = path.split('/');
        let (account, region) = (parts.next().unwrap(), parts.next().unwrap());
        let operation = parts
            .next()
            .unwrap()
            .trim_end_matches(".jsonl")
            .trim_end_matches(".json");
        format!(
            r#"{{"file": "{path}", "account": "{account}", "region": "{region}", "operation": "{operation}"}}"#
        )
    };
    let entries: Vec<_> = files.iter().map(|(path, _)| entry(path)).collect();
    let refused = r#"[{"account": "200000000002", "region": "eu-west-1", "operation": "sns.list-topics", "error": {"code": "AccessDenied", "message": "no"}}]"#;
    let read = entries.join(",\n");
    format!(
        r#"{{"version": 1, "captured_at": "2026-11-22T00:00:00Z", "partition": "aws", "read": [{read}], "refused": {refused}}}"#
    )
}
