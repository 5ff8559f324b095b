//! `independence.layers` and `evidence.survives`: what a boundary requires of single faults, as
//! findings beside those of the other obligations.
//!
//! They are asked where the boundary says what it requires (`require:`), of the compromise of each
//! principal that exists and is not declared sound. Larger sets are the matter of depths, which are
//! numbers and no verdicts. Faults that do the same are one cause, with the attack of the first.

mod unread;

use std::collections::BTreeMap;

use cofferdam_boundary::ask::{Answers, Raw};
use cofferdam_boundary::check::finding;
use cofferdam_boundary::file::{Layer, Sound};
use cofferdam_boundary::obligations::{About, Context, Part};
use cofferdam_boundary::scope::Scope;
use cofferdam_findings::faults::{AttackStep, Depths, Faults, Independence, Survival};
use cofferdam_findings::finding::{Finding, Missing, Severity, Witness};

use crate::answer::{Options, Progress, answer};
use crate::decide::Truth;
use crate::evidence::Sinks;
use crate::setting::Setting;
use crate::story::READ;

/// Their ids, in the order of findings.
pub const IDS: [&str; 2] = [SURVIVES.id, INDEPENDENT.id];

const SURVIVES: About = About {
    id: "evidence.survives",
    severity: Severity::Medium,
    facts: &["data_actions", "rcp_services", "recording"],
};

const INDEPENDENT: About = About {
    id: "independence.layers",
    severity: Severity::Medium,
    facts: &["rcp_services", "recording"],
};

/// Asks both of every dataset, if the boundary requires anything: the first of datasets whose
/// evidence is declared, the second where pairs of layers are.
pub fn findings(context: &Context<'_>, threads: usize, progress: Progress<'_>) -> Vec<Finding> {
    let boundary = context.boundary;
    if boundary.require.origin.is_none() {
        return Vec::new();
    }
    let datasets = boundary.datasets.iter();
    let scopes: Vec<Scope<'_>> = datasets
        .map(|dataset| Scope::of(context.org, dataset))
        .collect();
    let setting = Setting::new(*context);
    let (found, wrong) = searched(&setting, &scopes, threads, progress);
    let assumptions: Vec<String> = found
        .assumptions
        .into_iter()
        .chain(sound(context))
        .collect();
    let mut findings = Vec::new();
    for (scope, depths) in scopes.iter().zip(&found.datasets) {
        let asked = Asked {
            setting: &setting,
            scope,
            depths,
            sinks: Sinks::of(&setting, scope),
        };
        let parts = [
            (SURVIVES, asked.survives()),
            (INDEPENDENT, asked.independent(&boundary.require.disjoint)),
        ];
        for (about, part) in parts {
            findings.extend(part.map(|mut part| {
                part.assumptions.extend_from_slice(&assumptions);
                part.answers.missing.extend(wrong.clone());
                finding(context, scope, &about, part)
            }));
        }
    }
    findings
}

/// What single faults do; and, if an edge of the catalogue is not understood, which would be a
/// defect, that nothing was searched.
fn searched<'a>(
    setting: &Setting<'a>,
    scopes: &[Scope<'a>],
    threads: usize,
    progress: Progress<'_>,
) -> (Faults, Option<Missing>) {
    let options = Options {
        search_to: 1,
        brief: true,
        threads,
        ..Options::default()
    };
    match answer(setting, scopes, &options, progress) {
        Ok(found) => (found, None),
        Err(error) => {
            let nothing = Faults {
                datasets: vec![Depths::default(); scopes.len()],
                ..Faults::default()
            };
            let defect = Missing {
                key: "edges of the catalogue".to_owned(),
                why: format!("one is not understood: {error}"),
                origin: None,
            };
            (nothing, Some(defect))
        }
    }
}

/// What the boundary declares to be beyond compromise, beside the management account.
fn sound(context: &Context<'_>) -> Vec<String> {
    let declared = context.boundary.require.sound.iter();
    let names = declared.filter_map(|sound| match sound {
        Sound::Management => None,
        Sound::Account(account) => Some(format!("account {account}")),
        Sound::Principal(arn) => Some(arn.to_string()),
    });
    names
        .map(|name| format!("{name} is sound, as the boundary says"))
        .collect()
}

/// One dataset, with what single faults do to it.
struct Asked<'q, 'a> {
    setting: &'q Setting<'a>,
    scope: &'q Scope<'a>,
    depths: &'q Depths,
    sinks: Sinks,
}

impl Asked<'_, '_> {
    fn name(&self) -> &str {
        &self.scope.dataset.name
    }

    /// A single fault after which data leaves and nothing that lasts shows it.
    fn survives(&self) -> Option<Part> {
        self.scope.dataset.audit.as_ref()?;
        let name = self.name();
        let mut answers = self.answers();
        let told = self.depths.survival.iter();
        let told: BTreeMap<&str, &Survival> = told.map(|one| (one.fault.as_str(), one)).collect();
        let cuts = self.depths.cut_sets.iter();
        for cut in cuts.filter(|cut| cut.opens == "breach" && cut.faults.len() <= 1) {
            let fault = cut.faults.first().map_or("", String::as_str);
            let how = match (fault, told.get(fault)) {
                ("", _) => "no fault at all".to_owned(),
                (_, Some(one)) if !cut.possible => one.why.clone(),
                _ => may(&cut.steps),
            };
            let (raw, mut open) = way(fault, how, &cut.steps);
            open.extend(cut.steps.last().and_then(|read| self.unrecorded(read)));
            add(&mut answers, cut.possible, (raw, open));
        }
        answers
            .missing
            .extend(unread::trails(self.setting, &self.sinks));
        if let Some(why) = unread::more_trails(self.setting) {
            // A trail that nobody read may keep what those that were read lose.
            answers.possible.append(&mut answers.raw);
            answers.missing.extend(why);
        }
        Some(Part {
            holds: format!("after any single fault, evidence of what was read of {name} survives"),
            broken: format!(
                "after a single fault, data of {name} leaves with no evidence that lasts"
            ),
            answers,
            ..Part::default()
        })
    }

    /// What is to be found out about the record of a read.
    fn unrecorded(&self, read: &AttackStep) -> Option<String> {
        let actions = self.sinks.reads.iter().flatten();
        let mut actions = actions.filter(|(_, truth)| *truth == Truth::Possible);
        let of_read = |name: &str| read.actions.iter().any(|action| action == name);
        let (action, _) = actions.find(|(action, _)| of_read(&action.to_string()))?;
        Some(format!("whether a trail records {action} of {}", read.on))
    }

    /// A single fault that controls two layers which the boundary wants apart.
    fn independent(&self, pairs: &[(Layer, Layer)]) -> Option<Part> {
        if pairs.is_empty() {
            return None;
        }
        let name = self.name();
        let mut answers = self.answers();
        for pair in pairs {
            let words = (pair.0.word(), pair.1.word());
            let rows = self.depths.independence.iter();
            let mut rows =
                rows.filter(|row| row.layers == words || row.layers == (words.1, words.0));
            if let Some(row) = rows.next() {
                self.pair(row, &mut answers);
            }
        }
        let names = |layer: Layer| {
            pairs
                .iter()
                .any(|(one, other)| layer == *one || layer == *other)
        };
        if names(Layer::Audit) {
            answers
                .missing
                .extend(unread::trails(self.setting, &self.sinks));
            answers
                .missing
                .extend(unread::more_trails(self.setting).into_iter().flatten());
        }
        if names(Layer::Encryption) {
            answers
                .missing
                .extend(unread::keys(self.setting, self.scope));
        }
        Some(Part {
            holds: format!("no single fault controls two layers of {name} that must stand apart"),
            broken: format!("a single fault controls two layers of {name} that must stand apart"),
            answers,
            ..Part::default()
        })
    }

    /// Every fault that controls both layers of a pair, with the attack of the first.
    fn pair(&self, row: &Independence, answers: &mut Answers) {
        let (first, second) = row.layers;
        let shown = row.cut_set.first().map_or("", String::as_str);
        if row.depth.must == Some(1) {
            let both =
                |one: &&Survival| one.layers.contains(&first) && one.layers.contains(&second);
            let told = self.depths.survival.iter().filter(both);
            let others = told.filter(|one| one.fault != shown);
            let how = format!("single faults that control both {first} and {second}");
            add(answers, false, way(shown, how.clone(), &row.steps));
            for one in others {
                add(answers, false, way(&one.fault, how.clone(), &[]));
            }
        } else if row.depth.may == Some(1) {
            let how = format!("single faults that may control both {first} and {second}");
            add(answers, true, way(shown, how, &row.steps));
        }
    }

    /// What is open before anything is asked: principals that nobody read could be faults too.
    fn answers(&self) -> Answers {
        Answers {
            asked: 1,
            well_formed: 1,
            missing: unread::principals(self.setting),
            ..Answers::default()
        }
    }
}

/// Takes in a way, with what would settle it where that is not certain.
fn add(answers: &mut Answers, possible: bool, (raw, missing): (Raw, Vec<String>)) {
    if !possible {
        answers.raw.push(raw);
        return;
    }
    for why in missing {
        answers.miss(raw.principal.clone(), why);
    }
    answers.possible.push(raw);
}

/// What a fault does, as a way in, with the reasons why it may not work.
fn way(fault: &str, how: String, steps: &[AttackStep]) -> (Raw, Vec<String>) {
    let mut shown: Vec<_> = steps.iter().flat_map(|step| step.because.clone()).collect();
    shown.sort();
    shown.dedup();
    let open = steps.iter().filter(|step| step.possible);
    let missing = open.flat_map(|step| match step.missing.as_slice() {
        [] => vec![format!("whether {} is allowed", acts(step))],
        reasons => reasons.to_vec(),
    });
    let raw = Raw {
        principal: principal(fault).to_owned(),
        permits: Vec::new(),
        witness: witness(steps),
        fix: Some(fix(steps)),
        fault: Some(how),
        shown,
    };
    (raw, missing.collect())
}

/// The principal whose compromise a fault is.
fn principal(fault: &str) -> &str {
    let inner = fault.strip_prefix("compromise(");
    inner
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or(fault)
}

/// The requests of an attack; the last of each step says what it gains.
fn witness(steps: &[AttackStep]) -> Witness {
    let mut requests = Vec::new();
    for step in steps {
        let mut own = step.requests.clone();
        if let Some(last) = own.last_mut()
            && step.edge != READ
        {
            let note = last.note.take().into_iter();
            let note: Vec<String> = note.chain([step.gains.clone()]).collect();
            last.note = Some(note.join(": "));
        }
        requests.append(&mut own);
    }
    Witness { steps: requests }
}

/// What an attack that is not certain has in common with others: its last step that may not work,
/// or else its read, which may not be recorded.
fn may(steps: &[AttackStep]) -> String {
    let open = steps.iter().rev().find(|step| step.possible);
    match (open, steps.last()) {
        (Some(step), _) if step.edge != READ => format!("an attacker that perhaps {}", step.gains),
        (_, Some(read)) => {
            let actions = read.actions.join(" with ");
            let open = match read.possible {
                true => "allowed",
                false => "left unrecorded",
            };
            format!("{actions} on {}, which may be {open}", read.on)
        }
        (_, None) => "an attack that may work".to_owned(),
    }
}

fn fix(steps: &[AttackStep]) -> String {
    let keep = |step: &AttackStep| format!("keep {} from {}", step.principal, acts(step));
    match steps {
        [] => "see `cofferdam faults`".to_owned(),
        [read] if read.edge == READ => format!("have a trail record it, or {}", keep(read)),
        [first, ..] => keep(first),
    }
}

fn acts(step: &AttackStep) -> String {
    format!("{} on {}", step.actions.join(" with "), step.on)
}
