//! Formulas against the concrete decision, and relations that must hold of every policy.
//!
//! A formula is compiled once and evaluated at many requests; each is decided again over the
//! document. The two share the shape of a statement and no more. `COFFERDAM_CASES` says how many
//! requests are tried.

use std::collections::BTreeMap;

use cofferdam_authz::alone::{self, Answer, Asking, Document, Part, Question};
use cofferdam_authz::concrete::Ternary;
use cofferdam_logic::Model;
use cofferdam_policy::kind::PolicyKind;
use serde_json::{Value, json};

use super::draw::{self, Drawn, Random, Taste};
use super::{policy, relation};

/// Requests per compiled formula.
const EACH: usize = 40;

fn count(quick: usize) -> usize {
    let wanted = std::env::var("COFFERDAM_CASES").ok();
    wanted.and_then(|text| text.parse().ok()).unwrap_or(quick)
}

fn shown(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

/// What the two say of one request; nothing if the values make no request.
fn compared(part: &Part<'_>, random: &mut Random) -> Option<(Ternary, bool, bool, String)> {
    let model = Model::picked(&part.query.problem, &mut Drawn::new(random))?;
    let well_formed = part.query.constraints().iter().all(|one| model.holds(*one));
    if !well_formed {
        return None;
    }
    let request = part.request(&model)?;
    let (must, may) = (model.holds(part.wanted.must), model.holds(part.wanted.may));
    Some((part.decide(&request), must, may, format!("{request:#?}")))
}

fn agree(concrete: Ternary, must: bool, may: bool, exact: bool) -> bool {
    match concrete {
        Ternary::True => may && (must || !exact),
        Ternary::False => !must && (!may || !exact),
        Ternary::Unknown => !must && !exact,
    }
}

#[test]
fn a_formula_is_true_of_a_request_where_the_decision_is() {
    let (mut random, mut tried) = (Random::new(0xa10e), 0);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let wanted = count(20_000);
    while tried < wanted {
        let kind = draw::kind(&mut random);
        let taste = draw::taste(&mut random);
        let old = draw::policy(&mut random, kind, taste);
        let new = draw::policy(&mut random, kind, taste);
        let parsed = [policy(&old, kind), policy(&new, kind)];
        let documents = [0, 1].map(|place| Document {
            policy: &parsed[place],
            kind,
        });
        let question = if random.chance(50) {
            Question::everything()
        } else {
            draw::question(&mut random)
        };
        let asked = if random.chance(50) { 1 } else { 2 };
        let asking = Asking {
            documents: &documents[..asked],
            question: &question,
        };
        asking.each_part(|part| {
            let exact = part.wanted.must == part.wanted.may;
            for _ in 0..EACH {
                let Some((concrete, must, may, request)) = compared(&part, &mut random) else {
                    continue;
                };
                tried += 1;
                *seen.entry(format!("{concrete:?}")).or_default() += 1;
                assert!(
                    agree(concrete, must, may, exact),
                    "decided {concrete:?}, compiled to {must} and {may}\n{request}\n{}\n{}\n{question:?}",
                    shown(&old),
                    shown(&new)
                );
            }
            None::<()>
        });
    }
    // Values that never satisfy a policy, or never leave it open, would test little.
    for outcome in ["True", "False", "Unknown"] {
        let some = seen.get(outcome).copied().unwrap_or_default();
        assert!(some * 1_000 > tried, "{outcome}: {seen:?}");
    }
}

fn compare(old: &Value, new: &Value, kind: PolicyKind) -> (Answer, Answer) {
    let parsed = [policy(old, kind), policy(new, kind)];
    let of = |place: usize| Document {
        policy: &parsed[place],
        kind,
    };
    let found = alone::compare(of(0), of(1));
    for answer in [&found.only_new, &found.only_old] {
        if let Answer::Undecided(reasons) = answer {
            let defect = reasons.iter().any(|why| why.contains("please report"));
            assert!(!defect, "{reasons:?}\n{}\n{}", shown(old), shown(new));
        }
    }
    (found.only_new, found.only_old)
}

fn each(seed: u64, quick: usize, property: impl Fn(&mut Random, PolicyKind, &Value)) {
    let mut random = Random::new(seed);
    for _ in 0..count(quick * 100) / 100 {
        let kind = draw::kind(&mut random);
        let taste = draw::taste(&mut random);
        let policy = draw::policy(&mut random, kind, taste);
        property(&mut random, kind, &policy);
    }
}

/// Whether a part of the policy could not be read: AWS would not store it.
fn is_readable(value: &Value) -> bool {
    !value.to_string().contains("NotPrincipal")
}

#[test]
fn every_policy_is_equivalent_to_itself() {
    each(1, 60, |_, kind, value| {
        let (new, old) = compare(value, value, kind);
        if is_readable(value) {
            assert_eq!(
                relation(&new, &old),
                "equivalent",
                "{new:?}\n{}",
                shown(value)
            );
        }
    });
}

#[test]
fn a_further_allow_is_never_narrower_and_a_further_deny_never_wider() {
    each(2, 60, |random, kind, value| {
        let mut more = value.clone();
        let added = draw::statement(random, kind, Taste::Mixed);
        more["Statement"]
            .as_array_mut()
            .unwrap()
            .push(added.clone());
        let (only_new, only_old) = compare(value, &more, kind);
        let wrong = if added["Effect"] == "Allow" {
            only_old
        } else {
            only_new
        };
        assert!(
            !matches!(wrong, Answer::Some(_)),
            "{wrong:?}\n{}",
            shown(&more)
        );
    });
}

#[test]
fn both_directions_of_a_comparison_are_those_of_its_opposite() {
    each(3, 40, |random, kind, value| {
        let mutant = draw::mutant(random, value);
        let (new, old) = compare(value, &mutant, kind);
        let (back_new, back_old) = compare(&mutant, value, kind);
        assert_eq!(
            relation(&new, &old),
            relation(&back_old, &back_new),
            "{}\n{}",
            shown(value),
            shown(&mutant)
        );
    });
}

#[test]
fn what_is_proved_stays_proved_under_a_further_deny_and_a_narrower_question() {
    each(4, 60, |random, kind, value| {
        let question = draw::question(random);
        let proved = |value: &Value, question: &Question| {
            let parsed = policy(value, kind);
            let document = Document {
                policy: &parsed,
                kind,
            };
            matches!(alone::prove(document, question).answer, Answer::None)
        };
        if !proved(value, &question) {
            return;
        }
        let mut more = value.clone();
        let mut added = draw::statement(random, kind, Taste::Mixed);
        added["Effect"] = json!("Deny");
        more["Statement"].as_array_mut().unwrap().push(added);
        assert!(proved(&more, &question), "{question:?}\n{}", shown(&more));
        let mut narrower = question.clone();
        narrower
            .outside_accounts
            .push("999900000001".parse().unwrap());
        assert!(proved(value, &narrower), "{narrower:?}\n{}", shown(value));
    });
}
