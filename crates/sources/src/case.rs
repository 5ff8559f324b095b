//! Decision cases: a file of one or several, read into the type that is decided (contracts,
//! section 1).
//!
//! A case that is malformed answers with an error in its place, so that a file of a thousand still
//! gives a thousand answers. A field that is not one is refused, because a misspelled layer would
//! silently not count.

mod point;
mod request;
mod sections;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use cofferdam_authz::case::{Case, caller, resource_policy_kind};
use cofferdam_authz::decide::Outcome;
use cofferdam_policy::kind::PolicyKind;
use cofferdam_text::{Diagnostic, Documents, Node, Origin};

use request::{request, side};
use sections::{
    control_levels, endpoints, grants, named, one_policy, restrict_public, single_boundary,
};

/// The most cases that one file may hold: as many as a person can look through, a hundred times.
pub const CASES_MAX: usize = 100_000;

/// The fields of a case.
const FIELDS: [&str; 17] = [
    "name",
    "note",
    "request",
    "principal",
    "identity_policies",
    "permission_boundaries",
    "session_policies",
    "service_control_policies",
    "resource_control_policies",
    "resource_policy",
    "endpoint_policies",
    "block_public_access",
    "access_point",
    "grants",
    "resource",
    "strict",
    "expect",
];

/// A case that cannot be read.
#[derive(Clone, Debug)]
pub struct Malformed {
    /// Its name, if it has one.
    pub name: String,
    /// What is wrong, and where.
    pub diagnostic: Box<Diagnostic>,
}

/// A case with what is to be said about its policies.
#[derive(Clone, Debug)]
pub struct ReadCase {
    /// The case.
    pub case: Case,
    /// What AWS would refuse in its policies, or hardly take as meant.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a text of one case or a list of cases, JSON or YAML.
///
/// # Errors
/// When it is neither, or holds too many cases.
pub fn parse(
    documents: &mut Documents,
    name: &str,
    bytes: Vec<u8>,
) -> Result<Vec<Result<ReadCase, Malformed>>, Diagnostic> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let json = !is_yaml(name) && matches!(first, Some(b'{' | b'['));
    let node = if json {
        documents.read_json(name, bytes)?
    } else {
        documents.read_yaml(name, bytes)?
    };
    if node.items().len() > CASES_MAX {
        let message = format!("the file holds more than {CASES_MAX} cases");
        return Err(documents.locate(Diagnostic::error(node.origin, message)));
    }
    let mut read = read(&node);
    for each in &mut read {
        match each {
            Ok(read) => {
                for diagnostic in &mut read.diagnostics {
                    *diagnostic = documents.locate(diagnostic.clone());
                }
            }
            Err(malformed) => {
                *malformed.diagnostic = documents.locate((*malformed.diagnostic).clone());
            }
        }
    }
    Ok(read)
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// Reads one case or a list of cases.
pub fn read(node: &Node) -> Vec<Result<ReadCase, Malformed>> {
    node.items().iter().map(one).collect()
}

/// Where something of a case lies: the pointer within the case, and the line in the file.
pub fn place(documents: &Documents, case: Origin, origin: Origin) -> (String, u32) {
    let (outer, inner) = (documents.place(case), documents.place(origin));
    let pointer = inner
        .pointer
        .strip_prefix(outer.pointer.as_str())
        .unwrap_or(&inner.pointer);
    (pointer.to_owned(), inner.line)
}

fn one(node: &Node) -> Result<ReadCase, Malformed> {
    let name = node
        .get("name")
        .and_then(Node::text)
        .unwrap_or_default()
        .to_owned();
    let mut diagnostics = Vec::new();
    match case(node, &name, &mut diagnostics) {
        Ok(case) => Ok(ReadCase { case, diagnostics }),
        Err(diagnostic) => Err(Malformed {
            name,
            diagnostic: Box::new(diagnostic),
        }),
    }
}

/// What reading gives, or what is wrong.
type Parsed<T> = Result<T, Diagnostic>;

fn case(node: &Node, name: &str, notes: &mut Vec<Diagnostic>) -> Parsed<Case> {
    known_fields(node, "a case", &FIELDS)?;
    let asked = request(required(node, "request")?)?;
    let principal = side(node.get("principal"), "principal")?;
    let resource = side(node.get("resource"), "resource")?;
    let caller = caller(
        &asked.principal,
        principal.arn.as_deref(),
        &principal.side,
        &asked.request.action,
    )
    .map_err(|why| Diagnostic::error(asked.principal_origin, why.0))?;
    let kind = resource_policy_kind(&asked.request.action, &asked.request.resource);
    let owner = request::owner(&asked, &resource)?;
    let resource_name = asked.request.resource.clone();
    Ok(Case {
        name: name.to_owned(),
        request: asked.request,
        caller,
        principal: principal.side,
        aws_managed: resource.aws_managed,
        resource: resource.side,
        owner,
        identity: named(node, "identity_policies", PolicyKind::Identity, notes)?,
        boundary: single_boundary(node, notes)?,
        session: named(node, "session_policies", PolicyKind::Session, notes)?,
        service_control: control_levels(
            node,
            "service_control_policies",
            PolicyKind::ServiceControl,
            notes,
        )?,
        resource_control: control_levels(
            node,
            "resource_control_policies",
            PolicyKind::ResourceControl,
            notes,
        )?,
        resource_policy: given(node, "resource_policy")
            .map(|policy| one_policy("resource policy", policy, kind, notes)),
        endpoints: endpoints(node, notes)?,
        restrict_public: restrict_public(node)?,
        access_point: point::access_point(node, &resource_name, notes)?,
        grants: grants(node)?,
        strict: boolean(node, "strict")?.unwrap_or(true),
        expected: expected(node)?,
        origin: Some(node.origin),
    })
}

fn expected(node: &Node) -> Parsed<Option<Outcome>> {
    let Some(expect) = given(node, "expect") else {
        return Ok(None);
    };
    known_fields(expect, "expect", &["decision"])?;
    let decision = required(expect, "decision")?;
    let outcomes = [
        Outcome::Allowed,
        Outcome::ImplicitlyDenied,
        Outcome::ExplicitlyDenied,
        Outcome::Undecided,
    ];
    let found = outcomes
        .into_iter()
        .find(|outcome| decision.as_str() == Some(outcome.word()));
    match found {
        Some(outcome) => Ok(Some(outcome)),
        None => Err(Diagnostic::error(
            decision.origin,
            "expect.decision must be allowed, implicitly_denied, explicitly_denied or undecided",
        )),
    }
}

/// A field that is there and not null.
fn given<'n>(node: &'n Node, field: &str) -> Option<&'n Node> {
    node.get(field).filter(|value| !value.is_null())
}

fn required<'n>(node: &'n Node, field: &str) -> Parsed<&'n Node> {
    given(node, field)
        .ok_or_else(|| Diagnostic::error(node.origin, format!("the field {field} is missing")))
}

fn text(node: &Node, field: &str) -> Parsed<Option<String>> {
    match given(node, field) {
        None => Ok(None),
        Some(value) => match value.text() {
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(wrong(value, field, "a string")),
        },
    }
}

fn boolean(node: &Node, field: &str) -> Parsed<Option<bool>> {
    match given(node, field) {
        None => Ok(None),
        Some(value) => value
            .as_bool()
            .map(Some)
            .ok_or_else(|| wrong(value, field, "true or false")),
    }
}

/// The elements of a list; a field that is not there is an empty one.
fn list<'n>(node: &'n Node, field: &str) -> Parsed<&'n [Node]> {
    match given(node, field) {
        None => Ok(&[]),
        Some(value) => value
            .as_array()
            .ok_or_else(|| wrong(value, field, "a list")),
    }
}

fn wrong(value: &Node, field: &str, wanted: &str) -> Diagnostic {
    let message = format!("{field} must be {wanted}, found {}", value.kind());
    Diagnostic::error(value.origin, message)
}

/// Refuses what is no object, and fields that are none.
fn known_fields(node: &Node, what: &str, fields: &[&str]) -> Parsed<()> {
    let Some(members) = node.as_object() else {
        return Err(wrong(node, what, "an object"));
    };
    let known: BTreeSet<&str> = fields.iter().copied().collect();
    match members.iter().find(|member| !known.contains(&*member.key)) {
        None => Ok(()),
        Some(member) => Err(Diagnostic::error(
            member.key_origin,
            format!("{what} has no field \"{}\"", member.key),
        )
        .with_help(format!("the fields are {}", fields.join(", ")))),
    }
}
