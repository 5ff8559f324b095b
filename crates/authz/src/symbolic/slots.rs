//! From what is known of a key to attributes of the problem.

use std::rc::Rc;

use cofferdam_logic::{
    Attribute, Case, Class, Comparison, Decimal, Formula, Network, Part, Pattern, Token,
};
use cofferdam_names::ContextKey;
use cofferdam_policy::matching::{Lookup, Match, operand_matches};
use cofferdam_policy::operand::{self, Operand};
use cofferdam_policy::reading::Reading;

use super::{Given, Interval, Query, Symbolic, Wanted};
use crate::concrete::operand_templates;
use crate::context;
use crate::term::{CallerPart, Domain, Open, PathPart, Shape, Term};

/// What a key, or a resource, is in the problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Not there.
    Absent,
    /// These values.
    Values(Vec<Box<str>>),
    /// Nobody can tell, with the reason.
    Unknown(Box<str>),
    /// A text, there if the formula holds.
    Text(Formula, Attribute),
    /// A part of a text between fixed beginnings and ends, there if the formula holds.
    Part(Formula, Attribute, Around),
    /// Several texts.
    Texts(Formula, Attribute),
    /// `true` or `false`.
    Bool(Formula, Attribute),
    /// A number.
    Number(Formula, Attribute),
    /// An instant in seconds since 1970.
    Instant(Formula, Attribute),
    /// An address.
    Address(Formula, Attribute),
}

/// Which part of a longer text a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Around {
    /// The account of an IAM ARN.
    AccountOfArn,
    /// The first segment of an organization path.
    HeadOfPath,
}

/// The values of a Boolean key, by their place in the finite attribute.
pub(super) const BOOLS: [&str; 2] = ["true", "false"];

impl<'a> Query<'a> {
    /// The slot of a hop's resource.
    pub(super) fn resource_slot(&mut self, hop: usize, wanted: &Wanted) -> Slot {
        match wanted {
            Wanted::Exactly(arn) => Slot::Values(vec![arn.as_str().into()]),
            Wanted::Under(prefix) => {
                let mut tokens: Vec<Token> = prefix.chars().map(Token::Char).collect();
                tokens.extend([Token::One(Class::Any), Token::Many(Class::Any)]);
                let example = format!("{prefix}2026/records.csv");
                let shape = Pattern::from_tokens(tokens).with_example(&example);
                let name = format!("resource {hop}");
                Slot::Text(
                    Formula::TRUE,
                    self.problem.text(&name, vec![shape], Case::Sensitive),
                )
            }
            Wanted::Anything => {
                let name = format!("resource {hop}");
                let attribute = self.problem.text(&name, any_resource(), Case::Sensitive);
                Slot::Text(Formula::TRUE, attribute)
            }
            Wanted::Like(text) => {
                let name = format!("resource {hop}");
                let shape = super::pieces::resource_shape_of(text);
                Slot::Text(
                    Formula::TRUE,
                    self.problem.text(&name, vec![shape], Case::Sensitive),
                )
            }
        }
    }

    fn flag_of(&mut self, name: &str, always: bool) -> Formula {
        if always {
            Formula::TRUE
        } else {
            self.problem.flag(&format!("{name} is present"))
        }
    }

    /// The slot of an open key; one for the whole path if it belongs to the session.
    fn open_slot(&mut self, hop: usize, open: &Open) -> Slot {
        let session = self.hops.get(hop).map_or(0, |state| state.hop.session);
        let name = match session {
            0 if open.shared => open.name.clone(),
            _ if open.shared => format!("{} of session {session}", open.name),
            _ => format!("{} {hop}", open.name),
        };
        let present = self.flag_of(&name, open.always);
        match open.domain {
            Domain::Text => Slot::Text(
                present,
                self.problem
                    .text(&name, vec![any_text("any")], Case::Sensitive),
            ),
            Domain::Shaped(shape) => {
                let attribute = self.problem.text(&name, shapes(shape), Case::Sensitive);
                self.keep_foreign(shape, attribute);
                Slot::Text(present, attribute)
            }
            Domain::Texts => Slot::Texts(
                present,
                self.problem.texts(&name, Vec::new(), Case::Sensitive),
            ),
            Domain::Bool => {
                let values = BOOLS.iter().map(ToString::to_string).collect();
                Slot::Bool(present, self.problem.finite(&name, values))
            }
            Domain::Number => Slot::Number(present, self.problem.number(&name)),
            Domain::Instant => {
                let near = Decimal::from_integer(WITNESS_INSTANT);
                Slot::Instant(present, self.problem.number_near(&name, near))
            }
            Domain::Address => Slot::Address(present, self.problem.address(&name)),
        }
    }

    /// An identifier of another organization is never one of ours.
    fn keep_foreign(&mut self, shape: Shape, attribute: Attribute) {
        let mut ours: Vec<Pattern> = Vec::new();
        let situations = self.hops.iter().map(|state| &state.hop);
        for hop in situations {
            for network in &hop.networks {
                if let context::Network::Endpoint(endpoint, _) = network {
                    match shape {
                        Shape::Endpoint => ours.push(Pattern::literal(&endpoint.id)),
                        Shape::Vpc => {
                            ours.extend(endpoint.vpc.present().map(|vpc| Pattern::literal(vpc)))
                        }
                        _ => {}
                    }
                }
            }
            if let Some(context::Point::Elsewhere(accounts)) = &hop.situation.point {
                ours.extend(accounts.iter().filter_map(|account| match shape {
                    Shape::PointAccount => Some(Pattern::literal(&account.to_string())),
                    Shape::PointArn => Some(Pattern::glob(&format!("arn:*:s3:*:{account}:*"))),
                    _ => None,
                }));
            }
            if let (Shape::Organization | Shape::OrganizationPath, Some(organization)) =
                (shape, hop.situation.organization)
            {
                let end = if shape == Shape::Organization {
                    ""
                } else {
                    "/*"
                };
                ours.push(Pattern::glob(&format!("{organization}{end}")));
            }
        }
        ours.sort();
        ours.dedup();
        for pattern in ours {
            let is_ours = self.problem.matches(attribute, &pattern);
            let is_foreign = self.problem.not(is_ours);
            self.require(is_foreign);
        }
    }

    fn foreign_path(&mut self) -> (Formula, Attribute) {
        let present = self
            .problem
            .flag("the caller's account is in another organization");
        let attribute = self.problem.text(
            "organization path of the caller",
            shapes(Shape::OrganizationPath),
            Case::Sensitive,
        );
        self.keep_foreign(Shape::OrganizationPath, attribute);
        (present, attribute)
    }
}

/// The instant that witnesses prefer: 2026-11-22T12:00:00Z, so that they look like today's.
const WITNESS_INSTANT: i64 = 1_795_348_800;

fn run(class: Class, count: usize) -> impl Iterator<Item = Token> {
    std::iter::repeat_n(Token::One(class), count)
}

fn shape(prefix: &str, rest: impl IntoIterator<Item = Token>, example: &str) -> Pattern {
    let tokens = prefix.chars().map(Token::Char).chain(rest).collect();
    Pattern::from_tokens(tokens).with_example(example)
}

fn any_text(example: &str) -> Pattern {
    Pattern::anything().with_example(example)
}

/// Shapes of identifiers. Each takes in at least every real one, so that no proof leaves one out,
/// and carries an example that witnesses prefer.
fn shapes(of: Shape) -> Vec<Pattern> {
    let id = |prefix: &str, length: usize, example: &str| {
        shape(prefix, run(Class::Hex, length), example)
    };
    match of {
        Shape::Account | Shape::PointAccount => {
            vec![shape("", run(Class::Digit, 12), "999988887777")]
        }
        Shape::Endpoint => vec![
            id("vpce-", 17, "vpce-0f0e1d2c3b4a59687"),
            id("vpce-", 8, "vpce-0f0e1d2c"),
            shape("vpce-", at_least(1), "vpce-1"),
        ],
        Shape::Vpc => vec![
            id("vpc-", 17, "vpc-0f0e1d2c3b4a59687"),
            id("vpc-", 8, "vpc-0f0e1d2c"),
            shape("vpc-", at_least(1), "vpc-1"),
        ],
        Shape::Organization | Shape::AnyOrganization => {
            vec![shape("o-", at_least(1), "o-f0reign123")]
        }
        Shape::OrganizationPath => {
            let tokens = at_least(1)
                .into_iter()
                .chain("/r-".chars().map(Token::Char))
                .chain(at_least(1))
                .chain([Token::Char('/'), Token::Many(Class::Any)]);
            vec![shape("o-", tokens, "o-f0reign123/r-f0r1/")]
        }
        Shape::Region => {
            let tokens = run(Class::LowerAlnum, 2)
                .chain([Token::Char('-'), Token::Many(Class::Host), Token::Char('-')])
                .chain(run(Class::Digit, 1));
            vec![shape("", tokens, "eu-west-1")]
        }
        Shape::Arn => {
            let field = || [Token::Char(':'), Token::Many(Class::Except(':'))];
            let tokens = [Token::Many(Class::Except(':'))]
                .into_iter()
                .chain([field(), field(), field()].into_iter().flatten())
                .chain([Token::Char(':'), Token::Many(Class::Any)]);
            vec![shape(
                "arn:aws",
                tokens,
                "arn:aws:s3:::somebody-elses-bucket",
            )]
        }
        Shape::PointArn => {
            let tokens = [Token::Many(Class::Except(':'))]
                .into_iter()
                .chain(":s3:".chars().map(Token::Char))
                .chain([Token::Many(Class::Except(':')), Token::Char(':')])
                .chain(run(Class::Digit, 12))
                .chain(":accesspoint/".chars().map(Token::Char))
                .chain([Token::One(Class::Any), Token::Many(Class::Any)]);
            vec![shape(
                "arn:aws",
                tokens,
                "arn:aws:s3:eu-west-1:999988887777:accesspoint/theirs",
            )]
        }
        Shape::UserId => vec![any_text("AROAEXAMPLEEXAMPLE123:session")],
        Shape::Word => vec![any_text("somebody")],
    }
}

/// ARNs of any resource, and `*`.
fn any_resource() -> Vec<Pattern> {
    let field = || [Token::Many(Class::Except(':')), Token::Char(':')];
    let tokens = [
        Token::Many(Class::Host),
        Token::Char(':'),
        Token::One(Class::LowerAlnum),
        Token::Many(Class::Except(':')),
        Token::Char(':'),
    ]
    .into_iter()
    .chain([field(), field()].into_iter().flatten())
    .chain([Token::One(Class::Any), Token::Many(Class::Any)]);
    vec![
        shape("arn:aws", tokens, "arn:aws:s3:::records/2026/a.csv"),
        Pattern::literal("*"),
    ]
}

/// At least so many lower-case letters and digits.
fn at_least(count: usize) -> Vec<Token> {
    run(Class::LowerAlnum, count)
        .chain([Token::Many(Class::LowerAlnum)])
        .collect()
}

impl Symbolic<'_, '_> {
    /// What a key is in this hop, by the cases on which it depends.
    pub(super) fn slots(&mut self, key: &ContextKey) -> Rc<Vec<(Formula, Slot)>> {
        if let Some(slots) = self.state().and_then(|state| state.slots.get(key)) {
            return Rc::clone(slots);
        }
        let slots = Rc::new(self.make_slots(key));
        if let Some(state) = self.query.hops.get_mut(self.hop) {
            state.slots.insert(key.clone(), Rc::clone(&slots));
        }
        slots
    }

    fn make_slots(&mut self, key: &ContextKey) -> Vec<(Formula, Slot)> {
        if let Some(slot) = self.given(key) {
            return vec![(Formula::TRUE, slot)];
        }
        let terms = self.terms_by_network(key);
        let mut slots = Vec::new();
        for (guard, term) in terms {
            match term {
                Term::ByAccount(cases) => {
                    for (account, term) in cases {
                        let of_account = self.caller_in(account);
                        let guard = self.query.problem.all(&[guard, of_account]);
                        let slot = self.slot(&term);
                        slots.push((guard, slot));
                    }
                }
                Term::OfCaller(CallerPart::Type) => {
                    for (is_kind, kind) in self.crowd_kinds() {
                        let guard = self.query.problem.all(&[guard, is_kind]);
                        slots.push((guard, Slot::Values(vec![kind.into()])));
                    }
                }
                Term::OfCaller(CallerPart::UserName) => {
                    let (is_user, slot) = self.user_name();
                    let problem = &mut self.query.problem;
                    slots.push((problem.all(&[guard, is_user]), slot));
                    let no_user = problem.not(is_user);
                    slots.push((problem.all(&[guard, no_user]), Slot::Absent));
                }
                term => slots.push((guard, self.slot(&term))),
            }
        }
        slots
    }

    /// That a crowd's caller is a user, and the name: what follows the last slash of its ARN.
    fn user_name(&mut self) -> (Formula, Slot) {
        let caller = self.crowd_attribute();
        let problem = &mut self.query.problem;
        let shape = Pattern::from_tokens(vec![Token::Many(Class::Word), Token::One(Class::Word)]);
        let shape = shape.with_example("outsider");
        let name = problem.text("aws:username", vec![shape], Case::Sensitive);
        let is_user = problem.matches(caller, &super::crowd::of_kind(":user/"));
        let mut ways = vec![problem.not(is_user)];
        for path in [&[][..], &[Token::Many(Class::Any), Token::Char('/')]] {
            let mut before = super::crowd::beginning(":user/");
            before.extend_from_slice(path);
            let parts = [
                Part::Pattern(Pattern::from_tokens(before)),
                Part::Value(name),
            ];
            ways.push(problem.joined(caller, &parts));
        }
        let named = problem.any(&ways);
        self.query.require(named);
        (is_user, Slot::Text(Formula::TRUE, name))
    }

    fn given(&mut self, key: &ContextKey) -> Option<Slot> {
        let state = self.state()?;
        let (_, given) = state.hop.given.iter().find(|(name, _)| name == key)?;
        Some(match given {
            Given::Value(value) => Slot::Values(vec![value.as_str().into()]),
            Given::Unknown(why) => Slot::Unknown((*why).into()),
            Given::ResourceOf(hop) => self.query.hops.get(*hop)?.resource.clone(),
            Given::KeyOf(hop, key) => {
                let cases = self.query.hops.get(*hop)?.slots.get(key)?;
                cases.first().map(|(_, slot)| slot.clone())?
            }
        })
    }

    /// The term of a key for each network, equal ones joined.
    fn terms_by_network(&mut self, key: &ContextKey) -> Vec<(Formula, Term)> {
        let Some(state) = self.query.hops.get(self.hop) else {
            return Vec::new();
        };
        let mut groups: Vec<(Term, Vec<u32>)> = Vec::new();
        let mut situation = state.hop.situation.clone();
        for (index, network) in (0u32..).zip(&state.hop.networks) {
            situation.network = network.clone();
            let term = context::term(key, &situation);
            match groups.iter_mut().find(|(known, _)| *known == term) {
                Some((_, members)) => members.push(index),
                None => groups.push((term, vec![index])),
            }
        }
        let (network, count) = (state.network, state.hop.networks.len());
        groups
            .into_iter()
            .map(|(term, members)| (self.query.member(network, members, count), term))
            .collect()
    }

    fn slot(&mut self, term: &Term) -> Slot {
        match term {
            Term::Absent | Term::ByAccount(_) => Slot::Absent,
            Term::OfCaller(CallerPart::Type | CallerPart::UserName) => Slot::Absent,
            Term::OfCaller(CallerPart::Service) => {
                Slot::Text(Formula::TRUE, self.service_attribute())
            }
            Term::Values(values) => Slot::Values(values.clone()),
            Term::Unknown(why) => Slot::Unknown(why.clone()),
            Term::Open(open) => self.query.open_slot(self.hop, open),
            Term::OfCaller(CallerPart::Arn) => Slot::Text(Formula::TRUE, self.crowd_attribute()),
            Term::OfCaller(CallerPart::Account) => {
                Slot::Part(Formula::TRUE, self.crowd_attribute(), Around::AccountOfArn)
            }
            Term::OfForeignPath(part) => {
                let (present, attribute) = self.query.foreign_path();
                match part {
                    PathPart::Path => Slot::Text(present, attribute),
                    PathPart::Organization => Slot::Part(present, attribute, Around::HeadOfPath),
                }
            }
        }
    }

    pub(super) fn slot_present(&mut self, slot: &Slot) -> Interval {
        match slot {
            Slot::Absent => self.known(false),
            Slot::Values(_) => self.known(true),
            Slot::Unknown(why) => self.unknown(why),
            other => {
                let formula = presence(other);
                self.exactly(formula)
            }
        }
    }

    pub(super) fn slot_has_value(&mut self, slot: &Slot) -> Interval {
        match slot {
            Slot::Values(values) => self.known(!values.is_empty()),
            Slot::Texts(present, attribute) => {
                let some = self.query.problem.some(*attribute, &Pattern::anything());
                let formula = self.query.problem.all(&[*present, some]);
                self.exactly(formula)
            }
            other => self.slot_present(other),
        }
    }

    /// Some value of the slot is accepted by some operand.
    pub(super) fn slot_some(&mut self, slot: &Slot, operands: &[Operand]) -> Interval {
        match slot {
            Slot::Absent => self.known(false),
            Slot::Unknown(why) => self.unknown(why),
            Slot::Values(values) => self.any(values, |reading, value| {
                reading.value_accepted(value, operands)
            }),
            other => {
                let present = self.exactly(presence(other));
                let accepted = self.any(operands, |reading, operand| {
                    reading.accepted(other, operand)
                });
                self.and(present, accepted)
            }
        }
    }

    /// Every value of the slot is accepted by some operand; true without a value.
    pub(super) fn slot_every(&mut self, slot: &Slot, operands: &[Operand]) -> Interval {
        match slot {
            Slot::Absent => self.known(true),
            Slot::Unknown(why) => self.unknown(why),
            Slot::Values(values) => self.all(values, |reading, value| {
                reading.value_accepted(value, operands)
            }),
            Slot::Texts(present, attribute) => self.texts_every(*present, *attribute, operands),
            single => {
                let some = self.slot_some(single, operands);
                let present = self.exactly(presence(single));
                let absent = self.not(present);
                self.or(absent, some)
            }
        }
    }

    /// All values under some operand. Operands with an open variable only bound the truth: a value
    /// that they alone may accept stays undecided.
    fn texts_every(
        &mut self,
        present: Formula,
        attribute: Attribute,
        operands: &[Operand],
    ) -> Interval {
        let matching: Vec<&Operand> = operands
            .iter()
            .filter(|operand| !matches!(operand, Operand::Nothing(_)))
            .collect();
        let patterns: Vec<Pattern> = matching
            .iter()
            .filter_map(|operand| self.fixed_pattern(operand))
            .collect();
        let absent = self.query.problem.not(present);
        let all = self.query.problem.every_of(attribute, &patterns);
        let must = self.query.problem.any(&[absent, all]);
        if patterns.len() == matching.len() {
            return self.exactly(must);
        }
        let unknown = self
            .unknown("ForAllValues with a policy variable over an open key is bounded, not solved");
        Interval {
            must,
            may: unknown.may,
        }
    }

    /// One fixed value against operands, whose variables may be open.
    fn value_accepted(&mut self, value: &str, operands: &[Operand]) -> Interval {
        self.any(operands, |reading, operand| {
            if operand_templates(operand)
                .iter()
                .any(cofferdam_policy::operand::Template::has_variable)
            {
                return reading.value_against_variables(value, operand);
            }
            match operand_matches(operand, value, &|_| Lookup::Unknown) {
                Match::Yes => reading.known(true),
                Match::No => reading.known(false),
                Match::Unknown => reading
                    .unknown("how a condition value compares with its key's value is not known"),
            }
        })
    }

    /// An open value against one operand.
    fn accepted(&mut self, slot: &Slot, operand: &Operand) -> Interval {
        match (slot, operand) {
            (_, Operand::Nothing(_)) => self.known(false),
            (_, Operand::Unclear(why)) => self.unknown(why),
            (
                Slot::Text(..) | Slot::Part(..) | Slot::Texts(..),
                Operand::Text { .. } | Operand::Arn(_),
            ) => self.text_accepted(slot, operand),
            (Slot::Text(..) | Slot::Part(..), Operand::Bool(_)) => {
                self.unknown("a key that holds text is compared as true or false")
            }
            (Slot::Bool(_, attribute), operand) => self.bool_accepted(*attribute, operand),
            (Slot::Number(_, attribute), Operand::Number(relation, number)) => {
                let value = Decimal::from_billionths(number.billionths);
                self.compared(*attribute, *relation, value)
            }
            (Slot::Instant(_, attribute), Operand::Instant(relation, milliseconds)) => {
                let value = Decimal::from_billionths(i128::from(*milliseconds) * 1_000_000);
                self.compared(*attribute, *relation, value)
            }
            (Slot::Instant(_, attribute), Operand::Number(relation, number)) => {
                let value = Decimal::from_billionths(number.billionths);
                self.compared(*attribute, *relation, value)
            }
            (Slot::Address(_, attribute), Operand::Address(network)) => {
                let Some(network) = Network::new(network.address, network.prefix) else {
                    return self.known(false);
                };
                let formula = self.query.problem.within(*attribute, &network);
                self.exactly(formula)
            }
            (Slot::Address(_, attribute), Operand::BareAddress(address)) => {
                self.bare_address(*attribute, std::net::IpAddr::V6(*address))
            }
            _ => self.unknown("a key is compared with an operator of another type"),
        }
    }

    /// Only the address itself is certain; another IPv6 address is not documented.
    fn bare_address(&mut self, attribute: Attribute, address: std::net::IpAddr) -> Interval {
        let problem = &mut self.query.problem;
        let must = Network::new(address, 128)
            .map_or(Formula::FALSE, |own| problem.within(attribute, &own));
        let every_v6 = Network::new(std::net::IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED), 0);
        let may = every_v6.map_or(Formula::TRUE, |all| problem.within(attribute, &all));
        let _ = self.unknown("a bare IPv6 address has no documented prefix");
        Interval { must, may }
    }

    fn bool_accepted(&mut self, attribute: Attribute, operand: &Operand) -> Interval {
        let (mut must, mut may) = (Vec::new(), Vec::new());
        for (index, value) in (0u32..).zip(BOOLS) {
            match operand_matches(operand, value, &|_| Lookup::Unknown) {
                Match::Yes => {
                    must.push(index);
                    may.push(index);
                }
                Match::Unknown => may.push(index),
                Match::No => {}
            }
        }
        let problem = &mut self.query.problem;
        Interval {
            must: problem.one_of(attribute, must),
            may: problem.one_of(attribute, may),
        }
    }

    fn compared(
        &mut self,
        attribute: Attribute,
        relation: operand::Comparison,
        value: Decimal,
    ) -> Interval {
        let relation = match relation {
            operand::Comparison::Equal => Comparison::Equal,
            operand::Comparison::Less => Comparison::Less,
            operand::Comparison::LessOrEqual => Comparison::LessOrEqual,
            operand::Comparison::Greater => Comparison::Greater,
            operand::Comparison::GreaterOrEqual => Comparison::GreaterOrEqual,
        };
        let formula = self.query.problem.compare(attribute, relation, value);
        self.exactly(formula)
    }
}

/// The formula that says whether a slot has a value.
pub(super) fn presence(slot: &Slot) -> Formula {
    match slot {
        Slot::Text(present, _)
        | Slot::Part(present, ..)
        | Slot::Texts(present, _)
        | Slot::Bool(present, _)
        | Slot::Number(present, _)
        | Slot::Instant(present, _)
        | Slot::Address(present, _) => *present,
        Slot::Values(_) => Formula::TRUE,
        Slot::Absent | Slot::Unknown(_) => Formula::FALSE,
    }
}
