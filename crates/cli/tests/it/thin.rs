//! `collect --dataset` against a server of our own that holds the sound example: how many calls each
//! account gets, and that `look` says of the thin snapshot what it says of the whole one, or that it
//! cannot know.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::collecting::{Server, check, command, folder};

const BUCKET: &str = "s3://acme-customer-records";
const MANAGEMENT: &str = "100000000001";
const HOME: &str = "100000000006";
const KEY_HOME: &str = "100000000005";

fn snapshot() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme/snapshot")
}

fn text(file: &str) -> String {
    std::fs::read_to_string(snapshot().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn read(file: &str) -> Value {
    serde_json::from_str(&text(file)).unwrap()
}

/// Requests with responses.
fn lines(file: &str) -> Vec<(Value, Value)> {
    let calls = text(file);
    let calls = calls
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    calls
        .filter(|call: &Value| call["response"].is_object())
        .map(|call: Value| (call["request"].clone(), call["response"].clone()))
        .collect()
}

/// The example as recordings of its wire.
struct World(String);

impl World {
    fn say(&mut self, words: &str, answer: &str) {
        self.0.push_str(&format!(">* {words}\n< 200\n{answer}\n"));
    }

    /// Calls of services that speak JSON: the request is in the body as it is written.
    fn json(&mut self, target: &str, file: &str) {
        for (request, response) in lines(file) {
            let members = request.as_object().unwrap().iter();
            let words: Vec<String> = members
                .map(|(name, value)| format!("\"{name}\":{value}"))
                .collect();
            self.say(
                &format!("{target} {}", words.join(" ")),
                &response.to_string(),
            );
        }
    }

    fn organization(&mut self) {
        let at = |name: &str| format!("{MANAGEMENT}/global/organizations.{name}");
        self.say(
            ".DescribeOrganization",
            &read(&at("describe-organization.json")).to_string(),
        );
        self.say(".ListRoots", &read(&at("list-roots.json")).to_string());
        self.say(
            ".ListAccounts\n".trim(),
            &read(&at("list-accounts.json")).to_string(),
        );
        self.json(".DescribePolicy", &at("describe-policy.jsonl"));
        for (file, list) in [
            ("list-accounts-for-parent.jsonl", "Accounts"),
            (
                "list-organizational-units-for-parent.jsonl",
                "OrganizationalUnits",
            ),
        ] {
            for (request, response) in lines(&at(file)) {
                for child in response[list].as_array().unwrap() {
                    let words = format!(".ListParents \"ChildId\":{}", child["Id"]);
                    let answer = json!({"Parents": [{"Id": request["ParentId"], "Type": "x"}]});
                    self.say(&words, &answer.to_string());
                }
            }
        }
        self.attached();
    }

    fn attached(&mut self) {
        let at = |name: &str| format!("{MANAGEMENT}/global/organizations.{name}");
        let all = lines(&at("list-policies.jsonl"));
        let mut found: Vec<(String, Value)> = Vec::new();
        for (request, response) in lines(&at("list-targets-for-policy.jsonl")) {
            for (filter, policies) in &all {
                let policies = policies["Policies"].as_array().unwrap().iter();
                for policy in policies.filter(|policy| policy["Id"] == request["PolicyId"]) {
                    for target in response["Targets"].as_array().unwrap() {
                        let words = format!(
                            ".ListPoliciesForTarget \"Filter\":{} \"TargetId\":{}",
                            filter["Filter"], target["TargetId"]
                        );
                        found.push((words, policy.clone()));
                    }
                }
            }
        }
        let mut words: Vec<&String> = found.iter().map(|(words, _)| words).collect();
        words.sort();
        words.dedup();
        for one in words {
            let of = found.iter().filter(|(words, _)| words == one);
            let policies: Vec<&Value> = of.map(|(_, policy)| policy).collect();
            self.say(one, &json!({"Policies": policies}).to_string());
        }
    }

    /// A bucket's answers; its account's own credentials are in every request.
    fn bucket(&mut self, name: &str) {
        let of = |file: &str| {
            let all = lines(&format!("{HOME}/global/s3api.{file}.jsonl"));
            let mut of = all
                .into_iter()
                .filter(|(request, _)| request["Bucket"] == name);
            of.next().unwrap_or_else(|| panic!("{file} of {name}")).1
        };
        let policy = of("get-bucket-policy");
        self.say(
            &format!("{HOME} ?policy {name}"),
            policy["Policy"].as_str().unwrap(),
        );
        for (word, file, inner) in [
            ("?location", "get-bucket-location", "/LocationConstraint"),
            (
                "?encryption",
                "get-bucket-encryption",
                "/ServerSideEncryptionConfiguration",
            ),
            (
                "?ownershipControls",
                "get-bucket-ownership-controls",
                "/OwnershipControls",
            ),
            (
                "?publicAccessBlock",
                "get-public-access-block",
                "/PublicAccessBlockConfiguration",
            ),
        ] {
            let answer = of(file);
            let root = inner.trim_start_matches('/');
            let value = answer.pointer(inner).unwrap();
            self.say(&format!("{HOME} {word} {name}"), &xml(root, value));
        }
        let owner = &of("get-bucket-acl")["Owner"]["ID"];
        let acl = format!(
            "<A><Owner><ID>{}</ID></Owner><AccessControlList/></A>",
            owner.as_str().unwrap()
        );
        self.say(&format!("{HOME} ?acl {name}"), &acl);
        self.say(
            &format!("{HOME} x-amz-account-id publicAccessBlock"),
            "<P><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></P>",
        );
        self.say(&format!("{HOME} GET s3.eu-west-1.amazonaws.com"), "");
    }

    fn buckets(&mut self, name: &str) {
        self.say(
            &format!("{HOME} GET"),
            &format!("<R><Buckets><Bucket><Name>{name}</Name></Bucket></Buckets></R>"),
        );
    }

    fn identities(&mut self) {
        let mut all = read(&format!(
            "{HOME}/global/iam.get-account-authorization-details.json"
        ));
        // What AWS publishes is known without it.
        let policies = all["Policies"].as_array_mut().unwrap();
        policies.retain(|policy| !policy["Arn"].as_str().unwrap().contains(":aws:policy/"));
        let answer = xml("GetAccountAuthorizationDetailsResult", &all);
        self.say(
            &format!("{HOME} GetAccountAuthorizationDetails"),
            &format!("<R>{answer}</R>"),
        );
    }
}

/// A value as the query protocol writes it: lists as members, documents encoded as in an address.
fn xml(name: &str, value: &Value) -> String {
    let inner = match value {
        Value::Array(items) if name == "Rules" => {
            return items.iter().map(|item| xml("Rule", item)).collect();
        }
        Value::Array(items) => items.iter().map(|item| xml("member", item)).collect(),
        Value::Object(_) if name.ends_with("Document") => encoded(&value.to_string()),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| xml(name, value))
            .collect(),
        Value::String(text) => text.replace('&', "&amp;").replace('<', "&lt;"),
        other => other.to_string(),
    };
    format!("<{name}>{inner}</{name}>")
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// The server; each account's session has its number in it, by which its requests are known.
fn server() -> Server {
    let mut world = World(String::new());
    world.say(
        "GetCallerIdentity",
        &format!("<R><GetCallerIdentityResult><Arn>arn:aws:sts::{MANAGEMENT}:assumed-role/security/me</Arn><UserId>x</UserId><Account>{MANAGEMENT}</Account></GetCallerIdentityResult></R>"),
    );
    for account in [HOME, KEY_HOME] {
        world.say(
            &format!("AssumeRole {account}"),
            &format!("<R><AssumeRoleResult><Credentials><AccessKeyId>ASIA{account}</AccessKeyId><SecretAccessKey>example</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-11-22T10:00:00Z</Expiration></Credentials></AssumeRoleResult></R>"),
        );
    }
    world.organization();
    world.identities();
    world.bucket("acme-customer-records");
    world.buckets("acme-customer-records");
    for (operation, target) in [
        ("describe-key", ".DescribeKey"),
        ("get-key-policy", ".GetKeyPolicy"),
        ("list-grants", ".ListGrants"),
    ] {
        world.json(
            target,
            &format!("{KEY_HOME}/eu-west-1/kms.{operation}.jsonl"),
        );
    }
    let trails = format!("{MANAGEMENT}/eu-west-1/cloudtrail");
    world.say(
        ".DescribeTrails",
        &read(&format!("{trails}.describe-trails.json")).to_string(),
    );
    world.json(
        ".GetTrailStatus",
        &format!("{trails}.get-trail-status.jsonl"),
    );
    world.json(
        ".GetEventSelectors",
        &format!("{trails}.get-event-selectors.jsonl"),
    );
    Server::start(&[&world.0], Duration::ZERO)
}

/// Collects the bucket alone; gives the answer and `look`'s.
fn thin(name: &str, more: &[&str]) -> (Value, Value) {
    let server = server();
    let folder = folder(name);
    let mut args = vec!["--dataset", BUCKET, "--accounts", HOME, "--format", "json"];
    args.extend(more);
    let output = command(&server, &folder, &args).output().unwrap();
    let (out, _) = check(&output, 0);
    (serde_json::from_str(&out).unwrap(), look(&folder))
}

fn look(snapshot: &Path) -> Value {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .args(["look", BUCKET, "--format", "json"])
        .arg(snapshot)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// The texts of a list.
fn texts<'v>(row: &'v Value, name: &str) -> Vec<&'v str> {
    let items = row[name].as_array().unwrap().iter();
    items.map(|item| item.as_str().unwrap()).collect()
}

/// Whether a row of the thin answer is about a principal of the whole one.
fn is_about(thin: &Value, whole: &Value) -> bool {
    let principal = whole["principal"].as_str().unwrap();
    let account = principal.split(':').nth(4).unwrap();
    let unread = format!("unread principals of account {account}");
    thin["principal"] == principal || thin["principal"] == *unread
}

/// Every column of the whole answer is in the thin one, or the thin one says that it cannot know.
#[track_caller]
fn is_covered(thin: &Value, whole: &Value) {
    let (thin, whole) = (&thin["inventory"][0], &whole["inventory"][0]);
    for column in [
        "resource",
        "keys",
        "encryption_key_checked_against",
        "data_events",
    ] {
        assert_eq!(thin[column], whole[column], "{column}");
    }
    let document = "/resource_policy/document";
    assert_eq!(thin.pointer(document), whole.pointer(document));
    let rows = |answer: &Value| answer["principals"].as_array().unwrap().clone();
    for one in rows(whole) {
        let about: Vec<Value> = rows(thin)
            .into_iter()
            .filter(|row| is_about(row, &one))
            .collect();
        let all = |name: &str| -> Vec<&str> {
            let lists = about.iter().map(|row| texts(row, name));
            lists.flatten().collect()
        };
        let unknown = all("conditions")
            .iter()
            .any(|text| text.starts_with("unknown: "));
        for class in texts(&one, "can") {
            assert!(all("can").contains(&class), "{class} of {one}");
        }
        let anywhere = all("from").contains(&"any network");
        for network in texts(&one, "from") {
            let unread = network.starts_with("vpce-")
                && all("from").contains(&"an endpoint of ours that was not read");
            let here = all("from").contains(&network);
            // Every network but that of an unread endpoint is named one by one.
            let each = network == "any network" && all("from").contains(&"the internet");
            assert!(here || anywhere || unread || each, "{network} of {one}");
        }
        for condition in texts(&one, "conditions") {
            assert!(
                all("conditions").contains(&condition) || unknown,
                "{condition} of {one}"
            );
        }
    }
    for row in rows(thin) {
        let known = rows(whole)
            .iter()
            .any(|one| one["principal"] == row["principal"]);
        assert!(known || row["certain"] == false, "{row} is claimed");
    }
}

fn certain(answer: &Value) -> Vec<&str> {
    let rows = answer["inventory"][0]["principals"].as_array().unwrap();
    let certain = rows.iter().filter(|row| row["certain"] == true);
    certain
        .map(|row| row["principal"].as_str().unwrap())
        .collect()
}

#[track_caller]
fn calls(answer: &Value, management: u64) {
    let expected = json!({MANAGEMENT: management, KEY_HOME: 3, HOME: 9});
    assert_eq!(answer["calls"], expected, "{answer:#}");
}

const ADMINISTRATOR: &str = "arn:aws:iam::100000000006:role/platform/data-admin";

#[test]
fn every_account_gets_fewer_than_ten_calls_and_the_answer_is_right() {
    let (answer, thin) = thin("thin-few", &[]);
    calls(&answer, 9);
    assert_eq!(answer["organization_calls_used_up"], 3);
    is_covered(&thin, &look(&snapshot()));
    assert!(certain(&thin).is_empty(), "{thin:#}");
}

#[test]
fn the_whole_way_to_the_root_takes_fewer_calls_than_the_whole_organization() {
    let (answer, thin) = thin("thin-way", &["--max-organization-calls", "100"]);
    calls(&answer, 6 + 27);
    assert_eq!(answer["organization_calls_used_up"], Value::Null);
    is_covered(&thin, &look(&snapshot()));
    assert_eq!(certain(&thin), [ADMINISTRATOR]);
}

#[test]
fn an_organization_of_an_earlier_snapshot_is_taken_over_with_its_date() {
    let earlier = snapshot();
    let args = ["--organization", earlier.to_str().unwrap()];
    let (answer, thin) = thin("thin-earlier", &args);
    calls(&answer, 7);
    assert_eq!(answer["organization_as_of"], "2026-11-22T09:00:00Z");
    is_covered(&thin, &look(&snapshot()));
    assert_eq!(certain(&thin), [ADMINISTRATOR]);
    assert!(
        thin.to_string().contains("are as of 2026-11-22T09:00:00Z"),
        "{thin:#}"
    );
}

#[test]
fn few_calls_are_spent_on_what_decides_most() {
    for (most, known) in [("1", false), ("2", true)] {
        let (_, thin) = thin(&format!("thin-{most}"), &["--max-organization-calls", most]);
        assert!(certain(&thin).is_empty(), "{thin:#}");
        if known {
            is_covered(&thin, &look(&snapshot()));
        }
        // Without the list of accounts nobody is known to be ours.
        assert_eq!(
            thin.to_string().contains("unread principals of account"),
            known,
            "{thin:#}"
        );
    }
}

#[test]
fn an_organization_of_another_snapshot_is_refused() {
    let server = server();
    let earlier = folder("thin-other-earlier");
    std::fs::create_dir_all(&earlier).unwrap();
    let manifest = json!({"organization": {"id": "o-other"}, "read": []}).to_string();
    std::fs::write(earlier.join("manifest.json"), manifest).unwrap();
    let args = [
        "--dataset",
        BUCKET,
        "--organization",
        earlier.to_str().unwrap(),
    ];
    let output = command(&server, &folder("thin-other"), &args)
        .output()
        .unwrap();
    let (_, err) = check(&output, 2);
    assert!(err.contains("is of organization o-other"), "{err}");
}
