//! What one statement means, written once.
//!
//! A [`Reading`] supplies a truth type and a handful of atoms; the functions below expand a
//! statement into them. Three readings exist: concrete values, concrete values with reasons, and
//! formulas over all requests. Connectives are lazy, so that a concrete reading stops at the first
//! part that settles a statement.

use cofferdam_names::ContextKey;

use crate::ast::{
    ActionPattern, Actions, Condition, PrincipalPattern, Principals, Quantifier, Resources,
    Statement, Test,
};
use crate::operand::{Operand, Template};

/// One way to read the policy language: what truth is, and how the atoms are decided.
pub trait Reading {
    /// Truth of a proposition in this reading.
    type Truth: Copy;

    /// A proposition that is known.
    fn known(&mut self, value: bool) -> Self::Truth;
    /// A proposition that nobody can settle from what was read, with the reason.
    fn unknown(&mut self, why: &str) -> Self::Truth;
    /// Whether the rest of a conjunction (`true`) or a disjunction (`false`) can still matter.
    fn settled(&self, truth: Self::Truth, by: bool) -> bool;
    /// The opposite.
    fn not(&mut self, truth: Self::Truth) -> Self::Truth;
    /// Both.
    fn and(&mut self, left: Self::Truth, right: Self::Truth) -> Self::Truth;
    /// Either.
    fn or(&mut self, left: Self::Truth, right: Self::Truth) -> Self::Truth;

    /// The request's action matches one of the patterns.
    fn action(&mut self, patterns: &[ActionPattern]) -> Self::Truth;
    /// The request's resource matches one of the patterns.
    fn resource(&mut self, patterns: &[Template]) -> Self::Truth;
    /// The request's principal is one that the pattern names.
    fn principal(&mut self, pattern: &PrincipalPattern) -> Self::Truth;
    /// The key is in the request context, with or without values.
    fn present(&mut self, key: &ContextKey) -> Self::Truth;
    /// The key has at least one value.
    fn has_value(&mut self, key: &ContextKey) -> Self::Truth;
    /// Some value of the key matches one of the operands; false without a value.
    fn some_value(&mut self, key: &ContextKey, operands: &[Operand]) -> Self::Truth;
    /// Every value of the key matches one of the operands; true without a value.
    fn every_value(&mut self, key: &ContextKey, operands: &[Operand]) -> Self::Truth;
    /// Whether the key may hold several values, so that it needs a set operator.
    fn multivalued(&self, key: &ContextKey) -> bool;
    /// What one element of a statement came to. A reading that compares documents can remember that
    /// two equal elements are unknown together.
    fn element(&mut self, _element: Element<'_>, truth: Self::Truth) -> Self::Truth {
        truth
    }

    /// All of them, stopping where the rest cannot matter.
    fn all<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T) -> Self::Truth,
    ) -> Self::Truth {
        let mut truth = self.known(true);
        for item in items {
            if self.settled(truth, false) {
                break;
            }
            let next = each(self, item);
            truth = self.and(truth, next);
        }
        truth
    }

    /// Any of them, stopping where the rest cannot matter.
    fn any<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T) -> Self::Truth,
    ) -> Self::Truth {
        let mut truth = self.known(false);
        for item in items {
            if self.settled(truth, true) {
                break;
            }
            let next = each(self, item);
            truth = self.or(truth, next);
        }
        truth
    }

    /// Both, the second read only where it can matter.
    fn both(
        &mut self,
        left: Self::Truth,
        right: impl FnOnce(&mut Self) -> Self::Truth,
    ) -> Self::Truth {
        if self.settled(left, false) {
            return left;
        }
        let right = right(self);
        self.and(left, right)
    }

    /// Either, the second read only where it can matter.
    fn either(
        &mut self,
        left: Self::Truth,
        right: impl FnOnce(&mut Self) -> Self::Truth,
    ) -> Self::Truth {
        if self.settled(left, true) {
            return left;
        }
        let right = right(self);
        self.or(left, right)
    }
}

/// A part of a statement that is decided by itself: equal ones are equally true of a request,
/// whatever is unknown about them.
#[derive(Clone, Copy, Debug)]
pub enum Element<'s> {
    /// `Principal` or `NotPrincipal`.
    Principals(&'s Principals),
    /// `Resource` or `NotResource`.
    Resources(&'s Resources),
    /// One operator with one key.
    Condition(&'s Condition),
}

/// Whether the statement speaks of the request, its principal element included.
pub fn statement<R: Reading>(reading: &mut R, statement: &Statement) -> R::Truth {
    let truth = apart_from_principal(reading, statement);
    reading.both(truth, |reading| principals(reading, &statement.principals))
}

/// Whether action, resource and conditions match: everything but the principal element, which
/// grants in different ways within one account.
pub fn apart_from_principal<R: Reading>(reading: &mut R, statement: &Statement) -> R::Truth {
    let truth = actions(reading, &statement.actions);
    let truth = reading.both(truth, |reading| resources(reading, &statement.resources));
    let truth = reading.both(truth, |reading| {
        reading.all(&statement.conditions, |reading, each| {
            let truth = condition(reading, each);
            reading.element(Element::Condition(each), truth)
        })
    });
    match &statement.unreadable {
        None => truth,
        Some(why) => reading.both(truth, |reading| reading.unknown(why)),
    }
}

/// Whether the principal element names the caller.
pub fn principals<R: Reading>(reading: &mut R, principals: &Principals) -> R::Truth {
    let truth = match principals {
        Principals::NotGiven => reading.known(true),
        Principals::Only(patterns) => {
            reading.any(patterns, |reading, each| reading.principal(each))
        }
        Principals::Except(patterns) => excepted(reading, patterns),
    };
    reading.element(Element::Principals(principals), truth)
}

/// `NotPrincipal`: AWS wants every enclosing principal of the caller listed, tools accept one, so a
/// caller who is listed is only perhaps exempt ("AWS JSON policy elements: NotPrincipal").
fn excepted<R: Reading>(reading: &mut R, patterns: &[PrincipalPattern]) -> R::Truth {
    let listed = reading.any(patterns, |reading, each| reading.principal(each));
    let outside = reading.not(listed);
    reading.either(outside, |reading| {
        reading.unknown(
            "NotPrincipal: whether listing this principal alone exempts it is not documented",
        )
    })
}

fn actions<R: Reading>(reading: &mut R, actions: &Actions) -> R::Truth {
    match actions {
        Actions::Only(patterns) => reading.action(patterns),
        Actions::Except(patterns) => {
            let listed = reading.action(patterns);
            reading.not(listed)
        }
    }
}

fn resources<R: Reading>(reading: &mut R, resources: &Resources) -> R::Truth {
    let truth = match resources {
        Resources::NotGiven => reading.known(true),
        Resources::Only(patterns) => reading.resource(patterns),
        Resources::Except(patterns) => {
            let listed = reading.resource(patterns);
            reading.not(listed)
        }
    };
    reading.element(Element::Resources(resources), truth)
}

/// One condition, expanded into presence and value atoms. A negated list is NOR; a missing key
/// fails a positive operator and satisfies a negated one ("Condition operators", "Conditions with
/// multiple context keys or values").
pub fn condition<R: Reading>(reading: &mut R, condition: &Condition) -> R::Truth {
    let Condition {
        operator,
        key,
        operands,
        ..
    } = condition;
    if let Test::Null { absent } = operator.test {
        return null(reading, key, absent);
    }
    if operator.quantifier == Quantifier::One && reading.multivalued(key) {
        return unquantified(reading, key, operator.if_exists || operator.negated);
    }
    let truth = match (operator.quantifier, operator.negated) {
        (Quantifier::One | Quantifier::Any, false) => reading.some_value(key, operands),
        (Quantifier::All, false) => reading.every_value(key, operands),
        (Quantifier::One | Quantifier::All, true) => {
            let some = reading.some_value(key, operands);
            reading.not(some)
        }
        (Quantifier::Any, true) => {
            let every = reading.every_value(key, operands);
            reading.not(every)
        }
    };
    if !operator.if_exists {
        return truth;
    }
    reading.either(truth, |reading| {
        let present = reading.present(key);
        reading.not(present)
    })
}

/// `Null`: "true" asks for absence; "false" also wants a value. What "true" says of a key that is
/// present and empty is not documented.
fn null<R: Reading>(reading: &mut R, key: &ContextKey, absent: bool) -> R::Truth {
    let valued = reading.has_value(key);
    if !absent {
        return valued;
    }
    let valueless = reading.not(valued);
    reading.both(valueless, |reading| {
        let present = reading.present(key);
        let missing = reading.not(present);
        reading.either(missing, |reading| {
            reading.unknown("Null on a key that is present and empty")
        })
    })
}

/// A multivalued key without a set operator: AWS documents only what happens when it is absent.
fn unquantified<R: Reading>(reading: &mut R, key: &ContextKey, when_absent: bool) -> R::Truth {
    let present = reading.present(key);
    let unclear = reading.both(present, |reading| {
        reading.unknown("a key with several values is compared without ForAnyValue or ForAllValues")
    });
    if !when_absent {
        return unclear;
    }
    let absent = reading.not(present);
    reading.or(absent, unclear)
}
