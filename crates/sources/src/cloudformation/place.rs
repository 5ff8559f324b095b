//! In which account and Region a stack lies, and what the user says of stacks.

use std::collections::BTreeMap;

use cofferdam_names::deferred;

use crate::terraform::NOBODYS_ACCOUNT;

/// What the user says of templates beside the templates themselves.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Accounts by the name of the stack; under the empty name, that of all others.
    pub accounts: BTreeMap<String, String>,
    /// Regions likewise.
    pub regions: BTreeMap<String, String>,
    /// Values of parameters: `KEY=VALUE`, or the name of a file that holds them.
    pub parameters: Vec<String>,
}

/// Account and Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub account: String,
    pub region: String,
}

impl Place {
    /// The place of a stack: what its own source says, else what the user says.
    pub fn of(stack: &str, own: Place, options: &Options) -> Place {
        let given = |all: &BTreeMap<String, String>| {
            let found = all.get(stack).or_else(|| all.get(""))?;
            Some(found.clone())
        };
        let (account, region) = (given(&options.accounts), given(&options.regions));
        let is_said = |text: &String| !text.is_empty();
        Place {
            account: Some(own.account)
                .filter(is_said)
                .or(account)
                .unwrap_or_else(|| NOBODYS_ACCOUNT.to_owned()),
            region: Some(own.region)
                .filter(is_said)
                .or(region)
                .unwrap_or_else(|| deferred::open("the Region of the stack")),
        }
    }

    /// A place of which the source says nothing.
    pub fn unsaid() -> Place {
        Place {
            account: String::new(),
            region: String::new(),
        }
    }

    /// Whether nothing told the account.
    pub fn is_nobodys(&self) -> bool {
        self.account == NOBODYS_ACCOUNT
    }

    /// The partition of the Region ("Amazon Resource Names (ARNs)").
    pub fn partition(&self) -> &'static str {
        match self.region.split('-').next() {
            Some("cn") => "aws-cn",
            Some("us") if self.region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    /// What ends the names of hosts ("AWS::URLSuffix").
    pub fn url_suffix(&self) -> &'static str {
        match self.partition() {
            "aws-cn" => "amazonaws.com.cn",
            _ => "amazonaws.com",
        }
    }
}
