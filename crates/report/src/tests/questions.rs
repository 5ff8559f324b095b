//! Stories, who can, and what one can: a page each, and their schemas.

use cofferdam_findings::alone::{Comparison, Difference, Proof};
use cofferdam_findings::finding::{Missing, Reason, Step, Verdict};
use cofferdam_findings::inventory::Access;
use cofferdam_findings::reach::{Becomes, Can, Reached, WhoCan};
use cofferdam_findings::story::{AwsSaid, Change, LayerTold, Story, Told};
use cofferdam_text::{Diagnostic, Documents};
use expect_test::expect;

use super::schema::check;
use crate::style::Style;
use crate::{json, text};

const WHO_CAN: &str = include_str!("../../../cli/schemas/who-can.json");
const CAN: &str = include_str!("../../../cli/schemas/can.json");
const PROOF: &str = include_str!("../../../cli/schemas/proof.json");
const COMPARISON: &str = include_str!("../../../cli/schemas/comparison.json");
const EXPLANATION: &str = include_str!("../../../cli/schemas/explanation.json");

fn layer(layer: &'static str, target: &str, outcome: &'static str) -> LayerTold {
    LayerTold {
        layer,
        target: target.to_owned(),
        outcome,
    }
}

fn story() -> Story {
    let step = Step {
        principal: "arn:aws:iam::111122223333:user/u".to_owned(),
        action: "s3:GetObject".to_owned(),
        resource: "arn:aws:s3:::records/a".to_owned(),
        context: vec![("aws:SecureTransport".to_owned(), vec!["true".to_owned()])],
        decision: "explicitly_denied",
        note: None,
        command: None,
    };
    let told = Told {
        what: "the caller's request".to_owned(),
        step,
        from: Some("the internet".to_owned()),
        there: "explicitly_denied",
        places: vec![
            ("the internet".to_owned(), "explicitly_denied"),
            ("vpce-1".to_owned(), "implicitly_denied"),
        ],
        layers: vec![
            layer("service_control", "r-1", "allows"),
            layer("service_control", "ou-1", "allows"),
            layer("service_control", "111122223333", "denies"),
            layer("identity", "", "does_not_allow"),
        ],
        because: Vec::new(),
    };
    let change = |yours, layer, owner: &str, what: &str| Change {
        yours,
        owner: owner.to_owned(),
        layer: Some(layer),
        what: what.to_owned(),
    };
    Story {
        title: "u calls s3:GetObject".to_owned(),
        decision: "explicitly_denied",
        aws: Some(AwsSaid {
            words: "refused, without a reason".to_owned(),
            policy: None,
            agrees: Some(true),
            why: "the sources refuse it too".to_owned(),
        }),
        requests: vec![told],
        changes: vec![
            change(true, "identity", "account 111122223333", "allow it"),
            change(
                false,
                "service_control",
                "the organization's administrators",
                "except u",
            ),
        ],
        missing: vec![Missing {
            key: "s3:GetObject".to_owned(),
            why: "aws:SourceIp was not given".to_owned(),
            origin: None,
        }],
        notes: vec!["taken to be made over TLS".to_owned()],
    }
}

#[test]
fn a_story_says_what_to_do_last() {
    expect![[r#"
        ✗ explicitly denied: u calls s3:GetObject
          Taken to be made over TLS.

          AWS said: refused, without a reason
            ✓ The sources refuse it too.

          s3:GetObject on arn:aws:s3:::records/a
          the caller's request
          ✗ explicitly denied
            ✗ from the internet: explicitly denied
            ✗ from vpce-1: implicitly denied

            From the internet

            layer            attached to   says
            service control  r-1 to ou-1   allows
            service control  111122223333  denies
            identity                       does not allow

          What is not known
            ? s3:GetObject: aws:SourceIp was not given

          The smallest change
            you can: allow it (identity, account 111122223333)
            ask the organization's administrators to except u (service control)
    "#]]
    .assert_eq(&text::stories(&[story()], &Documents::new(), Style::PLAIN));
}

fn who() -> WhoCan {
    let access = |principal: &str, certain, conditions: &[&str]| Access {
        principal: principal.to_owned(),
        can: vec!["s3:GetObject".to_owned()],
        from: vec!["vpce-1".to_owned()],
        approved: None,
        certain,
        conditions: conditions.iter().map(ToString::to_string).collect(),
    };
    let principals = vec![
        access("role/a", true, &["aws:SecureTransport is true"]),
        access(
            "role/b",
            false,
            &["aws:SecureTransport is true", "unknown: its policies"],
        ),
    ];
    WhoCan {
        action: "s3:GetObject".to_owned(),
        resource: "arn:aws:s3:::records/*".to_owned(),
        keys: vec!["arn:aws:kms:eu-west-1:111122223333:key/1".to_owned()],
        shown: principals.clone(),
        principals,
        unclear: vec!["role/c: a limit was reached".to_owned()],
        notes: vec!["asked of everything under arn:aws:s3:::records/".to_owned()],
    }
}

#[test]
fn who_can_has_a_row_each() {
    expect![[r#"
        Who can s3:GetObject on arn:aws:s3:::records/*
          Asked of everything under arn:aws:s3:::records/.

          who     from
          role/a  vpce-1
          role/b  vpce-1
              ? hangs on something unknown; if unknown: its policies

          Each of them only if aws:SecureTransport is true.

          key  arn:aws:kms:eu-west-1:111122223333:key/1, whose use by the caller is part of the answer

          What could not be told
            ? role/c: a limit was reached
    "#]].assert_eq(&text::who_can(&who(), Style::PLAIN));
    let nobody = WhoCan {
        action: "s3:GetObject".to_owned(),
        resource: "*".to_owned(),
        ..WhoCan::default()
    };
    expect![[r#"
        Who can s3:GetObject on *

          ✓ Nobody can.
    "#]]
    .assert_eq(&text::who_can(&nobody, Style::PLAIN));
}

fn can() -> Can {
    let reached = |resource: &str, can: &[&str], condition: &str| Reached {
        resource: resource.to_owned(),
        can: can.iter().map(ToString::to_string).collect(),
        from: vec!["any network".to_owned()],
        certain: condition.is_empty(),
        conditions: Some(condition.to_owned())
            .filter(|one| !one.is_empty())
            .into_iter()
            .collect(),
    };
    Can {
        principal: "role/a".to_owned(),
        things: vec![
            reached("arn:aws:s3:::records", &["read", "list"], ""),
            reached(
                "arn:aws:s3:::records",
                &["write"],
                "unknown: the bucket's ACL",
            ),
            reached("arn:aws:s3:::other", &["read"], ""),
        ],
        roles: vec![Becomes {
            role: "role/b".to_owned(),
            through: vec!["role/c".to_owned()],
            from: vec!["the internet".to_owned()],
            certain: true,
            conditions: vec!["sts:ExternalId such as x".to_owned()],
        }],
        unclear: Vec::new(),
    }
}

#[test]
fn what_one_can_is_told_thing_by_thing() {
    expect![[r#"
        What role/a can do

          Stores and keys
            arn:aws:s3:::records
              - read, list from any network
              - write from any network
                ? unknown: the bucket's ACL
            arn:aws:s3:::other
              - read from any network

          Roles that it can assume
            role/b
              - through role/c, from the internet
                if sts:ExternalId such as x
            1 role, 1 of them through another; `cofferdam can ROLE` shows what each reaches.
    "#]]
    .assert_eq(&text::can(&can(), Style::PLAIN));
}

#[test]
fn answers_agree_with_their_schemas() {
    let documents = Documents::new();
    check(WHO_CAN, &json::who_can(&who(), &[], &documents));
    check(CAN, &json::can(&can(), &[], &documents));
    check(
        EXPLANATION,
        &json::stories(
            &[
                story(),
                Story {
                    decision: "allowed",
                    ..Story::default()
                },
            ],
            &[],
            &documents,
        ),
    );
}

fn step() -> Step {
    Step {
        principal: "anonymous".to_owned(),
        action: "s3:GetObject".to_owned(),
        resource: "arn:aws:s3:::records/a".to_owned(),
        context: vec![(
            "aws:TagKeys".to_owned(),
            vec!["a".to_owned(), "b".to_owned()],
        )],
        decision: "allowed",
        note: None,
        command: None,
    }
}

fn reason() -> Reason {
    Reason {
        document: "policy.json".to_owned(),
        layer: "",
        statement: Some(2),
        sid: None,
        effect: "Allow".to_owned(),
        origin: None,
    }
}

#[test]
fn proofs_and_comparisons_agree_with_their_schemas() {
    let mut proof = Proof {
        verdict: Verdict::Violated,
        witness: Some(step()),
        because: vec![reason()],
        vacuous: false,
        assumptions: vec!["AWS adds such an action".to_owned()],
        missing: Vec::new(),
        elapsed_us: 410,
    };
    let documents = Documents::new();
    check(PROOF, &json::proof(&proof, &[], &documents));
    proof.verdict = Verdict::Undecided;
    proof.witness = None;
    let unread = [Diagnostic::in_file("policy.json", "this cannot be read")];
    check(PROOF, &json::proof(&proof, &unread, &documents));
    let comparison = Comparison {
        only_new: Difference::Some(Box::new(step()), true, vec![reason()]),
        only_old: Difference::Undecided(vec!["the step budget ran out".to_owned()]),
        elapsed_us: 410,
    };
    check(
        COMPARISON,
        &json::comparison(&comparison, &unread, &documents),
    );
}
