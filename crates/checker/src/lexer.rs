//! A line of a formula as words, numbers and quoted texts.

use crate::refused::Refused;

/// One piece of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    /// A bare word or number.
    Word(String),
    /// A quoted text, with the word written before the quote, if any.
    Quoted(String, String),
}

/// The pieces of one line, read from left to right.
pub struct Line {
    pieces: Vec<Piece>,
    next: usize,
}

impl Line {
    /// Cuts a line into pieces at single spaces.
    pub fn read(text: &str) -> Result<Self, Refused> {
        let mut pieces = Vec::new();
        let mut rest = text;
        loop {
            let (piece, after) = piece(rest)?;
            pieces.push(piece);
            match after.strip_prefix(' ') {
                Some(next) => rest = next,
                None if after.is_empty() => return Ok(Self { pieces, next: 0 }),
                None => return Err(Refused::new("a space is missing after a quote")),
            }
        }
    }

    /// The next piece without taking it.
    pub fn peek(&self) -> Option<&Piece> {
        self.pieces.get(self.next)
    }

    /// The next piece.
    pub fn take(&mut self) -> Option<Piece> {
        let piece = self.pieces.get(self.next).cloned();
        self.next += 1;
        piece
    }

    /// The next piece, which must be a bare word.
    pub fn word(&mut self) -> Result<String, Refused> {
        match self.take() {
            Some(Piece::Word(word)) => Ok(word),
            _ => Err(Refused::new("a word is missing")),
        }
    }

    /// The next piece, which must be a plain quoted text.
    pub fn text(&mut self) -> Result<String, Refused> {
        match self.take() {
            Some(Piece::Quoted(before, text)) if before.is_empty() => Ok(text),
            _ => Err(Refused::new("a quoted text is missing")),
        }
    }

    /// The next piece, which must be a number.
    pub fn number<T: std::str::FromStr>(&mut self) -> Result<T, Refused> {
        let word = self.word()?;
        let plain = word
            .trim_start_matches('-')
            .bytes()
            .all(|b| b.is_ascii_digit());
        let number = word.parse().ok().filter(|_| plain);
        number.ok_or_else(|| Refused::new(format!("'{word}' is not a number")))
    }

    /// Every number up to the end.
    pub fn numbers<T: std::str::FromStr>(&mut self) -> Result<Vec<T>, Refused> {
        let mut numbers = Vec::new();
        while !self.is_done() {
            numbers.push(self.number()?);
        }
        Ok(numbers)
    }

    /// Whether nothing is left.
    pub fn is_done(&self) -> bool {
        self.next >= self.pieces.len()
    }

    /// That nothing is left.
    pub fn end(&self) -> Result<(), Refused> {
        match self.is_done() {
            true => Ok(()),
            false => Err(Refused::new("something is left at the end of the line")),
        }
    }
}

fn piece(text: &str) -> Result<(Piece, &str), Refused> {
    let end = text.find([' ', '"']).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    match rest.strip_prefix('"') {
        Some(inside) => {
            let (text, rest) = quoted(inside)?;
            Ok((Piece::Quoted(word.to_owned(), text), rest))
        }
        None if word.is_empty() => Err(Refused::new("a piece is empty")),
        None => Ok((Piece::Word(word.to_owned()), rest)),
    }
}

/// What stands up to the closing quote, and what comes after it.
fn quoted(text: &str) -> Result<(String, &str), Refused> {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let mut letters = rest.chars();
        match letters.next() {
            None => return Err(Refused::new("a quote is not closed")),
            Some('"') => return Ok((out, letters.as_str())),
            Some('\\') => {
                let (letter, after) = escaped(letters.as_str())?;
                out.push(letter);
                rest = after;
            }
            Some(letter @ ' '..='~') => {
                out.push(letter);
                rest = letters.as_str();
            }
            Some(_) => return Err(Refused::new("a character must be written by its number")),
        }
    }
}

/// A character by its number, and what comes after it.
fn escaped(text: &str) -> Result<(char, &str), Refused> {
    let wrong = || Refused::new("a character's number is malformed");
    let inside = text.strip_prefix('{').ok_or_else(wrong)?;
    let (digits, after) = inside.split_once('}').ok_or_else(wrong)?;
    let plain = digits.bytes().all(|b| b.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, 16).ok().filter(|_| plain);
    let letter = code.and_then(char::from_u32).ok_or_else(wrong)?;
    Ok((letter, after))
}
