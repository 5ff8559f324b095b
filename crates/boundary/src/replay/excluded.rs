//! An event that a proof excludes: somebody did what was proved that nobody can.
//!
//! The proof is about the sources, the event about the world; if both are right about the same
//! configuration they cannot both be. So this is the loudest thing that a replay can find, and is
//! claimed only where the record itself shows everything that puts it outside: who called, that the
//! dataset was reached, and for networks from where.

use std::collections::BTreeMap;

use cofferdam_authz::call::{Answered, Call, needed};
use cofferdam_authz::caller::{CallerKind, Membership};
use cofferdam_authz::gather::Party;
use cofferdam_catalog::{Class, data_action};
use cofferdam_findings::finding::{Finding, Verdict};
use cofferdam_names::{AccountId, ActionName};
use cofferdam_org::model::Organization;

use super::beyond::{self, BEYOND, Row, may_be_of};
use super::{Told, holds};
use crate::cast::known_as;
use crate::file::{Access, Can, EndpointsDeclared, NetworkDeclared};
use crate::obligations::{Approval, Context};
use crate::scope::Scope;

/// The obligations about data that events are held against.
const ON_DATA: [&str; 4] = [
    "identity.outside-organization",
    "identity.unapproved-principal",
    "network.unexpected-source",
    "resource.public",
];

/// Whether events are held against an obligation.
pub fn is_held(obligation: &str) -> bool {
    ON_DATA.contains(&obligation) || BEYOND.contains(&obligation)
}

/// What was proved of the datasets.
pub struct Proofs<'a> {
    context: Context<'a>,
    scopes: Vec<Scope<'a>>,
    /// By obligation and dataset: the class of actions, empty for all, and the finding.
    proved: BTreeMap<(&'static str, String), Vec<(String, &'a Finding)>>,
    /// Those about other things.
    beyond: Vec<Row<'a>>,
    count: usize,
}

/// One proof that an event contradicts.
#[derive(Clone, Debug)]
pub struct Excluded<'a> {
    /// The finding that was proved.
    pub finding: &'a Finding,
    /// Why the event is outside of it.
    pub why: String,
}

/// One request of an event on a dataset.
struct Reached<'e> {
    party: &'e Party<'e>,
    name: String,
    call: &'e Call,
    action: ActionName,
    classes: Vec<Class>,
}

impl<'a> Proofs<'a> {
    /// Those of a check's findings that an event can contradict. A proof that only a key holds is
    /// about the use of the key too, which a record of the data request does not show.
    pub fn of(context: Context<'a>, findings: &'a [Finding]) -> Proofs<'a> {
        let mut proved: BTreeMap<(&'static str, String), Vec<(String, &Finding)>> = BTreeMap::new();
        let counts = |one: &&Finding| {
            one.verdict == Verdict::Proved && one.held_by.is_none() && is_held(one.obligation)
        };
        let count = findings.iter().filter(counts).count();
        let on_data = |one: &&Finding| counts(one) && ON_DATA.contains(&one.obligation);
        for finding in findings.iter().filter(on_data) {
            let Some(dataset) = finding.dataset.clone() else {
                continue;
            };
            let start = format!("{}:{dataset}", finding.obligation);
            let class = finding.id.strip_prefix(&start).unwrap_or_default();
            let class = class.trim_start_matches(':').to_owned();
            proved
                .entry((finding.obligation, dataset))
                .or_default()
                .push((class, finding));
        }
        let datasets = context.boundary.datasets.iter();
        let scopes: Vec<Scope<'a>> = datasets
            .map(|dataset| Scope::of(context.org, dataset))
            .collect();
        let beyond = findings.iter().filter(counts);
        Proofs {
            beyond: beyond
                .flat_map(|finding| beyond::rows(&context, &scopes, finding))
                .collect(),
            scopes,
            context,
            proved,
            count,
        }
    }

    /// How many proofs there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The names of the datasets that a call reaches.
    pub fn datasets(&self, told: &Told) -> Vec<&str> {
        let all = self.scopes.iter();
        let reached = all.filter(|scope| !actions_on(scope, &told.call).is_empty());
        reached.map(|scope| scope.dataset.name.as_str()).collect()
    }

    /// The proofs that a call that passed contradicts.
    pub fn excluded(&self, told: &Told) -> Vec<Excluded<'a>> {
        let call = &told.call;
        if call.answer != Answered::Passed || told.network_activity {
            return Vec::new();
        }
        let Some(party) = Party::from_text(self.context.org, &call.principal) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for scope in &self.scopes {
            for action in actions_on(scope, call) {
                let known = data_action(action.service(), action.name());
                let reached = Reached {
                    party: &party,
                    name: known_as(&party),
                    call,
                    classes: known.into_iter().flat_map(|one| one.classes()).collect(),
                    action,
                };
                found.extend(self.of_request(scope, &reached, told));
            }
        }
        found.extend(beyond::excluded(&self.context, &self.beyond, &party, told));
        found
    }

    fn of_request(
        &self,
        scope: &Scope<'a>,
        reached: &Reached<'_>,
        told: &Told,
    ) -> Vec<Excluded<'a>> {
        let approval = Approval {
            context: self.context,
            dataset: scope.dataset,
        };
        let mut found = Vec::new();
        for obligation in ON_DATA {
            let key = (obligation, scope.dataset.name.clone());
            for (class, finding) in self.proved.get(&key).into_iter().flatten() {
                let classes = reached.classes.iter().copied();
                let of_class = |one: &Class| class.is_empty() || one.word() == class;
                let classes: Vec<Class> = classes.filter(of_class).collect();
                if classes.is_empty() {
                    continue;
                }
                if let Some(why) = outside(obligation, &approval, reached, &classes, told) {
                    found.push(Excluded { finding, why });
                }
            }
        }
        found
    }
}

/// The actions of a call on a dataset's resources.
fn actions_on(scope: &Scope<'_>, call: &Call) -> Vec<ActionName> {
    let requests = needed(call, None).requests;
    let on = |resource: &str| {
        scope.stores.iter().any(|store| {
            let rest = resource.strip_prefix(store.resource.arn.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let reached = requests
        .into_iter()
        .filter(|one| one.resource.as_deref().is_some_and(on));
    reached.map(|one| one.action).collect()
}

/// Why a request is one that the obligation excludes, if it certainly is.
fn outside(
    obligation: &str,
    approval: &Approval<'_>,
    reached: &Reached<'_>,
    classes: &[Class],
    told: &Told,
) -> Option<String> {
    let anonymous = reached.party.caller.kind == CallerKind::Anonymous;
    let allows = |class: &Class| approval.allows(&reached.name, *class, &reached.action);
    match obligation {
        "resource.public" => anonymous.then(|| "nobody in particular made it".to_owned()),
        "identity.outside-organization" if anonymous => {
            Some("nobody in particular made it".to_owned())
        }
        "identity.outside-organization" => {
            let foreign = reached.party.caller.membership == Membership::Foreign;
            let account = reached.party.caller.account?;
            let perhaps = told.only_account && may_be_approved(approval, account);
            (foreign && !perhaps && !classes.iter().any(allows))
                .then(|| format!("the account {account} of its caller is not of the organization"))
        }
        "identity.unapproved-principal" => {
            let is_member = matches!(reached.party.caller.membership, Membership::Member { .. });
            let is_known = reached.party.principal.is_some()
                || matches!(reached.party.caller.kind, CallerKind::Root(_)) && !told.only_account;
            (is_member && is_known && !classes.iter().any(allows))
                .then(|| format!("{} is not approved for it", reached.name))
        }
        "network.unexpected-source" => elsewhere(approval, reached, classes),
        _ => None,
    }
}

/// Whether an approval may be meant for somebody of an account.
fn may_be_approved(approval: &Approval<'_>, account: AccountId) -> bool {
    let dataset = approval.dataset;
    let access = dataset.access.iter().flat_map(|access| &access.who);
    let mut all = access.chain(&dataset.administrators);
    all.any(|who| may_be_of(approval.context.boundary, &who.who, Some(account)))
}

/// A place that no approval of the caller names. A forwarded call comes from AWS's own network.
fn elsewhere(approval: &Approval<'_>, reached: &Reached<'_>, classes: &[Class]) -> Option<String> {
    if reached.call.forwarded_by.is_some() || reached.party.principal.is_none() {
        return None;
    }
    let covers = |access: &&Access| {
        let can = access.can.iter().any(|can| match can {
            Can::Class(class) => classes.contains(class),
            Can::Action(pattern) => cofferdam_policy::matching::action_matches(
                pattern,
                reached.action.service(),
                reached.action.name(),
            ),
        });
        can && approval.among(&access.who, &reached.name)
    };
    let approved: Vec<&Access> = approval.dataset.access.iter().filter(covers).collect();
    if approved.is_empty() {
        return None;
    }
    let declared = &approval.context.boundary.networks;
    let names = approved.iter().flat_map(|access| &access.from);
    let networks: Vec<&NetworkDeclared> = names.filter_map(|name| declared.get(name)).collect();
    let stated = |name: &str| {
        let found = reached
            .call
            .context
            .iter()
            .find(|(key, _)| key.folded() == name);
        found
            .and_then(|(_, values)| values.first())
            .map(|value| &**value)
    };
    let org = approval.context.org;
    match (stated("aws:sourcevpce"), stated("aws:sourceip")) {
        (Some(id), _) => (!networks
            .iter()
            .any(|network| has_endpoint(org, network, id)))
        .then(|| format!("it came through {id}, which no approval of its caller names")),
        (None, Some(address)) => {
            let address = address.parse().ok()?;
            let inside =
                |network: &&NetworkDeclared| network.cidrs.iter().any(|cidr| holds(cidr, address));
            (!networks.iter().any(inside)).then(|| {
                format!(
                    "it came from {address} on the internet, which no approval of its caller names"
                )
            })
        }
        (None, None) => None,
    }
}

fn has_endpoint(org: &Organization, network: &NetworkDeclared, id: &str) -> bool {
    let read = org.endpoints.iter().find(|endpoint| &*endpoint.id == id);
    let named = match &network.endpoints {
        EndpointsDeclared::These(ids) => ids.iter().any(|one| &**one == id),
        EndpointsDeclared::Organization => read.is_some(),
        EndpointsDeclared::None => false,
    };
    // A VPC may be named in place of its endpoints, and of one that was not read nothing is known.
    let by_vpc = !network.vpcs.is_empty()
        && read.is_none_or(|endpoint| {
            let vpc = endpoint.vpc.present();
            vpc.is_none_or(|vpc| network.vpcs.iter().any(|one| *one.id == **vpc))
        });
    named || by_vpc
}

#[cfg(test)]
mod tests {
    use cofferdam_policy::operand::Network;

    use super::*;

    #[test]
    fn addresses_of_a_network() {
        let network = |address: &str, prefix| Network {
            address: address.parse().unwrap(),
            prefix,
        };
        let office = network("198.51.100.0", 24);
        assert!(holds(&office, "198.51.100.9".parse().unwrap()));
        assert!(!holds(&office, "198.51.101.9".parse().unwrap()));
        assert!(!holds(&office, "::1".parse().unwrap()));
        assert!(holds(
            &network("0.0.0.0", 0),
            "203.0.113.1".parse().unwrap()
        ));
        assert!(holds(
            &network("2001:db8::", 32),
            "2001:db8:1::1".parse().unwrap()
        ));
    }
}
