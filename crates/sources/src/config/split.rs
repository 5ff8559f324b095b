//! One item after the other out of a file that may be larger than memory.
//!
//! Config delivers all items of an account and Region in one JSON document, often of gigabytes. The
//! document's frame is walked byte by byte, without making a tree of it: what is kept is the item at
//! hand. Each item then goes to the ordinary reader of JSON, which alone decides what is well-formed.
//! The type of an item is found on the way, so that items of no interest cost no more than this walk.

use std::io::{ErrorKind, Read};

/// Bytes of one item. The largest that AWS documents is a few hundred kilobytes (a role with its
/// policies, a bucket with a thousand lifecycle rules); more than this is no item.
const ITEM_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// Bytes of a key or of a type that are looked at; no key of interest is longer.
const WORD_BYTES_MAX: usize = 128;

/// Members of an answer or a file whose elements are items, or strings that hold items: files of
/// Config's bucket, `get-resource-config-history`, `batch-get-resource-config`,
/// `batch-get-aggregate-resource-config`, `select-resource-config` and its aggregate form.
const LISTS: &[&str] = &[
    "/configurationItems",
    "/baseConfigurationItems",
    "/BaseConfigurationItems",
    "/Results",
];

/// One item as it lies in the file.
pub(super) struct Piece<'b> {
    /// The bytes of an object, or of a string that holds one.
    pub bytes: &'b [u8],
    /// Line breaks before it.
    pub lines: u32,
    /// Its pointer in the file.
    pub pointer: String,
    /// Whether it is longer than is read; then the bytes are its beginning.
    pub too_long: bool,
}

/// How the file ended.
pub(super) struct End {
    /// Items that were whole.
    pub items: u64,
    /// Whether any list of items was found.
    pub lists: bool,
    /// Where it broke off, if it did.
    pub broken: Option<Break>,
}

/// Where a file broke off.
pub(super) struct Break {
    /// Bytes of JSON before the break, after decompression.
    pub bytes: u64,
    /// The line, counted from 1.
    pub line: u32,
    /// What happened there.
    pub why: &'static str,
}

/// Levels at which a list of items may lie: in the file itself, or in the response of a call.
const LEVELS: std::ops::RangeInclusive<usize> = 1..=2;

/// Hands out each item of a wanted type, in the order of the file. An item whose type is not told
/// before its end is handed out too.
pub(super) fn split(
    input: &mut dyn Read,
    wanted: fn(&[u8]) -> bool,
    take: &mut dyn FnMut(Piece<'_>),
) -> End {
    let mut splitter = Splitter::new(wanted);
    let mut chunk = vec![0; CHUNK_BYTES];
    let why = loop {
        match input.read(&mut chunk) {
            Ok(0) => break splitter.unfinished(),
            Ok(length) => splitter.feed(chunk.get(..length).unwrap_or_default(), take),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => break Some(words(error.kind())),
        }
    };
    End {
        items: splitter.items,
        lists: splitter.lists,
        broken: why.map(|why| Break {
            bytes: splitter.bytes,
            line: splitter.lines.saturating_add(1),
            why,
        }),
    }
}

fn words(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::UnexpectedEof => "the compressed data ends",
        ErrorKind::InvalidInput | ErrorKind::InvalidData => "the compressed data is damaged",
        _ => "the file cannot be read any further",
    }
}

struct Splitter {
    wanted: fn(&[u8]) -> bool,
    bytes: u64,
    lines: u32,
    items: u64,
    lists: bool,
    depth: usize,
    string: Text,
    /// The last string at a level where strings are looked at.
    word: Vec<u8>,
    /// The list that the next array is.
    next_list: Option<&'static str>,
    /// The list whose elements are read, and the level of its elements.
    list: Option<(&'static str, usize)>,
    /// Elements of the list so far.
    index: usize,
    item: Option<Item>,
    held: Vec<u8>,
}

/// Where in a string the walk is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    Outside,
    Inside,
    Escaped,
}

struct Item {
    lines: u32,
    /// The level of its own members.
    members: usize,
    /// Whether the next string at that level is its type.
    type_next: bool,
    /// Whether its type is not wanted, so that its bytes need not be held.
    skipped: bool,
    too_long: bool,
}

/// The key of an item that holds its type.
const TYPE: &[u8] = b"resourceType";

impl Splitter {
    fn new(wanted: fn(&[u8]) -> bool) -> Splitter {
        Splitter {
            wanted,
            bytes: 0,
            lines: 0,
            items: 0,
            lists: false,
            depth: 0,
            string: Text::Outside,
            word: Vec::new(),
            next_list: None,
            list: None,
            index: 0,
            item: None,
            held: Vec::new(),
        }
    }

    fn unfinished(&self) -> Option<&'static str> {
        (self.depth > 0 || self.string != Text::Outside).then_some("the JSON ends")
    }

    /// Walks over the next bytes. What belongs to an item is held in as few copies as possible: from
    /// the item's start, or the chunk's, to the item's end, or the chunk's.
    fn feed(&mut self, chunk: &[u8], take: &mut dyn FnMut(Piece<'_>)) {
        let (mut at, mut from) = (0, 0);
        while let Some(rest) = chunk.get(at..).filter(|rest| !rest.is_empty()) {
            let before = self.item.is_some();
            let step = match self.string {
                Text::Outside => self.outside(rest),
                Text::Inside => self.inside(rest),
                Text::Escaped => {
                    self.string = Text::Inside;
                    1
                }
            };
            if !before && self.item.is_some() {
                from = at;
            }
            at += step;
            if self.item.is_some() && self.ended() {
                self.hold(chunk.get(from..at).unwrap_or_default());
                self.finish(take);
            }
        }
        if self.item.is_some() {
            self.hold(chunk.get(from..).unwrap_or_default());
        }
        self.bytes += chunk.len() as u64;
    }

    /// Whether the item at hand was closed by the byte before.
    fn ended(&self) -> bool {
        let item = self.item.as_ref();
        self.string == Text::Outside && item.is_some_and(|item| self.depth < item.members)
    }

    fn hold(&mut self, bytes: &[u8]) {
        let Some(item) = self.item.as_mut().filter(|item| !item.skipped) else {
            return;
        };
        let room = ITEM_BYTES_MAX.saturating_sub(self.held.len());
        item.too_long |= room < bytes.len();
        self.held
            .extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
    }

    fn finish(&mut self, take: &mut dyn FnMut(Piece<'_>)) {
        let (Some(item), Some((list, _))) = (self.item.take(), self.list) else {
            return;
        };
        self.items += 1;
        if !item.skipped {
            take(Piece {
                bytes: &self.held,
                lines: item.lines,
                pointer: format!("{list}/{}", self.index),
                too_long: item.too_long,
            });
        }
        self.index += 1;
        self.held.clear();
    }

    /// Bytes inside a string: gives how many were walked over.
    fn inside(&mut self, rest: &[u8]) -> usize {
        let special = |byte: &u8| *byte == b'"' || *byte == b'\\';
        let length = rest.iter().position(special).unwrap_or(rest.len());
        if self.looks() {
            let room = WORD_BYTES_MAX.saturating_sub(self.word.len());
            let seen = rest.get(..length.min(room)).unwrap_or_default();
            self.word.extend_from_slice(seen);
        }
        match rest.get(length) {
            None => return length,
            Some(b'\\') => self.string = Text::Escaped,
            Some(_) => self.close_string(),
        }
        length + 1
    }

    /// Whether strings at this level are looked at: keys of the frame, and an item's own members.
    fn looks(&self) -> bool {
        match &self.item {
            Some(item) => self.depth == item.members,
            None => LEVELS.contains(&self.depth),
        }
    }

    fn close_string(&mut self) {
        self.string = Text::Outside;
        let at_type = |item: &&mut Item| item.type_next && self.depth == item.members;
        if let Some(item) = self.item.as_mut().filter(at_type) {
            item.type_next = false;
            item.skipped = !(self.wanted)(&self.word);
        }
    }

    /// One byte outside strings.
    fn outside(&mut self, rest: &[u8]) -> usize {
        match rest.first() {
            Some(b'"') => self.open_string(),
            Some(b'{' | b'[') => self.open(rest.first() == Some(&b'[')),
            Some(b'}' | b']') => self.close(),
            Some(b':') => self.colon(),
            Some(b'\n') => self.lines = self.lines.saturating_add(1),
            _ => {}
        }
        1
    }

    fn open_string(&mut self) {
        self.string = Text::Inside;
        self.begin_item();
        if self.looks() {
            self.word.clear();
        }
    }

    /// An element of a list begins, if this is the level of its elements.
    fn begin_item(&mut self) {
        let here = self.list.is_some_and(|(_, level)| level == self.depth);
        if !here || self.item.is_some() {
            return;
        }
        self.item = Some(Item {
            lines: self.lines,
            members: self.depth + 1,
            type_next: false,
            skipped: false,
            too_long: false,
        });
    }

    fn open(&mut self, array: bool) {
        if !array {
            self.begin_item();
        }
        let list = match (array, self.depth) {
            (true, 0) => Some(""),
            (true, level) if LEVELS.contains(&level) => self.next_list,
            _ => None,
        };
        self.depth += 1;
        if let Some(name) = list.filter(|_| self.list.is_none()) {
            self.list = Some((name, self.depth));
            self.index = 0;
            self.lists = true;
        }
        self.next_list = None;
    }

    fn close(&mut self) {
        if self.list.is_some_and(|(_, level)| level == self.depth) && self.item.is_none() {
            self.list = None;
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn colon(&mut self) {
        match &mut self.item {
            Some(item) if self.depth == item.members => item.type_next = self.word == TYPE,
            None if LEVELS.contains(&self.depth) => self.next_list = list_named(&self.word),
            _ => {}
        }
    }
}

/// The list of a key, by its pointer.
fn list_named(word: &[u8]) -> Option<&'static str> {
    let mut lists = LISTS.iter().copied();
    lists.find(|pointer| pointer.as_bytes().get(1..) == Some(word))
}
