//! The probes of one small organization, printed one line each, and their cases decided again.

use cofferdam_findings::probe::Probe;
use cofferdam_text::Documents;

use crate::cast::Cast;

const ORGANIZATION: &str = r#"
organization: {id: o-acme1a2b3c, management: "100000000001"}
units: {r-1: {}, ou-1: {parent: r-1, rcp: [perimeter]}, ou-2: {parent: r-1, scp: [FullAWSAccess, no-s3]}}
accounts:
  "100000000001": {name: management, parent: r-1}
  "200000000002": {name: data, parent: ou-1, block-public-access: all}
  "300000000003": {name: claims, parent: ou-1}
  "400000000004": {name: sandbox, parent: ou-2}
policies:
  perimeter: {Effect: Deny, Principal: "*", Action: ["s3:*", "kms:*"], Resource: "*", Condition: {StringNotEqualsIfExists: {"aws:PrincipalOrgID": o-acme1a2b3c}}}
  no-s3: {Effect: Deny, Action: "s3:*", Resource: "*"}
endpoints:
  vpce-in: {service: s3, vpc: vpc-1, account: "300000000003", gateway: true, policy: {Effect: Allow, Principal: "*", Action: "*", Resource: "*"}}
  vpce-other: {service: s3, vpc: vpc-2, account: "400000000004"}
keys:
  "arn:aws:kms:eu-west-1:200000000002:key/1":
    policy:
    - {Effect: Allow, Principal: {AWS: "200000000002"}, Action: "kms:PutKeyPolicy", Resource: "*"}
    - {Effect: Allow, Principal: {AWS: "arn:aws:iam::300000000003:role/app/reader"}, Action: "kms:Decrypt", Resource: "*", Condition: {StringEquals: {"kms:ViaService": s3.eu-west-1.amazonaws.com}}}
roles:
  300000000003/app/reader:
    inline: {read: [{Effect: Allow, Action: ["s3:GetObject", "kms:Decrypt"], Resource: "*"}]}
    tags: {team: claims}
  300000000003/app/weak: {}
  300000000003/app/strong: {inline: {all: {Effect: Allow, Action: "*", Resource: "*"}}}
  400000000004/play: {inline: {all: {Effect: Allow, Action: "*", Resource: "*"}}}
"#;

const BOUNDARY: &str = r#"
version: 1
organizations: [{id: o-acme1a2b3c, accounts: {management: "100000000001"}}]
networks: {claims: {endpoints: [vpce-in]}}
datasets:
- name: records
  owner: data
  resources: [{arn: "arn:aws:s3:::records"}]
  keys: [{arn: "arn:aws:kms:eu-west-1:200000000002:key/1"}]
  access: [{who: [{role: "arn:aws:iam::300000000003:role/app/reader"}], can: [read], from: [claims]}]
"#;

const READER: &str = r#"{Effect: Allow, Principal: {AWS: "arn:aws:iam::300000000003:role/app/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}"#;
const NETWORK: &str = r#"{Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {StringNotEqualsIfExists: {"aws:SourceVpce": vpce-in}}}"#;

fn probes(policy: &str) -> Vec<Probe> {
    let bucket = format!(
        r#"buckets: {{records: {{account: "200000000002", key: "arn:aws:kms:eu-west-1:200000000002:key/1", policy: [{policy}]}}}}"#
    );
    let org = cofferdam_fixture::organization(&format!("{ORGANIZATION}{bucket}"));
    let node = Documents::new()
        .read_yaml("boundary.yaml", BOUNDARY.into())
        .unwrap();
    let (boundary, diagnostics) = crate::file::read(&[node]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    super::probes(&org, &boundary, &Cast::of(&org), None)
}

fn lines(probes: &[Probe]) -> Vec<String> {
    let line = |probe: &Probe| {
        let wrong = if probe.as_expected { "" } else { "WRONG " };
        let by = probe.refused_by.join("+");
        format!("{wrong}{}: {} {by}", probe.name, probe.decision)
            .trim_end()
            .to_owned()
    };
    probes.iter().map(line).collect()
}

#[track_caller]
fn check(name: &str, found: &[Probe], expected: &[&str]) {
    assert_eq!(
        lines(found),
        expected,
        "{name}:\n{}",
        lines(found).join("\n")
    );
}

/// "Policy evaluation logic": every layer that denies, and every consent that is missing.
#[test]
fn approved_paths_work_and_those_beside_them_are_refused_by_named_layers() {
    check(
        "sound",
        &probes(&format!("{READER}, {NETWORK}")),
        &[
            "records: arn:aws:iam::300000000003:role/app/reader reads from claims: allowed",
            "records: an account outside the organization reads: explicitly_denied resource_control+resource+key_policy",
            "records: a request without a signature reads: explicitly_denied resource_control+resource+key_policy",
            "records: a role of account data that may do everything reads: implicitly_denied key_policy",
            "records: a role of account management that may do everything reads: implicitly_denied resource+key_policy",
            "records: arn:aws:iam::300000000003:role/app/strong, which is not approved, reads: implicitly_denied resource+key_policy",
            "records: a role of account claims that may do everything reads: implicitly_denied resource+key_policy",
            "records: arn:aws:iam::400000000004:role/play, which is not approved, reads: explicitly_denied service_control+resource+key_policy",
            "records: a role of account sandbox that may do everything reads: explicitly_denied service_control+resource+key_policy",
            "records: arn:aws:iam::300000000003:role/app/reader reads from the wrong endpoint vpce-other: explicitly_denied resource",
            "records: arn:aws:iam::300000000003:role/app/reader reads from an endpoint of another organization: explicitly_denied resource",
            "records: arn:aws:iam::300000000003:role/app/reader reads from the internet, with no endpoint: explicitly_denied resource",
            "records: a role of account 300000000003 without permission for the key uses it through s3.amazonaws.com: implicitly_denied key_policy",
        ],
    );
}

#[test]
fn a_path_that_is_open_is_shown_with_the_request_that_passes() {
    let probes = probes(READER);
    check(
        "no network layer",
        &probes,
        &[
            "records: arn:aws:iam::300000000003:role/app/reader reads from claims: allowed",
            "records: an account outside the organization reads: explicitly_denied resource_control+resource+key_policy",
            "records: a request without a signature reads: explicitly_denied resource_control+resource+key_policy",
            "records: a role of account data that may do everything reads: implicitly_denied key_policy",
            "records: a role of account management that may do everything reads: implicitly_denied resource+key_policy",
            "records: arn:aws:iam::300000000003:role/app/strong, which is not approved, reads: implicitly_denied resource+key_policy",
            "records: a role of account claims that may do everything reads: implicitly_denied resource+key_policy",
            "records: arn:aws:iam::400000000004:role/play, which is not approved, reads: explicitly_denied service_control+resource+key_policy",
            "records: a role of account sandbox that may do everything reads: explicitly_denied service_control+resource+key_policy",
            "WRONG records: arn:aws:iam::300000000003:role/app/reader reads from the wrong endpoint vpce-other: allowed",
            "WRONG records: arn:aws:iam::300000000003:role/app/reader reads from an endpoint of another organization: allowed",
            "WRONG records: arn:aws:iam::300000000003:role/app/reader reads from the internet, with no endpoint: allowed",
            "records: a role of account 300000000003 without permission for the key uses it through s3.amazonaws.com: implicitly_denied key_policy",
        ],
    );
}

/// Contracts, section 1: a case is self-contained.
#[test]
fn cases_are_decided_as_the_paths_were() {
    let policy = format!("{READER}, {NETWORK}");
    let mut decided = 0;
    for probe in probes(&policy) {
        assert_eq!(probe.cases.len(), probe.steps.len(), "{}", probe.name);
        for (case, step) in probe.cases.iter().zip(&probe.steps) {
            let mut documents = Documents::new();
            let node = documents
                .read_json("case.json", case.clone().into_bytes())
                .unwrap();
            for read in cofferdam_sources::case::read(&node) {
                let read = read.unwrap_or_else(|wrong| panic!("{}: {wrong:?}", probe.name));
                let answer = cofferdam_authz::case::decide(&read.case);
                assert_eq!(
                    answer.outcome.word(),
                    step.decision,
                    "{}: {case}",
                    probe.name
                );
                assert_eq!(answer.as_expected(), Some(true), "{}", probe.name);
                decided += 1;
            }
        }
    }
    assert!(decided > 10, "only {decided} cases were decided");
}
