//! Keys of a request about which nothing is known but that one document is asked about it.
//!
//! What follows from the caller still does; every other key may be absent or have any value
//! (contracts, "Comparing policies").

use super::{Situation, domain, open};
use crate::caller::CallerKind;
use crate::term::{Domain, Shape, Term};

/// Keys that are open here, though a known service, resource or organization would fix them.
pub(super) fn term(key: &str, name: &str, situation: &Situation<'_>) -> Option<Term> {
    let service_acts = matches!(situation.caller.kind, CallerKind::Service(_));
    Some(match key {
        "aws:viaawsservice" => open(name, true, false, Domain::Bool),
        "aws:calledvia" => open(name, false, false, Domain::Texts),
        "aws:calledviafirst" | "aws:calledvialast" => open(name, false, false, Domain::Text),
        "aws:sourceowner" if service_acts => {
            open(name, false, false, Domain::Shaped(Shape::Account))
        }
        "aws:vpceaccount" => open(name, false, false, Domain::Shaped(Shape::Account)),
        "aws:vpceorgid" => open(name, false, false, Domain::Shaped(Shape::AnyOrganization)),
        "aws:vpceorgpaths" => open(name, false, false, Domain::Texts),
        "aws:sourcevpcarn" => open(name, false, false, Domain::Shaped(Shape::Arn)),
        "aws:resourceaccount" | "s3:resourceaccount" => {
            open(name, true, false, Domain::Shaped(Shape::Account))
        }
        "aws:resourceorgid" => open(name, false, false, Domain::Shaped(Shape::AnyOrganization)),
        "aws:resourceorgpaths" => open(name, false, false, Domain::Texts),
        "kms:viaservice" => open(name, false, false, Domain::Text),
        _ if key.starts_with("aws:resourcetag/") => open(name, false, false, Domain::Text),
        _ if is_global(key) => return None,
        _ => any_value(name),
    })
}

/// Global keys have rules of their own.
fn is_global(key: &str) -> bool {
    key.starts_with("aws:") || key == "kms:calleraccount"
}

/// A service's key, known to the catalogue or not.
fn any_value(name: &str) -> Term {
    let kind = cofferdam_catalog::key(name).map(|key| domain(key.kind, key.multivalued));
    open(name, false, false, kind.unwrap_or(Domain::Text))
}
