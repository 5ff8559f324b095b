//! The controls of an organization: every deployed thing whose removal could open a path.
//!
//! A Deny is removed whole. An Allow loses its conditions, which is how statements are widened in
//! practice. Switches are switched off, attachments detached, selectors left out. Nothing on disk
//! changes: a control is taken out of a copy of the organization in memory.

use std::collections::BTreeMap;

use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{
    AdvancedSelector, BucketDetails, Details, Organization, PolicyId, PublicAccessBlock, Selectors,
};
use cofferdam_policy::ast::{Effect, Statement};

/// The part of the defence that a control belongs to. Within one part, controls hold together; a
/// path that two parts close stays closed if either of them goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Service control policies.
    ServiceControl,
    /// Resource control policies.
    ResourceControl,
    /// Identity policies.
    Identity,
    /// Permissions boundaries.
    PermissionsBoundary,
    /// Trust policies.
    Trust,
    /// Policies of resources.
    Resource,
    /// S3 block public access.
    PublicAccess,
    /// Key policies.
    Key,
    /// Endpoint policies.
    Endpoint,
    /// Trails and the archive's lock.
    Audit,
}

impl Part {
    /// Every part, in the order in which requests meet them.
    pub const ALL: [Part; 10] = [
        Part::ServiceControl,
        Part::ResourceControl,
        Part::Identity,
        Part::PermissionsBoundary,
        Part::Trust,
        Part::Resource,
        Part::PublicAccess,
        Part::Key,
        Part::Endpoint,
        Part::Audit,
    ];

    fn singular(self) -> &'static str {
        match self {
            Part::Endpoint => "endpoint",
            _ => "trust",
        }
    }

    /// What people call it.
    pub fn words(self) -> &'static str {
        match self {
            Part::ServiceControl => "service control policies",
            Part::ResourceControl => "resource control policies",
            Part::Identity => "identity policies",
            Part::PermissionsBoundary => "permissions boundaries",
            Part::Trust => "trust policies",
            Part::Resource => "resource policies",
            Part::PublicAccess => "block public access",
            Part::Key => "key policies",
            Part::Endpoint => "endpoint policies",
            Part::Audit => "trails and locks",
        }
    }
}

/// A control, and how it is taken away.
#[derive(Clone, Debug)]
pub struct Control {
    /// What people call the document or thing.
    pub document: String,
    /// Which statement, switch or selector of it.
    pub name: String,
    /// What is done to it, in words.
    pub removal: &'static str,
    /// The part of the defence.
    pub part: Part,
    edit: Edit,
}

#[derive(Clone, Debug)]
enum Edit {
    /// Deletes a statement.
    Statement(PolicyId, u32),
    /// Deletes the conditions of a statement.
    Conditions(PolicyId, u32),
    /// Detaches the permissions boundary of a principal.
    Boundary(usize),
    /// Switches block public access off in a bucket.
    BucketBlock(usize),
    /// Switches block public access off in an account.
    AccountBlock(usize),
    /// Switches Object Lock off.
    Lock(usize),
    /// Leaves out a selector of a trail.
    Selector(usize, usize),
    /// Stops a trail.
    Trail(usize),
}

impl Control {
    /// A name that is its own: the control, and where it lies.
    pub fn label(&self) -> String {
        format!("{} of {}", self.name, self.document)
    }

    /// Part, document, name and removal: what tells it from the others.
    pub fn words(&self) -> [String; 4] {
        [
            self.part.words().to_owned(),
            self.document.clone(),
            self.name.clone(),
            self.removal.to_owned(),
        ]
    }

    /// The statement that is deleted or widened, if it is one.
    pub fn statement<'o>(&self, org: &'o Organization) -> Option<&'o Statement> {
        let (Edit::Statement(id, index) | Edit::Conditions(id, index)) = self.edit else {
            return None;
        };
        let document = org.policies.get(id).document.present()?;
        document
            .statements
            .iter()
            .find(|statement| statement.index == index)
    }

    /// Takes it out of an organization.
    pub fn remove(&self, org: &mut Organization) {
        match self.edit {
            Edit::Statement(id, index) => statements(org, id, |all| {
                all.retain(|statement| statement.index != index);
            }),
            Edit::Conditions(id, index) => statements(org, id, |all| {
                let named = all.iter_mut().filter(|statement| statement.index == index);
                named.for_each(|statement| statement.conditions.clear());
            }),
            Edit::Boundary(at) => {
                with(org.principals.get_mut(at), |it| it.boundary = Known::Absent)
            }
            Edit::AccountBlock(at) => with(org.accounts.values_mut().nth(at), |account| {
                account.public_access_block = Known::Present(PublicAccessBlock::default());
            }),
            Edit::BucketBlock(at) => bucket(org, at, |details| {
                details.public_access_block = Known::Present(PublicAccessBlock::default());
            }),
            Edit::Lock(at) => bucket(org, at, |details| details.object_lock = Known::Absent),
            Edit::Selector(trail, selector) => with(org.trails.get_mut(trail), |trail| {
                if let Known::Present(selectors) = &mut trail.selectors {
                    leave_out(selectors, selector);
                }
            }),
            Edit::Trail(at) => with(org.trails.get_mut(at), |it| {
                it.logging = Known::Present(false)
            }),
        }
    }
}

/// A copy of an organization without some of its controls.
pub fn without<'c>(
    org: &Organization,
    controls: impl IntoIterator<Item = &'c Control>,
) -> Organization {
    let mut copy = org.clone();
    controls
        .into_iter()
        .for_each(|control| control.remove(&mut copy));
    copy
}

fn with<T>(thing: Option<&mut T>, change: impl FnOnce(&mut T)) {
    if let Some(thing) = thing {
        change(thing);
    }
}

/// Changes the statements of a document.
pub fn statements(org: &mut Organization, id: PolicyId, change: impl FnOnce(&mut Vec<Statement>)) {
    if let Known::Present(policy) = &mut org.policies.get_mut(id).document {
        let mut all = policy.statements.to_vec();
        change(&mut all);
        policy.statements = all.into();
    }
}

fn bucket(org: &mut Organization, at: usize, change: impl FnOnce(&mut BucketDetails)) {
    if let Some(Details::Bucket(details)) = org.resources.get_mut(at).map(|it| &mut it.details) {
        change(details);
    }
}

fn leave_out(selectors: &mut Selectors, at: usize) {
    match selectors {
        Selectors::Basic(all) if at < all.len() => drop(all.remove(at)),
        Selectors::Advanced(all) if at < all.len() => drop(all.remove(at)),
        Selectors::Basic(_) | Selectors::Advanced(_) => {}
    }
}

/// Every control of an organization: documents in the order of their parts, then switches.
pub fn controls(org: &Organization) -> Vec<Control> {
    let mut found: Vec<Control> = documents(org)
        .iter()
        .flat_map(|document| of_document(org, document))
        .collect();
    found.sort_by_key(|control| control.part);
    found.extend(switches(org));
    found
}

/// An attached policy document.
pub struct Document {
    /// Its place.
    pub id: PolicyId,
    /// What people call it, so that no two have one name.
    pub name: String,
    /// The part that it belongs to.
    pub part: Part,
}

/// Every attached document, each once.
pub fn documents(org: &Organization) -> Vec<Document> {
    let mut found: BTreeMap<PolicyId, Document> = BTreeMap::new();
    let mut add = |ids: &[PolicyId], part: Part, owner: Option<&str>| {
        for id in ids {
            let name = match owner {
                Some(owner) => format!("{} policy of {owner}", part.singular()),
                None => org.policies.get(*id).name.to_string(),
            };
            found.entry(*id).or_insert(Document {
                id: *id,
                name,
                part,
            });
        }
    };
    let units = org.units.values().map(|unit| &unit.attached);
    for attached in units.chain(org.accounts.values().map(|account| &account.attached)) {
        add(many(&attached.service_control), Part::ServiceControl, None);
        add(
            many(&attached.resource_control),
            Part::ResourceControl,
            None,
        );
    }
    for principal in &org.principals {
        add(one(&principal.boundary), Part::PermissionsBoundary, None);
        add(
            one(&principal.trust),
            Part::Trust,
            Some(principal.arn.as_str()),
        );
        add(many(&principal.identity), Part::Identity, None);
    }
    for resource in &org.resources {
        let part = match resource.kind {
            Kind::Key => Part::Key,
            _ => Part::Resource,
        };
        add(one(&resource.policy), part, None);
    }
    for endpoint in &org.endpoints {
        let owner = format!("{} ({})", endpoint.id, endpoint.service);
        add(one(&endpoint.policy), Part::Endpoint, Some(&owner));
    }
    found.into_values().collect()
}

fn many(ids: &Known<Vec<PolicyId>>) -> &[PolicyId] {
    ids.present().map_or(&[], Vec::as_slice)
}

fn one(id: &Known<PolicyId>) -> &[PolicyId] {
    id.present().map_or(&[], std::slice::from_ref)
}

/// What of a document protects: each Deny, and what narrows an Allow that lets others in.
fn of_document(org: &Organization, document: &Document) -> Vec<Control> {
    let Document { id, part, .. } = *document;
    let policy = org.policies.get(id).document.present();
    let statements = policy.map(|policy| &policy.statements);
    let statements = statements.into_iter().flatten();
    statements
        .filter_map(|statement| {
            let (removal, edit) = match statement.effect {
                Effect::Deny => ("deleted", Edit::Statement(id, statement.index)),
                Effect::Allow if statement.conditions.is_empty() || !is_narrowed(part) => {
                    return None;
                }
                Effect::Allow => ("conditions deleted", Edit::Conditions(id, statement.index)),
            };
            Some(Control {
                document: document.name.clone(),
                name: name_of(statement),
                removal,
                part,
                edit,
            })
        })
        .collect()
}

/// Whether the conditions of an Allow keep others out. Those of identity policies and permissions
/// boundaries speak of what their own principal may do, which no layer of this table relies on.
fn is_narrowed(part: Part) -> bool {
    matches!(
        part,
        Part::Trust | Part::Resource | Part::Key | Part::Endpoint
    )
}

fn name_of(statement: &Statement) -> String {
    match &statement.sid {
        Some(sid) => sid.to_string(),
        None => format!("statement {}", statement.index),
    }
}

/// What protects without being a statement.
fn switches(org: &Organization) -> Vec<Control> {
    let mut found = Vec::new();
    let mut add = |document: String, name: &str, removal, part, edit| {
        let name = name.to_owned();
        found.push(Control {
            document,
            name,
            removal,
            part,
            edit,
        });
    };
    for (at, principal) in org.principals.iter().enumerate() {
        if principal.boundary.present().is_some() {
            let (part, edit) = (Part::PermissionsBoundary, Edit::Boundary(at));
            add(
                principal.arn.to_string(),
                "permissions boundary",
                "detached",
                part,
                edit,
            );
        }
    }
    let name = "block public access";
    for (at, account) in org.accounts.values().enumerate() {
        if account.public_access_block.present().is_some() {
            let (part, edit) = (Part::PublicAccess, Edit::AccountBlock(at));
            add(
                format!("account {}", account.id),
                name,
                "switched off",
                part,
                edit,
            );
        }
    }
    for (at, resource) in org.resources.iter().enumerate() {
        let Details::Bucket(details) = &resource.details else {
            continue;
        };
        if details.public_access_block.present().is_some() {
            let (part, edit) = (Part::PublicAccess, Edit::BucketBlock(at));
            add(resource.arn.to_string(), name, "switched off", part, edit);
        }
        if details.object_lock.present().is_some() {
            add(
                resource.arn.to_string(),
                "Object Lock",
                "switched off",
                Part::Audit,
                Edit::Lock(at),
            );
        }
    }
    for (at, trail) in org.trails.iter().enumerate() {
        add(
            trail.arn.to_string(),
            "logging",
            "stopped",
            Part::Audit,
            Edit::Trail(at),
        );
        for (number, name) in selectors(&trail.selectors).into_iter().enumerate() {
            let edit = Edit::Selector(at, number);
            add(trail.arn.to_string(), &name, "left out", Part::Audit, edit);
        }
    }
    found
}

fn selectors(selectors: &Known<Selectors>) -> Vec<String> {
    match selectors.present() {
        Some(Selectors::Basic(all)) => (0..all.len())
            .map(|number| format!("selector {number}"))
            .collect(),
        Some(Selectors::Advanced(all)) => {
            let name = |(number, one): (usize, &AdvancedSelector)| match &one.name {
                Some(name) => format!("selector {name}"),
                None => format!("selector {number}"),
            };
            all.iter().enumerate().map(name).collect()
        }
        None => Vec::new(),
    }
}
