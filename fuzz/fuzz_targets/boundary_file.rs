//! Any bytes as a boundary file: it is read without failing, every diagnostic can be shown, and a
//! boundary read back from its printed tree declares the same.
#![no_main]

use cofferdam_boundary::file::{Boundary, read};
use cofferdam_report::style::Style;
use cofferdam_report::text;
use cofferdam_text::Documents;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut documents = Documents::new();
    let Ok(tree) = documents.read_yaml("boundary.yaml", bytes.to_vec()) else {
        return;
    };
    let (boundary, said) = read(std::slice::from_ref(&tree));
    text::diagnostics(&said, &documents, Style::PLAIN);
    let printed = tree.to_json();
    let mut again = Documents::new();
    let reread = again
        .read_json("boundary.json", printed.clone().into_bytes())
        .unwrap_or_else(|why| panic!("what was printed is no JSON: {why:?}\n{printed}"));
    let (second, repeated) = read(&[reread]);
    assert_eq!(
        declared(&boundary),
        declared(&second),
        "printing changed the boundary:\n{printed}"
    );
    assert_eq!(
        said.len(),
        repeated.len(),
        "printing changed what is wrong:\n{printed}"
    );
});

/// What a boundary declares, in numbers and names, without places.
fn declared(boundary: &Boundary) -> String {
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
    format!(
        "{datasets:?} {:?} {} {} {} {} {}",
        boundary.sources,
        boundary.organizations.len(),
        boundary.partners.len(),
        boundary.exceptions.len(),
        boundary.break_glass.len(),
        boundary.missing.len(),
    )
}
