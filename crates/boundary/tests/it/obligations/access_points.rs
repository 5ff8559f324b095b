//! Buckets that are reached through S3 access points.
//!
//! "Configuring IAM policies for using access points": the access point and the bucket must both
//! allow. Whoever holds an account can make an access point for a bucket of somebody else, whose
//! policy nobody here reads.

use crate::common::check;

const DELEGATES: &str = r#"{Sid: Delegates, Effect: Allow, Principal: {AWS: "*"}, Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {StringEquals: {"s3:DataAccessPointAccount": "100000000006"}}}"#;
const POINT: &str = "arn:aws:s3:eu-west-1:100000000006:accesspoint/app";

/// A bucket with a policy, and an access point for it.
fn behind(policy: &str, point: &str) -> String {
    format!(
        r#"
buckets: {{records: {{account: "100000000006", policy: [{policy}]}}}}
access-points: {{"{POINT}": {{bucket: records, {point}}}}}
"#
    )
}

fn open_to(who: &str) -> String {
    format!(
        r#"policy: [{{Sid: Through, Effect: Allow, Principal: {who}, Action: "s3:GetObject", Resource: "{POINT}/object/*"}}]"#
    )
}

#[test]
fn a_bucket_that_delegates_is_as_closed_as_its_access_points() {
    check(
        "resource.public",
        &behind(DELEGATES, ""),
        "",
        "resource.public:records proved\n",
    );
}

#[test]
fn an_access_point_that_is_open_opens_the_bucket() {
    check(
        "resource.public",
        &behind(DELEGATES, &open_to(r#""*""#)),
        "",
        r#"
            resource.public:records violated
            - bucket policy of records [Delegates] + access point policy of accesspoint/app [Through]: anonymous, any principal of any AWS account
        "#,
    );
}

#[test]
fn an_open_access_point_opens_no_bucket_that_does_not_allow() {
    let nobody = r#"{Effect: Allow, Principal: {AWS: "arn:aws:iam::100000000006:role/app"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}"#;
    check(
        "resource.public",
        &behind(nobody, &open_to(r#""*""#)),
        "",
        "resource.public:records proved\n",
    );
}

#[test]
fn block_public_access_of_the_access_point_withholds_its_policy() {
    let point = format!("{}, block-public-access: all", open_to(r#""*""#));
    check(
        "resource.public",
        &behind(DELEGATES, &point),
        "",
        "resource.public:records proved\n",
    );
}

#[test]
fn an_access_point_of_a_vpc_admits_who_is_in_that_vpc() {
    let point = format!("{}, vpc: vpc-1", open_to(r#""*""#));
    check(
        "resource.public",
        &behind(DELEGATES, &point),
        "",
        r#"
            resource.public:records violated
            - bucket policy of records [Delegates] + access point policy of accesspoint/app [Through]: anonymous, any principal of any AWS account
        "#,
    );
}

#[test]
fn a_foreign_account_is_let_in_by_the_access_point() {
    check(
        "identity.outside-organization",
        &behind(DELEGATES, &open_to(r#"{AWS: "888800000001"}"#)),
        "",
        r#"
            identity.outside-organization:records:read violated
            - bucket policy of records [Delegates] + access point policy of accesspoint/app [Through]: any principal of another account
            identity.outside-organization:records:write proved
            identity.outside-organization:records:delete proved
            identity.outside-organization:records:list proved
            identity.outside-organization:records:administer proved
        "#,
    );
}

#[test]
fn delegation_to_somebody_elses_access_points_is_undecided() {
    let theirs = DELEGATES.replace("100000000006", "888800000001");
    check(
        "resource.public",
        &behind(&theirs, ""),
        "",
        r#"
            resource.public:records undecided
            ? anonymous: the access points of other accounts, and their policies, are not known
            ? any principal of any AWS account: the access points of other accounts, and their policies, are not known
        "#,
    );
}

#[test]
fn access_points_that_were_not_listed_leave_delegation_undecided() {
    let unlisted = "\nunlisted: [\"access-point 100000000006: refused\"]";
    check(
        "resource.public",
        &format!("{}{unlisted}", behind(DELEGATES, "")),
        "",
        r#"
            resource.public:records undecided
            ? anonymous: the access points of other accounts, and their policies, are not known
            ? any principal of any AWS account: the access points of other accounts, and their policies, are not known
        "#,
    );
}

#[test]
fn an_access_point_whose_policy_was_not_read_is_undecided() {
    let unknown = format!("\nunknown: [\"access-point {POINT} ResourcePolicy: refused\"]");
    check(
        "resource.public",
        &format!("{}{unknown}", behind(DELEGATES, "")),
        "",
        r#"
            resource.public:records undecided
            ? anonymous: refused
            ? any principal of any AWS account: refused
        "#,
    );
}

#[test]
fn a_principal_reaches_through_an_access_point_what_it_cannot_reach_directly() {
    let role = r#"
roles: {100000000006/app: {inline: {through: {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:eu-west-1:100000000006:accesspoint/*"}}}}
"#;
    check(
        "identity.unapproved-principal",
        &format!("{role}{}", behind(DELEGATES, "")),
        "",
        r#"
            identity.unapproved-principal:records:read violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
            - bucket policy of records [Delegates] + inline policy through of role/app [0]: $DATA/app
            identity.unapproved-principal:records:write violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
            identity.unapproved-principal:records:delete violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
            identity.unapproved-principal:records:list violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
            identity.unapproved-principal:records:administer violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
        "#,
    );
}

#[test]
fn an_approved_reader_may_read_through_an_access_point() {
    let role = r#"
roles: {100000000006/app: {inline: {through: {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:eu-west-1:100000000006:accesspoint/*"}}}}
"#;
    check(
        "access.approved-works",
        &format!("{role}{}", behind(DELEGATES, "")),
        r#"
    access: [{who: [{role: "$DATA/app"}], can: [read], from: [inside]}]
"#,
        r#"
            access.approved-works:records proved
        "#,
    );
}

#[test]
fn a_multi_region_access_point_leads_to_each_of_its_buckets() {
    let org = r#"
buckets: {records: {account: "100000000006", policy: [{Sid: Delegates, Effect: Allow, Principal: {AWS: "*"}, Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {StringEquals: {"s3:DataAccessPointArn": "arn:aws:s3::100000000006:accesspoint/m1.mrap"}}}]}}
multi-region-access-points: {"arn:aws:s3::100000000006:accesspoint/everywhere": {alias: m1.mrap, buckets: [records, others], policy: [{Sid: All, Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3::100000000006:accesspoint/m1.mrap/object/*"}]}}
"#;
    check(
        "resource.public",
        org,
        "",
        r#"
            resource.public:records violated
            - bucket policy of records [Delegates] + access point policy of accesspoint/m1.mrap [All]: anonymous, any principal of any AWS account
        "#,
    );
}

/// "Monitoring and logging access points": events name the access point beside the object.
#[test]
fn whether_requests_through_an_access_point_are_recorded_is_undecided() {
    let org = r#"
buckets: {records: {account: "100000000006", policy: [$ROOTS, {Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}, log: {account: "100000000002"}}
roles: {200000000007/reader: {inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}, {FieldSelectors: [{Field: eventCategory, Equals: [Management]}]}]}}
"#;
    let dataset = r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: []}
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside]}]"#;
    let point = |policy: &str| {
        format!("{org}access-points: {{\"{POINT}\": {{bucket: records, {policy}}}}}\n")
    };
    check(
        "audit.recorded",
        &point(&open_to(r#"{AWS: "$APP/reader"}"#)),
        dataset,
        r#"
            audit.recorded:records undecided
            ? arn:aws:s3:eu-west-1:100000000006:accesspoint/app: which selectors record requests through an access point is not documented
        "#,
    );
    check(
        "audit.recorded",
        &point(""),
        dataset,
        "audit.recorded:records proved\n",
    );
}
