//! Whom the questions of a finding stand for, and whom they leave out.
//!
//! A finding is asked by classes of principals. The manifest says of each account how much of it is
//! covered; here that is worked out again from the questions. An account is covered whole if a
//! question stands for all of its principals, existing or yet to be made; else it is covered as far
//! as each principal that the sources state has a question of its own or is declared.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::bundle::{list, text};
use crate::refused::Refused;

/// How many accounts are covered, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cover {
    /// Accounts of which every principal is covered, existing or yet to be made.
    pub everyone: usize,
    /// Accounts of which every principal that the sources state is covered.
    pub existing: usize,
    /// Accounts of which some principals are covered.
    pub partly: usize,
    /// Accounts that the finding does not ask about.
    pub not_asked: usize,
}

/// Checks what a manifest says of its case split.
pub fn check(manifest: &Value) -> Result<Cover, Refused> {
    let missing = || Refused::new("the manifest has no case split");
    let split = manifest.get("case_split").ok_or_else(missing)?;
    let accounts = split.get("accounts").and_then(Value::as_object);
    let asked = asked(manifest, split)?;
    let mut cover = Cover::default();
    for (account, said) in accounts.ok_or_else(missing)? {
        let said = said_of(account, said)?;
        if said.word != asked.word(account, &said.principals) {
            return Err(Refused::new(format!(
                "the questions do not cover account {account} as said"
            )));
        }
        match said.word {
            "everyone" => cover.everyone += 1,
            "existing" => cover.existing += 1,
            "partly" => cover.partly += 1,
            _ => cover.not_asked += 1,
        }
    }
    Ok(cover)
}

struct Said<'v> {
    word: &'v str,
    /// Named where that matters.
    principals: Vec<&'v str>,
}

fn said_of<'v>(account: &str, said: &'v Value) -> Result<Said<'v>, Refused> {
    let word = text(said, "covered").map_err(|refused| refused.at(account))?;
    let principals = list(said, "principals").unwrap_or_default();
    Ok(Said {
        word,
        principals: principals.iter().filter_map(Value::as_str).collect(),
    })
}

/// Whom the questions stand for.
#[derive(Default)]
struct Asked<'v> {
    accounts: BTreeSet<&'v str>,
    principals: BTreeSet<&'v str>,
}

impl Asked<'_> {
    /// How much of an account is covered.
    fn word(&self, account: &str, principals: &[&str]) -> &'static str {
        let covered = principals
            .iter()
            .filter(|name| self.principals.contains(**name));
        match covered.count() {
            _ if self.accounts.contains(account) => "everyone",
            0 => "not asked",
            all if all == principals.len() => "existing",
            _ => "partly",
        }
    }
}

fn asked<'v>(manifest: &'v Value, split: &'v Value) -> Result<Asked<'v>, Refused> {
    let mut asked = Asked::default();
    let mut abouts: Vec<&Value> = list(split, "declared")?.iter().collect();
    for question in list(manifest, "questions")? {
        abouts.extend(list(question, "asked")?);
    }
    for about in abouts {
        if let Ok(accounts) = list(about, "every_principal_of") {
            asked
                .accounts
                .extend(accounts.iter().filter_map(Value::as_str));
        }
        asked.principals.extend(text(about, "principal").ok());
    }
    Ok(asked)
}
