//! All requests of one caller to one thing at once, coarsely: what is certainly refused, and what
//! of the caller the answer hangs on.
//!
//! Whatever a request may choose is unknown here, so that "refused" holds for every request, at the
//! cost of one decision. What is not refused is asked of the symbolic reading. Two callers under
//! alike policies of whom every test gives the same are alike in every request, because nothing
//! else of a caller enters a decision; a large organization is so asked class by class.

use cofferdam_names::{ActionName, ContextKey};
use cofferdam_org::fact::Known;
use cofferdam_org::model::{AclGrant, Grant};
use cofferdam_policy::ast::{
    ActionPattern, Actions, Effect, Policy, PrincipalPattern, Resources, Statement,
};
use cofferdam_policy::matching::{self, Lookup, Match};
use cofferdam_policy::operand::{Operand, Part, Template};
use cofferdam_policy::reading::Reading;

use crate::access_point::{self, Way};
use crate::caller::{Caller, CallerKind, Crowd};
use crate::combine::{Deciding, combine};
use crate::concrete::{Ternary, operand_templates};
use crate::context::{Situation, crowd_holds, is_network_key};
use crate::held::{Kept, Keys};
use crate::layers::{LayerId, Layers, Sheet};
use crate::matching::{Named, names_in};
use crate::symbolic::Wanted;

/// The requests that are meant.
#[derive(Clone, Copy, Debug)]
pub struct Span<'r> {
    /// Their actions.
    pub actions: &'r [ActionName],
    /// Their resources.
    pub wanted: &'r Wanted,
}

/// What all requests of a span have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Whether some request may be allowed; if not, none is.
    pub possible: bool,
    /// What every test of the caller gave, in the order of the policies.
    pub seen: Vec<u8>,
}

/// Reads all requests of a span. `None` for callers that are many themselves.
pub(crate) fn outline(
    layers: &Layers<'_>,
    situation: &Situation<'_>,
    keys: &Keys,
    span: Span<'_>,
) -> Option<Outline> {
    if matches!(situation.caller.kind, CallerKind::Anyone(_)) {
        return None;
    }
    let mut reading = Coarse {
        situation,
        keys,
        span,
        grants_only: false,
        seen: Vec::new(),
        named: None,
    };
    let decided = combine(&mut reading, layers);
    Some(Outline {
        possible: decided.allowed != Ternary::False,
        seen: reading.seen,
    })
}

/// Whether nothing that is deployed could let any request of a span pass, even if nothing denied
/// it. The caller may be many. Such a request needs no proof from any control: it is refused
/// because nobody granted it.
pub(crate) fn ungranted(
    layers: &Layers<'_>,
    situation: &Situation<'_>,
    keys: &Keys,
    span: Span<'_>,
) -> bool {
    let mut reading = Coarse {
        situation,
        keys,
        span,
        grants_only: true,
        seen: Vec::new(),
        named: None,
    };
    combine(&mut reading, layers).allowed == Ternary::False
}

struct Coarse<'r> {
    situation: &'r Situation<'r>,
    keys: &'r Keys,
    span: Span<'r>,
    /// Only what allows is read, and callers may be crowds.
    grants_only: bool,
    seen: Vec<u8>,
    /// The resources as the access point names them that is being asked.
    named: Option<AtPoint>,
}

/// Keys that a hop of a data path may be given whatever follows from its situation.
const GIVEN: &str = "kms:encryptioncontext";

/// How the keys begin that name the services on the way.
const CALLED_VIA: &str = "aws:calledvia";

/// The service on the way, as keys see it.
const VIA_SERVICE: &str = "kms:viaservice";

impl<'r> Coarse<'r> {
    fn is_foreign_to_keys(&self, name: &str) -> bool {
        name == VIA_SERVICE && self.situation.service != "kms"
    }

    /// What follows for a key, whichever request it is; `None`: requests differ.
    fn kept(&self, key: &ContextKey) -> Option<&'r Kept> {
        let name = key.folded();
        if is_network_key(name) || name.starts_with(GIVEN) {
            return None;
        }
        // One answer then holds for every service that repeats the request.
        let on_the_way = || name.starts_with(CALLED_VIA) || self.is_foreign_to_keys(name);
        if self.grants_only && on_the_way() {
            return None;
        }
        match self.keys.kept(key, self.situation) {
            Kept::Open => None,
            kept => Some(kept),
        }
    }

    fn test(
        &mut self,
        key: &ContextKey,
        absent: bool,
        test: impl FnOnce(&mut Self, &'r [Box<str>]) -> Ternary,
    ) -> Ternary {
        let truth = match self.kept(key) {
            None => Ternary::Unknown,
            Some(Kept::Absent) => Ternary::of(absent),
            Some(Kept::Values(values)) => test(self, values),
            Some(Kept::Unknown(why)) => {
                self.seen.extend(why.bytes());
                Ternary::Unknown
            }
            Some(Kept::Open) => Ternary::Unknown,
        };
        self.note(truth)
    }

    fn note(&mut self, truth: Ternary) -> Ternary {
        self.seen.push(match truth {
            Ternary::False => b'-',
            Ternary::Unknown => b'?',
            Ternary::True => b'+',
        });
        truth
    }

    /// Text that a policy takes from the caller is part of what is seen.
    fn note_variables(&mut self, templates: &[Template]) {
        for part in templates.iter().flat_map(|template| &template.parts) {
            let Part::Variable { key, .. } = part else {
                continue;
            };
            match self.kept(key) {
                Some(Kept::Values(values)) => {
                    for value in values {
                        self.seen.extend(value.bytes());
                        self.seen.push(0);
                    }
                }
                Some(Kept::Absent) => self.seen.push(b'-'),
                Some(Kept::Unknown(_) | Kept::Open) | None => self.seen.push(b'?'),
            }
        }
    }

    fn look_up(&self, key: &ContextKey) -> Lookup<'r> {
        match self.kept(key) {
            Some(Kept::Absent) => Lookup::None,
            Some(Kept::Values(values)) => match values.as_slice() {
                [] => Lookup::None,
                [one] => Lookup::Value(one),
                _ => Lookup::Unknown,
            },
            Some(Kept::Unknown(_) | Kept::Open) | None => Lookup::Unknown,
        }
    }

    fn accepts(&self, operands: &[Operand], value: &str) -> Ternary {
        let lookup = |key: &ContextKey| self.look_up(key);
        let each = operands
            .iter()
            .map(|operand| matching::operand_matches(operand, value, &lookup));
        each.map(ternary).max().unwrap_or(Ternary::False)
    }

    fn template(&self, template: &Template) -> Ternary {
        let wanted = match &self.named {
            None => self.span.wanted,
            Some(AtPoint::Read(wanted)) => wanted,
            Some(AtPoint::Unread) => return ternary(access_point::accepts_some(template)),
        };
        match wanted {
            Wanted::Exactly(arn) => {
                let lookup = |key: &ContextKey| self.look_up(key);
                ternary(matching::resource_accepts(template, arn, &lookup))
            }
            Wanted::Under(beginning) => under(template, beginning),
            Wanted::Like(pattern) => under(template, fixed_beginning(pattern)),
            Wanted::Anything => under(template, ""),
        }
    }
}

/// Resources by their names through an access point.
enum AtPoint {
    Read(Wanted),
    Unread,
}

fn renamed(way: &Way, wanted: &Wanted) -> AtPoint {
    let Some(objects) = way.objects() else {
        return AtPoint::Unread;
    };
    AtPoint::Read(match wanted {
        Wanted::Exactly(arn) => way.renamed(arn).map_or(Wanted::Anything, Wanted::Exactly),
        Wanted::Under(beginning) if *beginning == way.objects_of_bucket() => Wanted::Under(objects),
        _ => Wanted::Anything,
    })
}

fn ternary(matched: Match) -> Ternary {
    match matched {
        Match::No => Ternary::False,
        Match::Unknown => Ternary::Unknown,
        Match::Yes => Ternary::True,
    }
}

/// Whether the template accepts resources that begin like this.
/// Whether a document may allow some request of a span: what its statements say of actions and
/// resources alone does not exclude it.
pub fn may_allow(document: &Known<Policy>, service: &str, span: Span<'_>) -> bool {
    let policy = match document {
        Known::Present(policy) => policy,
        Known::Absent => return false,
        Known::Unknown(_) => return true,
    };
    let mut about = policy.statements.about(Some(service));
    about.any(|statement| statement.effect == Effect::Allow && may_match(statement, span))
}

fn may_match(statement: &Statement, span: Span<'_>) -> bool {
    if statement.unreadable.is_some() {
        return true;
    }
    let beginning = match span.wanted {
        Wanted::Exactly(text) | Wanted::Under(text) => text.as_str(),
        Wanted::Like(pattern) => fixed_beginning(pattern),
        Wanted::Anything => "",
    };
    let named = |pattern: &ActionPattern| {
        let mut actions = span.actions.iter();
        actions.any(|action| matching::action_matches(pattern, action.service(), action.name()))
    };
    let resources = match &statement.resources {
        Resources::Only(templates) => templates
            .iter()
            .any(|template| under(template, beginning) != Ternary::False),
        Resources::NotGiven | Resources::Except(_) => true,
    };
    resources
        && match &statement.actions {
            Actions::Only(patterns) => patterns.iter().any(named),
            Actions::Except(_) => true,
        }
}

/// What stands before the first wildcard.
fn fixed_beginning(pattern: &str) -> &str {
    let end = pattern.find(['*', '?']).unwrap_or(pattern.len());
    pattern.get(..end).unwrap_or_default()
}

/// Whether an element names somebody of a crowd: as the symbolic reading has it, coarsely.
fn among(crowd: &Crowd, pattern: &PrincipalPattern) -> Ternary {
    let perhaps = |holds: bool| {
        if holds {
            Ternary::Unknown
        } else {
            Ternary::False
        }
    };
    match pattern {
        PrincipalPattern::Everyone | PrincipalPattern::EveryAws => Ternary::True,
        PrincipalPattern::Account(account) => perhaps(crowd_holds(crowd, *account)),
        PrincipalPattern::Arn(arn) => {
            perhaps(arn.account_id().is_some_and(|id| crowd_holds(crowd, id)))
        }
        PrincipalPattern::CanonicalUser(_) | PrincipalPattern::Unreadable(_) => Ternary::Unknown,
        PrincipalPattern::Service(_)
        | PrincipalPattern::Federated(_)
        | PrincipalPattern::UniqueId(_) => Ternary::False,
    }
}

fn under(template: &Template, beginning: &str) -> Ternary {
    match template.parts.as_slice() {
        [Part::Many] => Ternary::True,
        [Part::Literal(text), ..]
            if !text.starts_with(beginning) && !beginning.starts_with(&**text) =>
        {
            Ternary::False
        }
        _ => Ternary::Unknown,
    }
}

/// True of all of them, of some, or of none.
fn of_many(mut truths: impl Iterator<Item = bool>) -> Ternary {
    let Some(first) = truths.next() else {
        return Ternary::Unknown;
    };
    if truths.all(|truth| truth == first) {
        Ternary::of(first)
    } else {
        Ternary::Unknown
    }
}

impl Reading for Coarse<'_> {
    type Truth = Ternary;

    fn known(&mut self, value: bool) -> Ternary {
        Ternary::of(value)
    }

    fn unknown(&mut self, _why: &str) -> Ternary {
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
        let named = |action: &ActionName| {
            let matches =
                |pattern| matching::action_matches(pattern, action.service(), action.name());
            patterns.iter().any(matches)
        };
        of_many(self.span.actions.iter().map(named))
    }

    fn resource(&mut self, patterns: &[Template]) -> Ternary {
        self.note_variables(patterns);
        let each = patterns.iter().map(|template| self.template(template));
        each.max().unwrap_or(Ternary::False)
    }

    fn principal(&mut self, pattern: &PrincipalPattern) -> Ternary {
        if let CallerKind::Anyone(crowd) = &self.situation.caller.kind {
            return among(crowd, pattern);
        }
        let truth = match names_in(pattern, self.situation) {
            Named::Yes => Ternary::True,
            Named::No => Ternary::False,
            Named::Unknown(_) => Ternary::Unknown,
        };
        self.note(truth)
    }

    fn present(&mut self, key: &ContextKey) -> Ternary {
        self.test(key, false, |_, _| Ternary::True)
    }

    fn has_value(&mut self, key: &ContextKey) -> Ternary {
        self.test(key, false, |_, values| Ternary::of(!values.is_empty()))
    }

    fn some_value(&mut self, key: &ContextKey, operands: &[Operand]) -> Ternary {
        for operand in operands {
            self.note_variables(operand_templates(operand));
        }
        self.test(key, false, |reading, values| {
            let each = values.iter().map(|value| reading.accepts(operands, value));
            each.max().unwrap_or(Ternary::False)
        })
    }

    fn every_value(&mut self, key: &ContextKey, operands: &[Operand]) -> Ternary {
        for operand in operands {
            self.note_variables(operand_templates(operand));
        }
        self.test(key, true, |reading, values| {
            let each = values.iter().map(|value| reading.accepts(operands, value));
            each.min().unwrap_or(Ternary::True)
        })
    }

    fn multivalued(&self, key: &ContextKey) -> bool {
        self.keys.multivalued(key)
    }
}

impl Deciding for Coarse<'_> {
    fn fires(&mut self, _sheet: &Sheet<'_>, _statement: &Statement, matched: Ternary) -> Ternary {
        matched
    }

    fn outcome(&mut self, _layer: LayerId, _target: &str, _allows: Ternary, _denies: Ternary) {}

    fn travels_through(&mut self, _endpoint: &str) -> Ternary {
        Ternary::Unknown
    }

    fn grant(&mut self, _index: usize, grant: &Grant) -> Ternary {
        crate::beside::kms_grant(self, grant)
    }

    fn acl_grant(&mut self, grant: &AclGrant) -> Ternary {
        crate::beside::acl_grant(self, grant)
    }

    fn rcp_covers(&mut self) -> Ternary {
        let covers =
            |action: &ActionName| cofferdam_catalog::rcp_covers(action.service(), action.name());
        of_many(self.span.actions.iter().map(covers))
    }

    fn named_by(&mut self, way: Option<&Way>) {
        self.named = way.map(|way| renamed(way, self.span.wanted));
    }

    fn caller(&self) -> &Caller {
        self.situation.caller
    }

    fn service(&self) -> Option<&str> {
        Some(self.situation.service)
    }

    fn enough(&self, truth: Ternary) -> bool {
        truth == Ternary::True
    }

    fn passes_over(&self, effect: Effect) -> bool {
        self.grants_only && effect == Effect::Deny
    }

    fn is_root(&mut self) -> Ternary {
        match self.situation.caller.kind {
            CallerKind::Anyone(_) => Ternary::Unknown,
            CallerKind::Root(_) => Ternary::True,
            _ => Ternary::False,
        }
    }
}
