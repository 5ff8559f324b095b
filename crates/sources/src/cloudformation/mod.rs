//! CloudFormation templates, applications of several stacks, CDK output and change sets, as facts.
//!
//! A template says what will be, and leaves open what only its deployment can tell. What AWS makes
//! up then (ids, generated names) is a name with a hole that equals itself wherever it is referred
//! to; what the user must say (a parameter without a default, an export of a stack that is not at
//! hand) may be anything: see [`cofferdam_names::deferred`]. All templates among the sources are one
//! application: exports of each are seen by all.
//!
//! The stages, one file each: [`template`] (stacks and resources), [`eval`] (values), [`rows`] (types),
//! [`facts`], [`parts`], [`policy`] and [`adds`] (facts).

mod adds;
mod carriers;
mod cdk;
mod changes;
mod eval;
mod facts;
mod given;
mod parts;
mod place;
mod policy;
mod rows;
mod template;

use std::collections::BTreeMap;
use std::path::Path;

use cofferdam_text::{Diagnostic, Documents, Node};

pub use place::Options;

use crate::sink::Sink;
use crate::terraform::NOBODYS_ACCOUNT;
use crate::terraform::overlay::Overlay;
use eval::Eval;
use facts::Reading;
use place::Place;
use template::{Application, Assets, Origins};

/// What a path among the sources holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A template.
    Template,
    /// A directory that `cdk synth` writes.
    Assembly,
    /// What `describe-change-set` answers.
    Changes,
}

/// Names of types that a note lists before it only counts.
const NAMED_MAX: usize = 8;

/// All stacks among the sources.
#[derive(Debug, Default)]
pub(crate) struct Stacks {
    application: Application,
    changes: Vec<(std::path::PathBuf, changes::Changes)>,
}

impl Stacks {
    /// Reads every template among the sources.
    ///
    /// # Errors
    /// When one cannot be read at all, or a parameter file cannot.
    pub fn load<'p>(
        paths: impl Iterator<Item = (&'p Path, Form)>,
        options: &Options,
        documents: &mut Documents,
    ) -> Result<Stacks, Diagnostic> {
        let mut stacks = Stacks::default();
        let mut paths = paths.peekable();
        if paths.peek().is_none() {
            return Ok(stacks);
        }
        let given = given::read(options, documents)?;
        for (path, form) in paths {
            match form {
                Form::Template => stacks.template(path, options, &given, documents)?,
                Form::Assembly => {
                    cdk::read(&mut stacks.application, path, options, &given, documents)?;
                }
                Form::Changes => {
                    let changes = changes::read(&mut stacks.application, path, options, documents)?;
                    stacks.changes.push((path.to_owned(), changes));
                }
            }
        }
        Ok(stacks)
    }

    fn template(
        &mut self,
        path: &Path,
        options: &Options,
        given: &given::Parameters,
        documents: &mut Documents,
    ) -> Result<(), Diagnostic> {
        let name = name_of(path);
        let place = Place::of(&name, Place::unsaid(), options);
        let from = Origins {
            source: path,
            file: path.to_owned(),
            given: given.of(&name),
            name,
            place,
            assets: &Assets::new(),
            depth: 0,
        };
        let at = self.application.add(documents, from)?;
        self.application.sources.push((path.to_owned(), at));
        Ok(())
    }

    /// States the facts of one of the sources that were loaded.
    pub fn facts(&self, path: &Path, sink: &mut Sink) -> Overlay {
        let application = &self.application;
        for (source, diagnostic) in &application.diagnostics {
            if source == path {
                sink.complain(diagnostic.clone());
            }
        }
        let top = application.sources.iter();
        let top = top.filter(|(source, _)| source == path).map(|(_, at)| *at);
        let mut all: Vec<usize> = top.flat_map(|at| self.below(at)).collect();
        all.sort_unstable();
        self.unplaced(sink, &all);
        self.unlisted(sink, &all);
        let eval = Eval::new(application);
        let mut reading = Reading {
            sink,
            eval: &eval,
            overlay: Overlay::default(),
            unread: BTreeMap::new(),
        };
        reading.stacks(&all);
        let (mut overlay, unread) = (reading.overlay, reading.unread);
        let first = all.first().and_then(|at| application.stacks.get(*at));
        if let Some(note) = first.and_then(|stack| not_read(&stack.root, &unread)) {
            sink.complain(note);
        }
        for (_, changes) in self.changes.iter().filter(|(source, _)| source == path) {
            changes::apply(changes, sink, &mut overlay);
        }
        overlay
    }

    /// A stack and those nested in it.
    fn below(&self, at: usize) -> Vec<usize> {
        let stack = self.application.stacks.get(at);
        let nested = stack.into_iter().flat_map(|stack| stack.nested.values());
        let nested = nested.flat_map(|inner| self.below(*inner));
        std::iter::once(at).chain(nested).collect()
    }

    /// Where more is made than the templates show, no list of the account's things is whole.
    fn unlisted(&self, sink: &mut Sink, all: &[usize]) {
        let more = self.application.more.iter();
        for (at, why) in more.filter(|(at, _)| all.contains(at)) {
            if let Some(stack) = self.application.stacks.get(*at) {
                for kind in crate::answers::listed_kinds() {
                    let account = &stack.place.account;
                    sink.facts.unlisted(account, kind, why.as_str());
                }
            }
        }
    }

    fn unplaced(&self, sink: &mut Sink, all: &[usize]) {
        let stacks = all.iter().filter_map(|at| self.application.stacks.get(*at));
        let mut nowhere = stacks.filter(|stack| stack.place.is_nobodys());
        if let Some(stack) = nowhere.next() {
            let message = format!(
                "the template does not tell the account of stack {}: its resources are taken to lie in an account of their own, {NOBODYS_ACCOUNT}",
                stack.name
            );
            let help = format!("name it with `--account {}=ACCOUNT`", stack.name);
            sink.complain(Diagnostic::warning(stack.root.origin, message).with_help(help));
        }
    }
}

/// The stack's name, where nothing tells it: that of the file.
fn name_of(path: &Path) -> String {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.unwrap_or("stack");
    let stem = name.split('.').next().filter(|stem| !stem.is_empty());
    stem.unwrap_or(name).to_owned()
}

/// Types of resources of which nothing is read.
fn not_read(root: &Node, unread: &BTreeMap<String, usize>) -> Option<Diagnostic> {
    let count: usize = unread.values().sum();
    let names: Vec<&str> = unread.keys().map(String::as_str).collect();
    let shown: Vec<&str> = names.iter().take(NAMED_MAX).copied().collect();
    let more = match names.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "{count} resources are of types that state no fact: {}{more}",
        shown.join(", ")
    );
    (count > 0).then(|| Diagnostic::warning(root.origin, message))
}
