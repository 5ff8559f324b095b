//! What `check --certificate` writes: for each proved finding what was asked, of whom, and why
//! there is no answer, with the hash of everything it rests on.
//!
//! The files are made in memory, from the answer alone, so that `verify` can make them again from
//! the sources and compare. The scripts of the lemmas are written by the checker from its own
//! reading of the clauses: an outside solver that accepts them checks that reading too.

use std::collections::BTreeMap;

use cofferdam_boundary::check::Certified;
use cofferdam_boundary::proof::{Class, Coverage, Proof, Refutation};
use cofferdam_checker::{Files, INDEX, MANIFEST, SEAL, digest, lemma_name, lemmas, seal};
use cofferdam_findings::finding::{Finding, Reason};
use cofferdam_logic::Certificate;
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::project::Project;

/// The format of the manifests.
const FORMAT: u32 = 1;

/// What nobody but the sources can check.
pub const TRUSTED: [&str; 2] = [
    "the parser, that it reads the sources as they are",
    "the compiler, that the questions mean what the findings say",
];

/// The files of all proved findings.
pub fn of(project: &Project, certified: &Certified) -> Result<Files, Failure> {
    let inputs = Inputs::of(project);
    let mut files = Files::new();
    let mut certificates = Vec::new();
    for (number, (place, proofs)) in (1..).zip(&certified.proofs) {
        let Some(finding) = certified.answer.findings.get(*place) else {
            continue;
        };
        let directory = format!("{number:03}-{}", plain(&finding.id));
        let own = of_finding(&inputs, certified, finding, proofs)?;
        let hash = own.get(MANIFEST).map(|bytes| digest(bytes));
        certificates.push(json!({
            "finding": finding.id, "directory": directory, "manifest": hash,
        }));
        files.extend(
            own.into_iter()
                .map(|(name, bytes)| (format!("{directory}/{name}"), bytes)),
        );
    }
    let mut manifest = common(&inputs, certified, INDEX);
    manifest.insert("inputs".into(), Value::Array(inputs.files));
    let verdicts = certified.answer.findings.iter();
    let verdicts = verdicts.map(|one| (one.id.clone(), json!(one.verdict.word())));
    manifest.insert("verdicts".into(), Value::Object(verdicts.collect()));
    manifest.insert("certificates".into(), Value::Array(certificates));
    put_manifest(&mut files, manifest);
    Ok(files)
}

/// Every file that was read.
pub struct Inputs {
    /// Each with its hash, in the order of reading.
    pub files: Vec<Value>,
    /// The hash of the hashes, one a line: what the manifests of findings say in place of the list.
    pub sha256: String,
}

impl Inputs {
    /// What a project was read from.
    pub fn of(project: &Project) -> Inputs {
        let (mut files, mut hashes) = (Vec::new(), String::new());
        for (name, text) in project.documents.files() {
            let hash = digest(text.as_bytes());
            hashes.push_str(&hash);
            hashes.push('\n');
            files.push(json!({"file": name, "sha256": hash}));
        }
        Inputs {
            files,
            sha256: digest(hashes.as_bytes()),
        }
    }
}

/// A name that every file system takes.
fn plain(id: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || ".-_".contains(c) {
            c
        } else {
            '-'
        }
    };
    id.chars().map(plain).take(100).collect()
}

fn put_manifest(files: &mut Files, manifest: Map<String, Value>) {
    let text = format!("{:#}\n", Value::Object(manifest)).into_bytes();
    files.insert(SEAL.into(), seal(&text).into_bytes());
    files.insert(MANIFEST.into(), text);
}

/// What every manifest says.
fn common(inputs: &Inputs, certified: &Certified, kind: &str) -> Map<String, Value> {
    let answer = &certified.answer;
    let fields = json!({
        "kind": kind,
        "format": FORMAT,
        "tool": {"name": "cofferdam", "version": env!("CARGO_PKG_VERSION"),
            "facts_as_of": cofferdam_catalog::as_of()},
        "organization": answer.organization,
        "captured_at": answer.captured_at,
        "as_of": answer.as_of,
        "trusted": TRUSTED,
        "inputs_sha256": inputs.sha256,
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn of_finding(
    inputs: &Inputs,
    certified: &Certified,
    finding: &Finding,
    proofs: &[Proof],
) -> Result<Files, Failure> {
    let mut files = Files::new();
    let mut manifest = common(inputs, certified, "finding");
    manifest.extend(about(finding));
    let questions = questions(proofs, &mut files)?;
    manifest.insert("questions".into(), Value::Array(questions));
    manifest.insert("case_split".into(), case_split(certified, proofs));
    let hashes = files
        .iter()
        .map(|(name, bytes)| (name.clone(), json!(digest(bytes))));
    let hashes: Map<String, Value> = hashes.collect();
    manifest.insert("files".into(), Value::Object(hashes));
    put_manifest(&mut files, manifest);
    Ok(files)
}

fn about(finding: &Finding) -> Map<String, Value> {
    let facts = finding.facts.iter();
    let facts = facts.map(|fact| json!({"fact": fact.fact, "as_of": fact.as_of}));
    let fields = json!({
        "finding": finding.id,
        "obligation": finding.obligation,
        "dataset": finding.dataset,
        "verdict": finding.verdict.word(),
        "message": finding.message,
        "vacuous": finding.vacuous,
        "held_by": finding.held_by,
        "assumptions": finding.assumptions,
        "facts": facts.collect::<Vec<_>>(),
        "carried_by": finding.carried_by.iter().map(control).collect::<Vec<_>>(),
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn control(reason: &Reason) -> Value {
    json!({"document": reason.document, "layer": reason.layer, "statement": reason.statement,
        "sid": reason.sid, "effect": reason.effect})
}

/// One directory for each refutation; questions that come to the same formula share it.
fn questions(proofs: &[Proof], files: &mut Files) -> Result<Vec<Value>, Failure> {
    let mut shared: BTreeMap<&Certificate, usize> = BTreeMap::new();
    let mut places: Vec<(Result<&Certificate, &str>, Vec<Value>)> = Vec::new();
    for proof in proofs {
        match &proof.refutation {
            Refutation::Declared => {}
            Refutation::Missing(why) => places.push((Err(why), vec![asked(proof)])),
            Refutation::Written(certificate) => {
                let next = places.len();
                let place = *shared.entry(certificate).or_insert(next);
                match places.get_mut(place) {
                    Some((_, about)) => about.push(asked(proof)),
                    None => places.push((Ok(certificate), vec![asked(proof)])),
                }
            }
        }
    }
    (1..)
        .zip(places)
        .map(|(number, (certificate, asked))| one(number, certificate, asked, files))
        .collect()
}

fn one(
    number: usize,
    certificate: Result<&Certificate, &str>,
    asked: Vec<Value>,
    files: &mut Files,
) -> Result<Value, Failure> {
    let certificate = match certificate {
        Ok(certificate) => certificate,
        Err(why) => return Ok(json!({"unwritten": why, "asked": asked})),
    };
    let directory = format!("questions/{number:03}");
    let mut put = |name: &str, text: &str| {
        files.insert(format!("{directory}/{name}"), text.as_bytes().to_vec());
    };
    put("formula.txt", &certificate.formula);
    put("clauses.cnf", &certificate.clauses);
    put("proof.drat", &certificate.proof);
    let scripts = lemmas(&certificate.formula, &certificate.clauses);
    let scripts = scripts.map_err(|refused| {
        let message = format!("a certificate cannot be written: {refused}");
        Failure::usage(message, "please report this as a defect")
    })?;
    for (number, script) in (1..).zip(scripts) {
        put(&lemma_name(number), &script);
    }
    let formula = digest(certificate.formula.as_bytes());
    Ok(json!({"directory": directory, "formula": formula, "asked": asked}))
}

fn asked(proof: &Proof) -> Value {
    let (key, value) = match &proof.who {
        Class::Accounts(accounts) => ("every_principal_of", json!(accounts)),
        Class::OtherAccounts(accounts) => ("every_principal_outside", json!(accounts)),
        Class::One(name) => ("principal", json!(name)),
        Class::Events(trail) => ("events_kept_by", json!(trail)),
    };
    json!({key: value, "requests": proof.requests})
}

/// Whom the questions cover, account by account.
fn case_split(certified: &Certified, proofs: &[Proof]) -> Value {
    let accounts = cofferdam_boundary::proof::coverage(&certified.members, proofs);
    let row = |(account, (coverage, members)): (&str, (Coverage, &[String]))| {
        let named = matches!(coverage, Coverage::Existing | Coverage::Partly);
        let members = if named {
            json!(members)
        } else {
            json!(members.len())
        };
        (
            account.to_owned(),
            json!({"covered": coverage.word(), "principals": members}),
        )
    };
    let accounts: Map<String, Value> = accounts.into_iter().map(row).collect();
    let declared = proofs
        .iter()
        .filter(|proof| proof.refutation == Refutation::Declared);
    let mut declared: Vec<Value> = declared.map(asked).collect();
    declared.dedup();
    json!({"accounts": accounts, "declared": declared})
}
