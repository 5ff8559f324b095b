//! The AWS managed policies: what they said on the day of the table.
//!
//! AWS changes them without asking. So a document from here is a dated fact, never what an account
//! has today: whoever uses one must say so. Statements are kept as rows and become a document only
//! when somebody asks for one.

use crate::rows::Row;
use crate::tables::{MANAGED_POLICIES, MANAGED_STATEMENTS};

/// The beginning of their ARNs in the partition that the table was read in.
const ARN: &str = "arn:aws:iam::aws:policy/";

/// One AWS managed policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManagedPolicy {
    /// Its path and name, as its ARN ends: `service-role/AWSLambdaRole`.
    pub name: &'static str,
    /// The version that was the default one.
    pub version: &'static str,
    /// The day on which that version was made, as `YYYY-MM-DD`.
    pub updated: &'static str,
}

/// The AWS managed policy of an ARN; `None` if this catalogue does not know it, which says nothing.
pub fn managed_policy(arn: &str) -> Option<ManagedPolicy> {
    let name = arn.strip_prefix(ARN)?;
    let found = of(MANAGED_POLICIES.find(&[name])?);
    (found.name == name).then_some(found)
}

/// Every AWS managed policy, in order.
pub fn managed_policies() -> impl Iterator<Item = ManagedPolicy> {
    MANAGED_POLICIES.all().map(of)
}

fn of(row: Row) -> ManagedPolicy {
    ManagedPolicy {
        name: row.column(0),
        version: row.column(1),
        updated: row.column(2),
    }
}

impl ManagedPolicy {
    /// Its document, as JSON over lines.
    pub fn document(&self) -> String {
        let statements: Vec<String> = MANAGED_STATEMENTS
            .starting(&[self.name])
            .map(statement)
            .collect();
        format!(
            "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n{}\n  ]\n}}\n",
            statements.join(",\n")
        )
    }
}

fn statement(row: Row) -> String {
    let mut members = Vec::new();
    if !row.column(2).is_empty() {
        members.push(format!("\"Sid\": \"{}\"", row.column(2)));
    }
    members.push(format!("\"Effect\": \"{}\"", row.column(3)));
    members.push(element("Action", row.column(4), &ungrouped));
    members.push(element("Resource", row.column(5), &spaced));
    if !row.column(6).is_empty() {
        members.push(format!("\"Condition\": {}", row.column(6)));
    }
    format!("    {{\n      {}\n    }}", members.join(",\n      "))
}

/// `"Action": […]`, or the negated element where the list says so.
fn element(name: &str, listed: &str, items: &dyn Fn(&str) -> Vec<String>) -> String {
    let (not, listed) = match listed.strip_prefix('!') {
        Some(rest) => ("Not", rest),
        None => ("", listed),
    };
    let items: Vec<String> = items(listed)
        .iter()
        .map(|item| format!("        \"{item}\""))
        .collect();
    format!("\"{not}{name}\": [\n{}\n      ]", items.join(",\n"))
}

fn spaced(listed: &str) -> Vec<String> {
    listed.split(' ').map(str::to_owned).collect()
}

/// `s3:GetObject,PutObject` as two actions.
fn ungrouped(listed: &str) -> Vec<String> {
    let mut actions = Vec::new();
    for group in listed.split(' ') {
        match group.split_once(':') {
            None => actions.push(group.to_owned()),
            Some((service, names)) => {
                actions.extend(names.split(',').map(|name| format!("{service}:{name}")));
            }
        }
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_document_is_written_out() {
        let found = managed_policy("arn:aws:iam::aws:policy/service-role/AWSLambdaRole").unwrap();
        assert_eq!(
            found.document(),
            r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "lambda:InvokeFunction"
      ],
      "Resource": [
        "*"
      ]
    }
  ]
}
"#
        );
    }

    #[test]
    fn groups_of_actions() {
        assert_eq!(
            ungrouped("s3:Get*,List* * kms:Decrypt"),
            ["s3:Get*", "s3:List*", "*", "kms:Decrypt"]
        );
        let text = element("Action", "!iam:*", &ungrouped);
        assert!(text.starts_with("\"NotAction\": ["), "{text}");
    }

    #[test]
    fn policies_by_arn() {
        for (arn, known) in [
            ("arn:aws:iam::aws:policy/AdministratorAccess", true),
            ("arn:aws:iam::aws:policy/administratoraccess", false),
            ("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", true),
            ("arn:aws-cn:iam::aws:policy/AdministratorAccess", false),
            (
                "arn:aws:iam::111122223333:policy/AdministratorAccess",
                false,
            ),
        ] {
            assert_eq!(managed_policy(arn).is_some(), known, "{arn}");
        }
    }

    #[test]
    fn every_statement_is_of_a_policy_and_every_policy_has_one() {
        let named: BTreeSet<&str> = managed_policies().map(|policy| policy.name).collect();
        let of: BTreeSet<&str> = MANAGED_STATEMENTS.all().map(|row| row.column(0)).collect();
        assert_eq!(named, of);
    }
}
