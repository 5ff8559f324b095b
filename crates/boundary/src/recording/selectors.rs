//! Event selectors as formulas over the events of one action.
//!
//! Within one advanced selector all fields must hold; within a field no `Not…` value may match and,
//! if there is any other value, one of those must ("Filtering data events by using advanced event
//! selectors"). Selectors are alternatives, so one that cannot be read can only add.

use cofferdam_authz::symbolic::Interval;
use cofferdam_catalog::EventCategory;
use cofferdam_logic::{
    Attribute, Case, Certificate, Class, Formula, Limits, Model, Outcome, Pattern, Problem, Solver,
    Token,
};
use cofferdam_org::model::{AdvancedSelector, BasicSelector, FieldSelector, Selectors};

use super::{Arns, Events, Missed, Recorded};

/// How many values the selectors of one trail may have: CloudTrail's own limit ("Filtering data
/// events by using advanced event selectors"). More can only be a damaged source.
const VALUES_MAX: usize = 500;

/// What selectors record of these events.
pub(super) fn select(selectors: &Selectors, events: &Events) -> Recorded {
    if values(selectors) > VALUES_MAX {
        return Recorded::Unknown(format!("the selectors have more than {VALUES_MAX} values"));
    }
    match selectors {
        Selectors::Basic(list) if list.is_empty() => select_by_default(events),
        Selectors::Basic(list) => {
            Asking::new(events).answer(list, |asking, selector| asking.basic(selector))
        }
        Selectors::Advanced(list) => {
            Asking::new(events).answer(list, |asking, selector| asking.advanced(selector))
        }
    }
}

/// Why no event escapes selectors that record all of these events; else why that cannot be written.
pub(super) fn refutation(
    selectors: Option<&Selectors>,
    events: &Events,
) -> Result<Certificate, String> {
    let mut asking = Asking::new(events);
    let kept = match selectors {
        Some(Selectors::Advanced(list)) => asking.kept(list, Asking::advanced),
        Some(Selectors::Basic(list)) if !list.is_empty() => asking.kept(list, Asking::basic),
        _ => constant(events.category == EventCategory::Management),
    };
    let escapes = asking.problem.not(kept.must);
    let mut solver = Solver::new(&asking.problem, escapes, Limits::default());
    match solver.solve(&[]) {
        Outcome::Unsatisfiable(core) => solver
            .certificate(core.assumptions())
            .map_err(|reason| reason.to_string()),
        _ => Err("some event may escape the selectors".to_owned()),
    }
}

/// A trail without selectors keeps all management events and no data events ("Logging management
/// events").
pub(super) fn select_by_default(events: &Events) -> Recorded {
    match events.category {
        EventCategory::Management => Recorded::Yes,
        _ => Recorded::No("the trail selects no data events".to_owned()),
    }
}

fn values(selectors: &Selectors) -> usize {
    let of_field = |field: &FieldSelector| {
        let positive = field.equals.len() + field.starts_with.len() + field.ends_with.len();
        let negative = field.not_equals.len() + field.not_starts_with.len();
        positive + negative + field.not_ends_with.len()
    };
    match selectors {
        Selectors::Basic(list) => list
            .iter()
            .flat_map(|selector| &selector.data)
            .map(|(_, values)| values.len())
            .sum(),
        Selectors::Advanced(list) => list
            .iter()
            .flat_map(|selector| &selector.fields)
            .map(of_field)
            .sum(),
    }
}

/// The events as attributes of a problem.
struct Asking<'e> {
    events: &'e Events,
    problem: Problem,
    name: Attribute,
    resource: Option<Attribute>,
    identity: Attribute,
    console: Attribute,
    looks_at_identity: bool,
    unsettled: Option<String>,
}

impl<'e> Asking<'e> {
    fn new(events: &'e Events) -> Asking<'e> {
        let mut problem = Problem::new();
        let names = events.names.iter().map(ToString::to_string).collect();
        let name = problem.finite("eventName", names);
        let shape = events.resource.as_ref().map(shape);
        let resource =
            shape.map(|shape| problem.text("resources.ARN", vec![shape], Case::Sensitive));
        let identity = problem.text("userIdentity.arn", identities(), Case::Sensitive);
        let console = problem.finite(
            "sessionCredentialFromConsole",
            vec![String::new(), "true".to_owned()],
        );
        Asking {
            events,
            problem,
            name,
            resource,
            identity,
            console,
            looks_at_identity: false,
            unsettled: None,
        }
    }

    /// Asks whether some event escapes all selectors, and whether any is kept at all.
    fn answer<S>(mut self, list: &[S], each: fn(&mut Self, &S) -> Interval) -> Recorded {
        let Interval { must, may } = self.kept(list, each);
        let (escapes, may_escape) = (self.problem.not(may), self.problem.not(must));
        let missed = match self.solve(escapes, Self::missed) {
            Ok(missed) => missed,
            Err(why) => return Recorded::Unknown(why),
        };
        match (
            missed,
            self.solve(may, |_, _| ()),
            self.solve(may_escape, |_, _| ()),
        ) {
            (_, Err(why), _) | (_, _, Err(why)) => Recorded::Unknown(why),
            (_, Ok(None), _) => Recorded::No("no selector of the trail selects it".to_owned()),
            (Some(missed), ..) => Recorded::Partly(missed),
            (None, _, Ok(None)) => Recorded::Yes,
            (None, ..) => Recorded::Unknown(self.unsettled.unwrap_or_default()),
        }
    }

    /// That some selector keeps the event.
    fn kept<S>(&mut self, list: &[S], each: fn(&mut Self, &S) -> Interval) -> Interval {
        let kept: Vec<Interval> = list.iter().map(|selector| each(self, selector)).collect();
        self.any(&kept)
    }

    fn solve<T>(
        &self,
        goal: Formula,
        read: impl Fn(&Self, &Model<'_>) -> T,
    ) -> Result<Option<T>, String> {
        match Solver::new(&self.problem, goal, Limits::default()).solve(&[]) {
            Outcome::Satisfiable(model) => Ok(Some(read(self, &model))),
            Outcome::Unsatisfiable(_) => Ok(None),
            Outcome::Undecided(reason) => Err(reason.to_string()),
        }
    }

    fn missed(&self, model: &Model<'_>) -> Missed {
        let name = self.events.names.get(model.finite(self.name) as usize);
        let name = name.or(self.events.names.first());
        Missed {
            event: name.copied().unwrap_or_default().to_owned(),
            resource: self
                .resource
                .map(|attribute| model.text(attribute).to_owned()),
            by: self
                .looks_at_identity
                .then(|| model.text(self.identity).to_owned()),
        }
    }

    /// "Filtering data events by using basic event selectors", "EventSelector" of the API.
    fn basic(&mut self, selector: &BasicSelector) -> Interval {
        let kind = match &*selector.read_write {
            "All" => exactly(Formula::TRUE),
            "ReadOnly" => self.read_only_is(true),
            "WriteOnly" => self.read_only_is(false),
            other => self.unknown(format!(
                "`{other}` is not a kind of events that CloudTrail has"
            )),
        };
        let wanted = match self.events.category {
            EventCategory::Management => {
                let source = self.events.source;
                let left_out = selector
                    .excluded_sources
                    .iter()
                    .any(|other| &**other == source);
                constant(selector.management && !left_out)
            }
            _ => self.basic_resources(selector),
        };
        self.all(&[kind, wanted])
    }

    fn basic_resources(&mut self, selector: &BasicSelector) -> Interval {
        let kind = self.events.resource_type;
        let of_type = selector
            .data
            .iter()
            .filter(|(name, _)| Some(&**name) == kind);
        let values: Vec<&str> = of_type
            .flat_map(|(_, values)| values)
            .map(|v| &**v)
            .collect();
        let parts: Vec<Interval> = values.iter().map(|value| self.basic_value(value)).collect();
        self.any(&parts)
    }

    /// `arn:aws:s3` stands for everything of the service; of S3 a value is otherwise the beginning
    /// of an object's ARN, of Lambda and DynamoDB a whole ARN ("DataResource" of the API).
    fn basic_value(&mut self, value: &str) -> Interval {
        let whole_service = value.trim_end_matches(':').split(':').count() <= 3;
        let of_objects = self.events.resource_type == Some("AWS::S3::Object");
        if of_objects && !whole_service && !value.contains('/') {
            return self.unknown(format!(
                "`{value}` selects neither a bucket's objects nor all"
            ));
        }
        let pattern = if whole_service || of_objects {
            starting(value)
        } else {
            Pattern::literal(value)
        };
        self.resource_matches(&pattern)
    }

    fn advanced(&mut self, selector: &AdvancedSelector) -> Interval {
        let parts: Vec<Interval> = selector
            .fields
            .iter()
            .map(|field| self.field(field))
            .collect();
        self.all(&parts)
    }

    fn field(&mut self, field: &FieldSelector) -> Interval {
        let events = self.events;
        match &*field.field {
            "eventCategory" => constant(accepts(field, events.category.word())),
            "eventSource" => constant(accepts(field, events.source)),
            // Every API call, whatever else it is ("CloudTrail record contents").
            "eventType" => constant(accepts(field, "AwsApiCall")),
            "resources.type" => constant(
                events
                    .resource_type
                    .is_some_and(|name| accepts(field, name)),
            ),
            "readOnly" => self.read_only(field),
            "eventName" => self.among(self.name, &events.names, field),
            "sessionCredentialFromConsole" => self.among(self.console, &["", "true"], field),
            "resources.ARN" => match self.resource {
                Some(attribute) => self.text(attribute, field),
                None => constant(false),
            },
            "userIdentity.arn" => {
                self.looks_at_identity = true;
                self.text(self.identity, field)
            }
            other => self.unknown(format!("the selector field {other} is not known")),
        }
    }

    fn read_only(&mut self, field: &FieldSelector) -> Interval {
        match (accepts(field, "true"), accepts(field, "false")) {
            (read, write) if read == write => constant(read),
            (read, _) => self.read_only_is(read),
        }
    }

    fn read_only_is(&mut self, wanted: bool) -> Interval {
        match self.events.read_only {
            Some(read_only) => constant(read_only == wanted),
            None => self.unknown("whether the events count as read is not settled".to_owned()),
        }
    }

    fn among(&mut self, attribute: Attribute, values: &[&str], field: &FieldSelector) -> Interval {
        let kept = (0u32..)
            .zip(values)
            .filter(|(_, value)| accepts(field, value));
        exactly(self.problem.one_of(attribute, kept.map(|(index, _)| index)))
    }

    fn text(&mut self, attribute: Attribute, field: &FieldSelector) -> Interval {
        let wanted = patterns(&field.equals, &field.starts_with, &field.ends_with);
        let refused = patterns(
            &field.not_equals,
            &field.not_starts_with,
            &field.not_ends_with,
        );
        let problem = &mut self.problem;
        let mut any = |patterns: &[Pattern]| {
            let parts: Vec<Formula> = patterns
                .iter()
                .map(|pattern| problem.matches(attribute, pattern))
                .collect();
            problem.any(&parts)
        };
        let refused = any(&refused);
        let wanted = if wanted.is_empty() {
            Formula::TRUE
        } else {
            any(&wanted)
        };
        exactly(self.problem.all(&[wanted, !refused]))
    }

    fn resource_matches(&mut self, pattern: &Pattern) -> Interval {
        match self.resource {
            Some(attribute) => exactly(self.problem.matches(attribute, pattern)),
            None => constant(false),
        }
    }

    fn unknown(&mut self, why: String) -> Interval {
        self.unsettled.get_or_insert(why);
        Interval {
            must: Formula::FALSE,
            may: Formula::TRUE,
        }
    }

    fn all(&mut self, parts: &[Interval]) -> Interval {
        let (must, may) = halves(parts);
        Interval {
            must: self.problem.all(&must),
            may: self.problem.all(&may),
        }
    }

    fn any(&mut self, parts: &[Interval]) -> Interval {
        let (must, may) = halves(parts);
        Interval {
            must: self.problem.any(&must),
            may: self.problem.any(&may),
        }
    }
}

fn halves(parts: &[Interval]) -> (Vec<Formula>, Vec<Formula>) {
    parts.iter().map(|part| (part.must, part.may)).unzip()
}

fn exactly(formula: Formula) -> Interval {
    Interval {
        must: formula,
        may: formula,
    }
}

fn constant(value: bool) -> Interval {
    exactly(if value { Formula::TRUE } else { Formula::FALSE })
}

/// What an object, an index or a stream may be called.
fn shape(arns: &Arns) -> Pattern {
    match arns {
        Arns::Exactly(arn) => Pattern::literal(arn),
        Arns::Under(beginning) => {
            let mut tokens: Vec<Token> = beginning.chars().map(Token::Char).collect();
            tokens.extend([Token::One(Class::Any), Token::Many(Class::Any)]);
            Pattern::from_tokens(tokens).with_example(&format!("{beginning}example"))
        }
    }
}

/// Who signs: sessions of roles, users and roots.
fn identities() -> Vec<Pattern> {
    let of = |service: &str, kind: &str, names: usize, example: &str| {
        let mut tokens: Vec<Token> = format!("arn:aws:{service}::")
            .chars()
            .map(Token::Char)
            .collect();
        tokens.extend([Token::One(Class::Digit); ACCOUNT_DIGITS]);
        tokens.extend(kind.chars().map(Token::Char));
        for _ in 0..names {
            let name = [
                Token::Char('/'),
                Token::One(Class::Word),
                Token::Many(Class::Word),
            ];
            tokens.extend(name);
        }
        Pattern::from_tokens(tokens).with_example(&format!("arn:aws:{service}::{example}"))
    };
    vec![
        of(
            "sts",
            ":assumed-role",
            2,
            "111122223333:assumed-role/role/session",
        ),
        of("iam", ":user", 1, "111122223333:user/user"),
        of("iam", ":root", 0, "111122223333:root"),
    ]
}

/// How many digits an account id has.
const ACCOUNT_DIGITS: usize = 12;

fn starting(value: &str) -> Pattern {
    let letters = value.chars().map(Token::Char);
    Pattern::from_tokens(letters.chain([Token::Many(Class::Any)]).collect())
}

fn ending(value: &str) -> Pattern {
    let letters = value.chars().map(Token::Char);
    Pattern::from_tokens(
        [Token::Many(Class::Any)]
            .into_iter()
            .chain(letters)
            .collect(),
    )
}

fn patterns(equal: &[Box<str>], start: &[Box<str>], end: &[Box<str>]) -> Vec<Pattern> {
    let equal = equal.iter().map(|value| Pattern::literal(value));
    let start = start.iter().map(|value| starting(value));
    let end = end.iter().map(|value| ending(value));
    equal.chain(start).chain(end).collect()
}

/// Whether a field accepts one text.
fn accepts(field: &FieldSelector, text: &str) -> bool {
    let any = |equal: &[Box<str>], start: &[Box<str>], end: &[Box<str>]| {
        equal.iter().any(|value| &**value == text)
            || start.iter().any(|value| text.starts_with(&**value))
            || end.iter().any(|value| text.ends_with(&**value))
    };
    let positive = [&field.equals, &field.starts_with, &field.ends_with];
    let unasked = positive.iter().all(|values| values.is_empty());
    !any(
        &field.not_equals,
        &field.not_starts_with,
        &field.not_ends_with,
    ) && (unasked || any(&field.equals, &field.starts_with, &field.ends_with))
}
