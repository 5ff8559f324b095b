//! A call of the table as a request of HTTP, in the protocol of its service.
//!
//! One function for all services: what differs between them is data ([`crate::shapes`]). Nothing
//! here knows an operation by name; S3 alone is known, because it puts the bucket into the host.

use serde_json::{Map, Value};

use crate::encode::{form, part, path};
use crate::http::Request;
use crate::shapes::{Call, Place, Protocol, Service};

/// Parameters of a call, as the AWS CLI names them.
pub type Given = Map<String, Value>;

/// Where a call goes.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The Region that answers.
    pub region: &'a str,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: &'a str,
    /// An address in place of AWS's own, without a slash at its end.
    pub endpoint: Option<&'a str>,
}

/// The service of the buckets, which puts them into the host.
const S3: &str = "s3";
/// The parameter that names a bucket.
const BUCKET: &str = "Bucket";

/// Writes a call as a request that is not signed yet.
pub(crate) fn request(service: &Service, call: &Call, given: &Given, target: &Target) -> Request {
    let hosted = hosted_bucket(call, given, target);
    let (origin, host) = origin(service, call, given, target, hosted);
    let (uri, fixed) = call.uri.split_once('?').unwrap_or((&call.uri, ""));
    let uri = match hosted {
        Some(_) => uri.replacen("/{Bucket}", "/", 1),
        None => uri.to_owned(),
    };
    let mut request = Request {
        method: call.method.to_string(),
        origin,
        path: filled(&uri, call, given, path_part),
        query: fixed.to_owned(),
        headers: host.into_iter().map(|host| ("host".into(), host)).collect(),
        body: Vec::new(),
    };
    match service.protocol {
        Protocol::Query | Protocol::Ec2 => form_body(&mut request, service, call, given),
        Protocol::Json => json_body(&mut request, service, call, given),
        Protocol::RestXml | Protocol::RestJson => rest(&mut request, call, given),
    }
    request
}

/// The Region that the signature names.
pub(crate) fn signing_region<'a>(service: &'a Service, target: &Target<'a>) -> &'a str {
    let world = service.global.get(target.partition);
    world.map_or(target.region, |(_, region)| region)
}

/// The bucket, where it goes into the host: not behind an address of the user's, and not with a
/// dot in its name, which no certificate covers ("Virtual hosting of buckets", Amazon S3).
fn hosted_bucket<'g>(call: &Call, given: &'g Given, target: &Target) -> Option<&'g str> {
    let bucket = given.get(BUCKET)?.as_str()?;
    let plain = *call.service == *S3 && target.endpoint.is_none() && !bucket.contains('.');
    plain.then_some(bucket)
}

/// The address without a path, and the header `Host` where it must differ from it.
fn origin(
    service: &Service,
    call: &Call,
    given: &Given,
    target: &Target,
    bucket: Option<&str>,
) -> (String, Option<String>) {
    let prefix = filled(&call.host_prefix, call, given, |_, text| text.to_owned());
    let own = host(service, target);
    match target.endpoint {
        None => {
            let bucket = bucket
                .map(|bucket| format!("{bucket}."))
                .unwrap_or_default();
            (format!("https://{prefix}{bucket}{own}"), None)
        }
        Some(endpoint) if prefix.is_empty() => (endpoint.to_owned(), None),
        // An address of numbers takes no name in front of it; the header can carry it.
        Some(endpoint) if is_local(endpoint) => {
            (endpoint.to_owned(), Some(format!("{prefix}{own}")))
        }
        Some(endpoint) => (endpoint.replacen("://", &format!("://{prefix}"), 1), None),
    }
}

fn host(service: &Service, target: &Target) -> String {
    if let Some((host, _)) = service.global.get(target.partition) {
        return host.to_string();
    }
    let suffix = match target.partition {
        "aws-cn" => "amazonaws.com.cn",
        _ => "amazonaws.com",
    };
    format!("{}.{}.{suffix}", service.prefix, target.region)
}

/// Whether an address is one of this machine, or of numbers.
fn is_local(endpoint: &str) -> bool {
    let rest = endpoint
        .split_once("://")
        .map_or(endpoint, |(_, rest)| rest);
    let name = rest.rsplit_once(':').map_or(rest, |(name, _)| name);
    name == "localhost" || name.starts_with('[') || name.parse::<std::net::Ipv4Addr>().is_ok()
}

/// Puts parameters in place of `{Name}`; `{Name+}` may hold slashes.
fn filled(
    template: &str,
    call: &Call,
    given: &Given,
    encode: impl Fn(bool, &str) -> String,
) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        let greedy = name.ends_with('+');
        let value = parameter(call, given, name.trim_end_matches('+'));
        out.push_str(before);
        out.push_str(&encode(greedy, &value));
        rest = after;
    }
    out + rest
}

fn path_part(greedy: bool, text: &str) -> String {
    match greedy {
        true => path(text),
        false => part(text),
    }
}

/// The value of a parameter, by its own name or by that which it has in the path.
fn parameter(call: &Call, given: &Given, name: &str) -> String {
    let mut inputs = call.input.iter();
    let own = inputs
        .find(|(_, input)| input.name.as_deref() == Some(name))
        .map(|(own, _)| &**own);
    let value = own
        .and_then(|own| given.get(own))
        .or_else(|| given.get(name));
    value.map(plain).unwrap_or_default()
}

/// A scalar as text.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn form_body(request: &mut Request, service: &Service, call: &Call, given: &Given) {
    let mut pairs = vec![
        ("Action".to_owned(), call.name.to_string()),
        ("Version".to_owned(), service.version.to_string()),
    ];
    for (name, value) in given {
        let input = call.input.get(name.as_str());
        let spelled = input
            .and_then(|input| input.name.as_deref())
            .unwrap_or(name);
        let list = input.and_then(|input| input.list.as_deref());
        match value {
            Value::Array(items) => pairs.extend(listed(spelled, list, items)),
            scalar => pairs.push((spelled.to_owned(), plain(scalar))),
        }
    }
    let pairs = pairs.iter().map(|(name, value)| (&**name, &**value));
    request.body = form(pairs).into_bytes();
    header(
        request,
        "content-type",
        "application/x-www-form-urlencoded; charset=utf-8",
    );
}

fn listed(name: &str, inner: Option<&str>, items: &[Value]) -> Vec<(String, String)> {
    let inner = inner
        .filter(|inner| !inner.is_empty())
        .map(|inner| format!(".{inner}"))
        .unwrap_or_default();
    let one = |(at, item): (usize, &Value)| (format!("{name}{inner}.{}", at + 1), plain(item));
    items.iter().enumerate().map(one).collect()
}

fn json_body(request: &mut Request, service: &Service, call: &Call, given: &Given) {
    request.body = Value::Object(given.clone()).to_string().into_bytes();
    let kind = format!("application/x-amz-json-{}", service.json);
    header(request, "content-type", &kind);
    let target = format!("{}.{}", service.target, call.name);
    header(request, "x-amz-target", &target);
}

fn rest(request: &mut Request, call: &Call, given: &Given) {
    let mut query = Vec::new();
    let mut body = Map::new();
    for (name, value) in given {
        let Some(input) = call.input.get(name.as_str()) else {
            continue;
        };
        let spelled = input.name.as_deref().unwrap_or(name);
        match input.place {
            Place::Query => query.push(form([(spelled, &*plain(value))])),
            Place::Header => header(request, &spelled.to_ascii_lowercase(), &plain(value)),
            Place::Body => {
                body.insert(spelled.to_owned(), value.clone());
            }
            Place::Uri | Place::Attribute | Place::Elsewhere => {}
        }
    }
    let fixed = Some(request.query.clone()).filter(|fixed| !fixed.is_empty());
    let parts: Vec<String> = fixed.into_iter().chain(query).collect();
    request.query = parts.join("&");
    if request.method != "GET" {
        request.body = Value::Object(body).to_string().into_bytes();
        header(request, "content-type", "application/json");
    }
}

fn header(request: &mut Request, name: &str, value: &str) {
    request.headers.push((name.to_owned(), value.to_owned()));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::shapes::shapes;

    fn made(operation: &str, given: Value, endpoint: Option<&str>) -> Request {
        let (service, call) = shapes().call(operation).unwrap();
        let target = Target {
            region: "eu-west-1",
            partition: "aws",
            endpoint,
        };
        request(service, call, given.as_object().unwrap(), &target)
    }

    fn check(operation: &str, given: Value, url: &str, body: &str) {
        let made = made(operation, given, None);
        let found = (made.url(), String::from_utf8(made.body).unwrap());
        assert_eq!(found, (url.to_owned(), body.to_owned()), "{operation}");
    }

    #[test]
    fn each_protocol_writes_its_calls_as_aws_documents_them() {
        check(
            "iam.get-open-id-connect-provider",
            json!({"OpenIDConnectProviderArn": "arn:aws:iam::1:oidc-provider/x"}),
            "https://iam.amazonaws.com/",
            "Action=GetOpenIDConnectProvider&Version=2010-05-08&OpenIDConnectProviderArn=arn%3Aaws%3Aiam%3A%3A1%3Aoidc-provider%2Fx",
        );
        check(
            "ec2.describe-snapshots",
            json!({"OwnerIds": ["self"], "RestorableByUserIds": ["all"]}),
            "https://ec2.eu-west-1.amazonaws.com/",
            "Action=DescribeSnapshots&Version=2016-11-15&Owner.1=self&RestorableBy.1=all",
        );
        check(
            "kms.get-key-policy",
            json!({"KeyId": "k", "PolicyName": "default"}),
            "https://kms.eu-west-1.amazonaws.com/",
            r#"{"KeyId":"k","PolicyName":"default"}"#,
        );
        check(
            "s3api.get-bucket-policy",
            json!({"Bucket": "records"}),
            "https://records.s3.eu-west-1.amazonaws.com/?policy",
            "",
        );
        check(
            "s3api.get-bucket-policy",
            json!({"Bucket": "re.cords"}),
            "https://s3.eu-west-1.amazonaws.com/re.cords?policy",
            "",
        );
        check(
            "s3control.get-access-point-policy",
            json!({"AccountId": "111122223333", "Name": "ap"}),
            "https://111122223333.s3-control.eu-west-1.amazonaws.com/v20180820/accesspoint/ap/policy",
            "",
        );
        check(
            "lambda.get-policy",
            json!({"FunctionName": "a b"}),
            "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/a%20b/policy",
            "",
        );
        check(
            "ram.get-resource-shares",
            json!({"resourceOwner": "SELF"}),
            "https://ram.eu-west-1.amazonaws.com/getresourceshares",
            r#"{"resourceOwner":"SELF"}"#,
        );
        check(
            "guardduty.list-detectors",
            json!({"NextToken": "a="}),
            "https://guardduty.eu-west-1.amazonaws.com/detector?nextToken=a%3D",
            "",
        );
    }

    #[test]
    fn behind_an_address_of_ones_own_nothing_goes_into_the_host() {
        let local = Some("http://127.0.0.1:5000");
        let bucket = made("s3api.get-bucket-acl", json!({"Bucket": "records"}), local);
        assert_eq!(bucket.url(), "http://127.0.0.1:5000/records?acl");
        let account = json!({"AccountId": "111122223333"});
        let block = made("s3control.get-public-access-block", account.clone(), local);
        assert_eq!(
            block.headers[0].1,
            "111122223333.s3-control.eu-west-1.amazonaws.com"
        );
        let private = Some("https://control.vpce-1.s3.eu-west-1.vpce.amazonaws.com");
        let block = made("s3control.get-public-access-block", account, private);
        assert!(
            block
                .origin
                .starts_with("https://111122223333.control.vpce-1")
        );
    }
}
