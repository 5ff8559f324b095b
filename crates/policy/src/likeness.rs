//! Whether two statements say the same, wherever they lie and whatever they are called.
//!
//! The same policy is written into many accounts, each copy with a place of its own; decisions
//! must not be made once for each.

use crate::ast::{Actions, Condition, Resources, Statement};

/// Whether two statements match the same requests with the same effect. False says nothing: the
/// same may be written in two ways.
pub fn alike(one: &Statement, other: &Statement) -> bool {
    one.effect == other.effect
        && one.unreadable == other.unreadable
        && one.principals == other.principals
        && actions(&one.actions, &other.actions)
        && resources(&one.resources, &other.resources)
        && one.conditions.len() == other.conditions.len()
        && one.conditions.iter().zip(&other.conditions).all(conditions)
}

fn actions(one: &Actions, other: &Actions) -> bool {
    match (one, other) {
        (Actions::Only(one), Actions::Only(other)) => one == other,
        (Actions::Except(one), Actions::Except(other)) => one == other,
        (Actions::Only(_), Actions::Except(_)) | (Actions::Except(_), Actions::Only(_)) => false,
    }
}

fn resources(one: &Resources, other: &Resources) -> bool {
    match (one, other) {
        (Resources::NotGiven, Resources::NotGiven) => true,
        (Resources::Only(one), Resources::Only(other))
        | (Resources::Except(one), Resources::Except(other)) => one == other,
        _ => false,
    }
}

fn conditions((one, other): (&Condition, &Condition)) -> bool {
    one.operator == other.operator && one.key == other.key && one.operands == other.operands
}
