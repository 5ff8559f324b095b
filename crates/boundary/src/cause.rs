//! From models to causes: what was found, replayed, grouped, and named.
//!
//! A cause is the set of permitting statements behind a witness. Identity policies are many and
//! alike, so where another layer also permits, its statements name the cause and the principals
//! are counted; findings then come one per cause and never one per principal.

use std::collections::BTreeMap;

use cofferdam_authz::decide::Outcome;
use cofferdam_authz::layers::LayerId;
use cofferdam_authz::search::{Found, Search};
use cofferdam_authz::symbolic::{Interval, Query, Selector};
use cofferdam_authz::witness::{Request, replay};
use cofferdam_findings::finding::{Cause, Missing, Reason, Step, Witness};
use cofferdam_logic::Model;
use cofferdam_org::model::Organization;

use crate::path::{HopInfo, Path};

/// How many causes one question lists at most; a finding says when there are more.
pub const CAUSES_PER_QUESTION: usize = 12;

/// What one or more questions came to.
#[derive(Debug, Default)]
pub struct Answers {
    /// What violates, one entry for each question and set of permits.
    pub raw: Vec<Raw>,
    /// What may violate, depending on unknown facts.
    pub possible: Vec<Raw>,
    /// Why nothing could be settled.
    pub missing: Vec<Missing>,
    /// Controls that carry the proofs.
    pub controls: Vec<Selector>,
    /// How many questions were about requests that can exist at all: a proof about none says
    /// nothing.
    pub well_formed: usize,
    /// Whether more causes exist than were listed.
    pub cut_short: bool,
    /// How many questions were asked.
    pub asked: usize,
}

/// One way in.
#[derive(Clone, Debug)]
pub struct Raw {
    /// Who gets in, as approvals and exceptions know them.
    pub principal: String,
    /// The statements that permit it.
    pub permits: Vec<Selector>,
    /// The requests.
    pub witness: Witness,
    /// What would close it, where the question knows better than the statements do.
    pub fix: Option<String>,
}

impl Answers {
    /// Takes in what another question came to.
    pub fn join(&mut self, other: Answers) {
        self.raw.extend(other.raw);
        self.possible.extend(other.possible);
        self.missing.extend(other.missing);
        self.controls.extend(other.controls);
        self.well_formed += other.well_formed;
        self.cut_short |= other.cut_short;
        self.asked += other.asked;
    }

    /// A question that the declaration itself answers, with no request left to ask about.
    pub fn nothing_to_ask() -> Answers {
        Answers {
            asked: 1,
            well_formed: 1,
            ..Answers::default()
        }
    }

    /// Whether every question was answered by "no request".
    pub fn nothing(&self) -> bool {
        self.raw.is_empty() && self.possible.is_empty() && self.missing.is_empty()
    }

    /// Notes something that could not be told.
    pub fn miss(&mut self, key: impl Into<String>, why: impl Into<String>) {
        self.missing.push(Missing {
            key: key.into(),
            why: why.into(),
            origin: None,
        });
    }
}

/// Asks a path whether the goal can hold, until no cause is left.
pub fn ask(path: &mut Path<'_>, principal: &str, goal: Interval) -> Answers {
    let goal = path.query.goal(&[goal]);
    let mut answers = Answers {
        asked: 1,
        well_formed: usize::from(is_well_formed(path)),
        ..Answers::default()
    };
    if goal.may == cofferdam_logic::Formula::FALSE {
        return answers;
    }
    let mut search = Search::new(&path.query, goal);
    for _ in 0..CAUSES_PER_QUESTION {
        match search.next() {
            Found::Nothing(controls) => {
                answers.controls.extend(controls);
                return answers;
            }
            Found::GaveUp(why) => {
                answers.miss(principal, why);
                return answers;
            }
            Found::Certain(model) => {
                let permits = search.permits(&model);
                let (witness, works) = steps(path.org, &path.query, &path.hops, &model);
                let raw = Raw {
                    principal: principal.to_owned(),
                    permits: permits.clone(),
                    witness,
                    fix: None,
                };
                if works {
                    answers.raw.push(raw);
                } else {
                    answers.possible.push(raw);
                    answers.miss(
                        principal,
                        "a witness did not replay; please report this as a defect",
                    );
                }
                if permits.is_empty() {
                    return answers;
                }
                search.block(&permits);
            }
            Found::Possible(model) => {
                let permits = search.permits(&model);
                let (witness, _) = steps(path.org, &path.query, &path.hops, &model);
                answers.possible.push(Raw {
                    principal: principal.to_owned(),
                    permits,
                    witness,
                    fix: None,
                });
                for why in path.query.reasons() {
                    answers.missing.push(Missing {
                        key: principal.to_owned(),
                        why: why.to_owned(),
                        origin: None,
                    });
                }
                return answers;
            }
        }
    }
    answers.cut_short = true;
    answers
}

/// Whether a request can exist at all, whatever is decided about it.
fn is_well_formed(path: &mut Path<'_>) -> bool {
    let anything = path.query.goal(&[]);
    let limits = cofferdam_logic::Limits::default();
    let mut solver = cofferdam_logic::Solver::new(&path.query.problem, anything.may, limits);
    !matches!(
        solver.solve(&[]),
        cofferdam_logic::Outcome::Unsatisfiable(_)
    )
}

/// The steps of a model's data path, and whether every one of them is allowed when decided again.
fn steps(
    org: &Organization,
    query: &Query<'_>,
    hops: &[HopInfo<'_>],
    model: &Model<'_>,
) -> (Witness, bool) {
    let mut taken: Vec<&HopInfo<'_>> = hops.iter().filter(|hop| model.holds(hop.taken)).collect();
    taken.sort_by_key(|hop| is_later(hop));
    let mut works = true;
    let mut steps = Vec::new();
    for hop in taken {
        let Some(request) = query.request(hop.number, model) else {
            works = false;
            continue;
        };
        let decision = replay(org, &request, hop.thing, hop.party);
        works &= decision.outcome == Outcome::Allowed;
        steps.push(step(&request, hop, decision.outcome));
    }
    (Witness { steps }, works)
}

/// Hops that make a session come before those that use it.
fn is_later(hop: &HopInfo<'_>) -> bool {
    !matches!(hop.thing, cofferdam_authz::gather::Thing::Role(_))
}

fn step(request: &Request, hop: &HopInfo<'_>, outcome: Outcome) -> Step {
    let context = request.context.iter().map(|(key, values)| {
        (
            key.to_string(),
            values.iter().map(ToString::to_string).collect(),
        )
    });
    let note = match (&hop.note, request.network.is_empty()) {
        (Some(note), _) => Some(note.clone()),
        (None, false) => Some(request.network.clone()),
        (None, true) => None,
    };
    Step {
        principal: request.principal.clone(),
        action: request.action.to_string(),
        resource: request.resource.clone(),
        context: context.collect(),
        decision: outcome.word(),
        note,
    }
}

/// A statement as findings show it.
pub fn reason(selector: &Selector) -> Reason {
    Reason {
        document: selector.document.to_string(),
        layer: selector.layer.id(),
        statement: selector.statement,
        sid: selector.sid.as_ref().map(ToString::to_string),
        effect: if selector.denies {
            "Deny".to_owned()
        } else {
            "Allow".to_owned()
        },
        origin: selector.origin,
    }
}

/// Groups ways in by what permits them.
pub fn causes(id: &str, raw: &[Raw]) -> Vec<Cause> {
    let mut groups: BTreeMap<Vec<Selector>, Vec<&Raw>> = BTreeMap::new();
    for one in raw {
        groups.entry(naming(&one.permits)).or_default().push(one);
    }
    let mut causes: Vec<Cause> = groups
        .into_iter()
        .map(|(naming, ways)| cause(id, &naming, &ways))
        .collect();
    causes.sort_by(|left, right| {
        right
            .principals
            .cmp(&left.principals)
            .then(left.fingerprint.cmp(&right.fingerprint))
    });
    causes
}

/// How many principals a cause shows by name.
const SAMPLE: usize = 5;

fn cause(id: &str, naming: &[Selector], ways: &[&Raw]) -> Cause {
    let mut principals: Vec<String> = ways.iter().map(|way| way.principal.clone()).collect();
    principals.sort();
    principals.dedup();
    let first = ways.first();
    let mut because: Vec<Reason> = naming.iter().map(reason).collect();
    if let Some(first) = first {
        let others = first
            .permits
            .iter()
            .filter(|permit| !naming.contains(permit) && !is_blanket(permit));
        because.extend(others.map(reason));
    }
    Cause {
        fingerprint: fingerprint(id, naming, first.map(|way| way.principal.as_str())),
        origin: naming.first().map_or_else(
            || "no statement: the caller's own account allows it".to_owned(),
            |s| s.document.to_string(),
        ),
        because,
        witness: first.map(|way| way.witness.clone()).unwrap_or_default(),
        principals: principals.len() as u64,
        sample: principals.into_iter().take(SAMPLE).collect(),
        would_fix: first
            .and_then(|way| way.fix.clone())
            .unwrap_or_else(|| fix(naming)),
        excepted_by: None,
    }
}

/// The statements that name a cause: those of the resource side if there are any, else those of
/// the caller's own policies. Blanket allows of organization and endpoint policies never do.
fn naming(permits: &[Selector]) -> Vec<Selector> {
    let of = |wanted: fn(LayerId) -> bool| -> Vec<Selector> {
        permits
            .iter()
            .filter(|permit| wanted(permit.layer))
            .cloned()
            .collect()
    };
    let resource_side = of(is_resource_side);
    if !resource_side.is_empty() {
        return resource_side;
    }
    of(|layer| layer == LayerId::Identity)
}

fn is_resource_side(layer: LayerId) -> bool {
    matches!(
        layer,
        LayerId::Resource
            | LayerId::KeyPolicy
            | LayerId::Trust
            | LayerId::Grant
            | LayerId::Acl
            | LayerId::AccessPoint
    )
}

fn is_blanket(selector: &Selector) -> bool {
    matches!(
        selector.layer,
        LayerId::ServiceControl | LayerId::ResourceControl | LayerId::PermissionsBoundary | LayerId::Endpoint
    )
}

fn fix(naming: &[Selector]) -> String {
    let Some(first) = naming.first() else {
        return "add a Deny for everybody but the approved principals to the resource's own policy"
            .to_owned();
    };
    let statement = match (&first.sid, first.statement) {
        (Some(sid), _) => format!("statement `{sid}`"),
        (None, Some(index)) => format!("statement {index}"),
        (None, None) => "it".to_owned(),
    };
    match first.layer {
        LayerId::Identity => format!(
            "narrow {statement} of {}, or deny everybody but the approved principals in the resource's own policy",
            first.document
        ),
        LayerId::Grant => format!("retire {}", first.document),
        LayerId::Acl => format!(
            "remove {}, or disable ACLs with BucketOwnerEnforced",
            first.document
        ),
        _ => format!("narrow or remove {statement} of {}", first.document),
    }
}

/// A name that stays as long as the cause does: obligation, dataset and permitting statements.
fn fingerprint(id: &str, naming: &[Selector], principal: Option<&str>) -> String {
    let mut text = id.to_owned();
    for selector in naming {
        let statement = selector.sid.as_deref().map(str::to_owned);
        let statement = statement
            .or_else(|| selector.statement.map(|index| index.to_string()))
            .unwrap_or_default();
        text.push_str(&format!(
            "|{}|{}|{statement}",
            selector.layer.id(),
            selector.document
        ));
    }
    if naming.is_empty() {
        text.push_str(principal.unwrap_or_default());
    }
    format!("{:016x}", fnv(text.as_bytes()))
}

/// FNV-1a, 64 bits: a fingerprint is a name, not a proof.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
