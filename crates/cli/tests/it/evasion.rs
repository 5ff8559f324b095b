//! What a start principal becomes over instances that it may run commands on, and which of what
//! records and watches it puts out: a plan of our own in the shape of a published one, and that one
//! itself where it is at hand.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::alone::{file, run};

const ACCOUNT: &str = "111122223333";

fn resource(kind: &str, name: &str, after: Value, unknown: Value) -> (Value, Value) {
    let written: serde_json::Map<String, Value> = after
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| (key.clone(), json!({"constant_value": value})))
        .collect();
    let address = format!("{kind}.{name}");
    let change =
        json!({"actions": ["create"], "before": null, "after": after, "after_unknown": unknown});
    (
        json!({"address": address, "mode": "managed", "type": kind, "name": name, "change": change}),
        json!({"mode": "managed", "type": kind, "name": name, "provider_config_key": "aws", "expressions": written}),
    )
}

fn document(action: &str, resources: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Sid": "Only", "Effect": "Allow", "Action": action, "Resource": resources}]})
        .to_string()
}

/// Somebody who may send commands to instances, an instance whose role has an inline policy, and a
/// trail, a log group and two alarms. The inline policy may be known only after apply.
fn plan(name: &str, commands: &str, inline: Option<String>) -> PathBuf {
    let unread = inline.is_none();
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "ec2.amazonaws.com"}}]});
    let arn = json!({"arn": true, "id": true});
    let user = |name: &str| {
        resource(
            "aws_iam_user",
            name,
            json!({"name": name, "path": "/"}),
            arn.clone(),
        )
    };
    let alarm = |name: &str| {
        let after = json!({"alarm_name": name});
        resource("aws_cloudwatch_metric_alarm", name, after, arn.clone())
    };
    let rows = [
        user("start"),
        user("idle"),
        resource(
            "aws_iam_group",
            "team",
            json!({"name": "team", "path": "/"}),
            arn.clone(),
        ),
        resource(
            "aws_iam_group_membership",
            "team",
            json!({"group": "team", "name": "team", "users": ["start"]}),
            json!({}),
        ),
        resource(
            "aws_iam_group_policy",
            "commands",
            json!({"group": "team", "name": "commands",
            "policy": document("ssm:SendCommand", commands)}),
            json!({"id": true}),
        ),
        resource(
            "aws_iam_role",
            "host",
            json!({"name": "host", "path": "/", "assume_role_policy": trust.to_string()}),
            arn.clone(),
        ),
        resource(
            "aws_iam_role_policy",
            "host",
            json!({"name": "own", "role": "host", "policy": inline}),
            json!({"policy": unread}),
        ),
        resource(
            "aws_iam_instance_profile",
            "host",
            json!({"name": "host", "path": "/", "role": "host"}),
            arn.clone(),
        ),
        resource(
            "aws_instance",
            "host",
            json!({"iam_instance_profile": "host"}),
            arn.clone(),
        ),
        resource(
            "aws_s3_bucket",
            "logs",
            json!({"bucket": "start-logs"}),
            arn.clone(),
        ),
        resource(
            "aws_cloudtrail",
            "all",
            json!({"name": "all", "s3_bucket_name": "start-logs", "enable_logging": true}),
            arn.clone(),
        ),
        resource(
            "aws_cloudwatch_log_group",
            "all",
            json!({"name": "all"}),
            arn.clone(),
        ),
        alarm("used"),
        alarm("unused"),
    ];
    let (changes, configured): (Vec<Value>, Vec<Value>) = rows.into_iter().unzip();
    let provider = json!({"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"},
        "allowed_account_ids": {"constant_value": [ACCOUNT]}}}});
    let text = json!({"format_version": "1.2", "planned_values": {}, "resource_changes": changes,
        "configuration": {"provider_config": provider, "root_module": {"resources": configured}}});
    file(&format!("{name}.plan.json"), &text.to_string())
}

/// What a compromise of one comes to: the rank, whom it becomes and by which edges, and what is left
/// of what records and watches.
fn reached(plan: &Path, from: &str) -> String {
    let plan = plan.to_str().unwrap();
    let output = run(
        &["reach", plan, "--quiet", "--format", "json", "--from", from],
        "",
    );
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let one = &answer["principals"][0];
    let list = |of: &Value| -> Vec<Value> { of.as_array().unwrap().clone() };
    let word = |of: &Value| of.as_str().unwrap().rsplit(':').next().unwrap().to_owned();
    let mut lines = Vec::new();
    for becomes in list(&one["becomes"]) {
        let sign = if becomes["possible"] == true {
            "?"
        } else {
            "!"
        };
        let edges: Vec<String> = list(&becomes["steps"])
            .iter()
            .map(|step| word(&step["edge"]))
            .collect();
        lines.push(format!(
            "{sign} becomes {} by {}",
            word(&becomes["principal"]),
            edges.join(" ")
        ));
    }
    for left in list(&one["left"]) {
        let sign = match (&left["lost"], &left["possible"]) {
            (Value::Bool(true), _) => "lost",
            (_, Value::Bool(true)) => "may be lost",
            _ => "left",
        };
        let how: Vec<String> = list(&left["how"])
            .iter()
            .map(|how| how.as_str().unwrap().to_owned())
            .collect();
        let kind = left["kind"].as_str().unwrap();
        lines.push(
            format!("{kind} {}: {sign} {}", word(&left["sink"]), how.join("; "))
                .trim_end()
                .to_owned(),
        );
    }
    lines.join("\n")
}

#[track_caller]
fn check(plan: &Path, from: &str, expected: &str) {
    let expected: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let found = reached(plan, from);
    assert_eq!(
        found,
        expected.join("\n"),
        "{from} in {}:\n{found}",
        plan.display()
    );
}

fn user(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

/// A log group's retention is all that the role of the instance may change.
const RETENTION: &str = "logs:PutRetentionPolicy";

#[test]
fn what_the_role_of_an_instance_may_do_is_what_is_put_out() {
    let inline = document(
        RETENTION,
        "arn:aws:logs:eu-west-1:111122223333:log-group:all:*",
    );
    let plan = plan("evasion-known", "*", Some(inline));
    // That the agent is registered no plan says, so all of it may be.
    check(
        &plan,
        &user("start"),
        "? becomes role/host by A55.1
        trail trail/all: left
        log group all: may be lost alters or expires what lies in it [F23.4]
        alarm unused: left
        alarm used: left",
    );
    check(
        &plan,
        &format!("arn:aws:iam::{ACCOUNT}:role/host"),
        "trail trail/all: left
        log group all: lost alters or expires what lies in it [F23.4]
        alarm unused: left
        alarm used: left",
    );
}

#[test]
fn another_log_group_is_no_matter() {
    let inline = document(
        RETENTION,
        "arn:aws:logs:eu-west-1:111122223333:log-group:other:*",
    );
    let plan = plan("evasion-other", "*", Some(inline));
    check(
        &plan,
        &user("start"),
        "? becomes role/host by A55.1
        trail trail/all: left
        log group all: left
        alarm unused: left
        alarm used: left",
    );
}

#[test]
fn commands_to_other_instances_lead_nowhere() {
    let inline = document(RETENTION, "*");
    let there = "arn:aws:ec2:eu-west-1:444455556666:instance/*";
    let plan = plan("evasion-elsewhere", there, Some(inline));
    let nothing = "trail trail/all: left
        log group all: left
        alarm unused: left
        alarm used: left";
    check(&plan, &user("start"), nothing);
    check(&plan, &user("idle"), nothing);
}

#[test]
fn a_policy_known_only_after_apply_may_do_anything() {
    let plan = plan("evasion-unread", "*", None);
    check(
        &plan,
        &user("start"),
        "? becomes role/host by A55.1
        ? becomes user/idle by A55.1 A08.1
        ? becomes a role that the attacker makes in 111122223333 by A55.1 A24.1
        trail trail/all: may be lost stops it [F01.1]; alters or expires what lies in arn:aws:s3:::start-logs [F07]; destroys arn:aws:s3:::start-logs [C13.1]; keeps CloudTrail from writing to arn:aws:s3:::start-logs [C01.1, C01.2]
        log group all: may be lost destroys it [F23.1, F23.2, F23.3, F37.5]; alters or expires what lies in it [F23.4, F25.1, F25.3]; silences it [F24.1, F24.2, F24.3, F24.4, F24.5, F24.6]
        alarm unused: may be lost silences it [F29.4, F29.5, F29.6]
        alarm used: may be lost silences it [F29.4, F29.5, F29.6]",
    );
}

#[test]
fn everybody_in_an_account_puts_out_all_of_it() {
    let plan = plan("evasion-account", "*", Some(document(RETENTION, "*")));
    check(
        &plan,
        ACCOUNT,
        "trail trail/all: lost stops it [F01.1]; alters or expires what lies in arn:aws:s3:::start-logs [F07]; destroys arn:aws:s3:::start-logs [C13.1]; keeps CloudTrail from writing to arn:aws:s3:::start-logs [C01.1, C01.2]
        log group all: lost destroys it [F23.2, F37.5]; alters or expires what lies in it [F23.4, F25.1, F25.3]; silences it [F24.1, F24.2, F24.3, F24.4, F24.5, F24.6]
        alarm unused: lost silences it [F29.4, F29.5, F29.6]
        alarm used: lost silences it [F29.4, F29.5, F29.6]",
    );
}

/// The text of the answer, each run of white space as one space.
fn told(plan: &Path, from: &str) -> String {
    let plan = plan.to_str().unwrap();
    let output = run(&["reach", plan, "--quiet", "--from", from], "");
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn says(plan: &Path, from: &str, words: &[&str]) {
    let text = told(plan, from);
    for said in words {
        assert!(text.contains(said), "{from} does not say: {said}\n{text}");
    }
}

#[test]
fn a_story_names_the_instance_the_statement_and_the_fact_that_would_settle_it() {
    let retention = document(
        RETENTION,
        "arn:aws:logs:eu-west-1:111122223333:log-group:all:*",
    );
    let plan = plan("evasion-told", "*", Some(retention));
    says(
        &plan,
        &user("start"),
        &[
            "may use ssm:SendCommand on arn:aws:ec2:eu-west-1:111122223333:instance/i-(aws_instance.host, known after apply), \
             which has arn:aws:iam::111122223333:role/host [A55.1]",
            "whether the SSM Agent on it is registered (`aws ssm describe-instance-information` does)",
            "statement 0 \"Only\" of inline policy commands of group/team (identity)",
            "evasion-told.plan.json:1, aws_iam_group_policy.commands",
            "statement 0 \"Only\" of inline policy own of role/host (identity)",
            "What evidence is left",
            "out of its reach: arn:aws:cloudtrail:eu-west-1:111122223333:trail/all",
        ],
    );
}

/// The published plan, where it is at hand.
fn published() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/inputs/plans/cloudgoat-detection-evasion.plan.json");
    if !path.is_file() {
        println!(
            "skipped: {} is not there; the tests above hold a plan of its shape",
            path.display()
        );
        return None;
    }
    Some(path)
}

#[test]
fn what_the_start_principals_of_the_published_plan_become_and_put_out() {
    let Some(plan) = published() else { return };
    let user = |name: &str| format!("arn:aws:iam::123456789012:user/{name}");
    // Honeytokens: keys of users without a policy, whose use alone is watched.
    for bait in [
        "canarytokens.com@@kz9r8ouqnhve4zs1yi4bzspzz",
        "SpaceCrab/l_salander",
        "cd1fceca-e751-4c1b-83e4-78d309063830",
    ] {
        check(
            &plan,
            &user(bait),
            "trail trail/cloudgoat-trail: left
            log group cg_detection_evasion_logs: left
            alarm honeytoken_alarm: left
            alarm instance_profile_alarm: left",
        );
    }
    check(
        &plan,
        &user("r_waterhouse"),
        "? becomes role/cgid0001_easy by A55.1
        ? becomes role/cgid0001_hard by A55.1
        ? becomes role/system/cloudtrail_role by A55.1 A07
        ? becomes user/SpaceCrab/l_salander by A55.1 A08.1
        ? becomes user/canarytokens.com@@kz9r8ouqnhve4zs1yi4bzspzz by A55.1 A08.1
        ? becomes user/cd1fceca-e751-4c1b-83e4-78d309063830 by A55.1 A08.1
        ? becomes a role that the attacker makes in 123456789012 by A55.1 A24.1
        trail trail/cloudgoat-trail: may be lost stops it [F01.1]; alters or expires what lies in arn:aws:s3:::cloudgoat-cloudtrail-logs-cgid0001 [F07]; destroys arn:aws:s3:::cloudgoat-cloudtrail-logs-cgid0001 [C13.1]; keeps CloudTrail from writing to arn:aws:s3:::cloudgoat-cloudtrail-logs-cgid0001 [C01.1, C01.2]
        log group cg_detection_evasion_logs: may be lost destroys it [F23.1, F23.2, F23.3, F37.5]; alters or expires what lies in it [F23.4, F25.1, F25.3]; silences it [F24.1, F24.2, F24.3, F24.4, F24.5, F24.6]
        alarm honeytoken_alarm: may be lost silences it [F29.4, F29.5, F29.6]
        alarm instance_profile_alarm: may be lost silences it [F29.4, F29.5, F29.6]",
    );
    says(
        &plan,
        &user("r_waterhouse"),
        &[
            "may use ssm:SendCommand on arn:aws:ec2:us-east-1:123456789012:instance/i-(aws_instance.easy_path, known after apply)",
            "whether the SSM Agent on it is registered (`aws ssm describe-instance-information` does)",
            "statement 0 of inline policy developer_policy of group/developers/cg-developers (identity)",
            "aws_iam_role_policy.instance_profile_easy_path.policy is known only after apply: a denial in it would stop this, \
             which is allowed otherwise",
            "statement 0 \"CWACloudWatchServerPermissions\" of managed policy CloudWatchAgentServerPolicy",
        ],
    );
}
