//! Certificates of depths: attacks that can be replayed, and covers that nobody gets out of.
//!
//! The writer uses everything that makes the search fast. The checker ([`verify`]) uses none of it:
//! it shares the decision of one request and the catalogue of edges with the search, and tries
//! every edge of every actor on every object by plain loops. So an index, a memo or a shortcut of
//! the search that leaves something out makes a certificate that is refused.
//!
//! A cover is enough for a lower bound because an attacker who holds more is refused nothing more:
//! what it rewrites is taken to allow everything, and facts that guard an edge do not depend on
//! what is held. So by induction over its steps, whoever starts inside a closed state stays inside.

mod attack;
mod cover;
mod names;
mod read;
mod rules;
mod sending;
pub mod verify;

pub use names::Names;
pub use read::read;

use std::sync::Arc;

use cofferdam_findings::depths::{Attack, Bounds, Claim, Of};

use crate::closure::Mode;
use crate::cuts::{Cut, Cuts, Target};
use crate::fault::Fault;
use crate::power::State;
use crate::story::Teller;
use attack::Writer;

/// How many attacks are written for one dataset and purpose, the smallest sets first: one suffices
/// for the bound, and the others show that each set is enough.
const ATTACKS_MAX: usize = 100;

/// Everything about one dataset that bounds are written from.
pub struct Source<'w, 's, 'a> {
    /// Looks up what sets of faults do.
    pub target: &'w Target<'w, 's, 'a>,
    /// Finds what an attack builds on.
    pub teller: Teller<'w, 's, 'a>,
    /// The faults that are counted, each with what it certainly and what it may lead to.
    pub counted: &'w [(&'w Fault, &'w [Arc<State>; 2])],
    /// The faults among which sets were tried, which the sets that were found refer to.
    pub tried: &'w [&'w Fault],
}

/// The bounds that an answer states.
pub fn bounds(source: &Source<'_, '_, '_>, sure: &Cuts, perhaps: &Cuts) -> Bounds {
    let mut bounds = Bounds {
        dataset: source.target.leaks.scope.dataset.name.to_string(),
        searched_to: sure.searched_to.min(perhaps.searched_to),
        ..Bounds::default()
    };
    let smallest = |cuts: &[Cut]| cuts.iter().map(|cut| cut.faults.len()).min();
    for (of, sure, perhaps) in [
        (Of::Leak, &sure.leak, &perhaps.leak),
        (Of::Breach, &sure.breach, &perhaps.breach),
    ] {
        attacks(source, of, sure, &mut bounds);
        let beyond = bounds.searched_to as usize + 1;
        let depth = smallest(perhaps).unwrap_or(beyond);
        bounds.claims.push(Claim {
            of,
            at_least: u32::try_from(depth).unwrap_or(u32::MAX),
            at_most: smallest(sure).and_then(|size| u32::try_from(size).ok()),
            at: None,
        });
        if depth == 0 {
            continue;
        }
        match cover::cover(source, of, depth) {
            Ok(cover) => bounds.lower.push(cover),
            Err(why) => bounds.unwritten.push(why),
        }
    }
    bounds
}

/// The certain attacks of minimal sets, each replayed before it is written.
fn attacks(source: &Source<'_, '_, '_>, of: Of, cuts: &[Cut], bounds: &mut Bounds) {
    let names = Names::of(source.target.closure.decider.setting, source.teller.edges);
    let writer = Writer {
        source,
        names: &names,
    };
    let faults: Vec<&Fault> = source.counted.iter().map(|(fault, _)| *fault).collect();
    let mut cuts: Vec<&Cut> = cuts.iter().collect();
    cuts.sort_by_key(|cut| cut.faults.len());
    let nothing = verify::Leaving::new();
    let check = verify::Checker {
        decider: source.target.closure.decider,
        edges: source.teller.edges,
        names: &names,
        known: &nothing,
    };
    if let Some(more) = cuts.len().checked_sub(ATTACKS_MAX).filter(|more| *more > 0) {
        let word = of.word();
        let what =
            format!("{more} more sets of faults that suffice for a {word}: too many to write");
        bounds.unwritten.push(what);
    }
    for cut in cuts.into_iter().take(ATTACKS_MAX) {
        let written = writer.attack(of, cut);
        let checked = written.and_then(|attack: Attack| {
            let on = verify::Dataset {
                leaks: source.target.leaks,
                sinks: source.target.sinks,
                faults: &faults,
            };
            check.attack(&on, &attack).map_err(|refused| refused.what)?;
            Ok(attack)
        });
        match checked {
            Ok(attack) => bounds.upper.push(attack),
            Err(why) => {
                let faults = writer.faults(cut).join(" and ");
                let word = of.word();
                bounds
                    .unwritten
                    .push(format!("the {word} by {faults}: {why}"));
            }
        }
    }
}

/// The mode of lower bounds: what may be counts as if it were.
const MAY: Mode = Mode::Possible;
