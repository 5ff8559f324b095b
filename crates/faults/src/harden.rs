//! The smallest changes that make one more fault necessary, tried out on a copy.
//!
//! An attack ends where one of its steps is refused. So the changes looked for are those of which
//! every attack of the smallest size has one: a service control policy that forbids a step to those
//! who take it, which none of them can take away again, or a trail that records the read. They are
//! put into a copy of the organization and the whole question is asked again: attacks that go
//! another way then show, and the fewest changes for all attacks seen so far are looked for. Each
//! attack seen must be closed by any set of such changes, so the first set after which no attack of
//! the size is left is a smallest one. What does not raise the depth in the end is not offered.

mod change;
mod fewest;

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_boundary::cast::Cast;
use cofferdam_boundary::file::Dataset;
use cofferdam_boundary::obligations::Context;
use cofferdam_boundary::recording::{Arns, Events};
use cofferdam_boundary::scope::{Group, Scope, Store};
use cofferdam_findings::faults::{Depth, Hardened, Hardening};
use cofferdam_names::NameError;

use crate::answer::{Options, TOGETHER_MAX};
use crate::catalogue::Edge;
use crate::closure::{Closure, Mode};
use crate::control::Points;
use crate::cuts::{Breach, Cut, Cuts, Target};
use crate::decide::{Decider, Named};
use crate::evidence::Sinks;
use crate::leak::{Leaks, Reader, Reads, Way, contents};
use crate::power::{Power, State, Taken};
use crate::requests::asked;
use crate::setting::{Actor, Setting};
use crate::story::Teller;

use change::{Change, Changes};
use fewest::{Fewest, fewest};

/// How often what is left is closed in turn. Each round asks the whole question again.
const ROUNDS_MAX: usize = 12;

/// The steps of one attack that could be stopped, each with who takes it, if somebody does.
type Attack = BTreeMap<Change, Option<String>>;

/// Which depth is to be raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Faults before data leaves.
    Leak,
    /// Faults before it leaves unrecorded.
    Breach,
}

impl Of {
    fn word(self) -> &'static str {
        match self {
            Of::Leak => "leak",
            Of::Breach => "breach",
        }
    }

    fn cuts(self, cuts: &Cuts) -> &[Cut] {
        match self {
            Of::Leak => &cuts.leak,
            Of::Breach => &cuts.breach,
        }
    }

    fn depth(self, cuts: &Cuts) -> Option<u32> {
        let (leak, breach) = cuts.depths();
        match self {
            Of::Leak => leak,
            Of::Breach => breach,
        }
    }
}

/// Changes that raise a depth by one; `None`: nothing is within the size that is searched, so there
/// is nothing to raise.
///
/// # Errors
/// If the name of an action is not understood, which would be a defect.
pub fn harden(
    context: &Context<'_>,
    dataset: &Dataset,
    options: &Options,
    edges: &[Edge],
    of: Of,
) -> Result<Option<Hardening>, NameError> {
    let question = Question {
        dataset,
        options,
        edges,
        of,
    };
    let first = question.look(context, options.search_to, Ends::Both)?;
    let Some(size) = first.must else {
        return Ok(None);
    };
    let hardened = match size {
        0 => Hardened::Not("data leaves without any fault, which `check` shows".into()),
        _ => question.raised(context, size, first.attacks)?,
    };
    Ok(Some(Hardening {
        of: of.word(),
        before: Depth {
            may: first.may,
            must: first.must,
        },
        hardened,
    }))
}

/// Which depth of which dataset is to be raised.
struct Question<'q> {
    dataset: &'q Dataset,
    options: &'q Options,
    edges: &'q [Edge],
    of: Of,
}

/// Which ends of a depth are wanted: what is possible costs a search of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    Both,
    Must,
}

/// What a look at one organization shows.
#[derive(Clone, Debug, Default)]
struct Seen {
    must: Option<u32>,
    may: Option<u32>,
    /// The attacks of the smallest size.
    attacks: Vec<Attack>,
}

impl Question<'_> {
    fn raised(
        &self,
        context: &Context<'_>,
        size: u32,
        mut attacks: Vec<Attack>,
    ) -> Result<Hardened, NameError> {
        for _ in 0..ROUNDS_MAX {
            let steps: Vec<BTreeSet<Change>> = attacks
                .iter()
                .map(|attack| attack.keys().cloned().collect())
                .collect();
            let Some(chosen) = fewest(&steps) else {
                return Ok(Hardened::Not(NO_STEP.into()));
            };
            let changes = about(&chosen, &attacks);
            let left = self.changed(context, &changes, size, Ends::Must)?;
            if left.must.is_none_or(|left| left > size) {
                let searched_to = self.options.search_to;
                let after = self.changed(context, &changes, searched_to, Ends::Both)?;
                return Ok(told(context, &changes, &after, chosen.smallest));
            }
            attacks.extend(left.attacks);
        }
        Ok(Hardened::Not(format!(
            "after {ROUNDS_MAX} rounds of changes attacks of the same size were still left"
        )))
    }

    /// The same question about the organization with changes.
    fn changed(
        &self,
        context: &Context<'_>,
        changes: &Changes,
        size: u32,
        ends: Ends,
    ) -> Result<Seen, NameError> {
        let org = change::with(context.org, changes);
        let cast = Cast::of(&org);
        let changed = Context {
            org: &org,
            cast: &cast,
            ..*context
        };
        self.look(&changed, size, ends)
    }

    fn look(&self, context: &Context<'_>, size: u32, ends: Ends) -> Result<Seen, NameError> {
        let (edges, of) = (self.edges, self.of);
        let setting = Setting::new(*context);
        let decider = Decider::new(&setting, edges)?;
        let closure = Closure::new(&decider, edges);
        let scope = Scope::of(context.org, self.dataset);
        let sinks = Sinks::of(&setting, &scope);
        let points = Points::of(&setting, &scope, &sinks);
        let leaks = Leaks::new(&decider, &scope, sinks.reads.clone());
        let target = Target {
            closure: &closure,
            leaks: &leaks,
            sinks: &sinks,
            points: &points,
        };
        let faults = self.options.universe.faults(&setting);
        let size = match faults.len() > TOGETHER_MAX {
            true => size.min(1),
            false => size,
        };
        let cuts = |mode: Mode| {
            let singles: Vec<State> = faults
                .iter()
                .map(|fault| {
                    let mut state = fault.start(&setting);
                    closure.close(&mut state, mode);
                    state
                })
                .collect();
            let singles: Vec<&State> = singles.iter().collect();
            target.cuts(&singles, mode, size)
        };
        let sure = cuts(Mode::Certain);
        let must = of.depth(&sure);
        let steps = Steps {
            teller: Teller {
                decider: &decider,
                edges,
            },
            leaks: &leaks,
            of,
        };
        let smallest = of
            .cuts(&sure)
            .iter()
            .filter(|cut| must == u32::try_from(cut.faults.len()).ok());
        Ok(Seen {
            must,
            may: match ends {
                Ends::Both => of.depth(&cuts(Mode::Possible)),
                Ends::Must => None,
            },
            attacks: smallest.map(|cut| steps.of(cut)).collect(),
        })
    }
}

/// Why no such change helps.
const NO_STEP: &str = "an attack has no step that a service control policy could forbid or a trail \
     could record without keeping an approved principal from its own";

/// The changes with everybody whom the attacks let take the step.
fn about(chosen: &Fewest<Change>, attacks: &[Attack]) -> Changes {
    let who = |change: &Change| {
        let by = attacks.iter().filter_map(|attack| attack.get(change));
        by.flatten().cloned().collect()
    };
    let changes = chosen.changes.iter();
    changes
        .map(|change| (change.clone(), who(change)))
        .collect()
}

fn told(context: &Context<'_>, changes: &Changes, after: &Seen, smallest: bool) -> Hardened {
    let org = context.org;
    Hardened::By {
        changes: changes
            .iter()
            .map(|(change, who)| change::sentence(org, change, who))
            .collect(),
        statements: changes
            .iter()
            .map(|(change, who)| change::statement(org, change, who))
            .collect(),
        after: Depth {
            may: after.may,
            must: after.must,
        },
        smallest,
    }
}

/// Finds the steps of attacks that could be stopped.
struct Steps<'s, 't, 'a> {
    teller: Teller<'t, 't, 'a>,
    leaks: &'s Leaks<'t, 't, 'a>,
    of: Of,
}

impl<'a> Steps<'_, '_, 'a> {
    fn of(&self, cut: &Cut) -> Attack {
        let mut attack = Attack::new();
        let mut powers: Vec<Power> = Vec::new();
        match (self.of, &cut.effect.breach, &cut.effect.leak) {
            (Of::Breach, Some(breach), _) => {
                powers.extend(breach.defeats.iter().map(|defeat| defeat.by));
                powers.extend(self.leaks.powers(&cut.state, &breach.way, breach.reads));
                attack.extend(self.reading(&breach.way));
                attack.extend(self.recording(breach));
            }
            (_, _, Some(way)) => {
                powers.extend(self.leaks.powers(&cut.state, way, Reads::All));
                attack.extend(self.reading(way));
            }
            _ => {}
        }
        let taken = self.teller.needed(&cut.state, &powers);
        let taken = taken.iter().filter_map(|at| cut.state.steps().get(*at));
        attack.extend(taken.filter_map(|taken| self.taking(taken)));
        attack
    }

    fn setting(&self) -> &Setting<'a> {
        self.teller.decider.setting
    }

    /// A step by an edge. Service control policies do not act in the management account ("Service
    /// control policies (SCPs)").
    fn taking(&self, taken: &Taken) -> Option<(Change, Option<String>)> {
        let (actor, edge) = (taken.by?, self.teller.edges.get(taken.edge?)?);
        let need = edge.needs.last()?;
        let asked = asked(self.teller.decider, Some(actor), taken.on, None, need)?;
        let resource = match asked.resource {
            Named::Like(arn) => arn.to_string(),
            Named::Under(arn) => format!("{arn}*"),
            Named::Anyhow | Named::Whole => "*".to_owned(),
        };
        self.forbidding(actor, vec![need.action.to_string()], vec![resource])
    }

    fn forbidding(
        &self,
        actor: Actor,
        actions: Vec<String>,
        resources: Vec<String>,
    ) -> Option<(Change, Option<String>)> {
        let setting = self.setting();
        let account = setting.account(actor)?;
        let exists = matches!(actor, Actor::Existing(_));
        if !exists || setting.management() == Some(account) {
            return None;
        }
        let change = Change::Forbid {
            account,
            actions,
            resources,
        };
        Some((change, Some(setting.name(actor))))
    }

    /// The read itself, by somebody whom the boundary approves of nothing.
    fn reading(&self, way: &Way) -> Option<(Change, Option<String>)> {
        let Some(Reader::Actor(actor)) = way.reader else {
            return None;
        };
        if self.leaks.is_approved(actor) {
            return None;
        }
        let store = self.leaks.scope.stores.get(way.store)?;
        let groups = contents(store);
        let actions = groups.iter().flat_map(Group::names);
        let actions: BTreeSet<String> = actions.map(|action| action.to_string()).collect();
        let actions = actions.into_iter().collect();
        let arn = store.resource.arn.to_string();
        let resources = vec![arn.clone(), format!("{arn}/*")];
        self.forbidding(actor, actions, resources)
    }

    /// Trails that could record a read that none records.
    fn recording(&self, breach: &Breach) -> Vec<(Change, Option<String>)> {
        let store = self.leaks.scope.stores.get(breach.way.store);
        let Some(store) = store.filter(|_| breach.defeats.is_empty()) else {
            return Vec::new();
        };
        let events = data_events(store);
        let trails = self.setting().context.org.trails.iter().enumerate();
        trails
            .flat_map(|(trail, at)| {
                let possible = events
                    .iter()
                    .filter(|(kind, _)| change::can_record(&at.selectors, kind));
                possible.map(move |(kind, under)| {
                    let change = Change::Record {
                        trail,
                        kind: kind.clone(),
                        under: under.clone(),
                    };
                    (change, None)
                })
            })
            .collect()
    }
}

/// The types of the data events that reads of a store give, with what their ARNs start with.
fn data_events(store: &Store<'_>) -> BTreeSet<(String, String)> {
    let resource = store.resource;
    let arn = resource.arn.as_str();
    let groups = contents(store);
    let actions = groups.iter().flat_map(Group::names);
    let events = actions.filter_map(|action| {
        Events::of(&action, arn, resource.account, resource.region.clone()).ok()
    });
    events
        .filter_map(|events| {
            let (Arns::Exactly(under) | Arns::Under(under)) = events.resource?;
            Some((events.resource_type?.to_owned(), under))
        })
        .collect()
}
