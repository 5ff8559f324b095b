//! A plan's `configuration`: what each attribute was written as.
//!
//! It holds constants, or flat lists of what an expression refers to, and never the expression
//! itself ("JSON Output Format", Terraform documentation, "Expression Representation").

use std::collections::BTreeMap;

use cofferdam_text::Node;

/// Modules in each other that are followed.
const MODULE_DEPTH_MAX: usize = 32;

/// A way down the modules: the name of each call, with its key where it is called more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Steps(pub Vec<(String, Option<String>)>);

impl Steps {
    /// Reads `module.a["x"].module.b`.
    pub fn parse(text: &str) -> Steps {
        let mut steps = Vec::new();
        let mut rest = text;
        while let Some(after) = rest.strip_prefix("module.") {
            let (step, next) = step(after);
            steps.push(step);
            rest = next.strip_prefix('.').unwrap_or("");
        }
        Steps(steps)
    }

    /// The module below this one.
    pub fn below(&self, name: &str, key: Option<String>) -> Steps {
        let mut steps = self.0.clone();
        steps.push((name.to_owned(), key));
        Steps(steps)
    }

    /// The module that calls this one, with the name and key of the call.
    pub fn above(&self) -> Option<(Steps, &str, Option<&str>)> {
        let ((name, key), before) = self.0.split_last()?;
        Some((Steps(before.to_vec()), name, key.as_deref()))
    }

    /// The names of the calls, by which the configuration knows the module.
    pub fn calls(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        names.join(".")
    }
}

/// A name with its key, and what follows.
pub(super) fn step(text: &str) -> ((String, Option<String>), &str) {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let Some(inside) = rest.strip_prefix('[') else {
        return ((name.to_owned(), None), rest);
    };
    let (key, after) = key(inside);
    ((name.to_owned(), Some(key)), after)
}

/// The key before a closing bracket: a number, or text in quotes with escapes.
fn key(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(']').unwrap_or(text.len());
        let (number, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        return (number.to_owned(), rest.strip_prefix(']').unwrap_or(rest));
    };
    let mut key = String::new();
    let mut signs = quoted.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => {
                let rest = quoted.get(at + 1..).unwrap_or_default();
                return (key, rest.strip_prefix(']').unwrap_or(rest));
            }
            '\\' => key.extend(signs.next().map(|(_, escaped)| escaped)),
            other => key.push(other),
        }
    }
    (key, "")
}

/// One declaration of a resource or a data source.
type Declared = (String, bool, String, String);

/// What was written, by module.
#[derive(Debug, Default)]
pub(super) struct Configuration<'n> {
    resources: BTreeMap<Declared, &'n Node>,
    /// Modules by the names of their calls, with the call itself.
    modules: BTreeMap<String, &'n Node>,
    calls: BTreeMap<String, &'n Node>,
    providers: Option<&'n Node>,
}

impl<'n> Configuration<'n> {
    pub fn read(root: &'n Node) -> Configuration<'n> {
        let mut found = Configuration::default();
        let Some(configuration) = root.get("configuration") else {
            return found;
        };
        found.providers = configuration.get("provider_config");
        if let Some(module) = configuration.get("root_module") {
            found.module(String::new(), module, MODULE_DEPTH_MAX);
        }
        found
    }

    fn module(&mut self, path: String, module: &'n Node, depth: usize) {
        for node in module.get("resources").map(Node::items).unwrap_or_default() {
            let text = |key: &str| node.get(key).and_then(Node::as_str);
            if let (Some(kind), Some(name)) = (text("type"), text("name")) {
                let data = text("mode") == Some("data");
                let declared = (path.clone(), data, kind.to_owned(), name.to_owned());
                self.resources.insert(declared, node);
            }
        }
        let calls = module.get("module_calls").and_then(Node::as_object);
        for call in calls.unwrap_or_default() {
            let inner = match path.as_str() {
                "" => call.key.to_string(),
                path => format!("{path}.{}", call.key),
            };
            self.calls.insert(inner.clone(), &call.value);
            if let Some(module) = call.value.get("module").filter(|_| depth > 0) {
                self.module(inner, module, depth - 1);
            }
        }
        self.modules.insert(path, module);
    }

    /// The declaration of a resource or a data source.
    pub fn resource(&self, module: &Steps, data: bool, kind: &str, name: &str) -> Option<&'n Node> {
        let declared = (module.calls(), data, kind.to_owned(), name.to_owned());
        self.resources.get(&declared).copied()
    }

    /// What a module's call gives to one of its variables.
    pub fn argument(&self, module: &Steps, variable: &str) -> Option<&'n Node> {
        let call = self.calls.get(&module.calls())?;
        call.get("expressions")?.get(variable)
    }

    /// What `for_each` of a module's call was written as.
    pub fn for_each(&self, module: &Steps) -> Option<&'n Node> {
        self.calls.get(&module.calls())?.get("for_each_expression")
    }

    /// The default of a variable.
    pub fn default_of(&self, module: &Steps, variable: &str) -> Option<&'n Node> {
        let module = self.modules.get(&module.calls())?;
        module.get("variables")?.get(variable)?.get("default")
    }

    /// What an output of a module was written as.
    pub fn output(&self, module: &Steps, name: &str) -> Option<&'n Node> {
        let module = self.modules.get(&module.calls())?;
        module.get("outputs")?.get(name)?.get("expression")
    }

    /// The provider of a key such as `aws.west` or `module.a:aws`.
    pub fn provider(&self, key: &str) -> Option<&'n Node> {
        let providers = self.providers?;
        let outer = key.rsplit(':').next().unwrap_or(key);
        providers.get(key).or_else(|| providers.get(outer))
    }

    /// The key of the provider of a declaration.
    pub fn provider_key(
        &self,
        module: &Steps,
        data: bool,
        kind: &str,
        name: &str,
    ) -> Option<&'n str> {
        let node = self.resource(module, data, kind, name)?;
        node.get("provider_config_key")?.as_str()
    }
}

/// What an expression refers to: whole attributes first, each followed by what they are of.
pub(super) fn references(expression: &Node) -> Vec<&str> {
    let list = expression.get("references").and_then(Node::as_array);
    list.unwrap_or_default()
        .iter()
        .filter_map(Node::as_str)
        .collect()
}

/// The references without those that only shorten one before them: `x.y.id` is followed by `x.y`.
pub(super) fn distinct<'n>(references: &[&'n str]) -> Vec<&'n str> {
    let mut found: Vec<&str> = Vec::new();
    for reference in references {
        let shortens = |longer: &&str| {
            longer
                .strip_prefix(reference)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        if !found.iter().any(shortens) {
            found.push(reference);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_addresses_are_read_with_their_keys() {
        let steps = Steps::parse("module.a[\"x.y\\\"]\"].module.b[0].module.c");
        let expected = [("a", Some("x.y\"]")), ("b", Some("0")), ("c", None)];
        let expected = expected.map(|(name, key)| (name.to_owned(), key.map(str::to_owned)));
        assert_eq!(steps.0, expected);
    }

    #[test]
    fn a_reference_that_shortens_another_is_left_out() {
        let all = [
            "aws_kms_key.a[0].arn",
            "aws_kms_key.a[0]",
            "aws_kms_key.a",
            "var.x",
        ];
        assert_eq!(distinct(&all), ["aws_kms_key.a[0].arn", "var.x"]);
    }
}
