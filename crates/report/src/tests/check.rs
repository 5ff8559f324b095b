//! The answer of `check` in each format.

use crate::baseline::Baseline;
use crate::json::{self, Tool};
use crate::style::Style;
use crate::text;
use cofferdam_text::{Documents, Node};
use expect_test::{Expect, expect};

use super::sample::sample;

fn tool() -> Tool {
    Tool {
        version: "1.2.3".into(),
        facts_as_of: "2026-11-20".into(),
    }
}

fn check(expected: Expect, shown: &str) {
    expected.assert_eq(shown);
}

#[test]
fn text_for_people() {
    let (answer, documents) = sample();
    check(
        expect![[r#"
            Organization o-acme1a2b3c, captured 2026-11-22T08:00:00Z, exceptions judged as of 2026-11-22
            Read from snapshot

            ✗ VIOLATED  identity.outside-organization  customer-records (read) ──────────────────────── critical
              Someone outside the organization can read objects of customer-records.
              owner data-platform, finding identity.outside-organization:customer-records:read

              Cause 1 of 1: bucket policy of acme-customer-records
                Lets 1,412 principals through, such as arn:aws:iam::999900000001:role/etl

                These requests
                  1. arn:aws:sts::999900000001:assumed-role/etl/night
                     calls s3:GetObject on arn:aws:s3:::acme-customer-records/2026/a b.csv
                     with aws:SourceIp = 203.0.113.7
                     is allowed
                  2. arn:aws:sts::999900000001:assumed-role/etl/night
                     calls kms:Decrypt on arn:aws:kms:eu-west-1:100000000005:key/5f0e
                     with kms:ViaService = s3.eu-west-1.amazonaws.com
                     is allowed (made by Amazon S3 on the caller's behalf)
                  $ aws s3api get-object --bucket acme-customer-records --key '2026/a b.csv' /dev/null

                Because of
                  statement 1 "Partner" of the bucket policy of acme-customer-records (resource)
                     ╭▸ snapshot/100000000006/global/s3api.get-bucket-policy.jsonl:1, decoded and laid out, /Statement/1
                     │
                  13 │ ┏ {
                  14 │ ┃   "Sid": "Partner",
                  15 │ ┃   "Effect": "Allow",
                  16 │ ┃   "Principal": {
                  17 │ ┃     "AWS": "*"
                  18 │ ┃   },
                  19 │ ┃   "Action": [
                  20 │ ┃     "s3:GetObject",
                  21 │ ┃     "s3:ListBucket"
                  22 │ ┃   ],
                  23 │ ┃   "Resource": "arn:aws:s3:::acme-customer-records/*",
                  24 │ ┃   "Condition": {
                  25 │ ┃     "StringEquals": {
                  26 │ ┃       "aws:PrincipalTag/team": "partner"
                  27 │ ┃     }
                  28 │ ┃   }
                  29 │ ┃ }
                     ╰╴┗━┛ this allows it
                  statement 0 "Use" of the policy of key 5f0e (key policy)
                     ╭▸ snapshot/key-policy.json:4
                     │
                   4 │ ┏ {
                   5 │ ┃   "Sid": "Use",
                   6 │ ┃   "Effect": "Allow",
                   7 │ ┃   "Principal": "*",
                   8 │ ┃   "Action": "kms:Decrypt",
                   9 │ ┃   "Resource": "*"
                  10 │ ┃ }
                     ╰╴┗━┛ this allows it

                To close it
                  Name the partner's account in the Principal of statement 1, or add a condition on
                  aws:PrincipalOrgID to it.

            1 violation under an exception, not counted
                 finding                                      exception  in short
              ✗  network.unexpected-source:customer-records:  EX-41      The nightly backup reads from a network
                 read                                                    outside `from`.

            ? UNDECIDED  encryption.unapproved-key-use  ledger (read) ─────────────────────────────────────────
              Whether a stranger may decrypt hangs on grants that could not be read.
              owner data-platform, finding encryption.unapproved-key-use:ledger:read

              To settle it, find out
                ? grants of key 5f0e: kms:ListGrants was refused: AccessDenied
                  --> snapshot/key-policy.json:4

            Proved, for every possible request
                 obligation                datasets          note
              ✓  resource.public           all 2
              ✓  identity.confused-deputy  customer-records  held by encryption alone
              ✓  audit.recorded            ledger            vacuous: no such request is possible

            Taken for granted
              - the management account is sound

            Facts about AWS, each as of its date: services covered by RCPs (2026-09-26)

            Summary
              dataset           identity  network       encryption  audit  resource
              customer-records  ✗ 1 ✓ 1   ✗ excepted 1  -           -      ✓ 1
              ledger            -         -             ? 1         ✓ 1    ✓ 1

            Not yet asked: data.copies-inside, identity.federation
            7 obligations asked: 4 proved, 1 violated, 1 undecided, 1 under an exception (without exceptions: 2
            violated)
            1 diagnostic about the input, on standard error
            ✗ The boundary does not hold.
        "#]],
        &text::check(&answer, &documents, Style::PLAIN, None),
    );
}

#[test]
fn every_line_fits_unless_it_is_one_word_a_command_or_a_place() {
    let (answer, documents) = sample();
    let style = Style {
        width: 80,
        color: false,
    };
    let page = text::check(&answer, &documents, style, None);
    let may_be_long = |line: &&str| {
        ["arn:", "$ aws", "╭▸", "│"]
            .iter()
            .any(|sign| line.contains(sign))
    };
    let too_long = page
        .lines()
        .filter(|line| line.chars().count() > 80 && !may_be_long(line));
    assert_eq!(too_long.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn colours_add_nothing_but_colour() {
    let (answer, documents) = sample();
    let plain = text::check(&answer, &documents, Style::PLAIN, None);
    let painted = text::check(
        &answer,
        &documents,
        Style {
            color: true,
            ..Style::PLAIN
        },
        None,
    );
    assert_ne!(plain, painted);
    let words = |text: &str| bare(text).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(&plain), words(&painted));
}

/// Without ANSI colour codes.
fn bare(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.split_once('m').map_or("", |(_, rest)| rest)
    })
}

#[test]
fn names_cannot_move_the_cursor_or_forge_a_line() {
    let (mut answer, documents) = sample();
    let hostile = "x\u{1b}[2J\n✓ The boundary holds\u{202e}";
    for finding in &mut answer.findings {
        finding.dataset = Some(hostile.into());
        finding.message = hostile.into();
        for cause in &mut finding.causes {
            cause.origin = hostile.into();
            cause.sample = vec![hostile.into()];
            cause.witness.steps[0].resource = format!("arn:aws:s3:::b/{hostile}");
            cause.because[0].document = hostile.into();
        }
    }
    let page = text::check(&answer, &documents, Style::PLAIN, None);
    assert!(!page.contains(['\u{1b}', '\u{202e}']), "{page}");
    assert!(
        !page.lines().any(|line| line.trim().starts_with("✓ The")),
        "{page}"
    );
}

#[test]
fn a_thousand_datasets_still_fit_on_a_page() {
    let (mut answer, documents) = sample();
    let violated = answer.findings[0].clone();
    for number in 0..1000 {
        let mut finding = violated.clone();
        finding.dataset = Some(format!("set-{number}"));
        finding.id = format!("{}:set-{number}", finding.obligation);
        answer.findings.push(finding);
    }
    let page = text::check(&answer, &documents, Style::PLAIN, None);
    assert!(
        page.lines().count() < 1600,
        "{} lines",
        page.lines().count()
    );
    assert!(page.contains("and 776 more"), "{page}");
    assert!(page.contains("The same request as above"), "{page}");
}

#[test]
fn json_for_programs() {
    let (answer, documents) = sample();
    check(
        expect![[r#"
            {
              "tool": {
                "name": "cofferdam",
                "version": "1.2.3",
                "facts_as_of": "2026-11-20"
              },
              "organization": {
                "id": "o-acme1a2b3c",
                "captured_at": "2026-11-22T08:00:00Z",
                "as_of": "2026-11-22",
                "sources": [
                  "snapshot"
                ]
              },
              "summary": {
                "proved": 4,
                "violated": 1,
                "excepted": 1,
                "undecided": 1,
                "not_yet_asked": [
                  "data.copies-inside",
                  "identity.federation"
                ]
              },
              "diagnostics": [
                {
                  "severity": "error",
                  "file": "snapshot/key-policy.json",
                  "line": 4,
                  "message": "this policy has a statement without a resource",
                  "help": "write the `Resource` that the statement is about"
                }
              ],
              "findings": [
                {
                  "id": "identity.outside-organization:customer-records:read",
                  "obligation": "identity.outside-organization",
                  "dataset": "customer-records",
                  "owner": "data-platform",
                  "layer": "identity",
                  "verdict": "violated",
                  "severity": "critical",
                  "message": "Someone outside the organization can read objects of customer-records.",
                  "excepted_by": null,
                  "held_by": null,
                  "causes": [
                    {
                      "fingerprint": "9c1e5a",
                      "origin": "bucket policy of acme-customer-records",
                      "because": [
                        {
                          "document": "the bucket policy of acme-customer-records",
                          "layer": "resource",
                          "statement": 1,
                          "sid": "Partner",
                          "pointer": "/Statement/1",
                          "file": "snapshot/100000000006/global/s3api.get-bucket-policy.jsonl",
                          "line": 1,
                          "address": null,
                          "document_line": 1,
                          "effect": "Allow"
                        },
                        {
                          "document": "the policy of key 5f0e",
                          "layer": "key_policy",
                          "statement": 0,
                          "sid": "Use",
                          "pointer": "/Statement/0",
                          "file": "snapshot/key-policy.json",
                          "line": 4,
                          "address": null,
                          "document_line": null,
                          "effect": "Allow"
                        }
                      ],
                      "witness": {
                        "steps": [
                          {
                            "principal": "arn:aws:sts::999900000001:assumed-role/etl/night",
                            "action": "s3:GetObject",
                            "resource": "arn:aws:s3:::acme-customer-records/2026/a b.csv",
                            "context": {
                              "aws:SourceIp": "203.0.113.7"
                            },
                            "decision": "allowed",
                            "command": "aws s3api get-object --bucket acme-customer-records --key '2026/a b.csv' /dev/null"
                          },
                          {
                            "principal": "arn:aws:sts::999900000001:assumed-role/etl/night",
                            "action": "kms:Decrypt",
                            "resource": "arn:aws:kms:eu-west-1:100000000005:key/5f0e",
                            "context": {
                              "kms:ViaService": "s3.eu-west-1.amazonaws.com"
                            },
                            "decision": "allowed",
                            "note": "made by Amazon S3 on the caller's behalf"
                          }
                        ]
                      },
                      "principals": 1412,
                      "sample": [
                        "arn:aws:iam::999900000001:role/etl"
                      ],
                      "would_fix": "Name the partner's account in the Principal of statement 1, or add a condition on aws:PrincipalOrgID to it.",
                      "excepted_by": null
                    }
                  ],
                  "causes_complete": true,
                  "witness": {
                    "steps": [
                      {
                        "principal": "arn:aws:sts::999900000001:assumed-role/etl/night",
                        "action": "s3:GetObject",
                        "resource": "arn:aws:s3:::acme-customer-records/2026/a b.csv",
                        "context": {
                          "aws:SourceIp": "203.0.113.7"
                        },
                        "decision": "allowed",
                        "command": "aws s3api get-object --bucket acme-customer-records --key '2026/a b.csv' /dev/null"
                      },
                      {
                        "principal": "arn:aws:sts::999900000001:assumed-role/etl/night",
                        "action": "kms:Decrypt",
                        "resource": "arn:aws:kms:eu-west-1:100000000005:key/5f0e",
                        "context": {
                          "kms:ViaService": "s3.eu-west-1.amazonaws.com"
                        },
                        "decision": "allowed",
                        "note": "made by Amazon S3 on the caller's behalf"
                      }
                    ]
                  },
                  "because": [
                    {
                      "document": "the bucket policy of acme-customer-records",
                      "layer": "resource",
                      "statement": 1,
                      "sid": "Partner",
                      "pointer": "/Statement/1",
                      "file": "snapshot/100000000006/global/s3api.get-bucket-policy.jsonl",
                      "line": 1,
                      "address": null,
                      "document_line": 1,
                      "effect": "Allow"
                    },
                    {
                      "document": "the policy of key 5f0e",
                      "layer": "key_policy",
                      "statement": 0,
                      "sid": "Use",
                      "pointer": "/Statement/0",
                      "file": "snapshot/key-policy.json",
                      "line": 4,
                      "address": null,
                      "document_line": null,
                      "effect": "Allow"
                    }
                  ],
                  "assumptions": [],
                  "facts": [
                    {
                      "fact": "services covered by RCPs",
                      "as_of": "2026-09-26"
                    }
                  ],
                  "missing": [],
                  "vacuous": false,
                  "carried_by": []
                },
                {
                  "id": "network.unexpected-source:customer-records:read",
                  "obligation": "network.unexpected-source",
                  "dataset": "customer-records",
                  "owner": "data-platform",
                  "layer": "network",
                  "verdict": "violated",
                  "severity": "high",
                  "message": "The nightly backup reads from a network outside `from`.",
                  "excepted_by": "EX-41",
                  "held_by": null,
                  "causes": [],
                  "causes_complete": true,
                  "witness": {
                    "steps": []
                  },
                  "because": [],
                  "assumptions": [],
                  "facts": [],
                  "missing": [],
                  "vacuous": false,
                  "carried_by": []
                },
                {
                  "id": "encryption.unapproved-key-use:ledger:read",
                  "obligation": "encryption.unapproved-key-use",
                  "dataset": "ledger",
                  "owner": "data-platform",
                  "layer": "encryption",
                  "verdict": "undecided",
                  "severity": "high",
                  "message": "Whether a stranger may decrypt hangs on grants that could not be read.",
                  "excepted_by": null,
                  "held_by": null,
                  "causes": [],
                  "causes_complete": true,
                  "witness": {
                    "steps": []
                  },
                  "because": [],
                  "assumptions": [],
                  "facts": [],
                  "missing": [
                    {
                      "key": "grants of key 5f0e",
                      "why": "kms:ListGrants was refused: AccessDenied",
                      "file": "snapshot/key-policy.json",
                      "line": 4
                    }
                  ],
                  "vacuous": false,
                  "carried_by": []
                },
                {
                  "id": "resource.public:customer-records:read",
                  "obligation": "resource.public",
                  "dataset": "customer-records",
                  "owner": "data-platform",
                  "layer": "resource",
                  "verdict": "proved",
                  "severity": "high",
                  "message": "",
                  "excepted_by": null,
                  "held_by": null,
                  "causes": [],
                  "causes_complete": true,
                  "witness": {
                    "steps": []
                  },
                  "because": [],
                  "assumptions": [
                    "the management account is sound"
                  ],
                  "facts": [],
                  "missing": [],
                  "vacuous": false,
                  "carried_by": []
                },
                {
                  "id": "resource.public:ledger:read",
                  "obligation": "resource.public",
                  "dataset": "ledger",
                  "owner": "data-platform",
                  "layer": "resource",
                  "verdict": "proved",
                  "severity": "high",
                  "message": "",
                  "excepted_by": null,
                  "held_by": null,
                  "causes": [],
                  "causes_complete": true,
                  "witness": {
                    "steps": []
                  },
                  "because": [],
                  "assumptions": [
                    "the management account is sound"
                  ],
                  "facts": [],
                  "missing": [],
                  "vacuous": false,
                  "carried_by": []
                },
                {
                  "id": "identity.confused-deputy:customer-records:read",
                  "obligation": "identity.confused-deputy",
                  "dataset": "customer-records",
                  "owner": "data-platform",
                  "layer": "identity",
                  "verdict": "proved",
                  "severity": "high",
                  "message": "",
                  "excepted_by": null,
                  "held_by": "encryption",
                  "causes": [],
                  "causes_complete": true,
                  "witness": {
                    "steps": []
                  },
                  "because": [],
                  "assumptions": [
                    "the management account is sound"
                  ],
                  "facts": [],
                  "missing": [],
                  "vacuous": false,
                  "carried_by": []
                },
                {
                  "id": "audit.recorded:ledger:read",
                  "obligation": "audit.recorded",
                  "dataset": "ledger",
                  "owner": "data-platform",
                  "layer": "audit",
                  "verdict": "proved",
                  "severity": "high",
                  "message": "",
                  "excepted_by": null,
                  "held_by": null,
                  "causes": [],
                  "causes_complete": true,
                  "witness": {
                    "steps": []
                  },
                  "because": [],
                  "assumptions": [
                    "the management account is sound"
                  ],
                  "facts": [],
                  "missing": [],
                  "vacuous": true,
                  "carried_by": []
                }
              ],
              "inventory": [
                {
                  "dataset": "customer-records",
                  "resource": "arn:aws:s3:::acme-customer-records",
                  "principals": [
                    {
                      "principal": "arn:aws:iam::200000000002:role/app/claims-reader",
                      "can": [
                        "read"
                      ],
                      "from": [
                        "claims"
                      ],
                      "approved": true,
                      "certain": true,
                      "conditions": [
                        "aws:SecureTransport is true"
                      ]
                    },
                    {
                      "principal": "any principal of another account",
                      "can": [
                        "read",
                        "list"
                      ],
                      "from": [
                        "any network"
                      ],
                      "approved": false,
                      "certain": false,
                      "conditions": [
                        "aws:SecureTransport is true",
                        "aws:PrincipalTag/team is partner"
                      ]
                    }
                  ],
                  "networks": [
                    "claims",
                    "any network"
                  ],
                  "endpoints": [
                    "vpce-0c1a15"
                  ],
                  "keys": [
                    "arn:aws:kms:eu-west-1:100000000005:key/5f0e"
                  ],
                  "resource_policy": {
                    "document": "bucket policy of acme-customer-records",
                    "layer": "resource",
                    "statement": 1,
                    "sid": "Partner",
                    "pointer": "/Statement/1",
                    "file": "snapshot/100000000006/global/s3api.get-bucket-policy.jsonl",
                    "line": 1,
                    "address": null,
                    "document_line": 1,
                    "effect": "Allow"
                  },
                  "data_events": {
                    "read": true,
                    "write": false,
                    "trails": [
                      "org-trail"
                    ],
                    "archives": [
                      "arn:aws:s3:::acme-log-archive"
                    ]
                  },
                  "encryption_key_checked_against": "caller",
                  "gaps": [
                    "writes are not recorded"
                  ]
                }
              ]
            }
        "#]],
        &json::check(&answer, &documents, &tool(), None),
    );
}

#[test]
fn a_baseline_leaves_only_what_is_new() {
    let (mut answer, mut documents) = sample();
    let earlier = json::check(&answer, &documents, &tool(), None);
    let earlier = documents
        .read_json("earlier.json", earlier.into_bytes())
        .unwrap();
    let baseline = Baseline::read(&earlier).unwrap();
    assert!(
        !baseline.has_new(&answer),
        "the same answer has nothing new"
    );
    let known = text::check(&answer, &documents, Style::PLAIN, Some(&baseline));
    assert!(known.contains("known from the baseline"), "{known}");
    answer.findings[0].causes[0].fingerprint = "other".into();
    assert!(baseline.has_new(&answer), "another fingerprint is new");
}

#[test]
fn a_baseline_must_be_an_answer() {
    let read = |text: &str| {
        let node: Node = Documents::new().read_json("b.json", text.into()).unwrap();
        Baseline::read(&node)
    };
    assert!(read("{}").unwrap_err().contains("`findings`"));
    assert_eq!(read(r#"{"findings": []}"#), Ok(Baseline::default()));
}
