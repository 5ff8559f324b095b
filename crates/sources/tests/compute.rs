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

const NODES: (&str, &str) = (
    "200000000002/eu-west-1/ssm.describe-instance-information.json",
    r#"{"InstanceInformationList": [{"InstanceId": "i-1", "PingStatus": "Online"}, {"InstanceId": "mi-1", "IamRole": "hybrid"}]}"#,
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
        let name = cofferdam_names::deferred::shown(one.arn.resource());
        format!("{:?} {name}: {roles}", one.kind)
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
    let files = [IAM, INSTANCES, NODES, FUNCTIONS, CLUSTERS, TASKS, TASK];
    let reader = "arn:aws:iam::200000000002:role/app/reader";
    let organization = check(
        &files,
        &[
            &format!("Function function:intake: {reader}"),
            &format!("InstanceProfile instance-profile/app/hosts: {reader}"),
            &format!("Instance instance/i-1: {reader}"),
            "Instance instance/i-2: none",
            "Instance instance/i-4: unknown: no source states it",
            &format!("ManagedNode instance/i-1: {reader}"),
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

/// A plan of one role, a profile that holds it, and what runs with it.
const PLAN: &str = r#"{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": {"resources": []}},
 "resource_changes": [
  {"address": "aws_iam_role.app", "mode": "managed", "type": "aws_iam_role", "name": "app", "change": {"actions": ["create"], "before": null,
   "after": {"name": "app", "path": "/", "assume_role_policy": "{\"Statement\": []}"}, "after_unknown": {"arn": true, "id": true}}},
  {"address": "aws_iam_instance_profile.hosts", "mode": "managed", "type": "aws_iam_instance_profile", "name": "hosts", "change": {"actions": ["create"], "before": null,
   "after": {"name": "hosts", "path": "/", "role": "app"}, "after_unknown": {"arn": true, "id": true}}},
  {"address": "aws_instance.one", "mode": "managed", "type": "aws_instance", "name": "one", "change": {"actions": ["create"], "before": null,
   "after": {"iam_instance_profile": "hosts"}, "after_unknown": {"arn": true, "id": true}}},
  {"address": "aws_instance.two", "mode": "managed", "type": "aws_instance", "name": "two", "change": {"actions": ["create"], "before": null,
   "after": {}, "after_unknown": {"arn": true, "id": true, "iam_instance_profile": true}}},
  {"address": "aws_lambda_function.f", "mode": "managed", "type": "aws_lambda_function", "name": "f", "change": {"actions": ["create"], "before": null,
   "after": {"function_name": "f"}, "after_unknown": {"arn": true, "id": true, "role": true}}},
  {"address": "aws_organizations_delegated_administrator.sso", "mode": "managed", "type": "aws_organizations_delegated_administrator", "name": "sso", "change": {"actions": ["create"], "before": null,
   "after": {"account_id": "200000000002", "service_principal": "sso.amazonaws.com"}, "after_unknown": {"arn": true, "id": true}}},
  {"address": "aws_organizations_delegated_administrator.fms", "mode": "managed", "type": "aws_organizations_delegated_administrator", "name": "fms", "change": {"actions": ["create"], "before": null,
   "after": {"account_id": "200000000002", "service_principal": "fms.amazonaws.com"}, "after_unknown": {"arn": true, "id": true}}}],
 "configuration": {"provider_config": {"aws": {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws", "expressions": {"region": {"constant_value": "eu-west-1"}, "allowed_account_ids": {"constant_value": ["200000000002"]}}}},
  "root_module": {"resources": [
   {"address": "aws_iam_instance_profile.hosts", "mode": "managed", "type": "aws_iam_instance_profile", "name": "hosts", "provider_config_key": "aws", "expressions": {"name": {"constant_value": "hosts"}, "role": {"references": ["aws_iam_role.app.name", "aws_iam_role.app"]}}},
   {"address": "aws_instance.one", "mode": "managed", "type": "aws_instance", "name": "one", "provider_config_key": "aws", "expressions": {"iam_instance_profile": {"references": ["aws_iam_instance_profile.hosts.name", "aws_iam_instance_profile.hosts"]}}},
   {"address": "aws_instance.two", "mode": "managed", "type": "aws_instance", "name": "two", "provider_config_key": "aws", "expressions": {}},
   {"address": "aws_iam_role.app", "mode": "managed", "type": "aws_iam_role", "name": "app", "provider_config_key": "aws", "expressions": {"name": {"constant_value": "app"}}},
   {"address": "aws_lambda_function.f", "mode": "managed", "type": "aws_lambda_function", "name": "f", "provider_config_key": "aws", "expressions": {"function_name": {"constant_value": "f"}, "role": {"references": ["aws_iam_role.app.arn", "aws_iam_role.app"]}}}]}}}"#;

/// What one file of another kind tells.
fn read_file(name: &str, text: &str) -> Organization {
    let directory = Directory::of(&[(name, text)]);
    let mut documents = cofferdam_text::Documents::new();
    let read = cofferdam_sources::read(&[directory.0.join(name)], &mut documents).unwrap();
    let (organization, wrong) = cofferdam_org::build::build(&read.facts);
    let mut wrong = wrong.iter();
    assert!(wrong.all(|one| one.severity != cofferdam_text::Severity::Error));
    organization
}

#[test]
fn plans_tell_what_acts_as_which_role() {
    let organization = read_file("plan.json", PLAN);
    let app = "arn:aws:iam::200000000002:role/app";
    assert_eq!(
        carriers(&organization),
        [
            format!("Function function:f: {app}"),
            format!("InstanceProfile instance-profile/hosts: {app}"),
            format!("Instance instance/i-(aws_instance.one, known after apply): {app}"),
            "Instance instance/i-(aws_instance.two, known after apply): none".to_owned(),
        ]
    );
    let account: AccountId = "200000000002".parse().unwrap();
    assert!(
        organization.gap(account, Kind::Instance).is_some(),
        "a plan does not list everything"
    );
    let services = organization.delegates.get(&account).unwrap();
    let services: Vec<&str> = services
        .present()
        .unwrap()
        .iter()
        .map(|one| &**one)
        .collect();
    assert_eq!(services, ["sso.amazonaws.com", "fms.amazonaws.com"]);
}

const TEMPLATE: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  App: {Type: "AWS::IAM::Role", Properties: {AssumeRolePolicyDocument: {Statement: []}}}
  Hosts: {Type: "AWS::IAM::InstanceProfile", Properties: {Roles: [!Ref App]}}
  One: {Type: "AWS::EC2::Instance", Properties: {IamInstanceProfile: !Ref Hosts}}
  Two: {Type: "AWS::EC2::Instance", Properties: {LaunchTemplate: {LaunchTemplateId: lt-1, Version: "1"}}}
  F: {Type: "AWS::Lambda::Function", Properties: {FunctionName: f, Role: !GetAtt App.Arn}}
  Main: {Type: "AWS::ECS::Cluster", Properties: {ClusterName: main}}
  Web: {Type: "AWS::ECS::TaskDefinition", Properties: {Family: web, TaskRoleArn: !GetAtt App.Arn, ExecutionRoleArn: "arn:aws:iam::200000000002:role/starter"}}
"#;

#[test]
fn templates_tell_what_acts_as_which_role() {
    let organization = read_file("template.yaml", TEMPLATE);
    let role = organization.principals[0].arn.to_string();
    let told: Vec<(Kind, String)> = organization
        .compute
        .iter()
        .map(|one| match &one.roles {
            Known::Present(roles) => (one.kind, roles.join(" ")),
            Known::Absent => (one.kind, "none".to_owned()),
            Known::Unknown(why) => (one.kind, why.to_string()),
        })
        .collect();
    let unknown = "a launch template may name the instance profile".to_owned();
    assert_eq!(
        told,
        [
            (Kind::Function, role.clone()),
            (Kind::InstanceProfile, role.clone()),
            (Kind::Instance, role.clone()),
            (Kind::Instance, unknown),
            (Kind::TaskDefinition, role),
            (Kind::Cluster, "none".to_owned()),
        ]
    );
}

/// Items of AWS Config in the shapes of its resource schemas.
const ITEMS: &str = r#"{"fileVersion": "1.0", "configSnapshotId": "s", "configurationItems": [
 {"awsAccountId": "200000000002", "awsRegion": "global", "configurationItemStatus": "OK", "configurationItemCaptureTime": "2026-11-20T10:00:00Z", "resourceType": "AWS::IAM::Role",
  "resourceId": "AROA", "ARN": "arn:aws:iam::200000000002:role/app/reader", "configuration": {"arn": "arn:aws:iam::200000000002:role/app/reader", "roleId": "AROA", "path": "/app/"}},
 {"awsAccountId": "200000000002", "awsRegion": "global", "configurationItemStatus": "OK", "configurationItemCaptureTime": "2026-11-20T10:00:00Z", "resourceType": "AWS::IAM::InstanceProfile",
  "resourceId": "hosts", "ARN": "arn:aws:iam::200000000002:instance-profile/hosts", "configuration": {"Arn": "arn:aws:iam::200000000002:instance-profile/hosts", "InstanceProfileName": "hosts", "Path": "/", "Roles": ["reader"]}},
 {"awsAccountId": "200000000002", "awsRegion": "eu-west-1", "configurationItemStatus": "OK", "configurationItemCaptureTime": "2026-11-20T10:00:00Z", "resourceType": "AWS::EC2::Instance",
  "resourceId": "i-1", "ARN": "arn:aws:ec2:eu-west-1:200000000002:instance/i-1", "configuration": {"instanceId": "i-1", "iamInstanceProfile": {"arn": "arn:aws:iam::200000000002:instance-profile/hosts", "id": "AIPA"}}},
 {"awsAccountId": "200000000002", "awsRegion": "eu-west-1", "configurationItemStatus": "OK", "configurationItemCaptureTime": "2026-11-20T10:00:00Z", "resourceType": "AWS::EC2::Instance",
  "resourceId": "i-2", "ARN": "arn:aws:ec2:eu-west-1:200000000002:instance/i-2", "configuration": {"instanceId": "i-2", "iamInstanceProfile": null}},
 {"awsAccountId": "200000000002", "awsRegion": "eu-west-1", "configurationItemStatus": "OK", "configurationItemCaptureTime": "2026-11-20T10:00:00Z", "resourceType": "AWS::Lambda::Function",
  "resourceId": "f", "ARN": "arn:aws:lambda:eu-west-1:200000000002:function:f", "configuration": {"functionName": "f", "functionArn": "arn:aws:lambda:eu-west-1:200000000002:function:f", "role": "arn:aws:iam::200000000002:role/app/reader"}}
]}
"#;

#[test]
fn config_tells_what_acts_as_which_role() {
    let organization = read_file("config.json", ITEMS);
    let reader = "arn:aws:iam::200000000002:role/app/reader";
    assert_eq!(
        carriers(&organization),
        [
            format!("Function function:f: {reader}"),
            format!("InstanceProfile instance-profile/hosts: {reader}"),
            format!("Instance instance/i-1: {reader}"),
            "Instance instance/i-2: none".to_owned(),
        ]
    );
    let account = "200000000002".parse().unwrap();
    assert!(organization.gap(account, Kind::Instance).is_some());
}
