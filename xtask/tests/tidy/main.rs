//! The rules of the house, as tests over what Cargo says of the workspace and over the source text.
//!
//! What only a reviewer guards erodes: an import across rooms, a clock in a pure crate, a licence
//! that came with an update. Each rule here is a table and a loop over it, and a failure lists the
//! rule and every place that breaks it. ARCHITECTURE.md names these tests beside its invariants.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod graph;
mod licence;
mod rules;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use graph::{Graph, Kind};
use source::Source;

#[track_caller]
fn check(rule: &str, faults: impl IntoIterator<Item = String>) {
    let faults: Vec<String> = faults.into_iter().collect();
    assert!(faults.is_empty(), "{rule}\n  {}\n", faults.join("\n  "));
}

#[test]
fn rooms_import_only_what_the_design_allows() {
    let graph = Graph::of_the_workspace();
    let foreign = |package: &str| {
        let room = rules::room(package);
        graph
            .imports(package)
            .into_iter()
            .filter_map(move |(import, kind)| {
                let known = room.imports.contains(&import.as_str());
                let in_tests = kind == Kind::Test && rules::TEST_ROOMS.contains(&import.as_str());
                (!known && !in_tests).then(|| format!("{} imports {import} ({kind:?})", room.name))
            })
    };
    check(
        "a room imports no other room than its row in xtask/tests/tidy/rules.rs allows",
        graph.members().into_iter().flat_map(foreign),
    );
}

#[test]
fn core_rooms_only_compute() {
    let core = rules::ROOMS.iter().filter(|room| room.core);
    let faults = core.flat_map(|room| {
        let folder = format!("crates/{}/src/", room.name);
        let sources = source::all()
            .iter()
            .filter(move |source| source.path.starts_with(&folder));
        sources.flat_map(|source| effects(room, source))
    });
    check(
        "a core room has no input, output, clock, environment, thread or async code",
        faults,
    );
}

fn effects(room: &rules::Room, source: &Source) -> Vec<String> {
    let code = source.code_without_tests();
    let used = |word: &&rules::Word| {
        source::has_word(code, word.text) || source::imports_in_group(code, word.text)
    };
    rules::EFFECTS
        .iter()
        .filter(|word| !(word.effect == rules::THREADS && rules::MAY_THREAD.contains(&room.name)))
        .filter(used)
        .map(|word| format!("{}: {} ({})", source.path, word.text, word.effect))
        .collect()
}

#[test]
fn licences_are_permitted() {
    let graph = Graph::of_everything();
    let refused = graph.packages.iter().filter_map(|package| {
        let text = package.licence.as_deref().unwrap_or("no licence");
        let permitted = licence::permits(text, rules::LICENCES);
        (!permitted).then(|| format!("{} {}: {text}", package.name, package.version))
    });
    check(
        "every package has a licence from the list in xtask/tests/tidy/rules.rs",
        refused,
    );
}

#[test]
fn licence_expressions_are_understood() {
    for (text, expected) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0-only", false),
        ("GPL-3.0-only OR MIT", true),
        ("GPL-3.0-only AND MIT", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("(MIT OR Apache-2.0) AND GPL-3.0-only", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("no licence", false),
        ("", false),
    ] {
        assert_eq!(
            licence::permits(text, rules::LICENCES),
            expected,
            "{text:?}"
        );
    }
}

#[test]
fn no_package_is_built_twice() {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, version) in graph::locked() {
        versions.entry(name).or_default().push(version);
    }
    versions.retain(|_, list| list.len() > 1);
    let allowed: BTreeSet<&str> = rules::DUPLICATES.iter().map(|(name, _)| *name).collect();
    let unexpected = versions
        .iter()
        .filter(|(name, _)| !allowed.contains(name.as_str()))
        .map(|(name, list)| format!("{name}: {}", list.join(", ")));
    check(
        "Cargo.lock holds one version of a package, or rules.rs says why not",
        unexpected,
    );
    let gone = allowed.iter().filter(|name| !versions.contains_key(**name));
    check(
        "a duplicate that is gone leaves the list",
        gone.map(|name| (*name).to_owned()),
    );
}

#[test]
fn dependencies_are_explained() {
    let written = explained(&source::document("docs/dependencies.md"));
    let real = Graph::of_the_workspace().outside();
    let faults = real
        .iter()
        .filter(|(name, users)| written.get(*name) != Some(*users))
        .map(|(name, users)| {
            format!(
                "{name}: a heading and the line \"Used by: {}.\"",
                join(users)
            )
        });
    check(
        "docs/dependencies.md says what each direct dependency is for",
        faults,
    );
    let gone = written.keys().filter(|name| !real.contains_key(*name));
    check(
        "docs/dependencies.md explains nothing that is gone",
        gone.cloned(),
    );
}

/// Dependency → the packages that use it, from headings and their "Used by" lines.
fn explained(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for part in text.split("\n## ").skip(1) {
        let name = part.lines().next().unwrap_or_default().trim().to_owned();
        let users = part.lines().find_map(|line| line.strip_prefix("Used by: "));
        let users = users.unwrap_or_default().trim_end_matches('.').split(", ");
        found.insert(name, users.map(str::to_owned).collect());
    }
    found
}

fn join(names: &BTreeSet<String>) -> String {
    names
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn files_begin_with_their_reason() {
    let bare = source::all()
        .iter()
        .filter(|source| !source.text.starts_with("//! "));
    let paths = bare.map(|source| source.path.clone());
    check(
        "a file begins with a //! comment that says why it is as it is",
        paths,
    );
}

#[test]
fn files_are_short() {
    let long = source::all().iter().filter_map(|source| {
        let lines = source.lines_without_tests();
        let over = lines > rules::FILE_LINES && !rules::LONG_FILES.contains(&source.path.as_str());
        over.then(|| format!("{}: {lines} lines", source.path))
    });
    check("a file has at most 800 lines without its tests", long);
}

/// Tests are left out: a table of cases may be as long as there are cases.
#[test]
fn functions_are_short() {
    let mut lengths = Vec::new();
    let mut long = Vec::new();
    for source in source::all() {
        for function in source::functions(source.code_without_tests()) {
            if function.lines > rules::FUNCTION_LINES {
                let source::Function { name, lines } = &function;
                long.push(format!("{}: {name} has {lines} lines", source.path));
            }
            lengths.push(function.lines);
        }
    }
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or_default();
    println!("{} functions, median {median} lines", lengths.len());
    check("a function has at most 70 lines", long);
}

#[test]
fn nothing_is_left_for_later() {
    let mut faults = Vec::new();
    for source in source::all() {
        let left = rules::LEFT_IN_CODE
            .iter()
            .filter(|word| source.code.contains(**word));
        let noted = rules::LEFT_IN_COMMENTS
            .iter()
            .filter(|word| source.comments.contains(**word));
        faults.extend(
            left.chain(noted)
                .map(|word| format!("{}: {word}", source.path)),
        );
    }
    check(
        "work left undone is said in README.md, not left in the code",
        faults,
    );
}

#[test]
fn invariants_name_their_tests() {
    let text = source::document("ARCHITECTURE.md");
    let sources = source::all();
    let faults = text.split("**Invariant**").skip(1).filter_map(|part| {
        let sentence = part.split("\n\n").next().unwrap_or_default();
        let mut names = sentence.split('`').skip(1).step_by(2);
        let tested = names.any(|name| is_test(name, sources));
        (!tested).then(|| sentence.trim().to_owned())
    });
    check(
        "an **Invariant** of ARCHITECTURE.md names, in backquotes, the test that holds it",
        faults,
    );
}

/// A test by its name, or the macro that makes one of each of its names.
fn is_test(name: &str, sources: &[Source]) -> bool {
    let name = name.rsplit("::").next().unwrap_or(name);
    let heads = [format!("fn {name}("), format!("{name}! {{")];
    let has = |source: &Source| heads.iter().any(|head| source.code.contains(head));
    sources
        .iter()
        .any(|source| source.code.contains("#[test]") && has(source))
}

#[test]
fn links_lead_somewhere() {
    let mut faults = Vec::new();
    for path in source::documents() {
        let folder = Path::new(&path)
            .parent()
            .unwrap_or(Path::new(""))
            .to_owned();
        let text = source::document(&path);
        for target in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', '#']).next())
        {
            let file = source::root().join(&folder).join(target);
            if !target.contains("://") && !target.is_empty() && fs::metadata(file).is_err() {
                faults.push(format!("{path}: {target}"));
            }
        }
    }
    check(
        "a link in the documentation leads to a file of the repository",
        faults,
    );
}

#[test]
fn the_readmes_commands_are_run() {
    let script = source::document(".ci/run");
    let text = source::document("README.md");
    let blocks = text
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let commands = blocks
        .flat_map(str::lines)
        .map(|line| line.replace(" --release", ""));
    let unrun = commands.filter(|command| !script.contains(command));
    check(
        "what README.md tells to type is run by .ci/run (there without --release)",
        unrun,
    );
}
