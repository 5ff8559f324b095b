//! Who called ("CloudTrail userIdentity element").

use cofferdam_names::Arn;

use super::value::Value;

/// The caller as far as a record tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// ARN, service host, provider or `anonymous`.
    pub principal: String,
    /// Whether the record tells only the account, as the copy for the owner of the resource does: the
    /// principal is then the account's root in place of whoever called.
    pub only_account: bool,
    /// The service that called on the principal's behalf, by host name.
    pub forwarded_by: Option<String>,
}

/// Providers that need no provider of the account ("AWS JSON policy elements: Principal", web
/// identity session principals).
const PUBLIC_PROVIDERS: [&str; 4] = [
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
];

/// How accounts of unsigned requests are written.
const ANONYMOUS: [&str; 2] = ["anonymous", "ANONYMOUS_PRINCIPAL"];

/// Reads the caller; `None` if it cannot be told.
pub fn who(record: &Value<'_>) -> Option<Who> {
    let identity = record.get("userIdentity")?;
    let kind = identity.text_at("type").unwrap_or_default();
    let only_account = kind == "AWSAccount";
    let principal = principal(record, identity, kind)?;
    Some(Who {
        only_account: only_account && principal != "anonymous" && identity.text_at("arn").is_none(),
        forwarded_by: forwarded_by(record, identity, kind),
        principal,
    })
}

fn principal(record: &Value<'_>, identity: &Value<'_>, kind: &str) -> Option<String> {
    let arn = || identity.text_at("arn").map(str::to_owned);
    let account = identity.text_at("accountId");
    let root = || Some(format!("arn:{}:iam::{}:root", partition(record), account?));
    match kind {
        "AWSService" => identity.text_at("invokedBy").map(str::to_owned),
        "AWSAccount" if account.is_none_or(|account| ANONYMOUS.contains(&account)) => {
            Some("anonymous".to_owned())
        }
        "AWSAccount" | "Root" => arn().or_else(root),
        "SAMLUser" => saml(record, identity),
        "WebIdentityUser" => web(record, identity),
        _ => arn().or_else(|| issuer(identity)),
    }
}

/// A session whose own ARN is left out still names the role behind it.
fn issuer(identity: &Value<'_>) -> Option<String> {
    identity
        .text_at("sessionContext.sessionIssuer.arn")
        .map(str::to_owned)
}

/// The provider is a parameter of the one call that such a user makes, AssumeRoleWithSAML.
fn saml(record: &Value<'_>, identity: &Value<'_>) -> Option<String> {
    let named = record.text_at("requestParameters.principalArn");
    let named = named.or_else(|| identity.text_at("identityProvider"))?;
    Some(named.to_owned())
}

/// A provider is one of the account of the role, apart from the public ones.
fn web(record: &Value<'_>, identity: &Value<'_>) -> Option<String> {
    let provider = identity.text_at("identityProvider")?;
    if Arn::parse(provider).is_ok() || PUBLIC_PROVIDERS.contains(&provider) {
        return Some(provider.to_owned());
    }
    let role = record.text_at("requestParameters.roleArn");
    let role = role.and_then(|role| Arn::parse(role).ok())?;
    let host = provider.trim_start_matches("https://");
    Some(format!(
        "arn:{}:iam::{}:oidc-provider/{host}",
        role.partition(),
        role.account()
    ))
}

/// A service that calls as the principal shows in invokedBy, and in place of the address.
fn forwarded_by(record: &Value<'_>, identity: &Value<'_>, kind: &str) -> Option<String> {
    if kind == "AWSService" {
        return None;
    }
    let shown = identity.text_at("invokedBy");
    let shown = shown.or_else(|| record.text_at("sourceIPAddress"))?;
    shown.ends_with(".amazonaws.com").then(|| shown.to_owned())
}

/// The partition of a record's Region ("Amazon Resource Names (ARNs)", AWS General Reference).
pub fn partition(record: &Value<'_>) -> &'static str {
    match record.text_at("awsRegion") {
        Some(region) if region.starts_with("cn-") => "aws-cn",
        Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
