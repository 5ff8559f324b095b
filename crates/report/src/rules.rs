//! What each obligation asks, in a sentence, for formats that list rules beside results.

/// Each id with its sentence, as `docs/check.md` and the design have them.
const RULES: &[(&str, &str)] = &[
    (
        "access.approved-works",
        "Every approved access works from somewhere.",
    ),
    (
        "audit.archive-immutable",
        "Nobody but the archive's administrators can change, expire or delete what was recorded.",
    ),
    (
        "audit.recorded",
        "Every allowed data request is recorded by a trail that delivers to the archive.",
    ),
    (
        "encryption.second-plane",
        "Every allowed read also needs a key use that is checked against the caller, and no administrator of the data can change that key's policy or grants.",
    ),
    (
        "encryption.separate-administration",
        "Nobody but the key's administrators can change its policy, grants, life or replicas.",
    ),
    (
        "encryption.unapproved-key-use",
        "Nobody but those approved can decrypt with the key or grant its use.",
    ),
    (
        "identity.confused-deputy",
        "No AWS service acts on the data for a foreign account.",
    ),
    (
        "identity.outside-organization",
        "Nobody outside the organization reaches the data.",
    ),
    (
        "identity.reserved-names",
        "Nobody but the named creators can create a principal that an approved pattern matches.",
    ),
    (
        "identity.unapproved-principal",
        "No principal of the organization reaches the data without approval.",
    ),
    (
        "identity.who-becomes",
        "Nobody but those named can obtain a session of an approved principal.",
    ),
    (
        "network.outbound",
        "Nothing outside the organization is written through its endpoints.",
    ),
    (
        "network.unexpected-source",
        "Approved principals reach the data from expected networks only.",
    ),
    (
        "organization.forbidden",
        "What the boundary forbids is refused to everybody.",
    ),
    (
        "resource.public",
        "No anonymous caller, and not just any AWS account, reaches the data.",
    ),
];

/// The sentence of an obligation; its id where it has none.
pub(crate) fn sentence(id: &str) -> &str {
    RULES
        .iter()
        .find(|(known, _)| *known == id)
        .map_or(id, |(_, sentence)| sentence)
}
