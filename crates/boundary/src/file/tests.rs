//! What a boundary file says, and where it is wrong.
//!
//! `check` shows each message with its line, column and the text that it marks, as people see it.

use cofferdam_text::{Diagnostic, Documents, Node, Severity};

use super::*;

pub(super) const ACME: &str = r#"version: 1
sources: [snapshot/]
organizations:
  - id: o-acme1a2b3c
    accounts: {management: "100000000001", log-archive: "100000000002", data: 100000000006}
  - {id: o-bought9z, trust: partner}
partners:
  - {name: warehouse, accounts: ["999900000001"], owner: data-platform, expires: 2027-03-31}
networks:
  claims: {endpoints: [vpce-0c1a15], vpcs: [{id: vpc-0a1b, region: eu-west-1}]}
  organization: {endpoints: organization}
  office: {cidrs: [198.51.100.0/24]}
  shared-egress: {cidrs: [203.0.113.0/24], exclusive: false}
  data-centre: {endpoints: [vpce-0d01], source-ips: [10.20.0.0/16]}
datasets:
  - name: customer-records
    class: restricted
    owner: data-platform
    resources:
      - {arn: "arn:aws:s3:::acme-customer-records"}
    keys:
      - {arn: "arn:aws:kms:eu-west-1:100000000005:key/5f0e"}
      - {multi-region: "arn:aws:kms:eu-west-1:100000000005:key/mrk-1", regions: [eu-west-1, eu-central-1]}
    access:
      - who: [{role: "arn:aws:iam::200000000002:role/app/claims-reader"}]
        can: [read, "s3:Get*"]
        from: [claims]
        assumed-by: [{service: ecs-tasks.amazonaws.com, source-account: data}]
    administrators: [{role: "arn:aws:iam::100000000006:role/platform/data-admin"}]
    key-administrators: [{permission-set: KeyAdmin, accounts: [data], groups: [keys]}]
    audit: {trail: org-trail, archive: "arn:aws:s3:::acme-log-archive", retention-days: 400, administrators: [{account: log-archive}]}
exceptions:
  - id: EX-41
    lifts: [network.unexpected-source]
    datasets: [customer-records]
    who: [{role: "arn:aws:iam::100000000006:role/service/nightly-backup"}]
    reason: nightly copy to the backup vault
    owner: data-platform
    ticket: SEC-812
    expires: 2027-03-31
break-glass:
  - {who: [{role: "arn:aws:iam::100000000003:role/break-glass"}], lifts: ["identity.*", "network.*"], never-lifts: ["audit.*"]}
platform-roles:
  - {pattern: "arn:aws:iam::*:role/AWSControlTowerExecution", origin: control-tower, lifts: [identity.unapproved-principal], reason: vended by Control Tower, owner: platform, expires: 2027-06-30}
assume:
  - {that: region-empty, regions: [sa-east-1], reason: denied by SCP, owner: platform, expires: 2027-06-30}
require: {breach-depth: 2, disjoint: [[resource, encryption], [resource, audit]], sound: [management, data]}
"#;

fn parse(documents: &mut Documents, files: &[&str]) -> Vec<Node> {
    let mut number = 0;
    let mut name = || {
        number += 1;
        if number == 1 {
            "a.yaml".to_owned()
        } else {
            format!("{number}.yaml")
        }
    };
    let read = |text: &&str| documents.read_yaml(&name(), text.as_bytes().to_vec());
    files
        .iter()
        .map(read)
        .collect::<Result<_, _>>()
        .expect("the test is YAML")
}

fn load(files: &[&str]) -> (Boundary, String) {
    let mut documents = Documents::new();
    let nodes = parse(&mut documents, files);
    let (boundary, diagnostics) = read(&nodes);
    let shown: Vec<String> = diagnostics
        .iter()
        .map(|found| show(&documents, found))
        .collect();
    (boundary, shown.join("\n"))
}

fn show(documents: &Documents, found: &Diagnostic) -> String {
    let origin = found.origin.expect("every message has a place");
    let place = documents.place(origin);
    let text = documents.text(origin.document());
    let marked = &text[origin.span().start as usize..origin.span().end as usize];
    let marked: String = marked.chars().take(24).collect();
    let severity = if found.severity == Severity::Error {
        "error"
    } else {
        "warning"
    };
    let help = found
        .help
        .as_deref()
        .expect("every message says what to do");
    let (file, line, column) = (place.file, place.line, place.column);
    format!(
        "{severity} {file}:{line}:{column} [{marked}] {}; {help}",
        found.message
    )
}

/// A file that is right but for what `text` adds to it.
fn check(text: &str, expected: &[&str]) -> Boundary {
    check_files(&[&format!("version: 1\n{text}")], expected)
}

fn check_files(files: &[&str], expected: &[&str]) -> Boundary {
    let (boundary, found) = load(files);
    assert_eq!(found, expected.join("\n"), "{}", files.join("\n---\n"));
    boundary
}

fn arn(text: &str) -> Arn {
    text.parse().expect("an ARN")
}

fn account(text: &str) -> AccountId {
    text.parse().expect("an account")
}

/// One dataset whose `access` entry holds these fields.
fn access(fields: &str) -> String {
    let head = "networks: {office: {cidrs: [203.0.113.0/24]}}\ndatasets:\n- name: d\n  owner: o\n";
    format!("{head}  resources: [{{arn: 'arn:aws:s3:::b'}}]\n  access:\n  - {fields}")
}

#[test]
fn the_whole_file_is_read() {
    let boundary = check_files(&[ACME], &[]);
    assert_eq!(boundary.sources, ["snapshot/"]);
    assert_eq!(
        boundary.account("data"),
        Some(account("100000000006")),
        "a number without quotes"
    );
    assert_eq!(boundary.organizations[1].trust, Trust::Partner);
    assert_eq!(
        boundary.partners[0]
            .expires
            .map(|date| date.to_string())
            .as_deref(),
        Some("2027-03-31")
    );
    assert_eq!(boundary.require.breach_depth, Some(2));
    assert_eq!(
        boundary.require.disjoint[1],
        (Layer::Resource, Layer::Audit)
    );
    assert_eq!(
        boundary.require.sound,
        [Sound::Management, Sound::Account(account("100000000006"))]
    );
    assert_eq!(
        boundary.platform_roles[0].made_by.as_deref(),
        Some("control-tower")
    );
    assert_eq!(boundary.exceptions[0].ticket.as_deref(), Some("SEC-812"));
    assert_eq!(boundary.break_glass[0].id, "break-glass role/break-glass");
    assert!(boundary.missing.is_empty() && boundary.reserved.is_empty());
}

#[test]
fn networks_are_read() {
    let boundary = check_files(&[ACME], &[]);
    let network = |name: &str| &boundary.networks[name];
    assert_eq!(
        network("claims").endpoints,
        EndpointsDeclared::These(vec!["vpce-0c1a15".into()])
    );
    assert_eq!(
        network("organization").endpoints,
        EndpointsDeclared::Organization
    );
    assert_eq!(network("office").endpoints, EndpointsDeclared::None);
    assert_eq!(network("claims").vpcs[0].region.as_str(), "eu-west-1");
    assert_eq!(network("data-centre").source_ips[0].prefix, 16);
    assert!(
        network("office").exclusive,
        "a network is exclusive unless it says otherwise"
    );
    assert!(!network("shared-egress").exclusive);
}

#[test]
fn datasets_are_read() {
    let boundary = check_files(&[ACME], &[]);
    let dataset = boundary
        .dataset("customer-records")
        .expect("it is declared");
    assert_eq!(dataset.keys[1].regions.len(), 2);
    assert_eq!(
        dataset.resources[0].arn,
        arn("arn:aws:s3:::acme-customer-records")
    );
    let approval = &dataset.access[0];
    assert_eq!(approval.can[0], Can::Class(Class::Read));
    let action = ActionPattern::Of {
        service: "s3".into(),
        name: "get*".into(),
    };
    assert_eq!(approval.can[1], Can::Action(action));
    let service = Who::Service {
        host: "ecs-tasks.amazonaws.com".into(),
        source_arn: None,
        source_account: Some(account("100000000006")),
    };
    assert_eq!(
        approval.assumed_by.as_ref().map(|who| &who[0].who),
        Some(&service)
    );
    let audit = dataset.audit.as_ref().expect("it is declared");
    assert_eq!(
        audit.administrators[0].who,
        Who::Account(account("100000000002"))
    );
    assert_eq!(audit.retention_days, Some(400));
    assert!(dataset.missing.is_empty());
}

#[test]
fn no_file_is_a_boundary_without_declarations() {
    let (boundary, diagnostics) = read(&[]);
    assert!(diagnostics.is_empty() && boundary.datasets.is_empty() && boundary.origin.is_none());
    assert_eq!(boundary.sources, ["snapshot/"]);
    assert_eq!(boundary.require.sound, [Sound::Management]);
}

#[test]
fn the_version_must_be_known() {
    check_files(
        &["{}"],
        &[
            "warning a.yaml:1:1 [{}] a boundary file needs its `version`; write version: 1 at its top",
        ],
    );
    let boundary = check_files(
        &["version: 2\ndatasets: []"],
        &["error a.yaml:1:10 [2] this version of the boundary file is not known; write version: 1"],
    );
    assert_eq!(
        boundary.missing.len(),
        1,
        "nothing of such a file may be taken as asked"
    );
    let boundary = check_files(
        &["[]"],
        &[
            "error a.yaml:1:1 [[]] a boundary file must be an object, not an array; \
           write version: 1, then organizations, networks and datasets",
        ],
    );
    assert_eq!(boundary.missing.len(), 1);
}

#[test]
fn unknown_fields_name_the_nearest() {
    check(
        "network: {}",
        &[
            "warning a.yaml:2:1 [network] `network` is not a field of a boundary file; did you mean `networks`?",
        ],
    );
    check(
        "break_glass: []",
        &[
            "warning a.yaml:2:1 [break_glass] `break_glass` is not a field of a boundary file; \
           did you mean `break-glass`?",
        ],
    );
    check(
        "networks: {n: {cidr: [203.0.113.0/24], endpoints: []}}",
        &["error a.yaml:2:16 [cidr] `cidr` is not a field of a network; did you mean `cidrs`?"],
    );
    check(
        "networks: {n: {colour: red, endpoints: []}}",
        &[
            "error a.yaml:2:16 [colour] `colour` is not a field of a network; \
           its fields are endpoints, vpcs, cidrs, source-ips, exclusive",
        ],
    );
}

#[test]
fn reserved_fields_are_kept() {
    let boundary = check(
        "datasets:\n- {name: d, owner: o, resources: [{arn: 'arn:aws:s3:::b'}], copies: [x]}\nenforce: true",
        &[
            "warning a.yaml:3:61 [copies] `copies` is not yet asked; it is read and kept, and changes no verdict",
            "warning a.yaml:4:1 [enforce] `enforce` is not yet asked; it is read and kept, and changes no verdict",
        ],
    );
    let kept: Vec<_> = boundary
        .reserved
        .iter()
        .map(|kept| (&*kept.field, kept.dataset.as_deref()))
        .collect();
    assert_eq!(kept, [("enforce", None), ("copies", Some("d"))]);
    assert!(boundary.datasets[0].missing.is_empty());
}

#[test]
fn resources_behind_a_selector_are_missing() {
    let boundary = check(
        "datasets:\n- {name: d, owner: o, resources: [{tag: {data-class: restricted}, in: ou/data}]}",
        &[
            "warning a.yaml:3:36 [tag] `tag` is not yet asked; it is read and kept, and changes no verdict",
            "warning a.yaml:3:67 [in] `in` is not yet asked; it is read and kept, and changes no verdict",
        ],
    );
    assert_eq!(boundary.datasets[0].missing[0].key, "resources of d");
    assert_eq!(boundary.reserved[0].field, "tag");
}

#[test]
fn a_name_twice_marks_both_places() {
    let boundary = check(
        "networks: {office: {cidrs: [203.0.113.0/24]}}\npartners:\n\
         - {name: p, accounts: [], expires: 2027-01-01}\n- {name: p, accounts: [], expires: 2027-01-01}",
        &[
            "warning a.yaml:4:3 [{name: p, accounts: [], ] partner `p` is declared here and again; \
             this declaration counts; the other one is marked too",
            "error a.yaml:5:3 [{name: p, accounts: [], ] partner `p` is declared twice; \
             the first declaration counts: rename this one, or join the two",
        ],
    );
    assert_eq!(boundary.partners.len(), 1);
    let boundary = check_files(
        &[
            "version: 1\nnetworks: {office: {cidrs: [203.0.113.0/24]}}",
            "version: 1\nnetworks: {office: {endpoints: []}}",
        ],
        &[
            "warning a.yaml:2:12 [office] network `office` is declared here and again; \
             this declaration counts; the other one is marked too",
            "error 2.yaml:2:12 [office] network `office` is declared twice; \
             the first declaration counts: rename this one, or join the two",
        ],
    );
    assert_eq!(
        boundary.networks["office"].cidrs.len(),
        1,
        "the first declaration stays"
    );
}

#[test]
fn files_refer_to_each_other_in_any_order() {
    let owners = format!(
        "version: 1\n{}",
        "datasets:\n- name: d\n  owner: o\n  resources: [{arn: 'arn:aws:s3:::b'}]\n  \
         access: [{who: [{account: data}, {partner: p}], can: [list], from: [office]}]"
    );
    let platform = "version: 1\nsources: [later/]\norganizations: [{id: o-a, accounts: {data: '111122223333'}}]\n\
         partners: [{name: p, accounts: [data], expires: 2027-01-01}]\nnetworks: {office: {cidrs: [203.0.113.0/24]}}";
    let boundary = check_files(&[&owners, platform], &[]);
    assert_eq!(
        boundary.datasets[0].access[0].who[0].who,
        Who::Account(account("111122223333"))
    );
    assert_eq!(boundary.partners[0].accounts, [account("111122223333")]);
    assert_eq!(boundary.sources, ["later/"]);
}

#[test]
fn names_must_be_declared() {
    let boundary = check(
        &access("{who: [{account: dta}], can: [raed], from: [offices]}"),
        &[
            "error a.yaml:8:22 [dta] account `dta` is not known; none is declared; declare it first",
            "error a.yaml:8:35 [raed] a class or action `raed` is not known; did you mean `read`?",
            "error a.yaml:8:49 [offices] network `offices` is not known; did you mean `office`?",
        ],
    );
    let dataset = &boundary.datasets[0];
    assert!(
        dataset.access[0].who.is_empty() && dataset.access[0].from.is_empty(),
        "nobody is approved"
    );
    assert_eq!(dataset.missing.len(), 1);
}

#[test]
fn approvals_say_who_what_and_whence() {
    check(
        &access("{}"),
        &[
            "error a.yaml:8:5 [{}] an entry of access needs the field `who`; \
             write {who: [{role: …}], can: [read], from: [NETWORK]}",
            "error a.yaml:8:5 [{}] an entry of access needs the field `can`; \
             write {who: [{role: …}], can: [read], from: [NETWORK]}",
            "warning a.yaml:8:5 [{}] an entry of access without `from`: every network is unexpected; \
             name the networks: from: [NETWORK]",
        ],
    );
    check(
        &access("{who: {account: '111122223333'}, can: [administer], from: []}"),
        &[
            "error a.yaml:8:11 [{account: '111122223333'] `who` of an entry of access must be a list, \
             not an object; write it in brackets: [ … ]",
            "error a.yaml:8:44 [administer] `administer` is not approved under `can`; \
             name them under administrators or key-administrators of the dataset",
        ],
    );
}

fn check_who(who: &str, expected: &str) {
    let found = load(&[&format!(
        "version: 1\n{}",
        access(&format!("{{who: [{who}], can: [read], from: []}}"))
    )])
    .1;
    let found = found
        .split_once(']')
        .map_or(&*found, |(_, found)| found.trim());
    assert_eq!(found, expected, "{who}");
}

#[test]
fn who_names_one_principal_or_set_exactly() {
    for right in [
        "{role-pattern: 'arn:aws:iam::*:role/app/*', creators: [{account: '111122223333'}]}",
        "{oidc: token.example.com, sub: 'repo:acme/claims:*'}",
        "{saml: 'arn:aws:iam::111122223333:saml-provider/Login'}",
        "{user: 'arn:aws:iam::111122223333:user/ops/backup'}",
        "{service: lambda.amazonaws.com, source-arn: 'arn:aws:lambda:*:111122223333:function:x'}",
        "{account: 111122223333}",
    ] {
        check_who(right, "");
    }
    check_who(
        "{role: 'arn:aws:iam::1:role/x', user: 'arn:aws:iam::1:user/x'}",
        "an entry of who names both a `role` and a `user`; write two entries: each names one",
    );
    check_who(
        "{rol: 'arn:aws:iam::1:role/x'}",
        "a kind of who `rol` is not known; did you mean `role`?",
    );
    check_who(
        "{role: 'arn:aws:iam::111122223333:role/app/*'}",
        "`arn:aws:iam::111122223333:role/app/*` holds a wildcard where one thing is named; \
         write the role's ARN with its path, \"arn:aws:iam::111122223333:role/app/reader\"; \
         for several roles write role-pattern",
    );
    check_who(
        "{role: 'arn:aws:sts::111122223333:assumed-role/reader/x'}",
        "`arn:aws:sts::111122223333:assumed-role/reader/x` is not the ARN of a role; \
         write the role's ARN with its path, \"arn:aws:iam::111122223333:role/app/reader\"; \
         for several roles write role-pattern",
    );
    check_who(
        "{role-pattern: '*'}",
        "`*` is not a pattern over role ARNs; write a pattern such as \"arn:aws:iam::*:role/app/reader-*\"",
    );
    check_who(
        "{oidc: token.example.com}",
        "an entry of who needs the field `sub`; write {oidc: token.example.com, sub: \"repo:acme/claims:*\"}",
    );
    check_who(
        "{oidc: token.example.com, sub: '*'}",
        "`sub` accepts everyone whom the provider knows; name the subjects: \"repo:acme/claims:ref:refs/heads/main\"",
    );
    check_who(
        "{role: 'arn:aws:iam::111122223333:role/x', external-id: y}",
        "`external-id` is not a field of an entry of who; its fields are role",
    );
    check_who(
        "{partner: warehouse}",
        "partner `warehouse` is not known; none is declared; declare it first",
    );
    check_who(
        "role",
        "an entry of who must be an object, not a string; \
         write an object, such as {role: \"arn:aws:iam::111122223333:role/app/reader\"}",
    );
    check_who(
        "{account: '1234'}",
        "`1234`: an account id has 12 digits, and this has 4; write its 12 digits in quotes: \"111122223333\"",
    );
}

#[test]
fn creators_are_not_nested_without_end() {
    let mut who = "{account: '111122223333'}".to_owned();
    for _ in 0..20 {
        who = format!("{{role-pattern: 'arn:aws:iam::*:role/app/*', creators: [{who}]}}");
    }
    check_who(
        &who,
        "creators are nested too deeply; name the last creators by role",
    );
}

#[test]
fn resources_and_keys_are_named_exactly() {
    let boundary = check(
        "datasets:\n- name: d\n  owner: o\n  resources:\n  - {arn: 'arn:aws:s3:::b/reports/*'}\n  - {arn: 'arn:aws:s3:::b/reports'}\n  \
         - {arn: records}\n  keys:\n  - {arn: 'arn:aws:kms:eu-west-1:111122223333:alias/x'}\n  - {regions: [eu-west-1]}\n  \
         - {multi-region: 'arn:aws:kms:eu-west-1:111122223333:key/1'}",
        &[
            "error a.yaml:6:11 ['arn:aws:s3:::b/reports/] `arn:aws:s3:::b/reports/*` holds a wildcard where one \
             thing is named; write the ARN of one resource: \"arn:aws:s3:::acme-records\"",
            "error a.yaml:7:11 ['arn:aws:s3:::b/reports'] `arn:aws:s3:::b/reports` names objects, not a bucket; \
             write the bucket: arn:aws:s3:::b",
            "error a.yaml:8:11 [records] `records`: an ARN begins with `arn:`; \
             write the ARN of one resource: \"arn:aws:s3:::acme-records\"",
            "error a.yaml:10:11 ['arn:aws:kms:eu-west-1:1] `arn:aws:kms:eu-west-1:111122223333:alias/x` is not \
             the ARN of a key; write the key's ARN, \"arn:aws:kms:eu-west-1:111122223333:key/…\": \
             an alias can be moved to another key",
            "error a.yaml:11:5 [{regions: [eu-west-1]}] a key needs either `arn` or `multi-region`; \
             write {arn: \"arn:aws:kms:eu-west-1:111122223333:key/…\"}",
            "error a.yaml:12:20 ['arn:aws:kms:eu-west-1:1] `arn:aws:kms:eu-west-1:111122223333:key/1` is not the ARN \
             of a multi-Region key; write the ARN of one of its replicas, \
             \"arn:aws:kms:eu-west-1:111122223333:key/mrk-…\"",
        ],
    );
    assert_eq!(
        boundary.datasets[0].missing.len(),
        1,
        "an unread resource must not be proved safe"
    );
}

#[test]
fn a_resource_belongs_to_one_dataset() {
    let dataset = |name: &str| {
        format!("- {{name: {name}, owner: o, resources: [{{arn: 'arn:aws:s3:::b'}}]}}\n")
    };
    let boundary = check(
        &format!("datasets:\n{}{}", dataset("d"), dataset("e")),
        &[
            "warning a.yaml:3:35 [{arn: 'arn:aws:s3:::b'}] resource `arn:aws:s3:::b` is declared here \
             and again; this declaration counts; the other one is marked too",
            "error a.yaml:4:35 [{arn: 'arn:aws:s3:::b'}] resource `arn:aws:s3:::b` is declared twice; \
             the first declaration counts: rename this one, or join the two",
        ],
    );
    assert!(boundary.datasets[0].missing.is_empty());
    assert_eq!(boundary.datasets[1].missing.len(), 1);
}

/// Every example of the documentation is a whole file without a fault.
#[test]
fn the_examples_of_the_documentation_are_right() {
    let text = include_str!("../../../../docs/boundary.md");
    let examples: Vec<&str> = text
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(examples.len() > 5, "the documentation has examples");
    for example in examples {
        check_files(&[example], &[]);
    }
}

#[test]
fn datasets_that_cannot_be_read_are_missing() {
    let boundary = check(
        "datasets: [{owner: o}, x]",
        &[
            "error a.yaml:2:12 [{owner: o}] a dataset needs the field `name`; write {name: records, \
             class: restricted, owner: TEAM, resources: [{arn: …}], access: […]}",
            "error a.yaml:2:24 [x] a dataset must be an object, not a string; write {name: records, \
             class: restricted, owner: TEAM, resources: [{arn: …}], access: […]}",
        ],
    );
    assert_eq!(boundary.missing.len(), 2);
    let boundary = check(
        "datasets: {name: d}",
        &[
            "error a.yaml:2:11 [{name: d}] `datasets` of a boundary file must be a list, not an object; \
           write it in brackets: [ … ]",
        ],
    );
    assert_eq!(boundary.missing.len(), 1);
}

#[test]
fn networks_have_ids_and_ranges() {
    check(
        "networks:\n  a: {cidrs: [203.0.113.9/24, 203.0.113.9], endpoints: [eni-1]}\n  b: {endpoints: all}\n  \
         c: {vpcs: [{id: vpc-1}], exclusive: 'no'}\n  d: {exclusive: true}",
        &[
            "error a.yaml:3:15 [203.0.113.9/24] `203.0.113.9/24` is not an address range; \
             its first address is 203.0.113.0: write 203.0.113.0/24",
            "error a.yaml:3:31 [203.0.113.9] `203.0.113.9` is not an address range; \
             write 203.0.113.9/32 for this one address",
            "error a.yaml:3:57 [eni-1] `eni-1` is not a VPC endpoint; write its id: vpce-0a1b2c3d",
            "error a.yaml:4:18 [all] `endpoints` of a network must be a list, not a string; \
             write [vpce-0a1b2c3d], or organization for any endpoint that it owns",
            "error a.yaml:5:14 [{id: vpc-1}] a VPC needs the field `region`; write {id: vpc-0a1b2c3d, region: eu-west-1}",
            "error a.yaml:5:39 ['no'] `exclusive` of a network must be true or false, not a string; \
             write true or false, without quotes",
            "warning a.yaml:6:6 [{exclusive: true}] network `d` holds nothing; write {endpoints: [vpce-0a1b2c3d]}",
        ],
    );
}

#[test]
fn what_lifts_counts_only_if_it_is_understood() {
    let whole = "lifts: [identity.*], who: [{account: '111122223333'}], reason: r, owner: o, expires: 2027-03-31";
    let boundary = check(
        &format!(
            "exceptions:\n- {{id: A, {whole}}}\n- {{id: B, {whole}, whom: []}}\n\
             - {{id: C, lifts: [identity.outside], reason: r, owner: o, expires: 2027-02-30}}\n\
             - {{id: D, lifts: [audit.recorded], datasets: [d], reason: r, owner: o}}\n\
             - {{id: E, lifts: [secrets.*], reason: r, expires: 2027-03-31}}"
        ),
        &[
            "error a.yaml:4:108 [whom] `whom` is not a field of an exception; did you mean `who`?",
            "error a.yaml:5:19 [identity.outside] obligation `identity.outside` is not known; \
             did you mean `identity.outside-organization`?",
            "error a.yaml:5:68 [2027-02-30] `2027-02-30`: that month has no such day; \
             write the last day on which it counts: 2027-03-31",
            "warning a.yaml:6:3 [{id: D, lifts: [audit.re] an exception without `expires` never ends; \
             add its last day: expires: 2027-03-31",
            "error a.yaml:6:47 [d] dataset `d` is not known; none is declared; declare it first",
            "error a.yaml:7:3 [{id: E, lifts: [secrets.] an exception needs the field `owner`; \
             write {id: EX-1, lifts: [network.unexpected-source], datasets: [NAME], who: [{role: …}], \
             reason: …, owner: TEAM, expires: 2027-03-31}",
            "error a.yaml:7:19 [secrets.*] `secrets.*` matches no obligation; write a layer and a star: \"identity.*\"",
        ],
    );
    let ids: Vec<_> = boundary
        .exceptions
        .iter()
        .map(|exception| &*exception.id)
        .collect();
    assert_eq!(ids, ["A"]);
}

#[test]
fn requirements_name_layers() {
    let boundary = check(
        "require: {breach-depth: two, disjoint: [[resource], [resource, keys], [audit, audit]], sound: [data]}",
        &[
            "error a.yaml:2:25 [two] `breach-depth` of `require` must be a whole number; \
             write breach-depth: 2, without quotes",
            "error a.yaml:2:41 [[resource]] an element of `disjoint` must be a pair of layers; \
             write two layers: [resource, encryption]",
            "error a.yaml:2:64 [keys] layer `keys` is not known; \
             write one of: organization, identity, resource, network, encryption, audit",
            "error a.yaml:2:71 [[audit, audit]] a layer cannot be disjoint from itself; write two different layers",
            "error a.yaml:2:96 [data] account `data` is not known; none is declared; declare it first",
        ],
    );
    assert_eq!(boundary.missing[0].key, "require");
}

#[test]
fn assumptions_are_of_known_kinds() {
    let boundary = check(
        "assume: [{that: region-emty, regions: [sa-east-1], reason: r, owner: o, expires: 2027-06-30}]",
        &[
            "error a.yaml:2:17 [region-emty] assumption `region-emty` is not known; did you mean `region-empty`?",
        ],
    );
    assert!(boundary.assume.is_empty());
}

#[test]
fn empty_fields_are_pointed_out() {
    check(
        "partners:\nnetworks: {}",
        &[
            "error a.yaml:2:9 [] `partners` of a boundary file is empty; write a value, or leave the field out",
        ],
    );
}

#[test]
fn messages_are_limited() {
    let fields: String = (0..5000).map(|number| format!("x{number}: 1\n")).collect();
    let mut documents = Documents::new();
    let nodes = parse(&mut documents, &[&fields]);
    let (_, diagnostics) = read(&nodes);
    assert_eq!(diagnostics.len(), log::DIAGNOSTICS_MAX + 1);
    assert_eq!(
        diagnostics.last().map(|last| &*last.message),
        Some("4001 more messages are not shown")
    );
}
