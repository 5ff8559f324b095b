//! A certificate as files: the manifest names every file with its hash, the seal hashes the
//! manifest.
//!
//! Hashes find what was damaged or exchanged by mistake. They do not tell who wrote a certificate:
//! whoever changes a file can hash it again, and then the question, the clauses and the proof must
//! still fit together.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::cover::{self, Cover};
use crate::refused::Refused;
use crate::{Question, lemmas, question};

/// The files of one directory by their paths below it, with `/` between names.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The file that says what a directory holds.
pub const MANIFEST: &str = "manifest.json";

/// The file with the hash of the manifest.
pub const SEAL: &str = "manifest.sha256";

/// What the manifest of a whole check calls itself.
pub const INDEX: &str = "check";

/// A finding whose certificate holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Checked {
    /// The finding's id.
    pub finding: String,
    /// How many questions it rests on.
    pub questions: usize,
    /// How many of them are false as they were compiled.
    pub plain: usize,
    /// Clauses of all questions that spell them out.
    pub definitions: usize,
    /// Lemmas of all questions.
    pub lemmas: usize,
    /// Steps of all proofs.
    pub steps: usize,
    /// Whom the questions stand for.
    pub cover: Cover,
}

/// The hash of a file as a manifest writes it.
pub fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The seal of a manifest.
pub fn seal(manifest: &[u8]) -> String {
    format!("{}  {MANIFEST}\n", digest(manifest))
}

/// Checks the directory of one finding.
pub fn finding(files: &Files) -> Result<Checked, Refused> {
    let manifest = manifest(files)?;
    let id = text(&manifest, "finding")?.to_owned();
    files_are_listed(files, &manifest)?;
    if text(&manifest, "verdict")? != "proved" {
        return Err(Refused::new("the finding is not proved"));
    }
    let mut checked = Checked {
        finding: id,
        ..Checked::default()
    };
    for entry in list(&manifest, "questions")? {
        if let Ok(why) = text(entry, "unwritten") {
            return Err(Refused::new(format!("a question has no proof: {why}")));
        }
        let place = text(entry, "directory")?;
        let seen = one_question(files, place).map_err(|refused| refused.at(place))?;
        checked.questions += 1;
        checked.plain += usize::from(seen.is_plain);
        checked.definitions += seen.definitions;
        checked.lemmas += seen.lemmas;
        checked.steps += seen.steps;
    }
    checked.cover = cover::check(&manifest)?;
    Ok(checked)
}

/// Checks the directory of a whole check, without those of its findings: the names of these, and
/// the hash of each one's manifest.
pub fn index(files: &Files) -> Result<Vec<(String, String)>, Refused> {
    let manifest = manifest(files)?;
    if text(&manifest, "kind")? != INDEX {
        return Err(Refused::new("this is no certificate of a whole check"));
    }
    let entries = list(&manifest, "certificates")?.iter();
    entries
        .map(|entry| {
            let place = text(entry, "directory")?.to_owned();
            Ok((place, text(entry, "manifest")?.to_owned()))
        })
        .collect()
}

/// The manifest, if the seal fits.
pub(crate) fn manifest(files: &Files) -> Result<Value, Refused> {
    let missing = |name: &str| Refused::new(format!("{name} is missing"));
    let bytes = files.get(MANIFEST).ok_or_else(|| missing(MANIFEST))?;
    let found = files.get(SEAL).ok_or_else(|| missing(SEAL))?;
    if *found != seal(bytes).into_bytes() {
        return Err(Refused::new(format!("{MANIFEST} is not what {SEAL} says")));
    }
    serde_json::from_slice(bytes)
        .map_err(|error| Refused::new(format!("{MANIFEST} cannot be read: {error}")))
}

/// That the manifest lists every file with its hash, and no other.
fn files_are_listed(files: &Files, manifest: &Value) -> Result<(), Refused> {
    let listed = manifest.get("files").and_then(Value::as_object);
    let listed = listed.ok_or_else(|| Refused::new("the manifest lists no files"))?;
    let own: BTreeSet<&str> = listed
        .keys()
        .map(String::as_str)
        .chain([MANIFEST, SEAL])
        .collect();
    if let Some(other) = files.keys().find(|name| !own.contains(name.as_str())) {
        return Err(Refused::new(format!("{other} is not in the manifest")));
    }
    for (name, hash) in listed {
        let bytes = files.get(name);
        let bytes = bytes.ok_or_else(|| Refused::new(format!("{name} is missing")))?;
        if hash.as_str() != Some(&digest(bytes)) {
            return Err(Refused::new(format!(
                "{name} is not what the manifest says"
            )));
        }
    }
    Ok(())
}

fn one_question(files: &Files, place: &str) -> Result<Question, Refused> {
    let text = |name: &str| {
        let bytes = files.get(&format!("{place}/{name}"));
        let bytes = bytes.ok_or_else(|| Refused::new(format!("{name} is missing")))?;
        let text = std::str::from_utf8(bytes);
        text.map_err(|_| Refused::new(format!("{name} is no text")))
    };
    let (formula, clauses) = (text("formula.txt")?, text("clauses.cnf")?);
    let seen = question(formula, clauses, text("proof.drat")?)?;
    for (number, expected) in (1..).zip(lemmas(formula, clauses)?) {
        let name = lemma_name(number);
        if text(&name)? != expected {
            return Err(Refused::new(format!(
                "{name} is not the lemma of the clauses"
            )));
        }
    }
    Ok(seen)
}

/// The file of a lemma by its number, from one.
pub fn lemma_name(number: usize) -> String {
    format!("lemmas/{number:03}.smt2")
}

pub(crate) fn text<'v>(value: &'v Value, key: &str) -> Result<&'v str, Refused> {
    let text = value.get(key).and_then(Value::as_str);
    text.ok_or_else(|| Refused::new(format!("the manifest has no text '{key}'")))
}

pub(crate) fn list<'v>(value: &'v Value, key: &str) -> Result<&'v [Value], Refused> {
    let list = value.get(key).and_then(Value::as_array);
    list.map(Vec::as_slice)
        .ok_or_else(|| Refused::new(format!("the manifest has no list '{key}'")))
}
