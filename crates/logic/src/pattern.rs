//! Patterns: the only languages of strings that the solver reasons about.
//!
//! A pattern is a flat sequence of tokens, each a character, one character of a class, or a run of
//! a class. That is closed enough for wildcards, segment-aware names and witness shapes, and small
//! enough that intersections and differences are decided by walking token positions.
//! Case is a property of tokens ([`Token::AnyCase`]), so that tests with and without regard to
//! case can meet on the same attribute. Folding is by ASCII letters only.

use std::fmt;

/// A set of characters. The set of classes is closed: the search relies on every class but
/// [`Class::Any`] and [`Class::Except`] having ASCII members only.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// Every character.
    Any,
    /// Every character but one, such as `:` within one segment of a name.
    Except(char),
    /// `0-9`.
    Digit,
    /// `0-9a-f`.
    Hex,
    /// `a-z0-9`, as in generated identifiers.
    LowerAlnum,
    /// `A-Za-z0-9`.
    Alnum,
    /// `A-Za-z0-9_+=,.@-`, as in names of principals.
    Word,
    /// [`Class::Word`] and `/`, as in names with a path.
    Path,
    /// `a-z0-9.-`, as in names that are host names too.
    Host,
}

impl Class {
    /// Whether the character is a member.
    pub fn contains(self, letter: char) -> bool {
        match self {
            Self::Any => true,
            Self::Except(other) => letter != other,
            Self::Digit => letter.is_ascii_digit(),
            Self::Hex => matches!(letter, '0'..='9' | 'a'..='f'),
            Self::LowerAlnum => matches!(letter, '0'..='9' | 'a'..='z'),
            Self::Alnum => letter.is_ascii_alphanumeric(),
            Self::Word => letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter),
            Self::Path => letter == '/' || Self::Word.contains(letter),
            Self::Host => matches!(letter, '0'..='9' | 'a'..='z' | '.' | '-'),
        }
    }

    /// Whether every member of `other` is a member of this class.
    fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (_, Self::Any | Self::Except(_)) => self == other,
            (Self::Except(letter), _) => !other.contains(letter),
            _ => (0u8..128)
                .map(char::from)
                .all(|c| !other.contains(c) || self.contains(c)),
        }
    }
}

/// One step of a [`Pattern`].
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Token {
    /// Exactly this character.
    Char(char),
    /// This ASCII letter in either case.
    AnyCase(char),
    /// Exactly one character of the class.
    One(Class),
    /// Zero or more characters of the class.
    Many(Class),
}

impl Token {
    /// Whether the token may consume the character.
    pub(crate) fn takes(self, letter: char) -> bool {
        match self {
            Self::Char(own) => own == letter,
            Self::AnyCase(own) => own.eq_ignore_ascii_case(&letter),
            Self::One(class) | Self::Many(class) => class.contains(letter),
        }
    }

    /// Whether everything the token consumes, a run of `class` could consume as well.
    pub(crate) fn within(self, class: Class) -> bool {
        match self {
            Self::Char(own) => class.contains(own),
            Self::AnyCase(own) => {
                class.contains(own.to_ascii_lowercase()) && class.contains(own.to_ascii_uppercase())
            }
            Self::One(other) | Self::Many(other) => class.covers(other),
        }
    }

    /// The class of a run, if the token is one.
    pub(crate) fn run(self) -> Option<Class> {
        match self {
            Self::Many(class) => Some(class),
            _ => None,
        }
    }

    fn is_fixed(self) -> bool {
        matches!(self, Self::Char(_) | Self::AnyCase(_))
    }

    /// Whether no character is taken by both.
    fn clashes(self, other: Self) -> bool {
        match (self, other) {
            (Self::Char(letter), token) | (token, Self::Char(letter)) => !token.takes(letter),
            (Self::AnyCase(letter), token) | (token, Self::AnyCase(letter)) => {
                !token.takes(letter.to_ascii_lowercase())
                    && !token.takes(letter.to_ascii_uppercase())
            }
            _ => false,
        }
    }

    fn folded(self) -> Self {
        match self {
            Self::Char(letter) if letter.is_ascii_alphabetic() => Self::AnyCase(letter),
            token => token,
        }
    }
}

/// Whether comparisons regard the case of ASCII letters.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Case {
    /// `a` and `A` differ.
    Sensitive,
    /// `a` and `A` are the same.
    Insensitive,
}

/// A language of strings: a sequence of [`Token`]s, and perhaps an example to take witnesses from.
///
/// The example is a preference only: two patterns that differ in it are the same language.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Pattern {
    tokens: Box<[Token]>,
    example: Option<Box<str>>,
}

impl Pattern {
    /// Exactly this string.
    pub fn literal(text: &str) -> Self {
        Self::from_tokens(text.chars().map(Token::Char).collect())
    }

    /// `*` stands for any run of characters, `?` for any one character.
    pub fn glob(text: &str) -> Self {
        let token = |letter| match letter {
            '*' => Token::Many(Class::Any),
            '?' => Token::One(Class::Any),
            other => Token::Char(other),
        };
        Self::from_tokens(text.chars().map(token).collect())
    }

    /// Any string at all.
    pub fn anything() -> Self {
        Self::from_tokens(vec![Token::Many(Class::Any)])
    }

    /// The pattern of these tokens, in normal form: a run is never followed by a run or a single
    /// character of its own class, so that equal languages are mostly equal patterns.
    pub fn from_tokens(tokens: Vec<Token>) -> Self {
        let mut normal: Vec<Token> = Vec::with_capacity(tokens.len());
        for token in tokens {
            match (normal.last().copied(), token) {
                (Some(Token::Many(last)), Token::Many(next)) if last.covers(next) => {}
                (Some(Token::Many(last)), Token::One(next)) if last == next => {
                    normal.pop();
                    normal.extend([token, Token::Many(last)]);
                }
                _ => normal.push(normalized(token)),
            }
        }
        Self {
            tokens: normal.into_boxed_slice(),
            example: None,
        }
    }

    /// The same language, with a string that witnesses should resemble.
    #[must_use]
    pub fn with_example(mut self, example: &str) -> Self {
        self.example = Some(example.into());
        self
    }

    /// The language without regard to the case of ASCII letters that are written out. Classes keep
    /// their own members.
    #[must_use]
    pub fn any_case(&self) -> Self {
        let tokens = self.tokens.iter().map(|token| token.folded()).collect();
        Self {
            tokens,
            example: self.example.clone(),
        }
    }

    /// The tokens.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The string that witnesses should resemble.
    pub fn example(&self) -> Option<&str> {
        self.example.as_deref()
    }

    /// The one string of the language, if every token is a plain character.
    pub fn as_literal(&self) -> Option<String> {
        let letter = |token: &Token| match token {
            Token::Char(letter) => Some(*letter),
            _ => None,
        };
        self.tokens.iter().map(letter).collect()
    }

    /// Whether the language holds every string.
    pub fn is_anything(&self) -> bool {
        matches!(*self.tokens, [Token::Many(Class::Any)])
    }

    /// Whether the string is in the language.
    pub fn accepts(&self, text: &str, case: Case) -> bool {
        match case {
            Case::Sensitive => self.accepts_exactly(text),
            Case::Insensitive => self.any_case().accepts_exactly(text),
        }
    }

    fn accepts_exactly(&self, text: &str) -> bool {
        let mut letters = text.chars();
        let mut tokens = &*self.tokens;
        while let [token, rest @ ..] = tokens
            && token.run().is_none()
        {
            match letters.next() {
                Some(letter) if token.takes(letter) => tokens = rest,
                _ => return false,
            }
        }
        if tokens.len() < FEW_TOKENS {
            return accepts_few(tokens, letters);
        }
        let mut active = Positions::start(tokens);
        for letter in letters {
            active.step(tokens, letter);
            if active.is_empty() {
                return false;
            }
        }
        active.contains(tokens.len())
    }

    /// The characters that every member starts with.
    pub(crate) fn literal_prefix(&self) -> String {
        let letter = |token: &Token| match token {
            Token::Char(letter) => Some(*letter),
            _ => None,
        };
        self.tokens.iter().map_while(letter).collect()
    }

    /// A cheap sufficient test that no string is in both languages: a written-out beginning or
    /// end that differs.
    pub(crate) fn clearly_disjoint(&self, other: &Self) -> bool {
        let forward = self.tokens.iter().zip(&*other.tokens);
        let backward = self.tokens.iter().rev().zip(other.tokens.iter().rev());
        ends_clash(forward) || ends_clash(backward)
    }
}

fn normalized(token: Token) -> Token {
    match token {
        Token::AnyCase(letter) if !letter.is_ascii_alphabetic() => Token::Char(letter),
        other => other,
    }
}

fn ends_clash<'a>(mut pairs: impl Iterator<Item = (&'a Token, &'a Token)>) -> bool {
    pairs
        .find_map(|(left, right)| end_clash(*left, *right))
        .unwrap_or(false)
}

/// `Some` settles the comparison; `None` goes on to the next pair.
fn end_clash(left: Token, right: Token) -> Option<bool> {
    if left.run().is_some() || right.run().is_some() {
        return Some(false);
    }
    if !left.is_fixed() && !right.is_fixed() {
        return None;
    }
    left.clashes(right).then_some(true)
}

/// So many token positions, with the end and one more, are bits of a number.
const FEW_TOKENS: usize = u64::BITS as usize - 1;

/// Whether the tokens, fewer than [`FEW_TOKENS`], take all of the letters. Positions are bits of a number.
fn accepts_few(tokens: &[Token], letters: impl Iterator<Item = char>) -> bool {
    // The position, and those behind it that need no character.
    let reach = |position: usize| {
        let runs = tokens.iter().skip(position);
        let runs = runs.take_while(|token| token.run().is_some()).count();
        ((2 << runs) - 1) << position
    };
    let mut active: u64 = reach(0);
    for letter in letters {
        let (mut left, mut next) = (active, 0);
        while left != 0 {
            let position = left.trailing_zeros() as usize;
            left &= left - 1;
            match tokens.get(position) {
                Some(token) if token.takes(letter) => {
                    next |= reach(position + usize::from(token.run().is_none()));
                }
                _ => {}
            }
        }
        if next == 0 {
            return false;
        }
        active = next;
    }
    active >> tokens.len() == 1
}

/// The token positions a reader of a pattern may be at, ascending.
struct Positions(Vec<usize>);

impl Positions {
    fn start(tokens: &[Token]) -> Self {
        let mut positions = Self(Vec::new());
        positions.reach(tokens, 0);
        positions
    }

    /// Adds a position, and those behind it that need no character.
    fn reach(&mut self, tokens: &[Token], mut position: usize) {
        loop {
            if self.0.last().is_none_or(|last| *last < position) {
                self.0.push(position);
            } else if !self.0.contains(&position) {
                self.0.push(position);
                self.0.sort_unstable();
            }
            match tokens.get(position) {
                Some(Token::Many(_)) => position += 1,
                _ => return,
            }
        }
    }

    fn step(&mut self, tokens: &[Token], letter: char) {
        let old = std::mem::take(&mut self.0);
        for position in clear_covered(tokens, old) {
            match tokens.get(position) {
                Some(token) if token.takes(letter) && token.run().is_some() => {
                    self.reach(tokens, position);
                }
                Some(token) if token.takes(letter) => self.reach(tokens, position + 1),
                _ => {}
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn contains(&self, position: usize) -> bool {
        self.0.contains(&position)
    }
}

/// Drops positions before the last reached run of any characters: whatever matches from them
/// matches from that run too. Keeps matching linear in practice.
fn clear_covered(tokens: &[Token], mut positions: Vec<usize>) -> Vec<usize> {
    let is_star = |position: &usize| tokens.get(*position) == Some(&Token::Many(Class::Any));
    if let Some(index) = positions.iter().rposition(is_star) {
        positions.drain(..index);
    }
    positions
}

impl fmt::Display for Pattern {
    /// Wildcards as `*` and `?`, other classes in brackets, a run with a trailing `*`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tokens.iter().try_for_each(|token| match token {
            Token::Char(letter) | Token::AnyCase(letter) => write!(out, "{letter}"),
            Token::One(Class::Any) => write!(out, "?"),
            Token::Many(Class::Any) => write!(out, "*"),
            Token::One(class) => write!(out, "{class}"),
            Token::Many(class) => write!(out, "{class}*"),
        })
    }
}

impl fmt::Display for Class {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => out.write_str("?"),
            Self::Except(letter) => write!(out, "[^{letter}]"),
            Self::Digit => out.write_str("[0-9]"),
            Self::Hex => out.write_str("[0-9a-f]"),
            Self::LowerAlnum => out.write_str("[a-z0-9]"),
            Self::Alnum => out.write_str("[A-Za-z0-9]"),
            Self::Word => out.write_str("[A-Za-z0-9_+=,.@-]"),
            Self::Path => out.write_str("[A-Za-z0-9_+=,.@/-]"),
            Self::Host => out.write_str("[a-z0-9.-]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(glob: &str, accepted: &[&str], refused: &[&str]) {
        let pattern = Pattern::glob(glob);
        for text in accepted {
            assert!(
                pattern.accepts(text, Case::Sensitive),
                "{glob} accepts {text}"
            );
        }
        for text in refused {
            assert!(
                !pattern.accepts(text, Case::Sensitive),
                "{glob} refuses {text}"
            );
        }
    }

    #[test]
    fn wildcards() {
        check("", &[""], &["a"]);
        check("*", &["", "a", "a:b/c"], &[]);
        check("a?c", &["abc", "a*c"], &["ac", "abbc"]);
        check("*ab*ba*", &["abba", "xabxbax"], &["aba", "baab"]);
        check("a**b", &["ab", "axb"], &["a"]);
        check("?*?", &["ab", "abc"], &["", "a"]);
    }

    /// The same patterns with as much in front of them that positions are kept in a list.
    #[test]
    fn long_patterns_match_as_short_ones_do() {
        let front = "*-".repeat(40);
        for glob in ["", "*", "a?c", "*ab*ba*", "a**b", "?*?", "*a"] {
            for text in ["", "a", "ab", "aba", "abba", "xabxbax", "abc", "axb"] {
                let short = Pattern::glob(&format!("*-{glob}"));
                let long = Pattern::glob(&format!("{front}{glob}"));
                let of = |count| format!("{}{text}", "-".repeat(count));
                assert_eq!(
                    short.accepts(&of(1), Case::Sensitive),
                    long.accepts(&of(40), Case::Sensitive),
                    "{glob} on {text}"
                );
            }
        }
    }

    #[test]
    fn equal_languages_are_equal_patterns() {
        assert_eq!(Pattern::glob("a*?b"), Pattern::glob("a?*b"));
        assert_eq!(Pattern::glob("a***"), Pattern::glob("a*"));
    }

    #[test]
    fn runs_of_a_class_stay_in_their_segment() {
        let segment = Token::Many(Class::Except(':'));
        let pattern = Pattern::from_tokens(vec![segment, Token::Char(':'), segment]);
        assert!(pattern.accepts("a:b", Case::Sensitive));
        assert!(!pattern.accepts("a:b:c", Case::Sensitive));
        assert!(!pattern.accepts("ab", Case::Sensitive));
    }

    #[test]
    fn case_is_folded_for_letters_only() {
        let pattern = Pattern::glob("S3:Get*");
        assert!(pattern.accepts("s3:gETobject", Case::Insensitive));
        assert!(!pattern.accepts("s3:getobject", Case::Sensitive));
        assert_eq!(pattern.any_case().to_string(), "S3:Get*");
    }

    #[test]
    fn differing_ends_are_clearly_disjoint() {
        let clear = |a, b| Pattern::glob(a).clearly_disjoint(&Pattern::glob(b));
        assert!(clear("abc*", "abd*"));
        assert!(clear("*.csv", "*.txt"));
        assert!(clear("a?c*", "a?d*"));
        assert!(!clear("a*", "*b"));
        assert!(!clear("a?", "?b"));
        assert!(!clear("ab", "ab*"));
    }
}
