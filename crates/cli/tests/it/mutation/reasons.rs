//! What lies outside the boundary: controls that guard nothing that it declares. Each reason is
//! looked up in the declaration, so that "nothing noticed" is never an answer.

use cofferdam_policy::ast::{Effect, PrincipalPattern, Principals, Statement};

use super::Example;
use super::control::{Control, Part};

/// Why a control bears on nothing that the boundary declares, if it does not.
pub fn beside(example: &Example, control: &Control) -> Option<String> {
    let why = match control.part {
        Part::Trust if !is_declared(example, &control.document) => OF_NOBODY,
        Part::Resource | Part::Key if !is_declared(example, &control.document) => OF_NOTHING,
        Part::PublicAccess if !holds_data(example, &control.document) => NO_BUCKET,
        Part::Endpoint if !is_beside_data(example, &control.document) => NO_NETWORK,
        _ if control.statement(&example.org).is_some_and(is_by_name) => BY_NAME,
        _ => return None,
    };
    Some(why.to_owned())
}

/// The role may be anybody's: identity.unapproved-principal is proved of whoever holds it.
const OF_NOBODY: &str = "the boundary names this role nowhere: whoever holds a session of it is refused as anybody else";

/// A resource that is neither data nor archive nor key of it.
const OF_NOTHING: &str = "the boundary names this resource nowhere";

/// Where no bucket of the boundary lies, or a bucket that is none of its.
const NO_BUCKET: &str = "the boundary names no bucket here";

/// An endpoint of a VPC from which no approved access comes.
const NO_NETWORK: &str = "no network of the boundary has an endpoint in its VPC";

/// A statement that lets in nobody but principals that it names.
const BY_NAME: &str = "its Principal element names whom it lets in";

fn is_by_name(statement: &Statement) -> bool {
    let named = |pattern: &PrincipalPattern| matches!(pattern, PrincipalPattern::Arn(_));
    statement.effect == Effect::Allow
        && matches!(&statement.principals, Principals::Only(all) if all.iter().all(named))
}

/// Whether the boundary file names the thing that a document belongs to, or a pattern that it
/// matches.
fn is_declared(example: &Example, document: &str) -> bool {
    let name = document.rsplit([':', ' ']).next().unwrap();
    let pattern = document.contains(":role/app/claims-worker-")
        || document.ends_with("role/platform/vending");
    example.declaration.contains(name) || pattern
}

/// Whether a bucket that the boundary names lies in an account, or is this one.
fn holds_data(example: &Example, document: &str) -> bool {
    let account = document.strip_prefix("account ");
    let mut resources = example.org.resources.iter();
    resources.any(|resource| {
        let here = match account {
            Some(account) => resource.account.to_string() == account,
            None => resource.arn.as_str() == document,
        };
        here && resource.arn.service() == "s3"
            && example.declaration.contains(resource.arn.as_str())
    })
}

/// Whether an endpoint lies in the VPC of one that the boundary names.
fn is_beside_data(example: &Example, document: &str) -> bool {
    let endpoints = &example.org.endpoints;
    let own = endpoints.iter().find(|one| document.contains(&*one.id));
    let own = own.unwrap();
    let named = endpoints
        .iter()
        .filter(|one| example.declaration.contains(&*one.id));
    let mut near = named.filter(|one| one.vpc == own.vpc && one.account == own.account);
    near.next().is_some()
}
