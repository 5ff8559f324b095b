//! What holds for every text and every tree.

use cofferdam_text::{Documents, Node, Quoted, Value};
use proptest::prelude::*;

/// A tree without places, which is all that printing may keep.
#[derive(Clone, Debug, PartialEq)]
enum Tree {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

fn tree_of(node: &Node) -> Tree {
    match &node.value {
        Value::Null => Tree::Null,
        Value::Bool(truth) => Tree::Bool(*truth),
        Value::Number(text) => Tree::Number(text.to_string()),
        Value::String(text) => Tree::String(text.to_string()),
        Value::Array(elements) => Tree::Array(elements.iter().map(tree_of).collect()),
        Value::Object(members) => {
            let pair =
                |member: &cofferdam_text::Member| (member.key.to_string(), tree_of(&member.value));
            Tree::Object(members.iter().map(pair).collect())
        }
    }
}

/// Written by hand, apart from the printer under test.
fn text_of(tree: &Tree) -> String {
    let join = |parts: Vec<String>| parts.join(" ,\n");
    match tree {
        Tree::Null => "null".to_owned(),
        Tree::Bool(truth) => truth.to_string(),
        Tree::Number(text) => text.clone(),
        Tree::String(text) => Quoted(text).to_string(),
        Tree::Array(elements) => format!("[ {} ]", join(elements.iter().map(text_of).collect())),
        Tree::Object(members) => {
            let member =
                |(key, value): &(String, Tree)| format!("{}: {}", Quoted(key), text_of(value));
            format!("{{ {} }}", join(members.iter().map(member).collect()))
        }
    }
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::Bool),
        any::<i64>().prop_map(|number| Tree::Number(number.to_string())),
        any::<String>().prop_map(Tree::String),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let keyed = prop::collection::btree_map(any::<String>(), inner.clone(), 0..12);
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(Tree::Array),
            keyed.prop_map(|members| Tree::Object(members.into_iter().collect())),
        ]
    })
}

/// Text that often comes close to a document.
fn almost_documents() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud83d", "\\u0041", "1", "-", ".5", "e",
        "true", "null", "a", "é", "\n", "  ", "\t", "- ", ": ", "? ", "|", ">", "&a", "*a", "!x ",
        "!!str ", "#", "%7B", "---", "...", "'", "@", "\r", "\u{85}", "\u{2028}",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

/// Reads in every way and asks for the place of all that comes out.
fn read_all(bytes: &[u8]) {
    let mut documents = Documents::new();
    let mut origins = Vec::new();
    for result in [
        documents.read_json("a", bytes.to_vec()),
        documents.read_yaml("a", bytes.to_vec()),
    ] {
        match result {
            Ok(node) => collect(&node, &mut origins),
            Err(diagnostic) => origins.extend(diagnostic.origin),
        }
    }
    let (nodes, diagnostics) = documents.read_json_lines("a", bytes.to_vec());
    nodes.iter().for_each(|node| collect(node, &mut origins));
    origins.extend(
        diagnostics
            .iter()
            .filter_map(|diagnostic| diagnostic.origin),
    );
    for origin in origins {
        let place = documents.place(origin);
        let shown = place.excerpt.span.start as usize..place.excerpt.span.end as usize;
        assert!(place.excerpt.text.get(shown).is_some(), "{place:?}");
        assert!(
            documents
                .text(origin.document())
                .get(origin.span().start as usize..origin.span().end as usize)
                .is_some()
        );
    }
}

fn collect(node: &Node, origins: &mut Vec<cofferdam_text::Origin>) {
    origins.push(node.origin);
    match &node.value {
        Value::Array(elements) => elements.iter().for_each(|node| collect(node, origins)),
        Value::Object(members) => members.iter().for_each(|member| {
            origins.push(member.key_origin);
            collect(&member.value, origins);
        }),
        _ => {}
    }
}

proptest! {
    #[test]
    fn reading_what_was_printed_gives_the_same_tree(tree in trees()) {
        let mut documents = Documents::new();
        let node = documents.read_json("a", text_of(&tree).into_bytes()).expect("JSON");
        prop_assert_eq!(&tree_of(&node), &tree);
        for printed in [node.to_json(), node.to_json_pretty()] {
            let again = documents.read_json("a", printed.clone().into_bytes()).expect("JSON");
            prop_assert_eq!(&tree_of(&again), &tree);
        }
    }

    #[test]
    fn a_tree_in_a_string_is_the_same_tree(tree in trees()) {
        let mut documents = Documents::new();
        let outer = Quoted(&text_of(&tree)).to_string();
        let string = documents.read_json("a", outer.into_bytes()).expect("a string");
        let inner = documents.read_embedded(&string).expect("JSON");
        prop_assert_eq!(tree_of(&inner), tree);
    }

    #[test]
    fn json_is_yaml(tree in trees()) {
        let mut documents = Documents::new();
        let json = documents.read_json("a", text_of(&tree).into_bytes()).expect("JSON");
        if let Ok(yaml) = documents.read_yaml("a", json.to_json_pretty().into_bytes()) {
            prop_assert_eq!(tree_of(&yaml), tree);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        read_all(&bytes);
    }

    #[test]
    fn no_text_panics(text in almost_documents()) {
        read_all(text.as_bytes());
    }
}
