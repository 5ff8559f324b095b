//! Each kind of call decided, once for every configuration that was in force when it was called.

use std::collections::BTreeMap;

use cofferdam_boundary::replay::{Compared, Relevant, Session, Then, Told, compare, completed};
use cofferdam_findings::replay::Verdict;
use cofferdam_org::change::Timeline;
use cofferdam_org::fact::Facts;
use cofferdam_org::model::Organization;
use rustc_hash::FxHashMap;

use super::log::{Log, Seen};

/// What came of each event, as a place in `all`.
#[derive(Default)]
pub struct Judged {
    /// The results, in the order in which they were found.
    pub all: Vec<Outcome>,
    /// For each event of the log, in its order.
    pub of: Vec<u32>,
}

/// One result: a kind of call under one configuration.
pub struct Outcome {
    /// The kind.
    pub kind: u32,
    /// What came of it.
    pub compared: Compared,
}

/// Decides the calls of a log.
pub struct Judge<'j> {
    organization: &'j Organization,
    facts: &'j Facts,
    timeline: &'j Timeline,
    /// The kinds with what only the sources know.
    pub kinds: Vec<Told>,
    /// The changes that matter to each kind.
    pub relevant: Vec<Relevant>,
    moved: Option<(usize, Organization)>,
}

/// A configuration as part of what makes a result.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Configuration {
    AsRead,
    Moved(usize),
    Unknown(String),
}

impl<'j> Judge<'j> {
    /// Prepares the kinds of a log.
    pub fn new(
        organization: &'j Organization,
        facts: &'j Facts,
        timeline: &'j Timeline,
        log: &Log,
    ) -> Judge<'j> {
        let kinds: Vec<Told> = log
            .kinds
            .iter()
            .map(|told| completed(organization, told))
            .collect();
        let relevant = kinds
            .iter()
            .map(|told| Relevant::of(organization, &told.call, timeline))
            .collect();
        Judge {
            organization,
            facts,
            timeline,
            kinds,
            relevant,
            moved: None,
        }
    }

    /// Decides every event. They must stand in the order of their times, so that each configuration
    /// is made once.
    pub fn judge(&mut self, log: &Log) -> Judged {
        let mut judged = Judged::default();
        let mut known: FxHashMap<(u32, u32, Configuration), u32> = FxHashMap::default();
        let sessions = Sessions::of(log);
        for seen in &log.seen {
            let variant = sessions.variant(seen.access_key);
            let configuration = self.configuration(seen);
            let key = (seen.kind, variant, configuration);
            if let Some(place) = known.get(&key) {
                judged.of.push(*place);
                continue;
            }
            let place = u32::try_from(judged.all.len()).unwrap_or(u32::MAX);
            judged.all.push(Outcome {
                kind: seen.kind,
                compared: self.decide(seen.kind, sessions.session(variant), &key.2),
            });
            judged.of.push(place);
            known.insert(key, place);
        }
        judged
    }

    fn configuration(&self, seen: &Seen) -> Configuration {
        let Some(relevant) = self.relevant.get(seen.kind as usize) else {
            return Configuration::AsRead;
        };
        match relevant.then(self.timeline, i64::from(seen.at)) {
            Then::AsRead => Configuration::AsRead,
            Then::Moved(until) => Configuration::Moved(until),
            Then::Unknown(why) => Configuration::Unknown(why),
        }
    }

    fn decide(&mut self, kind: u32, session: &Session, configuration: &Configuration) -> Compared {
        let Some(told) = self.kinds.get(kind as usize).cloned() else {
            return unknown("the kind of its call was not kept");
        };
        match configuration {
            Configuration::AsRead => compare(self.organization, &told, session),
            Configuration::Unknown(why) => unknown(why),
            Configuration::Moved(until) => compare(self.at(*until), &told, session),
        }
    }

    /// The organization after so many changes.
    fn at(&mut self, until: usize) -> &Organization {
        let (timeline, facts) = (self.timeline, self.facts);
        let kept = self.moved.take().filter(|(of, _)| *of == until);
        let kept = kept.unwrap_or_else(|| {
            let facts = timeline.moved(facts, until);
            (until, cofferdam_org::build::build(&facts).0)
        });
        &self.moved.insert(kept).1
    }
}

fn unknown(why: &str) -> Compared {
    Compared::without_story(Verdict::Undecided, why.to_owned())
}

/// Sessions by what of them can matter: many begin alike.
struct Sessions {
    by_key: BTreeMap<u32, u32>,
    all: Vec<Session>,
}

impl Sessions {
    fn of(log: &Log) -> Sessions {
        let mut all = vec![Session::Unknown];
        let mut places: BTreeMap<&Session, u32> = BTreeMap::new();
        let mut by_key = BTreeMap::new();
        for (key, session) in &log.sessions {
            let place = *places.entry(session).or_insert_with(|| {
                all.push(session.clone());
                u32::try_from(all.len() - 1).unwrap_or(0)
            });
            by_key.insert(*key, place);
        }
        Sessions { by_key, all }
    }

    fn variant(&self, access_key: u32) -> u32 {
        self.by_key.get(&access_key).copied().unwrap_or(0)
    }

    fn session(&self, variant: u32) -> &Session {
        self.all.get(variant as usize).unwrap_or(&Session::Unknown)
    }
}
