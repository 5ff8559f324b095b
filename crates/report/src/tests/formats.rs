//! The answer in the formats of other tools. That they agree with the published schemas is held by
//! `xtask/foreign/formats.py`; these tests say what is told and how.

use expect_test::{Expect, expect};

use super::sample::sample;
use crate::asff::Product;
use crate::baseline::Baseline;
use crate::json::Tool;
use crate::{annotations, asff, junit, markdown, ocsf, sarif};

fn tool() -> Tool {
    Tool {
        version: "1.2.3".into(),
        facts_as_of: "2026-11-20".into(),
    }
}

fn product() -> Product {
    Product::parse("arn:aws:securityhub:eu-west-1:100000000003:product/100000000003/default")
        .unwrap()
}

const AT: &str = "2026-11-22T08:00:00Z";

#[track_caller]
fn check(shown: &str, expected: &Expect) {
    expected.assert_eq(shown);
}

#[test]
fn a_comment_says_it_in_a_sentence_then_the_request_the_line_and_the_fix() {
    let (answer, documents) = sample();
    check(
        &markdown::check(&answer, &documents, None, None),
        &expect![[r####"
            ### ✗ The boundary does not hold: **1 way** to break it.

            **Someone outside the organization can read objects of customer-records.** (critical, `identity.outside-organization:customer-records:read`)

            ```text
            arn:aws:sts::999900000001:assumed-role/etl/night
              calls s3:GetObject on arn:aws:s3:::acme-customer-records/2026/a b.csv
              with aws:SourceIp = 203.0.113.7
              is allowed
            arn:aws:sts::999900000001:assumed-role/etl/night
              calls kms:Decrypt on arn:aws:kms:eu-west-1:100000000005:key/5f0e
              with kms:ViaService = s3.eu-west-1.amazonaws.com
              is allowed (made by Amazon S3 on the caller's behalf)
            ```

            statement 1 "Partner" of the bucket policy of acme-customer-records at `snapshot/100000000006/global/s3api.get-bucket-policy.jsonl:1, decoded and laid out, /Statement/1`

            ```text
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
            ```

            statement 0 "Use" of the policy of key 5f0e at `snapshot/key-policy.json:4`

            ```text
               │
             4 │ ┏ {
             5 │ ┃   "Sid": "Use",
             6 │ ┃   "Effect": "Allow",
             7 │ ┃   "Principal": "*",
             8 │ ┃   "Action": "kms:Decrypt",
             9 │ ┃   "Resource": "*"
            10 │ ┃ }
               ╰╴┗━┛ this allows it
            ```

            **To close it:** Name the partner's account in the Principal of statement 1, or add a condition on aws:PrincipalOrgID to it.

            <details><summary>Undecided: 1</summary>

            - Whether a stranger may decrypt hangs on grants that could not be read. To settle it, find out grants of key 5f0e: kms:ListGrants was refused: AccessDenied.

            </details>

            7 obligations asked: 4 proved, 1 violated, 1 undecided, 1 under an exception; 1 part of the input could not be read in full.
        "####]],
    );
}

#[test]
fn a_comment_leaves_out_what_the_baseline_knows() {
    let (answer, documents) = sample();
    let known = crate::json::check(&answer, &documents, &tool(), None);
    let mut earlier = cofferdam_text::Documents::new();
    let known = earlier
        .read_json("answer.json", known.into_bytes())
        .unwrap();
    let baseline = Baseline::read(&known).unwrap();
    let shown = markdown::check(&answer, &documents, Some(&baseline), None);
    assert!(
        !shown.contains("Partner"),
        "known causes are not told again:\n{shown}"
    );
    assert!(shown.contains("1 way known from the baseline"), "{shown}");
}

#[test]
fn notes_stand_at_lines() {
    let (answer, documents) = sample();
    check(
        &annotations::check(&answer, &documents, None),
        &expect![[r#"
            ::error title=identity.outside-organization%3Acustomer-records%3Aread,file=snapshot/100000000006/global/s3api.get-bucket-policy.jsonl,line=1,col=68::Someone outside the organization can read objects of customer-records. arn:aws:sts::999900000001:assumed-role/etl/night calls s3:GetObject on arn:aws:s3:::acme-customer-records/2026/a b.csv with aws:SourceIp = 203.0.113.7: allowed. arn:aws:sts::999900000001:assumed-role/etl/night calls kms:Decrypt on arn:aws:kms:eu-west-1:100000000005:key/5f0e with kms:ViaService = s3.eu-west-1.amazonaws.com: allowed (made by Amazon S3 on the caller's behalf). This is because of statement 1 "Partner" of the bucket policy of acme-customer-records, statement 0 "Use" of the policy of key 5f0e. It lets 1,412 principals through. Name the partner's account in the Principal of statement 1, or add a condition on aws:PrincipalOrgID to it.
            ::warning title=encryption.unapproved-key-use%3Aledger%3Aread,file=snapshot/key-policy.json,line=4,col=5::Whether a stranger may decrypt hangs on grants that could not be read. To settle it, find out grants of key 5f0e: kms:ListGrants was refused: AccessDenied.
        "#]],
    );
}

#[test]
fn a_dataset_is_a_suite_and_undecided_an_error() {
    let (answer, documents) = sample();
    check(
        &junit::check(&answer, &documents, None),
        &expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="cofferdam">
          <testsuite name="customer-records" tests="4" failures="1" errors="0" skipped="1" time="0">
            <testcase classname="identity.outside-organization" name="identity.outside-organization:customer-records:read" time="0">
              <failure type="critical" message="Someone outside the organization can read objects of customer-records.">Someone outside the organization can read objects of customer-records. arn:aws:sts::999900000001:assumed-role/etl/night calls s3:GetObject on arn:aws:s3:::acme-customer-records/2026/a b.csv with aws:SourceIp = 203.0.113.7: allowed. arn:aws:sts::999900000001:assumed-role/etl/night calls kms:Decrypt on arn:aws:kms:eu-west-1:100000000005:key/5f0e with kms:ViaService = s3.eu-west-1.amazonaws.com: allowed (made by Amazon S3 on the caller's behalf). This is because of statement 1 &quot;Partner&quot; of the bucket policy of acme-customer-records, statement 0 &quot;Use&quot; of the policy of key 5f0e. It lets 1,412 principals through. Name the partner's account in the Principal of statement 1, or add a condition on aws:PrincipalOrgID to it.
          snapshot/100000000006/global/s3api.get-bucket-policy.jsonl:1, decoded and laid out, /Statement/1: statement 1 &quot;Partner&quot; of the bucket policy of acme-customer-records
          snapshot/key-policy.json:4: statement 0 &quot;Use&quot; of the policy of key 5f0e</failure>
            </testcase>
            <testcase classname="network.unexpected-source" name="network.unexpected-source:customer-records:read" time="0">
              <skipped message="covered by exception EX-41"/>
            </testcase>
            <testcase classname="resource.public" name="resource.public:customer-records:read" time="0"/>
            <testcase classname="identity.confused-deputy" name="identity.confused-deputy:customer-records:read" time="0"/>
          </testsuite>
          <testsuite name="ledger" tests="3" failures="0" errors="1" skipped="0" time="0">
            <testcase classname="encryption.unapproved-key-use" name="encryption.unapproved-key-use:ledger:read" time="0">
              <error type="undecided" message="Whether a stranger may decrypt hangs on grants that could not be read.">Whether a stranger may decrypt hangs on grants that could not be read. To settle it, find out grants of key 5f0e: kms:ListGrants was refused: AccessDenied.
          snapshot/key-policy.json:4: grants of key 5f0e: kms:ListGrants was refused: AccessDenied</error>
            </testcase>
            <testcase classname="resource.public" name="resource.public:ledger:read" time="0"/>
            <testcase classname="audit.recorded" name="audit.recorded:ledger:read" time="0"/>
          </testsuite>
        </testsuites>
    "#]],
    );
}

#[test]
fn results_have_rules_places_and_fingerprints() {
    let (answer, documents) = sample();
    check(
        &sarif::check(&answer, &documents, &tool(), None),
        &expect![[r#"
            {
              "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
              "version": "2.1.0",
              "runs": [
                {
                  "tool": {
                    "driver": {
                      "name": "Cofferdam",
                      "version": "1.2.3",
                      "semanticVersion": "1.2.3",
                      "rules": [
                        {
                          "id": "identity.outside-organization",
                          "shortDescription": {
                            "text": "Nobody outside the organization reaches the data."
                          },
                          "defaultConfiguration": {
                            "level": "error"
                          },
                          "properties": {
                            "security-severity": "9.5",
                            "tags": [
                              "security"
                            ]
                          }
                        },
                        {
                          "id": "network.unexpected-source",
                          "shortDescription": {
                            "text": "Approved principals reach the data from expected networks only."
                          },
                          "defaultConfiguration": {
                            "level": "error"
                          },
                          "properties": {
                            "security-severity": "8.0",
                            "tags": [
                              "security"
                            ]
                          }
                        },
                        {
                          "id": "encryption.unapproved-key-use",
                          "shortDescription": {
                            "text": "Nobody but those approved can decrypt with the key or grant its use."
                          },
                          "defaultConfiguration": {
                            "level": "error"
                          },
                          "properties": {
                            "security-severity": "8.0",
                            "tags": [
                              "security"
                            ]
                          }
                        },
                        {
                          "id": "resource.public",
                          "shortDescription": {
                            "text": "No anonymous caller, and not just any AWS account, reaches the data."
                          },
                          "defaultConfiguration": {
                            "level": "error"
                          },
                          "properties": {
                            "security-severity": "8.0",
                            "tags": [
                              "security"
                            ]
                          }
                        },
                        {
                          "id": "identity.confused-deputy",
                          "shortDescription": {
                            "text": "No AWS service acts on the data for a foreign account."
                          },
                          "defaultConfiguration": {
                            "level": "error"
                          },
                          "properties": {
                            "security-severity": "8.0",
                            "tags": [
                              "security"
                            ]
                          }
                        },
                        {
                          "id": "audit.recorded",
                          "shortDescription": {
                            "text": "Every allowed data request is recorded by a trail that delivers to the archive."
                          },
                          "defaultConfiguration": {
                            "level": "error"
                          },
                          "properties": {
                            "security-severity": "8.0",
                            "tags": [
                              "security"
                            ]
                          }
                        }
                      ]
                    }
                  },
                  "invocations": [
                    {
                      "executionSuccessful": true,
                      "toolExecutionNotifications": [
                        {
                          "level": "error",
                          "message": {
                            "text": "this policy has a statement without a resource; write the `Resource` that the statement is about"
                          },
                          "locations": [
                            {
                              "physicalLocation": {
                                "artifactLocation": {
                                  "uri": "snapshot/key-policy.json"
                                },
                                "region": {
                                  "startLine": 4
                                }
                              }
                            }
                          ]
                        }
                      ]
                    }
                  ],
                  "columnKind": "unicodeCodePoints",
                  "results": [
                    {
                      "ruleId": "identity.outside-organization",
                      "ruleIndex": 0,
                      "kind": "fail",
                      "level": "error",
                      "message": {
                        "text": "Someone outside the organization can read objects of customer-records. arn:aws:sts::999900000001:assumed-role/etl/night calls s3:GetObject on arn:aws:s3:::acme-customer-records/2026/a b.csv with aws:SourceIp = 203.0.113.7: allowed. arn:aws:sts::999900000001:assumed-role/etl/night calls kms:Decrypt on arn:aws:kms:eu-west-1:100000000005:key/5f0e with kms:ViaService = s3.eu-west-1.amazonaws.com: allowed (made by Amazon S3 on the caller's behalf). This is because of statement 1 \"Partner\" of the bucket policy of acme-customer-records, statement 0 \"Use\" of the policy of key 5f0e. It lets 1,412 principals through. Name the partner's account in the Principal of statement 1, or add a condition on aws:PrincipalOrgID to it."
                      },
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "snapshot/100000000006/global/s3api.get-bucket-policy.jsonl"
                            },
                            "region": {
                              "startLine": 1,
                              "startColumn": 68
                            }
                          },
                          "message": {
                            "text": "statement 1 \"Partner\" of the bucket policy of acme-customer-records"
                          },
                          "logicalLocations": [
                            {
                              "fullyQualifiedName": "/Statement/1",
                              "kind": "member"
                            }
                          ]
                        }
                      ],
                      "partialFingerprints": {
                        "cofferdam/v1": "identity.outside-organization:customer-records:read/9c1e5a"
                      },
                      "properties": {
                        "finding": "identity.outside-organization:customer-records:read",
                        "dataset": "customer-records",
                        "owner": "data-platform",
                        "severity": "critical",
                        "path": [
                          "arn:aws:sts::999900000001:assumed-role/etl/night calls s3:GetObject on arn:aws:s3:::acme-customer-records/2026/a b.csv with aws:SourceIp = 203.0.113.7: allowed",
                          "arn:aws:sts::999900000001:assumed-role/etl/night calls kms:Decrypt on arn:aws:kms:eu-west-1:100000000005:key/5f0e with kms:ViaService = s3.eu-west-1.amazonaws.com: allowed (made by Amazon S3 on the caller's behalf)"
                        ]
                      },
                      "relatedLocations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "snapshot/key-policy.json"
                            },
                            "region": {
                              "startLine": 4,
                              "startColumn": 5
                            }
                          },
                          "message": {
                            "text": "statement 0 \"Use\" of the policy of key 5f0e"
                          },
                          "logicalLocations": [
                            {
                              "fullyQualifiedName": "/Statement/0",
                              "kind": "member"
                            }
                          ]
                        }
                      ]
                    },
                    {
                      "ruleId": "network.unexpected-source",
                      "ruleIndex": 1,
                      "kind": "fail",
                      "level": "error",
                      "message": {
                        "text": "The nightly backup reads from a network outside `from`."
                      },
                      "locations": [],
                      "partialFingerprints": {
                        "cofferdam/v1": "network.unexpected-source:customer-records:read/network.unexpected-source:customer-records:read"
                      },
                      "properties": {
                        "finding": "network.unexpected-source:customer-records:read",
                        "dataset": "customer-records",
                        "owner": "data-platform",
                        "severity": "high",
                        "path": []
                      },
                      "suppressions": [
                        {
                          "kind": "external",
                          "status": "accepted",
                          "justification": "covered by exception EX-41"
                        }
                      ]
                    },
                    {
                      "ruleId": "encryption.unapproved-key-use",
                      "ruleIndex": 2,
                      "kind": "open",
                      "level": "none",
                      "message": {
                        "text": "Whether a stranger may decrypt hangs on grants that could not be read. To settle it, find out grants of key 5f0e: kms:ListGrants was refused: AccessDenied."
                      },
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "snapshot/key-policy.json"
                            },
                            "region": {
                              "startLine": 4,
                              "startColumn": 5
                            }
                          },
                          "message": {
                            "text": "grants of key 5f0e: kms:ListGrants was refused: AccessDenied"
                          },
                          "logicalLocations": [
                            {
                              "fullyQualifiedName": "/Statement/0",
                              "kind": "member"
                            }
                          ]
                        }
                      ],
                      "partialFingerprints": {
                        "cofferdam/v1": "encryption.unapproved-key-use:ledger:read/encryption.unapproved-key-use:ledger:read"
                      },
                      "properties": {
                        "finding": "encryption.unapproved-key-use:ledger:read",
                        "dataset": "ledger",
                        "owner": "data-platform",
                        "severity": "high",
                        "path": []
                      }
                    }
                  ]
                }
              ]
            }
        "#]],
    );
}

#[test]
fn events_tell_what_holds_too() {
    let (answer, documents) = sample();
    let shown = ocsf::check(&answer, &documents, &tool(), AT);
    let first = shown.lines().next().unwrap();
    let first: serde_json::Value = serde_json::from_str(first).unwrap();
    check(
        &format!("{first:#}"),
        &expect![[r#"
        {
          "activity_id": 1,
          "activity_name": "Create",
          "category_uid": 2,
          "category_name": "Findings",
          "class_uid": 2003,
          "class_name": "Compliance Finding",
          "type_uid": 200301,
          "type_name": "Compliance Finding: Create",
          "time": 1795334400000,
          "severity_id": 5,
          "severity": "Critical",
          "status_id": 1,
          "status": "New",
          "message": "Someone outside the organization can read objects of customer-records.",
          "compliance": {
            "control": "identity.outside-organization",
            "standards": [
              "Declared data boundary"
            ],
            "status": "Fail",
            "status_id": 3
          },
          "finding_info": {
            "uid": "identity.outside-organization:customer-records:read/9c1e5a",
            "title": "Nobody outside the organization reaches the data.",
            "desc": "Someone outside the organization can read objects of customer-records. arn:aws:sts::999900000001:assumed-role/etl/night calls s3:GetObject on arn:aws:s3:::acme-customer-records/2026/a b.csv with aws:SourceIp = 203.0.113.7: allowed. arn:aws:sts::999900000001:assumed-role/etl/night calls kms:Decrypt on arn:aws:kms:eu-west-1:100000000005:key/5f0e with kms:ViaService = s3.eu-west-1.amazonaws.com: allowed (made by Amazon S3 on the caller's behalf). This is because of statement 1 \"Partner\" of the bucket policy of acme-customer-records, statement 0 \"Use\" of the policy of key 5f0e. It lets 1,412 principals through. Name the partner's account in the Principal of statement 1, or add a condition on aws:PrincipalOrgID to it.",
            "types": [
              "identity.outside-organization"
            ],
            "created_time": 1795334400000
          },
          "unmapped": {
            "organization": "o-acme1a2b3c",
            "verdict": "violated",
            "path": [
              "arn:aws:sts::999900000001:assumed-role/etl/night calls s3:GetObject on arn:aws:s3:::acme-customer-records/2026/a b.csv with aws:SourceIp = 203.0.113.7: allowed",
              "arn:aws:sts::999900000001:assumed-role/etl/night calls kms:Decrypt on arn:aws:kms:eu-west-1:100000000005:key/5f0e with kms:ViaService = s3.eu-west-1.amazonaws.com: allowed (made by Amazon S3 on the caller's behalf)"
            ],
            "exception": null,
            "vacuous": false
          },
          "remediation": {
            "desc": "Name the partner's account in the Principal of statement 1, or add a condition on aws:PrincipalOrgID to it."
          },
          "resources": [
            {
              "name": "customer-records",
              "type": "dataset",
              "uid": "arn:aws:s3:::acme-customer-records",
              "labels": [
                "owner:data-platform"
              ]
            }
          ],
          "metadata": {
            "version": "1.5.0",
            "product": {
              "name": "Cofferdam",
              "vendor_name": "Cofferdam",
              "version": "1.2.3"
            }
          }
        }"#]],
    );
    assert_eq!(
        shown.lines().count(),
        answer.findings.len(),
        "an event a finding"
    );
}

#[test]
fn findings_for_security_hub_name_the_product() {
    let (answer, documents) = sample();
    let shown = asff::check(&answer, &documents, &product(), AT);
    let batch: serde_json::Value = serde_json::from_str(&shown).unwrap();
    check(
        &format!("{:#}", batch["Findings"][0]),
        &expect![[r#"
        {
          "SchemaVersion": "2018-10-08",
          "Id": "identity.outside-organization:customer-records:read/9c1e5a",
          "ProductArn": "arn:aws:securityhub:eu-west-1:100000000003:product/100000000003/default",
          "ProductName": "Cofferdam",
          "CompanyName": "Cofferdam",
          "GeneratorId": "identity.outside-organization",
          "AwsAccountId": "100000000003",
          "Region": "eu-west-1",
          "Types": [
            "Software and Configuration Checks/AWS Security Best Practices"
          ],
          "CreatedAt": "2026-11-22T08:00:00Z",
          "UpdatedAt": "2026-11-22T08:00:00Z",
          "Severity": {
            "Label": "CRITICAL"
          },
          "Title": "Nobody outside the organization reaches the data.",
          "Description": "Someone outside the organization can read objects of customer-records. arn:aws:sts::999900000001:assumed-role/etl/night calls s3:GetObject on arn:aws:s3:::acme-customer-records/2026/a b.csv with aws:SourceIp = 203.0.113.7: allowed. arn:aws:sts::999900000001:assumed-role/etl/night calls kms:Decrypt on arn:aws:kms:eu-west-1:100000000005:key/5f0e with kms:ViaService = s3.eu-west-1.amazonaws.com: allowed (made by Amazon S3 on the caller's behalf). This is because of statement 1 \"Partner\" of the bucket policy of acme-customer-records, statement 0 \"Use\" of the policy of key 5f0e. It lets 1,412 principals through. Name the partner's account in the Principal of statement 1, or add a condition on aws:PrincipalOrgID to it.",
          "Resources": [
            {
              "Type": "Other",
              "Id": "arn:aws:s3:::acme-customer-records"
            }
          ],
          "Compliance": {
            "Status": "FAILED"
          },
          "Workflow": {
            "Status": "NEW"
          },
          "RecordState": "ACTIVE",
          "Remediation": {
            "Recommendation": {
              "Text": "Name the partner's account in the Principal of statement 1, or add a condition on aws:PrincipalOrgID to it."
            }
          }
        }"#]],
    );
    for wrong in [
        "",
        "arn:aws:s3:::bucket",
        "arn:aws:securityhub:::product/x/y",
    ] {
        assert!(Product::parse(wrong).is_err(), "{wrong} is no product");
    }
}
