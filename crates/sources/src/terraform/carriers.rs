//! Which role a function, an instance or a task acts as, as resources say it.

use cofferdam_org::fact::Known;
use cofferdam_text::Node;

use super::parts::{made, value};
use super::resolve::{Resolver, Settled};
use crate::sink::{list, text};

/// The role of a function, which none is without.
pub(super) fn execution_role(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    resolver.text(at, "role")?;
    one(resolver, at, "role")
}

/// The role in an instance profile.
pub(super) fn profile_role(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    one(resolver, at, "role")
}

/// Containers of a task act as its task role; the execution role is the agent's ("Amazon ECS task
/// execution IAM role").
pub(super) fn task_role(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    one(resolver, at, "task_role_arn")
}

/// Without the attribute there is no role.
fn one(resolver: &Resolver, at: usize, attribute: &str) -> Option<Known<Node>> {
    let Some(role) = resolver.text(at, attribute) else {
        return Some(Known::Absent);
    };
    Some(named(&role).map(|node| list(vec![node], role.origin)))
}

/// A name that is known only later is still the name of something of this plan, or of nothing.
fn named(settled: &Settled) -> Known<Node> {
    match settled.text.is_empty() {
        true => Known::Absent,
        false => Known::Present(text(&settled.text, settled.origin)),
    }
}

/// An instance that names no profile may get one from its launch template ("RunInstances").
pub(super) fn instance_profile(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let written = resolver.expression(at, "iam_instance_profile").is_some();
    if written || !made(resolver, at) {
        let profile = resolver.text(at, "iam_instance_profile");
        return Some(profile.map_or(Known::Absent, |profile| named(&profile)));
    }
    let template = value(resolver, at, &["launch_template"]);
    let template = template.is_some_and(|template| !template.items().is_empty());
    Some(match template {
        true => Known::Unknown("a launch template may name the instance profile".into()),
        false => Known::Absent,
    })
}
