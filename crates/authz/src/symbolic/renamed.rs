//! What is asked for through an access point, under its name there.
//!
//! The name in the bucket is the one attribute of the problem. The name at the access point follows
//! from it: another beginning, the same object key. A pattern over the second is therefore turned
//! into patterns over the first, by taking from it what the fixed beginning uses up; what is left
//! speaks of the key.

use cofferdam_logic::Token;
use cofferdam_policy::matching::Match;
use cofferdam_policy::operand::Template;
use cofferdam_policy::reading::Reading;

use super::pieces::{Piece, resource_forms};
use super::slots::Slot;
use super::{Interval, Symbolic, Wanted};
use crate::access_point::{UNREAD, Way, accepts_some};

/// Why a name at the access point cannot be told.
const NOT_TOLD: &str =
    "how an access point names what is asked for follows only for what is in its bucket";
/// Why a variable in the name of an access point is not followed.
const VARIABLE: &str = "a policy variable stands within the name of an access point";

impl Symbolic<'_, '_> {
    /// Whether a resource pattern accepts the hop's resource by its name at the access point.
    pub(super) fn renamed_matches(
        &mut self,
        slot: &Slot,
        template: &Template,
        way: &Way,
    ) -> Interval {
        let Some(objects) = way.objects() else {
            return match accepts_some(template) {
                Match::Yes => self.known(true),
                Match::No => self.known(false),
                Match::Unknown => self.unknown(UNREAD),
            };
        };
        match slot {
            Slot::Values(values) => {
                let renamed: Option<Vec<Box<str>>> = values
                    .iter()
                    .map(|value| way.renamed(value).map(String::into_boxed_str))
                    .collect();
                match renamed {
                    Some(values) => self.resource_matches(&Slot::Values(values), template),
                    None => self.unknown(NOT_TOLD),
                }
            }
            Slot::Text(..) if self.is_below(way) => {
                self.objects_match(slot, template, way, &objects)
            }
            _ => self.unknown(NOT_TOLD),
        }
    }

    /// Whether everything that the hop means is an object of the bucket.
    fn is_below(&self, way: &Way) -> bool {
        let objects = way.objects_of_bucket();
        self.state().is_some_and(|state| match &state.hop.wanted {
            Wanted::Under(beginning) => *beginning == objects,
            Wanted::Like(text) => text.starts_with(&objects) && !way.bucket.contains(['*', '?']),
            Wanted::Exactly(_) | Wanted::Anything => false,
        })
    }

    fn objects_match(
        &mut self,
        slot: &Slot,
        template: &Template,
        way: &Way,
        objects: &str,
    ) -> Interval {
        let own = Piece::Tokens(way.objects_of_bucket().chars().map(Token::Char).collect());
        self.any(resource_forms(template), |reading, form| {
            let Some(rests) = rests(form, objects) else {
                return reading.unknown(VARIABLE);
            };
            reading.any(rests, |reading, rest| {
                let pieces: Vec<Piece> = [own.clone()].into_iter().chain(rest).collect();
                reading.matches_pieces(slot, &pieces, false)
            })
        })
    }
}

/// What is left of a pattern after a text that it must begin with: one rest for each way in which
/// its wildcards can take part. `None` if a variable stands within.
fn rests(form: Vec<Piece>, beginning: &str) -> Option<Vec<Vec<Piece>>> {
    let steps = single(form);
    let mut places = vec![0];
    for letter in beginning.chars() {
        let mut next = Vec::new();
        for place in reach(&steps, &places)? {
            match steps.get(place) {
                Some(Piece::Tokens(tokens)) => {
                    next.extend(taken(tokens.first(), letter).map(|by| place + by));
                }
                Some(Piece::Variable { .. }) => return None,
                None => {}
            }
        }
        next.sort_unstable();
        next.dedup();
        places = next;
    }
    let rest = |place: usize| steps.iter().skip(place).cloned().collect();
    Some(places.into_iter().map(rest).collect())
}

/// One token a piece.
fn single(form: Vec<Piece>) -> Vec<Piece> {
    let each = form.into_iter().flat_map(|piece| match piece {
        Piece::Tokens(tokens) => tokens
            .into_iter()
            .map(|token| Piece::Tokens(vec![token]))
            .collect(),
        variable => vec![variable],
    });
    each.collect()
}

/// The places where a letter may be taken: runs may also be empty. `None` if a variable is among
/// them.
fn reach(steps: &[Piece], places: &[usize]) -> Option<Vec<usize>> {
    let mut reached = Vec::new();
    for place in places {
        let mut place = *place;
        loop {
            reached.push(place);
            match steps.get(place) {
                Some(Piece::Variable { .. }) => return None,
                Some(Piece::Tokens(tokens)) if matches!(tokens.as_slice(), [Token::Many(_)]) => {
                    place += 1;
                }
                _ => break,
            }
        }
    }
    reached.sort_unstable();
    reached.dedup();
    Some(reached)
}

/// How far a token moves by taking the letter; `None` if it cannot.
fn taken(token: Option<&Token>, letter: char) -> Option<usize> {
    match token? {
        Token::Char(own) => (*own == letter).then_some(1),
        Token::AnyCase(own) => own.eq_ignore_ascii_case(&letter).then_some(1),
        Token::One(class) => class.contains(letter).then_some(1),
        Token::Many(class) => class.contains(letter).then_some(0),
    }
}
