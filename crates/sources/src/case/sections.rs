//! The layers of a case: policies by name, levels, endpoints, grants.

use cofferdam_authz::case::{ControlLevel, EndpointPolicy};
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Grant, NamedPolicy};
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::parse;
use cofferdam_text::{Diagnostic, Node};

use super::{Parsed, boolean, given, known_fields, list, required, text, wrong};

/// The policies of a list, each with its name.
pub(super) fn named(
    node: &Node,
    field: &str,
    kind: PolicyKind,
    notes: &mut Vec<Diagnostic>,
) -> Parsed<Vec<NamedPolicy>> {
    let items = list(node, field)?.iter().enumerate();
    items
        .map(|(index, item)| {
            known_fields(item, "a policy of a case", &["name", "policy"])?;
            let name = text(item, "name")?.unwrap_or_else(|| format!("{field} {index}"));
            let policy = required(item, "policy")?;
            Ok(one_policy(&name, policy, kind, notes))
        })
        .collect()
}

/// One policy; what AWS would refuse in it stays in place and is unknown.
pub(super) fn one_policy(
    name: &str,
    node: &Node,
    kind: PolicyKind,
    notes: &mut Vec<Diagnostic>,
) -> NamedPolicy {
    let (policy, diagnostics) = parse::parse(node, kind);
    notes.extend(diagnostics);
    NamedPolicy {
        name: name.into(),
        document: Known::Present(policy),
        origin: Some(node.origin),
    }
}

/// A user or role has one permissions boundary at most.
pub(super) fn single_boundary(
    node: &Node,
    notes: &mut Vec<Diagnostic>,
) -> Parsed<Option<NamedPolicy>> {
    let field = "permission_boundaries";
    let mut boundaries = named(node, field, PolicyKind::PermissionsBoundary, notes)?;
    match (boundaries.pop(), boundaries.is_empty()) {
        (boundary, true) => Ok(boundary),
        _ => Err(Diagnostic::error(
            node.get(field).unwrap_or(node).origin,
            "a principal has one permissions boundary at most",
        )),
    }
}

/// Levels in order from the root to the account.
pub(super) fn control_levels(
    node: &Node,
    field: &str,
    kind: PolicyKind,
    notes: &mut Vec<Diagnostic>,
) -> Parsed<Option<Vec<ControlLevel>>> {
    if given(node, field).is_none() {
        return Ok(None);
    }
    let levels = list(node, field)?.iter();
    levels
        .map(|level| {
            known_fields(level, "a level", &["target", "policies"])?;
            Ok(ControlLevel {
                target: text(level, "target")?.unwrap_or_default().into(),
                policies: named(level, "policies", kind, notes)?,
            })
        })
        .collect::<Parsed<_>>()
        .map(Some)
}

/// The endpoint's policies.
pub(super) fn endpoints(node: &Node, notes: &mut Vec<Diagnostic>) -> Parsed<Vec<EndpointPolicy>> {
    let items = list(node, "endpoint_policies")?.iter();
    items
        .map(|item| {
            known_fields(item, "an endpoint policy", &["name", "type", "policy"])?;
            let name = text(item, "name")?.unwrap_or_else(|| "endpoint".to_owned());
            let policy = required(item, "policy")?;
            Ok(EndpointPolicy {
                gateway: gateway(item)?,
                policy: one_policy(&name, policy, PolicyKind::Endpoint, notes),
            })
        })
        .collect()
}

fn gateway(item: &Node) -> Parsed<Known<bool>> {
    match (item.get("type"), text(item, "type")?.as_deref()) {
        (_, None) => Ok(Known::Unknown(
            "the type of the endpoint was not stated".into(),
        )),
        (_, Some("gateway")) => Ok(Known::Present(true)),
        (_, Some("interface")) => Ok(Known::Present(false)),
        (node, Some(other)) => Err(Diagnostic::error(
            node.unwrap_or(item).origin,
            format!("the type of an endpoint is gateway or interface, not \"{other}\""),
        )),
    }
}

const SWITCHES: [&str; 4] = [
    "block_public_acls",
    "ignore_public_acls",
    "block_public_policy",
    "restrict_public_buckets",
];

/// Of the four switches one bears on a decision: two on what may be saved, one on ACLs, which a case
/// does not state.
pub(super) fn restrict_public(node: &Node) -> Parsed<Option<bool>> {
    let Some(block) = given(node, "block_public_access") else {
        return Ok(None);
    };
    known_fields(block, "block_public_access", &SWITCHES)?;
    for switch in SWITCHES {
        boolean(block, switch)?;
    }
    Ok(Some(
        boolean(block, "restrict_public_buckets")?.unwrap_or(false),
    ))
}

/// Grants as `aws kms list-grants` prints them: fields that bear on no decision are passed over.
pub(super) fn grants(node: &Node) -> Parsed<Option<Vec<Grant>>> {
    if given(node, "grants").is_none() {
        return Ok(None);
    }
    let items = list(node, "grants")?.iter().enumerate();
    items
        .map(|(index, item)| grant(index, item))
        .collect::<Parsed<_>>()
        .map(Some)
}

fn grant(index: usize, item: &Node) -> Parsed<Grant> {
    if item.as_object().is_none() {
        return Err(wrong(item, "a grant", "an object"));
    }
    required(item, "GranteePrincipal")?;
    let constraints = given(item, "Constraints");
    let operation = |operation: &Node| {
        let text = operation.as_str().map(Into::into);
        text.ok_or_else(|| wrong(operation, "an operation", "a string"))
    };
    Ok(Grant {
        id: text(item, "GrantId")?
            .unwrap_or_else(|| index.to_string())
            .into(),
        grantee: text(item, "GranteePrincipal")?.unwrap_or_default().into(),
        retiring: text(item, "RetiringPrincipal")?.map(String::into_boxed_str),
        operations: list(item, "Operations")?
            .iter()
            .map(operation)
            .collect::<Parsed<_>>()?,
        context_equals: pairs(constraints, "EncryptionContextEquals")?,
        context_subset: pairs(constraints, "EncryptionContextSubset")?,
        origin: Some(item.origin),
    })
}

fn pairs(constraints: Option<&Node>, field: &str) -> Parsed<Vec<(Box<str>, Box<str>)>> {
    let Some(stated) = constraints.and_then(|node| given(node, field)) else {
        return Ok(Vec::new());
    };
    let Some(members) = stated.as_object() else {
        return Err(wrong(stated, field, "an object"));
    };
    let pair = |member: &cofferdam_text::Member| {
        let value = member.value.text();
        let value = value.ok_or_else(|| wrong(&member.value, field, "a pair of strings"))?;
        Ok((member.key.clone(), value.into()))
    };
    members.iter().map(pair).collect()
}
