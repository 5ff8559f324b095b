//! No tree makes the reader panic, and every message has a place and advice.
//!
//! Trees are grown from the words of boundary files, since a tree of random words ends at the
//! first check.

use cofferdam_text::{Documents, Node};
use proptest::prelude::*;

use super::read;
use super::tests::ACME;
use crate::exception::covering;

/// JSON, which YAML includes, of the words that boundary files are made of.
fn trees() -> impl Strategy<Value = String> {
    let words = [
        "role",
        "arn:aws:iam::111122223333:role/x",
        "*",
        "2027-03-31",
        "vpce-1",
        "read",
        "identity.*",
        "é\n",
    ];
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i32>().prop_map(|number| number.to_string()),
        prop::sample::select(words.to_vec()).prop_map(|word| format!("{word:?}")),
    ];
    let fields = [
        "version",
        "organizations",
        "id",
        "trust",
        "accounts",
        "partners",
        "name",
        "networks",
        "endpoints",
        "vpcs",
        "cidrs",
        "datasets",
        "resources",
        "arn",
        "keys",
        "multi-region",
        "regions",
        "access",
        "who",
        "role",
        "role-pattern",
        "creators",
        "can",
        "from",
        "assumed-by",
        "audit",
        "trail",
        "archive",
        "forbidden",
        "actions",
        "accounts",
        "except",
        "when",
        "exceptions",
        "lifts",
        "reason",
        "owner",
        "expires",
        "break-glass",
        "never-lifts",
        "platform-roles",
        "pattern",
        "assume",
        "that",
        "require",
        "disjoint",
        "sound",
        "breach-depth",
        "copies",
        "tag",
        "unknown",
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::btree_map(prop::sample::select(fields.to_vec()), inner, 0..8)
                .prop_map(|members| {
                    let members: Vec<_> = members
                        .iter()
                        .map(|(key, value)| format!("{key:?}: {value}"))
                        .collect();
                    format!("{{{}}}", members.join(","))
                }),
        ]
    })
}

proptest! {
    #[test]
    fn any_tree_is_read_without_panic(section in 0usize..12, tree in trees(), whole in trees()) {
        let sections = ["sources", "organizations", "partners", "networks", "datasets", "exceptions", "break-glass",
            "platform-roles", "assume", "require", "enforce", "forbidden"];
        let text = format!("{{\"version\": 1, {:?}: {tree}}}", sections[section]);
        let mut documents = Documents::new();
        let nodes: Vec<Node> = [&text, &whole]
            .into_iter()
            .filter_map(|text| documents.read_yaml("a.yaml", text.clone().into_bytes()).ok())
            .collect();
        let (boundary, diagnostics) = read(&nodes);
        let _ = covering(&boundary, "audit.recorded", "d", "arn:aws:iam::111122223333:role/x", None);
        for diagnostic in &diagnostics {
            prop_assert!(diagnostic.origin.is_some() && diagnostic.help.is_some(), "{}", diagnostic.message);
        }
    }

    #[test]
    fn any_text_in_place_of_a_line_is_read_without_panic(line in 0usize..52, text in "[ -~]{0,40}") {
        let lines: Vec<&str> = ACME.lines().enumerate().map(|(at, old)| if at == line { &*text } else { old }).collect();
        let mut documents = Documents::new();
        if let Ok(node) = documents.read_yaml("a.yaml", lines.join("\n").into_bytes()) {
            let _ = read(&[node]);
        }
    }
}
