//! What trails record, as a table of selectors and answers.

use super::*;

const STORES: &str = r#"
organization: {id: o-acme1a2b3c, management: "100000000001"}
units: {r-1: {}}
accounts: {"100000000001": {parent: r-1}, "200000000002": {parent: r-1}}
buckets: {records: {account: "200000000002"}}
tables: {"arn:aws:dynamodb:eu-west-1:200000000002:table/claims": {}}
queues: {"arn:aws:sqs:eu-west-1:200000000002:jobs": {}}
secrets: {"arn:aws:secretsmanager:eu-west-1:200000000002:secret:pin-abcdef": {}}
"#;

const BUCKET: &str = "arn:aws:s3:::records";

#[track_caller]
fn check(name: &str, trail: &str, action: &str, store: &str, expected: &str) {
    let text = format!("{STORES}trails: {{main: {{{trail}}}}}\n");
    let org = cofferdam_fixture::organization(&text);
    let store = Store::of(org.resource(store).unwrap()).unwrap();
    let account = store.resource.account;
    let action = ActionName::parse(action).unwrap();
    let found = recorded(&org, &org.trails[0], &store, &action, account);
    // What is recorded can be shown to others; what is missed never.
    let written = refutation(&org.trails[0], &store, &action, account);
    match found {
        Recorded::Yes => assert!(written.is_ok(), "{name}: {action}: {written:?}"),
        Recorded::Partly(_) => assert!(written.is_err(), "{name}: {action}"),
        _ => {}
    }
    let shown = match found {
        Recorded::Yes => "yes".to_owned(),
        Recorded::No(why) => format!("no: {why}"),
        Recorded::Partly(missed) => format!("not {missed}"),
        Recorded::Unknown(why) => format!("unknown: {why}"),
    };
    assert_eq!(shown, expected, "{name}: {action}");
}

fn organization(selectors: &str) -> String {
    format!(
        "account: \"100000000001\", organization: true, multi-region: true, selectors: [{selectors}]"
    )
}

fn data(fields: &str) -> String {
    organization(&format!(
        "{{FieldSelectors: [{{Field: eventCategory, Equals: [Data]}}, {{Field: resources.type, Equals: [\"AWS::S3::Object\"]}}{fields}]}}"
    ))
}

/// "Filtering data events by using advanced event selectors".
#[test]
fn advanced_selectors_are_decided_for_every_object() {
    let objects = data("");
    check("all objects", &objects, "s3:GetObject", BUCKET, "yes");
    check("all objects", &objects, "s3:ListBucket", BUCKET, "yes");
    let bucket = data(r#", {Field: resources.ARN, StartsWith: ["arn:aws:s3:::records/"]}"#);
    check(
        "the bucket with a slash",
        &bucket,
        "s3:GetObject",
        BUCKET,
        "yes",
    );
    check(
        "a listing carries the bucket with a slash",
        &bucket,
        "s3:ListBucket",
        BUCKET,
        "yes",
    );
    let other = data(r#", {Field: resources.ARN, StartsWith: ["arn:aws:s3:::other/"]}"#);
    let none = "no: no selector of the trail selects it";
    check("another bucket", &other, "s3:GetObject", BUCKET, none);
    let prefix = data(r#", {Field: resources.ARN, StartsWith: ["arn:aws:s3:::records/a"]}"#);
    let missed = "not GetObject of arn:aws:s3:::records/example";
    check("a prefix", &prefix, "s3:GetObject", BUCKET, missed);
    check(
        "a prefix never holds the listing",
        &prefix,
        "s3:ListBucket",
        BUCKET,
        none,
    );
    let all_but = data(r#", {Field: resources.ARN, NotEndsWith: [".tmp"]}"#);
    check(
        "all but",
        &all_but,
        "s3:PutObject",
        BUCKET,
        "not PutObject of arn:aws:s3:::records/.tmp",
    );
    let reads = data(r#", {Field: readOnly, Equals: ["true"]}"#);
    check("reads only", &reads, "s3:GetObject", BUCKET, "yes");
    check("reads only", &reads, "s3:PutObject", BUCKET, none);
    let by = data(r#", {Field: userIdentity.arn, NotStartsWith: ["arn:aws:sts::100000000001:"]}"#);
    let someone = "not GetObject of arn:aws:s3:::records/example by arn:aws:sts::100000000001:assumed-role/r/session";
    check(
        "all but one account's roles",
        &by,
        "s3:GetObject",
        BUCKET,
        someone,
    );
    let odd = data(r#", {Field: somethingNew, Equals: [x]}"#);
    let unknown = "unknown: the selector field somethingNew is not known";
    check("an unknown field", &odd, "s3:GetObject", BUCKET, unknown);
    let management =
        organization("{FieldSelectors: [{Field: eventCategory, Equals: [Management]}]}");
    check(
        "management alone",
        &management,
        "s3:GetObject",
        BUCKET,
        none,
    );
    check(
        "management alone",
        &management,
        "s3:PutBucketPolicy",
        BUCKET,
        "yes",
    );
}

/// One `eventName` may be left out although another name of the same action is kept.
#[test]
fn an_action_is_recorded_only_under_all_its_event_names() {
    let table = "arn:aws:dynamodb:eu-west-1:200000000002:table/claims";
    let fields = |more: &str| {
        organization(&format!(
            "{{FieldSelectors: [{{Field: eventCategory, Equals: [Data]}}, {{Field: resources.type, Equals: [\"AWS::DynamoDB::Table\"]}}{more}]}}"
        ))
    };
    let some = fields(", {Field: eventName, Equals: [GetItem]}");
    let missed = format!("not TransactGetItems of {table}");
    check("one name of two", &some, "dynamodb:GetItem", table, &missed);
    let reads = fields(r#", {Field: readOnly, Equals: ["true"]}"#);
    let unknown = "unknown: whether the events count as read is not settled";
    check(
        "one name for reads and writes",
        &reads,
        "dynamodb:PartiQLSelect",
        table,
        unknown,
    );
    check(
        "every item",
        &fields(""),
        "dynamodb:PartiQLSelect",
        table,
        "yes",
    );
    let none = "no: no selector of the trail selects it";
    check(
        "a stream is another type",
        &fields(""),
        "dynamodb:GetRecords",
        table,
        none,
    );
}

/// "Filtering data events by using basic event selectors".
#[test]
fn basic_selectors() {
    let basic = |more: &str| {
        format!("account: \"200000000002\", basic-selectors: [{{ReadWriteType: All{more}}}]")
    };
    let everything =
        basic(r#", DataResources: [{Type: "AWS::S3::Object", Values: ["arn:aws:s3"]}]"#);
    check("all of S3", &everything, "s3:GetObject", BUCKET, "yes");
    let bucket =
        basic(r#", DataResources: [{Type: "AWS::S3::Object", Values: ["arn:aws:s3:::records/"]}]"#);
    check("a bucket", &bucket, "s3:DeleteObject", BUCKET, "yes");
    let none = "no: no selector of the trail selects it";
    check("management only", &basic(""), "s3:GetObject", BUCKET, none);
    let secret = "arn:aws:secretsmanager:eu-west-1:200000000002:secret:pin-abcdef";
    check(
        "a secret is read by a management event",
        &basic(""),
        "secretsmanager:GetSecretValue",
        secret,
        "yes",
    );
    let queue = "arn:aws:sqs:eu-west-1:200000000002:jobs";
    check(
        "queues have no basic selector",
        &everything,
        "sqs:ReceiveMessage",
        queue,
        none,
    );
}

/// "Creating a trail for an organization", "GetTrailStatus", "Understanding multi-Region trails".
#[test]
fn a_trail_records_only_where_and_while_it_does() {
    let all = "selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: [\"AWS::S3::Object\"]}]}]";
    let with = |more: &str| format!("{more}, {all}");
    let own = with("account: \"200000000002\"");
    check("the account's own", &own, "s3:GetObject", BUCKET, "yes");
    let others = with("account: \"100000000001\"");
    let other = "no: trail main does not record account 200000000002";
    check("another account's", &others, "s3:GetObject", BUCKET, other);
    let stopped = with("account: \"200000000002\", logging: false");
    check(
        "stopped",
        &stopped,
        "s3:GetObject",
        BUCKET,
        "no: trail main does not log now",
    );
    let elsewhere = with("account: \"200000000002\", region: us-east-1");
    let region = "no: trail main records us-east-1 only, not eu-west-1";
    check("another Region", &elsewhere, "s3:GetObject", BUCKET, region);
    let unsettled =
        "unknown: AWS's pages do not settle what CloudTrail records of s3:ReplicateObject";
    check("not settled", &own, "s3:ReplicateObject", BUCKET, unsettled);
}
