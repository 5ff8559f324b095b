//! Which role a function, an instance or a task acts as, as templates say it.

use cofferdam_org::fact::Known;
use cofferdam_text::Node;

use super::parts::{Made, said, stated, whole};
use crate::sink::list;

/// The role of a function, which none is without.
pub(super) fn execution_role(made: &Made) -> Option<Known<Node>> {
    said(made, "Role")?;
    one(made, "Role")
}

/// Containers of a task act as its task role; the execution role is the agent's ("Amazon ECS task
/// execution IAM role").
pub(super) fn task_role(made: &Made) -> Option<Known<Node>> {
    one(made, "TaskRoleArn")
}

fn one(made: &Made, property: &str) -> Option<Known<Node>> {
    let Some(role) = said(made, property) else {
        return Some(Known::Absent);
    };
    let origin = role.origin;
    named(role).map(|role| role.map(|role| list(vec![role], origin)))
}

/// A name that is known only later is still the name of something of these stacks, or of nothing.
fn named(node: Node) -> Option<Known<Node>> {
    match node.as_str() {
        Some(_) => Some(Known::Present(node)),
        None => whole(node),
    }
}

/// The role in an instance profile, by name.
pub(super) fn roles(made: &Made) -> Option<Known<Node>> {
    match said(made, "Roles") {
        Some(roles) if roles.as_array().is_some() => Some(Known::Present(roles)),
        Some(roles) => whole(roles),
        None => Some(Known::Absent),
    }
}

/// An instance that names no profile may get one from its launch template ("RunInstances").
pub(super) fn instance_profile(made: &Made) -> Option<Known<Node>> {
    if let Some(profile) = said(made, "IamInstanceProfile") {
        return named(profile);
    }
    Some(match stated(made, "LaunchTemplate") {
        Some(_) => Known::Unknown("a launch template may name the instance profile".into()),
        None => Known::Absent,
    })
}
