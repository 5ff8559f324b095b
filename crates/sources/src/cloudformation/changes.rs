//! Change sets, as `aws cloudformation describe-change-set` answers them.
//!
//! A change set says what becomes of each resource. With `--include-property-values` it also says
//! the properties that a resource will have, and then it is read like a template whose resources
//! have the names that AWS gave them. Without them, whatever the change touches is unknown.

use std::path::Path;

use cofferdam_org::fact::{Attribute, Entity, Known};
use cofferdam_text::{Diagnostic, Documents, Member, Node, Value};

use super::eval::{Eval, Scope};
use super::given;
use super::place::{Options, Place};
use super::rows::{self, Row};
use super::template::{Application, Given, Resource, Stack};
use crate::sink::{Sink, object, text};
use crate::terraform::overlay::Overlay;

/// What becomes of things, beyond the facts of resources.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Things that go away, or whose place another one takes.
    gone: Vec<Entity>,
    /// Things that change in a way that the change set does not say.
    touched: Vec<(Entity, &'static str, String)>,
}

/// Reads a change set: resources with known properties become a stack of the application.
pub(super) fn read(
    application: &mut Application,
    path: &Path,
    options: &Options,
    documents: &mut Documents,
) -> Result<Changes, Diagnostic> {
    let root = super::template::read(documents, path)?;
    let part = |name: &str| root.get(name).and_then(Node::as_str);
    let name = part("StackName").unwrap_or("stack").to_owned();
    let own = part("StackId").map_or_else(Place::unsaid, place);
    let place = Place::of(&name, own, options);
    let given = root.get("Parameters").and_then(given::pairs);
    let given = given.unwrap_or_default().into_iter();
    let mut stack = Stack {
        given: given
            .map(|(key, value)| (key, Given::Text(value)))
            .collect(),
        root: declared(&root),
        name,
        place,
        resources: Vec::new(),
        nested: std::collections::BTreeMap::new(),
    };
    let all = root.get("Changes").map(Node::items).unwrap_or_default();
    let changes: Vec<Change> = all
        .iter()
        .filter_map(|node| change(documents, node))
        .collect();
    for one in changes.iter().filter(|one| one.after.is_some()) {
        let physical = one.physical.clone().filter(|_| !one.replaced);
        stack.resources.push(Resource {
            logical: one.logical.clone(),
            kind: one.kind.clone(),
            node: resource(one),
            physical,
        });
    }
    let at = application.stacks.len();
    application.stacks.push(stack);
    application.sources.push((path.to_owned(), at));
    Ok(effects(application, at, &changes))
}

/// The parameters that the change set was made with, as a template declares them.
fn declared(root: &Node) -> Node {
    let parameters = root.get("Parameters").map(Node::items).unwrap_or_default();
    let member = |node: &Node| {
        let key = node.get("ParameterKey")?.as_str()?;
        let kind = text("String", node.origin);
        Some(Member {
            key: key.into(),
            key_origin: node.origin,
            value: object(vec![("Type", Some(kind))], node.origin),
        })
    };
    let parameters = Node {
        value: Value::Object(parameters.iter().filter_map(member).collect()),
        origin: root.origin,
    };
    object(vec![("Parameters", Some(parameters))], root.origin)
}

/// `arn:aws:cloudformation:eu-west-1:111122223333:stack/name/…`.
fn place(id: &str) -> Place {
    let mut parts = id.split(':').skip(3).map(str::to_owned);
    let region = parts.next().unwrap_or_default();
    Place {
        region,
        account: parts.next().unwrap_or_default(),
    }
}

/// One change of a resource.
struct Change {
    logical: String,
    kind: String,
    physical: Option<String>,
    removed: bool,
    replaced: bool,
    /// `{"Properties": …}` as it will be.
    after: Option<Node>,
    node: Node,
}

fn change(documents: &mut Documents, node: &Node) -> Option<Change> {
    let change = node.get("ResourceChange")?;
    let part = |name: &str| change.get(name).and_then(Node::as_str);
    let after = change
        .get("AfterContext")
        .and_then(|text| documents.read_embedded(text).ok());
    Some(Change {
        logical: part("LogicalResourceId")?.to_owned(),
        kind: part("ResourceType")?.to_owned(),
        physical: part("PhysicalResourceId").map(str::to_owned),
        removed: part("Action") == Some("Remove"),
        replaced: matches!(part("Replacement"), Some("True" | "Conditional")),
        after: after.filter(|_| part("Action") != Some("Remove")),
        node: change.clone(),
    })
}

fn resource(change: &Change) -> Node {
    let properties = change
        .after
        .as_ref()
        .and_then(|node| node.get("Properties"));
    let kind = text(&change.kind, change.node.origin);
    object(
        vec![("Type", Some(kind)), ("Properties", properties.cloned())],
        change.node.origin,
    )
}

/// What goes away, and what changes in a way that is not said.
fn effects(application: &mut Application, at: usize, changes: &[Change]) -> Changes {
    let mut found = Changes::default();
    for one in changes {
        let Some(row) = rows::row(&one.kind) else {
            continue;
        };
        let entity = before(application, at, one, row);
        match entity {
            Some(entity) if one.removed => found.gone.push(entity),
            Some(entity) if one.after.is_none() => {
                let why = format!("the change set does not say how it changes {}", one.logical);
                found.touched.push((entity, row.name, why));
            }
            Some(entity) if one.replaced => found.gone.push(entity),
            _ => {}
        }
    }
    found
}

/// The thing that a resource is before the change, by the name that AWS gave it.
fn before(application: &mut Application, at: usize, one: &Change, row: &Row) -> Option<Entity> {
    let physical = one.physical.clone().filter(|_| row.makes)?;
    if physical.starts_with("arn:") {
        return Some(Entity::new(row.kind, physical));
    }
    let stack = application.stacks.get_mut(at)?;
    stack.resources.push(Resource {
        logical: one.logical.clone(),
        kind: one.kind.clone(),
        node: object(Vec::new(), one.node.origin),
        physical: Some(physical),
    });
    let last = stack.resources.len() - 1;
    let id = rows::id(&Eval::new(application), Scope::of(at), last);
    if let Some(stack) = application.stacks.get_mut(at) {
        stack.resources.pop();
    }
    Some(Entity::new(row.kind, id?))
}

/// Takes the effects in, after the facts of resources with known properties.
pub(super) fn apply(changes: &Changes, sink: &mut Sink, overlay: &mut Overlay) {
    for entity in &changes.gone {
        let made_again = sink
            .facts
            .get(entity, Attribute::Exists)
            .present()
            .is_some();
        overlay.fresh.push(entity.clone());
        if !made_again {
            sink.absent(entity, Attribute::Exists);
        }
    }
    for (entity, kind, why) in &changes.touched {
        for (attribute, _) in rows::row(kind).map(|row| row.facts).unwrap_or_default() {
            let value = Known::Unknown(why.as_str().into());
            sink.facts.state(entity.clone(), *attribute, value);
        }
    }
}
