//! A witness as a command of the AWS CLI, for whoever wants to see it with their own eyes.
//!
//! One table, so that a service more is a line more. A call that AWS makes on somebody's behalf has
//! no command: nobody can type it.

use cofferdam_findings::finding::Step;
use cofferdam_names::Arn;

/// The command that sends this request, if a person can send it with the AWS CLI.
pub fn command(step: &Step) -> Option<String> {
    if made_by_aws(step) {
        return None;
    }
    let action = step.action.to_ascii_lowercase();
    let index = TEMPLATES
        .binary_search_by(|(name, _)| (*name).cmp(action.as_str()))
        .ok()?;
    let (_, template) = TEMPLATES.get(index)?;
    let mut line = format!("aws {}", fill(template, &Arn::parse(&step.resource).ok()?)?);
    for flag in flags(step) {
        line.push(' ');
        line.push_str(&flag);
    }
    Some(line)
}

/// What the AWS CLI calls the operation of an action and how it names the resource, by action in
/// lower case. Sources: the AWS CLI Command Reference, page of each command.
#[rustfmt::skip]
const TEMPLATES: &[(&str, &str)] = &[
    ("athena:startqueryexecution", "athena start-query-execution --work-group {name} --query-string 'SELECT 1'"),
    ("cloudtrail:deletetrail", "cloudtrail delete-trail --name {arn}"),
    ("cloudtrail:puteventselectors", "cloudtrail put-event-selectors --trail-name {arn} --event-selectors file://selectors.json"),
    ("cloudtrail:stoplogging", "cloudtrail stop-logging --name {arn}"),
    ("cloudtrail:updatetrail", "cloudtrail update-trail --name {arn}"),
    ("dynamodb:batchgetitem", "dynamodb batch-get-item --request-items file://items.json"),
    ("dynamodb:deleteitem", "dynamodb delete-item --table-name {arn} --key file://key.json"),
    ("dynamodb:deleteresourcepolicy", "dynamodb delete-resource-policy --resource-arn {arn}"),
    ("dynamodb:deletetable", "dynamodb delete-table --table-name {arn}"),
    ("dynamodb:exporttabletopointintime", "dynamodb export-table-to-point-in-time --table-arn {arn} --s3-bucket BUCKET"),
    ("dynamodb:getitem", "dynamodb get-item --table-name {arn} --key file://key.json"),
    ("dynamodb:putitem", "dynamodb put-item --table-name {arn} --item file://item.json"),
    ("dynamodb:putresourcepolicy", "dynamodb put-resource-policy --resource-arn {arn} --policy file://policy.json"),
    ("dynamodb:query", "dynamodb query --table-name {arn} --key-conditions file://conditions.json"),
    ("dynamodb:scan", "dynamodb scan --table-name {arn}"),
    ("dynamodb:updateitem", "dynamodb update-item --table-name {arn} --key file://key.json"),
    ("ecr:batchgetimage", "ecr batch-get-image --registry-id {account} --repository-name {path} --image-ids imageTag=latest"),
    ("iam:attachrolepolicy", "iam attach-role-policy --role-name {name} --policy-arn POLICY"),
    ("iam:createrole", "iam create-role --role-name {name} --assume-role-policy-document file://trust.json"),
    ("iam:putrolepolicy", "iam put-role-policy --role-name {name} --policy-name NAME --policy-document file://policy.json"),
    ("iam:updateassumerolepolicy", "iam update-assume-role-policy --role-name {name} --policy-document file://trust.json"),
    ("kms:creategrant", "kms create-grant --key-id {arn} --grantee-principal PRINCIPAL --operations Decrypt"),
    ("kms:decrypt", "kms decrypt --key-id {arn} --ciphertext-blob fileb://ciphertext"),
    ("kms:disablekey", "kms disable-key --key-id {arn}"),
    ("kms:encrypt", "kms encrypt --key-id {arn} --plaintext fileb://plaintext"),
    ("kms:generatedatakey", "kms generate-data-key --key-id {arn} --key-spec AES_256"),
    ("kms:putkeypolicy", "kms put-key-policy --key-id {arn} --policy file://policy.json"),
    ("kms:replicatekey", "kms replicate-key --key-id {arn} --replica-region REGION"),
    ("kms:schedulekeydeletion", "kms schedule-key-deletion --key-id {arn}"),
    ("kms:updateprimaryregion", "kms update-primary-region --key-id {arn} --primary-region REGION"),
    ("lambda:getfunction", "lambda get-function --function-name {arn}"),
    ("lambda:invokefunction", "lambda invoke --function-name {arn} /dev/null"),
    ("s3:deletebucket", "s3api delete-bucket --bucket {bucket}"),
    ("s3:deletebucketpolicy", "s3api delete-bucket-policy --bucket {bucket}"),
    ("s3:deleteobject", "s3api delete-object --bucket {bucket} --key {key}"),
    ("s3:deleteobjectversion", "s3api delete-object --bucket {bucket} --key {key} --version-id VERSION"),
    ("s3:getbucketpolicy", "s3api get-bucket-policy --bucket {bucket}"),
    ("s3:getobject", "s3api get-object --bucket {bucket} --key {key} /dev/null"),
    ("s3:getobjectacl", "s3api get-object-acl --bucket {bucket} --key {key}"),
    ("s3:getobjectattributes", "s3api get-object-attributes --bucket {bucket} --key {key} --object-attributes ETag"),
    ("s3:getobjectretention", "s3api get-object-retention --bucket {bucket} --key {key}"),
    ("s3:getobjecttagging", "s3api get-object-tagging --bucket {bucket} --key {key}"),
    ("s3:getobjecttorrent", "s3api get-object-torrent --bucket {bucket} --key {key} /dev/null"),
    ("s3:getobjectversion", "s3api get-object --bucket {bucket} --key {key} --version-id VERSION /dev/null"),
    ("s3:listbucket", "s3api list-objects-v2 --bucket {bucket}"),
    ("s3:listbucketversions", "s3api list-object-versions --bucket {bucket}"),
    ("s3:putbucketacl", "s3api put-bucket-acl --bucket {bucket} --acl public-read"),
    ("s3:putbucketobjectlockconfiguration", "s3api put-object-lock-configuration --bucket {bucket} --object-lock-configuration ObjectLockEnabled=Enabled"),
    ("s3:putbucketpolicy", "s3api put-bucket-policy --bucket {bucket} --policy file://policy.json"),
    ("s3:putbucketpublicaccessblock", "s3api delete-public-access-block --bucket {bucket}"),
    ("s3:putencryptionconfiguration", "s3api delete-bucket-encryption --bucket {bucket}"),
    ("s3:putlifecycleconfiguration", "s3api put-bucket-lifecycle-configuration --bucket {bucket} --lifecycle-configuration file://lifecycle.json"),
    ("s3:putobject", "s3api put-object --bucket {bucket} --key {key} --body FILE"),
    ("s3:putobjectacl", "s3api put-object-acl --bucket {bucket} --key {key} --acl public-read"),
    ("s3:putobjectretention", "s3api put-object-retention --bucket {bucket} --key {key} --retention file://retention.json"),
    ("s3:putreplicationconfiguration", "s3api put-bucket-replication --bucket {bucket} --replication-configuration file://replication.json"),
    ("secretsmanager:deleteresourcepolicy", "secretsmanager delete-resource-policy --secret-id {arn}"),
    ("secretsmanager:deletesecret", "secretsmanager delete-secret --secret-id {arn}"),
    ("secretsmanager:getsecretvalue", "secretsmanager get-secret-value --secret-id {arn}"),
    ("secretsmanager:putresourcepolicy", "secretsmanager put-resource-policy --secret-id {arn} --resource-policy file://policy.json"),
    ("secretsmanager:putsecretvalue", "secretsmanager put-secret-value --secret-id {arn} --secret-string file://secret"),
    ("sns:publish", "sns publish --topic-arn {arn} --message test"),
    ("sns:subscribe", "sns subscribe --topic-arn {arn} --protocol https --notification-endpoint URL"),
    ("sqs:deletemessage", "sqs delete-message --queue-url {queue} --receipt-handle HANDLE"),
    ("sqs:purgequeue", "sqs purge-queue --queue-url {queue}"),
    ("sqs:receivemessage", "sqs receive-message --queue-url {queue}"),
    ("sqs:sendmessage", "sqs send-message --queue-url {queue} --message-body test"),
    ("sqs:setqueueattributes", "sqs set-queue-attributes --queue-url {queue} --attributes file://attributes.json"),
    ("sts:assumerole", "sts assume-role --role-arn {arn} --role-session-name witness"),
    ("sts:assumerolewithsaml", "sts assume-role-with-saml --role-arn {arn} --principal-arn PROVIDER --saml-assertion file://assertion"),
    ("sts:assumerolewithwebidentity", "sts assume-role-with-web-identity --role-arn {arn} --role-session-name witness --web-identity-token file://token"),
];

/// What a placeholder of a template stands for, where this resource has it.
fn value(arn: &Arn, placeholder: &str) -> Option<String> {
    let value = match placeholder {
        "arn" => arn.as_str(),
        "account" => arn.account(),
        "bucket" => arn.bucket_name()?,
        "key" => arn.object_key()?,
        "path" => arn.resource().split_once('/')?.1,
        "name" => arn.resource().rsplit('/').next()?,
        "queue" => return Some(quoted(&queue_url(arn))),
        _ => return None,
    };
    Some(quoted(value))
}

fn queue_url(arn: &Arn) -> String {
    let (region, account, name) = (arn.region(), arn.account(), arn.resource());
    format!("https://sqs.{region}.amazonaws.com/{account}/{name}")
}

/// `None` when the table knows no command, or the resource lacks what it needs.
fn fill(template: &str, arn: &Arn) -> Option<String> {
    let mut pieces = template.split('{');
    let mut line = pieces.next().filter(|first| !first.is_empty())?.to_owned();
    for piece in pieces {
        let (placeholder, rest) = piece.split_once('}')?;
        line.push_str(&value(arn, placeholder)?);
        line.push_str(rest);
    }
    if !arn.region().is_empty() {
        line.push_str(&format!(" --region {}", quoted(arn.region())));
    }
    Some(line)
}

/// What the context asks of the command line.
fn flags(step: &Step) -> Vec<String> {
    let mut flags = Vec::new();
    if step.principal == "anonymous" {
        flags.push("--no-sign-request".to_owned());
    }
    if let Some(id) = context(step, "sts:ExternalId") {
        flags.push(format!("--external-id {}", quoted(id)));
    }
    let tags: Vec<String> = step.context.iter().filter_map(session_tag).collect();
    if step.action.eq_ignore_ascii_case("sts:AssumeRole") && !tags.is_empty() {
        flags.push(format!("--tags {}", tags.join(" ")));
    }
    flags
}

fn session_tag((key, values): &(String, Vec<String>)) -> Option<String> {
    let (prefix, tag) = key.split_once('/')?;
    let value = values.first()?;
    prefix
        .eq_ignore_ascii_case("aws:RequestTag")
        .then(|| quoted(&format!("Key={tag},Value={value}")))
}

fn made_by_aws(step: &Step) -> bool {
    let forwarded = context(step, "aws:ViaAWSService") == Some("true")
        || context(step, "kms:ViaService").is_some()
        || context(step, "aws:CalledVia").is_some();
    forwarded || step.principal.ends_with(".amazonaws.com")
}

fn context<'a>(step: &'a Step, key: &str) -> Option<&'a str> {
    let (_, values) = step
        .context
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))?;
    values.first().map(String::as_str)
}

/// In single quotes for a POSIX shell, where the text is more than a plain word.
fn quoted(text: &str) -> String {
    let plain =
        |character: char| character.is_ascii_alphanumeric() || "-_./:=,@%+".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(action: &str, resource: &str, context: &[(&str, &str)], expected: Option<&str>) {
        let context = context
            .iter()
            .map(|(key, value)| (key.to_string(), vec![value.to_string()]));
        let step = Step {
            principal: "arn:aws:sts::111122223333:assumed-role/app/s".into(),
            action: action.into(),
            resource: resource.into(),
            context: context.collect(),
            decision: "allowed",
            note: None,
        };
        assert_eq!(
            command(&step).as_deref(),
            expected,
            "{action} on {resource}"
        );
    }

    #[test]
    fn the_table_is_sorted_for_its_search() {
        assert!(TEMPLATES.is_sorted_by(|(a, _), (b, _)| a < b));
    }

    #[test]
    fn requests_become_commands() {
        check(
            "s3:GetObject",
            "arn:aws:s3:::records/2026/it's.csv",
            &[],
            Some(r"aws s3api get-object --bucket records --key '2026/it'\''s.csv' /dev/null"),
        );
        check(
            "sqs:ReceiveMessage",
            "arn:aws:sqs:eu-west-1:111122223333:jobs",
            &[],
            Some(
                "aws sqs receive-message --queue-url \
                 https://sqs.eu-west-1.amazonaws.com/111122223333/jobs --region eu-west-1",
            ),
        );
        check(
            "sts:AssumeRole",
            "arn:aws:iam::111122223333:role/app/reader",
            &[("aws:RequestTag/team", "claims"), ("sts:ExternalId", "x y")],
            Some(
                "aws sts assume-role --role-arn arn:aws:iam::111122223333:role/app/reader \
                 --role-session-name witness --external-id 'x y' --tags Key=team,Value=claims",
            ),
        );
    }

    #[test]
    fn what_nobody_can_type_has_no_command() {
        let key = "arn:aws:kms:eu-west-1:111122223333:key/k";
        check(
            "kms:Decrypt",
            key,
            &[("kms:ViaService", "s3.eu-west-1.amazonaws.com")],
            None,
        );
        check("s3:GetObject", "*", &[], None);
        check("new:Action", key, &[], None);
    }
}
