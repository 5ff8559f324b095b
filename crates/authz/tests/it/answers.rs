//! What an answer tells beside its decision: layers, determining statements, what is missing, the
//! residual condition, the resources that differ.

use crate::corpus::answers;

fn check(case: &str, expected: &str) {
    let answer = answers("case", case).remove(0);
    let mut told = vec![answer.outcome.word().to_owned()];
    for said in &answer.layers {
        let target = if said.target.is_empty() {
            String::new()
        } else {
            format!("[{}]", said.target)
        };
        told.push(format!("{}{target} {}", said.layer.id(), said.outcome));
    }
    for one in &answer.determining {
        let sid = one.sid.as_deref().unwrap_or("-");
        told.push(format!("{} by {} {sid}", one.effect.word(), one.document));
    }
    for missing in &answer.missing {
        told.push(format!("missing {}: {}", missing.key, missing.why));
    }
    told.extend(answer.residual.iter().map(|words| format!("if {words}")));
    for split in &answer.split {
        told.push(format!("{} {}", split.resource, split.outcome.word()));
    }
    let expected: Vec<&str> = expected.trim().lines().map(str::trim).collect();
    assert_eq!(told, expected);
}

#[test]
fn an_allowed_request_names_every_layer_and_the_statement_that_allows() {
    check(
        r#"
name: read
request: {principal: "arn:aws:iam::111122223333:user/ann", action: s3:GetObject, resource: "arn:aws:s3:::records/a"}
service_control_policies: [{target: r-root, policies: [{name: full, policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}]}]
identity_policies: [{name: inline, policy: {Version: "2012-10-17", Statement: [{Sid: Read, Effect: Allow, Action: "s3:Get*", Resource: "*"}]}}]
"#,
        "allowed
        service_control[r-root] allows
        identity allows
        Allow by full -
        Allow by inline Read",
    );
}

#[test]
fn a_layer_that_does_not_bind_the_caller_is_not_applicable() {
    check(
        r#"
name: management
request: {principal: "arn:aws:iam::111122223333:user/ann", action: sns:Publish, resource: "arn:aws:sns:eu-west-1:111122223333:t"}
principal: {organization: o-abc, is_management_account: true}
service_control_policies: [{target: r-root, policies: []}]
resource_control_policies: [{target: r-root, policies: [{name: rcp, policy: {Version: "2012-10-17", Statement: [{Effect: Deny, Principal: "*", Action: "sns:*", Resource: "*"}]}}]}]
identity_policies: [{name: inline, policy: {Version: "2012-10-17", Statement: [{Sid: Pub, Effect: Allow, Action: "sns:*", Resource: "*"}]}}]
"#,
        "allowed
        resource_control[r-root] not_applicable
        service_control[r-root] not_applicable
        identity allows
        Allow by inline Pub",
    );
}

#[test]
fn an_undecided_request_names_the_key_and_the_condition_that_is_left() {
    check(
        r#"
name: region
strict: false
request: {principal: "arn:aws:iam::111122223333:user/ann", action: s3:GetObject, resource: "arn:aws:s3:::records/a", resource_account: "111122223333"}
identity_policies: [{name: inline, policy: {Version: "2012-10-17", Statement: [{Sid: Read, Effect: Allow, Action: "s3:Get*", Resource: "*", Condition: {StringEquals: {aws:RequestedRegion: eu-west-1}}}]}}]
"#,
        "undecided
        identity undecided
        Allow by inline Read
        missing aws:RequestedRegion: not given
        if aws:RequestedRegion is eu-west-1",
    );
}

#[test]
fn what_a_denial_leaves_is_its_opposite() {
    check(
        r#"
name: region
strict: false
request: {principal: "arn:aws:iam::111122223333:user/ann", action: s3:GetObject, resource: "arn:aws:s3:::records/a", resource_account: "111122223333"}
identity_policies: [{name: inline, policy: {Version: "2012-10-17", Statement: [
  {Sid: Read, Effect: Allow, Action: "s3:Get*", Resource: "*"},
  {Sid: Wall, Effect: Deny, Action: "*", Resource: "*", Condition: {StringNotEquals: {aws:SourceVpce: vpce-1}}}]}}]
"#,
        "undecided
        identity undecided
        Deny by inline Wall
        missing aws:SourceVpce: not given
        if aws:SourceVpce is vpce-1",
    );
}

#[test]
fn a_resource_that_stands_for_many_splits_where_they_differ() {
    check(
        r#"
name: many
request: {principal: "arn:aws:iam::111122223333:user/ann", action: s3:GetObject, resource: "arn:aws:s3:::records/20*", resource_account: "111122223333"}
identity_policies: [{name: inline, policy: {Version: "2012-10-17", Statement: [
  {Sid: Read, Effect: Allow, Action: "s3:Get*", Resource: "arn:aws:s3:::records/*"},
  {Sid: Old, Effect: Deny, Action: "*", Resource: "arn:aws:s3:::records/2019"}]}}]
"#,
        "undecided
        identity allows
        Allow by inline Read
        Deny by inline Old
        arn:aws:s3:::records/20 allowed
        arn:aws:s3:::records/2019 explicitly_denied",
    );
}

#[test]
fn a_resource_that_stands_for_many_has_one_answer_where_they_agree() {
    check(
        r#"
name: many
request: {principal: "arn:aws:iam::111122223333:user/ann", action: s3:GetObject, resource: "arn:aws:s3:::records/20*", resource_account: "111122223333"}
identity_policies: [{name: inline, policy: {Version: "2012-10-17", Statement: [
  {Sid: Read, Effect: Allow, Action: "s3:Get*", Resource: "arn:aws:s3:::records/*"},
  {Sid: Old, Effect: Deny, Action: "*", Resource: "arn:aws:s3:::records/19*"}]}}]
"#,
        "allowed
        identity allows
        Allow by inline Read",
    );
}
