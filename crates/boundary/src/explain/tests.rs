//! Calls in a small organization, each story printed on a few lines.

use std::collections::BTreeMap;

use cofferdam_authz::call::{Answered, Blame, BlamedKind, Call};
use cofferdam_authz::concrete::Context;
use cofferdam_findings::story::Story;
use cofferdam_names::{ActionName, ContextKey};
use expect_test::{Expect, expect};

use super::explain;
use crate::cast::Cast;

const ORGANIZATION: &str = r#"
organization: {id: o-acme1a2b3c, management: "100000000001"}
units: {r-1: {scp: [FullAWSAccess, leave]}}
accounts:
  "100000000001": {parent: r-1, name: management}
  "100000000006": {parent: r-1, name: data}
  "200000000002": {parent: r-1, name: claims}
policies:
  leave: {Sid: NoLambda, Effect: Deny, Action: "lambda:*", Resource: "*"}
  ceiling: {Effect: Allow, Action: "s3:Get*", Resource: "*"}
endpoints:
  vpce-in: {service: s3, vpc: vpc-1, account: "200000000002"}
keys:
  "arn:aws:kms:eu-west-1:100000000006:key/1":
    policy: {Sid: Reader, Effect: Allow, Principal: {AWS: "arn:aws:iam::200000000002:role/app/reader"}, Action: "kms:Decrypt", Resource: "*"}
roles:
  200000000002/app/reader:
    trust: {Effect: Allow, Principal: {AWS: "arn:aws:iam::200000000002:role/app/bare"}, Action: "sts:AssumeRole"}
    inline: {read: [{Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Effect: Allow, Action: "kms:Decrypt", Resource: "*"}]}
  200000000002/app/bare: {}
buckets:
  records: {account: "100000000006", key: "arn:aws:kms:eu-west-1:100000000006:key/1", policy: [{Sid: Reader, Effect: Allow, Principal: {AWS: "arn:aws:iam::200000000002:role/app/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Network, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {StringNotEquals: {"aws:SourceVpce": vpce-in}}}]}
  own: {account: "200000000002"}
  shared: {account: "200000000002", policy: {Sid: Delegates, Effect: Allow, Principal: {AWS: "*"}, Action: "s3:*", Resource: ["arn:aws:s3:::shared", "arn:aws:s3:::shared/*"], Condition: {StringEquals: {"s3:DataAccessPointAccount": "200000000002"}}}}
access-points:
  "arn:aws:s3:eu-west-1:200000000002:accesspoint/app": {bucket: shared, policy: {Sid: Bare, Effect: Allow, Principal: {AWS: "arn:aws:iam::200000000002:role/app/bare"}, Action: "s3:GetObject", Resource: "arn:aws:s3:eu-west-1:200000000002:accesspoint/app/object/*"}}
"#;

fn call(principal: &str, action: &str, resource: &str) -> Call {
    Call {
        principal: format!("arn:aws:sts::200000000002:assumed-role/{principal}/s"),
        name: ActionName::parse(action).unwrap(),
        resource: Some(resource.to_owned()),
        context: Context::new(),
        forwarded_by: None,
        parameters: BTreeMap::new(),
        answer: Answered::NotTold,
        notes: Vec::new(),
    }
}

fn with(mut call: Call, key: &str, value: &str) -> Call {
    call.context
        .insert(ContextKey::parse(key).unwrap(), vec![value.into()]);
    call
}

fn refused(mut call: Call, kind: BlamedKind, explicit: bool, policy: Option<&str>) -> Call {
    call.answer = Answered::Refused(Blame {
        kind: Some(kind),
        explicit: Some(explicit),
        policy: policy.map(str::to_owned),
    });
    call
}

#[track_caller]
fn check(call: &Call, expected: Expect) {
    let org = cofferdam_fixture::organization(ORGANIZATION);
    let story = explain(&org, &Cast::of(&org), call).unwrap();
    expected.assert_eq(&lines(&story));
}

fn lines(story: &Story) -> String {
    let mut text = format!("{}\n", story.decision);
    if let Some(said) = &story.aws {
        text.push_str(&format!(
            "AWS: {} ({:?}: {})\n",
            said.words, said.agrees, said.why
        ));
    }
    for told in &story.requests {
        let step = &told.step;
        text.push_str(&format!(
            "- {} {}: {}\n",
            step.action, step.resource, step.decision
        ));
        for (from, decision) in &told.places {
            text.push_str(&format!("    from {from}: {decision}\n"));
        }
        let refusing = told.layers.iter().filter(|said| said.outcome != "allows");
        for said in refusing {
            text.push_str(&format!("    {} {}\n", said.layer, said.outcome));
        }
    }
    for missing in &story.missing {
        text.push_str(&format!("? {}: {}\n", missing.key, missing.why));
    }
    for change in &story.changes {
        let who = if change.yours { "you" } else { &change.owner };
        text.push_str(&format!("{who}: {}\n", change.what));
    }
    text.replace("arn:aws:iam::200000000002:role/app/", "")
}

const OBJECT: &str = "arn:aws:s3:::records/a";

#[test]
fn where_a_call_comes_from_may_be_all_that_must_change() {
    check(
        &call("reader", "s3:GetObject", OBJECT),
        expect![[r#"
            undecided
            - s3:GetObject arn:aws:s3:::records/a: undecided
                from the internet: explicitly_denied
                from vpce-in: allowed
                resource denies
            - kms:Decrypt arn:aws:kms:eu-west-1:100000000006:key/1: allowed
            you: make s3:GetObject from vpce-in: it is allowed from there as policies are
        "#]],
    );
}

#[test]
fn a_call_that_passes_needs_no_change() {
    let call = with(
        call("reader", "s3:GetObject", OBJECT),
        "aws:SourceVpce",
        "vpce-in",
    );
    check(
        &call,
        expect![[r#"
            allowed
            - s3:GetObject arn:aws:s3:::records/a: allowed
            - kms:Decrypt arn:aws:kms:eu-west-1:100000000006:key/1: allowed
        "#]],
    );
}

#[test]
fn what_is_ones_own_to_change_is_told_from_what_others_must() {
    let call = with(
        call("bare", "s3:GetObject", OBJECT),
        "aws:SourceVpce",
        "vpce-in",
    );
    check(
        &call,
        expect![[r#"
            implicitly_denied
            - s3:GetObject arn:aws:s3:::records/a: implicitly_denied
                identity does_not_allow
                resource does_not_allow
            - kms:Decrypt arn:aws:kms:eu-west-1:100000000006:key/1: implicitly_denied
                identity does_not_allow
                key_policy does_not_allow
            you: allow s3:GetObject on arn:aws:s3:::records/a in an identity policy of bare
            you: allow kms:Decrypt on arn:aws:kms:eu-west-1:100000000006:key/1 in an identity policy of bare
            account 100000000006 (data): allow bare s3:GetObject in the policy of arn:aws:s3:::records/a
            account 100000000006 (data): allow bare kms:Decrypt in the key policy of arn:aws:kms:eu-west-1:100000000006:key/1
        "#]],
    );
}

#[test]
fn in_ones_own_account_an_identity_policy_is_enough() {
    check(
        &call("bare", "s3:GetObject", "arn:aws:s3:::own/a"),
        expect![[r#"
            implicitly_denied
            - s3:GetObject arn:aws:s3:::own/a: implicitly_denied
                identity does_not_allow
                resource does_not_allow
            you: allow s3:GetObject on arn:aws:s3:::own/a in an identity policy of bare
        "#]],
    );
}

/// "Troubleshoot access denied error messages": a missing Allow is named only where nothing denies,
/// so the call came through the endpoint.
#[test]
fn what_aws_named_tells_where_the_call_came_from() {
    let call = call("bare", "s3:GetObject", OBJECT);
    check(
        &refused(call, BlamedKind::Identity, false, None),
        expect![[r#"
            implicitly_denied
            AWS: refused, because no identity-based policy allows it (Some(true): in the sources the identity-based policy refuses it too)
            - s3:GetObject arn:aws:s3:::records/a: implicitly_denied
                from the internet: explicitly_denied
                from vpce-in: implicitly_denied
                identity does_not_allow
                resource does_not_allow
            - kms:Decrypt arn:aws:kms:eu-west-1:100000000006:key/1: implicitly_denied
                identity does_not_allow
                key_policy does_not_allow
            you: allow s3:GetObject on arn:aws:s3:::records/a in an identity policy of bare
            you: allow kms:Decrypt on arn:aws:kms:eu-west-1:100000000006:key/1 in an identity policy of bare
            account 100000000006 (data): allow bare s3:GetObject in the policy of arn:aws:s3:::records/a
            account 100000000006 (data): allow bare kms:Decrypt in the key policy of arn:aws:kms:eu-west-1:100000000006:key/1
        "#]],
    );
}

/// "Enhanced access denied error messages with policy ARNs".
#[test]
fn a_named_policy_is_held_against_the_sources() {
    let call = || call("bare", "lambda:ListFunctions", "*");
    let policy = |id: &str| {
        format!(
            "arn:aws:organizations::100000000001:policy/o-acme1a2b3c/service_control_policy/{id}"
        )
    };
    let leave = policy("p-leave");
    check(
        &refused(call(), BlamedKind::ServiceControl, true, Some(&leave)),
        expect![[r#"
            explicitly_denied
            AWS: refused, with an explicit deny in the service control policy (Some(true): in the sources SCP leave (p-leave) refuses it too)
            - lambda:ListFunctions *: explicitly_denied
                service_control denies
                identity does_not_allow
            you: allow lambda:ListFunctions on * in an identity policy of bare
            the organization's administrators in account 100000000001 (management): except bare from "NoLambda" of SCP leave (p-leave), or narrow it
        "#]],
    );
    let other = policy("p-other");
    check(
        &refused(call(), BlamedKind::ServiceControl, true, Some(&other)),
        expect![[r#"
            explicitly_denied
            AWS: refused, with an explicit deny in the service control policy (None: the service control policy refuses it, but arn:aws:organizations::100000000001:policy/o-acme1a2b3c/service_control_policy/p-other is not in the sources)
            - lambda:ListFunctions *: explicitly_denied
                service_control denies
                identity does_not_allow
            you: allow lambda:ListFunctions on * in an identity policy of bare
            the organization's administrators in account 100000000001 (management): except bare from "NoLambda" of SCP leave (p-leave), or narrow it
        "#]],
    );
    check(
        &refused(call(), BlamedKind::ResourceControl, true, None),
        expect![[r#"
            explicitly_denied
            AWS: refused, with an explicit deny in the resource control policy (Some(false): in the sources no resource control policy refuses it in that way, but they do refuse it)
            - lambda:ListFunctions *: explicitly_denied
                service_control denies
                identity does_not_allow
            you: allow lambda:ListFunctions on * in an identity policy of bare
            the organization's administrators in account 100000000001 (management): except bare from "NoLambda" of SCP leave (p-leave), or narrow it
        "#]],
    );
}

/// "Grant a user permissions to pass a role to an AWS service"; "Required permissions for Amazon S3
/// API operations".
#[test]
fn a_call_may_be_several_requests() {
    let mut copy = call("reader", "s3:CopyObject", "arn:aws:s3:::own/copy");
    copy.parameters.insert(
        "x-amz-copy-source".to_owned(),
        vec!["/records/a".to_owned()],
    );
    check(
        &with(copy, "aws:SourceVpce", "vpce-in"),
        expect![[r#"
            implicitly_denied
            - s3:PutObject arn:aws:s3:::own/copy: implicitly_denied
                identity does_not_allow
                resource does_not_allow
            - s3:GetObject arn:aws:s3:::records/a: allowed
            - kms:Decrypt arn:aws:kms:eu-west-1:100000000006:key/1: allowed
            you: allow s3:PutObject on arn:aws:s3:::own/copy in an identity policy of reader
        "#]],
    );
    let mut function = call(
        "bare",
        "glue:CreateJob",
        "arn:aws:glue:eu-west-1:200000000002:job/j",
    );
    let role = "arn:aws:iam::200000000002:role/app/reader".to_owned();
    function.parameters.insert("role".to_owned(), vec![role]);
    check(
        &function,
        expect![[r#"
            implicitly_denied
            - glue:CreateJob arn:aws:glue:eu-west-1:200000000002:job/j: implicitly_denied
                identity does_not_allow
                resource does_not_allow
            - iam:PassRole reader: implicitly_denied
                identity does_not_allow
                resource does_not_allow
            you: allow glue:CreateJob on arn:aws:glue:eu-west-1:200000000002:job/j in an identity policy of bare
            you: allow iam:PassRole on reader in an identity policy of bare
        "#]],
    );
}

/// "Configuring IAM policies for using access points": messages name the access point.
#[test]
fn a_call_through_an_access_point_is_asked_of_its_bucket_too() {
    let through = "arn:aws:s3:eu-west-1:200000000002:accesspoint/app/object/a";
    check(
        &call("bare", "s3:GetObject", through),
        expect![[r#"
        allowed
        - s3:GetObject arn:aws:s3:::shared/a: allowed
            identity does_not_allow
            identity does_not_allow
    "#]],
    );
    check(
        &call("bare", "s3:PutObject", through),
        expect![[r#"
            implicitly_denied
            - s3:PutObject arn:aws:s3:::shared/a: implicitly_denied
                identity does_not_allow
                access_point does_not_allow
                identity does_not_allow
        "#]],
    );
}

#[test]
fn what_the_sources_do_not_hold_is_undecided() {
    check(
        &call("bare", "s3:GetObject", "arn:aws:s3:::unheard-of/a"),
        expect![[r#"
            undecided
            - s3:GetObject arn:aws:s3:::unheard-of/a: undecided
                identity does_not_allow
                resource does_not_allow
            ? s3:GetObject: the sources hold no resource `arn:aws:s3:::unheard-of/a`, so neither its policy nor its owner is known
        "#]],
    );
}

#[test]
fn assuming_a_role_asks_its_trust_policy() {
    let role = "arn:aws:iam::200000000002:role/app/reader";
    check(
        &call("bare", "sts:AssumeRole", role),
        expect![[r#"
            allowed
            - sts:AssumeRole reader: allowed
                identity does_not_allow
        "#]],
    );
    check(
        &call("reader", "sts:AssumeRole", role),
        expect![[r#"
            implicitly_denied
            - sts:AssumeRole reader: implicitly_denied
                identity does_not_allow
                trust does_not_allow
            you: allow reader sts:AssumeRole in the trust policy of reader
        "#]],
    );
}

#[test]
fn an_answer_that_the_sources_contradict_is_said() {
    let mut call = with(
        call("reader", "s3:GetObject", OBJECT),
        "aws:SourceVpce",
        "vpce-in",
    );
    call.answer = Answered::Refused(Blame::default());
    check(
        &call,
        expect![[r#"
            allowed
            AWS: refused, without a reason (Some(false): the sources say otherwise; they were read at another time, or the request carried something that is not told (a session policy, a condition key))
            - s3:GetObject arn:aws:s3:::records/a: allowed
            - kms:Decrypt arn:aws:kms:eu-west-1:100000000006:key/1: allowed
        "#]],
    );
    let mut call = with(call, "aws:SourceVpce", "vpce-other");
    call.answer = Answered::Passed;
    check(
        &call,
        expect![[r#"
            explicitly_denied
            AWS: passed (Some(false): the sources say otherwise; they were read at another time, or the request carried something that is not told (a session policy, a condition key))
            - s3:GetObject arn:aws:s3:::records/a: explicitly_denied
                resource denies
            - kms:Decrypt arn:aws:kms:eu-west-1:100000000006:key/1: allowed
            you: make s3:GetObject from vpce-in: it is allowed from there as policies are
        "#]],
    );
}
