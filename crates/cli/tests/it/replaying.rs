//! Logs replayed through the program over the examples: what contradicts, what moved, what is broken.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

fn acme() -> String {
    format!("{}/../../examples/acme", env!("CARGO_MANIFEST_DIR"))
}

/// Writes a log of these records and replays it; gives the answer and the text for people.
#[track_caller]
fn check(name: &str, records: &[Value], more: &[&str], code: i32) -> (Value, String) {
    let log = log(name, &json!({"Records": records}).to_string());
    run(&log, more, code)
}

fn log(name: &str, text: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("replay");
    fs::create_dir_all(&directory).unwrap();
    let path = directory.join(format!("{name}.json"));
    fs::write(&path, text).unwrap();
    path
}

#[track_caller]
fn run(log: &Path, more: &[&str], code: i32) -> (Value, String) {
    let acme = acme();
    let ask = |format: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_cofferdam"))
            .args(["replay", log.to_str().unwrap(), &acme, "--format", format])
            .args(more)
            .output()
            .unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
        out
    };
    (serde_json::from_str(&ask("json")).unwrap(), ask("text"))
}

const CLAIMS: &str = "vpce-5b09e9226d75e565d";
const BUCKET: &str = "acme-customer-records";

/// A read of the records, as the bucket's owner sees it.
fn read(id: u32, time: &str, who: Value) -> Value {
    json!({
        "eventVersion": "1.11", "eventSource": "s3.amazonaws.com", "eventName": "GetObject",
        "eventTime": time, "awsRegion": "eu-west-1", "eventCategory": "Data",
        "eventID": format!("0a1b2c3d-0000-4000-8000-{id:012}"),
        "recipientAccountId": "100000000006", "userIdentity": who,
        "requestParameters": {"bucketName": BUCKET, "key": "2026/a.json"},
        "tlsDetails": {"tlsVersion": "TLSv1.3"},
    })
}

fn by_role(account: &str, name: &str) -> Value {
    json!({"type": "AssumedRole", "arn": format!("arn:aws:sts::{account}:assumed-role/{name}/s"),
        "accountId": account, "accessKeyId": "ASIAEXAMPLE1"})
}

fn through(mut record: Value, endpoint: &str) -> Value {
    record["vpcEndpointId"] = json!(endpoint);
    record["sourceIPAddress"] = json!("10.20.0.7");
    record
}

fn refused(mut record: Value, message: &str) -> Value {
    record["errorCode"] = json!("AccessDenied");
    record["errorMessage"] = json!(message);
    record
}

/// Before the snapshot of the example, which was read on 2026-11-22 at nine.
const BEFORE: &str = "2026-11-20T10:00:00Z";

#[test]
fn an_allowed_foreign_read_of_a_proved_dataset_comes_first() {
    let stranger = json!({"type": "AWSAccount", "principalId": "AROAEXAMPLEOTHER0001:x", "accountId": "999900000009"});
    let reader = through(
        read(1, BEFORE, by_role("200000000002", "claims-reader")),
        CLAIMS,
    );
    let records = [reader, read(2, BEFORE, stranger)];
    let (answer, text) = check("foreign", &records, &[], 1);
    let first = &answer["contradictions"][0];
    assert_eq!(
        first["finding"],
        "identity.outside-organization:customer-records:read"
    );
    assert_eq!(first["changed_since"], Value::Null);
    assert_eq!(
        first["first"]["event"],
        "0a1b2c3d-0000-4000-8000-000000000002"
    );
    assert!(first["first"]["offset"].as_u64().unwrap() > 100);
    assert!(
        text.starts_with(
            "✗ AWS allowed what is proved to be impossible: identity.outside-organization on"
        ),
        "{text}"
    );
    assert!(text.contains("tell data-platform") && text.contains("999900000009"));
    assert_eq!(answer["summary"]["agrees"], 1);
}

#[test]
fn other_proofs_are_contradicted_too() {
    let nobody = read(
        1,
        BEFORE,
        json!({"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL"}),
    );
    let unapproved = read(2, BEFORE, by_role("300000000001", "org-reader"));
    let mut elsewhere = read(3, BEFORE, by_role("200000000002", "claims-reader"));
    elsewhere["sourceIPAddress"] = json!("203.0.113.7");
    let (answer, _) = check("others", &[nobody, unapproved, elsewhere], &[], 1);
    let told = answer["contradictions"].as_array().unwrap().iter();
    let mut found: Vec<&str> = told
        .map(|one| one["obligation"].as_str().unwrap())
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "identity.outside-organization",
            "identity.unapproved-principal",
            "network.unexpected-source",
            "resource.public"
        ]
    );
    // The sources refuse them, so AWS and the sources disagree as well.
    assert_eq!(answer["summary"]["disagrees"], 3, "{answer}");
    assert!(
        answer["disagreements"][0]["look_at"]
            .as_str()
            .unwrap()
            .len()
            > 20
    );
}

/// A call by a role that passed.
fn passed(id: u32, who: Value, call: &str, more: Value) -> Value {
    let (service, event) = call.split_once(':').unwrap();
    let mut record = json!({
        "eventVersion": "1.11", "eventSource": format!("{service}.amazonaws.com"), "eventName": event,
        "eventTime": BEFORE, "awsRegion": "eu-west-1", "recipientAccountId": who["accountId"],
        "eventID": format!("0a1b2c3d-0000-4000-8000-{id:012}"), "userIdentity": who,
        "sourceIPAddress": "203.0.113.7", "tlsDetails": {"tlsVersion": "TLSv1.3"},
    });
    for (key, value) in more.as_object().unwrap() {
        record[key] = value.clone();
    }
    record
}

/// What nobody may do, the keys, and the archive: one planted contradiction for each obligation.
#[test]
fn proofs_about_other_things_than_data_are_contradicted() {
    let reader = || by_role("300000000001", "org-reader");
    let key = "arn:aws:kms:eu-west-1:100000000005:key/d7df8ae5-365e-4776-8549-1c2ce0d62879";
    let key = || json!({"requestParameters": {"keyId": key}, "resources": [{"ARN": key}]});
    let abroad = json!({"awsRegion": "ap-south-1", "requestParameters": {"tableName": "t"}});
    let object =
        json!({"requestParameters": {"bucketName": "acme-log-archive", "key": "AWSLogs/a"}});
    let trail = json!({"requestParameters": {"name": "arn:aws:cloudtrail:eu-west-1:100000000001:trail/org-trail"}});
    let leave = json!({"requestParameters": {}});
    let records = [
        passed(1, reader(), "organizations:LeaveOrganization", leave),
        passed(2, reader(), "dynamodb:CreateTable", abroad),
        passed(3, reader(), "kms:Decrypt", key()),
        passed(4, reader(), "kms:ScheduleKeyDeletion", key()),
        passed(
            5,
            by_role("100000000006", "data-admin"),
            "kms:DisableKey",
            key(),
        ),
        passed(6, reader(), "s3:DeleteObject", object),
        passed(
            7,
            by_role("100000000002", "org-reader"),
            "cloudtrail:StopLogging",
            trail,
        ),
        // Those who may are no contradiction.
        passed(
            8,
            by_role("100000000005", "key-admin"),
            "kms:DisableKey",
            key(),
        ),
    ];
    let (answer, text) = check("beyond", &records, &[], 1);
    let told = answer["contradictions"].as_array().unwrap().iter();
    let mut found: Vec<String> = told
        .map(|one| {
            let event = one["first"]["event"].as_str().unwrap();
            let finding = one["finding"].as_str().unwrap();
            format!("{} {finding}", &event[event.len() - 1..])
        })
        .collect();
    found.sort_unstable();
    let archive = |event: u32| {
        let names = [
            "claims-cases",
            "claims-credential",
            "customer-records",
            "record-events",
        ];
        names.map(|name| format!("{event} audit.archive-immutable:{name}"))
    };
    let mut expected: Vec<String> = [
        "1 organization.forbidden:accounts-stay",
        "2 organization.forbidden:known-regions",
        "3 encryption.unapproved-key-use:customer-records",
        "4 encryption.separate-administration:customer-records",
        "5 encryption.second-plane:customer-records",
        "5 encryption.separate-administration:customer-records",
        "7 organization.forbidden:trails-stay",
    ]
    .map(str::to_owned)
    .to_vec();
    expected.extend(archive(6));
    expected.extend(archive(7));
    expected.sort_unstable();
    assert_eq!(found, expected, "{answer}");
    assert!(
        text.contains("impossible: organization.forbidden:accounts-stay"),
        "{text}"
    );
}

#[test]
fn refusals_agree_by_decision_and_by_the_layer_that_aws_names() {
    let reader = || by_role("200000000002", "claims-reader");
    let said = |kind: &str| {
        format!(
            "User: arn:aws:sts::200000000002:assumed-role/claims-reader/s is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::{BUCKET}/2026/a.json with an explicit deny in a {kind}"
        )
    };
    let mut outside = read(1, BEFORE, reader());
    outside["sourceIPAddress"] = json!("203.0.113.7");
    let plain = refused(outside.clone(), "Access Denied");
    outside["eventID"] = json!("0a1b2c3d-0000-4000-8000-000000000009");
    let named = refused(outside.clone(), &said("resource-based policy"));
    outside["eventID"] = json!("0a1b2c3d-0000-4000-8000-000000000010");
    let wrong = refused(outside, &said("permissions boundary"));
    let (answer, _) = check("refused", &[plain, named], &[], 0);
    assert_eq!(answer["summary"]["agrees"], 2, "{answer}");
    let (answer, text) = check("wrong-layer", &[wrong], &[], 1);
    assert_eq!(answer["summary"]["disagrees"], 1, "{answer}");
    assert!(text.contains("permissions boundary"), "{text}");
}

/// The bucket's policy was another for a day, and what it was before that is not known.
#[test]
fn events_are_decided_at_the_configuration_of_their_time() {
    let policy = |id: u32, time: &str, statements: Value| {
        json!({
            "eventVersion": "1.11", "eventSource": "s3.amazonaws.com", "eventName": "PutBucketPolicy",
            "eventTime": time, "awsRegion": "eu-west-1", "recipientAccountId": "100000000006",
            "eventID": format!("0a1b2c3d-0000-4000-8000-{id:012}"),
            "userIdentity": by_role("100000000006", "data-admin"), "sourceIPAddress": "203.0.113.7",
            "requestParameters": {"bucketName": BUCKET, "bucketPolicy": {"Version": "2012-10-17", "Statement": statements}},
        })
    };
    let closed = json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [format!("arn:aws:s3:::{BUCKET}/*")], "Condition": {"Null": {"aws:PrincipalArn": "false"}}}]);
    let read_at = |id, time| {
        through(
            read(id, time, by_role("200000000002", "claims-reader")),
            CLAIMS,
        )
    };
    let records = [
        policy(1, "2026-11-20T10:00:00Z", closed),
        // Before the first writing that is known.
        read_at(2, "2026-11-20T09:00:00Z"),
        // While everything was denied.
        refused(
            read_at(3, "2026-11-20T11:00:00Z"),
            &format!(
                "User: arn:aws:sts::200000000002:assumed-role/claims-reader/s is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::{BUCKET}/2026/a.json with an explicit deny in a resource-based policy"
            ),
        ),
        // Less than a minute after.
        read_at(4, "2026-11-20T10:00:30Z"),
        policy(5, "2026-11-21T10:00:00Z", json!([])),
    ];
    let (answer, _) = check("moved", &records, &["--dataset", "customer-records"], 0);
    assert_eq!(answer["summary"]["agrees"], 1, "{answer}");
    let notes = answer["notes"].to_string();
    assert!(
        notes.contains("another policy of arn:aws:s3:::acme-customer-records"),
        "{notes}"
    );
    let told = answer["cannot_decide"].to_string();
    assert!(
        told.contains("s3:PutBucketPolicy wrote it at 2026-11-20T10:00:00Z"),
        "{told}"
    );
    assert!(told.contains("less than 60 seconds before"), "{told}");
}

/// A call of IAM about the role that reads, at a time of a day.
fn about_reader(id: u32, name: &str, time: &str, more: Value) -> Value {
    let mut parameters = json!({"roleName": "claims-reader"});
    for (key, value) in more.as_object().unwrap() {
        parameters[key] = value.clone();
    }
    json!({
        "eventVersion": "1.11", "eventSource": "iam.amazonaws.com", "eventName": name,
        "eventTime": time, "awsRegion": "us-east-1", "recipientAccountId": "200000000002",
        "eventID": format!("0a1b2c3d-0000-4000-8000-{id:012}"),
        "userIdentity": by_role("200000000002", "vending"), "requestParameters": parameters,
    })
}

/// A read on 20 November that an identity-based policy refused, among these calls; how many events agree,
/// and a word of why one could not be decided.
#[track_caller]
fn check_then(name: &str, changes: &[Value], agrees: u64, why: &str) {
    let read_it = through(
        read(100, BEFORE, by_role("200000000002", "claims-reader")),
        CLAIMS,
    );
    let message = format!(
        "User: arn:aws:sts::200000000002:assumed-role/claims-reader/s is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::{BUCKET}/2026/a.json with an explicit deny in an identity-based policy"
    );
    let mut records = changes.to_vec();
    records.push(refused(read_it, &message));
    let code = if agrees == 0 { 3 } else { 0 };
    let (answer, _) = check(name, &records, &["--dataset", "customer-records"], code);
    assert_eq!(answer["summary"]["agrees"], agrees, "{answer}");
    let told = answer["cannot_decide"].to_string();
    assert!(told.contains(why), "{name}: {told}");
}

const AFTERWARDS: &str = "2026-11-21T10:00:00Z";

/// What was attached and detached since is attached again, what was overwritten is what was written
/// before, and what is not told stays unknown.
#[test]
fn what_was_done_to_a_role_since_is_undone() {
    let arn = |name: &str| json!({"policyArn": format!("arn:aws:iam::aws:policy/{name}")});
    let detach = about_reader(1, "DetachRolePolicy", AFTERWARDS, arn("AWSDenyAll"));
    // It was attached, and its text is one that the sources never needed.
    check_then(
        "detached",
        &[detach],
        0,
        "the document of arn:aws:iam::aws:policy/AWSDenyAll",
    );
    let attach = about_reader(1, "AttachRolePolicy", AFTERWARDS, arn("ReadOnlyAccess"));
    let attached = "iam:AttachRolePolicy wrote it at 2026-11-21T10:00:00Z";
    check_then("attached", &[attach], 0, attached);
    let put = |id, time: &str, effect: &str| {
        let document = json!({"Version": "2012-10-17", "Statement": {"Effect": effect, "Action": "s3:*", "Resource": "*"}});
        let of = json!({"policyName": "read-records", "policyDocument": document.to_string()});
        about_reader(id, "PutRolePolicy", time, of)
    };
    let denied = put(1, "2026-11-19T10:00:00Z", "Deny");
    let allowed = put(2, AFTERWARDS, "Allow");
    check_then("written", &[denied, allowed.clone()], 1, "");
    let wrote = "iam:PutRolePolicy wrote it at 2026-11-21T10:00:00Z";
    check_then("overwritten", &[allowed], 0, wrote);
    let ceiling =
        json!({"permissionsBoundary": "arn:aws:iam::200000000002:policy/platform/app-boundary"});
    let put = about_reader(1, "PutRolePermissionsBoundary", AFTERWARDS, ceiling);
    let wrote = "iam:PutRolePermissionsBoundary wrote it at";
    check_then("bounded", &[put], 0, wrote);
    let tags = json!({"tags": [{"key": "a", "value": "b"}]});
    let tag = about_reader(1, "TagRole", AFTERWARDS, tags);
    check_then("tagged", &[tag], 0, "iam:TagRole changed it since");
}

/// A service control policy that was attached to the whole organization for a day.
#[test]
fn policies_of_the_organization_are_detached_and_attached_again() {
    let detach = json!({
        "eventVersion": "1.11", "eventSource": "organizations.amazonaws.com", "eventName": "DetachPolicy",
        "eventTime": AFTERWARDS, "awsRegion": "us-east-1", "recipientAccountId": "100000000001",
        "eventID": "0a1b2c3d-0000-4000-8000-000000000001", "userIdentity": by_role("100000000001", "admin"),
        "requestParameters": {"policyId": "p-FullAWSAccess", "targetId": "200000000002"},
    });
    let reader = by_role("200000000002", "claims-reader");
    let data = ["--dataset", "customer-records"];
    let before = through(read(2, BEFORE, reader), CLAIMS);
    let (answer, _) = check("reattached", &[detach.clone(), before.clone()], &data, 0);
    assert_eq!(answer["summary"]["agrees"], 1, "{answer}");
    // It is attached still: somebody attached it again.
    assert!(
        answer["notes"]
            .to_string()
            .contains("organizations:DetachPolicy"),
        "{answer}"
    );
    let mut attach = detach;
    attach["eventName"] = json!("AttachPolicy");
    let message = "User: arn:aws:sts::200000000002:assumed-role/claims-reader/s is not authorized to perform: s3:GetObject because no service control policy allows the s3:GetObject action";
    let (answer, _) = check(
        "attached-since",
        &[attach, refused(before, message)],
        &data,
        0,
    );
    assert_eq!(answer["summary"]["agrees"], 1, "{answer}");
}

#[test]
fn a_session_policy_explains_a_refusal_only_if_it_may_be_there() {
    let reader = by_role("200000000002", "claims-reader");
    let refusal = |id| {
        refused(
            through(read(id, BEFORE, reader.clone()), CLAIMS),
            "Access Denied",
        )
    };
    let begin = |policy: Value| {
        json!({
            "eventVersion": "1.11", "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole",
            "eventTime": BEFORE, "awsRegion": "eu-west-1", "recipientAccountId": "200000000002",
            "eventID": "0a1b2c3d-0000-4000-8000-000000000001",
            "userIdentity": {"type": "AWSService", "invokedBy": "ecs-tasks.amazonaws.com"},
            "requestParameters": {"roleArn": "arn:aws:iam::200000000002:role/app/claims-reader", "roleSessionName": "s", "policy": policy},
            "responseElements": {"credentials": {"accessKeyId": "ASIAEXAMPLE1"}},
        })
    };
    let data = ["--dataset", "customer-records"];
    // Its beginning was not seen, or it was narrowed.
    check("unseen", &[refusal(2)], &data, 3);
    check("narrowed", &[begin(json!("{}")), refusal(2)], &data, 3);
    // It was seen, and nothing narrowed it: then AWS and the sources do disagree.
    let (answer, _) = check("plain", &[begin(Value::Null), refusal(2)], &data, 1);
    assert_eq!(answer["summary"]["disagrees"], 1, "{answer}");
}

#[test]
fn copies_are_counted_once_and_the_callers_own_copy_counts() {
    let reader = || by_role("200000000002", "claims-reader");
    let mut own = through(read(1, BEFORE, reader()), CLAIMS);
    own["sharedEventID"] = json!("0a1b2c3d-0000-4000-8000-00000000000f");
    let mut owners = read(
        2,
        BEFORE,
        json!({"type": "AWSAccount", "principalId": "AROA1:s", "accountId": "200000000002"}),
    );
    owners["sharedEventID"] = own["sharedEventID"].clone();
    let records = [owners, own.clone(), own];
    let (answer, _) = check("copies", &records, &[], 0);
    assert_eq!(answer["summary"]["duplicates"], 1, "{answer}");
    assert_eq!(answer["summary"]["copies_for_owners"], 1, "{answer}");
    assert_eq!(answer["summary"]["agrees"], 1, "{answer}");
}

#[test]
fn damage_is_counted_and_named_and_never_a_stop() {
    let good = through(
        read(1, BEFORE, by_role("200000000002", "claims-reader")),
        CLAIMS,
    );
    let mut version = read(2, BEFORE, by_role("200000000002", "claims-reader"));
    version["eventVersion"] = json!("2.0");
    let aggregated = json!({"eventVersion": "1.0", "eventType": "AwsAggregatedEvent", "eventCategory": "Aggregated"});
    let text = format!(
        r#"{{"Records":[{{"eventID": nonsense}},{good},{version},{aggregated},{{"eventID": "cut"#
    );
    let (answer, text) = run(&log("damaged", &text), &[], 0);
    assert_eq!(answer["summary"]["agrees"], 1, "{answer}");
    assert_eq!(answer["summary"]["unreadable_places"], 2, "{answer}");
    let told = answer["unreadable"].to_string();
    assert!(
        told.contains("no JSON") && told.contains("ends in the middle"),
        "{told}"
    );
    assert!(answer["not_understood"].to_string().contains("version 2.0"));
    assert!(
        answer["no_decision"]
            .to_string()
            .contains("aggregated record")
    );
    assert!(text.contains("Could not be read"), "{text}");
}

#[test]
fn nothing_to_replay_is_said() {
    let log = log("none", "[]");
    let output = Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .arg("replay")
        .args([log.to_str().unwrap(), &acme()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("none of these holds events"), "{said}");
    let (answer, _) = {
        let output = Command::new(env!("CARGO_BIN_EXE_cofferdam"))
            .args([
                "replay",
                "--events",
                log.to_str().unwrap(),
                &acme(),
                "--without-proofs",
            ])
            .args(["--format", "json"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        (answer, ())
    };
    assert_eq!(answer["summary"]["records"], 0);
    assert_eq!(answer["summary"]["agreement"], Value::Null);
}

/// "Troubleshoot access denied error messages": each form of answer, where the sources say the same.
#[test]
fn the_documented_answers_agree_and_the_doubtful_ones_do_not() {
    let of = |name: &str| {
        let file = format!(
            "{}/../../xtask/agreement/{name}",
            env!("CARGO_MANIFEST_DIR")
        );
        PathBuf::from(file)
    };
    let (answer, _) = run(&of("documented.json"), &["--without-proofs"], 0);
    assert_eq!(answer["summary"]["disagrees"], 0, "{answer}");
    assert!(answer["summary"]["agrees"].as_u64().unwrap() >= 25);
    let (answer, _) = run(&of("doubtful.json"), &["--without-proofs"], 1);
    assert_eq!(answer["summary"]["agrees"], 0, "{answer}");
}

/// The bucket's policy lets the reader in from one endpoint only.
#[test]
fn an_answer_that_hangs_on_a_network_that_is_not_told_is_not_decided() {
    let reader = by_role("200000000002", "claims-reader");
    let mut inside = read(1, BEFORE, reader);
    inside["sourceIPAddress"] = json!("AWS Internal");
    let (answer, _) = check("internal", &[inside], &["--without-proofs"], 3);
    let why = answer["cannot_decide"][0]["why"].as_str().unwrap();
    assert!(why.contains("network"), "{why}");
}
