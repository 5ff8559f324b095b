//! What CloudTrail writes down of an action, and under which type a selector must ask for it.
//!
//! AWS publishes this only as prose, one page a service. "CloudTrail cannot record it" and "the
//! pages do not settle it" are different answers, and both differ from "not in this catalogue".

use crate::rows::Row;
use crate::tables::{NETWORK_ACTIVITY, RECORDING};
use crate::words::words;

words! {
    /// The kind of event an action gives.
    EventCategory {
        /// A management event: trails have them unless their selectors leave them out.
        Management = "Management",
        /// A data event: only a trail that selects the resource type has it.
        Data = "Data",
        /// CloudTrail has no event for it.
        Unrecorded = "None",
        /// AWS's pages do not settle it.
        Unknown = "Unknown",
    }
}

/// What CloudTrail records of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recording {
    row: Row,
    category: EventCategory,
    read_only: Option<bool>,
}

/// What CloudTrail records of an action; `None` if this catalogue does not know.
pub fn recording(service: &str, action: &str) -> Option<Recording> {
    RECORDING.find(&[service, action]).and_then(Recording::of)
}

/// Whether CloudTrail has network activity events for an event source, such as
/// `kms.amazonaws.com`: without them a refusal by an endpoint policy leaves no trace ("Logging
/// network activity events"). `None` if that is not settled.
pub fn network_activity(source: &str) -> Option<bool> {
    NETWORK_ACTIVITY
        .find(&[source])
        .map(|row| row.column(1) == "yes")
}

impl Recording {
    fn of(row: Row) -> Option<Self> {
        let read_only = match row.column(6) {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        EventCategory::from_word(row.column(4)).map(|category| Self {
            row,
            category,
            read_only,
        })
    }

    /// The `eventSource`, such as `s3.amazonaws.com`.
    pub fn source(&self) -> &'static str {
        self.row.column(2)
    }

    /// The values of `eventName` that calls under this action have: `s3:GetObject` also gives
    /// `HeadObject`.
    pub fn event_names(&self) -> impl Iterator<Item = &'static str> {
        self.row.list(3)
    }

    /// The kind of event.
    pub fn category(&self) -> EventCategory {
        self.category
    }

    /// The `resources.type` that a selector must name; `None` unless it is a data event.
    pub fn resource_type(&self) -> Option<&'static str> {
        Some(self.row.column(5)).filter(|name| !name.is_empty())
    }

    /// The event's `readOnly`; `None` if it is not settled or differs between calls.
    pub fn read_only(&self) -> Option<bool> {
        self.read_only
    }

    /// The shape of `resources.ARN`; a listing of a bucket carries the bucket with a slash.
    pub fn resource_arn(&self) -> Option<&'static str> {
        Some(self.row.column(7)).filter(|shape| !shape.is_empty())
    }

    /// What else matters, or nothing.
    pub fn note(&self) -> &'static str {
        self.row.column(8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_actions::{all_data_actions, data_stores};

    #[track_caller]
    fn check(name: &str, category: EventCategory, kind: Option<&str>, read_only: Option<bool>) {
        let (service, action) = name.split_once(':').unwrap();
        let found = recording(service, action).unwrap_or_else(|| panic!("no recording of {name}"));
        let have = (found.category(), found.resource_type(), found.read_only());
        assert_eq!(
            have,
            (category, kind, read_only),
            "what CloudTrail records of {name}"
        );
    }

    /// "Logging data events", "Amazon S3 CloudTrail events", "Logging AWS KMS API calls".
    #[test]
    fn data_and_management_events() {
        use EventCategory::{Data, Management, Unknown};
        check("s3:GetObject", Data, Some("AWS::S3::Object"), Some(true));
        check("s3:PutObject", Data, Some("AWS::S3::Object"), Some(false));
        check("s3:PutBucketPolicy", Management, None, Some(false));
        check(
            "dynamodb:GetItem",
            Data,
            Some("AWS::DynamoDB::Table"),
            Some(true),
        );
        check(
            "dynamodb:GetRecords",
            Data,
            Some("AWS::DynamoDB::Stream"),
            Some(true),
        );
        check(
            "dynamodb:PartiQLSelect",
            Data,
            Some("AWS::DynamoDB::Table"),
            None,
        );
        check(
            "sqs:SendMessage",
            Data,
            Some("AWS::SQS::Queue"),
            Some(false),
        );
        check("sns:Publish", Data, Some("AWS::SNS::Topic"), Some(false));
        check(
            "lambda:InvokeFunction",
            Data,
            Some("AWS::Lambda::Function"),
            Some(false),
        );
        check(
            "kinesis:GetRecords",
            Data,
            Some("AWS::Kinesis::Stream"),
            Some(true),
        );
        check("kms:Decrypt", Management, None, Some(true));
        check("kms:CreateGrant", Management, None, Some(false));
        check(
            "secretsmanager:GetSecretValue",
            Management,
            None,
            Some(true),
        );
        check("logs:GetLogEvents", Unknown, None, None);
        assert_eq!(recording("glue", "GetTable"), None);
    }

    #[test]
    fn every_data_action_has_an_answer() {
        for store in data_stores() {
            for action in all_data_actions(store) {
                let name = format!("{store}:{}", action.name());
                let found = recording(store, action.name());
                let found = found.unwrap_or_else(|| panic!("no recording of {name}"));
                let is_data = found.category() == EventCategory::Data;
                assert_eq!(
                    found.resource_type().is_some(),
                    is_data,
                    "resources.type of {name}"
                );
                assert_eq!(
                    found.resource_arn().is_some(),
                    is_data,
                    "resources.ARN of {name}"
                );
                let named = found.event_names().count() > 0;
                assert_eq!(
                    named,
                    is_data || found.category() == EventCategory::Management
                );
            }
        }
    }

    /// "Logging network activity events".
    #[test]
    fn network_activity_events() {
        for (source, expected) in [
            ("kms.amazonaws.com", Some(true)),
            ("s3.amazonaws.com", Some(true)),
            ("sts.amazonaws.com", Some(false)),
            ("sqs.amazonaws.com", None),
        ] {
            assert_eq!(network_activity(source), expected, "{source}");
        }
    }
}
