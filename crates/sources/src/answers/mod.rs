//! What each operation's answer states: one row per operation, one file per theme.

mod cloudtrail;
mod compute;
mod iam;
mod kms;
mod network;
mod organizations;
mod s3;
mod sso;
mod stores;

use cofferdam_org::fact::{Attribute, Entity, Kind, Known};
use cofferdam_text::Node;

use crate::operations;
use crate::sink::{Call, Sink, Unread};

pub(crate) use s3::retention;

/// How the answer of one operation is read.
pub(crate) struct Row {
    /// `kms.get-key-policy`.
    pub operation: &'static str,
    /// What the answer is about.
    pub about: About,
    /// Puts what the answer says into the sink.
    pub read: fn(&mut Sink, &Call, &Node),
}

/// What an answer is about, which says what is unknown without it.
pub(crate) enum About {
    /// It lists all things of these kinds, in the account or (organization-wide) at all.
    List { kinds: &'static [Kind], whole: bool },
    /// It states attributes of one thing, which the request names.
    One {
        kind: Kind,
        attributes: &'static [Attribute],
        entity: fn(&Call) -> Option<Entity>,
    },
    /// It is a part of attributes that several answers state together.
    Part { attributes: &'static [Attribute] },
}

const THEMES: &[&[Row]] = &[
    organizations::ROWS,
    iam::ROWS,
    sso::ROWS,
    s3::ROWS,
    kms::ROWS,
    stores::ROWS,
    network::ROWS,
    cloudtrail::ROWS,
    compute::ROWS,
];

/// The row of an operation; none for operations whose answers state no fact yet.
pub(crate) fn row(operation: &str) -> Option<&'static Row> {
    rows().find(|row| row.operation == operation)
}

/// Every row.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    THEMES.iter().flat_map(|rows| rows.iter())
}

/// The kinds of things that each account must be asked for.
pub(crate) fn listed_kinds() -> impl Iterator<Item = Kind> {
    rows().flat_map(|row| match row.about {
        About::List {
            kinds,
            whole: false,
        } => kinds.iter().copied(),
        _ => [].iter().copied(),
    })
}

/// Takes in one answer.
pub(crate) fn answer(sink: &mut Sink, row: &'static Row, call: &Call, response: &Node) {
    sink.misread = false;
    if response.as_object().is_none() {
        sink.misshapen(response, "the answer of an operation");
    } else {
        (row.read)(sink, call, response);
    }
    if sink.misread {
        unread(
            sink,
            row,
            call,
            "an answer has parts that could not be read",
        );
    }
    asked(sink, row, call);
}

/// Remembers that a list, or a part of gathered attributes, was asked for.
fn asked(sink: &mut Sink, row: &Row, call: &Call) {
    match row.about {
        About::List { kinds, whole } => {
            let account = if whole { "" } else { call.account };
            sink.listed
                .extend(kinds.iter().map(|kind| (account.into(), *kind)));
        }
        About::Part { attributes } => {
            sink.asked.extend(
                attributes
                    .iter()
                    .map(|attribute| (*attribute, call.account.into())),
            );
        }
        About::One { .. } => {}
    }
}

/// Takes in one refusal: absence where AWS documents the error so, else unknown.
pub(crate) fn refusal(sink: &mut Sink, row: &'static Row, call: &Call, code: &str, message: &str) {
    let known = operations::named(row.operation);
    let absent =
        known.is_some_and(|operation| operation.absent_codes.iter().any(|one| **one == *code));
    if !absent {
        return unread(sink, row, call, &why_unread(row.operation, code, message));
    }
    if let About::One {
        attributes, entity, ..
    } = row.about
        && let Some(entity) = entity(call)
    {
        attributes
            .iter()
            .for_each(|attribute| sink.absent(&entity, *attribute));
    }
    if matches!(row.about, About::Part { .. }) {
        asked(sink, row, call);
    }
}

/// The code of a call that was left out on purpose, by a collection of one thing alone.
const NOT_ASKED: &str = "NotAsked";

fn why_unread(operation: &str, code: &str, message: &str) -> String {
    match code {
        NOT_ASKED => format!("{operation} was not asked: {message}"),
        code => format!("{operation} was refused: {code} {message}"),
    }
}

/// What an answer that is not there leaves unknown.
pub(crate) fn unread(sink: &mut Sink, row: &'static Row, call: &Call, why: &str) {
    match row.about {
        About::List { kinds, whole } => {
            let account = if whole { "" } else { call.account };
            kinds
                .iter()
                .for_each(|kind| sink.facts.unlisted(account, *kind, why));
        }
        About::One {
            attributes, entity, ..
        } => match entity(call) {
            Some(entity) => unknown(sink, &entity, attributes, why),
            None => later(sink, row, call, why),
        },
        About::Part { attributes } => {
            let missing = attributes
                .iter()
                .map(|attribute| ((*attribute, call.account.into()), why.into()));
            sink.incomplete.extend(missing);
        }
    }
}

/// Makes attributes unknown that nothing states.
pub(crate) fn unknown(sink: &mut Sink, entity: &Entity, attributes: &[Attribute], why: &str) {
    for attribute in attributes {
        if !sink.stated(entity, *attribute) {
            sink.facts
                .state(entity.clone(), *attribute, Known::Unknown(why.into()));
        }
    }
}

fn later(sink: &mut Sink, row: &'static Row, call: &Call, why: &str) {
    let (account, region) = (call.account.into(), call.region.into());
    sink.unread.push(Unread {
        row,
        account,
        region,
        why: why.into(),
    });
}

/// Tags as KMS and others print them, with other member names.
fn tags(node: Option<&Node>, key: &str, value: &str) -> Option<Node> {
    let items = node?.as_array()?;
    let tag = |item: &Node| {
        let parts = vec![
            ("Key", item.get(key).cloned()),
            ("Value", item.get(value).cloned()),
        ];
        crate::sink::object(parts, item.origin)
    };
    Some(crate::sink::list(
        items.iter().map(tag).collect(),
        node?.origin,
    ))
}

/// `aws:kms` with a key, the AWS managed key without one.
pub(crate) fn kms_encryption(key: Option<&Node>, at: &Node) -> Node {
    let algorithm = crate::sink::text("aws:kms", at.origin);
    crate::sink::object(
        vec![("Algorithm", Some(algorithm)), ("KeyId", key.cloned())],
        at.origin,
    )
}
