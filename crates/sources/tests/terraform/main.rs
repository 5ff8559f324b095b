//! Terraform plans and states: what each resource states, what the four rules settle, and what a
//! plan changes in what other sources state.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)] // a test stops where it is wrong

mod damage;
mod lists;
mod made;

use std::fs;
use std::path::{Path, PathBuf};

use cofferdam_names::deferred;
use cofferdam_org::fact::{Facts, Kind, Known};
use cofferdam_sources::terraform::Rule;
use cofferdam_sources::{Read, read};
use cofferdam_text::Documents;
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
fn whoever_a_policy_names_may_be_of_an_account_that_is_not_known() {
    let queue = change(
        "aws_sqs_queue",
        "q",
        "create",
        r#"{"name": "q", "policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": [\"111122223333\", \"*\"]}, \"Action\": \"sqs:*\", \"Resource\": \"*\"}]}"}"#,
        r#"{"arn": true}"#,
    );
    let text = plan(&queue, &declared("aws_sqs_queue", "q", "{}"));
    let text = text.replace(r#"["111122223333"]"#, "[]");
    check(
        "nobody",
        &text,
        Kind::Queue,
        expect![[r#"
        arn:aws:sqs:eu-west-1:000000000000:q
          Exists: true
          Account: "000000000000"
          Tags: []
          ResourcePolicy: {"Statement":[{"Effect":"Allow","Principal":{"AWS":["(whether 111122223333 is of the resource's own account, known after apply)","*"]},"Action":"sqs:*","Resource":"*"}]}
          Encryption: absent
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
fn what_changes_its_name_leaves_nothing_behind() {
    let replaced = change(
        "aws_iam_role_policy",
        "p",
        "create",
        r#"{"name": "new", "role": "reader", "policy": "{\"Statement\": []}"}"#,
        "{}",
    );
    let replaced = replaced
        .replace(r#"["create"]"#, r#"["delete", "create"]"#)
        .replace(
            r#""before": null"#,
            r#""before": {"name": "old", "role": "reader", "policy": "{}"}"#,
        );
    over(
        "renamed",
        &replaced,
        Kind::Role,
        expect![[r#"
        arn:aws:iam::111122223333:role/app/reader
          Exists: true
          Account: "111122223333"
          Tags: absent
          UniqueId: "AROA1"
          Trust: {"Statement":[]}
          InlinePolicies: [{"PolicyName":"new","PolicyDocument":{"Statement":[]}}]
          AttachedPolicies: [{"PolicyName":"ReadOnlyAccess","PolicyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}]
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

/// Two queues by key, and a policy whose reference names one by a key that nobody can tell.
#[track_caller]
fn referred(name: &str, references: &str, known: bool) {
    let keyed = |kind: &str, key: &str, after: &str, unknown: &str| {
        let one = change(kind, "q", "create", after, unknown);
        let with = format!("\"index\": \"{key}\", \"change\":");
        one.replace(&format!("{kind}.q"), &format!("{kind}.q[\\\"{key}\\\"]"))
            .replace("\"change\":", &with)
    };
    let mut changes = Vec::new();
    for key in ["a", "b"] {
        let queue = format!(r#"{{"name": "{key}"}}"#);
        changes.push(keyed(
            "aws_sqs_queue",
            key,
            &queue,
            r#"{"id": true, "url": true, "arn": true, "policy": true}"#,
        ));
        let policy = r#"{"policy": "{\"Statement\": []}"}"#;
        changes.push(keyed(
            "aws_sqs_queue_policy",
            key,
            policy,
            r#"{"queue_url": true}"#,
        ));
    }
    let written = [
        declared("aws_sqs_queue", "q", "{}"),
        declared(
            "aws_sqs_queue_policy",
            "q",
            &format!(r#"{{"queue_url": {{"references": [{references}]}}}}"#),
        ),
    ];
    let files = Files::new(name);
    let text = plan(&changes.join(","), &written.join(","));
    let read = read_all(&[files.write("plan.json", &text)]);
    let stated = lines(&read.facts, Kind::Queue)
        .matches("ResourcePolicy: {")
        .count();
    assert_eq!(
        stated,
        if known { 2 } else { 0 },
        "{}",
        lines(&read.facts, Kind::Queue)
    );
}

#[test]
fn an_instance_is_named_by_the_same_key_only_where_the_plan_says_so() {
    referred("same", r#""aws_sqs_queue.q", "each.key""#, true);
    referred("value", r#""aws_sqs_queue.q", "each.value""#, false);
    referred("whole", r#""aws_sqs_queue.q""#, false);
    referred("other", r#""local.keys", "aws_sqs_queue.q""#, false);
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
