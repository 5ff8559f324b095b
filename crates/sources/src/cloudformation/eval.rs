//! Values of templates: intrinsic functions, references, conditions.
//!
//! Evaluation never fails. What the template does not tell becomes a text with a hole (see
//! `cofferdam_names::deferred`): what AWS makes up is new and equal to itself wherever it is
//! referred to; a parameter without a value, or an export of a stack that is not at hand, may be
//! anything. ("Intrinsic function reference", AWS CloudFormation template reference.)

use std::cell::Cell;

use cofferdam_names::deferred::{self, Piece};
use cofferdam_text::{Member, Node, Origin, Value};

use super::rows;
use super::template::{Application, Given, Stack};
use crate::sink::{list, text};

/// References that lead to references.
const DEPTH_MAX: usize = 48;

/// Values that are evaluated for one application. References are followed anew each time, so that a
/// small template could otherwise ask for more steps than anybody waits for.
const STEPS_MAX: usize = 5_000_000;

/// Bytes of a text that joins and substitutions may make; no property of AWS takes as many.
const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// Bytes of all texts that functions of one application give: each reference is a copy.
const GIVEN_BYTES_MAX: usize = 128 * 1024 * 1024;

/// Functions that a value may be, without `Fn::` or the exclamation mark.
const FUNCTIONS: &[&str] = &[
    "Ref",
    "GetAtt",
    "Sub",
    "Join",
    "Select",
    "Split",
    "FindInMap",
    "ImportValue",
    "If",
    "Base64",
    "Cidr",
    "GetAZs",
    "ToJsonString",
    "Length",
    "Transform",
    "GetStackOutput",
];

/// Evaluates values of an application's stacks.
pub(super) struct Eval<'a> {
    pub application: &'a Application,
    steps: Cell<usize>,
    /// Bytes of texts that functions gave.
    given: Cell<usize>,
}

/// Where a value is evaluated.
#[derive(Clone, Copy)]
pub(super) struct Scope {
    pub stack: usize,
    depth: usize,
}

impl Scope {
    /// At the top of a stack.
    pub fn of(stack: usize) -> Scope {
        Scope { stack, depth: 0 }
    }

    fn deeper(self) -> Scope {
        Scope {
            depth: self.depth + 1,
            ..self
        }
    }

    fn into(self, stack: usize) -> Scope {
        Scope {
            stack,
            depth: self.depth + 1,
        }
    }
}

/// The function that a node is, and what it is given.
fn function(node: &Node) -> Option<(&str, &Node)> {
    let [only] = node.as_object()? else {
        return None;
    };
    let name = only
        .key
        .strip_prefix("Fn::")
        .or_else(|| only.key.strip_prefix('!'));
    let name = name.unwrap_or(&only.key);
    let written = only.key.len() > name.len() || name == "Ref";
    (written && FUNCTIONS.contains(&name)).then_some((name, &only.value))
}

fn open(of: &str, at: Origin) -> Node {
    text(&deferred::open(of), at)
}

/// Whether the whole value is not told.
pub(super) fn is_open(node: &Node) -> bool {
    let pieces = |text| matches!(deferred::pieces(text).as_slice(), [Piece::Open(_)]);
    node.as_str()
        .is_some_and(|text| deferred::has_hole(text) && pieces(text))
}

impl<'a> Eval<'a> {
    /// For all stacks of an application.
    pub fn new(application: &'a Application) -> Eval<'a> {
        Eval {
            application,
            steps: Cell::new(0),
            given: Cell::new(0),
        }
    }

    /// The stack of a scope.
    pub fn stack(&self, scope: Scope) -> Option<&'a Stack> {
        self.application.stacks.get(scope.stack)
    }

    /// The value; none where it is `AWS::NoValue`.
    pub fn value(&self, scope: Scope, node: &Node) -> Option<Node> {
        if self.is_spent(scope) {
            return Some(open("a value that refers to itself", node.origin));
        }
        if let Some((name, given)) = function(node) {
            let found = self.call(scope.deeper(), name, given, node.origin)?;
            return Some(self.weighed(found));
        }
        let value = match &node.value {
            Value::Array(items) => Value::Array(self.items(scope, items).into()),
            Value::Object(members) => Value::Object(self.members(scope, members).into()),
            Value::String(text) if is_dynamic(text) => {
                Value::String(undynamic(text, node.origin).into())
            }
            other => other.clone(),
        };
        Some(Node {
            value,
            origin: node.origin,
        })
    }

    /// The value, as long as all of them together are not too large.
    fn weighed(&self, node: Node) -> Node {
        let bytes: usize = node
            .items()
            .iter()
            .filter_map(Node::text)
            .map(str::len)
            .sum();
        self.given.set(self.given.get().saturating_add(bytes));
        match self.given.get() <= GIVEN_BYTES_MAX {
            true => node,
            false => open("a value beyond the limit of all values", node.origin),
        }
    }

    /// Takes a step; whether there were too many already.
    fn is_spent(&self, scope: Scope) -> bool {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        STEPS_MAX < steps || DEPTH_MAX < scope.depth
    }

    fn items(&self, scope: Scope, items: &[Node]) -> Vec<Node> {
        items
            .iter()
            .filter_map(|item| self.value(scope, item))
            .collect()
    }

    fn members(&self, scope: Scope, members: &[Member]) -> Vec<Member> {
        let member = |member: &Member| {
            Some(Member {
                key: member.key.clone(),
                key_origin: member.key_origin,
                value: self.value(scope, &member.value)?,
            })
        };
        members.iter().filter_map(member).collect()
    }

    /// The text of a value; a hole where it is none or cannot be told.
    pub fn text(&self, scope: Scope, node: &Node) -> String {
        let value = self.value(scope, node);
        let found = value.as_ref().and_then(Node::text).map(str::to_owned);
        found.unwrap_or_else(|| deferred::open("a value that is no text"))
    }

    fn call(&self, scope: Scope, name: &str, given: &Node, at: Origin) -> Option<Node> {
        let found = match name {
            "Ref" => return self.reference(scope, given.text().unwrap_or_default(), at),
            "If" => return self.branch(scope, given, at),
            "GetAtt" => self.attribute(scope, given, at),
            "Sub" => self.substitute(scope, given, at),
            "Join" => self.join(scope, given, at),
            "Select" => self.select(scope, given),
            "Split" => self.split(scope, given, at),
            "FindInMap" => self.find_in_map(scope, given),
            "ImportValue" => self.import(scope, given, at),
            "Length" => self.length(scope, given, at),
            "ToJsonString" => self
                .value(scope, given)
                .map(|value| text(&value.to_json(), at)),
            _ => None,
        };
        Some(found.unwrap_or_else(|| open(&format!("{name} in the template"), at)))
    }

    fn reference(&self, scope: Scope, name: &str, at: Origin) -> Option<Node> {
        if name == "AWS::NoValue" {
            return None;
        }
        let stack = self.stack(scope)?;
        if let Some(value) = pseudo(stack, name) {
            return Some(text(&value, at));
        }
        if let Some(value) = self.parameter(scope, stack, name, at) {
            return Some(value);
        }
        let value = match stack.find(name) {
            Some(resource) => rows::reference(self, scope, resource),
            None => deferred::open(&format!("{name}, which the template does not define")),
        };
        Some(text(&value, at))
    }

    /// The value of a parameter; none if there is no such parameter.
    fn parameter(&self, scope: Scope, stack: &Stack, name: &str, at: Origin) -> Option<Node> {
        let declared = stack.root.get("Parameters")?.get(name)?;
        let kind = declared
            .get("Type")
            .and_then(Node::text)
            .unwrap_or("String");
        let value = match stack.given.get(name) {
            Some(Given::Text(value)) => Some(text(value, at)),
            Some(Given::Outer { stack, node }) => self.value(scope.into(*stack), node),
            None if kind.starts_with("AWS::SSM::Parameter::") => None,
            None => declared.get("Default").cloned(),
        };
        let Some(value) = value else {
            return Some(open(&format!("parameter {name} of {}", stack.name), at));
        };
        let many = kind.contains("List<") || kind == "CommaDelimitedList";
        match value.text().filter(|_| many && !is_open(&value)) {
            Some(all) => {
                let items = all.split(',').map(|one| text(one.trim(), at));
                Some(list(items.collect(), at))
            }
            None => Some(value),
        }
    }

    fn attribute(&self, scope: Scope, given: &Node, at: Origin) -> Option<Node> {
        let (logical, attribute) = match given.as_array() {
            Some([logical, attribute]) => (logical.text()?.to_owned(), self.text(scope, attribute)),
            _ => {
                let (logical, attribute) = given.text()?.split_once('.')?;
                (logical.to_owned(), attribute.to_owned())
            }
        };
        self.attribute_of(scope, &logical, &attribute, at)
    }

    fn attribute_of(&self, scope: Scope, logical: &str, name: &str, at: Origin) -> Option<Node> {
        let stack = self.stack(scope)?;
        if let (Some(output), Some(inner)) =
            (name.strip_prefix("Outputs."), stack.nested.get(logical))
        {
            let inner = scope.into(*inner);
            let value = self
                .stack(inner)?
                .root
                .get("Outputs")?
                .get(output)?
                .get("Value")?;
            return self.value(inner, value);
        }
        let value = match stack.find(logical) {
            Some(resource) => rows::attribute(self, scope, resource, name),
            None => deferred::open(&format!("{logical}, which the template does not define")),
        };
        Some(text(&value, at))
    }

    /// `${Name}`, `${Logical.Attribute}`, `${!as it is}`.
    fn substitute(&self, scope: Scope, given: &Node, at: Origin) -> Option<Node> {
        let (template, names) = match given.as_array() {
            Some([template, names]) => (template.text()?, Some(names)),
            _ => (given.text()?, None),
        };
        let (mut made, mut rest) = (String::new(), template);
        while let Some((before, after)) = rest.split_once("${") {
            made.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                made.push_str("${");
                rest = after;
                continue;
            };
            match name.strip_prefix('!') {
                Some(literal) => made.push_str(&format!("${{{literal}}}")),
                None => made.push_str(&self.variable(scope, names, name.trim(), at)),
            }
            if TEXT_BYTES_MAX < made.len() {
                return None;
            }
            rest = after;
        }
        made.push_str(rest);
        Some(text(&undynamic(&made, at), at))
    }

    fn variable(&self, scope: Scope, names: Option<&Node>, name: &str, at: Origin) -> String {
        if let Some(node) = names.and_then(|names| names.get(name)) {
            return self.text(scope, node);
        }
        let value = match name.split_once('.') {
            Some((logical, attribute)) => self.attribute_of(scope, logical, attribute, at),
            None => self.reference(scope, name, at),
        };
        let value = value.as_ref().and_then(Node::text).map(str::to_owned);
        value.unwrap_or_else(|| deferred::open(&format!("{name} in a substitution")))
    }

    fn join(&self, scope: Scope, given: &Node, at: Origin) -> Option<Node> {
        let [between, items] = given.as_array()? else {
            return None;
        };
        let items = self.value(scope, items)?;
        let texts: Option<Vec<&str>> = items.as_array()?.iter().map(Node::text).collect();
        let made = texts?.join(between.text()?);
        (made.len() <= TEXT_BYTES_MAX).then(|| text(&made, at))
    }

    fn select(&self, scope: Scope, given: &Node) -> Option<Node> {
        let [index, items] = given.as_array()? else {
            return None;
        };
        let index = self.text(scope, index).parse::<usize>().ok()?;
        let items = self.value(scope, items)?;
        items.as_array()?.get(index).cloned()
    }

    /// What is not told may hold the separator.
    fn split(&self, scope: Scope, given: &Node, at: Origin) -> Option<Node> {
        let [between, whole] = given.as_array()? else {
            return None;
        };
        let whole = self.text(scope, whole);
        let pieces = deferred::pieces(&whole);
        if pieces.iter().any(|piece| matches!(piece, Piece::Open(_))) {
            return None;
        }
        let between = between.text().filter(|between| !between.is_empty())?;
        let parts = whole.split(between).map(|part| text(part, at));
        Some(list(parts.collect(), at))
    }

    fn find_in_map(&self, scope: Scope, given: &Node) -> Option<Node> {
        let [map, first, second, more @ ..] = given.as_array()? else {
            return None;
        };
        let keys = [map, first, second].map(|node| self.text(scope, node));
        let start = self.stack(scope)?.root.get("Mappings")?;
        let found = keys.iter().try_fold(start, |node, key| node.get(key));
        let told = keys.iter().all(|key| !deferred::has_hole(key));
        let default = more.first().and_then(|more| more.get("DefaultValue"));
        self.value(scope, found.or(default.filter(|_| told))?)
    }

    /// The value that another stack of the application exports.
    fn import(&self, scope: Scope, given: &Node, at: Origin) -> Option<Node> {
        let wanted = self.text(scope, given);
        let place = &self.stack(scope)?.place;
        for (index, stack) in self.application.stacks.iter().enumerate() {
            if stack.place != *place {
                continue;
            }
            let outputs = stack.root.get("Outputs").and_then(Node::as_object);
            for output in outputs.unwrap_or_default() {
                let inside = scope.into(index);
                let name = output.value.get("Export").and_then(|node| node.get("Name"));
                if name.is_some_and(|name| self.text(inside, name) == wanted) {
                    return self.value(inside, output.value.get("Value")?);
                }
            }
        }
        Some(open(&format!("the export {wanted} of another stack"), at))
    }

    fn length(&self, scope: Scope, given: &Node, at: Origin) -> Option<Node> {
        let items = self.value(scope, given)?;
        let count = items.as_array()?.len();
        Some(Node {
            value: Value::Number(count.to_string().into()),
            origin: at,
        })
    }

    /// One of two values. If the condition is not told, the value is only if both are the same.
    fn branch(&self, scope: Scope, given: &Node, at: Origin) -> Option<Node> {
        let [condition, yes, no] = given.as_array().unwrap_or_default() else {
            return Some(open("If in the template", at));
        };
        let name = condition.text().unwrap_or_default();
        match self.condition(scope, name) {
            Some(true) => self.value(scope, yes),
            Some(false) => self.value(scope, no),
            None => {
                let (yes, no) = (self.value(scope, yes), self.value(scope, no));
                let same = match (&yes, &no) {
                    (Some(yes), Some(no)) => yes.to_json() == no.to_json(),
                    (None, None) => return None,
                    _ => false,
                };
                match yes.filter(|_| same) {
                    Some(value) => Some(value),
                    None => Some(open(&format!("condition {name}"), at)),
                }
            }
        }
    }

    /// Whether a condition holds; none if that is not told.
    pub fn condition(&self, scope: Scope, name: &str) -> Option<bool> {
        let node = self.stack(scope)?.root.get("Conditions")?.get(name)?;
        self.truth(scope.deeper(), node)
    }

    fn truth(&self, scope: Scope, node: &Node) -> Option<bool> {
        if self.is_spent(scope) {
            return None;
        }
        let scope = scope.deeper();
        let Some([only]) = node.as_object() else {
            return match self.text(scope, node).as_str() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            };
        };
        let name = only.key.trim_start_matches("Fn::").trim_start_matches('!');
        let all = || {
            only.value
                .items()
                .iter()
                .map(|item| self.truth(scope, item))
        };
        match name {
            "Condition" => self.condition(scope, only.value.text()?),
            "Not" => all().next()?.map(|truth| !truth),
            "And" => all().reduce(both)?,
            "Or" => all()
                .map(|one| one.map(|one| !one))
                .reduce(both)?
                .map(|one| !one),
            "Equals" => self.equals(scope, &only.value),
            _ => None,
        }
    }

    fn equals(&self, scope: Scope, given: &Node) -> Option<bool> {
        let [left, right] = given.as_array()? else {
            return None;
        };
        let (left, right) = (self.value(scope, left)?, self.value(scope, right)?);
        let (left, right) = (plain(&left), plain(&right));
        match left == right {
            true => Some(true),
            false if is_told(&left) && is_told(&right) => Some(false),
            false => None,
        }
    }
}

/// A value as it is compared: numbers and truths are texts ("Fn::Equals").
fn plain(node: &Node) -> String {
    node.text().map_or_else(|| node.to_json(), str::to_owned)
}

/// A value without anything that may turn out otherwise.
fn is_told(text: &str) -> bool {
    let pieces = deferred::pieces(text);
    pieces.iter().all(|piece| !matches!(piece, Piece::Open(_)))
}

fn both(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// "Pseudo parameters reference".
fn pseudo(stack: &Stack, name: &str) -> Option<String> {
    let top = stack.name.split('/').next().unwrap_or_default();
    Some(match name {
        "AWS::AccountId" => stack.place.account.clone(),
        "AWS::Region" => stack.place.region.clone(),
        "AWS::Partition" => stack.place.partition().to_owned(),
        "AWS::URLSuffix" => stack.place.url_suffix().to_owned(),
        "AWS::StackName" if top == stack.name => stack.name.clone(),
        "AWS::StackName" | "AWS::StackId" | "AWS::NotificationARNs" => {
            deferred::open(&format!("{name} of {}", stack.name))
        }
        _ => return None,
    })
}

/// What references to secrets and parameters begin with ("Dynamic references"), and what stands in
/// change sets for what is known only later.
const DYNAMIC: &[&str] = &["{{resolve:", "{{changeSet:"];

fn is_dynamic(text: &str) -> bool {
    DYNAMIC.iter().any(|start| text.contains(start))
}

/// The text with its dynamic references as holes. Two values of a change set that are known only
/// later are told apart by their places.
fn undynamic(text: &str, at: Origin) -> String {
    let (mut made, mut rest) = (String::new(), text);
    while let Some(start) = DYNAMIC.iter().filter_map(|start| rest.find(start)).min() {
        let (before, from) = rest.split_at_checked(start).unwrap_or((rest, ""));
        let (name, after) = from.split_once("}}").unwrap_or((from, ""));
        made.push_str(before);
        let of = match name.strip_prefix("{{resolve:") {
            Some(name) => format!("the value of {name}"),
            None => format!("a value known only after the change ({})", at.span().start),
        };
        made.push_str(&deferred::open(&of));
        rest = after;
    }
    made.push_str(rest);
    made
}
