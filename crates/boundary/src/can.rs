//! What one principal can do: the stores and keys it reaches, and the roles it can become.
//!
//! The other end of the question who can do one thing, through the same ways. Roles are followed
//! from session to session, the shortest chain first.

use std::collections::{BTreeSet, VecDeque};

use cofferdam_authz::caller::CallerKind;
use cofferdam_authz::gather::{Party, Thing};
use cofferdam_authz::symbolic::Wanted;
use cofferdam_findings::inventory::Access;
use cofferdam_findings::reach::{Becomes, Can, Reached};
use cofferdam_names::{AccountId, ActionName, Arn};
use cofferdam_org::fact::Kind;
use cofferdam_org::model::{Organization, Principal, PrincipalKind};

use crate::cast::{Cast, known_as};
use crate::inventory::principals;
use crate::look;
use crate::reach::{Question, Target, Ways};
use crate::scope::Store;
use crate::who_can::group;

/// How many roles are followed at most; the answer says when there are more.
pub const ROLES_MAX: usize = 500;

/// What a principal can do: a user, a role, a session of one, an account (its root user), a
/// service's host name, `anonymous`, or `outside` for everybody of other accounts.
///
/// # Errors
/// When the sources do not know the principal, in words.
pub fn can(org: &Organization, cast: &Cast<'_>, who: &str) -> Result<Can, String> {
    let question = Question {
        org,
        cast,
        approval: None,
    };
    let party = party(org, cast, who)?;
    let mut answer = Can {
        principal: known_as(&party),
        ..Can::default()
    };
    for resource in &org.resources {
        let mut found = Ways::default();
        match (Store::of(resource), resource.kind) {
            (Some(store), _) => {
                for store in store.doors(org) {
                    let mut ways = Ways::default();
                    question.ways_of(&party, "", &store, &[None], &mut ways);
                    found.add(ways);
                }
            }
            (None, Kind::Key) => {
                question.ways_of(&party, "", &look::key(resource), &look::vias(), &mut found);
            }
            (None, _) => continue,
        }
        let arn = resource.arn.as_str();
        answer.things.extend(
            principals(&found)
                .into_iter()
                .map(|access| reached(arn, access)),
        );
        answer
            .unclear
            .extend(found.unclear.values().map(|why| format!("{arn}: {why}")));
    }
    roles(&question, &party, &mut answer);
    Ok(answer)
}

fn reached(resource: &str, access: Access) -> Reached {
    Reached {
        resource: resource.to_owned(),
        can: access.can,
        from: access.from,
        certain: access.certain,
        conditions: access.conditions,
    }
}

/// Who is meant.
fn party<'a>(org: &'a Organization, cast: &Cast<'a>, who: &str) -> Result<Party<'a>, String> {
    match who {
        "anonymous" => return Ok(cast.anonymous.clone()),
        "outside" => return Ok(cast.outsiders.clone()),
        _ => {}
    }
    if let Ok(account) = who.parse::<AccountId>() {
        let root = cast
            .roots
            .iter()
            .find(|root| root.caller.account == Some(account));
        return root
            .cloned()
            .ok_or_else(|| format!("no account {account} is in the sources"));
    }
    let Ok(arn) = Arn::parse(who) else {
        return match who.ends_with(".amazonaws.com") {
            true => Ok(Party::service(who)),
            false => Err(format!("`{who}` is no principal")),
        };
    };
    let is_meant = |party: &&Party<'a>| {
        let known = party.caller.principal_arn();
        known.is_some_and(|known| *known == arn || arn.is_session_of(known))
    };
    cast.existing()
        .find(is_meant)
        .cloned()
        .or_else(|| Party::from_text(org, who).filter(|_| !in_sources(org, &arn)))
        .ok_or_else(|| format!("the sources hold no principal `{who}`"))
}

fn in_sources(org: &Organization, arn: &Arn) -> bool {
    arn.account_id()
        .is_some_and(|account| org.accounts.contains_key(&account))
}

/// Roles that can be assumed, the nearest first.
fn roles<'a>(question: &Question<'a>, party: &Party<'a>, answer: &mut Can) {
    let Ok(action) = ActionName::parse(assuming(party)) else {
        return;
    };
    let mut known: BTreeSet<String> = BTreeSet::from([answer.principal.clone()]);
    let mut chains = VecDeque::from([(party.clone(), Vec::new())]);
    while let Some((from, through)) = chains.pop_front() {
        for role in assumable(question.org) {
            if known.len() > ROLES_MAX {
                answer
                    .unclear
                    .push(format!("more than {ROLES_MAX} roles can be had"));
                return;
            }
            if known.contains(role.arn.as_str()) {
                continue;
            }
            let Some(next) = becomes(question, &from, role, &action, &through) else {
                continue;
            };
            known.insert(next.role.clone());
            if let Some(session) = session(question.cast, role).filter(|_| next.certain) {
                let mut through = through.clone();
                through.push(next.role.clone());
                chains.push_back((session, through));
            }
            answer.roles.push(next);
        }
    }
}

fn assuming(party: &Party<'_>) -> &'static str {
    match party.caller.kind {
        CallerKind::Federated(_) => "sts:AssumeRoleWithWebIdentity",
        _ => "sts:AssumeRole",
    }
}

fn assumable(org: &Organization) -> impl Iterator<Item = &Principal> {
    org.principals
        .iter()
        .filter(|principal| principal.kind == PrincipalKind::Role)
}

fn session<'a>(cast: &Cast<'a>, role: &Principal) -> Option<Party<'a>> {
    let is_it = |party: &&Party<'a>| party.caller.principal_arn() == Some(&role.arn);
    cast.principals.iter().find(is_it).cloned()
}

fn becomes<'a>(
    question: &Question<'a>,
    from: &Party<'a>,
    role: &'a Principal,
    action: &ActionName,
    through: &[String],
) -> Option<Becomes> {
    let target = Target {
        thing: Thing::Role(role),
        service: "sts",
        policy: None,
        group: group(action, Wanted::Exactly(role.arn.to_string())),
    };
    let mut found = Ways::default();
    question.ways_of_to(from, "", &target, &mut found);
    let best = principals(&found)
        .into_iter()
        .max_by_key(|access| access.certain)?;
    Some(Becomes {
        role: role.arn.to_string(),
        through: through.to_vec(),
        from: best.from,
        certain: best.certain,
        conditions: best.conditions,
    })
}
