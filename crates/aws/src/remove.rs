//! Secrets leave an answer before anything else sees it.
//!
//! The table names, for each operation, the paths of values that may hold a secret. They are
//! emptied in memory, so that no file, no later call and no message can carry them; the names
//! beside them stay, because that a variable is there is a fact.

use cofferdam_sources::Operation;
use serde_json::Value;

/// Empties what the operation's paths lead to.
pub(crate) fn secrets(row: &Operation, answer: &mut Value) {
    for path in &row.remove {
        let steps: Vec<&str> = path.split('.').collect();
        empty(answer, &steps);
    }
}

/// `name` is a member, `name[]` each element of a list, `*` every member.
fn empty(value: &mut Value, steps: &[&str]) {
    let Some((step, rest)) = steps.split_first() else {
        return blank(value);
    };
    if *step == "*" {
        let members = value.as_object_mut().into_iter().flatten();
        members.for_each(|(_, inner)| empty(inner, rest));
    } else if let Some(name) = step.strip_suffix("[]") {
        let list = value.get_mut(name).and_then(Value::as_array_mut);
        list.into_iter()
            .flatten()
            .for_each(|inner| empty(inner, rest));
    } else if let Some(inner) = value.get_mut(step) {
        empty(inner, rest);
    }
}

/// Whatever a service may put there, nothing of it stays.
fn blank(value: &mut Value) {
    if !value.is_null() {
        *value = Value::String(String::new());
    }
}

#[cfg(test)]
mod tests {
    use cofferdam_sources::operations;
    use serde_json::json;

    use super::*;
    use crate::shapes::shapes;

    /// What the service models call sensitive and a snapshot keeps, with the reason.
    const KEPT: [(&str, &str); 11] = [
        (
            "MasterAccountEmail",
            "an address, no secret; it says whose organization it is",
        ),
        ("Accounts[].Email", "an address, no secret"),
        ("Accounts[].Name", "what people call the account"),
        ("DelegatedAdministrators[].Email", "an address, no secret"),
        (
            "DelegatedAdministrators[].Name",
            "what people call the account",
        ),
        ("KMSMasterKeyID", "the name of a key"),
        (
            "Environment.Error.Message",
            "why variables could not be decrypted",
        ),
        (
            "ImageConfigResponse.Error.Message",
            "why an image's settings cannot be read",
        ),
        (
            "RuntimeVersionConfig.Error.Message",
            "why a runtime's version cannot be read",
        ),
        (
            "repositoryCredentials",
            "the name of a secret, not its value",
        ),
        (
            "Organization.MasterAccountName",
            "what people call the account",
        ),
    ];

    #[test]
    fn whatever_a_service_calls_sensitive_is_removed_or_kept_for_a_reason() {
        let mut wrong = Vec::new();
        for (operation, paths) in &shapes().sensitive {
            let row = operations()
                .iter()
                .find(|row| row.operation == *operation)
                .unwrap();
            for path in paths {
                let removed = row.remove.iter().any(|one| one.starts_with(&**path));
                let kept = KEPT.iter().any(|(end, _)| path.ends_with(end));
                if !removed && !kept {
                    wrong.push(format!("{operation}: {path}"));
                }
            }
        }
        assert!(
            wrong.is_empty(),
            "add them to `remove` or to KEPT: {wrong:#?}"
        );
    }

    fn check(operation: &str, mut answer: Value, expected: Value) {
        let row = operations().iter().find(|row| *row.operation == *operation);
        secrets(row.unwrap(), &mut answer);
        assert_eq!(answer, expected, "{operation}");
    }

    #[test]
    fn names_stay_and_secret_values_go() {
        let cases = [
            (
                "lambda.list-functions",
                json!({"Functions": [{"FunctionName": "f", "Environment": {"Variables": {"A": "s3cret", "B": ""}}}, {"FunctionName": "g"}]}),
                json!({"Functions": [{"FunctionName": "f", "Environment": {"Variables": {"A": "", "B": ""}}}, {"FunctionName": "g"}]}),
            ),
            (
                "ecs.describe-task-definition",
                json!({"taskDefinition": {"containerDefinitions": [{"environment": [{"name": "A", "value": "s3cret"}]}]}}),
                json!({"taskDefinition": {"containerDefinitions": [{"environment": [{"name": "A", "value": ""}]}]}}),
            ),
            (
                "ec2.describe-launch-template-versions",
                json!({"LaunchTemplateVersions": [{"LaunchTemplateData": {"UserData": "s3cret", "ImageId": "ami"}}]}),
                json!({"LaunchTemplateVersions": [{"LaunchTemplateData": {"UserData": "", "ImageId": "ami"}}]}),
            ),
            (
                "autoscaling.describe-launch-configurations",
                json!({"LaunchConfigurations": [{"UserData": "s3cret"}]}),
                json!({"LaunchConfigurations": [{"UserData": ""}]}),
            ),
            (
                "ssm.describe-instance-information",
                json!({"InstanceInformationList": [{"InstanceId": "i-1", "IPAddress": "10.0.0.1"}]}),
                json!({"InstanceInformationList": [{"InstanceId": "i-1", "IPAddress": ""}]}),
            ),
            (
                "rds.describe-db-instances",
                json!({"DBInstances": [{"PendingModifiedValues": {"MasterUserPassword": "s3cret"}}]}),
                json!({"DBInstances": [{"PendingModifiedValues": {"MasterUserPassword": ""}}]}),
            ),
            (
                "rds.describe-db-clusters",
                json!({"DBClusters": [{"PendingModifiedValues": {"MasterUserPassword": "s3cret"}}]}),
                json!({"DBClusters": [{"PendingModifiedValues": {"MasterUserPassword": ""}}]}),
            ),
        ];
        let tried: Vec<&str> = cases.iter().map(|case| case.0).collect();
        for row in operations().iter().filter(|row| !row.remove.is_empty()) {
            assert!(
                tried.contains(&&*row.operation),
                "{} has no case here",
                row.operation
            );
        }
        for (operation, answer, expected) in cases {
            check(operation, answer, expected);
        }
    }
}
