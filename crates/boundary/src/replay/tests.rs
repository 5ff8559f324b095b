//! What only the sources know of a call, and which changes matter to it.

use cofferdam_authz::call::{Answered, Call};
use cofferdam_authz::concrete::Context;
use cofferdam_names::ActionName;
use cofferdam_org::change::{Change, Timeline, Touches};
use cofferdam_org::fact::Facts;

use super::*;

fn told(principal: &str, action: &str, resource: &str) -> Told {
    Told {
        call: Call {
            principal: principal.to_owned(),
            name: ActionName::parse(action).unwrap(),
            resource: Some(resource.to_owned()),
            context: Context::new(),
            forwarded_by: None,
            parameters: Default::default(),
            answer: Answered::Passed,
            notes: Vec::new(),
        },
        only_account: false,
        unique_id: None,
        network_activity: false,
    }
}

fn change(at: i64, touches: Touches) -> Change {
    Change {
        at,
        time: "then".into(),
        call: "iam:AttachRolePolicy".into(),
        event: "e".into(),
        touches,
        edits: Vec::new(),
    }
}

/// What is known at 10, of a change at 50 and sources of 100.
#[track_caller]
fn check(touches: Touches, expected: bool) {
    let org = Organization::default();
    let told = told(
        "arn:aws:sts::111122223333:assumed-role/app/s",
        "s3:GetObject",
        "arn:aws:s3:::b/k",
    );
    let timeline = Timeline::new(vec![change(50, touches.clone())], Some(100), &Facts::new());
    let relevant = Relevant::of(&org, &told.call, &timeline);
    let matters = relevant.then(&timeline, 10) != Then::AsRead;
    assert_eq!(matters, expected, "{touches:?}");
}

#[test]
fn which_changes_matter_to_a_read_by_a_role() {
    let account = |text: &str| text.parse().unwrap();
    let (own, other) = (account("111122223333"), account("444455556666"));
    check(Touches::Role(own, "app".into()), true);
    check(Touches::Role(own, "other".into()), false);
    check(Touches::Role(other, "app".into()), false);
    check(Touches::User(own, "mia".into()), false);
    check(Touches::Account(own), true);
    check(Touches::Account(other), false);
    check(Touches::Resource("arn:aws:s3:::b".into()), true);
    check(Touches::Resource("arn:aws:s3:::bb".into()), false);
    check(Touches::Organization, true);
    check(Touches::Endpoint("vpce-1".into()), true);
}

#[test]
fn a_change_after_the_event_and_the_sources_does_not_matter() {
    let told = told(
        "arn:aws:iam::111122223333:user/mia",
        "s3:GetObject",
        "arn:aws:s3:::b/k",
    );
    let org = Organization::default();
    let timeline = Timeline::new(
        vec![change(150, Touches::Organization)],
        Some(100),
        &Facts::new(),
    );
    let relevant = Relevant::of(&org, &told.call, &timeline);
    assert_eq!(relevant.then(&timeline, 10), Then::AsRead);
    assert_ne!(relevant.then(&timeline, 300), Then::AsRead);
    assert_ne!(
        relevant.then(&timeline, 155),
        Then::AsRead,
        "within a minute"
    );
}

#[test]
fn nothing_is_decided_of_a_caller_that_is_not_told() {
    let org = Organization::default();
    let mut told = told(
        "arn:aws:iam::999900000001:root",
        "s3:GetObject",
        "arn:aws:s3:::b/k",
    );
    told.only_account = true;
    let compared = compare(&org, &told, &Session::Unknown);
    assert_eq!(compared.verdict, Verdict::Undecided);
    told.call.answer = Answered::NotTold;
    let compared = compare(&org, &told, &Session::Unknown);
    assert_eq!(compared.verdict, Verdict::NoDecision);
}

/// Whether two reads of the same role are of one kind, where policies test these.
#[track_caller]
fn alike(policy: &str, one: (&str, &str), other: (&str, &str), expected: bool) {
    let mut documents = cofferdam_text::Documents::new();
    let node = documents.read_json("policy.json", policy.into()).unwrap();
    let kind = cofferdam_policy::kind::PolicyKind::Resource;
    let (policy, _) = cofferdam_policy::parse::parse(&node, kind);
    let mut likeness = Likeness::default();
    likeness.add(&policy);
    let mut class = |(object, address): (&str, &str)| {
        let session = format!("arn:aws:sts::111122223333:assumed-role/app/{object}");
        let mut told = told(
            &session,
            "s3:GetObject",
            &format!("arn:aws:s3:::b/{object}"),
        );
        let address = vec![address.into()];
        told.call
            .context
            .insert(key("aws:SourceIp").unwrap(), address);
        likeness.class(&told.call)
    };
    assert_eq!(class(one) == class(other), expected, "{one:?} {other:?}");
}

#[test]
fn calls_are_alike_that_no_policy_tells_apart() {
    let by = |resource: &str, condition: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "{resource}", "Condition": {condition}}}]}}"#
        )
    };
    let (all, some) = ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/*");
    let (one, other) = (("x/1", "203.0.113.7"), ("y/2", "198.51.100.9"));
    alike(&by(all, "{}"), one, other, true);
    alike(&by(some, "{}"), one, other, false);
    alike(&by(some, "{}"), one, ("x/2", "198.51.100.9"), true);
    let office = r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#;
    alike(&by(all, office), one, other, false);
    alike(&by(all, office), one, ("y/2", "203.0.113.99"), true);
    let named = r#"{"StringLike": {"aws:userid": "*"}}"#;
    alike(&by(all, named), one, ("y/2", "203.0.113.7"), false);
    alike(
        &by("arn:aws:s3:::b/${aws:PrincipalTag/team}/*", "{}"),
        one,
        other,
        false,
    );
}
