//! The product against the plain evaluator, on random cases.

use cofferdam_authz::case::{self, Answer, Case};
use cofferdam_sources::case::parse;
use cofferdam_text::Documents;
use serde_json::Value;

use crate::naive;
use crate::random::{self, Random};

/// A case that was made as JSON.
pub fn read(value: &Value) -> Case {
    let mut documents = Documents::new();
    let bytes = value.to_string().into_bytes();
    let mut read = parse(&mut documents, "random", bytes).unwrap();
    let read = read.remove(0);
    read.unwrap_or_else(|why| panic!("{}: {value:#}", why.diagnostic.message))
        .case
}

/// Decides a case that was made as JSON.
pub fn decided(value: &Value) -> Answer {
    case::decide(&read(value))
}

#[test]
fn the_product_decides_as_the_plain_evaluator_does() {
    let mut random = Random::new(0xc0ff_e7da);
    let mut seen = std::collections::BTreeMap::new();
    for number in 0..random::count() {
        let value = random::case(&mut random);
        let (expected, answer) = (naive::decide(&value), decided(&value));
        *seen.entry(expected).or_insert(0) += 1;
        assert_eq!(
            answer.outcome.word(),
            expected,
            "case {number}\n{value:#}\n{:#?}",
            answer.layers
        );
    }
    // A generator whose cases all end alike tests nothing.
    for outcome in [
        "allowed",
        "implicitly_denied",
        "explicitly_denied",
        "undecided",
    ] {
        let count = seen.get(outcome).copied().unwrap_or_default();
        assert!(count * 40 > random::count(), "{outcome}: {seen:?}");
    }
}
