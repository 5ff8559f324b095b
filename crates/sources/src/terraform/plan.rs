//! A plan or a state as `terraform show -json` prints it, as a list of resource instances.
//!
//! A plan's `after` leaves out what is not known yet, and `after_unknown` says what that is
//! ("JSON Output Format", Terraform documentation). The two are laid together here once: each value
//! that is not known becomes a text with a hole that names it, so that everything after this file
//! reads one tree. A state has values and nothing unknown.

use std::collections::BTreeMap;

use cofferdam_names::deferred;
use cofferdam_text::{Diagnostic, Member, Node, Origin, Value};

use super::configuration::{Configuration, Steps};
use crate::sink::text;

/// The version of the format that is read: minor versions only add.
const FORMAT_MAJOR: &str = "1";

/// Modules in each other that are followed; nobody nests more than a handful.
const MODULE_DEPTH_MAX: usize = 32;

/// Values in each other within one resource; provider schemas nest below ten.
const VALUE_DEPTH_MAX: usize = 64;

/// What becomes of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is there before and after, changed or not.
    Stays,
    /// It is made.
    Made,
    /// It is made anew in place of an older one.
    Remade,
    /// It goes away.
    Goes,
}

/// One instance of a resource or of a data source.
#[derive(Debug)]
pub(super) struct Instance<'n> {
    /// `module.a["x"].aws_s3_bucket.b[0]`.
    pub address: &'n str,
    /// The module instances that it lies in, outermost first.
    pub module: Steps,
    pub data: bool,
    pub kind: &'n str,
    pub name: &'n str,
    /// The key of `count` or `for_each`, as text.
    pub key: Option<String>,
    pub fate: Fate,
    /// Where all that is said of it lies.
    pub whole: Origin,
    /// What is there before, if anything.
    pub before: Option<&'n Node>,
    /// What will be there, with holes for what is not known; null where nothing will be.
    pub values: Node,
}

impl Instance<'_> {
    /// Whether it is there after the change.
    pub fn remains(&self) -> bool {
        self.fate != Fate::Goes
    }

    pub fn origin(&self) -> Origin {
        self.values.origin
    }
}

/// Instances by where they are declared.
type Index = BTreeMap<(Steps, bool, String, String), Vec<usize>>;

/// Everything that is read of a plan or a state.
#[derive(Debug)]
pub(super) struct Plan<'n> {
    pub instances: Vec<Instance<'n>>,
    pub configuration: Configuration<'n>,
    /// Values of the root module's variables.
    pub variables: Option<&'n Node>,
    /// Addresses of what was changed outside Terraform since its last run.
    pub drifted: Vec<&'n str>,
    index: Index,
}

impl<'n> Plan<'n> {
    /// Reads the tree.
    ///
    /// # Errors
    /// When its format has another major version, or none.
    pub fn read(root: &'n Node) -> Result<Plan<'n>, Diagnostic> {
        version(root)?;
        let is_plan =
            root.get("planned_values").is_some() || root.get("resource_changes").is_some();
        let mut instances = Vec::new();
        let state = if is_plan {
            for change in root
                .get("resource_changes")
                .map(Node::items)
                .unwrap_or_default()
            {
                instances.extend(changed(change));
            }
            root.get("prior_state")
        } else {
            Some(root)
        };
        let module = state.and_then(|state| state.get("values")?.get("root_module"));
        if let Some(module) = module {
            stated(module, is_plan, MODULE_DEPTH_MAX, &mut instances);
        }
        let mut index = Index::new();
        for (place, instance) in instances.iter().enumerate() {
            index.entry(declared(instance)).or_default().push(place);
        }
        Ok(Plan {
            instances,
            index,
            configuration: Configuration::read(root),
            variables: root.get("variables"),
            drifted: drifted(root),
        })
    }

    /// The instances of one declaration, in the order of the plan.
    pub fn declared(&self, module: &Steps, data: bool, kind: &str, name: &str) -> &[usize] {
        let key = (module.clone(), data, kind.to_owned(), name.to_owned());
        self.index.get(&key).map_or(&[], Vec::as_slice)
    }

    pub fn instance(&self, place: usize) -> Option<&Instance<'n>> {
        self.instances.get(place)
    }
}

fn declared(instance: &Instance) -> (Steps, bool, String, String) {
    let module = instance.module.clone();
    (
        module,
        instance.data,
        instance.kind.to_owned(),
        instance.name.to_owned(),
    )
}

fn version(root: &Node) -> Result<(), Diagnostic> {
    let stated = root.get("format_version").and_then(Node::text);
    let major = stated.map(|version| version.split('.').next().unwrap_or(version));
    if major == Some(FORMAT_MAJOR) {
        return Ok(());
    }
    let message = match stated {
        Some(version) => format!("this is Terraform's format {version}, and only 1.x is read"),
        None => "this names no `format_version`, so it is no output of Terraform".to_owned(),
    };
    let help = "write it with `terraform show -json`, Terraform 0.15 or later";
    Err(Diagnostic::error(root.origin, message).with_help(help))
}

fn drifted(root: &Node) -> Vec<&str> {
    let changes = root
        .get("resource_drift")
        .map(Node::items)
        .unwrap_or_default();
    changes
        .iter()
        .filter_map(|change| change.get("address")?.as_str())
        .collect()
}

/// One element of `resource_changes`. An object that was deposed by an earlier run is about to go,
/// and shares its address with the one that counts.
fn changed(change: &Node) -> Option<Instance<'_>> {
    if change.get("deposed").is_some() {
        return None;
    }
    let what = change.get("change")?;
    let fate = fate(what.get("actions")?);
    let address = change.get("address")?.as_str()?;
    let after = what.get("after").filter(|node| !node.is_null());
    let before = what.get("before").filter(|node| !node.is_null());
    // What Terraform forgets stays as it is.
    let values = match (fate, after, before) {
        (Fate::Stays, None, Some(before)) => before.clone(),
        _ => laid_together(after, what.get("after_unknown"), address, change.origin),
    };
    let module = change.get("module_address").and_then(Node::as_str);
    instance(
        change,
        address,
        Steps::parse(module.unwrap_or_default()),
        fate,
        before,
        values,
    )
}

fn fate(actions: &Node) -> Fate {
    let named = |name: &str| {
        actions
            .items()
            .iter()
            .any(|action| action.as_str() == Some(name))
    };
    match (named("create"), named("delete")) {
        (true, true) => Fate::Remade,
        (true, false) => Fate::Made,
        (false, true) => Fate::Goes,
        (false, false) if named("forget") => Fate::Stays,
        (false, false) => Fate::Stays,
    }
}

fn instance<'n>(
    node: &'n Node,
    address: &'n str,
    module: Steps,
    fate: Fate,
    before: Option<&'n Node>,
    values: Node,
) -> Option<Instance<'n>> {
    Some(Instance {
        address,
        whole: node.origin,
        module,
        data: node.get("mode").and_then(Node::as_str) == Some("data"),
        kind: node.get("type")?.as_str()?,
        name: node.get("name")?.as_str()?,
        key: node.get("index").and_then(Node::text).map(str::to_owned),
        fate,
        before: before.filter(|node| !node.is_null()),
        values,
    })
}

/// The instances of a module of a state, and of the modules below it. Of the state before a plan
/// only data sources count: the plan repeats the rest.
fn stated<'n>(module: &'n Node, data_only: bool, depth: usize, into: &mut Vec<Instance<'n>>) {
    let address = module.get("address").and_then(Node::as_str);
    let steps = Steps::parse(address.unwrap_or_default());
    for node in module.get("resources").map(Node::items).unwrap_or_default() {
        let is_data = node.get("mode").and_then(Node::as_str) == Some("data");
        if (!data_only || is_data)
            && let Some(address) = node.get("address").and_then(Node::as_str)
            && let Some(values) = node.get("values")
        {
            let values = values.clone();
            into.extend(instance(
                node,
                address,
                steps.clone(),
                Fate::Stays,
                None,
                values,
            ));
        }
    }
    for child in module
        .get("child_modules")
        .map(Node::items)
        .unwrap_or_default()
    {
        if depth > 0 {
            stated(child, data_only, depth - 1, into);
        }
    }
}

/// What is known and what is not, as one tree.
fn laid_together(after: Option<&Node>, unknown: Option<&Node>, address: &str, at: Origin) -> Node {
    let null = Node {
        value: Value::Null,
        origin: after.map_or(at, |node| node.origin),
    };
    match after {
        None if unknown.and_then(Node::as_object).is_none() => null,
        after => laid(after, unknown, address, VALUE_DEPTH_MAX, at).unwrap_or(null),
    }
}

fn laid(
    known: Option<&Node>,
    unknown: Option<&Node>,
    path: &str,
    depth: usize,
    at: Origin,
) -> Option<Node> {
    let Some(unknown) = unknown else {
        return known.cloned();
    };
    let origin = known.map_or(at, |node| node.origin);
    match &unknown.value {
        Value::Bool(true) => Some(text(&deferred::open(path), origin)),
        Value::Object(members) if !members.is_empty() && depth > 0 => {
            Some(members_laid(known, members, path, depth, origin))
        }
        Value::Array(items) if !items.is_empty() && depth > 0 => {
            let given = known.and_then(Node::as_array).unwrap_or_default();
            let count = items.len().max(given.len());
            let item = |place: usize| {
                let path = format!("{path}[{place}]");
                laid(given.get(place), items.get(place), &path, depth - 1, origin)
            };
            Some(Node {
                value: Value::Array((0..count).filter_map(item).collect()),
                origin,
            })
        }
        _ => known.cloned(),
    }
}

fn members_laid(
    known: Option<&Node>,
    unknown: &[Member],
    path: &str,
    depth: usize,
    origin: Origin,
) -> Node {
    let mut members: Vec<Member> = known.and_then(Node::as_object).unwrap_or_default().to_vec();
    for member in unknown {
        let inner = format!("{path}.{}", member.key);
        let place = members.iter().position(|one| one.key == member.key);
        let given = place
            .and_then(|place| members.get(place))
            .map(|one| one.value.clone());
        let Some(value) = laid(
            given.as_ref(),
            Some(&member.value),
            &inner,
            depth - 1,
            origin,
        ) else {
            continue;
        };
        match place.and_then(|place| members.get_mut(place)) {
            Some(there) => there.value = value,
            None => members.push(Member {
                key: member.key.clone(),
                key_origin: origin,
                value,
            }),
        }
    }
    Node {
        value: Value::Object(members.into()),
        origin,
    }
}
