//! `cofferdam role-policy`: what the reader must be allowed, and nothing more.

use clap::{Args, ValueEnum};
use cofferdam_aws::role::{self, Document, Whose};
use cofferdam_catalog as catalog;
use serde_json::{Value, json};

use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Print the smallest policy with which `collect` reads everything, or the whole role
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct RolePolicy {
    /// The role's name, with its path
    #[arg(long, default_value = "cofferdam-read", value_name = "NAME")]
    role_name: String,
    /// The role as code, instead of its policies alone
    #[arg(long = "as", value_enum, value_name = "LANGUAGE")]
    language: Option<Language>,
}

/// In which language a role is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    Json,
    Cloudformation,
    Terraform,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam role-policy
  cofferdam role-policy --as cloudformation > reader.yaml     for a StackSet over all accounts
  cofferdam role-policy --as terraform --role-name audit/org-reader > reader.tf";

/// The quota on managed policies ("IAM and AWS STS quotas"), should the catalogue lose it.
const SIZE: usize = 6144;

/// Prints policies or the role.
pub fn run(args: &RolePolicy, terminal: &Terminal) -> Result<Exit, Failure> {
    let role = args.role_name.trim_start_matches('/');
    let text = match args.language {
        Some(Language::Cloudformation) => role::cloudformation(role, size()),
        Some(Language::Terraform) => role::terraform(role, size()),
        Some(Language::Json) => as_json(role),
        None if terminal.format == Format::Json => as_json(role),
        None => as_text(role),
    };
    terminal.answer(&text)?;
    Ok(Exit::Fine)
}

fn size() -> usize {
    let quota = catalog::quota("managed-policy.size");
    quota
        .and_then(|quota| usize::try_from(quota.default).ok())
        .unwrap_or(SIZE)
}

fn as_json(role: &str) -> String {
    let policies: Vec<Value> = role::documents(role, size())
        .iter()
        .map(|one| json!({"name": one.name, "for": word(one.whose), "policy": one.policy}))
        .collect();
    format!("{:#}\n", json!({"role": role, "policies": policies}))
}

fn as_text(role: &str) -> String {
    let one = |document: Document| {
        format!(
            "# {}: {}\n{:#}\n",
            document.name,
            sentence(document.whose, role),
            document.policy
        )
    };
    role::documents(role, size()).into_iter().map(one).collect()
}

fn word(whose: Whose) -> &'static str {
    match whose {
        Whose::Everywhere => "every account",
        Whose::Collector => "collector",
    }
}

fn sentence(whose: Whose, role: &str) -> String {
    match whose {
        Whose::Everywhere => format!("for the role {role} in every account"),
        Whose::Collector => "for the principal that collects alone".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use cofferdam_sources::operations;

    use super::*;

    /// Actions that the service authorization reference does not call reading, with the reason why
    /// the table has them all the same. None so far.
    const EXCEPTIONS: [(&str, &str); 0] = [];

    #[test]
    fn no_operation_of_the_table_writes() {
        for row in operations() {
            let (service, name) = row.permission.split_once(':').unwrap();
            let action = catalog::action(service, name)
                .unwrap_or_else(|| panic!("AWS has no action {}", row.permission));
            let reads = ["read", "list"].contains(&&*action.access().word().to_lowercase());
            let excepted = EXCEPTIONS.iter().any(|(one, _)| *one == &*row.permission);
            assert!(
                reads || excepted,
                "{} has the access level {}",
                row.permission,
                action.access().word()
            );
        }
    }

    fn allowed(documents: &[Document]) -> BTreeSet<String> {
        let statements = documents
            .iter()
            .flat_map(|one| one.policy["Statement"].as_array().unwrap());
        let actions = statements.flat_map(|statement| {
            assert_eq!(statement["Effect"], "Allow");
            statement["Action"].as_array().unwrap()
        });
        actions
            .map(|action| action.as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn the_policy_allows_exactly_what_the_table_needs() {
        for limit in [size(), 900] {
            let (assume, reading): (Vec<_>, Vec<_>) = role::documents("r", limit)
                .into_iter()
                .partition(|one| one.name == "assume");
            let needed: BTreeSet<String> = operations()
                .iter()
                .map(|row| row.permission.to_string())
                .collect();
            assert_eq!(allowed(&reading), needed);
            assert_eq!(assume[0].policy["Statement"][0]["Action"], "sts:AssumeRole");
        }
    }

    #[test]
    fn the_role_as_code_holds_every_action_and_its_trust() {
        for (text, trust) in [
            (
                role::cloudformation("a/b", size()),
                "Principal: {AWS: !Ref Collector}",
            ),
            (role::terraform("a/b", size()), "AWS = var.collector"),
        ] {
            assert!(text.contains(trust), "{text}");
            let named = ["RoleName: b", "name = \"b\""];
            assert!(named.iter().any(|name| text.contains(name)), "{text}");
            let mut rows = operations().iter();
            let lacking = rows.find(|row| {
                !row.scope.is_organizations() && !text.contains(&format!("\"{}\"", row.permission))
            });
            assert!(lacking.is_none(), "{lacking:?}");
        }
    }

    #[test]
    fn no_document_is_larger_than_a_managed_policy_may_be() {
        for document in role::documents("cofferdam-read", size()) {
            let length = document.policy.to_string().len();
            assert!(
                length <= size(),
                "{} has {length} characters",
                document.name
            );
        }
    }
}
