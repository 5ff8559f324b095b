//! Paths that must be refused: each differs from an approved one in one thing.

use std::collections::BTreeMap;

use cofferdam_authz::decide::Outcome;
use cofferdam_authz::gather::Party;
use cofferdam_catalog::Class;
use cofferdam_findings::probe::{Expected, Probe};
use cofferdam_names::AccountId;
use cofferdam_org::fact::Known;
use cofferdam_org::model::Account;

use super::attempt::{Attempt, Base, Caller, Try};
use super::place::Place;
use super::{Maker, Model, caller, default_base, typical};
use crate::cast::known_as;
use crate::exception::covering;
use crate::file::NetworkDeclared;
use crate::path::host_of;
use crate::reach;
use crate::scope::Group;

/// Every denied path of one resource.
pub(super) fn probes(maker: &Maker<'_, '_>, models: &[Model<'_>]) -> Vec<Probe> {
    let mut probes = Vec::new();
    for class in classes(models) {
        let model = models.iter().find(|model| model.class == class);
        let Some(near) = Near::of(maker, class, model) else {
            continue;
        };
        probes.extend(near.outsiders());
        probes.extend(near.inside());
    }
    let mut tried = Vec::new();
    for model in models {
        let who = (known_as(&model.party), model.class);
        if !tried.contains(&who) {
            probes.extend(elsewhere(maker, model, models));
            tried.push(who);
        }
    }
    probes.extend(models.iter().find_map(|model| without_key(maker, model)));
    probes
}

/// Classes that somebody is approved for; reading in any case.
fn classes(models: &[Model<'_>]) -> Vec<Class> {
    let approved = |class: &Class| models.iter().any(|model| model.class == *class);
    Class::ALL
        .iter()
        .copied()
        .filter(|class| *class == Class::Read || approved(class))
        .collect()
}

/// What an approved path of a class is like, for others to try the same.
struct Near<'n, 'a> {
    maker: &'n Maker<'n, 'a>,
    class: Class,
    group: Group,
    base: Base,
    network: Option<&'a NetworkDeclared>,
}

/// An account that is in no organization; AWS's documentation keeps such ids for examples.
const OUTSIDERS: [&str; 3] = ["999988887777", "111122223333", "444455556666"];

impl<'n, 'a> Near<'n, 'a> {
    fn of(
        maker: &'n Maker<'n, 'a>,
        class: Class,
        model: Option<&Model<'a>>,
    ) -> Option<Near<'n, 'a>> {
        let of_class = |action: &crate::scope::ClassedAction| action.classes.contains(&class);
        let usual = || {
            typical::groups(maker.store, of_class, class)
                .into_iter()
                .next()
        };
        let group = model.map(|model| model.group.clone()).or_else(usual)?;
        Some(Near {
            maker,
            class,
            group,
            base: model.map_or_else(default_base, |model| model.base.clone()),
            network: model.and_then(|model| model.networks.first().copied()),
        })
    }

    fn attempts(&self) -> Try<'_, 'a> {
        self.maker.attempts(&self.group, &self.base)
    }

    /// The network of the approved path, so that no layer refuses for the network's sake.
    fn place(&self) -> Place<'a> {
        self.network.map_or(Place::Internet, Place::Declared)
    }

    fn outsiders(&self) -> Vec<Probe> {
        let org = self.maker.context.org;
        let foreign = OUTSIDERS.iter().find(|id| {
            id.parse::<AccountId>()
                .is_ok_and(|account| !org.accounts.contains_key(&account))
        });
        let cast = self.maker.context.cast;
        let outsider = foreign.map(|id| {
            let text = format!("arn:aws:iam::{id}:user/outsider");
            let caller = Caller {
                text,
                administrator: false,
            };
            self.refused(
                "an account outside the organization",
                &cast.outsiders,
                &caller,
                self.place(),
            )
        });
        let nobody = Caller {
            text: "anonymous".to_owned(),
            administrator: false,
        };
        let anonymous = self.refused(
            "a request without a signature",
            &cast.anonymous,
            &nobody,
            Place::Internet,
        );
        [outsider.flatten(), anonymous]
            .into_iter()
            .flatten()
            .collect()
    }

    /// A path that passes if there is one, else the plain one.
    fn refused(
        &self,
        who: &str,
        party: &Party<'a>,
        caller: &Caller,
        place: Place<'_>,
    ) -> Option<Probe> {
        let attempts = self.attempts();
        let passing = attempts
            .passing(party, &Place::Anywhere, &[])
            .filter(|found| !is_approved(self.maker, &found.steps, self.class));
        let attempt = passing.or_else(|| attempts.plain(caller, &place))?;
        let name = format!("{who} {}", self.maker.does(self.class));
        Some(self.maker.probe(&name, Expected::Refused, &attempt))
    }

    /// For each kind of account the principal that the fewest layers refuse, and a role that may do
    /// everything.
    fn inside(&self) -> Vec<Probe> {
        let mut probes = Vec::new();
        for accounts in self.kinds_of_accounts() {
            if let Some(party) = self.strongest(&accounts) {
                let who = format!("{}, which is not approved,", known_as(party));
                probes.extend(self.refused(&who, party, &caller(party), self.place()));
            }
            probes.extend(
                accounts
                    .first()
                    .and_then(|account| self.administrator(account)),
            );
        }
        probes
    }

    fn administrator(&self, account: &Account) -> Option<Probe> {
        let attempt = self
            .attempts()
            .plain(&administrator(account.id), &self.place())?;
        let who = format!("a role of account {} that may do everything", account.name);
        let name = format!("{who} {}", self.maker.does(self.class));
        Some(self.maker.probe(&name, Expected::Refused, &attempt))
    }

    /// Accounts that stand alike: the owner's own, the management account, those with approved
    /// principals, and the rest by unit.
    fn kinds_of_accounts(&self) -> Vec<Vec<&'a Account>> {
        let org = self.maker.context.org;
        let owner = self.maker.store.resource.account;
        let management = org
            .identity
            .as_ref()
            .and_then(|identity| identity.management.present());
        let mut kinds: BTreeMap<(u8, String), Vec<&'a Account>> = BTreeMap::new();
        for (id, account) in &org.accounts {
            let unit = match &account.parent {
                Known::Present(unit) => unit.to_string(),
                Known::Absent | Known::Unknown(_) => String::new(),
            };
            let kind = match id {
                id if *id == owner => (0, String::new()),
                id if Some(id) == management => (1, String::new()),
                id if self.has_approved(*id) => (2, id.to_string()),
                _ => (3, unit),
            };
            kinds.entry(kind).or_default().push(account);
        }
        kinds.into_values().collect()
    }

    fn has_approved(&self, account: AccountId) -> bool {
        let principals = &self.maker.context.cast.principals;
        let mut here = principals
            .iter()
            .filter(|party| party.caller.account == Some(account));
        here.any(|party| self.maker.approval.knows(&known_as(party)))
    }

    fn strongest(&self, accounts: &[&Account]) -> Option<&'a Party<'a>> {
        let of_these = |party: &&Party<'_>| {
            accounts
                .iter()
                .any(|account| Some(account.id) == party.caller.account)
        };
        let principals = self.maker.context.cast.principals.iter().filter(of_these);
        let unapproved = principals.filter(|party| self.is_unapproved(&known_as(party)));
        let tried = unapproved.take(CANDIDATES_MAX).filter_map(|party| {
            let attempt = self.attempts().plain(&caller(party), &self.place())?;
            Some((is_refused(&attempt), attempt.refused_by.len(), party))
        });
        tried
            .min_by_key(|(refused, by, _)| (*refused, *by))
            .map(|(.., party)| party)
    }

    /// Nobody approved it, and nobody accepted it either.
    fn is_unapproved(&self, principal: &str) -> bool {
        let mut names = self.group.actions.iter().map(|action| &action.name);
        let approval = &self.maker.approval;
        !names.any(|name| approval.allows(principal, self.class, name))
            && !is_accepted(self.maker, "identity.unapproved-principal", principal)
    }
}

/// How many principals of one kind of account are tried to find the strongest.
const CANDIDATES_MAX: usize = 50;

/// The name of a role that may do everything, and that nobody approved.
const ADMINISTRATOR: &str = "probe-administrator";

fn administrator(account: AccountId) -> Caller {
    let text = format!("arn:aws:sts::{account}:assumed-role/{ADMINISTRATOR}/session");
    Caller {
        text,
        administrator: true,
    }
}

fn is_refused(attempt: &Attempt) -> bool {
    matches!(
        attempt.outcome,
        Outcome::ImplicitlyDenied | Outcome::ExplicitlyDenied
    )
}

fn is_accepted(maker: &Maker<'_, '_>, obligation: &str, principal: &str) -> bool {
    let context = &maker.context;
    let dataset = &maker.approval.dataset.name;
    covering(
        context.boundary,
        obligation,
        dataset,
        principal,
        context.as_of,
    )
    .by
    .is_some()
}

/// A crowd may hold those who are approved, such as a partner.
fn is_approved(
    maker: &Maker<'_, '_>,
    steps: &[cofferdam_findings::finding::Step],
    class: Class,
) -> bool {
    let step = steps.iter().find(|step| !step.action.starts_with("sts:"));
    let Some((principal, Ok(action))) = step.map(|step| {
        (
            &step.principal,
            cofferdam_names::ActionName::parse(&step.action),
        )
    }) else {
        return false;
    };
    maker.approval.allows(principal, class, &action)
}

/// The approved principal from networks that nobody declared for it.
fn elsewhere(maker: &Maker<'_, '_>, model: &Model<'_>, models: &[Model<'_>]) -> Vec<Probe> {
    let principal = known_as(&model.party);
    if model.networks.is_empty() || is_accepted(maker, "network.unexpected-source", &principal) {
        return Vec::new();
    }
    let same = models
        .iter()
        .filter(|other| other.class == model.class && known_as(&other.party) == principal);
    let expected: Vec<&NetworkDeclared> = same
        .flat_map(|model| model.networks.iter().copied())
        .collect();
    let wrong = maker.context.org.endpoints.iter().find(|endpoint| {
        *endpoint.service == *maker.store.service
            && !expected
                .iter()
                .any(|one| reach::contains(maker.context.org, one, endpoint))
    });
    let places = [
        wrong.map(|endpoint| {
            (
                Place::Endpoint(endpoint),
                format!("the wrong endpoint {}", endpoint.id),
            )
        }),
        Some((
            Place::ForeignEndpoint,
            "an endpoint of another organization".to_owned(),
        )),
        Some((Place::Internet, "the internet, with no endpoint".to_owned())),
    ];
    let probe = |(place, words): (Place<'_>, String)| {
        let attempts = maker.attempts(&model.group, &model.base);
        let passing = attempts.passing(&model.party, &place, &expected);
        let attempt = passing.or_else(|| attempts.plain(&caller(&model.party), &place))?;
        let name = format!("{principal} {} from {words}", maker.does(model.class));
        Some(maker.probe(&name, Expected::Refused, &attempt))
    };
    places.into_iter().flatten().filter_map(probe).collect()
}

/// Somebody who has the data's permission but not the key's: the same use of the key that the
/// service makes for an approved principal, made for a role beside it that may do everything.
fn without_key(maker: &Maker<'_, '_>, model: &Model<'_>) -> Option<Probe> {
    let account = model.party.caller.account?;
    let attempt = maker
        .attempts(&model.group, &model.base)
        .key_alone(&administrator(account))?;
    let host = host_of(maker.store.service);
    let what = format!(
        "a role of account {account} without permission for the key uses it through {host}"
    );
    Some(maker.probe(&what, Expected::Refused, &attempt))
}
