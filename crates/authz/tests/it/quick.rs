//! The quick answer is the answer with reasons, without them.

use cofferdam_authz::case::Case;
use cofferdam_authz::case::ready::Ready;
use cofferdam_authz::decide::Outcome;
use cofferdam_authz::trace::EffectWord;

use crate::agreement::read;
use crate::random::{self, Random};

fn check(case: &Case) {
    for ready in Ready::worlds(case) {
        let (prepared, asked) = (ready.prepared(), ready.asked());
        let quick = prepared.outcome(&asked);
        let full = prepared.explain(&asked);
        assert_eq!(quick, full.outcome, "{}: {case:#?}", case.name);
        assert_eq!(
            quick,
            prepared.outcome(&asked),
            "{}: asked again",
            case.name
        );
        let denies = full
            .trace
            .statements
            .iter()
            .any(|statement| statement.effect == EffectWord::Deny && statement.certain);
        assert!(
            denies || quick != Outcome::ExplicitlyDenied,
            "{}: no reason",
            case.name
        );
    }
}

#[test]
fn quick_answers_are_those_with_reasons() {
    let mut random = Random::new(0x5eed_fa57);
    for _ in 0..random::count() {
        check(&read(&random::case(&mut random)));
    }
}
