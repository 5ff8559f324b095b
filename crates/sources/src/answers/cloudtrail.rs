//! CloudTrail: trails, whether they log, and what they record.
//!
//! An organization trail shows as a shadow in every member account and Region. What its own
//! account says counts; what others say is taken only where its own account says nothing.

use cofferdam_org::fact::{Attribute, Entity, Kind};
use cofferdam_text::Node;

use super::{About, Row};
use crate::sink::{Call, Sink, text};

/// A row about one trail.
const fn trail(attributes: &'static [Attribute]) -> About {
    About::One {
        kind: Kind::Trail,
        attributes,
        entity: asked,
    }
}

pub(super) const ROWS: &[Row] = &[
    Row {
        operation: "cloudtrail.describe-trails",
        about: About::List {
            kinds: &[Kind::Trail],
            whole: false,
        },
        read: trails,
    },
    Row {
        operation: "cloudtrail.get-trail-status",
        about: trail(&[Attribute::Logging]),
        read: status,
    },
    Row {
        operation: "cloudtrail.get-event-selectors",
        about: trail(&[Attribute::Selectors]),
        read: selectors,
    },
];

/// A trail is named by ARN or, in its own account and Region, by name.
fn asked(call: &Call) -> Option<Entity> {
    let name = call.asked("TrailName").or_else(|| call.asked("Name"))?;
    Some(Entity::new(
        Kind::Trail,
        call.arn("cloudtrail", "trail/", name),
    ))
}

/// Account and Region of a trail's ARN.
fn home(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.split(':').skip(3);
    let region = parts.next()?;
    Some((parts.next()?, region))
}

fn trails(sink: &mut Sink, call: &Call, answer: &Node) {
    for node in sink.list(answer, "trailList") {
        let Some(arn) = sink.need(node, "TrailARN") else {
            continue;
        };
        let Some((account, region)) = home(arn) else {
            sink.misshapen(node, "a trail with an ARN");
            continue;
        };
        let entity = sink.exists(
            &Call {
                account,
                region,
                ..*call
            },
            Kind::Trail,
            arn,
            node,
        );
        let account = text(account, node.origin);
        sink.present(&entity, Attribute::Account, account);
        own(sink, call, &entity, Attribute::TrailDescription, node);
    }
}

/// States what the trail's own account says, over what any other said.
fn own(sink: &mut Sink, call: &Call, entity: &Entity, attribute: Attribute, node: &Node) {
    match home(&entity.id) {
        Some((account, _)) if account == call.account => {
            sink.present(entity, attribute, node.clone())
        }
        _ => sink.weak(entity, attribute, node.clone()),
    }
}

fn status(sink: &mut Sink, call: &Call, answer: &Node) {
    let Some(entity) = asked(call) else {
        return sink.misshapen(answer, "a call with `Name`");
    };
    match answer.get("IsLogging") {
        Some(node) => own(sink, call, &entity, Attribute::Logging, node),
        None => sink.misshapen(answer, "an object with `IsLogging`"),
    }
}

fn selectors(sink: &mut Sink, call: &Call, answer: &Node) {
    let stated = answer
        .get("TrailARN")
        .and_then(Node::as_str)
        .map(|arn| Entity::new(Kind::Trail, arn));
    match stated.or_else(|| asked(call)) {
        Some(entity) => own(sink, call, &entity, Attribute::Selectors, answer),
        None => sink.misshapen(answer, "an object with `TrailARN`"),
    }
}
