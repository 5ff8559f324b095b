//! Rows of small organizations, printed one line an entry.

use cofferdam_findings::inventory::Row;
use cofferdam_text::Documents;

use crate::cast::Cast;
use crate::look::look;

const ORGANIZATION: &str = r#"
organization: {id: o-acme1a2b3c, management: "100000000001"}
units: {r-1: {}}
accounts:
  "100000000001": {parent: r-1}
  "200000000002": {parent: r-1, block-public-access: all}
endpoints:
  vpce-in: {service: s3, vpc: vpc-1, account: "200000000002", gateway: true, policy: {Effect: Allow, Principal: "*", Action: "*", Resource: "*"}}
  vpce-open: {service: s3, vpc: vpc-2, account: "200000000002"}
keys:
  "arn:aws:kms:eu-west-1:200000000002:key/1":
    policy: {Effect: Allow, Principal: {AWS: "200000000002"}, Action: "kms:*", Resource: "*"}
trails:
  main: {account: "100000000001", organization: true, multi-region: true, bucket: acme-log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}]}
roles:
  200000000002/app/reader:
    inline: {read: [{Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Effect: Allow, Action: "kms:Decrypt", Resource: "*"}]}
  200000000002/app/other:
    inline: {read: [{Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}
"#;

const NETWORK: &str = r#"{Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {StringNotEqualsIfExists: {"aws:SourceVpce": vpce-in}, ArnNotEquals: {"aws:PrincipalArn": "arn:aws:iam::200000000002:root"}}}"#;

fn lines(rows: &[Row]) -> Vec<String> {
    let mut lines = Vec::new();
    for row in rows {
        for access in &row.principals {
            let approved = access
                .approved
                .map_or("", |yes| if yes { " approved" } else { " UNAPPROVED" });
            let certain = if access.certain { "" } else { " perhaps" };
            let mut line = format!(
                "{} can {} from {}{approved}{certain}",
                access.principal,
                access.can.join("+"),
                access.from.join("+")
            );
            if !access.conditions.is_empty() {
                line.push_str(&format!(" if {}", access.conditions.join("; ")));
            }
            lines.push(line.replace("arn:aws:iam::200000000002:", ""));
        }
        let events = &row.data_events;
        lines.push(format!(
            "keys {}: {}",
            row.keys.join("+"),
            row.encryption_key_checked_against
        ));
        lines.push(format!("endpoints {}", row.endpoints.join("+")));
        lines.push(format!(
            "events {:?} {:?} by {} into {}",
            events.read,
            events.write,
            events.trails.join("+"),
            events.archives.join("+")
        ));
        lines.extend(row.gaps.iter().map(|gap| format!("gap: {gap}")));
    }
    lines
}

#[track_caller]
fn check(name: &str, found: &[Row], expected: &[&str]) {
    assert_eq!(
        lines(found),
        expected,
        "{name}:\n{}",
        lines(found).join("\n")
    );
}

fn looked(more: &str, arn: &str) -> Vec<Row> {
    let org = cofferdam_fixture::organization(&format!("{ORGANIZATION}{more}"));
    look(&org, arn, &Cast::of(&org))
}

fn declared(more: &str, boundary: &str) -> Vec<Row> {
    let org = cofferdam_fixture::organization(&format!("{ORGANIZATION}{more}"));
    let node = Documents::new()
        .read_yaml("boundary.yaml", boundary.into())
        .unwrap();
    let (boundary, diagnostics) = crate::file::read(&[node]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    super::inventory(&org, &boundary, &Cast::of(&org), "2026-10-01".parse().ok())
}

const KEY: &str = "arn:aws:kms:eu-west-1:200000000002:key/1";

fn bucket(policy: &str) -> String {
    format!(
        r#"buckets: {{records: {{account: "200000000002", key: "{KEY}", policy: [{policy}]}}}}"#
    )
}

#[test]
fn look_shows_every_way_in() {
    check(
        "look",
        &looked(&bucket(NETWORK), "arn:aws:s3:::records"),
        &[
            "role/app/reader can read from vpce-in",
            "root can read+write+delete+list+administer from any network",
            "keys arn:aws:kms:eu-west-1:200000000002:key/1: caller",
            "endpoints vpce-in+vpce-open",
            "events Some(true) Some(true) by main into arn:aws:s3:::acme-log",
            "gap: reached from any network by arn:aws:iam::200000000002:root",
            "gap: endpoint vpce-open has no policy, so it lets everything through",
            "gap: not recorded: s3:DeleteBucket, s3:PutInventoryConfiguration, s3:PutLifecycleConfiguration (no selector of the trail selects it)",
            "gap: AWS's pages do not settle whether these are recorded, which arn:aws:iam::200000000002:root may call: s3:DeleteObjectAnnotation, s3:GetObjectAnnotation, s3:GetObjectVersionForReplication and 1 more",
        ],
    );
}

#[test]
fn look_at_a_key_tells_direct_use_from_use_through_a_service() {
    let roles = r#"users: {200000000002/kim: {inline: {k: {Effect: Allow, Action: "kms:Decrypt", Resource: "*", Condition: {StringEquals: {"kms:ViaService": s3.eu-west-1.amazonaws.com}}}}}}"#;
    check(
        "key",
        &looked(roles, KEY),
        &[
            "role/app/reader can read from any network",
            "root can read+write+delete+administer from any network",
            "user/kim can read from s3.amazonaws.com on the caller's behalf",
            "keys : none",
            "endpoints ",
            "events Some(false) Some(false) by  into ",
            "gap: reached from any network by arn:aws:iam::200000000002:role/app/reader, arn:aws:iam::200000000002:root",
            "gap: not recorded: kms:Decrypt, kms:DeleteImportedKeyMaterial, kms:DeriveSharedSecret and 10 more (no selector of the trail selects it)",
        ],
    );
}

#[test]
fn outsiders_are_shown_with_what_their_requests_must_state() {
    let partner = r#"{Effect: Allow, Principal: {AWS: "999900000001"}, Action: "s3:PutObject", Resource: "arn:aws:s3:::records/in/*", Condition: {Bool: {"aws:SecureTransport": "true"}, IpAddress: {"aws:SourceIp": 203.0.113.0/24}}}"#;
    let open = bucket(partner).replace(&format!("key: \"{KEY}\", "), "");
    check(
        "partner",
        &looked(&open, "arn:aws:s3:::records"),
        &[
            "any principal of another account can write from the internet if aws:SecureTransport is true; aws:SourceIp such as 203.0.113.10; only some resources, such as arn:aws:s3:::records/in/csv; only some, such as arn:aws:sts::999900000001:assumed-role/outsider/session",
            "role/app/other can read from any network",
            "role/app/reader can read from any network",
            "root can read+write+delete+list+administer from any network",
            "keys : none",
            "endpoints vpce-in+vpce-open",
            "events Some(true) Some(true) by main into arn:aws:s3:::acme-log",
            "gap: reached from any network by arn:aws:iam::200000000002:role/app/other, arn:aws:iam::200000000002:role/app/reader, arn:aws:iam::200000000002:root",
            "gap: endpoint vpce-open has no policy, so it lets everything through",
            "gap: no customer key encrypts it: AWS owns the key",
            "gap: not recorded: s3:DeleteBucket, s3:PutInventoryConfiguration, s3:PutLifecycleConfiguration (no selector of the trail selects it)",
            "gap: AWS's pages do not settle whether these are recorded, which arn:aws:iam::200000000002:root may call: s3:DeleteObjectAnnotation, s3:GetObjectAnnotation, s3:GetObjectVersionForReplication and 1 more",
        ],
    );
}

#[test]
fn what_is_unknown_is_neither_in_nor_out() {
    let more = format!(
        "{}\nunknown: [\"bucket records ResourcePolicy: refused\"]\nunlisted: [\"role 100000000001: refused\"]",
        bucket(NETWORK)
    );
    check(
        "unknown",
        &looked(&more, "arn:aws:s3:::records"),
        &[
            "anonymous can read+write+delete+list+administer from any network perhaps if unknown: refused",
            "any principal of another account can read+write+delete+list+administer from any network perhaps if unknown: refused",
            "arn:aws:iam::100000000001:root can read+write+delete+list+administer from any network perhaps if unknown: refused",
            "role/app/other can read+write+delete+list+administer from any network perhaps if unknown: refused",
            "role/app/reader can read+write+delete+list+administer from any network perhaps if unknown: refused",
            "root can read+write+delete+list+administer from any network perhaps if unknown: refused",
            "unread principals of account 100000000001 can read+write+delete+list+administer from any network perhaps if unknown: refused; unknown: the caller's policies were not read",
            "keys arn:aws:kms:eu-west-1:200000000002:key/1: caller",
            "endpoints vpce-in+vpce-open",
            "events Some(true) Some(true) by main into arn:aws:s3:::acme-log",
            "gap: may be reached, which hangs on something unknown, by anonymous, any principal of another account, arn:aws:iam::100000000001:root and 4 more",
            "gap: the principals of account 100000000001 were not all read: refused",
            "gap: reached from any network by anonymous, any principal of another account, arn:aws:iam::100000000001:root and 4 more",
            "gap: endpoint vpce-open has no policy, so it lets everything through",
            "gap: its resource policy was not read: refused",
            "gap: not recorded: s3:DeleteBucket, s3:PutInventoryConfiguration, s3:PutLifecycleConfiguration (no selector of the trail selects it)",
            "gap: AWS's pages do not settle whether these are recorded, which any principal of another account may call: s3:DeleteObjectAnnotation, s3:DeleteObjectVersionAnnotation, s3:GetObjectAnnotation and 10 more",
        ],
    );
}

#[test]
fn a_boundary_says_who_is_approved_from_where() {
    let boundary = format!(
        r#"
version: 1
organizations: [{{id: o-acme1a2b3c, accounts: {{management: "100000000001"}}}}]
networks: {{claims: {{endpoints: [vpce-in]}}}}
datasets:
- name: records
  owner: data
  resources: [{{arn: "arn:aws:s3:::records"}}, {{arn: "arn:aws:s3:::gone"}}]
  keys: [{{arn: "{KEY}"}}]
  access: [{{who: [{{role: "arn:aws:iam::200000000002:role/app/reader"}}], can: [read], from: [claims]}}]
  administrators: [{{role: "arn:aws:iam::200000000002:role/app/reader"}}]
  audit: {{trail: main, archive: "arn:aws:s3:::acme-log", retention-days: 400, administrators: [{{account: "100000000001"}}]}}
"#
    );
    check(
        "declared",
        &declared(&bucket(NETWORK), &boundary),
        &[
            "role/app/reader can read from claims approved",
            "root can read+write+delete+list+administer from any network UNAPPROVED",
            "keys arn:aws:kms:eu-west-1:200000000002:key/1: caller",
            "endpoints vpce-in+vpce-open",
            "events Some(true) Some(true) by main into arn:aws:s3:::acme-log",
            "gap: reached without approval by arn:aws:iam::200000000002:root",
            "gap: endpoint vpce-open has no policy, so it lets everything through",
            "gap: not recorded: s3:DeleteBucket, s3:PutInventoryConfiguration, s3:PutLifecycleConfiguration (no selector of the trail selects it)",
            "gap: AWS's pages do not settle whether these are recorded, which arn:aws:iam::200000000002:root may call: s3:DeleteObjectAnnotation, s3:GetObjectAnnotation, s3:GetObjectVersionForReplication and 1 more",
            "keys : none",
            "endpoints ",
            "events None None by  into ",
            "gap: no source states this resource, so nothing is known of it",
        ],
    );
    check(
        "no network layer",
        &declared(&bucket(""), &boundary),
        &[
            "role/app/reader can read from an endpoint of another organization+the internet+vpce-open UNAPPROVED",
            "role/app/reader can read from claims approved",
            "root can read+write+delete+list+administer from any network UNAPPROVED",
            "keys arn:aws:kms:eu-west-1:200000000002:key/1: caller",
            "endpoints vpce-in+vpce-open",
            "events Some(true) Some(true) by main into arn:aws:s3:::acme-log",
            "gap: reached without approval by arn:aws:iam::200000000002:role/app/reader, arn:aws:iam::200000000002:root",
            "gap: endpoint vpce-open has no policy, so it lets everything through",
            "gap: not recorded: s3:DeleteBucket, s3:PutInventoryConfiguration, s3:PutLifecycleConfiguration (no selector of the trail selects it)",
            "gap: AWS's pages do not settle whether these are recorded, which arn:aws:iam::200000000002:root may call: s3:DeleteObjectAnnotation, s3:GetObjectAnnotation, s3:GetObjectVersionForReplication and 1 more",
            "keys : none",
            "endpoints ",
            "events None None by  into ",
            "gap: no source states this resource, so nothing is known of it",
        ],
    );
}

#[test]
fn services_are_shown_with_the_source_that_they_must_act_for() {
    let queue = r#"queues: {"arn:aws:sqs:eu-west-1:200000000002:jobs": {policy: {Effect: Allow, Principal: {Service: s3.amazonaws.com}, Action: "sqs:SendMessage", Resource: "*", Condition: {ArnEquals: {"aws:SourceArn": "arn:aws:s3:::records"}, StringEquals: {"aws:SourceAccount": "200000000002"}}}}}"#;
    check(
        "service",
        &looked(queue, "arn:aws:sqs:eu-west-1:200000000002:jobs"),
        &[
            "root can read+write+delete+administer from any network",
            "s3.amazonaws.com can write from AWS's own network if aws:SourceAccount such as 200000000002; aws:SourceArn such as arn:aws:s3:::records",
            "keys : none",
            "endpoints ",
            "events Some(false) Some(false) by  into ",
            "gap: reached from any network by arn:aws:iam::200000000002:root",
            "gap: no customer key encrypts it: AWS owns the key",
            "gap: not recorded: sqs:ChangeMessageVisibility, sqs:DeleteMessage, sqs:DeleteQueue and 4 more (no selector of the trail selects it)",
        ],
    );
}

#[test]
fn declared_addresses_are_a_place_of_their_own() {
    let boundary = r#"
version: 1
organizations: [{id: o-acme1a2b3c, accounts: {management: "100000000001"}}]
networks: {office: {cidrs: [198.51.100.0/24]}, hall: {endpoints: [vpce-open], source-ips: [10.1.0.0/16]}}
datasets:
- name: records
  owner: data
  resources: [{arn: "arn:aws:s3:::records"}]
  access: [{who: [{role: "arn:aws:iam::200000000002:role/app/reader"}], can: [read], from: [office, hall]}]
"#;
    let root = r#"{Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {ArnEquals: {"aws:PrincipalArn": "arn:aws:iam::200000000002:root"}}}"#;
    check(
        "addresses",
        &declared(&bucket(root), boundary),
        &[
            "role/app/reader can read from an endpoint of another organization+other addresses through hall+other addresses through the internet+vpce-in UNAPPROVED",
            "role/app/reader can read from declared addresses through hall+declared addresses through the internet approved",
            // No bucket policy takes itself from the owner's root user (S3 API "PutBucketPolicy").
            "root can administer from an endpoint of another organization+hall+the internet+vpce-in UNAPPROVED",
            "keys arn:aws:kms:eu-west-1:200000000002:key/1: caller",
            "endpoints vpce-in+vpce-open",
            "events Some(true) Some(true) by main into arn:aws:s3:::acme-log",
            "gap: reached without approval by arn:aws:iam::200000000002:role/app/reader, arn:aws:iam::200000000002:root",
            "gap: endpoint vpce-open has no policy, so it lets everything through",
            "gap: not recorded: s3:DeleteBucket, s3:PutInventoryConfiguration, s3:PutLifecycleConfiguration (no selector of the trail selects it)",
            "gap: its key arn:aws:kms:eu-west-1:200000000002:key/1 is none of those declared",
            "gap: the boundary declares no trail for it",
        ],
    );
}

#[test]
fn accounts_that_nothing_tells_apart_are_asked_once_and_named_one_by_one() {
    let accounts: Vec<String> = (1..=5).map(|one| format!("30000000000{one}")).collect();
    let unread = |wanted: &dyn Fn(&str) -> bool, policy: &str| {
        let members: String = accounts
            .iter()
            .map(|account| format!("  \"{account}\": {{parent: r-1}}\n"))
            .collect();
        let listed: Vec<String> = accounts
            .iter()
            .filter(|account| wanted(account))
            .map(|account| format!("\"role {account}: refused\""))
            .collect();
        let more = format!("{}\nunlisted: [{}]", bucket(policy), listed.join(", "));
        let text = format!("{ORGANIZATION}{more}")
            .replace("endpoints:\n", &format!("{members}endpoints:\n"))
            .replace(", block-public-access: all", "");
        let org = cofferdam_fixture::organization(&text);
        let rows = look(&org, "arn:aws:s3:::records", &Cast::of(&org));
        lines(&rows)
            .into_iter()
            .filter(|line| line.starts_with("unread"))
            .collect::<Vec<String>>()
    };
    let one = r#"{Effect: Allow, Principal: {AWS: "300000000003"}, Action: "s3:ListBucket", Resource: "*"}"#;
    let all = r#"{Effect: Allow, Principal: "*", Action: "s3:ListBucket", Resource: "*", Condition: {StringEquals: {"aws:PrincipalOrgID": o-acme1a2b3c}}}"#;
    let blurred = r#"{Effect: Allow, Principal: "*", Action: "s3:ListBucket", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::30000000000?:role/x"}}}"#;
    for (policy, count) in [(one, 1), (all, 5), (blurred, 5)] {
        let together = unread(&|_| true, policy);
        // Where one account alone is unread, nobody stands for it.
        let alone: Vec<String> = accounts
            .iter()
            .flat_map(|account| unread(&|other| other == account, policy))
            .collect();
        assert_eq!(together, alone, "{policy}");
        assert_eq!(together.len(), count, "{together:#?}");
    }
}
