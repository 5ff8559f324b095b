//! Powers, actors and objects as text, and back.
//!
//! A place in a model changes with the sources; a name does not. Two things of one name are told
//! apart by a number after `#`.

use std::collections::BTreeMap;

use cofferdam_names::AccountId;
use cofferdam_org::model::{Organization, PolicyId};

use crate::catalogue::Edge;
use crate::power::Power;
use crate::setting::{Actor, Object, Setting};

/// Things of one kind, by place and by name.
#[derive(Default)]
struct List {
    names: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl List {
    fn of(names: impl Iterator<Item = String>) -> List {
        let mut list = List::default();
        for (place, name) in names.enumerate() {
            let mut own = name.clone();
            let mut number = 2;
            while list.places.contains_key(&own) {
                own = format!("{name}#{number}");
                number += 1;
            }
            list.places.insert(own.clone(), place);
            list.names.push(own);
        }
        list
    }

    fn name(&self, place: usize) -> String {
        self.names.get(place).cloned().unwrap_or_default()
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }
}

/// The names of everything that attacks are about.
pub struct Names {
    actors: List,
    resources: List,
    trails: List,
    endpoints: List,
    providers: List,
    sets: List,
    compute: List,
    edges: List,
    texts: BTreeMap<PolicyId, String>,
    /// Documents of principals, numbered in the order of their principals.
    inline: BTreeMap<PolicyId, usize>,
    policies: BTreeMap<String, PolicyId>,
    guardrails: BTreeMap<String, PolicyId>,
}

/// Before the number of an inline policy.
const INLINE: &str = "inline-";

/// Before the account in which the attacker made a role.
const MADE: &str = "made-in ";

impl Names {
    /// The names of an organization and of a catalogue.
    pub fn of(setting: &Setting<'_>, edges: &[Edge]) -> Names {
        let org = setting.context.org;
        let actors = setting.context.cast.existing();
        let own = |map: &BTreeMap<Box<str>, PolicyId>| -> BTreeMap<String, PolicyId> {
            map.iter()
                .map(|(name, id)| (name.to_string(), *id))
                .collect()
        };
        let (policies, guardrails) = (own(&org.managed), own(&org.organization_policies));
        let texts = policies.iter().chain(&guardrails);
        Names {
            actors: List::of(actors.map(cofferdam_boundary::cast::known_as)),
            resources: List::of(org.resources.iter().map(|one| one.arn.to_string())),
            trails: List::of(org.trails.iter().map(|one| one.arn.to_string())),
            endpoints: List::of(org.endpoints.iter().map(|one| one.id.to_string())),
            providers: List::of(org.providers.iter().map(ToString::to_string)),
            sets: List::of(org.permission_sets.iter().map(|one| one.arn.to_string())),
            compute: List::of(org.compute.iter().map(|one| one.arn.to_string())),
            edges: List::of(edges.iter().map(|edge| edge.id.clone())),
            inline: inline(org),
            texts: texts.map(|(name, id)| (*id, name.clone())).collect(),
            policies,
            guardrails,
        }
    }

    /// The place of an edge.
    pub fn edge(&self, id: &str) -> Option<usize> {
        self.edges.place(id)
    }

    /// An actor as text.
    pub fn actor(&self, actor: Actor) -> String {
        match actor {
            Actor::Existing(place) => self.actors.name(place),
            Actor::Made(account) => format!("{MADE}{account}"),
        }
    }

    /// The actor that a text stands for.
    pub fn read_actor(&self, text: &str) -> Option<Actor> {
        match text.strip_prefix(MADE) {
            Some(account) => Some(Actor::Made(account.parse().ok()?)),
            None => self.actors.place(text).map(Actor::Existing),
        }
    }

    fn text(&self, id: PolicyId) -> String {
        self.texts.get(&id).cloned().unwrap_or_default()
    }

    fn read_text(&self, name: &str) -> Option<PolicyId> {
        let found = self.policies.get(name);
        found.or_else(|| self.guardrails.get(name)).copied()
    }

    /// Of documents that are nowhere by name, the number counts.
    fn document(&self, id: PolicyId) -> String {
        match self.texts.get(&id) {
            Some(name) => name.clone(),
            None => format!(
                "{INLINE}{}",
                self.inline.get(&id).copied().unwrap_or_default()
            ),
        }
    }

    fn read_document(&self, name: &str) -> Option<PolicyId> {
        let Some(number) = name.strip_prefix(INLINE) else {
            return self.read_text(name);
        };
        let number: usize = number.parse().ok()?;
        let mut such = self.inline.iter().filter(|(_, own)| **own == number);
        such.next().map(|(id, _)| *id)
    }

    /// An object as text.
    pub fn object(&self, object: Object) -> String {
        let (word, name) = match object {
            Object::Principal(place) => ("principal", self.actors.name(place)),
            Object::Policy(id) => ("policy", self.text(id)),
            Object::Guardrail(id) => ("guardrail", self.text(id)),
            Object::Resource(place) => ("resource", self.resources.name(place)),
            Object::Trail(place) => ("trail", self.trails.name(place)),
            Object::Endpoint(place) => ("endpoint", self.endpoints.name(place)),
            Object::Provider(place) => ("provider", self.providers.name(place)),
            Object::PermissionSet(place) => ("permission-set", self.sets.name(place)),
            Object::Compute(place) => ("compute", self.compute.name(place)),
            Object::Account(account) => ("account", account.to_string()),
            Object::Nothing => return "nothing".to_owned(),
        };
        format!("{word} {name}")
    }

    /// The object that a text stands for.
    pub fn read_object(&self, text: &str) -> Option<Object> {
        if text == "nothing" {
            return Some(Object::Nothing);
        }
        let (word, name) = text.split_once(' ')?;
        Some(match word {
            "principal" => Object::Principal(self.actors.place(name)?),
            "policy" => Object::Policy(*self.policies.get(name)?),
            "guardrail" => Object::Guardrail(*self.guardrails.get(name)?),
            "resource" => Object::Resource(self.resources.place(name)?),
            "trail" => Object::Trail(self.trails.place(name)?),
            "endpoint" => Object::Endpoint(self.endpoints.place(name)?),
            "provider" => Object::Provider(self.providers.place(name)?),
            "permission-set" => Object::PermissionSet(self.sets.place(name)?),
            "compute" => Object::Compute(self.compute.place(name)?),
            "account" => Object::Account(name.parse().ok()?),
            _ => return None,
        })
    }

    /// A power as text.
    pub fn power(&self, power: Power) -> String {
        let (actors, resources) = (&self.actors, &self.resources);
        let (word, name) = match power {
            Power::Is(actor) => ("is", self.actor(actor)),
            Power::Identity(place) => ("identity", actors.name(place)),
            Power::Inline(place) => ("inline", actors.name(place)),
            Power::Removed(place, id) => (
                "removed",
                format!("{} {}", self.document(id), actors.name(place)),
            ),
            Power::Boundary(place) => ("boundary", actors.name(place)),
            Power::Tags(place) => ("tags", actors.name(place)),
            Power::Trust(place) => ("trust", actors.name(place)),
            Power::Text(id) => ("text", self.text(id)),
            Power::Guardrails(account) => ("guardrails", account.to_string()),
            Power::Left(account) => ("left", account.to_string()),
            Power::Public(account) => ("public", account.to_string()),
            Power::Own(place) => ("own", resources.name(place)),
            Power::Bare(place) => ("bare", resources.name(place)),
            Power::Floor(place) => ("floor", resources.name(place)),
            Power::Endpoint(place) => ("endpoint", self.endpoints.name(place)),
            Power::Copy(place) => ("copy", resources.name(place)),
            Power::Unkey(place) => ("unkey", resources.name(place)),
            Power::Destroy(place) => ("destroy", resources.name(place)),
            Power::Blind(place) => ("blind", self.trails.name(place)),
            Power::Evidence(place) => ("evidence", resources.name(place)),
            Power::Net(account) => ("net", account.to_string()),
            Power::Silence(edge, account, on) => {
                let (edge, on) = (self.edges.name(edge), self.object(on));
                ("silence", format!("{edge} {account} {on}"))
            }
        };
        format!("{word} {name}")
    }

    /// The power that a text stands for.
    pub fn read_power(&self, text: &str) -> Option<Power> {
        let (word, name) = text.split_once(' ')?;
        let (actor, resource) = (|| self.actors.place(name), || self.resources.place(name));
        let account = |text: &str| text.parse::<AccountId>().ok();
        Some(match word {
            "is" => Power::Is(self.read_actor(name)?),
            "identity" => Power::Identity(actor()?),
            "inline" => Power::Inline(actor()?),
            "removed" => {
                let (document, name) = name.split_once(' ')?;
                let id = self.read_document(document)?;
                Power::Removed(self.actors.place(name)?, id)
            }
            "boundary" => Power::Boundary(actor()?),
            "tags" => Power::Tags(actor()?),
            "trust" => Power::Trust(actor()?),
            "text" => Power::Text(self.read_text(name)?),
            "guardrails" => Power::Guardrails(account(name)?),
            "left" => Power::Left(account(name)?),
            "public" => Power::Public(account(name)?),
            "own" => Power::Own(resource()?),
            "bare" => Power::Bare(resource()?),
            "floor" => Power::Floor(resource()?),
            "endpoint" => Power::Endpoint(self.endpoints.place(name)?),
            "copy" => Power::Copy(resource()?),
            "unkey" => Power::Unkey(resource()?),
            "destroy" => Power::Destroy(resource()?),
            "blind" => Power::Blind(self.trails.place(name)?),
            "evidence" => Power::Evidence(resource()?),
            "net" => Power::Net(account(name)?),
            "silence" => {
                let (edge, name) = name.split_once(' ')?;
                let (name, on) = name.split_once(' ')?;
                let on = self.read_object(on)?;
                Power::Silence(self.edges.place(edge)?, account(name)?, on)
            }
            _ => return None,
        })
    }
}

fn inline(org: &Organization) -> BTreeMap<PolicyId, usize> {
    let mut numbers = BTreeMap::new();
    let principals = org.principals.iter();
    for id in principals.flat_map(|one| one.identity.present().into_iter().flatten()) {
        let next = numbers.len() + 1;
        numbers.entry(*id).or_insert(next);
    }
    numbers
}
