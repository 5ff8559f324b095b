//! Policies as CloudTrail recorded their writing: what stands behind a read that was refused.
//!
//! The best protected things refuse readers, but whoever wrote their policy left a record, with the
//! policy's text. The newest record of each policy counts, and its time is said wherever it is used:
//! a folder of events need not be whole, so that a later change may be missing from it. Nothing else
//! is taken from events, and that a thing has none says nothing.

use std::collections::BTreeMap;
use std::path::Path;

use cofferdam_org::fact::{Attribute, Entity, Kind, Known};
use cofferdam_text::{Diagnostic, Node, Severity};

use crate::config;
use crate::files;
use crate::sink::Sink;
use crate::snapshot::PARTITION;

/// The word in the names of all files that CloudTrail delivers ("Finding your CloudTrail log files",
/// AWS CloudTrail user guide).
pub(crate) const FILE_WORD: &str = "_CloudTrail_";

/// Policies that are kept of one source; ten times as many as the largest organizations have.
const WRITTEN_MAX: usize = 10_000_000;

/// When each fact was written, as its event says.
pub(crate) type Ages = BTreeMap<(Entity, Attribute), Box<str>>;

/// One call that writes or removes a policy.
struct Row {
    /// `eventSource`.
    source: &'static str,
    /// `eventName`.
    name: &'static str,
    kind: Kind,
    attribute: Attribute,
    /// What it is about, in the event.
    about: About,
    /// Where the text lies in the event; none if the call removes it.
    text: Option<&'static str>,
}

/// How the ARN, or the id, of the thing is found.
enum About {
    /// The field holds it.
    Field(&'static str),
    /// The field holds the name of a bucket.
    Bucket(&'static str),
    /// The field holds an ARN, or what comes after this word in one of the event's own account and
    /// Region.
    Named(&'static str, &'static str, &'static str),
    /// The field holds the URL of a queue, `https://HOST/ACCOUNT/NAME`.
    Url(&'static str),
}

use About::{Bucket, Field, Named, Url};

const fn row(
    call: (&'static str, &'static str),
    fact: (Kind, Attribute),
    about: About,
    text: Option<&'static str>,
) -> Row {
    Row {
        source: call.0,
        name: call.1,
        kind: fact.0,
        attribute: fact.1,
        about,
        text,
    }
}

const S3: &str = "s3.amazonaws.com";
const KMS: &str = "kms.amazonaws.com";
const IAM: &str = "iam.amazonaws.com";
const SECRETS: &str = "secretsmanager.amazonaws.com";
const DYNAMODB: &str = "dynamodb.amazonaws.com";
const ECR: &str = "ecr.amazonaws.com";
const SQS: &str = "sqs.amazonaws.com";
const ORGANIZATIONS: &str = "organizations.amazonaws.com";

const ON_BUCKET: (Kind, Attribute) = (Kind::Bucket, Attribute::ResourcePolicy);
const ON_KEY: (Kind, Attribute) = (Kind::Key, Attribute::ResourcePolicy);
const ON_SECRET: (Kind, Attribute) = (Kind::Secret, Attribute::ResourcePolicy);
const ON_TABLE: (Kind, Attribute) = (Kind::Table, Attribute::ResourcePolicy);
const ON_REPOSITORY: (Kind, Attribute) = (Kind::Repository, Attribute::ResourcePolicy);
const ON_QUEUE: (Kind, Attribute) = (Kind::Queue, Attribute::ResourcePolicy);
const OF_ORGANIZATION: (Kind, Attribute) = (Kind::OrganizationPolicy, Attribute::Document);

/// The calls, with the members that CloudTrail records of each: those of the API in lower camel case
/// ("CloudTrail record contents"; each call's page in its service's API reference). Roles by name
/// alone are left out: an event does not say the path that their ARN has.
const ROWS: &[Row] = &[
    row(
        (S3, "PutBucketPolicy"),
        ON_BUCKET,
        Bucket("requestParameters.bucketName"),
        Some("requestParameters.bucketPolicy"),
    ),
    row(
        (S3, "DeleteBucketPolicy"),
        ON_BUCKET,
        Bucket("requestParameters.bucketName"),
        None,
    ),
    row(
        (KMS, "PutKeyPolicy"),
        ON_KEY,
        Named("requestParameters.keyId", "kms", "key/"),
        Some("requestParameters.policy"),
    ),
    row(
        (KMS, "CreateKey"),
        ON_KEY,
        Field("responseElements.keyMetadata.arn"),
        Some("requestParameters.policy"),
    ),
    row(
        (IAM, "CreateRole"),
        (Kind::Role, Attribute::Trust),
        Field("responseElements.role.arn"),
        Some("requestParameters.assumeRolePolicyDocument"),
    ),
    row(
        (SECRETS, "PutResourcePolicy"),
        ON_SECRET,
        Field("responseElements.arn"),
        Some("requestParameters.resourcePolicy"),
    ),
    row(
        (SECRETS, "DeleteResourcePolicy"),
        ON_SECRET,
        Field("responseElements.arn"),
        None,
    ),
    row(
        (DYNAMODB, "PutResourcePolicy"),
        ON_TABLE,
        Field("requestParameters.resourceArn"),
        Some("requestParameters.policy"),
    ),
    row(
        (DYNAMODB, "DeleteResourcePolicy"),
        ON_TABLE,
        Field("requestParameters.resourceArn"),
        None,
    ),
    row(
        (ECR, "SetRepositoryPolicy"),
        ON_REPOSITORY,
        Named("requestParameters.repositoryName", "ecr", "repository/"),
        Some("requestParameters.policyText"),
    ),
    row(
        (ECR, "DeleteRepositoryPolicy"),
        ON_REPOSITORY,
        Named("requestParameters.repositoryName", "ecr", "repository/"),
        None,
    ),
    row(
        (SQS, "SetQueueAttributes"),
        ON_QUEUE,
        Url("requestParameters.queueUrl"),
        Some("requestParameters.attributes.Policy"),
    ),
    row(
        (ORGANIZATIONS, "CreatePolicy"),
        OF_ORGANIZATION,
        Field("responseElements.policy.policySummary.id"),
        Some("requestParameters.content"),
    ),
    row(
        (ORGANIZATIONS, "UpdatePolicy"),
        OF_ORGANIZATION,
        Field("requestParameters.policyId"),
        Some("requestParameters.content"),
    ),
];

/// Whether a file is one that CloudTrail delivers to its bucket.
pub(crate) fn is_delivered(path: &Path) -> bool {
    files::is_delivered(path, FILE_WORD)
}

/// Reads a file of events, or every file of CloudTrail below a directory; says when each was written.
pub(crate) fn read(sink: &mut Sink, path: &Path) -> Result<Ages, Diagnostic> {
    let mut newest = BTreeMap::new();
    for file in files::below(path)? {
        if !path.is_file() && !is_delivered(&file) {
            continue;
        }
        match events(sink, &file) {
            Ok(events) => events.iter().for_each(|event| take(&mut newest, event)),
            Err(diagnostic) if path.is_file() => return Err(diagnostic),
            Err(diagnostic) => sink.complain(diagnostic),
        }
        if newest.len() > WRITTEN_MAX {
            let message = format!("more than {WRITTEN_MAX} policies were written in these events");
            return Err(Diagnostic::in_file(path.display().to_string(), message));
        }
    }
    if newest.is_empty() {
        let message = "none of these events writes a policy that is read";
        let mut said = Diagnostic::in_file(path.display().to_string(), message);
        said.severity = Severity::Warning;
        sink.complain(said);
    }
    Ok(newest
        .into_iter()
        .map(|(fact, written)| {
            state(sink, &fact, written.text);
            (fact, written.at)
        })
        .collect())
}

/// The events of a file: `Records` as CloudTrail delivers them, `Events` as `lookup-events` prints.
fn events(sink: &mut Sink, file: &Path) -> Result<Vec<Node>, Diagnostic> {
    let name = file.display().to_string();
    let root = sink.documents.read_json(&name, config::whole(file)?)?;
    if let Some(records) = root.get("Records") {
        return Ok(records.items().to_vec());
    }
    let listed = root.get("Events").map(Node::items).unwrap_or_default();
    let texts = listed.iter().filter_map(|one| one.get("CloudTrailEvent"));
    Ok(texts.filter_map(|text| sink.opened(text)).collect())
}

struct Written {
    at: Box<str>,
    text: Option<Node>,
}

/// Keeps a policy if its event is the newest that wrote it. Times are in UTC and of one form, so they
/// compare as text ("CloudTrail record contents", eventTime).
fn take(newest: &mut BTreeMap<(Entity, Attribute), Written>, event: &Node) {
    let Some((fact, written)) = written(event) else {
        return;
    };
    let is_newer = newest.get(&fact).is_none_or(|known| known.at <= written.at);
    if is_newer {
        newest.insert(fact, written);
    }
}

fn written(event: &Node) -> Option<((Entity, Attribute), Written)> {
    let (source, name) = (text(event, "eventSource")?, text(event, "eventName")?);
    let row = ROWS
        .iter()
        .find(|row| row.source == source && row.name == name)?;
    // A call that failed wrote nothing.
    if event.get("errorCode").is_some_and(|code| !code.is_null()) {
        return None;
    }
    let written = match row.text {
        Some(path) => Some(at(event, path)?.clone()),
        None => None,
    };
    let fact = (Entity::new(row.kind, id(row, event)?), row.attribute);
    let at = text(event, "eventTime")?.into();
    Some((fact, Written { at, text: written }))
}

/// Whether a call is one that writes or removes a whole policy.
pub(crate) fn writes(source: &str, name: &str) -> bool {
    ROWS.iter()
        .any(|row| row.source == source && row.name == name)
}

/// The fact that an event states, with the text of a policy opened.
pub(crate) fn fact(sink: &mut Sink, event: &Node) -> Option<(Entity, Attribute, Known<Node>)> {
    let ((entity, attribute), written) = written(event)?;
    let value = match written.text {
        Some(text) => {
            sink.policy(&entity, attribute, Some(&text));
            sink.facts.get(&entity, attribute).map(Clone::clone)
        }
        None => Known::Absent,
    };
    Some((entity, attribute, value))
}

fn id(row: &Row, event: &Node) -> Option<String> {
    let own = || {
        Some((
            text(event, "awsRegion")?,
            text(event, "recipientAccountId")?,
        ))
    };
    let partition = partition(event);
    match row.about {
        Field(path) => text(event, path).map(str::to_owned),
        Bucket(path) => Some(format!("arn:{partition}:s3:::{}", text(event, path)?)),
        Named(path, service, word) => {
            let name = text(event, path)?;
            if name.starts_with("arn:") {
                return Some(name.to_owned());
            }
            let (region, account) = own()?;
            Some(format!(
                "arn:{partition}:{service}:{region}:{account}:{word}{name}"
            ))
        }
        Url(path) => {
            let mut parts = text(event, path)?.rsplit('/');
            let (name, account) = (parts.next()?, parts.next()?);
            let (region, _) = own()?;
            Some(format!("arn:{partition}:sqs:{region}:{account}:{name}"))
        }
    }
}

fn state(sink: &mut Sink, (entity, attribute): &(Entity, Attribute), text: Option<Node>) {
    match text {
        Some(text) => sink.policy(entity, *attribute, Some(&text)),
        None => sink.facts.state(entity.clone(), *attribute, Known::Absent),
    }
}

/// A member by its path. Services write the first letters of a name differently (`arn`, `aRN`).
pub(crate) fn at<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    let named = |node: &'n Node, field: &str| {
        let mut members = node.as_object()?.iter();
        let found = members.find(|member| member.key.eq_ignore_ascii_case(field))?;
        Some(&found.value)
    };
    path.split('.').try_fold(node, named)
}

/// The partition of a Region ("Amazon Resource Names (ARNs)", AWS General Reference).
pub(crate) fn partition(event: &Node) -> &'static str {
    match text(event, "awsRegion") {
        Some(region) if region.starts_with("cn-") => "aws-cn",
        Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
        _ => PARTITION,
    }
}

pub(crate) fn text<'n>(node: &'n Node, path: &str) -> Option<&'n str> {
    at(node, path).and_then(Node::text)
}
