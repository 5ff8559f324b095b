//! From templates of the policy language to patterns of the problem, variables resolved.
//!
//! A variable whose key has one value becomes that text, literally; one whose key is open becomes
//! a relation between two attributes. Each way in which a variable can turn out is an alternative
//! under a guard.

use cofferdam_logic::{Attribute, Class, Formula, Part, Pattern, Token};
use cofferdam_names::ContextKey;
use cofferdam_policy::matching::{ResourceToken, resource_tokens};
use cofferdam_policy::operand::{self, Case, Operand, Template};
use cofferdam_policy::reading::Reading;

use super::slots::{Around, Slot};
use super::{Interval, Symbolic};

/// A template's part, with what its wildcards may stand for.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Tokens(Vec<Token>),
    Variable {
        key: ContextKey,
        default: Option<Box<str>>,
    },
}

/// One way in which a template's variables turn out: `None` if the template then matches nothing.
type Alternative = (Formula, Option<Vec<Part>>);

/// How many alternatives one template may have; each optional variable doubles them, and nobody
/// writes more than a few in one text.
const MAX_ALTERNATIVES: usize = 16;

impl Symbolic<'_, '_> {
    /// Whether a resource pattern accepts the hop's resource.
    pub(super) fn resource_matches(&mut self, slot: &Slot, template: &Template) -> Interval {
        self.any(resource_forms(template), |reading, pieces| {
            reading.matches_pieces(slot, &pieces, false)
        })
    }

    /// Whether a text slot is accepted by a text or ARN operand.
    pub(super) fn text_accepted(&mut self, slot: &Slot, operand: &Operand) -> Interval {
        match operand_pieces(operand) {
            Some(pieces) => self.matches_pieces(slot, &pieces, folds(operand)),
            None => self.known(false),
        }
    }

    /// A fixed value against an operand with variables.
    pub(super) fn value_against_variables(&mut self, value: &str, operand: &Operand) -> Interval {
        let slot = Slot::Values(vec![value.into()]);
        self.text_accepted(&slot, operand)
    }

    /// The pattern of an operand without variables.
    pub(super) fn fixed_pattern(&self, operand: &Operand) -> Option<Pattern> {
        let mut all = Vec::new();
        for piece in operand_pieces(operand)? {
            match piece {
                Piece::Tokens(tokens) => all.extend(tokens),
                Piece::Variable { .. } => return None,
            }
        }
        Some(Pattern::from_tokens(all))
    }

    /// `folds`: letter case is ignored, also in what variables stand for.
    pub(super) fn matches_pieces(
        &mut self,
        slot: &Slot,
        pieces: &[Piece],
        folds: bool,
    ) -> Interval {
        let Some(alternatives) = self.alternatives(pieces) else {
            return self.unknown("a policy variable has no known value");
        };
        self.any(alternatives, |reading, (guard, parts)| {
            let Some(parts) = parts else {
                return reading.known(false);
            };
            let guard = reading.exactly(guard);
            reading.both(guard, |reading| {
                let said = if folds {
                    reading.slot_is_folded(slot, parts)
                } else {
                    reading.slot_is(slot, &parts)
                };
                reading.and(guard, said)
            })
        })
    }

    /// Without regard to letter case. An open value that is put in is compared by the letter, which
    /// is certainly enough; otherwise it stays open.
    fn slot_is_folded(&mut self, slot: &Slot, mut parts: Vec<Part>) -> Interval {
        let mut open = false;
        for part in &mut parts {
            match part {
                Part::Pattern(pattern) => *pattern = pattern.any_case(),
                Part::Value(_) => open = true,
            }
        }
        let said = self.slot_is(slot, &parts);
        if !open {
            return said;
        }
        let unknown =
            self.unknown("a policy variable with an open value is compared without regard to case");
        self.or(said, unknown)
    }

    /// Every way in which the variables turn out; `None` if one of them is unknown.
    fn alternatives(&mut self, pieces: &[Piece]) -> Option<Vec<Alternative>> {
        let mut alternatives: Vec<Alternative> = vec![(Formula::TRUE, Some(Vec::new()))];
        for piece in pieces {
            let ways = match piece {
                Piece::Tokens(tokens) => vec![(Formula::TRUE, Some(part_of(tokens.clone())))],
                Piece::Variable { key, default } => self.variable(key, default.as_deref())?,
            };
            if alternatives.len() * ways.len() > MAX_ALTERNATIVES {
                return None;
            }
            alternatives = self.product(&alternatives, &ways);
        }
        Some(alternatives)
    }

    fn product(
        &mut self,
        left: &[Alternative],
        right: &[(Formula, Option<Part>)],
    ) -> Vec<Alternative> {
        let mut product = Vec::with_capacity(left.len() * right.len());
        for (guard, parts) in left {
            for (way, part) in right {
                let both = self.query.problem.all(&[*guard, *way]);
                let joined = parts.as_ref().zip(part.as_ref()).map(|(parts, part)| {
                    let mut parts = parts.clone();
                    parts.push(part.clone());
                    parts
                });
                product.push((both, joined));
            }
        }
        product
    }

    fn variable(
        &mut self,
        key: &ContextKey,
        default: Option<&str>,
    ) -> Option<Vec<(Formula, Option<Part>)>> {
        let missing = default.map(literal);
        let mut ways = Vec::new();
        for (guard, slot) in self.slots(key).iter() {
            match slot {
                Slot::Absent => ways.push((*guard, missing.clone())),
                Slot::Values(values) => match values.as_slice() {
                    [] => ways.push((*guard, missing.clone())),
                    [one] => ways.push((*guard, Some(literal(one)))),
                    _ => return None,
                },
                Slot::Text(present, attribute) => {
                    let value = Part::Value(*attribute);
                    ways.extend(self.open_ways(*guard, *present, value, &missing));
                }
                Slot::Part(present, attribute, around) => {
                    let value = Part::Value(self.part_itself(*attribute, *around));
                    ways.extend(self.open_ways(*guard, *present, value, &missing));
                }
                _ => return None,
            }
        }
        Some(ways)
    }

    fn open_ways(
        &mut self,
        guard: Formula,
        present: Formula,
        value: Part,
        missing: &Option<Part>,
    ) -> Vec<(Formula, Option<Part>)> {
        let problem = &mut self.query.problem;
        let there = problem.all(&[guard, present]);
        let not_there = problem.not(present);
        let absent = problem.all(&[guard, not_there]);
        let mut ways = vec![(there, Some(value))];
        if absent != Formula::FALSE {
            ways.push((absent, missing.clone()));
        }
        ways
    }

    /// A part of a longer text as an attribute of its own, tied to the whole.
    fn part_itself(&mut self, whole: Attribute, around: Around) -> Attribute {
        let split = self.query.parts.entry((whole, around)).or_default();
        if let Some(own) = split.own {
            return own;
        }
        let tests = split.tests.clone();
        let (before, stop, after) = around_of(around);
        let name = format!("{around:?} of {}", self.query.problem.name(whole));
        let some = vec![
            Token::One(Class::Except(stop)),
            Token::Many(Class::Except(stop)),
        ];
        let problem = &mut self.query.problem;
        let own = problem.text(
            &name,
            vec![Pattern::from_tokens(some)],
            cofferdam_logic::Case::Sensitive,
        );
        let after = after.chars().map(Token::Char);
        let rest: Vec<Token> = after.chain([Token::Many(Class::Any)]).collect();
        let parts = [part_of(before), Part::Value(own), part_of(rest)];
        let tied = problem.joined(whole, &parts);
        self.query.require(tied);
        for (pattern, test) in tests {
            self.alike(own, &pattern, test);
        }
        if let Some(split) = self.query.parts.get_mut(&(whole, around)) {
            split.own = Some(own);
        }
        own
    }

    /// A part and the whole pass a test alike: so the search need not cut texts up.
    fn alike(&mut self, own: Attribute, pattern: &Pattern, test: Formula) {
        let problem = &mut self.query.problem;
        let of_part = problem.matches(own, pattern);
        let same = problem.iff(of_part, test);
        self.query.require(same);
    }

    /// A test of a part, made on the whole text.
    pub(super) fn part_test(
        &mut self,
        whole: Attribute,
        around: Around,
        tokens: Vec<Token>,
    ) -> Formula {
        let (mut all, stop, after) = around_of(around);
        let tokens: Vec<Token> = tokens
            .into_iter()
            .map(|token| within(token, stop))
            .collect();
        let pattern = Pattern::from_tokens(tokens.clone());
        all.extend(tokens);
        all.extend(after.chars().map(Token::Char));
        all.push(Token::Many(Class::Any));
        let problem = &mut self.query.problem;
        let test = problem.matches(whole, &Pattern::from_tokens(all));
        let split = self.query.parts.entry((whole, around)).or_default();
        if split.tests.iter().any(|(known, _)| *known == pattern) {
            return test;
        }
        split.tests.push((pattern.clone(), test));
        if let Some(own) = split.own {
            self.alike(own, &pattern, test);
        }
        test
    }

    /// Whether the slot's text is the concatenation of the parts.
    fn slot_is(&mut self, slot: &Slot, parts: &[Part]) -> Interval {
        match slot {
            Slot::Text(_, attribute) => {
                let formula = self.query.problem.joined(*attribute, parts);
                self.exactly(formula)
            }
            Slot::Part(_, attribute, around) => self.part_is(*attribute, *around, parts),
            Slot::Texts(_, attribute) => match tokens_of(parts) {
                Some(tokens) => {
                    let formula = self
                        .query
                        .problem
                        .some(*attribute, &Pattern::from_tokens(tokens));
                    self.exactly(formula)
                }
                None => {
                    self.unknown("a policy variable is compared with a key of several open values")
                }
            },
            Slot::Values(values) => {
                self.any(values, |reading, value| reading.value_is(value, parts))
            }
            _ => self.unknown("a policy variable is compared with a key of another type"),
        }
    }

    fn part_is(&mut self, attribute: Attribute, around: Around, parts: &[Part]) -> Interval {
        let Some(tokens) = tokens_of(parts) else {
            return self.unknown("a policy variable is compared with a part of another name");
        };
        let formula = self.part_test(attribute, around, tokens);
        self.exactly(formula)
    }

    /// A fixed value against parts with at most one open variable, which it then fixes.
    fn value_is(&mut self, value: &str, parts: &[Part]) -> Interval {
        if let Some(tokens) = tokens_of(parts) {
            let accepts =
                Pattern::from_tokens(tokens).accepts(value, cofferdam_logic::Case::Sensitive);
            return self.known(accepts);
        }
        match fixed_by(value, parts) {
            Some((attribute, Some(middle))) => {
                let formula = self
                    .query
                    .problem
                    .matches(attribute, &Pattern::literal(&middle));
                self.exactly(formula)
            }
            Some((_, None)) => self.known(false),
            None => self.unknown("a policy variable stands beside wildcards in a fixed text"),
        }
    }
}

/// The patterns that a resource template stands for.
pub(super) fn resource_forms(template: &Template) -> Vec<Vec<Piece>> {
    resource_tokens(template)
        .into_iter()
        .map(|tokens| tokens.into_iter().map(resource_piece).collect())
        .collect()
}

/// What stands before a part, the character that ends it, and what follows.
fn around_of(around: Around) -> (Vec<Token>, char, &'static str) {
    match around {
        Around::AccountOfArn => (super::crowd::before_account(), ':', ":"),
        Around::HeadOfPath => (Vec::new(), '/', "/"),
    }
}

/// What the one open part of a concatenation must be for it to give the value; `None` if the other
/// parts are not plain text, inner `None` if nothing fits.
fn fixed_by(value: &str, parts: &[Part]) -> Option<(Attribute, Option<String>)> {
    let (mut before, mut after, mut open) = (String::new(), String::new(), None);
    for part in parts {
        match part {
            Part::Value(attribute) if open.is_none() => open = Some(*attribute),
            Part::Value(_) => return None,
            Part::Pattern(pattern) => {
                let text = pattern.as_literal()?;
                if open.is_none() {
                    before.push_str(&text)
                } else {
                    after.push_str(&text)
                }
            }
        }
    }
    let middle = value
        .strip_prefix(before.as_str())
        .and_then(|rest| rest.strip_suffix(after.as_str()));
    open.map(|attribute| (attribute, middle.map(str::to_owned)))
}

fn literal(text: &str) -> Part {
    Part::Pattern(Pattern::literal(text))
}

fn part_of(tokens: Vec<Token>) -> Part {
    Part::Pattern(Pattern::from_tokens(tokens))
}

fn tokens_of(parts: &[Part]) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    for part in parts {
        match part {
            Part::Pattern(pattern) => tokens.extend_from_slice(pattern.tokens()),
            Part::Value(_) => return None,
        }
    }
    Some(tokens)
}

/// A wildcard that must not cross a separator.
fn within(token: Token, stop: char) -> Token {
    match token {
        Token::One(Class::Any) => Token::One(Class::Except(stop)),
        Token::Many(Class::Any) => Token::Many(Class::Except(stop)),
        other => other,
    }
}

/// The ARNs that a text with `*` and `?` stands for; within the first five fields no sign stands
/// for a colon.
pub(super) fn resource_shape_of(text: &str) -> Pattern {
    let mut colons = 0;
    let token = |letter: char| {
        colons += usize::from(letter == ':');
        match letter {
            '*' => Token::Many(class(colons > 4)),
            '?' => Token::One(class(colons > 4)),
            other => Token::Char(other),
        }
    };
    let mut tokens: Vec<Token> = text.chars().map(token).collect();
    // An ARN without a resource names nothing.
    if text.splitn(6, ':').nth(5) == Some("*") {
        tokens.insert(tokens.len() - 1, Token::One(Class::Any));
    }
    Pattern::from_tokens(tokens)
}

fn class(colon: bool) -> Class {
    if colon {
        Class::Any
    } else {
        Class::Except(':')
    }
}

fn resource_piece(token: ResourceToken<'_>) -> Piece {
    match token {
        ResourceToken::Literal(text) => Piece::Tokens(text.chars().map(Token::Char).collect()),
        ResourceToken::One { colon } => Piece::Tokens(vec![Token::One(class(colon))]),
        ResourceToken::Many { colon } => Piece::Tokens(vec![Token::Many(class(colon))]),
        ResourceToken::Variable { key, default } => Piece::Variable {
            key: key.clone(),
            default: default.map(Into::into),
        },
    }
}

fn folds(operand: &Operand) -> bool {
    let insensitive = |case: &Case| *case == Case::Insensitive;
    matches!(operand, Operand::Text { case, .. } if insensitive(case))
}

fn operand_pieces(operand: &Operand) -> Option<Vec<Piece>> {
    match operand {
        Operand::Text { template, case } => Some(template_pieces(template, *case, Class::Any)),
        Operand::Arn(fields) => {
            let mut pieces = Vec::new();
            for (index, field) in fields.iter().enumerate() {
                if index > 0 {
                    pieces.push(Piece::Tokens(vec![Token::Char(':')]));
                }
                pieces.extend(template_pieces(field, Case::Sensitive, class(index == 5)));
            }
            Some(pieces)
        }
        _ => None,
    }
}

fn template_pieces(template: &Template, case: Case, wild: Class) -> Vec<Piece> {
    let letter = |letter: char| match case {
        Case::Insensitive if letter.is_ascii_alphabetic() => Token::AnyCase(letter),
        _ => Token::Char(letter),
    };
    let piece = |part: &operand::Part| match part {
        operand::Part::Literal(text) => Piece::Tokens(text.chars().map(letter).collect()),
        operand::Part::One => Piece::Tokens(vec![Token::One(wild)]),
        operand::Part::Many => Piece::Tokens(vec![Token::Many(wild)]),
        operand::Part::Variable { key, default } => Piece::Variable {
            key: key.clone(),
            default: default.clone(),
        },
    };
    template.parts.iter().map(piece).collect()
}
