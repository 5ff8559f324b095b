//! One pattern against one text, without allocating.
//!
//! Tokens are asked for by number, so that a template with its variables resolved, and an ARN
//! completed with fields that were left out, need no copy of the pattern. Stars are retried from
//! where they last stood, never all of them at once, so that no pattern takes exponential time.

use crate::operand::Case;

/// The field of an ARN that holds the resource, counted from zero.
pub(crate) const LAST_FIELD: usize = 5;

/// A part with its variable resolved.
#[derive(Clone, Copy)]
pub(crate) enum Token<'t> {
    Text(&'t str),
    One,
    Many,
    /// The place of an unknown value: any text, wherever it stands.
    Any,
}

/// Where a match stands: the next token, the byte of the value, the field of the pattern.
#[derive(Clone, Copy)]
struct Place {
    token: usize,
    byte: usize,
    field: usize,
}

enum Step {
    Matched,
    Moved,
    Stuck,
}

/// A match in progress. Two stars are remembered: the last that may hold colons, and the last after
/// it that may not. Trying only these is complete, because a star that may hold anything makes
/// every earlier choice pointless, and so does, within its field, one that may not hold a colon.
pub(crate) struct Walk<'a, F> {
    value: &'a str,
    case: Case,
    by_field: bool,
    token: F,
    here: Place,
    crossing: Option<Place>,
    inner: Option<Place>,
}

impl<'a, 't, F: Fn(usize) -> Option<Token<'t>>> Walk<'a, F> {
    pub(crate) fn new(value: &'a str, case: Case, by_field: bool, token: F) -> Self {
        let here = Place {
            token: 0,
            byte: 0,
            field: 0,
        };
        Walk {
            value,
            case,
            by_field,
            token,
            here,
            crossing: None,
            inner: None,
        }
    }

    pub(crate) fn run(mut self) -> bool {
        loop {
            match self.step() {
                Step::Matched => return true,
                Step::Moved => {}
                Step::Stuck if self.retreat() => {}
                Step::Stuck => return false,
            }
        }
    }

    fn step(&mut self) -> Step {
        match (self.token)(self.here.token) {
            None if self.here.byte == self.value.len() => Step::Matched,
            None => Step::Stuck,
            Some(Token::Text(text)) => self.text(text),
            Some(Token::One) => self.one(),
            Some(Token::Many) => self.star(self.crosses()),
            Some(Token::Any) => self.star(true),
        }
    }

    fn text(&mut self, text: &str) -> Step {
        let end = self.here.byte + text.len();
        let matched = self
            .value
            .get(self.here.byte..end)
            .is_some_and(|found| self.case.equal(found, text));
        if !matched {
            return Step::Stuck;
        }
        let colons = if self.by_field {
            text.bytes().filter(|byte| *byte == b':').count()
        } else {
            0
        };
        self.here = Place {
            token: self.here.token + 1,
            byte: end,
            field: self.here.field + colons,
        };
        Step::Moved
    }

    fn one(&mut self) -> Step {
        match self.character(self.here.byte) {
            Some(':') if self.confined() => Step::Stuck,
            None => Step::Stuck,
            Some(sign) => {
                self.here.byte += sign.len_utf8();
                self.here.token += 1;
                Step::Moved
            }
        }
    }

    fn star(&mut self, crosses: bool) -> Step {
        self.here.token += 1;
        if !crosses {
            self.inner = Some(self.here);
            return Step::Moved;
        }
        if (self.token)(self.here.token).is_none() {
            return Step::Matched;
        }
        self.crossing = Some(self.here);
        self.inner = None;
        Step::Moved
    }

    /// Lets the last star hold one character more; false if no star can.
    fn retreat(&mut self) -> bool {
        let inner = self
            .inner
            .filter(|place| self.character(place.byte) != Some(':'));
        self.inner = inner.and_then(|place| self.longer(place));
        if let Some(next) = self.inner {
            self.here = next;
            return true;
        }
        let longer = self.crossing.and_then(|place| self.longer(place));
        self.crossing = longer;
        if let Some(next) = longer {
            self.here = next;
        }
        longer.is_some()
    }

    fn longer(&self, place: Place) -> Option<Place> {
        let sign = self.character(place.byte)?;
        Some(Place {
            byte: place.byte + sign.len_utf8(),
            ..place
        })
    }

    fn character(&self, byte: usize) -> Option<char> {
        self.value.get(byte..)?.chars().next()
    }

    /// Whether a wildcard here must stay within its field.
    fn confined(&self) -> bool {
        self.by_field && self.here.field < LAST_FIELD
    }

    fn crosses(&self) -> bool {
        !self.confined()
            || match (self.token)(self.here.token + 1) {
                None => true,
                Some(Token::Text(text)) => text.starts_with(':'),
                Some(_) => false,
            }
    }
}
