//! From instances to facts, by the rows of the table.
//!
//! What makes an entity comes first, with the defaults of its service; then what configures it. A
//! configuration that goes away resets what it set; an entity that goes away is absent.

use std::collections::BTreeMap;

use cofferdam_org::fact::{Attribute, Entity, Kind, Known};
use cofferdam_text::{Diagnostic, Node, Severity};

use super::coverage::Coverage;
use super::defaults::{self, Value};
use super::document::{self, Found};
use super::overlay::Overlay;
use super::parts;
use super::place::NOBODYS_ACCOUNT;
use super::plan::Fate;
use super::resolve::{Resolver, Rule, Target};
use super::rows::{self, Adds, How, Row};
use crate::sink::{Sink, list, object, text, truth};

/// Attributes followed for the id of an entity.
const STEPS_MAX: usize = 24;

/// Everything while the instances are read.
pub(super) struct Reading<'s, 'd, 'p, 'n> {
    pub sink: &'s mut Sink<'d>,
    pub resolver: &'s Resolver<'p, 'n>,
    pub overlay: Overlay,
    pub coverage: Coverage,
    /// Principals that the plan makes, by account and name: their paths stand nowhere else.
    pub names: BTreeMap<(Kind, String, String), Entity>,
    /// Types without a row, with how many instances there are.
    pub unread: BTreeMap<String, usize>,
}

impl Reading<'_, '_, '_, '_> {
    /// Reads every instance.
    pub fn all(&mut self) {
        let places = 0..self.resolver.plan.instances.len();
        let rows: Vec<(usize, &'static Row)> = places.filter_map(|at| self.row(at)).collect();
        for (at, row) in rows.iter().filter(|(_, row)| row.makes) {
            self.maker(*at, row);
        }
        // What was there before goes first, so that what changes its name or its target leaves nothing.
        for there in [false, true] {
            for (at, row) in rows.iter().filter(|(_, row)| !row.makes) {
                if self.counts(*at, row, there) {
                    self.setter(*at, row, there);
                }
            }
        }
    }

    /// Whether an instance says something of what is there after the change, or of what was before it.
    fn counts(&self, at: usize, row: &Row, there: bool) -> bool {
        let Some(instance) = self.resolver.plan.instance(at) else {
            return false;
        };
        let adds = !matches!(row.adds, Adds::Nothing);
        match (there, instance.fate) {
            (true, Fate::Goes) | (false, Fate::Made) => false,
            (true, _) => true,
            (false, Fate::Goes | Fate::Remade) => instance.before.is_some(),
            (false, Fate::Stays) => adds && instance.before.is_some(),
        }
    }

    fn row(&mut self, at: usize) -> Option<(usize, &'static Row)> {
        let instance = self.resolver.plan.instance(at).filter(|one| !one.data)?;
        let row = rows::row(instance.kind);
        if row.is_none() && instance.kind.starts_with("aws") {
            *self.unread.entry(instance.kind.to_owned()).or_default() += 1;
        }
        row.map(|row| (at, row))
    }

    /// An instance that makes an entity.
    fn maker(&mut self, at: usize, row: &'static Row) {
        let Some(instance) = self.resolver.plan.instance(at) else {
            return;
        };
        if let Some(before) = instance.before.filter(|_| instance.fate != Fate::Stays)
            && let Some(id) = self.id_before(row, before)
        {
            let entity = Entity::new(row.kind, id);
            self.overlay.fresh.push(entity.clone());
            self.sink.absent(&entity, Attribute::Exists);
        }
        if !instance.remains() {
            return;
        }
        let Some(id) = self.resolver.expand(at, row.id, STEPS_MAX) else {
            return;
        };
        let entity = Entity::new(row.kind, id);
        self.exists(at, &entity);
        if instance.fate != Fate::Stays {
            self.overlay.fresh.push(entity.clone());
            self.defaults(at, &entity);
        }
        for (attribute, how) in row.facts {
            self.fact(at, &entity, *attribute, *how);
        }
        if row.kind == Kind::Organization {
            super::organization::read(self, at, &entity);
        }
    }

    /// The id of an entity that goes away: its own, as it was known before.
    fn id_before(&self, row: &Row, before: &Node) -> Option<String> {
        let part = |key: &str| before.get(key).and_then(Node::text).map(str::to_owned);
        match row.kind {
            Kind::Endpoint
            | Kind::Vpc
            | Kind::Account
            | Kind::Unit
            | Kind::OrganizationPolicy
            | Kind::Organization => part("id"),
            Kind::Bucket => {
                part("arn").or_else(|| Some(format!("arn:aws:s3:::{}", part("bucket")?)))
            }
            _ => part("arn"),
        }
    }

    fn exists(&mut self, at: usize, entity: &Entity) {
        let Some(instance) = self.resolver.plan.instance(at) else {
            return;
        };
        let place = self.resolver.places.of(at);
        let origin = instance.origin();
        self.sink.present(entity, Attribute::Exists, truth(origin));
        if matches!(entity.kind, Kind::Role | Kind::User | Kind::Group) {
            let name = entity.id.rsplit('/').next().unwrap_or_default();
            let name = (entity.kind, place.account.clone(), name.to_owned());
            self.names.insert(name, entity.clone());
        }
        let organization = [
            Kind::Organization,
            Kind::Unit,
            Kind::OrganizationPolicy,
            Kind::Account,
        ];
        if !organization.contains(&entity.kind) {
            self.sink
                .present(entity, Attribute::Account, text(&place.account, origin));
        }
        if matches!(entity.kind, Kind::Endpoint | Kind::Vpc) {
            self.sink
                .present(entity, Attribute::Region, text(&place.region, origin));
        }
    }

    fn defaults(&mut self, at: usize, entity: &Entity) {
        for row in defaults::DEFAULTS
            .iter()
            .filter(|row| row.kind == entity.kind)
        {
            self.default(at, entity, row, row.made);
        }
    }

    /// States a default of the service.
    fn default(&mut self, at: usize, entity: &Entity, row: &defaults::Default, value: Value) {
        let known = match value {
            Value::Absent => Known::Absent,
            Value::Json(json) => self.read_default(at, entity, row, json),
        };
        self.sink.facts.state(entity.clone(), row.attribute, known);
    }

    fn read_default(
        &mut self,
        at: usize,
        entity: &Entity,
        row: &defaults::Default,
        json: &str,
    ) -> Known<Node> {
        let place = self.resolver.places.of(at);
        let json = json
            .replace("$partition", place.partition())
            .replace("$account", &place.account)
            .replace("$id", &entity.id);
        let page = match row.page {
            "" => "AWS documentation",
            page => page,
        };
        let name = format!("default of AWS as of {} (\"{page}\")", defaults::AS_OF);
        match self.sink.documents.read_json(&name, json.into_bytes()) {
            Ok(node) => {
                if let Some(instance) = self.resolver.plan.instance(at) {
                    self.sink.documents.call(node.origin, instance.address);
                }
                Known::Present(node)
            }
            Err(diagnostic) => Known::Unknown(diagnostic.message.into()),
        }
    }

    /// One fact of an instance.
    fn fact(&mut self, at: usize, entity: &Entity, attribute: Attribute, how: How) {
        let value = match how {
            How::Text(name) => self
                .resolver
                .text(at, name)
                .map(|settled| parts::known(&settled)),
            How::Flag(name) => self
                .resolver
                .text(at, name)
                .map(|settled| parts::known(&settled)),
            How::Policy(name) => self.policy(at, entity.kind, attribute, name),
            How::Tags => self.tags(at),
            How::Block(block, name) => self.block(at, block, name),
            How::Inline => self.inline(at),
            How::With(part) => part(self.resolver, at),
        };
        if let Some(value) = value {
            self.sink.facts.state(entity.clone(), attribute, value);
        }
    }

    /// The policy in an attribute; nothing where the service's default stands.
    fn policy(
        &mut self,
        at: usize,
        kind: Kind,
        attribute: Attribute,
        name: &str,
    ) -> Option<Known<Node>> {
        let found = document::policy(self.resolver, self.sink.documents, at, name);
        let (value, rule) = match found {
            Found::Said(value, rule) => (Some(value), rule),
            Found::NotSaid => (None, Rule::Default),
        };
        let defaulted = defaults::of(kind, attribute).is_some();
        let unknown = self.is_open(at, name);
        if value.is_some() || unknown && defaulted {
            self.note(at, name, rule);
        }
        let account = &self.resolver.places.of(at).account;
        match value {
            Some(Known::Present(node)) if account == NOBODYS_ACCOUNT => {
                Some(Known::Present(document::of_no_account(node, account)))
            }
            value => value,
        }
    }

    /// The policy in an attribute of a block.
    fn block(&mut self, at: usize, block: &'static str, name: &str) -> Option<Known<Node>> {
        let path = [(block, 0)];
        let (value, rule) = document::block(self.resolver, self.sink.documents, at, &path, name)?;
        self.note(at, &format!("{block}[0].{name}"), rule);
        Some(value)
    }

    /// Inline policies that the role's own blocks or its state list.
    fn inline(&mut self, at: usize) -> Option<Known<Node>> {
        let instance = self.resolver.plan.instance(at)?;
        let blocks = instance.values.get("inline_policy");
        let Some(items) = blocks.and_then(Node::as_array) else {
            let made = instance.fate != Fate::Stays;
            return made.then(|| Known::Present(list(Vec::new(), instance.origin())));
        };
        let mut found = Vec::new();
        for (place, item) in items.iter().enumerate() {
            let name = item
                .get("name")
                .filter(|name| name.text().is_some_and(|name| !name.is_empty()));
            if let Some(name) = name {
                let path = [("inline_policy", place)];
                let (value, rule) =
                    document::block(self.resolver, self.sink.documents, at, &path, "policy")?;
                self.note(at, &format!("inline_policy[{place}].policy"), rule);
                let document = super::adds::document_of(value, item.origin);
                found.push(object(
                    vec![("PolicyName", Some(name.clone())), document],
                    item.origin,
                ));
            }
        }
        Some(Known::Present(list(found, instance.origin())))
    }

    fn is_open(&self, at: usize, name: &str) -> bool {
        let instance = self.resolver.plan.instance(at);
        instance
            .and_then(|one| one.values.get(name))
            .is_some_and(super::resolve::is_open)
    }

    pub fn note(&mut self, at: usize, name: &str, rule: Rule) {
        if let Some(instance) = self.resolver.plan.instance(at) {
            self.coverage.add(instance.address, name, rule);
        }
    }

    fn tags(&self, at: usize) -> Option<Known<Node>> {
        let values = &self.resolver.plan.instance(at)?.values;
        let stated = |name: &str| values.get(name).filter(|node| !node.is_null());
        let all =
            stated("tags_all").filter(|all| !super::resolve::is_open(all) || self.adds_tags(at));
        let tags = all.or_else(|| stated("tags"))?;
        if super::resolve::is_open(tags) {
            return Some(Known::Unknown(parts::later(tags.as_str()?).into()));
        }
        let members = tags.as_object()?;
        if let Some(open) = members
            .iter()
            .find(|member| super::resolve::is_open(&member.value))
        {
            return Some(Known::Unknown(parts::later(open.value.as_str()?).into()));
        }
        let tag = |member: &cofferdam_text::Member| {
            let key = text(&member.key, member.key_origin);
            object(
                vec![("Key", Some(key)), ("Value", Some(member.value.clone()))],
                member.key_origin,
            )
        };
        Some(Known::Present(list(
            members.iter().map(tag).collect(),
            tags.origin,
        )))
    }

    /// Whether the provider of an instance may add tags of its own.
    fn adds_tags(&self, at: usize) -> bool {
        let declaration = self.resolver.declaration(at);
        let key = declaration.and_then(|node| node.get("provider_config_key")?.as_str());
        let provider = key.and_then(|key| self.resolver.plan.configuration.provider(key));
        provider.is_none_or(|one| {
            let written = one.get("expressions");
            written.is_some_and(|all| all.get("default_tags").is_some())
        })
    }

    /// An instance that says something of an entity that another one makes.
    fn setter(&mut self, at: usize, row: &'static Row, there: bool) {
        let Some(entity) = self.entity(at, row, there) else {
            let goes = self
                .resolver
                .plan
                .instance(at)
                .is_some_and(|one| !one.remains());
            if there || goes {
                self.unplaced(at, row);
            }
            return;
        };
        match row.adds {
            Adds::Nothing if there => {
                for (attribute, how) in row.facts {
                    self.fact(at, &entity, *attribute, *how);
                }
            }
            Adds::Nothing => {
                for (attribute, _) in row.facts {
                    self.reset(at, &entity, *attribute);
                }
            }
            adds => super::adds::add(self, (at, there), &entity, adds),
        }
    }

    /// What a thing is like after the resource that said it is gone.
    fn reset(&mut self, at: usize, entity: &Entity, attribute: Attribute) {
        let made_away = self.sink.facts.get(entity, Attribute::Exists);
        if matches!(made_away, Known::Absent) {
            return;
        }
        if let Some(row) = defaults::of(entity.kind, attribute) {
            self.default(at, entity, row, row.removed);
        }
    }

    /// Says that it is not known what an instance configures: then anything may be configured so.
    fn unplaced(&mut self, at: usize, row: &Row) {
        let Some(instance) = self.resolver.plan.instance(at) else {
            return;
        };
        let why = format!(
            "which {} {} configures is known only after apply",
            words(row.kind),
            instance.address
        );
        let account = self.resolver.places.of(at).account.clone();
        self.sink.facts.unlisted(&account, row.kind, why.as_str());
        let mut diagnostic = Diagnostic::error(instance.origin(), why);
        diagnostic.severity = Severity::Warning;
        self.sink.complain(diagnostic);
    }

    /// The entity that an instance configures.
    pub fn entity(&mut self, at: usize, row: &Row, there: bool) -> Option<Entity> {
        let attribute = row.id.trim_matches(['{', '}']);
        if row.kind == Kind::Account {
            let stated = self
                .resolver
                .text(at, attribute)
                .filter(|text| !text.is_open());
            let account = stated.map_or_else(
                || self.resolver.places.of(at).account.clone(),
                |text| text.text,
            );
            return Some(Entity::new(Kind::Account, account));
        }
        if attribute.contains('.') {
            let path: Vec<&str> = attribute.split('.').collect();
            let name = self
                .resolver
                .nested(at, &path)
                .filter(|name| !name.is_open())?;
            return Some(self.by_text(at, &name.text, row.kind));
        }
        let found = self.named((at, there), attribute, row.kind);
        let rule = match &found {
            Some((_, rule)) => *rule,
            None => Rule::Unknown,
        };
        self.note(at, attribute, rule);
        found.map(|(entity, _)| entity)
    }

    /// The entity of a kind that an attribute names.
    pub fn named(
        &self,
        (at, there): (usize, bool),
        attribute: &str,
        kind: Kind,
    ) -> Option<(Entity, Rule)> {
        let instance = self.resolver.plan.instance(at)?;
        let source = if there {
            Some(&instance.values)
        } else {
            instance.before
        };
        let stated = source
            .and_then(|node| node.get(attribute))
            .filter(|node| !super::resolve::is_open(node));
        if let Some(id) = stated.and_then(Node::text) {
            return Some((self.by_text(at, id, kind), Rule::Stated));
        }
        if !there {
            return None;
        }
        if let Some(Target::Attribute(to, _)) = self.resolver.leads_to(at, attribute, STEPS_MAX)
            && let Some(entity) = self.made_by(to, kind)
        {
            return Some((entity, Rule::Reference));
        }
        let settled = self
            .resolver
            .text(at, attribute)
            .filter(|settled| !settled.is_open())?;
        Some((self.by_text(at, &settled.text, kind), settled.rule))
    }

    /// The entity that an instance makes.
    fn made_by(&self, at: usize, kind: Kind) -> Option<Entity> {
        let instance = self.resolver.plan.instance(at)?;
        let row = rows::row(instance.kind)
            .filter(|row| row.makes && row.kind == kind && !instance.data)?;
        Some(Entity::new(
            kind,
            self.resolver.expand(at, row.id, STEPS_MAX)?,
        ))
    }

    /// The entity of a name: one that the plan makes, else what the name means.
    pub fn by_text(&self, at: usize, id: &str, kind: Kind) -> Entity {
        let place = self.resolver.places.of(at);
        let plain = rows::entity_id(kind, id, place);
        let name = (kind, place.account.clone(), id.to_owned());
        if let Some(found) = self.names.get(&name) {
            return found.clone();
        }
        Entity::new(kind, plain)
    }
}

/// What people call a kind of thing.
pub(super) fn words(kind: Kind) -> String {
    let name = format!("{kind:?}");
    let mut out = String::new();
    for sign in name.chars() {
        if sign.is_ascii_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.push(sign.to_ascii_lowercase());
    }
    out
}
