//! Why a control bears on no obligation: said here by hand, so that "nothing noticed" is never
//! an answer.

use cofferdam_policy::ast::{Effect, PrincipalPattern, Principals, Statement};

use super::Example;
use super::control::{Control, Part};

/// What no obligation asks about: the part, a piece of the document's name, the control's name
/// (empty: each), and why.
#[rustfmt::skip]
const BESIDE: &[(Part, &str, &str, &str)] = &[
    (Part::ServiceControl, "protect-organization", "MembersStay", "no obligation asks whether an account may leave the organization"),
    (Part::ServiceControl, "protect-organization", "KnownRegions", "no obligation asks in which Region a request is made"),
    (Part::ServiceControl, "no-sharing", "", "`resource.sharing` is not asked yet"),
    (Part::ServiceControl, "protect-platform", "IdentityProviders", "`identity.federation` is not asked yet"),
    (Part::ServiceControl, "workload-limits", "NoLongLivedCredentials", "no obligation asks what kind of credential is used"),
    (Part::ServiceControl, "protect-audit", "TrailStays", "the trail belongs to the management account, which no service control policy binds"),
    (Part::ServiceControl, "protect-data", "OnlyDataAdmin", "OnlyDataAdminConfigures of each resource's own policy refuses the same"),
    (Part::ServiceControl, "protect-data", "NoCopies", "OnlyApprovedPrincipals of each resource's own policy refuses the same; `data.copies-inside` is not asked yet"),
    (Part::ResourceControl, "transport", "OnlyTls", "no obligation asks how a request is transported"),
    (Part::Resource, "", "OnlyTls", "no obligation asks how a request is transported"),
    (Part::Identity, "only-with-mfa", "Mfa", "no obligation asks how a user signed in"),
    (Part::PermissionsBoundary, "app-boundary", "NoIdentityChanges", "the roles under it have no identity policy that allows such changes"),
    (Part::PermissionsBoundary, "role/app/claims-", "permissions boundary", "its identity policies allow nothing that an obligation forbids"),
    (Part::Trust, "-admin", "PermissionSet", "no obligation asks who becomes an administrator"),
    (Part::Trust, "role/platform/vending", "AccountVending", "no obligation asks who becomes a creator of reserved names"),
    (Part::Resource, "acme-log-archive", "", "no obligation asks who adds to the archive or reads it: what was recorded stays as it is"),
    (Part::Resource, "acme-customer-records", "OnlyUnderTheKey", "`encryption.second-plane` takes for granted that the objects are under the key, which this keeps true of new ones"),
    (Part::Resource, "acme-record-events", "NewRecords", "ServicesOnlyForThisAccount and NoConfusedDeputy refuse what services do for others"),
    (Part::Resource, "acme-record-events", "ServicesOnlyForThisAccount", "the conditions of NewRecords and NoConfusedDeputy refuse what services do for others"),
    (Part::Resource, "acme-claims-cases", "WorkersWork", "OnlyApprovedPrincipals of the same policy refuses everybody else"),
    (Part::Resource, "security-alarms", "", "this is no dataset"),
    (Part::Resource, "payments-intake", "", "this is no dataset"),
    (Part::Resource, "payments/intake", "", "this is no dataset"),
    (Part::Key, "key/d2215671", "", "the archive's key: no obligation asks who adds to the archive or reads it"),
    (Part::Endpoint, "(sts)", "", "STS keeps nothing that could be written through it"),
    (Part::Endpoint, "vpce-c084de3b42a07f16f", "", "it lies in no network that reaches a dataset"),
    (Part::PublicAccess, "account 100000000006", "", "the bucket's own switch holds, and its policy is not public"),
    (Part::PublicAccess, "acme-customer-records", "", "the account's switch holds, and the bucket's policy is not public"),
    (Part::PublicAccess, "", "", "no bucket of a dataset lies here"),
];

/// Why a control bears on no obligation, if it does not.
pub fn beside(example: &Example, control: &Control) -> Option<String> {
    if control.part == Part::Trust && !is_declared(example, &control.document) {
        return Some(OF_NOBODY.to_owned());
    }
    let statement = control.statement(&example.org);
    if statement
        .is_some_and(|statement| statement.effect == Effect::Allow && names_roles(statement))
    {
        return Some(BY_NAME.to_owned());
    }
    let fits = |(part, document, name, _): &&(Part, &str, &str, &str)| {
        *part == control.part
            && control.document.contains(document)
            && (name.is_empty() || control.name == *name)
    };
    BESIDE.iter().find(fits).map(|(.., why)| (*why).to_owned())
}

/// The role may be anybody's: identity.unapproved-principal is proved of whoever holds it.
const OF_NOBODY: &str = "the boundary approves this role for nothing: whoever holds a session of it is refused as before";

/// A statement that lets in nobody but principals that it names.
const BY_NAME: &str = "its Principal element names whom it lets in";

fn names_roles(statement: &Statement) -> bool {
    let named = |pattern: &PrincipalPattern| matches!(pattern, PrincipalPattern::Arn(_));
    matches!(&statement.principals, Principals::Only(all) if all.iter().all(named))
}

/// Whether the boundary file names a role, or a pattern that it matches.
fn is_declared(example: &Example, document: &str) -> bool {
    let role = document.rsplit(':').next().unwrap();
    example.declaration.contains(role) || document.contains(":role/app/claims-worker-")
}
