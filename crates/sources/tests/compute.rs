//! What acts as which role, and who administers what for the organization: told by each kind of
//! source, with what no source tells left unknown.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)] // a test stops where it is wrong

mod support;

use cofferdam_names::AccountId;
use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::Organization;
use support::Directory;

const IAM: (&str, &str) = (
    "200000000002/global/iam.get-account-authorization-details.json",
    r#"{"RoleDetailList": [{"Arn": "arn:aws:iam::200000000002:role/app/reader", "InstanceProfileList": [
  {"Arn": "arn:aws:iam::200000000002:instance-profile/app/hosts", "InstanceProfileName": "hosts", "Roles": []}]}]}"#,
);

const INSTANCES: (&str, &str) = (
    "200000000002/eu-west-1/ec2.describe-instances.json",
    r#"{"Reservations": [{"OwnerId": "200000000002", "Instances": [
  {"InstanceId": "i-1", "State": {"Name": "stopped"}, "IamInstanceProfile": {"Arn": "arn:aws:iam::200000000002:instance-profile/app/hosts"}},
  {"InstanceId": "i-2", "State": {"Name": "running"}},
  {"InstanceId": "i-3", "State": {"Name": "terminated"}, "IamInstanceProfile": {"Arn": "arn:aws:iam::200000000002:instance-profile/app/hosts"}},
  {"InstanceId": "i-4", "State": {"Name": "running"}, "IamInstanceProfile": {"Arn": "arn:aws:iam::200000000002:instance-profile/unread"}}]}]}"#,
);

const FUNCTIONS: (&str, &str) = (
    "200000000002/eu-west-1/lambda.list-functions.json",
    r#"{"Functions": [{"FunctionName": "intake", "FunctionArn": "arn:aws:lambda:eu-west-1:200000000002:function:intake", "Role": "arn:aws:iam::200000000002:role/app/reader"}]}"#,
);

const CLUSTERS: (&str, &str) = (
    "200000000002/eu-west-1/ecs.list-clusters.json",
    r#"{"clusterArns": ["arn:aws:ecs:eu-west-1:200000000002:cluster/main"]}"#,
);

const TASKS: (&str, &str) = (
    "200000000002/eu-west-1/ecs.list-task-definitions.json",
    r#"{"taskDefinitionArns": ["arn:aws:ecs:eu-west-1:200000000002:task-definition/web:3", "arn:aws:ecs:eu-west-1:200000000002:task-definition/job:1"]}"#,
);

const TASK: (&str, &str) = (
    "200000000002/eu-west-1/ecs.describe-task-definition.jsonl",
    r#"{"request": {"taskDefinition": "arn:aws:ecs:eu-west-1:200000000002:task-definition/web:3"}, "response": {"taskDefinition": {"taskDefinitionArn": "arn:aws:ecs:eu-west-1:200000000002:task-definition/web:3", "taskRoleArn": "arn:aws:iam::200000000002:role/app/reader", "executionRoleArn": "arn:aws:iam::200000000002:role/starter"}}}
"#,
);

/// Every carrier on a line, with its roles.
fn carriers(organization: &Organization) -> Vec<String> {
    let line = |one: &cofferdam_org::model::Compute| {
        let roles = match &one.roles {
            Known::Present(roles) => roles.join(" "),
            Known::Absent => "none".to_owned(),
            Known::Unknown(why) => format!("unknown: {why}"),
        };
        format!("{:?} {}: {roles}", one.kind, one.arn.resource())
    };
    organization.compute.iter().map(line).collect()
}

#[track_caller]
fn check(files: &[(&str, &str)], expected: &[&str]) -> Organization {
    let (organization, diagnostics) = Directory::with(files).organization();
    assert_eq!(diagnostics, []);
    assert_eq!(carriers(&organization), expected);
    organization
}

#[test]
fn answers_tell_what_acts_as_which_role() {
    let files = [IAM, INSTANCES, FUNCTIONS, CLUSTERS, TASKS, TASK];
    let reader = "arn:aws:iam::200000000002:role/app/reader";
    let organization = check(
        &files,
        &[
            &format!("Function function:intake: {reader}"),
            &format!("InstanceProfile instance-profile/app/hosts: {reader}"),
            &format!("Instance instance/i-1: {reader}"),
            "Instance instance/i-2: none",
            "Instance instance/i-4: unknown: no source states it",
            "TaskDefinition task-definition/job:1: unknown: no source states it",
            &format!("TaskDefinition task-definition/web:3: {reader}"),
            "Cluster cluster/main: none",
        ],
    );
    let account = "200000000002".parse().unwrap();
    for kind in [Kind::InstanceProfile, Kind::Instance, Kind::Function] {
        assert_eq!(organization.gap(account, kind), None, "{kind:?}");
    }
}

#[test]
fn what_was_not_listed_may_be_there() {
    let organization = check(&[], &[]);
    let account = "200000000002".parse().unwrap();
    let gap = |kind| organization.gap(account, kind).expect("a gap");
    assert!(gap(Kind::Instance).contains("no answer"));
    assert!(
        gap(Kind::InstanceProfile).contains("does not list the instance profiles"),
        "an answer that was cut short"
    );
    let why = gap(Kind::DelegatedAdministrator);
    assert!(why.contains("no answer"), "{why}");
}

const DELEGATES: (&str, &str) = (
    "100000000001/global/organizations.list-delegated-administrators.json",
    r#"{"DelegatedAdministrators": [{"Id": "200000000002"}, {"Id": "300000000003"}]}"#,
);

const SERVICES: (&str, &str) = (
    "100000000001/global/organizations.list-delegated-services-for-account.jsonl",
    r#"{"request": {"AccountId": "200000000002"}, "response": {"DelegatedServices": [{"ServicePrincipal": "sso.amazonaws.com"}]}}
{"request": {"AccountId": "300000000003"}, "error": {"code": "AccessDeniedException", "message": "no"}}
"#,
);

#[test]
fn who_administers_what_for_the_organization() {
    let (organization, diagnostics) = Directory::with(&[DELEGATES, SERVICES]).organization();
    assert_eq!(diagnostics, []);
    let administers = |account: &str, service: &str| {
        let account: AccountId = account.parse().unwrap();
        match organization.administers(account, service) {
            Known::Present(yes) => yes.to_string(),
            Known::Absent => "absent".to_owned(),
            Known::Unknown(why) => why.to_string(),
        }
    };
    assert_eq!(administers("200000000002", "sso.amazonaws.com"), "true");
    assert_eq!(administers("200000000002", "fms.amazonaws.com"), "false");
    assert_eq!(administers("100000000001", "sso.amazonaws.com"), "false");
    let refused = administers("300000000003", "sso.amazonaws.com");
    assert!(refused.contains("AccessDeniedException"), "{refused}");
}

/// "DescribeResourcePolicy": without a policy AWS answers `ResourcePolicyNotFoundException`.
#[test]
fn the_policy_of_the_organization_itself() {
    let check = |answer: &str| {
        let file = "100000000001/global/organizations.describe-resource-policy.json";
        let lines = "100000000001/global/organizations.describe-resource-policy.jsonl";
        let file = if answer.contains("request") {
            lines
        } else {
            file
        };
        let (organization, _) = Directory::with(&[(file, answer)]).organization();
        match organization.delegation.expect("an organization") {
            Known::Present(id) => {
                let policy = organization.policies.get(id);
                format!(
                    "{:?}",
                    policy.document.present().map(|it| it.statements.len())
                )
            }
            Known::Absent => "absent".to_owned(),
            Known::Unknown(why) => why.to_string(),
        }
    };
    let said = r#"{"ResourcePolicy": {"Content": "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"200000000002\"},\"Action\":\"organizations:DetachPolicy\",\"Resource\":\"*\"}]}"}}"#;
    assert_eq!(check(said), "Some(1)");
    let none = r#"{"request": {}, "error": {"code": "ResourcePolicyNotFoundException", "message": "none"}}"#;
    assert_eq!(check(none), "absent");
    let refused = r#"{"request": {}, "error": {"code": "AccessDeniedException", "message": "no"}}"#;
    assert!(check(refused).contains("AccessDeniedException"));
    let (organization, _) = Directory::with(&[]).organization();
    assert!(organization.delegation.unwrap().unknown().is_some());
}
