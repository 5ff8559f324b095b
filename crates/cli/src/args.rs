//! What can be said on the command line. What it means is each verb's own file.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::verbs::{
    can, check, collect, compare, decide, explain, facts, faults, init, inventory, lint, look,
    prove, reach, replay, role_policy, schema, slice, test, verify, who_can,
};

/// Proves the data boundary of an AWS organization, or shows every way to break it.
#[derive(Debug, Parser)]
#[command(name = "cofferdam", version, after_help = EXIT_CODES)]
#[command(disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub verb: Verb,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  nothing is wrong
  1  a violation, or a failed expectation
  2  the command line is wrong, or no source could be used
  3  something is undecided

Start with:
  cofferdam collect                           read the organization from AWS into snapshot/
  cofferdam look s3://my-bucket snapshot/     who can read this, from where, with which key
  cofferdam init .                            draft a boundary from snapshot/
  cofferdam check                             prove it, or show how it breaks";

/// What every verb understands.
#[derive(Debug, Args)]
pub struct Global {
    /// Text for people, JSON for programs; `check` writes the formats of other tools too, and `faults`
    /// and `reach` draw SVG
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "text",
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub format: Wanted,
    /// When to colour; `auto` honours NO_COLOR
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        value_name = "WHEN"
    )]
    pub color: Color,
    /// Say nothing on standard error but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Replace accounts, external ids and names outside the question by pseudonyms. Give a key and
    /// keep it when the answer is published: without one, pseudonyms can be tried out
    #[arg(long, global = true, value_name = "KEY", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "")]
    pub redact: Option<String>,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Wanted {
    /// For people
    Text,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code hosts
    Sarif,
    /// JUnit's XML, for continuous integration
    Junit,
    /// A comment on a change
    Markdown,
    /// Notes at the lines of a change, for GitHub Actions
    Github,
    /// Events of the Open Cybersecurity Schema Framework, for security lakes
    Ocsf,
    /// The AWS Security Finding Format, for Security Hub
    Asff,
    /// A drawing
    Svg,
}

impl Wanted {
    /// Whether it is text or JSON.
    pub fn form(self) -> Format {
        match self {
            Wanted::Text | Wanted::Junit | Wanted::Markdown | Wanted::Github | Wanted::Svg => {
                Format::Text
            }
            Wanted::Json | Wanted::Sarif | Wanted::Ocsf | Wanted::Asff => Format::Json,
        }
    }

    /// Whether a verb writes it.
    pub fn is_of(self, verb: &Verb) -> bool {
        match self {
            Wanted::Text | Wanted::Json => true,
            Wanted::Svg => matches!(verb, Verb::Faults(_) | Verb::Reach(_)),
            _ => matches!(verb, Verb::Check(_)),
        }
    }

    /// Whether it lists the resources of each dataset.
    pub fn names_resources(self) -> bool {
        matches!(self, Wanted::Json | Wanted::Ocsf | Wanted::Asff)
    }
}

/// For whom an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// One question a verb.
#[derive(Debug, Subcommand)]
pub enum Verb {
    Check(check::Check),
    Faults(faults::Faults),
    Reach(reach::Reach),
    Look(look::Look),
    Inventory(inventory::Inventory),
    WhoCan(who_can::WhoCan),
    Can(can::Can),
    Test(test::Test),
    Decide(decide::Decide),
    Explain(explain::Explain),
    Replay(replay::Replay),
    Prove(prove::Prove),
    Compare(compare::Compare),
    Lint(lint::Lint),
    Collect(collect::Collect),
    RolePolicy(role_policy::RolePolicy),
    Init(init::Init),
    Slice(slice::Slice),
    Verify(verify::Verify),
    Schema(schema::Schema),
    Facts(facts::Facts),
}

/// Where the organization and its boundary are read from.
#[derive(Debug, Args)]
pub struct Sources {
    /// A project (a directory with boundary.yaml), a snapshot, items of AWS Config, a Terraform plan or
    /// state as JSON, a CloudFormation template, change set or cdk.out directory, or several, later
    /// ones over earlier ones; by default the project in the current directory
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<PathBuf>,
    /// The boundary file, or a directory of them, in place of the project's own
    #[arg(long, value_name = "FILE")]
    pub boundary: Option<PathBuf>,
    #[command(flatten)]
    pub terraform: Terraform,
}

/// What plans and templates leave open.
#[derive(Clone, Debug, Default, Args)]
pub struct Terraform {
    /// The account that a provider of a Terraform plan or a stack of a CloudFormation template works
    /// in, where these do not say, such as `aws=111122223333`, `aws.west=444455556666` or
    /// `network=111122223333`; without a name, that of all other stacks; may be repeated
    #[arg(long = "account", value_name = "NAME=ACCOUNT", value_parser = account)]
    pub accounts: Vec<(String, String)>,
    /// The Region of a CloudFormation stack, such as `network=eu-west-1`; without a name, that of all
    /// other stacks; may be repeated
    #[arg(long = "region", value_name = "STACK=REGION", value_parser = region)]
    pub regions: Vec<(String, String)>,
    /// A value for a parameter of CloudFormation templates, such as `Env=prod` or `network:Env=prod`,
    /// or a file of them as the AWS CLI takes it; may be repeated
    #[arg(long, value_name = "KEY=VALUE|FILE")]
    pub parameters: Vec<String>,
    /// The directory of the root module of a Terraform plan: what the plan alone leaves unknown is
    /// read from the sources
    #[arg(long, value_name = "DIR")]
    pub terraform_dir: Option<PathBuf>,
}

impl Terraform {
    /// As the reader of sources takes it.
    pub fn options(&self) -> cofferdam_sources::Options {
        cofferdam_sources::Options {
            terraform: cofferdam_sources::terraform::Options {
                accounts: self.accounts.iter().cloned().collect(),
                directory: self.terraform_dir.clone(),
            },
            cloudformation: cofferdam_sources::cloudformation::Options {
                accounts: self.accounts.iter().cloned().collect(),
                regions: self.regions.iter().cloned().collect(),
                parameters: self.parameters.clone(),
            },
        }
    }
}

/// `aws.west=111122223333`, or an account alone.
fn account(text: &str) -> Result<(String, String), String> {
    let (name, account) = text.split_once('=').unwrap_or(("", text));
    match account.parse::<cofferdam_names::AccountId>() {
        Ok(_) => Ok((name.to_owned(), account.to_owned())),
        Err(why) => Err(why.to_string()),
    }
}

/// `network=eu-west-1`, or a Region alone.
fn region(text: &str) -> Result<(String, String), String> {
    let (name, region) = text.split_once('=').unwrap_or(("", text));
    match region.parse::<cofferdam_names::Region>() {
        Ok(_) => Ok((name.to_owned(), region.to_owned())),
        Err(why) => Err(why.to_string()),
    }
}
