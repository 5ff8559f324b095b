//! Single policy documents: which kind one is, and what one of them came to.

use std::path::Path;

use clap::ValueEnum;
use cofferdam_authz::alone::{Document, Shown};
use cofferdam_boundary::command::with_command;
use cofferdam_findings::finding::{Reason, Step};
use cofferdam_org::fact::Known;
use cofferdam_org::model::NamedPolicy;
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::parse::parse;
use cofferdam_text::{Diagnostic, Documents, Node};

use crate::failure::Failure;
use crate::input;

/// The kinds of documents, in the words of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Attached to a user, group or role
    Identity,
    /// Attached to a resource; key policies too
    Resource,
    /// A service control policy
    ServiceControl,
    /// A resource control policy; RCPFullAWSAccess stands beside it
    ResourceControl,
    /// Attached to a VPC endpoint
    Endpoint,
    /// A permissions boundary
    PermissionsBoundary,
    /// The trust policy of a role
    Trust,
}

impl Kind {
    /// The kind that the word means.
    pub fn of(self) -> PolicyKind {
        match self {
            Kind::Identity => PolicyKind::Identity,
            Kind::Resource => PolicyKind::Resource,
            Kind::ServiceControl => PolicyKind::ServiceControl,
            Kind::ResourceControl => PolicyKind::ResourceControl,
            Kind::Endpoint => PolicyKind::Endpoint,
            Kind::PermissionsBoundary => PolicyKind::PermissionsBoundary,
            Kind::Trust => PolicyKind::Trust,
        }
    }
}

/// A document that was read.
pub struct Read {
    policy: NamedPolicy,
    kind: PolicyKind,
    /// What was wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

impl Read {
    /// As a question takes it.
    pub fn document(&self) -> Document<'_> {
        Document {
            policy: &self.policy,
            kind: self.kind,
        }
    }

    /// The statements of a witness, for reports.
    pub fn reasons(&self, because: &[u32]) -> Vec<Reason> {
        let Known::Present(policy) = &self.policy.document else {
            return Vec::new();
        };
        let named = policy
            .statements
            .iter()
            .filter(|statement| because.contains(&statement.index));
        named
            .map(|statement| Reason {
                document: self.policy.name.to_string(),
                layer: "",
                statement: Some(statement.index),
                sid: statement.sid.as_ref().map(ToString::to_string),
                effect: "Allow".to_owned(),
                origin: Some(statement.origin),
            })
            .collect()
    }
}

/// Reads one document. The kind is guessed from its elements where that is clear.
pub fn read(path: &Path, kind: Option<Kind>, documents: &mut Documents) -> Result<Read, Failure> {
    let tree = tree(path, documents)?;
    let kind = kind.map(Kind::of).or_else(|| guess(&tree));
    Ok(parsed(path, &tree, kind.unwrap_or(PolicyKind::Identity)))
}

/// Reads two documents of one kind; one without statements is of the kind of the other.
pub fn read_both(
    paths: [&Path; 2],
    kind: Option<Kind>,
    documents: &mut Documents,
) -> Result<[Read; 2], Failure> {
    let [old, new] = [tree(paths[0], documents)?, tree(paths[1], documents)?];
    let kind = match (kind.map(Kind::of), guess(&old), guess(&new)) {
        (Some(kind), ..) => kind,
        (None, Some(old), Some(new)) if old != new => {
            let [old, new] = [old, new].map(|kind| kind.grammar().name);
            return Err(Failure::usage(
                format!("only policies of one kind can be compared: these read as {old} and {new}"),
                "name the kind of both with `--kind`",
            ));
        }
        (None, old, new) => old.or(new).unwrap_or(PolicyKind::Identity),
    };
    Ok([parsed(paths[0], &old, kind), parsed(paths[1], &new, kind)])
}

fn tree(path: &Path, documents: &mut Documents) -> Result<Node, Failure> {
    let tree = input::tree(path, documents)?;
    if tree.get("Statement").is_none() {
        return Err(Failure::file(
            path,
            "this is no policy: it has no `Statement`",
            "give a policy document as AWS stores it",
        ));
    }
    Ok(tree)
}

fn parsed(path: &Path, tree: &Node, kind: PolicyKind) -> Read {
    let (policy, diagnostics) = parse(tree, kind);
    let policy = NamedPolicy {
        name: path.display().to_string().into(),
        document: Known::Present(policy),
        origin: Some(tree.origin),
    };
    Read {
        policy,
        kind,
        diagnostics,
    }
}

/// How deep in an answer of AWS a policy lies: `PolicyVersion.Document`.
const ANSWER_DEPTH: usize = 3;

/// The policy document in a file: the file itself, or the one document in an answer of AWS, there as
/// an object or as text. `None` if there is none, or more than one.
pub fn within(tree: Node, documents: &mut Documents) -> Option<Node> {
    if tree.get("Statement").is_some() {
        return Some(tree);
    }
    let mut found = Vec::new();
    collect(&tree, ANSWER_DEPTH, documents, &mut found);
    match found.len() {
        1 => found.pop(),
        _ => None,
    }
}

fn collect(node: &Node, depth: usize, documents: &mut Documents, found: &mut Vec<Node>) {
    if node.get("Statement").is_some() {
        return found.push(node.clone());
    }
    if node
        .as_str()
        .is_some_and(|text| text.trim_start().starts_with(['{', '%']))
    {
        let inner = documents.read_embedded(node).ok();
        return found.extend(inner.filter(|inner| inner.get("Statement").is_some()));
    }
    let members = node.as_object().unwrap_or_default();
    for member in members.iter().filter(|_| depth > 0) {
        collect(&member.value, depth - 1, documents, found);
    }
}

/// Which of the two kinds of an organization's policies has these elements: only resource control
/// policies name a principal.
pub fn of_organization(tree: &Node) -> PolicyKind {
    match guess(tree) {
        None | Some(PolicyKind::Identity) => PolicyKind::ServiceControl,
        Some(_) => PolicyKind::ResourceControl,
    }
}

/// Statements with a principal belong to a resource, and to a role if all they speak of is becoming
/// it; statements without one are attached to principals. Nothing without statements.
pub fn guess(tree: &Node) -> Option<PolicyKind> {
    let statements = tree.get("Statement").map(Node::items).unwrap_or_default();
    let has = |name: &str| {
        statements
            .iter()
            .any(|statement| statement.get(name).is_some())
    };
    let assumes = |action: &Node| {
        action
            .text()
            .is_some_and(|text| text.to_ascii_lowercase().starts_with("sts:"))
    };
    let only_sts = statements.iter().all(|statement| {
        statement
            .get("Action")
            .is_some_and(|actions| actions.items().iter().all(assumes))
    });
    let principal = has("Principal") || has("NotPrincipal");
    (!statements.is_empty()).then_some(match principal {
        false => PolicyKind::Identity,
        true if only_sts && !has("Resource") => PolicyKind::Trust,
        true => PolicyKind::Resource,
    })
}

/// A request as findings show it.
pub fn step(shown: &Shown) -> Step {
    let request = &shown.request;
    let context = request.context.iter();
    with_command(Step {
        principal: request.principal.clone(),
        action: request.action.to_string(),
        resource: request.resource.clone(),
        context: context
            .map(|(key, values)| {
                (
                    key.to_string(),
                    values.iter().map(ToString::to_string).collect(),
                )
            })
            .collect(),
        decision: "allowed",
        note: None,
        command: None,
    })
}
