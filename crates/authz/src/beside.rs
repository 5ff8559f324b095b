//! What grants access beside policies: KMS grants and S3 access control lists.
//!
//! Sources: "Grants in AWS KMS", "Access control list (ACL) overview". Both only allow.

use std::sync::LazyLock;

use cofferdam_names::{Arn, ContextKey};
use cofferdam_org::model::{AclGrant, Grant};
use cofferdam_policy::ast::{ActionPattern, PrincipalPattern};
use cofferdam_policy::operand::{Case, Operand, Part, Template};

use crate::caller::CallerKind;
use crate::combine::Deciding;

/// Everyone, signed or not.
const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
/// Everyone who signs, of any AWS account.
const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
/// The service that delivers server access logs.
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";

/// Whether a KMS grant admits the request: its grantee, its operations, its constraints on the
/// encryption context.
pub fn kms_grant<R: Deciding>(reading: &mut R, grant: &Grant) -> R::Truth {
    let patterns: Vec<ActionPattern> = grant
        .operations
        .iter()
        .map(|operation| action("kms", &operation.to_ascii_lowercase()))
        .collect();
    let operation = reading.action(&patterns);
    let grantee = reading.both(operation, |reading| grantee(reading, &grant.grantee));
    let pairs = grant.context_equals.iter().chain(&grant.context_subset);
    let context = reading.both(grantee, |reading| {
        reading.all(pairs, |reading, (key, value)| {
            encryption_context(reading, key, value)
        })
    });
    if grant.context_equals.is_empty() {
        return context;
    }
    // "Equals" also forbids further pairs, which no single condition key tells.
    reading.both(context, |reading| {
        reading.unknown("whether the encryption context equals the one of the grant was not stated")
    })
}

fn grantee<R: Deciding>(reading: &mut R, grantee: &str) -> R::Truth {
    let pattern = match Arn::parse(grantee) {
        Ok(arn) => PrincipalPattern::Arn(arn),
        Err(_) => PrincipalPattern::Service(grantee.into()),
    };
    reading.principal(&pattern)
}

fn encryption_context<R: Deciding>(reading: &mut R, key: &str, value: &str) -> R::Truth {
    match ContextKey::parse(&format!("kms:EncryptionContext:{key}")) {
        Ok(key) => reading.some_value(&key, &[literal(value)]),
        Err(_) => reading
            .unknown("a grant constrains the encryption context by a key that cannot be read"),
    }
}

/// An operand that accepts exactly this text.
pub fn literal(value: &str) -> Operand {
    let parts = vec![Part::Literal(value.into())];
    Operand::Text {
        template: Template { parts },
        case: Case::Sensitive,
    }
}

/// Actions that each ACL permission of a bucket stands for ("Mapping of ACL permissions and access
/// policy permissions").
const BUCKET_PERMISSIONS: [(&str, &[&str]); 4] = [
    (
        "READ",
        &[
            "listbucket",
            "listbucketversions",
            "listbucketmultipartuploads",
        ],
    ),
    ("WRITE", &["putobject", "deleteobject"]),
    ("READ_ACP", &["getbucketacl"]),
    ("WRITE_ACP", &["putbucketacl"]),
];

/// Actions that the ACL of an object may grant.
pub static OBJECT_ACL_ACTIONS: LazyLock<Vec<ActionPattern>> = LazyLock::new(|| {
    let names = [
        "getobject",
        "getobjectversion",
        "getobjectacl",
        "getobjectversionacl",
        "putobjectacl",
        "putobjectversionacl",
    ];
    names.map(|name| action("s3", name)).into()
});

/// Actions on a bucket's policy that the policy cannot deny the owner's root user.
pub static BUCKET_POLICY_ACTIONS: LazyLock<Vec<ActionPattern>> = LazyLock::new(|| {
    let names = ["getbucketpolicy", "putbucketpolicy", "deletebucketpolicy"];
    names.map(|name| action("s3", name)).into()
});

fn action(service: &str, name: &str) -> ActionPattern {
    ActionPattern::Of {
        service: service.into(),
        name: name.into(),
    }
}

/// Whether an ACL grant is to a predefined group of everybody.
pub fn is_group(grant: &AclGrant) -> bool {
    matches!(&*grant.grantee, ALL_USERS | AUTHENTICATED_USERS)
}

/// Whether a bucket's ACL grant admits the request.
pub fn acl_grant<R: Deciding>(reading: &mut R, grant: &AclGrant) -> R::Truth {
    let patterns: Vec<ActionPattern> = BUCKET_PERMISSIONS
        .iter()
        .filter(|(permission, _)| {
            *permission == &*grant.permission || &*grant.permission == "FULL_CONTROL"
        })
        .flat_map(|(_, actions)| actions.iter())
        .map(|name| action("s3", name))
        .collect();
    let action = reading.action(&patterns);
    reading.both(action, |reading| acl_grantee(reading, &grant.grantee))
}

fn acl_grantee<R: Deciding>(reading: &mut R, grantee: &str) -> R::Truth {
    let unsigned = matches!(reading.caller().kind, CallerKind::Anonymous);
    match grantee {
        ALL_USERS => reading.known(true),
        AUTHENTICATED_USERS => reading.known(!unsigned),
        LOG_DELIVERY => match reading.caller().kind {
            CallerKind::Service(_) => {
                reading.unknown("which service acts for the LogDelivery group is not documented")
            }
            _ => reading.known(false),
        },
        _ if unsigned => reading.known(false),
        id => reading.principal(&PrincipalPattern::CanonicalUser(id.into())),
    }
}
