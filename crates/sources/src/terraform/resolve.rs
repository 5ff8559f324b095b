//! What an attribute of an instance is, as far as a plan lets anybody tell.
//!
//! An attribute that is not known is looked for in this order: in the sources, if they are at hand;
//! behind a reference to one whole attribute, where the configuration shows that it can be nothing
//! else; in what the provider always makes it of (`arn:aws:s3:::` and the bucket's name). What is
//! left is a hole that names the attribute.
//!
//! The configuration lists `"${x.id}-logs"` and `x.id` alike, so a reference is followed only from
//! attributes that name another thing as a whole ([`rows::names_another`]); a free text such as a
//! bucket's own name never is.

use cofferdam_names::deferred;
use cofferdam_text::{Node, Origin};

use super::configuration::{Steps, distinct, references, step};
use super::hcl::Sources;
use super::place::Places;
use super::plan::Plan;
use super::rows;

/// References that are followed one after the other: deeper ones can only be a loop.
const STEPS_MAX: usize = 24;

/// How an attribute was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The plan states it.
    Stated,
    /// The service's documented default.
    Default,
    /// A reference to one whole attribute.
    Reference,
    /// The parts of an `aws_iam_policy_document`.
    Document,
    /// The sources.
    Sources,
    /// Nothing settles it before apply.
    Unknown,
}

/// A text with where it is stated and how it was found.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    pub text: String,
    pub origin: Origin,
    pub rule: Rule,
}

impl Settled {
    /// Whether nothing of it is known.
    pub fn is_open(&self) -> bool {
        matches!(
            deferred::pieces(&self.text).as_slice(),
            [deferred::Piece::Open(_)]
        )
    }
}

/// Where an expression leads.
#[derive(Clone, Debug)]
pub(super) enum Target {
    /// An attribute of an instance, by its place in the plan.
    Attribute(usize, String),
    /// A value that is known as it is.
    Value(Node),
}

/// Who asks: the module and key of the instance whose expression is followed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asker<'a> {
    pub module: &'a Steps,
    pub key: Option<&'a str>,
    /// The attribute that is meant where a reference names a whole instance.
    pub implied: &'a str,
    /// Whether the expression names an instance by the asker's own key.
    pub same_key: bool,
    /// What `for_each` of the asker was written as.
    pub for_each: Option<&'a Node>,
}

/// Answers questions about attributes.
pub(super) struct Resolver<'p, 'n> {
    pub plan: &'p Plan<'n>,
    pub places: Places,
    pub sources: Option<&'p Sources>,
}

impl<'n> Resolver<'_, 'n> {
    /// The text of an attribute; nothing where it is null.
    pub fn text(&self, at: usize, attribute: &str) -> Option<Settled> {
        self.text_within(at, attribute, STEPS_MAX)
    }

    pub fn text_within(&self, at: usize, attribute: &str, left: usize) -> Option<Settled> {
        let instance = self.plan.instance(at)?;
        let stated = instance.values.get(attribute);
        let plain = |node: &Node, rule| {
            let text = node.text()?.to_owned();
            let origin = node.origin;
            Some(Settled { text, origin, rule })
        };
        match stated {
            Some(node) if !is_open(node) => plain(node, Rule::Stated),
            _ if left == 0 => stated.and_then(|node| plain(node, Rule::Unknown)),
            None => self.made_up(at, attribute, left),
            Some(node) => self
                .found(at, attribute, left)
                .or_else(|| plain(node, Rule::Unknown)),
        }
    }

    /// An attribute that the plan does not know.
    fn found(&self, at: usize, attribute: &str, left: usize) -> Option<Settled> {
        if self.expression(at, attribute).is_none() {
            return self.made_up(at, attribute, left);
        }
        if let Some(text) = self.of_sources(at, attribute, left) {
            return Some(text);
        }
        let kind = self.plan.instance(at)?.kind;
        if !rows::names_another(kind, attribute) {
            return None;
        }
        self.settle(self.leads_to(at, attribute, left)?, left)
    }

    fn of_sources(&self, at: usize, attribute: &str, left: usize) -> Option<Settled> {
        let (text, origin) = self.sources?.text(self, at, attribute, left)?;
        let rule = Rule::Sources;
        Some(Settled { text, origin, rule })
    }

    /// The text of an attribute below blocks, of each of which the first counts.
    pub fn nested(&self, at: usize, path: &[&str]) -> Option<Settled> {
        let instance = self.plan.instance(at)?;
        let node = below(&instance.values, path)?;
        let (text, origin) = (node.text()?.to_owned(), node.origin);
        let stated = Settled {
            text,
            origin,
            rule: Rule::Stated,
        };
        if !is_open(node) {
            return Some(stated).filter(|settled| !settled.text.is_empty());
        }
        let last = path.last().copied().unwrap_or_default();
        let unknown = Settled {
            rule: Rule::Unknown,
            ..stated
        };
        if let Some((text, origin)) = self
            .sources
            .and_then(|sources| sources.nested(self, at, path))
        {
            let rule = Rule::Sources;
            return Some(Settled { text, origin, rule });
        }
        let expression = self
            .declaration(at)
            .and_then(|one| below(one.get("expressions")?, path));
        let target =
            expression.and_then(|node| self.follow(node, &self.asker(at, last)?, STEPS_MAX));
        let found = target.and_then(|target| self.settle(target, STEPS_MAX));
        Some(found.unwrap_or(unknown))
    }

    /// The text that a target has.
    fn settle(&self, target: Target, left: usize) -> Option<Settled> {
        match target {
            Target::Attribute(to, name) => {
                let found = self.text_within(to, &name, left.checked_sub(1)?)?;
                let rule = if found.is_open() {
                    Rule::Unknown
                } else {
                    Rule::Reference
                };
                Some(Settled { rule, ..found })
            }
            Target::Value(node) => Some(Settled {
                text: node.text()?.to_owned(),
                origin: node.origin,
                rule: Rule::Reference,
            }),
        }
    }

    /// The text of what a reference in an instance's configuration names.
    pub fn reference(&self, at: usize, reference: &str) -> Option<Settled> {
        let target = self.referred(reference, &self.asker(at, "arn")?, STEPS_MAX)?;
        self.settle(target, STEPS_MAX)
    }

    fn asker(&self, at: usize, attribute: &str) -> Option<Asker<'_>> {
        let instance = self.plan.instance(at)?;
        let declaration = self.declaration(at);
        Some(Asker {
            module: &instance.module,
            key: instance.key.as_deref(),
            implied: if attribute.contains("arn") {
                "arn"
            } else {
                "id"
            },
            same_key: false,
            for_each: declaration.and_then(|node| node.get("for_each_expression")),
        })
    }

    /// Where the expression of an attribute leads, if it is a reference to one whole attribute.
    pub fn leads_to(&self, at: usize, attribute: &str, left: usize) -> Option<Target> {
        let expression = self.expression(at, attribute)?;
        self.follow(expression, &self.asker(at, attribute)?, left)
    }

    /// Follows an expression that stands somewhere in an instance.
    pub fn follow_from(&self, at: usize, expression: &Node, attribute: &str) -> Option<Target> {
        self.follow(expression, &self.asker(at, attribute)?, STEPS_MAX)
    }

    /// The declaration of an instance in the configuration.
    pub fn declaration(&self, at: usize) -> Option<&'n Node> {
        let one = self.plan.instance(at)?;
        let configuration = &self.plan.configuration;
        configuration.resource(&one.module, one.data, one.kind, one.name)
    }

    /// What an attribute was written as; nothing if it was not written.
    pub fn expression(&self, at: usize, attribute: &str) -> Option<&'n Node> {
        let expression = self.declaration(at)?.get("expressions")?.get(attribute)?;
        let written = expression.as_object().is_none_or(|members| {
            // An expression of neither constants nor references is a call without arguments.
            members.is_empty()
                || expression
                    .get("constant_value")
                    .is_none_or(|value| !value.is_null())
        });
        written.then_some(expression)
    }

    /// Follows an expression that is a constant or a reference to one whole thing.
    pub fn follow(&self, expression: &Node, asker: &Asker, left: usize) -> Option<Target> {
        if left == 0 {
            return None;
        }
        if let Some(value) = expression.get("constant_value") {
            return Some(Target::Value(value.clone()));
        }
        let references = references(expression);
        match distinct(&references).as_slice() {
            [one] => self.referred(one, asker, left - 1),
            [one, by] | [by, one] if is_key(by) => self.keyed(one, asker, left - 1),
            _ => None,
        }
    }

    /// `x.y[each.key]`, which is listed as `x.y` and `each.key`: the instance of the same key.
    fn keyed(&self, reference: &str, asker: &Asker, left: usize) -> Option<Target> {
        let asker = Asker {
            same_key: true,
            ..*asker
        };
        self.referred(reference, &asker, left)
    }

    fn referred(&self, reference: &str, asker: &Asker, left: usize) -> Option<Target> {
        let ((first, _), rest) = step(reference);
        let rest = rest.strip_prefix('.').unwrap_or_default();
        match first.as_str() {
            "var" => self.variable(rest, asker, left),
            "each" => self.each(rest, asker, left),
            "module" => self.output(rest, asker, left),
            "local" | "path" | "count" | "self" | "terraform" => None,
            "data" => {
                let ((kind, _), rest) = step(rest);
                self.attribute(true, &kind, rest.strip_prefix('.')?, asker)
            }
            kind => self.attribute(false, kind, rest, asker),
        }
    }

    /// `name[key].attribute` of a type.
    fn attribute(&self, data: bool, kind: &str, rest: &str, asker: &Asker) -> Option<Target> {
        let ((name, key), rest) = step(rest);
        let attribute = rest.strip_prefix('.').unwrap_or(asker.implied);
        if attribute.contains(['.', '[']) {
            return None;
        }
        let declared = self.plan.declared(asker.module, data, kind, &name);
        let found = match (declared, key) {
            ([only], None) => Some(*only),
            (several, key) => {
                let own = asker.key.filter(|_| asker.same_key);
                let wanted = key.as_deref().or(own)?;
                let of_key = |place: &&usize| {
                    let instance = self.plan.instance(**place);
                    instance.and_then(|one| one.key.as_deref()) == Some(wanted)
                };
                several.iter().find(of_key).copied()
            }
        };
        Some(Target::Attribute(found?, attribute.to_owned()))
    }

    fn each(&self, rest: &str, asker: &Asker, left: usize) -> Option<Target> {
        let ((word, _), rest) = step(rest);
        if word != "value" {
            return None;
        }
        let refers = references(asker.for_each?);
        let [one] = distinct(&refers)[..] else {
            return None;
        };
        let whole = format!("{one}{rest}");
        self.keyed(&whole, asker, left)
    }

    fn variable(&self, rest: &str, asker: &Asker, left: usize) -> Option<Target> {
        let ((name, key), rest) = step(rest);
        if key.is_some() || !rest.is_empty() {
            return None;
        }
        let Some((above, _, key)) = asker.module.above() else {
            let value = self.plan.variables?.get(&name)?.get("value")?;
            return Some(Target::Value(value.clone()));
        };
        let configuration = &self.plan.configuration;
        match configuration.argument(asker.module, &name) {
            Some(expression) => {
                let asker = Asker {
                    module: &above,
                    key,
                    for_each: configuration.for_each(asker.module),
                    same_key: false,
                    implied: asker.implied,
                };
                self.follow(expression, &asker, left)
            }
            None => {
                let value = configuration.default_of(asker.module, &name)?;
                Some(Target::Value(value.clone()))
            }
        }
    }

    fn output(&self, rest: &str, asker: &Asker, left: usize) -> Option<Target> {
        let ((name, key), rest) = step(rest);
        let ((output, inner), more) = step(rest.strip_prefix('.')?);
        if inner.is_some() || !more.is_empty() {
            return None;
        }
        let plain = asker.module.below(&name, None);
        let expression = self.plan.configuration.output(&plain, &output)?;
        let module = asker.module.below(&name, key);
        let asker = Asker {
            module: &module,
            key: None,
            for_each: None,
            same_key: false,
            implied: asker.implied,
        };
        self.follow(expression, &asker, left)
    }

    /// What the provider makes an attribute of.
    fn made_up(&self, at: usize, attribute: &str, left: usize) -> Option<Settled> {
        let instance = self.plan.instance(at)?;
        let row = rows::row(instance.kind)?;
        let (_, template) = row.computed.iter().find(|(name, _)| *name == attribute)?;
        Some(Settled {
            text: self.expand(at, template, left)?,
            origin: instance.origin(),
            rule: Rule::Stated,
        })
    }

    /// A template of attributes in braces. `{new}` is what is made up anew for the instance,
    /// `{account}`, `{region}` and `{partition}` are where its provider works.
    pub fn expand(&self, at: usize, template: &str, left: usize) -> Option<String> {
        let instance = self.plan.instance(at)?;
        let place = self.places.of(at);
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, next) = after.split_once('}')?;
            out.push_str(before);
            match name {
                "new" => out.push_str(&deferred::generated(instance.address)),
                "account" => out.push_str(&place.account),
                "region" => out.push_str(&place.region),
                "partition" => out.push_str(place.partition()),
                name => out.push_str(&self.piece(at, name, left)),
            }
            rest = next;
        }
        out.push_str(rest);
        Some(out)
    }

    /// An attribute, or one below blocks with dots between. The host of an OIDC provider is its URL
    /// without the scheme.
    fn piece(&self, at: usize, name: &str, left: usize) -> String {
        if left == 0 {
            return String::new();
        }
        let attribute = if name == "host" { "url" } else { name };
        let found = match attribute.split_once('.') {
            Some(_) => self.nested(at, &attribute.split('.').collect::<Vec<_>>()),
            None => self.text_within(at, attribute, left - 1),
        };
        let text = found.map(|settled| settled.text).unwrap_or_default();
        match name {
            "host" => text.trim_start_matches("https://").to_owned(),
            _ => text,
        }
    }
}

fn is_key(reference: &str) -> bool {
    matches!(reference, "each.key" | "count.index")
}

/// Whether nothing of the node is known.
pub(super) fn is_open(node: &Node) -> bool {
    let text = node.as_str().unwrap_or_default();
    matches!(
        deferred::pieces(text).as_slice(),
        [deferred::Piece::Open(_)]
    )
}

/// The value below the first blocks of a path.
fn below<'a>(node: &'a Node, path: &[&str]) -> Option<&'a Node> {
    let first = |node: &'a Node| match node.as_array() {
        Some(items) => items.first(),
        None => Some(node),
    };
    let found = path
        .iter()
        .try_fold(node, |node, step| first(node)?.get(step))?;
    Some(found).filter(|node| !node.is_null())
}
