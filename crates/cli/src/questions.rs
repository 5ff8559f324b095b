//! How questions about single requests are asked of the other rooms, apart from those about the
//! whole boundary.

use cofferdam_authz::call::Call;
use cofferdam_boundary::cast::Cast;
use cofferdam_boundary::{can, explain, who_can};
use cofferdam_findings::reach::{Can, WhoCan};
use cofferdam_findings::story::Story;
use cofferdam_names::ActionName;
use cofferdam_sources::{case, event, message};
use cofferdam_text::{Diagnostic, Node};

use crate::failure::Failure;
use crate::project::Project;

/// Everybody who can do one thing.
pub fn who_can(project: &Project, action: &ActionName, resource: &str) -> Result<WhoCan, Failure> {
    let organization = &project.organization;
    let cast = Cast::of(organization);
    who_can::who_can(organization, &cast, action, resource).map_err(unknown)
}

/// What one principal can do.
pub fn can(project: &Project, principal: &str) -> Result<Can, Failure> {
    let organization = &project.organization;
    let cast = Cast::of(organization);
    can::can(organization, &cast, principal).map_err(unknown)
}

/// Why a call passes or not, in the organization of the project.
pub fn explain(project: &Project, call: &Call) -> Result<Story, Failure> {
    let organization = &project.organization;
    let cast = Cast::of(organization);
    explain::explain(organization, &cast, call).map_err(unknown)
}

/// Why the cases of one file pass or not.
pub fn explain_cases(file: &Node) -> Result<(Vec<Story>, Vec<Diagnostic>), Diagnostic> {
    let mut notes = Vec::new();
    let stories = case::read(file).into_iter().map(|read| match read {
        Ok(read) => {
            notes.extend(read.diagnostics);
            Ok(explain::explain_case(&read.case))
        }
        Err(malformed) => Err(*malformed.diagnostic),
    });
    let stories: Result<Vec<Story>, Diagnostic> = stories.collect();
    Ok((stories?, notes))
}

/// The calls that events record; those that record none, as what is wrong with them.
pub fn calls_of_events(file: &Node) -> (Vec<Call>, Vec<Diagnostic>) {
    let (mut calls, mut wrong) = (Vec::new(), Vec::new());
    for read in event::read(file) {
        match read {
            Ok(event) => calls.push(event.call),
            Err(diagnostic) => wrong.push(diagnostic),
        }
    }
    (calls, wrong)
}

/// The call that a message says was refused.
pub fn call_of_message(text: &str) -> Result<Call, Failure> {
    message::read(text).map_err(|message::NoMessage(why)| {
        Failure::usage(
            format!("this is no AccessDenied message: {why}"),
            "paste it whole: \"User: ARN is not authorized to perform: ACTION on resource: ARN …\"",
        )
    })
}

fn unknown(why: String) -> Failure {
    Failure::usage(
        why,
        "name what the sources hold; `cofferdam inventory` lists it",
    )
}

/// An action as it is typed.
pub fn action(text: &str) -> Result<ActionName, Failure> {
    let known = ActionName::parse(text)
        .ok()
        .filter(|name| cofferdam_catalog::is_call(name.service(), name.name()));
    let spelled =
        known.and_then(
            |name| match cofferdam_catalog::action(name.service(), name.name()) {
                Some(found) => {
                    ActionName::parse(&format!("{}:{}", found.service(), found.name())).ok()
                }
                None => Some(name),
            },
        );
    spelled.ok_or_else(|| {
        Failure::usage(
            format!("`{text}` is no action of AWS"),
            "write it as s3:GetObject; `cofferdam facts ACTION` shows what is known of one",
        )
    })
}

/// A resource as it is typed: an ARN, `*`, or `s3://BUCKET/KEY`.
pub fn resource(text: &str) -> Result<String, Failure> {
    if let Some(path) = text.strip_prefix("s3://") {
        return Ok(format!("arn:aws:s3:::{}", path.trim_end_matches('/')));
    }
    match text == "*" || text.starts_with("arn:") {
        true => Ok(text.to_owned()),
        false => Err(Failure::usage(
            format!("`{text}` is no resource"),
            "write an ARN, s3://BUCKET/KEY, or * for an action without a resource",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_spelled_as_aws_spells_them() {
        assert_eq!(action("S3:getobject").unwrap().to_string(), "s3:GetObject");
        assert_eq!(
            action("s3:CopyObject").unwrap().to_string(),
            "s3:CopyObject"
        );
        assert!(action("s3:GetObjec").is_err() && action("GetObject").is_err());
    }

    #[test]
    fn buckets_and_objects_may_be_written_as_urls() {
        assert_eq!(resource("s3://b/k/1").unwrap(), "arn:aws:s3:::b/k/1");
        assert_eq!(resource("s3://b/").unwrap(), "arn:aws:s3:::b");
        assert_eq!(resource("*").unwrap(), "*");
        assert!(resource("b").is_err());
    }
}
