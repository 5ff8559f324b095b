//! Layers as an attacker leaves them who may write some of what guards a request.
//!
//! What an attacker may write says whatever it likes, so it is taken to allow everything and to
//! refuse nothing: keeping an old statement is always possible, and none of them lets more through
//! than all together. Nothing is compiled again; the layers of a request are gathered as deployed,
//! and the parts that were rewritten are put in their place.

mod removed;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use cofferdam_names::AccountId;
use cofferdam_org::fact::Known;
use cofferdam_org::model::{NamedPolicy, Organization, PolicyId};
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::parse::parse;
use cofferdam_text::Documents;

use crate::caller::CallerKind;
use crate::gather::{Party, Thing, blocked_without, layer_of};
use crate::layers::{IdentitySide, LayerId, Layers, Level, Sheet};

/// What an attacker may write as it likes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rewritten {
    /// The text of these documents, wherever they are attached.
    pub texts: BTreeSet<PolicyId>,
    /// The identity policies of these users and roles, by ARN: it may attach any.
    pub identities: BTreeSet<Box<str>>,
    /// Their inline policies, which an attacker that puts one may write over.
    pub inlines: BTreeSet<Box<str>>,
    /// Documents that it may take from them, by the ARN of whom.
    pub removed: BTreeMap<Box<str>, BTreeSet<PolicyId>>,
    /// Their permissions boundaries.
    pub boundaries: BTreeSet<Box<str>>,
    /// Their tags.
    pub tags: BTreeSet<Box<str>>,
    /// The own policies of these resources, keys and (as trust policies) roles, by ARN.
    pub own: BTreeSet<Box<str>>,
    /// The resources, by ARN, whose policy it may delete.
    pub bare: BTreeSet<Box<str>>,
    /// The buckets, by ARN, whose own block of public access it takes off.
    pub floors: BTreeSet<Box<str>>,
    /// The accounts whose block of public access it takes off.
    pub public: BTreeSet<AccountId>,
    /// The organization policies that bind these accounts.
    pub guardrails: BTreeSet<AccountId>,
    /// The policies of these endpoints, by id.
    pub endpoints: BTreeSet<Box<str>>,
}

impl Rewritten {
    /// Whether nothing was.
    pub fn is_empty(&self) -> bool {
        *self == Rewritten::default()
    }

    /// Whether sessions of a caller carry whatever tags an attacker likes.
    pub fn tags_of(&self, party: &Party<'_>) -> bool {
        principal_of(party).is_some_and(|arn| self.tags.contains(arn))
    }

    /// What of it can touch a request: things of these names, callers of these names, and what
    /// binds these accounts. Documents and endpoints may touch any.
    pub fn only(
        &self,
        things: &[&str],
        principals: &[&str],
        accounts: impl IntoIterator<Item = AccountId>,
    ) -> Rewritten {
        let named = |set: &BTreeSet<Box<str>>, names: &[&str]| {
            let names = names.iter().filter(|name| set.contains(**name));
            names.map(|name| Box::from(*name)).collect()
        };
        let bound: BTreeSet<AccountId> = accounts.into_iter().collect();
        Rewritten {
            texts: self.texts.clone(),
            identities: named(&self.identities, principals),
            inlines: named(&self.inlines, principals),
            removed: self.removed_from(principals),
            boundaries: named(&self.boundaries, principals),
            tags: named(&self.tags, principals),
            own: named(&self.own, things),
            bare: named(&self.bare, things),
            floors: named(&self.floors, things),
            public: &self.public & &bound,
            guardrails: &self.guardrails & &bound,
            endpoints: self.endpoints.clone(),
        }
    }

    /// The same without what is rewritten of principals.
    pub fn of_nobody(&self) -> Rewritten {
        Rewritten {
            texts: self.texts.clone(),
            own: self.own.clone(),
            bare: self.bare.clone(),
            floors: self.floors.clone(),
            public: self.public.clone(),
            guardrails: self.guardrails.clone(),
            endpoints: self.endpoints.clone(),
            ..Rewritten::default()
        }
    }

    /// The layers of a request after the rewrite.
    pub fn after<'a>(
        &self,
        org: &'a Organization,
        party: &Party<'a>,
        thing: Thing<'a>,
        mut layers: Layers<'a>,
    ) -> Layers<'a> {
        if self.is_empty() {
            return layers;
        }
        if party
            .caller
            .account
            .is_some_and(|account| self.guardrails.contains(&account))
        {
            layers.service_control = None;
        }
        if owner_of(thing).is_some_and(|account| self.guardrails.contains(&account)) {
            layers.resource_control = None;
        }
        for levels in [&mut layers.service_control, &mut layers.resource_control] {
            if let Some(Known::Present(levels)) = levels {
                self.levels(org, levels);
            }
        }
        self.identity(org, party, &mut layers);
        self.unblock(org, thing, &mut layers);
        self.own_policy(org, thing, &mut layers);
        for endpoint in &mut layers.endpoints {
            let written = self.endpoints.contains(endpoint.id);
            if written || self.is_written(org, &endpoint.policy) {
                endpoint.policy = Known::Absent;
            }
        }
        layers
    }

    fn levels(&self, org: &Organization, levels: &mut [Level<'_>]) {
        for level in levels {
            if let Known::Present(sheets) = &mut level.sheets {
                self.sheets(org, sheets);
            }
        }
    }

    /// Puts the attacker's document in the place of each that it may write.
    fn sheets(&self, org: &Organization, sheets: &mut [Sheet<'_>]) {
        for sheet in sheets {
            if self.has_text(org, sheet.policy) {
                sheet.policy = &EVERYTHING;
            }
        }
    }

    fn has_text(&self, org: &Organization, policy: &NamedPolicy) -> bool {
        self.texts
            .iter()
            .any(|id| std::ptr::eq(org.policies.get(*id), policy))
    }

    fn is_written(&self, org: &Organization, sheet: &Known<Sheet<'_>>) -> bool {
        sheet
            .present()
            .is_some_and(|sheet| self.has_text(org, sheet.policy))
    }

    fn identity(&self, org: &Organization, party: &Party<'_>, layers: &mut Layers<'_>) {
        let named = principal_of(party);
        if let Some(arn) = named {
            self.remove(org, arn, &mut layers.identity);
        }
        if let Some(arn) = named.filter(|arn| self.identities.contains(*arn)) {
            self.widen(org, arn, &mut layers.identity);
        }
        if let IdentitySide::Policies(Known::Present(sheets))
        | IdentitySide::AllBut(Known::Present(sheets)) = &mut layers.identity
        {
            self.sheets(org, sheets);
        }
        let free = named.is_some_and(|arn| self.boundaries.contains(arn));
        if free || self.is_written(org, &layers.boundary) {
            layers.boundary = Known::Absent;
        }
    }

    /// What an attacker attaches allows everything, and takes no denial away that stands beside it.
    fn widen<'a>(&self, org: &Organization, arn: &str, identity: &mut IdentitySide<'a>) {
        let (IdentitySide::Policies(sheets) | IdentitySide::AllBut(sheets)) = identity else {
            return;
        };
        let mut beside: Known<Vec<Sheet<'a>>> = sheets.clone();
        if self.inlines.contains(arn)
            && let Known::Present(sheets) = &mut beside
        {
            sheets
                .retain(|sheet| is_managed(org, sheet.policy) || is_shared(org, arn, sheet.policy));
        }
        *identity = IdentitySide::AllBut(beside);
    }

    /// Of several blocks of public access each holds without the others ("Blocking public access to
    /// your Amazon S3 storage"). What is asked through an access point stays held back by all.
    fn unblock<'a>(&self, org: &'a Organization, thing: Thing<'a>, layers: &mut Layers<'a>) {
        let Thing::Resource(resource) = thing else {
            return;
        };
        let off = [
            self.floors.contains(resource.arn.as_str()),
            self.public.contains(&resource.account),
        ];
        if let Some([restricts, ignores]) =
            blocked_without(org, resource, off).filter(|_| off.contains(&true))
        {
            layers.restrict_public = restricts;
            layers.ignore_public_acls = ignores;
        }
    }

    /// An attacker names its own account, so what keeps the public out is no matter.
    fn own_policy<'a>(&self, org: &Organization, thing: Thing<'a>, layers: &mut Layers<'a>) {
        let (layer, target) = match thing {
            Thing::Resource(resource) | Thing::Behind(resource, _) => {
                (layer_of(resource), resource.arn.as_str())
            }
            Thing::Role(role) => (LayerId::Trust, role.arn.as_str()),
            Thing::Elsewhere | Thing::Nothing | Thing::Kept(_) | Thing::Owned(_) => return,
        };
        if self.own.contains(target) || self.is_written(org, &layers.resource) {
            layers.resource = Known::Present(Sheet {
                layer,
                target,
                policy: &EVERYBODY,
            });
            layers.restrict_public = Known::Present(false);
        } else if self.bare.contains(target) {
            layers.resource = Known::Absent;
        }
    }
}

/// The user or role behind a caller, as policies are attached to it.
fn principal_of<'p>(party: &'p Party<'_>) -> Option<&'p str> {
    match &party.caller.kind {
        CallerKind::User(arn) => Some(arn.as_str()),
        CallerKind::Role { role, .. } => Some(role.as_str()),
        _ => None,
    }
}

fn is_managed(org: &Organization, policy: &NamedPolicy) -> bool {
    org.managed
        .values()
        .any(|id| std::ptr::eq(org.policies.get(*id), policy))
}

/// Whether a document is a group's, which nothing done to the user's own policies touches.
fn is_shared(org: &Organization, arn: &str, policy: &NamedPolicy) -> bool {
    let principal = org.principal(arn);
    let mut shared = principal.iter().flat_map(|one| &one.of_groups);
    shared.any(|id| std::ptr::eq(org.policies.get(*id), policy))
}

fn owner_of(thing: Thing<'_>) -> Option<AccountId> {
    match thing {
        Thing::Resource(resource) | Thing::Behind(resource, _) => Some(resource.account),
        Thing::Role(role) | Thing::Kept(role) => Some(role.account),
        Thing::Owned(account) => Some(account),
        Thing::Elsewhere | Thing::Nothing => None,
    }
}

/// What an attacker attaches to principals and nodes: every action on everything.
static EVERYTHING: LazyLock<NamedPolicy> = LazyLock::new(|| {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    written(text, PolicyKind::Identity)
});

/// What an attacker attaches to a resource: everybody may do everything with it.
static EVERYBODY: LazyLock<NamedPolicy> = LazyLock::new(|| {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}"#;
    written(text, PolicyKind::Resource)
});

fn written(text: &str, kind: PolicyKind) -> NamedPolicy {
    let read = Documents::new().read_json(WRITTEN, text.as_bytes().to_vec());
    NamedPolicy {
        name: WRITTEN.into(),
        document: read.map_or(Known::Absent, |node| Known::Present(parse(&node, kind).0)),
        origin: None,
    }
}

/// The name of every document that an attacker wrote; its statements lie in no file.
pub const WRITTEN: &str = "what the attacker wrote";
