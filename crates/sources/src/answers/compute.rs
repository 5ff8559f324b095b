//! Instances, task definitions and clusters: what acts as which role.

use cofferdam_org::fact::{Attribute, Entity, Kind};
use cofferdam_text::Node;

use super::{About, Row};
use crate::sink::{Call, Sink, list};

/// A list of one kind in an account.
const fn all(kinds: &'static [Kind]) -> About {
    About::List {
        kinds,
        whole: false,
    }
}

pub(super) const ROWS: &[Row] = &[
    Row {
        operation: "ec2.describe-instances",
        about: all(&[Kind::Instance]),
        read: instances,
    },
    Row {
        operation: "ssm.describe-instance-information",
        about: all(&[Kind::ManagedNode]),
        read: managed_nodes,
    },
    Row {
        operation: "ecs.list-clusters",
        about: all(&[Kind::Cluster]),
        read: clusters,
    },
    Row {
        operation: "ecs.list-task-definitions",
        about: all(&[Kind::TaskDefinition]),
        read: task_definitions,
    },
    Row {
        operation: "ecs.describe-task-definition",
        about: About::One {
            kind: Kind::TaskDefinition,
            attributes: &[Attribute::Roles],
            entity: asked_task_definition,
        },
        read: task_definition,
    },
];

/// What is terminated is listed for a while, and can do nothing ("Amazon EC2 instance state
/// changes").
fn instances(sink: &mut Sink, call: &Call, answer: &Node) {
    for reservation in sink.list(answer, "Reservations") {
        for node in sink.list(reservation, "Instances") {
            let state = node.get("State").and_then(|state| state.get("Name"));
            if state.and_then(Node::text) != Some("terminated") {
                instance(sink, call, node);
            }
        }
    }
}

fn instance(sink: &mut Sink, call: &Call, node: &Node) {
    let Some(id) = sink.need(node, "InstanceId") else {
        return;
    };
    let arn = call.arn("ec2", "instance/", id);
    let entity = sink.exists(call, Kind::Instance, arn, node);
    let profile = node.get("IamInstanceProfile");
    let profile = profile.and_then(|profile| profile.get("Arn"));
    sink.put(&entity, Attribute::InstanceProfile, profile);
}

/// Nodes outside EC2 are named `mi-…`, and no role of EC2 is theirs ("DescribeInstanceInformation").
fn managed_nodes(sink: &mut Sink, call: &Call, answer: &Node) {
    for node in sink.list(answer, "InstanceInformationList") {
        let id = sink.need(node, "InstanceId");
        if let Some(id) = id.filter(|id| id.starts_with("i-")) {
            let arn = call.arn("ec2", "instance/", id);
            sink.exists(call, Kind::ManagedNode, arn, node);
        }
    }
}

fn clusters(sink: &mut Sink, call: &Call, answer: &Node) {
    by_arn(sink, call, answer, "clusterArns", Kind::Cluster);
}

fn task_definitions(sink: &mut Sink, call: &Call, answer: &Node) {
    by_arn(
        sink,
        call,
        answer,
        "taskDefinitionArns",
        Kind::TaskDefinition,
    );
}

fn by_arn(sink: &mut Sink, call: &Call, answer: &Node, key: &str, kind: Kind) {
    for node in sink.list(answer, key) {
        match node.as_str() {
            Some(arn) => drop(sink.exists(call, kind, arn, node)),
            None => sink.misshapen(node, "an ARN"),
        }
    }
}

fn asked_task_definition(call: &Call) -> Option<Entity> {
    let arn = call.asked("taskDefinition")?;
    let named = arn.starts_with("arn:");
    named.then(|| Entity::new(Kind::TaskDefinition, arn))
}

/// Containers of a task act as its task role; the execution role is the agent's ("Amazon ECS task
/// execution IAM role").
fn task_definition(sink: &mut Sink, call: &Call, answer: &Node) {
    let Some(node) = answer.get("taskDefinition") else {
        return sink.misshapen(answer, "a `taskDefinition`");
    };
    if let Some(arn) = sink.need(node, "taskDefinitionArn") {
        let entity = sink.exists(call, Kind::TaskDefinition, arn, node);
        let role = node.get("taskRoleArn");
        let role = role.filter(|role| role.as_str() != Some(""));
        let roles = role.map(|role| list(vec![role.clone()], role.origin));
        sink.put(&entity, Attribute::Roles, roles.as_ref());
    }
}
