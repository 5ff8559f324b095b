//! Any bytes as a policy that is asked whether it lets anybody outside an organization in: the
//! answer comes in bounded time and is the same twice, a witness replays over the document as it
//! is, and no request tells the document from itself.
#![no_main]

use cofferdam_authz::alone::{Answer, Document, Question, compare, prove};
use cofferdam_org::fact::Known;
use cofferdam_org::model::NamedPolicy;
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::parse::parse;
use cofferdam_text::Documents;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

/// One input of so many, by its length, is compared with itself.
const COMPARED_EACH: usize = 16;

fuzz_mutator!(|bytes: &mut [u8], length: usize, limit: usize, seed: u32| {
    cofferdam_fuzz::mutate::mutate(bytes, length, limit, seed)
});

fuzz_target!(|bytes: &[u8]| {
    let mut documents = Documents::new();
    let Ok(tree) = documents.read_json("policy.json", bytes.to_vec()) else {
        return;
    };
    if tree.get("Statement").is_none() {
        return;
    }
    // One kind an input, always the same for the same input, so that a finding repeats.
    let Some(kind) = PolicyKind::ALL
        .get(bytes.len() % PolicyKind::ALL.len())
        .copied()
    else {
        return;
    };
    let policy = NamedPolicy {
        name: "policy.json".into(),
        document: Known::Present(parse(&tree, kind).0),
        origin: Some(tree.origin),
    };
    let question = Question {
        outside_organizations: vec!["o-abc".to_owned()],
        ..Question::default()
    };
    let document = Document {
        policy: &policy,
        kind,
    };
    let first = outcome(&prove(document, &question).answer);
    assert_eq!(
        first,
        outcome(&prove(document, &question).answer),
        "asked twice, answered otherwise"
    );
    // Comparing asks twice for every kind of caller, and would take most of the time.
    if !bytes.len().is_multiple_of(COMPARED_EACH) {
        return;
    }
    let itself = compare(document, document);
    for side in [itself.only_new, itself.only_old] {
        assert!(
            !matches!(side, Answer::Some(_)),
            "differs from itself: {side:?}"
        );
        outcome(&side);
    }
});

/// The answer in one line. A witness that could not be read or did not replay is a defect.
fn outcome(answer: &Answer) -> String {
    match answer {
        Answer::None => "none".to_owned(),
        Answer::Some(shown) => {
            assert!(
                !shown.request.action.name().contains(['*', '?']),
                "a witness names an action"
            );
            format!("{:?}", shown.request)
        }
        Answer::Undecided(reasons) => {
            let defect = reasons.iter().find(|why| why.contains("please report"));
            assert_eq!(defect, None, "{reasons:?}");
            format!("{reasons:?}")
        }
    }
}
