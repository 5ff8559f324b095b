//! Any bytes as a boundary file: it is read without failing, every diagnostic can be shown, and the
//! printed tree declares the same whether it is read as JSON or as YAML.
#![no_main]

use cofferdam_boundary::file::read;
use cofferdam_report::style::Style;
use cofferdam_report::text;
use cofferdam_text::{Documents, Node};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut documents = Documents::new();
    let Ok(tree) = documents.read_yaml("boundary.yaml", bytes.to_vec()) else {
        return;
    };
    let (_, said) = read(std::slice::from_ref(&tree));
    text::diagnostics(&said, &documents, Style::PLAIN);
    let printed = tree.to_json();
    let json = documents
        .read_json("boundary.json", printed.clone().into_bytes())
        .unwrap_or_else(|why| panic!("what was printed is no JSON: {why:?}\n{printed}"));
    // YAML takes no key of more than 1,024 characters, and fewer characters than JSON.
    let Ok(yaml) = documents.read_yaml("boundary.yaml", printed.clone().into_bytes()) else {
        return;
    };
    assert_eq!(
        declared(&json),
        declared(&yaml),
        "JSON and YAML differ:\n{printed}"
    );
});

/// What a boundary declares, in numbers and names, and what is wrong with it, without places.
fn declared(tree: &Node) -> String {
    let (boundary, said) = read(std::slice::from_ref(tree));
    let datasets: Vec<_> = boundary
        .datasets
        .iter()
        .map(|one| {
            (
                &one.name,
                one.resources.len(),
                one.keys.len(),
                one.access.len(),
            )
        })
        .collect();
    let wrong: Vec<_> = said.iter().map(|one| &one.message).collect();
    format!(
        "{datasets:?} {:?} {} {} {} {} {} {wrong:?}",
        boundary.sources,
        boundary.organizations.len(),
        boundary.partners.len(),
        boundary.exceptions.len(),
        boundary.break_glass.len(),
        boundary.missing.len(),
    )
}
