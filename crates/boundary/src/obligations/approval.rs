//! Whom the boundary approves for what, concretely for a principal that was read and as a formula
//! for a crowd.

use cofferdam_authz::gather::Party;
use cofferdam_authz::symbolic::{Interval, Query};
use cofferdam_authz::witness::key;
use cofferdam_catalog::Class;
use cofferdam_names::ActionName;
use cofferdam_policy::ast::PrincipalPattern;
use cofferdam_policy::matching::action_matches;
use cofferdam_policy::operand::{Operand, Template};
use cofferdam_policy::reading::Reading;
use cofferdam_policy::template::Signs;

use super::Context;
use crate::cast::known_as;
use crate::exception::includes;
use crate::file::{Access, Can, Dataset, Date, Who, WhoAt};

/// The approvals of one dataset.
#[derive(Clone, Copy)]
pub struct Approval<'a> {
    /// What obligations look at.
    pub context: Context<'a>,
    /// The dataset.
    pub dataset: &'a Dataset,
}

impl<'a> Approval<'a> {
    /// Whether a principal may take an action of a class.
    pub fn allows(&self, principal: &str, class: Class, action: &ActionName) -> bool {
        if class == Class::Administer {
            return self.among(&self.dataset.administrators, principal);
        }
        let covers = |access: &&Access| covered(access, class, action);
        self.dataset
            .access
            .iter()
            .filter(covers)
            .any(|access| self.among(&access.who, principal))
    }

    /// Whether a principal has any approval but that of an administrator.
    pub fn knows(&self, principal: &str) -> bool {
        self.dataset
            .access
            .iter()
            .any(|access| self.among(&access.who, principal))
    }

    /// Whether a principal is one of these.
    pub fn among(&self, who: &[WhoAt], principal: &str) -> bool {
        let Context {
            boundary, as_of, ..
        } = self.context;
        who.iter()
            .any(|who| includes(boundary, &who.who, principal, as_of))
    }

    /// Whether a principal is one of these.
    pub fn among_refs(&self, who: &[&WhoAt], principal: &str) -> bool {
        let Context {
            boundary, as_of, ..
        } = self.context;
        who.iter()
            .any(|who| includes(boundary, &who.who, principal, as_of))
    }

    /// Users, roles and root users among whom all of these are, in the order of everybody.
    pub fn candidates(&self, who: impl IntoIterator<Item = &'a WhoAt>) -> Vec<&'a Party<'a>> {
        let places = who.into_iter().flat_map(|who| self.places(&who.who));
        self.context.cast.at(places.collect())
    }

    fn places(&self, who: &Who) -> Vec<usize> {
        let Context { org, cast, .. } = self.context;
        match who {
            Who::Role(arn) | Who::User(arn) => org.place_of(arn.as_str()).into_iter().collect(),
            Who::Account(account) => cast.places_in(*account).to_vec(),
            Who::PermissionSet { accounts, .. } if !accounts.is_empty() => accounts
                .iter()
                .flat_map(|account| cast.places_in(*account))
                .copied()
                .collect(),
            Who::Oidc { .. } | Who::Saml { .. } | Who::Service { .. } => Vec::new(),
            Who::RolePattern { .. } | Who::PermissionSet { .. } | Who::Partner { .. } => {
                let all = || self.search(who);
                cast.memo.places(format!("{who:?}"), all).to_vec()
            }
        }
    }

    /// Looks through everybody.
    fn search(&self, who: &Who) -> Vec<usize> {
        let Context {
            boundary, as_of, ..
        } = self.context;
        let existing = self.context.cast.existing().enumerate();
        let included =
            existing.filter(|(_, party)| includes(boundary, who, &known_as(party), as_of));
        included.map(|(place, _)| place).collect()
    }

    /// Everybody who is approved for a class.
    pub fn approved(&self, class: Class) -> Vec<&'a WhoAt> {
        if class == Class::Administer {
            return self.dataset.administrators.iter().collect();
        }
        let for_class = |access: &&Access| access.can.contains(&Can::Class(class));
        self.dataset
            .access
            .iter()
            .filter(for_class)
            .flat_map(|access| &access.who)
            .collect()
    }

    /// That the symbolic caller of a hop is one of these. Those that cannot be told by the
    /// caller's name alone are not counted, so that a proof errs on the safe side.
    pub fn is_one_of(&self, query: &mut Query<'_>, hop: usize, who: &[&WhoAt]) -> Interval {
        self.context.is_one_of(query, hop, who)
    }
}

impl Context<'_> {
    /// That the symbolic caller of a hop is one of these. Those that cannot be told by the
    /// caller's name alone are not counted, so that a proof errs on the safe side.
    pub fn is_one_of(&self, query: &mut Query<'_>, hop: usize, who: &[&WhoAt]) -> Interval {
        let mut truth = query.reading(hop).known(false);
        for one in who {
            let is = self.is(query, hop, &one.who);
            truth = query.reading(hop).or(truth, is);
        }
        truth
    }

    fn is(&self, query: &mut Query<'_>, hop: usize, who: &Who) -> Interval {
        let mut reading = query.reading(hop);
        match who {
            Who::Role(arn) | Who::User(arn) => {
                reading.principal(&PrincipalPattern::Arn(arn.clone()))
            }
            Who::Account(account) => reading.principal(&PrincipalPattern::Account(*account)),
            Who::RolePattern { pattern, .. } => has_arn(query, hop, pattern),
            Who::PermissionSet { name, accounts, .. } => {
                let patterns =
                    permission_set_patterns(name, accounts.iter().map(ToString::to_string));
                let mut truth = reading.known(false);
                for pattern in patterns {
                    let is = has_arn(query, hop, &pattern);
                    truth = query.reading(hop).or(truth, is);
                }
                truth
            }
            Who::Partner { name, .. } => {
                // A partner whose time is over is nobody in particular.
                let accounts = self
                    .boundary
                    .partner(name)
                    .filter(|partner| Date::within(self.as_of, partner.expires))
                    .map(|partner| partner.accounts.as_slice());
                let mut truth = reading.known(false);
                for account in accounts.unwrap_or_default() {
                    let is = reading.principal(&PrincipalPattern::Account(*account));
                    truth = reading.or(truth, is);
                }
                truth
            }
            Who::Oidc { .. } | Who::Saml { .. } | Who::Service { .. } => reading.known(false),
        }
    }
}

/// Roles that Identity Center makes for a permission set, in these accounts or in every one.
fn permission_set_patterns(name: &str, accounts: impl Iterator<Item = String>) -> Vec<String> {
    let mut accounts: Vec<String> = accounts.collect();
    if accounts.is_empty() {
        accounts.push("*".to_owned());
    }
    accounts
        .iter()
        .map(|account| format!("arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_{name}_*"))
        .collect()
}

/// That aws:PrincipalArn of the hop matches a pattern, field by field.
fn has_arn(query: &mut Query<'_>, hop: usize, pattern: &str) -> Interval {
    let mut reading = query.reading(hop);
    match (key("aws:PrincipalArn"), arn_operand(pattern)) {
        (Some(key), Some(operand)) => reading.some_value(&key, &[operand]),
        _ => reading.known(false),
    }
}

/// `ArnLike` with this pattern.
pub fn arn_operand(pattern: &str) -> Option<Operand> {
    let signs = Signs {
        wildcards: true,
        variables: false,
    };
    let mut fields = Vec::new();
    for field in pattern.splitn(6, ':') {
        fields.push(Template::parse(field, signs).ok()?);
    }
    let fields: [Template; 6] = fields.try_into().ok()?;
    Some(Operand::Arn(Box::new(fields)))
}

/// Whether an approval covers an action as one of a class.
pub fn covered(access: &Access, class: Class, action: &ActionName) -> bool {
    access.can.iter().any(|can| covers(can, class, action))
}

fn covers(can: &Can, class: Class, action: &ActionName) -> bool {
    match can {
        Can::Class(approved) => *approved == class,
        Can::Action(pattern) => action_matches(pattern, action.service(), action.name()),
    }
}
