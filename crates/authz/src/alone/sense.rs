//! Requests that make sense: the action is one that can be asked of the resource.
//!
//! A document taken alone does not care, and neither does a verdict; a person who reads a witness
//! does.

use cofferdam_catalog::{action, resource_type_arn};
use cofferdam_names::ActionName;
use cofferdam_policy::ast::ActionPattern;
use cofferdam_policy::operand::Template;
use cofferdam_policy::reading::Reading;
use cofferdam_policy::template::Signs;

/// For how many actions resources are looked at: a witness needs one, and a document that tells
/// more apart has witnesses enough among these.
const ACTIONS_MAX: usize = 64;

/// How much sense is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    /// Also a Region and an account that look real.
    Full,
    /// A resource of a kind that the action has.
    Kind,
}

/// That the request's resource is one of its action's kinds.
pub(super) fn sensible<R: Reading>(
    reading: &mut R,
    actions: &[ActionName],
    sense: Sense,
) -> R::Truth {
    reading.any(actions.iter().take(ACTIONS_MAX), |reading, name| {
        let this = reading.action(&[ActionPattern::Of {
            service: name.service().into(),
            name: name.name().to_ascii_lowercase().into(),
        }]);
        let kinds = kinds(name, sense);
        let resource = reading.resource(&kinds);
        reading.and(this, resource)
    })
}

/// The ARNs of an action's resource types, with `*` for each of their parts. Access points are left
/// out where an action has other kinds.
fn kinds(name: &ActionName, sense: Sense) -> Vec<Template> {
    let Some(known) = action(name.service(), name.name()) else {
        return Vec::new();
    };
    let mut arns: Vec<&str> = known
        .resource_types()
        .filter_map(|kind| resource_type_arn(name.service(), kind.name))
        .collect();
    if arns.iter().any(|arn| !arn.contains("accesspoint")) {
        arns.retain(|arn| !arn.contains("accesspoint"));
    }
    let signs = Signs {
        wildcards: true,
        variables: false,
    };
    let templates = arns
        .into_iter()
        .filter_map(|arn| Template::parse(&generic(arn, sense), signs).ok());
    templates.collect()
}

/// `arn:${Partition}:s3:::${BucketName}` with something for each part.
fn generic(arn: &str, sense: Sense) -> String {
    let mut text = String::new();
    let mut rest = arn;
    while let Some((before, after)) = rest.split_once("${") {
        let (part, next) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        text.push_str(match (part, sense) {
            ("Partition", _) => "aws",
            ("Region", Sense::Full) => "eu-west-1",
            ("Account", Sense::Full) => "111122223333",
            _ => "*",
        });
        rest = next;
    }
    text + rest
}
