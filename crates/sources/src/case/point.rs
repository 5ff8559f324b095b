//! The access point that a case's request goes through.

use cofferdam_authz::access_point::is_itself;
use cofferdam_authz::case::AccessPoint;
use cofferdam_names::Arn;
use cofferdam_org::fact::Known;
use cofferdam_policy::kind::PolicyKind;
use cofferdam_text::{Diagnostic, Node};

use super::sections::{control_levels, one_policy, restrict_public};
use super::{Parsed, given, known_fields, required, text};

const FIELDS: [&str; 6] = [
    "arn",
    "network_origin",
    "vpc",
    "policy",
    "block_public_access",
    "resource_control_policies",
];

/// How the ARNs of buckets and objects begin, in every partition.
const BUCKET: &str = ":s3:::";

/// Reads the access point; the request names what it asks for by its name in the bucket.
pub(super) fn access_point(
    node: &Node,
    resource: &str,
    notes: &mut Vec<Diagnostic>,
) -> Parsed<Option<AccessPoint>> {
    let Some(stated) = given(node, "access_point") else {
        return Ok(None);
    };
    known_fields(stated, "access_point", &FIELDS)?;
    let named = required(stated, "arn")?;
    let arn = text(stated, "arn")?.unwrap_or_default();
    let account = Arn::parse(&arn).ok().and_then(|arn| arn.account_id());
    let Some(account) = account.filter(|_| is_itself(&arn)) else {
        let message = format!("access_point.arn \"{arn}\" is no ARN of an access point");
        return Err(Diagnostic::error(named.origin, message)
            .with_help("write it as arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME"));
    };
    let Some(bucket) = bucket(resource) else {
        let message =
            "through an access point, request.resource names a bucket, or an object in it";
        return Err(Diagnostic::error(stated.origin, message)
            .with_help("write it as arn:aws:s3:::BUCKET/KEY"));
    };
    Ok(Some(AccessPoint {
        arn: arn.into(),
        account,
        bucket: bucket.into(),
        vpc: vpc(stated)?,
        policy: given(stated, "policy")
            .map(|policy| one_policy("access point policy", policy, PolicyKind::Resource, notes)),
        restrict_public: restrict_public(stated)?,
        resource_control: control_levels(
            stated,
            "resource_control_policies",
            PolicyKind::ResourceControl,
            notes,
        )?,
    }))
}

/// The bucket's ARN in that of a bucket or an object; none if the bucket's name is not fixed.
fn bucket(resource: &str) -> Option<&str> {
    let (partition, rest) = resource.split_once(BUCKET)?;
    let name = rest.split('/').next().filter(|name| !name.is_empty())?;
    let fixed = !partition.contains(':') || partition.starts_with("arn:");
    if !fixed || name.contains(['*', '?']) {
        return None;
    }
    resource.get(..partition.len() + BUCKET.len() + name.len())
}

/// `vpc`, and `network_origin` as `get-access-point` prints it.
fn vpc(node: &Node) -> Parsed<Known<Box<str>>> {
    let vpc = text(node, "vpc")?;
    match (text(node, "network_origin")?.as_deref(), vpc) {
        (Some("Internet"), Some(_)) => Err(Diagnostic::error(
            node.origin,
            "an access point of the network origin Internet has no vpc",
        )),
        (None | Some("VPC"), Some(vpc)) => Ok(Known::Present(vpc.into())),
        (None | Some("Internet"), None) => Ok(Known::Absent),
        (Some("VPC"), None) => Ok(Known::Unknown(
            "the VPC that the access point is restricted to was not stated".into(),
        )),
        (Some(other), _) => Err(Diagnostic::error(
            node.get("network_origin").unwrap_or(node).origin,
            format!("network_origin is Internet or VPC, not \"{other}\""),
        )),
    }
}
