//! Several files as one boundary, section by section.
//!
//! The platform team's file declares networks that the data owners' files refer to, in whatever
//! order the files are read; so a section is read in all files before the next one starts, and
//! sections are ordered so that names are declared before they are used.

use std::collections::BTreeMap;

use cofferdam_findings::finding::Missing;
use cofferdam_text::{Diagnostic, Node};

use super::dataset::RESERVED;
use super::fields::{Fields, Shape};
use super::log::Names;
use super::values::Reader;
use super::{Boundary, Dataset, Declared, NetworkDeclared, Require, VERSION};

/// Where the organization is read from if the boundary does not say.
pub(super) const DEFAULT_SOURCE: &str = "snapshot/";

/// Files of one boundary; a directory with more is not a boundary that people wrote.
const FILES_MAX: usize = 1000;

const FILE: Shape = Shape {
    what: "a boundary file",
    fields: &[
        "version",
        "sources",
        "organizations",
        "partners",
        "networks",
        "datasets",
        "forbidden",
        "exceptions",
        "break-glass",
        "platform-roles",
        "assume",
        "require",
    ],
    reserved: RESERVED,
    example: "version: 1, then organizations, networks and datasets",
    strict: false,
};

/// Reads all files as one boundary.
pub(super) fn merge(files: &[Node]) -> (Boundary, Vec<Diagnostic>) {
    let mut reader = Reader::new();
    let mut missing = Vec::new();
    let mut known = Vec::new();
    for file in files {
        match reader.file(file, known.len()) {
            Some(fields) => known.push(fields),
            None => missing.push(unread("a boundary file", file)),
        }
    }
    let mut boundary = reader.sections(&known, &mut missing);
    boundary.origin = files.first().map(|file| file.origin);
    boundary.missing = missing;
    boundary.reserved = std::mem::take(&mut reader.reserved);
    (boundary, reader.log.finish())
}

fn unread(what: &str, node: &Node) -> Missing {
    let why = "it could not be read".to_owned();
    Missing {
        key: what.to_owned(),
        why,
        origin: Some(node.origin),
    }
}

impl Reader {
    fn file<'n>(&mut self, file: &'n Node, before: usize) -> Option<Fields<'n>> {
        if before == FILES_MAX {
            let message = format!("a boundary has at most {FILES_MAX} files");
            self.log.error(file.origin, message, "join some of them");
            return None;
        }
        let fields = self.log.fields(file, &FILE)?;
        self.keep_reserved(&fields, None);
        self.version(&fields).then_some(fields)
    }

    /// Whether a file says that it is of the version that is read here.
    fn version(&mut self, fields: &Fields<'_>) -> bool {
        let Some(node) = fields.get("version") else {
            let help = format!("write version: {VERSION} at its top");
            self.log
                .warning(fields.origin(), "a boundary file needs its `version`", help);
            return true;
        };
        if self.log.count(fields, "version") == Some(VERSION) {
            return true;
        }
        let message = "this version of the boundary file is not known";
        self.log
            .error(node.origin, message, format!("write version: {VERSION}"));
        false
    }

    fn sections(&mut self, files: &[Fields<'_>], missing: &mut Vec<Missing>) -> Boundary {
        let mut organizations = Names::of("organization");
        let mut exceptions = Names::of("exception");
        let mut patterns = Names::of("platform role");
        // In this order: each section may name what those before it declare.
        Boundary {
            organizations: self.section(files, "organizations", |reader, node| {
                reader.organization(node, &mut organizations)
            }),
            partners: self.section(files, "partners", Reader::partner_declared),
            networks: self.network_section(files),
            datasets: self.dataset_section(files, missing),
            forbidden: self.forbidden_section(files),
            exceptions: self.section(files, "exceptions", |reader, node| {
                reader.exception(node, &mut exceptions)
            }),
            break_glass: self.section(files, "break-glass", Reader::break_glass),
            platform_roles: self.section(files, "platform-roles", |reader, node| {
                reader.platform_role(node, &mut patterns)
            }),
            assume: self.section(files, "assume", Reader::assume),
            require: self.require_section(files, missing),
            sources: self.source_section(files),
            ..Boundary::default()
        }
    }

    /// The entries of one section in all files, in order.
    fn section<T>(
        &mut self,
        files: &[Fields<'_>],
        section: &str,
        mut read: impl FnMut(&mut Reader, &Node) -> Option<T>,
    ) -> Vec<T> {
        let mut entries = Vec::new();
        for file in files {
            for node in self.log.list(file, section) {
                entries.extend(read(self, node));
            }
        }
        entries
    }

    /// A dataset that could not be read at all asks for more than is known.
    fn dataset_section(
        &mut self,
        files: &[Fields<'_>],
        missing: &mut Vec<Missing>,
    ) -> Vec<Dataset> {
        let nodes = files.iter().filter_map(|file| file.get("datasets"));
        missing.extend(
            nodes
                .filter(|node| node.as_array().is_none())
                .map(|node| unread("datasets", node)),
        );
        self.section(files, "datasets", |reader, node| {
            let dataset = reader.dataset(node);
            missing.extend(dataset.is_none().then(|| unread("a dataset", node)));
            dataset
        })
    }

    /// One that could not be read asks for something that is not known, and is kept.
    fn forbidden_section(&mut self, files: &[Fields<'_>]) -> Vec<Declared> {
        let mut names = Names::of("prohibition");
        self.section(files, "forbidden", |reader, node| {
            let read = reader.prohibition(node, &mut names);
            Some(read.map_or_else(
                || Declared::Unread(unread("a prohibition", node)),
                Declared::Read,
            ))
        })
    }

    fn network_section(&mut self, files: &[Fields<'_>]) -> BTreeMap<String, NetworkDeclared> {
        let mut networks = BTreeMap::new();
        for node in files.iter().filter_map(|file| file.get("networks")) {
            let Some(members) = node.as_object() else {
                let help = "write names with networks: {office: {cidrs: [203.0.113.0/24]}}";
                self.log.expected(node, "`networks`", "an object", help);
                continue;
            };
            let read = members.iter().filter_map(|member| self.network(member));
            networks.extend(read.map(|network| (network.name.clone(), network)));
        }
        networks
    }

    fn require_section(&mut self, files: &[Fields<'_>], missing: &mut Vec<Missing>) -> Require {
        let mut names = Names::of("section");
        let mut found = None;
        for node in files.iter().filter_map(|file| file.get("require")) {
            if names.claim(&mut self.log, "require", node.origin) {
                let (require, unread) = self.require(node);
                missing.extend(unread);
                found = Some(require);
            } else {
                missing.push(unread("require", node));
            }
        }
        found.unwrap_or_default()
    }

    fn source_section(&mut self, files: &[Fields<'_>]) -> Vec<String> {
        let mut sources: Vec<String> = Vec::new();
        for source in files
            .iter()
            .flat_map(|file| self.log.texts(file, "sources"))
        {
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        if sources.is_empty() {
            sources.push(DEFAULT_SOURCE.to_owned());
        }
        sources
    }
}
