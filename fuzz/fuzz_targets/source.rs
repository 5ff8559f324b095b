//! Any bytes as a source: a plan, items of AWS Config, a template, a change set, recorded events, or
//! none. It is read without failing, the organization is built of it, every diagnostic can be shown,
//! and reading it again states the same facts.
#![no_main]

use std::fs;
use std::path::PathBuf;

use cofferdam_org::build::build;
use cofferdam_report::style::Style;
use cofferdam_report::text;
use cofferdam_sources::{Read, read};
use cofferdam_text::Documents;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|bytes: &mut [u8], length: usize, limit: usize, seed: u32| {
    cofferdam_fuzz::mutate::mutate(bytes, length, limit, seed)
});

fuzz_target!(|bytes: &[u8]| {
    let file = file(bytes);
    let mut documents = Documents::new();
    let Ok(first) = read(std::slice::from_ref(&file), &mut documents) else {
        return;
    };
    let (_, said) = build(&first.facts);
    text::diagnostics(&first.diagnostics, &documents, Style::PLAIN);
    text::diagnostics(&said, &documents, Style::PLAIN);
    let again = read(&[file], &mut Documents::new()).expect("it was read before");
    assert_eq!(stated(&first), stated(&again), "two readings differ");
});

/// A file of this process with the bytes; its ending says whether it may be YAML.
fn file(bytes: &[u8]) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("cofferdam-fuzz-{}", std::process::id()));
    let is_json = matches!(bytes.first(), Some(b'{' | b'[' | 0x1f));
    let name = if is_json { "source.json" } else { "source.yaml" };
    fs::create_dir_all(&directory).expect("a directory for the input");
    let file = directory.join(name);
    fs::write(&file, bytes).expect("the input is written");
    file
}

/// What is stated, without places.
fn stated(read: &Read) -> Vec<String> {
    let facts = read.facts.entities().flat_map(|entity| {
        let about = read.facts.about(entity);
        about.map(move |(attribute, value)| {
            let value = value.as_ref().map(|node| node.to_json());
            format!("{entity:?} {attribute:?} {value:?}")
        })
    });
    facts.collect()
}
