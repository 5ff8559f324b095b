//! Attacks that were found, as steps that can be replayed.
//!
//! The search takes whatever it can; an attack holds only the steps on which its end builds. So the
//! requests are found again, over what those steps alone have rewritten.

use cofferdam_findings::depths::{Attack, AttackStep, Exit, FOLLOWS, Of};

use super::Source;
use super::names::Names;
use super::rules::Rules;
use super::sending::written;
use crate::carriers::best;
use crate::cuts::Cut;
use crate::fault::start;
use crate::leak::{Reads, Way};
use crate::power::{Power, State, Taken};
use crate::setting::{Actor, Setting};

/// Writes the attacks of one dataset.
pub struct Writer<'w, 's, 'a> {
    /// What they are written from.
    pub source: &'w Source<'w, 's, 'a>,
    /// What everything is called.
    pub names: &'w Names,
}

/// The policy that an attacker attaches.
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

impl<'a> Writer<'_, '_, 'a> {
    fn setting(&self) -> &Setting<'a> {
        self.source.target.closure.decider.setting
    }

    /// The names of a set's faults.
    pub fn faults(&self, cut: &Cut) -> Vec<String> {
        let faults = cut.faults.iter();
        let found = faults.filter_map(|at| self.source.tried.get(*at));
        found.map(|fault| fault.name(self.setting())).collect()
    }

    /// The attack of a set.
    ///
    /// # Errors
    /// If a request that passed is not found again.
    pub fn attack(&self, of: Of, cut: &Cut) -> Result<Attack, String> {
        let leaks = self.source.target.leaks;
        let missing = || "how data leaves was not found again".to_owned();
        let (way, reads, defeats) = match (of, &cut.effect.breach, cut.effect.leak) {
            (Of::Breach, Some(breach), _) => (breach.way, breach.reads, &*breach.defeats),
            (Of::Leak, _, Some(way)) => (way, Reads::All, &[][..]),
            _ => return Err(missing()),
        };
        let defeats: Vec<Power> = defeats.iter().map(|defeat| defeat.by).collect();
        let mut powers = leaks.powers(&cut.state, &way, reads);
        powers.extend(&defeats);
        let mut state = self.begins(cut);
        let steps = self.steps(&mut state, &cut.state, &powers)?;
        Ok(Attack {
            of,
            faults: self.faults(cut),
            steps,
            exit: self.exit(&state, &way, reads).ok_or_else(missing)?,
            defeats: defeats
                .iter()
                .map(|power| self.names.power(*power))
                .collect(),
            at: None,
        })
    }

    fn begins(&self, cut: &Cut) -> State {
        let faults = cut.faults.iter();
        let found = faults.filter_map(|at| self.source.tried.get(*at));
        let powers: Vec<Power> = found
            .flat_map(|fault| fault.start(self.setting()).powers().collect::<Vec<_>>())
            .collect();
        start(self.setting(), &powers)
    }

    /// The steps that lead to some powers; the state follows them.
    fn steps(
        &self,
        state: &mut State,
        found: &State,
        powers: &[Power],
    ) -> Result<Vec<AttackStep>, String> {
        let mut steps: Vec<AttackStep> = Vec::new();
        let mut last: Option<&Taken> = None;
        for at in self.source.teller.needed(found, powers) {
            let Some((taken, by)) = found
                .steps()
                .get(at)
                .and_then(|step| Some((step, step.by?)))
            else {
                continue;
            };
            if state.holds(taken.power) {
                continue;
            }
            let same = |last: &Taken| {
                taken.edge.is_some()
                    && (last.edge, last.by, last.on) == (taken.edge, taken.by, taken.on)
            };
            match steps.last_mut().filter(|_| last.is_some_and(same)) {
                Some(step) => step.gains.push(self.names.power(taken.power)),
                None => steps.push(self.step(state, taken, by)?),
            }
            state.take(self.setting(), taken.clone());
            last = Some(taken);
        }
        Ok(steps)
    }

    fn step(&self, state: &State, taken: &Taken, by: Actor) -> Result<AttackStep, String> {
        let edges = self.source.teller.edges;
        let edge = taken.edge.and_then(|place| edges.get(place));
        let decider = self.source.target.closure.decider;
        let mut requests = Vec::new();
        let carrier = edge.and_then(|edge| best(decider, state, edge, by, taken.on).1);
        for need in edge.iter().flat_map(|edge| &edge.needs) {
            let rules = Rules { decider };
            let after = rules.after(state, Some(by));
            let mut asked = rules.asked(by, taken.on, carrier, need).into_iter();
            let request = asked.find_map(|mut asked| {
                if super::verify::attaches(&asked.action) {
                    asked.attached = Some(ADMINISTRATOR.into());
                }
                decider.certain_request(&after, by, &asked)
            });
            let missing = || format!("no certain request to {} was found again", need.action);
            requests.push(written(&request.ok_or_else(missing)?));
        }
        Ok(AttackStep {
            edge: edge.map_or_else(|| FOLLOWS.to_owned(), |edge| edge.id.clone()),
            by: self.names.actor(by),
            on: self.names.object(taken.on),
            gains: vec![self.names.power(taken.power)],
            requests,
            at: None,
        })
    }

    fn exit(&self, state: &State, way: &Way, reads: Reads) -> Option<Exit> {
        let leaks = self.source.target.leaks;
        let store = leaks.store(way.store)?;
        let nothing = super::verify::Leaving::new();
        let checker = super::verify::Checker {
            decider: leaks.decider,
            edges: self.source.teller.edges,
            names: self.names,
            known: &nothing,
        };
        let requests = match way.reader {
            Some(reader) => {
                let after = checker.after(state, reader);
                leaks.certain_requests(&after, reader, way, reads)?
            }
            None => Vec::new(),
        };
        Some(Exit {
            reader: way.reader.map(|reader| checker.reader(reader)),
            store: store.resource.arn.to_string(),
            door: store.way(),
            requests: requests.iter().map(written).collect(),
            at: None,
        })
    }
}
