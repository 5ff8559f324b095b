//! From resources to facts, by the rows of the table.

use cofferdam_org::fact::{Attribute, Entity, Kind, Known};
use cofferdam_text::{Diagnostic, Node};

use super::eval::{Eval, Scope, is_open};
use super::parts::{self, Made};
use super::policy;
use super::rows::{self, Adds, How, Row};
use super::template::{Resource, Stack};
use crate::sink::{Sink, text, truth};
use crate::terraform::defaults::{self, Value};
use crate::terraform::overlay::{Overlay, Unsaid};

/// What is put together while the stacks of one source are read.
pub(super) struct Reading<'s, 'd, 'a> {
    pub sink: &'s mut Sink<'d>,
    pub eval: &'a Eval<'a>,
    pub overlay: Overlay,
    /// Types without a row.
    pub unread: std::collections::BTreeMap<String, usize>,
}

/// One resource with its place.
#[derive(Clone, Copy)]
pub(super) struct One<'a> {
    pub scope: Scope,
    pub stack: &'a Stack,
    pub resource: &'a Resource,
    pub at: usize,
    pub row: &'static Row,
    /// Whether it exists: none if the template does not tell.
    pub there: Option<bool>,
}

/// Types that are read elsewhere, or state nothing by what they are.
const SILENT: &[&str] = &[
    "AWS::CloudFormation::Stack",
    "AWS::CloudFormation::WaitConditionHandle",
    "AWS::CDK::Metadata",
];

impl<'a> Reading<'_, '_, 'a> {
    /// Reads the resources of stacks: first what makes things, then what configures them.
    pub fn stacks(&mut self, stacks: &[usize]) {
        let all: Vec<One<'a>> = stacks.iter().flat_map(|at| self.of_stack(*at)).collect();
        let there = all.iter().filter(|one| one.there != Some(false));
        for one in there.clone().filter(|one| one.row.makes) {
            self.maker(one);
        }
        for one in there {
            if !one.row.makes && one.row.adds == Adds::Nothing {
                self.setter(one);
            }
            super::adds::add(self, one);
        }
    }

    fn of_stack(&mut self, index: usize) -> Vec<One<'a>> {
        let eval = self.eval;
        let scope = Scope::of(index);
        let Some(stack) = eval.stack(scope) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (at, resource) in stack.resources.iter().enumerate() {
            let address = stack.address(&resource.logical);
            self.sink.documents.call(resource.node.origin, &address);
            let Some(row) = rows::row(&resource.kind) else {
                if !SILENT.contains(&resource.kind.as_str()) {
                    *self.unread.entry(resource.kind.clone()).or_default() += 1;
                }
                continue;
            };
            let there = match resource.condition() {
                Some(condition) => eval.condition(scope, condition),
                None => Some(true),
            };
            found.push(One {
                scope,
                stack,
                resource,
                at,
                row,
                there,
            });
        }
        found
    }

    /// The resource with its properties evaluated.
    pub fn made(&self, one: &One, id: &str) -> Made {
        let place = &one.stack.place;
        Made {
            properties: rows::properties(self.eval, one.scope, one.resource),
            origin: one.resource.node.origin,
            id: id.to_owned(),
            account: place.account.clone(),
            region: place.region.clone(),
            partition: place.partition(),
        }
    }

    fn maker(&mut self, one: &One) {
        let Some(id) = rows::id(self.eval, one.scope, one.at) else {
            return;
        };
        let entity = Entity::new(one.row.kind, id.as_str());
        if one.there.is_none() {
            self.perhaps(one);
        }
        self.exists(one, &entity);
        let made = self.made(one, &id);
        let mut said = Vec::new();
        for (attribute, how) in one.row.facts {
            if let Some(value) = self.value(&made, *how) {
                said.push(*attribute);
                self.sink.facts.state(entity.clone(), *attribute, value);
            }
        }
        self.unsaid(&entity, &made, &said);
    }

    fn perhaps(&mut self, one: &One) {
        let condition = one.resource.condition().unwrap_or_default();
        let message = format!(
            "whether {} exists hangs on the condition {condition}, which the template does not tell: it is taken to exist",
            one.stack.address(&one.resource.logical)
        );
        let diagnostic = Diagnostic::warning(one.resource.node.origin, message);
        let help = "give the parameters with `--parameters KEY=VALUE`";
        self.sink.complain(diagnostic.with_help(help));
    }

    fn exists(&mut self, one: &One, entity: &Entity) {
        let origin = one.resource.node.origin;
        let place = &one.stack.place;
        self.sink.present(entity, Attribute::Exists, truth(origin));
        let organization = [Kind::Account, Kind::Unit, Kind::OrganizationPolicy];
        if !organization.contains(&entity.kind) {
            let account = text(&place.account, origin);
            self.sink.present(entity, Attribute::Account, account);
        }
        if matches!(entity.kind, Kind::Endpoint | Kind::Vpc) {
            let region = text(&place.region, origin);
            self.sink.present(entity, Attribute::Region, region);
        }
    }

    /// What the service does without being told.
    fn unsaid(&mut self, entity: &Entity, made: &Made, said: &[Attribute]) {
        let rows = defaults::DEFAULTS.iter();
        let rows = rows.filter(|row| row.kind == entity.kind && !said.contains(&row.attribute));
        for row in rows {
            let own = matches!(
                row.attribute,
                Attribute::InlinePolicies | Attribute::AttachedPolicies | Attribute::Groups
            );
            let removed = (!own).then(|| self.default(made, row.removed, row.page));
            let value = self.default(made, row.made, row.page);
            self.overlay.unsaid.push(Unsaid {
                entity: entity.clone(),
                attribute: row.attribute,
                made: value,
                removed,
            });
        }
    }

    fn default(&mut self, made: &Made, value: Value, page: &str) -> Known<Node> {
        let json = match value {
            Value::Absent => return Known::Absent,
            Value::Json(json) => json
                .replace("$partition", made.partition)
                .replace("$account", &made.account)
                .replace("$id", &made.id),
        };
        let page = if page.is_empty() {
            "AWS documentation"
        } else {
            page
        };
        let name = format!("default of AWS as of {} (\"{page}\")", defaults::AS_OF);
        match self.sink.documents.read_json(&name, json.into_bytes()) {
            Ok(node) => Known::Present(node),
            Err(diagnostic) => Known::Unknown(diagnostic.message.into()),
        }
    }

    fn value(&mut self, made: &Made, how: How) -> Option<Known<Node>> {
        match how {
            How::Text(path) | How::Flag(path) => parts::stated(made, path),
            How::Policy(path) => policy::read(self.sink.documents, made, path),
            How::Tags => tags(made),
            How::With(part) => part(made),
        }
    }

    /// A resource that states attributes of what another one makes.
    fn setter(&mut self, one: &One) {
        let made = self.made(one, "");
        for entity in self.named(one, &made, one.row.id, one.row.kind) {
            for (attribute, how) in one.row.facts {
                let value = match one.there {
                    Some(_) => self.value(&made, *how).unwrap_or(Known::Absent),
                    None => Known::Unknown(why_untold(one).into()),
                };
                self.sink.facts.state(entity.clone(), *attribute, value);
            }
        }
    }

    /// The entities that a property names. Where it does not tell which, anything of the kind may be
    /// meant.
    pub fn named(&mut self, one: &One, made: &Made, path: &str, kind: Kind) -> Vec<Entity> {
        let Some(value) = parts::below(&made.properties, path) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for item in value.items() {
            match item.text().filter(|_| !is_open(item)) {
                Some(name) => found.push(self.by_text(one, name, kind)),
                None => self.unplaced(one, kind),
            }
        }
        found
    }

    fn unplaced(&mut self, one: &One, kind: Kind) {
        let address = one.stack.address(&one.resource.logical);
        let why = format!("the template does not tell which {kind:?} {address} configures");
        let account = &one.stack.place.account;
        self.sink.facts.unlisted(account, kind, why.as_str());
        let diagnostic = Diagnostic::warning(one.resource.node.origin, why);
        self.sink.complain(diagnostic);
    }

    /// The entity of a name: one that a template makes, else what the name means.
    pub fn by_text(&self, one: &One, name: &str, kind: Kind) -> Entity {
        if matches!(kind, Kind::Role | Kind::User | Kind::Group) && !name.starts_with("arn:") {
            let end = format!("/{name}");
            let start = format!("::{}:", one.stack.place.account);
            let mut all = self.sink.facts.of_kind(kind);
            if let Some(found) = all.find(|one| one.id.ends_with(&end) && one.id.contains(&start)) {
                return found.clone();
            }
        }
        Entity::new(kind, meant(one, name, kind))
    }
}

/// Why what a resource configures is not known.
pub(super) fn why_untold(one: &One) -> String {
    let condition = one.resource.condition().unwrap_or_default();
    let address = one.stack.address(&one.resource.logical);
    format!("the template does not tell the condition {condition} of {address}")
}

/// What a property of another resource means as the entity's id: roles are named by name, keys by id
/// or ARN, queues by URL.
fn meant(one: &One, name: &str, kind: Kind) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    let place = &one.stack.place;
    let (partition, account, region) = (place.partition(), &place.account, &place.region);
    let regional = |service: &str, what: &str| {
        format!("arn:{partition}:{service}:{region}:{account}:{what}{name}")
    };
    match kind {
        Kind::Bucket => format!("arn:{partition}:s3:::{name}"),
        Kind::Key if name.starts_with("alias/") => regional("kms", ""),
        Kind::Key => regional("kms", "key/"),
        Kind::Role => format!("arn:{partition}:iam::{account}:role/{name}"),
        Kind::User => format!("arn:{partition}:iam::{account}:user/{name}"),
        Kind::Group => format!("arn:{partition}:iam::{account}:group/{name}"),
        Kind::Function => regional("lambda", "function:"),
        Kind::MultiRegionAccessPoint => {
            format!("arn:{partition}:s3::{account}:accesspoint/{name}")
        }
        Kind::Queue => {
            let mut parts = name.rsplit('/');
            let (queue, owner) = (parts.next(), parts.next());
            let (queue, owner) = (queue.unwrap_or(name), owner.unwrap_or(account));
            format!("arn:{partition}:sqs:{region}:{owner}:{queue}")
        }
        _ => name.to_owned(),
    }
}

/// Tags as lists of keys and values, or as a map, which some types have.
fn tags(made: &Made) -> Option<Known<Node>> {
    let tags = parts::below(&made.properties, "Tags")?;
    let Some(members) = tags.as_object() else {
        return parts::whole(tags.clone());
    };
    let tag = |member: &cofferdam_text::Member| {
        let key = text(&member.key, member.key_origin);
        let parts = vec![("Key", Some(key)), ("Value", Some(member.value.clone()))];
        crate::sink::object(parts, member.key_origin)
    };
    let items = members.iter().map(tag).collect();
    parts::whole(crate::sink::list(items, tags.origin))
}
