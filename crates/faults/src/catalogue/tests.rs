//! The table keeps its own rules: ids, closed words, real actions, and how many rows and edges each
//! group has.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use cofferdam_text::{Documents, Severity};

#[test]
fn every_row_is_an_edge() {
    for row in rows() {
        if let Err(wrong) = row::edge(&row) {
            panic!("{}: {}: {}", row.id, wrong.column, wrong.message);
        }
    }
    assert_eq!(edges().len(), rows().count());
}

#[test]
fn the_table_is_ascii_with_eight_columns() {
    for line in TABLE.lines() {
        assert!(line.is_ascii(), "not ASCII: {line}");
        if !line.starts_with('#') {
            let columns: Vec<&str> = line.split('\t').collect();
            assert_eq!(columns.len(), 8, "{line}");
            let filled = columns.iter().all(|column| !column.is_empty());
            assert!(filled, "write `-` in: {line}");
        }
    }
    assert_eq!(as_of().len(), "2026-11-23".len());
}

/// The row of an id, and the place of the edge in it.
fn place(id: &str) -> (&str, usize) {
    match id.split_once('.') {
        Some((row, place)) => (row, place.parse().expect("a number after the dot")),
        None => (id, 0),
    }
}

#[test]
fn ids_are_sorted_and_unique() {
    for pair in edges().windows(2) {
        let (first, second) = (place(&pair[0].id), place(&pair[1].id));
        assert!(first < second, "{} before {}", pair[0].id, pair[1].id);
    }
}

#[test]
fn each_group_has_its_rows_and_edges() {
    let mut counts: BTreeMap<&str, (BTreeSet<&str>, usize)> = BTreeMap::new();
    for edge in edges() {
        let group = counts.entry(&edge.id[..1]).or_default();
        group.0.insert(place(&edge.id).0);
        group.1 += 1;
    }
    let counts: Vec<(&str, usize, usize)> = counts
        .iter()
        .map(|(group, (rows, edges))| (*group, rows.len(), *edges))
        .collect();
    let expected = [
        ("A", 90, 215),
        ("B", 18, 43),
        ("C", 37, 100),
        ("D", 26, 81),
        ("E", 20, 48),
        ("F", 38, 133),
    ];
    assert_eq!(counts, expected);
}

#[test]
fn every_action_exists() {
    for edge in edges() {
        for need in &edge.needs {
            let action = &need.action;
            let known = cofferdam_catalog::action(action.service(), action.name());
            assert!(known.is_some(), "{}: {action}", edge.id);
        }
    }
}

#[test]
fn every_sentence_is_one_of_its_own() {
    let mut seen = BTreeMap::new();
    for edge in edges() {
        let text = edge.text.as_str();
        assert!(text.ends_with('.'), "{}: {text}", edge.id);
        assert!(
            text.starts_with(|c: char| c.is_ascii_uppercase()),
            "{}",
            edge.id
        );
        let other = seen.insert(text, &edge.id);
        assert_eq!(other, None, "{} says the same", edge.id);
    }
}

#[test]
fn every_word_is_used() {
    let used = |gain: &Gain| edges().iter().any(|edge| edge.gains.contains(gain));
    for gain in Gain::ALL {
        assert!(used(gain), "no edge gains {}", gain.word());
    }
    for (word, guard) in Guard::PLAIN {
        let used = edges().iter().any(|edge| edge.guards.contains(guard));
        assert!(used, "no edge has the guard {word}");
    }
    let with = |is: fn(&Guard) -> bool| edges().iter().flat_map(|edge| &edge.guards).any(is);
    assert!(with(|guard| matches!(guard, Guard::Trusts(_))));
    assert!(with(|guard| matches!(guard, Guard::Delegate(_))));
    assert!(with(|guard| matches!(guard, Guard::Exists(_))));
    assert!(with(|guard| matches!(guard, Guard::Declared(_))));
}

#[test]
fn only_group_a_may_rewrite_nothing() {
    for edge in edges() {
        let group_a = edge.id.starts_with('A');
        assert!(group_a || edge.layer.is_some(), "{}: no layer", edge.id);
    }
}

#[test]
fn what_no_api_does_must_be_declared() {
    for edge in edges().iter().filter(|edge| edge.needs.is_empty()) {
        let declared = |guard: &Guard| matches!(guard, Guard::Declared(_));
        assert!(edge.guards.iter().any(declared), "{}", edge.id);
    }
}

#[test]
fn unconfirmed_is_said_in_the_source() {
    let unconfirmed = |edge: &&Edge| edge.guards.contains(&Guard::Unconfirmed);
    for edge in edges().iter().filter(unconfirmed) {
        assert!(edge.source.contains("unconfirmed"), "{}", edge.id);
    }
}

/// A role that is passed to a service must also trust it, where its trust policy names services.
#[test]
fn passed_roles_trust_the_service() {
    let hosts = |edge: &Edge| -> Vec<String> {
        let passed = edge.needs.iter().filter_map(|need| match &need.operand {
            Operand::Passed(host) => Some(host.clone()),
            _ => None,
        });
        passed.collect()
    };
    for edge in edges() {
        for host in hosts(edge) {
            // Identity pools are trusted as a federated provider.
            let federated = host == "cognito-identity.amazonaws.com";
            let trusts = edge.guards.contains(&Guard::Trusts(host.clone()));
            assert!(trusts || federated, "{}: {host}", edge.id);
        }
    }
}

fn check(text: &str, expected: &[&str]) {
    let mut documents = Documents::new();
    let node = documents
        .read_yaml("edges.yaml", text.into())
        .expect("YAML");
    let (edges, found) = read(&node);
    let mut told: Vec<String> = edges
        .iter()
        .map(|edge| format!("edge {} of {} needs", edge.id, edge.needs.len()))
        .collect();
    told.extend(found.into_iter().map(|diagnostic| {
        let located = documents.locate(diagnostic);
        let kind = match located.severity {
            Severity::Error => "error",
            _ => "warning",
        };
        let line = located.line.unwrap_or(0);
        let help = located
            .help
            .map_or(String::new(), |help| format!(" ({help})"));
        format!("{kind} {line}: {}{help}", located.message)
    }));
    assert_eq!(told, expected, "{text}");
}

#[test]
fn users_add_edges() {
    let tail = "gain: code, text: It runs as the role., source: our own}";
    check(
        &format!(
            "- {{id: X1, on: role, needs: 'iam:PassRole@target>lambda.amazonaws.com, lambda:CreateFunction@new', guard: 'trusts:lambda.amazonaws.com', {tail}\n\
             - {{id: X2, on: role, needs: [iam:PassRole@target>ec2.amazonaws.com, ec2:RunInstances@new], {tail}"
        ),
        &["edge X1 of 2 needs", "edge X2 of 2 needs"],
    );
    check(
        &format!(
            "- {{id: A07, on: role, {tail}\n- {{id: X1, on: role, {tail}\n- {{id: X1, on: role, {tail}"
        ),
        &[
            "edge X1 of 0 needs",
            "error 1: edge `A07` exists already (give it an id of its own)",
            "error 3: edge `X1` exists already (give it an id of its own)",
        ],
    );
}

#[test]
fn what_is_wrong_in_a_users_edge_is_told_with_its_line() {
    let tail = "gain: copy, text: It leaves., source: our own}";
    check(
        &format!("- {{id: X1, on: bucket, needs: s3:PutBucketPolicy, {tail}"),
        &[
            "error 1: `s3:PutBucketPolicy` does not say what the action is done to (write `action@operand`, such as `iam:PassRole@target>lambda.amazonaws.com`)",
        ],
    );
    check(
        &format!("- {{id: X1, on: key, needs: 's3:PutObject@objects', {tail}"),
        &["error 1: `objects` needs a bucket"],
    );
    check(
        &format!("- {{id: X1, on: bucket, guard: sometimes, {tail}")
            .replace("sometimes", "exists:A"),
        &["error 1: `A`: write small letters, digits, `.` and `-`"],
    );
    check(
        &format!(
            "- id: X1\n  on: bucket\n  needs: s3:PutBuckedPolicy@target\n  {}",
            tail.trim_end_matches('}').replace(", ", "\n  ")
        ),
        &[
            "edge X1 of 1 needs",
            "warning 3: action s3:PutBuckedPolicy is not in the catalogue of actions (check its spelling; an action that does not exist gives nobody anything)",
        ],
    );
    check(
        "- {id: X1, what: else}",
        &[
            "error 1: an edge has no `what` (its keys are id, on, needs, guard, gain, layer, text, source)",
        ],
    );
    check(
        "- {id: X1}",
        &["error 1: an edge that gains nothing is no edge"],
    );
    check(
        "id: X1",
        &["error 1: a list of edges was expected, but here is an object"],
    );
    check("- 7", &["error 1: an edge is a map, but here is a number"]);
}
