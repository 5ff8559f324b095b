//! What was worked out by hand, read from a case, against what the brute force found.
//!
//! `leak 1 2` gives a depth as [may, must]; `leaks: dev | ops+net` all certain minimal sets and
//! `leaks?: x` the possible ones (`breaches` likewise), `none` if there is none, `already` if it takes
//! no fault; `pair resource audit
//! 1 1` the fewest faults that control both; `dev: leaks, resource audit, stopped` what one fault
//! does; `management falls: 1`. What follows ` # ` is the reason.

use std::collections::BTreeSet;

use crate::brute::depth::{LAYERS, Told};
use crate::case::Case;

/// Where the hand and the brute force disagree.
pub fn differences(case: &Case, told: &Told) -> Vec<String> {
    let lines = case.expected.iter();
    lines.filter_map(|line| difference(line, told)).collect()
}

fn difference(line: &str, told: &Told) -> Option<String> {
    let bare = line.split(" # ").next().unwrap().trim();
    let found = match bare.split_once(": ") {
        Some((of, want)) => named(of, want, told),
        None => depths(bare, told),
    };
    found
        .filter(|(want, got)| want != got)
        .map(|(_, got)| format!("`{bare}`, but brute force finds {got}"))
}

/// What is wanted and what was found, as text.
type Both = Option<(String, String)>;

fn named(of: &str, want: &str, told: &Told) -> Both {
    let cuts = |opens: &str, certain: bool| {
        let want: BTreeSet<String> = match want {
            "none" => BTreeSet::new(),
            "already" => BTreeSet::from([String::new()]),
            _ => want.split(" | ").map(sorted).collect(),
        };
        let rows = told
            .cuts
            .iter()
            .filter(|row| row.0 == opens && row.1 == certain);
        let got: BTreeSet<String> = rows.map(|row| sorted(&joined(&row.2))).collect();
        Some((format!("{want:?}"), format!("{got:?}")))
    };
    match of {
        "leaks" => cuts("leak", true),
        "leaks?" => cuts("leak", false),
        "breaches" => cuts("breach", true),
        "breaches?" => cuts("breach", false),
        "management falls" => {
            let got = told.if_management_falls;
            Some((
                want.to_owned(),
                got.map_or("null".to_owned(), |size| size.to_string()),
            ))
        }
        fault => Some((normal(want), survival(fault, told))),
    }
}

fn joined(faults: &[String]) -> String {
    let names = faults.iter().map(|fault| short(fault));
    names.collect::<Vec<_>>().join("+")
}

fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap()
}

fn sorted(set: &str) -> String {
    let mut names: Vec<&str> = set.trim().split('+').collect();
    names.sort_unstable();
    names.join("+")
}

fn normal(want: &str) -> String {
    let parts: Vec<&str> = want.split(", ").collect();
    let [leaks, layers, evidence] = parts.as_slice() else {
        panic!("`{want}` is not LEAKS, LAYERS, EVIDENCE");
    };
    format!("{leaks}, {layers}, {evidence}")
}

fn survival(fault: &str, told: &Told) -> String {
    let mut rows = told.survival.iter();
    let Some((_, row)) = rows.find(|(arn, _)| short(arn) == fault) else {
        return "no such fault".to_owned();
    };
    let leaks = match (row.0, row.1) {
        (true, _) => "leaks",
        (false, true) => "may leak",
        (false, false) => "holds",
    };
    let layers = match row.2.as_slice() {
        [] => "no layer".to_owned(),
        some => some.join(" "),
    };
    format!("{leaks}, {layers}, {}", row.3)
}

fn depths(line: &str, told: &Told) -> Both {
    let words: Vec<&str> = line.split(' ').collect();
    let text = |got: [Option<usize>; 2]| {
        got.map(|size| size.map_or("null".to_owned(), |size| size.to_string()))
            .join(" ")
    };
    match words.as_slice() {
        ["pair", one, other, may, must] => {
            let at = |layer: &str| LAYERS.iter().position(|name| *name == layer).unwrap();
            let (one, other) = (at(one).min(at(other)), at(one).max(at(other)));
            let got = told.pairs[&(LAYERS[one], LAYERS[other])];
            Some((format!("{may} {must}"), text(got)))
        }
        [what, may, must] => Some((format!("{may} {must}"), text(told.depths[what]))),
        _ => panic!("`{line}` is no expectation"),
    }
}

/// Whether a case says by hand how deep leak and breach are, which sets are minimal and what some
/// fault does.
pub fn is_whole(case: &Case) -> bool {
    let bare = |line: &String| line.split(" # ").next().unwrap().trim().to_owned();
    let lines: Vec<String> = case.expected.iter().map(bare).collect();
    let says = |start: &str| lines.iter().any(|line| line.starts_with(start));
    let fault = |line: &String| line.contains(": ") && line.matches(", ").count() == 2;
    ["leak ", "breach ", "leaks: ", "breaches: "]
        .iter()
        .all(|start| says(start))
        && lines.iter().any(fault)
}
