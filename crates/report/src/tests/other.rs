//! Inventory, probes, decisions and diagnostics.

use crate::decision::{CaseError, Decided, Decision, Determining, LayerOutcome, MissingFact};
use crate::style::Style;
use crate::{json, text};
use cofferdam_findings::finding::Step;
use cofferdam_findings::probe::{Expected, Probe};
use cofferdam_text::Documents;
use expect_test::{Expect, expect};

use super::sample::sample;

fn check(expected: Expect, shown: &str) {
    expected.assert_eq(shown);
}

#[test]
fn inventory_text() {
    let (answer, documents) = sample();
    check(
        expect![[r#"
            Dataset customer-records

            arn:aws:s3:::acme-customer-records
              who                                               can         from         approved
              arn:aws:iam::200000000002:role/app/claims-reader  read        claims       ✓ yes
              any principal of another account                  read, list  any network  ✗ no
                  ? hangs on something unknown; if aws:PrincipalTag/team is partner
              each of them only if aws:SecureTransport is true

              networks     claims, any network
              endpoints    vpce-0c1a15
              keys         arn:aws:kms:eu-west-1:100000000005:key/5f0e; checked against the caller
              policy       statement 1 "Partner" of bucket policy of acme-customer-records, at
                           snapshot/100000000006/global/s3api.get-bucket-policy.jsonl:1, decoded and laid out,
                           /Statement/1
              data events  reads ✓ recorded, writes ✗ not recorded; by org-trail; into
                           arn:aws:s3:::acme-log-archive
              ! gap: writes are not recorded

            ! 1 gap in 1 resource
        "#]],
        &text::inventory(&answer.inventory, &documents, Style::PLAIN),
    );
}

#[test]
fn diagnostics_text() {
    let (answer, documents) = sample();
    check(
        expect![[r#"
            error: this policy has a statement without a resource
              --> snapshot/key-policy.json:4
              help: write the `Resource` that the statement is about
        "#]],
        &text::diagnostics(&answer.diagnostics, &documents, Style::PLAIN),
    );
}

fn probe(name: &str, expected: Expected, decision: &'static str, by: &[&'static str]) -> Probe {
    let refused = decision != "allowed";
    Probe {
        name: format!("customer-records: {name}"),
        dataset: "customer-records".into(),
        steps: vec![Step {
            principal: "arn:aws:iam::999900000001:role/etl".into(),
            action: "s3:GetObject".into(),
            resource: "arn:aws:s3:::acme-customer-records/a".into(),
            context: vec![("aws:SourceIp".into(), vec!["203.0.113.7".into()])],
            decision,
            note: None,
            command: Some(
                "aws s3api get-object --bucket acme-customer-records --key a /dev/null".into(),
            ),
        }],
        expected,
        decision,
        refused_by: by.to_vec(),
        as_expected: (expected == Expected::Refused) == refused,
        cases: Vec::new(),
    }
}

fn probes() -> Vec<Probe> {
    vec![
        probe(
            "an account outside the organization reads",
            Expected::Refused,
            "explicitly_denied",
            &["resource_control", "resource"],
        ),
        probe(
            "an unapproved role inside it reads",
            Expected::Refused,
            "implicitly_denied",
            &["resource"],
        ),
        probe("no endpoint", Expected::Refused, "allowed", &[]),
        probe(
            "claims-reader reads from claims",
            Expected::Allowed,
            "allowed",
            &[],
        ),
    ]
}

#[test]
fn probes_text() {
    check(
        expect![[r#"
        Dataset customer-records
          path                                     expected  decided              refused by each of
          an account outside the organization      refused   ✓ explicitly denied  resource control, resource
          reads
          an unapproved role inside it reads       refused   ✓ implicitly denied  ! only resource
          no endpoint                              refused   ✗ allowed            -
          claims-reader reads from claims          allowed   ✓ allowed            -

        ✗ customer-records: no endpoint: allowed
            arn:aws:iam::999900000001:role/etl calls s3:GetObject on arn:aws:s3:::acme-customer-records/a
              aws:SourceIp = 203.0.113.7
            $ aws s3api get-object --bucket acme-customer-records --key a /dev/null

        Held by one layer alone: one mistake there opens the path
          ! customer-records: an unapproved role inside it reads (only resource)

        ✗ 1 of 4 paths not as expected
    "#]],
        &text::probes(&probes(), Style::PLAIN),
    );
}

#[test]
fn probes_json() {
    check(
        expect![[r#"
            {
              "summary": {
                "as_expected": 1,
                "not_as_expected": 0
              },
              "diagnostics": [],
              "probes": [
                {
                  "name": "customer-records: an unapproved role inside it reads",
                  "dataset": "customer-records",
                  "steps": [
                    {
                      "principal": "arn:aws:iam::999900000001:role/etl",
                      "action": "s3:GetObject",
                      "resource": "arn:aws:s3:::acme-customer-records/a",
                      "context": {
                        "aws:SourceIp": "203.0.113.7"
                      },
                      "decision": "implicitly_denied",
                      "command": "aws s3api get-object --bucket acme-customer-records --key a /dev/null"
                    }
                  ],
                  "expected": "refused",
                  "decision": "implicitly_denied",
                  "refused_by": [
                    "resource"
                  ],
                  "held_by_one_layer": true,
                  "as_expected": true
                }
              ]
            }
        "#]],
        &json::probes(&probes()[1..2], &[], &Documents::new()),
    );
}

pub(super) fn decisions() -> Vec<Decided> {
    let made = Decision {
        decision: "undecided",
        layers: vec![
            LayerOutcome {
                layer: "service_control",
                target: Some("r-root".into()),
                outcome: "allows",
            },
            LayerOutcome {
                layer: "identity",
                target: None,
                outcome: "undecided",
            },
        ],
        determining: vec![Determining {
            layer: "identity",
            policy: "inline".into(),
            statement: Some(0),
            sid: Some("Read".into()),
            effect: "Allow",
            pointer: "/identity_policies/0/policy/Statement/0".into(),
            line: Some(12),
        }],
        missing: vec![MissingFact {
            key: "aws:RequestedRegion".into(),
            why: "not given".into(),
        }],
        residual: Some("aws:RequestedRegion is eu-west-1".into()),
        split: Vec::new(),
        expected: Some("allowed".into()),
    };
    let error = CaseError {
        file: Some("cases.json".into()),
        line: Some(3),
        message: "`request.action` is missing: write it as `service:Action`".into(),
    };
    vec![
        Decided {
            name: "reads in one region".into(),
            outcome: Ok(made),
        },
        Decided {
            name: "case 2".into(),
            outcome: Err(error),
        },
    ]
}

#[test]
fn decisions_text() {
    check(
        expect![[r#"
            ? undecided: reads in one region
              layer            attached to  says
              service control  r-root       allows
              identity                      undecided
              - Allow by statement 0 "Read" of inline (identity; line 12,
                /identity_policies/0/policy/Statement/0)
              ? aws:RequestedRegion: not given
              allowed if aws:RequestedRegion is eu-west-1
              ✗ expected allowed

            ! could not be read: case 2
              `request.action` is missing: write it as `service:Action`
              --> cases.json:3

            ✗ 2 cases: 0 as expected, 1 not, 1 could not be read
        "#]],
        &text::decisions(&decisions(), Style::PLAIN),
    );
}

#[test]
fn decisions_json() {
    check(
        expect![[r#"
        {"name":"reads in one region","decision":"undecided","layers":[{"layer":"service_control","target":"r-root","outcome":"allows"},{"layer":"identity","target":null,"outcome":"undecided"}],"determining":[{"layer":"identity","policy":"inline","statement":0,"sid":"Read","effect":"Allow","pointer":"/identity_policies/0/policy/Statement/0","line":12}],"missing":[{"key":"aws:RequestedRegion","why":"not given"}],"residual":"aws:RequestedRegion is eu-west-1","split":[],"expected":"allowed","as_expected":false}
        {"name":"case 2","error":{"severity":"error","file":"cases.json","line":3,"message":"`request.action` is missing: write it as `service:Action`"}}
    "#]],
        &json::decisions(&decisions()),
    );
}
