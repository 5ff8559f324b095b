//! Actors of whom no policy tells one from the other, once an attacker writes all that is theirs.
//!
//! Whoever takes over an account writes the policies of everybody in it, and then each of them can do
//! what any other can, unless some policy that is not theirs tells them apart: by naming one, by a
//! pattern of names, or by tags. Of those that nothing tells apart one is let act, and the others only
//! on themselves. Without this an account of a hundred roles would be asked a hundred times over.

use std::collections::BTreeSet;

use cofferdam_names::{AccountId, ContextKey};
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Details, Organization, PolicyId, Principal, PrincipalKind};
use cofferdam_policy::ast::{Policy, PrincipalPattern, Principals, Resources, Statement};
use cofferdam_policy::matching::{Lookup, Match, operand_matches};
use cofferdam_policy::operand::{Case, Operand, Part, Template};

use crate::power::State;
use crate::remove::denies;
use crate::setting::{Actor, Setting};

/// Everything by which policies tell principals apart that are not those principals' own.
#[derive(Default)]
pub struct Marks<'a> {
    /// ARNs that stand in them.
    named: BTreeSet<String>,
    /// Patterns of ARNs.
    patterns: Vec<&'a Operand>,
    /// Whether tags of principals are asked about.
    tags: bool,
    /// Whether they may tell principals apart by something else.
    blurred: bool,
}

/// Actors under one mark can stand for each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    account: AccountId,
    is_user: bool,
    /// Which patterns accept the name.
    patterns: Vec<bool>,
    /// The tags, where they matter: as JSON has them, or that the attacker chooses them.
    tags: Option<String>,
}

impl<'a> Marks<'a> {
    /// Reads every policy but those of principals. What was not read is unknown of everybody alike.
    pub fn of(org: &'a Organization) -> Marks<'a> {
        let own = org.principals.iter().flat_map(own_policies);
        let own: BTreeSet<PolicyId> = own.chain(org.managed.values().copied()).collect();
        let mut marks = Marks::default();
        for (_, policy) in org.policies.all().filter(|(id, _)| !own.contains(id)) {
            policy
                .document
                .present()
                .into_iter()
                .for_each(|policy| marks.policy(policy));
        }
        let keys = org.resources.iter().filter_map(|one| match &one.details {
            Details::Key(key) => key.grants.present(),
            _ => None,
        });
        let grantees = keys.flatten().map(|grant| grant.grantee.to_string());
        marks.named.extend(grantees);
        marks
    }

    fn policy(&mut self, policy: &'a Policy) {
        for statement in &policy.statements {
            self.principals(&statement.principals);
            self.conditions(statement);
            if let Resources::Only(templates) | Resources::Except(templates) = &statement.resources
            {
                templates
                    .iter()
                    .for_each(|template| self.template(template));
            }
        }
    }

    fn principals(&mut self, principals: &Principals) {
        let (Principals::Only(patterns) | Principals::Except(patterns)) = principals else {
            return;
        };
        for pattern in patterns {
            match pattern {
                // A session is named with its role.
                PrincipalPattern::Arn(arn) if arn.service() != "iam" => self.blurred = true,
                PrincipalPattern::Arn(arn) => {
                    self.named.insert(arn.to_string());
                }
                PrincipalPattern::UniqueId(id) => {
                    self.named.insert(id.to_string());
                }
                _ => {}
            }
        }
    }

    fn conditions(&mut self, statement: &'a Statement) {
        for condition in &statement.conditions {
            let by_name = condition.key.folded() == ARN;
            if !by_name {
                self.key(&condition.key);
            }
            for operand in &condition.operands {
                templates(operand).for_each(|template| self.template(template));
                if by_name {
                    self.name(operand);
                }
            }
        }
    }

    fn name(&mut self, operand: &'a Operand) {
        let text = match operand {
            Operand::Arn(fields) => fields.iter().map(literal).collect::<Option<Vec<_>>>(),
            Operand::Text {
                template,
                case: Case::Sensitive,
            } => literal(template).map(|text| vec![text]),
            _ => None,
        };
        match text {
            Some(text) => {
                self.named.insert(text.join(":"));
            }
            None if !self.patterns.contains(&operand) => self.patterns.push(operand),
            None => {}
        }
    }

    fn template(&mut self, template: &Template) {
        for part in &template.parts {
            if let Part::Variable { key, .. } = part {
                self.blurred |= key.folded() == ARN;
                self.key(key);
            }
        }
    }

    fn key(&mut self, key: &ContextKey) {
        let name = key.folded();
        self.tags |= name.starts_with(TAGS);
        self.blurred |= APART.contains(&name);
    }

    /// Under which mark an actor stands; `None` if it is told apart from everybody, or does not yet
    /// do whatever the attacker likes.
    pub fn mark(&self, setting: &Setting<'_>, state: &State, actor: Actor) -> Option<Mark> {
        if self.blurred {
            return None;
        }
        let account = setting.account(actor)?;
        let principal = match actor {
            Actor::Made(_) => None,
            Actor::Existing(_) => Some(setting.principal(actor)?),
        };
        if principal.is_some_and(|principal| !is_free(setting.context.org, state, principal)) {
            return None;
        }
        let name = setting.party(actor)?.caller.principal_arn()?.to_string();
        let id = principal.and_then(|one| one.unique_id.present());
        if self.named.contains(&name) || id.is_some_and(|id| self.named.contains(&**id)) {
            return None;
        }
        let accepts =
            |operand: &&Operand| operand_matches(operand, &name, &|_| Lookup::Unknown) != Match::No;
        Some(Mark {
            account,
            is_user: principal.is_some_and(|one| one.kind == PrincipalKind::User),
            patterns: self.patterns.iter().map(accepts).collect(),
            tags: self.tags.then(|| tags(state, principal)),
        })
    }
}

/// The name that `aws:PrincipalArn` shows.
const ARN: &str = "aws:principalarn";

/// How the keys begin that show a principal's tags.
const TAGS: &str = "aws:principaltag/";

/// Other keys that differ from one principal of an account and kind to the next.
const APART: [&str; 4] = [
    "aws:userid",
    "aws:username",
    "aws:sourceidentity",
    "sts:rolesessionname",
];

fn own_policies(principal: &Principal) -> impl Iterator<Item = PolicyId> + '_ {
    let identity = principal.identity.present().into_iter().flatten();
    identity.chain(principal.boundary.present()).copied()
}

/// Whether the attacker writes all that is a principal's own, and nothing of it denies.
fn is_free(org: &Organization, state: &State, principal: &Principal) -> bool {
    let rewritten = state.rewritten();
    let arn = principal.arn.as_str();
    let unbound = principal.boundary == Known::Absent || rewritten.boundaries.contains(arn);
    let ids = principal.identity.present();
    rewritten.identities.contains(arn)
        && unbound
        && ids.is_some_and(|ids| !ids.iter().any(|id| denies(org, *id)))
}

fn tags(state: &State, principal: Option<&Principal>) -> String {
    match principal {
        Some(one) if state.rewritten().tags.contains(one.arn.as_str()) => "chosen".to_owned(),
        Some(one) => format!("{:?}", one.tags),
        None => format!("{:?}", Known::<()>::Absent),
    }
}

fn templates(operand: &Operand) -> impl Iterator<Item = &Template> {
    let (fields, one) = match operand {
        Operand::Arn(fields) => (fields.as_slice(), None),
        Operand::Text { template, .. } => (&[][..], Some(template)),
        _ => (&[][..], None),
    };
    fields.iter().chain(one)
}

/// The text of a template that is one text.
fn literal(template: &Template) -> Option<&str> {
    match template.parts.as_slice() {
        [] => Some(""),
        [Part::Literal(text)] => Some(text),
        _ => None,
    }
}
