//! The condition keys whose values a record shows.
//!
//! Each row says which member holds the value of which key ("AWS global condition context keys", "CloudTrail
//! record contents", and the page of each service in the service authorization reference). A key
//! that no row finds is not put: it stays unknown, never absent.

use cofferdam_authz::concrete::Context;
use cofferdam_names::ContextKey;

use super::value::Value;

/// Members of every record.
const OF_ALL: [(&str, &str); 10] = [
    ("vpcEndpointId", "aws:SourceVpce"),
    ("vpcEndpointAccountId", "aws:VpceAccount"),
    ("userAgent", "aws:UserAgent"),
    ("eventTime", "aws:CurrentTime"),
    ("awsRegion", "aws:RequestedRegion"),
    (
        "userIdentity.sessionContext.attributes.mfaAuthenticated",
        "aws:MultiFactorAuthPresent",
    ),
    (
        "userIdentity.sessionContext.attributes.creationDate",
        "aws:TokenIssueTime",
    ),
    (
        "userIdentity.sessionContext.sourceIdentity",
        "aws:SourceIdentity",
    ),
    (
        "userIdentity.sessionContext.webIdFederationData.federatedProvider",
        "aws:FederatedProvider",
    ),
    (
        "userIdentity.sessionContext.ec2RoleDelivery",
        "ec2:RoleDelivery",
    ),
];

/// Members of one service's records.
const OF_SERVICE: [(&str, &str, &str); 34] = [
    ("dynamodb", "requestParameters.select", "dynamodb:Select"),
    (
        "iam",
        "requestParameters.aWSServiceName",
        "iam:AWSServiceName",
    ),
    (
        "iam",
        "requestParameters.permissionsBoundary",
        "iam:PermissionsBoundary",
    ),
    ("iam", "requestParameters.policyArn", "iam:PolicyARN"),
    (
        "kms",
        "requestParameters.encryptionAlgorithm",
        "kms:EncryptionAlgorithm",
    ),
    ("kms", "requestParameters.keyUsage", "kms:KeyUsage"),
    ("kms", "requestParameters.keySpec", "kms:KeySpec"),
    (
        "kms",
        "requestParameters.granteePrincipal",
        "kms:GranteePrincipal",
    ),
    ("kms", "requestParameters.operations", "kms:GrantOperations"),
    (
        "kms",
        "requestParameters.pendingWindowInDays",
        "kms:ScheduleKeyDeletionPendingWindowInDays",
    ),
    (
        "kms",
        "requestParameters.bypassPolicyLockoutSafetyCheck",
        "kms:BypassPolicyLockoutSafetyCheck",
    ),
    ("s3", "requestParameters.prefix", "s3:prefix"),
    ("s3", "requestParameters.delimiter", "s3:delimiter"),
    ("s3", "requestParameters.max-keys", "s3:max-keys"),
    ("s3", "requestParameters.versionId", "s3:VersionId"),
    ("s3", "requestParameters.x-amz-acl", "s3:x-amz-acl"),
    (
        "s3",
        "requestParameters.x-amz-copy-source",
        "s3:x-amz-copy-source",
    ),
    (
        "s3",
        "requestParameters.x-amz-metadata-directive",
        "s3:x-amz-metadata-directive",
    ),
    (
        "s3",
        "requestParameters.x-amz-server-side-encryption",
        "s3:x-amz-server-side-encryption",
    ),
    (
        "s3",
        "requestParameters.x-amz-server-side-encryption-aws-kms-key-id",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    ),
    (
        "s3",
        "requestParameters.x-amz-storage-class",
        "s3:x-amz-storage-class",
    ),
    (
        "s3",
        "requestParameters.x-amz-object-ownership",
        "s3:x-amz-object-ownership",
    ),
    (
        "s3",
        "requestParameters.CreateBucketConfiguration.LocationConstraint",
        "s3:LocationConstraint",
    ),
    (
        "secretsmanager",
        "requestParameters.secretId",
        "secretsmanager:SecretId",
    ),
    (
        "secretsmanager",
        "requestParameters.versionId",
        "secretsmanager:VersionId",
    ),
    (
        "secretsmanager",
        "requestParameters.versionStage",
        "secretsmanager:VersionStage",
    ),
    (
        "secretsmanager",
        "requestParameters.blockPublicPolicy",
        "secretsmanager:BlockPublicPolicy",
    ),
    ("sns", "requestParameters.protocol", "sns:Protocol"),
    ("sns", "requestParameters.endpoint", "sns:Endpoint"),
    (
        "sts",
        "requestParameters.durationSeconds",
        "sts:DurationSeconds",
    ),
    ("sts", "requestParameters.externalId", "sts:ExternalId"),
    (
        "sts",
        "requestParameters.roleSessionName",
        "sts:RoleSessionName",
    ),
    (
        "sts",
        "requestParameters.sourceIdentity",
        "sts:SourceIdentity",
    ),
    (
        "sts",
        "requestParameters.transitiveTagKeys",
        "sts:TransitiveTagKeys",
    ),
];

/// Keys of a service's own, ready to be looked up.
#[derive(Clone, Debug)]
pub struct Rows {
    all: Vec<(&'static str, ContextKey)>,
}

impl Rows {
    /// The rows that a service's records need.
    pub fn of(service: &str) -> Rows {
        let own = OF_SERVICE.iter().filter(|(of, ..)| *of == service);
        let rows = OF_ALL
            .iter()
            .copied()
            .chain(own.map(|(_, path, key)| (*path, *key)));
        Rows {
            all: rows
                .filter_map(|(path, key)| Some((path, ContextKey::parse(key).ok()?)))
                .collect(),
        }
    }

    /// The context that a record shows.
    pub fn context(&self, record: &Value<'_>) -> Context {
        let mut context = Context::new();
        for (path, key) in &self.all {
            let values = texts(record.at(path));
            if !values.is_empty() {
                context.insert(key.clone(), values);
            }
        }
        let mut put = |name: &str, values: Vec<Box<str>>| {
            if let Ok(key) = ContextKey::parse(name) {
                context.insert(key, values);
            }
        };
        network(record, &mut put);
        over_tls(record, &mut put);
        encryption(record, &mut put);
        tags(record, &mut put);
        web_identity(record, &mut put);
        signature(record, &mut put);
        unique_id(record, &mut put);
        context
    }
}

fn texts(value: Option<&Value<'_>>) -> Vec<Box<str>> {
    let items = value.map(Value::items).unwrap_or_default();
    let texts = items.iter().filter_map(Value::text);
    texts
        .filter(|text| !text.is_empty())
        .map(Into::into)
        .collect()
}

/// What TLS and the address say. A call that AWS makes shows a host name in place of an address.
fn network(record: &Value<'_>, put: &mut impl FnMut(&str, Vec<Box<str>>)) {
    if let Some(version) = record.text_at("tlsDetails.tlsVersion") {
        put("aws:SecureTransport", vec!["true".into()]);
        if let Some(number) = version.strip_prefix("TLSv") {
            put("s3:TlsVersion", vec![number.into()]);
        }
    }
    let address = record.text_at("sourceIPAddress");
    if let Some(address) = address.filter(|text| text.parse::<std::net::IpAddr>().is_ok()) {
        let through_endpoint = record.text_at("vpcEndpointId").is_some();
        let key = if through_endpoint {
            "aws:VpcSourceIp"
        } else {
            "aws:SourceIp"
        };
        put(key, vec![address.into()]);
    }
}

/// Services whose endpoints answer over TLS only, so that no call to them was made without ("Service
/// endpoints and quotas", AWS General Reference, column Protocol: HTTPS alone).
const TLS_ONLY: [&str; 9] = [
    "cloudtrail.amazonaws.com",
    "ecr.amazonaws.com",
    "iam.amazonaws.com",
    "kms.amazonaws.com",
    "lambda.amazonaws.com",
    "organizations.amazonaws.com",
    "secretsmanager.amazonaws.com",
    "ssm.amazonaws.com",
    "sts.amazonaws.com",
];

fn over_tls(record: &Value<'_>, put: &mut impl FnMut(&str, Vec<Box<str>>)) {
    let source = record.text_at("eventSource").unwrap_or_default();
    if TLS_ONLY.contains(&source) {
        put("aws:SecureTransport", vec!["true".into()]);
    }
}

fn encryption(record: &Value<'_>, put: &mut impl FnMut(&str, Vec<Box<str>>)) {
    let Some(pairs) = record.at("requestParameters.encryptionContext") else {
        return;
    };
    let names = pairs.members().iter().map(|(name, _)| (&**name).into());
    put("kms:EncryptionContextKeys", names.collect());
    for (name, value) in pairs.members() {
        if let Some(value) = value.text() {
            put(&format!("kms:EncryptionContext:{name}"), vec![value.into()]);
        }
    }
}

/// Members that hold tags, and how their keys and values are named.
const TAGS: [&str; 4] = ["tags", "tagSet", "tagList", "tag"];
const TAG_KEYS: [&str; 3] = ["key", "Key", "tagKey"];
const TAG_VALUES: [&str; 3] = ["value", "Value", "tagValue"];

fn tags(record: &Value<'_>, put: &mut impl FnMut(&str, Vec<Box<str>>)) {
    let Some(parameters) = record.get("requestParameters") else {
        return;
    };
    let pairs = pairs(TAGS.iter().find_map(|name| parameters.get(name)));
    if pairs.is_empty() {
        return;
    }
    put(
        "aws:TagKeys",
        pairs.iter().map(|(key, _)| (*key).into()).collect(),
    );
    for (key, value) in pairs {
        put(&format!("aws:RequestTag/{key}"), vec![value.into()]);
    }
}

/// Tags as a list of keys and values, or as an object.
pub(super) fn pairs<'v>(tags: Option<&'v Value<'_>>) -> Vec<(&'v str, &'v str)> {
    let Some(tags) = tags else {
        return Vec::new();
    };
    let one = |tag: &'v Value<'_>| {
        let member = |names: &[&str]| names.iter().find_map(|name| tag.get(name)?.text());
        Some((member(&TAG_KEYS)?, member(&TAG_VALUES).unwrap_or_default()))
    };
    let listed: Vec<(&str, &str)> = tags.items().iter().filter_map(one).collect();
    if !listed.is_empty() {
        return listed;
    }
    let members = tags.members().iter();
    members
        .filter_map(|(key, value)| Some((&**key, value.text()?)))
        .collect()
}

/// `PROVIDER:AUDIENCE:SUBJECT` of a user with a token ("CloudTrail userIdentity element"). Any of them
/// may hold a colon, but two of them are told apart from the whole.
fn web_identity(record: &Value<'_>, put: &mut impl FnMut(&str, Vec<Box<str>>)) {
    let identity = record.get("userIdentity");
    let identity = identity.filter(|one| one.text_at("type") == Some("WebIdentityUser"));
    let Some(provider) = identity.and_then(|one| one.text_at("identityProvider")) else {
        return;
    };
    let host = provider
        .split_once(":oidc-provider/")
        .map_or(provider, |(_, host)| host);
    if let Some(subject) = identity.and_then(|one| one.text_at("userName")) {
        put(&format!("{host}:sub"), vec![subject.into()]);
    }
    let audience = identity.and_then(|one| {
        let rest = one.text_at("principalId")?.strip_prefix(provider)?;
        let rest = rest.strip_suffix(one.text_at("userName")?)?;
        rest.strip_prefix(':')?.strip_suffix(':')
    });
    if let Some(audience) = audience {
        put(&format!("{host}:aud"), vec![audience.into()]);
    }
}

/// Callers whose principalId is their aws:userid ("IAM JSON policy elements: Variables and tags", the
/// table of principal key values).
const WITH_ID: [&str; 4] = ["AssumedRole", "FederatedUser", "IAMUser", "Root"];

fn unique_id(record: &Value<'_>, put: &mut impl FnMut(&str, Vec<Box<str>>)) {
    let kind = record.text_at("userIdentity.type").unwrap_or_default();
    if let Some(id) = record.text_at("userIdentity.principalId")
        && WITH_ID.contains(&kind)
    {
        put("aws:userid", vec![id.into()]);
    }
}

/// How an S3 request was signed ("Amazon S3 Signature Version 4 authentication specific policy keys").
fn signature(record: &Value<'_>, put: &mut impl FnMut(&str, Vec<Box<str>>)) {
    let kind = match record.text_at("additionalEventData.AuthenticationMethod") {
        Some("AuthHeader") => "REST-HEADER",
        Some("QueryString") => "REST-QUERY-STRING",
        Some("HtmlForm") => "POST",
        _ => return,
    };
    put("s3:authType", vec![kind.into()]);
    if record.text_at("additionalEventData.SignatureVersion") == Some("SigV4") {
        put("s3:signatureversion", vec!["AWS4-HMAC-SHA256".into()]);
    }
}
