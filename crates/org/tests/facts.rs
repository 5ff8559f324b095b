//! Facts laid over each other, and organizations built from facts that no source would print.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test stops where it is wrong

use cofferdam_fixture::facts;
use cofferdam_org::build::build;
use cofferdam_org::fact::{Attribute, Entity, Facts, Kind, Known};
use cofferdam_text::Documents;
use proptest::prelude::*;

const KINDS: &[Kind] = &[
    Kind::Organization,
    Kind::Account,
    Kind::Unit,
    Kind::OrganizationPolicy,
    Kind::Role,
    Kind::User,
    Kind::Group,
    Kind::ManagedPolicy,
    Kind::Provider,
    Kind::PermissionSet,
    Kind::Bucket,
    Kind::Key,
    Kind::Queue,
    Kind::Endpoint,
    Kind::Trail,
];

const ATTRIBUTES: &[Attribute] = &[
    Attribute::Exists,
    Attribute::Account,
    Attribute::Parent,
    Attribute::PolicyTypes,
    Attribute::ServiceControlPolicies,
    Attribute::PolicyType,
    Attribute::Document,
    Attribute::Tags,
    Attribute::Trust,
    Attribute::InlinePolicies,
    Attribute::AttachedPolicies,
    Attribute::Boundary,
    Attribute::Groups,
    Attribute::ResourcePolicy,
    Attribute::PublicAccessBlock,
    Attribute::Encryption,
    Attribute::ObjectLock,
    Attribute::Lifecycle,
    Attribute::Grants,
    Attribute::Aliases,
    Attribute::MultiRegion,
    Attribute::Service,
    Attribute::TrailDescription,
    Attribute::Selectors,
    Attribute::Assignments,
    Attribute::AccessControlList,
];

const IDS: &[&str] = &[
    "",
    "o-a",
    "r-1",
    "ou-1",
    "p-1",
    "200000000002",
    "arn:aws:iam::200000000002:role/a",
    "arn:aws:iam::200000000002:user/a",
    "arn:aws:iam::200000000002:group/a",
    "arn:aws:s3:::b",
    "arn:aws:kms:eu-west-1:200000000002:key/k",
    "vpce-1",
    "arn:::::",
    "arn:aws:cloudtrail:eu-west-1:200000000002:trail/t",
];

const VALUES: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "\"\"",
    "\"r-1\"",
    "\"ou-1\"",
    "\"200000000002\"",
    "[]",
    "[null]",
    "{}",
    "[\"p-1\"]",
    "[\"a\"]",
    "[{\"Key\":\"k\",\"Value\":\"v\"}]",
    "{\"Statement\":[{}]}",
    "{\"Statement\":{\"Effect\":\"Allow\"}}",
    "[{\"PolicyName\":\"n\",\"PolicyDocument\":\"{\"}]",
    "[{\"PolicyArn\":\"arn:aws:iam::aws:policy/X\"}]",
    "{\"Algorithm\":\"aws:kms\",\"KeyId\":\"alias/a\"}",
    "{\"Mode\":1,\"Days\":\"x\"}",
    "[{\"Status\":\"Enabled\",\"Expiration\":{\"Days\":1}}]",
    "{\"AdvancedEventSelectors\":[{\"FieldSelectors\":[{}]}]}",
    "\"com.amazonaws.eu-west-1.s3\"",
    "[\"SERVICE_CONTROL_POLICY\"]",
    "\"arn:aws:iam::200000000002:policy/p\"",
];

type Row = (usize, usize, usize, usize);

fn arbitrary() -> impl Strategy<Value = Vec<Row>> {
    let row = (
        0..KINDS.len(),
        0..IDS.len(),
        0..ATTRIBUTES.len(),
        0..VALUES.len() + 2,
    );
    proptest::collection::vec(row, 0..60)
}

fn of(rows: &[Row]) -> Facts {
    let mut documents = Documents::new();
    let mut facts = Facts::new();
    for (kind, id, attribute, value) in rows {
        let known = match VALUES.get(*value) {
            Some(text) => {
                Known::Present(documents.read_json("v", text.as_bytes().to_vec()).unwrap())
            }
            None if *value == VALUES.len() => Known::Absent,
            None => Known::Unknown("why".into()),
        };
        facts.state(
            Entity::new(KINDS[*kind], IDS[*id]),
            ATTRIBUTES[*attribute],
            known,
        );
    }
    facts
}

proptest! {
    #[test]
    fn building_never_panics_and_lookups_never_loop(rows in arbitrary()) {
        let (organization, _) = build(&of(&rows));
        for account in organization.accounts.keys() {
            let _ = (organization.levels(*account), organization.account_path(*account));
        }
        for id in IDS {
            let _ = (organization.principal(id), organization.resource(id));
        }
        for resource in &organization.resources {
            prop_assert!(organization.resource(resource.arn.as_str()).is_some());
        }
    }

    #[test]
    fn facts_over_themselves_are_the_same(rows in arbitrary()) {
        let facts = of(&rows);
        let mut twice = facts.clone();
        twice.overlay(facts.clone());
        prop_assert_eq!(format!("{twice:?}"), format!("{facts:?}"));
    }
}

#[test]
fn a_later_fact_replaces_an_earlier_one_and_leaves_the_rest() {
    let (mut earlier, _) = facts(r#"buckets: {a: {account: "200000000002", tags: {k: v}}}"#);
    let bucket = Entity::new(Kind::Bucket, "arn:aws:s3:::a");
    let mut later = Facts::new();
    later.state(bucket.clone(), Attribute::Tags, Known::Absent);
    earlier.overlay(later);
    assert!(
        matches!(earlier.get(&bucket, Attribute::Tags), Known::Absent),
        "the later fact counts"
    );
    let account = earlier.get(&bucket, Attribute::Account);
    assert!(
        account.present().is_some(),
        "what the later source does not mention stays"
    );
}

#[test]
fn what_a_later_source_deletes_is_not_in_the_organization() {
    let (mut earlier, _) = facts(r#"buckets: {a: {account: "200000000002"}}"#);
    let mut later = Facts::new();
    later.state(
        Entity::new(Kind::Bucket, "arn:aws:s3:::a"),
        Attribute::Exists,
        Known::Absent,
    );
    earlier.overlay(later);
    assert!(build(&earlier).0.resources.is_empty());
}

#[test]
fn what_no_source_states_is_unknown_and_never_absent() {
    let mut documents = Documents::new();
    let node = documents.read_json("v", b"true".to_vec()).unwrap();
    let mut facts = Facts::new();
    let arn = "arn:aws:iam::200000000002:role/a";
    facts.state(
        Entity::new(Kind::Role, arn),
        Attribute::Exists,
        Known::Present(node),
    );
    let (organization, diagnostics) = build(&facts);
    let role = organization.principal(arn).unwrap();
    assert!(role.identity.unknown().is_some() && role.boundary.unknown().is_some());
    assert!(role.trust.unknown().is_some() && role.tags.unknown().is_some());
    assert!(diagnostics.is_empty(), "not knowing is no error");
}

/// The fixture's one key, whose grants are these.
fn grants(text: &str) -> Known<usize> {
    let key = "arn:aws:kms:eu-west-1:200000000002:key/k";
    let (facts, _) = facts(&format!("keys: {{\"{key}\": {{grants: {text}}}}}"));
    let (organization, _) = build(&facts);
    match &organization.resource(key).unwrap().details {
        cofferdam_org::model::Details::Key(key) => key.grants.as_ref().map(|grants| grants.len()),
        _ => Known::Absent,
    }
}

#[test]
fn a_grant_that_is_not_understood_makes_the_list_unknown() {
    let plain = "{GranteePrincipal: a, Operations: [Decrypt]}";
    assert_eq!(grants(&format!("[{plain}]")), Known::Present(1));
    assert!(
        grants(&format!("[{plain}, {{}}]")).unknown().is_some(),
        "no grantee"
    );
    let other = "{GranteePrincipal: a, Operations: [Decrypt], Constraints: {Other: {}}}";
    assert!(
        grants(&format!("[{other}]")).unknown().is_some(),
        "a constraint of another kind"
    );
}
