//! The concrete reading: three truth values over the values of one request.
//!
//! Unknown settles nothing: it stays unknown through every connective unless the other side
//! decides. Reasons for unknowns are collected on the way, so that an undecided answer can name
//! what is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use cofferdam_names::{ActionName, ContextKey};
use cofferdam_org::model::{AclGrant, Grant};
use cofferdam_policy::ast::{ActionPattern, PrincipalPattern, Statement};
use cofferdam_policy::matching::{self, Lookup, Match};
use cofferdam_policy::operand::{Operand, Template};
use cofferdam_policy::reading::Reading;

use crate::access_point::{self, Way};
use crate::caller::Caller;
use crate::combine::Deciding;
use crate::context::Situation;
use crate::held::{Kept, Keys};
use crate::layers::{LayerId, Sheet};
use crate::matching::{Named, doubt, names_in};
use crate::trace::Trace;

/// Truth of a proposition about one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ternary {
    /// It does not hold.
    False,
    /// It hangs on something unknown.
    Unknown,
    /// It holds.
    True,
}

impl Ternary {
    /// A known truth.
    pub fn of(value: bool) -> Ternary {
        if value { Ternary::True } else { Ternary::False }
    }
}

/// Values of context keys as a request states them.
pub type Context = BTreeMap<ContextKey, Vec<Box<str>>>;

/// One request, apart from who makes it.
#[derive(Clone, Debug)]
pub struct Asked<'r> {
    /// What is to be done.
    pub action: &'r ActionName,
    /// To what: an ARN, or `*` for an action without resource.
    pub resource: &'r str,
    /// Keys that the request states; they win over derived ones.
    pub context: &'r Context,
    /// Whether a key that is neither stated nor derived is absent (else unknown).
    pub strict: bool,
}

/// What stands for the resource of an action that has none.
pub const NO_RESOURCE: &str = "*";

/// "Resource control policies (RCPs)" speaks only of actions with a resource type.
pub(crate) const RCP_WITHOUT_RESOURCE: &str =
    "whether resource control policies bind an action without a resource type is not documented";

/// Why a key is unknown that nobody stated.
pub(crate) fn not_given(key: &ContextKey) -> Box<str> {
    format!("{key} was not given").into()
}

/// The key by which a request states its endpoint.
static SOURCE_VPCE: LazyLock<Option<ContextKey>> =
    LazyLock::new(|| ContextKey::parse("aws:SourceVpce").ok());

/// What a key holds in this request.
#[derive(Clone, Copy, Debug)]
enum Held<'r> {
    Absent,
    Values(&'r [Box<str>]),
    Unknown(&'r str),
    NotGiven,
}

/// What is asked for at an access point.
struct AtPoint {
    /// The ARN of the access point.
    point: Box<str>,
    /// The name of the resource there; `None`: it cannot be told.
    resource: Option<String>,
}

/// The concrete reading of one request.
pub struct Concrete<'r> {
    asked: &'r Asked<'r>,
    situation: &'r Situation<'r>,
    keys: &'r Keys,
    /// Reasons for unknowns that were met; none are kept by a quick reading.
    pub reasons: BTreeSet<Box<str>>,
    /// What each layer said, if asked for.
    pub trace: Option<Trace>,
    quick: bool,
    /// What is asked for, as the access point names it that is being asked.
    named: Option<AtPoint>,
}

impl<'r> Concrete<'r> {
    /// A reading of the request in its situation; `keys` are those of the situation.
    pub fn new(asked: &'r Asked<'r>, situation: &'r Situation<'r>, keys: &'r Keys) -> Self {
        Concrete {
            asked,
            situation,
            keys,
            reasons: BTreeSet::new(),
            trace: None,
            quick: false,
            named: None,
        }
    }

    /// The same, keeping what each layer said.
    pub fn traced(asked: &'r Asked<'r>, situation: &'r Situation<'r>, keys: &'r Keys) -> Self {
        Concrete {
            trace: Some(Trace::default()),
            ..Concrete::new(asked, situation, keys)
        }
    }

    /// The same, keeping nothing, and reading no more than the decision needs.
    pub fn quick(asked: &'r Asked<'r>, situation: &'r Situation<'r>, keys: &'r Keys) -> Self {
        Concrete {
            quick: true,
            ..Concrete::new(asked, situation, keys)
        }
    }

    fn held(&self, key: &ContextKey) -> Held<'r> {
        if let Some(values) = self.stated(key) {
            return Held::Values(values);
        }
        match self.keys.kept(key, self.situation) {
            Kept::Absent => Held::Absent,
            Kept::Values(values) => Held::Values(values),
            Kept::Unknown(why) => Held::Unknown(why),
            Kept::Open if self.asked.strict => Held::Absent,
            Kept::Open => Held::NotGiven,
        }
    }

    fn stated(&self, key: &ContextKey) -> Option<&'r [Box<str>]> {
        let context = self.asked.context;
        if context.is_empty() {
            return None;
        }
        let values = context.get(key).or_else(|| context.get(twin(key)?));
        values.map(Vec::as_slice)
    }

    fn held_truth(
        &mut self,
        key: &ContextKey,
        test: impl FnOnce(&mut Self, &'r [Box<str>]) -> Ternary,
        absent: bool,
    ) -> Ternary {
        match self.held(key) {
            Held::Absent => Ternary::of(absent),
            Held::Values(values) => test(self, values),
            Held::Unknown(why) => self.unknown(why),
            Held::NotGiven if self.quick => Ternary::Unknown,
            Held::NotGiven => self.unknown(&not_given(key)),
        }
    }

    fn accepts(&mut self, operands: &[Operand], value: &str) -> Ternary {
        let mut truth = Ternary::False;
        for operand in operands {
            if let Operand::Unclear(why) = operand {
                truth = truth.max(self.unknown(why));
                continue;
            }
            match matching::operand_matches(operand, value, &|key| self.look_up(key)) {
                Match::Yes => return Ternary::True,
                Match::No => {}
                Match::Unknown => {
                    truth = self.unknown(
                        "how a condition value compares with its key's value is not known",
                    );
                }
            }
        }
        truth
    }

    /// The name that the resource has where it is asked for now.
    fn resource_now(&self) -> Option<&str> {
        match &self.named {
            None => Some(self.asked.resource),
            Some(at) => at.resource.as_deref(),
        }
    }

    /// What a policy variable stands for.
    fn look_up(&self, key: &ContextKey) -> Lookup<'r> {
        match self.held(key) {
            Held::Values([]) | Held::Absent => Lookup::None,
            Held::Values([one]) => Lookup::Value(one),
            Held::Values(_) | Held::Unknown(_) | Held::NotGiven => Lookup::Unknown,
        }
    }
}

/// aws:EpochTime and aws:CurrentTime are one instant in two spellings.
fn twin(key: &ContextKey) -> Option<&'static str> {
    match key.folded() {
        "aws:epochtime" => Some("aws:currenttime"),
        "aws:currenttime" => Some("aws:epochtime"),
        _ => None,
    }
}

/// The templates within an operand.
pub(crate) fn operand_templates(operand: &Operand) -> &[Template] {
    match operand {
        Operand::Text { template, .. } => std::slice::from_ref(template),
        Operand::Arn(fields) => fields.as_slice(),
        _ => &[],
    }
}

impl<'r> Reading for Concrete<'r> {
    type Truth = Ternary;

    fn known(&mut self, value: bool) -> Ternary {
        Ternary::of(value)
    }

    fn unknown(&mut self, why: &str) -> Ternary {
        if !self.quick && !self.reasons.contains(why) {
            self.reasons.insert(why.into());
        }
        Ternary::Unknown
    }

    fn settled(&self, truth: Ternary, by: bool) -> bool {
        truth == Ternary::of(by)
    }

    fn not(&mut self, truth: Ternary) -> Ternary {
        match truth {
            Ternary::True => Ternary::False,
            Ternary::False => Ternary::True,
            Ternary::Unknown => Ternary::Unknown,
        }
    }

    fn and(&mut self, left: Ternary, right: Ternary) -> Ternary {
        left.min(right)
    }

    fn or(&mut self, left: Ternary, right: Ternary) -> Ternary {
        left.max(right)
    }

    fn action(&mut self, patterns: &[ActionPattern]) -> Ternary {
        let action = self.asked.action;
        let matched = patterns
            .iter()
            .any(|pattern| matching::action_matches(pattern, action.service(), action.name()));
        Ternary::of(matched)
    }

    fn resource(&mut self, patterns: &[Template]) -> Ternary {
        let mut truth = Ternary::False;
        for template in patterns {
            let lookup = |key: &ContextKey| self.look_up(key);
            let matched = match self.resource_now() {
                Some(name) => matching::resource_accepts(template, name, &lookup),
                None => access_point::accepts_some(template),
            };
            match matched {
                Match::Yes => return Ternary::True,
                Match::No => {}
                Match::Unknown if self.resource_now().is_none() => {
                    truth = self.unknown(access_point::UNREAD)
                }
                Match::Unknown => {
                    truth = self.unknown("a policy variable in Resource has no known value")
                }
            }
        }
        truth
    }

    fn principal(&mut self, pattern: &PrincipalPattern) -> Ternary {
        match names_in(pattern, self.situation) {
            Named::Yes => Ternary::True,
            Named::No => Ternary::False,
            Named::Unknown(why) => self.unknown(doubt(pattern, why)),
        }
    }

    fn present(&mut self, key: &ContextKey) -> Ternary {
        self.held_truth(key, |_, _| Ternary::True, false)
    }

    fn has_value(&mut self, key: &ContextKey) -> Ternary {
        self.held_truth(key, |_, values| Ternary::of(!values.is_empty()), false)
    }

    fn some_value(&mut self, key: &ContextKey, operands: &[Operand]) -> Ternary {
        let some = |reading: &mut Self, values: &'r [Box<str>]| {
            reading.any(values, |reading, value| reading.accepts(operands, value))
        };
        self.held_truth(key, some, false)
    }

    fn every_value(&mut self, key: &ContextKey, operands: &[Operand]) -> Ternary {
        let every = |reading: &mut Self, values: &'r [Box<str>]| {
            reading.all(values, |reading, value| reading.accepts(operands, value))
        };
        self.held_truth(key, every, true)
    }

    fn multivalued(&self, key: &ContextKey) -> bool {
        let stated = || self.asked.context.get(key);
        self.keys.multivalued(key) || stated().is_some_and(|values| values.len() > 1)
    }
}

/// Whether the catalogue says that the key may hold several values.
pub(crate) fn multivalued(key: &ContextKey) -> bool {
    cofferdam_catalog::key(key.as_str()).is_some_and(|key| key.multivalued)
}

impl Deciding for Concrete<'_> {
    fn fires(&mut self, sheet: &Sheet<'_>, statement: &Statement, matched: Ternary) -> Ternary {
        if let Some(trace) = &mut self.trace {
            trace.statement(sheet, statement, matched);
        }
        matched
    }

    fn outcome(&mut self, layer: LayerId, target: &str, allows: Ternary, denies: Ternary) {
        if let Some(trace) = &mut self.trace {
            let target = match &self.named {
                Some(at) if target.is_empty() => &at.point,
                _ => target,
            };
            trace.layer(layer, target, allows, denies);
        }
    }

    fn travels_through(&mut self, endpoint: &str) -> Ternary {
        self.some_endpoint(endpoint)
    }

    fn grant(&mut self, _index: usize, grant: &Grant) -> Ternary {
        let truth = crate::beside::kms_grant(self, grant);
        if let Some(trace) = &mut self.trace {
            trace.grant(grant, truth);
        }
        truth
    }

    fn acl_grant(&mut self, grant: &AclGrant) -> Ternary {
        let truth = crate::beside::acl_grant(self, grant);
        if let Some(trace) = &mut self.trace {
            trace.acl(grant, truth);
        }
        truth
    }

    fn named_by(&mut self, way: Option<&Way>) {
        self.named = way.map(|way| AtPoint {
            point: way.point.clone().unwrap_or_default(),
            resource: way.renamed(self.asked.resource),
        });
    }

    fn caller(&self) -> &Caller {
        self.situation.caller
    }

    fn service(&self) -> Option<&str> {
        Some(self.asked.action.service())
    }

    fn enough(&self, truth: Ternary) -> bool {
        self.quick && truth == Ternary::True
    }

    fn rcp_covers(&mut self) -> Ternary {
        let action = self.asked.action;
        if !cofferdam_catalog::rcp_covers(action.service(), action.name()) {
            return Ternary::False;
        }
        if self.asked.resource == NO_RESOURCE {
            return self.unknown(RCP_WITHOUT_RESOURCE);
        }
        Ternary::True
    }
}

impl Concrete<'_> {
    /// A request travels through the endpoint that it states; one that states a VPC but no
    /// endpoint may.
    fn some_endpoint(&mut self, endpoint: &str) -> Ternary {
        let Some(key) = SOURCE_VPCE.as_ref() else {
            return Ternary::False;
        };
        let is = |_: &mut Self, values: &[Box<str>]| {
            Ternary::of(values.iter().any(|value| &**value == endpoint))
        };
        self.held_truth(key, is, false)
    }
}
