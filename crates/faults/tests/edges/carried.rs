//! Functions, instances and task definitions are taken over by whoever has rights over just the one
//! that carries the role, and what no source listed stays possible.

use cofferdam_faults::catalogue::edge;
use cofferdam_faults::decide::Truth;

use crate::each::truth;

const CALLER: &str = "arn:aws:iam::200000000002:role/caller";
const INTAKE: &str = "arn:aws:lambda:eu-west-1:200000000002:function:intake";
const REPORT: &str = "arn:aws:lambda:eu-west-1:200000000002:function:report";

/// An organization in which the caller may do what is said, with two functions of two roles.
fn functions(statements: &str, rest: &str) -> String {
    format!(
        r#"
organization: {{id: o-acme1a2b3c, management: "100000000001"}}
units: {{r-1: {{}}}}
accounts:
  "100000000001": {{name: management, parent: r-1}}
  "200000000002": {{name: work, parent: r-1}}
roles:
  200000000002/caller: {{trust: [{{Effect: Allow, Principal: {{Service: macie.amazonaws.com}}, Action: "sts:AssumeRole"}}], inline: {{may: [{statements}]}}}}
  200000000002/strong: {{trust: [{{Effect: Allow, Principal: {{Service: [lambda.amazonaws.com, ec2.amazonaws.com, ecs-tasks.amazonaws.com]}}, Action: "sts:AssumeRole"}}]}}
  200000000002/weak: {{trust: [{{Effect: Allow, Principal: {{Service: macie.amazonaws.com}}, Action: "sts:AssumeRole"}}]}}
functions:
  "{INTAKE}": {{roles: ["arn:aws:iam::200000000002:role/strong"]}}
  "{REPORT}": {{roles: ["arn:aws:iam::200000000002:role/weak"]}}
{rest}
"#
    )
}

fn may(actions: &str, resource: &str) -> String {
    format!(r#"{{Effect: Allow, Action: [{actions}], Resource: "{resource}"}}"#)
}

#[track_caller]
fn check(what: &str, id: &str, text: &str, expected: Truth) {
    let edge = edge(id).expect("an edge");
    assert_eq!(truth(text, CALLER, edge), expected, "{what}: {id}\n{text}");
}

const REPLACE: &str = r#""lambda:UpdateFunctionCode", "lambda:InvokeFunction""#;

/// "Lambda execution role": a function acts as its own role, not as any role that trusts Lambda.
#[test]
fn the_function_that_has_the_role() {
    let right = functions(&may(REPLACE, INTAKE), "");
    check("the function of the role", "A59.2", &right, Truth::Certain);
    let wrong = functions(&may(REPLACE, REPORT), "");
    check("a function of another role", "A59.2", &wrong, Truth::No);
    let split = may(r#""lambda:UpdateFunctionCode""#, INTAKE)
        + ", "
        + &may(r#""lambda:InvokeFunction""#, REPORT);
    let split = functions(&split, "");
    check("each right over another one", "A59.2", &split, Truth::No);
    let untriggered = functions(&may(r#""lambda:UpdateFunctionCode""#, INTAKE), "");
    check(
        "until an event runs it",
        "A59.1",
        &untriggered,
        Truth::Possible,
    );
}

/// What a denial or a missing list does to it.
#[test]
fn the_function_that_nobody_may_change() {
    let denied = may(REPLACE, "*")
        + &format!(
            r#", {{Effect: Deny, Action: "lambda:UpdateFunctionCode", Resource: "{INTAKE}"}}"#
        );
    check(
        "the one function is denied",
        "A59.2",
        &functions(&denied, ""),
        Truth::No,
    );
    let unlisted = "unlisted: [\"function 200000000002: refused\"]";
    check(
        "there may be another",
        "A59.2",
        &functions(&denied, unlisted),
        Truth::Possible,
    );
    let unknown = format!("unknown: [\"function {INTAKE} Roles: not told\"]");
    check(
        "which role it has is not told",
        "A59.2",
        &functions(&may(REPLACE, INTAKE), &unknown),
        Truth::Possible,
    );
}

const PROFILE: &str = "arn:aws:iam::200000000002:instance-profile/hosts";

fn profile(role: &str) -> String {
    format!(
        "instance-profiles: {{\"{PROFILE}\": {{roles: [\"arn:aws:iam::200000000002:role/{role}\"]}}}}"
    )
}

const LAUNCH: &str = r#""iam:PassRole", "ec2:RunInstances""#;

/// "Use instance profiles": a role is passed to EC2 in an instance profile; whoever may make one needs
/// none that is there.
#[test]
fn a_role_without_an_instance_profile() {
    let with = functions(&may(LAUNCH, "*"), &profile("strong"));
    check("a profile holds it", "A47.1", &with, Truth::Certain);
    let without = functions(&may(LAUNCH, "*"), &profile("weak"));
    check("a profile holds another", "A47.1", &without, Truth::No);
    let makes = r#""iam:PassRole", "ec2:RunInstances", "iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile""#;
    let makes = functions(&may(makes, "*"), "");
    check("a profile of its own", "A47.1", &makes, Truth::No);
    check("a profile of its own", "A47.3", &makes, Truth::Certain);
}

/// "IAM roles for Amazon EC2": an instance acts as the role of its instance profile.
#[test]
fn an_instance_by_way_of_its_profile() {
    let instance = "arn:aws:ec2:eu-west-1:200000000002:instance/i-1";
    let with = |profile: &str| {
        let rights = r#""ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances""#;
        let rest = format!("{profile}\ninstances: {{\"{instance}\": {{profile: \"{PROFILE}\"}}}}");
        functions(&may(rights, instance), &rest)
    };
    check(
        "its profile holds it",
        "A49",
        &with(&profile("strong")),
        Truth::Certain,
    );
    check(
        "its profile holds another",
        "A49",
        &with(&profile("weak")),
        Truth::No,
    );
    check("its profile is not told", "A49", &with(""), Truth::Possible);
}

/// "RunTask": a role may be named anew when a task is run, so any task definition will do.
#[test]
fn a_task_of_another_role() {
    let task = "arn:aws:ecs:eu-west-1:200000000002:task-definition/web:3";
    let rights =
        |resource: &str| may(r#""iam:PassRole""#, "*") + ", " + &may(r#""ecs:RunTask""#, resource);
    let cluster = "clusters: {\"arn:aws:ecs:eu-west-1:200000000002:cluster/main\": {}}";
    let rest = format!("{cluster}\ntask-definitions: {{\"{task}\": {{}}}}");
    let right = functions(&rights(task), &rest);
    check("the task that is there", "A71.1", &right, Truth::Certain);
    let other = functions(&rights("arn:aws:ecs:*:*:task-definition/batch:*"), &rest);
    check("a task that is not there", "A71.1", &other, Truth::No);
    let nowhere = format!("task-definitions: {{\"{task}\": {{}}}}");
    let nowhere = functions(&rights(task), &nowhere);
    check("nowhere to run", "A71.1", &nowhere, Truth::No);
}
