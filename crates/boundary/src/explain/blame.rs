//! What AWS named as the reason, held against what the sources say.
//!
//! Of several kinds of policies that deny, AWS names one, and of several policies of a kind none or
//! one; so the sources agree if the named kind is among those that refuse ("Troubleshoot access
//! denied error messages").

use cofferdam_authz::call::{Answered, Blame, BlamedKind, Call};
use cofferdam_authz::layers::LayerId;
use cofferdam_findings::story::{AwsSaid, LayerTold, Story};
use cofferdam_org::model::Organization;

/// What AWS answered, if the call says so.
pub(super) fn aws_said(org: &Organization, call: &Call, story: &Story) -> Option<AwsSaid> {
    match &call.answer {
        Answered::NotTold => None,
        Answered::Passed => Some(passed(story)),
        Answered::Refused(blame) => Some(refused(org, blame, story)),
    }
}

fn passed(story: &Story) -> AwsSaid {
    let (agrees, why) = match story.decision {
        "allowed" => (Some(true), "the sources allow it too"),
        "undecided" => (None, "what the event does not say decides it"),
        _ => (Some(false), SOURCES_DIFFER),
    };
    AwsSaid {
        words: "passed".to_owned(),
        policy: None,
        agrees,
        why: why.to_owned(),
    }
}

/// Why an answer of AWS and the sources may differ.
const SOURCES_DIFFER: &str = "the sources say otherwise; they were read at another time, or the \
                              request carried something that is not told (a session policy, a \
                              condition key)";

fn refused(org: &Organization, blame: &Blame, story: &Story) -> AwsSaid {
    let kind = blame
        .kind
        .map_or("policy that is not named", BlamedKind::words);
    let words = match blame.explicit {
        Some(true) => format!("refused, with an explicit deny in the {kind}"),
        Some(false) => format!("refused, because no {kind} allows it"),
        None => "refused, without a reason".to_owned(),
    };
    let (agrees, why) = match blame.kind {
        Some(kind) => of_kind(org, blame, kind, story),
        None => by_outcome(story),
    };
    AwsSaid {
        words,
        policy: blame.policy.clone(),
        agrees,
        why,
    }
}

fn by_outcome(story: &Story) -> (Option<bool>, String) {
    match story.decision {
        "allowed" => (Some(false), SOURCES_DIFFER.to_owned()),
        "undecided" => (None, "what is not known decides it".to_owned()),
        _ => (Some(true), "the sources refuse it too".to_owned()),
    }
}

/// Whether a layer of the named kind refuses in the named way.
fn of_kind(
    org: &Organization,
    blame: &Blame,
    kind: BlamedKind,
    story: &Story,
) -> (Option<bool>, String) {
    let expected = match blame.explicit {
        Some(true) => "denies",
        _ => "does_not_allow",
    };
    let layers = story.requests.iter().flat_map(|request| &request.layers);
    let named: Vec<&LayerTold> = layers
        .filter(|said| of_id(said.layer).is_some_and(|layer| kind.covers(layer)))
        .collect();
    let words = kind.words();
    if named.iter().any(|said| said.outcome == expected) {
        return named_policy(org, blame, story, words);
    }
    if named.iter().any(|said| said.outcome == "undecided") {
        return (
            None,
            format!("whether the {words} refuses hangs on what is not known"),
        );
    }
    match story.decision {
        "allowed" => (Some(false), SOURCES_DIFFER.to_owned()),
        _ => (
            Some(false),
            format!("in the sources no {words} refuses it in that way, but they do refuse it"),
        ),
    }
}

/// A named policy must be among those that refuse.
fn named_policy(
    org: &Organization,
    blame: &Blame,
    story: &Story,
    words: &str,
) -> (Option<bool>, String) {
    let Some(arn) = &blame.policy else {
        return (
            Some(true),
            format!("in the sources the {words} refuses it too"),
        );
    };
    let id = arn.rsplit('/').next().unwrap_or(arn);
    let found = org
        .managed
        .get(arn.as_str())
        .or(org.organization_policies.get(id));
    let Some(name) = found.map(|found| &*org.policies.get(*found).name) else {
        return (
            None,
            format!("the {words} refuses it, but {arn} is not in the sources"),
        );
    };
    let reasons = story.requests.iter().flat_map(|request| &request.because);
    match reasons.into_iter().any(|reason| reason.document == name) {
        true => (Some(true), format!("in the sources {name} refuses it too")),
        false => (
            Some(false),
            format!("in the sources another {words} refuses it, and {name} does not"),
        ),
    }
}

const LAYERS: [LayerId; 13] = [
    LayerId::ServiceControl,
    LayerId::ResourceControl,
    LayerId::Identity,
    LayerId::PermissionsBoundary,
    LayerId::Session,
    LayerId::Trust,
    LayerId::Resource,
    LayerId::Acl,
    LayerId::BlockPublicAccess,
    LayerId::AccessPoint,
    LayerId::Endpoint,
    LayerId::KeyPolicy,
    LayerId::Grant,
];

fn of_id(id: &str) -> Option<LayerId> {
    LAYERS.into_iter().find(|layer| layer.id() == id)
}
