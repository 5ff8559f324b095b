//! What is refused in a case, and where.

use cofferdam_text::Documents;

use super::parse;

/// Reads one case in which these fields are added or replaced, and says what is wrong with it.
fn check(fields: &str, expected: &str) {
    let request = r#"request: {principal: "arn:aws:iam::111122223333:user/ann", action: s3:GetObject, resource: "arn:aws:s3:::records/a"}"#;
    let request = if fields.starts_with("request") {
        ""
    } else {
        request
    };
    let text = format!("name: one\n{request}\n{fields}\n");
    let mut documents = Documents::new();
    let read = parse(&mut documents, "case.yaml", text.into_bytes()).unwrap();
    let said = match &read[0] {
        Ok(read) => read
            .diagnostics
            .first()
            .map_or_else(|| "read".to_owned(), |note| note.message.clone()),
        Err(malformed) => {
            assert_eq!(malformed.name, "one");
            assert!(malformed.diagnostic.line.is_some(), "{fields}");
            malformed.diagnostic.message.clone()
        }
    };
    assert_eq!(said, expected, "{fields}");
}

#[test]
fn a_case_is_read() {
    check("", "read");
    check("note: where the rule is stated", "read");
    check("identity_policies: []", "read");
    check("resource_policy:", "read");
    check(
        r#"block_public_access: {restrict_public_buckets: true}"#,
        "read",
    );
}

#[test]
fn a_field_that_is_none_is_refused() {
    check(
        "resource_controll_policies: []",
        "a case has no field \"resource_controll_policies\"",
    );
    check(
        r#"principal: {organisation: o-abc}"#,
        "principal has no field \"organisation\"",
    );
    check(
        r#"endpoint_policies: [{name: vpce-1, type: local, policy: {}}]"#,
        "the type of an endpoint is gateway or interface, not \"local\"",
    );
}

#[test]
fn a_request_that_cannot_be_asked_is_refused() {
    check("request: {}", "the field principal is missing");
    check(
        r#"request: {principal: somebody, action: s3:GetObject, resource: "*"}"#,
        "\"somebody\" is no principal: give an ARN, a service such as cloudtrail.amazonaws.com, or anonymous",
    );
    check(
        r#"request: {principal: "arn:aws:s3:::records", action: s3:GetObject, resource: "*"}"#,
        "\"arn:aws:s3:::records\" is no principal: give the ARN of a user, role, session, federated user or account root",
    );
    check(
        r#"request: {principal: anonymous, action: s3:GetObject, resource: records}"#,
        "request.resource \"records\" is no ARN",
    );
    check(
        r#"request: {principal: anonymous, action: s3:GetObject, resource: "*", context: {aws:SourceIp: 1.2.3.4, AWS:sourceip: 1.2.3.5}}"#,
        "the key AWS:sourceip is given twice: case does not distinguish keys",
    );
}

#[test]
fn what_contradicts_itself_is_refused() {
    check(
        r#"principal: {arn: "arn:aws:iam::111122223333:user/eve"}"#,
        "principal.arn \"arn:aws:iam::111122223333:user/eve\" is not what stands behind \"arn:aws:iam::111122223333:user/ann\"",
    );
    check(
        r#"request: {principal: anonymous, action: sqs:SendMessage, resource: "arn:aws:sqs:eu-west-1:111122223333:q", resource_account: "444455556666"}"#,
        "the resource has two accounts, 444455556666 and another one",
    );
    check(
        r#"permission_boundaries: [{policy: {Statement: []}}, {policy: {Statement: []}}]"#,
        "a principal has one permissions boundary at most",
    );
    check(
        r#"expect: {decision: maybe}"#,
        "expect.decision must be allowed, implicitly_denied, explicitly_denied or undecided",
    );
}

#[test]
fn one_malformed_case_leaves_the_others() {
    let text = r#"[{"name": "bad"}, {"name": "good", "request": {"principal": "anonymous",
        "action": "s3:GetObject", "resource": "arn:aws:s3:::records/a"}}, 7]"#;
    let mut documents = Documents::new();
    let read = parse(&mut documents, "-", text.as_bytes().to_vec()).unwrap();
    let good: Vec<bool> = read.iter().map(Result::is_ok).collect();
    assert_eq!(good, [false, true, false]);
}

#[test]
fn an_access_point_is_named_and_so_is_what_is_behind_it() {
    let point = "arn:aws:s3:eu-west-1:111122223333:accesspoint/app";
    check(&format!("access_point: {{arn: \"{point}\"}}"), "read");
    check(
        &format!("access_point: {{arn: \"{point}/object/a\"}}"),
        "access_point.arn \"arn:aws:s3:eu-west-1:111122223333:accesspoint/app/object/a\" is no ARN of an access point",
    );
    check(
        "access_point: {arn: \"arn:aws:s3:::records\"}",
        "access_point.arn \"arn:aws:s3:::records\" is no ARN of an access point",
    );
    check(
        &format!("access_point: {{arn: \"{point}\", network_origin: Internet, vpc: vpc-1}}"),
        "an access point of the network origin Internet has no vpc",
    );
    check(
        &format!("access_point: {{arn: \"{point}\", network_origin: vpc}}"),
        "network_origin is Internet or VPC, not \"vpc\"",
    );
    check(
        &format!(
            "request: {{principal: anonymous, action: s3:GetObject, resource: \"{point}/object/a\"}}\naccess_point: {{arn: \"{point}\"}}"
        ),
        "through an access point, request.resource names a bucket, or an object in it",
    );
}
