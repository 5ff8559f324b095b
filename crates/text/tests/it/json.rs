//! What the JSON reader takes, what it refuses, and what it says then.

use cofferdam_text::{Diagnostic, Documents};

fn check(text: &str, printed: &str) {
    let mut documents = Documents::new();
    let node = documents.read_json("a.json", text.as_bytes().to_vec());
    assert_eq!(node.expect(text).to_json(), printed);
}

/// Expects an error as "line:column message", then its help on a second line.
fn check_error(text: &str, expected: &str) {
    let mut documents = Documents::new();
    let diagnostic = documents
        .read_json("a.json", text.as_bytes().to_vec())
        .expect_err(text);
    assert_eq!(shown(&documents, &diagnostic), expected, "for {text:?}");
}

pub fn shown(documents: &Documents, diagnostic: &Diagnostic) -> String {
    let place = documents.place(diagnostic.origin.expect("an origin"));
    assert_eq!(diagnostic.line, Some(place.line));
    assert_eq!(diagnostic.file.as_deref(), Some("a.json"));
    let help = diagnostic
        .help
        .as_ref()
        .map(|help| format!("\n{help}"))
        .unwrap_or_default();
    format!(
        "{}:{} {}{help}",
        place.line, place.column, diagnostic.message
    )
}

#[test]
fn values() {
    check(
        " {\"a\" : [1, -2.50e+3, true,false,null,\"\"] , \"b\":{}} ",
        r#"{"a":[1,-2.50e+3,true,false,null,""],"b":{}}"#,
    );
    check("\u{feff}[]", "[]");
    check("\"\\u00e9\\ud83d\\ude00\\/\\\"\\b\"", r#""é😀/\"\u0008""#);
    check("12345678901234567890123", "12345678901234567890123");
}

#[test]
fn truncated_text_names_what_is_open() {
    let help = "the file may be cut off: fetch it again, or close what is open";
    let inside = |place: &str, kind: &str, line: u32| {
        format!("{place} the text ends inside the {kind} that was opened on line {line}\n{help}")
    };
    check_error("{\n\"a\": [\n1,\n", &inside("4:1", "array", 2));
    check_error("{\n\"a\": 1", &inside("2:7", "object", 1));
    check_error("{\n\"a\":", &inside("2:5", "object", 1));
    check_error("[\n\"abc", &inside("2:5", "string", 2));
    check_error("", "1:1 the text ends where a value is expected");
}

#[test]
fn common_mistakes_get_advice() {
    check_error(
        "[1,\n]",
        "2:1 expected a value, found `]`\nremove the comma before it",
    );
    check_error(
        "{\"a\":1,}",
        "1:8 expected a key in double quotes, found `}`\nremove the comma before it",
    );
    check_error(
        "[ // x\n1]",
        "1:3 expected a value, found `/`\nJSON has no comments: remove it",
    );
    check_error(
        "{'a': 1}",
        "1:2 expected a key in double quotes, found `'`\nwrite strings in straight double quotes",
    );
    check_error(
        "{\"a\": True}",
        "1:7 expected a value, found `True`\nwrite true, false or null in lower case",
    );
    check_error(
        "{a: 1}",
        "1:2 expected a key in double quotes, found `a`\nwrite text in double quotes",
    );
    check_error(
        "{\"a\":1 \"b\":2}",
        "1:8 expected `,` or `}`, found `\"`\na comma or colon is missing before it",
    );
    check_error("{\"a\"}", "1:5 expected `:` after the key, found `}`");
    check_error(
        "{} {}",
        "1:4 expected the end of the document, found `{`\na comma is missing before it, or the file holds several documents",
    );
    check_error(
        "\"a\nb\"",
        "1:1 the string is not closed on its line\nclose it with a double quote, or write a line break in it as \\n",
    );
    check_error(
        "[012]",
        "1:2 a number may not start with 0\nput it in double quotes if it is an identifier",
    );
    check_error("[1.]", "1:4 expected a digit, found `]`");
    check_error("[-]", "1:3 expected a digit, found `]`");
    check_error(
        "NaN",
        "1:1 expected a value, found `NaN`\nwrite text in double quotes",
    );
}

#[test]
fn bad_escapes() {
    check_error(
        "[\"é\\ud800\"]",
        "1:4 half of a surrogate pair stands alone\nwrite both halves, or the character itself",
    );
    check_error(
        "\"\\x41\"",
        "1:2 no escape of JSON begins so\nwrite a backslash as \\\\",
    );
    check_error(
        "\"\\u12g4\"",
        "1:2 `\\u` needs four hexadecimal digits\nwrite \\u0041 for A",
    );
    check_error(
        "\"a\u{1}\"",
        "1:3 the control character U+0001 stands in a string\nwrite it as a \\u escape",
    );
}

#[test]
fn duplicate_keys_are_refused_as_aws_refuses_them() {
    check_error(
        "{\"a\": 1,\n\"b\": 2,\n\"\\u0061\": 3}",
        "3:1 the key `a` is already on line 1\nkeep one of the two",
    );
}

#[test]
fn nesting_has_a_limit() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    check(&nested(128), &nested(128));
    check_error(
        &nested(129),
        "1:129 values are nested deeper than 128 levels",
    );
    check_error(
        &"{\"a\":[".repeat(10_000),
        "1:385 values are nested deeper than 128 levels",
    );
}

#[test]
fn size_and_encoding_have_no_place_but_the_file() {
    let refused = |bytes: Vec<u8>| {
        Documents::new()
            .read_json("a.json", bytes)
            .expect_err("refused")
    };
    let size = refused(vec![b' '; 50_000_000]);
    assert_eq!(
        size.message,
        "the document has 50000000 bytes, and at most 33554432 are read"
    );
    assert_eq!(size.file.as_deref(), Some("a.json"));
    let latin = refused(b"{\n\"a\": \"\xe9\"}".to_vec());
    assert_eq!(
        (latin.line, latin.message.as_str()),
        (Some(2), "the file is not UTF-8 on this line")
    );
    assert_eq!(
        refused(b"\xff\xfe{\0}\0".to_vec()).message,
        "the file is UTF-16, and only UTF-8 is read"
    );
}

#[test]
fn many_values_have_a_limit() {
    let text = format!("[{}0]", "0,".repeat(4_000_000));
    let refused = Documents::new()
        .read_json("a.json", text.into_bytes())
        .expect_err("too many");
    assert_eq!(
        refused.message,
        "the document holds more than 4000000 values"
    );
}

#[test]
fn accessors() {
    let mut documents = Documents::new();
    let text = br#"{"one": "x", "list": ["a", 2], "flag": true, "none": null}"#;
    let node = documents
        .read_json("a.json", text.to_vec())
        .expect("an object");
    let texts = |key: &str| -> Vec<Option<&str>> {
        node.get(key)
            .expect(key)
            .items()
            .iter()
            .map(|item| item.text())
            .collect()
    };
    assert_eq!(texts("one"), [Some("x")]);
    assert_eq!(texts("list"), [Some("a"), Some("2")]);
    assert_eq!(texts("flag"), [Some("true")]);
    assert_eq!(texts("none"), [None]);
    assert_eq!(node.get("list").expect("list").kind(), "an array");
    assert!(node.get("missing").is_none());
}
