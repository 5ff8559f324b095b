//! Verdicts kept between runs: they are those that would be found anew, whatever changed.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Mutex;

use cofferdam_boundary::cache::{Key, Memory, Verdicts};
use cofferdam_boundary::check::{Options, certify, check, recall};
use cofferdam_boundary::file::Boundary;
use cofferdam_findings::finding::{Answer, Finding, Verdict};
use cofferdam_text::StablePlaces;

use crate::common::{TODAY, declared, spelled};
use crate::prover::draw::organization_and_boundary;
use crate::prover::random::Random;

/// Verdicts in memory.
#[derive(Default)]
struct Kept(Mutex<BTreeMap<Key, Vec<Finding>>>);

impl Verdicts for Kept {
    fn get(&self, question: &Key) -> Option<Vec<Finding>> {
        let mut findings = self.0.lock().unwrap().get(question).cloned()?;
        findings.iter_mut().for_each(|finding| finding.kept = true);
        Some(findings)
    }

    fn put(&self, question: Key, findings: &[Finding]) {
        self.0.lock().unwrap().insert(question, findings.to_vec());
    }
}

fn options<'o>() -> Options<'o> {
    Options {
        as_of: TODAY.parse().ok(),
        threads: 2,
        progress: &|_, _, _| (),
        obligations: &[],
    }
}

const PROGRAM: Key = Key([7; 32]);

fn remembered(organization: &str, boundary: &Boundary, kept: &Kept, program: Key) -> Answer {
    let read = cofferdam_fixture::read(&spelled(organization));
    let memory = Memory {
        verdicts: kept,
        places: &StablePlaces::of(&read.documents),
        program,
    };
    recall(&read.organization, boundary, &options(), &memory)
}

/// The findings without where they come from.
fn said(answer: &Answer) -> String {
    let mut findings = answer.findings.clone();
    findings.iter_mut().for_each(|finding| finding.kept = false);
    format!("{findings:#?}")
}

fn anew(organization: &str, boundary: &Boundary) -> String {
    let read = cofferdam_fixture::read(&spelled(organization));
    said(&check(&read.organization, boundary, &options()))
}

fn kept_of(answer: &Answer, dataset: &str) -> (usize, usize) {
    let mut of = answer.findings.iter();
    let of = of
        .by_ref()
        .filter(|one| one.dataset.as_deref() == Some(dataset));
    of.fold((0, 0), |(kept, all), one| {
        (kept + usize::from(one.kept), all + 1)
    })
}

const ORGANIZATION: &str = r#"
organization: {id: o-acme1a2b3c, management: "100000000001"}
policies: {full: [{Effect: Allow, Action: "*", Resource: "*"}]}
units: {r-1: {scp: [full]}, ou-1: {parent: r-1}, ou-2: {parent: r-1}}
accounts: {"100000000001": {parent: r-1}, "100000000002": {parent: r-1}, "100000000006": {parent: ou-1, tags: {stage: live}}, "200000000007": {parent: ou-2}}
endpoints: {vpce-in: {service: s3, vpc: vpc-1, account: "200000000007"}, vpce-out: {service: s3, vpc: vpc-2, account: "200000000007"}}
buckets:
  records: {account: "100000000006", key: "$KEY", tags: {team: one}, policy: [{Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "*"}]}
  others: {account: "100000000006", policy: [{Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:ListBucket", Resource: "*"}]}
  log: {account: "100000000002", policy: [{Effect: Deny, Principal: "*", Action: "s3:DeleteObject", Resource: "*"}]}
keys: {"$KEY": {policy: [{Effect: Allow, Principal: {AWS: "100000000006"}, Action: "kms:*", Resource: "*"}]}}
roles:
  200000000007/reader: {trust: {Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}, inline: {all: {Effect: Allow, Action: ["s3:*", "kms:Decrypt"], Resource: "*"}}}
  100000000006/admin: {inline: {all: {Effect: Allow, Action: "s3:Put*", Resource: "*"}}}
"#;

const BOUNDARY: &str = r#"
version: 1
networks:
  inside: {endpoints: [vpce-in]}
datasets:
  - name: records
    owner: data
    resources: [{arn: "arn:aws:s3:::records"}]
    keys: [{arn: "$KEY"}]
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{service: ecs-tasks.amazonaws.com}]}]
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: []}
  - name: others
    owner: data
    resources: [{arn: "arn:aws:s3:::others"}]
    access: [{who: [{role: "$APP/reader"}], can: [list], from: [inside], assumed-by: [{service: ecs-tasks.amazonaws.com}]}]
exceptions:
  - {id: EX-1, lifts: ["network.*"], datasets: [others], reason: r, owner: o, expires: 2027-03-31}
"#;

/// A change of the organization, and the datasets about which nothing is asked anew. The changes
/// move no other text of the fixture, which is one file: a verdict also hangs on where the
/// statements that it cites stand.
const CHANGES: [(&str, &str, &str, &[&str]); 11] = [
    (
        "a bucket policy",
        "s3:ListBucket",
        "s3:ListBuck*t",
        &["records"],
    ),
    (
        "another bucket policy",
        "s3:GetObject",
        "s3:GetObj*ct",
        &["others"],
    ),
    ("a tag of a bucket", "team: one", "team: two", &["others"]),
    ("a key policy", "kms:*", "kms:D", &["others"]),
    (
        "the archive",
        "s3:DeleteObject",
        "s3:DeleteObj*ct",
        &["others"],
    ),
    (
        "a service control policy",
        "full: [{Effect: Allow, Action: \"*\"",
        "full: [{Effect: Allow, Action: \"?\"",
        &[],
    ),
    (
        "a trust policy",
        "Service: ecs-tasks.amazonaws.com",
        "Service: ecs-tasky.amazonaws.com",
        &[],
    ),
    ("an identity policy", "s3:Put*", "s3:Get*", &[]),
    ("a tag of an account", "stage: live", "stage: test", &[]),
    ("an endpoint", "vpc: vpc-2", "vpc: vpc-3", &[]),
    (
        "the unit of an account",
        "\"200000000007\": {parent: ou-2}",
        "\"200000000007\": {parent: ou-1}",
        &[],
    ),
];

#[test]
fn a_change_is_asked_anew_where_a_question_can_read_it() {
    let boundary = declared(&spelled(BOUNDARY));
    let kept = Kept::default();
    remembered(ORGANIZATION, &boundary, &kept, PROGRAM);
    let again = remembered(ORGANIZATION, &boundary, &kept, PROGRAM);
    assert!(again.findings.iter().all(|finding| finding.kept));
    assert_eq!(said(&again), anew(ORGANIZATION, &boundary));
    for (what, from, to, untouched) in CHANGES {
        assert!(ORGANIZATION.contains(from), "{what}");
        let changed = ORGANIZATION.replacen(from, to, 1);
        let kept = Kept::default();
        remembered(ORGANIZATION, &boundary, &kept, PROGRAM);
        let answer = remembered(&changed, &boundary, &kept, PROGRAM);
        assert_eq!(said(&answer), anew(&changed, &boundary), "{what}");
        for dataset in ["records", "others"] {
            let (kept, all) = kept_of(&answer, dataset);
            let expected = if untouched.contains(&dataset) { all } else { 0 };
            assert_eq!(kept, expected, "{what}: kept of {dataset}");
        }
    }
}

#[test]
fn a_change_of_the_declaration_is_asked_anew() {
    let changes = [
        ("can: [list]", "can: [list, read]", &["records"][..]),
        ("retention-days: 400", "retention-days: 500", &["others"]),
        ("datasets: [others], ", "", &[]),
        ("expires: 2027-03-31", "expires: 2026-03-31", &[]),
        (
            "inside: {endpoints: [vpce-in]}",
            "inside: {endpoints: [vpce-out]}",
            &[],
        ),
    ];
    for (from, to, untouched) in changes {
        let kept = Kept::default();
        remembered(ORGANIZATION, &declared(&spelled(BOUNDARY)), &kept, PROGRAM);
        let changed = declared(&spelled(&BOUNDARY.replacen(from, to, 1)));
        let answer = remembered(ORGANIZATION, &changed, &kept, PROGRAM);
        assert_eq!(said(&answer), anew(ORGANIZATION, &changed), "{to}");
        for dataset in ["records", "others"] {
            let (kept, all) = kept_of(&answer, dataset);
            let expected = if untouched.contains(&dataset) { all } else { 0 };
            assert_eq!(kept, expected, "{to}: kept of {dataset}");
        }
    }
}

#[test]
fn another_program_remembers_nothing() {
    let boundary = declared(&spelled(BOUNDARY));
    let kept = Kept::default();
    remembered(ORGANIZATION, &boundary, &kept, PROGRAM);
    let answer = remembered(ORGANIZATION, &boundary, &kept, Key([8; 32]));
    assert!(answer.findings.iter().all(|finding| !finding.kept));
}

/// One more policy before all others moves every document, and nothing that the questions read.
#[test]
fn what_is_read_beside_moves_no_verdict() {
    let boundary = declared(&spelled(BOUNDARY));
    let kept = Kept::default();
    remembered(ORGANIZATION, &boundary, &kept, PROGRAM);
    let more = ORGANIZATION.replace(
        "buckets:\n",
        "queues: {\"arn:aws:sqs:eu-west-1:100000000006:q\": {policy: [{Effect: Allow, Principal: \"*\", Action: \"sqs:*\", Resource: \"*\"}]}}\nbuckets:\n",
    );
    let answer = remembered(&more, &boundary, &kept, PROGRAM);
    assert_eq!(said(&answer), anew(&more, &boundary));
}

/// Random organizations, each with one word changed here or there: what is kept is what would be
/// found.
#[test]
fn what_is_kept_is_what_would_be_found() {
    let words = [
        ("Allow", "Deny"),
        ("Deny", "Allow"),
        ("s3:", "kms:"),
        ("reader", "writer"),
    ];
    let hits = Cell::new(0);
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let (organization, boundary) = organization_and_boundary(&mut random);
        let boundary = declared(&spelled(&boundary));
        let kept = Kept::default();
        remembered(&organization, &boundary, &kept, PROGRAM);
        for (from, to) in words {
            for (at, _) in organization.match_indices(from).take(CHANGES_EACH) {
                let mut changed = organization.clone();
                changed.replace_range(at..at + from.len(), to);
                let answer = remembered(&changed, &boundary, &kept, PROGRAM);
                assert_eq!(
                    said(&answer),
                    anew(&changed, &boundary),
                    "seed {seed}: {changed}"
                );
                hits.set(hits.get() + answer.findings.iter().filter(|one| one.kept).count());
            }
        }
    }
    println!("{} verdicts were kept over a change", hits.get());
}

/// Organizations per run, and changes of each word in each.
const CASES: u64 = 6;
const CHANGES_EACH: usize = 2;

/// Certificates ask everything in full, and a check skips what nobody granted. It may know more by
/// that, since a glance at one name settles what a formula leaves open, but never less or else.
#[test]
fn what_a_check_skips_changes_no_answer() {
    for seed in 0..2 * CASES {
        let (organization, boundary) = organization_and_boundary(&mut Random::new(seed));
        let read = cofferdam_fixture::read(&spelled(&organization));
        let boundary = declared(&spelled(&boundary));
        let full = certify(&read.organization, &boundary, &options()).answer;
        let quick = check(&read.organization, &boundary, &options());
        assert_eq!(quick.findings.len(), full.findings.len(), "seed {seed}");
        for (quick, full) in quick.findings.iter().zip(&full.findings) {
            let about = format!("seed {seed}: {} over {organization}", full.id);
            assert_eq!(quick.id, full.id, "{about}");
            if full.missing == quick.missing {
                let without_doubt = |one: &Finding| {
                    (
                        one.verdict,
                        one.vacuous,
                        one.held_by,
                        one.carried_by.clone(),
                    )
                };
                assert_eq!(without_doubt(quick), without_doubt(full), "{about}");
            } else {
                let is_known = full.missing.len() > quick.missing.len();
                assert!(is_known, "{about}: {:?}", quick.missing);
                let same = quick.verdict == full.verdict;
                assert!(same || full.verdict == Verdict::Undecided, "{about}");
            }
        }
    }
}
