//! The file in which verdicts are kept from one run to the next.
//!
//! It can be deleted at any time: then everything is asked anew. A file that is damaged, or that
//! another program wrote (any other version, with other rules or another catalogue), is not read
//! and is written anew. Like a snapshot it is a map of the organization, so that only its owner may
//! read it, and by default it lies among the user's own caches and not in a project that somebody
//! may publish.

mod encode;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use cofferdam_boundary::cache::{Key, Verdicts};
use cofferdam_findings::finding::Finding;
use cofferdam_text::StablePlaces;
use sha2::{Digest as _, Sha256};

use encode::{Numbered, Numbering};

/// The first line of the file; the number counts forms of it.
const BEGINNING: &[u8] = b"cofferdam verdicts 1\n";

/// Bytes of a file that is read: more than a million datasets take.
const BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;

/// Bytes of the program's file that are hashed at a time.
const BUFFER_BYTES: usize = 256 * 1024;

/// The environment variable that names the file, or none if it is empty.
const VARIABLE: &str = "COFFERDAM_CACHE";

/// Where verdicts about these sources are kept, unless the user says so: a name for the sources in
/// the user's own directory of caches.
pub fn default_file(sources: &[String]) -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return (!named.is_empty()).then(|| PathBuf::from(named));
    }
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
    let caches = std::env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty());
    let caches = caches.map(PathBuf::from).or_else(home)?;
    let mut name = Sha256::new();
    for source in sources {
        let path = fs::canonicalize(source).unwrap_or_else(|_| PathBuf::from(source));
        name.update(path.as_os_str().as_encoded_bytes());
        name.update([0]);
    }
    let digits = name.finalize();
    let digits = digits.iter().take(8).map(|byte| format!("{byte:02x}"));
    let name = format!("{}.verdicts", digits.collect::<String>());
    Some(caches.join("cofferdam").join(name))
}

/// What tells this program from every other: a hash of its own file, and with it of its rules and
/// of the catalogue that it holds. Without it nothing is kept.
pub fn program() -> Option<Key> {
    static PROGRAM: OnceLock<Option<Key>> = OnceLock::new();
    *PROGRAM.get_or_init(|| own_hash().ok())
}

/// The hash of the program's own file, which is too large to be held whole for it.
fn own_hash() -> io::Result<Key> {
    let mut own = File::open(std::env::current_exe()?)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; BUFFER_BYTES]);
    loop {
        let read = own.read(&mut buffer)?;
        match buffer.get(..read) {
            Some(part) if read > 0 => hash.update(part),
            _ => return Ok(Key(hash.finalize().into())),
        }
    }
}

/// Begins with the hash of the program, which will be wanted once the sources are read.
pub fn prepare() {
    thread::spawn(program);
}

/// Verdicts, read from a file and to be written to it.
pub struct Cache<'c> {
    places: &'c StablePlaces<'c>,
    program: Key,
    old: Old,
    state: Mutex<State>,
}

/// What the file held.
#[derive(Default)]
struct Old {
    bytes: Vec<u8>,
    texts: Vec<(usize, usize)>,
    verdicts: BTreeMap<Key, (usize, usize)>,
}

/// What this run adds.
#[derive(Default)]
struct State {
    /// Numbers of texts, those of the file first.
    texts: BTreeMap<Box<str>, u32>,
    added: Vec<Box<str>>,
    new: BTreeMap<Key, Vec<u8>>,
    used: BTreeSet<Key>,
}

impl<'c> Cache<'c> {
    /// Reads the file, if it is there and this program wrote it. Says why it was not read, if it is
    /// damaged.
    pub fn open(
        file: &Path,
        program: Key,
        places: &'c StablePlaces<'c>,
    ) -> (Cache<'c>, Option<String>) {
        let (old, why) = match read(file, program) {
            Ok(old) => (old, None),
            Err(why) => (Old::default(), Some(why)),
        };
        let cache = Cache {
            places,
            program,
            old,
            state: Mutex::default(),
        };
        (cache, why)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the file anew if this run answered something. What it did not use is kept if it did
    /// not ask everything.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, file: &Path, asked_everything: bool) -> io::Result<()> {
        let state = self.state();
        if state.new.is_empty() {
            return Ok(());
        }
        let is_kept = |key: &Key| !asked_everything || state.used.contains(key);
        let old = self.old.verdicts.iter().filter(|(key, _)| is_kept(key));
        let old: Vec<(&Key, &[u8])> = old
            .filter_map(|(key, (start, end))| Some((key, self.old.bytes.get(*start..*end)?)))
            .collect();
        if old.len() < self.old.verdicts.len() / 2 {
            return write(file, &self.anew(&state, &old));
        }
        let new = state.new.iter().map(|(key, bytes)| (key, bytes.as_slice()));
        let verdicts: Vec<(&Key, &[u8])> = old.into_iter().chain(new).collect();
        let known = (0..).map_while(|number| self.old.text(number));
        let texts: Vec<&str> = known
            .chain(state.added.iter().map(|text| &**text))
            .collect();
        write(file, &written(self.program, &texts, &verdicts))
    }
}

impl Cache<'_> {
    /// The file with only those texts that are still used, where most of it was dropped.
    fn anew(&self, state: &State, old: &[(&Key, &[u8])]) -> Vec<u8> {
        let all = Joined {
            old: &self.old,
            added: &state.added,
        };
        let (nothing, mut fresh) = (Old::default(), State::default());
        let mut verdicts = Vec::new();
        let new = state.new.iter().map(|(key, bytes)| (key, bytes.as_slice()));
        for (key, bytes) in old.iter().copied().chain(new) {
            let mut texts = Texts {
                old: &nothing,
                state: &mut fresh,
            };
            let findings = encode::read(bytes, self.places, &all);
            let again =
                findings.and_then(|found| encode::findings(&found, self.places, &mut texts));
            verdicts.extend(again.map(|bytes| (key, bytes)));
        }
        let verdicts: Vec<(&Key, &[u8])> = verdicts
            .iter()
            .map(|(key, bytes)| (*key, bytes.as_slice()))
            .collect();
        let texts: Vec<&str> = fresh.added.iter().map(|text| &**text).collect();
        written(self.program, &texts, &verdicts)
    }
}

/// The texts of the file and those that this run added.
struct Joined<'t> {
    old: &'t Old,
    added: &'t [Box<str>],
}

impl Numbered for Joined<'_> {
    fn text(&self, number: u32) -> Option<&str> {
        let place = (number as usize).checked_sub(self.old.texts.len());
        match place {
            None => self.old.text(number),
            Some(place) => self.added.get(place).map(|text| &**text),
        }
    }
}

impl Verdicts for Cache<'_> {
    fn get(&self, question: &Key) -> Option<Vec<Finding>> {
        let (start, end) = *self.old.verdicts.get(question)?;
        let bytes = self.old.bytes.get(start..end)?;
        let findings = encode::read(bytes, self.places, &self.old)?;
        self.state().used.insert(*question);
        Some(findings)
    }

    fn put(&self, question: Key, findings: &[Finding]) {
        let mut state = self.state();
        let mut texts = Texts {
            old: &self.old,
            state: &mut state,
        };
        if let Some(bytes) = encode::findings(findings, self.places, &mut texts) {
            state.new.insert(question, bytes);
        }
    }
}

/// Numbers texts: those of the file keep their numbers.
struct Texts<'t> {
    old: &'t Old,
    state: &'t mut State,
}

impl Numbering for Texts<'_> {
    fn number(&mut self, text: &str) -> u32 {
        let State { texts, added, .. } = &mut *self.state;
        if texts.is_empty() {
            let known = (0..).map_while(|number| Some((self.old.text(number)?.into(), number)));
            texts.extend(known);
        }
        if let Some(number) = texts.get(text) {
            return *number;
        }
        let number = u32::try_from(texts.len()).unwrap_or(u32::MAX);
        texts.insert(text.into(), number);
        added.push(text.into());
        number
    }
}

impl Numbered for Old {
    fn text(&self, number: u32) -> Option<&str> {
        let (start, end) = *self.texts.get(number as usize)?;
        std::str::from_utf8(self.bytes.get(start..end)?).ok()
    }
}

/// The file's bytes: what they are, who wrote them, texts, verdicts, and a hash of all that.
fn written(program: Key, texts: &[&str], verdicts: &[(&Key, &[u8])]) -> Vec<u8> {
    let mut bytes = BEGINNING.to_vec();
    bytes.extend_from_slice(&program.0);
    let count = |bytes: &mut Vec<u8>, count: usize| {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&count.to_le_bytes());
    };
    count(&mut bytes, texts.len());
    for text in texts {
        count(&mut bytes, text.len());
        bytes.extend_from_slice(text.as_bytes());
    }
    count(&mut bytes, verdicts.len());
    for (key, verdict) in verdicts {
        bytes.extend_from_slice(&key.0);
        count(&mut bytes, verdict.len());
        bytes.extend_from_slice(verdict);
    }
    let seal: [u8; 32] = Sha256::digest(&bytes).into();
    bytes.extend_from_slice(&seal);
    bytes
}

fn read(file: &Path, program: Key) -> Result<Old, String> {
    let size = match fs::metadata(file) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Old::default()),
        Err(error) => return Err(format!("it cannot be read: {error}")),
    };
    if size > BYTES_MAX {
        return Err(format!(
            "it has {size} bytes, and at most {BYTES_MAX} are read"
        ));
    }
    let bytes = fs::read(file).map_err(|error| format!("it cannot be read: {error}"))?;
    let (sealed, seal) = bytes.split_last_chunk::<32>().ok_or("it is damaged")?;
    let sealed = sealed.len();
    let Some(rest) = bytes.strip_prefix(BEGINNING) else {
        return Err("it is no file of verdicts, or a damaged one".to_owned());
    };
    if *seal != <[u8; 32]>::from(Sha256::digest(bytes.get(..sealed).unwrap_or_default())) {
        return Err("it is damaged".to_owned());
    }
    if rest.get(..32) != Some(&program.0) {
        return Ok(Old::default());
    }
    let start = BEGINNING.len() + 32;
    index(bytes, start, sealed).ok_or_else(|| "it is damaged".to_owned())
}

/// Finds texts and verdicts between two places of the file.
fn index(bytes: Vec<u8>, start: usize, end: usize) -> Option<Old> {
    let mut at = start;
    let number = |at: &mut usize| {
        let four = bytes.get(*at..end)?.first_chunk::<4>()?;
        *at += 4;
        Some(u32::from_le_bytes(*four) as usize)
    };
    let mut texts = Vec::new();
    for _ in 0..number(&mut at)? {
        let length = number(&mut at)?;
        texts.push((at, at.checked_add(length)?));
        at += length;
    }
    let mut verdicts = BTreeMap::new();
    for _ in 0..number(&mut at)? {
        let key = Key(*bytes.get(at..end)?.first_chunk::<32>()?);
        at += 32;
        let length = number(&mut at)?;
        verdicts.insert(key, (at, at.checked_add(length)?));
        at += length;
    }
    (at == end).then_some(Old {
        bytes,
        texts,
        verdicts,
    })
}

/// Writes beside the file first, so that nobody ever reads half of it.
fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = file.parent().filter(|path| !path.as_os_str().is_empty());
    if let Some(directory) = directory {
        fs::create_dir_all(directory)?;
    }
    let beside = file.with_extension(format!("{}.new", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(&beside)
        .and_then(|mut out| out.write_all(bytes))
        .and_then(|()| fs::rename(&beside, file));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use cofferdam_text::Documents;

    #[test]
    fn a_file_of_another_program_is_not_read() {
        let file = std::env::temp_dir().join(format!("{}.verdicts", std::process::id()));
        let documents = Documents::new();
        let places = StablePlaces::of(&documents);
        let (one, other) = (Key([1; 32]), Key([2; 32]));
        let question = Key([3; 32]);
        let (cache, why) = Cache::open(&file, one, &places);
        assert_eq!(why, None);
        cache.put(question, &[]);
        cache.save(&file, true).unwrap();
        assert!(Cache::open(&file, one, &places).0.get(&question).is_some());
        let (cache, why) = Cache::open(&file, other, &places);
        assert_eq!(why, None);
        assert!(cache.get(&question).is_none());
        fs::remove_file(&file).unwrap();
    }
}
