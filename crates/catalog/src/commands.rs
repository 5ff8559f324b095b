//! Which command of the AWS CLI sends an action, with the parts of the resource that it names.
//!
//! The table holds commands with placeholders; the variables of the resource types' ARNs say what
//! stands for them. A resource of another shape has no command: half a command helps nobody.

use crate::actions::{action, resource_type_arn};
use crate::tables::COMMANDS;

/// The command of the AWS CLI for an action, without `aws`: `{arn}` stands for the resource's ARN,
/// `{account}` for its account, `{queue}` for the URL of a queue, and any other name in braces for
/// the variable of that name in the ARN.
pub fn command(service: &str, name: &str) -> Option<&'static str> {
    COMMANDS.find(&[service, name]).map(|row| row.column(2))
}

/// What a variable stands for in the ARN of a resource that the action accepts:
/// `BucketName` in `arn:aws:s3:::records/a.csv`.
pub fn arn_variable<'a>(
    service: &str,
    name: &str,
    arn: &'a str,
    variable: &str,
) -> Option<&'a str> {
    let types = action(service, name)?;
    // Policies name a log group with `:*` after its name, which no name ends with.
    let arn = match service {
        "logs" => arn.trim_end_matches(['*', ':']),
        _ => arn,
    };
    let templates = types
        .resource_types()
        .filter_map(|used| resource_type_arn(service, used.name));
    // The longest shape says most: an object's ARN has that of a bucket too.
    let mut templates: Vec<&str> = templates.collect();
    templates.sort_by_key(|template| std::cmp::Reverse(template.matches("${").count()));
    templates
        .into_iter()
        .find_map(|template| in_template(template, arn, variable))
}

/// The text that stands for a variable, if the ARN has the template's shape.
fn in_template<'a>(template: &str, arn: &'a str, variable: &str) -> Option<&'a str> {
    let mut found = None;
    let mut pieces = template.split("${");
    let mut rest = arn.strip_prefix(pieces.next()?)?;
    for piece in pieces {
        let (name, literal) = piece.split_once('}')?;
        let end = match literal {
            "" => rest.len(),
            _ => rest.find(literal)?,
        };
        let (value, after) = rest.split_at_checked(end)?;
        if name == variable {
            found = Some(value);
        }
        rest = after.strip_prefix(literal)?;
    }
    found.filter(|value| rest.is_empty() && !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(action: (&str, &str), arn: &str, variable: &str, expected: Option<&str>) {
        let found = arn_variable(action.0, action.1, arn, variable);
        assert_eq!(found, expected, "{variable} of {arn} in {action:?}");
    }

    #[test]
    fn parts_of_arns_by_the_variable() {
        let get = ("s3", "GetObject");
        check(get, "arn:aws:s3:::b/2026/a.csv", "BucketName", Some("b"));
        check(
            get,
            "arn:aws:s3:::b/2026/a.csv",
            "ObjectName",
            Some("2026/a.csv"),
        );
        check(get, "arn:aws:s3:::b", "BucketName", None);
        check(get, "*", "BucketName", None);
        let role = "arn:aws:iam::111122223333:role/app/reader";
        check(
            ("iam", "PutRolePolicy"),
            role,
            "RoleNameWithPath",
            Some("app/reader"),
        );
        let repository = "arn:aws:ecr:eu-west-1:111122223333:repository/team/app";
        check(
            ("ecr", "BatchGetImage"),
            repository,
            "RepositoryName",
            Some("team/app"),
        );
        check(("ecr", "BatchGetImage"), repository, "Nothing", None);
    }

    /// The AWS CLI Command Reference, page of each command.
    #[test]
    fn commands_by_action() {
        for (service, action, expected) in [
            (
                "s3",
                "getobject",
                "s3api get-object --bucket {BucketName} --key {ObjectName} /dev/null",
            ),
            (
                "dynamodb",
                "GetItem",
                "dynamodb get-item --table-name {arn} --key file://key.json",
            ),
            (
                "sqs",
                "ReceiveMessage",
                "sqs receive-message --queue-url {queue}",
            ),
            ("sts", "GetCallerIdentity", "sts get-caller-identity"),
        ] {
            assert_eq!(
                command(service, action),
                Some(expected),
                "{service}:{action}"
            );
        }
        assert_eq!(command("s3", "Nothing"), None);
    }

    #[test]
    fn every_command_is_of_an_action_and_names_variables_of_its_resources() {
        for row in COMMANDS.all() {
            let (service, name) = (row.column(0), row.column(1));
            let action = action(service, name).unwrap_or_else(|| panic!("{service}:{name}"));
            let templates: Vec<&str> = action
                .resource_types()
                .filter_map(|used| resource_type_arn(service, used.name))
                .collect();
            for piece in row.column(2).split('{').skip(1) {
                let (variable, _) = piece.split_once('}').expect("a closed placeholder");
                let known = matches!(variable, "arn" | "account" | "queue");
                let wanted = format!("${{{variable}}}");
                let has = templates.iter().any(|template| template.contains(&wanted));
                assert!(known || has, "{service}:{name}: {variable}");
            }
        }
    }
}
