//! Log groups, alarms and detectors that sources state are put out by whoever has rights over just the
//! one; where no source states any, there may be one.

use cofferdam_faults::catalogue::edge;
use cofferdam_faults::decide::Truth;

use crate::each::truth;

const CALLER: &str = "arn:aws:iam::200000000002:role/caller";
const GROUP: &str = "arn:aws:logs:eu-west-1:200000000002:log-group:audit";
const ALARM: &str = "arn:aws:cloudwatch:eu-west-1:200000000002:alarm:leaving";
const DETECTOR: &str = "arn:aws:guardduty:eu-west-1:200000000002:detector/d1";

/// What sources state, or nothing of the kind.
fn stated() -> String {
    format!(
        "log-groups: {{\"{GROUP}\": {{}}}}\nalarms: {{\"{ALARM}\": {{}}}}\ndetectors: {{\"{DETECTOR}\": {{}}}}"
    )
}

/// An account in which the caller has one right, and what is stated of it.
fn account(statements: &str, stated: &str) -> String {
    format!(
        r#"
organization: {{id: o-acme1a2b3c, management: "100000000001"}}
units: {{r-1: {{}}}}
accounts:
  "100000000001": {{name: management, parent: r-1}}
  "200000000002": {{name: work, parent: r-1}}
roles:
  200000000002/caller: {{trust: [{{Effect: Allow, Principal: {{Service: macie.amazonaws.com}}, Action: "sts:AssumeRole"}}], inline: {{may: [{statements}]}}}}
{stated}
"#
    )
}

fn may(action: &str, resource: &str) -> String {
    format!(r#"{{Effect: Allow, Action: "{action}", Resource: "{resource}"}}"#)
}

#[track_caller]
fn check(what: &str, id: &str, text: &str, expected: Truth) {
    let edge = edge(id).expect("an edge");
    assert_eq!(truth(text, CALLER, edge), expected, "{what}: {id}\n{text}");
}

/// "CloudWatch Logs resources and operations": a policy names a log group with `:*` after its name.
#[test]
fn a_log_group_that_is_stated() {
    let right = |resource: &str| may("logs:PutRetentionPolicy", resource);
    let own = format!("{GROUP}:*");
    let with = |resource: &str| account(&right(resource), &stated());
    check("all", "F23.4", &with("*"), Truth::Certain);
    check("just this one", "F23.4", &with(&own), Truth::Certain);
    let other = "arn:aws:logs:eu-west-1:200000000002:log-group:other:*";
    check("another one", "F23.4", &with(other), Truth::No);
    let denied = format!(
        r#"{}, {{Effect: Deny, Action: "logs:*", Resource: "{own}"}}"#,
        right("*")
    );
    check("denied", "F23.4", &account(&denied, &stated()), Truth::No);
    let none = account(&right("*"), "");
    check("none is stated", "F23.4", &none, Truth::Possible);
}

#[test]
fn an_alarm_that_is_stated() {
    let with = |resource: &str| account(&may("cloudwatch:DeleteAlarms", resource), &stated());
    check("just this one", "F29.5", &with(ALARM), Truth::Certain);
    let other = "arn:aws:cloudwatch:eu-west-1:200000000002:alarm:other";
    check("another one", "F29.5", &with(other), Truth::No);
}

#[test]
fn a_detector_that_is_stated() {
    let with = |action: &str, resource: &str| account(&may(action, resource), &stated());
    let delete = "guardduty:DeleteDetector";
    check(
        "just this one",
        "F16.1",
        &with(delete, DETECTOR),
        Truth::Certain,
    );
    let other = "arn:aws:guardduty:eu-west-1:200000000002:detector/d2";
    check("another one", "F16.1", &with(delete, other), Truth::No);
    // A filter is a resource of its own, beside the detector ("Actions, resources, and condition keys
    // for Amazon GuardDuty").
    let list = format!("{DETECTOR}/filter/quiet");
    let filter = with("guardduty:UpdateFilter", &list);
    check("what belongs to it", "F17.4", &filter, Truth::Possible);
}

/// An account leaves only with a way to pay of its own, which no source tells ("API
/// LeaveOrganization"); whether it is a member, its own sources need not tell either.
#[test]
fn leaving_an_organization_that_may_be_none() {
    let right = may("organizations:LeaveOrganization", "*");
    let member = account(&right, "");
    check("a member", "B05", &member, Truth::Possible);
    let head = member.find("organization:").expect("the organization");
    let roles = member.find("roles:").expect("the roles");
    let alone = format!(
        "{}accounts: {{\"200000000002\": {{name: work}}}}\n{}",
        &member[..head],
        &member[roles..]
    );
    check("not told", "B05", &alone, Truth::Possible);
}
