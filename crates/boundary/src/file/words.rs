//! The ids of obligations, so that a misspelled one in `lifts` is found when the file is read.
//!
//! An id that names nothing would lift nothing, silently, until its owner is surprised.

/// The ids that obligations have, those first that are asked today.
pub const OBLIGATIONS: &[&str] = &[
    "identity.outside-organization",
    "identity.unapproved-principal",
    "identity.who-becomes",
    "identity.reserved-names",
    "identity.confused-deputy",
    "network.unexpected-source",
    "network.outbound",
    "encryption.second-plane",
    "encryption.unapproved-key-use",
    "encryption.separate-administration",
    "audit.recorded",
    "audit.archive-immutable",
    "resource.public",
    "access.approved-works",
    "organization.forbidden",
    "independence.layers",
    "evidence.survives",
    "identity.foreign-resource",
    "identity.federation",
    "identity.on-behalf",
    "resource.sharing",
    "resource.indirect-delivery",
    "data.copies-inside",
    "boundary.exemption-tamper",
    "durability.destroy",
    "inventory.undeclared",
    "inventory.selector-safe",
];
