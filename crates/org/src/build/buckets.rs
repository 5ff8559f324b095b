//! What only S3 buckets have.

use cofferdam_text::Node;

use super::access::{Builder, count, field};
use super::units::public_access_block;
use crate::fact::{Attribute, Entity, Known};
use crate::model::{AclGrant, BucketDetails, ObjectLock};

/// The bucket's switches, ACL, versions, lock and expiry.
pub(super) fn details(builder: &mut Builder, entity: &Entity) -> BucketDetails {
    BucketDetails {
        public_access_block: public_access_block(builder, entity),
        acls_disabled: acls_disabled(builder, entity),
        acl: acl(builder, entity),
        versioning: versioning(builder, entity),
        object_lock: builder.shaped(
            entity,
            Attribute::ObjectLock,
            "an Object Lock setting",
            object_lock,
        ),
        expires_after_days: expiry(builder, entity),
    }
}

/// Without ownership controls ACLs count: buckets older than April 2023 have none
/// ("Controlling ownership of objects and disabling ACLs for your bucket").
fn acls_disabled(builder: &mut Builder, entity: &Entity) -> Known<bool> {
    match builder.text(entity, Attribute::Ownership) {
        Known::Present(ownership) => Known::Present(&*ownership == "BucketOwnerEnforced"),
        Known::Absent => Known::Present(false),
        Known::Unknown(why) => Known::Unknown(why),
    }
}

fn acl(builder: &mut Builder, entity: &Entity) -> Known<Vec<AclGrant>> {
    builder.every(
        entity,
        Attribute::AccessControlList,
        "an ACL grant",
        acl_grant,
    )
}

fn acl_grant(node: &Node) -> Option<AclGrant> {
    let grantee = node.get("Grantee")?;
    let name = ["URI", "ID", "EmailAddress"]
        .iter()
        .find_map(|key| field(grantee, key))?;
    Some(AclGrant {
        grantee: name,
        permission: field(node, "Permission")?,
        origin: Some(node.origin),
    })
}

fn versioning(builder: &mut Builder, entity: &Entity) -> Known<bool> {
    match builder.text(entity, Attribute::Versioning) {
        Known::Present(status) => Known::Present(&*status == "Enabled"),
        Known::Absent => Known::Present(false),
        Known::Unknown(why) => Known::Unknown(why),
    }
}

fn object_lock(node: &Node) -> Option<ObjectLock> {
    node.as_object()?;
    let days = match node.get("Days") {
        Some(days) => Some(count(days)?),
        None => None,
    };
    Some(ObjectLock {
        mode: field(node, "Mode"),
        days,
    })
}

/// The earliest day on which an enabled rule expires current objects.
fn expiry(builder: &mut Builder, entity: &Entity) -> Known<u32> {
    let rules = builder.list(entity, Attribute::Lifecycle);
    rules.and_then(|rules| {
        let enabled = rules
            .iter()
            .filter(|rule| field(rule, "Status").as_deref() == Some("Enabled"));
        let expirations: Vec<_> = enabled.filter_map(|rule| rule.get("Expiration")).collect();
        if expirations
            .iter()
            .any(|expiration| expiration.get("Date").is_some())
        {
            return Known::Unknown("a lifecycle rule expires objects on a date".into());
        }
        let days = expirations
            .iter()
            .filter_map(|expiration| count(expiration.get("Days")?))
            .min();
        days.map_or(Known::Absent, Known::Present)
    })
}
