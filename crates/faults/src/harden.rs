//! The smallest changes that make one more fault necessary, tried out on a copy.
//!
//! Every attack of the smallest size has a step that an administrator takes on a guard. A service
//! control policy that forbids the step to those who take it closes the attack, and none of them
//! can take it away again. The fewest statements that touch every such attack are looked for, put
//! into a copy of the organization, and the whole question is asked again: attacks that go another
//! way then show, and are closed in turn. What does not raise the depth in the end is not offered.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_boundary::cast::Cast;
use cofferdam_boundary::file::Dataset;
use cofferdam_boundary::obligations::Context;
use cofferdam_boundary::scope::Scope;
use cofferdam_findings::faults::{Depth, Hardening};
use cofferdam_names::{AccountId, NameError};
use cofferdam_org::fact::Known;
use cofferdam_org::model::{NamedPolicy, Organization};
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::parse::parse;
use cofferdam_text::Documents;

use crate::answer::Options;
use crate::catalogue::Edge;
use crate::closure::{Closure, Mode};
use crate::control::Points;
use crate::cuts::{Cut, Cuts, Target};
use crate::decide::Decider;
use crate::evidence::Sinks;
use crate::leak::Leaks;
use crate::power::{Power, State};
use crate::setting::{Actor, Setting};
use crate::story::Teller;

/// How often what is left is closed in turn. Each round asks the whole question again.
const ROUNDS_MAX: usize = 6;

/// A step that could be forbidden: in an account, an action on a resource.
type Forbidden = (AccountId, String, String);

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

/// Changes that raise a depth by one, if statements of service control policies can.
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
    let first = look(context, dataset, options, edges, of)?;
    let Some(before) = first.must.filter(|depth| *depth > 0) else {
        return Ok(None);
    };
    let mut forbidden: BTreeMap<Forbidden, BTreeSet<String>> = BTreeMap::new();
    let mut seen = first.clone();
    for _ in 0..ROUNDS_MAX {
        let more = fewest(&seen.attacks);
        if more.is_empty() {
            return Ok(None);
        }
        for (step, principals) in more {
            forbidden.entry(step).or_default().extend(principals);
        }
        let org = with(context.org, &forbidden);
        let cast = Cast::of(&org);
        let changed = Context {
            org: &org,
            cast: &cast,
            ..*context
        };
        seen = look(&changed, dataset, options, edges, of)?;
        if seen.must.is_none_or(|depth| depth > before) {
            return Ok(Some(told(&forbidden, of, &first, &seen)));
        }
    }
    Ok(None)
}

/// What a look at one organization shows.
#[derive(Clone, Debug, Default)]
struct Seen {
    must: Option<u32>,
    may: Option<u32>,
    /// Of each attack of the smallest size, the steps that could be forbidden, with who takes them.
    attacks: Vec<BTreeMap<Forbidden, String>>,
}

fn look(
    context: &Context<'_>,
    dataset: &Dataset,
    options: &Options,
    edges: &[Edge],
    of: Of,
) -> Result<Seen, NameError> {
    let setting = Setting::new(*context);
    let decider = Decider::new(&setting, edges)?;
    let closure = Closure::new(&decider, edges);
    let scope = Scope::of(context.org, dataset);
    let sinks = Sinks::of(&setting, &scope);
    let points = Points::of(&setting, &scope, &sinks);
    let leaks = Leaks::new(&decider, &scope, sinks.reads.clone());
    let target = Target {
        closure: &closure,
        leaks: &leaks,
        sinks: &sinks,
        points: &points,
    };
    let faults = options.universe.faults(&setting);
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
        target.cuts(&singles, mode, options.search_to)
    };
    let sure = cuts(Mode::Certain);
    let must = of.depth(&sure);
    let teller = Teller {
        decider: &decider,
        edges,
    };
    let smallest = of
        .cuts(&sure)
        .iter()
        .filter(|cut| must == u32::try_from(cut.faults.len()).ok());
    Ok(Seen {
        must,
        may: of.depth(&cuts(Mode::Possible)),
        attacks: smallest
            .map(|cut| steps(&teller, &leaks, cut, of))
            .collect(),
    })
}

/// The steps of an attack that could be forbidden.
fn steps(
    teller: &Teller<'_, '_, '_>,
    leaks: &Leaks<'_, '_, '_>,
    cut: &Cut,
    of: Of,
) -> BTreeMap<Forbidden, String> {
    let setting = teller.decider.setting;
    let powers = match (of, &cut.effect.breach) {
        (Of::Breach, Some(breach)) => {
            let mut powers: Vec<Power> = breach.defeats.iter().map(|defeat| defeat.by).collect();
            powers.extend(leaks.powers(&cut.state, &breach.way, breach.reads));
            powers
        }
        _ => match &cut.effect.leak {
            Some(way) => leaks.powers(&cut.state, way, crate::leak::Reads::All),
            None => Vec::new(),
        },
    };
    let mut steps = BTreeMap::new();
    for at in teller.needed(&cut.state, &powers) {
        let Some(taken) = cut.state.steps().get(at) else {
            continue;
        };
        let (Some(Actor::Existing(place)), Some(edge)) = (taken.by, taken.edge) else {
            continue;
        };
        let actor = Actor::Existing(place);
        let need = teller.edges.get(edge).and_then(|edge| edge.needs.last());
        let account = setting.account(actor);
        let resource = setting.arn(taken.on);
        if let (Some(need), Some(account), Some(resource)) = (need, account, resource) {
            let step = (account, need.action.to_string(), resource);
            steps.insert(step, setting.name(actor));
        }
    }
    steps
}

/// The fewest steps that touch every attack, found greedily, each with everybody who takes it.
fn fewest(attacks: &[BTreeMap<Forbidden, String>]) -> BTreeMap<Forbidden, BTreeSet<String>> {
    let mut left: Vec<&BTreeMap<Forbidden, String>> = attacks.iter().collect();
    let mut chosen: BTreeMap<Forbidden, BTreeSet<String>> = BTreeMap::new();
    while !left.is_empty() {
        let mut counts: BTreeMap<&Forbidden, usize> = BTreeMap::new();
        for step in left.iter().flat_map(|attack| attack.keys()) {
            *counts.entry(step).or_default() += 1;
        }
        let best = counts
            .iter()
            .max_by_key(|(step, count)| (**count, std::cmp::Reverse(**step)));
        let Some((step, _)) = best else {
            return BTreeMap::new();
        };
        let step: Forbidden = (*step).clone();
        let who = attacks.iter().filter_map(|attack| attack.get(&step));
        chosen.insert(step.clone(), who.cloned().collect());
        left.retain(|attack| !attack.contains_key(&step));
    }
    chosen
}

/// A copy of the organization in which the steps are forbidden.
fn with(org: &Organization, forbidden: &BTreeMap<Forbidden, BTreeSet<String>>) -> Organization {
    let mut org = org.clone();
    for (step, principals) in forbidden {
        let text = document(step, principals);
        let Ok(node) = Documents::new().read_json("a proposed statement", text.into_bytes()) else {
            continue;
        };
        let id = org.policies.add(NamedPolicy {
            name: "a proposed service control policy".into(),
            document: Known::Present(parse(&node, PolicyKind::ServiceControl).0),
            origin: None,
        });
        if let Some(account) = org.accounts.get_mut(&step.0)
            && let Known::Present(attached) = &mut account.attached.service_control
        {
            attached.push(id);
        }
    }
    org
}

fn document(step: &Forbidden, principals: &BTreeSet<String>) -> String {
    let statement = statement(step, principals);
    format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#)
}

fn statement((_, action, resource): &Forbidden, principals: &BTreeSet<String>) -> String {
    let who: Vec<String> = principals.iter().map(|arn| format!("\"{arn}\"")).collect();
    format!(
        r#"{{"Effect": "Deny", "Action": "{action}", "Resource": "{resource}", "Condition": {{"ArnEquals": {{"aws:PrincipalArn": [{}]}}}}}}"#,
        who.join(", ")
    )
}

fn told(
    forbidden: &BTreeMap<Forbidden, BTreeSet<String>>,
    of: Of,
    before: &Seen,
    after: &Seen,
) -> Hardening {
    let sentence = |((account, action, resource), who): (&Forbidden, &BTreeSet<String>)| {
        format!(
            "in account {account}, keep {} from {action} on {resource} by a service control policy",
            some_of(who)
        )
    };
    Hardening {
        changes: forbidden.iter().map(sentence).collect(),
        statements: forbidden
            .iter()
            .map(|(step, who)| {
                let place = format!("service control policy of account {}", step.0);
                (place, statement(step, who))
            })
            .collect(),
        before: Depth {
            may: before.may,
            must: before.must,
        },
        after: Depth {
            may: after.may,
            must: after.must,
        },
        of: of.word(),
    }
}

fn some_of(who: &BTreeSet<String>) -> String {
    match who.first() {
        Some(one) if who.len() == 1 => one.clone(),
        Some(one) => format!("{one} and {} more", who.len() - 1),
        None => String::new(),
    }
}
