//! Who can, and what one can, in a small organization: one line a way.

use cofferdam_findings::inventory::Access;
use cofferdam_names::ActionName;
use expect_test::{Expect, expect};

use super::who_can;
use crate::can::can;
use crate::cast::Cast;

const ORGANIZATION: &str = r#"
organization: {id: o-acme1a2b3c, management: "100000000001"}
units: {r-1: {}}
accounts:
  "100000000001": {parent: r-1}
  "200000000002": {parent: r-1}
endpoints:
  vpce-in: {service: s3, vpc: vpc-1, account: "200000000002"}
keys:
  "arn:aws:kms:eu-west-1:200000000002:key/1":
    policy: {Effect: Allow, Principal: {AWS: "arn:aws:iam::200000000002:role/app/reader"}, Action: "kms:Decrypt", Resource: "*"}
roles:
  200000000002/app/reader:
    trust: [{Effect: Allow, Principal: {AWS: "arn:aws:iam::200000000002:role/app/first"}, Action: "sts:AssumeRole"}, {Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}]
    inline: {read: {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}}
  200000000002/app/keyless:
    inline: {read: {Effect: Allow, Action: ["s3:GetObject", "s3:ListBucket"], Resource: "*"}}
  200000000002/app/first:
    trust: {Effect: Allow, Principal: {AWS: "200000000002"}, Action: "sts:AssumeRole"}
  200000000002/app/zero:
    inline: {become: {Effect: Allow, Action: "sts:AssumeRole", Resource: "arn:aws:iam::200000000002:role/app/first"}}
access-points:
  "arn:aws:s3:eu-west-1:200000000002:accesspoint/app": {bucket: shared, vpc: vpc-1, policy: {Effect: Allow, Principal: {AWS: "arn:aws:iam::200000000002:role/app/zero"}, Action: "s3:GetObject", Resource: "arn:aws:s3:eu-west-1:200000000002:accesspoint/app/object/*"}}
buckets:
  shared: {account: "200000000002", policy: {Effect: Allow, Principal: {AWS: "*"}, Action: "s3:*", Resource: ["arn:aws:s3:::shared", "arn:aws:s3:::shared/*"], Condition: {StringEquals: {"s3:DataAccessPointAccount": "200000000002"}}}}
  records: {account: "200000000002", key: "arn:aws:kms:eu-west-1:200000000002:key/1", policy: {Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {StringNotEquals: {"aws:SourceVpce": vpce-in}, ArnNotLike: {"aws:PrincipalArn": "arn:aws:iam::200000000002:root"}}}}
"#;

#[track_caller]
fn check(action: &str, resource: &str, expected: Expect) {
    let org = cofferdam_fixture::organization(ORGANIZATION);
    let action = ActionName::parse(action).unwrap();
    let told = match who_can(&org, &Cast::of(&org), &action, resource) {
        Err(why) => format!("! {why}\n"),
        Ok(answer) => {
            let ways = answer.principals.iter().map(way);
            let notes = answer.notes.iter().map(|note| format!("({note})\n"));
            ways.chain(notes).collect()
        }
    };
    expected.assert_eq(&short(&told));
}

fn way(access: &Access) -> String {
    let conditions = conditions(&access.conditions);
    format!(
        "{} from {}{conditions}\n",
        access.principal,
        access.from.join("+")
    )
}

fn conditions(conditions: &[String]) -> String {
    match conditions {
        [] => String::new(),
        some => format!(" if {}", some.join("; ")),
    }
}

fn short(text: &str) -> String {
    text.replace("arn:aws:iam::200000000002:role/app/", "")
}

/// "Configuring IAM policies for using access points".
#[test]
fn access_points_are_ways_of_their_own() {
    let shared = "arn:aws:s3:::shared/a";
    check(
        "s3:GetObject",
        shared,
        expect![[r#"
            keyless from any network
            keyless from vpce-in if through the access point arn:aws:s3:eu-west-1:200000000002:accesspoint/app
            zero from vpce-in if through the access point arn:aws:s3:eu-west-1:200000000002:accesspoint/app
            arn:aws:iam::200000000002:root from any network
            arn:aws:iam::200000000002:root from vpce-in if through the access point arn:aws:s3:eu-west-1:200000000002:accesspoint/app
        "#]],
    );
    let through = "arn:aws:s3:eu-west-1:200000000002:accesspoint/app/object/a";
    check(
        "s3:GetObject",
        through,
        expect![[r#"
        keyless from vpce-in if through the access point arn:aws:s3:eu-west-1:200000000002:accesspoint/app
        zero from vpce-in if through the access point arn:aws:s3:eu-west-1:200000000002:accesspoint/app
        arn:aws:iam::200000000002:root from vpce-in if through the access point arn:aws:s3:eu-west-1:200000000002:accesspoint/app
        (arn:aws:s3:::shared/a, through the access point arn:aws:s3:eu-west-1:200000000002:accesspoint/app)
    "#]],
    );
}

#[test]
fn the_data_path_includes_the_key() {
    check(
        "s3:GetObject",
        "arn:aws:s3:::records/a",
        expect![[r#"
        reader from vpce-in
    "#]],
    );
    check(
        "s3:ListBucket",
        "arn:aws:s3:::records",
        expect![[r#"
        keyless from vpce-in
        arn:aws:iam::200000000002:root from any network
    "#]],
    );
}

#[test]
fn a_bucket_stands_for_what_lies_in_it() {
    check(
        "s3:GetObject",
        "arn:aws:s3:::records",
        expect![[r#"
        reader from vpce-in
        (asked of everything under arn:aws:s3:::records/)
    "#]],
    );
    check(
        "s3:ListBucket",
        "arn:aws:s3:::records/a",
        expect![[r#"
        keyless from vpce-in
        arn:aws:iam::200000000002:root from any network
        (the action is one on arn:aws:s3:::records, so that is what is asked about)
    "#]],
    );
}

#[test]
fn actions_that_touch_no_data_are_asked_too() {
    check(
        "s3:GetBucketPolicy",
        "arn:aws:s3:::records",
        expect![[r#"
        arn:aws:iam::200000000002:root from any network
    "#]],
    );
    check(
        "sts:AssumeRole",
        "arn:aws:iam::200000000002:role/app/reader",
        expect![[r#"
            first from any network
            ecs-tasks.amazonaws.com from AWS's own network
        "#]],
    );
    check(
        "iam:PassRole",
        "arn:aws:iam::200000000002:role/app/reader",
        expect![[r#"
            arn:aws:iam::200000000002:root from any network
        "#]],
    );
    check(
        "s3:ListAllMyBuckets",
        "*",
        expect![[r#"
        arn:aws:iam::100000000001:root from any network
        arn:aws:iam::200000000002:root from any network
        (each principal within its own account, since no resource is named)
    "#]],
    );
}

#[test]
fn what_the_sources_do_not_hold_is_said() {
    check(
        "s3:GetObject",
        "arn:aws:s3:::other/a",
        expect![[r#"
        ! the sources hold no resource `arn:aws:s3:::other/a`
    "#]],
    );
    check(
        "glue:GetTable",
        "arn:aws:glue:eu-west-1:999900000001:table/d/t",
        expect![[r#"
            ! `arn:aws:glue:eu-west-1:999900000001:table/d/t` lies in no account of the sources
        "#]],
    );
    check(
        "glue:GetTable",
        "arn:aws:glue:eu-west-1:200000000002:table/d/t",
        expect![[r#"
            arn:aws:iam::200000000002:root from any network
            (the sources hold no policy on arn:aws:glue:eu-west-1:200000000002:table/d/t: it is taken to have none)
        "#]],
    );
}

#[track_caller]
fn check_can(who: &str, expected: Expect) {
    let org = cofferdam_fixture::organization(ORGANIZATION);
    let told = match can(&org, &Cast::of(&org), who) {
        Err(why) => format!("! {why}\n"),
        Ok(answer) => {
            let things = answer.things.iter().map(|thing| {
                let (can, from) = (thing.can.join("+"), thing.from.join("+"));
                format!(
                    "{can} {} from {from}{}\n",
                    thing.resource,
                    conditions(&thing.conditions)
                )
            });
            let roles = answer.roles.iter().map(|role| {
                format!(
                    "becomes {} through [{}]\n",
                    role.role,
                    role.through.join(", ")
                )
            });
            things.chain(roles).collect()
        }
    };
    expected.assert_eq(&short(&told));
}

#[test]
fn what_one_can_is_told_by_class_and_place() {
    check_can(
        "arn:aws:iam::200000000002:role/app/reader",
        expect![[r#"
        read arn:aws:kms:eu-west-1:200000000002:key/1 from any network
        read arn:aws:s3:::records from vpce-in
    "#]],
    );
    check_can(
        "arn:aws:sts::200000000002:assumed-role/keyless/s",
        expect![[r#"
            list arn:aws:s3:::records from vpce-in
            read+list arn:aws:s3:::shared from any network
        "#]],
    );
    check_can("outside", expect![[""]]);
    check_can("anonymous", expect![[""]]);
}

#[test]
fn roles_are_followed_from_session_to_session() {
    check_can(
        "arn:aws:iam::200000000002:role/app/zero",
        expect![[r#"
            read arn:aws:s3:::shared from vpce-in
            becomes first through []
            becomes reader through [first]
        "#]],
    );
    check_can(
        "ecs-tasks.amazonaws.com",
        expect![[r#"
        becomes reader through []
    "#]],
    );
}

#[test]
fn who_is_not_there_is_said() {
    check_can(
        "arn:aws:iam::200000000002:role/app/nobody",
        expect![[r#"
        ! the sources hold no principal `nobody`
    "#]],
    );
    check_can(
        "somebody",
        expect![[r#"
        ! `somebody` is no principal
    "#]],
    );
    check_can(
        "999900000001",
        expect![[r#"
        ! no account 999900000001 is in the sources
    "#]],
    );
}
