//! What a policy says that its writer can hardly mean, and what its kind does not allow.
//!
//! Reading already reports what it cannot understand. These are the policies that AWS and this
//! crate understand well, and that say something else than they seem to: each lint is a function
//! of one statement, and the table below is all of them.

use cofferdam_catalog::{action, actions_of, key, quota, rcp_services};
use cofferdam_names::ContextKey;
use cofferdam_text::Diagnostic;

use crate::ast::{
    ActionPattern, Actions, Condition, Effect, Policy, PrincipalPattern, Principals, Quantifier,
    Resources, Statement, Test, Version,
};
use crate::kind::{Grammar, PolicyKind};
use crate::matching::{ResourceShape, resource_shape};
use crate::operand::{Operand, Part, Template};

/// What every lint may look at beside the statement.
struct Setting<'p> {
    policy: &'p Policy,
    kind: PolicyKind,
    grammar: &'static Grammar,
}

type Lint = fn(&Statement, &Setting<'_>) -> Vec<Diagnostic>;

const LINTS: [Lint; 12] = [
    effect_of_kind,
    principal_of_kind,
    every_action,
    repeated_sid,
    negated_element,
    negated_principal,
    vacuous_for_all,
    old_variables,
    tags_by_case,
    cardinality,
    unknown_actions,
    uncovered_services,
];

/// Looks for silent changes of meaning and for what the kind forbids. `text` is the document as
/// stored, which the quotas count; without it they are not checked.
pub fn lint(policy: &Policy, kind: PolicyKind, text: Option<&str>) -> Vec<Diagnostic> {
    let setting = Setting {
        policy,
        kind,
        grammar: kind.grammar(),
    };
    let mut found = text.map(|text| of_text(text, &setting)).unwrap_or_default();
    for statement in &policy.statements {
        found.extend(LINTS.iter().flat_map(|lint| lint(statement, &setting)));
    }
    found
}

fn of_text(text: &str, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let strange = match setting.grammar.iam_characters {
        true => strange_character(text, setting),
        false => None,
    };
    too_long(text, setting).into_iter().chain(strange).collect()
}

fn too_long(text: &str, setting: &Setting<'_>) -> Option<Diagnostic> {
    let sizes = setting.grammar.sizes;
    let usual = quota(sizes.first()?)?;
    let most = quota(sizes.last()?)?;
    let widest = most.raised_to.unwrap_or(most.default);
    let bare = text.chars().filter(|sign| !sign.is_whitespace()).count();
    let length = match usual.unit {
        "bytes" => text.len(),
        "characters" => text.chars().count(),
        _ => bare,
    };
    if fits(length, usual.default) {
        return None;
    }
    let message = format!(
        "{} of {length} {}, where {} fit (quota {})",
        setting.grammar.name, usual.unit, usual.default, usual.name
    );
    let origin = setting.policy.origin;
    Some(if fits(length, widest) {
        let help = format!("up to {widest} fit with a raised quota or inline in a role");
        Diagnostic::warning(origin, message).with_help(help)
    } else if fits(bare, widest) {
        Diagnostic::warning(origin, message).with_help("it fits once white space is removed")
    } else {
        Diagnostic::error(origin, message)
    })
}

fn fits(length: usize, limit: u64) -> bool {
    u64::try_from(length).is_ok_and(|length| length <= limit)
}

fn strange_character(text: &str, setting: &Setting<'_>) -> Option<Diagnostic> {
    let valid = |sign: char| matches!(sign, '\t' | '\n' | '\r' | ' '..='\u{FF}');
    let strange = text.chars().find(|sign| !valid(*sign))?;
    let message = format!(
        "the character U+{:04X} is not valid in a policy of IAM (IAM and AWS STS quotas)",
        u32::from(strange)
    );
    Some(Diagnostic::error(setting.policy.origin, message))
}

fn error(statement: &Statement, message: impl Into<String>) -> Vec<Diagnostic> {
    vec![Diagnostic::error(statement.origin, message)]
}

fn warning(statement: &Statement, message: impl Into<String>) -> Vec<Diagnostic> {
    vec![Diagnostic::warning(statement.origin, message)]
}

/// Whether this is the one statement of `RCPFullAWSAccess`, which AWS attaches everywhere.
fn is_full_access(statement: &Statement) -> bool {
    statement.effect == Effect::Allow
        && statement.principals == Principals::Only(vec![PrincipalPattern::Everyone])
        && matches!(&statement.actions, Actions::Only(list) if *list == [ActionPattern::Every])
        && matches!(&statement.resources, Resources::Only(list) if every_resource(list))
        && statement.conditions.is_empty()
}

fn every_resource(patterns: &[Template]) -> bool {
    matches!(patterns, [each] if resource_shape(each) == ResourceShape::Everything)
}

fn effect_of_kind(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let fine =
        setting.grammar.allow || statement.effect == Effect::Deny || is_full_access(statement);
    match fine {
        true => Vec::new(),
        false => error(
            statement,
            format!(
                "{} must not Allow ({})",
                setting.grammar.name, setting.grammar.page
            ),
        ),
    }
}

fn principal_of_kind(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let Principals::Only(patterns) = &statement.principals else {
        return Vec::new();
    };
    let everyone = *patterns == [PrincipalPattern::Everyone];
    match setting.kind {
        PolicyKind::ResourceControl if !everyone => error(
            statement,
            format!(
                "the Principal of {} must be \"*\" ({})",
                setting.grammar.name, setting.grammar.page
            ),
        ),
        _ => Vec::new(),
    }
}

fn every_action(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let bare =
        matches!(&statement.actions, Actions::Only(list) if list.contains(&ActionPattern::Every));
    let asked =
        setting.kind == PolicyKind::ResourceControl && bare && statement.unreadable.is_none();
    if !asked || is_full_access(statement) {
        return Vec::new();
    }
    error(
        statement,
        format!(
            "the Action of {} must name a service, as in s3:* ({})",
            setting.grammar.name, setting.grammar.page
        ),
    )
}

fn repeated_sid(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let earlier = |each: &&Statement| each.index < statement.index && each.sid == statement.sid;
    let (Some(sid), Some(first)) = (
        &statement.sid,
        setting.policy.statements.iter().find(earlier),
    ) else {
        return Vec::new();
    };
    let message = format!(
        "the Sid \"{sid}\" names statement {} too (IAM JSON policy elements: Sid)",
        first.index
    );
    match setting.grammar.iam_characters {
        true => error(statement, message),
        false => warning(statement, message),
    }
}

fn negated_element(statement: &Statement, _: &Setting<'_>) -> Vec<Diagnostic> {
    if statement.effect == Effect::Deny {
        return Vec::new();
    }
    let actions = matches!(statement.actions, Actions::Except(_))
        .then_some("Allow with NotAction allows every action that AWS will ever add");
    let resources = matches!(statement.resources, Resources::Except(_))
        .then_some("Allow with NotResource allows every resource that is not listed");
    let found = actions.into_iter().chain(resources);
    found
        .flat_map(|message| warning(statement, message))
        .collect()
}

fn negated_principal(statement: &Statement, _: &Setting<'_>) -> Vec<Diagnostic> {
    if !matches!(statement.principals, Principals::Except(_)) {
        return Vec::new();
    }
    let message = "NotPrincipal may still deny a principal that is listed, unless its account, role and session all are";
    let found = Diagnostic::warning(statement.origin, message);
    vec![found.with_help("use Principal \"*\" with ArnNotEquals on aws:PrincipalArn (AWS JSON policy elements: NotPrincipal)")]
}

/// `ForAllValues` holds for a key that is missing or empty, so an Allow by it is open to requests
/// without the key, unless `Null` asks for a value ("Condition operators").
fn vacuous_for_all(statement: &Statement, _: &Setting<'_>) -> Vec<Diagnostic> {
    let demanded = |key: &ContextKey| {
        let demands = |each: &Condition| {
            each.operator.test == Test::Null { absent: false } && each.key == *key
        };
        statement.conditions.iter().any(demands)
    };
    let vacuous = |each: &&Condition| {
        statement.effect == Effect::Allow
            && each.operator.quantifier == Quantifier::All
            && !demanded(&each.key)
    };
    let report = |each: &Condition| {
        let message = format!(
            "ForAllValues also allows every request without {}",
            each.key
        );
        let help = format!("add \"Null\": {{\"{}\": \"false\"}}", each.key);
        Diagnostic::warning(each.origin, message).with_help(help)
    };
    statement
        .conditions
        .iter()
        .filter(vacuous)
        .map(report)
        .collect()
}

/// Without Version 2012-10-17 a variable is literal text, so that what it guards matches nothing.
fn old_variables(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let literal = |part: &Part| matches!(part, Part::Literal(text) if text.contains("${"));
    let looks_variable = |template: &Template| template.parts.iter().any(literal);
    let resources = match &statement.resources {
        Resources::NotGiven => false,
        Resources::Only(list) | Resources::Except(list) => list.iter().any(looks_variable),
    };
    let in_operand = |operand: &Operand| match operand {
        Operand::Text { template, .. } => looks_variable(template),
        Operand::Arn(fields) => fields.iter().any(looks_variable),
        _ => false,
    };
    let conditions = statement
        .conditions
        .iter()
        .flat_map(|each| &each.operands)
        .any(in_operand);
    match setting.policy.version == Version::V2008 && (resources || conditions) {
        true => warning(
            statement,
            "${…} is plain text here: policy variables need \"Version\": \"2012-10-17\"",
        ),
        false => Vec::new(),
    }
}

/// Of two tags whose keys differ only in case one is matched, and AWS does not say which ("AWS
/// global condition context keys").
fn tags_by_case(statement: &Statement, _: &Setting<'_>) -> Vec<Diagnostic> {
    let conditions = &statement.conditions;
    let same_tag = |one: &Condition, other: &Condition| {
        one.key == other.key && one.key.tag().is_some() && one.key.tag() != other.key.tag()
    };
    let report = |(place, each): (usize, &Condition)| {
        let first = conditions
            .iter()
            .take(place)
            .find(|other| same_tag(each, other))?;
        let message = format!(
            "{} and {} are the same key: case does not count",
            first.key, each.key
        );
        Some(Diagnostic::warning(each.origin, message))
    };
    conditions.iter().enumerate().filter_map(report).collect()
}

/// Set operators are for keys with several values, and only for them ("Single-valued vs.
/// multivalued context keys").
fn cardinality(statement: &Statement, _: &Setting<'_>) -> Vec<Diagnostic> {
    let report = |each: &Condition| {
        let known = key(each.key.as_str()).filter(|_| each.operator.test == Test::Values)?;
        let message = match (known.multivalued, each.operator.quantifier) {
            (true, Quantifier::One) => format!(
                "{} may have several values: AWS does not say what it compares without ForAnyValue or ForAllValues",
                each.key
            ),
            (false, Quantifier::Any | Quantifier::All) => {
                format!(
                    "{} has one value: a set operator only changes what happens without it",
                    each.key
                )
            }
            _ => return None,
        };
        Some(Diagnostic::warning(each.origin, message))
    };
    statement.conditions.iter().filter_map(report).collect()
}

fn patterns(statement: &Statement) -> &[ActionPattern] {
    match &statement.actions {
        Actions::Only(patterns) | Actions::Except(patterns) => patterns,
    }
}

/// A misspelled action denies nothing. Services that the catalogue does not know are left alone.
fn unknown_actions(statement: &Statement, _: &Setting<'_>) -> Vec<Diagnostic> {
    let report = |pattern: &ActionPattern| {
        let ActionPattern::Of { service, name } = pattern else {
            return None;
        };
        let misspelled = !name.contains(['*', '?'])
            && actions_of(service).next().is_some()
            && action(service, name).is_none();
        let message = format!("{service}:{name} is not an action that the catalogue knows");
        misspelled.then(|| Diagnostic::warning(statement.origin, message))
    };
    patterns(statement).iter().filter_map(report).collect()
}

/// Resource control policies reach the services of a list only ("Resource control policies
/// (RCPs)").
fn uncovered_services(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let report = |pattern: &ActionPattern| {
        let ActionPattern::Of { service, .. } = pattern else {
            return None;
        };
        let covered = rcp_services().any(|covered| covered == &**service);
        let message =
            format!("resource control policies do not cover {service}: this says nothing");
        (!covered).then(|| Diagnostic::warning(statement.origin, message))
    };
    match setting.kind {
        PolicyKind::ResourceControl => patterns(statement).iter().filter_map(report).collect(),
        _ => Vec::new(),
    }
}
