//! Policies to lint: those of files, and those of a whole organization.
//!
//! Both come to the same: a document that was read, its kind, and the service that stores it. What
//! the lints say of it does not depend on where it came from.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_findings::finding::Missing;
use cofferdam_findings::lint::{Linted, Lints, Remark};
use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{Attached, Organization, PolicyId, Resource};
use cofferdam_policy::ast::{ActionPattern, Actions, Policy};
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::lint::{self, Subject};
use cofferdam_policy::parse::parse;
use cofferdam_text::{Diagnostic, Documents, Node, Severity};

use crate::document;

/// One policy document.
pub struct Document {
    /// What people call it.
    pub name: String,
    /// The document.
    pub tree: Node,
    /// Its kind.
    pub kind: PolicyKind,
    /// Whether the kind was guessed.
    pub guessed: bool,
    /// The service that stores it, where a source says so.
    pub service: Option<String>,
}

/// What is wrong with one policy.
pub fn lint(document: &Document, known: &lint::Known, documents: &Documents) -> Linted {
    let (policy, said) = parse(&document.tree, document.kind);
    let text = stored(&document.tree, documents);
    let service = document.service.clone().or_else(|| only_service(&policy));
    let subject = Subject {
        policy: &policy,
        tree: &document.tree,
        kind: document.kind,
        text: Some(&text),
        service: service.as_deref(),
        known,
    };
    let said = said.into_iter().map(read);
    let linted = lint::lint(&subject).into_iter().map(|said| Remark {
        rule: said.rule,
        statement: said.statement,
        diagnostic: said.diagnostic,
    });
    let mut remarks: Vec<Remark> = said.chain(linted).collect();
    remarks.sort_by_key(|remark| remark.diagnostic.origin);
    Linted {
        name: document.name.clone(),
        kind: document.kind.word(),
        guessed: document.guessed,
        origin: document.tree.origin,
        remarks,
    }
}

/// What the reader says: it refuses what AWS refuses, and warns of what AWS does not document.
fn read(mut diagnostic: Diagnostic) -> Remark {
    let (rule, help) = match diagnostic.severity {
        Severity::Error => (
            "grammar",
            "AWS stores no policy with this: change it before it is sent",
        ),
        Severity::Warning => (
            "unclear",
            "write it in a form that AWS documents, so that it means one thing",
        ),
    };
    diagnostic.help.get_or_insert_with(|| help.to_owned());
    Remark {
        rule,
        statement: None,
        diagnostic,
    }
}

/// The document as AWS would store it: as it is where it is JSON, and without spaces where it was
/// written in YAML.
fn stored(tree: &Node, documents: &Documents) -> String {
    let text = documents.text(tree.origin.document());
    let span = tree.origin.span();
    match text.get(span.start as usize..span.end as usize) {
        Some(text) if text.starts_with('{') => text.to_owned(),
        _ => tree.to_json(),
    }
}

/// The kind of a document from a file: a resource policy that speaks of nothing but KMS is a key
/// policy, whose grammar is stricter.
pub fn narrowed(kind: PolicyKind, tree: &Node) -> PolicyKind {
    let (policy, _) = parse(tree, kind);
    match (kind, only_service(&policy).as_deref()) {
        (PolicyKind::Resource, Some("kms")) => PolicyKind::Key,
        _ => kind,
    }
}

/// The one service that all statements speak of.
fn only_service(policy: &Policy) -> Option<String> {
    let mut services = BTreeSet::new();
    for statement in &policy.statements {
        let (Actions::Only(patterns) | Actions::Except(patterns)) = &statement.actions;
        for pattern in patterns {
            match pattern {
                ActionPattern::Of { service, .. } => services.insert(service.to_string()),
                _ => return None,
            };
        }
    }
    match services.len() {
        1 => services.pop_first(),
        _ => None,
    }
}

/// Ids that all endpoints of the sources have, if all of them are known.
pub fn known(organization: &Organization) -> lint::Known {
    let unlisted = organization.gaps.iter().any(|gap| gap.1 == Kind::Endpoint);
    let mut ids = BTreeSet::new();
    for endpoint in &organization.endpoints {
        ids.insert(endpoint.id.clone());
        match &endpoint.vpc {
            Known::Present(vpc) => drop(ids.insert(vpc.clone())),
            Known::Absent => {}
            Known::Unknown(_) => return lint::Known::default(),
        }
    }
    lint::Known {
        endpoints: (!unlisted).then_some(ids),
    }
}

/// Every policy of an organization that its owner can change.
pub fn organization(organization: &Organization, documents: &Documents) -> Lints {
    let known = known(organization);
    let mut lints = Lints::default();
    for (id, found) in found(organization) {
        let policy = organization.policies.get(id);
        let tree = policy.origin.and_then(|origin| documents.node(origin));
        match (&policy.document, tree) {
            _ if found.of_aws => lints.left_out += 1,
            (Known::Present(_), Some(tree)) => {
                let kind = found
                    .kind
                    .unwrap_or_else(|| document::of_organization(&tree));
                let document = Document {
                    name: policy.name.to_string(),
                    tree,
                    kind,
                    guessed: false,
                    service: found.service,
                };
                lints.policies.push(lint(&document, &known, documents));
            }
            (document, _) => lints.unread.push(Missing {
                key: policy.name.to_string(),
                why: match document {
                    Known::Unknown(why) => why.to_string(),
                    _ => "its text is not kept".to_owned(),
                },
                origin: policy.origin,
            }),
        }
    }
    lints
        .policies
        .sort_by(|one, other| (one.kind, &one.name).cmp(&(other.kind, &other.name)));
    lints
}

/// What an organization says of one policy.
#[derive(Default)]
struct Found {
    kind: Option<PolicyKind>,
    service: Option<String>,
    of_aws: bool,
}

fn found(organization: &Organization) -> BTreeMap<PolicyId, Found> {
    let mut all: BTreeMap<PolicyId, Found> = BTreeMap::new();
    let mut note = |id: &PolicyId, kind: PolicyKind| {
        all.entry(*id).or_default().kind.get_or_insert(kind);
    };
    let units = organization.units.values().map(|unit| &unit.attached);
    let accounts = organization
        .accounts
        .values()
        .map(|account| &account.attached);
    for attached in units.chain(accounts) {
        each_attached(attached, &mut note);
    }
    for principal in &organization.principals {
        let identity = principal.identity.present().into_iter().flatten();
        identity.for_each(|id| note(id, PolicyKind::Identity));
        let boundary = principal.boundary.present().into_iter();
        boundary.for_each(|id| note(id, PolicyKind::PermissionsBoundary));
        let trust = principal.trust.present().into_iter();
        trust.for_each(|id| note(id, PolicyKind::Trust));
    }
    for endpoint in &organization.endpoints {
        let policy = endpoint.policy.present().into_iter();
        policy.for_each(|id| note(id, PolicyKind::Endpoint));
    }
    organization
        .managed
        .values()
        .for_each(|id| note(id, PolicyKind::Identity));
    for resource in &organization.resources {
        if let Some(id) = resource.policy.present() {
            all.entry(*id).or_insert_with(|| of_resource(resource));
        }
    }
    of_aws(organization, &mut all);
    all
}

fn each_attached(attached: &Attached, note: &mut impl FnMut(&PolicyId, PolicyKind)) {
    let control = attached.service_control.present().into_iter().flatten();
    control.for_each(|id| note(id, PolicyKind::ServiceControl));
    let control = attached.resource_control.present().into_iter().flatten();
    control.for_each(|id| note(id, PolicyKind::ResourceControl));
}

fn of_resource(resource: &Resource) -> Found {
    let managed = match &resource.details {
        cofferdam_org::model::Details::Key(key) => key.aws_managed.present() == Some(&true),
        _ => false,
    };
    Found {
        kind: Some(match resource.kind {
            Kind::Key => PolicyKind::Key,
            _ => PolicyKind::Resource,
        }),
        service: Some(resource.arn.service().to_owned()),
        of_aws: managed,
    }
}

/// Marks what AWS itself wrote ("AWS managed policies"; FullAWSAccess and RCPFullAWSAccess).
fn of_aws(organization: &Organization, all: &mut BTreeMap<PolicyId, Found>) {
    let managed = organization.managed.iter();
    let managed = managed.filter(|(arn, _)| arn.contains(":iam::aws:policy/"));
    let full = ["p-FullAWSAccess", "p-RCPFullAWSAccess"];
    let attached = organization.organization_policies.iter();
    for (id, policy) in attached {
        all.entry(*policy).or_default().of_aws |= full.contains(&&**id);
    }
    for (_, policy) in managed {
        all.entry(*policy).or_default().of_aws = true;
    }
}
