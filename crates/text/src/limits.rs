//! The limits that input obeys, together, so that one reading shows how much memory and stack a
//! document can cost.

/// Bytes in one JSON or YAML document: far above any policy, template or page of an AWS answer,
/// and low enough that its tree fits beside the rest of an organization.
pub const DOCUMENT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Bytes in one file of JSON Lines. Its lines are documents, each under
/// [`DOCUMENT_BYTES_MAX`]; the file holds one answer per resource of an account, so it may be
/// longer, but must stay addressable by the 32-bit offsets of a span.
pub const LINES_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Levels of arrays and objects inside each other. Readers and printers recurse, and this many
/// frames fit easily into the smallest thread stack; AWS policies use about eight levels.
pub const DEPTH_MAX: usize = 128;

/// Nodes in one document. A node costs some fifty bytes and can be written in two, so the size
/// limit alone would let 32 MiB of text grow to more than a gigabyte.
pub const NODES_MAX: usize = 4_000_000;

/// Documents inside strings inside documents. AWS nests two (a policy in an answer in a plan);
/// each level costs a copy of the text.
pub const EMBEDDED_DEPTH_MAX: usize = 8;

/// Diagnostics from one file of JSON Lines; the rest are counted in one more. A file that is not
/// JSON Lines at all would otherwise give one for each of its lines.
pub const LINE_DIAGNOSTICS_MAX: usize = 100;

/// Lines of an excerpt: enough to show one laid out statement with its conditions, which come last
/// and are what a reader looks for; few enough for a terminal.
pub const EXCERPT_LINES_MAX: u32 = 40;

/// Bytes of one line that an excerpt shows as it is; a longer one is laid out anew or cut.
pub const EXCERPT_LINE_BYTES_MAX: usize = 160;
