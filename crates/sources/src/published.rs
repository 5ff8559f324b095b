//! Documents of AWS managed policies that are attached and that no source holds.
//!
//! A snapshot made without the right to read them names them by ARN alone. The catalogue holds what
//! they said on a day, and that is stated here as a fact like any other, marked as dated: a verdict
//! that rests on one then says so. A document that a source holds always counts before it.
//!
//! The two policies that AWS attaches to every unit and account of an organization by default say
//! the same since they exist, and nobody can change them: they need no date.

use std::collections::BTreeSet;

use cofferdam_catalog::{managed_policy, table};
use cofferdam_org::fact::{Attribute, Entity, Facts, Kind, Known};
use cofferdam_text::{Diagnostic, Documents, Node, Severity};

/// States the documents that are known to the catalogue alone, and says that it does.
pub(crate) fn managed(facts: &mut Facts, documents: &mut Documents) -> Option<Diagnostic> {
    let mut used = Vec::new();
    for arn in attached(facts) {
        let entity = Entity::new(Kind::ManagedPolicy, arn.as_str());
        let held = facts.get(&entity, Attribute::Document).present().is_some();
        if let Some(node) = (!held).then(|| published(&arn, documents)).flatten() {
            state(facts, entity, &node);
            used.push(arn);
        }
    }
    (!used.is_empty()).then(|| said(&used))
}

/// The id, name, type and text of the policies that AWS attaches by default ("Service control
/// policies (SCPs)" and "Resource control policies (RCPs)", AWS Organizations user guide, read on
/// 2026-11-22).
const EVERYTHING: [(&str, &str, &str, &str); 2] = [
    (
        "p-FullAWSAccess",
        "FullAWSAccess",
        "SERVICE_CONTROL_POLICY",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    ),
    (
        "p-RCPFullAWSAccess",
        "RCPFullAWSAccess",
        "RESOURCE_CONTROL_POLICY",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
    ),
];

/// States what the policies say that allow everything, where they are attached and no source holds
/// them.
pub(crate) fn everything(facts: &mut Facts, documents: &mut Documents) {
    for (id, name, kind, document) in EVERYTHING {
        let entity = Entity::new(Kind::OrganizationPolicy, id);
        let known = facts.get(&entity, Attribute::Exists).present().is_some();
        let held = facts.get(&entity, Attribute::Document).present().is_some();
        if !known || held {
            continue;
        }
        let file = format!("{name}, which AWS attaches by default");
        let text =
            format!("{{\"Name\": \"{name}\", \"Type\": \"{kind}\", \"Document\":\n{document}}}\n");
        let Ok(node) = documents.read_json(&file, text.into_bytes()) else {
            continue;
        };
        let attributes = [
            (Attribute::Name, "Name"),
            (Attribute::PolicyType, "Type"),
            (Attribute::Document, "Document"),
        ];
        stated(facts, &entity, &node, &attributes);
    }
}

/// Names that are said before the rest is only counted.
const SAID_MAX: usize = 3;

fn said(used: &[String]) -> Diagnostic {
    let some: Vec<&str> = used.iter().take(SAID_MAX).map(String::as_str).collect();
    let more = match used.len().saturating_sub(SAID_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let as_of = table("managed_policies").map_or("", |table| table.as_of);
    Diagnostic {
        severity: Severity::Warning,
        origin: None,
        file: None,
        line: None,
        message: format!(
            "no source holds the documents of {}{more}: they count as AWS had them on {as_of}",
            some.join(", ")
        ),
        help: Some("read them too, as `get-account-authorization-details` prints them".to_owned()),
    }
}

/// ARNs of all policies that something is attached to.
fn attached(facts: &Facts) -> BTreeSet<String> {
    let kinds = [Kind::Role, Kind::User, Kind::Group];
    let entities = kinds.iter().flat_map(|kind| facts.of_kind(*kind));
    let mut arns = BTreeSet::new();
    for entity in entities {
        let mut note = |node: &Node| arns.extend(node.text().map(str::to_owned));
        if let Known::Present(list) = facts.get(entity, Attribute::AttachedPolicies) {
            let named = list.items().iter().filter_map(|item| item.get("PolicyArn"));
            named.for_each(&mut note);
        }
        if let Known::Present(arn) = facts.get(entity, Attribute::Boundary) {
            note(arn);
        }
    }
    arns
}

/// The policy as the catalogue has it, under a name that says of when.
fn published(arn: &str, documents: &mut Documents) -> Option<Node> {
    let policy = managed_policy(arn)?;
    let as_of = table("managed_policies")?.as_of;
    let (_, name) = policy.name.rsplit_once('/').unwrap_or(("", policy.name));
    let version = policy.version;
    let file = format!("AWS managed policy {name} {version} as of {as_of}");
    let text = format!(
        "{{\"Name\": \"{name} {version} as of {as_of}\", \"Dated\": true, \"Document\":\n{}}}\n",
        policy.document()
    );
    documents.read_json(&file, text.into_bytes()).ok()
}

fn state(facts: &mut Facts, entity: Entity, node: &Node) {
    let attributes = [
        (Attribute::Exists, "Dated"),
        (Attribute::Dated, "Dated"),
        (Attribute::Name, "Name"),
        (Attribute::Document, "Document"),
    ];
    stated(facts, &entity, node, &attributes);
}

fn stated(facts: &mut Facts, entity: &Entity, node: &Node, attributes: &[(Attribute, &str)]) {
    for (attribute, member) in attributes {
        if let Some(value) = node.get(member) {
            facts.state(entity.clone(), *attribute, Known::Present(value.clone()));
        }
    }
}
