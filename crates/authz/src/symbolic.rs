//! The symbolic reading: one decision over all requests at once.
//!
//! Truth is an interval of two formulas: what certainly holds, and what may hold once unknown
//! facts are filled in. A proof uses the upper one (unknown Allow matches, unknown Deny does not
//! apply) and a violation the lower one, so that unknown settles nothing. Every statement carries a
//! selector: cores over them name the controls that carry a proof, and blocking them enumerates
//! causes.

mod crowd;
mod pieces;
mod renamed;
mod slots;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use cofferdam_logic::{Attribute, Case, Class, Formula, Model, Pattern, Problem, Token};
use cofferdam_names::{ActionName, ContextKey};
use cofferdam_org::model::{AclGrant, Grant};
use cofferdam_policy::ast::{ActionPattern, Effect, PrincipalPattern, Statement};
use cofferdam_policy::matching::action_matches;
use cofferdam_policy::operand::{Operand, Template};
use cofferdam_policy::reading::{Element, Reading};
use cofferdam_text::Origin;

use crate::access_point::Way;
use crate::caller::{Caller, CallerKind, EVERY_SERVICE};
use crate::combine::{Decided, Deciding, combine};
use crate::concrete::{NO_RESOURCE, RCP_WITHOUT_RESOURCE};
use crate::context::{Network, Situation};
use crate::layers::{LayerId, Layers, Sheet};
use crate::term::Term;

pub use slots::{Around, Slot};

/// What certainly holds and what may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Holds whatever the unknown facts are.
    pub must: Formula,
    /// Holds for some completion of the unknown facts.
    pub may: Formula,
}

/// A deployed thing that can be taken away: the unit of causes and of what carries a proof.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selector {
    /// Its layer.
    pub layer: LayerId,
    /// The document's name.
    pub document: Box<str>,
    /// The statement's position, where it is one.
    pub statement: Option<u32>,
    /// The statement's own name.
    pub sid: Option<Box<str>>,
    /// Whether it denies; else it allows.
    pub denies: bool,
    /// Where it lies.
    pub origin: Option<Origin>,
}

/// What is asked for in one hop.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// This ARN, or `*`.
    Exactly(String),
    /// Every ARN that starts like this and goes on with at least one character.
    Under(String),
    /// Every ARN that this text with `*` and `?` stands for.
    Like(String),
    /// Every ARN, and `*` for actions without a resource.
    Anything,
}

/// One request of a data path.
#[derive(Clone, Debug)]
pub struct Hop<'a> {
    /// What its context follows from; the network is filled in from `networks`.
    pub situation: Situation<'a>,
    /// Where it may come from.
    pub networks: Vec<Network<'a>>,
    /// The actions that are meant; none: any name, also of an action that AWS adds later.
    pub actions: Vec<ActionName>,
    /// The resources that are meant.
    pub wanted: Wanted,
    /// Whose session makes it: hops of one number share what belongs to a session.
    pub session: usize,
    /// Keys that another hop fixes.
    pub given: Vec<(ContextKey, Given)>,
}

/// A value that follows from the data path.
#[derive(Clone, Debug)]
pub enum Given {
    /// This text.
    Value(String),
    /// The resource of an earlier hop.
    ResourceOf(usize),
    /// What a key of an earlier hop holds.
    KeyOf(usize, ContextKey),
    /// It cannot be told, with the reason.
    Unknown(&'static str),
}

/// A hop under construction.
pub(crate) struct HopState<'a> {
    pub(crate) hop: Hop<'a>,
    action: Option<Attribute>,
    pub(crate) resource: Slot,
    network: Option<Attribute>,
    pub(crate) slots: BTreeMap<ContextKey, Rc<Vec<(Formula, Slot)>>>,
}

/// A question about one data path: hops that share a principal and a session.
pub struct Query<'a> {
    /// The formulas.
    pub problem: Problem,
    hops: Vec<HopState<'a>>,
    constraints: Vec<Formula>,
    selectors: BTreeMap<Selector, Formula>,
    reasons: BTreeSet<Box<str>>,
    crowd: Option<Attribute>,
    remembers: bool,
    parts: BTreeMap<(Attribute, Around), Split>,
}

/// A part of a longer text: its own attribute, if a variable stands for it, and the tests that were
/// made of it on the whole text, which both must pass alike.
#[derive(Clone, Debug, Default)]
struct Split {
    own: Option<Attribute>,
    tests: Vec<(Pattern, Formula)>,
}

impl Default for Query<'_> {
    fn default() -> Self {
        Query::new()
    }
}

impl<'a> Query<'a> {
    /// A question about nothing yet.
    pub fn new() -> Self {
        Query {
            problem: Problem::new(),
            hops: Vec::new(),
            constraints: Vec::new(),
            selectors: BTreeMap::new(),
            reasons: BTreeSet::new(),
            crowd: None,
            remembers: false,
            parts: BTreeMap::new(),
        }
    }

    /// Adds a hop and returns its number.
    pub fn hop(&mut self, hop: Hop<'a>) -> usize {
        let number = self.hops.len();
        let action = self.finite(
            &hop.actions,
            &format!("action {number}"),
            ToString::to_string,
        );
        let action = if hop.actions.is_empty() {
            Some(self.problem.text(
                &format!("action {number}"),
                action_shapes(),
                Case::Insensitive,
            ))
        } else {
            action
        };
        let networks = |network: &Network<'_>| network.display();
        let network = self.finite(&hop.networks, &format!("network {number}"), networks);
        let resource = self.resource_slot(number, &hop.wanted);
        self.hops.push(HopState {
            hop,
            action,
            resource,
            network,
            slots: BTreeMap::new(),
        });
        // A witness names the caller even if no statement asks who it is.
        match &self.reading(number).caller().kind {
            CallerKind::Anyone(_) => {
                self.reading(number).crowd_attribute();
            }
            CallerKind::Service(host) if **host == *EVERY_SERVICE => {
                self.reading(number).service_attribute();
            }
            _ => {}
        }
        number
    }

    fn finite<T>(
        &mut self,
        values: &[T],
        name: &str,
        text: impl Fn(&T) -> String,
    ) -> Option<Attribute> {
        (values.len() > 1).then(|| self.problem.finite(name, values.iter().map(text).collect()))
    }

    /// Decides a hop under its layers.
    pub fn decide(&mut self, hop: usize, layers: &Layers<'_>) -> Decided<Interval> {
        let mut reading = self.reading(hop);
        for name in NETWORK_IDENTITY {
            if let Some(key) = crate::witness::key(name) {
                reading.slots(&key);
            }
        }
        for key in reading.given_keys() {
            reading.slots(&key);
        }
        let mut decided = combine(&mut reading, layers);
        // What passes an endpoint that may not exist is never certain.
        let unread = self.network_is(hop, |network| matches!(network, Network::UnreadEndpoint));
        let read = self.problem.not(unread);
        decided.allowed.must = self.problem.all(&[decided.allowed.must, read]);
        decided
    }

    /// The symbolic reading of one hop, for constraints written as policy atoms.
    pub fn reading(&mut self, hop: usize) -> Symbolic<'_, 'a> {
        Symbolic {
            query: self,
            hop,
            way: None,
        }
    }

    /// That a hop's request comes from one of the networks for which `wanted` holds.
    pub fn network_is(&mut self, hop: usize, wanted: impl Fn(&Network<'a>) -> bool) -> Formula {
        let Some(state) = self.hops.get(hop) else {
            return Formula::FALSE;
        };
        let members: Vec<u32> = positions(&state.hop.networks, |network| wanted(network));
        self.member(state.network, members, state.hop.networks.len())
    }

    /// That a hop's action is one for which `wanted` holds.
    pub fn action_is(&mut self, hop: usize, wanted: impl Fn(&ActionName) -> bool) -> Formula {
        let Some(state) = self.hops.get(hop) else {
            return Formula::FALSE;
        };
        let members: Vec<u32> = positions(&state.hop.actions, |action| wanted(action));
        self.member(state.action, members, state.hop.actions.len())
    }

    fn member(&mut self, attribute: Option<Attribute>, members: Vec<u32>, of: usize) -> Formula {
        match attribute {
            _ if members.is_empty() => Formula::FALSE,
            _ if members.len() == of => Formula::TRUE,
            Some(attribute) => self.problem.one_of(attribute, members),
            None => Formula::FALSE,
        }
    }

    /// What is asked for in a hop.
    pub fn asked(&self, hop: usize) -> Option<&Hop<'a>> {
        self.state(hop).map(|state| &state.hop)
    }

    pub(crate) fn state(&self, hop: usize) -> Option<&HopState<'a>> {
        self.hops.get(hop)
    }

    /// The attribute of a symbolic caller, if there is one.
    pub(crate) fn caller_attribute(&self) -> Option<Attribute> {
        self.crowd
    }

    /// What must hold for requests to be well formed, beside the goal.
    pub fn constraints(&self) -> &[Formula] {
        &self.constraints
    }

    /// Adds a constraint.
    pub fn constrain(&mut self, formula: Formula) {
        self.constraints.push(formula);
    }

    /// Adds a constraint unless it is there.
    pub(crate) fn require(&mut self, formula: Formula) {
        if !self.constraints.contains(&formula) {
            self.constraints.push(formula);
        }
    }

    /// From here on, what is unknown of one element is unknown in the same way of an equal one, so
    /// that a document can be compared with itself.
    pub(crate) fn remember_unknowns(&mut self, remember: bool) {
        self.remembers = remember;
    }

    /// The flag for what nobody knows of an element in a hop.
    fn doubt(&mut self, hop: usize, element: &Element<'_>) -> Formula {
        let content = match element {
            Element::Principals(principals) => format!("{principals:?}"),
            Element::Resources(resources) => format!("{resources:?}"),
            Element::Condition(one) => {
                format!("{:?} {} {:?}", one.operator, one.key.folded(), one.operands)
            }
        };
        self.problem.flag(&format!("unknown in {hop}: {content}"))
    }

    /// Statements that were met, with the flags that switch them.
    pub fn selectors(&self) -> impl Iterator<Item = (&Selector, Formula)> {
        self.selectors
            .iter()
            .map(|(selector, formula)| (selector, *formula))
    }

    /// Reasons for everything that is unknown in what was read so far.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        self.reasons.iter().map(|reason| &**reason)
    }

    /// The action that a model picks for a hop.
    pub fn chosen_action(&self, hop: usize, model: &Model<'_>) -> Option<ActionName> {
        let state = self.hops.get(hop)?;
        if state.hop.actions.is_empty() {
            return ActionName::parse(model.text(state.action?)).ok();
        }
        let index = state
            .action
            .map_or(0, |attribute| model.finite(attribute) as usize);
        state.hop.actions.get(index).cloned()
    }

    /// The network that a model picks for a hop.
    pub fn chosen_network(&self, hop: usize, model: &Model<'_>) -> Option<&Network<'a>> {
        let state = self.hops.get(hop)?;
        let index = state
            .network
            .map_or(0, |attribute| model.finite(attribute) as usize);
        state.hop.networks.get(index)
    }

    /// Whether some statement of a hop asked for a key with this beginning (in lower case).
    pub fn asks_for(&self, hop: usize, beginning: &str) -> bool {
        let asked = self
            .hops
            .get(hop)
            .into_iter()
            .flat_map(|state| state.slots.keys());
        asked
            .into_iter()
            .any(|key| key.folded().starts_with(beginning))
    }

    /// Keys with this beginning (in lower case) that some statement of a hop asked for and that are
    /// open.
    pub fn open_keys(&self, hop: usize, beginning: &str) -> Vec<ContextKey> {
        let Some(state) = self.hops.get(hop) else {
            return Vec::new();
        };
        let open = |cases: &Rc<Vec<(Formula, Slot)>>| {
            cases.iter().any(|(_, slot)| matches!(slot, Slot::Text(..)))
        };
        let asked = state
            .slots
            .iter()
            .filter(|(key, cases)| key.folded().starts_with(beginning) && open(cases));
        asked.map(|(key, _)| key.clone()).collect()
    }

    fn select(&mut self, selector: Selector) -> Formula {
        if let Some(formula) = self.selectors.get(&selector) {
            return *formula;
        }
        let name = format!(
            "{} {} {} {}",
            selector.layer.id(),
            selector.document,
            selector
                .statement
                .map_or_else(|| "-".to_owned(), |index| index.to_string()),
            if selector.denies { "denies" } else { "allows" },
        );
        let formula = self.problem.flag(&name);
        self.selectors.insert(selector, formula);
        formula
    }
}

/// Keys that say where a request comes from; a witness states them even if no policy asks.
const NETWORK_IDENTITY: [&str; 2] = ["aws:SourceVpce", "aws:SourceIp"];

/// Names that an action of AWS can have.
fn action_shapes() -> Vec<Pattern> {
    let tokens = vec![
        Token::One(Class::LowerAlnum),
        Token::Many(Class::Host),
        Token::Char(':'),
        Token::One(Class::Alnum),
        Token::Many(Class::Alnum),
    ];
    vec![Pattern::from_tokens(tokens).with_example("s3:GetObjectOfTomorrow")]
}

fn positions<T>(items: &[T], wanted: impl Fn(&T) -> bool) -> Vec<u32> {
    (0u32..)
        .zip(items)
        .filter(|(_, item)| wanted(item))
        .map(|(index, _)| index)
        .collect()
}

/// The word of a Boolean key's value.
pub(crate) fn bool_word(index: u32) -> &'static str {
    slots::BOOLS.get(index as usize).copied().unwrap_or("false")
}

/// One hop of a query, as a reading.
pub struct Symbolic<'q, 'a> {
    query: &'q mut Query<'a>,
    hop: usize,
    /// The access point that is being asked.
    way: Option<Way>,
}

impl<'a> Symbolic<'_, 'a> {
    fn exactly(&self, formula: Formula) -> Interval {
        Interval {
            must: formula,
            may: formula,
        }
    }

    fn state(&self) -> Option<&HopState<'a>> {
        self.query.hops.get(self.hop)
    }

    /// Keys that the path fixes; a witness states them even if no policy asks.
    fn given_keys(&self) -> Vec<ContextKey> {
        let given = self.state().map(|state| state.hop.given.iter());
        given
            .into_iter()
            .flatten()
            .map(|(key, _)| key.clone())
            .collect()
    }

    /// Whether an action of any name matches; `None` if the actions are listed.
    fn any_action(&mut self, patterns: &[ActionPattern]) -> Option<Formula> {
        let state = self.state().filter(|state| state.hop.actions.is_empty())?;
        let attribute = state.action?;
        let parts: Vec<Formula> = patterns
            .iter()
            .map(|pattern| match pattern {
                ActionPattern::Every => Formula::TRUE,
                ActionPattern::Nothing(_) => Formula::FALSE,
                ActionPattern::Of { service, name } => {
                    let glob = Pattern::glob(&format!("{service}:{name}"));
                    self.query.problem.matches(attribute, &glob)
                }
            })
            .collect();
        Some(self.query.problem.any(&parts))
    }

    /// A selector switches a statement on as deployed.
    fn switched(&mut self, selector: Selector, matched: Interval) -> Interval {
        if matched.may == Formula::FALSE {
            return matched;
        }
        let on = self.query.select(selector);
        let problem = &mut self.query.problem;
        Interval {
            must: problem.all(&[on, matched.must]),
            may: problem.all(&[on, matched.may]),
        }
    }

    /// Joins the cases of a key, each under its guard.
    fn by_case(
        &mut self,
        key: &ContextKey,
        mut each: impl FnMut(&mut Self, &Slot) -> Interval,
    ) -> Interval {
        let slots = self.slots(key);
        let mut truth = self.known(false);
        for (guard, slot) in slots.iter() {
            let said = each(self, slot);
            let guard = self.exactly(*guard);
            let said = self.and(guard, said);
            truth = self.or(truth, said);
        }
        truth
    }
}

impl Reading for Symbolic<'_, '_> {
    type Truth = Interval;

    fn known(&mut self, value: bool) -> Interval {
        let formula = if value { Formula::TRUE } else { Formula::FALSE };
        self.exactly(formula)
    }

    fn unknown(&mut self, why: &str) -> Interval {
        if !self.query.reasons.contains(why) {
            self.query.reasons.insert(why.into());
        }
        Interval {
            must: Formula::FALSE,
            may: Formula::TRUE,
        }
    }

    fn settled(&self, truth: Interval, by: bool) -> bool {
        let formula = if by { Formula::TRUE } else { Formula::FALSE };
        truth.must == formula && truth.may == formula
    }

    fn not(&mut self, truth: Interval) -> Interval {
        let problem = &mut self.query.problem;
        Interval {
            must: problem.not(truth.may),
            may: problem.not(truth.must),
        }
    }

    fn and(&mut self, left: Interval, right: Interval) -> Interval {
        let problem = &mut self.query.problem;
        let must = problem.all(&[left.must, right.must]);
        if left.must == left.may && right.must == right.may {
            return Interval { must, may: must };
        }
        Interval {
            must,
            may: problem.all(&[left.may, right.may]),
        }
    }

    fn or(&mut self, left: Interval, right: Interval) -> Interval {
        let problem = &mut self.query.problem;
        let must = problem.any(&[left.must, right.must]);
        if left.must == left.may && right.must == right.may {
            return Interval { must, may: must };
        }
        Interval {
            must,
            may: problem.any(&[left.may, right.may]),
        }
    }

    fn action(&mut self, patterns: &[ActionPattern]) -> Interval {
        if let Some(formula) = self.any_action(patterns) {
            return self.exactly(formula);
        }
        let matched = |action: &ActionName| {
            patterns
                .iter()
                .any(|pattern| action_matches(pattern, action.service(), action.name()))
        };
        let formula = self.query.action_is(self.hop, matched);
        self.exactly(formula)
    }

    fn resource(&mut self, patterns: &[Template]) -> Interval {
        let Some(slot) = self.state().map(|state| state.resource.clone()) else {
            return self.known(false);
        };
        let way = self.way.clone();
        self.any(patterns, |reading, template| match &way {
            None => reading.resource_matches(&slot, template),
            Some(way) => reading.renamed_matches(&slot, template, way),
        })
    }

    fn principal(&mut self, pattern: &PrincipalPattern) -> Interval {
        self.principal_named(pattern)
    }

    fn present(&mut self, key: &ContextKey) -> Interval {
        self.by_case(key, |reading, slot| reading.slot_present(slot))
    }

    fn has_value(&mut self, key: &ContextKey) -> Interval {
        self.by_case(key, |reading, slot| reading.slot_has_value(slot))
    }

    fn some_value(&mut self, key: &ContextKey, operands: &[Operand]) -> Interval {
        self.by_case(key, |reading, slot| reading.slot_some(slot, operands))
    }

    fn every_value(&mut self, key: &ContextKey, operands: &[Operand]) -> Interval {
        self.by_case(key, |reading, slot| reading.slot_every(slot, operands))
    }

    fn element(&mut self, element: Element<'_>, truth: Interval) -> Interval {
        if truth.must == truth.may || !self.query.remembers {
            return truth;
        }
        let doubt = self.query.doubt(self.hop, &element);
        let problem = &mut self.query.problem;
        let perhaps = problem.all(&[doubt, truth.may]);
        let formula = problem.any(&[truth.must, perhaps]);
        self.exactly(formula)
    }

    fn multivalued(&self, key: &ContextKey) -> bool {
        let fixed = self.state().and_then(|state| state.hop.situation.fixed);
        let several = |term: &Term| matches!(term, Term::Values(values) if values.len() > 1);
        crate::concrete::multivalued(key)
            || fixed.and_then(|fixed| fixed.get(key)).is_some_and(several)
    }
}

impl Deciding for Symbolic<'_, '_> {
    fn fires(&mut self, sheet: &Sheet<'_>, statement: &Statement, matched: Interval) -> Interval {
        let selector = Selector {
            layer: sheet.layer,
            document: sheet.policy.name.clone(),
            statement: Some(statement.index),
            sid: statement.sid.clone(),
            denies: statement.effect == Effect::Deny,
            origin: Some(statement.origin),
        };
        self.switched(selector, matched)
    }

    fn outcome(&mut self, _layer: LayerId, _target: &str, _allows: Interval, _denies: Interval) {}

    fn travels_through(&mut self, endpoint: &str) -> Interval {
        let formula = self.query.network_is(self.hop, |network| match network {
            Network::Endpoint(own, _) => &*own.id == endpoint,
            _ => false,
        });
        self.exactly(formula)
    }

    fn grant(&mut self, _index: usize, grant: &Grant) -> Interval {
        let matched = crate::beside::kms_grant(self, grant);
        let selector = Selector {
            layer: LayerId::Grant,
            document: format!("KMS grant {}", grant.id).into(),
            statement: None,
            sid: None,
            denies: false,
            origin: grant.origin,
        };
        self.switched(selector, matched)
    }

    fn acl_grant(&mut self, grant: &AclGrant) -> Interval {
        let matched = crate::beside::acl_grant(self, grant);
        let selector = Selector {
            layer: LayerId::Acl,
            document: format!("ACL grant {} to {}", grant.permission, grant.grantee).into(),
            statement: None,
            sid: None,
            denies: false,
            origin: grant.origin,
        };
        self.switched(selector, matched)
    }

    fn is_root(&mut self) -> Interval {
        if !matches!(self.caller().kind, CallerKind::Anyone(_)) {
            let root = matches!(self.caller().kind, CallerKind::Root(_));
            return self.known(root);
        }
        let attribute = self.crowd_attribute();
        let formula = self
            .query
            .problem
            .matches(attribute, &crowd::of_kind(":root"));
        self.exactly(formula)
    }

    fn rcp_covers(&mut self) -> Interval {
        let covers =
            |action: &ActionName| cofferdam_catalog::rcp_covers(action.service(), action.name());
        let formula = self.query.action_is(self.hop, covers);
        let covered = self.exactly(formula);
        let without = |slot: &Slot| matches!(slot, Slot::Values(values) if values.iter().any(|value| &**value == NO_RESOURCE));
        if self.state().is_some_and(|state| without(&state.resource)) {
            let unknown = self.unknown(RCP_WITHOUT_RESOURCE);
            return self.and(covered, unknown);
        }
        covered
    }

    fn named_by(&mut self, way: Option<&Way>) {
        self.way = way.cloned();
    }

    fn caller(&self) -> &Caller {
        // A reading is made only for hops that exist; the first hop stands in otherwise.
        match self.query.hops.get(self.hop).or(self.query.hops.first()) {
            Some(state) => state.hop.situation.caller,
            None => &NOBODY,
        }
    }
}

/// Who asks where nobody was named.
static NOBODY: Caller = Caller {
    kind: CallerKind::Anonymous,
    account: None,
    membership: crate::caller::Membership::None,
};
