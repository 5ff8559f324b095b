//! What lifts obligations: exceptions, break-glass, platform roles.
//!
//! These are the only entries that make a boundary weaker, so an entry counts only if all of it
//! was understood: a misspelled `who` must not turn one principal into everybody.

use cofferdam_text::Node;

use super::fields::{Fields, Shape};
use super::log::{Names, shown};
use super::values::Reader;
use super::words::OBLIGATIONS;
use super::{BreakGlass, Exception, PlatformRole, Who, WhoAt};
use crate::exception::accepts;

const EXCEPTION: Shape = Shape {
    what: "an exception",
    fields: &[
        "id", "lifts", "datasets", "who", "reason", "owner", "ticket", "expires",
    ],
    reserved: &[],
    example: "{id: EX-1, lifts: [network.unexpected-source], datasets: [NAME], who: [{role: …}], \
              reason: …, owner: TEAM, expires: 2027-03-31}",
    strict: true,
};
const BREAK_GLASS: Shape = Shape {
    what: "an entry of break-glass",
    fields: &["who", "lifts", "never-lifts"],
    reserved: &[],
    example: "{who: [{role: …}], lifts: [\"identity.*\"], never-lifts: [\"audit.*\"]}",
    strict: true,
};
const PLATFORM_ROLE: Shape = Shape {
    what: "a platform role",
    fields: &["pattern", "origin", "lifts", "reason", "owner", "expires"],
    reserved: &[],
    example: "{pattern: \"arn:aws:iam::*:role/AWSControlTowerExecution\", origin: control-tower, \
              lifts: [identity.unapproved-principal], reason: …, owner: TEAM, expires: 2027-06-30}",
    strict: true,
};

impl Reader {
    /// One exception, if all of it was understood.
    pub(super) fn exception(&mut self, node: &Node, ids: &mut Names) -> Option<Exception> {
        self.wholly(|reader| {
            let fields = reader.log.fields(node, &EXCEPTION)?;
            let id = reader.log.required_text(&fields, "id")?;
            ids.claim(&mut reader.log, &id, node.origin);
            Some(Exception {
                lifts: reader.lifts(&fields, "lifts"),
                datasets: reader.dataset_names(&fields),
                who: fields
                    .get("who")
                    .map(|_| reader.required_who(&fields, "who")),
                reason: reader.log.required_text(&fields, "reason")?,
                owner: reader.log.required_text(&fields, "owner")?,
                ticket: reader.log.text(&fields, "ticket"),
                expires: reader.expires_soon(&fields),
                origin: node.origin,
                id,
            })
        })
    }

    /// One entry of break-glass, if all of it was understood.
    pub(super) fn break_glass(&mut self, node: &Node) -> Option<BreakGlass> {
        self.wholly(|reader| {
            let fields = reader.log.fields(node, &BREAK_GLASS)?;
            let who = reader.required_who(&fields, "who");
            let never = fields.get("never-lifts").is_some();
            Some(BreakGlass {
                id: format!("break-glass {}", who.first().map_or("", name_of)),
                who,
                lifts: reader.lifts(&fields, "lifts"),
                never_lifts: if never {
                    reader.lifts(&fields, "never-lifts")
                } else {
                    Vec::new()
                },
                origin: node.origin,
            })
        })
    }

    /// One platform role, if all of it was understood.
    pub(super) fn platform_role(
        &mut self,
        node: &Node,
        patterns: &mut Names,
    ) -> Option<PlatformRole> {
        self.wholly(|reader| {
            let fields = reader.log.fields(node, &PLATFORM_ROLE)?;
            let pattern = reader.log.required(&fields, "pattern")?;
            let pattern = reader.role_pattern(pattern)?;
            patterns.claim(&mut reader.log, &pattern, node.origin);
            Some(PlatformRole {
                id: format!("platform-role {pattern}"),
                made_by: reader.log.text(&fields, "origin"),
                lifts: reader.lifts(&fields, "lifts"),
                reason: reader.log.required_text(&fields, "reason")?,
                owner: reader.log.required_text(&fields, "owner")?,
                expires: reader.expires_soon(&fields),
                origin: node.origin,
                pattern,
            })
        })
    }

    /// What `read` gives, unless something in it was wrong.
    pub(super) fn wholly<T>(&mut self, read: impl FnOnce(&mut Reader) -> Option<T>) -> Option<T> {
        let errors = self.log.errors();
        let entry = read(self);
        entry.filter(|_| self.log.errors() == errors)
    }

    fn dataset_names(&mut self, fields: &Fields<'_>) -> Option<Vec<String>> {
        fields.get("datasets")?;
        let nodes = self.log.list(fields, "datasets");
        Some(
            nodes
                .iter()
                .filter_map(|node| self.dataset_name(node))
                .collect(),
        )
    }

    fn dataset_name(&mut self, node: &Node) -> Option<String> {
        let name = self.log.plain(node, "a dataset")?;
        self.datasets
            .check(&mut self.log, name, node.origin)
            .then(|| name.to_owned())
    }

    fn lifts(&mut self, fields: &Fields<'_>, field: &str) -> Vec<String> {
        if self.log.required(fields, field).is_none() {
            return Vec::new();
        }
        let nodes = self.log.list(fields, field);
        nodes
            .iter()
            .filter_map(|node| self.obligation(node))
            .collect()
    }

    fn obligation(&mut self, node: &Node) -> Option<String> {
        let pattern = self.log.plain(node, "an obligation")?;
        if OBLIGATIONS.iter().any(|id| accepts(pattern, id)) {
            return Some(pattern.to_owned());
        }
        if pattern.contains('*') {
            let message = format!("`{}` matches no obligation", shown(pattern));
            self.log.error(
                node.origin,
                message,
                "write a layer and a star: \"identity.*\"",
            );
        } else {
            self.log.unknown_word(
                node.origin,
                "obligation",
                pattern,
                OBLIGATIONS.iter().copied(),
            );
        }
        None
    }
}

/// What people call somebody.
fn name_of(who: &WhoAt) -> &str {
    match &who.who {
        Who::Role(arn) | Who::User(arn) | Who::Saml { provider: arn } => arn.resource(),
        Who::RolePattern { pattern, .. } => pattern,
        Who::PermissionSet { name, .. } => name,
        Who::Oidc { sub, .. } => sub,
        Who::Service { host, .. } => host,
        Who::Partner { name, .. } => name,
        Who::Account(_) => "account",
    }
}
