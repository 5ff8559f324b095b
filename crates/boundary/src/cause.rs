//! From ways in to causes: grouped, named, with what would close them.
//!
//! A cause is the set of permitting statements behind a witness. Identity policies are many and
//! alike, so where another layer also permits, its statements name the cause and the principals
//! are counted; findings then come one per cause and never one per principal.

use std::collections::BTreeMap;

use cofferdam_authz::layers::LayerId;
use cofferdam_authz::symbolic::Selector;
use cofferdam_findings::finding::{Cause, Reason};

use crate::ask::Raw;

/// A statement as findings show it.
pub fn reason(selector: &Selector) -> Reason {
    Reason {
        document: selector.document.to_string(),
        layer: selector.layer.id(),
        statement: selector.statement,
        sid: selector.sid.as_ref().map(ToString::to_string),
        effect: if selector.denies {
            "Deny".to_owned()
        } else {
            "Allow".to_owned()
        },
        origin: selector.origin,
    }
}

/// Groups ways in by what permits them.
pub fn causes(id: &str, raw: &[Raw]) -> Vec<Cause> {
    let mut groups: BTreeMap<(Option<&str>, Vec<Selector>), Vec<&Raw>> = BTreeMap::new();
    for one in raw {
        groups
            .entry((one.fault.as_deref(), naming(&one.permits)))
            .or_default()
            .push(one);
    }
    let mut causes: Vec<Cause> = groups
        .into_iter()
        .map(|((fault, naming), ways)| cause(id, fault, &naming, &ways))
        .collect();
    causes.sort_by(|left, right| {
        right
            .principals
            .cmp(&left.principals)
            .then(left.fingerprint.cmp(&right.fingerprint))
    });
    causes
}

/// How many principals a cause shows by name.
const SAMPLE: usize = 5;

fn cause(id: &str, fault: Option<&str>, naming: &[Selector], ways: &[&Raw]) -> Cause {
    let mut principals: Vec<&str> = ways
        .iter()
        .map(|way| way.principal.as_str())
        .filter(|name| !name.is_empty())
        .collect();
    principals.sort_unstable();
    principals.dedup();
    let first = ways.first();
    let mut because: Vec<Reason> = naming.iter().map(reason).collect();
    let others = first.into_iter().flat_map(|way| &way.permits);
    because.extend(
        others
            .filter(|permit| !naming.contains(permit) && !is_blanket(permit))
            .map(reason),
    );
    because.extend(first.into_iter().flat_map(|way| &way.shown).cloned());
    let named_by = fault.or_else(|| naming.first().map(|selector| &*selector.document));
    Cause {
        fingerprint: fingerprint(
            id,
            naming,
            fault.or(first.map(|way| way.principal.as_str())),
        ),
        origin: named_by
            .unwrap_or("no statement: the caller's own account allows it")
            .to_owned(),
        because,
        witness: first.map(|way| way.witness.clone()).unwrap_or_default(),
        principals: principals.len() as u64,
        sample: principals
            .into_iter()
            .take(SAMPLE)
            .map(str::to_owned)
            .collect(),
        would_fix: first
            .and_then(|way| way.fix.clone())
            .unwrap_or_else(|| fix(naming)),
        excepted_by: None,
    }
}

/// The statements that name a cause: those of the resource side if there are any, else those of
/// the caller's own policies. Blanket allows of organization and endpoint policies never do.
fn naming(permits: &[Selector]) -> Vec<Selector> {
    let of = |wanted: fn(LayerId) -> bool| -> Vec<Selector> {
        permits
            .iter()
            .filter(|permit| wanted(permit.layer))
            .cloned()
            .collect()
    };
    let resource_side = of(is_resource_side);
    if !resource_side.is_empty() {
        return resource_side;
    }
    of(|layer| layer == LayerId::Identity)
}

pub(crate) fn is_resource_side(layer: LayerId) -> bool {
    matches!(
        layer,
        LayerId::Resource
            | LayerId::KeyPolicy
            | LayerId::Trust
            | LayerId::Grant
            | LayerId::Acl
            | LayerId::AccessPoint
    )
}

pub(crate) fn is_blanket(selector: &Selector) -> bool {
    matches!(
        selector.layer,
        LayerId::ServiceControl
            | LayerId::ResourceControl
            | LayerId::PermissionsBoundary
            | LayerId::Endpoint
    )
}

fn fix(naming: &[Selector]) -> String {
    let Some(first) = naming.first() else {
        return "add a Deny for everybody but the approved principals to the resource's own policy"
            .to_owned();
    };
    let statement = match (&first.sid, first.statement) {
        (Some(sid), _) => format!("statement `{sid}`"),
        (None, Some(index)) => format!("statement {index}"),
        (None, None) => "it".to_owned(),
    };
    match first.layer {
        LayerId::Identity => format!(
            "narrow {statement} of {}, or deny everybody but the approved principals in the resource's own policy",
            first.document
        ),
        LayerId::Grant => format!("retire {}", first.document),
        LayerId::Acl => format!(
            "remove {}, or disable ACLs with BucketOwnerEnforced",
            first.document
        ),
        _ => format!("narrow or remove {statement} of {}", first.document),
    }
}

/// A name that stays as long as the cause does: obligation, dataset and permitting statements.
fn fingerprint(id: &str, naming: &[Selector], principal: Option<&str>) -> String {
    let mut text = id.to_owned();
    for selector in naming {
        let statement = selector.sid.as_deref().map(str::to_owned);
        let statement = statement
            .or_else(|| selector.statement.map(|index| index.to_string()))
            .unwrap_or_default();
        text.push_str(&format!(
            "|{}|{}|{statement}",
            selector.layer.id(),
            selector.document
        ));
    }
    if naming.is_empty() {
        text.push_str(principal.unwrap_or_default());
    }
    format!("{:016x}", fnv(text.as_bytes()))
}

/// FNV-1a, 64 bits: a fingerprint is a name, not a proof.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
