//! Policy documents of attributes: text, references, and `aws_iam_policy_document`.
//!
//! The data source is put together from its blocks as the provider does it ("Data Source:
//! aws_iam_policy_document"). A field that is not known stays in its place as a hole, so that only
//! this part of its statement is unknown.

use cofferdam_names::deferred;
use cofferdam_org::fact::Known;
use cofferdam_text::{Documents, Member, Node, Origin, Value};

use super::configuration::{distinct, references};
use super::parts::later;
use super::plan::Fate;
use super::resolve::{Resolver, Rule, Target, is_open};
use crate::sink::{list, object, text};

/// Documents that are followed from one to the next.
const STEPS_MAX: usize = 16;

/// The type of the data source.
const DOCUMENT: &str = "aws_iam_policy_document";

/// Attributes that hold a policy document. A reference to any other attribute in place of a policy
/// can only be a part of a template.
const HOLD_POLICIES: &[&str] = &[
    "json",
    "minified_json",
    "policy",
    "content",
    "assume_role_policy",
    "document",
    "resource_policy",
];

/// What is in an attribute that holds a policy.
pub(super) enum Found {
    /// It is null, or computed by the service: there the default stands.
    NotSaid,
    /// A document, or why it is not known.
    Said(Known<Node>, Rule),
}

/// The policy in an attribute of an instance.
pub(super) fn policy(
    resolver: &Resolver,
    documents: &mut Documents,
    at: usize,
    attribute: &str,
) -> Found {
    within(resolver, documents, at, attribute, STEPS_MAX)
}

fn within(
    resolver: &Resolver,
    documents: &mut Documents,
    at: usize,
    attribute: &str,
    left: usize,
) -> Found {
    let Some(instance) = resolver.plan.instance(at) else {
        return Found::NotSaid;
    };
    let stated = instance.values.get(attribute);
    let Some(stated) = stated.filter(|node| !empty(node)) else {
        // The state of a thing that is there says so where it has no policy.
        return match stated.and_then(Node::as_str) {
            Some("") if instance.fate == Fate::Stays => Found::Said(Known::Absent, Rule::Stated),
            _ => Found::NotSaid,
        };
    };
    if !is_open(stated) {
        let written = resolver
            .sources
            .and_then(|sources| sources.stated(resolver, documents, at, attribute, stated));
        let found = written.unwrap_or_else(|| opened(documents, stated));
        return Found::Said(found, Rule::Stated);
    }
    let unknown = || {
        Found::Said(
            Known::Unknown(later(stated.as_str().unwrap_or_default()).into()),
            Rule::Unknown,
        )
    };
    if resolver.expression(at, attribute).is_none() && !is_json(instance.kind, attribute) {
        return match instance.fate {
            Fate::Made | Fate::Remade => Found::NotSaid,
            Fate::Stays | Fate::Goes => unknown(),
        };
    }
    if left == 0 {
        return unknown();
    }
    if is_json(instance.kind, attribute) {
        return match document(resolver, documents, at, left - 1) {
            Some(node) => Found::Said(Known::Present(node), Rule::Document),
            None => unknown(),
        };
    }
    if let Some(node) = resolver
        .sources
        .and_then(|sources| sources.policy(resolver, documents, at, attribute))
    {
        return Found::Said(Known::Present(node), Rule::Sources);
    }
    let target = resolver.leads_to(at, attribute, STEPS_MAX);
    led(resolver, documents, target, left - 1).unwrap_or_else(unknown)
}

/// The document that an expression leads to; nothing if it is not known.
fn led(
    resolver: &Resolver,
    documents: &mut Documents,
    target: Option<Target>,
    left: usize,
) -> Option<Found> {
    match target? {
        Target::Attribute(to, name) if HOLD_POLICIES.contains(&name.as_str()) => {
            match within(resolver, documents, to, &name, left) {
                Found::NotSaid | Found::Said(Known::Unknown(_), _) => None,
                Found::Said(node, Rule::Stated) => Some(Found::Said(node, Rule::Reference)),
                found => Some(found),
            }
        }
        Target::Attribute(..) => None,
        Target::Value(node) => Some(Found::Said(opened(documents, &node), Rule::Reference)),
    }
}

/// The policy in an attribute of a block, by the way down to it.
pub(super) fn block(
    resolver: &Resolver,
    documents: &mut Documents,
    at: usize,
    path: &[(&str, usize)],
    attribute: &str,
) -> Option<(Known<Node>, Rule)> {
    let down = |node: &'_ Node| -> Option<Node> {
        let found = path.iter().try_fold(node, |node, (name, place)| {
            node.get(name)?.items().get(*place)
        })?;
        found.get(attribute).filter(|node| !empty(node)).cloned()
    };
    let stated = down(&resolver.plan.instance(at)?.values)?;
    if !is_open(&stated) {
        return Some((opened(documents, &stated), Rule::Stated));
    }
    let expression = resolver
        .declaration(at)
        .and_then(|node| down(node.get("expressions")?));
    let target = expression.and_then(|node| resolver.follow_from(at, &node, attribute));
    match led(resolver, documents, target, STEPS_MAX) {
        Some(Found::Said(value, rule)) => Some((value, rule)),
        _ => {
            let why = later(stated.as_str().unwrap_or_default());
            Some((Known::Unknown(why.into()), Rule::Unknown))
        }
    }
}

fn is_json(kind: &str, attribute: &str) -> bool {
    kind == DOCUMENT && matches!(attribute, "json" | "minified_json")
}

fn empty(node: &Node) -> bool {
    node.is_null() || node.as_str() == Some("")
}

/// A policy of a thing whose own account is not known: whoever it names by account may be of that
/// account or of another one. Principals that the plan itself puts into the same account stay.
pub(super) fn of_no_account(policy: Node, account: &str) -> Node {
    let doubted = |node: &Node| match node.as_str() {
        Some(name) if name != "*" && !name.contains(account) => {
            let why = format!("whether {name} is of the resource's own account");
            text(&deferred::open(&why), node.origin)
        }
        _ => node.clone(),
    };
    let principal = |node: &Node| {
        in_member(node, &["AWS"], &|listed| {
            list(listed.items().iter().map(doubted).collect(), listed.origin)
        })
    };
    let statement = |node: &Node| in_member(node, &["Principal", "NotPrincipal"], &principal);
    in_member(&policy, &["Statement"], &|all| {
        list(all.items().iter().map(statement).collect(), all.origin)
    })
}

/// The object with some of its members made anew.
fn in_member(node: &Node, names: &[&str], make: &dyn Fn(&Node) -> Node) -> Node {
    let Some(members) = node.as_object() else {
        return node.clone();
    };
    let member = |one: &Member| Member {
        value: match names.contains(&&*one.key) {
            true => make(&one.value),
            false => one.value.clone(),
        },
        ..one.clone()
    };
    Node {
        value: Value::Object(members.iter().map(member).collect()),
        origin: node.origin,
    }
}

/// The document in a text.
fn opened(documents: &mut Documents, node: &Node) -> Known<Node> {
    match documents.read_embedded(node) {
        Ok(document) => Known::Present(document),
        Err(diagnostic) => Known::Unknown(diagnostic.message.into()),
    }
}

/// Puts a data source's blocks together; nothing if a whole document within it is not known.
pub(super) fn document(
    resolver: &Resolver,
    documents: &mut Documents,
    at: usize,
    left: usize,
) -> Option<Node> {
    let values = &resolver.plan.instance(at)?.values;
    let origin = values.origin;
    let mut statements = Vec::new();
    for source in sources(values, ["source_json", "source_policy_documents"]) {
        statements.extend(statements_in(resolver, documents, at, source, left)?);
    }
    let blocks = values.get("statement").filter(|node| !node.is_null());
    if blocks.is_some_and(is_open) {
        return None;
    }
    for (place, block) in blocks
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .enumerate()
    {
        named(&mut statements, statement(resolver, at, place, block));
    }
    for source in sources(values, ["override_json", "override_policy_documents"]) {
        for one in statements_in(resolver, documents, at, source, left)? {
            named(&mut statements, one);
        }
    }
    let version = values
        .get("version")
        .and_then(Node::text)
        .unwrap_or("2012-10-17");
    let version = text(version, origin);
    Some(object(
        vec![
            ("Version", Some(version)),
            ("Statement", Some(list(statements, origin))),
        ],
        origin,
    ))
}

/// A statement takes the place of one of the same name.
fn named(statements: &mut Vec<Node>, one: Node) {
    let sid = one
        .get("Sid")
        .and_then(Node::text)
        .filter(|sid| !sid.is_empty());
    let same = sid.and_then(|sid| {
        statements
            .iter()
            .position(|there| there.get("Sid").and_then(Node::text) == Some(sid))
    });
    match same.and_then(|place| statements.get_mut(place)) {
        Some(there) => *there = one,
        None => statements.push(one),
    }
}

fn sources<'n>(values: &'n Node, names: [&str; 2]) -> Vec<&'n Node> {
    let given = names.iter().filter_map(|name| values.get(name));
    given
        .flat_map(Node::items)
        .filter(|node| !empty(node))
        .collect()
}

fn statements_in(
    resolver: &Resolver,
    documents: &mut Documents,
    at: usize,
    source: &Node,
    left: usize,
) -> Option<Vec<Node>> {
    let tree = if is_open(source) {
        let Target::Attribute(to, name) = only_source(resolver, at)? else {
            return None;
        };
        match within(resolver, documents, to, &name, left.checked_sub(1)?) {
            Found::Said(Known::Present(tree), _) => tree,
            _ => return None,
        }
    } else {
        documents.read_embedded(source).ok()?
    };
    Some(tree.get("Statement")?.items().to_vec())
}

/// The one document that others are made from, where only one is named.
fn only_source(resolver: &Resolver, at: usize) -> Option<Target> {
    let names = [
        "source_json",
        "source_policy_documents",
        "override_json",
        "override_policy_documents",
    ];
    let mut written = names
        .iter()
        .filter(|name| resolver.expression(at, name).is_some());
    let (only, more) = (written.next()?, written.next());
    match more {
        None => resolver.leads_to(at, only, STEPS_MAX),
        Some(_) => None,
    }
}

fn statement(resolver: &Resolver, at: usize, place: usize, block: &Node) -> Node {
    let origin = block.origin;
    let here = Here {
        resolver,
        at,
        place,
    };
    let values = |key: &str| {
        block
            .get(key)
            .filter(|node| !node.items().is_empty() && !node.is_null())
    };
    let effect = values("effect")
        .cloned()
        .unwrap_or_else(|| text("Allow", origin));
    let sid = values("sid").filter(|sid| sid.as_str() != Some(""));
    let principals = |key: &str| values(key).map(|node| principals(&here, key, node));
    let listed = |key: &str| values(key).map(|node| variables(&here.list(&[], key, node)));
    let condition = values("condition").map(|node| conditions(&here, node));
    let parts = vec![
        ("Sid", sid.cloned()),
        ("Effect", Some(effect)),
        ("Principal", principals("principals")),
        ("NotPrincipal", principals("not_principals")),
        ("Action", listed("actions")),
        ("NotAction", listed("not_actions")),
        ("Resource", listed("resources")),
        ("NotResource", listed("not_resources")),
        ("Condition", condition),
    ];
    object(parts, origin)
}

/// One statement of a data source.
struct Here<'r, 'p, 'n> {
    resolver: &'r Resolver<'p, 'n>,
    at: usize,
    place: usize,
}

impl Here<'_, '_, '_> {
    /// A list in the statement, or in a block of it; as the sources have it where the plan does not
    /// know all of it.
    fn list(&self, inner: &[(&str, usize)], key: &str, stated: &Node) -> Node {
        if !stated.items().iter().any(is_open) {
            return stated.clone();
        }
        let path = [&[("statement", self.place)], inner].concat();
        let sources = self.resolver.sources;
        let found = sources.and_then(|one| one.list(self.resolver, self.at, &path, key));
        let nodes = |texts: Vec<String>| texts.iter().map(|one| text(one, stated.origin)).collect();
        found.map_or_else(|| stated.clone(), |texts| list(nodes(texts), stated.origin))
    }
}

/// The data source writes `&{…}` for a policy variable, which Terraform would take for its own.
fn variables(node: &Node) -> Node {
    let mut made = node.clone();
    match &mut made.value {
        Value::String(text) if text.contains("&{") => *text = text.replace("&{", "${").into(),
        Value::Array(items) => *items = items.iter().map(variables).collect(),
        _ => {}
    }
    made
}

fn principals(here: &Here, key: &str, blocks: &Node) -> Node {
    let origin = blocks.origin;
    let mut members: Vec<Member> = Vec::new();
    for (number, block) in blocks.items().iter().enumerate() {
        let kind = block.get("type").and_then(Node::text).unwrap_or_default();
        let identifiers = block.get("identifiers");
        let stated = identifiers.map(|node| here.list(&[(key, number)], "identifiers", node));
        let identifiers = stated.as_ref().map(Node::items).unwrap_or_default();
        if kind == "*" {
            return text("*", origin);
        }
        let found = identified(here, (key, number), identifiers);
        match members.iter_mut().find(|member| &*member.key == kind) {
            Some(member) => {
                let all = [member.value.items(), &found].concat();
                member.value = list(all, origin);
            }
            None => members.push(Member {
                key: kind.into(),
                key_origin: origin,
                value: list(found, origin),
            }),
        }
    }
    Node {
        value: Value::Object(members.into()),
        origin,
    }
}

/// Identifiers of principals are whole ARNs or ids: as many references as unknown identifiers are
/// these, in their order.
fn identified(here: &Here, (key, number): (&str, usize), identifiers: &[Node]) -> Vec<Node> {
    let Here {
        resolver,
        at,
        place,
    } = *here;
    let open = identifiers.iter().filter(|node| is_open(node)).count();
    let written = || {
        let blocks = resolver
            .declaration(at)?
            .get("expressions")?
            .get("statement")?;
        let block = blocks.items().get(place)?.get(key)?.items().get(number)?;
        Some(distinct(&references(block.get("identifiers")?)))
    };
    let written = written().filter(|found| found.len() == open && open == identifiers.len());
    let Some(written) = written else {
        return identifiers.to_vec();
    };
    let one = |(node, reference): (&Node, &&str)| {
        let found = resolver
            .reference(at, reference)
            .filter(|found| !found.is_open());
        found.map_or_else(|| node.clone(), |found| text(&found.text, node.origin))
    };
    identifiers.iter().zip(&written).map(one).collect()
}

fn conditions(here: &Here, blocks: &Node) -> Node {
    let mut tests: Vec<(String, Origin, Vec<Member>)> = Vec::new();
    for (number, block) in blocks.items().iter().enumerate() {
        let part = |key: &str| block.get(key).and_then(Node::text).unwrap_or_default();
        let member = Member {
            key: part("variable").into(),
            key_origin: block.origin,
            value: block.get("values").map_or_else(
                || list(Vec::new(), block.origin),
                |node| variables(&here.list(&[("condition", number)], "values", node)),
            ),
        };
        let test = part("test");
        match tests.iter_mut().find(|(name, ..)| name == test) {
            Some((_, _, members)) => members.push(member),
            None => tests.push((test.to_owned(), block.origin, vec![member])),
        }
    }
    let member = |(test, origin, members): (String, Origin, Vec<Member>)| Member {
        key: test.into(),
        key_origin: origin,
        value: Node {
            value: Value::Object(members.into()),
            origin,
        },
    };
    Node {
        value: Value::Object(tests.into_iter().map(member).collect()),
        origin: blocks.origin,
    }
}
