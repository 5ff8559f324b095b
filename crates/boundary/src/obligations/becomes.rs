//! `identity.who-becomes`: no principal, federated subject or service outside `assumed-by` can
//! obtain a session of an approved principal, by any chain of role assumption.

use std::collections::BTreeSet;

use cofferdam_authz::caller::CallerKind;
use cofferdam_authz::gather::{Party, Thing};
use cofferdam_authz::symbolic::{Interval, Wanted};
use cofferdam_authz::witness::key;
use cofferdam_names::{AccountId, ActionName};
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Organization, PolicyId, Principal, PrincipalKind};
use cofferdam_policy::ast::{PrincipalPattern, Principals};
use cofferdam_policy::operand::{Case, Operand, Template};
use cofferdam_policy::reading::Reading;
use cofferdam_policy::template::Signs;

use super::{Approval, Context, Part};
use crate::ask::{Answers, ask as put};
use crate::cast::known_as;
use crate::file::{Who, WhoAt};
use crate::granted::{Grants, named_in};
use crate::path::{Path, Request};
use crate::scope::Scope;

/// How long a chain of role assumptions is followed; AWS sets no limit, and longer ones were never
/// seen to add anything.
const CHAIN_MAX: usize = 8;

/// Asks it of every approved role that exists.
pub fn ask<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Vec<Part> {
    let name = &scope.dataset.name;
    let mut part = Part {
        holds: format!(
            "nobody but those declared obtains a session of a principal approved for {name}"
        ),
        broken: format!(
            "somebody who is not declared obtains a session of a principal approved for {name}"
        ),
        ..Part::default()
    };
    let approval = Approval {
        context: *context,
        dataset: scope.dataset,
    };
    let approved = scope.dataset.access.iter().flat_map(|access| &access.who);
    let candidates = approval.candidates(approved).into_iter();
    for role in candidates
        .filter_map(a_role)
        .filter(|role| approval.knows(role.arn.as_str()))
    {
        // What leads to a role does not hang on the dataset, but for whom the boundary lets assume it.
        let declared: Vec<&Who> = declared(&approval, role.arn.as_str())
            .into_iter()
            .map(|who| &who.who)
            .collect();
        let about = format!("{} by {declared:?}", role.arn);
        part.answers.join(context.cast.memo.answers(about, || {
            let mut question = Question {
                context,
                approval,
                seen: BTreeSet::new(),
            };
            question.reach(role, role, &[], 0)
        }));
    }
    (part.answers.asked > 0)
        .then_some(part)
        .into_iter()
        .collect()
}

fn a_role<'a>(party: &Party<'a>) -> Option<&'a Principal> {
    party
        .principal
        .filter(|principal| principal.kind == PrincipalKind::Role)
}

struct Question<'c, 'a> {
    context: &'c Context<'a>,
    approval: Approval<'a>,
    /// Roles whose assumers were asked already.
    seen: BTreeSet<&'a str>,
}

impl<'a> Question<'_, 'a> {
    /// Everybody who gets a session of `target` by first getting one of `role`.
    fn reach(
        &mut self,
        target: &'a Principal,
        role: &'a Principal,
        via: &[&str],
        depth: usize,
    ) -> Answers {
        let mut answers = Answers::default();
        if depth > CHAIN_MAX || !self.seen.insert(role.arn.as_str()) {
            return answers;
        }
        let declared = declared(&self.approval, target.arn.as_str());
        let mut leading = Vec::new();
        for assumer in assumers(self.context, role) {
            let found = self.undeclared(role, &assumer, &declared);
            let assuming = assumer.role();
            // A role that is declared leads further as well, if it gets in at all.
            if assuming.is_some() && !(found.nothing() && self.one(role, &assumer, &[]).nothing()) {
                leading.extend(assuming);
            }
            answers.join(found);
        }
        if !via.is_empty() {
            let fix = format!(
                "narrow the trust policy of {}, which leads to {}",
                role.arn, target.arn
            );
            answers
                .raw
                .iter_mut()
                .for_each(|raw| raw.fix = Some(fix.clone()));
        }
        for other in leading {
            let via: Vec<&str> = via.iter().copied().chain([role.arn.as_str()]).collect();
            answers.join(self.reach(target, other, &via, depth + 1));
        }
        answers
    }

    /// What an assumer comes to if nobody declares it.
    fn undeclared(
        &self,
        role: &'a Principal,
        assumer: &Assumer<'a>,
        declared: &[&WhoAt],
    ) -> Answers {
        if self
            .approval
            .among_refs(declared, &known_as(assumer.party()))
        {
            return Answers::nothing_to_ask();
        }
        let found = self.one(role, assumer, declared);
        match assumer {
            Assumer::Unread(_, account, why) => perhaps(found, *account, why),
            Assumer::Party(_) | Assumer::Made(..) => found,
        }
    }

    fn one(&self, role: &'a Principal, assumer: &Assumer<'a>, declared: &[&WhoAt]) -> Answers {
        if self.is_ungranted(role, assumer) {
            return Answers::nothing_to_ask();
        }
        let mut path = Path::new(self.context.org, self.context.cast);
        self.put(&mut path, role, assumer.party(), assumer.action(), declared)
    }

    /// Whether nothing lets the assumer assume the role.
    fn is_ungranted(&self, role: &'a Principal, assumer: &Assumer<'a>) -> bool {
        let action: Vec<ActionName> = ActionName::parse(assumer.action()).into_iter().collect();
        let wanted = Wanted::Exactly(role.arn.to_string());
        Grants::on(
            self.context,
            assumer.party(),
            Thing::Role(role),
            "sts",
            None,
        )
        .nothing(&action, &wanted)
    }

    fn put<'p>(
        &self,
        path: &mut Path<'p>,
        role: &'p Principal,
        party: &'p Party<'p>,
        action: &str,
        declared: &[&WhoAt],
    ) -> Answers
    where
        'a: 'p,
    {
        let Ok(action) = ActionName::parse(action) else {
            return Answers::default();
        };
        let made = path.request(
            Request {
                party,
                thing: Thing::Role(role),
                service: "sts",
                actions: vec![action],
                wanted: Wanted::Exactly(role.arn.to_string()),
                forwarded_by: None,
                given: Vec::new(),
            },
            cofferdam_logic::Formula::TRUE,
            None,
        );
        let approved = self.approved(path, made.hop, party, declared);
        let stranger = path.not(approved);
        let goal = path.all(&[made.allowed, stranger]);
        put(path, &known_as(party), goal)
    }

    /// Declared assumers that only the request can tell: subjects of a provider, services for a
    /// resource, partners with an external id.
    fn approved(
        &self,
        path: &mut Path<'_>,
        hop: usize,
        party: &Party<'_>,
        declared: &[&WhoAt],
    ) -> Interval {
        let mut parts = vec![crate::path::known(false)];
        for who in declared {
            let part = match (&who.who, &party.caller.kind) {
                (Who::Oidc { provider, sub }, CallerKind::Federated(own))
                    if same_provider(provider, own) =>
                {
                    let host = host(own);
                    text_is(path, hop, &format!("{host}:sub"), sub)
                }
                (Who::Saml { provider }, CallerKind::Federated(own))
                    if provider.as_str() == &**own =>
                {
                    crate::path::known(true)
                }
                (
                    Who::Service {
                        host,
                        source_arn,
                        source_account,
                    },
                    CallerKind::Service(own),
                ) if host == own => {
                    let mut both = vec![crate::path::known(true)];
                    if let Some(arn) = source_arn {
                        both.push(text_is(path, hop, "aws:SourceArn", arn));
                    }
                    if let Some(account) = source_account {
                        both.push(text_is(
                            path,
                            hop,
                            "aws:SourceAccount",
                            &account.to_string(),
                        ));
                    }
                    path.all(&both)
                }
                (Who::Partner { external_id, .. }, CallerKind::Anyone(_)) => {
                    let partner = self.approval.is_one_of(&mut path.query, hop, &[*who]);
                    match external_id {
                        Some(id) => {
                            let carries = text_is(path, hop, "sts:ExternalId", id);
                            path.all(&[partner, carries])
                        }
                        None => partner,
                    }
                }
                (_, CallerKind::Anyone(_)) => {
                    self.approval.is_one_of(&mut path.query, hop, &[*who])
                }
                _ => crate::path::known(false),
            };
            parts.push(part);
        }
        path.any(&parts)
    }
}

/// What principals come to of whom nobody knows whether they exist.
fn perhaps(found: Answers, account: AccountId, why: &str) -> Answers {
    if found.nothing() {
        return found;
    }
    let mut answers = Answers {
        asked: found.asked,
        well_formed: found.well_formed,
        possible: [found.raw, found.possible].concat(),
        missing: found.missing,
        ..Answers::default()
    };
    answers.miss(format!("principals of account {account}"), why);
    answers
}

/// That a key's text matches a glob.
pub(super) fn text_is(path: &mut Path<'_>, hop: usize, name: &str, glob: &str) -> Interval {
    let signs = Signs {
        wildcards: true,
        variables: false,
    };
    let (Some(key), Ok(template)) = (key(name), Template::parse(glob, signs)) else {
        return crate::path::known(false);
    };
    path.query.reading(hop).some_value(
        &key,
        &[Operand::Text {
            template,
            case: Case::Sensitive,
        }],
    )
}

fn host(provider: &str) -> &str {
    provider
        .split_once(":oidc-provider/")
        .map_or(provider, |(_, host)| host)
}

fn same_provider(declared: &str, own: &str) -> bool {
    host(declared) == host(own)
}

/// Those declared under `assumed-by` in the approvals of a role.
fn declared<'a>(approval: &Approval<'a>, role: &str) -> Vec<&'a WhoAt> {
    let access = approval
        .dataset
        .access
        .iter()
        .filter(|access| approval.among(&access.who, role));
    access
        .filter_map(|access| access.assumed_by.as_ref())
        .flatten()
        .collect()
}

/// Somebody who might assume a role.
enum Assumer<'a> {
    /// A party of the cast.
    Party(&'a Party<'a>),
    /// A service or a federated caller that the trust policy names, with the action it uses.
    Made(Party<'a>, &'static str),
    /// Whoever may exist in an account whose principals were not read, with the reason.
    Unread(Party<'a>, AccountId, &'a str),
}

impl<'a> Assumer<'a> {
    fn party(&self) -> &Party<'a> {
        match self {
            Assumer::Party(party) => party,
            Assumer::Made(party, _) | Assumer::Unread(party, ..) => party,
        }
    }

    fn action(&self) -> &'static str {
        match self {
            Assumer::Party(_) | Assumer::Unread(..) => "sts:AssumeRole",
            Assumer::Made(_, action) => action,
        }
    }

    /// The role behind it, from which a chain goes on.
    fn role(&self) -> Option<&'a Principal> {
        match self {
            Assumer::Party(party) => a_role(party),
            Assumer::Made(..) | Assumer::Unread(..) => None,
        }
    }
}

/// Everybody who might assume a role: the cast, and whom its trust policy names.
fn assumers<'a>(context: &Context<'a>, role: &'a Principal) -> Vec<Assumer<'a>> {
    let cast = context.cast;
    let existing = match named_in(context.org, cast, &role.trust) {
        Some(places) => cast.at(places),
        None => cast.existing().collect(),
    };
    let everybody = existing
        .into_iter()
        .chain([&cast.outsiders, &cast.anonymous]);
    let mut assumers: Vec<Assumer<'a>> = everybody
        .filter(|party| {
            party
                .principal
                .is_none_or(|principal| principal.arn != role.arn)
        })
        .map(Assumer::Party)
        .collect();
    let patterns = trusted(context.org, role);
    let mut made: Vec<(Party<'a>, &'static str)> = Vec::new();
    for pattern in patterns {
        match pattern {
            PrincipalPattern::Service(host) => made.push((Party::service(&host), "sts:AssumeRole")),
            PrincipalPattern::Federated(provider) => {
                made.push((Party::federated(&provider), federated_action(&provider)))
            }
            _ => {}
        }
    }
    for provider in &context.org.providers {
        if account_of(provider.as_str()) == Some(role.account) {
            made.push((
                Party::federated(provider.as_str()),
                federated_action(provider.as_str()),
            ));
        }
    }
    made.sort_by_key(|(party, _)| party.caller.display());
    made.dedup_by(|left, right| left.0.caller == right.0.caller);
    assumers.extend(
        made.into_iter()
            .map(|(party, action)| Assumer::Made(party, action)),
    );
    let unread = cast.unread.iter().map(|(account, why)| {
        let party = Party::everyone_of(context.org, vec![*account]);
        Assumer::Unread(party, *account, why)
    });
    assumers.extend(unread);
    assumers
}

fn account_of(arn: &str) -> Option<AccountId> {
    arn.split(':').nth(4)?.parse().ok()
}

fn federated_action(provider: &str) -> &'static str {
    if provider.contains(":saml-provider/") {
        "sts:AssumeRoleWithSAML"
    } else {
        "sts:AssumeRoleWithWebIdentity"
    }
}

fn trusted(org: &Organization, role: &Principal) -> Vec<PrincipalPattern> {
    let document = |id: &PolicyId| match &org.policies.get(*id).document {
        Known::Present(policy) => Some(policy),
        _ => None,
    };
    let Some(policy) = role.trust.present().and_then(document) else {
        return Vec::new();
    };
    let statements = policy.statements.iter();
    statements
        .filter_map(|statement| match &statement.principals {
            Principals::Only(patterns) => Some(patterns.clone()),
            _ => None,
        })
        .flatten()
        .collect()
}
