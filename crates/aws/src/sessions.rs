//! Whose credentials sign the calls in an account: the reader's own in its own account, a session
//! of the reader's role in every other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::Value;

use crate::client::{At, Client, Outcome, Signer, lock};
use crate::failure::Failure;
use crate::http::{Identity, Keys};
use crate::request::Given;

/// What CloudTrail shows of the reader in each account.
const SESSION_NAME: &str = "cofferdam-collect";
/// Credentials that run out sooner than this are renewed.
const MARGIN: Duration = Duration::from_secs(300);
/// The code where there are no credentials at all.
pub const NO_CREDENTIALS: &str = "NoCredentials";

/// Who the reader is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account of the reader's own credentials.
    pub account: String,
    /// The principal.
    pub arn: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
}

/// What is assumed in other accounts.
#[derive(Clone, Debug, Default)]
pub struct Role {
    /// Its name with its path, without a slash in front.
    pub name: String,
    /// The external id that its trust policy may ask for.
    pub external_id: Option<String>,
}

/// Sessions by account.
pub struct Sessions<'w> {
    client: &'w Client<'w>,
    own: Own<'w>,
    caller: Caller,
    role: Role,
    region: String,
    held: Mutex<BTreeMap<String, Held>>,
}

/// What came of assuming the role in an account; each has a lock of its own, so that accounts do
/// not wait for each other.
type Held = Arc<Mutex<Option<Result<Keys, Failure>>>>;

impl<'w> Sessions<'w> {
    /// Asks who the reader is.
    ///
    /// # Errors
    /// When there are no credentials, or AWS does not take them.
    pub fn open(
        client: &'w Client<'w>,
        identity: &'w dyn Identity,
        role: Role,
        region: &str,
    ) -> Result<Sessions<'w>, Failure> {
        let own = Own {
            client,
            identity,
            keys: Mutex::new(None),
        };
        let at = At {
            account: "",
            region,
            partition: partition_of(region),
        };
        let outcome = client.ask("sts.get-caller-identity", &Given::new(), &at, &own);
        let caller = caller(outcome)?;
        client.budget.settle(&caller.account);
        Ok(Sessions {
            client,
            own,
            caller,
            role,
            region: region.to_owned(),
            held: Mutex::new(BTreeMap::new()),
        })
    }

    /// Who the reader is.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The role's ARN in an account.
    pub fn role_arn(&self, account: &str) -> String {
        let Caller { partition, .. } = &self.caller;
        format!("arn:{partition}:iam::{account}:role/{}", self.role.name)
    }

    /// The one who signs in an account.
    pub fn signer<'s>(&'s self, account: &'s str) -> SignerOf<'s, 'w> {
        SignerOf {
            sessions: self,
            account,
        }
    }

    fn keys(&self, account: &str, stale: Option<&Keys>) -> Result<Keys, Failure> {
        if account == self.caller.account {
            return self.own.keys(stale);
        }
        let held = lock(&self.held)
            .entry(account.to_owned())
            .or_default()
            .clone();
        let mut held = lock(&held);
        match &*held {
            Some(Ok(keys)) if Some(keys) != stale && !self.client.ending(keys) => Ok(keys.clone()),
            Some(Err(failure)) => Err(failure.clone()),
            _ => {
                let keys = self.assume(account);
                *held = Some(keys.clone());
                keys
            }
        }
    }

    fn assume(&self, account: &str) -> Result<Keys, Failure> {
        let mut given = Given::new();
        given.insert("RoleArn".into(), self.role_arn(account).into());
        given.insert("RoleSessionName".into(), SESSION_NAME.into());
        if let Some(id) = &self.role.external_id {
            given.insert("ExternalId".into(), id.as_str().into());
        }
        // The call is one of the account that makes it.
        let at = At {
            account: &self.caller.account,
            region: &self.region,
            partition: &self.caller.partition,
        };
        let outcome = self.client.ask("sts.assume-role", &given, &at, &self.own);
        let answer = whole(outcome)?;
        let text = |name: &str| {
            let found = answer.pointer(&format!("/Credentials/{name}"))?;
            Some(found.as_str()?.to_owned())
        };
        let until = text("Expiration")
            .and_then(|text| DateTime::from_str(&text, Format::DateTimeWithOffset).ok());
        let keys = || {
            Some(Keys {
                id: text("AccessKeyId")?,
                secret: text("SecretAccessKey")?,
                token: text("SessionToken"),
                until: until.and_then(|until| until.try_into().ok()),
            })
        };
        keys().ok_or_else(|| Failure::malformed("the answer of AssumeRole has no credentials"))
    }
}

impl Client<'_> {
    /// Whether credentials run out soon.
    fn ending(&self, keys: &Keys) -> bool {
        let now = self.clock().now();
        keys.until.is_some_and(|until| until < now + MARGIN)
    }
}

/// Signs with the session of one account.
pub struct SignerOf<'s, 'w> {
    sessions: &'s Sessions<'w>,
    account: &'s str,
}

impl Signer for SignerOf<'_, '_> {
    fn keys(&self, stale: Option<&Keys>) -> Result<Keys, Failure> {
        self.sessions.keys(self.account, stale)
    }
}

/// The reader's own credentials, asked for anew when they run out.
struct Own<'w> {
    client: &'w Client<'w>,
    identity: &'w dyn Identity,
    keys: Mutex<Option<Keys>>,
}

impl Signer for Own<'_> {
    fn keys(&self, stale: Option<&Keys>) -> Result<Keys, Failure> {
        let mut held = lock(&self.keys);
        if let Some(keys) = &*held
            && Some(keys) != stale
            && !self.client.ending(keys)
        {
            return Ok(keys.clone());
        }
        let fresh = self
            .identity
            .keys()
            .map_err(|why| Failure::new(NO_CREDENTIALS, &why))?;
        *held = Some(fresh.clone());
        Ok(fresh)
    }
}

fn caller(outcome: Outcome) -> Result<Caller, Failure> {
    let answer = whole(outcome)?;
    let text = |name: &str| Some(answer.get(name)?.as_str()?.to_owned());
    let caller = || {
        let arn = text("Arn")?;
        Some(Caller {
            account: text("Account")?,
            partition: arn.split(':').nth(1)?.to_owned(),
            arn,
        })
    };
    caller().ok_or_else(|| Failure::malformed("the answer of GetCallerIdentity names no account"))
}

/// The answer, if it is whole.
fn whole(outcome: Outcome) -> Result<Value, Failure> {
    match (outcome.failure, outcome.response) {
        (None, Some(response)) => Ok(response),
        (Some(failure), _) => Err(failure),
        (None, None) => Err(Failure::malformed("there is no answer")),
    }
}

/// The partition of a Region, by its name ("Partitions", AWS fault isolation boundaries).
pub fn partition_of(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
