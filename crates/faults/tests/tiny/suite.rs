//! The comparison of all three, file by file, and of two of them at random.

use std::collections::BTreeSet;

use crate::brute::depth::{LAYERS, Told, UP_TO, told};
use crate::case::{Case, cases};
use cofferdam_boundary::cast::Cast;
use cofferdam_boundary::file::read;
use cofferdam_boundary::obligations::Context;
use cofferdam_boundary::scope::Scope;
use cofferdam_faults::answer::{Options, answer};
use cofferdam_faults::setting::Setting;
use cofferdam_findings::faults::{Depth, Depths};
use cofferdam_org::model::Organization;
use cofferdam_text::Documents;

pub const FILES: &[(&str, &str)] = &[
    ("identity", include_str!("orgs/identity.txt")),
    ("guards", include_str!("orgs/guards.txt")),
    ("stores", include_str!("orgs/stores.txt")),
    ("evidence", include_str!("orgs/evidence.txt")),
];

/// How many there are to be ("Must show" of the suite).
const AT_LEAST: usize = 60;

#[test]
fn there_are_at_least_sixty_and_each_says_what_it_shows() {
    let all: Vec<Case> = FILES.iter().flat_map(|(_, text)| cases(text)).collect();
    let names: BTreeSet<&str> = all.iter().map(|case| &*case.name).collect();
    assert_eq!(names.len(), all.len(), "each name is there once");
    assert!(all.len() >= AT_LEAST, "{} cases", all.len());
    for case in &all {
        assert!(!case.shows.is_empty(), "{}", case.name);
        assert!(case.expected.len() >= 2, "{}", case.name);
    }
    let whole = all
        .iter()
        .filter(|case| crate::hand::is_whole(case))
        .count();
    assert!(whole >= AT_LEAST, "{whole} say all by hand");
}

#[test]
fn identity() {
    check("identity");
}

#[test]
fn guards() {
    check("guards");
}

#[test]
fn stores() {
    check("stores");
}

#[test]
fn evidence() {
    check("evidence");
}

/// Each case of a file, by hand, by brute force and by the engine.
fn check(file: &str) {
    let (_, text) = FILES.iter().find(|(name, _)| *name == file).unwrap();
    let only = std::env::var("COFFERDAM_TINY").ok();
    let mut wrong = Vec::new();
    for case in cases(text) {
        if only.as_ref().is_some_and(|only| !case.name.contains(only)) {
            continue;
        }
        let org = cofferdam_fixture::organization(&case.organization);
        let brute = brute(&org, &case);
        let by_hand = crate::hand::differences(&case, &brute[0]);
        if !by_hand.is_empty() {
            wrong.push(format!(
                "{}: by hand and brute force: {by_hand:#?}",
                case.name
            ));
        }
        let differences = differences(&brute, &engine(&org, &case));
        match (case.differs.is_empty(), differences.is_empty()) {
            (true, false) => wrong.push(format!(
                "{}: brute force and engine: {differences:#?}",
                case.name
            )),
            (false, true) => wrong.push(format!(
                "{}: the engine agrees now; take out `engine differs`",
                case.name
            )),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What brute force finds of each dataset.
fn brute(org: &Organization, case: &Case) -> Vec<Told> {
    let datasets = case.datasets();
    datasets.iter().map(|case| told(org, case)).collect()
}

/// What the engine answers of each dataset, in the terms of the brute force.
fn engine(org: &Organization, case: &Case) -> Vec<Told> {
    let mut documents = Documents::new();
    let node = documents
        .read_yaml("boundary", case.boundary().into_bytes())
        .unwrap();
    let (boundary, diagnostics) = read(&[node]);
    assert!(diagnostics.is_empty(), "{}: {diagnostics:?}", case.name);
    let cast = Cast::of(org);
    let setting = Setting::new(Context {
        org,
        boundary: &boundary,
        cast: &cast,
        as_of: None,
    });
    let scopes: Vec<Scope<'_>> = boundary
        .datasets
        .iter()
        .map(|one| Scope::of(org, one))
        .collect();
    let options = Options {
        search_to: UP_TO as u32,
        ..Options::default()
    };
    let found = answer(&setting, &scopes, &options, &|_, _| {}).unwrap();
    if std::env::var("COFFERDAM_TRACE").is_ok() {
        let cuts = found.datasets.iter().flat_map(|one| &one.cut_sets);
        for cut in cuts {
            println!("engine: {} by {:?}", cut.opens, cut.faults);
            for step in &cut.steps {
                println!("  {step:?}");
            }
        }
    }
    found.datasets.iter().map(in_terms).collect()
}

fn in_terms(found: &Depths) -> Told {
    let pair = |depth: Depth| [depth.may, depth.must].map(|size| size.map(|size| size as usize));
    let mut told = Told {
        if_management_falls: found.depth_if_management_falls.map(|size| size as usize),
        ..Told::default()
    };
    told.depths.insert("leak", pair(found.leak_depth));
    told.depths.insert("breach", pair(found.breach_depth));
    told.depths.insert("silent", pair(found.silent_depth));
    let bare = |fault: &String| {
        let inside = fault.strip_prefix("compromise(").unwrap();
        inside.strip_suffix(')').unwrap().to_owned()
    };
    for cut in &found.cut_sets {
        let faults = cut.faults.iter().map(bare).collect();
        told.cuts.insert((cut.opens, !cut.possible, faults));
    }
    for row in &found.independence {
        told.pairs.insert(row.layers, pair(row.depth));
    }
    for row in &found.survival {
        let layers = LAYERS
            .into_iter()
            .filter(|layer| row.layers.contains(layer));
        let told_of = (
            row.leaks,
            row.leaks_possible,
            layers.collect(),
            row.evidence.word(),
        );
        told.survival.insert(bare(&row.fault), told_of);
    }
    told
}

/// Where two answers are not the same, of any dataset.
fn differences(brute: &[Told], engine: &[Told]) -> Vec<String> {
    assert_eq!(brute.len(), engine.len());
    let each = brute.iter().zip(engine);
    each.flat_map(|(brute, engine)| differing(brute, engine))
        .collect()
}

fn differing(brute: &Told, engine: &Told) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: &str, one: String, other: String| {
        if one != other {
            found.push(format!("{what}: brute force {one}, engine {other}"));
        }
    };
    for (what, one) in &brute.depths {
        let (one, other) = (format!("{one:?}"), format!("{:?}", engine.depths[what]));
        compare(&format!("{what} depth"), one, other);
    }
    let text = |told: &Told, other: &Told| format!("{:?}", told.cuts.difference(&other.cuts));
    if brute.cuts != engine.cuts {
        compare("cut sets", text(brute, engine), text(engine, brute));
    }
    for (what, one) in &brute.pairs {
        let other = engine.pairs.get(what);
        compare(
            &format!("{what:?}"),
            format!("{:?}", Some(one)),
            format!("{other:?}"),
        );
    }
    for (what, one) in &brute.survival {
        let other = engine.survival.get(what);
        compare(what, format!("{:?}", Some(one)), format!("{other:?}"));
    }
    compare(
        "depth if management falls",
        format!("{:?}", brute.if_management_falls),
        format!("{:?}", engine.if_management_falls),
    );
    found
}

/// Whether ACLs act on the data's bucket. Those of its objects nobody reads, so that anybody may have
/// been granted anything by one; the engine asks that of readers only, not of those who would write
/// them, so that only what is certain is compared.
fn has_acls(case: &Case) -> bool {
    let words = [
        "ownership: writer",
        "ownership: preferred",
        "Ownership: refused",
    ];
    words.iter().any(|word| case.organization.contains(word))
}

/// What is certain of an answer.
fn certain(told: &Told) -> Told {
    let must = |[_, must]: [Option<usize>; 2]| [None, must];
    let mut told = told.clone();
    told.depths
        .values_mut()
        .for_each(|depth| *depth = must(*depth));
    told.pairs
        .values_mut()
        .for_each(|depth| *depth = must(*depth));
    told.cuts.retain(|(_, certain, _)| *certain);
    told.survival.values_mut().for_each(|row| row.1 = row.0);
    told
}

/// How many organizations at random are compared, unless `COFFERDAM_CASES` says otherwise: each
/// takes one to three seconds of a development build.
const AT_RANDOM: u64 = 8;

#[test]
fn organizations_at_random() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let count = number("COFFERDAM_CASES").unwrap_or(AT_RANDOM);
    let first = number("COFFERDAM_FIRST").unwrap_or(0);
    let mut wrong = Vec::new();
    for seed in first..first + count {
        let case = crate::random::case(seed);
        let org = cofferdam_fixture::organization(&case.organization);
        let (mut brute, mut engine) = (brute(&org, &case), engine(&org, &case));
        if has_acls(&case) {
            brute = brute.iter().map(certain).collect();
            engine = engine.iter().map(certain).collect();
        }
        let differences = differences(&brute, &engine);
        if !differences.is_empty() {
            let (name, boundary) = (&case.name, case.boundary());
            wrong.push(format!(
                "{name}: {differences:#?}\n{}\n{boundary}",
                case.organization
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
