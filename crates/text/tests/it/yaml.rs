//! YAML into the same tree, with the same places and refusals.

use cofferdam_text::{Documents, Node, Value};

use crate::json::shown;

fn check(text: &str, printed: &str) {
    let mut documents = Documents::new();
    let node = documents.read_yaml("a.json", text.as_bytes().to_vec());
    assert_eq!(node.expect(text).to_json(), printed, "for {text}");
}

fn check_error(text: &str, expected: &str) {
    let mut documents = Documents::new();
    let diagnostic = documents
        .read_yaml("a.json", text.as_bytes().to_vec())
        .expect_err(text);
    assert_eq!(shown(&documents, &diagnostic), expected, "for {text:?}");
}

/// Every node and key with the text that its origin covers.
fn check_places(text: &str, expected: &[&str]) {
    let mut documents = Documents::new();
    let node = documents
        .read_yaml("a.json", text.as_bytes().to_vec())
        .expect(text);
    let mut found = Vec::new();
    walk(&documents, &node, &mut found);
    assert_eq!(found, expected);
}

fn walk(documents: &Documents, node: &Node, found: &mut Vec<String>) {
    let mut note = |origin: cofferdam_text::Origin| {
        let span = origin.span();
        let covered = &documents.text(origin.document())[span.start as usize..span.end as usize];
        found.push(format!("{} {covered}", documents.place(origin).pointer));
    };
    note(node.origin);
    match &node.value {
        Value::Array(elements) => elements
            .iter()
            .for_each(|node| walk(documents, node, found)),
        Value::Object(members) => members.iter().for_each(|member| {
            walk(documents, &member.value, found);
        }),
        _ => {}
    }
}

#[test]
fn scalars_follow_the_core_schema_of_yaml_1_2() {
    check(
        "Version: 2012-10-17\nflag: yes\nbool: true\nn: ~\nempty:\n",
        r#"{"Version":"2012-10-17","flag":"yes","bool":true,"n":null,"empty":null}"#,
    );
    check(
        "- 100000000001\n- 012345678901\n- '1'\n- 0x1F\n- 1.5\n",
        r#"[100000000001,"012345678901","1","0x1F",1.5]"#,
    );
    check(
        "a: |\n  x\n  y\nb: >-\n  x\n  y\n",
        r#"{"a":"x\ny\n","b":"x y"}"#,
    );
    check("{\"a\": [1, 'b']}", r#"{"a":[1,"b"]}"#);
    check("!!str 12", "\"12\"");
}

#[test]
fn tags_become_objects_with_one_member() {
    check(
        "a: !Ref Bucket\nb: !GetAtt [x, 1]\nc: !Sub {k: v}\n",
        r#"{"a":{"!Ref":"Bucket"},"b":{"!GetAtt":["x",1]},"c":{"!Sub":{"k":"v"}}}"#,
    );
    check_places("a: !Ref x\n", &[" a: !Ref x", "/a !Ref x", "/a/!Ref x"]);
}

#[test]
fn places_cover_what_was_written() {
    check_places(
        "# é\né: 'ü'\nlist:\n  - a\n  - b: {c: 1}  # end\n\nz: 1\n",
        &[
            " é: 'ü'\nlist:\n  - a\n  - b: {c: 1}  # end\n\nz: 1",
            "/é 'ü'",
            "/list - a\n  - b: {c: 1}",
            "/list/0 a",
            "/list/1 b: {c: 1}",
            "/list/1/b {c: 1}",
            "/list/1/b/c 1",
            "/z 1",
        ],
    );
}

#[test]
fn refusals() {
    check_error(
        "a: 1\nb: 2\na: 3\n",
        "3:1 the key `a` is already on line 1\nkeep one of the two",
    );
    check_error(
        "a: &x 1\nb: *x\n",
        "2:4 aliases are not supported\nwrite the value out where it is used",
    );
    check_error(
        "a: 1\n---\nb: 1\n",
        "2:1 a second document begins here\nput each document into a file of its own",
    );
    check_error("? [a]\n: 1\n", "1:3 expected a key that is plain text");
    check_error("# nothing\n", "1:1 the document is empty");
    check_error(
        "a: !!binary x\n",
        "1:13 the tag `tag:yaml.org,2002:!binary` does not fit this value\nremove the tag",
    );
    check_error(
        "a: 1\0b: 2",
        "1:5 the control character U+0000 may not stand in YAML\nremove it, or write it as an escape in double quotes",
    );
    check_error(
        "a: [1, 2\n",
        "2:1 this is not YAML: while parsing a flow sequence, expected ',' or ']'",
    );
}

#[test]
fn nesting_has_a_limit() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    check(&nested(128), &nested(128));
    for text in [
        nested(129),
        "[".repeat(10_000),
        "- ".repeat(10_000),
        "{a: ".repeat(10_000),
    ] {
        let error = Documents::new()
            .read_yaml("a.json", text.into_bytes())
            .expect_err("too deep");
        assert_eq!(error.message, "values are nested deeper than 128 levels");
    }
}

#[test]
fn a_small_stack_is_enough_for_the_deepest_document() {
    let read = || {
        for yaml in ["[".repeat(128) + &"]".repeat(128), "- ".repeat(127) + "x"] {
            let mut documents = Documents::new();
            let node = documents
                .read_yaml("a.json", yaml.into_bytes())
                .expect("deep YAML");
            documents
                .read_json("a.json", node.to_json().into_bytes())
                .expect("deep JSON");
        }
    };
    let thread = std::thread::Builder::new()
        .stack_size(2 * 1024 * 1024)
        .spawn(read);
    thread.expect("a thread").join().expect("no overflow");
}
