//! Small organizations with their boundaries, asked as a whole.

use cofferdam_boundary::cast::Cast;
use cofferdam_boundary::file::{Boundary, read};
use cofferdam_boundary::obligations::Context;
use cofferdam_boundary::scope::Scope;
use cofferdam_faults::answer::{Options, answer};
use cofferdam_faults::setting::Setting;
use cofferdam_findings::faults::Faults;
use cofferdam_text::Documents;

/// A boundary, which must be right.
pub fn declared(text: &str) -> Boundary {
    let mut documents = Documents::new();
    let node = documents.read_yaml("boundary", text.as_bytes().to_vec());
    let (boundary, diagnostics) = read(&[node.unwrap()]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    boundary
}

/// What faults lead to.
pub fn answered(organization: &str, boundary: &str, options: &Options) -> Faults {
    let org = cofferdam_fixture::organization(organization);
    let boundary = declared(boundary);
    let cast = Cast::of(&org);
    let setting = Setting::new(Context {
        org: &org,
        boundary: &boundary,
        cast: &cast,
        as_of: None,
    });
    let datasets = boundary.datasets.iter();
    let scopes: Vec<Scope<'_>> = datasets.map(|one| Scope::of(&org, one)).collect();
    answer(&setting, &scopes, options, &|_, _| {}).unwrap()
}
