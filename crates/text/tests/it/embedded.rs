//! Documents inside strings: they have lines and pointers of their own, and lead back to the file.

use cofferdam_text::{Diagnostic, Documents, Node, Origin, Place};

fn read(documents: &mut Documents, file: &str) -> Result<Node, Diagnostic> {
    let outer = documents
        .read_json("a.json", file.as_bytes().to_vec())
        .expect("JSON");
    documents.read_embedded(outer.get("Policy").expect("a policy"))
}

fn check(file: &str, path: &[&str], expected: &str) {
    let mut documents = Documents::new();
    let policy = read(&mut documents, file).expect("an embedded document");
    let node = path
        .iter()
        .fold(&policy, |node, step| match step.parse::<usize>() {
            Ok(index) => &node.items()[index],
            Err(_) => node.get(step).expect(step),
        });
    assert_eq!(shown(&documents.place(node.origin)), expected);
}

fn shown(place: &Place) -> String {
    let Place {
        file,
        line,
        column,
        document_line,
        pointer,
        address: _,
        excerpt,
    } = place;
    let underlined = &excerpt.text[excerpt.span.start as usize..excerpt.span.end as usize];
    let inner = document_line
        .map(|line| format!(" document line {line}"))
        .unwrap_or_default();
    format!(
        "{file}:{line}:{column}{inner} {pointer} | {}: {underlined}",
        excerpt.first_line
    )
}

#[test]
fn lines_and_pointers_count_through_escapes() {
    check(
        "{\n  \"Policy\": \"{\\n \\\"Statement\\\": [\\n  {\\\"Sid\\\": \\\"\\\\u00e9A\\\"}]}\"\n}",
        &["Statement", "0", "Sid"],
        "a.json:2:13 document line 3 /Statement/0/Sid | 3: \"\\u00e9A\"",
    );
    check(
        "{\"Policy\": \"{\\\"a/b\\\": {\\\"~\\\": 1}}\"}",
        &["a/b", "~"],
        "a.json:1:12 document line 1 /a~1b/~0 | 1: 1",
    );
}

#[test]
fn percent_encoded_text_is_decoded_as_iam_encodes_it() {
    check(
        "{\"Policy\": \"%7B%0A%22Sid%22%3A%20%22a+b%22%7D\"}",
        &["Sid"],
        "a.json:1:12 document line 2 /Sid | 2: \"a+b\"",
    );
}

#[test]
fn one_long_line_is_laid_out_anew() {
    let statements = vec![r#"{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\"]}"#; 20].join(",");
    let file = format!("{{\"Policy\": \"{{\\\"Statement\\\":[{statements}]}}\"}}");
    let expected = "a.json:1:12 document line 1 /Statement/2 | 15: {\n      \"Effect\": \"Allow\",\n      \"Action\": [\n        \"s3:GetObject\"\n      ]\n    }";
    check(&file, &["Statement", "2"], expected);
}

#[test]
fn long_values_are_cut_around_the_span() {
    let value = "é".repeat(500);
    let mut documents = Documents::new();
    let file = format!("{{\"a\": \"x\", \"bb\": \"{value}\"}}");
    let node = documents
        .read_json("a.json", file.into_bytes())
        .expect("JSON");
    let place = documents.place(node.get("bb").expect("bb").origin);
    assert!(
        place.excerpt.text.starts_with("  \"bb\": \"é"),
        "{:?}",
        place.excerpt
    );
    assert!(place.excerpt.text.len() <= 160);
    assert_eq!((place.excerpt.first_line, place.excerpt.printed), (3, true));
}

#[test]
fn errors_name_the_file_and_the_place_within() {
    let mut documents = Documents::new();
    let error = read(&mut documents, "{\n\"Policy\": \"{\\n'a'}\"}").expect_err("single quotes");
    assert_eq!(
        (error.file.as_deref(), error.line),
        (Some("a.json"), Some(2))
    );
    let place = documents.place(error.origin.expect("an origin"));
    assert_eq!((place.document_line, place.pointer.as_str()), (Some(2), ""));
    assert_eq!(place.excerpt.text, "'a'}");

    let error = read(&mut Documents::new(), "{\"Policy\": [1]}").expect_err("no string");
    assert_eq!(
        error.message,
        "expected a string that holds JSON, found an array"
    );
    let error = read(&mut Documents::new(), "{\"Policy\": \"%7\"}").expect_err("cut");
    assert!(
        error.message.contains("two hexadecimal digits"),
        "{}",
        error.message
    );
}

#[test]
fn documents_in_documents_have_a_limit() {
    let mut documents = Documents::new();
    let mut text = "{}".to_owned();
    for _ in 0..9 {
        text = format!("{{\"Policy\": {}}}", cofferdam_text::Quoted(&text));
    }
    let mut node = documents
        .read_json("a.json", text.into_bytes())
        .expect("JSON");
    let mut levels = 0;
    let error = loop {
        match documents.read_embedded(node.get("Policy").expect("a policy")) {
            Ok(inner) => node = inner,
            Err(error) => break error,
        }
        levels += 1;
    };
    assert_eq!(
        (levels, error.message.as_str()),
        (7, "more than 8 documents lie in each other")
    );
}

#[test]
fn origins_are_ordered_by_reading() {
    let mut documents = Documents::new();
    let policy = read(&mut documents, "{\"Policy\": \"[1, 2]\"}").expect("an array");
    let origins: Vec<Origin> = policy.items().iter().map(|node| node.origin).collect();
    assert!(policy.origin < origins[0] && origins[0] < origins[1]);
    assert_eq!(documents.text(policy.origin.document()), "[1, 2]");
    assert_eq!(documents.name(policy.origin.document()), "a.json");
}

#[test]
fn a_value_is_read_again_at_its_origin() {
    let mut documents = Documents::new();
    let inner = read(
        &mut documents,
        r#"{"Policy": "{\"a\": [1, {\"b\": true}]}"}"#,
    )
    .expect("JSON");
    let yaml = documents
        .read_yaml("a.yaml", b"a: [1, {b: true}]".to_vec())
        .expect("YAML");
    for root in [inner, yaml] {
        let node = &root.get("a").expect("a").items()[1];
        let again = documents.node(node.origin).expect("the same value");
        assert_eq!(again.to_json(), r#"{"b":true}"#);
        assert_eq!(again.origin, node.origin);
    }
}
