//! Statements that speak of names which are known only later.
//!
//! Such a name holds a hole ([`cofferdam_names::deferred`]) and is a constant like any other: equal
//! to itself, and different from the rest. That is not the whole truth in two cases. A pattern that
//! somebody wrote may fit a part of the name's shape, so that the name may turn out to match; and a
//! pattern may itself hold a value that nobody can tell yet, and then may accept more than it seems.
//!
//! Both are made into what the language already knows: the statement is split in two. The first
//! matches only what matches however the names turn out. The second matches everything that might,
//! and is marked as not wholly understood, so that an Allow of it may match and a Deny of it may
//! not. Every reading of policies is sound for the pair without knowing of holes.

use cofferdam_names::deferred::{self, Piece};

use crate::ast::{
    ActionPattern, Actions, Condition, PrincipalPattern, Principals, Resources, Statement,
};
use crate::operand::{Case, Operand, Part, Template};

/// The names with holes that requests may be about.
#[derive(Clone, Debug, Default)]
pub struct Holes {
    names: Vec<Name>,
}

/// One name.
#[derive(Clone, Debug)]
struct Name {
    text: Box<str>,
    shape: Vec<Step>,
    /// Whether it may turn out to equal a name that is known.
    open: bool,
    /// The name with signs that no pattern spells out in place of its hole, where it is known how many
    /// there will be.
    counted: Option<Vec<Step>>,
    /// Whether names of other things go on behind it after a slash: objects of a bucket.
    goes_on: bool,
}

/// One step of a name: a sign, or a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Char(char),
    /// Any text without a colon: no part of a name that is told later holds one.
    Run,
}

/// What no hole holds.
const STOPS: &[char] = &[':'];

/// One step of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Char(char),
    One,
    Many,
}

impl Holes {
    /// The names among these that have holes.
    pub fn among<'t>(names: impl Iterator<Item = &'t str>) -> Holes {
        let with_hole = names.filter(|name| deferred::has_hole(name));
        Holes {
            names: with_hole.map(Name::of).collect(),
        }
    }

    /// Whether every name is known.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

impl Name {
    fn of(text: &str) -> Name {
        let pieces = deferred::pieces(text);
        let shape = pieces.iter().flat_map(|piece| match piece {
            Piece::Plain(plain) => plain.chars().map(Step::Char).collect(),
            Piece::Generated(_) | Piece::Open(_) => vec![Step::Run],
        });
        Name {
            text: text.into(),
            shape: shape.collect(),
            counted: counted(text, &pieces),
            open: pieces.iter().any(|piece| matches!(piece, Piece::Open(_))),
            goes_on: text
                .splitn(3, ':')
                .nth(2)
                .is_some_and(|rest| rest.starts_with("s3:")),
        }
    }

    /// Why a pattern's match with it is not known.
    fn why(&self) -> String {
        let hole = deferred::pieces(&self.text)
            .into_iter()
            .find_map(|piece| match piece {
                Piece::Plain(_) => None,
                Piece::Generated(hole) | Piece::Open(hole) => Some(deferred::of(hole)),
            });
        format!("{} is known only after apply", hole.unwrap_or_default())
    }
}

/// What Secrets Manager puts behind the name of a secret: six characters ("What's in a Secrets
/// Manager secret?").
const SECRET_SUFFIX: usize = 6;

/// A sign that no pattern spells out.
const NOBODYS_SIGN: char = '\u{1}';

fn counted(text: &str, pieces: &[Piece]) -> Option<Vec<Step>> {
    let [Piece::Plain(before), Piece::Generated(_)] = pieces else {
        return None;
    };
    let secret = text.split(':').nth(2) == Some("secretsmanager");
    let suffix = std::iter::repeat_n(Step::Char(NOBODYS_SIGN), SECRET_SUFFIX);
    secret.then(|| before.chars().map(Step::Char).chain(suffix).collect())
}

/// What a list of patterns accepts: certainly, and at most.
struct Bounds<T> {
    certain: Vec<T>,
    possible: Vec<T>,
}

/// The statement, or its two parts if what it matches hangs on names that are known only later.
pub(crate) fn split(mut statement: Statement, holes: &Holes) -> Vec<Statement> {
    if holes.is_empty() && is_plain(&statement) {
        return vec![statement];
    }
    principals(&mut statement.principals);
    let mut why = None;
    let (mut certain, mut possible) = (statement.clone(), statement);
    actions(&mut certain.actions, &mut possible.actions, &mut why);
    resources(
        &mut certain.resources,
        &mut possible.resources,
        holes,
        &mut why,
    );
    let conditions = certain.conditions.iter_mut().zip(&mut possible.conditions);
    for (certain, possible) in conditions {
        condition(certain, possible, holes, &mut why);
    }
    let Some(why) = why else {
        return vec![certain];
    };
    if possible.unreadable.is_none() {
        possible.unreadable = Some(why.into());
        return vec![certain, possible];
    }
    vec![possible]
}

/// Whether no part of a statement has a hole, as almost none has.
fn is_plain(statement: &Statement) -> bool {
    let principals = match &statement.principals {
        Principals::NotGiven => &[][..],
        Principals::Only(patterns) | Principals::Except(patterns) => patterns,
    };
    let (Actions::Only(actions) | Actions::Except(actions)) = &statement.actions;
    let resources = match &statement.resources {
        Resources::NotGiven => &[][..],
        Resources::Only(templates) | Resources::Except(templates) => templates,
    };
    let operands = statement.conditions.iter().flat_map(|one| &one.operands);
    principals
        .iter()
        .all(|one| principal_text(one).is_none_or(plain))
        && actions.iter().all(|one| match one {
            ActionPattern::Every => true,
            ActionPattern::Of { service, name } => plain(service) && plain(name),
            ActionPattern::Nothing(text) => plain(text),
        })
        && resources.iter().all(plain_template)
        && operands.into_iter().all(|one| match one {
            Operand::Text { template, .. } => plain_template(template),
            Operand::Arn(fields) => fields.iter().all(plain_template),
            Operand::Nothing(text) => plain(text),
            _ => true,
        })
}

fn plain(text: &str) -> bool {
    !deferred::has_hole(text)
}

fn plain_template(template: &Template) -> bool {
    template.parts.iter().all(|part| match part {
        Part::Literal(text) => plain(text),
        _ => true,
    })
}

/// The text of a principal that a source may not know.
fn principal_text(pattern: &PrincipalPattern) -> Option<&str> {
    match pattern {
        PrincipalPattern::Arn(arn) => Some(arn.as_str()),
        PrincipalPattern::Service(text)
        | PrincipalPattern::Federated(text)
        | PrincipalPattern::UniqueId(text)
        | PrincipalPattern::CanonicalUser(text) => Some(text),
        _ => None,
    }
}

/// A principal that is not known may be anybody, and is certainly the one of its own name.
fn principals(principals: &mut Principals) {
    let (Principals::Only(patterns) | Principals::Except(patterns)) = principals else {
        return;
    };
    let mut doubts = Vec::new();
    for pattern in patterns.iter() {
        let Some(text) = principal_text(pattern) else {
            continue;
        };
        if is_open(text) {
            doubts.push(PrincipalPattern::Unreadable(deferred::shown(text).into()));
        }
    }
    patterns.extend(doubts);
}

fn is_open(text: &str) -> bool {
    deferred::has_hole(text)
        && deferred::pieces(text)
            .iter()
            .any(|piece| matches!(piece, Piece::Open(_)))
}

fn note(why: &mut Option<String>, reason: String) {
    why.get_or_insert(reason);
}

fn actions(certain: &mut Actions, possible: &mut Actions, why: &mut Option<String>) {
    let (Actions::Only(patterns) | Actions::Except(patterns)) = &*certain;
    let widened: Vec<ActionPattern> = patterns.iter().map(|one| action(one, why)).collect();
    match (certain, possible) {
        (_, Actions::Only(possible)) => *possible = widened,
        (Actions::Except(certain), _) => *certain = widened,
        _ => {}
    }
}

fn action(pattern: &ActionPattern, why: &mut Option<String>) -> ActionPattern {
    match pattern {
        ActionPattern::Nothing(text) if is_open(text) => {
            note(why, later(text));
            ActionPattern::Every
        }
        ActionPattern::Of { service, name } if is_open(name) || is_open(service) => {
            note(why, later(name));
            match is_open(service) {
                true => ActionPattern::Every,
                false => ActionPattern::Of {
                    service: service.clone(),
                    name: "*".into(),
                },
            }
        }
        other => other.clone(),
    }
}

/// The first open hole of a text, in words.
fn later(text: &str) -> String {
    let open = deferred::pieces(text)
        .into_iter()
        .find_map(|piece| match piece {
            Piece::Open(hole) => Some(deferred::of(hole)),
            _ => None,
        });
    format!("{} is known only after apply", open.unwrap_or_default())
}

fn resources(
    certain: &mut Resources,
    possible: &mut Resources,
    holes: &Holes,
    why: &mut Option<String>,
) {
    let (Resources::Only(patterns) | Resources::Except(patterns)) = &*certain else {
        return;
    };
    let mut bounds = Bounds {
        certain: patterns.clone(),
        possible: Vec::with_capacity(patterns.len()),
    };
    for template in patterns {
        bounds.possible.push(widened(template, why));
        bounds.possible.extend(fitting(template, holes, why));
    }
    bounds
        .certain
        .retain(|template| !counts_signs(template, holes));
    for template in patterns {
        let counting = counting(template, holes, why);
        bounds.certain.extend(counting.iter().cloned());
        bounds.possible.extend(counting);
    }
    match (certain, possible) {
        (Resources::Only(certain), Resources::Only(possible)) => {
            (*certain, *possible) = (bounds.certain, bounds.possible);
        }
        (Resources::Except(certain), Resources::Except(possible)) => {
            (*certain, *possible) = (bounds.possible, bounds.certain);
        }
        _ => {}
    }
}

fn condition(
    certain: &mut Condition,
    possible: &mut Condition,
    holes: &Holes,
    why: &mut Option<String>,
) {
    let mut all = Vec::with_capacity(certain.operands.len());
    let narrow = |operand: &Operand| match operand {
        Operand::Text { template, .. } => !counts_signs(template, holes),
        Operand::Arn(fields) => !counts_signs(&joined(fields), holes),
        _ => true,
    };
    let mut certainly: Vec<Operand> = certain
        .operands
        .iter()
        .filter(|one| narrow(one))
        .cloned()
        .collect();
    for operand in &certain.operands {
        all.push(widened_operand(operand, why));
        all.extend(fitting_operands(operand, holes, why));
    }
    for operand in &certain.operands {
        let counting = counting_operands(operand, holes, why);
        certainly.extend(counting.iter().cloned());
        all.extend(counting);
    }
    if certain.operator.negated {
        (certain.operands, possible.operands) = (all, certainly);
    } else {
        (certain.operands, possible.operands) = (certainly, all);
    }
}

/// The template with `*` in place of every open hole.
fn widened(template: &Template, why: &mut Option<String>) -> Template {
    let mut parts: Vec<Part> = Vec::with_capacity(template.parts.len());
    for part in &template.parts {
        match part {
            Part::Literal(text) if is_open(text) => {
                note(why, later(text));
                parts.extend(deferred::pieces(text).into_iter().map(|piece| match piece {
                    Piece::Plain(text) | Piece::Generated(text) => Part::Literal(text.into()),
                    Piece::Open(_) => Part::Many,
                }));
            }
            other => parts.push(other.clone()),
        }
    }
    Template { parts }
}

fn widened_operand(operand: &Operand, why: &mut Option<String>) -> Operand {
    match operand {
        Operand::Text { template, case } => Operand::Text {
            template: widened(template, why),
            case: *case,
        },
        Operand::Arn(fields) => {
            let mut fields = fields.clone();
            for field in fields.iter_mut() {
                *field = widened(field, why);
            }
            Operand::Arn(fields)
        }
        Operand::Nothing(text) if is_open(text) => {
            let parts = vec![Part::Literal(text.clone())];
            Operand::Text {
                template: widened(&Template { parts }, why),
                case: Case::Sensitive,
            }
        }
        other => other.clone(),
    }
}

/// The names that a template certainly accepts because it asks for as many signs as they will have.
fn counting(template: &Template, holes: &Holes, why: &mut Option<String>) -> Vec<Template> {
    if holes.is_empty() {
        return Vec::new();
    }
    let signs = signs(template);
    let counts = |name: &&Name| {
        let steps = name.counted.as_ref();
        has_one(&signs) && steps.is_some_and(|steps| meet(&signs, steps))
    };
    let found = holes.names.iter().filter(counts).map(|name| {
        note(why, name.why());
        Template {
            parts: vec![Part::Literal(name.text.clone())],
        }
    });
    found.collect()
}

/// Whether a template may accept a name by the number of its signs, which nobody knows: the hole has
/// another number of them.
fn counts_signs(template: &Template, holes: &Holes) -> bool {
    let signs = signs(template);
    has_one(&signs)
        && holes
            .names
            .iter()
            .any(|name| may_fit(&signs, name).is_some())
}

/// Patterns of the names that a template may turn out to accept.
fn fitting(template: &Template, holes: &Holes, why: &mut Option<String>) -> Vec<Template> {
    if holes.is_empty() {
        return Vec::new();
    }
    let signs = signs(template);
    let mut found = Vec::new();
    for name in &holes.names {
        if let Some(rest) = may_fit(&signs, name) {
            note(why, name.why());
            let mut parts = vec![Part::Literal(name.text.clone()), Part::Many];
            parts.extend(rest);
            found.push(Template { parts });
        }
    }
    found
}

fn fitting_operands(operand: &Operand, holes: &Holes, why: &mut Option<String>) -> Vec<Operand> {
    of_text(operand, |template| fitting(template, holes, why))
}

fn counting_operands(operand: &Operand, holes: &Holes, why: &mut Option<String>) -> Vec<Operand> {
    of_text(operand, |template| counting(template, holes, why))
}

/// Operands that come of the template of one; none of operands of other types.
fn of_text(operand: &Operand, make: impl FnOnce(&Template) -> Vec<Template>) -> Vec<Operand> {
    let (templates, case) = match operand {
        Operand::Text { template, case } => (make(template), *case),
        Operand::Arn(fields) => (make(&joined(fields)), Case::Sensitive),
        _ => return Vec::new(),
    };
    let made = templates.into_iter();
    made.map(|template| Operand::Text { template, case })
        .collect()
}

/// Six fields as one template.
fn joined(fields: &[Template; 6]) -> Template {
    let mut parts = Vec::new();
    for (place, field) in fields.iter().enumerate() {
        if place > 0 {
            parts.push(Part::Literal(":".into()));
        }
        parts.extend(field.parts.iter().cloned());
    }
    Template { parts }
}

fn signs(template: &Template) -> Vec<Sign> {
    let mut signs = Vec::new();
    for part in &template.parts {
        match part {
            Part::Literal(text) => signs.extend(deferred::pieces(text).into_iter().flat_map(
                |piece| match piece {
                    Piece::Plain(text) | Piece::Generated(text) => {
                        text.chars().map(Sign::Char).collect()
                    }
                    Piece::Open(_) => vec![Sign::Many],
                },
            )),
            Part::One => signs.push(Sign::One),
            Part::Many | Part::Variable { .. } => signs.push(Sign::Many),
        }
    }
    signs
}

/// What follows the name in a pattern that may or may not accept it; nothing if it certainly does,
/// or certainly does not.
fn may_fit(signs: &[Sign], name: &Name) -> Option<Vec<Part>> {
    let end = match name.goes_on {
        true => signs.iter().position(|sign| *sign == Sign::Char('/')),
        false => None,
    };
    let (head, rest) = signs.split_at_checked(end.unwrap_or(signs.len()))?;
    let wild = head.iter().any(|sign| !matches!(sign, Sign::Char(_)));
    let text: Vec<Step> = name.text.chars().map(Step::Char).collect();
    let counts = name.counted.as_ref();
    if counts.is_some_and(|steps| meet(head, steps)) {
        return None;
    }
    if !wild && !name.open || meet(head, &text) && !has_one(head) || !meet(head, &name.shape) {
        return None;
    }
    Some(rest.iter().map(part).collect())
}

/// `?` stands for one sign, and a hole for any number of them.
fn has_one(signs: &[Sign]) -> bool {
    signs.contains(&Sign::One)
}

fn part(sign: &Sign) -> Part {
    match sign {
        Sign::Char(letter) => Part::Literal(letter.to_string().into()),
        Sign::One => Part::One,
        Sign::Many => Part::Many,
    }
}

/// Whether some text is accepted by a pattern and is of a name's shape; upper and lower case are
/// taken as equal.
fn meet(pattern: &[Sign], shape: &[Step]) -> bool {
    let mut reached = vec![false; shape.len() + 1];
    set(&mut reached, 0, true);
    for at in 0..=pattern.len() {
        let mut next = vec![false; shape.len() + 1];
        for place in 0..=shape.len() {
            if reached.get(place).copied().unwrap_or(false) {
                let (stay, go) = moves(pattern.get(at), shape.get(place));
                set(&mut reached, place + 1, stay);
                set(&mut next, place, go == Some(Go::Along));
                set(&mut next, place + 1, go == Some(Go::Both));
            }
        }
        if at == pattern.len() {
            return reached.last().copied().unwrap_or(false);
        }
        reached = next;
    }
    false
}

fn set(places: &mut [bool], at: usize, on: bool) {
    if let Some(place) = places.get_mut(at).filter(|_| on) {
        *place = true;
    }
}

/// How the next sign of the pattern is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Go {
    /// The shape stays where it is.
    Along,
    /// The shape goes on too.
    Both,
}

/// Whether the shape goes on while the pattern stays, and how the pattern goes on.
fn moves(sign: Option<&Sign>, step: Option<&Step>) -> (bool, Option<Go>) {
    let stay = matches!(
        (sign, step),
        (_, Some(Step::Run)) | (Some(Sign::Many), Some(_))
    );
    let go = match (sign, step) {
        (Some(Sign::Many), _) => Some(Go::Along),
        (Some(Sign::One), Some(Step::Run)) => Some(Go::Along),
        (Some(Sign::Char(letter)), Some(Step::Run)) => {
            (!STOPS.contains(letter)).then_some(Go::Along)
        }
        (Some(Sign::One), Some(Step::Char(_))) => Some(Go::Both),
        (Some(Sign::Char(one)), Some(Step::Char(other))) => {
            one.eq_ignore_ascii_case(other).then_some(Go::Both)
        }
        _ => None,
    };
    (stay, go)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Signs;

    fn pattern(text: &str) -> Vec<Sign> {
        let both = Signs {
            wildcards: true,
            variables: true,
        };
        signs(&Template::parse(text, both).expect("a template"))
    }

    /// Whether a pattern's match with a name is in doubt.
    #[track_caller]
    fn check(text: &str, name: &str, expected: bool) {
        let found = may_fit(&pattern(text), &Name::of(name)).is_some();
        assert_eq!(found, expected, "{text} against {name}");
    }

    #[test]
    fn two_patterns_meet_if_some_text_fits_both() {
        for (one, other, expected) in [
            ("a*c", "*b*", true),
            ("a*c", "b*", false),
            ("*", "", true),
            ("?", "", false),
            ("a?c", "a*", true),
            ("*x", "*y", false),
            ("ab", "ab", true),
            ("a:b", "a*b", false),
            ("a*b", "a:b", true),
            ("a?", "a*", true),
        ] {
            let shape = other.chars().map(|sign| match sign {
                '*' => Step::Run,
                sign => Step::Char(sign),
            });
            let shape: Vec<Step> = shape.collect();
            assert_eq!(meet(&pattern(one), &shape), expected, "{one} and {other}");
        }
    }

    #[test]
    fn a_pattern_of_the_whole_shape_matches_and_one_of_none_does_not() {
        let key = format!(
            "arn:aws:kms:eu-west-1:111122223333:key/{}",
            deferred::generated("k")
        );
        check("arn:aws:kms:*:*:key/*", &key, false);
        check("*", &key, false);
        check("arn:aws:kms:*:*:alias/*", &key, false);
        check("arn:aws:kms:*:*:key/mrk-*", &key, true);
        check("arn:aws:kms:*:*:key/????????-*", &key, true);
        // An id that AWS makes up later is none that somebody can have written.
        check("arn:aws:kms:eu-west-1:111122223333:key/5f0e", &key, false);
    }

    #[test]
    fn a_name_that_is_merely_not_known_may_equal_one_that_is() {
        let bucket = format!("arn:aws:s3:::{}", deferred::open("var.x"));
        check("arn:aws:s3:::records/*", &bucket, true);
        check("arn:aws:s3:::*/public/*", &bucket, false);
        check("arn:aws:sqs:*:*:records", &bucket, false);
        let made = format!("arn:aws:s3:::acme-{}", deferred::generated("b"));
        check("arn:aws:s3:::acme-*", &made, false);
        check("arn:aws:s3:::acme-logs*/x", &made, true);
        check("arn:aws:s3:::acme-logs", &made, false);
        check("arn:aws:s3:::other-*", &made, false);
    }

    /// The parts that a statement becomes, printed short: whether it is certain, and its resources.
    fn parts(statement: &str, names: &[String]) -> Vec<String> {
        let text = format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{statement}]}}");
        let tree = cofferdam_text::Documents::new()
            .read_json("policy.json", text.into_bytes())
            .expect("JSON");
        let holes = Holes::among(names.iter().map(String::as_str));
        let (policy, _) =
            crate::parse::parse_among(&tree, crate::kind::PolicyKind::Identity, &holes);
        let both = Signs {
            wildcards: true,
            variables: true,
        };
        let shown = |template: &Template| {
            deferred::shown(&template.print(both).unwrap_or_default()).into_owned()
        };
        let part = |statement: &Statement| {
            let (word, list) = match &statement.resources {
                Resources::Only(list) => ("", list),
                Resources::Except(list) => ("not ", list),
                Resources::NotGiven => return "any".to_owned(),
            };
            let list: Vec<String> = list.iter().map(shown).collect();
            let sure = if statement.unreadable.is_some() {
                "may"
            } else {
                "must"
            };
            format!("{sure}: {word}{}", list.join(", "))
        };
        policy.statements.iter().map(part).collect()
    }

    #[test]
    fn only_the_part_that_is_not_known_is_unknown() {
        let open = deferred::open("var.x");
        let statement = format!(
            r#"{{"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::records/*", "arn:aws:s3:::{open}/*"]}}"#
        );
        assert_eq!(
            parts(&statement, &[]),
            [
                "must: arn:aws:s3:::records/*, arn:aws:s3:::(var.x, known after apply)/*",
                "may: arn:aws:s3:::records/*, arn:aws:s3:::*/*",
            ]
        );
        assert_eq!(
            parts(&statement.replace("\"Resource\"", "\"NotResource\""), &[]),
            [
                "must: not arn:aws:s3:::records/*, arn:aws:s3:::*/*",
                "may: not arn:aws:s3:::records/*, arn:aws:s3:::(var.x, known after apply)/*",
            ]
        );
    }

    #[test]
    fn a_statement_whose_patterns_are_certain_stays_whole() {
        let key = format!(
            "arn:aws:kms:eu-west-1:111122223333:key/{}",
            deferred::generated("k")
        );
        let statement =
            r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "arn:aws:kms:*:*:key/*"}"#;
        assert_eq!(
            parts(statement, std::slice::from_ref(&key)),
            ["must: arn:aws:kms:*:*:key/*"]
        );
        assert_eq!(
            parts(&statement.replace("key/*", "key/mrk-*"), &[key]),
            [
                "must: arn:aws:kms:*:*:key/mrk-*",
                "may: arn:aws:kms:*:*:key/mrk-*, arn:aws:kms:eu-west-1:111122223333:key/(k, known after apply)*",
            ]
        );
    }

    /// The hole happens to have as many signs as the pattern asks for.
    #[test]
    fn a_pattern_that_counts_signs_is_never_certain() {
        let endpoint = format!("vpce-{}", deferred::generated("aws.a"));
        let statement = r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"StringLike": {"aws:SourceVpce": "vpce-???????"}}}"#;
        assert_eq!(endpoint.chars().count(), "vpce-???????".len());
        let text = format!("{{\"Statement\": {statement}}}");
        let tree = cofferdam_text::Documents::new()
            .read_json("policy.json", text.into_bytes())
            .expect("JSON");
        let holes = Holes::among([endpoint.as_str()].into_iter());
        let (policy, _) =
            crate::parse::parse_among(&tree, crate::kind::PolicyKind::ServiceControl, &holes);
        let operands: Vec<usize> = policy
            .statements
            .iter()
            .map(|one| one.conditions[0].operands.len())
            .collect();
        assert_eq!(operands, [0, 2]);
    }

    /// `-??????` is how AWS documents policies for secrets.
    #[test]
    fn six_signs_are_the_suffix_of_a_secret() {
        let prefix = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:easy-";
        let secret = format!("{prefix}{}", deferred::generated("s"));
        let statement = format!(
            r#"{{"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "{prefix}??????"}}"#
        );
        let certain = format!("must: {prefix}??????, {prefix}(s, known after apply)");
        assert_eq!(
            parts(&statement, std::slice::from_ref(&secret)).first(),
            Some(&certain)
        );
        let other = statement.replace("??????", "x?????");
        let doubted = parts(&other, std::slice::from_ref(&secret));
        assert_eq!(
            doubted.first().map(String::as_str),
            Some("must: "),
            "{doubted:?}"
        );
    }

    #[test]
    fn an_action_that_is_not_known_may_be_any() {
        let open = deferred::open("var.x");
        let statement = format!(r#"{{"Effect": "Deny", "Action": "{open}", "Resource": "*"}}"#);
        assert_eq!(parts(&statement, &[]), ["must: *", "may: *"]);
    }
}
