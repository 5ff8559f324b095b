//! Whole organizations: what is written, what is unknown, and how an interruption goes on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cofferdam_aws::Watch;
use cofferdam_aws::client::{Client, Endpoints};
use cofferdam_aws::collect::{Collected, Options, Stop, collect};
use cofferdam_aws::replay::Replay;
use cofferdam_aws::sessions::Role;
use cofferdam_text::Documents;
use serde_json::Value;

use crate::world::{Jumping, Renewed};

/// An organization of two accounts with a closed third, and two Regions.
const ORGANIZATION: &str = include_str!("../recordings/organization.txt");
/// Sessions in the second account.
const ASSUMED: &str = "\
>* AssumeRole
< 200
<R><AssumeRoleResult><Credentials><AccessKeyId>ASIATWO</AccessKeyId><SecretAccessKey>example</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2036-11-22T10:00:00Z</Expiration></Credentials></AssumeRoleResult></R>
";

struct Silent;

impl Watch for Silent {
    fn step(&self, _: usize, _: usize, _: &str) {}
}

/// A folder of the test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

fn options(folder: &Path) -> Options {
    Options {
        role: Role {
            name: "cofferdam-read".into(),
            external_id: None,
        },
        accounts: vec![],
        regions: vec![],
        home: "eu-west-1".into(),
        folder: folder.to_owned(),
        parallel: 1,
        tool: "a test".into(),
        dataset: None,
        organization_calls: None,
        organization: None,
    }
}

/// Collects from recordings, one after the other; those first win.
fn run(
    recordings: &[&str],
    options: &Options,
    most: Option<u32>,
) -> (Result<Collected, Stop>, Replay) {
    let replay = Replay::parse(&recordings.join("\n")).unwrap();
    let clock = Jumping::new();
    let client = Client::new(&replay, &clock, Endpoints::new(), 4)
        .attempts(2)
        .at_most(most);
    let collected = collect(options, &client, &Renewed::default(), &Silent);
    (collected, replay)
}

/// Every file of a folder with its text.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_str(&files(folder)["manifest.json"]).unwrap()
}

/// What a reader of the snapshot does not know, as text.
fn gaps(folder: &Path) -> Vec<String> {
    let read = cofferdam_sources::read(&[folder.to_owned()], &mut Documents::new()).unwrap();
    assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
    let gaps = read.facts.gaps();
    gaps.map(|(account, kind, why)| format!("{account} {kind:?}: {why}"))
        .collect()
}

#[test]
fn a_whole_organization_is_read_and_leaves_nothing_unknown() {
    let folder = folder("whole");
    let (collected, _) = run(&[ASSUMED, ORGANIZATION], &options(&folder), None);
    let collected = collected.unwrap();
    assert_eq!(collected.organization.as_deref(), Some("o-acme1a2b3c"));
    assert_eq!((collected.accounts, collected.refused.len()), (2, 0));
    assert_eq!(gaps(&folder), Vec::<String>::new());
    let files = files(&folder);
    for name in [
        "100000000001/global/organizations.list-accounts.json",
        "100000000001/us-east-1/kms.list-keys.json",
        "200000000001/global/iam.get-account-authorization-details.json",
        "200000000001/eu-west-1/s3control.list-access-points.jsonl",
    ] {
        assert!(
            files.contains_key(name),
            "{name} is missing: {:?}",
            files.keys()
        );
    }
    assert!(!files.keys().any(|name| name.starts_with("300000000001")));
    assert!(!files.contains_key("collect.journal"));
}

#[test]
fn an_account_whose_role_is_refused_is_unknown_and_said_to_be() {
    let refused = "\
>* AssumeRole 200000000001
< 403
<R><Error><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error></R>
";
    let folder = folder("refused");
    let (collected, _) = run(&[refused, ORGANIZATION], &options(&folder), None);
    let collected = collected.unwrap();
    let failure = &collected.unread["200000000001"];
    assert_eq!(failure.code, "AccessDenied");
    let role = "arn:aws:iam::200000000001:role/cofferdam-read cannot be assumed";
    assert!(failure.message.contains(role), "{}", failure.message);
    let gaps = gaps(&folder);
    assert!(!gaps.is_empty());
    for gap in &gaps {
        assert!(gap.starts_with("200000000001"), "{gap}");
        assert!(gap.contains("AccessDenied"), "{gap}");
    }
    assert!(gaps.iter().any(|gap| gap.contains("Bucket")), "{gaps:?}");
}

#[test]
fn an_interrupted_collection_goes_on_to_the_same_snapshot() {
    let whole = folder("uninterrupted");
    run(&[ASSUMED, ORGANIZATION], &options(&whole), None)
        .0
        .unwrap();
    let folder = folder("interrupted");
    let expired = "\
>* kms TrentService.ListKeys us-east-1
< 400
{\"__type\": \"ExpiredTokenException\", \"message\": \"expired\"}
";
    let (stopped, first) = run(&[expired, ASSUMED, ORGANIZATION], &options(&folder), None);
    let Err(Stop::Interrupted(why)) = stopped else {
        panic!("{stopped:?}");
    };
    assert!(why.contains("ExpiredTokenException"), "{why}");
    let left = files(&folder);
    assert!(left.contains_key("collect.journal") && !left.contains_key("manifest.json"));

    let (collected, second) = run(&[ASSUMED, ORGANIZATION], &options(&folder), None);
    let collected = collected.unwrap();
    assert!(collected.kept > 20, "{}", collected.kept);
    assert!(second.seen().len() < first.seen().len() + 200);
    assert_eq!(files(&folder), files(&whole));
}

#[test]
fn what_failed_is_asked_again_by_the_next_run() {
    let throttled = "\
>* secretsmanager.ListSecrets us-east-1
< 400
{\"__type\": \"ThrottlingException\"}
>* ListTopics
< 403
<R><Error><Code>AuthorizationError</Code></Error></R>
>* TrentService.ListKeys us-east-1 ASIATWO
< 400
{\"__type\": \"ExpiredTokenException\"}
";
    let folder = folder("failed");
    run(&[throttled, ASSUMED, ORGANIZATION], &options(&folder), None)
        .0
        .unwrap_err();
    let collected = run(&[ASSUMED, ORGANIZATION], &options(&folder), None)
        .0
        .unwrap();
    assert_eq!(collected.refused.len(), 0, "{:?}", collected.refused);
}

#[test]
fn a_journal_that_was_cut_off_loses_one_line_at_most() {
    let whole = folder("uncut");
    run(&[ASSUMED, ORGANIZATION], &options(&whole), None)
        .0
        .unwrap();
    let folder = folder("cut");
    let expired = "\
>* TrentService.ListKeys us-east-1
< 400
{\"__type\": \"ExpiredTokenException\"}
";
    run(&[expired, ASSUMED, ORGANIZATION], &options(&folder), None)
        .0
        .unwrap_err();
    let journal = folder.join("collect.journal");
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, &text[..text.len() - 30]).unwrap();
    run(&[ASSUMED, ORGANIZATION], &options(&folder), None)
        .0
        .unwrap();
    assert_eq!(files(&folder), files(&whole));
}

#[test]
fn another_run_needs_the_same_options_and_a_folder_of_its_own() {
    let folder = folder("options");
    let expired = ">* ListSAMLProviders\n< 403\n<R><Error><Code>ExpiredToken</Code></Error></R>\n";
    run(&[expired, ASSUMED, ORGANIZATION], &options(&folder), None)
        .0
        .unwrap_err();
    let mut others = options(&folder);
    others.regions = vec!["eu-west-1".into()];
    let (stopped, _) = run(&[ASSUMED, ORGANIZATION], &others, None);
    assert!(matches!(stopped, Err(Stop::Folder(why)) if why.contains("other options")));
    run(&[ASSUMED, ORGANIZATION], &options(&folder), None)
        .0
        .unwrap();
    let (stopped, _) = run(&[ASSUMED, ORGANIZATION], &options(&folder), None);
    assert!(matches!(stopped, Err(Stop::Folder(why)) if why.contains("whole snapshot")));
}

#[test]
fn a_region_that_is_off_is_asked_once_and_unknown() {
    let off = "\
> us-east-1/ec2/aws4_request AKIDOWN
< 401
<R><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able to validate the provided access credentials</Message></Error></Errors></R>
";
    let folder = folder("off");
    let (collected, replay) = run(&[off, ASSUMED, ORGANIZATION], &options(&folder), None);
    collected.unwrap();
    let entries = manifest(&folder)["refused"].as_array().unwrap().clone();
    let of_region =
        |entry: &&Value| entry["region"] == "us-east-1" && entry["account"] == "100000000001";
    let off: Vec<&Value> = entries.iter().filter(of_region).collect();
    assert!(off.len() > 10, "{entries:?}");
    assert!(
        off.iter()
            .all(|entry| entry["error"]["code"] == "AuthFailure")
    );
    let asked = replay.seen();
    let later = |text: &&String| text.contains("AKIDOWN") && text.contains("us-east-1/rds/");
    assert_eq!(asked.iter().filter(later).count(), 0);
    assert!(gaps(&folder).iter().any(|gap| gap.contains("AuthFailure")));
}

#[test]
fn a_list_of_which_a_page_failed_is_not_whole() {
    let pages = "\
> AKIDOWN TrentService.ListKeys eu-west-1 \"Marker\":\"two\"
< 400
{\"__type\": \"AccessDeniedException\", \"message\": \"no\"}
> AKIDOWN TrentService.ListKeys eu-west-1
< 200
{\"Keys\": [{\"KeyId\": \"a\", \"KeyArn\": \"arn:aws:kms:eu-west-1:100000000001:key/a\"}], \"NextMarker\": \"two\", \"Truncated\": true}
";
    let folder = folder("pages");
    let described = ">* TrentService.DescribeKey\n< 200\n{\"KeyMetadata\": {\"KeyId\": \"a\", \"Arn\": \"arn:aws:kms:eu-west-1:100000000001:key/a\"}}\n";
    let (collected, _) = run(
        &[pages, described, ASSUMED, ORGANIZATION],
        &options(&folder),
        None,
    );
    collected.unwrap();
    let written = &files(&folder)["100000000001/eu-west-1/kms.list-keys.jsonl"];
    assert_eq!(written.lines().count(), 2, "{written}");
    let gaps = gaps(&folder);
    assert!(
        gaps.iter().any(|gap| gap.starts_with("100000000001 Key")),
        "{gaps:?}"
    );
}

#[test]
fn what_follows_from_a_refused_list_is_unknown_too() {
    let refused = "\
>* AWSOrganizationsV20161128.ListPolicies SERVICE_CONTROL
< 400
{\"__type\": \"AccessDeniedException\", \"message\": \"no\"}
";
    let folder = folder("follows");
    run(&[refused, ASSUMED, ORGANIZATION], &options(&folder), None)
        .0
        .unwrap();
    let entries = manifest(&folder)["refused"].as_array().unwrap().clone();
    let named: Vec<_> = entries
        .iter()
        .map(|entry| entry["operation"].as_str().unwrap())
        .collect();
    for name in [
        "organizations.list-policies",
        "organizations.list-targets-for-policy",
    ] {
        assert!(named.contains(&name), "{named:?}");
    }
}

#[test]
fn no_file_holds_a_secret_value() {
    let functions = "\
>* /2015-03-31/functions/f/policy
< 404
{\"code\": \"ResourceNotFoundException\"}
>* /functions/f/urls
< 200
>* /2015-03-31/functions
< 200
{\"Functions\": [{\"FunctionName\": \"f\", \"FunctionArn\": \"arn:aws:lambda:eu-west-1:100000000001:function:f\", \"Environment\": {\"Variables\": {\"DATABASE_PASSWORD\": \"s3cret\"}}}]}
";
    let folder = folder("secrets");
    let (collected, _) = run(&[functions, ASSUMED, ORGANIZATION], &options(&folder), None);
    collected.unwrap();
    let files = files(&folder);
    let named = |text: &&String| text.contains("DATABASE_PASSWORD");
    assert!(files.values().any(|text| named(&text)));
    for (name, text) in &files {
        assert!(!text.contains("s3cret"), "{name}");
    }
}

#[test]
fn an_account_gets_no_more_calls_than_it_may_have() {
    let folder = folder("budget");
    let (collected, _) = run(&[ASSUMED, ORGANIZATION], &options(&folder), Some(40));
    let collected = collected.unwrap();
    assert!(
        collected.calls.values().all(|calls| *calls <= 40),
        "{:?}",
        collected.calls
    );
    let codes: Vec<_> = collected
        .refused
        .iter()
        .map(|entry| &entry["error"]["code"])
        .collect();
    assert!(
        codes.iter().any(|code| *code == "CallBudgetExhausted"),
        "{codes:?}"
    );
}

#[test]
fn identity_center_is_found_in_the_region_where_it_is() {
    let instance = "\
>* SWBExternalService.ListInstances us-east-1
< 200
{\"Instances\": [{\"InstanceArn\": \"arn:aws:sso:::instance/ssoins-1\", \"IdentityStoreId\": \"d-1\"}]}
";
    let folder = folder("seek");
    let (collected, replay) = run(&[instance, ASSUMED, ORGANIZATION], &options(&folder), None);
    collected.unwrap();
    let sets = |text: &&String| text.contains("ListPermissionSets");
    let seen = replay.seen();
    assert!(seen.iter().find(sets).unwrap().contains("us-east-1/sso/"));

    let refused = "\
>* SWBExternalService.ListInstances us-east-1
< 400
{\"__type\": \"AccessDeniedException\"}
";
    let folder = self::folder("seek-refused");
    run(&[refused, ASSUMED, ORGANIZATION], &options(&folder), None)
        .0
        .unwrap();
    let gaps = gaps(&folder);
    assert!(
        gaps.iter()
            .any(|gap| gap.contains("sso-admin.list-instances")),
        "{gaps:?}"
    );
}

#[test]
fn one_dataset_takes_few_calls_and_leaves_the_rest_unknown() {
    let bucket = "\
>* ASIATWO ?policy records
< 200
{\"Version\": \"2012-10-17\", \"Statement\": []}
>* ASIATWO ?encryption records
< 200
<S><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>arn:aws:kms:eu-west-1:100000000001:key/11111111-2222-3333-4444-555555555555</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></S>
>* ASIATWO ?location records
< 200
<LocationConstraint>eu-west-1</LocationConstraint>
>* ASIATWO ?acl
< 200
<A><Owner><ID>o</ID></Owner><AccessControlList/></A>
>* ASIATWO ?ownershipControls
< 200
<O><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></O>
>* ASIATWO ?publicAccessBlock
< 200
<P><BlockPublicAcls>true</BlockPublicAcls></P>
>* ASIATWO x-amz-account-id publicAccessBlock
< 200
<P><BlockPublicAcls>true</BlockPublicAcls></P>
>* ASIATWO GET s3.eu-west-1.amazonaws.com
< 200
<R><Buckets><Bucket><Name>other</Name></Bucket><Bucket><Name>records</Name></Bucket></Buckets></R>
>* DescribeKey 11111111-2222-3333-4444-555555555555
< 200
{\"KeyMetadata\": {\"KeyId\": \"11111111-2222-3333-4444-555555555555\", \"Arn\": \"arn:aws:kms:eu-west-1:100000000001:key/11111111-2222-3333-4444-555555555555\"}}
>* GetKeyPolicy 11111111-2222-3333-4444-555555555555
< 200
{\"Policy\": \"{}\"}
";
    let folder = folder("thin");
    let mut options = options(&folder);
    options.dataset = Some("s3://records".parse().unwrap());
    let (collected, replay) = run(&[bucket, ASSUMED, ORGANIZATION], &options, None);
    let collected = collected.unwrap();
    assert_eq!(collected.calls["200000000001"], 9, "{:#?}", replay.seen());
    let names = files(&folder);
    let key = "100000000001/eu-west-1/kms.get-key-policy.jsonl";
    assert!(names.contains_key(key), "{:?}", names.keys());
    assert!(!replay.seen().iter().any(|text| text.contains("other")));
    let read = cofferdam_sources::read(&[folder], &mut Documents::new()).unwrap();
    let said: Vec<&str> = read.diagnostics.iter().map(|one| &*one.message).collect();
    assert_eq!(
        said,
        ["only what arn:aws:s3:::records needs was read: the rest is not seen"]
    );
    let why = "was not asked: only what arn:aws:s3:::records needs was";
    let mut gaps = read.facts.gaps();
    assert!(gaps.any(|gap| gap.0 == "100000000001" && gap.2.contains(why)));
    assert_eq!(collected.refused.len(), 0, "{:?}", collected.refused);
}

#[test]
fn regions_that_were_left_out_are_named() {
    let folder = folder("left-out");
    let mut options = options(&folder);
    options.regions = vec!["eu-west-1".into()];
    let (collected, _) = run(&[ASSUMED, ORGANIZATION], &options, None);
    assert_eq!(collected.unwrap().left_out, ["us-east-1"]);
    let read = cofferdam_sources::read(&[folder], &mut Documents::new()).unwrap();
    let said: Vec<&str> = read.diagnostics.iter().map(|one| &*one.message).collect();
    assert_eq!(
        said,
        ["not read, so what lies there is not seen: us-east-1"]
    );
}

#[test]
fn without_credentials_or_an_organization_to_read_there_is_no_snapshot() {
    let none =
        ">* GetCallerIdentity\n< 403\n<R><Error><Code>InvalidClientTokenId</Code></Error></R>\n";
    let folder = folder("none");
    let (stopped, _) = run(&[none], &options(&folder), None);
    assert!(matches!(stopped, Err(Stop::NoSource(why)) if why.contains("InvalidClientTokenId")));
    assert!(!folder.exists());
}

#[test]
fn an_account_that_nobody_lists_is_an_error() {
    let folder = folder("strange");
    let mut options = options(&folder);
    options.accounts = vec!["999999999999".into()];
    let (stopped, _) = run(&[ASSUMED, ORGANIZATION], &options, None);
    assert!(matches!(stopped, Err(Stop::NoSource(why)) if why.contains("999999999999")));
}

#[test]
fn an_account_without_an_organization_is_read_alone() {
    let alone = "\
>* DescribeOrganization
< 400
{\"__type\": \"AWSOrganizationsNotInUseException\", \"message\": \"Your account is not a member of an organization.\"}
";
    let folder = folder("alone");
    let (collected, _) = run(&[alone, ORGANIZATION], &options(&folder), None);
    let collected = collected.unwrap();
    assert_eq!((collected.organization, collected.accounts), (None, 1));
    assert!(files(&folder).contains_key("100000000001/global/s3api.list-buckets.json"));
}

#[cfg(unix)]
#[test]
fn nobody_but_the_owner_reads_what_was_written() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("modes");
    run(&[ASSUMED, ORGANIZATION], &options(&folder), None)
        .0
        .unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for name in files(&folder).keys() {
        let path = folder.join(name);
        assert_eq!(mode(&path), 0o600, "{name}");
        assert_eq!(mode(path.parent().unwrap()), 0o700, "{name}");
    }
}
