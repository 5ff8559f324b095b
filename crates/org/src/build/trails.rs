//! CloudTrail trails and what they record.

use cofferdam_text::Node;

use super::access::{Builder, field, fields, truth};
use crate::fact::{Attribute, Entity, Kind, Known};
use crate::model::{AdvancedSelector, BasicSelector, FieldSelector, Selectors, Trail};

/// Every trail, in the order of the ARNs.
pub(super) fn trails(builder: &mut Builder) -> Vec<Trail> {
    let entities = builder.existing(Kind::Trail);
    entities
        .into_iter()
        .filter_map(|entity| trail(builder, entity))
        .collect()
}

fn trail(builder: &mut Builder, entity: &Entity) -> Option<Trail> {
    let arn = builder.arn(entity)?;
    let account = builder.account(entity, Some(&arn))?;
    let description = builder.get(entity, Attribute::TrailDescription);
    Some(Trail {
        name: trail_name(&description, arn.resource()),
        account,
        organization: part(&description, "IsOrganizationTrail", truth),
        multi_region: part(&description, "IsMultiRegionTrail", truth),
        home_region: part(&description, "HomeRegion", text),
        logging: builder.flag(entity, Attribute::Logging),
        bucket: optional(&description, "S3BucketName"),
        key: optional(&description, "KmsKeyId"),
        validation: part(&description, "LogFileValidationEnabled", truth),
        selectors: builder.shaped(entity, Attribute::Selectors, "event selectors", selectors),
        origin: builder.origin(entity),
        arn,
    })
}

fn trail_name(description: &Known<&Node>, resource: &str) -> Box<str> {
    let stated = description.present().and_then(|node| field(node, "Name"));
    stated.unwrap_or_else(|| resource.trim_start_matches("trail/").into())
}

fn text(node: &Node) -> Option<Box<str>> {
    node.text().map(Into::into)
}

/// A member that `describe-trails` always prints: one that is not there is unknown.
fn part<T>(description: &Known<&Node>, key: &str, read: fn(&Node) -> Option<T>) -> Known<T> {
    description
        .as_ref()
        .and_then(|node| match node.get(key).and_then(read) {
            Some(value) => Known::Present(value),
            None => Known::Unknown(format!("the trail's description does not state {key}").into()),
        })
}

/// A member that `describe-trails` leaves out where there is none.
fn optional(description: &Known<&Node>, key: &str) -> Known<Box<str>> {
    description.as_ref().and_then(|node| match node.get(key) {
        Some(value) => part(&Known::Present(*node), key, text).and_then(|text| {
            if value.is_null() || text.is_empty() {
                Known::Absent
            } else {
                Known::Present(text)
            }
        }),
        None => Known::Absent,
    })
}

fn selectors(node: &Node) -> Option<Selectors> {
    let advanced = every(node, "AdvancedEventSelectors", advanced_selector)?;
    if !advanced.is_empty() {
        return Some(Selectors::Advanced(advanced));
    }
    node.as_object()?;
    every(node, "EventSelectors", basic_selector).map(Selectors::Basic)
}

/// The elements of a list under a key; none if one of them cannot be read.
fn every<T>(node: &Node, key: &str, read: fn(&Node) -> Option<T>) -> Option<Vec<T>> {
    match node.get(key).filter(|list| !list.is_null()) {
        Some(list) => list.as_array()?.iter().map(read).collect(),
        None => Some(Vec::new()),
    }
}

fn basic_selector(node: &Node) -> Option<BasicSelector> {
    Some(BasicSelector {
        read_write: field(node, "ReadWriteType").unwrap_or_else(|| "All".into()),
        management: node
            .get("IncludeManagementEvents")
            .map_or(Some(true), truth)?,
        excluded_sources: fields(node, "ExcludeManagementEventSources")?,
        data: every(node, "DataResources", |item| {
            Some((field(item, "Type")?, fields(item, "Values")?))
        })?,
        origin: Some(node.origin),
    })
}

fn advanced_selector(node: &Node) -> Option<AdvancedSelector> {
    node.get("FieldSelectors")?;
    Some(AdvancedSelector {
        name: field(node, "Name"),
        fields: every(node, "FieldSelectors", field_selector)?,
        origin: Some(node.origin),
    })
}

fn field_selector(node: &Node) -> Option<FieldSelector> {
    Some(FieldSelector {
        field: field(node, "Field")?,
        equals: fields(node, "Equals")?,
        starts_with: fields(node, "StartsWith")?,
        ends_with: fields(node, "EndsWith")?,
        not_equals: fields(node, "NotEquals")?,
        not_starts_with: fields(node, "NotStartsWith")?,
        not_ends_with: fields(node, "NotEndsWith")?,
    })
}
