//! (c): mixed questions over an organization of 1,000 accounts.

use std::path::Path;

use cofferdam_authz::concrete::{Asked, Context};
use cofferdam_authz::gather::{Party, Thing};
use cofferdam_authz::prepared::Prepared;
use cofferdam_names::{ActionName, ContextKey};
use cofferdam_org::build::build;
use cofferdam_org::fact::Kind;
use cofferdam_org::model::{Organization, Resource};
use cofferdam_text::Documents;
use xtask::generate::{self, Shape};

use crate::clock;

/// How many different questions are asked in turn.
const QUESTIONS: usize = 4096;
const ACTIONS: [&str; 4] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:GetObjectTagging",
];

/// The organization, once read.
pub struct Large {
    organization: Organization,
}

/// One question.
struct Question<'a> {
    party: &'a Party<'a>,
    bucket: &'a Resource,
    action: ActionName,
    resource: String,
}

impl Large {
    /// Generates and reads it.
    pub fn read() -> Large {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("large");
        generate::write(&directory, &Shape::default()).unwrap();
        let mut documents = Documents::new();
        let read = cofferdam_sources::read(&[directory], &mut documents).unwrap();
        let (organization, _) = build(&read.facts);
        Large { organization }
    }

    /// Decisions a second: each question made ready for itself, and questions already made ready.
    pub fn measure(&self) -> Vec<(&'static str, f64)> {
        let org = &self.organization;
        let parties: Vec<Party<'_>> = org
            .principals
            .iter()
            .map(|one| Party::of(org, one))
            .collect();
        let questions = questions(org, &parties);
        let context = context();
        let asked: Vec<Asked<'_>> = questions.iter().map(|one| one.asked(&context)).collect();
        let ready: Vec<Prepared<'_>> = questions.iter().map(|one| one.prepared(org)).collect();
        let anew = clock::rate(QUESTIONS, |at| {
            questions[at].prepared(org).outcome(&asked[at])
        });
        let again = clock::rate(QUESTIONS, |at| ready[at].outcome(&asked[at]));
        vec![
            ("each question made ready for itself", anew),
            ("made ready before", again),
        ]
    }
}

impl<'a> Question<'a> {
    fn asked<'q>(&'q self, context: &'q Context) -> Asked<'q> {
        Asked {
            action: &self.action,
            resource: &self.resource,
            context,
            strict: true,
        }
    }

    fn prepared(&self, org: &'a Organization) -> Prepared<'a> {
        Prepared::of(org, self.party, Thing::Resource(self.bucket), "s3")
    }
}

/// Principals and buckets drawn by stepping through both; a third of the pairs share an account.
fn questions<'a>(org: &'a Organization, parties: &'a [Party<'a>]) -> Vec<Question<'a>> {
    let buckets: Vec<&Resource> = org
        .resources
        .iter()
        .filter(|resource| resource.kind == Kind::Bucket)
        .collect();
    (0..QUESTIONS)
        .map(|number| {
            let bucket = buckets[number * 131 % buckets.len()];
            let own = |party: &&Party<'_>| party.caller.account == Some(bucket.account);
            let party = match number % 3 {
                0 => parties.iter().filter(own).nth(number % 20).unwrap(),
                _ => &parties[number * 997 % parties.len()],
            };
            let action = ActionName::parse(ACTIONS[number % ACTIONS.len()]).unwrap();
            Question {
                party,
                bucket,
                action,
                resource: format!("{}/2026/a.csv", bucket.arn),
            }
        })
        .collect()
}

fn context() -> Context {
    let stated = [
        ("aws:SecureTransport", "true"),
        ("aws:SourceIp", "203.0.113.7"),
    ];
    let pair = |(key, value): (&str, &str)| (ContextKey::parse(key).unwrap(), vec![value.into()]);
    stated.map(pair).into()
}
