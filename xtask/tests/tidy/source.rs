//! Rust source taken apart as far as the rules need it: code, comments, functions.
//!
//! A parser would know more, and would be a dependency whose version has to follow the compiler's.
//! The rules ask for words and lengths; a scan that knows strings and comments answers them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// One source file, three times the same length: as written, its code, its comments. What is left
/// out is blank, so that lines stay where they are.
pub struct Source {
    /// From the root of the repository.
    pub path: String,
    /// As written.
    pub text: String,
    /// Without comments and without the insides of strings.
    pub code: String,
    /// Comments only.
    pub comments: String,
    /// It is compiled for tests only.
    pub tests_only: bool,
}

/// A function with a body.
pub struct Function {
    /// Its name.
    pub name: String,
    /// From the line of `fn` to the closing brace.
    pub lines: usize,
}

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent()
        .expect("xtask lies in the repository")
        .to_owned()
}

/// A file of the repository that is not Rust.
pub fn document(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The Markdown files for readers.
pub fn documents() -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["", "docs"] {
        let entries = fs::read_dir(root().join(folder)).expect("the folder can be listed");
        found.extend(
            entries
                .flatten()
                .filter_map(|entry| relative(&entry.path())),
        );
    }
    found.retain(|path| path.ends_with(".md"));
    found.sort();
    found
}

/// Every Rust file of the repository, in order. Read once, since most rules ask for all.
pub fn all() -> &'static [Source] {
    static ALL: LazyLock<Vec<Source>> = LazyLock::new(|| {
        let mut paths = Vec::new();
        walk(&root().join("crates"), &mut paths);
        walk(&root().join("xtask"), &mut paths);
        paths.sort();
        let mut sources: Vec<Source> = paths
            .iter()
            .map(|path| Source::new(path, &document(path)))
            .collect();
        let marks: Vec<bool> = sources
            .iter()
            .map(|source| tests_only(&source.path, &sources))
            .collect();
        sources
            .iter_mut()
            .zip(marks)
            .for_each(|(source, mark)| source.tests_only = mark);
        sources
    });
    &ALL
}

/// Whether a file lies among tests, or its module is declared for tests.
fn tests_only(path: &str, sources: &[Source]) -> bool {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let declaration = format!("#[cfg(test)]\nmod {};", file.trim_end_matches(".rs"));
    let parents = [
        format!("{folder}.rs"),
        format!("{folder}/mod.rs"),
        format!("{folder}/lib.rs"),
    ];
    path.split('/')
        .any(|part| part == "tests" || part == "tests.rs")
        || sources
            .iter()
            .filter(|source| parents.contains(&source.path))
            .any(|source| source.code.contains(&declaration))
}

fn walk(folder: &Path, found: &mut Vec<String>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() && !path.ends_with("target") {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.extend(relative(&path));
        }
    }
}

fn relative(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root()).ok()?.to_str()?;
    Some(inside.replace('\\', "/"))
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        let mut scan = Scan {
            rest: text,
            code: String::new(),
            comments: String::new(),
        };
        while !scan.rest.is_empty() {
            scan.step();
        }
        let Scan { code, comments, .. } = scan;
        let (path, text) = (path.to_owned(), text.to_owned());
        Self {
            path,
            text,
            code,
            comments,
            tests_only: false,
        }
    }

    /// The code above the tests; nothing of a file that holds tests only.
    pub fn code_without_tests(&self) -> &str {
        if self.tests_only {
            ""
        } else {
            &self.code[..self.tests_start()]
        }
    }

    /// The number of lines above the tests; of a file that holds tests only, all of them.
    pub fn lines_without_tests(&self) -> usize {
        self.code[..self.tests_start()].lines().count()
    }

    /// Where the tests written into the file begin, or its end.
    fn tests_start(&self) -> usize {
        let mut starts = self.code.match_indices("#[cfg(test)]").map(|(at, _)| at);
        let inline = |at: &usize| {
            let item = self
                .code
                .get(*at..)
                .and_then(|rest| rest.find(['{', ';']).map(|end| &rest[..=end]));
            item.is_some_and(|item| item.contains("mod ") && item.ends_with('{'))
        };
        starts.find(inline).unwrap_or(self.code.len())
    }
}

/// Every function with a body, nested ones too.
pub fn functions(code: &str) -> Vec<Function> {
    let starts = code
        .match_indices("fn ")
        .filter(|(at, _)| !ends_in_name(&code[..*at]));
    starts.filter_map(|(at, _)| function(&code[at..])).collect()
}

fn function(rest: &str) -> Option<Function> {
    let name: String = rest["fn ".len()..]
        .chars()
        .take_while(|c| is_name(*c))
        .collect();
    let body = body_start(rest)?;
    let end = body + block_end(&rest[body..])?;
    let lines = rest[..end].matches('\n').count() + 1;
    (!name.is_empty()).then_some(Function { name, lines })
}

/// Where the body opens; nothing for a declaration without one.
fn body_start(function: &str) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, character) in function.char_indices() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(at),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn block_end(block: &str) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, character) in block.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Whether the code uses a word that is not part of a longer name.
pub fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let begins_alone = !word.starts_with(is_name) || !ends_in_name(&code[..at]);
        let ends_alone = !word.ends_with(is_name) || !code[at + word.len()..].starts_with(is_name);
        begins_alone && ends_alone
    })
}

/// Whether the code imports a module of `std` in a group, as in `use std::{env, fmt}`.
pub fn imports_in_group(code: &str, path: &str) -> bool {
    let Some(module) = path.strip_prefix("std::") else {
        return false;
    };
    let groups = code
        .match_indices("std::{")
        .map(|(at, _)| &code[at + "std::".len()..]);
    groups
        .filter_map(|rest| Some(&rest[1..block_end(rest)?]))
        .any(|group| top_names(group).contains(&module))
}

fn top_names(group: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    let outer = group.split(|c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    outer
        .map(|part| {
            part.trim()
                .split(|c: char| !is_name(c))
                .next()
                .unwrap_or_default()
        })
        .collect()
}

fn is_name(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

fn ends_in_name(code: &str) -> bool {
    code.ends_with(is_name)
}

struct Scan<'a> {
    rest: &'a str,
    code: String,
    comments: String,
}

/// What a piece of source is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    Code,
    Comment,
    Text,
}

impl Scan<'_> {
    fn step(&mut self) {
        let (piece, length) = self.next();
        let length = (length..=self.rest.len()).find(|end| self.rest.is_char_boundary(*end));
        let (taken, rest) = self.rest.split_at(length.unwrap_or(self.rest.len()));
        show(&mut self.code, taken, piece == Piece::Code);
        show(&mut self.comments, taken, piece == Piece::Comment);
        self.rest = rest;
    }

    fn next(&self) -> (Piece, usize) {
        let rest = self.rest;
        if rest.starts_with("//") {
            return (Piece::Comment, rest.find('\n').unwrap_or(rest.len()));
        }
        if rest.starts_with("/*") {
            return (Piece::Comment, block_comment(rest));
        }
        let raw = if ends_in_name(&self.code) {
            None
        } else {
            raw_string(rest)
        };
        let text = raw.or_else(|| string(rest)).or_else(|| character(rest));
        text.map_or((Piece::Code, 1), |length| (Piece::Text, length))
    }
}

/// Appends a piece, or as many bytes of blank, with its line ends.
fn show(target: &mut String, piece: &str, visible: bool) {
    if visible {
        target.push_str(piece);
    } else {
        target.extend(
            piece
                .bytes()
                .map(|byte| if byte == b'\n' { '\n' } else { ' ' }),
        );
    }
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        let opens = here.starts_with("/*");
        let closes = here.starts_with("*/");
        depth = depth + usize::from(opens) - usize::from(closes);
        at += if opens || closes {
            2
        } else {
            here.chars().next().map_or(1, char::len_utf8)
        };
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// The length of `r"…"`, `br#"…"#` and the like.
fn raw_string(rest: &str) -> Option<usize> {
    let letters = rest.strip_prefix(['b', 'c']).unwrap_or(rest);
    let after = letters.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let inside = after.get(hashes..)?.strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = inside.find(&close)?;
    Some(rest.len() - inside.len() + end + close.len())
}

fn string(rest: &str) -> Option<usize> {
    rest.starts_with('"').then(|| quoted(rest, '"'))
}

/// The length of a character literal; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    let first = inside.chars().next()?;
    let literal = first == '\\' || inside.get(first.len_utf8()..)?.starts_with('\'');
    literal.then(|| quoted(rest, '\''))
}

/// The length of a quotation, its escapes passed over.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        if character == quote && !escaped {
            return at + 1;
        }
        escaped = character == '\\' && !escaped;
    }
    rest.len()
}

#[test]
fn source_is_taken_apart() {
    let text = "fn a<'x>() { // FIXME b\n  let c = '{'; \"fn d() { \\\" \";\n r#\"/* \"#; /* e /* f */ */ }\n";
    let source = Source::new("x.rs", text);
    assert_eq!(source.code.len(), text.len());
    assert!(source.comments.contains("FIXME") && !source.code.contains("FIXME"));
    assert!(source.comments.contains("e /* f */") && !source.comments.contains("fn d"));
    let functions = functions(&source.code);
    let names: Vec<_> = functions
        .iter()
        .map(|f| (f.name.as_str(), f.lines))
        .collect();
    assert_eq!(names, [("a", 3)]);
    assert!(has_word("use std::fs;", "std::fs") && !has_word("use std::fsx;", "std::fs"));
    assert!(!has_word("FxHashMap", "HashMap") && has_word("a.await", ".await"));
    assert!(imports_in_group("use std::{fmt, env};", "std::env"));
    assert!(!imports_in_group(
        "use std::{fmt, path::{env}};",
        "std::env"
    ));
}
