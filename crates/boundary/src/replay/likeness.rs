//! Which calls are alike for every policy: a log holds millions of calls and few kinds of them.
//!
//! Two calls are decided alike if no policy can tell them apart. So of each call only what some
//! policy tests makes its class: the condition keys that occur in policies, the session's name if a
//! policy names sessions, and of an object's key the answers of those patterns that accept some keys
//! of its bucket and not others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use cofferdam_authz::call::Call;
use cofferdam_catalog::needs;
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Organization, PolicyId};
use cofferdam_policy::ast::{Policy, PrincipalPattern, Principals, Resources, Statement};
use cofferdam_policy::operand::{Network, Operand, Part, Template};

use super::holds;

/// What policies can tell apart.
#[derive(Clone, Debug, Default)]
pub struct Likeness {
    keys: BTreeSet<Box<str>>,
    names_sessions: bool,
    patterns: BTreeSet<Box<str>>,
    /// Networks that policies or the boundary tell apart, and whether one tests addresses otherwise.
    networks: Vec<Network>,
    tests_addresses: bool,
    /// The patterns that tell keys of a bucket apart, by the beginning of their ARNs.
    buckets: BTreeMap<Box<str>, Vec<Box<str>>>,
}

/// Buckets that are kept; names in a log come from outside.
const BUCKETS_MAX: usize = 100_000;

/// Signs inside a pattern that stand for text of the request; real ARNs hold neither.
const ONE: char = '\u{1}';
const MANY: char = '\u{2}';
/// A variable: any text, but which depends on the call.
const VARIABLE: char = '\u{3}';

/// Keys whose presence decides which network a call may have come from, tested or not.
const OF_NETWORK: [&str; 3] = ["aws:sourceip", "aws:sourcevpce", "aws:sourcevpc"];

/// Keys whose values are addresses.
const ADDRESSES: [&str; 2] = ["aws:sourceip", "aws:vpcsourceip"];

/// Keys that follow from the caller's session.
const OF_SESSION: [&str; 2] = ["aws:userid", "sts:rolesessionname"];

impl Likeness {
    /// What the policies of an organization can tell apart.
    pub fn of(org: &Organization) -> Likeness {
        Likeness::default().with(org)
    }

    fn with(mut self, org: &Organization) -> Likeness {
        let idle = idle(org);
        for (id, policy) in org.policies.all() {
            if let Known::Present(document) = &policy.document
                && !idle.contains(&id)
            {
                self.add(document);
            }
        }
        self
    }

    /// Adds what a policy of another time can tell apart; says whether that is anything new.
    pub fn add(&mut self, policy: &Policy) -> bool {
        let before = self.size();
        policy.statements.iter().for_each(|one| self.statement(one));
        self.buckets.clear();
        before != self.size()
    }

    /// Tells addresses inside a network from those outside, though no policy may.
    pub fn tell_apart(&mut self, network: Network) {
        if !self.networks.contains(&network) {
            self.networks.push(network);
        }
    }

    fn size(&self) -> (usize, usize, usize, bool) {
        let (keys, patterns) = (self.keys.len(), self.patterns.len());
        (keys, patterns, self.networks.len(), self.names_sessions)
    }

    fn statement(&mut self, statement: &Statement) {
        if let Principals::Only(who) | Principals::Except(who) = &statement.principals {
            let names_session = |one: &PrincipalPattern| matches!(one, PrincipalPattern::Arn(arn) if arn.service() == "sts");
            self.names_sessions |= who.iter().any(names_session);
        }
        if let Resources::Only(patterns) | Resources::Except(patterns) = &statement.resources {
            for pattern in patterns {
                let text = self.text(pattern);
                self.patterns.insert(text);
            }
        }
        for condition in &statement.conditions {
            self.keys.insert(condition.key.folded().into());
            let is_address = ADDRESSES.contains(&condition.key.folded());
            for operand in &condition.operands {
                match operand {
                    Operand::Address(network) if is_address => self.tell_apart(*network),
                    _ if is_address => self.tests_addresses = true,
                    Operand::Text { template, .. } => drop(self.text(template)),
                    Operand::Arn(fields) => fields.iter().for_each(|one| drop(self.text(one))),
                    _ => {}
                }
            }
        }
    }

    /// A template as text, its variables noted.
    fn text(&mut self, template: &Template) -> Box<str> {
        let mut text = String::new();
        for part in &template.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::One => text.push(ONE),
                Part::Many => text.push(MANY),
                Part::Variable { key, .. } => {
                    self.keys.insert(key.folded().into());
                    text.push(VARIABLE);
                }
            }
        }
        text.into()
    }

    /// What stands for the class of a call: calls with equal texts are decided alike.
    pub fn class(&mut self, call: &Call) -> String {
        let mut class = String::with_capacity(256);
        let session = OF_SESSION.iter().any(|key| self.keys.contains(*key));
        let principal = match self.names_sessions || session {
            true => call.principal.as_str(),
            false => role_of(&call.principal),
        };
        let _ = write!(class, "{principal}|{}|", call.name);
        self.resource(&mut class, call.resource.as_deref());
        let _ = write!(class, "|{:?}|", call.forwarded_by);
        for (key, values) in &call.context {
            self.key(&mut class, key.folded(), values);
        }
        if !call.parameters.is_empty() {
            for name in
                needs(call.name.service(), call.name.name()).filter_map(|need| need.parameter)
            {
                let _ = write!(class, "{:?}|", call.parameters.get(name));
            }
        }
        let _ = write!(class, "{:?}", call.answer);
        class
    }

    /// A key if something tests it; an address by the networks that hold it.
    fn key(&self, class: &mut String, key: &str, values: &[Box<str>]) {
        let by_network = ADDRESSES.contains(&key) && !self.tests_addresses;
        let tested = self.keys.contains(key) && !by_network;
        if tested || by_network || OF_NETWORK.contains(&key) {
            class.push_str(key);
        }
        if by_network {
            let address = values.first().and_then(|value| value.parse().ok());
            for network in &self.networks {
                let inside = address.is_some_and(|address| holds(network, address));
                class.push(if inside { '1' } else { '0' });
            }
        }
        // Which endpoint it was decides more than the key that names it.
        if tested || key == "aws:sourcevpce" {
            let _ = write!(class, "={values:?}");
        }
        class.push('|');
    }

    /// An object by its bucket and the patterns that accept it, everything else by its name.
    fn resource(&mut self, class: &mut String, resource: Option<&str>) {
        let Some(resource) = resource else {
            return class.push('-');
        };
        let object = resource
            .split_once(":s3:::")
            .and_then(|(_, rest)| rest.find('/'));
        let Some(slash) = object else {
            return class.push_str(resource);
        };
        let start = resource.find(":s3:::").map_or(0, |at| at + ":s3:::".len());
        let Some(beginning) = resource.get(..=start + slash) else {
            return class.push_str(resource);
        };
        let telling = self.telling(beginning);
        // What a variable stands for may be any part of the key.
        if telling.iter().any(|pattern| pattern.contains(VARIABLE)) {
            return class.push_str(resource);
        }
        class.push_str(beginning);
        for pattern in telling {
            class.push(if accepts(pattern, resource) { '1' } else { '0' });
        }
    }

    /// Patterns that accept some of what begins so, and not all of it.
    fn telling(&mut self, beginning: &str) -> &[Box<str>] {
        if !self.buckets.contains_key(beginning) {
            if self.buckets.len() >= BUCKETS_MAX {
                self.buckets.clear();
            }
            let all = self.patterns.iter();
            let telling = all
                .filter(|pattern| tells_apart(pattern, beginning))
                .cloned()
                .collect();
            self.buckets.insert(beginning.into(), telling);
        }
        self.buckets
            .get(beginning)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

/// Managed policies that nobody has: every organization knows AWS's, and few of them are attached.
fn idle(org: &Organization) -> BTreeSet<PolicyId> {
    let mut idle: BTreeSet<PolicyId> = org.managed.values().copied().collect();
    for principal in &org.principals {
        let of = |known: &Known<Vec<PolicyId>>| known.present().cloned().unwrap_or_default();
        let boundary = principal.boundary.present().copied();
        for used in of(&principal.identity).into_iter().chain(boundary) {
            idle.remove(&used);
        }
    }
    idle
}

/// A session by its role, any other caller by its name.
fn role_of(principal: &str) -> &str {
    match principal.split_once(":assumed-role/") {
        Some((_, rest)) => {
            let name = rest.find('/').unwrap_or(rest.len());
            let end = principal.len() - rest.len() + name;
            principal.get(..end).unwrap_or(principal)
        }
        None => principal,
    }
}

/// Whether a pattern may accept some of the texts that begin so, and not all.
fn tells_apart(pattern: &str, beginning: &str) -> bool {
    let fixed = pattern
        .split([ONE, MANY, VARIABLE])
        .next()
        .unwrap_or_default();
    if fixed.len() == pattern.len() {
        return pattern.starts_with(beginning);
    }
    let may_meet = fixed.starts_with(beginning) || beginning.starts_with(fixed);
    let accepts_all = pattern.ends_with(MANY) && accepts(pattern, beginning);
    may_meet && !accepts_all
}

/// Whether a pattern accepts a text.
fn accepts(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // After the last star: the pattern behind it, and the text that it has not taken.
    let mut star: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let sign = pattern.next();
        let found = text.clone().next();
        match (sign, found) {
            (None, None) => return true,
            (Some(MANY | VARIABLE), _) => star = Some((pattern.clone(), text.clone())),
            (Some(sign), Some(found)) if sign == ONE || sign == found => {
                text.next();
            }
            _ => {
                let Some((after, rest)) = &mut star else {
                    return false;
                };
                if rest.next().is_none() {
                    return false;
                }
                (pattern, text) = (after.clone(), rest.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        let pattern = pattern
            .replace('*', &MANY.to_string())
            .replace('?', &ONE.to_string());
        assert_eq!(accepts(&pattern, text), expected, "{pattern:?} {text}");
    }

    #[test]
    fn patterns() {
        check("a*c", "abc", true);
        check("a*c", "ab", false);
        check("*", "", true);
        check("a?c*", "abcd", true);
        check("*b*b", "abab", true);
        check("*b*b", "aba", false);
    }

    #[test]
    fn only_patterns_that_differ_within_a_bucket_count() {
        let tells = |pattern: &str| {
            tells_apart(&pattern.replace('*', &MANY.to_string()), "arn:aws:s3:::b/")
        };
        assert!(!tells("arn:aws:s3:::b/*") && !tells("*") && !tells("arn:aws:s3:::c/*"));
        assert!(!tells("arn:aws:s3:::b"));
        assert!(
            tells("arn:aws:s3:::b/x/*") && tells("arn:aws:s3:::*/x") && tells("arn:aws:s3:::b/k")
        );
    }

    #[test]
    fn sessions_of_a_role() {
        assert_eq!(
            role_of("arn:aws:sts::1:assumed-role/r/s"),
            "arn:aws:sts::1:assumed-role/r"
        );
        assert_eq!(role_of("arn:aws:iam::1:user/u"), "arn:aws:iam::1:user/u");
    }
}
