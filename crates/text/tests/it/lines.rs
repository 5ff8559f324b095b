//! Files of JSON Lines: a bad line costs itself only.

use cofferdam_text::Documents;

#[test]
fn a_bad_line_is_a_diagnostic_and_the_rest_goes_on() {
    let mut documents = Documents::new();
    let text = "{\"a\": 1}\r\n\n{\"b\": \n  [true]\n";
    let (nodes, diagnostics) = documents.read_json_lines("a.json", text.as_bytes().to_vec());
    let printed: Vec<String> = nodes.iter().map(cofferdam_text::Node::to_json).collect();
    assert_eq!(printed, ["{\"a\":1}", "[true]"]);
    let [diagnostic] = diagnostics.as_slice() else {
        panic!("{diagnostics:?}")
    };
    assert_eq!(diagnostic.line, Some(3));
    assert_eq!(
        diagnostic.message,
        "the text ends inside the object that was opened on line 3"
    );
}

#[test]
fn places_are_those_of_the_file_and_pointers_those_of_the_line() {
    let mut documents = Documents::new();
    let (nodes, _) = documents.read_json_lines("a.json", b"{}\n{\"k\": [1, 22]}\n".to_vec());
    let inner = &nodes[1].get("k").expect("k").items()[1];
    let place = documents.place(inner.origin);
    assert_eq!(
        (place.line, place.column, place.pointer.as_str()),
        (2, 11, "/k/1")
    );
    assert_eq!(place.document_line, None);
    assert_eq!(place.excerpt.text, "{\"k\": [1, 22]}");
    assert_eq!(place.excerpt.first_line, 2);
}

#[test]
fn diagnostics_of_a_file_are_limited() {
    let mut documents = Documents::new();
    let (nodes, diagnostics) = documents.read_json_lines("a.json", "{\n".repeat(200_000).into());
    assert!(nodes.is_empty());
    assert_eq!(diagnostics.len(), 101);
    assert_eq!(diagnostics[100].message, "199900 more lines cannot be read");
}
