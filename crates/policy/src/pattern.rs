//! Reading `Action` and `Resource` values ("IAM JSON policy elements: Action", "… Resource").

use cofferdam_names::deferred;
use cofferdam_text::{Node, Origin};

use crate::ast::{ActionPattern, Version};
use crate::matching::{ResourceShape, resource_shape};
use crate::notes::Notes;
use crate::operand::{Part, Template};
use crate::template::Signs;

/// The fields of an ARN before the resource; variables are allowed only after them.
const RESOURCE_FIELD: usize = 5;

/// The action patterns; `None` if the element has no readable form.
pub(crate) fn actions(node: &Node, notes: &mut Notes) -> Option<Vec<ActionPattern>> {
    let texts = texts(node, "an action", notes)?;
    Some(
        texts
            .map(|(text, origin)| action(text, origin, notes))
            .collect(),
    )
}

/// The resource patterns; `None` if one of them has no readable form.
pub(crate) fn resources(node: &Node, version: Version, notes: &mut Notes) -> Option<Vec<Template>> {
    let texts = texts(node, "a resource", notes)?;
    texts
        .map(|(text, origin)| resource(text, version, origin, notes))
        .collect()
}

/// One string or several, with their places.
fn texts<'n>(
    node: &'n Node,
    what: &str,
    notes: &mut Notes,
) -> Option<impl Iterator<Item = (&'n str, Origin)> + use<'n>> {
    let items = node.items();
    if items.is_empty() {
        notes.refuse(
            node.origin,
            format!("the list is empty: {what} must be named"),
        );
        return None;
    }
    if let Some(wrong) = items.iter().find(|item| item.as_str().is_none()) {
        notes.refuse(
            wrong.origin,
            format!("{what} must be a string, found {}", wrong.kind()),
        );
        return None;
    }
    Some(
        items
            .iter()
            .filter_map(|item| Some((item.as_str()?, item.origin))),
    )
}

fn action(text: &str, origin: Origin, notes: &mut Notes) -> ActionPattern {
    if text == "*" {
        return ActionPattern::Every;
    }
    if deferred::has_hole(text) && !text.contains(':') {
        return ActionPattern::Nothing(text.into());
    }
    let unusable = |why: &str| format!("the action \"{text}\" matches nothing: {why}");
    let problem = match text.split_once(':') {
        None => Some("it has no service, as in s3:GetObject"),
        Some(_) if text.contains([',', ' ', '\t', '\n', '\r']) => {
            Some("no action name holds a comma or white space")
        }
        Some((service, _)) if service.contains(['*', '?']) => {
            Some("the service cannot hold a wildcard")
        }
        Some((service, name)) if service.is_empty() || name.is_empty() => Some("a part is empty"),
        Some(_) => None,
    };
    match (problem, text.split_once(':')) {
        (None, Some((service, name))) => ActionPattern::Of {
            service: service.to_ascii_lowercase().into(),
            name: name.to_ascii_lowercase().into(),
        },
        (problem, _) => {
            notes.warn(origin, unusable(problem.unwrap_or("it is not an action")));
            ActionPattern::Nothing(text.into())
        }
    }
}

fn resource(text: &str, version: Version, origin: Origin, notes: &mut Notes) -> Option<Template> {
    let signs = Signs {
        wildcards: true,
        variables: version == Version::V2012,
    };
    let template = match Template::parse(text, signs) {
        Ok(template) => template,
        Err(why) => {
            notes.doubt(
                origin,
                format!("the resource \"{text}\" cannot be read: {why}"),
            );
            return None;
        }
    };
    if early_variable(&template) {
        notes.doubt(
            origin,
            format!("the resource \"{text}\" has a variable before the fifth colon, where AWS does not substitute it"),
        );
        return None;
    }
    match resource_shape(&template) {
        // What it will be is told apart later; see [`crate::deferred`].
        ResourceShape::NotAnArn if deferred::has_hole(text) => Some(template),
        ResourceShape::NotAnArn => {
            notes.refuse(
                origin,
                format!("the resource \"{text}\" is neither * nor an ARN with its service"),
            );
            None
        }
        ResourceShape::WildService => {
            notes.warn(
                origin,
                format!(
                    "the resource \"{text}\" matches nothing: the service cannot hold a wildcard"
                ),
            );
            Some(template)
        }
        ResourceShape::Everything | ResourceShape::Arn { .. } => Some(template),
    }
}

/// Whether a variable stands before the fifth colon ("IAM policy elements: Variables and tags").
fn early_variable(template: &Template) -> bool {
    let mut colons = 0;
    for part in &template.parts {
        match part {
            Part::Literal(text) => colons += text.matches(':').count(),
            Part::Variable { .. } if colons < RESOURCE_FIELD => return true,
            _ => {}
        }
    }
    false
}
