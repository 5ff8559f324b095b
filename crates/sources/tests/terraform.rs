//! Terraform plans and states: what each resource states, what the four rules settle, and what a
//! plan changes in what other sources state.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)] // a test stops where it is wrong

use std::fs;
use std::path::{Path, PathBuf};

use cofferdam_names::deferred;
use cofferdam_org::fact::{Facts, Kind, Known};
use cofferdam_sources::terraform::{Options as Terraform, Rule};
use cofferdam_sources::{Options, Read, read, read_with};
use cofferdam_text::{Documents, Member, Node, Value};
use expect_test::{Expect, expect};

/// A directory that goes away with the test.
struct Files(PathBuf);

impl Files {
    fn new(name: &str) -> Files {
        let path =
            std::env::temp_dir().join(format!("cofferdam_plan_{name}_{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Files(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn read_all(paths: &[PathBuf]) -> Read {
    read(paths, &mut Documents::new()).expect("a source that can be read")
}

/// Every fact about the entities of a kind, a line each.
fn lines(facts: &Facts, kind: Kind) -> String {
    let mut out = String::new();
    for entity in facts.of_kind(kind) {
        out.push_str(&format!("{}\n", deferred::shown(&entity.id)));
        for (attribute, value) in facts.about(entity) {
            let value = match value {
                Known::Present(node) => deferred::shown(&node.to_json()).into_owned(),
                Known::Absent => "absent".to_owned(),
                Known::Unknown(why) => format!("unknown: {}", deferred::shown(why)),
            };
            out.push_str(&format!("  {attribute:?}: {value}\n"));
        }
    }
    out
}

/// A plan of these changes over these declarations, in account 111122223333 and eu-west-1.
fn plan(changes: &str, declared: &str) -> String {
    format!(
        r#"{{"format_version": "1.2", "planned_values": {{}}, "resource_changes": [{changes}],
        "configuration": {{
          "provider_config": {{"aws": {{"name": "aws", "expressions": {{"region": {{"constant_value": "eu-west-1"}},
            "allowed_account_ids": {{"constant_value": ["111122223333"]}}}}}}}},
          "root_module": {{"resources": [{declared}]}}}}}}"#
    )
}

/// What comes of an instance: its type and name, the action, what is known and what is not.
fn change(kind: &str, name: &str, action: &str, after: &str, unknown: &str) -> String {
    let (before, after) = match action {
        "delete" => (after, "null"),
        "no-op" => (after, after),
        _ => ("null", after),
    };
    let data = kind.strip_prefix("data.");
    let mode = if data.is_some() { "data" } else { "managed" };
    let kind_only = data.unwrap_or(kind);
    format!(
        r#"{{"address": "{kind}.{name}", "mode": "{mode}", "type": "{kind_only}", "name": "{name}",
        "change": {{"actions": ["{action}"], "before": {before}, "after": {after}, "after_unknown": {unknown}}}}}"#
    )
}

/// What was written of an instance.
fn declared(kind: &str, name: &str, expressions: &str) -> String {
    let data = kind.strip_prefix("data.");
    let mode = if data.is_some() { "data" } else { "managed" };
    let kind_only = data.unwrap_or(kind);
    format!(
        r#"{{"address": "{kind}.{name}", "mode": "{mode}", "type": "{kind_only}", "name": "{name}",
        "provider_config_key": "aws", "expressions": {expressions}}}"#
    )
}

/// Reads one plan, and compares what it states of a kind.
#[track_caller]
fn check(name: &str, text: &str, kind: Kind, expected: Expect) {
    let files = Files::new(name);
    let read = read_all(&[files.write("plan.json", text)]);
    expected.assert_eq(&lines(&read.facts, kind));
}

#[test]
fn a_new_bucket_has_the_defaults_of_the_service() {
    let bucket = change(
        "aws_s3_bucket",
        "b",
        "create",
        r#"{"bucket": "records"}"#,
        r#"{"policy": true, "id": true, "arn": true}"#,
    );
    let text = plan(
        &bucket,
        &declared(
            "aws_s3_bucket",
            "b",
            r#"{"bucket": {"constant_value": "records"}}"#,
        ),
    );
    check(
        "defaults",
        &text,
        Kind::Bucket,
        expect![[r#"
            arn:aws:s3:::records
              Exists: true
              Name: "records"
              Account: "111122223333"
              Region: "eu-west-1"
              Tags: []
              ResourcePolicy: absent
              PublicAccessBlock: {"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}
              Ownership: "BucketOwnerEnforced"
              AccessControlList: []
              Encryption: {"Algorithm":"AES256"}
              Versioning: absent
              ObjectLock: absent
              Lifecycle: absent
              Replication: absent
        "#]],
    );
}

#[test]
fn a_policy_follows_references_to_what_exists_only_later() {
    let changes = [
        change("aws_s3_bucket", "b", "create", r#"{"bucket": "records"}"#, r#"{"id": true, "arn": true, "policy": true}"#),
        change("aws_s3_bucket_policy", "b", "create", "{}", r#"{"bucket": true, "policy": true}"#),
        change("aws_kms_key", "k", "create", r#"{"enable_key_rotation": true, "is_enabled": true}"#,
            r#"{"id": true, "arn": true, "key_id": true, "policy": true, "multi_region": true}"#),
        change("aws_s3_bucket_server_side_encryption_configuration", "b", "create",
            r#"{"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}]}]}"#,
            r#"{"bucket": true, "rule": [{"apply_server_side_encryption_by_default": [{"kms_master_key_id": true}]}]}"#),
        change("data.aws_iam_policy_document", "d", "read",
            r#"{"statement": [{"sid": "Read", "effect": null, "actions": ["s3:GetObject"], "principals": [{"type": "AWS", "identifiers": [null]}], "condition": []}]}"#,
            r#"{"json": true, "statement": [{"actions": [false], "resources": true, "principals": [{"identifiers": [true]}]}]}"#),
        change("aws_iam_role", "r", "create", r#"{"name": "reader", "path": "/app/", "assume_role_policy": "{\"Statement\": []}"}"#, r#"{"arn": true, "id": true, "unique_id": true}"#),
    ].join(",");
    let written = [
        declared("aws_s3_bucket", "b", r#"{"bucket": {"constant_value": "records"}}"#),
        declared("aws_s3_bucket_policy", "b", r#"{"bucket": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}, "policy": {"references": ["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"]}}"#),
        declared("aws_kms_key", "k", "{}"),
        declared("aws_s3_bucket_server_side_encryption_configuration", "b", r#"{"bucket": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]},
            "rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": {"constant_value": "aws:kms"}, "kms_master_key_id": {"references": ["aws_kms_key.k.arn", "aws_kms_key.k"]}}]}]}"#),
        declared("data.aws_iam_policy_document", "d", r#"{"statement": [{"actions": {"constant_value": ["s3:GetObject"]}, "resources": {"references": ["aws_s3_bucket.b.arn", "aws_s3_bucket.b"]},
            "principals": [{"type": {"constant_value": "AWS"}, "identifiers": {"references": ["aws_iam_role.r.arn", "aws_iam_role.r"]}}]}]}"#),
        declared("aws_iam_role", "r", "{}"),
    ].join(",");
    let text = plan(&changes, &written);
    check(
        "references",
        &text,
        Kind::Bucket,
        expect![[r#"
            arn:aws:s3:::records
              Exists: true
              Name: "records"
              Account: "111122223333"
              Region: "eu-west-1"
              Tags: []
              ResourcePolicy: {"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/app/reader"]},"Action":["s3:GetObject"],"Resource":"(data.aws_iam_policy_document.d.statement[0].resources, known after apply)"}]}
              PublicAccessBlock: {"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}
              Ownership: "BucketOwnerEnforced"
              AccessControlList: []
              Encryption: {"Algorithm":"aws:kms","KeyId":"arn:aws:kms:eu-west-1:111122223333:key/(aws_kms_key.k, known after apply)"}
              Versioning: absent
              ObjectLock: absent
              Lifecycle: absent
              Replication: absent
        "#]],
    );
    check(
        "references",
        &text,
        Kind::Key,
        expect![[r#"
            arn:aws:kms:eu-west-1:111122223333:key/(aws_kms_key.k, known after apply)
              Exists: true
              Account: "111122223333"
              Tags: []
              Status: "Enabled"
              ResourcePolicy: {"Version":"2012-10-17","Id":"key-default-1","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}
              Grants: []
              KeyManager: "CUSTOMER"
              Rotation: "true"
              MultiRegion: absent
              Aliases: []
        "#]],
    );
}

#[test]
fn a_template_around_one_reference_is_no_reference() {
    let changes = [
        change(
            "aws_iam_role",
            "r",
            "create",
            r#"{"name": "reader", "path": "/", "assume_role_policy": "{\"Statement\": []}"}"#,
            r#"{"arn": true, "id": true}"#,
        ),
        change(
            "aws_iam_role_policy",
            "p",
            "create",
            r#"{"name": "p"}"#,
            r#"{"policy": true, "role": true}"#,
        ),
        change(
            "aws_secretsmanager_secret",
            "s",
            "create",
            r#"{"name": "easy"}"#,
            r#"{"arn": true, "policy": true}"#,
        ),
    ]
    .join(",");
    let written = [
        declared("aws_iam_role", "r", "{}"),
        declared("aws_iam_role_policy", "p", r#"{"policy": {"references": ["aws_secretsmanager_secret.s.arn", "aws_secretsmanager_secret.s"]}, "role": {"references": ["aws_iam_role.r.id", "aws_iam_role.r"]}}"#),
        declared("aws_secretsmanager_secret", "s", "{}"),
    ].join(",");
    check(
        "template",
        &plan(&changes, &written),
        Kind::Role,
        expect![[r#"
            arn:aws:iam::111122223333:role/reader
              Exists: true
              Account: "111122223333"
              Tags: []
              UniqueId: "(aws_iam_role.r, known after apply)"
              Trust: {"Statement":[]}
              InlinePolicies: [{"PolicyName":"p","Unknown":"aws_iam_role_policy.p.policy is known only after apply"}]
              AttachedPolicies: []
              Boundary: absent
        "#]],
    );
}

/// A snapshot of one role and one bucket, as loose answers.
fn before(files: &Files) -> PathBuf {
    files.write("now/111122223333/iam.get-account-authorization-details.json", r#"{"RoleDetailList": [{"Arn": "arn:aws:iam::111122223333:role/app/reader", "RoleId": "AROA1",
        "AssumeRolePolicyDocument": {"Statement": []}, "RolePolicyList": [{"PolicyName": "old", "PolicyDocument": {"Statement": []}}],
        "AttachedManagedPolicies": [{"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]}]}"#);
    files.write(
        "now/111122223333/s3api.list-buckets.json",
        r#"{"Buckets": [{"Name": "records"}]}"#,
    );
    files.write("now/111122223333/s3api.get-public-access-block.jsonl", r#"{"request": {"Bucket": "records"}, "response": {"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true}}}"#);
    files.0.join("now")
}

#[track_caller]
fn over(name: &str, changes: &str, kind: Kind, expected: Expect) {
    let files = Files::new(name);
    let now = before(&files);
    let plan = files.write("plan.json", &plan(changes, ""));
    let read = read_all(&[now, plan]);
    expected.assert_eq(&lines(&read.facts, kind));
}

#[test]
fn what_a_plan_adds_leaves_the_rest_of_a_list() {
    let changes = [
        change(
            "aws_iam_role_policy",
            "p",
            "create",
            r#"{"name": "new", "role": "reader", "policy": "{\"Statement\": []}"}"#,
            "{}",
        ),
        change(
            "aws_iam_role_policy_attachment",
            "a",
            "delete",
            r#"{"role": "reader", "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}"#,
            "{}",
        ),
    ]
    .join(",");
    over(
        "adds",
        &changes,
        Kind::Role,
        expect![[r#"
            arn:aws:iam::111122223333:role/app/reader
              Exists: true
              Account: "111122223333"
              Tags: absent
              UniqueId: "AROA1"
              Trust: {"Statement":[]}
              InlinePolicies: [{"PolicyName":"old","PolicyDocument":{"Statement":[]}},{"PolicyName":"new","PolicyDocument":{"Statement":[]}}]
              AttachedPolicies: []
              Boundary: absent
        "#]],
    );
}

#[test]
fn a_split_resource_that_vanishes_resets_its_attribute() {
    let gone = change(
        "aws_s3_bucket_public_access_block",
        "b",
        "delete",
        r#"{"bucket": "records", "block_public_acls": true}"#,
        "{}",
    );
    over(
        "reset",
        &gone,
        Kind::Bucket,
        expect![[r#"
            arn:aws:s3:::records
              Exists: true
              Name: "records"
              Account: "111122223333"
              PublicAccessBlock: absent
        "#]],
    );
}

#[test]
fn what_is_deleted_is_absent() {
    let gone = change(
        "aws_s3_bucket",
        "b",
        "delete",
        r#"{"bucket": "records", "arn": "arn:aws:s3:::records"}"#,
        "{}",
    );
    over(
        "delete",
        &gone,
        Kind::Bucket,
        expect![[r#"
            arn:aws:s3:::records
              Exists: absent
        "#]],
    );
}

#[test]
fn another_major_version_is_refused() {
    let files = Files::new("version");
    let path = files.write(
        "plan.json",
        r#"{"format_version": "2.0", "planned_values": {}}"#,
    );
    let error = read(&[path], &mut Documents::new()).unwrap_err();
    assert!(
        error.message.contains("only 1.x is read"),
        "{}",
        error.message
    );
}

/// The published plans that are tried on, where they are at hand.
fn published(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/inputs/plans")
        .join(name);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

/// The row of a plan in docs/terraform.md, and what the plan leaves unknown.
fn documented(read: &Read) -> String {
    let rules = [
        Rule::Stated,
        Rule::Default,
        Rule::Reference,
        Rule::Document,
        Rule::Sources,
        Rule::Unknown,
    ];
    let counts: Vec<String> = rules
        .iter()
        .map(|rule| read.coverage.count(*rule).to_string())
        .collect();
    counts.join(" | ")
}

#[test]
fn the_table_of_the_published_plans_is_true() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/terraform.md");
    let page = fs::read_to_string(page).unwrap();
    for name in ["terragoat", "cloudgoat-detection-evasion"] {
        let Some(path) = published(&format!("{name}.plan.json")) else {
            return;
        };
        let read = read_all(&[path]);
        let row = format!("| {name} | {} |", documented(&read));
        assert!(page.contains(&row), "docs/terraform.md lacks\n{row}");
        for one in read.coverage.iter().filter(|one| one.rule == Rule::Unknown) {
            let left = format!("`{}.{}`", one.address, one.attribute);
            assert!(page.contains(&left), "docs/terraform.md lacks\n{left}");
        }
    }
}

#[test]
fn published_plans_are_read_without_an_error() {
    for name in [
        "terragoat.plan.json",
        "cloudgoat-detection-evasion.plan.json",
    ] {
        let Some(path) = published(name) else { return };
        let read = read_all(&[path]);
        let errors = read
            .diagnostics
            .iter()
            .filter(|one| one.severity == cofferdam_text::Severity::Error);
        assert_eq!(errors.count(), 0, "{:?}", read.diagnostics);
        assert!(!read.coverage.is_empty());
    }
}

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

/// The tree with one node replaced, counted from the root down.
fn replaced(node: &Node, at: &mut usize, by: &Value) -> Node {
    let here = *at == 0;
    *at = at.wrapping_sub(1);
    let value = match &node.value {
        _ if here => by.clone(),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| replaced(item, at, by)).collect())
        }
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|member| Member {
                    value: replaced(&member.value, at, by),
                    ..member.clone()
                })
                .collect(),
        ),
        other => other.clone(),
    };
    Node {
        value,
        origin: node.origin,
    }
}

fn size(node: &Node) -> usize {
    let elements = node.as_array().unwrap_or_default().iter().map(size);
    let members = node.as_object().unwrap_or_default().iter();
    1 + elements.sum::<usize>() + members.map(|one| size(&one.value)).sum::<usize>()
}

/// Nodes between two that are damaged: a prime, so that every kind of place is hit.
const STRIDE: usize = 11;

#[test]
fn damage_of_a_plan_is_never_a_panic() {
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    let text = fs::read(plans.join("landing-zone.plan.json")).unwrap();
    let root = Documents::new().read_json("plan.json", text).unwrap();
    let files = Files::new("damage");
    let long = "x".repeat(3000);
    let values = [
        Value::Null,
        Value::Bool(true),
        Value::Number("7".into()),
        Value::String("module.a[\"".into()),
        Value::String(long.as_str().into()),
        Value::Array([].into()),
        Value::Object([].into()),
    ];
    for (number, at) in (0..size(&root)).step_by(STRIDE).enumerate() {
        let damaged = replaced(&root, &mut at.clone(), &values[number % values.len()]);
        let path = files.write("plan.json", &damaged.to_json());
        let terraform = Terraform {
            directory: (number % 2 == 0).then(|| plans.join("landing-zone")),
            ..Terraform::default()
        };
        let options = Options {
            terraform,
            ..Options::default()
        };
        if let Ok(read) = read_with(&[path], &options, &mut Documents::new()) {
            let _ = cofferdam_org::build::build(&read.facts);
        }
    }
}

#[test]
fn sources_that_run_in_circles_end() {
    let files = Files::new("circles");
    let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    files.write(
        "tf/main.tf",
        &format!(
            r#"
locals {{
  a    = "${{local.b}}"
  b    = [local.a, local.a, local.a, local.a]
  deep = {deep}
  many = [for a in range(9) : [for b in local.c : [for c in local.c : [for d in local.c : [for e in local.c : [for f in local.c : e]]]]]]
  c    = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]
  wide = [for b in local.c : [for c in local.c : [for d in local.c : [for e in local.c : [for f in local.c : f]]]]]
}}
resource "aws_s3_bucket_policy" "a" {{
  bucket = aws_s3_bucket_policy.b.bucket
  policy = jsonencode([local.a, local.deep, local.many, local.wide, aws_s3_bucket_policy.b.policy])
}}
resource "aws_s3_bucket_policy" "b" {{
  bucket = aws_s3_bucket_policy.a.bucket
  policy = "${{aws_s3_bucket_policy.a.policy}}${{aws_s3_bucket_policy.a.policy}}"
}}
"#
        ),
    );
    let unknown = r#"{"bucket": true, "policy": true}"#;
    let changes =
        ["a", "b"].map(|name| change("aws_s3_bucket_policy", name, "create", "{}", unknown));
    let written = [("a", "b"), ("b", "a")].map(|(name, other)| {
        let to = |attribute: &str| format!(r#"{{"references": ["aws_s3_bucket_policy.{other}.{attribute}", "aws_s3_bucket_policy.{other}"]}}"#);
        declared("aws_s3_bucket_policy", name, &format!(r#"{{"bucket": {}, "policy": {}}}"#, to("bucket"), to("policy")))
    });
    let path = files.write("plan.json", &plan(&changes.join(","), &written.join(",")));
    let terraform = Terraform {
        directory: Some(files.0.join("tf")),
        ..Terraform::default()
    };
    let options = Options {
        terraform,
        ..Options::default()
    };
    let read = read_with(&[path], &options, &mut Documents::new()).expect("a plan");
    assert_eq!(read.coverage.count(Rule::Sources), 0, "{:?}", read.coverage);
}
