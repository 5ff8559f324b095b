//! Places that stay what they are while other files change.
//!
//! Documents are numbered as they are read, so one more of them moves the numbers of all that
//! follow. What is kept between runs names a document by its file instead, and by its place among
//! the documents inside that file.

use std::collections::BTreeMap;

use crate::documents::Documents;
use crate::origin::{DocumentId, Origin};

/// A place by file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StablePlace<'d> {
    /// The file's name.
    pub file: &'d str,
    /// Which of the documents in the file; the file itself is the first.
    pub document: u32,
    /// Offset of the first byte in the document.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

/// The documents of a run by file.
#[derive(Debug)]
pub struct StablePlaces<'d> {
    documents: Vec<(&'d str, u32)>,
    by_file: BTreeMap<&'d str, Vec<DocumentId>>,
}

impl<'d> StablePlaces<'d> {
    /// Of all documents that were read.
    pub fn of(read: &'d Documents) -> StablePlaces<'d> {
        let mut documents = Vec::new();
        let mut by_file: BTreeMap<&str, Vec<DocumentId>> = BTreeMap::new();
        for id in read.ids() {
            let file = read.name(id);
            let inside = by_file.entry(file).or_default();
            documents.push((file, u32::try_from(inside.len()).unwrap_or(u32::MAX)));
            inside.push(id);
        }
        StablePlaces { documents, by_file }
    }

    /// The place of an origin; none for one of other documents.
    pub fn place(&self, origin: Origin) -> Option<StablePlace<'d>> {
        let (file, document) = *self.documents.get(origin.document().0 as usize)?;
        let span = origin.span();
        Some(StablePlace {
            file,
            document,
            start: span.start,
            end: span.end,
        })
    }

    /// The origin at a place; none if no such document was read.
    pub fn origin(&self, place: &StablePlace<'_>) -> Option<Origin> {
        let inside = self.by_file.get(place.file)?;
        let document = *inside.get(place.document as usize)?;
        Some(Origin::new(
            document,
            place.start as usize,
            place.end as usize,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_outlives_documents_of_other_files() {
        let policy = br#"{"policy": "{}"}"#;
        let read = |before: bool| {
            let mut documents = Documents::new();
            if before {
                documents.read_json("other.json", b"{}".to_vec()).unwrap();
            }
            let file = documents.read_json("a.json", policy.to_vec()).unwrap();
            let inner = documents.read_embedded(file.get("policy").unwrap());
            (documents, inner.unwrap().origin)
        };
        let (few, old) = read(false);
        let (many, new) = read(true);
        let (few, many) = (StablePlaces::of(&few), StablePlaces::of(&many));
        let place = few.place(old).unwrap();
        assert_eq!((place.file, place.document), ("a.json", 1));
        assert_eq!(many.origin(&place), Some(new));
    }
}
