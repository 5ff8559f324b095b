//! In which account and Region an instance lies.
//!
//! A plan does not say. It follows from the instance's own ARN, from what its provider was given
//! (`allowed_account_ids`, the role that it assumes, the Region), from the ARNs of other instances
//! of the same provider, from `aws_caller_identity`, or from what the user says of the provider.

use std::collections::BTreeMap;

use cofferdam_names::{AccountId, Arn, deferred};
use cofferdam_text::Node;

use super::plan::{Instance, Plan};

/// The account of resources of which no source tells the account: a number that AWS gives nobody.
pub const NOBODYS_ACCOUNT: &str = "000000000000";

/// Account and Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub account: String,
    pub region: String,
}

impl Place {
    /// The partition of the Region ("Amazon Resource Names (ARNs)").
    pub fn partition(&self) -> &'static str {
        match self.region.split('-').next() {
            Some("cn") => "aws-cn",
            Some("us") if self.region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }
}

/// The places of all instances.
#[derive(Debug, Default)]
pub(super) struct Places {
    of: Vec<Place>,
    /// Providers of which nothing tells the account.
    pub unknown: Vec<String>,
}

impl Places {
    pub fn of(&self, at: usize) -> &Place {
        const NOWHERE: &Place = &Place {
            account: String::new(),
            region: String::new(),
        };
        self.of.get(at).unwrap_or(NOWHERE)
    }

    /// Finds the place of every instance. `given` are accounts by the key of the provider.
    pub fn find(plan: &Plan, given: &BTreeMap<String, String>) -> Places {
        let keys: Vec<String> = plan.instances.iter().map(|one| key(plan, one)).collect();
        let mut providers: BTreeMap<&str, Provider> = BTreeMap::new();
        for (key, instance) in keys.iter().zip(&plan.instances) {
            let provider = providers
                .entry(key)
                .or_insert_with(|| Provider::of(plan, key, given));
            provider.learn(instance);
        }
        let mut places = Places::default();
        for (key, instance) in keys.iter().zip(&plan.instances) {
            let own = own(instance);
            let provider = providers.get(key.as_str());
            let account = own.0.or_else(|| provider?.account.clone());
            let region = own.1.or_else(|| provider?.region.clone());
            places.of.push(Place {
                account: account.unwrap_or_else(|| NOBODYS_ACCOUNT.to_owned()),
                region: region
                    .unwrap_or_else(|| deferred::open(&format!("Region of provider {key}"))),
            });
        }
        let without = providers
            .iter()
            .filter(|(_, provider)| provider.account.is_none());
        places.unknown = without
            .filter(|(key, _)| key.is_empty() || is_aws(key))
            .map(|(key, _)| (*key).to_owned())
            .collect();
        places
    }
}

/// The key of an instance's provider; states and deleted instances name none.
fn key(plan: &Plan, instance: &Instance) -> String {
    let configuration = &plan.configuration;
    let key = configuration.provider_key(
        &instance.module,
        instance.data,
        instance.kind,
        instance.name,
    );
    let fallback = instance.kind.split('_').next().unwrap_or_default();
    let key = key.unwrap_or(fallback);
    key.rsplit(':').next().unwrap_or(key).to_owned()
}

fn is_aws(key: &str) -> bool {
    key == "aws" || key.starts_with("aws.")
}

/// What is known of one provider.
#[derive(Default)]
struct Provider {
    account: Option<String>,
    region: Option<String>,
}

impl Provider {
    fn of(plan: &Plan, key: &str, given: &BTreeMap<String, String>) -> Provider {
        let expressions = plan
            .configuration
            .provider(key)
            .and_then(|provider| provider.get("expressions"));
        let stated = |name: &str| expressions.and_then(|all| all.get(name));
        let allowed = stated("allowed_account_ids").and_then(|node| constant(plan, node));
        let role = stated("assume_role").and_then(|node| node.items().first()?.get("role_arn"));
        let role = role.and_then(|node| constant(plan, node)?.text().and_then(account_in));
        let only = allowed.and_then(|node| match node.items() {
            [one] => one.text().map(str::to_owned),
            _ => None,
        });
        let region =
            stated("region").and_then(|node| constant(plan, node)?.text().map(str::to_owned));
        Provider {
            account: given.get(key).cloned().or(only).or(role),
            region,
        }
    }

    /// Takes over what an instance of the provider shows.
    fn learn(&mut self, instance: &Instance) {
        let caller = instance.data && instance.kind == "aws_caller_identity";
        let stated = instance.values.get("account_id").filter(|_| caller);
        let stated = stated
            .and_then(Node::text)
            .filter(|text| text.parse::<AccountId>().is_ok());
        let (account, region) = own(instance);
        let account = stated.map(str::to_owned).or(account);
        let foreign = instance.data && !caller;
        if self.account.is_none() && !foreign {
            self.account = account;
        }
        if self.region.is_none() && !foreign {
            self.region = region;
        }
    }
}

/// A constant, or the value of a variable of the root module.
fn constant<'n>(plan: &Plan<'n>, expression: &'n Node) -> Option<&'n Node> {
    if let Some(value) = expression.get("constant_value") {
        return Some(value);
    }
    let [one] = super::configuration::references(expression)[..] else {
        return None;
    };
    let name = one.strip_prefix("var.")?;
    plan.variables?.get(name)?.get("value")
}

fn account_in(arn: &str) -> Option<String> {
    let arn = Arn::parse(arn).ok()?;
    arn.account_id().map(|account| account.to_string())
}

/// Account and Region that an instance's own attributes show.
fn own(instance: &Instance) -> (Option<String>, Option<String>) {
    let text = |name: &str| {
        let stated = instance
            .values
            .get(name)
            .filter(|node| !super::resolve::is_open(node));
        let stated = stated.or_else(|| instance.before?.get(name));
        stated.and_then(Node::text).map(str::to_owned)
    };
    let arn = text("arn").and_then(|text| Arn::parse(&text).ok());
    let account = arn
        .as_ref()
        .and_then(Arn::account_id)
        .map(|account| account.to_string());
    let owner = text("owner_id").filter(|owner| owner.parse::<AccountId>().is_ok());
    let region = arn
        .map(|arn| arn.region().to_owned())
        .filter(|region| !region.is_empty());
    let stated = text("region").filter(|text| text.parse::<cofferdam_names::Region>().is_ok());
    (account.or(owner), region.or(stated))
}
