//! The sources of a configuration, read where a plan says too little.
//!
//! A plan lists what an expression refers to and not the expression; the sources have it. They are
//! read by a parser that keeps places, so that a policy written with `jsonencode` leads back to its
//! line. Only local modules, and those that `terraform init` has put beside the root module, are
//! followed. Nothing is fetched, and nothing outside the directory is read.

mod evaluate;
mod functions;
mod value;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cofferdam_org::fact::Known;
use cofferdam_text::{Diagnostic, DocumentId, Documents, Node, Origin, Severity};
use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use super::configuration::Steps;
use super::resolve::Resolver;
use crate::files;
use crate::sink::{Sink, text};
use evaluate::Evaluation;
use value::Value;

/// Modules in each other that are followed.
const MODULE_DEPTH_MAX: usize = 16;

/// Modules that are read at all; every call of a module is one.
const MODULES_MAX: usize = 1_000;

/// A block with the text that it lies in.
#[derive(Debug)]
struct Declared {
    body: Body,
    document: DocumentId,
}

/// One call of a module, or the root.
#[derive(Debug, Default)]
struct Module {
    directory: PathBuf,
    /// By data source or resource, type and name.
    resources: BTreeMap<(bool, String, String), Declared>,
    locals: BTreeMap<String, Expression>,
    /// Defaults of variables.
    variables: BTreeMap<String, Expression>,
    outputs: BTreeMap<String, Expression>,
    calls: BTreeMap<String, Declared>,
}

/// The sources of a root module and of the modules that it calls.
#[derive(Debug, Default)]
pub struct Sources {
    /// The directory that nothing outside of is read.
    root: PathBuf,
    /// By the names of the calls, joined by dots.
    modules: BTreeMap<String, Module>,
    /// Expressions that may still be evaluated, of all attributes together.
    budget: Cell<usize>,
}

/// Attributes that are followed from one to the next through the sources.
const FOLLOWED_MAX: usize = 12;

/// Expressions that are evaluated in one run: a hostile `for` over a `for` over a `for`, or values
/// that name each other, end here.
const EXPRESSIONS_MAX: usize = 1_000_000;

impl Sources {
    /// Reads every `.tf` file of the root module and of the modules below.
    pub(super) fn read(directory: &Path, sink: &mut Sink) -> Sources {
        let mut sources = Sources {
            root: directory.to_owned(),
            modules: BTreeMap::new(),
            budget: Cell::new(EXPRESSIONS_MAX),
        };
        let installed = installed(directory);
        sources.module(String::new(), directory, &installed, MODULE_DEPTH_MAX, sink);
        sources
    }

    fn module(
        &mut self,
        path: String,
        directory: &Path,
        installed: &BTreeMap<String, PathBuf>,
        depth: usize,
        sink: &mut Sink,
    ) {
        if depth == 0 || MODULES_MAX <= self.modules.len() {
            return;
        }
        let mut module = Module {
            directory: directory.to_owned(),
            ..Module::default()
        };
        for file in sources_in(directory) {
            read_file(&file, &mut module, sink);
        }
        let mut below = Vec::new();
        for (name, call) in &module.calls {
            let inner = match path.as_str() {
                "" => name.clone(),
                path => format!("{path}.{name}"),
            };
            let source = call.body.get_attribute("source");
            let local = source
                .and_then(|one| one.value.as_str())
                .filter(|source| source.starts_with("./") || source.starts_with("../"));
            let found = local
                .map(|local| directory.join(local))
                .or_else(|| installed.get(&inner).cloned());
            below.extend(found.map(|directory| (inner, directory)));
        }
        self.modules.insert(path, module);
        for (path, directory) in below {
            self.module(path, &directory, installed, depth - 1, sink);
        }
    }

    fn of(&self, steps: &Steps) -> Option<&Module> {
        self.modules.get(&steps.calls())
    }

    /// The block that an instance was declared by.
    fn declared(&self, resolver: &Resolver, at: usize) -> Option<&Declared> {
        let one = resolver.plan.instance(at)?;
        let key = (one.data, one.kind.to_owned(), one.name.to_owned());
        self.of(&one.module)?.resources.get(&key)
    }

    /// Where an attribute of an instance is written.
    pub(super) fn origin(
        &self,
        resolver: &Resolver,
        documents: &Documents,
        at: usize,
        attribute: &str,
    ) -> Option<Origin> {
        let declared = self.declared(resolver, at)?;
        let span = declared.body.get_attribute(attribute)?.value.span()?;
        Some(documents.range(declared.document, span))
    }

    /// The texts of a list in a block of an instance, by the way down to it. Nothing where blocks
    /// are made by `dynamic`: then they cannot be counted.
    pub(super) fn list(
        &self,
        resolver: &Resolver,
        at: usize,
        path: &[(&str, usize)],
        attribute: &str,
    ) -> Option<Vec<String>> {
        let mut body = &self.declared(resolver, at)?.body;
        for (name, place) in path {
            if body.has_blocks("dynamic") {
                return None;
            }
            body = &body.get_blocks(name).nth(*place)?.body;
        }
        let expression = &body.get_attribute(attribute)?.value;
        match Evaluation::new(self, resolver, FOLLOWED_MAX).of_instance(at, expression) {
            Value::List(items) => items.iter().map(Value::text).collect(),
            _ => None,
        }
    }

    /// Where an instance is declared.
    pub(super) fn place(
        &self,
        resolver: &Resolver,
        documents: &Documents,
        at: usize,
    ) -> Option<Origin> {
        let declared = self.declared(resolver, at)?;
        Some(documents.range(declared.document, declared.body.span()?))
    }

    /// The text of an attribute; holes stand for what even the sources do not tell.
    pub(super) fn text(
        &self,
        resolver: &Resolver,
        at: usize,
        attribute: &str,
        left: usize,
    ) -> Option<(String, Origin)> {
        self.nested_within(resolver, at, &[attribute], left)
    }

    /// The text of an attribute below blocks, of each of which the first counts.
    pub(super) fn nested(
        &self,
        resolver: &Resolver,
        at: usize,
        path: &[&str],
    ) -> Option<(String, Origin)> {
        self.nested_within(resolver, at, path, FOLLOWED_MAX)
    }

    fn nested_within(
        &self,
        resolver: &Resolver,
        at: usize,
        path: &[&str],
        left: usize,
    ) -> Option<(String, Origin)> {
        let instance = resolver.plan.instance(at)?;
        let declared = self.declared(resolver, at)?;
        let (attribute, blocks) = path.split_last()?;
        let mut body = &declared.body;
        for block in blocks {
            body = &body.get_blocks(block).next()?.body;
        }
        let expression = &body.get_attribute(attribute)?.value;
        let left = left.checked_sub(1)?.min(FOLLOWED_MAX);
        let mut evaluation = Evaluation::new(self, resolver, left);
        let value = evaluation.of_instance(at, expression);
        let text = value.text()?;
        Some((text, instance.origin())).filter(|(text, _)| !is_open(text))
    }

    /// The policy that an attribute is written as, with its places in the sources.
    pub(super) fn policy(
        &self,
        resolver: &Resolver,
        documents: &mut Documents,
        at: usize,
        attribute: &str,
    ) -> Option<Node> {
        let (text_of, _) = self.text(resolver, at, attribute, FOLLOWED_MAX)?;
        let origin = self.origin(resolver, documents, at, attribute)?;
        documents.read_embedded(&text(&text_of, origin)).ok()
    }

    /// A policy that the plan states, read as if it lay where it is written.
    pub(super) fn stated(
        &self,
        resolver: &Resolver,
        documents: &mut Documents,
        at: usize,
        attribute: &str,
        stated: &Node,
    ) -> Option<Known<Node>> {
        let origin = self.origin(resolver, documents, at, attribute)?;
        let node = text(stated.as_str()?, origin);
        documents.read_embedded(&node).ok().map(Known::Present)
    }
}

fn is_open(text: &str) -> bool {
    use cofferdam_names::deferred::{Piece, pieces};
    matches!(pieces(text).as_slice(), [Piece::Open(_)])
}

/// The files of a module, in the order of their names.
fn sources_in(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|kind| kind == "tf") && path.is_file())
        .collect();
    found.sort();
    found
}

fn read_file(file: &Path, module: &mut Module, sink: &mut Sink) {
    let name = file.display().to_string();
    let bytes = match files::bytes(file) {
        Ok(bytes) => bytes,
        Err(diagnostic) => return sink.complain(diagnostic),
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return sink.complain(warning(&name, "not UTF-8, so it was not read".to_owned()));
    };
    match hcl_edit::parser::parse_body(&text) {
        Ok(body) => {
            let document = sink.documents.add(&name, text);
            body.into_blocks()
                .for_each(|block| take(block, document, module));
        }
        Err(error) => {
            let line = error.location().line();
            sink.complain(warning(
                &name,
                format!("line {line} is no HCL that can be read"),
            ));
        }
    }
}

fn warning(name: &str, message: String) -> Diagnostic {
    let mut diagnostic = Diagnostic::in_file(name, message);
    diagnostic.severity = Severity::Warning;
    diagnostic
}

/// Keeps a block of a file.
fn take(block: Block, document: DocumentId, module: &mut Module) {
    let labels: Vec<String> = block
        .labels
        .iter()
        .map(|label| label.as_str().to_owned())
        .collect();
    let body = block.body;
    match (block.ident.as_str(), labels.as_slice()) {
        (word @ ("resource" | "data"), [kind, name]) => {
            let key = (word == "data", kind.clone(), name.clone());
            module.resources.insert(key, Declared { body, document });
        }
        ("module", [name]) => {
            module
                .calls
                .insert(name.clone(), Declared { body, document });
        }
        ("locals", []) => {
            for attribute in body.into_attributes() {
                let name = attribute.key.to_string();
                module.locals.insert(name, attribute.value);
            }
        }
        ("variable", [name]) => keep(&body, "default", name, &mut module.variables),
        ("output", [name]) => keep(&body, "value", name, &mut module.outputs),
        _ => {}
    }
}

fn keep(body: &Body, attribute: &str, name: &str, into: &mut BTreeMap<String, Expression>) {
    if let Some(found) = body.get_attribute(attribute) {
        into.insert(name.to_owned(), found.value.clone());
    }
}

/// Where `terraform init` has put modules, by the names of the calls.
fn installed(directory: &Path) -> BTreeMap<String, PathBuf> {
    let list = directory.join(".terraform/modules/modules.json");
    let read = files::bytes(&list).ok();
    let tree = read.and_then(|bytes| Documents::new().read_json("modules.json", bytes).ok());
    let modules = tree
        .as_ref()
        .and_then(|tree| tree.get("Modules"))
        .map(Node::items);
    let one = |node: &Node| {
        let key = node.get("Key")?.as_str()?.to_owned();
        Some((key, directory.join(node.get("Dir")?.as_str()?)))
    };
    modules.unwrap_or_default().iter().filter_map(one).collect()
}
