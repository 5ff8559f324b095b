//! Files of answers, with or without a manifest.
//!
//! A file of one call holds the answer itself; a file of calls per resource holds one call a
//! line, with its request and its response or error. What such a file would have stated is
//! unknown when it cannot be read, and the reason names it.

use std::path::{Path, PathBuf};

use cofferdam_text::{Diagnostic, Node, Severity};

use crate::ahead::{self, Bytes};
use crate::answers::{self, Row};
use crate::config;
use crate::detect::MANIFEST;
use crate::files::{self, AnswerName};
use crate::sink::{Call, Sink, object, text};

/// The partition of all commercial Regions, where no ARN says which it is.
pub(crate) const PARTITION: &str = "aws";

/// Where the answers of a file come from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    pub account: String,
    /// Empty for global operations.
    pub region: String,
    pub partition: String,
}

impl Place {
    pub fn call<'a>(&'a self, request: Option<&'a Node>) -> Call<'a> {
        Call {
            account: &self.account,
            region: &self.region,
            partition: &self.partition,
            request,
        }
    }
}

/// Reads loose files below a path, each named by its operation.
pub(crate) fn loose(sink: &mut Sink, path: &Path) -> Result<(), Diagnostic> {
    let mut found = Vec::new();
    let mut read = 0;
    for file in files::below(path)? {
        let Some(name) = files::operation_of(&file) else {
            not_named(sink, file);
            continue;
        };
        read += 1;
        if let Some(row) = row_of(sink, &file, &name.operation) {
            found.push((file, name, row));
        }
    }
    if read == 0 {
        let help =
            "answers of the AWS CLI are named SERVICE.OPERATION.json, such as kms.list-keys.json";
        return Err(
            Diagnostic::in_file(path.display().to_string(), "no answers to read").with_help(help),
        );
    }
    let files: Vec<&Path> = found.iter().map(|(file, ..)| file.as_path()).collect();
    ahead::each(sink, &files, |sink, number, bytes| {
        if let Some((file, name, row)) = found.get(number) {
            loose_file(
                sink,
                &Loose {
                    base: path,
                    file,
                    name,
                    row,
                },
                bytes,
            );
        }
    });
    Ok(())
}

/// A file that nothing but its own path speaks of.
struct Loose<'f> {
    base: &'f Path,
    file: &'f Path,
    name: &'f AnswerName,
    row: &'static Row,
}

fn not_named(sink: &mut Sink, file: PathBuf) {
    let extension = file.extension().and_then(|text| text.to_str());
    let manifest = file.file_name().is_some_and(|name| name == MANIFEST);
    if !manifest && matches!(extension, Some("json" | "jsonl")) {
        let message = "not named by an operation, so it was not read";
        sink.complain(warning(&file, message));
    }
}

/// A warning about a file as a whole.
pub(crate) fn warning(file: &Path, message: &str) -> Diagnostic {
    let mut diagnostic = Diagnostic::in_file(file.display().to_string(), message);
    diagnostic.severity = Severity::Warning;
    diagnostic
}

fn loose_file(sink: &mut Sink, loose: &Loose, bytes: Bytes) {
    let (row, name) = (loose.row, loose.name);
    let stated = place_of(loose.base, loose.file);
    let lines = match calls(sink, loose.file, bytes) {
        Ok(lines) => lines,
        Err(why) => return answers::unread(sink, row, &stated.call(None), &why),
    };
    for line in &lines {
        let inside = line.response().and_then(place_inside).unwrap_or_default();
        let place = Place {
            account: if stated.account.is_empty() {
                inside.account
            } else {
                stated.account.clone()
            },
            region: if stated.region.is_empty() {
                inside.region
            } else {
                stated.region.clone()
            },
            partition: if inside.partition.is_empty() {
                PARTITION.to_owned()
            } else {
                inside.partition
            },
        };
        let named = name
            .resource
            .as_deref()
            .and_then(|resource| request(row, resource, line.node()?));
        take(sink, row, &place, line, named.as_ref());
    }
}

/// The request that a file's name stands for.
fn request(row: &Row, resource: &str, at: &Node) -> Option<Node> {
    let operation = crate::operations::named(row.operation)?;
    let parameter = &operation.for_each.first()?.parameter;
    Some(object(
        vec![(parameter, Some(text(resource, at.origin)))],
        at.origin,
    ))
}

/// Account and Region from the directories that a file lies in.
fn place_of(base: &Path, file: &Path) -> Place {
    let mut place = Place::default();
    let below = file.strip_prefix(base).unwrap_or(file);
    let directories = base.components().chain(below.components());
    for part in directories.filter_map(|part| part.as_os_str().to_str()) {
        if part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit()) {
            place.account = part.to_owned();
        } else if part.parse::<cofferdam_names::Region>().is_ok() {
            place.region = part.to_owned();
        }
    }
    place
}

/// Account and Region from the first ARN in an answer that has an account.
fn place_inside(node: &Node) -> Option<Place> {
    if let Some(arn) = node
        .as_str()
        .and_then(|text| cofferdam_names::Arn::parse(text).ok())
    {
        arn.account_id()?;
        return Some(Place {
            account: arn.account().to_owned(),
            region: arn.region().to_owned(),
            partition: arn.partition().to_owned(),
        });
    }
    let members = node
        .as_object()
        .unwrap_or_default()
        .iter()
        .map(|member| &member.value);
    let elements = node.as_array().unwrap_or_default().iter();
    members.chain(elements).find_map(place_inside)
}

/// The row of a file's operation. Operations of the table without a row state no fact yet.
pub(crate) fn row_of(sink: &mut Sink, file: &Path, operation: &str) -> Option<&'static Row> {
    if config::answers_items(operation) {
        sink.items.push(file.to_owned());
        return None;
    }
    let row = answers::row(operation);
    if row.is_none() && crate::operations::named(operation).is_none() {
        sink.complain(warning(
            file,
            &format!("`{operation}` is not an operation that is read"),
        ));
    }
    row
}

/// One call as a file holds it.
pub(crate) enum Line {
    /// The answer alone.
    Answer(Node),
    /// `{"request", "response"}` or `{"request", "error"}`.
    Call(Node),
    /// Lines that could not be read, with the reason.
    Damaged(String),
}

impl Line {
    fn node(&self) -> Option<&Node> {
        match self {
            Line::Answer(node) | Line::Call(node) => Some(node),
            Line::Damaged(_) => None,
        }
    }

    fn response(&self) -> Option<&Node> {
        match self {
            Line::Answer(node) => Some(node),
            Line::Call(node) => node.get("response"),
            Line::Damaged(_) => None,
        }
    }
}

/// Takes in a file named by a manifest.
pub(crate) fn file(sink: &mut Sink, entry: &Entry, bytes: Bytes) {
    let (row, place) = (entry.row, &entry.place);
    match calls(sink, &entry.path, bytes) {
        Ok(lines) => lines
            .iter()
            .for_each(|line| take(sink, row, place, line, entry.request)),
        Err(why) => answers::unread(sink, row, &place.call(entry.request), &why),
    }
}

/// A file that a manifest names.
pub(crate) struct Entry<'m> {
    pub path: PathBuf,
    pub row: &'static Row,
    pub place: Place,
    pub request: Option<&'m Node>,
}

/// The calls in a file. Lines that cannot be read are diagnostics, and the rest is kept, with a
/// reason for what is missing; a file of which nothing can be read gives the reason alone.
fn calls(sink: &mut Sink, path: &Path, bytes: Bytes) -> Result<Vec<Line>, String> {
    let name = path.display().to_string();
    let parsed = bytes.map_err(|diagnostic| {
        let why = format!("{name}: {}", diagnostic.message);
        sink.complain(diagnostic);
        why
    })?;
    let (nodes, diagnostics) = sink.documents.keep(parsed);
    let damaged = !diagnostics.is_empty();
    diagnostics
        .into_iter()
        .for_each(|diagnostic| sink.complain(diagnostic));
    let lines = ahead::is_lines(path);
    let call = if lines { Line::Call } else { Line::Answer };
    let mut found: Vec<_> = nodes.into_iter().map(call).collect();
    match damaged {
        true if lines => found.push(Line::Damaged(format!("a line of {name} could not be read"))),
        true => return Err(format!("{name} could not be read")),
        false => {}
    }
    Ok(found)
}

fn take(sink: &mut Sink, row: &'static Row, place: &Place, line: &Line, request: Option<&Node>) {
    match line {
        Line::Answer(answer) => answers::answer(sink, row, &place.call(request), answer),
        Line::Call(call) => taken(
            sink,
            row,
            &place.call(call.get("request").or(request)),
            call,
        ),
        Line::Damaged(why) => answers::unread(sink, row, &place.call(None), why),
    }
}

fn taken(sink: &mut Sink, row: &'static Row, call: &Call, line: &Node) {
    match (line.get("response"), line.get("error")) {
        (Some(response), _) => answers::answer(sink, row, call, response),
        (None, Some(error)) => refused(sink, row, call, error),
        (None, None) => {
            sink.misshapen(line, "a call with `response` or `error`");
            answers::unread(sink, row, call, "a call has neither response nor error");
        }
    }
}

/// Takes in an error as the layout writes it: `{"code", "message"}`.
pub(crate) fn refused(sink: &mut Sink, row: &'static Row, call: &Call, error: &Node) {
    let text = |key| error.get(key).and_then(Node::text).unwrap_or_default();
    answers::refusal(sink, row, call, text("code"), text("message"));
}
