//! A witness as a command of the AWS CLI, for whoever wants to see it with their own eyes.
//!
//! The catalogue says which command sends an action and which parts of the resource it names. A
//! call that AWS makes on somebody's behalf has no command: nobody can type it.

use cofferdam_catalog::{arn_variable, command as template};
use cofferdam_findings::finding::Step;
use cofferdam_names::Arn;

/// The step with the command that sends its request, if a person can send it with the AWS CLI.
pub fn with_command(mut step: Step) -> Step {
    step.command = command(&step);
    step
}

fn command(step: &Step) -> Option<String> {
    if made_by_aws(step) {
        return None;
    }
    let (service, name) = step.action.split_once(':')?;
    let mut line = format!("aws {}", fill(template(service, name)?, step)?);
    for flag in flags(step) {
        line.push(' ');
        line.push_str(&flag);
    }
    Some(line)
}

/// `None` when the resource lacks what the command names.
fn fill(template: &str, step: &Step) -> Option<String> {
    let mut pieces = template.split('{');
    let mut line = pieces.next()?.to_owned();
    for piece in pieces {
        let (placeholder, rest) = piece.split_once('}')?;
        line.push_str(&quoted(&part(step, placeholder)?));
        line.push_str(rest);
    }
    let arn = Arn::parse(&step.resource).ok();
    if let Some(arn) = arn.filter(|arn| !arn.region().is_empty()) {
        line.push_str(&format!(" --region {}", quoted(arn.region())));
    }
    Some(line)
}

/// What a placeholder stands for, where this resource has it.
fn part(step: &Step, placeholder: &str) -> Option<String> {
    let arn = Arn::parse(&step.resource).ok()?;
    match placeholder {
        // The option of Systems Manager is for a document, not for the instance.
        "arn" if step.action.starts_with("ssm:") && arn.service() != "ssm" => None,
        "arn" => Some(arn.as_str().to_owned()),
        "account" => Some(arn.account().to_owned()).filter(|account| !account.is_empty()),
        "queue" => Some(queue_url(&arn)),
        variable => {
            let (service, name) = step.action.split_once(':')?;
            let value = arn_variable(service, name, arn.as_str(), variable)?;
            // Options of IAM name things without their path.
            let last = value.rsplit('/').next().unwrap_or(value);
            let whole = !variable.ends_with("WithPath");
            Some(if whole { value } else { last }.to_owned())
        }
    }
}

fn queue_url(arn: &Arn) -> String {
    let (region, account, name) = (arn.region(), arn.account(), arn.resource());
    format!("https://sqs.{region}.amazonaws.com/{account}/{name}")
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
            ..Step::default()
        };
        assert_eq!(
            command(&step).as_deref(),
            expected,
            "{action} on {resource}"
        );
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
                 --role-session-name ROLE_SESSION_NAME --external-id 'x y' --tags Key=team,Value=claims",
            ),
        );
    }

    #[test]
    fn names_without_paths_and_calls_without_resources() {
        check(
            "iam:UpdateAssumeRolePolicy",
            "arn:aws:iam::111122223333:role/app/reader",
            &[],
            Some(
                "aws iam update-assume-role-policy --role-name reader \
                 --policy-document file://policy-document.json",
            ),
        );
        check(
            "s3:ListAllMyBuckets",
            "*",
            &[],
            Some("aws s3api list-buckets"),
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
        check("s3:GetObject", "arn:aws:s3:::records", &[], None);
    }
}
