//! The organization as an earlier snapshot has it: `collect --dataset ARN --organization SNAPSHOT`.
//!
//! Accounts, units and policies change seldom, and reading them costs the most calls. What an earlier
//! snapshot says of them is taken over as it is, with what it was refused and with its date, which
//! the manifest states and every answer about the new snapshot says.

use std::fs;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::collect::named;
use crate::path::SERVICE;
use crate::store::{MANIFEST, Place, Store};

/// No answer about an organization is larger; a file that is was not written by this program.
const FILE_MAX: u64 = 1 << 30;
/// What was asked anew, to see whose organization it is.
const ASKED: &str = "organizations.describe-organization";

/// An earlier snapshot.
pub(crate) struct Earlier {
    folder: PathBuf,
    manifest: Value,
}

impl Earlier {
    /// Opens a snapshot by its manifest.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn open(folder: &Path) -> Result<Earlier, String> {
        let path = folder.join(MANIFEST);
        let text = text(&path)?;
        let manifest =
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Earlier {
            folder: folder.to_owned(),
            manifest,
        })
    }

    /// When it was taken; of an organization that was itself taken over, when that was.
    pub fn date(&self) -> Option<&str> {
        let organization = self.manifest.pointer("/organization/captured_at");
        let all = self.manifest.get("captured_at");
        organization.and_then(Value::as_str).or(all?.as_str())
    }

    /// Takes over what it says of an organization.
    ///
    /// # Errors
    /// When it is of another organization, or a file of it cannot be read.
    pub fn take_over(&self, id: &str, management: &str, store: &Store) -> Result<(), String> {
        let shown = self.folder.display();
        let stated = self.manifest.pointer("/organization/id");
        match stated.and_then(Value::as_str) {
            Some(stated) if stated == id => {}
            Some(other) => {
                return Err(format!(
                    "{shown} is of organization {other}, and this is {id}"
                ));
            }
            None => return Err(format!("{shown} does not say of which organization it is")),
        }
        for entry in self.entries("read", management) {
            let place = place(entry);
            if store.entry(&place).is_none() {
                self.take(entry, &place, store)?;
            }
        }
        for entry in self.entries("refused", management) {
            let place = place(entry);
            if store.entry(&place).is_none() {
                store.finish(&place, None, self.refused(&place.2, management))?;
            }
        }
        Ok(())
    }

    fn take(&self, entry: &Value, place: &Place, store: &Store) -> Result<(), String> {
        let file = Path::new(member(entry, "file"));
        let below = |part: Component| matches!(part, Component::Normal(_));
        if !file.components().all(below) {
            return Err(format!("`{}` lies outside the snapshot", file.display()));
        }
        let path = self.folder.join(file);
        let text = text(&path)?;
        let ending = match file.extension().and_then(|ending| ending.to_str()) {
            Some("jsonl") => "jsonl",
            _ => "json",
        };
        let refused = self.refused(&place.2, &place.0);
        store.finish(place, Some((ending, &text)), refused)
    }

    /// Entries about the organization.
    fn entries<'e>(
        &'e self,
        list: &str,
        management: &'e str,
    ) -> impl Iterator<Item = &'e Value> + use<'e> {
        let all = self.manifest.get(list).and_then(Value::as_array);
        let of_organization = move |entry: &&Value| {
            let operation = member(entry, "operation");
            let service = operation.split('.').next();
            service == Some(SERVICE)
                && operation != ASKED
                && named(operation).is_some()
                && member(entry, "account") == management
        };
        all.into_iter().flatten().filter(of_organization)
    }

    fn refused(&self, operation: &str, management: &str) -> Vec<Value> {
        let all = self.entries("refused", management);
        all.filter(|entry| member(entry, "operation") == operation)
            .cloned()
            .collect()
    }
}

fn place(entry: &Value) -> Place {
    (
        member(entry, "account").to_owned(),
        member(entry, "region").to_owned(),
        member(entry, "operation").to_owned(),
    )
}

fn member<'v>(entry: &'v Value, name: &str) -> &'v str {
    entry.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn text(path: &Path) -> Result<String, String> {
    let at = |error| format!("{}: {error}", path.display());
    if fs::metadata(path).map_err(at)?.len() > FILE_MAX {
        return Err(format!("{} is too large", path.display()));
    }
    fs::read_to_string(path).map_err(at)
}
