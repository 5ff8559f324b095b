//! What an expression comes to for one instance.
//!
//! The result is what apply would give wherever it holds no hole. What cannot be told is a hole by
//! the name of what it hangs on, never a guess.

use std::path::Path;

use cofferdam_names::deferred;
use cofferdam_text::Documents;
use hcl_edit::expr::{
    BinaryOp, BinaryOperator, Expression, ForExpr, FuncCall, ObjectKey, Traversal,
    TraversalOperator, UnaryOperator,
};
use hcl_edit::template::{Element, Template};

use super::super::configuration::Steps;
use super::super::document;
use super::super::resolve::{Resolver, is_open};
use super::functions;
use super::value::Value;
use super::{Module, Sources};

/// Expressions in each other that are followed, for each attribute that may still be followed:
/// deeper ones can only be a loop of locals, and what attributes lead to may be less deep each time.
const DEPTH_PER_STEP: usize = 4;

/// Bytes of a file that a function reads.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Where an expression stands.
#[derive(Clone, Debug)]
struct Scope {
    module: Steps,
    /// The key of the instance, and what `each.value` is.
    each: Option<(String, Option<Value>)>,
    /// Names that a `for` binds, the innermost last.
    names: Vec<(String, Value)>,
}

/// One evaluation.
pub(super) struct Evaluation<'a, 'p, 'n> {
    sources: &'a Sources,
    resolver: &'a Resolver<'p, 'n>,
    /// Attributes that may still be followed through the plan.
    left: usize,
    depth: usize,
}

impl<'a, 'p, 'n> Evaluation<'a, 'p, 'n> {
    pub fn new(sources: &'a Sources, resolver: &'a Resolver<'p, 'n>, left: usize) -> Self {
        Evaluation {
            sources,
            resolver,
            left,
            depth: DEPTH_PER_STEP * left,
        }
    }

    /// The value of an expression that stands in an instance's block.
    pub fn of_instance(&mut self, at: usize, expression: &Expression) -> Value {
        let Some(instance) = self.resolver.plan.instance(at) else {
            return Value::Null;
        };
        let module = instance.module.clone();
        let mut scope = Scope {
            module,
            each: None,
            names: Vec::new(),
        };
        if let Some(key) = &instance.key {
            let all = self.sources.declared(self.resolver, at);
            let all = all.and_then(|one| one.body.get_attribute("for_each"));
            let value = all.map(|one| self.value(&one.value, &scope));
            let value = value.and_then(|all| self.of_key(&all, key));
            scope.each = Some((key.clone(), value));
        }
        self.value(expression, &scope)
    }

    /// What `each.value` is of a key: of a set the key itself.
    fn of_key(&self, all: &Value, key: &str) -> Option<Value> {
        match all {
            Value::Map(_) => all.get(key).cloned(),
            Value::List(_) => Some(Value::Text(key.to_owned())),
            _ => None,
        }
    }

    fn value(&mut self, expression: &Expression, scope: &Scope) -> Value {
        let budget = &self.sources.budget;
        if self.depth == 0 || budget.get() == 0 {
            return Value::unknown("an expression that is too deep");
        }
        self.depth -= 1;
        budget.set(budget.get() - 1);
        let value = self.plain(expression, scope);
        self.depth += 1;
        value
    }

    fn plain(&mut self, expression: &Expression, scope: &Scope) -> Value {
        match expression {
            Expression::Null(_) => Value::Null,
            Expression::Bool(truth) => Value::Bool(*truth.value()),
            Expression::Number(number) => Value::Number(number.value().to_string()),
            Expression::String(text) => Value::Text(text.value().clone()),
            Expression::Array(items) => {
                Value::List(items.iter().map(|item| self.value(item, scope)).collect())
            }
            Expression::Object(object) => {
                let mut members = Vec::new();
                for (key, value) in object.iter() {
                    let key = match key {
                        ObjectKey::Ident(name) => Some(name.to_string()),
                        ObjectKey::Expression(Expression::Variable(name)) => Some(name.to_string()),
                        ObjectKey::Expression(key) => self.value(key, scope).text(),
                    };
                    members.extend(key.map(|key| (key, self.value(value.expr(), scope))));
                }
                Value::map(members)
            }
            Expression::StringTemplate(template) => self.template(template.iter(), scope),
            Expression::HeredocTemplate(heredoc) => {
                let mut heredoc = heredoc.clone();
                heredoc.dedent();
                self.template(heredoc.template.iter(), scope)
            }
            Expression::Parenthesis(inner) => self.value(inner.inner(), scope),
            Expression::Variable(name) => {
                bound(scope, name.as_str()).unwrap_or_else(|| Value::unknown(name.as_str()))
            }
            Expression::Conditional(choice) => match self.value(&choice.cond_expr, scope) {
                Value::Bool(true) => self.value(&choice.true_expr, scope),
                Value::Bool(false) => self.value(&choice.false_expr, scope),
                _ => Value::unknown("a condition that is not known"),
            },
            Expression::FuncCall(call) => self.call(call, scope),
            Expression::Traversal(traversal) => self.traversal(traversal, scope),
            Expression::UnaryOp(operation) => {
                let value = self.value(&operation.expr, scope);
                match (operation.operator.value(), value) {
                    (UnaryOperator::Not, Value::Bool(truth)) => Value::Bool(!truth),
                    (UnaryOperator::Neg, Value::Number(text)) => Value::Number(format!("-{text}")),
                    _ => Value::unknown("an operation"),
                }
            }
            Expression::BinaryOp(operation) => self.operation(operation, scope),
            Expression::ForExpr(each) => self.each(each, scope),
        }
    }

    fn template<'t>(
        &mut self,
        elements: impl Iterator<Item = &'t Element>,
        scope: &Scope,
    ) -> Value {
        let mut out = String::new();
        let mut whole = None;
        for element in elements {
            match element {
                Element::Literal(text) => {
                    out.push_str(text.value());
                    whole = Some(None);
                }
                Element::Interpolation(inner) => {
                    let value = self.value(&inner.expr, scope);
                    // A template of one interpolation is that value itself.
                    whole = Some(if whole.is_none() {
                        Some(value.clone())
                    } else {
                        None
                    });
                    match value.text() {
                        Some(text) => out.push_str(&text),
                        None => out.push_str(&deferred::open("a part of a template")),
                    }
                }
                Element::Directive(_) => return Value::unknown("a directive of a template"),
            }
        }
        match whole {
            Some(Some(value)) => value,
            _ => Value::Text(out),
        }
    }

    fn call(&mut self, call: &FuncCall, scope: &Scope) -> Value {
        let name = call.name.name.as_str();
        let unknown = || Value::unknown(&format!("{name}()"));
        if call.name.is_namespaced() {
            return unknown();
        }
        if matches!(name, "try" | "coalesce") {
            for argument in call.args.iter() {
                let value = self.value(argument, scope);
                if value != Value::Null {
                    return value;
                }
            }
            return Value::Null;
        }
        let mut arguments: Vec<Value> =
            call.args.iter().map(|one| self.value(one, scope)).collect();
        if call.args.expand_final()
            && let Some(Value::List(last)) = arguments.pop()
        {
            arguments.extend(last);
        }
        let found = match (name, arguments.as_slice()) {
            ("file", [Value::Text(path)]) => self.file(path).map(Value::Text),
            ("templatefile", [Value::Text(path), Value::Map(names)]) => {
                self.template_file(path, names, scope)
            }
            _ => functions::call(name, &arguments),
        };
        found.unwrap_or_else(unknown)
    }

    /// The text of a file below the root module.
    fn file(&self, path: &str) -> Option<String> {
        let root = self.sources.root.canonicalize().ok()?;
        let path = Path::new(path).canonicalize().ok()?;
        let small = path.metadata().ok()?.len() <= FILE_BYTES_MAX;
        (path.starts_with(root) && small).then(|| std::fs::read_to_string(path).ok())?
    }

    fn template_file(
        &mut self,
        path: &str,
        names: &[(String, Value)],
        scope: &Scope,
    ) -> Option<Value> {
        let template: Template = self.file(path)?.parse().ok()?;
        let mut inner = scope.clone();
        inner.names.extend(names.iter().cloned());
        let value = self.template(template.iter(), &inner);
        Some(value)
    }

    fn operation(&mut self, operation: &BinaryOp, scope: &Scope) -> Value {
        let left = self.value(&operation.lhs_expr, scope);
        let right = self.value(&operation.rhs_expr, scope);
        let equal = || (!left.has_hole() && !right.has_hole()).then(|| left == right);
        let found = match (operation.operator.value(), &left, &right) {
            (BinaryOperator::Eq, ..) => equal().map(Value::Bool),
            (BinaryOperator::NotEq, ..) => equal().map(|same| Value::Bool(!same)),
            (BinaryOperator::And, Value::Bool(one), Value::Bool(other)) => {
                Some(Value::Bool(*one && *other))
            }
            (BinaryOperator::Or, Value::Bool(one), Value::Bool(other)) => {
                Some(Value::Bool(*one || *other))
            }
            (BinaryOperator::And, Value::Bool(false), _)
            | (BinaryOperator::And, _, Value::Bool(false)) => Some(Value::Bool(false)),
            (BinaryOperator::Or, Value::Bool(true), _)
            | (BinaryOperator::Or, _, Value::Bool(true)) => Some(Value::Bool(true)),
            (operator, Value::Number(one), Value::Number(other)) => {
                whole_numbers(*operator, one, other)
            }
            _ => None,
        };
        found.unwrap_or_else(|| Value::unknown("an operation"))
    }

    fn each(&mut self, each: &ForExpr, scope: &Scope) -> Value {
        let over = self.value(&each.intro.collection_expr, scope);
        let items: Vec<(Value, Value)> = match over {
            Value::List(items) => {
                let numbered = (0_usize..).zip(items);
                numbered
                    .map(|(place, item)| (Value::Number(place.to_string()), item))
                    .collect()
            }
            Value::Map(members) => members
                .into_iter()
                .map(|(key, value)| (Value::Text(key), value))
                .collect(),
            _ => return Value::unknown("a collection that is not known"),
        };
        let (mut list, mut map) = (Vec::new(), Vec::new());
        for (key, item) in items {
            let mut inner = scope.clone();
            let key_name = each.intro.key_var.as_ref().map(ToString::to_string);
            inner.names.extend(key_name.map(|name| (name, key)));
            inner.names.push((each.intro.value_var.to_string(), item));
            match each
                .cond
                .as_ref()
                .map(|cond| self.value(&cond.expr, &inner))
            {
                None | Some(Value::Bool(true)) => {}
                Some(Value::Bool(false)) => continue,
                Some(_) => return Value::unknown("a condition that is not known"),
            }
            let value = self.value(&each.value_expr, &inner);
            match &each.key_expr {
                None => list.push(value),
                Some(key) => match self.value(key, &inner).text() {
                    Some(key) if !each.grouping => map.push((key, value)),
                    _ => return Value::unknown("a key that is not known"),
                },
            }
        }
        match each.key_expr {
            None => Value::List(list),
            Some(_) => Value::map(map),
        }
    }

    fn traversal(&mut self, traversal: &Traversal, scope: &Scope) -> Value {
        let operators: Vec<&TraversalOperator> =
            traversal.operators.iter().map(|one| one.value()).collect();
        let Expression::Variable(first) = &traversal.expr else {
            let from = self.value(&traversal.expr, scope);
            return self.walk(from, &operators, scope, "an expression");
        };
        let (value, used) = self.named(first.as_str(), &operators, scope);
        let rest = operators.get(used..).unwrap_or_default();
        let shown = shown(first.as_str(), operators.get(..used).unwrap_or_default());
        match value {
            Some(value) => self.walk(value, rest, scope, &shown),
            None => Value::unknown(&shown),
        }
    }

    /// What the first words of a reference name, and how many of them are used up.
    fn named(
        &mut self,
        first: &str,
        operators: &[&TraversalOperator],
        scope: &Scope,
    ) -> (Option<Value>, usize) {
        let word = |place: usize| match operators.get(place) {
            Some(TraversalOperator::GetAttr(name)) => Some(name.as_str()),
            _ => None,
        };
        if let Some(value) = bound(scope, first) {
            return (Some(value), 0);
        }
        match (first, word(0), word(1)) {
            ("var", Some(name), _) => (self.variable(name, scope), 1),
            ("local", Some(name), _) => (self.local(name, scope), 1),
            ("each", Some("key"), _) => (
                scope.each.as_ref().map(|(key, _)| Value::Text(key.clone())),
                1,
            ),
            ("each", Some("value"), _) => {
                (scope.each.as_ref().and_then(|(_, value)| value.clone()), 1)
            }
            ("count", Some("index"), _) => (
                scope
                    .each
                    .as_ref()
                    .map(|(key, _)| Value::Number(key.clone())),
                1,
            ),
            ("path", Some("module"), _) => {
                let module = self.sources.of(&scope.module);
                (
                    module.map(|one| Value::Text(one.directory.display().to_string())),
                    1,
                )
            }
            ("path", Some(_), _) => (
                Some(Value::Text(self.sources.root.display().to_string())),
                1,
            ),
            ("module", Some(name), _) => self.module(name, operators, scope),
            ("data", Some(kind), Some(name)) => (self.instances(scope, true, kind, name), 2),
            (kind, Some(name), _) => (self.instances(scope, false, kind, name), 1),
            _ => (None, 0),
        }
    }

    fn variable(&mut self, name: &str, scope: &Scope) -> Option<Value> {
        let Some((above, call, key)) = scope.module.above() else {
            let stated = self
                .resolver
                .plan
                .variables
                .and_then(|all| all.get(name)?.get("value"));
            return stated.map(Value::of).or_else(|| self.default(name, scope));
        };
        let caller: &Module = self.sources.of(&above)?;
        let declared = caller.calls.get(call)?;
        let Some(argument) = declared.body.get_attribute(name) else {
            return self.default(name, scope);
        };
        let mut outer = Scope {
            module: above.clone(),
            each: None,
            names: Vec::new(),
        };
        if let Some(key) = key {
            let all = declared.body.get_attribute("for_each");
            let all = all.map(|one| self.value(&one.value, &outer));
            let value = all.and_then(|all| self.of_key(&all, key));
            outer.each = Some((key.to_owned(), value));
        }
        Some(self.value(&argument.value, &outer))
    }

    fn default(&mut self, name: &str, scope: &Scope) -> Option<Value> {
        let written = self.sources.of(&scope.module)?.variables.get(name)?;
        Some(self.value(written, scope))
    }

    fn local(&mut self, name: &str, scope: &Scope) -> Option<Value> {
        let written = self.sources.of(&scope.module)?.locals.get(name)?;
        let scope = Scope {
            names: Vec::new(),
            each: None,
            module: scope.module.clone(),
        };
        Some(self.value(written, &scope))
    }

    /// `module.name.output` or `module.name[key].output`.
    fn module(
        &mut self,
        name: &str,
        operators: &[&TraversalOperator],
        scope: &Scope,
    ) -> (Option<Value>, usize) {
        let (key, used) = match operators.get(1) {
            Some(TraversalOperator::Index(index)) => (self.value(index, scope).text(), 2),
            _ => (None, 1),
        };
        let Some(TraversalOperator::GetAttr(output)) = operators.get(used) else {
            return (None, used);
        };
        let module = scope.module.below(name, key);
        let written = self
            .sources
            .of(&module)
            .and_then(|one| one.outputs.get(output.as_str()));
        let inner = Scope {
            module: module.clone(),
            each: None,
            names: Vec::new(),
        };
        (written.map(|one| self.value(one, &inner)), used + 1)
    }

    /// The instance, or the instances by their keys.
    fn instances(&self, scope: &Scope, data: bool, kind: &str, name: &str) -> Option<Value> {
        let places = self.resolver.plan.declared(&scope.module, data, kind, name);
        let keyed = |place: &usize| {
            let key = self.resolver.plan.instance(*place)?.key.clone()?;
            Some((key, Value::Instance(*place)))
        };
        match places {
            [] => None,
            [only] if keyed(only).is_none() => Some(Value::Instance(*only)),
            several => Some(Value::map(several.iter().filter_map(keyed).collect())),
        }
    }

    /// Follows the rest of a reference.
    fn walk(
        &mut self,
        from: Value,
        operators: &[&TraversalOperator],
        scope: &Scope,
        shown: &str,
    ) -> Value {
        let mut value = from;
        for (place, operator) in operators.iter().enumerate() {
            let key = match operator {
                TraversalOperator::GetAttr(name) => name.to_string(),
                TraversalOperator::LegacyIndex(index) => index.to_string(),
                TraversalOperator::Index(index) => match self.value(index, scope).text() {
                    Some(key) => key,
                    None => return Value::unknown(shown),
                },
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                    let rest = operators.get(place + 1..).unwrap_or_default();
                    return self.splat(value, rest, scope, shown);
                }
            };
            value = match &value {
                Value::Instance(at) => self.attribute(*at, &key, shown),
                other if other.is_unknown() => return Value::unknown(shown),
                other => match other.get(&key) {
                    Some(found) => found.clone(),
                    None => return Value::unknown(shown),
                },
            };
        }
        value
    }

    fn splat(
        &mut self,
        from: Value,
        rest: &[&TraversalOperator],
        scope: &Scope,
        shown: &str,
    ) -> Value {
        let items = match from {
            Value::List(items) => items,
            Value::Map(members)
                if members
                    .iter()
                    .all(|(_, one)| matches!(one, Value::Instance(_))) =>
            {
                members.into_iter().map(|(_, one)| one).collect()
            }
            one @ Value::Instance(_) => vec![one],
            _ => return Value::unknown(shown),
        };
        Value::List(
            items
                .into_iter()
                .map(|item| self.walk(item, rest, scope, shown))
                .collect(),
        )
    }

    /// An attribute of an instance, as the plan has it or as it can be found.
    fn attribute(&mut self, at: usize, name: &str, shown: &str) -> Value {
        let Some(instance) = self.resolver.plan.instance(at) else {
            return Value::unknown(shown);
        };
        match instance.values.get(name) {
            Some(node) if !is_open(node) => Value::of(node),
            stated => {
                if instance.data && stated.is_some() && matches!(name, "json" | "minified_json") {
                    return self.document(at).unwrap_or_else(|| Value::unknown(shown));
                }
                let left = self.left;
                let found = left
                    .checked_sub(1)
                    .and_then(|left| self.resolver.text_within(at, name, left));
                found.map_or_else(
                    || Value::unknown(&format!("{}.{name}", instance.address)),
                    |settled| Value::Text(settled.text),
                )
            }
        }
    }

    fn document(&self, at: usize) -> Option<Value> {
        const DOCUMENTS_MAX: usize = 8;
        let mut documents = Documents::new();
        let found = document::document(self.resolver, &mut documents, at, DOCUMENTS_MAX)?;
        Some(Value::Text(found.to_json()))
    }
}

fn bound(scope: &Scope, name: &str) -> Option<Value> {
    let found = scope.names.iter().rev().find(|(known, _)| known == name);
    found.map(|(_, value)| value.clone())
}

/// The words of a reference, for the name of a hole.
fn shown(first: &str, operators: &[&TraversalOperator]) -> String {
    let mut out = first.to_owned();
    for operator in operators {
        if let TraversalOperator::GetAttr(name) = operator {
            out.push('.');
            out.push_str(name.as_str());
        }
    }
    out
}

fn whole_numbers(operator: BinaryOperator, one: &str, other: &str) -> Option<Value> {
    let (one, other): (i64, i64) = (one.parse().ok()?, other.parse().ok()?);
    let number = |made: Option<i64>| made.map(|made| Value::Number(made.to_string()));
    match operator {
        BinaryOperator::Plus => number(one.checked_add(other)),
        BinaryOperator::Minus => number(one.checked_sub(other)),
        BinaryOperator::Mul => number(one.checked_mul(other)),
        BinaryOperator::Greater => Some(Value::Bool(one > other)),
        BinaryOperator::GreaterEq => Some(Value::Bool(one >= other)),
        BinaryOperator::Less => Some(Value::Bool(one < other)),
        BinaryOperator::LessEq => Some(Value::Bool(one <= other)),
        _ => None,
    }
}
