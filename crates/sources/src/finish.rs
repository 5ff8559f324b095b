//! What can be stated only after every answer was read.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_org::fact::{Attribute, Entity, Facts, Kind, Known};
use cofferdam_text::{Diagnostic, Node, Origin};

use crate::answers::{self, About};
use crate::sink::{Listed, Sink, Unread, list, truth};

const NEVER_ASKED: &str = "no answer of the source states it";

/// States what several answers say together, and why the rest is unknown.
pub(crate) fn finish(sink: &mut Sink) {
    attachments(sink);
    assignments(sink);
    aliases(sink);
    delegation(sink);
    for unread in std::mem::take(&mut sink.unread) {
        missing(sink, &unread);
    }
}

/// Policies attached to each unit and account, by the type of the policy.
fn attachments(sink: &mut Sink) {
    if !was_asked(sink, Attribute::ServiceControlPolicies)
        && incomplete(sink, Attribute::ServiceControlPolicies).is_none()
    {
        return;
    }
    let gap = sink
        .facts
        .gaps()
        .find(|gap| gap.1 == Kind::OrganizationPolicy)
        .map(|gap| gap.2.into());
    let why = gap.or_else(|| incomplete(sink, Attribute::ServiceControlPolicies));
    for target in targets(sink) {
        attach(sink, target, why.as_deref());
    }
}

fn targets(sink: &Sink) -> Vec<(Entity, Origin)> {
    let kinds = [Kind::Unit, Kind::Account];
    kinds
        .iter()
        .flat_map(|kind| existing(&sink.facts, *kind))
        .collect()
}

/// Entities of a kind that a source states to be there, with the place that says so.
fn existing(facts: &Facts, kind: Kind) -> Vec<(Entity, Origin)> {
    let stated = |entity: &Entity| Some(facts.get(entity, Attribute::Exists).present()?.origin);
    facts
        .of_kind(kind)
        .filter_map(|entity| Some((entity.clone(), stated(entity)?)))
        .collect()
}

fn attach(sink: &mut Sink, (target, origin): (Entity, Origin), why: Option<&str>) {
    let key = (target.clone(), Attribute::ServiceControlPolicies);
    let ids = sink.gathered.get(&key).cloned().unwrap_or_default();
    let untyped = ids
        .iter()
        .any(|id| policy_type_of(&sink.facts, id).is_none());
    let why = if untyped {
        Some("the type of an attached policy is not known")
    } else {
        why
    };
    for (attribute, kind) in [
        (Attribute::ServiceControlPolicies, "SERVICE_CONTROL_POLICY"),
        (
            Attribute::ResourceControlPolicies,
            "RESOURCE_CONTROL_POLICY",
        ),
    ] {
        let of_kind = |id: &&Node| policy_type_of(&sink.facts, id).as_deref() == Some(kind);
        let found: Vec<_> = ids.iter().filter(of_kind).cloned().collect();
        together(sink, &target, attribute, list(found, origin), why);
    }
}

fn policy_type_of(facts: &Facts, id: &Node) -> Option<String> {
    policy_type(facts, id.text()?)
}

/// The type of an organization policy, if it is known.
pub(crate) fn policy_type(facts: &Facts, id: &str) -> Option<String> {
    let entity = Entity::new(Kind::OrganizationPolicy, id);
    text(facts, &entity, Attribute::PolicyType)
}

/// States a gathered list, unless an answer stated it alone or a part of it is missing.
fn together(
    sink: &mut Sink,
    entity: &Entity,
    attribute: Attribute,
    found: Node,
    why: Option<&str>,
) {
    match why {
        _ if sink.stated(entity, attribute) => {}
        Some(why) => answers::unknown(sink, entity, &[attribute], why),
        None => sink.present(entity, attribute, found),
    }
}

fn assignments(sink: &mut Sink) {
    let attribute = Attribute::Assignments;
    let never = (!was_asked(sink, attribute)).then(|| NEVER_ASKED.into());
    let why = incomplete(sink, attribute).or(never);
    for (entity, origin) in existing(&sink.facts, Kind::PermissionSet) {
        let found = sink
            .gathered
            .get(&(entity.clone(), attribute))
            .cloned()
            .unwrap_or_default();
        together(
            sink,
            &entity,
            attribute,
            list(found, origin),
            why.as_deref(),
        );
    }
}

/// Aliases are read once per account and Region; an account without that answer has unknown ones.
fn aliases(sink: &mut Sink) {
    let attribute = Attribute::Aliases;
    for (entity, origin) in existing(&sink.facts, Kind::Key) {
        let account = account_of(&sink.facts, &entity).unwrap_or_default();
        let here = (attribute, Box::from(account.as_str()));
        let never = (!sink.asked.contains(&here)).then_some(NEVER_ASKED);
        let why = sink
            .incomplete
            .get(&here)
            .map(|why| why.to_string())
            .or(never.map(str::to_owned));
        let found = sink
            .gathered
            .get(&(entity.clone(), attribute))
            .cloned()
            .unwrap_or_default();
        together(
            sink,
            &entity,
            attribute,
            list(found, origin),
            why.as_deref(),
        );
    }
}

/// The organization's own policy, of which an answer does not say whose it is.
fn delegation(sink: &mut Sink) {
    let attribute = Attribute::ResourcePolicy;
    let why = incomplete(sink, attribute);
    if why.is_none() && !was_asked(sink, attribute) {
        return;
    }
    let nobody = Entity::new(Kind::Organization, "");
    let found = sink.gathered.remove(&(nobody, attribute));
    for (entity, _) in existing(&sink.facts, Kind::Organization) {
        match &why {
            Some(why) => answers::unknown(sink, &entity, &[attribute], why),
            None => sink.policy(
                &entity,
                attribute,
                found.as_ref().and_then(|all| all.first()),
            ),
        }
    }
}

fn was_asked(sink: &Sink, attribute: Attribute) -> bool {
    sink.asked.iter().any(|asked| asked.0 == attribute)
}

fn incomplete(sink: &Sink, attribute: Attribute) -> Option<Box<str>> {
    sink.incomplete
        .iter()
        .find(|missing| missing.0.0 == attribute)
        .map(|missing| missing.1.clone())
}

/// Says of everything that an unread file would have spoken of why its attributes are unknown.
fn missing(sink: &mut Sink, unread: &Unread) {
    let About::One {
        kind, attributes, ..
    } = unread.row.about
    else {
        return;
    };
    for (entity, _) in existing(&sink.facts, kind) {
        let region = text(&sink.facts, &entity, Attribute::Region).unwrap_or_default();
        let here =
            account_of(&sink.facts, &entity).is_none_or(|account| *account == *unread.account);
        if here && (unread.region.is_empty() || *region == *unread.region) {
            answers::unknown(sink, &entity, attributes, &unread.why);
        }
    }
}

fn text(facts: &Facts, entity: &Entity, attribute: Attribute) -> Option<String> {
    Some(facts.get(entity, attribute).present()?.text()?.to_owned())
}

/// The account that something lies in, as it is stated or as its ARN says.
pub(crate) fn account_of(facts: &Facts, entity: &Entity) -> Option<String> {
    let stated = text(facts, entity, Attribute::Account);
    stated.or_else(|| {
        Some(
            cofferdam_names::Arn::parse(&entity.id)
                .ok()?
                .account()
                .to_owned(),
        )
    })
}

/// Without an organization, the accounts that the source speaks of are the ones there are.
pub(crate) fn without_organization(facts: &mut Facts) {
    if !existing(facts, Kind::Organization).is_empty() {
        return;
    }
    let things = answers::listed_kinds().flat_map(|kind| existing(facts, kind));
    let accounts: Vec<_> = things
        .filter_map(|(entity, origin)| Some((account_of(facts, &entity)?, origin)))
        .collect();
    for (account, origin) in accounts {
        let entity = Entity::new(Kind::Account, account);
        facts.state(entity, Attribute::Exists, Known::Present(truth(origin)));
    }
}

/// What no answer lists in an account may exist all the same. Closed accounts are left out: nobody
/// can act in them ("Closing an account", AWS Organizations user guide).
///
/// `recorded` says that AWS Config is among the sources, of which one could think that it lists.
pub(crate) fn never_listed(facts: &mut Facts, listed: &Listed, recorded: bool) {
    let recorder = if recorded {
        "AWS Config records what its recorder is told to record, and "
    } else {
        ""
    };
    let refused: Listed = facts.gaps().map(|gap| (gap.0.into(), gap.1)).collect();
    let delegates = ("".into(), Kind::DelegatedAdministrator);
    if !listed.contains(&delegates) && !refused.contains(&delegates) {
        let why = "no answer of the source lists who administers services for the organization";
        facts.unlisted("", Kind::DelegatedAdministrator, why);
    }
    for (account, _) in existing(facts, Kind::Account) {
        if text(facts, &account, Attribute::Status).as_deref() == Some("SUSPENDED") {
            continue;
        }
        for kind in answers::listed_kinds() {
            let list = (account.id.clone(), kind);
            if !listed.contains(&list) && !refused.contains(&list) {
                let why = format!(
                    "{recorder}no answer of the source lists the {kind:?}s of account {}",
                    account.id
                );
                facts.unlisted(&account.id, kind, why);
            }
        }
    }
}

/// An account whose own answers were read belongs to the list of accounts: a list that does not
/// name it is not whole, and may lack others too.
pub(crate) fn unlisted_accounts(facts: &mut Facts) -> Vec<Diagnostic> {
    let gap = facts.gaps().any(|(_, kind, _)| kind == Kind::Account);
    if gap || existing(facts, Kind::Organization).is_empty() {
        return Vec::new();
    }
    let listed: BTreeSet<Box<str>> = existing(facts, Kind::Account)
        .into_iter()
        .map(|(account, _)| account.id)
        .collect();
    let things = answers::listed_kinds().flat_map(|kind| existing(facts, kind));
    let strange: BTreeMap<String, Origin> = things
        .filter_map(|(entity, origin)| Some((account_of(facts, &entity)?, origin)))
        .filter(|(account, _)| is_account(account) && !listed.contains(account.as_str()))
        .collect();
    let complaints = strange.into_iter().map(|(account, origin)| {
        let why = format!(
            "this is an answer of account {account}, which the list of the organization's accounts does not name"
        );
        facts.unlisted("", Kind::Account, why.as_str());
        Diagnostic::error(origin, why).with_help("read the accounts of the organization again")
    });
    complaints.collect()
}

/// Things of AWS itself lie in accounts of other names.
fn is_account(text: &str) -> bool {
    text.parse::<cofferdam_names::AccountId>().is_ok()
}
