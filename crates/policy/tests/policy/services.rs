//! Which statements of a document may speak of a service.

use cofferdam_policy::ast::Actions;
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::matching::action_matches;
use proptest::prelude::*;

use crate::policy;

fn check(elements: &[&str], service: Option<&str>, expected: &[u32]) {
    let statements: Vec<String> = elements
        .iter()
        .map(|element| format!(r#"{{"Effect":"Allow",{element},"Resource":"*"}}"#))
        .collect();
    let json = format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    );
    let (policy, _) = policy(&json, PolicyKind::Identity);
    let about = policy.statements.about(service);
    let found: Vec<u32> = about.map(|statement| statement.index).collect();
    assert_eq!(found, expected, "{service:?} of {elements:?}");
}

/// "IAM JSON policy elements: Action", "… NotAction".
#[test]
fn statements_by_service_keep_their_order() {
    let elements = [
        r#""Action":["s3:Get*","kms:Decrypt"]"#,
        r#""NotAction":"s3:*""#,
        r#""Action":"SQS:SendMessage""#,
        r#""Action":"*""#,
        r#""Action":["kms:*","kms:Encrypt"]"#,
    ];
    check(&elements, Some("s3"), &[0, 1, 3]);
    check(&elements, Some("kms"), &[0, 1, 3, 4]);
    check(&elements, Some("sqs"), &[1, 2, 3]);
    check(&elements, Some("ec2"), &[1, 3]);
    check(&elements, None, &[0, 1, 2, 3, 4]);
    check(&[], Some("s3"), &[]);
}

#[test]
fn what_is_taken_out_is_no_longer_found() {
    let json = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Deny","Action":"s3:*","Resource":"*"},
        {"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let (mut policy, _) = policy(json, PolicyKind::Identity);
    policy.statements.retain(|statement| statement.index == 1);
    let found: Vec<u32> = policy
        .statements
        .about(Some("s3"))
        .map(|each| each.index)
        .collect();
    assert_eq!(found, [1]);
}

proptest! {
    #[test]
    fn what_is_passed_over_matches_nothing(
        elements in prop::collection::vec(
            "\"(Action|NotAction)\":\"(\\*|(s3|S3|kms|ec2):(Get\\*|GetObject|\\*|G\\?t))\"", 1..6),
        service in "s3|kms|sqs",
    ) {
        let statements: Vec<String> = elements
            .iter()
            .map(|element| format!(r#"{{"Effect":"Allow",{element},"Resource":"*"}}"#))
            .collect();
        let json = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        let (policy, _) = policy(&json, PolicyKind::Identity);
        let about: Vec<u32> = policy.statements.about(Some(&service)).map(|each| each.index).collect();
        for statement in &policy.statements {
            let names = |patterns: &[_]| patterns.iter().any(|pattern| action_matches(pattern, &service, "GetObject"));
            let speaks = match &statement.actions {
                Actions::Only(patterns) => names(patterns),
                Actions::Except(patterns) => !names(patterns),
            };
            prop_assert!(!speaks || about.contains(&statement.index), "{json}");
        }
    }
}
