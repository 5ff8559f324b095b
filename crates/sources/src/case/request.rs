//! The request of a case, and the blocks that complete its principal and its resource.

use cofferdam_authz::case::{Request, Side};
use cofferdam_authz::concrete::{Context, NO_RESOURCE};
use cofferdam_authz::context::Tags;
use cofferdam_names::{AccountId, ActionName, Arn, ContextKey};
use cofferdam_text::{Diagnostic, Node, Origin};

use super::{Parsed, boolean, given, known_fields, list, required, text, wrong};

/// The request block.
pub(super) struct AskedFor {
    pub(super) request: Request,
    pub(super) principal: String,
    pub(super) principal_origin: Origin,
    resource_account: Option<(AccountId, Origin)>,
    resource_origin: Origin,
}

/// What a `principal` or `resource` block says.
#[derive(Default)]
pub(super) struct Block {
    pub(super) side: Side,
    pub(super) arn: Option<String>,
    pub(super) aws_managed: bool,
    account: Option<(AccountId, Origin)>,
}

const FIELDS: [&str; 5] = [
    "principal",
    "action",
    "resource",
    "resource_account",
    "context",
];

/// Reads the request block.
pub(super) fn request(node: &Node) -> Parsed<AskedFor> {
    known_fields(node, "request", &FIELDS)?;
    let principal = required(node, "principal")?;
    let action = required(node, "action")?;
    let name = action.as_str().unwrap_or_default();
    let name = ActionName::parse(name).map_err(|why| {
        let message = format!("request.action \"{name}\" is no action: {why}");
        Diagnostic::error(action.origin, message).with_help("write it as s3:GetObject")
    })?;
    let resource_node = node.get("resource").unwrap_or(node);
    let resource = text(node, "resource")?.unwrap_or_else(|| NO_RESOURCE.to_owned());
    if resource != NO_RESOURCE && Arn::parse(&resource).is_err() {
        let message = format!("request.resource \"{resource}\" is no ARN");
        return Err(Diagnostic::error(resource_node.origin, message)
            .with_help("give an ARN, or * for an action without a resource"));
    }
    Ok(AskedFor {
        request: Request {
            action: name,
            resource,
            context: context(node)?,
        },
        principal: text(node, "principal")?.unwrap_or_default(),
        principal_origin: principal.origin,
        resource_account: account(node, "resource_account")?,
        resource_origin: resource_node.origin,
    })
}

fn account(node: &Node, field: &str) -> Parsed<Option<(AccountId, Origin)>> {
    let Some(value) = given(node, field) else {
        return Ok(None);
    };
    match value.text().and_then(|text| text.parse().ok()) {
        Some(account) => Ok(Some((account, value.origin))),
        None => Err(Diagnostic::error(
            value.origin,
            format!("{field} must be an account of twelve digits, in quotes"),
        )),
    }
}

fn context(node: &Node) -> Parsed<Context> {
    let mut context = Context::new();
    let Some(stated) = given(node, "context") else {
        return Ok(context);
    };
    let Some(members) = stated.as_object() else {
        return Err(wrong(stated, "request.context", "an object"));
    };
    for member in members {
        let key = ContextKey::parse(&member.key).map_err(|why| {
            Diagnostic::error(
                member.key_origin,
                format!("\"{}\" is no context key: {why}", member.key),
            )
        })?;
        if context.contains_key(&key) {
            let message = format!("the key {key} is given twice: case does not distinguish keys");
            return Err(Diagnostic::error(member.key_origin, message));
        }
        context.insert(key, values(&member.value)?);
    }
    Ok(context)
}

fn values(node: &Node) -> Parsed<Vec<Box<str>>> {
    node.items()
        .iter()
        .map(|item| {
            let text = item.text().map(Into::into);
            text.ok_or_else(|| wrong(item, "a context key's value", "a string"))
        })
        .collect()
}

/// Reads a `principal` or `resource` block.
pub(super) fn side(node: Option<&Node>, what: &str) -> Parsed<Block> {
    let Some(node) = node.filter(|node| !node.is_null()) else {
        return Ok(Block::default());
    };
    let own = if what == "principal" {
        ["arn", "arn"]
    } else {
        ["account", "aws_managed"]
    };
    let common = [
        "organization",
        "organization_paths",
        "is_management_account",
        "tags",
    ];
    known_fields(node, what, &[&own[..], &common[..]].concat())?;
    Ok(Block {
        side: Side {
            organization: text(node, "organization")?.map(String::into_boxed_str),
            paths: paths(node)?,
            management: boolean(node, "is_management_account")?.unwrap_or(false),
            tags: tags(node)?,
        },
        arn: text(node, "arn")?,
        aws_managed: boolean(node, "aws_managed")?.unwrap_or(false),
        account: account(node, "account")?,
    })
}

fn paths(node: &Node) -> Parsed<Option<Vec<Box<str>>>> {
    if given(node, "organization_paths").is_none() {
        return Ok(None);
    }
    let paths = list(node, "organization_paths")?;
    let path = |path: &Node| {
        let text = path.as_str().map(Into::into);
        text.ok_or_else(|| wrong(path, "an organization path", "a string"))
    };
    paths.iter().map(path).collect::<Parsed<_>>().map(Some)
}

fn tags(node: &Node) -> Parsed<Option<Tags>> {
    let Some(stated) = given(node, "tags") else {
        return Ok(None);
    };
    let Some(members) = stated.as_object() else {
        return Err(wrong(stated, "tags", "an object"));
    };
    let tag = |member: &cofferdam_text::Member| {
        let value = member.value.text();
        let value = value.ok_or_else(|| wrong(&member.value, "a tag's value", "a string"))?;
        Ok((member.key.clone(), value.into()))
    };
    members.iter().map(tag).collect::<Parsed<_>>().map(Some)
}

/// Whose the resource is: `request.resource_account`, `resource.account` and the ARN must agree.
pub(super) fn owner(asked: &AskedFor, block: &Block) -> Parsed<Option<AccountId>> {
    let of_arn = Arn::parse(&asked.request.resource)
        .ok()
        .and_then(|arn| arn.account_id())
        .map(|account| (account, asked.resource_origin));
    let mut owner: Option<AccountId> = None;
    for (account, origin) in [of_arn, asked.resource_account, block.account]
        .into_iter()
        .flatten()
    {
        if owner.is_some_and(|owner| owner != account) {
            let message = format!("the resource has two accounts, {account} and another one");
            return Err(Diagnostic::error(origin, message));
        }
        owner = Some(account);
    }
    Ok(owner)
}
