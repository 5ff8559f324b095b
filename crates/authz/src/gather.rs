//! From an organization to the layers that apply to one caller and one thing.
//!
//! Who is bound by what is decided here and nowhere else: SCPs bind the principals of member
//! accounts but not of the management account, nor service-linked roles; RCPs bind resources of
//! member accounts but not of the management account ("Service control policies (SCPs)",
//! "Resource control policies (RCPs)").

mod doors;

use cofferdam_names::{AccountId, Arn, Principal as Named};
use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{
    Account, Attached, BucketDetails, Details, Organization, PolicyId, Principal, PrincipalKind,
    PublicAccessBlock, Resource,
};

use crate::caller::{Caller, CallerKind, Crowd, Membership};
use crate::context::{Network, SessionTags, Situation, Tags, Target};
use crate::layers::{
    EndpointSheet, IdentitySide, LayerId, Layers, Level, Relation, ResourceForm, Sheet,
};
use crate::matching::ANY_SESSION;
use crate::reach::Reach;

pub use doors::Door;

/// A caller with what the organization knows of it.
#[derive(Clone, Debug)]
pub struct Party<'a> {
    /// Who asks.
    pub caller: Caller,
    /// The user or role behind it, if it was read.
    pub principal: Option<&'a Principal>,
    /// Whether somebody can set tags on its sessions.
    pub session_tags: SessionTags,
    /// Whether its identity policies are taken to allow whatever they do not deny, as if somebody
    /// attached a wide policy to it.
    pub lifted: bool,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Thing<'a> {
    /// A resource that was read.
    Resource(&'a Resource),
    /// A bucket that was read, by one of the ways that lead to it.
    Behind(&'a Resource, Door<'a>),
    /// A role, to be assumed or changed.
    Role(&'a Principal),
    /// Something of an account that nobody here governs: its owner allows everything.
    Elsewhere,
    /// The action has no resource, or one without a policy of its own in the caller's account.
    Nothing,
    /// A user or role as IAM keeps it, whose tags count but whose trust policy does not.
    Kept(&'a Principal),
    /// Something of this account without a policy of its own, which only its own principals reach.
    Owned(AccountId),
}

impl<'a> Thing<'a> {
    /// The resource that was read, whichever way leads to it.
    pub fn resource(&self) -> Option<&'a Resource> {
        match self {
            Thing::Resource(resource) | Thing::Behind(resource, _) => Some(resource),
            _ => None,
        }
    }
}

/// How an account stands to the organization.
pub fn membership(org: &Organization, account: AccountId) -> Membership {
    let Some(identity) = &org.identity else {
        return if org.accounts.contains_key(&account) {
            Membership::None
        } else {
            Membership::Unknown
        };
    };
    if !org.is_member(account) {
        return match org.gap(account, Kind::Account) {
            Some(_) => Membership::Unknown,
            None => Membership::Foreign,
        };
    }
    Membership::Member {
        organization: identity.id.clone(),
        path: org.account_path(account),
        management: identity
            .management
            .clone()
            .map(|management| management == account),
    }
}

impl<'a> Party<'a> {
    /// A principal of the organization; of a role, any session.
    pub fn of(org: &Organization, principal: &'a Principal) -> Party<'a> {
        let arn = principal.arn.clone();
        let kind = match principal.kind {
            PrincipalKind::User => CallerKind::User(arn),
            PrincipalKind::Role | PrincipalKind::ServiceLinkedRole => CallerKind::Role {
                session: session_of(&arn, ANY_SESSION),
                role: arn,
                service_linked: principal.kind == PrincipalKind::ServiceLinkedRole,
            },
        };
        let caller = Caller {
            kind,
            account: Some(principal.account),
            membership: membership(org, principal.account),
        };
        Party {
            caller,
            principal: Some(principal),
            session_tags: SessionTags::None,
            lifted: false,
        }
    }

    /// The root user of an account.
    pub fn root(org: &Organization, account: AccountId) -> Option<Party<'a>> {
        let arn = Arn::parse(&format!("arn:aws:iam::{account}:root")).ok()?;
        let caller = Caller {
            kind: CallerKind::Root(arn),
            account: Some(account),
            membership: membership(org, account),
        };
        Some(Party::unlisted(caller))
    }

    /// Everybody of accounts outside the organization and of the accounts that were read.
    pub fn outsiders(org: &Organization) -> Party<'a> {
        let accounts = org.accounts.keys().copied().collect();
        // An account that could not be listed may be one of ours.
        let unlisted = org.gaps.iter().any(|(_, kind, _)| *kind == Kind::Account);
        Party::unlisted(Caller {
            kind: CallerKind::Anyone(Crowd::OutsideOf(accounts)),
            account: None,
            membership: if unlisted {
                Membership::Unknown
            } else {
                Membership::Foreign
            },
        })
    }

    /// Everybody of these accounts, existing or yet to be created. The membership is that of the
    /// first, so the accounts must stand alike. Several accounts are asked as strangers to whatever
    /// account owns the resource; who owns it must be asked alone.
    pub fn everyone_of(org: &Organization, accounts: Vec<AccountId>) -> Party<'a> {
        let first = accounts.first().copied();
        Party::unlisted(Caller {
            kind: CallerKind::Anyone(Crowd::Within(accounts)),
            account: None,
            membership: first.map_or(Membership::Unknown, |account| membership(org, account)),
        })
    }

    /// Nobody: an unsigned request.
    pub fn anonymous() -> Party<'a> {
        Party::unlisted(Caller {
            kind: CallerKind::Anonymous,
            account: None,
            membership: Membership::None,
        })
    }

    /// An AWS service acting by itself.
    pub fn service(host: &str) -> Party<'a> {
        let kind = CallerKind::Service(host.into());
        Party::unlisted(Caller {
            kind,
            account: None,
            membership: Membership::None,
        })
    }

    /// Somebody with a token of a provider.
    pub fn federated(provider: &str) -> Party<'a> {
        let kind = CallerKind::Federated(provider.into());
        Party::unlisted(Caller {
            kind,
            account: None,
            membership: Membership::None,
        })
    }

    fn unlisted(caller: Caller) -> Party<'a> {
        Party {
            caller,
            principal: None,
            session_tags: SessionTags::None,
            lifted: false,
        }
    }

    /// Whom an ARN, a service host, a provider of identities or `anonymous` stands for. A session is
    /// one of the role of that name in its account, where that was read.
    pub fn from_text(org: &'a Organization, text: &str) -> Option<Party<'a>> {
        if text == "anonymous" {
            return Some(Party::anonymous());
        }
        if is_provider(text) {
            return Some(Party::federated(text));
        }
        let Ok(arn) = Arn::parse(text) else {
            return Some(Party::service(text));
        };
        let account = arn.account_id()?;
        if let Some(principal) = behind(org, &arn) {
            let mut party = Party::of(org, principal);
            if let CallerKind::Role { session, .. } = &mut party.caller.kind {
                *session = if arn.service() == "sts" {
                    arn
                } else {
                    session_of(&arn, "session")
                };
            }
            party.session_tags = SessionTags::Stated;
            return Some(party);
        }
        let kind = kind_of(&arn)?;
        Some(Party {
            caller: Caller {
                kind,
                account: Some(account),
                membership: membership(org, account),
            },
            principal: None,
            session_tags: SessionTags::Stated,
            lifted: false,
        })
    }

    fn tags(&self) -> Known<&'a Tags> {
        match self.principal {
            Some(principal) => principal.tags.as_ref(),
            None => Known::Absent,
        }
    }

    fn unique_id(&self) -> Known<Box<str>> {
        match self.principal {
            Some(principal) => principal.unique_id.clone(),
            None => Known::Unknown("the unique id of the caller was not read".into()),
        }
    }
}

/// Providers that need no provider of the account ("AWS JSON policy elements: Principal").
const PUBLIC_PROVIDERS: [&str; 4] = [
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
];

fn is_provider(text: &str) -> bool {
    let of_account = |arn: &Arn| {
        let resource = arn.resource();
        resource.starts_with("saml-provider/") || resource.starts_with("oidc-provider/")
    };
    PUBLIC_PROVIDERS.contains(&text) || Arn::parse(text).is_ok_and(|arn| of_account(&arn))
}

/// The principal that an ARN names, or of whose sessions it names one.
fn behind<'a>(org: &'a Organization, arn: &Arn) -> Option<&'a Principal> {
    if let Some(principal) = org.principal(arn.as_str()) {
        return Some(principal);
    }
    let roles = format!("arn:{}:iam::{}:role/", arn.partition(), arn.account());
    let first = org
        .principals
        .partition_point(|principal| principal.arn.as_str() < roles.as_str());
    org.principals
        .iter()
        .skip(first)
        .take_while(|principal| principal.arn.as_str().starts_with(&roles))
        .find(|role| arn.is_session_of(&role.arn))
}

/// The ARN of a session; for [`ANY_SESSION`], of none in particular.
pub fn session_of(role: &Arn, name: &str) -> Arn {
    let role_name = role.resource().rsplit('/').next().unwrap_or_default();
    let text = format!(
        "arn:{}:sts::{}:assumed-role/{role_name}/{name}",
        role.partition(),
        role.account()
    );
    Arn::parse(&text).unwrap_or_else(|_| role.clone())
}

/// What kind of caller an ARN names, where no inventory knows it.
pub fn kind_of(arn: &Arn) -> Option<CallerKind> {
    Some(match arn.principal()? {
        Named::Root => CallerKind::Root(arn.clone()),
        Named::User { .. } => CallerKind::User(arn.clone()),
        Named::FederatedUser { .. } => CallerKind::FederatedUser {
            session: arn.clone(),
            user: None,
        },
        Named::Role { path, .. } => CallerKind::Role {
            service_linked: path.starts_with("/aws-service-role/"),
            session: session_of(arn, "session"),
            role: arn.clone(),
        },
        Named::AssumedRole { role, .. } => {
            let role = format!("arn:{}:iam::{}:role/{role}", arn.partition(), arn.account());
            CallerKind::Role {
                service_linked: false,
                role: Arn::parse(&role).ok()?,
                session: arn.clone(),
            }
        }
    })
}

/// The resource side of the context.
pub fn target<'a>(org: &Organization, party: &Party<'_>, thing: Thing<'a>) -> Target<'a> {
    match thing {
        Thing::Resource(resource) | Thing::Behind(resource, _) => Target {
            account: Some(resource.account),
            membership: membership(org, resource.account),
            region: resource.region.clone(),
            tags: resource.tags.as_ref(),
        },
        Thing::Role(role) | Thing::Kept(role) => Target {
            account: Some(role.account),
            membership: membership(org, role.account),
            region: Known::Absent,
            tags: role.tags.as_ref(),
        },
        Thing::Elsewhere => Target {
            account: None,
            membership: Membership::Foreign,
            region: Known::Absent,
            tags: Known::Unknown("the tags of a foreign resource are not known".into()),
        },
        Thing::Owned(account) => Target {
            account: Some(account),
            membership: membership(org, account),
            region: Known::Absent,
            tags: Known::Unknown("the tags of the resource were not read".into()),
        },
        Thing::Nothing => Target {
            account: account_of(&party.caller),
            membership: party.caller.membership.clone(),
            region: Known::Absent,
            tags: Known::Absent,
        },
    }
}

/// What the context of a request follows from.
pub fn situation<'a>(
    org: &'a Organization,
    party: &'a Party<'a>,
    thing: Thing<'a>,
    service: &'a str,
    network: Network<'a>,
) -> Situation<'a> {
    Situation {
        caller: &party.caller,
        caller_tags: party.tags(),
        unique_id: party.unique_id(),
        session_tags: party.session_tags.clone(),
        resource: target(org, party, thing),
        service,
        network,
        forwarded_by: None,
        point: doors::shown(org, thing),
        organization: org.identity.as_ref().map(|identity| &*identity.id),
        fixed: None,
    }
}

/// The layers that apply.
pub fn layers<'a>(
    org: &'a Organization,
    party: &Party<'a>,
    thing: Thing<'a>,
    service: &str,
) -> Layers<'a> {
    let owner = owner(party, thing);
    let bucket = bucket(thing);
    let layers = Layers {
        caller: party.caller.clone(),
        relation: relation(&party.caller, owner, thing),
        service_control: service_control(org, &party.caller),
        resource_control: resource_control(org, party, thing, owner),
        identity: identity(org, party, owner),
        boundary: boundary(org, party),
        session: None,
        resource: resource_sheet(org, thing),
        form: form(thing),
        grants: grants(thing),
        acl: bucket.map_or(Known::Absent, acl),
        restrict_public: bucket.map_or(Known::Absent, |bucket| {
            any_level(org, owner, bucket, |block| block.restrict_public_buckets)
        }),
        ignore_public_acls: bucket.map_or(Known::Absent, |bucket| {
            any_level(org, owner, bucket, |block| block.ignore_public_acls)
        }),
        endpoints: endpoints(org, service),
        reach: thing
            .resource()
            .and_then(|resource| Reach::of(&resource.arn)),
        through: None,
    };
    match thing {
        Thing::Behind(bucket, door) => doors::layers(org, party, bucket, door, layers),
        _ => layers,
    }
}

fn owner(party: &Party<'_>, thing: Thing<'_>) -> Option<AccountId> {
    match thing {
        Thing::Resource(resource) | Thing::Behind(resource, _) => Some(resource.account),
        Thing::Role(role) | Thing::Kept(role) => Some(role.account),
        Thing::Owned(account) => Some(account),
        Thing::Elsewhere => None,
        Thing::Nothing => account_of(&party.caller),
    }
}

/// The account of a caller, also of any principal of one account.
fn account_of(caller: &Caller) -> Option<AccountId> {
    match &caller.kind {
        CallerKind::Anyone(Crowd::Within(accounts)) => match accounts.as_slice() {
            [account] => Some(*account),
            _ => None,
        },
        _ => caller.account,
    }
}

pub(crate) fn relation(caller: &Caller, owner: Option<AccountId>, thing: Thing<'_>) -> Relation {
    match &caller.kind {
        CallerKind::Service(_) => Relation::Service,
        CallerKind::Anonymous => Relation::Anonymous,
        CallerKind::Federated(_) => Relation::Federated,
        _ if matches!(thing, Thing::Nothing | Thing::Elsewhere) => Relation::Same,
        // In a crowd of several accounts nobody is taken to be of the owner's.
        CallerKind::Anyone(Crowd::Within(accounts))
            if owner.is_some_and(|owner| *accounts == [owner]) =>
        {
            Relation::Same
        }
        CallerKind::Anyone(_) => Relation::Cross,
        _ if caller.account == owner => Relation::Same,
        _ => Relation::Cross,
    }
}

fn sheets<'a>(org: &'a Organization, layer: LayerId, ids: &[PolicyId]) -> Vec<Sheet<'a>> {
    ids.iter()
        .map(|id| Sheet {
            layer,
            target: "",
            policy: org.policies.get(*id),
        })
        .collect()
}

fn levels<'a>(
    org: &'a Organization,
    account: AccountId,
    layer: LayerId,
    attached: impl Fn(&'a Attached) -> &'a Known<Vec<PolicyId>>,
) -> Known<Vec<Level<'a>>> {
    org.levels(account).map(|levels| {
        levels
            .into_iter()
            .map(|(target, at)| Level {
                target,
                sheets: attached(at).as_ref().map(|ids| sheets(org, layer, ids)),
            })
            .collect()
    })
}

fn service_control<'a>(org: &'a Organization, caller: &Caller) -> Option<Known<Vec<Level<'a>>>> {
    let (account, alone) = match &caller.kind {
        CallerKind::Role {
            service_linked: true,
            ..
        }
        | CallerKind::Anyone(Crowd::OutsideOf(_)) => return None,
        CallerKind::Anyone(Crowd::Within(accounts)) => (*accounts.first()?, accounts.len() == 1),
        _ => (caller.account?, true),
    };
    let Membership::Member { management, .. } = &caller.membership else {
        return unlisted(org, account);
    };
    match management {
        Known::Present(true) => None,
        Known::Present(false) | Known::Absent => {
            let levels = levels(org, account, LayerId::ServiceControl, |at| {
                &at.service_control
            });
            Some(if alone { levels } else { shared_levels(levels) })
        }
        Known::Unknown(why) => Some(Known::Unknown(why.clone())),
    }
}

/// What stands above an account that may be of the organization though nobody listed it.
fn unlisted<'a>(org: &Organization, account: AccountId) -> Option<Known<Vec<Level<'a>>>> {
    org.identity.as_ref().filter(|_| !org.is_member(account))?;
    let why = org.gap(account, Kind::Account)?;
    Some(Known::Unknown(why.into()))
}

/// The levels that all accounts of a crowd share: all but that of the account itself.
fn shared_levels(levels: Known<Vec<Level<'_>>>) -> Known<Vec<Level<'_>>> {
    levels.map(|mut levels| {
        levels.pop();
        levels
    })
}

pub(crate) fn resource_control<'a>(
    org: &'a Organization,
    party: &Party<'_>,
    thing: Thing<'a>,
    owner: Option<AccountId>,
) -> Option<Known<Vec<Level<'a>>>> {
    if matches!(
        &party.caller.kind,
        CallerKind::Role {
            service_linked: true,
            ..
        }
    ) || is_aws_managed(thing)
        || takes_its_own_role(party, thing)
    {
        return None;
    }
    let owner = owner?;
    if matches!(thing, Thing::Elsewhere) {
        return None;
    }
    if !org.is_member(owner) {
        return unlisted(org, owner);
    }
    match org.identity.as_ref()?.management {
        Known::Present(management) if management == owner => None,
        Known::Unknown(ref why) => Some(Known::Unknown(why.clone())),
        _ => Some(levels(org, owner, LayerId::ResourceControl, |at| {
            &at.resource_control
        })),
    }
}

/// RCPs do not keep a service from its service-linked role ("Resource control policies (RCPs)").
fn takes_its_own_role(party: &Party<'_>, thing: Thing<'_>) -> bool {
    matches!(party.caller.kind, CallerKind::Service(_))
        && matches!(thing, Thing::Role(role) if role.kind == PrincipalKind::ServiceLinkedRole)
}

/// RCPs do not reach AWS managed keys.
fn is_aws_managed(thing: Thing<'_>) -> bool {
    match thing {
        Thing::Resource(resource) => match &resource.details {
            Details::Key(key) => key.aws_managed == Known::Present(true),
            _ => false,
        },
        _ => false,
    }
}

/// A root user and the accounts that an outsider rules have everything on their own side.
fn identity<'a>(
    org: &'a Organization,
    party: &Party<'a>,
    _owner: Option<AccountId>,
) -> IdentitySide<'a> {
    match &party.caller.kind {
        CallerKind::Service(_) | CallerKind::Anonymous | CallerKind::Federated(_) => {
            IdentitySide::NotAsked
        }
        CallerKind::Root(_) | CallerKind::Anyone(_) => IdentitySide::Everything,
        _ => match party.principal {
            Some(principal) => {
                let known = principal.identity.as_ref();
                let sheets = known.map(|ids| sheets(org, LayerId::Identity, ids));
                match party.lifted {
                    true => IdentitySide::AllBut(sheets),
                    false => IdentitySide::Policies(sheets),
                }
            }
            None if party.lifted => IdentitySide::Everything,
            None if party
                .caller
                .account
                .is_some_and(|account| !org.accounts.contains_key(&account)) =>
            {
                IdentitySide::Everything
            }
            None => {
                IdentitySide::Policies(Known::Unknown("the caller's policies were not read".into()))
            }
        },
    }
}

fn boundary<'a>(org: &'a Organization, party: &Party<'a>) -> Known<Sheet<'a>> {
    match party.principal {
        None => Known::Absent,
        Some(principal) => principal.boundary.as_ref().map(|id| Sheet {
            layer: LayerId::PermissionsBoundary,
            target: "",
            policy: org.policies.get(*id),
        }),
    }
}

fn resource_sheet<'a>(org: &'a Organization, thing: Thing<'a>) -> Known<Sheet<'a>> {
    let (layer, target, policy) = match thing {
        Thing::Resource(resource) | Thing::Behind(resource, _) => {
            (layer_of(resource), resource.arn.as_str(), &resource.policy)
        }
        Thing::Role(role) => (LayerId::Trust, role.arn.as_str(), &role.trust),
        Thing::Elsewhere | Thing::Nothing | Thing::Kept(_) | Thing::Owned(_) => {
            return Known::Absent;
        }
    };
    policy.as_ref().map(|id| Sheet {
        layer,
        target,
        policy: org.policies.get(*id),
    })
}

/// The layer of a resource's own policy.
pub fn layer_of(resource: &Resource) -> LayerId {
    if resource.kind == Kind::Key {
        LayerId::KeyPolicy
    } else {
        LayerId::Resource
    }
}

fn form(thing: Thing<'_>) -> ResourceForm {
    match thing {
        Thing::Resource(resource) if resource.kind == Kind::Key => ResourceForm::RootOfTrust,
        Thing::Resource(_) | Thing::Behind(..) | Thing::Kept(_) | Thing::Owned(_) => {
            ResourceForm::Ordinary
        }
        Thing::Role(_) => ResourceForm::RootOfTrust,
        Thing::Elsewhere | Thing::Nothing => ResourceForm::None,
    }
}

fn grants(thing: Thing<'_>) -> Known<&[cofferdam_org::model::Grant]> {
    match thing {
        Thing::Resource(resource) => match &resource.details {
            Details::Key(key) => key.grants.as_ref().map(Vec::as_slice),
            _ => Known::Absent,
        },
        _ => Known::Absent,
    }
}

fn bucket(thing: Thing<'_>) -> Option<&BucketDetails> {
    match &thing.resource()?.details {
        Details::Bucket(bucket) => Some(bucket),
        _ => None,
    }
}

/// ACLs have no effect under BucketOwnerEnforced ("Controlling ownership of objects and disabling
/// ACLs for your bucket").
fn acl(bucket: &BucketDetails) -> Known<&[cofferdam_org::model::AclGrant]> {
    match &bucket.acls_disabled {
        Known::Present(true) => Known::Absent,
        Known::Present(false) | Known::Absent => bucket.acl.as_ref().map(Vec::as_slice),
        Known::Unknown(why) => Known::Unknown(why.clone()),
    }
}

/// What keeps the public out of a bucket once blocks of public access are taken off: whether public
/// policies are held back, and whether public ACLs are ignored.
pub(crate) fn blocked_without<'a>(
    org: &'a Organization,
    resource: &'a Resource,
    [of_bucket, of_account]: [bool; 2],
) -> Option<[Known<bool>; 2]> {
    let bucket = bucket(Thing::Resource(resource))?;
    let account = org.accounts.get(&resource.account);
    let levels = [
        Some(&bucket.public_access_block).filter(|_| !of_bucket),
        account
            .map(|account| &account.public_access_block)
            .filter(|_| !of_account),
    ];
    Some([
        any_of(levels, |block| block.restrict_public_buckets),
        any_of(levels, |block| block.ignore_public_acls),
    ])
}

/// The most restrictive of bucket and account wins.
fn any_level(
    org: &Organization,
    owner: Option<AccountId>,
    bucket: &BucketDetails,
    switch: impl Fn(&PublicAccessBlock) -> bool,
) -> Known<bool> {
    let account = owner
        .and_then(|owner| org.accounts.get(&owner))
        .map(|account: &Account| &account.public_access_block);
    any_of([Some(&bucket.public_access_block), account], switch)
}

/// Whether a switch is on in one of several settings.
fn any_of<const COUNT: usize>(
    settings: [Option<&Known<PublicAccessBlock>>; COUNT],
    switch: impl Fn(&PublicAccessBlock) -> bool,
) -> Known<bool> {
    let mut unknown = None;
    for level in settings.into_iter().flatten() {
        match level {
            Known::Present(block) if switch(block) => return Known::Present(true),
            Known::Unknown(why) => unknown = Some(why.clone()),
            Known::Present(_) | Known::Absent => {}
        }
    }
    unknown.map_or(Known::Present(false), Known::Unknown)
}

fn endpoints<'a>(org: &'a Organization, service: &str) -> Vec<EndpointSheet<'a>> {
    let of_service = org
        .endpoints
        .iter()
        .filter(|endpoint| &*endpoint.service == service);
    of_service
        .map(|endpoint| EndpointSheet {
            id: &endpoint.id,
            certain: false,
            gateway: endpoint.gateway.clone(),
            policy: endpoint.policy.as_ref().map(|id| Sheet {
                layer: LayerId::Endpoint,
                target: &endpoint.id,
                policy: org.policies.get(*id),
            }),
        })
        .collect()
}

/// Every network that a caller may use to reach a service: the endpoints that were read, an
/// endpoint of somebody else, the internet.
pub fn networks<'a>(
    org: &'a Organization,
    service: &str,
    region: &Known<Box<str>>,
) -> Vec<Network<'a>> {
    let mut networks = vec![Network::Public];
    for endpoint in org
        .endpoints
        .iter()
        .filter(|endpoint| &*endpoint.service == service)
    {
        if region
            .present()
            .is_none_or(|region| *region == endpoint.region)
        {
            networks.push(Network::Endpoint(
                endpoint,
                membership(org, endpoint.account),
            ));
        }
    }
    networks.push(Network::ForeignEndpoint);
    if org.gaps.iter().any(|(_, kind, _)| *kind == Kind::Endpoint) {
        networks.push(Network::UnreadEndpoint);
    }
    networks
}
