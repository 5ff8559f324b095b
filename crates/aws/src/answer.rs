//! An answer of HTTP as the value that the AWS CLI prints, or as the error that AWS states.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::{Map, Value};

use crate::encode::decode;
use crate::failure::{self, Failure};
use crate::http::Response;
use crate::shapes::{Call, Kind, Member, Protocol, Service, Shape};
use crate::xml;

/// Reads an answer.
///
/// # Errors
/// What AWS states to be wrong, or that the answer cannot be read.
pub(crate) fn answer(
    service: &Service,
    call: &Call,
    response: &Response,
) -> Result<Value, Failure> {
    if !(200..300).contains(&response.status) {
        return Err(failure::stated(service.protocol, response));
    }
    let body = std::str::from_utf8(&response.body)
        .map_err(|_| Failure::malformed("the answer is not UTF-8"))?;
    match service.protocol {
        Protocol::Json | Protocol::RestJson => from_json(service, call, body),
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => xml::answer(service, call, body),
    }
}

fn from_json(service: &Service, call: &Call, body: &str) -> Result<Value, Failure> {
    if body.trim().is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let value: Value = serde_json::from_str(body)
        .map_err(|error| Failure::malformed(&format!("the answer is no JSON: {error}")))?;
    match value {
        Value::Object(_) => Ok(printed(service, &call.output, without_nulls(value))),
        _ => Err(Failure::malformed("the answer is no object")),
    }
}

/// What a service states to be nothing is left out, as the CLI leaves it out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, member)| !member.is_null())
            .map(|(name, member)| (name, without_nulls(member)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// A value of JSON with the names and times that the CLI prints. It goes as deep as the value is,
/// and `serde_json` reads no more than 128 levels.
fn printed(service: &Service, kind: &Kind, value: Value) -> Value {
    match kind {
        Kind::Moment => moment(&value),
        Kind::Shape(name) => match (service.shapes.get(name), value) {
            (Some(Shape::Structure { members, .. }), Value::Object(found)) => {
                structure(service, members, found)
            }
            (Some(Shape::List { inner, .. }), Value::Array(items)) => items
                .into_iter()
                .map(|item| printed(service, inner, item))
                .collect(),
            (Some(Shape::Map { inner, .. }), Value::Object(found)) => found
                .into_iter()
                .map(|(key, item)| (key, printed(service, inner, item)))
                .collect(),
            (_, value) => value,
        },
        _ => value,
    }
}

fn structure(service: &Service, members: &[Member], found: Map<String, Value>) -> Value {
    let mut out = Map::new();
    for (key, value) in found {
        match members.iter().find(|member| *member.location == *key) {
            Some(member) => out.insert(
                member.name.to_string(),
                printed(service, &member.kind, value),
            ),
            None => out.insert(key, value),
        };
    }
    Value::Object(out)
}

/// A moment as the CLI prints it, `2026-11-22T09:00:00+00:00`; one that cannot be read stays as it
/// is.
pub(crate) fn moment(value: &Value) -> Value {
    let time = match value {
        Value::Number(seconds) => seconds.as_f64().map(DateTime::from_secs_f64),
        Value::String(text) => DateTime::from_str(text, Format::DateTimeWithOffset)
            .or_else(|_| DateTime::from_str(text, Format::HttpDate))
            .ok(),
        _ => None,
    };
    let shown = time.and_then(|time| time.fmt(Format::DateTime).ok());
    match shown {
        Some(text) => Value::String(format!("{}+00:00", text.trim_end_matches('Z'))),
        None => value.clone(),
    }
}

/// A policy as IAM writes it: JSON, percent-encoded. One that is no JSON stays text.
pub(crate) fn policy(text: &str) -> Value {
    let text = decode(text);
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::shapes::shapes;

    fn check(operation: &str, body: &str, expected: Value) {
        let (service, call) = shapes().call(operation).unwrap();
        let response = Response {
            status: 200,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        let found = answer(service, call, &response).unwrap();
        assert_eq!(found, expected, "{operation}");
    }

    #[test]
    fn answers_in_json_are_printed_as_the_cli_prints_them() {
        check(
            "kms.describe-key",
            r#"{"KeyMetadata": {"KeyId": "k", "CreationDate": 1795338000.0, "Enabled": true, "New": 1, "Gone": null}}"#,
            json!({"KeyMetadata": {"KeyId": "k", "CreationDate": "2026-11-22T09:00:00+00:00", "Enabled": true, "New": 1}}),
        );
        check(
            "guardduty.list-detectors",
            r#"{"detectorIds": ["a"]}"#,
            json!({"DetectorIds": ["a"]}),
        );
        check("kms.list-keys", "", json!({}));
    }

    #[test]
    fn answers_in_xml_are_printed_as_the_cli_prints_them() {
        check(
            "iam.list-saml-providers",
            "<ListSAMLProvidersResponse xmlns='x'><ListSAMLProvidersResult><SAMLProviderList><member>\
             <Arn>a</Arn><CreateDate>2026-11-22T09:00:00Z</CreateDate></member></SAMLProviderList>\
             </ListSAMLProvidersResult></ListSAMLProvidersResponse>",
            json!({"SAMLProviderList": [{"Arn": "a", "CreateDate": "2026-11-22T09:00:00+00:00"}]}),
        );
        check(
            "iam.get-account-authorization-details",
            "<R><GetAccountAuthorizationDetailsResult><RoleDetailList><member><RoleName>r</RoleName>\
             <AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%7D</AssumeRolePolicyDocument>\
             <Tags/></member></RoleDetailList></GetAccountAuthorizationDetailsResult></R>",
            json!({"RoleDetailList": [{"RoleName": "r", "AssumeRolePolicyDocument": {"Version": "2012-10-17"}, "Tags": []}]}),
        );
        check(
            "iam.get-account-summary",
            "<R><GetAccountSummaryResult><SummaryMap><entry><key>AccountMFAEnabled</key><value>1</value></entry></SummaryMap></GetAccountSummaryResult></R>",
            json!({"SummaryMap": {"AccountMFAEnabled": 1}}),
        );
        check(
            "ec2.describe-vpcs",
            "<DescribeVpcsResponse><vpcSet><item><vpcId>vpc-1</vpcId><isDefault>false</isDefault></item></vpcSet></DescribeVpcsResponse>",
            json!({"Vpcs": [{"VpcId": "vpc-1", "IsDefault": false}]}),
        );
        check(
            "s3api.get-bucket-location",
            "<LocationConstraint xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>eu-west-1</LocationConstraint>",
            json!({"LocationConstraint": "eu-west-1"}),
        );
        check(
            "s3api.get-bucket-location",
            "<LocationConstraint/>",
            json!({"LocationConstraint": null}),
        );
        check(
            "s3api.get-bucket-policy",
            "{\"Version\": \"x\"}",
            json!({"Policy": "{\"Version\": \"x\"}"}),
        );
        check(
            "s3api.get-bucket-acl",
            "<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList><Grant>\
             <Grantee xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='Group'><URI>u</URI></Grantee>\
             <Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>",
            json!({"Owner": {"ID": "o"}, "Grants": [{"Grantee": {"URI": "u", "Type": "Group"}, "Permission": "READ"}]}),
        );
        check(
            "s3api.get-public-access-block",
            "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
            json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true}}),
        );
        check(
            "s3api.get-bucket-lifecycle-configuration",
            "<LifecycleConfiguration><Rule><ID>a</ID><Expiration><Days>3</Days></Expiration></Rule></LifecycleConfiguration>",
            json!({"Rules": [{"Expiration": {"Days": 3}, "ID": "a"}]}),
        );
        check(
            "sns.get-topic-attributes",
            "<R><GetTopicAttributesResult><Attributes><entry><key>Policy</key><value>{}</value></entry></Attributes></GetTopicAttributesResult></R>",
            json!({"Attributes": {"Policy": "{}"}}),
        );
    }
}
