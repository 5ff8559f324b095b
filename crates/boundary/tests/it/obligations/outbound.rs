//! `network.outbound`: what leaves through the endpoints that reach the data.

use crate::common::check;

/// "Control access to VPC endpoints using endpoint policies": the default policy allows everything.
#[test]
fn an_endpoint_without_a_policy_lets_data_out() {
    check(
        "network.outbound",
        r#"buckets: {records: {account: "100000000006"}}
endpoints: {vpce-in: {service: s3, vpc: vpc-1, account: "200000000007"}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            network.outbound:records violated, more causes
            - no statement: the caller's own account allows it: any principal of another account
        "#,
    );
}

#[test]
fn an_endpoint_for_the_organization_only() {
    check(
        "network.outbound",
        r#"buckets: {records: {account: "100000000006"}}
endpoints: {vpce-in: {service: s3, vpc: vpc-1, account: "200000000007", policy: [{Sid: Ours, Effect: Allow, Principal: "*", Action: "*", Resource: "*", Condition: {StringEquals: {"aws:ResourceOrgID": o-acme1a2b3c}}}]}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            network.outbound:records proved
        "#,
    );
}

#[test]
fn an_endpoint_policy_that_was_not_read() {
    check(
        "network.outbound",
        r#"buckets: {records: {account: "100000000006"}}
endpoints: {vpce-in: {service: s3, vpc: vpc-1, account: "200000000007", policy: [{Sid: Ours, Effect: Allow, Principal: "*", Action: "*", Resource: "*", Condition: {StringEquals: {"aws:ResourceOrgID": o-acme1a2b3c}}}]}}
unknown: ["endpoint vpce-in ResourcePolicy: refused"]"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            network.outbound:records undecided
            ? any principal of another account: refused
            ? any principal of the organization: refused
        "#,
    );
}

#[test]
fn partners_may_be_written_to() {
    check(
        "network.outbound",
        r#"buckets: {records: {account: "100000000006"}}
endpoints: {vpce-in: {service: s3, vpc: vpc-1, account: "200000000007", policy: [{Sid: Ours, Effect: Allow, Principal: "*", Action: "*", Resource: "*", Condition: {StringEquals: {"aws:ResourceOrgID": o-acme1a2b3c}}}, {Sid: Partner, Effect: Allow, Principal: "*", Action: "*", Resource: "*", Condition: {StringEquals: {"aws:ResourceAccount": "999900000001"}}}]}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            network.outbound:records proved
        "#,
    );
}

#[test]
fn an_account_of_nobody_known_may_not() {
    check(
        "network.outbound",
        r#"buckets: {records: {account: "100000000006"}}
endpoints: {vpce-in: {service: s3, vpc: vpc-1, account: "200000000007", policy: [{Sid: Ours, Effect: Allow, Principal: "*", Action: "*", Resource: "*", Condition: {StringEquals: {"aws:ResourceOrgID": o-acme1a2b3c}}}, {Sid: Partner, Effect: Allow, Principal: "*", Action: "*", Resource: "*", Condition: {StringEquals: {"aws:ResourceAccount": "888800000001"}}}]}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            network.outbound:records violated
            - no statement: the caller's own account allows it: any principal of another account
        "#,
    );
}

#[test]
fn the_endpoint_beside_it_in_the_same_vpc_counts() {
    check(
        "network.outbound",
        r#"buckets: {records: {account: "100000000006"}}
endpoints: {vpce-in: {service: s3, vpc: vpc-1, account: "200000000007", policy: [{Sid: Ours, Effect: Allow, Principal: "*", Action: "*", Resource: "*", Condition: {StringEquals: {"aws:ResourceOrgID": o-acme1a2b3c}}}]}, vpce-beside: {service: sqs, vpc: vpc-1, account: "200000000007"}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            network.outbound:records violated, more causes
            - no statement: the caller's own account allows it: any principal of another account
        "#,
    );
}
