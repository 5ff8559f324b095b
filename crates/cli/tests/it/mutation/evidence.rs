//! What notices that a control is gone: a finding, a denied path, or a part of the defence that
//! holds by itself.

use std::collections::BTreeSet;

use cofferdam_findings::finding::Verdict;
use cofferdam_findings::probe::Expected;
use cofferdam_org::model::Organization;
use cofferdam_policy::ast::Effect;

use super::Example;
use super::control::{Control, Part, controls, without};
use super::opening::{Opening, opened};
use super::reasons;

/// A control with what notices its removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The part, document, name and removal of the control.
    pub control: [String; 4],
    /// What notices.
    pub evidence: Evidence,
}

/// What notices that a control is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// This finding is violated, and so many others are no longer proved.
    Turns(String, usize),
    /// Every proof stands. This denied path is refused by one layer less, and still by these.
    Refused(String, Vec<String>),
    /// Every proof stands, because each of these holds by itself; were they gone, this finding
    /// would have one more way in without the control.
    Held(Vec<Opening>, String),
    /// Every proof stands, because each of these controls closes the same way in; were they gone,
    /// and these parts open, this finding would have one more way in without the control.
    Behind(Vec<String>, Vec<Opening>, String),
    /// No obligation depends on it, and why.
    Beside(String),
    /// Nothing noticed.
    Nothing,
}

/// Removes each control and finds out what notices. Rows that were found before are kept where they
/// still hold.
pub fn gather(example: &Example, before: &[Row]) -> Vec<Row> {
    let controls = controls(&example.org);
    let refused = example.refused(&example.org);
    let kept = |control: &Control| {
        let words = control.words();
        let row = before.iter().find(|row| row.control == words);
        row.filter(|row| example.holds(row))
            .map(|row| row.evidence.clone())
    };
    let alone = |control| kept(control).unwrap_or_else(|| alone(example, control, &refused));
    let mut evidence: Vec<Evidence> = controls.iter().map(alone).collect();
    explain(example, &controls, &mut evidence);
    behind(example, &controls, &mut evidence);
    for (control, found) in controls.iter().zip(&mut evidence) {
        if *found == Evidence::Nothing {
            eprintln!("looking behind {}", control.label());
            *found = lent(example, &controls, control)
                .or_else(|| shadowed(example, &controls, control))
                .unwrap_or(Evidence::Nothing);
        }
    }
    let rows = controls.iter().zip(evidence);
    rows.map(|(control, evidence)| Row {
        control: control.words(),
        evidence,
    })
    .collect()
}

/// Gives the reason, where there is one, why nothing notices.
fn explain(example: &Example, controls: &[Control], evidence: &mut [Evidence]) {
    for (control, found) in controls.iter().zip(evidence) {
        if *found == Evidence::Nothing {
            let why = reasons::beside(example, control);
            *found = why.map_or(Evidence::Nothing, Evidence::Beside);
        }
    }
}

type Refused = Vec<(String, Vec<String>)>;

/// What notices the removal while everything else stands.
fn alone(example: &Example, control: &Control, refused: &Refused) -> Evidence {
    let org = without(&example.org, [control]);
    let turned = example.not_proved(&org, &[]);
    let violated = turned
        .iter()
        .find(|(_, verdict)| *verdict == Verdict::Violated);
    if let Some((first, _)) = violated {
        return Evidence::Turns(first.clone(), turned.len() - 1);
    }
    let after = example.refused(&org);
    let fewer = refused
        .iter()
        .zip(after)
        .find(|(before, after)| *before != after);
    fewer.map_or(Evidence::Nothing, |(_, (path, layers))| {
        Evidence::Refused(path, layers)
    })
}

/// Takes one part of the defence away after the other, to see what each control left decides.
fn behind(example: &Example, controls: &[Control], evidence: &mut [Evidence]) {
    for one in Opening::all() {
        let left: Vec<usize> = (0..controls.len())
            .filter(|at| evidence[*at] == Evidence::Nothing)
            .filter(|at| one.leaves(controls[*at].part))
            .collect();
        if left.is_empty() {
            continue;
        }
        let org = opened(&example.org, controls, &[one], None);
        let before = example.ways(&org, &[]);
        let search = Search {
            example,
            controls,
            org: &org,
            before: &before,
        };
        for (at, finding) in search.deciding(&left) {
            evidence[at] = Evidence::Held(vec![one], finding);
        }
    }
}

/// Lets others allow exactly what a control denies, so that nothing else is open beside.
fn lent(example: &Example, controls: &[Control], control: &Control) -> Option<Evidence> {
    if control.statement(&example.org)?.effect != Effect::Deny {
        return None;
    }
    let sets = Opening::lent().into_iter();
    let mut sets = sets.filter(|set| set.iter().all(|opening| opening.leaves(control.part)));
    sets.find_map(|set| {
        let org = opened(&example.org, controls, &set, Some(control));
        let before = example.ways(&org, &[]);
        let after = example.ways(&without(&org, [control]), &[]);
        let (finding, _) = after.difference(&before).next()?;
        Some(Evidence::Held(set, finding.clone()))
    })
}

/// Takes away one or two other controls that may close the same way in: those of the same document,
/// of resource control policies, and switches of the same kind.
fn shadowed(example: &Example, controls: &[Control], control: &Control) -> Option<Evidence> {
    let may = |other: &&Control| {
        other.words() != control.words()
            && (other.document == control.document
                || other.part == Part::ResourceControl
                || (other.part, control.part) == (Part::PublicAccess, Part::PublicAccess))
    };
    let others: Vec<&Control> = controls.iter().filter(may).collect();
    let each = others.iter().map(|one| vec![*one]);
    let pairs = others
        .iter()
        .enumerate()
        .flat_map(|(at, one)| others[at + 1..].iter().map(move |two| vec![*one, *two]));
    let pairs = pairs.filter(|_| control.part != Part::PublicAccess);
    let sets = each.chain(pairs).collect::<Vec<_>>();
    let openings = match control.part {
        Part::PublicAccess => Opening::public(),
        _ => Vec::new(),
    };
    sets.into_iter().find_map(|gone| {
        let org = opened(&example.org, controls, &openings, None);
        let before = example.ways(&without(&org, gone.iter().copied()), &[]);
        let all = gone.iter().copied().chain([control]);
        let after = example.ways(&without(&org, all), &[]);
        let (finding, _) = after.difference(&before).next()?;
        let names = gone.iter().map(|other| other.label()).collect();
        Some(Evidence::Behind(names, openings.clone(), finding.clone()))
    })
}

/// The search for controls that decide in one opened organization.
struct Search<'a> {
    example: &'a Example,
    controls: &'a [Control],
    org: &'a Organization,
    before: &'a BTreeSet<Way>,
}

impl Search<'_> {
    /// Those that close a way in by themselves. Without all of them there are at least the ways
    /// that each closes, so a half that opens none need not be looked at.
    fn deciding(&self, left: &[usize]) -> Vec<(usize, String)> {
        if left.is_empty() {
            return Vec::new();
        }
        let gone = left.iter().map(|at| &self.controls[*at]);
        let after = self.example.ways(&without(self.org, gone), &[]);
        let opened = after.difference(self.before).next();
        match (left, opened) {
            (_, None) => Vec::new(),
            ([at], Some((finding, _))) => vec![(*at, finding.clone())],
            _ => {
                let (first, second) = left.split_at(left.len() / 2);
                [self.deciding(first), self.deciding(second)].concat()
            }
        }
    }
}

/// A finding that is not proved, with one of its causes or none.
type Way = (String, Option<String>);

impl Example {
    /// The findings that are not proved, with their verdicts.
    pub fn not_proved(
        &self,
        org: &Organization,
        obligations: &[&str],
    ) -> BTreeSet<(String, Verdict)> {
        let findings = self.check(org, obligations).into_iter();
        let open = findings.filter(|finding| finding.verdict != Verdict::Proved);
        open.map(|finding| (finding.id, finding.verdict)).collect()
    }

    /// The findings that are not proved, and each of their causes.
    pub fn ways(&self, org: &Organization, obligations: &[&str]) -> BTreeSet<Way> {
        let findings = self.check(org, obligations);
        let unproved = findings
            .into_iter()
            .filter(|finding| finding.verdict != Verdict::Proved);
        unproved
            .flat_map(|finding| {
                let causes = finding.causes.into_iter();
                let causes =
                    causes.map(|cause| Some(format!("{} {}", cause.fingerprint, cause.principals)));
                causes
                    .chain([None])
                    .map(move |cause| (finding.id.clone(), cause))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// Each denied path with the layers that refuse it by themselves.
    pub fn refused(&self, org: &Organization) -> Refused {
        let denied = self
            .probes(org)
            .into_iter()
            .filter(|probe| probe.expected == Expected::Refused);
        let layers = |layers: Vec<&str>| layers.into_iter().map(str::to_owned).collect();
        denied
            .map(|probe| (probe.name, layers(probe.refused_by)))
            .collect()
    }

    /// Whether a row still holds.
    pub fn holds(&self, row: &Row) -> bool {
        let controls = controls(&self.org);
        let Some(control) = controls
            .iter()
            .find(|control| control.words() == row.control)
        else {
            return false;
        };
        match &row.evidence {
            Evidence::Turns(finding, _) => self
                .not_proved(&without(&self.org, [control]), &[obligation(finding)])
                .contains(&(finding.clone(), Verdict::Violated)),
            Evidence::Refused(path, layers) => {
                let asked = (path.clone(), layers.clone());
                let fewer = |org: &Organization| self.refused(org).contains(&asked);
                fewer(&without(&self.org, [control])) && !fewer(&self.org)
            }
            Evidence::Held(set, finding) => {
                let org = opened(&self.org, &controls, set, Some(control));
                let asked = [obligation(finding)];
                let before = self.ways(&org, &asked);
                let after = self.ways(&without(&org, [control]), &asked);
                after.difference(&before).any(|(id, _)| id == finding)
            }
            Evidence::Behind(names, set, finding) => {
                let gone: Vec<&Control> = controls
                    .iter()
                    .filter(|other| names.contains(&other.label()))
                    .collect();
                let org = opened(&self.org, &controls, set, None);
                let asked = [obligation(finding)];
                let before = self.ways(&without(&org, gone.iter().copied()), &asked);
                let all = gone.iter().copied().chain([control]);
                let after = self.ways(&without(&org, all), &asked);
                gone.len() == names.len() && after.difference(&before).any(|(id, _)| id == finding)
            }
            Evidence::Beside(why) => reasons::beside(self, control).as_ref() == Some(why),
            Evidence::Nothing => false,
        }
    }
}

/// The obligation of a finding's id.
fn obligation(finding: &str) -> &str {
    finding.split(':').next().unwrap()
}
