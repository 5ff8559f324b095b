//! `audit.archive-immutable`: nobody alters what was recorded ("S3 Object Lock").

use crate::common::check;

#[test]
fn a_compliance_lock_and_a_deny_for_all_but_the_administrators() {
    check(
        "audit.archive-immutable",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000002": {parent: r-1, scp: [FullAWSAccess, roots]}, "100000000006": {parent: ou-1}, "200000000007": {parent: ou-2}}
policies: {roots: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}, log: {account: "100000000002", versioning: true, object-lock: {mode: COMPLIANCE, days: 400}, policy: [{Sid: Keep, Effect: Deny, Principal: "*", NotAction: ["s3:Get*", "s3:List*"], Resource: ["arn:aws:s3:::log", "arn:aws:s3:::log/*"], Condition: {ArnNotEquals: {"aws:PrincipalArn": "$LOG/archive-admin"}}}]}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}]}}"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{account: "100000000001"}, {role: "$LOG/archive-admin"}]}"#,
        r#"
            audit.archive-immutable:records proved
        "#,
    );
}

#[test]
fn a_governance_lock_may_be_lifted() {
    check(
        "audit.archive-immutable",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000002": {parent: r-1, scp: [FullAWSAccess, roots]}, "100000000006": {parent: ou-1}, "200000000007": {parent: ou-2}}
policies: {roots: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}, log: {account: "100000000002", versioning: true, object-lock: {mode: GOVERNANCE, days: 400}, policy: [{Sid: Keep, Effect: Deny, Principal: "*", NotAction: ["s3:Get*", "s3:List*"], Resource: ["arn:aws:s3:::log", "arn:aws:s3:::log/*"], Condition: {ArnNotEquals: {"aws:PrincipalArn": "$LOG/archive-admin"}}}]}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}]}}"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{account: "100000000001"}, {role: "$LOG/archive-admin"}]}"#,
        r#"
            audit.archive-immutable:records violated
            - Object Lock of arn:aws:s3:::log
        "#,
    );
}

#[test]
fn no_lock_at_all() {
    check(
        "audit.archive-immutable",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000002": {parent: r-1, scp: [FullAWSAccess, roots]}, "100000000006": {parent: ou-1}, "200000000007": {parent: ou-2}}
policies: {roots: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}, log: {account: "100000000002", versioning: true, policy: [{Sid: Keep, Effect: Deny, Principal: "*", NotAction: ["s3:Get*", "s3:List*"], Resource: ["arn:aws:s3:::log", "arn:aws:s3:::log/*"], Condition: {ArnNotEquals: {"aws:PrincipalArn": "$LOG/archive-admin"}}}]}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}]}}"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{account: "100000000001"}, {role: "$LOG/archive-admin"}]}"#,
        r#"
            audit.archive-immutable:records violated
            - Object Lock of arn:aws:s3:::log
        "#,
    );
}

#[test]
fn a_lock_shorter_than_declared() {
    check(
        "audit.archive-immutable",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000002": {parent: r-1, scp: [FullAWSAccess, roots]}, "100000000006": {parent: ou-1}, "200000000007": {parent: ou-2}}
policies: {roots: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}, log: {account: "100000000002", versioning: true, object-lock: {mode: COMPLIANCE, days: 90}, policy: [{Sid: Keep, Effect: Deny, Principal: "*", NotAction: ["s3:Get*", "s3:List*"], Resource: ["arn:aws:s3:::log", "arn:aws:s3:::log/*"], Condition: {ArnNotEquals: {"aws:PrincipalArn": "$LOG/archive-admin"}}}]}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}]}}"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{account: "100000000001"}, {role: "$LOG/archive-admin"}]}"#,
        r#"
            audit.archive-immutable:records violated
            - Object Lock of arn:aws:s3:::log
        "#,
    );
}

#[test]
fn somebody_of_the_archive_account_may_delete() {
    check(
        "audit.archive-immutable",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000002": {parent: r-1, scp: [FullAWSAccess, roots]}, "100000000006": {parent: ou-1}, "200000000007": {parent: ou-2}}
policies: {roots: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}, log: {account: "100000000002", versioning: true, object-lock: {mode: COMPLIANCE, days: 400}}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}]}}
roles: {100000000002/helper: {inline: {own: {Sid: Clean, Effect: Allow, Action: "s3:DeleteObject*", Resource: "*"}}}}"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{account: "100000000001"}, {role: "$LOG/archive-admin"}]}"#,
        r#"
            audit.archive-immutable:records violated
            - inline policy own of role/helper [Clean]: $LOG/helper
        "#,
    );
}

#[test]
fn the_management_account_may_stop_the_trail() {
    check(
        "audit.archive-immutable",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000002": {parent: r-1, scp: [FullAWSAccess, roots]}, "100000000006": {parent: ou-1}, "200000000007": {parent: ou-2}}
policies: {roots: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}, log: {account: "100000000002", versioning: true, object-lock: {mode: COMPLIANCE, days: 400}, policy: [{Sid: Keep, Effect: Deny, Principal: "*", NotAction: ["s3:Get*", "s3:List*"], Resource: ["arn:aws:s3:::log", "arn:aws:s3:::log/*"], Condition: {ArnNotEquals: {"aws:PrincipalArn": "$LOG/archive-admin"}}}]}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}]}}
roles: {100000000001/operator: {inline: {own: {Sid: Trails, Effect: Allow, Action: "cloudtrail:StopLogging", Resource: "*"}}}}"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{role: "$LOG/archive-admin"}]}"#,
        r#"
            audit.archive-immutable:records violated, more causes
            - no statement: the caller's own account allows it: arn:aws:iam::100000000001:root
            - inline policy own of role/operator [Trails]: arn:aws:iam::100000000001:role/operator
        "#,
    );
}

#[test]
fn a_lock_that_was_not_read() {
    check(
        "audit.archive-immutable",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000002": {parent: r-1, scp: [FullAWSAccess, roots]}, "100000000006": {parent: ou-1}, "200000000007": {parent: ou-2}}
policies: {roots: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}, log: {account: "100000000002", versioning: true, object-lock: {mode: COMPLIANCE, days: 400}, policy: [{Sid: Keep, Effect: Deny, Principal: "*", NotAction: ["s3:Get*", "s3:List*"], Resource: ["arn:aws:s3:::log", "arn:aws:s3:::log/*"], Condition: {ArnNotEquals: {"aws:PrincipalArn": "$LOG/archive-admin"}}}]}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}]}}
unknown: ["bucket log ObjectLock: refused"]"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{account: "100000000001"}, {role: "$LOG/archive-admin"}]}"#,
        r#"
            audit.archive-immutable:records undecided
            ? arn:aws:s3:::log: refused
        "#,
    );
}

#[test]
fn an_archive_that_was_not_read() {
    check(
        "audit.archive-immutable",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000002": {parent: r-1, scp: [FullAWSAccess, roots]}, "100000000006": {parent: ou-1}, "200000000007": {parent: ou-2}}
policies: {roots: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}]}}"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{account: "100000000001"}, {role: "$LOG/archive-admin"}]}"#,
        r#"
            audit.archive-immutable:records undecided, vacuous
            ? arn:aws:s3:::log: the archive was not read
        "#,
    );
}
