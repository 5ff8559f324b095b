//! Who refused the reader, and what would admit it.
//!
//! AWS names the kind of policy that refused, at times the policy itself, never the statement. A
//! snapshot holds the statements of most policies, so the same request is decided over it: what it
//! shows is printed with its place, and if it shows nothing, what AWS said stands alone.

use cofferdam_authz::call::{Answered, Blame, BlamedKind, Call};
use cofferdam_authz::concrete::Context;
use cofferdam_findings::finding::Reason;
use cofferdam_findings::story::Story;
use cofferdam_names::{ActionName, ContextKey};
use cofferdam_sources::{Operation, message, operations};
use serde_json::{Value, json};

use crate::project::Project;
use crate::questions;

/// Codes with which services refuse; their number is small, and their spelling is each service's.
const DENIED: [&str; 7] = [
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedException",
    "NotAuthorized",
];

/// The key that says in which Region a request is made.
const REQUESTED_REGION: &str = "aws:RequestedRegion";

/// A refusal with its reason.
pub struct Explained {
    /// What is refused: `s3:GetBucketPolicy on arn:…`.
    pub what: String,
    /// The kind of policy, in AWS's words where it said any.
    pub by: String,
    /// The policy or the statement that refused, with its place.
    pub statement: Option<String>,
    /// What would admit the reader.
    pub admit: Option<Admission>,
    /// The action, where nothing but the role's own policies lacks it.
    pub lacks: Option<String>,
}

/// The smallest change that admits the reader.
pub struct Admission {
    /// Where it goes.
    pub place: &'static str,
    /// The statement, or the condition.
    pub text: Value,
}

/// Whether a refusal is one of policies, and not of something that does not work.
pub fn is_denied(code: &str) -> bool {
    DENIED.contains(&code)
}

/// The statement of a trust policy that lets the reader's account in; its own policies say who of it.
pub fn trust(reader: &str) -> Value {
    let principal = format!("arn:aws:iam::{reader}:root");
    json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"})
}

/// The operation of a name.
pub fn operation(name: &str) -> Option<&'static Operation> {
    operations().iter().find(|row| *row.operation == *name)
}

/// The request that a call of the table is, made by the reader's role.
pub fn call(
    row: &Operation,
    account: &str,
    region: &str,
    resource: String,
    role: &str,
) -> Option<Call> {
    let name = ActionName::parse(&row.permission).ok()?;
    let short = role.rsplit('/').next().unwrap_or(role);
    let mut context = Context::new();
    if region != "global"
        && let Ok(key) = ContextKey::parse(REQUESTED_REGION)
    {
        context.insert(key, vec![region.into()]);
    }
    Some(Call {
        principal: format!("arn:aws:sts::{account}:assumed-role/{short}/cofferdam-collect"),
        name,
        resource: Some(resource),
        context,
        forwarded_by: None,
        parameters: Default::default(),
        answer: Answered::NotTold,
        notes: Vec::new(),
    })
}

/// The resource that a request of the table names, as policies name it.
pub fn resource(request: &Value, account: &str, region: &str) -> String {
    let text = |key: &str| request.get(key).and_then(Value::as_str);
    let values = request.as_object().into_iter().flatten();
    let arn = values
        .filter_map(|(_, value)| value.as_str())
        .find(|text| text.starts_with("arn:"));
    match (arn, text("Bucket"), text("KeyId")) {
        (Some(arn), ..) => arn.to_owned(),
        (_, Some(bucket), _) => format!("arn:aws:s3:::{bucket}"),
        (.., Some(key)) => format!("arn:aws:kms:{region}:{account}:key/{key}"),
        _ => "*".to_owned(),
    }
}

/// Explains a refusal by AWS's message and by what the snapshot shows.
pub fn explain(call: Call, text: &str, project: Option<&Project>, role: &str) -> Explained {
    let said = message::read(text).ok();
    let blame = match &said {
        Some(Call {
            answer: Answered::Refused(blame),
            ..
        }) => blame.clone(),
        _ => Blame::default(),
    };
    let call = Call {
        resource: said
            .and_then(|said| said.resource)
            .or_else(|| call.resource.clone()),
        ..call
    };
    let story = project.and_then(|project| questions::explain(project, &call).ok());
    of_story(&call, &blame, story.as_ref(), project, role)
}

/// What a decision over the snapshot tells of a call, beside what AWS said.
pub fn of_story(
    call: &Call,
    blame: &Blame,
    story: Option<&Story>,
    project: Option<&Project>,
    role: &str,
) -> Explained {
    let action = format!("{}:{}", call.name.service(), call.name.name());
    let resource = call.resource.clone().unwrap_or_else(|| "*".into());
    let shown = story.and_then(|story| refusing(story, blame));
    let layer = blame
        .kind
        .map(layer)
        .or_else(|| shown.as_ref().map(|shown| shown.layer));
    let explicit = blame
        .explicit
        .or_else(|| shown.as_ref().map(|shown| shown.reason.is_some()));
    let by = match (layer, explicit) {
        (Some(layer), Some(true)) => format!("an explicit Deny ({})", words(layer)),
        (Some(layer), _) => format!("nothing allows it ({})", words(layer)),
        (None, _) => "AWS does not say, and the snapshot does not show it".to_owned(),
    };
    let in_snapshot = shown
        .and_then(|shown| shown.reason)
        .map(|reason| named(reason, project));
    Explained {
        what: format!("{action} on {resource}"),
        by,
        statement: in_snapshot.or_else(|| blame.policy.clone()),
        lacks: (layer == Some("identity") && explicit != Some(true)).then(|| action.clone()),
        admit: layer
            .and_then(|layer| admit(layer, explicit == Some(true), &action, &resource, role)),
    }
}

/// The layer that refuses, with the statement if a Deny does.
struct Shown<'s> {
    layer: &'static str,
    reason: Option<&'s Reason>,
}

/// The refusing layer of a story: a Deny before a layer that does not allow, and the kind that AWS
/// named before any other.
fn refusing<'s>(story: &'s Story, blame: &Blame) -> Option<Shown<'s>> {
    let denies = story.requests.iter().flat_map(|told| &told.because);
    let denies = denies.filter(|reason| reason.effect == "Deny");
    let wanted = blame.kind.map(layer);
    let mut deny = denies.filter(|reason| wanted.is_none_or(|wanted| same(wanted, reason.layer)));
    if let Some(reason) = deny.next().filter(|_| blame.explicit != Some(false)) {
        return Some(Shown {
            layer: reason.layer,
            reason: Some(reason),
        });
    }
    let layers = story.requests.iter().flat_map(|told| &told.layers);
    let mut silent = layers.filter(|told| told.outcome == "does_not_allow");
    let silent = silent.find(|told| wanted.is_none_or(|wanted| same(wanted, told.layer)))?;
    Some(Shown {
        layer: silent.layer,
        reason: None,
    })
}

/// AWS calls key policies and the policies of access points resource-based, too.
fn same(named: &str, layer: &str) -> bool {
    named == layer
        || (named == "resource" && ["key_policy", "access_point", "trust"].contains(&layer))
}

fn layer(kind: BlamedKind) -> &'static str {
    match kind {
        BlamedKind::ServiceControl => "service_control",
        BlamedKind::ResourceControl => "resource_control",
        BlamedKind::Identity => "identity",
        BlamedKind::PermissionsBoundary => "permissions_boundary",
        BlamedKind::Session => "session",
        BlamedKind::Resource => "resource",
        BlamedKind::Trust => "trust",
        BlamedKind::Endpoint => "endpoint",
    }
}

fn words(layer: &str) -> &str {
    match layer {
        "service_control" => "service control policy",
        "resource_control" => "resource control policy",
        "identity" => "identity policy",
        "permissions_boundary" => "permissions boundary",
        "session" => "session policy",
        "resource" => "policy of the resource",
        "key_policy" => "key policy",
        "access_point" => "policy of the access point",
        "trust" => "trust policy",
        "endpoint" => "policy of the VPC endpoint",
        other => other,
    }
}

fn named(reason: &Reason, project: Option<&Project>) -> String {
    let sid = reason
        .sid
        .as_deref()
        .map(|sid| format!(", statement {sid}"));
    let number = reason.statement.map(|at| format!(", statement {}", at + 1));
    let place = project
        .zip(reason.origin)
        .map(|(project, origin)| project.documents.place(origin))
        .map(|place| format!(" at {}:{}", place.file, place.line));
    format!(
        "{}{}{}",
        reason.document,
        sid.or(number).unwrap_or_default(),
        place.unwrap_or_default()
    )
}

/// The smallest change by which a layer lets the reader pass.
fn admit(
    layer: &str,
    explicit: bool,
    action: &str,
    resource: &str,
    role: &str,
) -> Option<Admission> {
    let everywhere = format!("arn:*:iam::*:role/{role}");
    if explicit {
        return Some(Admission {
            place: "in the Condition of that Deny",
            text: json!({"ArnNotLike": {"aws:PrincipalArn": everywhere}}),
        });
    }
    let allow = json!({"Effect": "Allow", "Action": action, "Resource": resource});
    match layer {
        "identity" => Some(Admission {
            place: "in a policy of the role",
            text: allow,
        }),
        "service_control" | "permissions_boundary" | "session" => Some(Admission {
            place: "in that policy",
            text: allow,
        }),
        "resource" | "key_policy" | "access_point" => Some(Admission {
            place: "in the resource's own policy",
            text: json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*",
                "Condition": {"ArnLike": {"aws:PrincipalArn": everywhere},
                    "StringEquals": {"aws:PrincipalOrgID": "${your organization's id}"}}}),
        }),
        "endpoint" => Some(Admission {
            place: "in the policy of the endpoint",
            text: json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource,
                "Condition": {"ArnLike": {"aws:PrincipalArn": everywhere}}}),
        }),
        _ => None,
    }
}

/// An explanation as lines below the refusal it belongs to.
pub fn lines(explained: &Explained) -> String {
    let mut text = format!("    {}: {}\n", explained.what, explained.by);
    if let Some(statement) = &explained.statement {
        text.push_str(&format!("    refused by {statement}\n"));
    }
    if let Some(admission) = &explained.admit {
        text.push_str(&format!(
            "    would admit the reader, {}: {}\n",
            admission.place, admission.text
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(operation_name: &str, request: Value, text: &str, expected: &str) {
        let row = operation(operation_name).unwrap();
        let resource = resource(&request, "111122223333", "eu-west-1");
        let call = call(row, "111122223333", "eu-west-1", resource, "cofferdam-read").unwrap();
        let explained = explain(call, text, None, "cofferdam-read");
        assert_eq!(lines(&explained), expected, "{text}");
    }

    #[test]
    fn what_aws_says_is_told_with_what_would_admit_the_reader() {
        let who = "User: arn:aws:sts::111122223333:assumed-role/cofferdam-read/cofferdam-collect is not authorized to perform";
        check(
            "s3api.get-bucket-policy",
            json!({"Bucket": "records"}),
            &format!(
                "{who}: s3:GetBucketPolicy on resource: \"arn:aws:s3:::records\" with an explicit deny in a resource-based policy"
            ),
            "    s3:GetBucketPolicy on arn:aws:s3:::records: an explicit Deny (policy of the resource)\n    \
             would admit the reader, in the Condition of that Deny: {\"ArnNotLike\":{\"aws:PrincipalArn\":\"arn:*:iam::*:role/cofferdam-read\"}}\n",
        );
        check(
            "kms.list-keys",
            json!({}),
            &format!(
                "{who}: kms:ListKeys because no identity-based policy allows the kms:ListKeys action"
            ),
            "    kms:ListKeys on *: nothing allows it (identity policy)\n    \
             would admit the reader, in a policy of the role: {\"Effect\":\"Allow\",\"Action\":\"kms:ListKeys\",\"Resource\":\"*\"}\n",
        );
        check(
            "sqs.list-queues",
            json!({}),
            &format!(
                "{who}: sqs:ListQueues with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-a/service_control_policy/p-1"
            ),
            "    sqs:ListQueues on *: an explicit Deny (service control policy)\n    \
             refused by arn:aws:organizations::1:policy/o-a/service_control_policy/p-1\n    \
             would admit the reader, in the Condition of that Deny: {\"ArnNotLike\":{\"aws:PrincipalArn\":\"arn:*:iam::*:role/cofferdam-read\"}}\n",
        );
        check(
            "s3api.get-bucket-acl",
            json!({"Bucket": "records"}),
            "Access Denied",
            "    s3:GetBucketAcl on arn:aws:s3:::records: AWS does not say, and the snapshot does not show it\n",
        );
    }
}
