//! Queues, topics, secrets, tables, functions and repositories.

use cofferdam_org::fact::{Attribute, Entity, Kind};
use cofferdam_text::{Member, Node};

use super::{About, Row, kms_encryption};
use crate::sink::{Call, Sink, object, text};

/// A list of one kind in an account.
const fn list(kinds: &'static [Kind]) -> About {
    About::List {
        kinds,
        whole: false,
    }
}

/// A row that states a policy and more of one thing.
const fn one(
    kind: Kind,
    attributes: &'static [Attribute],
    entity: fn(&Call) -> Option<Entity>,
) -> About {
    About::One {
        kind,
        attributes,
        entity,
    }
}

const POLICY: &[Attribute] = &[Attribute::ResourcePolicy];
const POLICY_AND_KEY: &[Attribute] = &[Attribute::ResourcePolicy, Attribute::Encryption];

pub(super) const ROWS: &[Row] = &[
    Row {
        operation: "sqs.list-queues",
        about: list(&[Kind::Queue]),
        read: queues,
    },
    Row {
        operation: "sqs.get-queue-attributes",
        about: one(Kind::Queue, POLICY_AND_KEY, asked_queue),
        read: queue,
    },
    Row {
        operation: "sns.list-topics",
        about: list(&[Kind::Topic]),
        read: topics,
    },
    Row {
        operation: "sns.get-topic-attributes",
        about: one(Kind::Topic, POLICY_AND_KEY, asked_topic),
        read: topic,
    },
    Row {
        operation: "secretsmanager.list-secrets",
        about: list(&[Kind::Secret]),
        read: secrets,
    },
    Row {
        operation: "secretsmanager.get-resource-policy",
        about: one(Kind::Secret, POLICY, asked_secret),
        read: secret_policy,
    },
    Row {
        operation: "dynamodb.list-tables",
        about: list(&[Kind::Table]),
        read: tables,
    },
    Row {
        operation: "dynamodb.describe-table",
        about: one(Kind::Table, &[Attribute::Encryption], asked_table),
        read: table,
    },
    Row {
        operation: "dynamodb.get-resource-policy",
        about: one(Kind::Table, POLICY, asked_table),
        read: table_policy,
    },
    Row {
        operation: "sqs.list-queue-tags",
        about: one(Kind::Queue, &[Attribute::Tags], asked_queue),
        read: queue_tags,
    },
    Row {
        operation: "sns.list-tags-for-resource",
        about: one(Kind::Topic, &[Attribute::Tags], tagged_topic),
        read: topic_tags,
    },
    Row {
        operation: "lambda.list-tags",
        about: one(Kind::Function, &[Attribute::Tags], tagged_function),
        read: function_tags,
    },
    Row {
        operation: "ecr.list-tags-for-resource",
        about: one(Kind::Repository, &[Attribute::Tags], tagged_repository),
        read: repository_tags,
    },
    Row {
        operation: "dynamodb.list-tags-of-resource",
        about: one(Kind::Table, &[Attribute::Tags], asked_table),
        read: table_tags,
    },
    Row {
        operation: "lambda.list-functions",
        about: list(&[Kind::Function]),
        read: functions,
    },
    Row {
        operation: "lambda.get-policy",
        about: one(Kind::Function, POLICY, asked_function),
        read: function_policy,
    },
    Row {
        operation: "ecr.describe-repositories",
        about: list(&[Kind::Repository]),
        read: repositories,
    },
    Row {
        operation: "ecr.get-repository-policy",
        about: one(Kind::Repository, POLICY, asked_repository),
        read: repository_policy,
    },
];

/// `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME` names the queue by its last two parts.
fn queue_entity(call: &Call, url: &str) -> Option<Entity> {
    let mut parts = url.rsplit('/');
    let (name, account) = (parts.next()?, parts.next()?);
    let arn = format!(
        "arn:{}:sqs:{}:{account}:{name}",
        call.partition, call.region
    );
    Some(Entity::new(Kind::Queue, arn))
}

fn asked_queue(call: &Call) -> Option<Entity> {
    queue_entity(call, call.asked("QueueUrl")?)
}

fn queues(sink: &mut Sink, call: &Call, answer: &Node) {
    for node in sink.list(answer, "QueueUrls") {
        match node.as_str().and_then(|url| queue_entity(call, url)) {
            Some(entity) => drop(sink.exists(call, Kind::Queue, entity.id, node)),
            None => sink.misshapen(node, "the URL of a queue"),
        }
    }
}

/// Without a key the queue is encrypted with a key of SQS, or not at all: neither is governed by
/// a key policy of ours.
fn queue(sink: &mut Sink, call: &Call, answer: &Node) {
    let Some(node) = answer.get("Attributes") else {
        return sink.misshapen(answer, "`Attributes`");
    };
    let stated = node
        .get("QueueArn")
        .and_then(Node::as_str)
        .map(|arn| Entity::new(Kind::Queue, arn));
    let Some(entity) = stated.or_else(|| asked_queue(call)) else {
        return sink.misshapen(node, "an object with `QueueArn`");
    };
    guarded(sink, &entity, node);
}

fn guarded(sink: &mut Sink, entity: &Entity, attributes: &Node) {
    sink.policy(entity, Attribute::ResourcePolicy, attributes.get("Policy"));
    keyed(sink, entity, attributes.get("KmsMasterKeyId"));
}

fn keyed(sink: &mut Sink, entity: &Entity, key: Option<&Node>) {
    let named = key.filter(|key| key.as_str().is_some_and(|id| !id.is_empty()));
    let encryption = named.map(|key| kms_encryption(Some(key), key));
    sink.put(entity, Attribute::Encryption, encryption.as_ref());
}

fn asked_topic(call: &Call) -> Option<Entity> {
    call.asked("TopicArn")
        .map(|arn| Entity::new(Kind::Topic, arn))
}

fn topics(sink: &mut Sink, call: &Call, answer: &Node) {
    by_arn(sink, call, answer, "Topics", "TopicArn", Kind::Topic);
}

/// States that each element of a list exists.
fn by_arn(sink: &mut Sink, call: &Call, answer: &Node, key: &str, arn: &str, kind: Kind) {
    for node in sink.list(answer, key) {
        if let Some(arn) = sink.need(node, arn) {
            sink.exists(call, kind, arn, node);
        }
    }
}

fn topic(sink: &mut Sink, call: &Call, answer: &Node) {
    let Some(node) = answer.get("Attributes") else {
        return sink.misshapen(answer, "`Attributes`");
    };
    let stated = node
        .get("TopicArn")
        .and_then(Node::as_str)
        .map(|arn| Entity::new(Kind::Topic, arn));
    match stated.or_else(|| asked_topic(call)) {
        Some(entity) => guarded(sink, &entity, node),
        None => sink.misshapen(node, "an object with `TopicArn`"),
    }
}

/// A secret without a key is under the AWS managed key `aws/secretsmanager` ("Secret encryption
/// and decryption in AWS Secrets Manager").
fn secrets(sink: &mut Sink, call: &Call, answer: &Node) {
    for node in sink.list(answer, "SecretList") {
        let Some(arn) = sink.need(node, "ARN") else {
            continue;
        };
        let entity = sink.exists(call, Kind::Secret, arn, node);
        sink.put(&entity, Attribute::Name, node.get("Name"));
        sink.put(&entity, Attribute::Tags, node.get("Tags"));
        sink.present(
            &entity,
            Attribute::Encryption,
            kms_encryption(node.get("KmsKeyId"), node),
        );
    }
}

fn asked_secret(call: &Call) -> Option<Entity> {
    call.asked("SecretId")
        .filter(|id| id.starts_with("arn:"))
        .map(|arn| Entity::new(Kind::Secret, arn))
}

fn secret_policy(sink: &mut Sink, call: &Call, answer: &Node) {
    let stated = answer
        .get("ARN")
        .and_then(Node::as_str)
        .map(|arn| Entity::new(Kind::Secret, arn));
    match stated.or_else(|| asked_secret(call)) {
        Some(entity) => sink.policy(
            &entity,
            Attribute::ResourcePolicy,
            answer.get("ResourcePolicy"),
        ),
        None => sink.misshapen(answer, "an object with `ARN`"),
    }
}

/// What the ARN of a stream has after its table.
const STREAM: &str = "/stream/";

fn table_entity(call: &Call, name: &str) -> Entity {
    Entity::new(Kind::Table, call.arn("dynamodb", "table/", name))
}

fn asked_table(call: &Call) -> Option<Entity> {
    let named = call
        .asked("ResourceArn")
        .or_else(|| call.asked("TableName"))?;
    (!named.contains(STREAM)).then(|| table_entity(call, named))
}

fn tables(sink: &mut Sink, call: &Call, answer: &Node) {
    for node in sink.list(answer, "TableNames") {
        match node.as_str() {
            Some(name) => drop(sink.exists(call, Kind::Table, table_entity(call, name).id, node)),
            None => sink.misshapen(node, "the name of a table"),
        }
    }
}

fn table(sink: &mut Sink, call: &Call, answer: &Node) {
    let Some(node) = answer.get("Table") else {
        return sink.misshapen(answer, "a `Table`");
    };
    let Some(arn) = sink.need(node, "TableArn") else {
        return;
    };
    let entity = sink.exists(call, Kind::Table, arn, node);
    let setting = node.get("SSEDescription").filter(|sse| enabled(sse));
    let encryption = setting.map(|sse| kms_encryption(sse.get("KMSMasterKeyArn"), sse));
    sink.put(&entity, Attribute::Encryption, encryption.as_ref());
    if let Some(stream) = node.get("LatestStreamArn").and_then(Node::as_str) {
        stream_of_table(sink, call, stream, node);
    }
}

/// A table's stream exists once the table says so; its policy is another answer's.
fn stream_of_table(sink: &mut Sink, call: &Call, stream: &str, node: &Node) {
    let entity = sink.exists(call, Kind::Table, stream, node);
    sink.absent(&entity, Attribute::Encryption);
    sink.absent(&entity, Attribute::Tags);
}

fn enabled(sse: &Node) -> bool {
    let status = sse.get("Status").and_then(Node::text);
    matches!(status, Some("ENABLED" | "ENABLING" | "UPDATING"))
}

/// A stream has a policy of its own, apart from its table's ("Resource-based policies for
/// DynamoDB Streams"); it stands as a table of its own ARN.
fn table_policy(sink: &mut Sink, call: &Call, answer: &Node) {
    let stream = call.asked("ResourceArn").filter(|arn| arn.contains(STREAM));
    if let Some(stream) = stream {
        let entity = sink.exists(call, Kind::Table, stream, answer);
        sink.absent(&entity, Attribute::Encryption);
        sink.absent(&entity, Attribute::Tags);
        return sink.policy(&entity, Attribute::ResourcePolicy, answer.get("Policy"));
    }
    policy_of(sink, answer, asked_table(call), "Policy");
}

/// `{"team": "claims"}`, as SQS and Lambda print tags.
fn tag_map(node: Option<&Node>) -> Option<Node> {
    let tag = |member: &Member| {
        let key = text(&member.key, member.key_origin);
        object(
            vec![("Key", Some(key)), ("Value", Some(member.value.clone()))],
            member.key_origin,
        )
    };
    let members = node?.as_object()?.iter();
    Some(crate::sink::list(members.map(tag).collect(), node?.origin))
}

fn queue_tags(sink: &mut Sink, call: &Call, answer: &Node) {
    if let Some(entity) = asked_queue(call) {
        sink.put(
            &entity,
            Attribute::Tags,
            tag_map(answer.get("Tags")).as_ref(),
        );
    }
}

fn function_tags(sink: &mut Sink, call: &Call, answer: &Node) {
    if let Some(entity) = tagged_function(call) {
        sink.put(
            &entity,
            Attribute::Tags,
            tag_map(answer.get("Tags")).as_ref(),
        );
    }
}

fn tagged_function(call: &Call) -> Option<Entity> {
    call.asked("Resource")
        .map(|arn| Entity::new(Kind::Function, arn))
}

fn topic_tags(sink: &mut Sink, call: &Call, answer: &Node) {
    if let Some(entity) = tagged_topic(call) {
        sink.put(&entity, Attribute::Tags, answer.get("Tags"));
    }
}

fn tagged_topic(call: &Call) -> Option<Entity> {
    call.asked("ResourceArn")
        .map(|arn| Entity::new(Kind::Topic, arn))
}

fn repository_tags(sink: &mut Sink, call: &Call, answer: &Node) {
    if let Some(entity) = tagged_repository(call) {
        sink.put(&entity, Attribute::Tags, answer.get("tags"));
    }
}

fn tagged_repository(call: &Call) -> Option<Entity> {
    call.asked("resourceArn")
        .map(|arn| Entity::new(Kind::Repository, arn))
}

fn table_tags(sink: &mut Sink, call: &Call, answer: &Node) {
    if let Some(entity) = asked_table(call) {
        sink.put(&entity, Attribute::Tags, answer.get("Tags"));
    }
}

fn policy_of(sink: &mut Sink, answer: &Node, entity: Option<Entity>, key: &str) {
    match entity {
        Some(entity) => sink.policy(&entity, Attribute::ResourcePolicy, answer.get(key)),
        None => sink.misshapen(answer, "a call that names its resource"),
    }
}

fn asked_function(call: &Call) -> Option<Entity> {
    let name = call.asked("FunctionName")?;
    Some(Entity::new(
        Kind::Function,
        call.arn("lambda", "function:", name),
    ))
}

fn functions(sink: &mut Sink, call: &Call, answer: &Node) {
    for node in sink.list(answer, "Functions") {
        let Some(arn) = sink.need(node, "FunctionArn") else {
            continue;
        };
        let entity = sink.exists(call, Kind::Function, arn, node);
        sink.put(&entity, Attribute::Name, node.get("FunctionName"));
        let role = node.get("Role");
        let role = role.map(|role| crate::sink::list(vec![role.clone()], role.origin));
        if let Some(roles) = role {
            sink.present(&entity, Attribute::Roles, roles);
        }
        keyed(sink, &entity, node.get("KMSKeyArn"));
    }
}

fn function_policy(sink: &mut Sink, call: &Call, answer: &Node) {
    policy_of(sink, answer, asked_function(call), "Policy");
}

fn asked_repository(call: &Call) -> Option<Entity> {
    let name = call.asked("repositoryName")?;
    Some(Entity::new(
        Kind::Repository,
        call.arn("ecr", "repository/", name),
    ))
}

fn repositories(sink: &mut Sink, call: &Call, answer: &Node) {
    for node in sink.list(answer, "repositories") {
        let Some(arn) = sink.need(node, "repositoryArn") else {
            continue;
        };
        let entity = sink.exists(call, Kind::Repository, arn, node);
        let encryption = node
            .get("encryptionConfiguration")
            .map(repository_encryption);
        sink.put(&entity, Attribute::Encryption, encryption.as_ref());
    }
}

fn repository_encryption(node: &Node) -> Node {
    match node.get("encryptionType").and_then(Node::text) {
        Some("KMS" | "KMS_DSSE") => kms_encryption(node.get("kmsKey"), node),
        _ => object(
            vec![("Algorithm", node.get("encryptionType").cloned())],
            node.origin,
        ),
    }
}

fn repository_policy(sink: &mut Sink, call: &Call, answer: &Node) {
    policy_of(sink, answer, asked_repository(call), "policyText");
}
