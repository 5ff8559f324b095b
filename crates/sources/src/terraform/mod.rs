//! Terraform plans and states, as `terraform show -json` prints them, into facts.
//!
//! A plan says what will be, and leaves out what only apply can tell. What is left out is settled
//! by four rules, in this order: the service's documented default for what nobody wrote
//! ([`defaults`]); a reference to one whole attribute ([`resolve`]); the blocks of an
//! `aws_iam_policy_document` ([`document`]); and the sources, where they are at hand ([`hcl`]).
//! What none of them settles is unknown, under the address of the resource.
//!
//! **Names known only later.** A thing that the plan makes has an id that AWS has not given yet. It
//! gets a name with a hole (see [`cofferdam_names::deferred`]) that says whose it is, the same
//! wherever it is referred to: `arn:aws:kms:eu-west-1:111122223333:key/⟨…⟩`. Any other source that
//! speaks of things to come (a CloudFormation template, a change set) makes such names with
//! `deferred::generated(LOGICAL_ID)` for what AWS makes up, `deferred::open(WHAT)` for a value that
//! it merely cannot tell, and passes them on as texts like any other.
//!
//! The stages, one file each: [`plan`] (instances), [`configuration`] (what was written), [`place`]
//! (accounts and Regions), [`resolve`] and [`document`] (values), [`facts`], [`parts`] and [`adds`]
//! by the rows of [`rows`] (facts), [`overlay`] (changes to what other sources state).

mod adds;
mod carriers;
mod configuration;
mod coverage;
pub(crate) mod defaults;
mod document;
mod facts;
mod hcl;
mod organization;
pub(crate) mod overlay;
mod parts;
mod place;
mod plan;
mod resolve;
mod rows;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cofferdam_text::{Diagnostic, Node, Severity};

pub use coverage::{Coverage, Settlement};
pub use place::NOBODYS_ACCOUNT;
pub use resolve::Rule;

use crate::files;
use crate::sink::Sink;
use facts::Reading;
use hcl::Sources;
use overlay::Overlay;
use place::Places;
use plan::Plan;
use resolve::Resolver;

/// What the user says of plans beside the plans themselves.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Accounts by the key of the provider, such as `aws` or `aws.west`.
    pub accounts: BTreeMap<String, String>,
    /// The directory of the root module.
    pub directory: Option<PathBuf>,
}

/// Names of types that a note lists before it only counts.
const NAMED_MAX: usize = 8;

/// Reads a plan or a state into the sink.
///
/// # Errors
/// When the file cannot be read, or has another format.
pub(crate) fn read(
    sink: &mut Sink,
    path: &Path,
    options: &Options,
) -> Result<(Overlay, Coverage), Diagnostic> {
    let bytes = files::bytes(path)?;
    let root = sink
        .documents
        .read_json(&path.display().to_string(), bytes)?;
    let directory = options.directory.as_deref();
    let sources = directory.map(|directory| Sources::read(directory, sink));
    from_tree(sink, &root, options, sources.as_ref())
}

/// Reads the tree of a plan or a state.
fn from_tree(
    sink: &mut Sink,
    root: &Node,
    options: &Options,
    sources: Option<&Sources>,
) -> Result<(Overlay, Coverage), Diagnostic> {
    let plan = Plan::read(root)?;
    let places = Places::find(&plan, &options.accounts);
    notes(sink, root, &plan, &places);
    let resolver = Resolver {
        plan: &plan,
        places,
        sources,
    };
    let mut reading = Reading {
        sink,
        resolver: &resolver,
        overlay: Overlay::default(),
        coverage: Coverage::default(),
        names: BTreeMap::new(),
        unread: BTreeMap::new(),
    };
    reading.all();
    for (at, instance) in plan.instances.iter().enumerate() {
        let documents = &mut *reading.sink.documents;
        documents.call(instance.whole, instance.address);
        let declared = sources.and_then(|one| one.place(&resolver, documents, at));
        if let Some(place) = declared {
            documents.call(place, instance.address);
        }
    }
    let Reading {
        overlay,
        coverage,
        unread,
        ..
    } = reading;
    if let Some(note) = not_read(root, &unread) {
        sink.complain(note);
    }
    Ok((overlay, coverage))
}

/// What is said once of a plan.
fn notes(sink: &mut Sink, root: &Node, plan: &Plan, places: &Places) {
    let unknown: Vec<String> = places
        .unknown
        .iter()
        .filter(|key| !key.is_empty())
        .map(|key| format!("`{key}`"))
        .collect();
    if !unknown.is_empty() {
        let message = format!(
            "the plan does not tell the account of provider {}: its resources are taken to lie in an account of their own, {NOBODYS_ACCOUNT}",
            unknown.join(", ")
        );
        let help = "name it with `--account PROVIDER=ACCOUNT`";
        sink.complain(warning(root, message).with_help(help));
    }
    if !plan.drifted.is_empty() {
        let message = format!(
            "changed outside Terraform since its last run: {}",
            some(&plan.drifted)
        );
        sink.complain(warning(root, message));
    }
    if root.get("errored").and_then(Node::as_bool) == Some(true) {
        sink.complain(warning(
            root,
            "Terraform stopped with an error while it made this plan: it is not whole".to_owned(),
        ));
    }
}

fn warning(root: &Node, message: String) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(root.origin, message);
    diagnostic.severity = Severity::Warning;
    diagnostic
}

fn some(names: &[&str]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED_MAX).copied().collect();
    match names.len().saturating_sub(NAMED_MAX) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Types of resources of which nothing is read.
fn not_read(root: &Node, unread: &BTreeMap<String, usize>) -> Option<Diagnostic> {
    let count: usize = unread.values().sum();
    let names: Vec<&str> = unread.keys().map(String::as_str).collect();
    let message = format!(
        "{count} resources are of types that state no fact: {}",
        some(&names)
    );
    (count > 0).then(|| warning(root, message))
}
