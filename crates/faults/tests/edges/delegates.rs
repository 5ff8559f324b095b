//! A delegate is as strong as its registration says, for that service, and never stronger than the
//! management account lets any member be.

use cofferdam_boundary::cast::Cast;
use cofferdam_boundary::file::Boundary;
use cofferdam_boundary::obligations::Context;
use cofferdam_faults::catalogue::edge;
use cofferdam_faults::closure::{Closure, Mode};
use cofferdam_faults::decide::{Decider, Truth};
use cofferdam_faults::fault::start;
use cofferdam_faults::power::Power;
use cofferdam_faults::setting::{Actor, Setting};

use crate::each::truth;

const CALLER: &str = "arn:aws:iam::200000000002:role/caller";
const SET: &str = "arn:aws:sso:::permissionSet/ssoins-1/ps-1";

fn organization(head: &str, units: &str, statements: &str, rest: &str) -> String {
    format!(
        r#"
organization: {{id: o-acme1a2b3c, management: "100000000001"{head}}}
units: {{r-1: {{}}, ou-1: {{parent: r-1, name: work{units}}}}}
accounts:
  "100000000001": {{name: management, parent: r-1}}
  "200000000002": {{name: security, parent: ou-1}}
  "200000000003": {{name: other, parent: ou-1}}
roles:
  200000000002/caller: {{trust: [{{Effect: Allow, Principal: {{Service: macie.amazonaws.com}}, Action: "sts:AssumeRole"}}], inline: {{may: [{statements}]}}}}
  100000000001/inner: {{trust: [{{Effect: Allow, Principal: {{Service: macie.amazonaws.com}}, Action: "sts:AssumeRole"}}]}}
  200000000003/outer: {{trust: [{{Effect: Allow, Principal: {{Service: macie.amazonaws.com}}, Action: "sts:AssumeRole"}}]}}
{rest}
"#
    )
}

const EVERYTHING: &str = r#"{Effect: Allow, Action: "*", Resource: "*"}"#;

fn registered(service: &str) -> String {
    format!("delegates: {{\"200000000002\": {{services: [{service}]}}}}\n")
}

#[track_caller]
fn check(what: &str, id: &str, text: &str, expected: Truth) {
    let edge = edge(id).expect("an edge");
    assert_eq!(truth(text, CALLER, edge), expected, "{what}: {id}\n{text}");
}

const STACKSETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";

/// "Delegated administrator for AWS services that work with Organizations": for the registered
/// service only, and under the guardrails of a member.
#[test]
fn one_service_is_not_another() {
    let with = |service: &str| organization("", "", EVERYTHING, &registered(service));
    check("its service", "A43.1", &with(STACKSETS), Truth::Certain);
    check(
        "another service",
        "A43.1",
        &with("sso.amazonaws.com"),
        Truth::No,
    );
    check(
        "and not AWS Organizations itself",
        "B01.1",
        &with(STACKSETS).replace("units: {", "policies: {stop: [{Effect: Deny, Action: \"a4b:GetRoom\", Resource: \"*\"}]}\nunits: {"),
        Truth::No,
    );
    let elsewhere = registered(STACKSETS).replace("200000000002", "200000000003");
    let elsewhere = organization("", "", EVERYTHING, &elsewhere);
    check("another account", "A43.1", &elsewhere, Truth::No);
    let rest = registered(STACKSETS)
        + "policies: {stop: [{Effect: Deny, Action: \"cloudformation:*\", Resource: \"*\"}]}\n";
    let bound = organization("", ", scp: [FullAWSAccess, stop]", EVERYTHING, &rest);
    check("a guardrail binds it", "A43.1", &bound, Truth::No);
}

fn set(assigned: &str) -> String {
    registered("sso.amazonaws.com")
        + &format!(
            "permission-sets: {{\"{SET}\": {{name: Admin, assignments: [{{AccountId: \"{assigned}\", PrincipalType: GROUP, PrincipalId: g-1}}]}}}}\n"
        )
}

/// "Delegated administration" (IAM Identity Center): permission sets of the management account stay
/// with the management account.
#[test]
fn permission_sets_of_the_management_account() {
    let text = |assigned: &str| organization("", "", EVERYTHING, &set(assigned));
    check(
        "of a member",
        "A35.1",
        &text("200000000003"),
        Truth::Certain,
    );
    check(
        "of the management account",
        "A35.1",
        &text("100000000001"),
        Truth::No,
    );
    let untold = text("200000000003")
        + &format!("unknown: [\"permission-set {SET} Assignments: refused\"]\n");
    check("not told", "A35.1", &untold, Truth::Possible);
}

/// What the caller becomes by one edge alone.
fn becomes(text: &str, id: &str) -> Vec<String> {
    let edge = edge(id).expect("an edge");
    let org = cofferdam_fixture::organization(text);
    let boundary = Boundary::default();
    let cast = Cast::of(&org);
    let setting = Setting::new(Context {
        org: &org,
        boundary: &boundary,
        cast: &cast,
        as_of: None,
    });
    let caller = org.place_of(CALLER).expect("the caller");
    let edges = std::slice::from_ref(edge);
    let decider = Decider::new(&setting, edges).expect("an engine");
    let mut state = start(&setting, &[Power::Is(Actor::Existing(caller))]);
    Closure::new(&decider, edges).close(&mut state, Mode::Certain);
    let actors = state.actors().filter_map(|actor| setting.principal(actor));
    actors.map(|one| one.arn.resource().to_owned()).collect()
}

/// "Service-managed permissions for StackSets": nothing is deployed to the management account.
#[test]
fn the_management_account_is_out_of_reach() {
    let text = organization("", "", EVERYTHING, &registered(STACKSETS));
    let mut found = becomes(&text, "A43.1");
    found.sort();
    assert_eq!(found, ["role/caller", "role/outer"]);
}

/// "Resource-based delegation policy": it names who may do what, and nobody else may.
#[test]
fn the_policy_of_the_organization() {
    let stop = "policies: {stop: [{Effect: Deny, Action: \"a4b:GetRoom\", Resource: \"*\"}]}\n";
    let with = |policy: &str| {
        let head = format!(", policy: [{policy}]");
        organization(&head, "", EVERYTHING, stop)
    };
    let grant = |to: &str, action: &str, more: &str| {
        format!(
            r#"{{Effect: Allow, Principal: {{AWS: "{to}"}}, Action: "{action}", Resource: "*"{more}}}"#
        )
    };
    let detach = "organizations:DetachPolicy";
    let own = grant("200000000002", detach, "");
    check("the account", "B01.1", &with(&own), Truth::Certain);
    check(
        "the role",
        "B01.1",
        &with(&grant(CALLER, detach, "")),
        Truth::Certain,
    );
    check(
        "another account",
        "B01.1",
        &with(&grant("200000000003", detach, "")),
        Truth::No,
    );
    check("another action", "B02", &with(&own), Truth::No);
    check("one of two actions", "B01.2", &with(&own), Truth::No);
    let only = r#", Condition: {StringEquals: {"organizations:PolicyType": [TAG_POLICY]}}"#;
    check(
        "under a condition",
        "B01.1",
        &with(&grant("200000000002", detach, only)),
        Truth::Possible,
    );
    let denied = own.clone() + ", " + &own.replace("Allow", "Deny");
    check("denied", "B01.1", &with(&denied), Truth::No);
    let untold = with(&own) + "unknown: [\"organization o-acme1a2b3c ResourcePolicy: refused\"]\n";
    check("not told", "B01.1", &untold, Truth::Possible);
    let outside = r#"{Effect: Allow, Action: "s3:*", Resource: "*"}"#;
    let head = format!(", policy: [{own}]");
    let outside = organization(&head, "", outside, stop);
    check(
        "its own policies do not allow it",
        "B01.1",
        &outside,
        Truth::No,
    );
}
