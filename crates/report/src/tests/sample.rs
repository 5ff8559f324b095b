//! One violated, one excepted, one undecided and some proved obligations, with their documents.

use cofferdam_findings::finding::{
    Answer, Cause, DatedFact, Finding, Missing, Reason, Severity, Step, Verdict, Witness,
};
use cofferdam_findings::inventory::{Access, DataEvents, Row};
use cofferdam_text::{Diagnostic, Documents, Node};

const BUCKET_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Readers","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::200000000002:role/app/claims-reader"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-customer-records/*"},{"Sid":"Partner","Effect":"Allow","Principal":{"AWS":"*"},"Action":["s3:GetObject","s3:ListBucket"],"Resource":"arn:aws:s3:::acme-customer-records/*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"partner"}}}]}"#;

const KEY_POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Use",
      "Effect": "Allow",
      "Principal": "*",
      "Action": "kms:Decrypt",
      "Resource": "*"
    }
  ]
}
"#;

pub fn sample() -> (Answer, Documents) {
    let mut documents = Documents::new();
    let bucket = statement(&embedded(&mut documents), 1);
    let key = documents
        .read_json("snapshot/key-policy.json", KEY_POLICY.into())
        .unwrap();
    let key = statement(&key, 0);
    let answer = Answer {
        organization: Some("o-acme1a2b3c".into()),
        captured_at: Some("2026-11-22T08:00:00Z".into()),
        as_of: Some("2026-11-22".into()),
        sources: vec!["snapshot".into()],
        diagnostics: vec![
            Diagnostic::error(key.origin, "this policy has a statement without a resource")
                .with_help("write the `Resource` that the statement is about"),
        ],
        findings: vec![
            outside(&bucket, &key),
            excepted(),
            undecided(&key),
            proved("resource.public", "resource", "customer-records"),
            proved("resource.public", "resource", "ledger"),
            Finding {
                held_by: Some("encryption"),
                ..proved("identity.confused-deputy", "identity", "customer-records")
            },
            Finding {
                vacuous: true,
                ..proved("audit.recorded", "audit", "ledger")
            },
        ],
        not_yet_asked: vec!["data.copies-inside", "identity.federation"],
        inventory: vec![row(&bucket)],
    };
    (answer, documents)
}

/// The bucket policy as AWS answers it: a string in a line of JSON Lines.
fn embedded(documents: &mut Documents) -> Node {
    let quoted = BUCKET_POLICY.replace('"', "\\\"");
    let line = format!(
        "{{\"request\":{{\"Bucket\":\"acme-customer-records\"}},\
         \"response\":{{\"Policy\":\"{quoted}\"}}}}\n"
    );
    let file = "snapshot/100000000006/global/s3api.get-bucket-policy.jsonl";
    let (lines, diagnostics) = documents.read_json_lines(file, line.into_bytes());
    assert_eq!(diagnostics, []);
    let policy = lines[0]
        .get("response")
        .and_then(|response| response.get("Policy"))
        .unwrap();
    documents.read_embedded(policy).unwrap()
}

fn statement(policy: &Node, number: usize) -> Node {
    policy.get("Statement").unwrap().items()[number].clone()
}

fn reason(document: &str, layer: &'static str, number: u32, sid: &str, node: &Node) -> Reason {
    Reason {
        document: document.into(),
        layer,
        statement: Some(number),
        sid: Some(sid.into()),
        effect: "Allow".into(),
        origin: Some(node.origin),
    }
}

fn base(obligation: &'static str, layer: &'static str, dataset: &str) -> Finding {
    Finding {
        id: format!("{obligation}:{dataset}:read"),
        obligation,
        dataset: Some(dataset.into()),
        owner: Some("data-platform".into()),
        layer,
        verdict: Verdict::Proved,
        severity: Severity::High,
        message: String::new(),
        excepted_by: None,
        held_by: None,
        causes: Vec::new(),
        causes_complete: true,
        assumptions: Vec::new(),
        facts: Vec::new(),
        missing: Vec::new(),
        vacuous: false,
        carried_by: Vec::new(),
        kept: false,
    }
}

fn outside(bucket: &Node, key: &Node) -> Finding {
    Finding {
        verdict: Verdict::Violated,
        severity: Severity::Critical,
        message: "Someone outside the organization can read objects of customer-records.".into(),
        causes: vec![Cause {
            fingerprint: "9c1e5a".into(),
            origin: "bucket policy of acme-customer-records".into(),
            because: vec![
                reason(
                    "the bucket policy of acme-customer-records",
                    "resource",
                    1,
                    "Partner",
                    bucket,
                ),
                reason("the policy of key 5f0e", "key_policy", 0, "Use", key),
            ],
            witness: Witness { steps: path() },
            principals: 1412,
            sample: vec!["arn:aws:iam::999900000001:role/etl".into()],
            would_fix: "Name the partner's account in the Principal of statement 1, or add a \
                        condition on aws:PrincipalOrgID to it."
                .into(),
            excepted_by: None,
        }],
        facts: vec![DatedFact {
            fact: "services covered by RCPs".into(),
            as_of: "2026-09-26".into(),
        }],
        ..base(
            "identity.outside-organization",
            "identity",
            "customer-records",
        )
    }
}

fn path() -> Vec<Step> {
    let object = "arn:aws:s3:::acme-customer-records/2026/a b.csv";
    let key = "arn:aws:kms:eu-west-1:100000000005:key/5f0e";
    vec![
        step(
            "s3:GetObject",
            object,
            &[("aws:SourceIp", "203.0.113.7")],
            None,
        ),
        step(
            "kms:Decrypt",
            key,
            &[("kms:ViaService", "s3.eu-west-1.amazonaws.com")],
            Some("made by Amazon S3 on the caller's behalf"),
        ),
    ]
}

fn step(action: &str, resource: &str, context: &[(&str, &str)], note: Option<&str>) -> Step {
    Step {
        principal: "arn:aws:sts::999900000001:assumed-role/etl/night".into(),
        action: action.into(),
        resource: resource.into(),
        context: context
            .iter()
            .map(|(key, value)| (key.to_string(), vec![value.to_string()]))
            .collect(),
        decision: "allowed",
        note: note.map(str::to_owned),
        command: note.is_none().then(|| {
            "aws s3api get-object --bucket acme-customer-records --key '2026/a b.csv' /dev/null"
                .to_owned()
        }),
    }
}

fn excepted() -> Finding {
    Finding {
        verdict: Verdict::Violated,
        excepted_by: Some("EX-41".into()),
        message: "The nightly backup reads from a network outside `from`.".into(),
        ..base("network.unexpected-source", "network", "customer-records")
    }
}

fn undecided(key: &Node) -> Finding {
    Finding {
        verdict: Verdict::Undecided,
        message: "Whether a stranger may decrypt hangs on grants that could not be read.".into(),
        missing: vec![Missing {
            key: "grants of key 5f0e".into(),
            why: "kms:ListGrants was refused: AccessDenied".into(),
            origin: Some(key.origin),
        }],
        ..base("encryption.unapproved-key-use", "encryption", "ledger")
    }
}

fn proved(obligation: &'static str, layer: &'static str, dataset: &str) -> Finding {
    Finding {
        assumptions: vec!["the management account is sound".into()],
        ..base(obligation, layer, dataset)
    }
}

fn row(bucket: &Node) -> Row {
    let access = |principal: &str, can: &[&str], from: &str, approved| Access {
        principal: principal.into(),
        can: can.iter().map(|class| class.to_string()).collect(),
        from: vec![from.into()],
        approved,
        certain: true,
        conditions: vec!["aws:SecureTransport is true".into()],
    };
    let stranger = access(
        "any principal of another account",
        &["read", "list"],
        "any network",
        Some(false),
    );
    let mut conditions = stranger.conditions.clone();
    conditions.push("aws:PrincipalTag/team is partner".into());
    let stranger = Access {
        conditions,
        certain: false,
        ..stranger
    };
    Row {
        dataset: "customer-records".into(),
        resource: "arn:aws:s3:::acme-customer-records".into(),
        principals: vec![
            access(
                "arn:aws:iam::200000000002:role/app/claims-reader",
                &["read"],
                "claims",
                Some(true),
            ),
            stranger,
        ],
        networks: vec!["claims".into(), "any network".into()],
        endpoints: vec!["vpce-0c1a15".into()],
        keys: vec!["arn:aws:kms:eu-west-1:100000000005:key/5f0e".into()],
        resource_policy: Some(reason(
            "bucket policy of acme-customer-records",
            "resource",
            1,
            "Partner",
            bucket,
        )),
        data_events: DataEvents {
            read: Some(true),
            write: Some(false),
            trails: vec!["org-trail".into()],
            archives: vec!["arn:aws:s3:::acme-log-archive".into()],
        },
        encryption_key_checked_against: "caller",
        gaps: vec!["writes are not recorded".into()],
    }
}
