//! What a statement means over concrete values: the smallest reading there is.
//!
//! Truth is `Some`, and `None` where nobody can tell.

use cofferdam_names::ContextKey;
use cofferdam_policy::ast::{ActionPattern, PrincipalPattern};
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::matching::{
    Lookup, Match, action_matches, operand_matches, resource_accepts,
};
use cofferdam_policy::operand::{Operand, Template};
use cofferdam_policy::reading::{Reading, statement};

use crate::policy;

/// A request for `s3:GetObject` on one object; `k:many` may have several values.
struct Request {
    context: Vec<(&'static str, Vec<&'static str>)>,
}

impl Request {
    fn values(&self, key: &ContextKey) -> Option<&[&'static str]> {
        let found = self.context.iter().find(|(name, _)| *name == key.folded());
        found.map(|(_, values)| values.as_slice())
    }

    fn lookup(&self, key: &ContextKey) -> Lookup<'static> {
        match self.values(key).unwrap_or_default() {
            [] => Lookup::None,
            [one] => Lookup::Value(one),
            _ => Lookup::Unknown,
        }
    }

    fn accepted(&self, value: &str, operands: &[Operand]) -> Option<bool> {
        any(operands.iter().map(|each| {
            known(operand_matches(each, value, &|key: &ContextKey| {
                self.lookup(key)
            }))
        }))
    }
}

fn known(matched: Match) -> Option<bool> {
    match matched {
        Match::No => Some(false),
        Match::Yes => Some(true),
        Match::Unknown => None,
    }
}

fn any(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let truths: Vec<_> = truths.collect();
    match truths.contains(&Some(true)) {
        true => Some(true),
        false if truths.contains(&None) => None,
        false => Some(false),
    }
}

impl Reading for Request {
    type Truth = Option<bool>;

    fn known(&mut self, value: bool) -> Option<bool> {
        Some(value)
    }
    fn unknown(&mut self, _: &str) -> Option<bool> {
        None
    }
    fn settled(&self, truth: Option<bool>, by: bool) -> bool {
        truth == Some(by)
    }
    fn not(&mut self, truth: Option<bool>) -> Option<bool> {
        truth.map(|truth| !truth)
    }
    fn and(&mut self, left: Option<bool>, right: Option<bool>) -> Option<bool> {
        any([left, right]
            .into_iter()
            .map(|each| each.map(|truth| !truth)))
        .map(|truth| !truth)
    }
    fn or(&mut self, left: Option<bool>, right: Option<bool>) -> Option<bool> {
        any([left, right].into_iter())
    }
    fn action(&mut self, patterns: &[ActionPattern]) -> Option<bool> {
        Some(
            patterns
                .iter()
                .any(|each| action_matches(each, "s3", "GetObject")),
        )
    }
    fn resource(&mut self, patterns: &[Template]) -> Option<bool> {
        let lookup = |key: &ContextKey| self.lookup(key);
        any(patterns
            .iter()
            .map(|each| known(resource_accepts(each, "arn:aws:s3:::b/ann/x", &lookup))))
    }
    fn principal(&mut self, pattern: &PrincipalPattern) -> Option<bool> {
        match pattern {
            PrincipalPattern::Unreadable(_) => None,
            pattern => Some(*pattern == PrincipalPattern::Everyone),
        }
    }
    fn present(&mut self, key: &ContextKey) -> Option<bool> {
        Some(self.values(key).is_some())
    }
    fn has_value(&mut self, key: &ContextKey) -> Option<bool> {
        Some(self.values(key).is_some_and(|values| !values.is_empty()))
    }
    fn some_value(&mut self, key: &ContextKey, operands: &[Operand]) -> Option<bool> {
        let values = self.values(key).unwrap_or_default();
        any(values.iter().map(|value| self.accepted(value, operands)))
    }
    fn every_value(&mut self, key: &ContextKey, operands: &[Operand]) -> Option<bool> {
        let values = self.values(key).unwrap_or_default();
        let outside = values.iter().map(|value| self.accepted(value, operands));
        any(outside.map(|each| each.map(|truth| !truth))).map(|truth| !truth)
    }
    fn multivalued(&self, key: &ContextKey) -> bool {
        key.folded() == "k:many"
    }
}

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);
const PERHAPS: Option<bool> = None;

/// Whether a statement of these elements speaks of the request with that context.
fn check(elements: &str, context: &[(&'static str, &[&'static str])], expected: Option<bool>) {
    let json = format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny",{elements}}}}}"#);
    let (policy, _) = policy(&json, PolicyKind::Resource);
    let context = context.iter().map(|(key, values)| (*key, values.to_vec()));
    let mut request = Request {
        context: context.collect(),
    };
    let found = statement(&mut request, &policy.statements[0]);
    assert_eq!(found, expected, "{elements} with {:?}", request.context);
}

/// One operator on `k:one` or `k:many`, which is missing, empty or has values.
fn condition(
    operator: &str,
    key: &str,
    operands: &str,
    values: Option<&'static [&'static str]>,
    expected: Option<bool>,
) {
    let elements = format!(
        r#""Principal":"*","Action":"*","Resource":"*","Condition":{{"{operator}":{{"{key}":{operands}}}}}"#
    );
    let name = if key == "k:many" { "k:many" } else { "k:one" };
    let context: Vec<_> = values.map(|values| (name, values)).into_iter().collect();
    check(&elements, &context, expected);
}

/// "Condition operators", "Conditions with multiple context keys or values": a missing key fails a
/// positive operator and satisfies a negated one; several values of a negated one are NOR.
#[test]
fn missing_keys_and_lists() {
    for (operator, values, expected) in [
        ("StringEquals", None, NO),
        ("StringNotEquals", None, YES),
        ("StringEqualsIfExists", None, YES),
        ("StringNotEqualsIfExists", None, YES),
        ("StringEquals", Some(&["b"] as &[_]), YES),
        ("StringEquals", Some(&["c"]), NO),
        ("StringNotEquals", Some(&["b"]), NO),
        ("StringNotEquals", Some(&["c"]), YES),
        ("StringEqualsIfExists", Some(&["c"]), NO),
    ] {
        condition(operator, "k:one", r#"["a","b"]"#, values, expected);
    }
}

/// "Condition operators": Null asks for presence, and "false" for a value too.
#[test]
fn null_asks_for_presence() {
    for (absent, values, expected) in [
        ("true", None, YES),
        ("true", Some(&["a"] as &[_]), NO),
        ("true", Some(&[]), PERHAPS),
        ("false", None, NO),
        ("false", Some(&["a"]), YES),
        ("false", Some(&[]), NO),
    ] {
        condition("Null", "k:many", &format!("{absent:?}"), values, expected);
    }
}

/// "Set operators for multivalued context keys".
#[test]
fn set_operators() {
    let (empty, inside, mixed, outside): (&[_], &[_], &[_], &[_]) =
        (&[], &["a"], &["a", "c"], &["c"]);
    for (operator, missing, of_empty, of_inside, of_mixed, of_outside) in [
        ("ForAnyValue:StringEquals", NO, NO, YES, YES, NO),
        ("ForAllValues:StringEquals", YES, YES, YES, NO, NO),
        ("ForAnyValue:StringNotEquals", NO, NO, NO, YES, YES),
        ("ForAllValues:StringNotEquals", YES, YES, NO, NO, YES),
        ("StringEquals", NO, PERHAPS, PERHAPS, PERHAPS, PERHAPS),
        ("StringNotEquals", YES, PERHAPS, PERHAPS, PERHAPS, PERHAPS),
    ] {
        condition(operator, "k:many", r#"["a","b"]"#, None, missing);
        for (values, expected) in [
            (empty, of_empty),
            (inside, of_inside),
            (mixed, of_mixed),
            (outside, of_outside),
        ] {
            condition(operator, "k:many", r#"["a","b"]"#, Some(values), expected);
        }
    }
}

/// "IAM policy elements: Variables and tags": without a value and a default a positive operator
/// fails, a negated one holds, Resource matches nothing, NotResource everything.
#[test]
fn variables_without_a_value() {
    condition("StringEquals", "k:one", r#""${k:other}""#, Some(&["a"]), NO);
    condition(
        "StringNotEquals",
        "k:one",
        r#""${k:other}""#,
        Some(&["a"]),
        YES,
    );
    let resource = |name: &str| {
        format!(r#""Principal":"*","Action":"*","{name}":"arn:aws:s3:::b/${{k:one}}/x""#)
    };
    check(&resource("Resource"), &[], NO);
    check(&resource("NotResource"), &[], YES);
    check(&resource("Resource"), &[("k:one", &["ann"])], YES);
    check(&resource("NotResource"), &[("k:one", &["ann"])], NO);
    check(&resource("Resource"), &[("k:one", &["*"])], NO);
}

/// "Condition operators": a malformed ARN fails a positive operator and satisfies a negated one.
#[test]
fn malformed_and_undocumented_values() {
    condition("ArnLike", "k:one", r#""role""#, Some(&["role"]), NO);
    condition("ArnNotLike", "k:one", r#""role""#, Some(&["role"]), YES);
    condition(
        "DateLessThan",
        "k:one",
        r#""soon""#,
        Some(&["2020-01-01"]),
        PERHAPS,
    );
    condition(
        "IpAddress",
        "k:one",
        r#""2001:db8::1""#,
        Some(&["2001:db8::2"]),
        PERHAPS,
    );
    condition(
        "NotIpAddress",
        "k:one",
        r#""203.0.113.9""#,
        Some(&["2001:db8::2"]),
        YES,
    );
}

/// A statement that is not understood matches at most "perhaps", and not at all where what was
/// understood excludes it.
#[test]
fn statements_that_are_not_understood() {
    let odd = r#""Principal":"*","Resource":"*","Condition":{"StringMatches":{"k:one":"a"}}"#;
    check(&format!(r#"{odd},"Action":"s3:*""#), &[], PERHAPS);
    check(&format!(r#"{odd},"Action":"sqs:*""#), &[], NO);
    check(
        r#""Principal":{"AWS":"x"},"Action":"*","Resource":"*""#,
        &[],
        PERHAPS,
    );
    check(
        r#""Principal":"*","Action":"*","Resource":"bucket""#,
        &[],
        PERHAPS,
    );
    check(
        r#""NotPrincipal":{"AWS":"123456789012"},"Action":"*","Resource":"*""#,
        &[],
        YES,
    );
}
