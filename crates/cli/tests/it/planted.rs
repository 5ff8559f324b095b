//! What each planted leak costs: the sound example with one leak of the leaky one at a time, and
//! which of its depths fall by that.
//!
//! A leak is planted in a copy on disk, from the very statements, roles and answers that the leaky
//! example holds, and both are searched for sets of up to two faults.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cofferdam_boundary::cast::Cast;
use cofferdam_boundary::file;
use cofferdam_boundary::obligations::Context;
use cofferdam_boundary::scope::Scope;
use cofferdam_faults::answer::{Options, answer};
use cofferdam_faults::setting::Setting;
use cofferdam_findings::faults::{Depth, Depths, Faults};
use cofferdam_text::Documents;
use serde_json::Value;

const CLAIMS: &str = "200000000002";
const RECORDS: &str = "100000000006/global/s3api.get-bucket-policy.jsonl";
const ARCHIVE: &str = "100000000002/global/s3api.get-bucket-policy.jsonl";
const KEYS: &str = "100000000005/eu-west-1/kms.get-key-policy.jsonl";

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(name)
}

/// Sets of up to two faults, of datasets with these names.
fn searched(home: &Path, names: &[&str]) -> BTreeMap<String, Depths> {
    let options = Options {
        search_to: 2,
        brief: true,
        ..Options::default()
    };
    let datasets = asked(home, names, &options).datasets.into_iter();
    datasets.map(|one| (one.dataset.clone(), one)).collect()
}

fn asked(home: &Path, names: &[&str], options: &Options) -> Faults {
    let mut documents = Documents::new();
    let read = cofferdam_sources::read(&[home.join("snapshot")], &mut documents).unwrap();
    assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
    let (org, _) = cofferdam_org::build::build(&read.facts);
    let text = fs::read(home.join("boundary.yaml")).unwrap();
    let tree = documents.read_yaml("boundary.yaml", text).unwrap();
    let (boundary, diagnostics) = file::read(&[tree]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let cast = Cast::of(&org);
    let setting = Setting::new(Context {
        org: &org,
        boundary: &boundary,
        cast: &cast,
        as_of: "2026-11-22".parse().ok(),
    });
    let datasets = boundary.datasets.iter();
    let named = datasets.filter(|one| names.contains(&one.name.as_str()));
    let scopes: Vec<Scope<'_>> = named.map(|one| Scope::of(&org, one)).collect();
    answer(&setting, &scopes, options, &|_, _| {}).unwrap()
}

const DATASETS: [&str; 4] = [
    "customer-records",
    "claims-cases",
    "claims-credential",
    "record-events",
];

/// The sound example, searched once for all tests.
static SOUND: LazyLock<BTreeMap<String, Depths>> =
    LazyLock::new(|| searched(&example("acme"), &DATASETS));

/// `1`, `1 to 2`, `2 or more`: what is possible, and what certainly suffices.
fn word(depth: Depth) -> String {
    let size = |size: Option<u32>| size.map_or(">2".to_owned(), |size| size.to_string());
    match depth.may == depth.must {
        true => size(depth.may),
        false => format!("{} to {}", size(depth.may), size(depth.must)),
    }
}

/// Everything that has a size, by its name.
fn sizes(depths: &Depths) -> BTreeMap<String, String> {
    let mut sizes = BTreeMap::from([
        ("leak".to_owned(), word(depths.leak_depth)),
        ("breach".to_owned(), word(depths.breach_depth)),
        ("silent".to_owned(), word(depths.silent_depth)),
    ]);
    let pairs = depths.independence.iter();
    sizes.extend(pairs.map(|pair| {
        let (first, second) = pair.layers;
        (format!("{first} and {second}"), word(pair.depth))
    }));
    let leaking = depths.survival.iter().filter(|one| one.leaks).count();
    sizes.insert("faults that leak".to_owned(), leaking.to_string());
    let may = depths
        .survival
        .iter()
        .filter(|one| one.leaks_possible)
        .count();
    sizes.insert("faults that may leak".to_owned(), may.to_string());
    let lost = depths.survival.iter();
    let lost = lost.filter(|one| one.evidence.word() != "survives").count();
    sizes.insert("faults that lose the evidence".to_owned(), lost.to_string());
    sizes
}

/// Plants a leak, and says what of a dataset is another size than before.
#[track_caller]
fn check(leak: &str, dataset: &str, plant: impl FnOnce(&Copy), expected: &[&str]) {
    let copy = Copy::new(leak);
    plant(&copy);
    let after = searched(&copy.home, &[dataset]);
    let (before, after) = (sizes(&SOUND[dataset]), sizes(&after[dataset]));
    let changed = before.iter().filter(|(what, size)| after[*what] != **size);
    let changed: Vec<String> = changed
        .map(|(what, size)| format!("{what}: {size}, with the leak {}", after[what]))
        .collect();
    assert_eq!(changed, expected, "{leak}");
}

/// A copy of the sound example, into which leaks are planted.
struct Copy {
    home: PathBuf,
}

impl Copy {
    fn new(leak: &str) -> Copy {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("planted-{leak}"));
        let _ = fs::remove_dir_all(&home);
        copy(&example("acme/snapshot"), &home.join("snapshot"));
        let copy = Copy { home };
        copy.take("boundary.yaml", "acme");
        copy
    }

    fn take(&self, file: &str, from: &str) {
        fs::copy(example(from).join(file), self.home.join(file)).unwrap();
    }

    /// Takes whole answers of the leaky example.
    fn answers(&self, files: &[&str]) {
        for file in files {
            self.take(&format!("snapshot/{file}"), "acme-leaky");
        }
    }

    /// Takes all answers of some service about an account and Region.
    fn answers_about(&self, folder: &str, service: &str) {
        let folder = format!("snapshot/{folder}");
        for entry in fs::read_dir(example("acme-leaky").join(&folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.starts_with(service) {
                self.take(&format!("{folder}/{name}"), "acme-leaky");
            }
        }
    }

    /// Takes statements of the leaky example by their Sid: they replace those of the same Sid, and
    /// are added where there is none.
    fn statements(&self, file: &str, of: &str, sids: &[&str]) {
        let path = format!("snapshot/{file}");
        let leaky = fs::read_to_string(example("acme-leaky").join(&path)).unwrap();
        let leaky = policies(&leaky).into_iter().find(|one| is_about(one, of));
        let leaky = policy(&leaky.unwrap());
        let sound = fs::read_to_string(self.home.join(&path)).unwrap();
        let mut lines = policies(&sound);
        let line = lines.iter_mut().find(|one| is_about(one, of)).unwrap();
        let mut text = policy(line);
        let statements = text["Statement"].as_array_mut().unwrap();
        statements.retain(|one| !sids.contains(&one["Sid"].as_str().unwrap_or_default()));
        let taken = leaky["Statement"].as_array().unwrap().iter();
        let taken = taken.filter(|one| sids.contains(&one["Sid"].as_str().unwrap_or_default()));
        let count = statements.len();
        statements.extend(taken.cloned());
        assert_eq!(statements.len(), count + sids.len(), "{file}: {sids:?}");
        line["response"]["Policy"] = Value::String(text.to_string());
        let lines: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(self.home.join(&path), lines.concat()).unwrap();
    }

    /// Takes a role, or a part of it, from the leaky example.
    fn role(&self, account: &str, name: &str, part: Part) {
        let file = format!("snapshot/{account}/global/iam.get-account-authorization-details.json");
        let read =
            |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
        let leaky = read(&example("acme-leaky").join(&file));
        let leaky = roles(&leaky).iter().find(|one| one["RoleName"] == name);
        let leaky = leaky.unwrap().clone();
        let mut sound = read(&self.home.join(&file));
        let all = sound["RoleDetailList"].as_array_mut().unwrap();
        let known = all.iter_mut().find(|one| one["RoleName"] == name);
        match (part, known) {
            (Part::Whole, None) => all.push(leaky),
            (Part::Trust, Some(role)) => {
                role["AssumeRolePolicyDocument"] = leaky["AssumeRolePolicyDocument"].clone();
            }
            (Part::Inline(name), Some(role)) => {
                let named = |one: &&Value| one["PolicyName"] == name;
                let taken = leaky["RolePolicyList"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(named);
                let own = role["RolePolicyList"].as_array_mut().unwrap();
                own.retain(|one| one["PolicyName"] != name);
                own.push(taken.unwrap().clone());
            }
            _ => panic!("{name} is not as expected in the sound example"),
        }
        fs::write(self.home.join(&file), format!("{sound:#}")).unwrap();
    }
}

/// What is taken of a role.
enum Part {
    Whole,
    Trust,
    Inline(&'static str),
}

fn roles(details: &Value) -> &[Value] {
    details["RoleDetailList"].as_array().unwrap()
}

fn policies(lines: &str) -> Vec<Value> {
    let lines = lines.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn is_about(line: &Value, of: &str) -> bool {
    line["request"].to_string().contains(of)
}

fn policy(line: &Value) -> Value {
    serde_json::from_str(line["response"]["Policy"].as_str().unwrap()).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
}

/// Told beside the depths, in which it is assumed sound ("AWS Organizations": no service control
/// policy binds it).
#[test]
fn the_management_account_alone_is_enough() {
    let options = Options {
        search_to: 1,
        ..Options::default()
    };
    let found = asked(&example("acme"), &["customer-records"], &options);
    let records = &found.datasets[0];
    assert_eq!(records.depth_if_management_falls, Some(1));
    assert_eq!(records.breach_depth, Depth::default());
    let sound = "the management account is sound, but for the depth that says otherwise";
    assert!(
        found.assumptions.iter().any(|one| one == sound),
        "{:?}",
        found.assumptions
    );
    let by_management = |fault: &str| fault.contains(":100000000001:");
    assert!(!records.survival.iter().any(|one| by_management(&one.fault)));
}

#[test]
fn the_sound_example_takes_two_faults_and_names_them() {
    for dataset in DATASETS {
        let depths = &SOUND[dataset];
        assert!(depths.breach_depth.may.is_none_or(|may| may >= 2));
        let breaches = depths.cut_sets.iter().filter(|cut| cut.opens == "breach");
        for cut in breaches {
            assert_eq!(cut.faults.len(), 2, "{dataset}: {:?}", cut.faults);
            assert!(!cut.steps.is_empty(), "{dataset}: {:?}", cut.faults);
        }
    }
}

/// The vendor's role reads and decrypts by itself, and the claims account's three administrators
/// become it; the trail goes on, so that it takes one of the log's administrators too for a breach.
#[test]
fn a_role_of_a_vendor_that_the_policies_approve() {
    let plant = |copy: &Copy| {
        copy.statements(
            RECORDS,
            "acme-customer-records",
            &["OnlyApprovedPrincipals", "ReaderReads"],
        );
        let key = "d7df8ae5-365e-4776-8549-1c2ce0d62879";
        copy.statements(KEYS, key, &["NobodyElseUses", "SupportDecrypts"]);
        copy.role(CLAIMS, "claims-support", Part::Whole);
    };
    check(
        "cross-account-roles",
        "customer-records",
        plant,
        &[
            "breach: >2, with the leak 2",
            "faults that leak: 0, with the leak 4",
            "faults that may leak: 0, with the leak 4",
            "leak: 2, with the leak 1",
        ],
    );
}

/// Every administrator of the organization may read through the endpoint, if it can get there, which
/// no source tells. One of them also empties the archive. That the data's own administrators open the
/// table is so in the sound example too.
#[test]
fn a_table_that_asks_where_a_request_comes_from_and_not_who_makes_it() {
    let plant =
        |copy: &Copy| copy.answers(&["100000000006/eu-west-1/dynamodb.get-resource-policy.jsonl"]);
    check(
        "vpc-as-boundary",
        "claims-cases",
        plant,
        &[
            "breach: 2, with the leak 1 to 2",
            "faults that may leak: 5, with the leak 29",
        ],
    );
}

/// The key now belongs to the account of the secret's readers: its administrators write the reader's
/// role, its endpoints and the key. The secret's own policy still stands, so that no data leaves.
#[test]
fn a_key_of_those_who_use_it() {
    let plant = |copy: &Copy| {
        copy.answers_about("200000000002/eu-west-1", "kms.");
        copy.answers_about("200000000002/global", "s3api.");
        copy.answers(&[
            "100000000006/eu-west-1/secretsmanager.list-secrets.json",
            "manifest.json",
        ]);
        copy.take("boundary.yaml", "acme-leaky");
        copy.role(CLAIMS, "claims-reader", Part::Inline("use-own-key"));
    };
    check(
        "workload-key",
        "claims-credential",
        plant,
        &[
            "identity and encryption: 2, with the leak 1",
            "network and encryption: 2, with the leak 1",
        ],
    );
}

/// What two faults bring out is recorded by nothing, so that no third is needed against the trail,
/// and nothing tells of it. No evidence is there to survive, nor a control point of audit to hold.
#[test]
fn a_trail_without_data_events() {
    let plant = |copy: &Copy| {
        copy.answers(&["100000000001/eu-west-1/cloudtrail.get-event-selectors.jsonl"])
    };
    check(
        "no-data-events",
        "customer-records",
        plant,
        &[
            "breach: >2, with the leak 2",
            "encryption and audit: 2, with the leak >2",
            "faults that lose the evidence: 5, with the leak 53",
            "identity and audit: 2, with the leak >2",
            "network and audit: 2, with the leak >2",
            "resource and audit: 2, with the leak >2",
            "silent: >2, with the leak 2",
        ],
    );
}

/// The workload's role empties the archive, and so do the claims account's three administrators, who
/// become it and hold the reader's role and the endpoints besides.
#[test]
fn an_archive_that_a_workload_may_empty() {
    let plant = |copy: &Copy| {
        copy.answers(&[
            ARCHIVE,
            "100000000002/global/s3api.get-object-lock-configuration.jsonl",
        ]);
        copy.role(CLAIMS, "log-shipper", Part::Whole);
    };
    check(
        "writable-archive",
        "customer-records",
        plant,
        &[
            "breach: >2, with the leak 2",
            "faults that lose the evidence: 5, with the leak 9",
            "identity and audit: 2, with the leak 1",
            "network and audit: 2, with the leak 1",
        ],
    );
}

/// It lets in the administrators of the queue's account, who may write the queue's policy in the
/// sound example already: no depth falls. That they need not, `check` finds.
#[test]
fn a_service_control_policy_in_place_of_the_queues_own_denial() {
    let plant = |copy: &Copy| {
        copy.answers(&[
            "100000000006/eu-west-1/sqs.get-queue-attributes.jsonl",
            "100000000001/global/organizations.describe-policy.jsonl",
            "100000000001/global/organizations.list-policies.jsonl",
            "100000000001/global/organizations.list-targets-for-policy.jsonl",
        ]);
    };
    check("scp-overuse", "record-events", plant, &[]);
}

/// The orchestrator tags the reader's session and reads from anywhere, and the claims account's three
/// administrators become the orchestrator.
#[test]
fn a_session_tag_that_lifts_the_network() {
    let plant = |copy: &Copy| {
        copy.answers(&["100000000006/eu-west-1/secretsmanager.get-resource-policy.jsonl"]);
        copy.role(CLAIMS, "claims-reader", Part::Trust);
        copy.role(CLAIMS, "claims-orchestrator", Part::Inline("orchestrate"));
    };
    check(
        "session-tag",
        "claims-credential",
        plant,
        &[
            "breach: >2, with the leak 2",
            "faults that leak: 0, with the leak 4",
            "faults that may leak: 0, with the leak 4",
            "leak: 2, with the leak 1",
        ],
    );
}

/// The sandbox's role becomes an approved writer, who cannot read: no depth of data that leaves falls.
/// What it becomes is told.
#[test]
fn an_approved_role_that_the_sandbox_may_assume() {
    let plant = |copy: &Copy| {
        copy.role("200000000001", "payments-writer", Part::Trust);
        copy.role("300000000001", "experiment", Part::Whole);
    };
    check("unapproved-assumer", "customer-records", plant, &[]);
    let experiment = "arn:aws:iam::300000000001:role/experiment";
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("planted-unapproved-assumer");
    let options = Options {
        from: vec![experiment.to_owned()],
        ..Options::default()
    };
    let reached = asked(&home, &[], &options).principals;
    let becomes = reached[0].becomes.iter().filter(|one| !one.possible);
    let becomes: Vec<&str> = becomes.map(|one| one.principal.as_str()).collect();
    assert_eq!(
        becomes,
        ["arn:aws:iam::200000000001:role/app/payments-writer"]
    );
}

/// The reader starts Athena from anywhere, which reads for it from AWS's own network; the claims
/// account's three administrators, its orchestrator and its pipeline's role become the reader.
#[test]
fn a_network_that_spares_what_services_do() {
    let plant = |copy: &Copy| {
        copy.statements(RECORDS, "acme-customer-records", &["ReaderOnlyFromClaims"]);
        copy.role(CLAIMS, "claims-reader", Part::Inline("query-records"));
    };
    check(
        "through-athena",
        "customer-records",
        plant,
        &[
            "breach: >2, with the leak 2",
            "faults that leak: 0, with the leak 6",
            "faults that may leak: 0, with the leak 6",
            "leak: 2, with the leak 1",
        ],
    );
}
