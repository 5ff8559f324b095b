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
pub(super) fn asked_of(actions: &[ActionName], resource: &str) -> Vec<ActionName> {
    let looked_at = actions.iter().take(ACTIONS_MAX);
    let fitting = looked_at.filter(|action| fits(&kinds(action, Sense::Kind), resource));
    fitting.cloned().collect()
}

/// Whether an action can be asked of a resource, by any of its kinds: what a verdict may rest on.
pub fn can_be_asked_of(action: &ActionName, resource: &str) -> bool {
    let kinds: Vec<Template> = all_kinds(action, Sense::Kind).collect();
    fits(&kinds, resource)
}

fn fits(kinds: &[Template], resource: &str) -> bool {
    let nothing = |_: &_| Lookup::Unknown;
    let mut kinds = kinds.iter();
    kinds.any(|kind| resource_accepts(kind, resource, &nothing) == Match::Yes)
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

/// Some of an action's kinds, enough for a witness.
pub(super) fn kinds(name: &ActionName, sense: Sense) -> Vec<Template> {
    all_kinds(name, sense).take(KINDS_MAX).collect()
}

/// The ARNs of an action's resource types, with `*` for each of their parts. Access points are left
/// out where an action has other kinds.
fn all_kinds(name: &ActionName, sense: Sense) -> impl Iterator<Item = Template> + use<> {
    let known = action(name.service(), name.name()).into_iter();
    let mut arns: Vec<&str> = known
        .flat_map(|known| known.resource_types().collect::<Vec<_>>())
        .filter_map(|kind| resource_type_arn(name.service(), kind.name))
        .collect();
    if arns.iter().any(|arn| !arn.contains("accesspoint")) {
        arns.retain(|arn| !arn.contains("accesspoint"));
    }
    let signs = Signs {
        wildcards: true,
        variables: false,
    };
    arns.into_iter()
        .filter_map(move |arn| Template::parse(&generic(arn, sense), signs).ok())
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
