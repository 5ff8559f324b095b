//! AWS Config: items of files in its bucket, of its API's answers and of queries, as facts.
//!
//! Config knows less than the services themselves, and knows it later. So an item's facts are of the
//! time of its capture, the newest capture of a resource counts, and whatever an item does not hold
//! is unknown with a reason that names Config. That a resource has no item says nothing: a recorder
//! records the types that it is told to record. Items are read one at a time, because a file of
//! Config's may be larger than memory.

mod item;
mod open;
mod shapes;
mod split;
mod table;
mod time;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cofferdam_org::fact::{Attribute, Entity, Kind, Known};
use cofferdam_text::{Diagnostic, Node, Part};

use crate::files;
use crate::sink::{Call, Sink, list};
use item::{Item, Status, member};
use split::{Break, Piece};
use table::{Held, LeftOut, Named, Row};
pub(crate) use time::Time;

pub(crate) use open::{beginning, open, whole};

/// Items of one source that are kept. Their texts stay in memory for the places of findings; ten
/// times as many as the largest organizations have of the types that are read.
const ITEMS_MAX: usize = 10_000_000;

/// Items of one source that are complained about one by one; the others are counted.
const COMPLAINTS_MAX: usize = 20;

/// The word in the names of all files that Config delivers ("Sending configuration snapshots and
/// history", AWS Config developer guide).
pub(crate) const FILE_WORD: &str = "_Config_";

/// Reads a file of items, or every file below a directory; gives the time of the newest capture.
pub(crate) fn read(sink: &mut Sink, path: &Path) -> Result<Option<String>, Diagnostic> {
    let mut reader = Reader::default();
    for file in files::below(path)? {
        if path.is_file() || is_delivered(&file) {
            reader.file(sink, &file)?;
        }
    }
    reader.finish(sink);
    Ok(reader.last.map(Time::to_iso))
}

/// Operations of Config's API whose answers hold items.
const OPERATIONS: &[&str] = &[
    "batch-get-aggregate-resource-config",
    "batch-get-resource-config",
    "get-aggregate-resource-config",
    "get-resource-config-history",
    "select-aggregate-resource-config",
    "select-resource-config",
];

/// Whether an operation, as the CLI names it, answers items.
pub(crate) fn answers_items(operation: &str) -> bool {
    let name = operation.strip_prefix("configservice.");
    name.is_some_and(|name| OPERATIONS.contains(&name))
}

/// Reads the files among a snapshot's answers that hold items; gives the time of the newest capture.
pub(crate) fn behind(sink: &mut Sink, files: &[PathBuf]) -> Option<String> {
    let mut reader = Reader::default();
    for file in files {
        if let Err(diagnostic) = reader.file(sink, file) {
            sink.complain(diagnostic);
        }
    }
    reader.finish(sink);
    reader.last.map(Time::to_iso)
}

/// Whether a file is one that Config delivers to its bucket.
pub(crate) fn is_delivered(path: &Path) -> bool {
    files::is_delivered(path, FILE_WORD)
}

/// A key and a name for it.
type Alias = (Entity, Node);

/// What is remembered between items.
#[derive(Default)]
struct Reader {
    /// The newest capture of each resource, by type.
    newest: BTreeMap<(&'static str, Box<str>), Option<Time>>,
    /// The newest item of each alias: its key and its name, unless it was deleted.
    aliases: BTreeMap<Box<str>, (Option<Time>, Option<Alias>)>,
    /// The newest capture of all.
    last: Option<Time>,
    kept: usize,
    complaints: usize,
}

impl Reader {
    fn file(&mut self, sink: &mut Sink, path: &Path) -> Result<(), Diagnostic> {
        let name = path.display().to_string();
        let mut input = open(path)?;
        let end = split::split(&mut input, table::is_read, &mut |piece| {
            self.piece(sink, &name, piece);
        });
        if let Some(broken) = &end.broken {
            sink.complain(broke_off(&name, broken, end.items));
        }
        if !end.lists && end.broken.is_none() {
            self.single(sink, path, &name)?;
        }
        Ok(())
    }

    /// A file of one item, or of a notification that holds one.
    fn single(&mut self, sink: &mut Sink, path: &Path, name: &str) -> Result<(), Diagnostic> {
        let node = sink.documents.read_json(name, open::whole(path)?)?;
        let inside = member(&node, "detail").unwrap_or(&node);
        let inside = member(inside, "configurationItem").unwrap_or(inside);
        let item = inside.clone();
        match member(&item, "resourceType") {
            Some(_) => self.node(sink, item),
            None => sink.complain(Diagnostic::in_file(
                name,
                "this file holds no items of AWS Config",
            )),
        }
        Ok(())
    }

    fn piece(&mut self, sink: &mut Sink, name: &str, piece: Piece<'_>) {
        self.kept += 1;
        if piece.too_long || self.kept > ITEMS_MAX {
            let message = match piece.too_long {
                true => "an item is longer than any of AWS Config's, and was not read",
                false => "the source has more items than are read",
            };
            let mut diagnostic = Diagnostic::in_file(name, message).with_help(piece.pointer);
            diagnostic.line = Some(piece.lines.saturating_add(1));
            return self.complain(sink, diagnostic);
        }
        let part = Part {
            lines: piece.lines,
            pointer: piece.pointer.into(),
        };
        let pointer = part.pointer.clone();
        match sink
            .documents
            .read_json_part(name, piece.bytes.to_vec(), part)
        {
            Ok(node) => self.node(sink, node),
            Err(diagnostic) => {
                let help = format!("the item is {pointer} of the file; the others were read");
                self.complain(sink, diagnostic.with_help(help));
            }
        }
    }

    /// An item, or the text of one: queries answer texts.
    fn node(&mut self, sink: &mut Sink, node: Node) {
        let selected = node.as_str().is_some();
        let Some(node) = item::opened(sink, &node) else {
            return;
        };
        let origin = node.origin;
        match Item::of(sink, node, selected) {
            Some(item) => self.item(sink, &item),
            None => {
                let message = "an item of AWS Config does not say its resourceType and resourceId";
                self.complain(sink, Diagnostic::error(origin, message));
            }
        }
    }

    fn complain(&mut self, sink: &mut Sink, diagnostic: Diagnostic) {
        self.complaints += 1;
        if self.complaints <= COMPLAINTS_MAX {
            sink.complain(diagnostic);
        }
    }

    fn item(&mut self, sink: &mut Sink, item: &Item) {
        self.last = self.last.max(item.captured);
        if &*item.resource == table::ALIAS {
            return self.alias(sink, item);
        }
        let Some(row) = table::row(&item.resource) else {
            return;
        };
        let Some(entity) = entity(sink, row, item) else {
            let message = format!("an item of {} does not name its resource", row.resource);
            let diagnostic = Diagnostic::error(item.node.origin, message);
            return self.complain(sink, diagnostic);
        };
        let key = (row.resource, entity.id.clone());
        if is_newer(self.newest.get(&key), item.captured) {
            self.newest.insert(key, item.captured);
            state(sink, row, &entity, item);
        }
    }

    /// Aliases state an attribute of their key together, so they wait for the end.
    fn alias(&mut self, sink: &mut Sink, item: &Item) {
        let found = (item.status == Status::Described)
            .then(|| alias(sink, item))
            .flatten();
        let key: Box<str> = format!("{}:{}:{}", item.account, item.region, item.id).into();
        if is_newer(self.aliases.get(&key).map(|known| &known.0), item.captured) {
            self.aliases.insert(key, (item.captured, found));
        }
    }

    fn finish(&mut self, sink: &mut Sink) {
        let mut names: BTreeMap<Entity, Vec<Node>> = BTreeMap::new();
        let found = std::mem::take(&mut self.aliases);
        for (key, name) in found.into_values().filter_map(|(_, found)| found) {
            names.entry(key).or_default().push(name);
        }
        for (key, names) in names {
            if let Some(origin) = names.first().map(|name| name.origin) {
                sink.present(&key, Attribute::Aliases, list(names, origin));
            }
        }
        for key in existing_keys(sink) {
            let why = "AWS Config holds no item of an alias of the key";
            crate::answers::unknown(sink, &key, &[Attribute::Aliases], why);
        }
        let unsaid = self.complaints.saturating_sub(COMPLAINTS_MAX);
        if unsaid > 0 {
            let message = format!("{unsaid} more items of AWS Config cannot be read");
            sink.complain(Diagnostic::in_file("", message));
        }
    }
}

fn existing_keys(sink: &Sink) -> Vec<Entity> {
    sink.facts.of_kind(Kind::Key).cloned().collect()
}

/// Of two items without times the later in the file counts.
fn is_newer(known: Option<&Option<Time>>, captured: Option<Time>) -> bool {
    known.is_none_or(|known| *known <= captured)
}

fn broke_off(name: &str, broken: &Break, items: u64) -> Diagnostic {
    let Break { bytes, line, why } = broken;
    let message = format!(
        "{why} after {bytes} bytes of JSON, in the item after item {items}: the {items} items before it were read"
    );
    let mut diagnostic = Diagnostic::in_file(name, message);
    diagnostic.line = Some(*line);
    diagnostic.with_help("fetch the file again; what follows the break is unknown")
}

/// The part of an ARN or an item that the API's own names for a partition come from.
fn partition(item: &Item) -> &str {
    let stated = item.arn.split(':').nth(1).filter(|part| !part.is_empty());
    stated.unwrap_or(crate::snapshot::PARTITION)
}

/// Where the resource lies. Config writes `global` for what lies in no Region.
fn place<'a>(item: &'a Item) -> Call<'a> {
    let region = if &*item.region == "global" {
        ""
    } else {
        &*item.region
    };
    Call {
        account: &item.account,
        region,
        partition: partition(item),
        request: None,
    }
}

fn alias(sink: &mut Sink, item: &Item) -> Option<Alias> {
    let name = found(sink, item, "c.AliasName").present()?.clone();
    let target = found(sink, item, "c.TargetKeyId");
    let key = place(item).arn("kms", "key/", target.present()?.text()?);
    Some((Entity::new(Kind::Key, key), name))
}

fn entity(sink: &mut Sink, row: &Row, item: &Item) -> Option<Entity> {
    let id = match row.named {
        Named::Arn(path) => match item.arn.starts_with("arn:") {
            true => item.arn.clone(),
            false => under(sink, item, path)?,
        },
        Named::Id => item.id.clone(),
        Named::Account => item.account.clone(),
        Named::Of(path) => under(sink, item, path).filter(|id| id.starts_with("arn:"))?,
        Named::MultiRegion(path) => {
            let (name, call) = (under(sink, item, path)?, place(item));
            let anywhere = Call { region: "", ..call };
            anywhere.arn("s3", "accesspoint/", &name).into()
        }
    };
    (!id.is_empty()).then(|| Entity::new(row.kind, id))
}

fn under(sink: &mut Sink, item: &Item, path: &str) -> Option<Box<str>> {
    let found = found(sink, item, path);
    Some(found.present()?.text()?.into())
}

/// States everything that the newest item of a resource says.
fn state(sink: &mut Sink, row: &Row, entity: &Entity, item: &Item) {
    match item.status {
        Status::Deleted => deleted(sink, row, entity),
        Status::NotRecorded => {
            for held in row.held {
                let why = "AWS Config stopped recording it".into();
                let value = Known::Unknown(why);
                sink.facts.state(entity.clone(), held.attribute, value);
            }
        }
        Status::Described => {
            if row.whole {
                sink.exists(&place(item), row.kind, entity.id.clone(), &item.node);
            }
            for held in row.held {
                let value = value(sink, item, held);
                sink.facts.state(entity.clone(), held.attribute, value);
            }
        }
    }
}

fn deleted(sink: &mut Sink, row: &Row, entity: &Entity) {
    if row.whole {
        sink.facts.delete(entity);
        return sink.absent(entity, Attribute::Exists);
    }
    for held in row.held {
        sink.absent(entity, held.attribute);
    }
}

fn value(sink: &mut Sink, item: &Item, held: &Held) -> Known<Node> {
    if held.path.is_empty() {
        let why = format!("AWS Config does not record {:?}", held.attribute);
        return Known::Unknown(why.into());
    }
    match found(sink, item, held.path) {
        Found::Node(node) => (held.shape)(sink, &node),
        Found::Null => Known::Absent,
        Found::LeftOut if held.left_out == LeftOut::NotSet && !item.selected => Known::Absent,
        Found::LeftOut | Found::NoPart => {
            let path = held
                .path
                .split_once('.')
                .map_or(held.path, |(_, path)| path);
            Known::Unknown(format!("the item of AWS Config does not hold {path}").into())
        }
    }
}

/// What lies under a path.
enum Found {
    Node(Node),
    /// The member, or one above it, is null.
    Null,
    /// The member, or one above it, is not there.
    LeftOut,
    /// The item lacks the whole part, or it cannot be read.
    NoPart,
}

impl Found {
    fn present(&self) -> Option<&Node> {
        match self {
            Found::Node(node) => Some(node),
            Found::Null | Found::LeftOut | Found::NoPart => None,
        }
    }
}

fn found(sink: &mut Sink, item: &Item, path: &str) -> Found {
    let (part, path) = path.split_once('.').unwrap_or((path, ""));
    let root = match part {
        "c" => item.configuration.as_ref(),
        "s" => item.supplementary.as_ref(),
        _ => return item.tags().map_or(Found::LeftOut, Found::Node),
    };
    let Some(root) = root else {
        return Found::NoPart;
    };
    walk(sink, root, path)
}

/// Follows a path, through texts that hold objects too.
fn walk(sink: &mut Sink, node: &Node, path: &str) -> Found {
    if path.is_empty() {
        return leaf(sink, node);
    }
    if node.is_null() {
        return Found::Null;
    }
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    if node.as_str().is_some() {
        return match item::opened(sink, node) {
            Some(inside) if inside.as_str().is_none() => walk(sink, &inside, path),
            _ => Found::NoPart,
        };
    }
    match member(node, first) {
        Some(next) => walk(sink, next, rest),
        None => Found::LeftOut,
    }
}

/// The value at the end of a path; a text that holds an object or a list stands for that.
fn leaf(sink: &mut Sink, node: &Node) -> Found {
    let holds = |text: &str| text.starts_with(['{', '[']);
    if !node.as_str().is_some_and(holds) {
        return Found::Node(node.clone());
    }
    item::opened(sink, node).map_or(Found::NoPart, Found::Node)
}
