//! Requests through access points, in the plain evaluator's own words: one request becomes two
//! cases, one about the access point and one about the bucket.
//!
//! "Configuring IAM policies for using access points", "Creating access points restricted to a
//! virtual private cloud", "Blocking public access to your Amazon S3 storage".

use serde_json::{Value, json};

/// The two cases of a request through an access point, the access point's first.
pub fn both(case: &Value) -> (Value, Value) {
    let point = &case["access_point"];
    let arn = point["arn"].as_str().unwrap();
    let fields: Vec<&str> = arn.split(':').collect();
    let (region, account) = (fields[3], fields[4]);
    let mut bucket = case.clone();
    let context = &mut bucket["request"]["context"];
    let vpc = point["vpc"].as_str();
    let origin = if vpc.is_some() { "VPC" } else { "Internet" };
    state(context, "s3:DataAccessPointArn", arn);
    state(context, "s3:DataAccessPointAccount", account);
    state(context, "s3:AccessPointNetworkOrigin", origin);
    if !region.is_empty() {
        state(context, "aws:RequestedRegion", region);
    }
    bucket["block_public_access"] = blocked(case);
    let owner = case["request"]["resource_account"].clone();
    bucket["bucket_owner"] = owner;

    let mut at_point = bucket.clone();
    let resource = case["request"]["resource"].as_str().unwrap();
    let (name, key) = match resource.split_once('/') {
        Some((_, key)) => (format!("{arn}/object/{key}"), Some(key)),
        None => (arn.to_owned(), None),
    };
    assert!(key.is_none_or(|key| !key.is_empty()));
    at_point["request"]["resource"] = json!(name);
    at_point["request"]["resource_account"] = json!(account);
    at_point["resource_policy"] = point["policy"].clone();
    if at_point["bucket_owner"] != account {
        // RCPs of the account that owns the access point, which a case states in its block.
        at_point["resource_control_policies"] = point["resource_control_policies"].clone();
        at_point["resource"] = json!({});
    }
    if vpc.is_some() {
        // "Always considered non-public."
        at_point["block_public_access"] = Value::Null;
    }
    (at_point, bucket)
}

/// What the request states goes before what follows.
fn state(context: &mut Value, key: &str, value: &str) {
    let known = context.as_object().unwrap();
    if !known.keys().any(|own| own.eq_ignore_ascii_case(key)) {
        context[key] = json!(value);
    }
}

/// The most restrictive of access point and bucket; principals of the accounts that own them pass.
fn blocked(case: &Value) -> Value {
    let on = |of: &Value| of["block_public_access"]["restrict_public_buckets"] == true;
    let restricted = on(case) || on(&case["access_point"]);
    let caller = account_of(&case["request"]["principal"]).filter(|account| !account.is_empty());
    let owner = case["request"]["resource_account"]
        .as_str()
        .map(str::to_owned);
    let of_point = account_of(&case["access_point"]["arn"]);
    let own = caller.is_some() && (caller == owner || caller == of_point);
    json!({"restrict_public_buckets": restricted && !own})
}

fn account_of(arn: &Value) -> Option<String> {
    Some(arn.as_str()?.split(':').nth(4)?.to_owned())
}

/// Whether the request comes from the VPC that the access point is restricted to.
pub fn from_vpc(case: &Value) -> bool {
    let Some(vpc) = case["access_point"]["vpc"].as_str() else {
        return true;
    };
    let context = case["request"]["context"].as_object().unwrap();
    let stated = context
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case("aws:SourceVpc"));
    stated.is_some_and(|(_, value)| value == vpc)
}
