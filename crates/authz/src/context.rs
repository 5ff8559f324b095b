//! Which context keys a request has, and what follows from whom.
//!
//! Source: "AWS global condition context keys" and the pages named at each rule; the lists of
//! services that send endpoint keys are dated data of the catalogue.

mod anything;
mod point;

use std::collections::BTreeMap;

use cofferdam_catalog::{KeyOrigin, KeyType};
use cofferdam_names::{AccountId, ContextKey};
use cofferdam_org::fact::Known;
use cofferdam_org::model::Endpoint;

use crate::caller::{Caller, CallerKind, Crowd, EVERY_SERVICE, Membership};
pub use point::{Point, Shown, is_point_key};

use crate::term::{CallerPart, Domain, Open, PathPart, Shape, Term};

/// What is fixed of keys before every rule.
pub type Terms = BTreeMap<ContextKey, Term>;

/// Tags by key.
pub type Tags = BTreeMap<Box<str>, Box<str>>;

/// What the context of one request follows from.
#[derive(Clone, Debug)]
pub struct Situation<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// Tags of the user or role.
    pub caller_tags: Known<&'a Tags>,
    /// The principal's unique id.
    pub unique_id: Known<Box<str>>,
    /// Whether somebody can set session tags on the caller's sessions.
    pub session_tags: SessionTags,
    /// What is asked for.
    pub resource: Target<'a>,
    /// The prefix of the action's service.
    pub service: &'a str,
    /// Where the request comes from.
    pub network: Network<'a>,
    /// The service that repeats the request as the caller, by host name.
    pub forwarded_by: Option<&'a str>,
    /// The access point that the request goes through.
    pub point: Option<Point>,
    /// The organization that is looked at.
    pub organization: Option<&'a str>,
    /// Keys of which a decision case says itself what they are; they go before every rule.
    pub fixed: Option<&'a Terms>,
}

/// Whether sessions of the caller may carry tags that the role does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionTags {
    /// Nobody can set any.
    None,
    /// Somebody can.
    Open,
    /// A session that is given: only what the request states.
    Stated,
}

/// The resource side of a context.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// The owner.
    pub account: Option<AccountId>,
    /// How the owner stands to the organization.
    pub membership: Membership,
    /// The Region that serves it; absent: the caller picks it.
    pub region: Known<Box<str>>,
    /// Tags of the resource.
    pub tags: Known<&'a Tags>,
}

/// Where a request comes from: always one of these. Each fixes which network keys exist.
#[derive(Clone, Debug)]
pub enum Network<'a> {
    /// Only what the request itself states.
    Stated,
    /// A VPC endpoint that was read, with its owner's standing.
    Endpoint(&'a Endpoint, Membership),
    /// A VPC endpoint of another organization.
    ForeignEndpoint,
    /// A VPC endpoint of ours that may exist, because not all could be listed.
    UnreadEndpoint,
    /// The internet.
    Public,
    /// AWS's own network, on someone's behalf.
    Aws,
}

impl Network<'_> {
    /// What people call it.
    pub fn display(&self) -> String {
        match self {
            Network::Stated => "the stated network".to_owned(),
            Network::Endpoint(endpoint, _) => endpoint.id.to_string(),
            Network::ForeignEndpoint => "an endpoint of another organization".to_owned(),
            Network::UnreadEndpoint => "an endpoint of ours that was not read".to_owned(),
            Network::Public => "the internet".to_owned(),
            Network::Aws => "AWS's own network".to_owned(),
        }
    }
}

/// The service of a request of which nothing is known but that a document is asked about it.
pub const ANY_SERVICE: &str = "*";

/// What is known of a key in a situation.
pub fn term(key: &ContextKey, situation: &Situation<'_>) -> Term {
    if let Some(term) = situation.fixed.and_then(|fixed| fixed.get(key)) {
        return term.clone();
    }
    let (name, folded) = (key.as_str(), key.folded());
    if situation.service == ANY_SERVICE
        && let Some(term) = anything::term(folded, name, situation)
    {
        return term;
    }
    point::term(folded, situation)
        .or_else(|| of_caller(folded, situation))
        .or_else(|| of_session(folded, name, situation))
        .or_else(|| of_resource(folded, situation))
        .or_else(|| of_network(folded, name, situation))
        .or_else(|| of_forwarding(folded, name, situation))
        .or_else(|| of_kms(folded, name, situation))
        .unwrap_or_else(|| of_request(folded, name))
}

fn of_caller(key: &str, situation: &Situation<'_>) -> Option<Term> {
    let caller = situation.caller;
    Some(match key {
        "aws:principalarn" => principal_arn(caller),
        "aws:principalaccount" | "kms:calleraccount" => principal_account(caller),
        "aws:principaltype" => principal_type(caller),
        "aws:principalorgid" => principal_organization(caller),
        "aws:principalorgpaths" => principal_paths(caller),
        "aws:principalisawsservice" => is_service(caller),
        "aws:principalservicename" | "aws:principalservicenameslist" => service_name(caller),
        "aws:username" => user_name(caller),
        "aws:userid" => user_id(situation),
        _ => return None,
    })
}

fn principal_arn(caller: &Caller) -> Term {
    match &caller.kind {
        CallerKind::Anyone(_) => Term::OfCaller(CallerPart::Arn),
        CallerKind::Service(_) => Term::Absent,
        _ => caller
            .principal_arn()
            .map_or(Term::Absent, |arn| Term::value(arn.to_string())),
    }
}

/// The literal `anonymous` for unsigned requests ("AWS global condition context keys").
fn principal_account(caller: &Caller) -> Term {
    match (&caller.kind, caller.account) {
        (CallerKind::Anyone(_), _) => Term::OfCaller(CallerPart::Account),
        (CallerKind::Anonymous, _) => Term::value("anonymous"),
        (_, Some(account)) => Term::value(account.to_string()),
        (_, None) => Term::Absent,
    }
}

fn principal_type(caller: &Caller) -> Term {
    match &caller.kind {
        CallerKind::User(_) => Term::value("User"),
        CallerKind::Role { .. } => Term::value("AssumedRole"),
        CallerKind::Root(_) => Term::value("Account"),
        CallerKind::FederatedUser { .. } => Term::value("FederatedUser"),
        CallerKind::Anonymous => Term::value("Anonymous"),
        CallerKind::Service(_) => {
            Term::unknown("aws:PrincipalType of a service principal is not documented")
        }
        CallerKind::Federated(_) => Term::Absent,
        CallerKind::Anyone(_) => Term::OfCaller(CallerPart::Type),
    }
}

fn principal_organization(caller: &Caller) -> Term {
    if not_yet_a_principal(caller) {
        return Term::Absent;
    }
    match &caller.membership {
        Membership::Member { organization, .. } => Term::value(organization.clone()),
        Membership::None => Term::Absent,
        Membership::Foreign => Term::OfForeignPath(PathPart::Organization),
        Membership::Unknown => {
            Term::unknown("whether the caller's account is in an organization was not stated")
        }
    }
}

fn principal_paths(caller: &Caller) -> Term {
    if not_yet_a_principal(caller) {
        return Term::Absent;
    }
    match &caller.membership {
        Membership::Member { path, .. } => known_values(path),
        Membership::None => Term::Absent,
        Membership::Foreign => Term::OfForeignPath(PathPart::Path),
        Membership::Unknown => {
            Term::unknown("the organization path of the caller's account was not stated")
        }
    }
}

/// Anonymous callers, service principals, and federated callers of AssumeRoleWith… carry no
/// organization keys.
fn not_yet_a_principal(caller: &Caller) -> bool {
    matches!(
        caller.kind,
        CallerKind::Anonymous | CallerKind::Service(_) | CallerKind::Federated(_)
    )
}

/// On every signed request; not on anonymous ones, nor for callers of AssumeRoleWith….
fn is_service(caller: &Caller) -> Term {
    match caller.kind {
        CallerKind::Anonymous | CallerKind::Federated(_) => Term::Absent,
        CallerKind::Service(_) => Term::flag(true),
        _ => Term::flag(false),
    }
}

fn service_name(caller: &Caller) -> Term {
    match &caller.kind {
        CallerKind::Service(host) if **host == *EVERY_SERVICE => {
            Term::OfCaller(CallerPart::Service)
        }
        CallerKind::Service(host) => Term::value(host.clone()),
        _ => Term::Absent,
    }
}

fn user_name(caller: &Caller) -> Term {
    match &caller.kind {
        CallerKind::User(arn) => match arn.resource().rsplit('/').next() {
            Some(name) => Term::value(name),
            None => Term::Absent,
        },
        CallerKind::Anyone(_) => Term::OfCaller(CallerPart::UserName),
        _ => Term::Absent,
    }
}

fn user_id(situation: &Situation<'_>) -> Term {
    match &situation.caller.kind {
        CallerKind::User(_) => known_value(&situation.unique_id),
        CallerKind::Role { .. } | CallerKind::Anyone(_) | CallerKind::FederatedUser { .. } => {
            open("aws:userid", true, true, Domain::Shaped(Shape::UserId))
        }
        CallerKind::Root(arn) => Term::value(arn.account()),
        CallerKind::Anonymous => Term::value("anonymous"),
        CallerKind::Service(_) | CallerKind::Federated(_) => {
            Term::unknown("aws:userid of such a caller is not documented")
        }
    }
}

/// Keys of the session: tags, MFA, issue time. Tags set when the role was assumed win over the
/// role's own ("Pass session tags in AWS STS").
fn of_session(key: &str, name: &str, situation: &Situation<'_>) -> Option<Term> {
    if let Some(tag) = key.strip_prefix("aws:principaltag/") {
        return Some(principal_tag(tag, name, situation));
    }
    let signed = !not_yet_a_principal(situation.caller);
    Some(match key {
        "aws:multifactorauthpresent" | "aws:multifactorauthage" | "aws:tokenissuetime"
            if !signed =>
        {
            Term::Absent
        }
        "aws:multifactorauthpresent" => open(name, false, true, Domain::Bool),
        "aws:multifactorauthage" => open(name, false, true, Domain::Number),
        "aws:tokenissuetime" => open(
            name,
            situation.caller.is_role_session(),
            true,
            Domain::Instant,
        ),
        "aws:sourceidentity" | "sts:sourceidentity" if !signed => Term::Absent,
        "aws:sourceidentity" => open(name, false, true, Domain::Shaped(Shape::Word)),
        "aws:federatedprovider" if !signed => Term::Absent,
        "aws:ec2instancesourcevpc" => open(name, false, true, Domain::Shaped(Shape::Vpc)),
        "aws:ec2instancesourceprivateipv4" => open(name, false, true, Domain::Address),
        "ec2:sourceinstancearn" | "lambda:sourcefunctionarn" => {
            open(name, false, true, Domain::Shaped(Shape::Arn))
        }
        _ => return None,
    })
}

fn principal_tag(tag: &str, name: &str, situation: &Situation<'_>) -> Term {
    let caller = situation.caller;
    if not_yet_a_principal(caller) || matches!(caller.kind, CallerKind::Root(_)) {
        return Term::Absent;
    }
    if matches!(caller.kind, CallerKind::Anyone(_)) || situation.session_tags == SessionTags::Open {
        return open(name, false, true, Domain::Text);
    }
    tag_of(&situation.caller_tags, tag)
}

fn tag_of(tags: &Known<&Tags>, tag: &str) -> Term {
    match tags {
        Known::Absent => Term::Absent,
        Known::Unknown(why) => Term::Unknown(why.clone()),
        Known::Present(tags) => {
            let mut found = tags.iter().filter(|(key, _)| key.eq_ignore_ascii_case(tag));
            match (found.next(), found.next()) {
                (None, _) => Term::Absent,
                (Some((_, value)), None) => Term::value(value.clone()),
                (Some(_), Some(_)) => Term::unknown(
                    "of two tags that differ only in case AWS does not say which one counts",
                ),
            }
        }
    }
}

fn of_resource(key: &str, situation: &Situation<'_>) -> Option<Term> {
    let target = &situation.resource;
    if let Some(tag) = key.strip_prefix("aws:resourcetag/") {
        return Some(resource_tag(tag, situation));
    }
    Some(match key {
        "aws:resourceaccount" | "s3:resourceaccount" => match target.account {
            Some(account) => Term::value(account.to_string()),
            None if target.membership == Membership::Foreign => open(
                "aws:ResourceAccount",
                true,
                false,
                Domain::Shaped(Shape::Account),
            ),
            None => Term::unknown("the account of the resource was not stated"),
        },
        "aws:resourceorgid" => match &target.membership {
            Membership::Member { organization, .. } => Term::value(organization.clone()),
            Membership::None => Term::Absent,
            Membership::Foreign => open(
                "aws:ResourceOrgID",
                false,
                false,
                Domain::Shaped(Shape::Organization),
            ),
            Membership::Unknown => {
                Term::unknown("the organization of the resource's account was not stated")
            }
        },
        "aws:resourceorgpaths" => match &target.membership {
            Membership::Member { path, .. } => known_values(path),
            Membership::None => Term::Absent,
            Membership::Foreign => open(
                "aws:ResourceOrgPaths",
                false,
                false,
                Domain::Shaped(Shape::OrganizationPath),
            ),
            Membership::Unknown => {
                Term::unknown("the organization path of the resource's account was not stated")
            }
        },
        "aws:requestedregion" => match &target.region {
            _ if situation.service == "iam" => Term::value("us-east-1"),
            Known::Absent => open(
                "aws:RequestedRegion",
                true,
                false,
                Domain::Shaped(Shape::Region),
            ),
            region => known_value(region),
        },
        _ => return None,
    })
}

/// S3 buckets take part only after tag-based control was enabled per bucket ("Enabling ABAC in
/// general purpose buckets"), which no read operation in the table tells yet.
fn resource_tag(tag: &str, situation: &Situation<'_>) -> Term {
    let term = tag_of(&situation.resource.tags, tag);
    match (&term, situation.service) {
        (Term::Values(_), "s3") => {
            Term::unknown("whether tag-based access control is enabled on the bucket was not read")
        }
        _ => term,
    }
}

/// Network keys: an endpoint shows itself and hides the address; the internet shows the address;
/// calls that AWS makes on someone's behalf show neither endpoint nor VPC.
fn of_network(key: &str, name: &str, situation: &Situation<'_>) -> Option<Term> {
    let network = &situation.network;
    if matches!(network, Network::Stated) && is_network_key(key) {
        return Some(Term::Absent);
    }
    Some(match key {
        "aws:sourceip" => match network {
            Network::Public => open(name, true, true, Domain::Address),
            Network::Aws if situation.forwarded_by.is_some() => {
                Term::unknown("AWS's pages disagree on aws:SourceIp of a forwarded call")
            }
            _ => Term::Absent,
        },
        "aws:sourcevpce" => match network {
            Network::Endpoint(endpoint, _) => Term::value(endpoint.id.clone()),
            Network::ForeignEndpoint | Network::UnreadEndpoint => {
                open(name, true, true, Domain::Shaped(Shape::Endpoint))
            }
            _ => Term::Absent,
        },
        "aws:sourcevpc" => match network {
            Network::Endpoint(endpoint, _) => known_value(&endpoint.vpc),
            Network::ForeignEndpoint => open(name, true, true, Domain::Shaped(Shape::Vpc)),
            Network::UnreadEndpoint => Term::unknown(UNREAD),
            _ => Term::Absent,
        },
        "aws:vpcsourceip" => match network {
            Network::Endpoint(..) | Network::ForeignEndpoint | Network::UnreadEndpoint => {
                open(name, true, true, Domain::Address)
            }
            _ => Term::Absent,
        },
        "aws:vpceaccount" | "aws:vpceorgid" | "aws:vpceorgpaths" | "aws:sourcevpcarn" => {
            endpoint_owner(key, name, situation)
        }
        _ => return None,
    })
}

/// Keys that say where a request comes from.
pub(crate) fn is_network_key(key: &str) -> bool {
    matches!(
        key,
        "aws:sourceip"
            | "aws:sourcevpce"
            | "aws:sourcevpc"
            | "aws:vpcsourceip"
            | "aws:vpceaccount"
            | "aws:vpceorgid"
            | "aws:vpceorgpaths"
            | "aws:sourcevpcarn"
    )
}

/// Sent only by the services on the key's own list, and the organization's only where the owner
/// of the endpoint is in one.
fn endpoint_owner(key: &str, name: &str, situation: &Situation<'_>) -> Term {
    if !cofferdam_catalog::sends_endpoint_key(key, situation.service) {
        return Term::Absent;
    }
    match &situation.network {
        Network::Endpoint(endpoint, owner) => match (key, owner) {
            ("aws:vpceaccount", _) => Term::value(endpoint.account.to_string()),
            ("aws:vpceorgid", Membership::Member { organization, .. }) => {
                Term::value(organization.clone())
            }
            ("aws:vpceorgpaths", Membership::Member { path, .. }) => known_values(path),
            ("aws:sourcevpcarn", _) => match &endpoint.vpc {
                Known::Present(vpc) => Term::value(format!(
                    "arn:aws:ec2:{}:{}:vpc/{vpc}",
                    endpoint.region, endpoint.account
                )),
                Known::Absent => Term::Absent,
                Known::Unknown(why) => Term::Unknown(why.clone()),
            },
            (_, Membership::None) => Term::Absent,
            _ => Term::unknown("the organization of the endpoint's owner was not stated"),
        },
        Network::ForeignEndpoint => {
            let shape = match key {
                "aws:vpceaccount" => Shape::Account,
                "aws:vpceorgid" => Shape::Organization,
                "aws:vpceorgpaths" => Shape::OrganizationPath,
                _ => Shape::Arn,
            };
            open(
                name,
                matches!(key, "aws:vpceaccount" | "aws:sourcevpcarn"),
                true,
                Domain::Shaped(shape),
            )
        }
        Network::UnreadEndpoint => Term::unknown(UNREAD),
        _ => Term::Absent,
    }
}

/// Why nothing is known of an endpoint that may exist.
const UNREAD: &str = "not all VPC endpoints could be listed";

/// "Forward access sessions"; keys that a service sends when it acts for a resource of somebody.
fn of_forwarding(key: &str, name: &str, situation: &Situation<'_>) -> Option<Term> {
    let service_acts = matches!(situation.caller.kind, CallerKind::Service(_));
    Some(match key {
        "aws:viaawsservice" => Term::flag(situation.forwarded_by.is_some()),
        "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast" => {
            match situation.forwarded_by {
                Some(host) => Term::value(host),
                None => Term::Absent,
            }
        }
        "aws:sourceaccount" if service_acts => {
            open(name, false, false, Domain::Shaped(Shape::Account))
        }
        "aws:sourcearn" if service_acts => open(name, false, false, Domain::Shaped(Shape::Arn)),
        "aws:sourceorgid" if service_acts => {
            open(name, false, false, Domain::Shaped(Shape::AnyOrganization))
        }
        "aws:sourceorgpaths" if service_acts => open(name, false, false, Domain::Texts),
        "aws:sourceowner" if situation.service == "sns" && may_be_owner(situation) => {
            Term::unknown(
                "aws:SourceOwner, which the default policy of a topic tests, is not documented",
            )
        }
        "aws:sourceaccount" | "aws:sourcearn" | "aws:sourceorgid" | "aws:sourceorgpaths"
        | "aws:sourceowner" => Term::Absent,
        _ => return None,
    })
}

/// Whether the caller may be of the account that owns the resource.
fn may_be_owner(situation: &Situation<'_>) -> bool {
    let Some(owner) = situation.resource.account else {
        return true;
    };
    match &situation.caller.kind {
        CallerKind::Anyone(crowd) => crowd_holds(crowd, owner),
        _ => situation.caller.account == Some(owner),
    }
}

/// KMS keys that only a forwarding service sets ("Condition keys for AWS KMS").
fn of_kms(key: &str, name: &str, situation: &Situation<'_>) -> Option<Term> {
    Some(match key {
        "kms:viaservice" => match (situation.forwarded_by, &situation.resource.region) {
            (None, _) => Term::Absent,
            (Some(host), Known::Present(region)) => {
                let service = host.split('.').next().unwrap_or(host);
                Term::value(format!("{service}.{region}.amazonaws.com"))
            }
            (Some(_), _) => Term::unknown("the Region of the key was not stated"),
        },
        "kms:grantisforawsresource" => open(name, false, false, Domain::Bool),
        _ => return None,
    })
}

/// Keys that follow from nobody: the caller writes them, or the clock does. Keys of access points
/// and others that AWS sets are unknown until their resource is modelled.
fn of_request(key: &str, name: &str) -> Term {
    match key {
        "aws:securetransport" => return open(name, true, true, Domain::Bool),
        "aws:currenttime" => return open(name, true, true, Domain::Instant),
        "aws:epochtime" => return open("aws:CurrentTime", true, true, Domain::Instant),
        "aws:useragent" => return open(name, true, true, Domain::Text),
        _ => {}
    }
    let Some(known) = cofferdam_catalog::key(name) else {
        return Term::unknown(format!("the condition key {name} is not in the catalogue"));
    };
    if known.origin == KeyOrigin::Service {
        return Term::unknown(format!(
            "{name} is set by the service; its value was not stated"
        ));
    }
    open(name, false, false, domain(known.kind, known.multivalued))
}

fn domain(kind: KeyType, multivalued: bool) -> Domain {
    match kind {
        _ if multivalued => Domain::Texts,
        KeyType::Text | KeyType::Arn | KeyType::Binary => Domain::Text,
        KeyType::Bool => Domain::Bool,
        KeyType::Number => Domain::Number,
        KeyType::Date => Domain::Instant,
        KeyType::Address => Domain::Address,
    }
}

fn open(name: &str, always: bool, shared: bool, domain: Domain) -> Term {
    Term::Open(Open {
        name: name.to_owned(),
        always,
        shared,
        domain,
    })
}

fn known_value(value: &Known<Box<str>>) -> Term {
    match value {
        Known::Present(value) => Term::value(value.clone()),
        Known::Absent => Term::Absent,
        Known::Unknown(why) => Term::Unknown(why.clone()),
    }
}

fn known_values(values: &Known<Vec<Box<str>>>) -> Term {
    match values {
        Known::Present(values) => Term::Values(values.clone()),
        Known::Absent => Term::Absent,
        Known::Unknown(why) => Term::Unknown(why.clone()),
    }
}

/// Whether the account may be that of a crowd's member.
pub fn crowd_holds(crowd: &Crowd, account: AccountId) -> bool {
    match crowd {
        Crowd::OutsideOf(accounts) => !accounts.contains(&account),
        Crowd::Within(accounts) => accounts.contains(&account),
    }
}
