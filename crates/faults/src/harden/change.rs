//! A change that closes attacks: what it says, how it is written, and the organization with it.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_names::AccountId;
use cofferdam_org::fact::Known;
use cofferdam_org::model::{
    AdvancedSelector, BasicSelector, FieldSelector, NamedPolicy, Organization, Selectors,
};
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::parse::parse;
use cofferdam_text::Documents;

/// What could be changed. In order: what keeps nobody from anything comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A trail records the data events of a store.
    Record {
        /// The trail, by its place.
        trail: usize,
        /// `resources.type` of the events.
        kind: String,
        /// What their `resources.ARN` starts with.
        under: String,
    },
    /// A service control policy of an account keeps those who attack from actions.
    Forbid {
        /// The account of those who act.
        account: AccountId,
        /// The actions.
        actions: Vec<String>,
        /// The resources, as policies name them.
        resources: Vec<String>,
    },
}

/// Changes, each with the principals that it is about.
pub type Changes = BTreeMap<Change, BTreeSet<String>>;

/// A copy of the organization with the changes.
pub fn with(org: &Organization, changes: &Changes) -> Organization {
    let mut org = org.clone();
    for (change, principals) in changes {
        match change {
            Change::Record { trail, kind, under } => record(&mut org, *trail, kind, under),
            Change::Forbid { account, .. } => {
                let statement = statement(&org, change, principals);
                forbid(&mut org, *account, &statement.1);
            }
        }
    }
    org
}

fn forbid(org: &mut Organization, account: AccountId, statement: &str) {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#);
    let Ok(node) = Documents::new().read_json("a proposed statement", text.into_bytes()) else {
        return;
    };
    let id = org.policies.add(NamedPolicy {
        name: "a proposed service control policy".into(),
        document: Known::Present(parse(&node, PolicyKind::ServiceControl).0),
        origin: None,
    });
    if let Some(account) = org.accounts.get_mut(&account)
        && let Known::Present(attached) = &mut account.attached.service_control
    {
        attached.push(id);
    }
}

fn record(org: &mut Organization, trail: usize, kind: &str, under: &str) {
    let Some(trail) = org.trails.get_mut(trail) else {
        return;
    };
    match &mut trail.selectors {
        Known::Present(Selectors::Advanced(selectors)) => selectors.push(advanced(kind, under)),
        Known::Present(Selectors::Basic(selectors)) => selectors.push(BasicSelector {
            read_write: "All".into(),
            management: false,
            excluded_sources: Vec::new(),
            data: vec![(kind.into(), vec![under.into()])],
            origin: None,
        }),
        // What a trail keeps of itself stays: it is not known, or management events.
        Known::Absent | Known::Unknown(_) => {}
    }
}

fn advanced(kind: &str, under: &str) -> AdvancedSelector {
    let equals = |field: &str, value: &str| FieldSelector {
        equals: vec![value.into()],
        ..field_of(field)
    };
    AdvancedSelector {
        name: None,
        fields: vec![
            equals("eventCategory", "Data"),
            equals("resources.type", kind),
            FieldSelector {
                starts_with: vec![under.into()],
                ..field_of("resources.ARN")
            },
        ],
        origin: None,
    }
}

fn field_of(field: &str) -> FieldSelector {
    FieldSelector {
        field: field.into(),
        equals: Vec::new(),
        starts_with: Vec::new(),
        ends_with: Vec::new(),
        not_equals: Vec::new(),
        not_starts_with: Vec::new(),
        not_ends_with: Vec::new(),
    }
}

/// Whether a trail's selectors can take one more of a type: basic ones know three types alone
/// ("Logging data events").
pub fn can_record(selectors: &Known<Selectors>, kind: &str) -> bool {
    match selectors {
        Known::Present(Selectors::Advanced(_)) => true,
        Known::Present(Selectors::Basic(_)) => BASIC_TYPES.contains(&kind),
        Known::Absent | Known::Unknown(_) => false,
    }
}

const BASIC_TYPES: [&str; 3] = [
    "AWS::S3::Object",
    "AWS::DynamoDB::Table",
    "AWS::Lambda::Function",
];

/// Where a change is written, and the JSON to add there.
pub fn statement(
    org: &Organization,
    change: &Change,
    principals: &BTreeSet<String>,
) -> (String, String) {
    match change {
        Change::Record { trail, kind, under } => {
            let trail = org.trails.get(*trail);
            let basic = trail
                .is_some_and(|one| matches!(one.selectors, Known::Present(Selectors::Basic(_))));
            let arn = trail.map(|trail| trail.arn.to_string()).unwrap_or_default();
            let written = match basic {
                true => format!(
                    r#"{{"ReadWriteType": "All", "IncludeManagementEvents": false, "DataResources": [{{"Type": "{kind}", "Values": ["{under}"]}}]}}"#
                ),
                false => format!(
                    r#"{{"FieldSelectors": [{{"Field": "eventCategory", "Equals": ["Data"]}}, {{"Field": "resources.type", "Equals": ["{kind}"]}}, {{"Field": "resources.ARN", "StartsWith": ["{under}"]}}]}}"#
                ),
            };
            (format!("event selectors of {arn}"), written)
        }
        Change::Forbid {
            account,
            actions,
            resources,
        } => {
            let written = format!(
                r#"{{"Effect": "Deny", "Action": {}, "Resource": {}, "Condition": {{"ArnEquals": {{"aws:PrincipalArn": {}}}}}}}"#,
                list(actions),
                list(resources),
                list(principals)
            );
            (
                format!("service control policy of account {account}"),
                written,
            )
        }
    }
}

/// A change as a sentence.
pub fn sentence(org: &Organization, change: &Change, principals: &BTreeSet<String>) -> String {
    match change {
        Change::Record { trail, kind, under } => {
            let trail = org.trails.get(*trail).map(|trail| trail.arn.to_string());
            let trail = trail.unwrap_or_default();
            format!("let the trail {trail} record the data events of {under} ({kind})")
        }
        Change::Forbid {
            account,
            actions,
            resources,
        } => format!(
            "in account {account}, keep {} from {} on {} by a service control policy",
            some_of(principals.iter()),
            some_of(actions.iter()),
            resources.first().map_or("", String::as_str)
        ),
    }
}

/// Names of AWS hold no character that JSON escapes.
fn list<'t>(texts: impl IntoIterator<Item = &'t String>) -> String {
    let quoted: Vec<String> = texts
        .into_iter()
        .map(|text| format!("\"{text}\""))
        .collect();
    match quoted.as_slice() {
        [one] => one.clone(),
        _ => format!("[{}]", quoted.join(", ")),
    }
}

fn some_of<'t>(mut texts: impl ExactSizeIterator<Item = &'t String>) -> String {
    let left = texts.len().saturating_sub(1);
    match texts.next() {
        Some(one) if left == 0 => one.clone(),
        Some(one) => format!("{one} and {left} more"),
        None => String::new(),
    }
}
