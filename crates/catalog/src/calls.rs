//! Calls that need several permissions at once, and events whose name is not their action's.
//!
//! A developer knows calls, and CloudTrail writes calls down; policies speak of actions. Mostly the
//! two have one name. Where they do not, or where one call is several requests, a table says so. It
//! holds only what AWS documents: a call that is missing may need more than the action of its name.

use crate::actions::{action, services};
use crate::rows::Row;
use crate::tables::{CALLS, EVENT_NAMES, EVENT_RESOURCES, EVENT_VARIANTS, RECORDING};

/// One permission that a call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The action, as `service:Action`.
    pub action: &'static str,
    /// The parameter of the call that makes it needed and names its resource, as CloudTrail writes
    /// it; `None`: it is always needed.
    pub parameter: Option<&'static str>,
    /// The resource, with `${Resource}` for that of the call, `${Value}` for the parameter's value,
    /// `${Partition}`, `${Region}` and `${Account}`.
    pub resource: &'static str,
    /// In which case it is needed.
    pub when: &'static str,
    /// The title of AWS's page that says so.
    pub page: &'static str,
}

/// What a call needs, in the order of the table; empty if nobody wrote down more than the action of
/// its name.
pub fn needs(service: &str, call: &str) -> impl Iterator<Item = Need> + use<> {
    CALLS.starting(&[service, call]).map(need)
}

fn need(row: Row) -> Need {
    Need {
        action: row.column(2),
        parameter: Some(row.column(3)).filter(|name| !name.is_empty()),
        resource: row.column(4),
        when: row.column(5),
        page: row.column(6),
    }
}

/// Prefixes of event sources that differ from those of actions ("CloudTrail supported services and
/// integrations").
const SOURCES: [(&str, &str); 5] = [
    ("email", "ses"),
    ("metering-marketplace", "aws-marketplace"),
    ("monitoring", "cloudwatch"),
    ("rdsdata", "rds-data"),
    ("tagging", "tag"),
];

/// The action that an event of CloudTrail is about, as `service` and `Action`; `None` if no table
/// knows it.
pub fn action_of_event(source: &str, name: &str) -> Option<(&'static str, &'static str)> {
    if let Some(row) = EVENT_NAMES.find(&[source, name]) {
        return row.column(2).split_once(':');
    }
    let prefix = source.split('.').next().unwrap_or(source);
    let service = SOURCES
        .iter()
        .find(|(of, _)| *of == prefix)
        .map_or(prefix, |(_, service)| service);
    let found = action(service, name).or_else(|| action(service, undated(name)));
    found
        .map(|action| (action.service(), action.name()))
        .or_else(|| recorded_as(source, name))
}

/// The action that an event is about if it has a parameter, and that parameter: a read of one version
/// of an object needs another permission than a read of the newest.
pub fn variant_of_event(source: &str, name: &str) -> Option<(&'static str, &'static str)> {
    EVENT_VARIANTS
        .find(&[source, name])
        .map(|row| (row.column(2), row.column(3)))
}

/// How the parameters of a service's calls name a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventResource {
    /// The members of `requestParameters` that must all be there.
    pub parameters: Vec<&'static str>,
    /// The ARN, with `${1}`, `${2}` for their values, `${queue}` for the account and name in the URL of
    /// a queue, `${Partition}`, `${Region}` and `${Account}`. A value that is an ARN stands for the
    /// whole.
    pub resource: &'static str,
}

/// The ways of a service, those that need the most parameters first.
pub fn event_resources(service: &str) -> Vec<EventResource> {
    let rows = EVENT_RESOURCES.starting(&[service]);
    let mut ways: Vec<EventResource> = rows
        .map(|row| EventResource {
            parameters: row.list(1).collect(),
            resource: row.column(2),
        })
        .collect();
    ways.sort_by_key(|way| std::cmp::Reverse(way.parameters.len()));
    ways
}

/// The action of a store that is recorded under another name; none if several are, since the name
/// then does not tell which was asked for.
fn recorded_as(source: &str, name: &str) -> Option<(&'static str, &'static str)> {
    let is_one = |row: &Row| {
        row.column(2).eq_ignore_ascii_case(source)
            && row.list(3).any(|event| event.eq_ignore_ascii_case(name))
    };
    let mut rows = RECORDING.all().filter(is_one);
    let row = rows.next()?;
    rows.next()
        .is_none()
        .then(|| (row.column(0), row.column(1)))
}

/// AWS Lambda writes the version of its API behind the name: `GetFunction20150331v2` ("Logging AWS
/// Lambda API calls using AWS CloudTrail").
fn undated(name: &str) -> &str {
    let bare = name.rsplit_once('v').map_or(name, |(bare, version)| {
        let is_version = !version.is_empty()
            && version
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'_');
        if is_version { bare } else { name }
    });
    let cut = bare.trim_end_matches(|character: char| character.is_ascii_digit());
    if bare.len() - cut.len() == 8 {
        cut
    } else {
        name
    }
}

/// Whether a name may be a call: an action of the catalogue, a call of the table that is no action
/// (`s3:CopyObject`), or anything of a service that the catalogue does not know.
pub fn is_call(service: &str, name: &str) -> bool {
    action(service, name).is_some()
        || CALLS.find(&[service, name]).is_some()
        || services().all(|known| known != service)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::resource_types_of;

    #[track_caller]
    fn check(source: &str, name: &str, expected: Option<(&str, &str)>) {
        assert_eq!(action_of_event(source, name), expected, "{source} {name}");
    }

    /// "Amazon S3 CloudTrail events"; "Logging AWS Lambda API calls using AWS CloudTrail".
    #[test]
    fn events_become_actions() {
        check("s3.amazonaws.com", "GetObject", Some(("s3", "GetObject")));
        check("s3.amazonaws.com", "HeadObject", Some(("s3", "GetObject")));
        check(
            "s3.amazonaws.com",
            "ListBuckets",
            Some(("s3", "ListAllMyBuckets")),
        );
        check(
            "lambda.amazonaws.com",
            "GetFunction20150331v2",
            Some(("lambda", "GetFunction")),
        );
        check(
            "lambda.amazonaws.com",
            "CreateFunction20150331",
            Some(("lambda", "CreateFunction")),
        );
        check(
            "monitoring.amazonaws.com",
            "PutMetricData",
            Some(("cloudwatch", "PutMetricData")),
        );
        check("signin.amazonaws.com", "ConsoleLogin", None);
        check("dynamodb.amazonaws.com", "ExecuteStatement", None);
    }

    /// "Required permissions for Amazon S3 API operations".
    #[test]
    fn copying_reads_and_writes() {
        let needed: Vec<&str> = needs("s3", "copyobject").map(|need| need.action).collect();
        assert_eq!(
            needed,
            ["s3:GetObject", "s3:PutObject", "s3:PutObjectTagging"]
        );
        assert!(is_call("s3", "CopyObject") && action("s3", "CopyObject").is_none());
        assert!(!is_call("s3", "GetObjec"));
    }

    #[test]
    fn every_need_is_a_real_action_on_a_shape() {
        for row in CALLS.all() {
            let need = need(row);
            let (service, name) = need.action.split_once(':').unwrap();
            let found = action(service, name).unwrap_or_else(|| panic!("no {}", need.action));
            assert_eq!(found.name(), name);
            assert_eq!(
                need.parameter.is_some(),
                need.resource.contains("${Value}") || !need.when.starts_with("always"),
                "{need:?}"
            );
            assert!(resource_types_of(service).next().is_some(), "{need:?}");
        }
        let names = EVENT_NAMES.all().map(|row| row.column(2));
        for named in names.chain(EVENT_VARIANTS.all().map(|row| row.column(3))) {
            let (service, name) = named.split_once(':').unwrap();
            assert!(action(service, name).is_some(), "{named}");
        }
    }
}
