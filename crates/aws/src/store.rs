//! The snapshot while it is written.
//!
//! A collection of a large organization takes long enough to be interrupted. Each file is written
//! beside its place and moved there, then noted in a journal; a second run with the same options
//! takes what the journal names as read. The manifest comes last, in one step, and the journal
//! goes: a folder with a manifest is whole, one with a journal is not.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde_json::{Map, Value, json};

use crate::client::lock;

/// The manifest's name, as the reader of snapshots knows it.
pub(crate) const MANIFEST: &str = "manifest.json";
/// The journal's name. Readers of snapshots do not take it for an answer.
const JOURNAL: &str = "collect.journal";
/// The version of the journal.
const VERSION: u64 = 1;
/// No answer of one operation is larger; a file that is was not written by this program.
const FILE_MAX: u64 = 4 << 30;

/// Account, Region or `global`, and operation.
pub(crate) type Place = (String, String, String);

/// Requests with their responses.
pub(crate) type Calls = Vec<(Map<String, Value>, Value)>;

/// What became of one operation at one place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    /// Its file below the snapshot, if there was anything to write.
    pub file: Option<String>,
    /// Calls whose answer is unknown, as the manifest lists them.
    pub refused: Vec<Value>,
}

/// What became of operations, by place.
type Entries = BTreeMap<Place, Entry>;

/// A snapshot that is being written.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    journal: Mutex<File>,
    entries: Mutex<Entries>,
    /// When the collection began, as the first run wrote it.
    pub began: String,
    /// Operations that an earlier run had finished.
    pub kept: usize,
}

impl Store {
    /// Opens a folder for writing: a new one, or one that an interrupted run left.
    ///
    /// # Errors
    /// When the folder holds something else, or belongs to a run with other options.
    pub fn open(folder: &Path, options: &Value, now: &str) -> Result<Store, String> {
        let journal = folder.join(JOURNAL);
        let shown = folder.display();
        if folder.join(MANIFEST).exists() {
            return Err(format!(
                "{shown} holds a whole snapshot already; name another folder, or move it away"
            ));
        }
        let (began, entries) = match journal.exists() {
            true => resumed(&journal, options)?,
            false => {
                empty(folder)?;
                create(folder).map_err(|error| at(folder, &error))?;
                (now.to_owned(), Entries::new())
            }
        };
        let fresh = !journal.exists();
        let mut file = private(OpenOptions::new().append(true).create(true))
            .open(&journal)
            .map_err(|error| at(&journal, &error))?;
        if fresh {
            let head = json!({"version": VERSION, "began": began, "options": options});
            writeln!(file, "{head}").map_err(|error| at(&journal, &error))?;
        }
        Ok(Store {
            folder: folder.to_owned(),
            journal: Mutex::new(file),
            kept: entries.len(),
            entries: Mutex::new(entries),
            began,
        })
    }

    /// What an earlier run made of an operation.
    pub fn entry(&self, place: &Place) -> Option<Entry> {
        lock(&self.entries).get(place).cloned()
    }

    /// The calls of a file that an earlier run wrote: requests with responses.
    ///
    /// # Errors
    /// When it is gone or is no file of ours.
    pub fn answers(&self, file: &str) -> Result<Calls, String> {
        let path = self.folder.join(file);
        let size = fs::metadata(&path)
            .map_err(|error| at(&path, &error))?
            .len();
        if size > FILE_MAX {
            return Err(format!("{} is too large", path.display()));
        }
        let text = fs::read_to_string(&path).map_err(|error| at(&path, &error))?;
        let wrong = |error: serde_json::Error| format!("{}: {error}", path.display());
        if !file.ends_with('l') {
            return Ok(vec![(
                Map::new(),
                serde_json::from_str(&text).map_err(wrong)?,
            )]);
        }
        let mut found = Vec::new();
        for line in text.lines() {
            let call: Value = serde_json::from_str(line).map_err(wrong)?;
            if let (Some(Value::Object(request)), Some(response)) =
                (call.get("request"), call.get("response"))
            {
                found.push((request.clone(), response.clone()));
            }
        }
        Ok(found)
    }

    /// Writes one operation's file, if there is text, and notes it. What was refused is not noted, so
    /// that another run asks again: the reason may be gone by then.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(
        &self,
        place: &Place,
        written: Option<(&str, &str)>,
        refused: Vec<Value>,
    ) -> Result<(), String> {
        let (account, region, operation) = place;
        let file = written.map(|(ending, _)| format!("{account}/{region}/{operation}.{ending}"));
        if let (Some(file), Some((_, text))) = (&file, written) {
            self.write(file, text)?;
        }
        let entry = Entry { file, refused };
        let line = json!({"account": account, "region": region, "operation": operation, "file": entry.file, "bytes": written.map(|(_, text)| text.len())});
        if entry.refused.is_empty() {
            let written = writeln!(lock(&self.journal), "{line}");
            written.map_err(|error| at(&self.folder.join(JOURNAL), &error))?;
        }
        lock(&self.entries).insert(place.clone(), entry);
        Ok(())
    }

    /// Everything so far, in the order of places.
    pub fn entries(&self) -> Vec<(Place, Entry)> {
        let entries = lock(&self.entries);
        entries
            .iter()
            .map(|(place, entry)| (place.clone(), entry.clone()))
            .collect()
    }

    fn write(&self, file: &str, text: &str) -> Result<(), String> {
        let path = self.folder.join(file);
        let beside = path.with_extension("part");
        if let Some(parent) = path.parent() {
            create(parent).map_err(|error| at(parent, &error))?;
        }
        let written = private(OpenOptions::new().write(true).create(true).truncate(true))
            .open(&beside)
            .and_then(|mut opened| opened.write_all(text.as_bytes()))
            .and_then(|()| fs::rename(&beside, &path));
        written.map_err(|error| at(&path, &error))
    }

    /// Writes the manifest and ends the journal.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn close(&self, manifest: &Value) -> Result<(), String> {
        self.write(MANIFEST, &lines(manifest))?;
        let journal = self.folder.join(JOURNAL);
        fs::remove_file(&journal).map_err(|error| at(&journal, &error))
    }
}

/// What a journal says, if it is of a run with the same options. A last line that was cut off when
/// the run was stopped is left out: its operation is asked again.
fn resumed(journal: &Path, options: &Value) -> Result<(String, Entries), String> {
    let text = fs::read_to_string(journal).map_err(|error| at(journal, &error))?;
    let mut lines = text.lines();
    let head: Value = lines
        .next()
        .and_then(|line| serde_json::from_str(line).ok())
        .unwrap_or_default();
    let began = head.get("began").and_then(Value::as_str);
    let (Some(began), true) = (began, head.get("version") == Some(&json!(VERSION))) else {
        return Err(format!(
            "{} is no journal that can be continued",
            journal.display()
        ));
    };
    if head.get("options") != Some(options) {
        return Err(format!(
            "{} was begun with other options; give the same ones to go on, or name another folder",
            journal.display()
        ));
    }
    cut(journal, &text)?;
    let folder = journal.parent().unwrap_or(Path::new(""));
    let noted = lines.filter_map(|line| noted(folder, line));
    Ok((began.to_owned(), noted.collect()))
}

/// Takes the cut line off, so that the next one begins on its own.
fn cut(journal: &Path, text: &str) -> Result<(), String> {
    let whole = text.rfind('\n').map_or(0, |at| at + 1);
    let file = OpenOptions::new().write(true).open(journal);
    file.and_then(|file| file.set_len(whole as u64))
        .map_err(|error| at(journal, &error))
}

/// A line of the journal; none if its file is not as long as it says, as after a loss of power.
fn noted(folder: &Path, line: &str) -> Option<(Place, Entry)> {
    let value: Value = serde_json::from_str(line).ok()?;
    let text = |key: &str| Some(value.get(key)?.as_str()?.to_owned());
    if let Some(file) = text("file") {
        let found = fs::metadata(folder.join(file)).ok()?.len();
        value.get("bytes").filter(|bytes| **bytes == json!(found))?;
    }
    let entry = Entry {
        file: text("file"),
        refused: Vec::new(),
    };
    Some((
        (text("account")?, text("region")?, text("operation")?),
        entry,
    ))
}

/// One entry a line: a manifest is read by people too.
fn lines(manifest: &Value) -> String {
    let members = manifest.as_object().into_iter().flatten();
    let parts: Vec<String> = members
        .map(|(name, value)| match value.as_array() {
            Some(items) if !items.is_empty() => {
                let items: Vec<String> = items.iter().map(|item| format!("    {item}")).collect();
                format!("  {}: [\n{}\n  ]", json!(name), items.join(",\n"))
            }
            _ => format!("  {}: {value}", json!(name)),
        })
        .collect();
    format!("{{\n{}\n}}\n", parts.join(",\n"))
}

/// A folder that is not there, or holds nothing.
fn empty(folder: &Path) -> Result<(), String> {
    let entries = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(at(folder, &error)),
    };
    match entries {
        true => Err(format!(
            "{} holds something else; name a folder that is empty or not there",
            folder.display()
        )),
        false => Ok(()),
    }
}

fn at(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

#[cfg(unix)]
fn create(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn create(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// A snapshot is a map for attackers: its owner alone reads it.
#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
