//! Requests that make sense: the action is one that can be asked of the resource.
//!
//! A document taken alone does not care, and neither does a verdict; a person who reads a witness
//! does.

use cofferdam_catalog::{action, resource_type_arn};
use cofferdam_names::ActionName;
use cofferdam_policy::ast::ActionPattern;
use cofferdam_policy::matching::{Lookup, Match, resource_accepts};
use cofferdam_policy::operand::Template;
use cofferdam_policy::reading::Reading;
use cofferdam_policy::template::Signs;

/// For how many actions resources are looked at: a witness needs one, and a document that tells
/// more apart has witnesses enough among these.
const ACTIONS_MAX: usize = 64;

/// How many kinds of resources of one action are looked at: tagging takes nearly a hundred, and one
/// is enough to look real.
const KINDS_MAX: usize = 6;

/// How much sense is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// Also a Region and an account that look real.
    Full,
    /// A resource of a kind that the action has.
    Kind,
}

/// The actions that can be asked of a resource.
pub fn asked_of(actions: &[ActionName], resource: &str) -> Vec<ActionName> {
    let nothing = |_: &_| Lookup::Unknown;
    let accepts = |kind: &Template| resource_accepts(kind, resource, &nothing) == Match::Yes;
    let fits = |action: &&ActionName| kinds(action, Sense::Kind).iter().any(accepts);
    let looked_at = actions.iter().take(ACTIONS_MAX);
    looked_at.filter(fits).cloned().collect()
}

/// This resource, every sign of it a letter.
pub(super) fn exactly(resource: &str) -> Option<Template> {
    let signs = Signs {
        wildcards: false,
        variables: false,
    };
    Template::parse(resource, signs).ok()
}

/// That the request's resource is one of its action's kinds.
pub fn sensible<R: Reading>(reading: &mut R, actions: &[ActionName], sense: Sense) -> R::Truth {
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
pub(super) fn kinds(name: &ActionName, sense: Sense) -> Vec<Template> {
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
        .take(KINDS_MAX)
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
