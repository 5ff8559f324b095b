//! How a resource policy of the same account names the caller, against what limits the caller.
//!
//! Sources: "How AWS enforcement code logic evaluates requests to allow or deny access",
//! "Permissions boundaries for IAM entities", "AWS JSON policy elements: Principal".

use crate::corpus::answers;

const USER: &str = "arn:aws:iam::111122223333:user/ann";
const ROLE: &str = "arn:aws:iam::111122223333:role/app";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/one";
const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/bob";

/// A way of naming: what it is called, the caller, the Principal element, the condition, and what is
/// decided with nothing else, under a boundary that does not allow, under a session policy that does
/// not allow. `None`: such a caller has none.
struct Row(
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    [Option<&'static str>; 3],
);

const YES: Option<&str> = Some("allowed");
const NO: Option<&str> = Some("implicitly_denied");
const OPEN: Option<&str> = Some("undecided");

fn rows() -> Vec<Row> {
    let user = r#"{"AWS": "arn:aws:iam::111122223333:user/ann"}"#;
    let role = r#"{"AWS": "arn:aws:iam::111122223333:role/app"}"#;
    let session = r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/app/one"}"#;
    let federated = r#"{"AWS": "arn:aws:sts::111122223333:federated-user/bob"}"#;
    let account = r#"{"AWS": "111122223333"}"#;
    let root = r#"{"AWS": "arn:aws:iam::111122223333:root"}"#;
    let named = r#"{"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app"}}"#;
    let user_named = r#"{"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/ann"}}"#;
    vec![
        Row("user ARN", USER, user, "{}", [YES, YES, None]),
        Row("role ARN", SESSION, role, "{}", [YES, NO, NO]),
        Row("role session ARN", SESSION, session, "{}", [YES, YES, YES]),
        Row(
            "federated user ARN",
            FEDERATED,
            federated,
            "{}",
            [YES, YES, YES],
        ),
        Row(
            "user ARN, federated session",
            FEDERATED,
            user,
            "{}",
            [NO, NO, NO],
        ),
        Row("account id", USER, account, "{}", [NO, NO, None]),
        Row("account root", SESSION, root, "{}", [NO, NO, NO]),
        Row(
            "everyone by aws:PrincipalArn",
            SESSION,
            r#""*""#,
            named,
            [YES, YES, YES],
        ),
        Row(
            "every AWS by aws:PrincipalArn",
            USER,
            r#"{"AWS": "*"}"#,
            user_named,
            [YES, YES, None],
        ),
        Row("everyone", SESSION, r#""*""#, "{}", [YES, OPEN, OPEN]),
        Row(
            "everyone, user",
            USER,
            r#"{"AWS": "*"}"#,
            "{}",
            [YES, OPEN, None],
        ),
        Row("somebody else", USER, role, "{}", [NO, NO, None]),
    ]
}

const ELSEWHERE: &str = r#"[{"name": "elsewhere", "policy": {"Version": "2012-10-17",
  "Statement": {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}}}]"#;
const DENIES: &str = r#"[{"name": "denies", "policy": {"Version": "2012-10-17",
  "Statement": {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}}}]"#;
const ALLOWS: &str = r#"[{"name": "allows", "policy": {"Version": "2012-10-17",
  "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}}]"#;

fn case(row: &Row, layers: &str) -> String {
    // Behind the federated session stands the user that the table names.
    let block = if row.1 == FEDERATED {
        format!(r#""principal": {{"arn": "{USER}"}},"#)
    } else if row.1 == SESSION {
        format!(r#""principal": {{"arn": "{ROLE}"}},"#)
    } else {
        String::new()
    };
    format!(
        r#"{{"name": "{}", "request": {{"principal": "{}", "action": "s3:GetObject",
            "resource": "arn:aws:s3:::records/a", "resource_account": "111122223333"}},
            {block} {layers}
            "resource_policy": {{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
            "Principal": {}, "Action": "s3:GetObject", "Resource": "*", "Condition": {}}}}}}}"#,
        row.0, row.1, row.2, row.3
    )
}

fn check(row: &Row, layers: &str, expected: &str) {
    let text = case(row, layers);
    let answer = answers("table", &text).remove(0);
    assert_eq!(answer.outcome.word(), expected, "{} with {layers}", row.0);
}

#[test]
fn a_grant_within_the_account_is_worth_what_its_principal_says() {
    for row in rows() {
        let [plain, boundary, session] = row.4;
        check(&row, "", plain.unwrap());
        // A boundary or session policy that allows changes nothing.
        let both = format!(r#""permission_boundaries": {ALLOWS}, "identity_policies": [],"#);
        check(&row, &both, plain.unwrap());
        let limited = format!(r#""permission_boundaries": {ELSEWHERE},"#);
        check(&row, &limited, boundary.unwrap());
        if let Some(session) = session {
            let limited = format!(r#""session_policies": {ELSEWHERE},"#);
            check(&row, &limited, session);
        }
    }
}

#[test]
fn an_explicit_denial_wins_over_every_way_of_naming() {
    for row in rows() {
        let mut layers = vec!["identity_policies", "permission_boundaries"];
        if row.4[2].is_some() {
            layers.push("session_policies");
        }
        for layer in layers {
            check(
                &row,
                &format!(r#""{layer}": {DENIES},"#),
                "explicitly_denied",
            );
        }
    }
}
