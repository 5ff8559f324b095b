//! What must hold of every case: readings agree, denials only deny, allowances only allow, and what
//! is decided without a fact stays decided with it.

use cofferdam_authz::case::{self, Split};
use cofferdam_authz::decide::Outcome;
use serde_json::{Value, json};

use crate::agreement::{decided, read};
use crate::random::{self, Random};

/// Each property is tried on a share of the cases that the plain evaluator is tried on: the solver
/// is asked several times a case.
const SHARE: usize = 3;

fn check(seed: u64, property: impl Fn(&mut Random, &Value)) {
    let mut random = Random::new(seed);
    for _ in 0..random::count() / SHARE {
        let value = random::case(&mut random);
        property(&mut random, &value);
    }
}

#[test]
fn the_symbolic_reading_fixed_to_one_request_agrees_with_the_concrete_one() {
    check(1, |_, value| {
        let answer = decided(value);
        let possible = case::possible(&read(value));
        // Only an unsigned request may be doubted after both readings.
        let doubted = value["request"]["principal"] == "anonymous";
        if answer.outcome == Outcome::Undecided {
            assert!(doubted || possible.len() > 1, "{possible:?}\n{value:#}");
        } else {
            assert_eq!(possible, [answer.outcome], "{value:#}");
        }
    });
}

#[test]
fn what_is_decided_without_a_key_stays_decided_with_it() {
    check(2, |random, value| {
        let mut open = value.clone();
        open["strict"] = json!(false);
        let decision = decided(&open).outcome;
        if decision == Outcome::Undecided {
            return;
        }
        for _ in 0..4 {
            let mut closed = value.clone();
            complete(random, &mut closed);
            let answer = decided(&closed).outcome;
            assert_eq!(
                answer, decision,
                "{open:#}\nclosed by {}",
                closed["request"]
            );
        }
    });
}

/// Gives some of the keys that are not given; those of the network exclude each other.
fn complete(random: &mut Random, case: &mut Value) {
    let given = case["request"]["context"].clone();
    let through = case.get("endpoint_policies").is_some();
    let principal = case["request"]["principal"].as_str().unwrap().to_owned();
    let tagged = case["principal"].get("tags").is_some();
    let public = given.get("aws:SourceIp").is_some();
    let further = random::context(random);
    let context = case["request"]["context"].as_object_mut().unwrap();
    // Every request has these.
    for (key, value) in [
        ("aws:CurrentTime", "2025-01-01T00:00:00Z"),
        ("aws:SecureTransport", *random.pick(&["true", "false"])),
    ] {
        if given.get(key).is_none() {
            let value = further.get(key).cloned().unwrap_or(json!(value));
            context.insert(key.to_owned(), value);
        }
    }
    for (key, value) in further.as_object().unwrap() {
        let hidden = match key.as_str() {
            "aws:SourceIp" => {
                let private = ["aws:SourceVpce", "aws:SourceVpc"];
                through || private.iter().any(|key| context.contains_key(*key))
            }
            "aws:SourceVpce" | "aws:SourceVpc" => {
                through || public || context.contains_key("aws:SourceIp")
            }
            // What follows from the resource's ARN or the kind of caller is not open.
            "aws:RequestedRegion" => true,
            "aws:SourceArn" => !principal.ends_with(".amazonaws.com"),
            "aws:MultiFactorAuthPresent" | "aws:PrincipalTag/team" => {
                !principal.starts_with("arn:") || principal.ends_with(":root")
            }
            _ => false,
        };
        // A block that states tags states all of them.
        let stated = key.starts_with("aws:PrincipalTag/") && tagged;
        if given.get(key).is_none() && !hidden && !stated {
            context.insert(key.clone(), value.clone());
        }
    }
}

#[test]
fn a_further_deny_never_allows_more() {
    check(3, |random, value| {
        let (before, place) = (decided(value).outcome, *random.pick(&LAYERS));
        let mut after = value.clone();
        let added = random::statement_of(random, place, "Deny");
        if !add(&mut after, place, added) {
            return;
        }
        if decided(&after).outcome == Outcome::Allowed {
            assert_eq!(before, Outcome::Allowed, "{value:#}\nafter\n{after:#}");
        }
        if before == Outcome::ExplicitlyDenied {
            assert_eq!(
                decided(&after).outcome,
                before,
                "{value:#}\nafter\n{after:#}"
            );
        }
    });
}

#[test]
fn a_further_allow_of_an_identity_policy_never_denies_more() {
    check(4, |random, value| {
        let before = decided(value).outcome;
        let mut after = value.clone();
        let place = "identity_policies";
        let added = random::statement_of(random, place, "Allow");
        assert!(add(&mut after, place, added));
        let after = decided(&after).outcome;
        match before {
            Outcome::Allowed | Outcome::ExplicitlyDenied => assert_eq!(after, before, "{value:#}"),
            _ => assert_ne!(after, Outcome::ExplicitlyDenied, "{value:#}"),
        }
    });
}

#[test]
fn what_is_decided_for_every_resource_is_decided_for_each() {
    check(5, |_, value| {
        let resource = value["request"]["resource"].as_str().unwrap();
        let Some((before, _)) = resource.rsplit_once(['/', ':']) else {
            return;
        };
        let mut many = value.clone();
        many["request"]["resource"] = json!(format!("{}*", &resource[..=before.len()]));
        let answer = decided(&many);
        if answer.outcome != Outcome::Undecided {
            assert_eq!(
                decided(value).outcome,
                answer.outcome,
                "{many:#}\nfor {resource}"
            );
        }
        // A key of S3 may be a star, which a case would take for a wildcard.
        let plain = |split: &Split| !split.resource.contains(['*', '?']);
        for split in answer.split.into_iter().filter(plain) {
            let mut one = value.clone();
            one["request"]["resource"] = json!(split.resource);
            assert_eq!(decided(&one).outcome, split.outcome, "{one:#}");
        }
    });
}

const LAYERS: [&str; 6] = [
    "identity_policies",
    "permission_boundaries",
    "session_policies",
    "service_control_policies",
    "resource_control_policies",
    "resource_policy",
];

/// Adds a statement to the first document of a layer; false if the case has none there.
fn add(case: &mut Value, layer: &str, statement: Value) -> bool {
    let document = match layer {
        "resource_policy" => case.pointer_mut("/resource_policy"),
        "service_control_policies" | "resource_control_policies" => {
            case.pointer_mut(&format!("/{layer}/0/policies/0/policy"))
        }
        _ => case.pointer_mut(&format!("/{layer}/0/policy")),
    };
    let Some(document) = document else {
        return false;
    };
    let list = &mut document["Statement"];
    if !list.is_array() {
        *list = json!([list.clone()]);
    }
    list.as_array_mut().unwrap().push(statement);
    true
}
