//! One dataset and nothing else: `collect --dataset ARN`.
//!
//! Whoever asks about one bucket need not read a thousand accounts. What decides about it is the
//! organization with its policies, the identities of its own account, the thing's own settings, its
//! key, and the trail that records it. Everything else stays unasked, so it is unknown, and the
//! reader of the snapshot says so; nothing is taken for absent.

use std::collections::BTreeSet;
use std::str::FromStr;

use cofferdam_sources::Operation;
use serde_json::{Value, json};

use crate::budget::NOT_ASKED;
use crate::client::Signer;
use crate::collect::{Collected, Collection, Frame, Stop, named};
use crate::earlier::Earlier;
use crate::failure::Failure;
use crate::path::SERVICE;
use crate::plan::{Answers, Group};
use crate::request::Given;
use crate::run::{GLOBAL, Job};

/// The one thing that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    /// Its ARN.
    pub arn: String,
    service: String,
    region: String,
    account: String,
    id: String,
}

/// Per service of an ARN: the list that the thing is found in, and what is asked about it.
const THINGS: [(&str, &str, &[&str]); 8] = [
    (
        "s3",
        "s3api.list-buckets",
        &[
            "s3api.get-bucket-location",
            "s3api.get-bucket-policy",
            "s3api.get-public-access-block",
            "s3api.get-bucket-ownership-controls",
            "s3api.get-bucket-acl",
            "s3api.get-bucket-encryption",
        ],
    ),
    (
        "dynamodb",
        "dynamodb.list-tables",
        &["dynamodb.describe-table", "dynamodb.get-resource-policy"],
    ),
    ("sqs", "sqs.list-queues", &["sqs.get-queue-attributes"]),
    ("sns", "sns.list-topics", &["sns.get-topic-attributes"]),
    (
        "secretsmanager",
        "secretsmanager.list-secrets",
        &["secretsmanager.get-resource-policy"],
    ),
    ("lambda", "lambda.list-functions", &["lambda.get-policy"]),
    (
        "ecr",
        "ecr.describe-repositories",
        &["ecr.get-repository-policy"],
    ),
    ("kms", "kms.list-keys", KEY),
];

/// What is asked about a key.
const KEY: &[&str] = &["kms.describe-key", "kms.get-key-policy", "kms.list-grants"];
/// The list that keys are found in; it is not asked for, because the key is known.
const KEYS: &str = "kms.list-keys";
/// What is asked of the thing's account as a whole.
const IDENTITIES: &str = "iam.get-account-authorization-details";
/// The account's own settings for its buckets.
const ACCOUNT_BLOCK: &str = "s3control.get-public-access-block";
/// Ways to the thing that are not asked for.
const ENDPOINTS: &str = "ec2.describe-vpc-endpoints";
const POINTS: &str = "s3control.list-access-points";
/// What is asked of the trails that record the thing.
const TRAILS: [&str; 3] = [
    "cloudtrail.describe-trails",
    "cloudtrail.get-trail-status",
    "cloudtrail.get-event-selectors",
];
/// Answers deeper than this name no key.
const DEPTH_MAX: usize = 32;

impl FromStr for Thing {
    type Err = String;

    fn from_str(arn: &str) -> Result<Thing, String> {
        let arn = match arn.strip_prefix("s3://") {
            Some(bucket) => format!("arn:aws:s3:::{}", bucket.trim_end_matches('/')),
            None => arn.to_owned(),
        };
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, service, region, account, resource] = *parts.as_slice() else {
            return Err("write an ARN, or s3://BUCKET for a bucket".into());
        };
        if !THINGS.iter().any(|(known, ..)| *known == service) {
            return Err(format!(
                "`{service}` holds no dataset that can be asked about alone"
            ));
        }
        let id = match service {
            "s3" | "sns" | "sqs" => resource,
            "secretsmanager" | "lambda" => resource.split(':').nth(1).unwrap_or(resource),
            _ => resource.split_once('/').map_or(resource, |(_, id)| id),
        };
        Ok(Thing {
            service: service.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            id: id.to_owned(),
            arn,
        })
    }
}

impl Thing {
    /// Whether a request is about this thing: by its ARN, its name, or an address that ends in it.
    pub(crate) fn is_named_by(&self, given: &Given) -> bool {
        let mut texts = given.values().filter_map(Value::as_str);
        texts.any(|text| {
            text == self.arn || text == self.id || text.ends_with(&format!("/{}", self.id))
        })
    }

    fn rows(&self) -> (Option<&'static Operation>, Group) {
        let found = THINGS.iter().find(|(service, ..)| *service == self.service);
        match found {
            Some((_, list, rows)) => (
                named(list),
                rows.iter().filter_map(|row| named(row)).collect(),
            ),
            None => (None, Group::new()),
        }
    }
}

impl Collection<'_> {
    /// Reads what one thing needs. The organization comes last, because it may have no more than what
    /// is left of a few calls; only where nobody says which account holds the thing, its accounts are
    /// listed first.
    pub fn thin(&self, thing: &Thing) -> Result<Collected, Stop> {
        let (mut frame, organization_date) = self.above()?;
        if self.is_sought(thing) {
            self.members(&mut frame);
        }
        let (account, answers) = self.home_of(&frame, thing)?;
        let mut touched = vec![account.clone()];
        self.run.group(&self.global(&account, vec![IDENTITIES]));
        if thing.service == "s3" {
            self.run.group(&self.global(&account, vec![ACCOUNT_BLOCK]));
        }
        let region = region_of(&answers, thing);
        for (owner, region, id) in keys(&answers, &account, &region) {
            self.run.group(&self.key(&owner, &region, &id));
            touched.push(owner);
        }
        let trails = Job {
            label: region.clone(),
            region,
            ..self.global(&frame.management, TRAILS.to_vec())
        };
        self.run.group(&trails);
        touched.dedup();
        self.cap();
        self.members(&mut frame);
        self.ways(&frame, &touched);
        frame.accounts.extend(touched.iter().cloned());
        frame.accounts.sort();
        frame.accounts.dedup();
        self.not_asked(&frame, &trails.region);
        Ok(Collected {
            organization: frame.id,
            accounts: touched.len(),
            capped: self.run.client.budget.exhausted(SERVICE),
            organization_date,
            ..Collected::default()
        })
    }

    /// The organization without its accounts, and when it was read if an earlier snapshot tells it.
    fn above(&self) -> Result<(Frame, Option<String>), Stop> {
        let Some((id, management)) = self.organization()? else {
            return Ok((self.alone(), None));
        };
        let earlier = self.options.organization.as_deref().map(Earlier::open);
        let earlier = earlier.transpose().map_err(Stop::Folder)?;
        let mut date = None;
        if let Some(earlier) = &earlier {
            let taken = earlier.take_over(&id, &management, self.run.store);
            taken.map_err(Stop::Folder)?;
            date = earlier.date().map(str::to_owned);
        }
        let frame = Frame {
            id: Some(id),
            management,
            accounts: Vec::new(),
        };
        Ok((frame, date))
    }

    /// Whether neither the ARN nor the user says which account holds the thing.
    fn is_sought(&self, thing: &Thing) -> bool {
        thing.account.is_empty() && self.options.accounts.is_empty()
    }

    /// Why everything that one thing does not need was not asked.
    pub fn rest(&self) -> Option<Failure> {
        let thing = self.options.dataset.as_ref()?;
        let why = format!("only what {} needs was", thing.arn);
        Some(Failure::new(NOT_ASKED, &why))
    }

    /// Writes down for every account what might matter and was not asked, with the reason.
    fn not_asked(&self, frame: &Frame, region: &str) {
        let Some(failure) = self.rest() else {
            return;
        };
        for account in &frame.accounts {
            for (operation, label) in [(IDENTITIES, GLOBAL), (ENDPOINTS, region), (POINTS, region)]
            {
                let place = (account.clone(), label.to_owned(), operation.to_owned());
                if self.run.store.entry(&place).is_none() {
                    self.run.refuse(&place, &failure);
                }
            }
        }
    }

    fn global(&self, account: &str, rows: Vec<&str>) -> Job {
        let group = rows.into_iter().filter_map(named).collect();
        Job {
            reader: account.to_owned(),
            ..self.own(account, group)
        }
    }

    /// The account that holds the thing, with the answers about it. Its ARN says it, or the user, or
    /// the accounts are asked one after the other.
    fn home_of(&self, frame: &Frame, thing: &Thing) -> Result<(String, Answers), Stop> {
        let chosen = &self.options.accounts;
        let wanted: Vec<&String> = match thing.account.is_empty() {
            true if chosen.is_empty() => frame.accounts.iter().collect(),
            true => chosen.iter().collect(),
            false => vec![&thing.account],
        };
        let (list, rows) = thing.rows();
        let mut refused = Vec::new();
        for account in wanted {
            if let Err(failure) = self.run.sessions.signer(account).keys(None) {
                refused.push(format!("{account}: {}: {}", failure.code, failure.message));
                continue;
            }
            let group: Group = list.into_iter().chain(rows.iter().copied()).collect();
            let label = match thing.region.is_empty() {
                true => GLOBAL,
                false => &thing.region,
            };
            let region = match thing.region.is_empty() {
                true => &self.options.home,
                false => &thing.region,
            };
            let job = Job {
                account: account.clone(),
                reader: account.clone(),
                label: label.to_owned(),
                region: region.clone(),
                group,
                only: Some(thing.clone()),
                seed: Answers::new(),
            };
            let answers = self.run.group(&job);
            if mentions(&answers, list, thing) {
                return Ok((account.clone(), answers));
            }
        }
        let refused = match refused.is_empty() {
            true => String::new(),
            false => format!("; not read: {}", refused.join("; ")),
        };
        Err(Stop::NoSource(format!(
            "no account that was asked holds {}{refused}",
            thing.arn
        )))
    }

    /// What is asked about a key, which is named and so need not be listed.
    fn key(&self, account: &str, region: &str, id: &str) -> Job {
        let listed = json!({"Keys": [{"KeyId": id}]});
        let seed = named(KEYS).map(|row| (row, vec![(Given::new(), listed)]));
        Job {
            label: region.to_owned(),
            region: region.to_owned(),
            seed: seed.into_iter().collect(),
            ..self.global(account, KEY.to_vec())
        }
    }
}

/// Whether the list of an account names the thing.
fn mentions(answers: &Answers, list: Option<&'static Operation>, thing: &Thing) -> bool {
    let mut lists = answers
        .iter()
        .filter(|(row, _)| list.is_some_and(|list| list.operation == row.operation))
        .flat_map(|(_, lines)| lines);
    lists.any(|(_, answer)| {
        let mut found = Vec::new();
        texts(answer, "", DEPTH_MAX, &mut found);
        found.iter().any(|(_, text)| {
            *text == thing.arn || *text == thing.id || text.ends_with(&format!("/{}", thing.id))
        })
    })
}

/// The Region of the thing: its ARN's, or that which S3 answers; S3 answers none for the first.
fn region_of(answers: &Answers, thing: &Thing) -> String {
    if !thing.region.is_empty() {
        return thing.region.clone();
    }
    let of_bucket = answers.iter().flat_map(|(_, lines)| lines);
    let stated = of_bucket
        .filter_map(|(_, answer)| answer.get("LocationConstraint"))
        .find_map(Value::as_str);
    match stated {
        None | Some("") => "us-east-1".to_owned(),
        Some("EU") => "eu-west-1".to_owned(),
        Some(region) => region.to_owned(),
    }
}

/// Keys that the answers about the thing name: account, Region and id.
fn keys(answers: &Answers, account: &str, region: &str) -> BTreeSet<(String, String, String)> {
    let asked = answers.iter().filter(|(row, _)| !row.for_each.is_empty());
    let mut found = Vec::new();
    for (_, answer) in asked.flat_map(|(_, lines)| lines) {
        texts(answer, "", DEPTH_MAX, &mut found);
    }
    found
        .into_iter()
        .filter_map(|(name, text)| key(name, text, account, region))
        .collect()
}

fn key(name: &str, text: &str, account: &str, region: &str) -> Option<(String, String, String)> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    if let ["arn", _, "kms", region, account, resource] = *parts.as_slice() {
        let id = resource.strip_prefix("key/")?;
        return Some((account.to_owned(), region.to_owned(), id.to_owned()));
    }
    // A key of the same account may be named by its id alone.
    let named = name.to_ascii_lowercase().starts_with("kms") && text.len() == 36;
    named.then(|| (account.to_owned(), region.to_owned(), text.to_owned()))
}

/// Every text of an answer with the name of its member.
fn texts<'v>(value: &'v Value, name: &'v str, depth: usize, found: &mut Vec<(&'v str, &'v str)>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match value {
        Value::String(text) => found.push((name, text)),
        Value::Array(items) => items
            .iter()
            .for_each(|item| texts(item, name, depth, found)),
        Value::Object(members) => members
            .iter()
            .for_each(|(name, inner)| texts(inner, name, depth, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_that_one_thing_needs_is_in_the_table() {
        let all = TRAILS.iter().chain(KEY);
        let things = THINGS
            .iter()
            .flat_map(|(_, list, rows)| [list].into_iter().chain(*rows));
        for name in all
            .chain(things)
            .chain([&IDENTITIES, &ACCOUNT_BLOCK, &ENDPOINTS, &POINTS])
        {
            assert!(named(name).is_some(), "{name} is not in the table");
        }
    }

    fn check(arn: &str, request: Value, expected: bool) {
        let thing: Thing = arn.parse().unwrap();
        assert_eq!(
            thing.is_named_by(request.as_object().unwrap()),
            expected,
            "{arn}"
        );
    }

    #[test]
    fn a_request_names_a_thing_as_its_service_does() {
        check("s3://records", json!({"Bucket": "records"}), true);
        check("s3://records", json!({"Bucket": "my-records"}), false);
        let queue = "arn:aws:sqs:eu-west-1:1:events";
        check(
            queue,
            json!({"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/events"}),
            true,
        );
        let table = "arn:aws:dynamodb:eu-west-1:1:table/t";
        check(table, json!({"ResourceArn": table}), true);
        check(
            "arn:aws:lambda:eu-west-1:1:function:f",
            json!({"FunctionName": "f"}),
            true,
        );
        check("arn:aws:kms:eu-west-1:1:key/k", json!({"KeyId": "k"}), true);
        assert!(
            "arn:aws:ec2:eu-west-1:1:instance/i"
                .parse::<Thing>()
                .is_err()
        );
    }
}
