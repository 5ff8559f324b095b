//! What faults lead to, as text, JSON and a drawing.

use cofferdam_findings::faults::{
    AttackStep, Becomes, CommonCause, CutSet, Depth, Depths, Evidence, Faults, Hardened, Hardening,
    Independence, LayerLoad, Leak, Left, Reached, Rewrite, Survival,
};
use cofferdam_findings::finding::{Reason, Step, Verdict};
use cofferdam_text::Documents;
use expect_test::{Expect, expect};

use crate::faults::{Requirement, View};
use crate::redact::Redaction;
use crate::style::Style;
use crate::{json, svg, text};

const SCHEMA: &str = include_str!("../../../cli/schemas/faults.json");
const PIPELINE: &str = "arn:aws:iam::200000000002:role/ci/pipeline";
const ADMIN: &str = "arn:aws:iam::100000000006:role/platform/data-admin";
const KEEPER: &str = "arn:aws:iam::100000000005:role/platform/key-admin";
const READER: &str = "arn:aws:iam::200000000002:role/app/claims-reader";
const BUCKET: &str = "arn:aws:s3:::acme-customer-records";

const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Deploy",
      "Effect": "Allow",
      "Action": "iam:UpdateAssumeRolePolicy",
      "Resource": "arn:aws:iam::200000000002:role/app/*"
    }
  ]
}
"#;

fn depth(may: Option<u32>, must: Option<u32>) -> Depth {
    Depth { may, must }
}

/// The pipeline rewrites the trust of the reader, and so becomes it.
fn takes_reader(documents: &mut Documents) -> AttackStep {
    let policy = documents
        .read_json("snapshot/pipeline.json", POLICY.into())
        .unwrap();
    let statement = policy.get("Statement").unwrap().items()[0].origin;
    AttackStep {
        edge: "A07".into(),
        principal: PIPELINE.into(),
        actions: vec!["iam:UpdateAssumeRolePolicy".into(), "sts:AssumeRole".into()],
        on: READER.into(),
        gains: "acts as that role".into(),
        why: "whoever writes a role's trust policy may name themselves in it".into(),
        because: vec![Reason {
            document: "the policy deploy of role pipeline".into(),
            layer: "identity",
            statement: Some(0),
            sid: Some("Deploy".into()),
            effect: "Allow".into(),
            origin: Some(statement),
        }],
        requests: vec![Step {
            principal: PIPELINE.into(),
            action: "sts:AssumeRole".into(),
            resource: READER.into(),
            context: vec![("sts:ExternalId".into(), vec!["partner-secret-1".into()])],
            decision: "allowed",
            note: None,
            command: Some(format!("aws sts assume-role --role-arn {READER}")),
        }],
        ..AttackStep::default()
    }
}

fn reads() -> AttackStep {
    AttackStep {
        edge: "read".into(),
        principal: READER.into(),
        actions: vec!["s3:GetObject".into(), "kms:Decrypt".into()],
        on: format!("{BUCKET}/*"),
        gains: "the data".into(),
        why: "an approved principal reads from a network that is not approved".into(),
        possible: true,
        missing: vec!["the policy of endpoint vpce-1".into()],
        ..AttackStep::default()
    }
}

fn principals(step: &AttackStep) -> Vec<Reached> {
    let idle = Reached {
        principal: "arn:aws:iam::200000000002:role/idle".into(),
        ..Reached::default()
    };
    let pipeline = Reached {
        principal: PIPELINE.into(),
        administrator: false,
        administrator_possible: true,
        becomes: vec![Becomes {
            principal: READER.into(),
            possible: false,
            steps: vec![step.clone()],
        }],
        rewrites: vec![Rewrite {
            layer: "audit",
            object: "arn:aws:cloudtrail:eu-west-1:100000000001:trail/<org>".into(),
            effect: "stops",
            edge: "F03".into(),
            possible: false,
            steps: vec![
                step.clone(),
                AttackStep {
                    edge: "F03".into(),
                    principal: READER.into(),
                    actions: vec!["cloudtrail:StopLogging".into()],
                    on: "arn:aws:cloudtrail:eu-west-1:100000000001:trail/<org>".into(),
                    ..AttackStep::default()
                },
            ],
        }],
        leaks: vec![Leak {
            dataset: "customer-records".into(),
            possible: true,
            steps: vec![step.clone(), reads()],
        }],
        left: vec![
            Left {
                kind: "trail",
                sink: "arn:aws:cloudtrail:eu-west-1:100000000001:trail/<org>".into(),
                lost: true,
                possible: false,
                how: vec!["stops it [F03]".into()],
            },
            Left {
                kind: "alarm",
                sink: "arn:aws:cloudwatch:eu-west-1:200000000002:alarm:used".into(),
                ..Left::default()
            },
        ],
    };
    vec![pipeline, idle]
}

fn survival() -> Vec<Survival> {
    let fault = |arn: &str| format!("compromise({arn})");
    let altered = |arn: &str| Survival {
        fault: fault(arn),
        layers: vec!["resource", "audit"],
        evidence: Evidence::Altered,
        why: "it writes the archive's bucket, whose lock is in governance mode".into(),
        ..Survival::default()
    };
    let idle = |name: &str| Survival {
        fault: fault(&format!("arn:aws:iam::200000000002:role/{name}")),
        ..Survival::default()
    };
    vec![
        idle("one"),
        idle("two"),
        altered(ADMIN),
        altered(&format!("{ADMIN}-2")),
        Survival {
            fault: fault(PIPELINE),
            leaks_possible: true,
            layers: vec!["identity"],
            ..Survival::default()
        },
    ]
}

/// Whichever pipeline starts it, the attack is the same but for that.
fn by_a_pipeline(pipeline: &str, step: &AttackStep) -> CutSet {
    let mut step = step.clone();
    step.principal = step.principal.replace(PIPELINE, pipeline);
    CutSet {
        faults: vec![format!("compromise({pipeline})")],
        opens: "leak",
        possible: true,
        steps: vec![step, reads()],
    }
}

fn dataset(step: &AttackStep) -> Depths {
    let pair = |one, other, depth, cut_set: &[&str]| Independence {
        layers: (one, other),
        depth,
        cut_set: cut_set
            .iter()
            .map(|arn| format!("compromise({arn})"))
            .collect(),
        steps: Vec::new(),
    };
    Depths {
        dataset: "customer-records".into(),
        leak_depth: depth(Some(1), Some(2)),
        breach_depth: depth(Some(2), Some(2)),
        silent_depth: depth(None, None),
        searched_to: 3,
        depth_if_management_falls: Some(1),
        cut_sets: vec![
            by_a_pipeline(PIPELINE, step),
            by_a_pipeline(&format!("{PIPELINE}-2"), step),
            CutSet {
                faults: vec![
                    format!("compromise({ADMIN})"),
                    format!("compromise({KEEPER})"),
                ],
                opens: "breach",
                ..CutSet::default()
            },
        ],
        independence: vec![
            pair(
                "resource",
                "encryption",
                depth(Some(2), Some(2)),
                &[ADMIN, KEEPER],
            ),
            pair("resource", "audit", depth(Some(1), Some(1)), &[ADMIN]),
            pair("encryption", "audit", depth(None, None), &[]),
        ],
        survival: survival(),
        layers: vec![
            LayerLoad {
                layer: "resource",
                bearing: true,
                control_points: vec![BUCKET.into()],
            },
            LayerLoad {
                layer: "network",
                bearing: false,
                control_points: vec!["vpce-1".into()],
            },
            LayerLoad {
                layer: "organization",
                ..LayerLoad::default()
            },
        ],
        common_causes: vec![CommonCause {
            what: "both trust the same pipeline".into(),
            faults: vec![
                format!("compromise({ADMIN})"),
                format!("compromise({KEEPER})"),
            ],
            breach_depth: depth(Some(1), Some(1)),
        }],
        hardening: vec![
            Hardening {
                of: "leak",
                before: depth(Some(1), Some(1)),
                hardened: Hardened::Not("an attack has no step that could be forbidden".into()),
            },
            Hardening {
                of: "breach",
                before: depth(Some(2), Some(2)),
                hardened: Hardened::By {
                    changes: vec![
                        "deny changes of the bucket policy to all but its administrators".into(),
                    ],
                    statements: vec![(
                        "the service control policies of account 100000000006".into(),
                        r#"{"Effect":"Deny","Action":"s3:PutBucketPolicy","Resource":"*"}"#.into(),
                    )],
                    after: depth(Some(3), Some(3)),
                    smallest: true,
                },
            },
        ],
    }
}

pub fn sample() -> (Faults, Vec<Requirement>, Documents) {
    let mut documents = Documents::new();
    let step = takes_reader(&mut documents);
    let faults = Faults {
        universe: "compromise of every existing principal outside the management account".into(),
        principals: principals(&step),
        datasets: vec![dataset(&step)],
        assumptions: vec!["the management account is sound".into()],
    };
    let requirements = vec![Requirement {
        dataset: "customer-records".into(),
        what: "breach-depth 2".into(),
        message: "a breach depth of 2 is asked, and it is 2".into(),
        verdict: Verdict::Proved,
    }];
    (faults, requirements, documents)
}

fn view<'a>(faults: &'a Faults, requirements: &'a [Requirement], named: bool) -> View<'a> {
    View {
        faults,
        requirements,
        named,
    }
}

fn check(named: bool, expected: Expect) {
    let (faults, requirements, documents) = sample();
    let view = view(&faults, &requirements, named);
    expected.assert_eq(&text::faults(&view, &documents, Style::PLAIN));
}

#[test]
fn a_dataset_is_told_from_its_depth_to_what_would_raise_it() {
    check(
        false,
        expect![[r#"
            Counted as faults: compromise of every existing principal outside the management account.

            What the boundary requires
              ✓ customer-records: a breach depth of 2 is asked, and it is 2

            customer-records ──────────────────────────────────────────────────────────────────── breach depth 2
              Two principals must fall together before data leaves unrecorded (breach depth 2); one is enough if
              it is the management account.

              depth   faults           that must come together
              leak    between 1 and 2  before data leaves
              breach  2                before data leaves and no evidence of it is left
              silent  more than 3      before even the tampering leaves no trace
              ? which leak depth it is hangs on something unknown: the policy of endpoint vpce-1

              What is enough

                ? data may leave
                  by a compromise of arn:aws:iam::200000000002:role/ci/pipeline
                      or likewise of arn:aws:iam::200000000002:role/ci/pipeline-2
                  1. arn:aws:iam::200000000002:role/ci/pipeline uses iam:UpdateAssumeRolePolicy + sts:AssumeRole
                     on arn:aws:iam::200000000002:role/app/claims-reader [A07]
                     Whoever writes a role's trust policy may name themselves in it.
                     → acts as that role
                     statement 0 "Deploy" of the policy deploy of role pipeline (identity)
                       ╭▸ snapshot/pipeline.json:4
                       │
                     4 │ ┏ {
                     5 │ ┃   "Sid": "Deploy",
                     6 │ ┃   "Effect": "Allow",
                     7 │ ┃   "Action": "iam:UpdateAssumeRolePolicy",
                     8 │ ┃   "Resource": "arn:aws:iam::200000000002:role/app/*"
                     9 │ ┃ }
                       ╰╴┗━┛ this allows it
                     $ aws sts assume-role --role-arn arn:aws:iam::200000000002:role/app/claims-reader
                  2. arn:aws:iam::200000000002:role/app/claims-reader may use s3:GetObject + kms:Decrypt on
                     arn:aws:s3:::acme-customer-records/* [read]
                     An approved principal reads from a network that is not approved.
                     ? whether it can do so is not certain: the policy of endpoint vpce-1
                     → the data

                ✗ data leaves, and no evidence of it is left
                  by a compromise of arn:aws:iam::100000000006:role/platform/data-admin
                  and a compromise of arn:aws:iam::100000000005:role/platform/key-admin

              What each single fault does
                faults  data leaves  layers it controls  evidence
                1       may          identity            survives
                    a compromise of arn:aws:iam::200000000002:role/ci/pipeline
                2       no           resource, audit     altered
                    a compromise of arn:aws:iam::100000000006:role/platform/data-admin,
                    arn:aws:iam::100000000006:role/platform/data-admin-2: it writes the archive's bucket, whose
                    lock is in governance mode
                ✓ 2 other faults alone do nothing to it: no data leaves, no layer falls, the evidence survives.

              What carries the boundary
                layer         carries                    control points
                resource      yes                        1 object
                    arn:aws:s3:::acme-customer-records
                network       present, not load-bearing  1 object
                    vpce-1
                organization  absent

              Faults before two layers fall together
                            encryption  audit
                resource    2           1
                encryption              >3
                ✗ a compromise of arn:aws:iam::100000000006:role/platform/data-admin takes resource and audit

              What would bring several faults about at once
                - both trust the same pipeline: if 2 faults come together, the breach depth is 1
                  a compromise of arn:aws:iam::100000000006:role/platform/data-admin,
                  arn:aws:iam::100000000005:role/platform/key-admin

              What would raise the depth
                – leak depth 1: nothing was found, since an attack has no step that could be forbidden
                ✓ breach depth 2 becomes 3
                  - Deny changes of the bucket policy to all but its administrators.
                  No fewer changes of these kinds raise it.
                  add to the service control policies of account 100000000006:
                    {
                      "Effect": "Deny",
                      "Action": "s3:PutBucketPolicy",
                      "Resource": "*"
                    }

            What a compromise of each principal comes to
              becomes      rewrites  data leaves of          in its own account
              1 principal  1 object  customer-records (may)  may become administrator of its account
                  arn:aws:iam::200000000002:role/ci/pipeline
              ✓ 1 principal comes to nothing more than what it is.
              `--from PRINCIPAL` tells how, step by step.

            Taken for granted
              - The management account is sound.
        "#]],
    );
}

#[test]
fn a_named_principal_is_told_as_stories() {
    let (mut faults, _, documents) = sample();
    faults.datasets.clear();
    let view = view(&faults, &[], true);
    let shown = text::faults(&view, &documents, Style::PLAIN);
    expect![[r#"
        arn:aws:iam::200000000002:role/ci/pipeline ───────────────── may become administrator of its account
          A compromise of it becomes 1 principal, rewrites 1 object, lets data of 1 dataset leave.

          Whom it becomes
            ✗ becomes arn:aws:iam::200000000002:role/app/claims-reader
              1. arn:aws:iam::200000000002:role/ci/pipeline uses iam:UpdateAssumeRolePolicy + sts:AssumeRole
                 on arn:aws:iam::200000000002:role/app/claims-reader [A07]
                 Whoever writes a role's trust policy may name themselves in it.
                 → acts as that role
                 statement 0 "Deploy" of the policy deploy of role pipeline (identity)
                   ╭▸ snapshot/pipeline.json:4
                   │
                 4 │ ┏ {
                 5 │ ┃   "Sid": "Deploy",
                 6 │ ┃   "Effect": "Allow",
                 7 │ ┃   "Action": "iam:UpdateAssumeRolePolicy",
                 8 │ ┃   "Resource": "arn:aws:iam::200000000002:role/app/*"
                 9 │ ┃ }
                   ╰╴┗━┛ this allows it
                 $ aws sts assume-role --role-arn arn:aws:iam::200000000002:role/app/claims-reader

          What it rewrites of the audit layer
            ✗ stops arn:aws:cloudtrail:eu-west-1:100000000001:trail/<org>
              1. arn:aws:iam::200000000002:role/ci/pipeline uses iam:UpdateAssumeRolePolicy + sts:AssumeRole
                 on arn:aws:iam::200000000002:role/app/claims-reader [A07], as told above
              2. arn:aws:iam::200000000002:role/app/claims-reader uses cloudtrail:StopLogging on
                 arn:aws:cloudtrail:eu-west-1:100000000001:trail/<org> [F03]

          Whose data leaves
            ? data of customer-records may leave
              1. arn:aws:iam::200000000002:role/ci/pipeline uses iam:UpdateAssumeRolePolicy + sts:AssumeRole
                 on arn:aws:iam::200000000002:role/app/claims-reader [A07], as told above
              2. arn:aws:iam::200000000002:role/app/claims-reader may use s3:GetObject + kms:Decrypt on
                 arn:aws:s3:::acme-customer-records/* [read]
                 An approved principal reads from a network that is not approved.
                 ? whether it can do so is not certain: the policy of endpoint vpce-1
                 → the data

          What evidence is left
            ✗ arn:aws:cloudtrail:eu-west-1:100000000001:trail/<org>: stops it [F03]
            ✓ out of its reach: arn:aws:cloudwatch:eu-west-1:200000000002:alarm:used
            CloudTrail's event history keeps management events for 90 days in each Region, whatever becomes
            of trails; reads of data are not in it.

        arn:aws:iam::200000000002:role/idle ─────────────────────────────────────────────── no administrator
          A compromise of it stays what it is: it becomes nobody and rewrites nothing.

        Taken for granted
          - The management account is sound.
    "#]].assert_eq(&shown);
}

#[test]
fn answers_about_faults_agree_with_their_schema() {
    let (faults, requirements, documents) = sample();
    for faults in [faults, Faults::default()] {
        let shown = json::faults(&view(&faults, &requirements, true), &[], &documents);
        super::schema::check(SCHEMA, &shown);
    }
}

#[test]
fn an_answer_about_faults_can_be_redacted() {
    let (faults, requirements, documents) = sample();
    let redaction = Redaction::new("key").for_faults(&faults);
    let view = view(&faults, &requirements, true);
    let hide = |text: &str| redaction.apply(text);
    for shown in [
        redaction.apply(&text::faults(&view, &documents, Style::PLAIN)),
        redaction.apply(&json::faults(&view, &[], &documents)),
        svg::faults(&view, &hide),
    ] {
        for gone in [
            "200000000002",
            "claims-reader",
            "ci/pipeline",
            "partner-secret-1",
        ] {
            assert!(!shown.contains(gone), "{gone} is still in:\n{shown}");
        }
        assert!(shown.contains("customer-records"), "{shown}");
    }
}

#[test]
fn a_drawing_is_alone_escaped_and_described() {
    let (faults, requirements, _) = sample();
    let drawn = svg::faults(&view(&faults, &requirements, true), &str::to_owned);
    for missing in [
        "<title id=\"title\">",
        "<desc id=\"desc\">customer-records: two principals",
    ] {
        assert!(drawn.contains(missing), "{missing} is not in:\n{drawn}");
    }
    for present in ["<script", "href", "url(http", "<image", "<org>"] {
        assert!(!drawn.contains(present), "{present} is in:\n{drawn}");
    }
    assert!(drawn.contains("trail/&lt;org&gt;"), "names are escaped");
    assert!(
        drawn.contains("class=\"edge may\""),
        "what may be is dashed"
    );
    assert!(drawn.contains(">read?<"), "and says so in its label");
}
