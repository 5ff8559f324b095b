//! Requests of a certificate: written from those that were found, read back, and whether somebody
//! may send them.
//!
//! What a request states wins over what follows of its caller and its resource. So a certificate
//! could lie by stating it; only what the caller chooses may be stated.

use cofferdam_authz::concrete::Context;
use cofferdam_authz::context::{Network, SessionTags, term};
use cofferdam_authz::gather::{self, Party, Thing};
use cofferdam_authz::term::Term;
use cofferdam_authz::witness::Request;
use cofferdam_findings::depths::Sent;
use cofferdam_names::{ActionName, ContextKey};
use cofferdam_org::model::Organization;

use crate::decide::anew::{attacker, carried_keys};

/// A request as it is written.
pub fn written(request: &Request) -> Sent {
    let context = request.context.iter();
    let texts = |values: &[Box<str>]| values.iter().map(ToString::to_string).collect();
    Sent {
        principal: request.principal.clone(),
        action: request.action.to_string(),
        resource: request.resource.clone(),
        context: context
            .map(|(key, values)| (key.to_string(), texts(values)))
            .collect(),
        through: request.forwarded_by.clone(),
        at: None,
    }
}

/// A request as it was written.
///
/// # Errors
/// If its action or a key is none.
pub fn request(sent: &Sent) -> Result<Request, String> {
    let action = ActionName::parse(&sent.action);
    let mut context = Context::new();
    for (name, values) in &sent.context {
        let key = ContextKey::parse(name).map_err(|_| format!("`{name}` is no context key"))?;
        context.insert(
            key,
            values.iter().map(|value| value.as_str().into()).collect(),
        );
    }
    Ok(Request {
        principal: sent.principal.clone(),
        action: action.map_err(|_| format!("`{}` is no action", sent.action))?,
        resource: sent.resource.clone(),
        context,
        forwarded_by: sent.through.clone(),
        network: String::new(),
    })
}

/// A request, and to what it is made.
#[derive(Clone, Copy)]
pub struct Made<'m, 'a> {
    /// The request.
    pub request: &'m Request,
    /// Who sends it.
    pub party: &'m Party<'a>,
    /// To what.
    pub thing: Thing<'a>,
    /// Whether its sender chooses its own tags.
    pub tags: bool,
    /// Keys that the purpose of the request fixes, each with its values.
    pub fixed: &'m [(&'m str, String)],
}

/// That a request states only what its sender chooses, and comes from where attackers are.
///
/// # Errors
/// What it may not state.
pub fn may_send(org: &Organization, made: Made<'_, '_>) -> Result<(), String> {
    let Made {
        request,
        party,
        thing,
        fixed,
        ..
    } = made;
    for (name, value) in fixed {
        let stated = request.context.get(*name).map(Vec::as_slice);
        if !matches!(stated, Some([one]) if **one == **value) {
            return Err(format!("it does not state {name} as `{value}`"));
        }
    }
    let service = request.action.service();
    let direct = request.forwarded_by.is_none();
    let network = if direct {
        Network::Public
    } else {
        Network::Aws
    };
    let mut situation = gather::situation(org, party, thing, service, network);
    situation.forwarded_by = request.forwarded_by.as_deref();
    if made.tags {
        situation.session_tags = SessionTags::Open;
    }
    for (key, values) in &request.context {
        if fixed
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(key.as_str()))
        {
            continue;
        }
        if carried_keys().any(|(carried, _)| carried == *key) {
            return Err(format!("it states {key}, which no attacker chooses"));
        }
        let follows = match term(key, &situation) {
            Term::Open(_) => true,
            Term::Values(found) => found == *values,
            _ => false,
        };
        if !follows {
            return Err(format!("it states {key}, which is not its to state"));
        }
    }
    let from = request
        .context
        .get("aws:sourceip")
        .and_then(|values| values.first());
    if direct && from.is_none_or(|from| **from != *attacker()) {
        return Err(format!("it does not come from {}", attacker()));
    }
    Ok(())
}
