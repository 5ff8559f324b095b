//! `encryption.*`: the key as a second plane, who may use it, and who may change it.

use cofferdam_authz::gather::{Party, Thing};
use cofferdam_authz::symbolic::Wanted;
use cofferdam_catalog::{Class, KeyCheck, data_actions};
use cofferdam_names::ActionName;
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Organization, Resource};

use super::everyone::everyone;
use super::{Approval, Context, Part};
use crate::ask::{Answers, Depth, Raw, ask as put};
use crate::cast::known_as;
use crate::file::{Access, Dataset, Who, WhoAt};
use crate::granted::Grants;
use crate::path::{Path, Request, host_of, is_customer_managed};
use crate::scope::{Scope, Store};

/// Keys of the dataset that were read, and names of those that were not.
fn keys<'a>(org: &'a Organization, dataset: &'a Dataset) -> (Vec<&'a Resource>, Vec<&'a str>) {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for declared in &dataset.keys {
        match org.resource(declared.arn.as_str()) {
            Some(key) => found.push(key),
            None => missing.push(declared.arn.as_str()),
        }
    }
    (found, missing)
}

/// `encryption.second-plane`: every read also needs a key use that the service checks against the
/// caller, and no administrator of the dataset may change that key.
pub fn second_plane<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Vec<Part> {
    if scope.dataset.keys.is_empty() {
        return Vec::new();
    }
    let name = &scope.dataset.name;
    let mut part = Part {
        holds: format!("reading {name} also needs a key that its administrators cannot open"),
        broken: format!("the key is not a second plane for {name}"),
        ..Part::default()
    };
    for store in scope.stores.iter().filter(|store| store.is_itself()) {
        plane_of(context, scope, store, &mut part);
    }
    (part.answers.asked > 0)
        .then_some(part)
        .into_iter()
        .collect()
}

fn plane_of<'a>(context: &Context<'a>, scope: &'a Scope<'a>, store: &Store<'a>, part: &mut Part) {
    part.answers.asked += 1;
    part.answers.well_formed += 1;
    let arn = store.resource.arn.to_string();
    let encryption = match &store.resource.encryption {
        Known::Unknown(why) => return part.answers.miss(arn, why.to_string()),
        Known::Absent => {
            return part
                .answers
                .raw
                .push(flaw(&arn, "it is not under a customer managed key"));
        }
        Known::Present(encryption) => encryption,
    };
    let Some(key) = context.org.key_of(store.resource) else {
        let named = encryption.key.as_deref().unwrap_or("the AWS managed key");
        return match encryption.key {
            None => part.answers.raw.push(flaw(
                &arn,
                "it is under an AWS managed key, which every reader of the account may use",
            )),
            Some(_) => part
                .answers
                .miss(arn, format!("the key {named} was not read")),
        };
    };
    if !is_customer_managed(key)
        || !scope
            .dataset
            .keys
            .iter()
            .any(|declared| declared.arn == key.arn)
    {
        part.answers
            .raw
            .push(flaw(&arn, "its key is not one that the dataset declares"));
    }
    let reads = store
        .groups
        .iter()
        .filter_map(|group| group.only(|action| action.classes.contains(&Class::Read)));
    if reads
        .clone()
        .any(|group| group.key_check == KeyCheck::Service)
    {
        part.answers.raw.push(flaw(
            &arn,
            "its service uses the key by a grant of its own: not a second plane",
        ));
    }
    if store.service == "s3" {
        part.assumptions
            .push(format!("the objects of {arn} are under its default key"));
    }
    part.answers
        .join(administrators_open_key(context, scope, key));
}

fn flaw(arn: &str, why: &str) -> Raw {
    let fix = format!("{arn}: {why}; put it under a customer managed key that others administer");
    Raw::flaw(format!("encryption of {arn}"), fix)
}

fn administrators_open_key<'a>(
    context: &Context<'a>,
    scope: &'a Scope<'a>,
    key: &'a Resource,
) -> Answers {
    let approval = Approval {
        context: *context,
        dataset: scope.dataset,
    };
    let mut answers = Answers::default();
    for party in approval.candidates(&scope.dataset.administrators) {
        if approval.among(&scope.dataset.administrators, &known_as(party)) {
            answers.join(on_key(context, party, key, administration(), None));
        }
    }
    answers
}

/// `encryption.unapproved-key-use`: nobody but those approved for some dataset under the key, and
/// the services it is shared with, may decrypt with it or grant its use.
pub fn unapproved_use<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Vec<Part> {
    let name = &scope.dataset.name;
    let (found, missing) = keys(context.org, scope.dataset);
    let mut part = Part {
        holds: format!("only those approved for the data decrypt with the keys of {name}"),
        broken: format!("somebody who is not approved for the data can use a key of {name}"),
        ..Part::default()
    };
    for key in found {
        let users = users(context, key);
        part.answers.join(everybody_but(
            context,
            scope,
            key,
            &users,
            &[actions(&DECRYPT), actions(&GRANT)],
            true,
        ));
    }
    missing
        .iter()
        .for_each(|key| part.answers.miss(*key, "the key was not read"));
    asked(part)
}

/// `encryption.separate-administration`: nobody but `key-administrators` may change the key's
/// policy, grants, life or replicas.
pub fn separate_administration<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Vec<Part> {
    let name = &scope.dataset.name;
    let (found, missing) = keys(context.org, scope.dataset);
    let mut part = Part {
        holds: format!("only the key administrators can change the keys of {name}"),
        broken: format!("somebody who is no key administrator can change a key of {name}"),
        ..Part::default()
    };
    let administrators: Vec<&WhoAt> = scope.dataset.key_administrators.iter().collect();
    for key in found {
        part.answers.join(everybody_but(
            context,
            scope,
            key,
            &administrators,
            &[administration()],
            false,
        ));
    }
    missing
        .iter()
        .for_each(|key| part.answers.miss(*key, "the key was not read"));
    asked(part)
}

fn asked(part: Part) -> Vec<Part> {
    (part.answers.asked > 0 || !part.answers.missing.is_empty())
        .then_some(part)
        .into_iter()
        .collect()
}

pub(crate) const DECRYPT: [&str; 4] = [
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:DeriveSharedSecret",
    "kms:GenerateDataKeyPair",
];
pub(crate) const GRANT: [&str; 1] = ["kms:CreateGrant"];

/// Names of actions as such.
pub(crate) fn actions(names: &[&str]) -> Vec<ActionName> {
    names
        .iter()
        .filter_map(|name| ActionName::parse(name).ok())
        .collect()
}

/// Actions that change a key's policy, grants, life or replicas.
pub(crate) fn administration() -> Vec<ActionName> {
    let of = |class| data_actions("kms", class);
    let changes = of(Class::Administer).chain(of(Class::Delete));
    let on_key = changes.filter(|action| action.on().any(|on| on == "key"));
    let mut names: Vec<ActionName> = on_key
        .filter_map(|action| ActionName::parse(&format!("kms:{}", action.name())).ok())
        .collect();
    names.retain(|name| !name.name().eq_ignore_ascii_case("RetireGrant"));
    names.sort();
    names.dedup();
    names
}

/// Everybody approved for some dataset under a key, and its administrators for granting.
pub(crate) fn users<'a>(context: &Context<'a>, key: &Resource) -> Vec<&'a WhoAt> {
    let under = |dataset: &&Dataset| dataset.keys.iter().any(|declared| declared.arn == key.arn);
    let datasets = context.boundary.datasets.iter().filter(under);
    datasets
        .flat_map(|dataset| {
            dataset
                .access
                .iter()
                .flat_map(|access: &Access| &access.who)
        })
        .collect()
}

fn everybody_but<'a>(
    context: &Context<'a>,
    scope: &'a Scope<'a>,
    key: &'a Resource,
    but: &[&'a WhoAt],
    questions: &[Vec<ActionName>],
    through_services: bool,
) -> Answers {
    let approval = Approval {
        context: *context,
        dataset: scope.dataset,
    };
    let mut answers = Answers::default();
    let mut hosts: Vec<Option<&'static str>> = vec![None];
    if through_services {
        hosts.extend(
            scope
                .stores
                .iter()
                .map(|store| Some(host_of(store.service))),
        );
    }
    for actions in questions {
        let mut except: Vec<&WhoAt> = but.to_vec();
        if through_services && actions.iter().any(|action| action.name() == "CreateGrant") {
            except.extend(&scope.dataset.key_administrators);
        }
        for host in &hosts {
            let question = OnKey {
                context,
                approval,
                key,
                actions,
                host: *host,
            };
            answers.join(question.everybody_but(&except));
        }
    }
    answers
}

struct OnKey<'q, 'a> {
    context: &'q Context<'a>,
    approval: Approval<'a>,
    key: &'a Resource,
    actions: &'q [ActionName],
    host: Option<&'static str>,
}

impl<'a> OnKey<'_, 'a> {
    fn everybody_but(&self, except: &[&WhoAt]) -> Answers {
        let cast = self.context.cast;
        let mut answers = self.crowd(&cast.outsiders, except);
        answers.join(self.crowd(&cast.anonymous, &[]));
        let inside = everyone(
            (self.context.org, cast),
            Thing::Resource(self.key),
            self.key.account,
            |crowd| self.crowd(crowd, except),
            |party| {
                if self.approval.among_refs(except, &known_as(party)) {
                    return Answers::nothing_to_ask();
                }
                self.one(party)
            },
        );
        answers.join(inside.answers);
        answers
    }

    /// Whether the party was granted none of the actions.
    fn ungranted(&self, party: &'a Party<'a>) -> bool {
        let wanted = Wanted::Exactly(self.key.arn.to_string());
        Grants::on(
            self.context,
            party,
            Thing::Resource(self.key),
            "kms",
            self.host,
        )
        .nothing(self.actions, &wanted)
    }

    fn crowd(&self, party: &'a Party<'a>, except: &[&WhoAt]) -> Answers {
        if self.ungranted(party) {
            return Answers::nothing_to_ask();
        }
        let mut path = Path::new(self.context.org, self.context.cast);
        path.depth = Depth::of(party);
        let made = path.request(
            self.request(party),
            cofferdam_logic::Formula::TRUE,
            self.note(),
        );
        let named: Vec<&WhoAt> = except
            .iter()
            .copied()
            .filter(|who| !matches!(who.who, Who::Service { .. }))
            .collect();
        let excepted = self.approval.is_one_of(&mut path.query, made.hop, &named);
        let others = path.not(excepted);
        let goal = path.all(&[made.allowed, others]);
        put(&mut path, &known_as(party), goal)
    }

    fn one(&self, party: &'a Party<'a>) -> Answers {
        if self.ungranted(party) {
            return Answers::nothing_to_ask();
        }
        let mut path = Path::new(self.context.org, self.context.cast);
        let made = path.request(
            self.request(party),
            cofferdam_logic::Formula::TRUE,
            self.note(),
        );
        put(&mut path, &known_as(party), made.allowed)
    }

    fn request(&self, party: &'a Party<'a>) -> Request<'a> {
        request(party, self.key, self.actions.to_vec(), self.host)
    }

    fn note(&self) -> Option<String> {
        self.host
            .map(|host| format!("made by {host} on the caller's behalf"))
    }
}

fn request<'a>(
    party: &'a Party<'a>,
    key: &'a Resource,
    actions: Vec<ActionName>,
    host: Option<&'static str>,
) -> Request<'a> {
    Request {
        party,
        thing: Thing::Resource(key),
        service: "kms",
        actions,
        wanted: Wanted::Exactly(key.arn.to_string()),
        forwarded_by: host,
        given: Vec::new(),
    }
}

/// One party and one key.
pub(super) fn on_key<'a>(
    context: &Context<'a>,
    party: &'a Party<'a>,
    key: &'a Resource,
    actions: Vec<ActionName>,
    host: Option<&'static str>,
) -> Answers {
    let mut path = Path::new(context.org, context.cast);
    let made = path.request(
        request(party, key, actions, host),
        cofferdam_logic::Formula::TRUE,
        None,
    );
    put(&mut path, &known_as(party), made.allowed)
}
