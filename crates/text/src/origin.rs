//! Where a node was read: a document and a byte range in it, without the text.
//!
//! An origin is twelve bytes and `Copy`, because every statement, condition and fact carries one.
//! Its fields are private, so that no room but this can make one up or take it for a line number.

use std::hash::{Hash, Hasher};

/// A range of bytes in one document's text: `start` is within, `end` is the first byte after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

/// Names one text in [`Documents`](crate::Documents), which alone makes these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(pub(crate) u32);

/// Where something was read. Ordered by document, in the order of reading, then by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    document: DocumentId,
    span: Span,
}

/// Where something stands is no part of what it says: a value that is hashed with its origins in it
/// hashes like the same value read elsewhere.
impl Hash for Origin {
    fn hash<H: Hasher>(&self, _state: &mut H) {}
}

impl Span {
    /// Offsets past four GiB saturate; every document that is parsed is smaller.
    pub(crate) fn of(start: usize, end: usize) -> Span {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span {
            start: narrow(start),
            end: narrow(end),
        }
    }

    pub(crate) fn contains(self, inner: Span) -> bool {
        self.start <= inner.start && inner.end <= self.end
    }

    pub(crate) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Origin {
    pub(crate) fn new(document: DocumentId, start: usize, end: usize) -> Origin {
        Origin {
            document,
            span: Span::of(start, end),
        }
    }

    /// The document that was read.
    pub fn document(self) -> DocumentId {
        self.document
    }

    /// The bytes in that document's text.
    pub fn span(self) -> Span {
        self.span
    }
}
