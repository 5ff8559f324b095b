//! A log as it is read: one pass, in memory that grows by some forty bytes an event.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cofferdam_boundary::replay::{Likeness, Session, Told};
use cofferdam_findings::replay::{Broken, Counted};
use cofferdam_sources::event::changes::{may_change, seconds};
use cofferdam_sources::event::stream::{self, Piece};
use cofferdam_sources::event::{Event, NoRequest, Reader, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::failure::Failure;
use crate::progress::Progress;

/// Events of one replay. Each takes forty bytes, and its id as many to tell copies by, so that this
/// many stay within 500 MiB.
pub const EVENTS_MAX: usize = 4_000_000;

/// Kinds of calls of one replay; each keeps one of its calls whole.
pub const KINDS_MAX: usize = 30_000;

/// Places of unreadable text that are kept; the others are counted.
const BROKEN_MAX: usize = 100;

/// Reasons for records that are no requests, and the like; most are one of a few sentences.
const REASONS_MAX: usize = 1_000;

/// Calls that changed the configuration.
const CHANGES_MAX: usize = 100_000;

/// Copies for owners that wait for the caller's own copy.
const WAITING_MAX: usize = 20_000;

/// One event.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Its id as a number.
    pub id: u128,
    /// Where its record begins.
    pub offset: u64,
    /// Its file.
    pub file: u32,
    /// The kind of its call.
    pub kind: u32,
    /// The access key that signed it, by number; 0 is none.
    pub access_key: u32,
    /// Seconds since 1970.
    pub at: u32,
}

/// Everything that was read.
#[derive(Default)]
pub struct Log {
    /// The files, in their order.
    pub files: Vec<PathBuf>,
    /// The events, in the order of the files.
    pub seen: Vec<Seen>,
    /// One call of each kind.
    pub kinds: Vec<Told>,
    /// Sessions by the number of their access key.
    pub sessions: BTreeMap<u32, Session>,
    /// Records of calls that changed the configuration, with what they are called.
    pub changes: Vec<(String, Vec<u8>)>,
    /// Records that were read.
    pub records: u64,
    /// Copies of a record.
    pub duplicates: u64,
    /// Copies for the owner of a resource, beside the caller's own.
    pub twins: u64,
    /// Places of unreadable text.
    pub broken: Vec<Broken>,
    /// How many of them there are.
    pub broken_in_all: u64,
    /// Records that are no requests.
    pub others: BTreeMap<String, Counted>,
    /// Records that could not be understood.
    pub unclear: BTreeMap<String, Counted>,
    /// Events beyond the limits.
    pub left_out: u64,
    odd_ids: FxHashMap<u128, String>,
}

impl Log {
    /// The id of an event as its record writes it.
    pub fn id(&self, id: u128) -> String {
        self.odd_ids.get(&id).cloned().unwrap_or_else(|| uuid(id))
    }

    /// Where an event lies.
    pub fn place(&self, seen: &Seen) -> (String, u64) {
        let file = self.files.get(seen.file as usize);
        let file = file.map_or_else(String::new, |file| file.display().to_string());
        (file, seen.offset)
    }
}

/// Reads files into a log.
pub struct Reading<'l> {
    likeness: &'l mut Likeness,
    reader: Reader,
    log: Log,
    kinds: FxHashMap<String, u32>,
    access_keys: FxHashMap<Box<str>, u32>,
    ids: FxHashSet<u128>,
    /// Calls of which the caller's own copy was seen, and copies that wait for one.
    told: FxHashSet<u128>,
    waiting: BTreeMap<u128, Vec<(Seen, Event)>>,
}

/// Reads every file below the paths.
pub fn read(
    paths: &[PathBuf],
    likeness: &mut Likeness,
    progress: &Progress,
) -> Result<Log, Failure> {
    let mut reading = Reading {
        likeness,
        reader: Reader::default(),
        log: Log::default(),
        kinds: FxHashMap::default(),
        access_keys: FxHashMap::default(),
        ids: FxHashSet::default(),
        told: FxHashSet::default(),
        waiting: BTreeMap::new(),
    };
    for path in paths {
        let files = stream::event_files(path).map_err(|why| Failure(vec![why]))?;
        reading.log.files.extend(files);
    }
    let files = reading.log.files.clone();
    for (number, file) in files.iter().enumerate() {
        progress.step(number, files.len(), &file.display().to_string());
        reading.file(number, file);
    }
    Ok(reading.finish())
}

impl Reading<'_> {
    fn file(&mut self, number: usize, path: &Path) {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let read = stream::read_file(path, |offset, piece| match piece {
            Piece::Record(record, text) => self.record(&record, text, number, offset),
            Piece::Broken(why) => self.broken(path, offset, why),
        });
        if let Err(why) = read {
            self.broken(path, 0, why.message);
        }
    }

    fn broken(&mut self, path: &Path, offset: u64, why: String) {
        self.log.broken_in_all += 1;
        if self.log.broken.len() < BROKEN_MAX {
            self.log.broken.push(Broken {
                file: path.display().to_string(),
                offset,
                why,
            });
        }
    }

    fn record(&mut self, record: &Value<'_>, text: &[u8], file: u32, offset: u64) {
        self.log.records += 1;
        let written = record
            .text_at("eventID")
            .or_else(|| record.text_at("eventId"));
        let id = self.id(written, file, offset);
        if !self.ids.insert(id) {
            self.log.duplicates += 1;
            return;
        }
        self.beside(record, text, file, offset);
        match self.reader.read(record) {
            Ok(event) => self.event(
                Seen {
                    id,
                    offset,
                    file,
                    kind: 0,
                    access_key: 0,
                    at: 0,
                },
                event,
            ),
            Err(NoRequest::Other(what)) => {
                let place = self.place(file, offset);
                count(&mut self.log.others, what, place);
            }
            Err(NoRequest::Unclear(why)) => {
                let place = self.place(file, offset);
                count(&mut self.log.unclear, &why, place);
            }
        }
    }

    /// A record without an id is one by its place.
    fn id(&mut self, written: Option<&str>, file: u32, offset: u64) -> u128 {
        let Some(written) = written else {
            return (u128::from(file) << 64 | u128::from(offset)) << 1 | 1;
        };
        if let Some(id) = parsed(written) {
            return id;
        }
        let id = hashed(written.as_bytes());
        if self.log.odd_ids.len() < EVENTS_MAX / 4 {
            self.log.odd_ids.insert(id, written.to_owned());
        }
        id
    }

    fn place(&self, file: u32, offset: u64) -> String {
        let file = self.log.files.get(file as usize);
        let file = file.map_or_else(String::new, |file| file.display().to_string());
        format!("{file}, offset {offset}")
    }

    /// What a record says beside the request that it stands for.
    fn beside(&mut self, record: &Value<'_>, text: &[u8], file: u32, offset: u64) {
        if may_change(record) && self.log.changes.len() < CHANGES_MAX {
            let name = self.place(file, offset);
            self.log.changes.push((name, text.to_vec()));
        }
        if record.text_at("eventSource") == Some("sts.amazonaws.com")
            && let Some(session) = Reader::session(record)
        {
            let key = self.access_key(Some(&session.access_key));
            self.log.sessions.insert(
                key,
                Session::Begun {
                    tags: session.tags,
                    more_tags: session.more_tags,
                    has_policies: session.has_policies,
                },
            );
        }
    }

    fn access_key(&mut self, key: Option<&str>) -> u32 {
        let Some(key) = key else {
            return 0;
        };
        if let Some(known) = self.access_keys.get(key) {
            return *known;
        }
        let number = u32::try_from(self.access_keys.len() + 1).unwrap_or(0);
        self.access_keys.insert(key.into(), number);
        number
    }

    /// A copy for the owner of the resource waits for the caller's own copy, which tells more.
    fn event(&mut self, mut seen: Seen, event: Event) {
        seen.access_key = self.access_key(event.access_key.as_deref());
        let at = event.time.as_deref().and_then(seconds).unwrap_or(0);
        seen.at = u32::try_from(at).unwrap_or(0);
        let shared = event.shared_id.as_deref();
        let Some(shared) = shared.map(|id| parsed(id).unwrap_or_else(|| hashed(id.as_bytes())))
        else {
            return self.keep(seen, event);
        };
        if event.only_account && self.waiting.len() < WAITING_MAX {
            self.waiting.entry(shared).or_default().push((seen, event));
        } else if self.told.insert(shared) {
            self.keep(seen, event);
        } else {
            self.log.twins += 1;
        }
    }

    fn keep(&mut self, mut seen: Seen, event: Event) {
        if self.log.seen.len() >= EVENTS_MAX {
            self.log.left_out += 1;
            return;
        }
        let told = Told {
            only_account: event.only_account,
            unique_id: event.unique_id,
            network_activity: event.network_activity,
            call: event.call,
        };
        match self.kind(told) {
            Some(kind) => {
                seen.kind = kind;
                self.log.seen.push(seen);
            }
            None => self.log.left_out += 1,
        }
    }

    fn kind(&mut self, told: Told) -> Option<u32> {
        let mut class = self.likeness.class(&told.call);
        if told.only_account {
            class.push_str(told.unique_id.as_deref().unwrap_or("?"));
        }
        if told.network_activity {
            class.push('n');
        }
        if let Some(known) = self.kinds.get(&class) {
            return Some(*known);
        }
        if self.log.kinds.len() >= KINDS_MAX {
            return None;
        }
        let number = u32::try_from(self.log.kinds.len()).ok()?;
        self.log.kinds.push(told);
        self.kinds.insert(class, number);
        Some(number)
    }

    fn finish(mut self) -> Log {
        for (shared, copies) in std::mem::take(&mut self.waiting) {
            let twins = self.told.contains(&shared);
            for (seen, event) in copies {
                match twins {
                    true => self.log.twins += 1,
                    false => self.keep(seen, event),
                }
            }
        }
        self.log
    }
}

/// Counts a reason; beyond the limit all others together.
pub fn count(reasons: &mut BTreeMap<String, Counted>, why: &str, place: String) {
    let full = reasons.len() >= REASONS_MAX && !reasons.contains_key(why);
    let why = if full {
        "one of many other reasons"
    } else {
        why
    };
    if let Some(known) = reasons.get_mut(why) {
        known.events += 1;
        return;
    }
    reasons.insert(
        why.to_owned(),
        Counted {
            why: why.to_owned(),
            events: 1,
            first: place,
        },
    );
}

/// The number of `8-4-4-4-12` hexadecimal digits.
fn parsed(text: &str) -> Option<u128> {
    let mut number: u128 = 0;
    let bytes = text.as_bytes();
    if bytes.len() != 36 {
        return None;
    }
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 8 | 13 | 18 | 23) {
            if *byte != b'-' {
                return None;
            }
            continue;
        }
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        number = number << 4 | u128::from(digit);
    }
    Some(number)
}

fn uuid(id: u128) -> String {
    let digits = format!("{id:032x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    )
}

/// The 128-bit form of FNV-1a by Glenn Fowler, Landon Curt Noll and Phong Vo, for ids that are no UUIDs.
fn hashed(bytes: &[u8]) -> u128 {
    let start = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    bytes.iter().fold(start, |hash: u128, byte| {
        (hash ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_written_as_they_were_read() {
        let id = "0a1b2c3d-0000-4000-8000-0123456789ab";
        assert_eq!(parsed(id).map(uuid).as_deref(), Some(id));
        assert_eq!(parsed("0A1B2C3D-0000-4000-8000-0123456789AB"), None);
        assert_eq!(parsed("e-1"), None);
        assert_ne!(hashed(b"e-1"), hashed(b"e-2"));
    }
}
