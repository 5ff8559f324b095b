//! The rules' data: which room may import which, what a core room may not touch, which licences
//! and duplicates are accepted, how long things may be.
//!
//! To change a rule, change a row here and say why in the commit.

/// One crate of the workspace.
pub struct Room {
    /// The folder below `crates/`.
    pub name: &'static str,
    /// The rooms that it may import.
    pub imports: &'static [&'static str],
    /// It only computes: no input, output, clock, environment or async code.
    pub core: bool,
}

const fn core(name: &'static str, imports: &'static [&'static str]) -> Room {
    Room {
        name,
        imports,
        core: true,
    }
}

const fn rim(name: &'static str, imports: &'static [&'static str]) -> Room {
    Room {
        name,
        imports,
        core: false,
    }
}

/// The rooms, from the ground up.
#[rustfmt::skip]
pub const ROOMS: &[Room] = &[
    core("text", &[]),
    core("names", &[]),
    core("catalog", &["names"]),
    core("policy", &["text", "names", "catalog"]),
    core("logic", &[]),
    core("checker", &[]),
    core("org", &["text", "names", "catalog", "policy"]),
    core("authz", &["text", "names", "catalog", "policy", "logic", "org"]),
    core("findings", &["text", "names"]),
    core("boundary", &["text", "names", "catalog", "policy", "logic", "org", "authz", "findings"]),
    core("faults", &["text", "names", "catalog", "policy", "logic", "org", "authz", "findings", "boundary"]),
    core("report", &["text", "names", "findings"]),
    rim("sources", &["text", "names", "catalog", "policy", "org", "authz"]),
    rim("aws", &["text", "names", "sources"]),
    rim("fixture", &["text", "names", "catalog", "policy", "org"]),
    rim("cli", &["text", "names", "catalog", "policy", "logic", "org", "authz", "findings", "boundary", "faults", "report", "sources", "aws", "checker"]),
    rim("xtask", &[]),
];

/// Rooms that any room's tests may import: whole organizations in a string or of any size, cases
/// and snapshots read from files as a user's are, and what checks certificates.
pub const TEST_ROOMS: &[&str] = &["fixture", "sources", "xtask", "checker"];

/// The row of a package. A package without one has no imports, so that it must be given one.
pub fn room(package: &str) -> &'static Room {
    const UNKNOWN: Room = rim("a room without a row", &[]);
    let name = package.strip_prefix("cofferdam-").unwrap_or(package);
    ROOMS
        .iter()
        .find(|room| room.name == name)
        .unwrap_or(&UNKNOWN)
}

/// A word of the source that gives an effect away.
pub struct Word {
    /// The word, as a path where it is one.
    pub text: &'static str,
    /// What it would do.
    pub effect: &'static str,
}

const fn word(text: &'static str, effect: &'static str) -> Word {
    Word { text, effect }
}

/// The effect that [`MAY_THREAD`] is about.
pub const THREADS: &str = "threads";

/// Core rooms that may start threads: independent questions are asked side by side, and answers
/// are merged in the order of the questions.
pub const MAY_THREAD: &[&str] = &["boundary", "faults"];

/// What a core room may not use. Address types of `std::net` are values and may be used.
pub const EFFECTS: &[Word] = &[
    word("std::fs", "files"),
    word("std::io", "input and output"),
    word("std::process", "processes"),
    word("println!", "output"),
    word("eprintln!", "output"),
    word("print!", "output"),
    word("eprint!", "output"),
    word("TcpStream", "sockets"),
    word("TcpListener", "sockets"),
    word("UdpSocket", "sockets"),
    word("ToSocketAddrs", "sockets"),
    word("std::os", "the operating system"),
    word("std::env", "the environment"),
    word("std::time", "the clock"),
    word("SystemTime", "the clock"),
    word("Instant::now", "the clock"),
    word("std::thread", THREADS),
    word("thread_local!", THREADS),
    word("rayon", THREADS),
    word("tokio", "async code"),
    word("async fn", "async code"),
    word("async move", "async code"),
    word(".await", "async code"),
    // Their seed differs from run to run; an ordered map, or FxHashMap for look-ups only.
    word("HashMap", "random order"),
    word("HashSet", "random order"),
    word("RandomState", "random order"),
];

/// Licences that a package may be used under, by SPDX identifier: permissive ones only, so that
/// the binary can be passed on under Apache-2.0 with notices.
pub const LICENCES: &[&str] = &[
    "Apache-2.0",
    "MIT",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
];

/// Packages that are locked in more than one version, with the reason.
pub const DUPLICATES: &[(&str, &str)] = &[
    (
        "hashbrown",
        "saphyr-parser's hashlink is one release behind indexmap of serde_json",
    ),
    ("foldhash", "the hash function of each hashbrown"),
    (
        "digest",
        "AWS's crates are one release behind in hashing, here and in the three below",
    ),
    ("block-buffer", "as digest"),
    ("crypto-common", "as digest"),
    ("cpufeatures", "as digest"),
    (
        "getrandom",
        "ring, which AWS's HTTP client encrypts with, is behind proptest",
    ),
    (
        "syn",
        "the macros of tokio's family are behind those of clap",
    ),
    (
        "windows-sys",
        "ring is behind everything else on Windows, and nowhere else built",
    ),
];

/// A file is one thought; past this it is two.
pub const FILE_LINES: usize = 800;

/// Files that may be longer, none so far.
pub const LONG_FILES: &[&str] = &[];

/// A function that does not fit a screen does more than one thing.
pub const FUNCTION_LINES: usize = 70;

/// Words in code that say that something is missing.
pub const LEFT_IN_CODE: &[&str] = &["todo!", "unimplemented!", "#[ignore"];

/// Words in comments that say that something is missing.
pub const LEFT_IN_COMMENTS: &[&str] = &["FIXME", "XXX", "TODO"];
