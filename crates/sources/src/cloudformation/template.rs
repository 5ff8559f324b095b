//! Templates as stacks: parameters, conditions, resources, nested stacks.
//!
//! Nothing is evaluated here. Loops (`Fn::ForEach`) are written out, since they make resources.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cofferdam_names::deferred;
use cofferdam_text::{Diagnostic, Documents, Member, Node, Value};

use super::place::Place;
use crate::files;

/// Stacks of one application. A quota of AWS allows two thousand in a Region of an account.
const STACKS_MAX: usize = 2_000;

/// Stacks within each other.
const NESTED_MAX: usize = 8;

/// Resources of one template; the quota of AWS is five hundred, loops included
/// ("CloudFormation quotas").
const RESOURCES_MAX: usize = 5_000;

/// Copies that one loop makes.
const LOOP_MAX: usize = 1_000;

/// Bytes of template that the copies of one loop may come to.
const LOOP_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Loops within each other: more would let a small template grow beyond all memory.
const LOOPS_MAX: usize = 2;

/// Bytes of one template; the quota of AWS is one megabyte ("CloudFormation quotas").
const TEMPLATE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The type of nested stacks.
const STACK: &str = "AWS::CloudFormation::Stack";

/// One stack of an application.
#[derive(Debug)]
pub(super) struct Stack {
    /// Its name as AWS would give it, or the path of logical ids to a nested one.
    pub name: String,
    pub place: Place,
    pub root: Node,
    pub given: BTreeMap<String, Given>,
    pub resources: Vec<Resource>,
    /// Nested stacks by logical id, by their place in the application.
    pub nested: BTreeMap<String, usize>,
}

/// The value of a parameter.
#[derive(Clone, Debug)]
pub(super) enum Given {
    /// From the command line, a file or a change set.
    Text(String),
    /// From the stack that this one is nested in.
    Outer { stack: usize, node: Node },
}

/// One resource of a template.
#[derive(Debug)]
pub(super) struct Resource {
    pub logical: String,
    pub kind: String,
    pub node: Node,
    /// What AWS called it, where a change set says so.
    pub physical: Option<String>,
}

impl Resource {
    /// The properties; none where there are none.
    pub fn properties(&self) -> Option<&Node> {
        self.node.get("Properties")
    }

    /// The name of the condition under which it exists.
    pub fn condition(&self) -> Option<&str> {
        self.node.get("Condition")?.as_str()
    }
}

/// Stacks that are read together, so that they may refer to each other.
#[derive(Debug, Default)]
pub(super) struct Application {
    pub stacks: Vec<Stack>,
    /// Top stacks by the source that they come from.
    pub sources: Vec<(PathBuf, usize)>,
    /// What was wrong with templates, by the source.
    pub diagnostics: Vec<(PathBuf, Diagnostic)>,
    /// Stacks that make more than their template shows, with the reason: anything may be among it.
    pub more: Vec<(usize, String)>,
}

/// What a stack is made from.
pub(super) struct Origins<'o> {
    pub source: &'o Path,
    pub file: PathBuf,
    pub name: String,
    pub place: Place,
    pub given: BTreeMap<String, Given>,
    /// Files beside the template by the hash that their addresses will hold, as CDK writes them.
    pub assets: &'o Assets,
    pub depth: usize,
}

/// File names by hash.
pub(super) type Assets = BTreeMap<String, String>;

impl Application {
    /// Adds the stack of a template, and those nested in it.
    ///
    /// # Errors
    /// When the template cannot be read, or there are too many.
    pub fn add(
        &mut self,
        documents: &mut Documents,
        from: Origins<'_>,
    ) -> Result<usize, Diagnostic> {
        let root = read(documents, &from.file)?;
        if TEMPLATE_BYTES_MAX < size(&root) {
            let message = format!("the template has more than {TEMPLATE_BYTES_MAX} bytes");
            return Err(Diagnostic::error(root.origin, message));
        }
        self.add_tree(documents, from, root)
    }

    fn add_tree(
        &mut self,
        documents: &mut Documents,
        from: Origins<'_>,
        root: Node,
    ) -> Result<usize, Diagnostic> {
        if STACKS_MAX <= self.stacks.len() || NESTED_MAX < from.depth {
            let message =
                format!("more than {STACKS_MAX} stacks, or stacks nested deeper than {NESTED_MAX}");
            return Err(Diagnostic::in_file(
                from.file.display().to_string(),
                message,
            ));
        }
        let mut problems = Vec::new();
        let resources = resources(&root, &mut problems);
        let at = self.stacks.len();
        if let Some(what) = written_by_others(&root, &resources) {
            let why = format!("{what} may add anything to stack {}", from.name);
            problems.push(Diagnostic::warning(root.origin, why.as_str()));
            self.more.push((at, why));
        }
        let problems = problems.into_iter();
        self.diagnostics
            .extend(problems.map(|one| (from.source.to_owned(), one)));
        self.stacks.push(Stack {
            name: from.name.clone(),
            place: from.place.clone(),
            root,
            given: from.given.clone(),
            resources,
            nested: BTreeMap::new(),
        });
        self.nest(documents, &from, at);
        Ok(at)
    }

    /// Adds the stacks nested in one.
    fn nest(&mut self, documents: &mut Documents, from: &Origins<'_>, at: usize) {
        let directory = from.file.parent().unwrap_or(Path::new(""));
        for (logical, file, node) in self.nested(at, directory, from.assets) {
            let Some(file) = file else {
                let message = format!(
                    "the template of the nested stack {logical} is not a local file: what it makes is not known"
                );
                self.more.push((at, message.clone()));
                let warning = Diagnostic::warning(node.origin, message);
                self.diagnostics.push((from.source.to_owned(), warning));
                continue;
            };
            let parameters = node
                .get("Properties")
                .and_then(|node| node.get("Parameters"));
            let parameters = parameters.and_then(Node::as_object).unwrap_or_default();
            let outer = |member: &Member| {
                let node = member.value.clone();
                (member.key.to_string(), Given::Outer { stack: at, node })
            };
            let inner = Origins {
                source: from.source,
                file,
                name: format!("{}/{logical}", from.name),
                place: from.place.clone(),
                given: parameters.iter().map(outer).collect(),
                assets: from.assets,
                depth: from.depth + 1,
            };
            match self.add(documents, inner) {
                Ok(inner) => {
                    if let Some(stack) = self.stacks.get_mut(at) {
                        stack.nested.insert(logical, inner);
                    }
                }
                Err(diagnostic) => self.diagnostics.push((from.source.to_owned(), diagnostic)),
            }
        }
    }

    /// Nested stacks with their files, where those are at hand.
    fn nested(
        &self,
        at: usize,
        directory: &Path,
        assets: &Assets,
    ) -> Vec<(String, Option<PathBuf>, Node)> {
        let Some(stack) = self.stacks.get(at) else {
            return Vec::new();
        };
        let nested = stack.resources.iter().filter(|one| one.kind == STACK);
        nested
            .map(|one| {
                let file = template_of(one, assets).map(|name| directory.join(name));
                let file = file.filter(|file| file.is_file());
                (one.logical.clone(), file, one.node.clone())
            })
            .collect()
    }
}

/// The file of a nested stack's template: a local path, as `aws cloudformation package` takes it, or
/// the asset that CDK names beside.
fn template_of<'r>(resource: &'r Resource, assets: &'r Assets) -> Option<&'r str> {
    let asset = resource.node.get("Metadata").and_then(|node| {
        let property = node.get("aws:asset:property").and_then(Node::as_str);
        (property == Some("TemplateURL")).then(|| node.get("aws:asset:path")?.as_str())?
    });
    let url = resource.properties()?.get("TemplateURL")?;
    let hashed = || {
        let mut all = assets.iter();
        let (_, name) = all.find(|(hash, _)| mentions(url, hash))?;
        Some(name.as_str())
    };
    let is_local = |url: &&str| !url.contains("://") && is_below(Path::new(url));
    asset
        .or_else(hashed)
        .or_else(|| url.as_str())
        .filter(is_local)
}

/// Whether a text of a value holds a word.
fn mentions(node: &Node, word: &str) -> bool {
    let members = node.as_object().unwrap_or_default().iter();
    let elements = node.as_array().unwrap_or_default().iter();
    let mut inside = members.map(|one| &one.value).chain(elements);
    node.as_str().is_some_and(|text| text.contains(word)) || inside.any(|one| mentions(one, word))
}

/// A template must not reach files outside of its directory.
fn is_below(path: &Path) -> bool {
    use std::path::Component;
    path.components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// Reads a template: JSON if it begins with a brace, else YAML.
pub(super) fn read(documents: &mut Documents, file: &Path) -> Result<Node, Diagnostic> {
    let (name, bytes) = (file.display().to_string(), files::bytes(file)?);
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        Some(b'{') => documents.read_json(&name, bytes),
        _ => documents.read_yaml(&name, bytes),
    }
}

/// Macros that only change values, or only make things that state no fact ("Transform section").
const HARMLESS: &[&str] = &[
    "AWS::LanguageExtensions",
    "AWS::CodeDeployBlueGreen",
    "AWS::SecretsManager-",
];

/// Types that a macro of AWS's own writes out as roles, functions, tables and their policies.
const SERVERLESS: &str = "AWS::Serverless";

/// A macro that makes resources: what it makes is not in the template. Macros within a section are
/// one more member of it, and so is a loop that cannot be written out.
fn written_by_others(root: &Node, resources: &[Resource]) -> Option<String> {
    let section = root.get("Resources").and_then(Node::as_object);
    let mut members = section.unwrap_or_default().iter();
    let within = members.find(|member| {
        let made = |(name, _): &(String, Node)| name.starts_with("Fn::");
        let written = written_out(root, &member.key, &member.value, LOOPS_MAX);
        written.iter().any(made)
    });
    let named = root.get("Transform").map(Node::items).unwrap_or_default();
    let mut named = named.iter().map(|one| {
        let name = one.get("Name").and_then(Node::as_str);
        one.as_str().or(name).unwrap_or("without a name")
    });
    let harmless = |name: &str| HARMLESS.iter().any(|start| name.starts_with(start));
    let found = named.find(|name| !harmless(name) && !name.starts_with(SERVERLESS));
    let serverless = resources
        .iter()
        .find(|one| one.kind.starts_with(SERVERLESS));
    match (found, within, serverless) {
        (Some(name), ..) => Some(format!("the macro {name}")),
        (_, Some(member), _) => Some(member.key.to_string()),
        (.., Some(one)) => Some(format!("what {} is written out as", one.kind)),
        _ => None,
    }
}

fn resources(root: &Node, problems: &mut Vec<Diagnostic>) -> Vec<Resource> {
    let section = root.get("Resources").and_then(Node::as_object);
    let mut found = Vec::new();
    for member in section.unwrap_or_default() {
        for (logical, node) in written_out(root, &member.key, &member.value, LOOPS_MAX) {
            if logical.starts_with("Fn::") {
                continue;
            }
            let Some(kind) = node.get("Type").and_then(Node::as_str) else {
                let message = format!("the resource {logical} has no type: it is not read");
                problems.push(Diagnostic::error(node.origin, message));
                continue;
            };
            found.push(Resource {
                kind: kind.to_owned(),
                logical,
                node,
                physical: None,
            });
        }
    }
    if RESOURCES_MAX < found.len() {
        let message = format!("only the first {RESOURCES_MAX} resources are read");
        problems.push(Diagnostic::error(root.origin, message));
        found.truncate(RESOURCES_MAX);
    }
    found
}

/// What loops begin with.
const LOOP: &str = "Fn::ForEach::";

/// A member, or what the loop in it writes out ("Fn::ForEach"). A loop over something that only a
/// parameter can tell stays under its own name, without a type.
fn written_out(root: &Node, key: &str, value: &Node, left: usize) -> Vec<(String, Node)> {
    let plain = || vec![(key.to_owned(), value.clone())];
    if !key.starts_with(LOOP) || left == 0 {
        return plain();
    }
    let [name, over, body] = value.as_array().unwrap_or_default() else {
        return plain();
    };
    let (Some(name), Some(over)) = (name.as_str(), collection(root, over)) else {
        return plain();
    };
    let mut found = Vec::new();
    let copies = LOOP_MAX.min(LOOP_BYTES_MAX / size(body).max(1));
    for text in over.iter().take(copies) {
        if RESOURCES_MAX < found.len() {
            break;
        }
        for member in body.as_object().unwrap_or_default() {
            let key = replaced(&member.key, name, text);
            let node = replace(&member.value, name, text);
            found.extend(written_out(root, &key, &node, left - 1));
        }
    }
    found
}

/// Bytes that a value takes in its text.
fn size(node: &Node) -> usize {
    let span = node.origin.span();
    (span.end - span.start) as usize
}

/// The texts that a loop goes over: written there, or the default of a parameter.
fn collection(root: &Node, over: &Node) -> Option<Vec<String>> {
    let name = over.get("Ref").or_else(|| over.get("!Ref"));
    let Some(name) = name else {
        let items = over.as_array()?.iter();
        return items.map(|item| item.text().map(str::to_owned)).collect();
    };
    let parameter = root.get("Parameters")?.get(name.as_str()?)?;
    let default = parameter.get("Default")?.text()?;
    Some(
        default
            .split(',')
            .map(|one| one.trim().to_owned())
            .collect(),
    )
}

/// `${Name}` and `&{Name}`, which leaves out what is not alphanumeric.
fn replaced(text: &str, name: &str, value: &str) -> String {
    let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    text.replace(&format!("${{{name}}}"), value)
        .replace(&format!("&{{{name}}}"), &plain)
}

fn replace(node: &Node, name: &str, value: &str) -> Node {
    let value = match &node.value {
        Value::String(text) => Value::String(replaced(text, name, value).into()),
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| replace(item, name, value))
                .collect(),
        ),
        Value::Object(members) if is_reference(members, name) => Value::String(value.into()),
        Value::Object(members) => {
            let member = |member: &Member| Member {
                key: replaced(&member.key, name, value).into(),
                key_origin: member.key_origin,
                value: replace(&member.value, name, value),
            };
            Value::Object(members.iter().map(member).collect())
        }
        other => other.clone(),
    };
    Node {
        value,
        origin: node.origin,
    }
}

fn is_reference(members: &[Member], name: &str) -> bool {
    match members {
        [only] => matches!(&*only.key, "Ref" | "!Ref") && only.value.as_str() == Some(name),
        _ => false,
    }
}

impl Stack {
    /// The address of a resource: its logical id, below the stacks that it is nested in.
    pub fn address(&self, logical: &str) -> String {
        match self.name.split_once('/') {
            Some((_, inner)) => format!("{inner}/{logical}"),
            None => logical.to_owned(),
        }
    }

    /// Whose value a hole of a resource stands for: the same wherever the stack is referred to.
    pub fn hole(&self, logical: &str) -> String {
        deferred::generated(&format!("{}/{logical}", self.name))
    }

    /// The place of a resource in the stack.
    pub fn find(&self, logical: &str) -> Option<usize> {
        self.resources.iter().position(|one| one.logical == logical)
    }
}
