//! How an action is tried without changing anything: a closed table.
//!
//! What is not in it is not sent. A form reads, asks for a dry run that AWS documents, or reads one
//! byte of a thing that was put there for it; nothing that it prints is kept. The CLI takes a value
//! that begins like the name of a file for a file to read, so such a value is not sent at all.

use cofferdam_names::Arn;

/// What stands for the canary of the dataset.
const CANARY: &str = "{canary}";

/// What serves as the canary of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// None is needed.
    None,
    /// An object, by key.
    Object,
    /// An item of a table, by its key in JSON; every table has its own.
    Item,
    /// A stage of a secret's version.
    Stage,
    /// A tag of an image.
    Tag,
    /// A file with something that was encrypted under the key, with the context `cofferdam=canary`.
    Ciphertext,
}

impl Kind {
    /// The canary where nobody names one.
    pub fn usual(self) -> Option<&'static str> {
        match self {
            Kind::None => Some(""),
            Kind::Object => Some("cofferdam/canary"),
            Kind::Item => None,
            Kind::Stage | Kind::Tag => Some("cofferdam-canary"),
            Kind::Ciphertext => Some("canary.bin"),
        }
    }
}

/// An action, its canary, and the arguments of the CLI.
type Form = (&'static str, Kind, &'static str);

/// Every form. Dry runs of KMS: "Testing your permissions", AWS KMS developer guide; of Lambda:
/// "Invoke", Lambda API reference. Read on 2026-11-22.
const FORMS: [Form; 28] = [
    (
        "s3:GetObject",
        Kind::Object,
        "s3api get-object --bucket={bucket} --key={canary} --range=bytes=0-0 /dev/null",
    ),
    (
        "s3:GetObjectAttributes",
        Kind::Object,
        "s3api get-object-attributes --bucket={bucket} --key={canary} --object-attributes=ETag",
    ),
    (
        "s3:GetObjectTagging",
        Kind::Object,
        "s3api get-object-tagging --bucket={bucket} --key={canary}",
    ),
    (
        "s3:GetObjectAcl",
        Kind::Object,
        "s3api get-object-acl --bucket={bucket} --key={canary}",
    ),
    (
        "s3:ListBucket",
        Kind::None,
        "s3api list-objects-v2 --bucket={bucket} --max-items=1",
    ),
    (
        "s3:GetBucketLocation",
        Kind::None,
        "s3api get-bucket-location --bucket={bucket}",
    ),
    (
        "s3:GetBucketPolicy",
        Kind::None,
        "s3api get-bucket-policy --bucket={bucket}",
    ),
    (
        "s3:GetBucketVersioning",
        Kind::None,
        "s3api get-bucket-versioning --bucket={bucket}",
    ),
    (
        "s3:GetBucketAcl",
        Kind::None,
        "s3api get-bucket-acl --bucket={bucket}",
    ),
    (
        "s3:GetEncryptionConfiguration",
        Kind::None,
        "s3api get-bucket-encryption --bucket={bucket}",
    ),
    (
        "dynamodb:GetItem",
        Kind::Item,
        "dynamodb get-item --table-name={arn} --key={canary}",
    ),
    (
        "dynamodb:DescribeTable",
        Kind::None,
        "dynamodb describe-table --table-name={arn}",
    ),
    (
        "sqs:GetQueueAttributes",
        Kind::None,
        "sqs get-queue-attributes --queue-url={queue} --attribute-names=QueueArn",
    ),
    (
        "sns:GetTopicAttributes",
        Kind::None,
        "sns get-topic-attributes --topic-arn={arn}",
    ),
    (
        "secretsmanager:GetSecretValue",
        Kind::Stage,
        "secretsmanager get-secret-value --secret-id={arn} --version-stage={canary}",
    ),
    (
        "secretsmanager:DescribeSecret",
        Kind::None,
        "secretsmanager describe-secret --secret-id={arn}",
    ),
    (
        "secretsmanager:GetResourcePolicy",
        Kind::None,
        "secretsmanager get-resource-policy --secret-id={arn}",
    ),
    (
        "kms:Encrypt",
        Kind::None,
        "kms encrypt --key-id={arn} --plaintext=Y2FuYXJ5 --encryption-context=cofferdam=canary --dry-run",
    ),
    (
        "kms:Decrypt",
        Kind::Ciphertext,
        "kms decrypt --key-id={arn} --ciphertext-blob=fileb://{canary} --encryption-context=cofferdam=canary --dry-run",
    ),
    (
        "kms:GenerateDataKey",
        Kind::None,
        "kms generate-data-key --key-id={arn} --key-spec=AES_256 --encryption-context=cofferdam=canary --dry-run",
    ),
    (
        "kms:GenerateDataKeyWithoutPlaintext",
        Kind::None,
        "kms generate-data-key-without-plaintext --key-id={arn} --key-spec=AES_256 --encryption-context=cofferdam=canary --dry-run",
    ),
    (
        "kms:DescribeKey",
        Kind::None,
        "kms describe-key --key-id={arn}",
    ),
    (
        "kms:GetKeyPolicy",
        Kind::None,
        "kms get-key-policy --key-id={arn} --policy-name=default",
    ),
    (
        "lambda:InvokeFunction",
        Kind::None,
        "lambda invoke --function-name={arn} --invocation-type=DryRun /dev/null",
    ),
    (
        "lambda:GetPolicy",
        Kind::None,
        "lambda get-policy --function-name={arn}",
    ),
    (
        "ecr:DescribeImages",
        Kind::None,
        "ecr describe-images --registry-id={account} --repository-name={name} --max-items=1",
    ),
    (
        "ecr:ListImages",
        Kind::None,
        "ecr list-images --registry-id={account} --repository-name={name} --max-items=1",
    ),
    (
        "ecr:BatchGetImage",
        Kind::Tag,
        "ecr batch-get-image --registry-id={account} --repository-name={name} --image-ids=imageTag={canary}",
    ),
];

/// Why an action has no form, where more can be said than that it changes something.
const REASONS: [(&str, &str); 3] = [
    (
        "sqs:ReceiveMessage",
        "receiving a message hides it from its consumers and counts as a delivery",
    ),
    (
        "dynamodb:Query",
        "it would read data that was not put there for it",
    ),
    (
        "dynamodb:Scan",
        "it would read data that was not put there for it",
    ),
];
const CHANGES: &str = "it may change something, and AWS documents no dry run of it";

/// The most characters of a value; no ARN and no object's key is longer.
const VALUE_MAX: usize = 2048;

fn form(action: &str) -> Result<&'static Form, String> {
    let named = |form: &&Form| form.0.eq_ignore_ascii_case(action);
    FORMS.iter().find(named).ok_or_else(|| {
        let mut reasons = REASONS.iter();
        let reason = reasons.find(|(of, _)| of.eq_ignore_ascii_case(action));
        reason.map_or(CHANGES, |(_, why)| why).to_owned()
    })
}

/// What serves as the canary of an action.
///
/// # Errors
/// Why the action is not sent.
pub fn kind(action: &str) -> Result<Kind, String> {
    form(action).map(|(_, kind, _)| *kind)
}

/// The arguments of the CLI that try an action on a resource.
///
/// # Errors
/// Why it is not sent.
pub fn arguments(
    action: &str,
    resource: &str,
    canary: Option<&str>,
) -> Result<Vec<String>, String> {
    let (_, kind, template) = form(action)?;
    let canary = match canary.or(kind.usual()) {
        Some(canary) => checked(*kind, canary)?,
        None => {
            return Err(
                "no canary is named: give --canary DATASET=KEY, the key of an item in JSON".into(),
            );
        }
    };
    let arn = Arn::parse(resource).map_err(|_| "it names no one resource".to_owned())?;
    let filled = template.split(' ').map(|part| fill(part, &arn, canary));
    let mut arguments: Vec<String> = filled.collect::<Result<_, _>>()?;
    if !arn.region().is_empty() {
        arguments.push(format!("--region={}", safe(arn.region())?));
    }
    Ok(arguments)
}

/// A canary that the CLI takes for what it is.
fn checked(kind: Kind, canary: &str) -> Result<&str, String> {
    let plain = |one: char| one.is_ascii_alphanumeric() || "._-".contains(one);
    let names = matches!(kind, Kind::Stage | Kind::Tag | Kind::Ciphertext);
    if names && !canary.chars().all(plain) {
        return Err(format!(
            "the canary `{}` has other characters than letters, digits, `.`, `_` and `-`",
            canary.escape_debug()
        ));
    }
    Ok(canary)
}

fn fill(part: &str, arn: &Arn, canary: &str) -> Result<String, String> {
    let Some((before, rest)) = part.split_once('{') else {
        return Ok(part.to_owned());
    };
    let (name, after) = rest.split_once('}').unwrap_or((rest, ""));
    let value = match name {
        "canary" => canary.to_owned(),
        "arn" => arn.as_str().to_owned(),
        "bucket" => first_of(arn.resource()).to_owned(),
        "account" => arn.account().to_owned(),
        "name" => arn
            .resource()
            .split_once('/')
            .map_or(arn.resource(), |(_, name)| name)
            .to_owned(),
        "queue" => format!(
            "//sqs.{}.amazonaws.com/{}/{}",
            arn.region(),
            arn.account(),
            arn.resource()
        ),
        other => return Err(format!("the form names `{other}`, which nothing has")),
    };
    let value = safe(&value)?;
    let scheme = if name == "queue" { "https:" } else { "" };
    Ok(format!("{before}{scheme}{value}{after}"))
}

/// A bucket's ARN may go on with a key.
fn first_of(resource: &str) -> &str {
    resource
        .split_once('/')
        .map_or(resource, |(bucket, _)| bucket)
}

/// A value that neither the shell nor the CLI takes for something else.
fn safe(value: &str) -> Result<&str, String> {
    const LOADED: [&str; 4] = ["file://", "fileb://", "http://", "https://"];
    let lower = value.trim_start().to_ascii_lowercase();
    if LOADED.iter().any(|scheme| lower.starts_with(scheme)) {
        return Err("the AWS CLI would take its name for a file to read".into());
    }
    if value.is_empty() || value.contains('\0') || value.len() > VALUE_MAX {
        return Err("its name is none that a command can carry".into());
    }
    Ok(value)
}

/// Whether the arguments try a canary.
pub fn has_canary(action: &str) -> bool {
    form(action).is_ok_and(|(_, _, template)| template.contains(CANARY))
}

#[cfg(test)]
mod tests {
    use cofferdam_catalog::command;

    use super::*;

    /// Commands that change nothing whatever they are given, by the verb that they begin with.
    const READS: [&str; 5] = ["get-", "list-", "describe-", "batch-get-", "head-"];
    /// Dry runs, with what makes them so.
    const DRY: [(&str, &str); 4] = [
        ("encrypt", "--dry-run"),
        ("decrypt", "--dry-run"),
        ("generate-data-key", "--dry-run"),
        ("invoke", "--invocation-type=DryRun"),
    ];

    #[test]
    fn every_form_reads_or_is_a_dry_run() {
        for (action, _, template) in FORMS {
            let name = template.split(' ').nth(1).unwrap();
            let reads = READS.iter().any(|verb| name.starts_with(verb));
            let dry = DRY
                .iter()
                .any(|(verb, how)| name.starts_with(verb) && template.contains(how));
            assert!(reads || dry, "{action}: {template}");
            let (service, method) = action.split_once(':').unwrap();
            assert!(command(service, method).is_some(), "AWS has no {action}");
        }
    }

    fn check(action: &str, resource: &str, canary: Option<&str>, expected: Result<&str, &str>) {
        let found = arguments(action, resource, canary).map(|all| all.join(" "));
        match expected {
            Ok(line) => assert_eq!(found.as_deref(), Ok(line), "{action}"),
            Err(why) => assert!(
                found.as_ref().is_err_and(|text| text.contains(why)),
                "{found:?}"
            ),
        }
    }

    #[test]
    fn what_is_sent_names_the_canary_and_nothing_else() {
        check(
            "s3:GetObject",
            "arn:aws:s3:::b/2026/records.csv",
            None,
            Ok("s3api get-object --bucket=b --key=cofferdam/canary --range=bytes=0-0 /dev/null"),
        );
        check("s3:PutObject", "arn:aws:s3:::b/x", None, Err("no dry run"));
        check(
            "sqs:ReceiveMessage",
            "arn:aws:sqs:eu-west-1:1:q",
            None,
            Err("hides it"),
        );
        check(
            "sqs:GetQueueAttributes",
            "arn:aws:sqs:eu-west-1:1:q",
            None,
            Ok(
                "sqs get-queue-attributes --queue-url=https://sqs.eu-west-1.amazonaws.com/1/q --attribute-names=QueueArn --region=eu-west-1",
            ),
        );
        check(
            "dynamodb:GetItem",
            "arn:aws:dynamodb:eu-west-1:1:table/t",
            None,
            Err("no canary is named"),
        );
        check(
            "s3:GetObject",
            "arn:aws:s3:::b/x",
            Some("file:///etc/passwd"),
            Err("a file to read"),
        );
        check(
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:eu-west-1:1:secret:s",
            Some("a b"),
            Err("other characters"),
        );
        check("kms:Decrypt", "*", None, Err("no one resource"));
    }
}
