//! When S3 calls a bucket policy public.
//!
//! Source: "Blocking public access to your Amazon S3 storage", section "The meaning of public":
//! a statement is public if it grants to everyone and no condition ties the caller to fixed
//! values of the listed keys. One public statement makes the whole policy public. In the policy of
//! an access point a condition on access points fixes nobody (section "Access points").

use cofferdam_org::fact::Known;
use cofferdam_policy::ast::{
    Condition, Effect, PrincipalPattern, Principals, Quantifier, Statement, Test,
};
use cofferdam_policy::operand::{Operand, Part, Template};

use crate::layers::{LayerId, Sheet};

/// Keys whose fixed values make a grant to everyone non-public.
const FIXING_KEYS: [&str; 13] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// The widest IPv4 range that still counts as fixed.
const WIDEST_IPV4: u8 = 8;
/// The widest IPv6 range that still counts as fixed.
const WIDEST_IPV6: u8 = 32;

/// Whether the policy is public.
pub fn is_public(sheet: &Sheet<'_>) -> Known<bool> {
    let on_point = sheet.layer == LayerId::AccessPoint;
    match &sheet.policy.document {
        Known::Present(document) => {
            let mut unclear = None;
            for statement in document
                .statements
                .iter()
                .filter(|s| s.effect == Effect::Allow)
            {
                if let Some(why) = &statement.unreadable {
                    unclear = Some(why.clone());
                } else if is_public_statement(statement, on_point) {
                    return Known::Present(true);
                }
            }
            unclear.map_or(Known::Present(false), Known::Unknown)
        }
        Known::Absent => Known::Present(false),
        Known::Unknown(why) => Known::Unknown(why.clone()),
    }
}

fn is_public_statement(statement: &Statement, on_point: bool) -> bool {
    let everyone = match &statement.principals {
        Principals::Only(patterns) => patterns
            .iter()
            .any(|p| matches!(p, PrincipalPattern::Everyone | PrincipalPattern::EveryAws)),
        Principals::Except(_) => true,
        Principals::NotGiven => false,
    };
    let names_point = |condition: &Condition| {
        let key = condition.key.folded();
        on_point && key.starts_with(POINT_KEYS)
    };
    let fixes = |condition: &Condition| !names_point(condition) && fixes_the_caller(condition);
    everyone && !statement.conditions.iter().any(fixes)
}

/// How the keys begin that name an access point.
const POINT_KEYS: &str = "s3:dataaccesspoint";

fn fixes_the_caller(condition: &Condition) -> bool {
    let key = condition.key.to_string().to_ascii_lowercase();
    condition.operator.test == Test::Values
        && !condition.operator.negated
        && !condition.operator.if_exists
        && condition.operator.quantifier != Quantifier::All
        && (FIXING_KEYS.contains(&key.as_str()) || key == "s3:dataaccesspointaccount")
        && condition
            .operands
            .iter()
            .all(|operand| is_fixed(&key, operand))
}

fn is_fixed(key: &str, operand: &Operand) -> bool {
    match operand {
        Operand::Text { template, .. } => {
            is_literal(template) || key == "aws:userid" && starts_fixed(&template.parts)
        }
        // Of access points any name within a fixed account will do.
        Operand::Arn(fields) if key == "s3:dataaccesspointarn" => {
            fields.get(4).is_some_and(is_literal)
        }
        Operand::Arn(fields) => fields.iter().all(is_literal),
        Operand::Address(network) => {
            network.prefix
                >= if network.address.is_ipv4() {
                    WIDEST_IPV4
                } else {
                    WIDEST_IPV6
                }
        }
        Operand::BareAddress(_) => true,
        _ => false,
    }
}

fn is_literal(template: &Template) -> bool {
    template
        .parts
        .iter()
        .all(|part| matches!(part, Part::Literal(_)))
}

fn starts_fixed(parts: &[Part]) -> bool {
    matches!(parts.first(), Some(Part::Literal(text)) if text.contains(':'))
}
