//! Datasets: what is protected, by which keys, and who may reach it.
//!
//! Whatever of a dataset could not be read is noted in its `missing`: a resource that was dropped
//! silently would be proved safe by never being asked about.

use cofferdam_catalog::Class;
use cofferdam_findings::finding::Missing;
use cofferdam_policy::ast::ActionPattern;
use cofferdam_text::Node;

use super::fields::{Fields, Shape};
use super::log::shown;
use super::values::{ArnForm, Reader};
use super::{Access, Audit, Can, Dataset, KeyDeclared, ResourceDeclared};

/// Fields that later obligations will ask about.
pub(super) const RESERVED: &[&str] = &["copies", "through", "login", "enforce"];

const DATASET: Shape = Shape {
    what: "a dataset",
    fields: &[
        "name",
        "class",
        "owner",
        "resources",
        "keys",
        "access",
        "administrators",
        "key-administrators",
        "audit",
    ],
    reserved: RESERVED,
    example: "{name: records, class: restricted, owner: TEAM, resources: [{arn: …}], access: […]}",
    strict: false,
};
const RESOURCE: Shape = Shape {
    what: "a resource",
    fields: &["arn"],
    reserved: &["tag", "prefix", "in"],
    example: "{arn: \"arn:aws:s3:::acme-records\"}",
    strict: true,
};
const KEY: Shape = Shape {
    what: "a key",
    fields: &["arn", "multi-region", "regions"],
    reserved: &[],
    example: "{arn: \"arn:aws:kms:eu-west-1:111122223333:key/…\"}",
    strict: true,
};
const ACCESS: Shape = Shape {
    what: "an entry of access",
    fields: &["who", "can", "from", "assumed-by"],
    reserved: RESERVED,
    example: "{who: [{role: …}], can: [read], from: [NETWORK]}",
    strict: false,
};
const AUDIT: Shape = Shape {
    what: "an audit",
    fields: &["trail", "archive", "retention-days", "administrators"],
    reserved: RESERVED,
    example: "{trail: org-trail, archive: \"arn:aws:s3:::acme-log-archive\", retention-days: 400}",
    strict: false,
};

const STORE_ARN: ArnForm = ArnForm {
    what: "a resource",
    service: "",
    prefix: "",
    help: "write the ARN of one resource: \"arn:aws:s3:::acme-records\"",
};
const BUCKET_ARN: ArnForm = ArnForm {
    what: "a bucket",
    service: "s3",
    prefix: "",
    help: "write the bucket's ARN: \"arn:aws:s3:::acme-log-archive\"",
};
const KEY_ARN: ArnForm = ArnForm {
    what: "a key",
    service: "kms",
    prefix: "key/",
    help: "write the key's ARN, \"arn:aws:kms:eu-west-1:111122223333:key/…\": an alias can be \
           moved to another key",
};
const REPLICATED_ARN: ArnForm = ArnForm {
    what: "a multi-Region key",
    service: "kms",
    prefix: "key/mrk-",
    help: "write the ARN of one of its replicas, \"arn:aws:kms:eu-west-1:111122223333:key/mrk-…\"",
};

/// The classes that `can` may name; administering is declared apart.
const CLASSES: [Class; 4] = [Class::Read, Class::Write, Class::Delete, Class::List];

impl Reader {
    /// One dataset; `None` if it has no name to report it under, or the name is taken.
    pub(super) fn dataset(&mut self, node: &Node) -> Option<Dataset> {
        let errors = self.log.errors();
        let fields = self.log.fields(node, &DATASET)?;
        let name = self.log.required_text(&fields, "name")?;
        if !self.datasets.claim(&mut self.log, &name, node.origin) {
            return None;
        }
        self.keep_reserved(&fields, Some(&name));
        let mut dataset = self.parts(&fields, name);
        if self.log.errors() > errors {
            let why = "part of its declaration could not be read".to_owned();
            let key = format!("dataset {}", dataset.name);
            dataset.missing.push(Missing {
                key,
                why,
                origin: Some(node.origin),
            });
        }
        Some(dataset)
    }

    fn parts(&mut self, fields: &Fields<'_>, name: String) -> Dataset {
        let (resources, missing) = self.resources(fields, &name);
        Dataset {
            class: self
                .log
                .text(fields, "class")
                .unwrap_or_else(|| "unclassified".to_owned()),
            owner: self.owner(fields),
            resources,
            keys: self.keys(fields),
            access: self.access(fields, &name),
            administrators: self.who(fields, "administrators"),
            key_administrators: self.who(fields, "key-administrators"),
            audit: fields.get("audit").and_then(|node| self.audit(node, &name)),
            missing,
            origin: Some(fields.origin()),
            name,
        }
    }

    fn owner(&mut self, fields: &Fields<'_>) -> Option<String> {
        if fields.get("owner").is_none() {
            let message = format!(
                "{} without `owner`: its findings reach nobody",
                fields.shape.what
            );
            self.log
                .warning(fields.origin(), message, "write owner: TEAM");
        }
        self.log.text(fields, "owner")
    }

    fn resources(
        &mut self,
        fields: &Fields<'_>,
        dataset: &str,
    ) -> (Vec<ResourceDeclared>, Vec<Missing>) {
        let (mut resources, mut missing) = (Vec::new(), Vec::new());
        if self.log.required(fields, "resources").is_none() {
            return (resources, missing);
        }
        for node in self.log.list(fields, "resources") {
            let Some(entry) = self.log.fields(node, &RESOURCE) else {
                continue;
            };
            if entry.reserved().next().is_some() {
                missing.push(self.selector(&entry, node, dataset));
            } else if let Some(resource) = self.resource(&entry)
                && self.resource_is_new(&resource)
            {
                resources.push(resource);
            }
        }
        (resources, missing)
    }

    /// A selector is kept; what it would select is not yet known to be safe.
    fn selector(&mut self, entry: &Fields<'_>, node: &Node, dataset: &str) -> Missing {
        let field = entry
            .reserved()
            .next()
            .map_or("selector", |(field, _)| field);
        self.reserve(field, node, Some(dataset));
        let why = "resources chosen by tag or prefix are not yet asked about: name them by ARN";
        let key = format!("resources of {dataset}");
        Missing {
            key,
            why: why.to_owned(),
            origin: Some(node.origin),
        }
    }

    fn resource(&mut self, entry: &Fields<'_>) -> Option<ResourceDeclared> {
        let node = self.log.required(entry, "arn")?;
        let arn = self.arn(node, &STORE_ARN)?;
        if arn.object_key().is_some() {
            let message = format!("`{}` names objects, not a bucket", shown(arn.as_str()));
            let bucket = arn
                .bucket()
                .map(|bucket| shown(bucket.as_str()))
                .unwrap_or_default();
            self.log
                .error(node.origin, message, format!("write the bucket: {bucket}"));
            return None;
        }
        Some(ResourceDeclared {
            arn,
            origin: Some(entry.origin()),
        })
    }

    /// A resource in two datasets would be approved by one and forbidden by the other.
    fn resource_is_new(&mut self, resource: &ResourceDeclared) -> bool {
        let Some(origin) = resource.origin else {
            return true;
        };
        self.resources
            .claim(&mut self.log, resource.arn.as_str(), origin)
    }

    fn keys(&mut self, fields: &Fields<'_>) -> Vec<KeyDeclared> {
        let nodes = self.log.list(fields, "keys");
        nodes.iter().filter_map(|node| self.key(node)).collect()
    }

    fn key(&mut self, node: &Node) -> Option<KeyDeclared> {
        let fields = self.log.fields(node, &KEY)?;
        let (arn, form) = match (fields.get("arn"), fields.get("multi-region")) {
            (Some(arn), None) => (arn, &KEY_ARN),
            (None, Some(arn)) => (arn, &REPLICATED_ARN),
            _ => {
                let help = format!("write {}", KEY.example);
                self.log.error(
                    node.origin,
                    "a key needs either `arn` or `multi-region`",
                    help,
                );
                return None;
            }
        };
        let arn = self.arn(arn, form)?;
        let regions = self.regions(&fields, "regions");
        Some(KeyDeclared {
            arn,
            regions,
            origin: node.origin,
        })
    }

    fn access(&mut self, fields: &Fields<'_>, dataset: &str) -> Vec<Access> {
        let nodes = self.log.list(fields, "access");
        nodes
            .iter()
            .filter_map(|node| self.approval(node, dataset))
            .collect()
    }

    fn approval(&mut self, node: &Node, dataset: &str) -> Option<Access> {
        let fields = self.log.fields(node, &ACCESS)?;
        self.keep_reserved(&fields, Some(dataset));
        let assumed_by = fields
            .get("assumed-by")
            .map(|_| self.who(&fields, "assumed-by"));
        Some(Access {
            who: self.required_who(&fields, "who"),
            can: self.can(&fields),
            from: self.from(&fields),
            assumed_by,
            origin: node.origin,
        })
    }

    fn from(&mut self, fields: &Fields<'_>) -> Vec<String> {
        if fields.get("from").is_none() {
            let message = "an entry of access without `from`: every network is unexpected";
            self.log.warning(
                fields.origin(),
                message,
                "name the networks: from: [NETWORK]",
            );
        }
        let nodes = self.log.list(fields, "from");
        nodes
            .iter()
            .filter_map(|node| self.network_name(node))
            .collect()
    }

    fn network_name(&mut self, node: &Node) -> Option<String> {
        let name = self.log.plain(node, "a network")?;
        self.networks
            .check(&mut self.log, name, node.origin)
            .then(|| name.to_owned())
    }

    fn can(&mut self, fields: &Fields<'_>) -> Vec<Can> {
        if self.log.required(fields, "can").is_none() {
            return Vec::new();
        }
        let nodes = self.log.list(fields, "can");
        nodes.iter().filter_map(|node| self.ability(node)).collect()
    }

    fn ability(&mut self, node: &Node) -> Option<Can> {
        let word = self.log.plain(node, "an entry of can")?;
        if let Some(class) = CLASSES.into_iter().find(|class| class.word() == word) {
            return Some(Can::Class(class));
        }
        if word == Class::Administer.word() {
            let help = "name them under administrators or key-administrators of the dataset";
            self.log.error(
                node.origin,
                "`administer` is not approved under `can`",
                help,
            );
            return None;
        }
        if let Some(action) = action(word) {
            return Some(Can::Action(action));
        }
        let words = CLASSES.map(Class::word);
        self.log
            .unknown_word(node.origin, "a class or action", word, words);
        None
    }

    fn audit(&mut self, node: &Node, dataset: &str) -> Option<Audit> {
        let fields = self.log.fields(node, &AUDIT)?;
        self.keep_reserved(&fields, Some(dataset));
        let trail = self.log.required_text(&fields, "trail");
        let archive = self.log.required(&fields, "archive");
        let archive = archive.and_then(|node| self.arn(node, &BUCKET_ARN));
        let retention_days = self.log.count(&fields, "retention-days");
        let administrators = self.who(&fields, "administrators");
        let (trail, archive) = (trail?, archive?);
        Some(Audit {
            trail,
            archive,
            retention_days,
            administrators,
            origin: node.origin,
        })
    }
}

/// `service:Name`, with wildcards in the name only ("IAM JSON policy elements: Action").
/// An action or a pattern over the actions of one service.
pub(super) fn action(text: &str) -> Option<ActionPattern> {
    let (service, name) = text.split_once(':')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let fits = !service.is_empty() && service.bytes().all(plain);
    let named = name.bytes().any(|byte| byte.is_ascii_alphanumeric());
    let glob = |byte: u8| plain(byte) || byte == b'*' || byte == b'?';
    (fits && named && name.bytes().all(glob)).then(|| ActionPattern::Of {
        service: service.to_ascii_lowercase().into(),
        name: name.to_ascii_lowercase().into(),
    })
}
