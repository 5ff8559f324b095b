//! Published policies that this project did not write, where they are at hand.

use std::fs;
use std::path::{Path, PathBuf};

use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::lint::{Known, Subject, lint};
use cofferdam_policy::parse::parse;
use cofferdam_text::{Diagnostic, Documents, Severity};

const INPUTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../shared/inputs/policies"
);

fn files(folder: &str) -> Option<Vec<PathBuf>> {
    let entries = fs::read_dir(Path::new(INPUTS).join(folder)).ok()?;
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    Some(files)
}

/// What is wrong with each file, by the words that its name ends with.
fn errors(path: &Path, kind: PolicyKind) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let mut found = match Documents::new().read_json("policy.json", text.clone().into_bytes()) {
        Err(wrong) => return vec![format!("line {}: {}", wrong.line.unwrap(), wrong.message)],
        Ok(node) => {
            let (policy, mut found) = parse(&node, kind);
            let remarks = lint(&Subject {
                policy: &policy,
                tree: &node,
                kind,
                text: Some(&text),
                service: None,
                known: &Known::default(),
            });
            found.extend(remarks.into_iter().map(|remark| remark.diagnostic));
            found
        }
    };
    found.retain(|each: &Diagnostic| each.severity == Severity::Error);
    found.into_iter().map(|each| each.message).collect()
}

fn check(folder: &str, kind: PolicyKind, count: usize, bad: &str, expected: &[&str]) {
    let Some(files) = files(folder) else {
        println!("skipped: the published policies are not at {INPUTS}");
        return;
    };
    assert_eq!(files.len(), count, "every file of {folder} is read");
    for path in files {
        let found = errors(&path, kind);
        if path.to_string_lossy().ends_with(bad) {
            assert_eq!(found.len(), expected.len(), "{}: {found:?}", path.display());
            let each = found.iter().zip(expected);
            assert!(
                each.clone().all(|(found, start)| found.starts_with(start)),
                "{found:?}"
            );
        } else {
            assert!(found.is_empty(), "{}: {found:?}", path.display());
        }
    }
}

#[test]
fn service_control_policies() {
    check(
        "service-control",
        PolicyKind::ServiceControl,
        57,
        "deny-service-specific-credential-by-type.json",
        &["line 15: "],
    );
}

#[test]
fn resource_control_policies() {
    check(
        "resource-control",
        PolicyKind::ResourceControl,
        23,
        "Shared-Issuers.json",
        &[
            "a statement of a resource control policy must have the element Resource",
            "a resource control policy of 9212 characters, where 5120 fit",
            "a resource control policy must not Allow",
        ],
    );
}

/// A thousand documents that AWS itself stores: it refuses none of them, and neither may this.
#[test]
fn policies_of_aws_itself() {
    for policy in cofferdam_catalog::managed_policies() {
        let (_, found) = crate::policy(&policy.document(), PolicyKind::Identity);
        let refused = found.iter().find(|each| each.severity == Severity::Error);
        assert_eq!(refused, None, "{}", policy.name);
    }
}

#[test]
fn every_kind_has_its_grammar() {
    for kind in PolicyKind::ALL {
        assert_ne!(
            *kind.grammar(),
            cofferdam_catalog::Grammar::UNLISTED,
            "{kind:?}"
        );
    }
}
