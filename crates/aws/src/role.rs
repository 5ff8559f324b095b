//! The reader's role: what it must be allowed, and nothing more.
//!
//! The table of operations names the permission of each call, so the policy is computed and never
//! written by hand. What reads an account and what reads the organization are apart, because only
//! the account that collects needs the second, and with it the right to assume the role elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_sources::{Operation, operations};
use serde_json::{Value, json};

/// One document, small enough for a managed policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What to call it.
    pub name: String,
    /// Who needs it.
    pub whose: Whose,
    /// The policy.
    pub policy: Value,
}

/// Who needs a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The role in every account.
    Everywhere,
    /// The principal that collects.
    Collector,
}

/// Everything that the reader needs, in documents of at most `size` characters.
pub fn documents(role: &str, size: usize) -> Vec<Document> {
    let account = actions(|row| !row.scope.is_organizations());
    let organization = actions(|row| row.scope.is_organizations());
    let mut all = split("read", Whose::Everywhere, &account, size);
    all.extend(split("organization", Whose::Collector, &organization, size));
    all.push(Document {
        name: "assume".into(),
        whose: Whose::Collector,
        policy: policy(vec![json!({"Sid": "AssumeReader", "Effect": "Allow",
            "Action": "sts:AssumeRole", "Resource": format!("arn:*:iam::*:role/{role}")})]),
    });
    all
}

/// Permissions of rows, by service.
fn actions(wanted: impl Fn(&Operation) -> bool) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in operations().iter().filter(|row| wanted(row)) {
        let service = row.permission.split(':').next().unwrap_or_default();
        found.entry(service).or_default().insert(&row.permission);
    }
    found
}

/// Statements, one a service, in as few documents as hold them.
fn split(
    name: &str,
    whose: Whose,
    actions: &BTreeMap<&'static str, BTreeSet<&'static str>>,
    size: usize,
) -> Vec<Document> {
    let mut pages: Vec<Vec<Value>> = vec![Vec::new()];
    for (service, actions) in actions {
        let statement =
            json!({"Sid": sid(service), "Effect": "Allow", "Action": actions, "Resource": "*"});
        let full = pages.last().is_some_and(|page| {
            let with: Vec<Value> = page.iter().chain([&statement]).cloned().collect();
            !page.is_empty() && policy(with).to_string().len() > size
        });
        if full {
            pages.push(Vec::new());
        }
        if let Some(page) = pages.last_mut() {
            page.push(statement);
        }
    }
    let many = pages.len() > 1;
    let named = |(at, page): (usize, Vec<Value>)| Document {
        name: match many {
            true => format!("{name}-{}", at + 1),
            false => name.to_owned(),
        },
        whose,
        policy: policy(page),
    };
    pages.into_iter().enumerate().map(named).collect()
}

/// Sids are letters and digits only.
fn sid(service: &str) -> String {
    let letters = service.chars().filter(char::is_ascii_alphanumeric);
    format!("Read{}", letters.collect::<String>().to_ascii_uppercase())
}

fn policy(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// Name and path of a role, as IAM takes them apart: `audit/reader` is `reader` in `/audit/`.
pub fn name_and_path(role: &str) -> (&str, String) {
    match role.rsplit_once('/') {
        Some((path, name)) => (name, format!("/{path}/")),
        None => (role, "/".to_owned()),
    }
}

/// The role of every account as a CloudFormation template, for a StackSet.
pub fn cloudformation(role: &str, size: usize) -> String {
    let (name, path) = name_and_path(role);
    let documents = documents(role, size);
    let reading = documents
        .iter()
        .filter(|one| one.whose == Whose::Everywhere);
    let mut text = format!(
        "AWSTemplateFormatVersion: \"2010-09-09\"\n\
         Description: The role that cofferdam reads with. It can write nothing.\n\
         Parameters:\n  \
         Collector:\n    \
         Type: String\n    \
         Description: ARN of the principal that collects\n  \
         ExternalId:\n    \
         Type: String\n    \
         Default: \"\"\n    \
         Description: what the collector must say; empty for nothing\n\
         Conditions:\n  \
         HasExternalId: !Not [!Equals [!Ref ExternalId, \"\"]]\n\
         Resources:\n  \
         Reader:\n    \
         Type: AWS::IAM::Role\n    \
         Properties:\n      \
         RoleName: {name}\n      \
         Path: {path}\n      \
         AssumeRolePolicyDocument:\n        \
         Version: \"2012-10-17\"\n        \
         Statement:\n          \
         - Effect: Allow\n            \
         Principal: {{AWS: !Ref Collector}}\n            \
         Action: sts:AssumeRole\n            \
         Condition: !If [HasExternalId, {{StringEquals: {{sts:ExternalId: !Ref ExternalId}}}}, !Ref AWS::NoValue]\n      \
         ManagedPolicyArns:\n"
    );
    let mut policies = String::new();
    for (at, document) in reading.enumerate() {
        text.push_str(&format!("        - !Ref Policy{}\n", at + 1));
        policies.push_str(&format!(
            "  Policy{}:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      \
             ManagedPolicyName: {name}-{}\n      PolicyDocument:\n",
            at + 1,
            document.name
        ));
        policies.push_str(&indented(&document.policy, 8));
    }
    text + &policies
}

/// The role of every account, and the collector's policies, as Terraform.
pub fn terraform(role: &str, size: usize) -> String {
    let (name, path) = name_and_path(role);
    let mut text = format!(
        "# The role that cofferdam reads with, in every account. It can write nothing.\n\
         variable \"collector\" {{\n  type        = string\n  description = \"ARN of the principal that collects\"\n}}\n\n\
         variable \"external_id\" {{\n  type        = string\n  default     = null\n  description = \"what the collector must say\"\n}}\n\n\
         resource \"aws_iam_role\" \"reader\" {{\n  name = \"{name}\"\n  path = \"{path}\"\n  assume_role_policy = jsonencode({{\n    \
         Version = \"2012-10-17\"\n    Statement = [merge(\n      \
         {{ Effect = \"Allow\", Principal = {{ AWS = var.collector }}, Action = \"sts:AssumeRole\" }},\n      \
         var.external_id == null ? {{}} : {{ Condition = {{ StringEquals = {{ \"sts:ExternalId\" = var.external_id }} }} }},\n    \
         )]\n  }})\n}}\n"
    );
    for document in documents(role, size) {
        let label = document.name.replace('-', "_");
        if document.whose == Whose::Collector {
            text.push_str("\n# For the collector alone: attach it to the principal that collects.");
        }
        text.push_str(&format!(
            "\nresource \"aws_iam_policy\" \"{label}\" {{\n  name   = \"{name}-{}\"\n  policy = <<-JSON\n{}  JSON\n}}\n",
            document.name,
            indented(&document.policy, 4)
        ));
        if document.whose == Whose::Everywhere {
            text.push_str(&format!(
                "\nresource \"aws_iam_role_policy_attachment\" \"{label}\" {{\n  role       = aws_iam_role.reader.name\n  policy_arn = aws_iam_policy.{label}.arn\n}}\n"
            ));
        }
    }
    text
}

/// JSON is YAML too, and Terraform takes it as text.
fn indented(value: &Value, by: usize) -> String {
    let margin = " ".repeat(by);
    let text = format!("{value:#}");
    text.lines()
        .map(|line| format!("{margin}{line}\n"))
        .collect()
}
