//! What the layers decide together: the one combination that every reading goes through.
//!
//! Sources: "How AWS enforcement code logic evaluates requests to allow or deny access",
//! "Policy evaluation for requests within a single account", "Cross-account policy evaluation
//! logic", "Permissions boundaries for IAM entities", "Service control policies (SCPs)",
//! "Resource control policies (RCPs)", "Key policies in AWS KMS", "Control access to VPC
//! endpoints using endpoint policies".

use cofferdam_org::fact::Known;
use cofferdam_policy::ast::{Effect, PrincipalPattern, Principals, Statement};
use cofferdam_policy::reading::{self, Reading};

use crate::access_point::{self, Way};
use crate::caller::{Caller, CallerKind};
use crate::free;
use crate::layers::{
    EndpointSheet, IdentitySide, LayerId, Layers, Level, Relation, ResourceForm, Sheet,
};
use crate::matching::{GrantForm, grant_form};
use crate::reach;

/// A reading of whole decisions: what *combine* asks beyond the policy language.
pub trait Deciding: Reading {
    /// A statement's match, before it takes effect: the place of selectors and of traces.
    fn fires(
        &mut self,
        sheet: &Sheet<'_>,
        statement: &Statement,
        matched: Self::Truth,
    ) -> Self::Truth;
    /// What a layer, or one level of it, came to.
    fn outcome(&mut self, layer: LayerId, target: &str, allows: Self::Truth, denies: Self::Truth);
    /// The request travels through this endpoint.
    fn travels_through(&mut self, endpoint: &str) -> Self::Truth;
    /// A KMS grant admits the request: grantee, operation and encryption context.
    fn grant(&mut self, index: usize, grant: &cofferdam_org::model::Grant) -> Self::Truth;
    /// An S3 ACL grant admits the request.
    fn acl_grant(&mut self, grant: &cofferdam_org::model::AclGrant) -> Self::Truth;
    /// RCPs of the resource's account reach this action.
    fn rcp_covers(&mut self) -> Self::Truth;
    /// From here on, `Resource` elements are read against the name that the thing has by this way;
    /// `None`: against its own.
    fn named_by(&mut self, way: Option<&Way>);
    /// Who asks.
    fn caller(&self) -> &Caller;
    /// The prefix of the service whose action is asked for, if it is one: statements about other
    /// services are passed over.
    fn service(&self) -> Option<&str> {
        None
    }
    /// Whether what statements of one effect came to needs no more of them: never, where every
    /// statement is to be told.
    fn enough(&self, _truth: Self::Truth) -> bool {
        false
    }
    /// Whether statements of an effect are not read at all.
    fn passes_over(&self, _effect: Effect) -> bool {
        false
    }
    /// The caller is the root user of its account.
    fn is_root(&mut self) -> Self::Truth {
        let root = matches!(self.caller().kind, CallerKind::Root(_));
        self.known(root)
    }
}

/// The decision in a reading's own truth.
#[derive(Clone, Copy, Debug)]
pub struct Decided<T> {
    /// Nothing denies and every side that must allow does.
    pub allowed: T,
    /// Some policy denies explicitly.
    pub denied: T,
}

/// What one document, or the documents of one level, say.
#[derive(Clone, Copy)]
pub(crate) struct Said<T> {
    pub(crate) allows: T,
    pub(crate) denies: T,
}

impl<T: Copy> Said<T> {
    fn of(&self, effect: Effect) -> T {
        match effect {
            Effect::Allow => self.allows,
            Effect::Deny => self.denies,
        }
    }

    fn add<R: Reading<Truth = T>>(&mut self, reading: &mut R, effect: Effect, fires: T) {
        match effect {
            Effect::Allow => self.allows = reading.or(self.allows, fires),
            Effect::Deny => self.denies = reading.or(self.denies, fires),
        }
    }
}

/// Decides. What goes through an access point is asked of it and of the bucket, and both must allow
/// ("Configuring IAM policies for using access points").
pub fn combine<R: Deciding>(reading: &mut R, layers: &Layers<'_>) -> Decided<R::Truth> {
    let Some(through) = &layers.through else {
        return free::decide(reading, layers);
    };
    let point = access_point::decide(reading, through);
    let bucket = decide_one(reading, layers);
    Decided {
        allowed: reading.and(point.allowed, bucket.allowed),
        denied: reading.or(point.denied, bucket.denied),
    }
}

/// Decides about one thing under the name that it has now.
pub(crate) fn decide_one<R: Deciding>(reading: &mut R, layers: &Layers<'_>) -> Decided<R::Truth> {
    let mut denied = reading.known(false);
    let resource_control = resource_control(reading, layers);
    denied = reading.or(denied, resource_control.denies);
    let service_control = service_control(reading, layers);
    denied = reading.or(denied, service_control.denies);
    let endpoint = endpoints(reading, layers);
    denied = reading.or(denied, endpoint.denies);
    let identity = identity(reading, layers);
    denied = reading.or(denied, identity.denies);
    let boundary = boundary(reading, layers);
    denied = reading.or(denied, boundary.denies);
    let session = session(reading, layers);
    denied = reading.or(denied, session.denies);
    let resource = resource_policy(reading, layers);
    denied = reading.or(denied, resource.denies);

    let limits = Limits {
        boundary: boundary.allows,
        session: session.allows,
    };
    let granted = granted(reading, layers, identity.allows, limits, &resource);
    let mut allowed = reading.and(granted, service_control.allows);
    allowed = reading.and(allowed, resource_control.allows);
    allowed = reading.and(allowed, endpoint.allows);
    let not_denied = reading.not(denied);
    allowed = reading.and(allowed, not_denied);
    unasked(reading, layers, Decided { allowed, denied })
}

/// The caller's own limits.
#[derive(Clone, Copy)]
struct Limits<T> {
    boundary: T,
    session: T,
}

/// What the policy of the resource grants, by the way in which it names the caller.
struct ResourceSaid<T> {
    denies: T,
    /// Names the caller so that no limit of its own counts.
    outright: T,
    /// Names the caller's role (or the user behind a federated session): boundary and session
    /// policy still limit.
    limited: T,
    /// Names everyone without naming the caller: alone enough, but whether boundary and session
    /// policy limit it is not documented.
    everyone: T,
    /// Leaves it to the caller's account.
    delegated: T,
    /// KMS grants and S3 ACLs.
    beside: T,
}

/// Joins the sides as the accounts stand to each other.
fn granted<R: Deciding>(
    reading: &mut R,
    layers: &Layers<'_>,
    identity: R::Truth,
    limits: Limits<R::Truth>,
    resource: &ResourceSaid<R::Truth>,
) -> R::Truth {
    let limit = reading.and(limits.boundary, limits.session);
    let own = reading.and(identity, limit);
    match layers.relation {
        Relation::Same => same_account(reading, layers.form, own, limit, resource),
        Relation::Cross => {
            let resource_side = any_grant(reading, resource);
            reading.and(own, resource_side)
        }
        Relation::Service | Relation::Anonymous | Relation::Federated => {
            any_grant(reading, resource)
        }
    }
}

/// "Policy evaluation for requests within a single account"; key policies and trust policies need
/// their own consent even here.
fn same_account<R: Deciding>(
    reading: &mut R,
    form: ResourceForm,
    own: R::Truth,
    limit: R::Truth,
    resource: &ResourceSaid<R::Truth>,
) -> R::Truth {
    let through_identity = match form {
        ResourceForm::Ordinary | ResourceForm::AccessPoint | ResourceForm::None => own,
        ResourceForm::RootOfTrust => reading.and(own, resource.delegated),
    };
    let limited = reading.and(resource.limited, limit);
    let open = reading.or(resource.everyone, resource.beside);
    let open = reading.both(open, |reading| {
        reading.either(limit, |reading| {
            reading.unknown(
                "whether a permissions boundary or session policy limits a grant to everyone is not documented",
            )
        })
    });
    let mut truth = reading.or(through_identity, resource.outright);
    truth = reading.or(truth, limited);
    reading.or(truth, open)
}

fn any_grant<R: Deciding>(reading: &mut R, resource: &ResourceSaid<R::Truth>) -> R::Truth {
    let mut truth = reading.or(resource.outright, resource.limited);
    truth = reading.or(truth, resource.everyone);
    truth = reading.or(truth, resource.delegated);
    reading.or(truth, resource.beside)
}

/// SCPs: every level must allow, any attached document of a level may; a Deny anywhere denies.
fn service_control<R: Deciding>(reading: &mut R, layers: &Layers<'_>) -> Said<R::Truth> {
    let Some(levels) = &layers.service_control else {
        return nothing_asked(reading);
    };
    all_levels(
        reading,
        levels,
        LayerId::ServiceControl,
        |reading, level| {
            let said = level_says(reading, level);
            let said = asked_again(reading, layers, said, |reading| level_says(reading, level));
            reading.outcome(
                LayerId::ServiceControl,
                &level.target,
                said.allows,
                said.denies,
            );
            said
        },
    )
}

/// RCPs: RCPFullAWSAccess is attached everywhere and cannot be detached, so that only Deny bites.
fn resource_control<R: Deciding>(reading: &mut R, layers: &Layers<'_>) -> Said<R::Truth> {
    let Some(levels) = &layers.resource_control else {
        return nothing_asked(reading);
    };
    all_levels(
        reading,
        levels,
        LayerId::ResourceControl,
        |reading, level| {
            let said = level_says(reading, level);
            let denies = reading.both(said.denies, |reading| reading.rcp_covers());
            let allows = reading.known(true);
            reading.outcome(LayerId::ResourceControl, &level.target, allows, denies);
            Said { allows, denies }
        },
    )
}

fn all_levels<'a, R: Deciding>(
    reading: &mut R,
    levels: &Known<Vec<Level<'a>>>,
    layer: LayerId,
    mut each: impl FnMut(&mut R, &Level<'a>) -> Said<R::Truth>,
) -> Said<R::Truth> {
    match levels {
        Known::Absent => nothing_asked(reading),
        Known::Unknown(why) => {
            let said = nobody_knows(reading, why);
            reading.outcome(layer, "", said.allows, said.denies);
            said
        }
        Known::Present(levels) => {
            let mut total = nothing_asked(reading);
            for level in levels {
                let said = each(reading, level);
                total.allows = reading.and(total.allows, said.allows);
                total.denies = reading.or(total.denies, said.denies);
            }
            total
        }
    }
}

fn level_says<R: Deciding>(reading: &mut R, level: &Level<'_>) -> Said<R::Truth> {
    match &level.sheets {
        Known::Present(sheets) => sheets_say(reading, sheets),
        Known::Absent => nothing_asked(reading),
        Known::Unknown(why) => nobody_knows(reading, why),
    }
}

fn identity<R: Deciding>(reading: &mut R, layers: &Layers<'_>) -> Said<R::Truth> {
    let (policies, lifted) = match &layers.identity {
        IdentitySide::Everything | IdentitySide::NotAsked => return nothing_asked(reading),
        IdentitySide::Policies(policies) => (policies, false),
        IdentitySide::AllBut(policies) => (policies, true),
    };
    let says = |reading: &mut R| {
        let mut said = match policies {
            Known::Present(sheets) => sheets_say(reading, sheets),
            Known::Absent => sheets_say(reading, &[]),
            Known::Unknown(why) => nobody_knows(reading, why),
        };
        if lifted {
            said.allows = reading.known(true);
        }
        said
    };
    own_side(reading, layers, LayerId::Identity, says)
}

fn boundary<R: Deciding>(reading: &mut R, layers: &Layers<'_>) -> Said<R::Truth> {
    let says = |reading: &mut R| match &layers.boundary {
        Known::Absent => nothing_asked(reading),
        Known::Present(sheet) => sheets_say(reading, std::slice::from_ref(sheet)),
        Known::Unknown(why) => nobody_knows(reading, why),
    };
    if matches!(layers.boundary, Known::Absent) {
        return nothing_asked(reading);
    }
    own_side(reading, layers, LayerId::PermissionsBoundary, says)
}

/// A federated user's session without a policy may do nothing; a role session without one is not
/// limited ("Session policies").
fn session<R: Deciding>(reading: &mut R, layers: &Layers<'_>) -> Said<R::Truth> {
    let federated = matches!(layers.caller.kind, CallerKind::FederatedUser { .. });
    let sheets = match &layers.session {
        Some(sheets) => sheets.as_slice(),
        None if federated => &[],
        None => return nothing_asked(reading),
    };
    own_side(reading, layers, LayerId::Session, |reading| {
        sheets_say(reading, sheets)
    })
}

/// One layer of the caller's own side.
fn own_side<R: Deciding>(
    reading: &mut R,
    layers: &Layers<'_>,
    layer: LayerId,
    says: impl Fn(&mut R) -> Said<R::Truth>,
) -> Said<R::Truth> {
    let said = says(reading);
    let said = asked_again(reading, layers, said, says);
    reading.outcome(layer, "", said.allows, said.denies);
    said
}

/// The caller's own side is asked about the access point. Whether it is asked again about the bucket
/// is not documented: what it allows there may do for the bucket, and what it denies about the
/// bucket alone may count.
fn asked_again<R: Deciding>(
    reading: &mut R,
    layers: &Layers<'_>,
    said: Said<R::Truth>,
    says: impl Fn(&mut R) -> Said<R::Truth>,
) -> Said<R::Truth> {
    let Some(through) = &layers.through else {
        return said;
    };
    reading.named_by(Some(&through.way));
    let at_point = says(reading);
    reading.named_by(None);
    let allows = reading.either(said.allows, |reading| {
        reading.both(at_point.allows, |reading| {
            reading.unknown(access_point::ASKED_AGAIN)
        })
    });
    let denies = reading.both(said.denies, |reading| {
        reading.unknown(access_point::ASKED_AGAIN)
    });
    Said { allows, denies }
}

/// Union of allows, union of denies.
fn sheets_say<R: Deciding>(reading: &mut R, sheets: &[Sheet<'_>]) -> Said<R::Truth> {
    let mut said = Said {
        allows: reading.known(false),
        denies: reading.known(false),
    };
    for sheet in sheets {
        sheet_says(reading, sheet, &mut said);
    }
    said
}

/// Adds what one document says to what others of its layer said.
fn sheet_says<R: Deciding>(reading: &mut R, sheet: &Sheet<'_>, said: &mut Said<R::Truth>) {
    let policy = match &sheet.policy.document {
        Known::Present(policy) => policy,
        Known::Absent => return,
        Known::Unknown(why) => {
            let unknown = reading.unknown(why);
            said.add(reading, Effect::Allow, unknown);
            said.add(reading, Effect::Deny, unknown);
            return;
        }
    };
    for statement in policy.statements.about(reading.service()) {
        let effect = statement.effect;
        if reading.passes_over(effect) || reading.enough(said.of(effect)) {
            continue;
        }
        let matched = reading::statement(reading, statement);
        let fires = reading.fires(sheet, statement, matched);
        said.add(reading, statement.effect, fires);
    }
}

/// An endpoint policy bounds only what travels through its endpoint.
pub(crate) fn endpoints<R: Deciding>(reading: &mut R, layers: &Layers<'_>) -> Said<R::Truth> {
    let mut total = nothing_asked(reading);
    for endpoint in &layers.endpoints {
        let through = if endpoint.certain {
            reading.known(true)
        } else {
            reading.travels_through(endpoint.id)
        };
        if reading.settled(through, false) {
            continue;
        }
        let said = endpoint_says(reading, endpoint);
        let elsewhere = reading.not(through);
        let allows = reading.or(elsewhere, said.allows);
        let denies = reading.and(through, said.denies);
        reading.outcome(LayerId::Endpoint, endpoint.id, allows, denies);
        total.allows = reading.and(total.allows, allows);
        total.denies = reading.or(total.denies, denies);
    }
    total
}

fn endpoint_says<R: Deciding>(reading: &mut R, endpoint: &EndpointSheet<'_>) -> Said<R::Truth> {
    let sheet = match &endpoint.policy {
        Known::Absent => return nothing_asked(reading),
        Known::Unknown(why) => return nobody_knows(reading, why),
        Known::Present(sheet) => sheet,
    };
    let policy = match &sheet.policy.document {
        Known::Present(policy) => policy,
        Known::Absent => return nothing_asked(reading),
        Known::Unknown(why) => return nobody_knows(reading, why),
    };
    let mut said = Said {
        allows: reading.known(false),
        denies: reading.known(false),
    };
    for statement in policy.statements.about(reading.service()) {
        if reading.passes_over(statement.effect) {
            continue;
        }
        let rest = reading::apart_from_principal(reading, statement);
        let matched = reading.both(rest, |reading| {
            endpoint_principals(reading, endpoint, statement)
        });
        let fires = reading.fires(sheet, statement, matched);
        said.add(reading, statement.effect, fires);
    }
    said
}

/// Gateway endpoints: `Principal` must be `*`; an account id admits only the root user; other forms
/// are not documented ("Control access to VPC endpoints using endpoint policies").
fn endpoint_principals<R: Deciding>(
    reading: &mut R,
    endpoint: &EndpointSheet<'_>,
    statement: &Statement,
) -> R::Truth {
    let named = reading::principals(reading, &statement.principals);
    let only_everyone = match &statement.principals {
        Principals::Only(patterns) => patterns
            .iter()
            .all(|p| matches!(p, PrincipalPattern::Everyone | PrincipalPattern::EveryAws)),
        Principals::NotGiven | Principals::Except(_) => false,
    };
    match endpoint.gateway {
        Known::Present(false) => named,
        _ if only_everyone => named,
        _ => reading.unknown("a gateway endpoint's Principal other than * is not documented"),
    }
}

/// The policy on the resource, its grants kept apart by how they name the caller.
fn resource_policy<R: Deciding>(reading: &mut R, layers: &Layers<'_>) -> ResourceSaid<R::Truth> {
    let no = reading.known(false);
    let mut said = ResourceSaid {
        denies: no,
        outright: no,
        limited: no,
        everyone: no,
        delegated: no,
        beside: no,
    };
    if layers.form == ResourceForm::None {
        return said;
    }
    let (layer, target) = match &layers.resource {
        Known::Present(sheet) => {
            read_resource_sheet(reading, layers, sheet, &mut said);
            (sheet.layer, sheet.target)
        }
        Known::Absent => (resource_layer(layers), ""),
        Known::Unknown(why) => {
            let unknown = reading.unknown(why);
            said.denies = unknown;
            said.outright = unknown;
            (resource_layer(layers), "")
        }
    };
    let spared = root_keeps(reading, layers);
    let bound = reading.not(spared);
    said.denies = reading.and(said.denies, bound);
    reaches(reading, layers, &mut said);
    withhold_public(reading, layers, &mut said);
    let allows = any_grant(reading, &said);
    reading.outcome(layer, target, allows, said.denies);
    said.beside = beside(reading, layers);
    said
}

fn resource_layer(layers: &Layers<'_>) -> LayerId {
    match layers.form {
        ResourceForm::RootOfTrust => LayerId::KeyPolicy,
        ResourceForm::AccessPoint => LayerId::AccessPoint,
        _ => LayerId::Resource,
    }
}

fn read_resource_sheet<R: Deciding>(
    reading: &mut R,
    layers: &Layers<'_>,
    sheet: &Sheet<'_>,
    said: &mut ResourceSaid<R::Truth>,
) {
    let policy = match &sheet.policy.document {
        Known::Present(policy) => policy,
        Known::Absent => return,
        Known::Unknown(why) => {
            let unknown = reading.unknown(why);
            said.denies = unknown;
            said.outright = unknown;
            return;
        }
    };
    for statement in policy.statements.about(reading.service()) {
        match statement.effect {
            Effect::Deny if reading.passes_over(Effect::Deny) => {}
            Effect::Deny => {
                let matched = reading::statement(reading, statement);
                let matched = deny_by_not_principal(reading, layers, statement, matched);
                let fires = reading.fires(sheet, statement, matched);
                said.denies = reading.or(said.denies, fires);
            }
            Effect::Allow => read_grants(reading, layers, sheet, statement, said),
        }
    }
}

/// A Deny with NotPrincipal always denies a principal that has a permissions boundary, whatever is
/// listed ("AWS JSON policy elements: NotPrincipal").
fn deny_by_not_principal<R: Deciding>(
    reading: &mut R,
    layers: &Layers<'_>,
    statement: &Statement,
    matched: R::Truth,
) -> R::Truth {
    let has_boundary = matches!(layers.boundary, Known::Present(_));
    if has_boundary && matches!(statement.principals, Principals::Except(_)) {
        return reading::apart_from_principal(reading, statement);
    }
    matched
}

/// An Allow statement, once for each way in which it may name the caller.
fn read_grants<R: Deciding>(
    reading: &mut R,
    layers: &Layers<'_>,
    sheet: &Sheet<'_>,
    statement: &Statement,
    said: &mut ResourceSaid<R::Truth>,
) {
    let rest = reading::apart_from_principal(reading, statement);
    if reading.settled(rest, false) {
        let no = reading.known(false);
        reading.fires(sheet, statement, no);
        return;
    }
    let patterns = match &statement.principals {
        Principals::Only(patterns) => patterns.as_slice(),
        Principals::NotGiven => &[],
        Principals::Except(_) => {
            let unknown = reading.unknown("NotPrincipal with Allow is not supported by AWS");
            let matched = reading.and(rest, unknown);
            let fires = reading.fires(sheet, statement, matched);
            said.outright = reading.or(said.outright, fires);
            return;
        }
    };
    let named = reading.any(patterns, |reading, pattern| reading.principal(pattern));
    let matched = reading.and(rest, named);
    let fires = reading.fires(sheet, statement, matched);
    for pattern in patterns {
        let named = reading.principal(pattern);
        let granted = reading.and(fires, named);
        let slot = match grant_form(pattern, statement, &layers.caller) {
            GrantForm::Outright => &mut said.outright,
            GrantForm::Limited => &mut said.limited,
            GrantForm::Everyone => &mut said.everyone,
            GrantForm::Delegated => &mut said.delegated,
        };
        *slot = reading.or(*slot, granted);
    }
}

/// The root user of a bucket's own account may read, replace and delete the bucket policy even if
/// that policy denies it; only organization and endpoint policies stop it (S3 API "PutBucketPolicy").
/// Of a queue's policy AWS says as much only of the task policy that unlocks it.
fn root_keeps<R: Deciding>(reading: &mut R, layers: &Layers<'_>) -> R::Truth {
    let (Relation::Same, Known::Present(sheet)) = (layers.relation, &layers.resource) else {
        return reading.known(false);
    };
    let is_bucket = sheet.target.starts_with("arn:") && sheet.target.contains(":s3:::");
    let kept = match &layers.reach {
        Some(reach) if !reach.root_keeps.is_empty() => reach.root_keeps.as_slice(),
        _ if is_bucket => crate::beside::BUCKET_POLICY_ACTIONS.as_slice(),
        _ => return reading.known(false),
    };
    let root = reading.is_root();
    let spared = reading.both(root, |reading| reading.action(kept));
    if is_bucket {
        return spared;
    }
    reading.both(spared, |reading| reading.unknown(reach::ROOT_KEEPS))
}

/// Takes back what the policy says of requests that it cannot govern.
fn reaches<R: Deciding>(reading: &mut R, layers: &Layers<'_>, said: &mut ResourceSaid<R::Truth>) {
    let Some(reach) = &layers.reach else {
        return;
    };
    let in_force = reach.is_in_force(reading);
    said.denies = reading.and(said.denies, in_force);
    let can_grant = reach.can_grant(reading, layers.relation);
    let grants = reading.and(in_force, can_grant);
    for slot in [
        &mut said.outright,
        &mut said.limited,
        &mut said.everyone,
        &mut said.delegated,
    ] {
        *slot = reading.and(*slot, grants);
    }
    if matches!(layers.resource, Known::Absent) {
        let open = reading.action(&reach.open);
        said.everyone = reading.or(said.everyone, open);
    }
}

/// A service that asks no policy while its resource has none lets in whom no policy denies, and
/// perhaps also whom one denies: it need not be told who calls.
fn unasked<R: Deciding>(
    reading: &mut R,
    layers: &Layers<'_>,
    decided: Decided<R::Truth>,
) -> Decided<R::Truth> {
    let (Some(reach), Known::Absent) = (&layers.reach, &layers.resource) else {
        return decided;
    };
    if reach.open.is_empty() {
        return decided;
    }
    let open = reading.action(&reach.open);
    let perhaps = reading.both(open, |reading| reading.unknown(reach::NOT_ASKED));
    let asked = reading.not(perhaps);
    Decided {
        allowed: reading.or(decided.allowed, perhaps),
        denied: reading.and(decided.denied, asked),
    }
}

/// `RestrictPublicBuckets`: with a public policy only service principals and the owner's account
/// get in through it ("Blocking public access to your Amazon S3 storage").
fn withhold_public<R: Deciding>(
    reading: &mut R,
    layers: &Layers<'_>,
    said: &mut ResourceSaid<R::Truth>,
) {
    if matches!(layers.relation, Relation::Same | Relation::Service) {
        return;
    }
    let passes = match &layers.restrict_public {
        Known::Present(true) => {
            let public = match &layers.resource {
                Known::Present(sheet) => crate::bpa::is_public(sheet),
                Known::Absent => return,
                Known::Unknown(why) => Known::Unknown(why.clone()),
            };
            match public {
                Known::Present(true) => reading.known(false),
                Known::Present(false) | Known::Absent => return,
                Known::Unknown(why) => reading.unknown(&why),
            }
        }
        Known::Present(false) | Known::Absent => return,
        Known::Unknown(why) => reading.unknown(why),
    };
    for slot in [
        &mut said.outright,
        &mut said.limited,
        &mut said.everyone,
        &mut said.delegated,
    ] {
        *slot = reading.and(*slot, passes);
    }
    // Nothing is denied explicitly: grants are withheld.
    let denies = reading.known(false);
    reading.outcome(LayerId::BlockPublicAccess, "", passes, denies);
}

/// KMS grants and S3 ACLs: allow-only, beside the policy.
fn beside<R: Deciding>(reading: &mut R, layers: &Layers<'_>) -> R::Truth {
    let grants = match &layers.grants {
        Known::Absent => None,
        Known::Unknown(why) => Some(reading.unknown(why)),
        Known::Present(grants) => Some(
            reading.any(grants.iter().enumerate(), |reading, (index, grant)| {
                reading.grant(index, grant)
            }),
        ),
    };
    let acl = acls(reading, layers);
    let mut truth = reading.known(false);
    for (layer, said) in [(LayerId::Grant, grants), (LayerId::Acl, acl)] {
        if let Some(said) = said {
            let denies = reading.known(false);
            reading.outcome(layer, "", said, denies);
            truth = reading.or(truth, said);
        }
    }
    truth
}

/// ACLs of the bucket and, unread, of its objects. `IgnorePublicAcls` takes the effect from grants
/// to the predefined groups ("Blocking public access to your Amazon S3 storage").
fn acls<R: Deciding>(reading: &mut R, layers: &Layers<'_>) -> Option<R::Truth> {
    let grants = match &layers.acl {
        Known::Absent => return None,
        Known::Unknown(why) => return Some(reading.unknown(why)),
        Known::Present(grants) => *grants,
    };
    let ignores = match &layers.ignore_public_acls {
        Known::Present(ignores) => reading.known(*ignores),
        Known::Absent => reading.known(false),
        Known::Unknown(why) => reading.unknown(why),
    };
    let bucket = reading.any(grants, |reading, grant| {
        let admits = reading.acl_grant(grant);
        if !crate::beside::is_group(grant) {
            return admits;
        }
        let counts = reading.not(ignores);
        reading.and(admits, counts)
    });
    let object = reading.action(&crate::beside::OBJECT_ACL_ACTIONS);
    let object = reading.both(object, |reading| {
        let unread = reading.unknown("ACLs are enabled, and those of the objects were not read");
        if !matches!(layers.relation, Relation::Anonymous) {
            return unread;
        }
        let counts = reading.not(ignores);
        reading.and(unread, counts)
    });
    Some(reading.or(bucket, object))
}

fn nothing_asked<R: Deciding>(reading: &mut R) -> Said<R::Truth> {
    Said {
        allows: reading.known(true),
        denies: reading.known(false),
    }
}

fn nobody_knows<R: Deciding>(reading: &mut R, why: &str) -> Said<R::Truth> {
    Said {
        allows: reading.unknown(why),
        denies: reading.unknown(why),
    }
}
