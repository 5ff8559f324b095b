//! The question of a certificate, read from its text.
//!
//! Each line is checked while it is read: it may name only what stands above it, and nothing twice.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::lexer::{Line, Piece};
use crate::refused::Refused;

/// A literal: a node by number, negative if it is denied.
pub type Literal = i64;

/// Nodes of one question. Real ones have thousands.
const NODES: usize = 10_000_000;

/// Digits after the decimal point of a number.
const FRACTION: usize = 18;

/// A question.
#[derive(Debug, Default)]
pub struct Formula {
    /// Attributes by number.
    pub attributes: BTreeMap<u32, Attribute>,
    /// Nodes in order; the first has the number one.
    pub nodes: Vec<Node>,
    /// What must hold.
    pub demands: Vec<Literal>,
    /// What is taken to hold as well.
    pub assumptions: Vec<Literal>,
    patterns: BTreeMap<u32, Vec<Token>>,
}

/// An attribute: its name and the values it may have.
#[derive(Clone, Debug)]
pub struct Attribute {
    pub name: String,
    pub domain: Domain,
}

/// The values an attribute may have.
#[derive(Clone, Debug)]
pub enum Domain {
    /// One string in some shape; whether a concatenation disregards case; whether it is a set.
    Text {
        shapes: Vec<Vec<Token>>,
        folded: bool,
        many: bool,
    },
    Address,
    Number,
    Finite(Vec<String>),
}

/// A set of characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Class {
    Any,
    Except(char),
    /// Letters and digits by range, and further characters.
    Listed(&'static str),
}

/// A step of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Token {
    /// This character.
    Letter(char),
    /// This ASCII letter in either case.
    Fold(char),
    /// One character of the class.
    One(Class),
    /// Any number of characters of the class.
    Many(Class),
}

/// A piece of a concatenation.
#[derive(Clone, Debug)]
pub enum Part {
    Tokens(Vec<Token>),
    Value(u32),
}

/// How a number is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    Less,
    LessOrEqual,
    Equal,
}

/// What a node says.
#[derive(Clone, Debug)]
pub enum Node {
    True,
    Flag,
    Match(u32, Vec<Token>),
    Member(u32, Vec<usize>),
    /// The first and the last address of a block.
    Within(u32, IpAddr, IpAddr),
    /// In units of the last place.
    Compare(u32, Order, i128),
    Some(u32, Vec<Token>),
    /// Every element is in one of the patterns.
    Every(u32, Vec<Vec<Token>>),
    Joined(u32, Vec<Part>),
    All(Vec<Literal>),
}

/// Characters of the named classes: what stands in each, written out.
const CLASSES: [(&str, &str); 7] = [
    ("digit", "0123456789"),
    ("hex", "0123456789abcdef"),
    ("lower-alnum", "0123456789abcdefghijklmnopqrstuvwxyz"),
    (
        "alnum",
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    ),
    (
        "word",
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_+=,.@-",
    ),
    (
        "path",
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_+=,.@-/",
    ),
    ("host", "0123456789abcdefghijklmnopqrstuvwxyz.-"),
];

impl Class {
    /// Whether the character is a member.
    pub fn holds(self, letter: char) -> bool {
        match self {
            Class::Any => true,
            Class::Except(other) => letter != other,
            Class::Listed(letters) => letters.contains(letter),
        }
    }
}

impl Token {
    /// Whether the token may take the character.
    pub fn takes(self, letter: char) -> bool {
        match self {
            Token::Letter(own) => own == letter,
            Token::Fold(own) => own.eq_ignore_ascii_case(&letter),
            Token::One(class) | Token::Many(class) => class.holds(letter),
        }
    }
}

impl Node {
    /// The attribute that an atom is about.
    pub fn attribute(&self) -> Option<u32> {
        match self {
            Node::True | Node::Flag | Node::All(_) => None,
            Node::Match(a, _)
            | Node::Member(a, _)
            | Node::Within(a, ..)
            | Node::Compare(a, ..)
            | Node::Some(a, _)
            | Node::Every(a, _)
            | Node::Joined(a, _) => Some(*a),
        }
    }
}

impl Formula {
    /// Whether something is demanded that is false as it stands.
    pub fn is_plain(&self) -> bool {
        let is_false =
            |literal: &Literal| *literal < 0 && matches!(self.node(*literal), Some(Node::True));
        self.demands.iter().any(is_false)
    }

    /// The node of a literal.
    pub fn node(&self, literal: Literal) -> Option<&Node> {
        let place = usize::try_from(literal.unsigned_abs())
            .ok()?
            .checked_sub(1)?;
        self.nodes.get(place)
    }
}

/// Reads a question.
pub fn read(text: &str) -> Result<Formula, Refused> {
    let body = text
        .strip_prefix("formula 1\n")
        .and_then(|rest| rest.strip_suffix('\n'));
    let body = body.ok_or_else(|| Refused::new("this is no formula of version 1"))?;
    let mut formula = Formula::default();
    for (number, text) in (2..).zip(body.split('\n')) {
        let added = Line::read(text).and_then(|mut line| formula.add(&mut line));
        added.map_err(|refused| refused.at(&format!("line {number}")))?;
    }
    match formula.demands.is_empty() {
        true => Err(Refused::new("nothing is demanded")),
        false => Ok(formula),
    }
}

impl Formula {
    fn add(&mut self, line: &mut Line) -> Result<(), Refused> {
        match line.word()?.as_str() {
            "pattern" => self.pattern(line),
            "attribute" => self.attribute(line),
            "node" => self.add_node(line),
            "demand" => {
                let literal = self.known(line.number()?)?;
                self.demands.push(literal);
                line.end()
            }
            "assume" => {
                let literal = self.known(line.number()?)?;
                self.assumptions.push(literal);
                line.end()
            }
            other => Err(Refused::new(format!("'{other}' is unknown"))),
        }
    }

    fn pattern(&mut self, line: &mut Line) -> Result<(), Refused> {
        let id = line.number()?;
        let tokens = tokens(line)?;
        line.end()?;
        match self.patterns.insert(id, tokens) {
            Some(_) => Err(Refused::new(format!("pattern {id} is there twice"))),
            None => Ok(()),
        }
    }

    fn attribute(&mut self, line: &mut Line) -> Result<(), Refused> {
        let id: u32 = line.number()?;
        let name = line.text()?;
        let domain = match line.word()?.as_str() {
            kind @ ("text" | "texts") => self.text_domain(line, kind == "texts")?,
            "address" => Domain::Address,
            "number" => Domain::Number,
            "finite" => Domain::Finite(values(line)?),
            other => return Err(Refused::new(format!("'{other}' is no domain"))),
        };
        line.end()?;
        match self.attributes.insert(id, Attribute { name, domain }) {
            Some(_) => Err(Refused::new(format!("attribute {id} is there twice"))),
            None => Ok(()),
        }
    }

    fn text_domain(&mut self, line: &mut Line, many: bool) -> Result<Domain, Refused> {
        let folded = match line.word()?.as_str() {
            "sensitive" => false,
            "insensitive" => true,
            other => return Err(Refused::new(format!("'{other}' is no case"))),
        };
        let ids: Vec<u32> = line.numbers()?;
        let shapes: Result<Vec<Vec<Token>>, Refused> =
            ids.iter().map(|id| self.tokens(*id)).collect();
        Ok(Domain::Text {
            shapes: shapes?,
            folded,
            many,
        })
    }

    fn tokens(&self, id: u32) -> Result<Vec<Token>, Refused> {
        let known = self.patterns.get(&id).cloned();
        known.ok_or_else(|| Refused::new(format!("pattern {id} is missing")))
    }

    fn add_node(&mut self, line: &mut Line) -> Result<(), Refused> {
        let number: usize = line.number()?;
        if number != self.nodes.len() + 1 || number > NODES {
            return Err(Refused::new(format!("node {number} is out of order")));
        }
        let node = self.read_node(line)?;
        line.end()?;
        self.nodes.push(node);
        Ok(())
    }

    fn read_node(&self, line: &mut Line) -> Result<Node, Refused> {
        match line.word()?.as_str() {
            "true" => Ok(Node::True),
            "flag" => line.text().map(|_| Node::Flag),
            "all" => {
                let parts: Vec<Literal> = line.numbers()?;
                parts
                    .iter()
                    .try_for_each(|part| self.known(*part).map(drop))?;
                Ok(Node::All(parts))
            }
            "match" => Ok(Node::Match(
                self.of_text(line, false)?,
                self.tokens(line.number()?)?,
            )),
            "some" => Ok(Node::Some(
                self.of_text(line, true)?,
                self.tokens(line.number()?)?,
            )),
            "every" => {
                let a = self.of_text(line, true)?;
                let patterns: Vec<u32> = line.numbers()?;
                let patterns = patterns.into_iter().map(|number| self.tokens(number));
                Ok(Node::Every(a, patterns.collect::<Result<_, _>>()?))
            }
            "joined" => Ok(Node::Joined(self.of_text(line, false)?, self.parts(line)?)),
            "member" => self.member(line),
            "within" => {
                let a = self.of(line, |domain| matches!(domain, Domain::Address))?;
                let (first, last) = block(&line.word()?)?;
                Ok(Node::Within(a, first, last))
            }
            "compare" => {
                let a = self.of(line, |domain| matches!(domain, Domain::Number))?;
                Ok(Node::Compare(
                    a,
                    order(&line.word()?)?,
                    decimal(&line.word()?)?,
                ))
            }
            other => Err(Refused::new(format!("'{other}' is no node"))),
        }
    }

    fn member(&self, line: &mut Line) -> Result<Node, Refused> {
        let a = self.of(line, |domain| matches!(domain, Domain::Finite(_)))?;
        let members: Vec<usize> = line.numbers()?;
        let count = match self.attributes.get(&a).map(|attribute| &attribute.domain) {
            Some(Domain::Finite(values)) => values.len(),
            _ => 0,
        };
        match members.iter().all(|member| *member < count) {
            true => Ok(Node::Member(a, members)),
            false => Err(Refused::new("a member is no value of its attribute")),
        }
    }

    fn parts(&self, line: &mut Line) -> Result<Vec<Part>, Refused> {
        let mut parts = Vec::new();
        while !line.is_done() {
            if line.peek() == Some(&Piece::Word("value".to_owned())) {
                line.word()?;
                parts.push(Part::Value(self.of_text(line, false)?));
            } else {
                parts.push(Part::Tokens(token(line)?));
            }
        }
        Ok(parts)
    }

    fn of_text(&self, line: &mut Line, wanted: bool) -> Result<u32, Refused> {
        self.of(
            line,
            |domain| matches!(domain, Domain::Text { many, .. } if *many == wanted),
        )
    }

    fn of(&self, line: &mut Line, fits: impl Fn(&Domain) -> bool) -> Result<u32, Refused> {
        let id = line.number()?;
        match self.attributes.get(&id) {
            Some(attribute) if fits(&attribute.domain) => Ok(id),
            Some(_) => Err(Refused::new(format!("attribute {id} is of another kind"))),
            None => Err(Refused::new(format!("attribute {id} is missing"))),
        }
    }

    /// A literal of a node that stands above.
    fn known(&self, literal: Literal) -> Result<Literal, Refused> {
        match self.node(literal) {
            Some(_) => Ok(literal),
            None => Err(Refused::new(format!("node {literal} is missing"))),
        }
    }
}

fn values(line: &mut Line) -> Result<Vec<String>, Refused> {
    let mut values = Vec::new();
    while !line.is_done() {
        values.push(line.text()?);
    }
    Ok(values)
}

/// Tokens up to the end of the line.
fn tokens(line: &mut Line) -> Result<Vec<Token>, Refused> {
    let mut all = Vec::new();
    while !line.is_done() {
        all.extend(token(line)?);
    }
    Ok(all)
}

fn token(line: &mut Line) -> Result<Vec<Token>, Refused> {
    match line.take() {
        Some(Piece::Quoted(before, text)) if before.is_empty() => {
            Ok(text.chars().map(Token::Letter).collect())
        }
        Some(Piece::Quoted(before, text)) if before == "fold" => {
            Ok(vec![Token::Fold(single(&text)?)])
        }
        Some(Piece::Word(word)) if word == "one" => Ok(vec![Token::One(class(line)?)]),
        Some(Piece::Word(word)) if word == "many" => Ok(vec![Token::Many(class(line)?)]),
        _ => Err(Refused::new("this is no part of a pattern")),
    }
}

fn class(line: &mut Line) -> Result<Class, Refused> {
    match line.take() {
        Some(Piece::Word(word)) if word == "any" => Ok(Class::Any),
        Some(Piece::Word(word)) => {
            let listed = CLASSES.iter().find(|(name, _)| *name == word);
            let unknown = || Refused::new(format!("'{word}' is no class of characters"));
            listed
                .map(|(_, letters)| Class::Listed(letters))
                .ok_or_else(unknown)
        }
        Some(Piece::Quoted(before, text)) if before == "except" => {
            Ok(Class::Except(single(&text)?))
        }
        _ => Err(Refused::new("a class of characters is missing")),
    }
}

fn single(text: &str) -> Result<char, Refused> {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => Ok(letter),
        _ => Err(Refused::new("one character is wanted")),
    }
}

fn order(word: &str) -> Result<Order, Refused> {
    match word {
        "<" => Ok(Order::Less),
        "<=" => Ok(Order::LessOrEqual),
        "=" => Ok(Order::Equal),
        other => Err(Refused::new(format!("'{other}' is no comparison"))),
    }
}

/// First and last address of a block in the usual notation.
fn block(word: &str) -> Result<(IpAddr, IpAddr), Refused> {
    let wrong = || Refused::new(format!("'{word}' is no address block"));
    let (address, length) = word.split_once('/').ok_or_else(wrong)?;
    let length: u32 = length.parse().map_err(|_| wrong())?;
    let bounds = match address.parse().map_err(|_| wrong())? {
        IpAddr::V4(v4) => {
            let free = 32u32.checked_sub(length).ok_or_else(wrong)?;
            let host = u32::MAX.checked_shr(32 - free).unwrap_or(0);
            let first = u32::from(v4);
            (first & host == 0)
                .then(|| (IpAddr::V4(first.into()), IpAddr::V4((first | host).into())))
        }
        IpAddr::V6(v6) => {
            let free = 128u32.checked_sub(length).ok_or_else(wrong)?;
            let host = u128::MAX.checked_shr(128 - free).unwrap_or(0);
            let first = u128::from(v6);
            (first & host == 0)
                .then(|| (IpAddr::V6(first.into()), IpAddr::V6((first | host).into())))
        }
    };
    bounds.ok_or_else(wrong)
}

/// A decimal number in units of the last place.
fn decimal(word: &str) -> Result<i128, Refused> {
    let wrong = || Refused::new(format!("'{word}' is no number"));
    let (negative, digits) = match word.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, word),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = whole
        .bytes()
        .chain(fraction.bytes())
        .all(|b| b.is_ascii_digit());
    if whole.is_empty() || !plain || fraction.len() > FRACTION {
        return Err(wrong());
    }
    let sign = if negative { "-" } else { "" };
    format!("{sign}{whole}{fraction:0<FRACTION$}")
        .parse()
        .map_err(|_| wrong())
}
