//! Data paths: the requests that together move data, as one formula.
//!
//! The first hop carries the caller's network. The use of the key is made by the service as the
//! caller, from AWS's own network. Where a session's tags decide, the hop that sets them belongs
//! to the path, and where an engine reads on someone's behalf, the hop that starts it does.

use cofferdam_authz::combine::Decided;
use cofferdam_authz::context::{Network, SessionTags};
use cofferdam_authz::gather::{self, Party, Thing};
use cofferdam_authz::layers::Layers;
use cofferdam_authz::rewritten::Rewritten;
use cofferdam_authz::symbolic::{Given, Hop, Interval, Query, Wanted};
use cofferdam_authz::witness::key;
use cofferdam_catalog::KeyCheck;
use cofferdam_logic::Formula;
use cofferdam_names::{ActionName, ContextKey};
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Details, Organization, Resource};
use cofferdam_policy::ast::{PrincipalPattern, Principals};
use cofferdam_policy::reading::Reading;

use crate::ask::Depth;
use crate::cast::Cast;
use crate::scope::{Group, Store};

/// A data path under construction.
pub struct Path<'a> {
    /// The organization.
    pub org: &'a Organization,
    /// Everybody.
    pub cast: &'a Cast<'a>,
    /// The formulas.
    pub query: Query<'a>,
    /// What each hop is, for the replay.
    pub hops: Vec<HopInfo<'a>>,
    /// Whether a write to S3 must use the bucket's default key. A writer may ask for another kind
    /// of encryption, so by default the key stops no write.
    pub writes_use_key: bool,
    /// How much of an answer is wanted.
    pub depth: Depth,
    /// What an attacker has rewritten before the path is taken.
    pub after: Option<&'a Rewritten>,
    /// Keys that belong to how the caller's session was made, for each hop.
    pub carried: Vec<(&'static str, Given)>,
}

/// What a hop is about.
#[derive(Clone)]
pub struct HopInfo<'a> {
    /// The hop's number in the query.
    pub number: usize,
    /// Who makes it.
    pub party: &'a Party<'a>,
    /// What it is made to.
    pub thing: Thing<'a>,
    /// Holds if the hop is part of the path at all.
    pub taken: Formula,
    /// In words, what happens.
    pub note: Option<String>,
}

/// One request to be added to a path.
pub struct Request<'a> {
    /// Who makes it.
    pub party: &'a Party<'a>,
    /// What it is made to.
    pub thing: Thing<'a>,
    /// The prefix of its service.
    pub service: &'a str,
    /// The actions that are meant.
    pub actions: Vec<ActionName>,
    /// The resources that are meant.
    pub wanted: Wanted,
    /// The service that repeats the request as the caller; `None`: the caller makes it.
    pub forwarded_by: Option<&'a str>,
    /// Keys that the path fixes.
    pub given: Vec<(&'static str, Given)>,
}

/// A hop with its decision.
#[derive(Clone, Copy)]
pub struct Made {
    /// Its number.
    pub hop: usize,
    /// What was decided.
    pub allowed: Interval,
}

/// A path to data: what the data request alone comes to, and with the use of the key.
pub struct DataPath {
    /// The data request.
    pub data: Made,
    /// The data request and everything that must come with it.
    pub whole: Interval,
}

impl<'a> Path<'a> {
    /// A path without hops.
    pub fn new(org: &'a Organization, cast: &'a Cast<'a>) -> Path<'a> {
        Path {
            org,
            cast,
            query: Query::new(),
            hops: Vec::new(),
            writes_use_key: false,
            depth: Depth::EveryCause,
            after: None,
            carried: Vec::new(),
        }
    }

    /// Adds a request and decides it.
    pub fn request(&mut self, request: Request<'a>, taken: Formula, note: Option<String>) -> Made {
        let Request {
            party,
            thing,
            service,
            actions,
            wanted,
            forwarded_by,
            given,
        } = request;
        let mut situation = gather::situation(self.org, party, thing, service, Network::Aws);
        situation.forwarded_by = forwarded_by;
        if self.after.is_some_and(|rewritten| rewritten.tags_of(party)) {
            situation.session_tags = SessionTags::Open;
        }
        let networks = networks(
            self.org,
            party,
            service,
            forwarded_by,
            &situation.resource.region,
        );
        let given = given
            .into_iter()
            .chain(self.carried.iter().cloned())
            .filter_map(|(name, value)| Some((key(name)?, value)))
            .collect();
        let hop = self.query.hop(Hop {
            situation,
            networks,
            actions,
            wanted,
            session: 0,
            given,
        });
        let layers = self.layers(party, thing, service);
        let Decided { allowed, .. } = self.query.decide(hop, &layers);
        self.hops.push(HopInfo {
            number: hop,
            party,
            thing,
            taken,
            note,
        });
        Made { hop, allowed }
    }

    fn layers(&self, party: &'a Party<'a>, thing: Thing<'a>, service: &str) -> Layers<'a> {
        let layers = gather::layers(self.org, party, thing, service);
        match self.after {
            Some(rewritten) => rewritten.after(self.org, party, thing, layers),
            None => layers,
        }
    }

    /// Adds the data request of a group, the use of the key, and the tags of the session.
    pub fn data(
        &mut self,
        party: &'a Party<'a>,
        store: &Store<'a>,
        group: &Group,
        via: Option<&'a str>,
    ) -> DataPath {
        let data = self.request(
            Request {
                party,
                thing: store.thing(),
                service: store.service,
                actions: group.names(),
                wanted: group.wanted.clone(),
                forwarded_by: via,
                given: Vec::new(),
            },
            Formula::TRUE,
            via.map(|host| format!("made by {host} on the caller's behalf"))
                .or_else(|| store.way()),
        );
        let key_use = self.key_use(party, store, group, data.hop);
        let tags = self.tags(party, data.hop);
        let whole = self.all(&[data.allowed, key_use, tags]);
        DataPath { data, whole }
    }

    /// The use of the key that the service makes as the caller.
    fn key_use(
        &mut self,
        party: &'a Party<'a>,
        store: &Store<'a>,
        group: &Group,
        data: usize,
    ) -> Interval {
        if group.key_actions.is_empty() || group.key_check != KeyCheck::Caller {
            return known(true);
        }
        let writes = group
            .key_actions
            .iter()
            .any(|action| action.name().starts_with("GenerateDataKey"));
        if store.service == "s3" && writes && !self.writes_use_key {
            return known(true);
        }
        let encryption = match &store.resource.encryption {
            Known::Absent => return known(true),
            Known::Unknown(why) => return self.unknown(data, why),
            Known::Present(encryption) => encryption,
        };
        let Some(name) = &encryption.key else {
            // The AWS managed key of a service works for its own account and for nobody else.
            let owner = PrincipalPattern::Account(store.resource.account);
            return self.query.reading(data).principal(&owner);
        };
        match self.org.key_of(store.resource) {
            Some(found) => self.key_hops(party, store, group, data, found),
            None => self.unknown(data, &format!("the key {name} was not read")),
        }
    }

    fn key_hops(
        &mut self,
        party: &'a Party<'a>,
        store: &Store<'a>,
        group: &Group,
        data: usize,
        found: &'a Resource,
    ) -> Interval {
        let host = host_of(store.service);
        let mut parts = vec![known(true)];
        for action in &group.key_actions {
            let made = self.request(
                Request {
                    party,
                    thing: Thing::Resource(found),
                    service: "kms",
                    actions: vec![action.clone()],
                    wanted: Wanted::Exactly(found.arn.to_string()),
                    forwarded_by: Some(host),
                    given: encryption_context(store, data),
                },
                Formula::TRUE,
                Some(format!(
                    "made by {host} on the caller's behalf, to use the key"
                )),
            );
            parts.push(made.allowed);
        }
        self.all(&parts)
    }

    /// If tags of the session decide, somebody must have been able to set them.
    fn tags(&mut self, party: &'a Party<'a>, data: usize) -> Interval {
        let keys = self.tags_asked(data);
        let role = party
            .principal
            .filter(|_| party.session_tags == SessionTags::Open);
        let (Some(role), false) = (role, keys.is_empty()) else {
            return known(true);
        };
        let mut ways = vec![self.untagged(party, data, &keys)];
        let cast = self.cast;
        let named = crate::granted::named_in(self.org, cast, &role.trust);
        for (index, other) in cast.existing().chain([&cast.outsiders]).enumerate() {
            if named.as_ref().is_some_and(|named| {
                other.caller.account.is_some() && named.binary_search(&index).is_err()
            }) {
                continue;
            }
            let way = self
                .query
                .problem
                .flag(&format!("session tagged by party {index}"));
            // A role that may take on itself does so from a session of its own.
            let allowed = self.tagged_by((other, index + 1), role, data, &keys, way);
            if allowed.may == Formula::FALSE {
                continue;
            }
            let taken = Interval {
                must: way,
                may: way,
            };
            ways.push(self.all(&[taken, allowed]));
        }
        if let Some(why) = tagged_by_provider(self.org, role) {
            ways.push(self.unknown(data, &why));
        }
        self.any(&ways)
    }

    /// Another party assumes the role and sets the tags.
    fn tagged_by(
        &mut self,
        (other, session): (&'a Party<'a>, usize),
        role: &'a cofferdam_org::model::Principal,
        data: usize,
        keys: &[ContextKey],
        way: Formula,
    ) -> Interval {
        let before = self.hops.len();
        let mut parts = vec![self.keeps_own(role, data, keys)];
        for name in ["sts:AssumeRole", "sts:TagSession"] {
            let Ok(action) = ActionName::parse(name) else {
                return known(false);
            };
            let mut situation =
                gather::situation(self.org, other, Thing::Role(role), "sts", Network::Aws);
            situation.forwarded_by = None;
            let networks = networks(self.org, other, "sts", None, &situation.resource.region);
            let given = keys
                .iter()
                .filter_map(|tag| {
                    let request_tag = format!("aws:RequestTag/{}", tag.tag()?);
                    Some((key(&request_tag)?, Given::KeyOf(data, tag.clone())))
                })
                .collect();
            let wanted = Wanted::Exactly(role.arn.to_string());
            let hop = self.query.hop(Hop {
                situation,
                networks,
                actions: vec![action],
                wanted,
                session,
                given,
            });
            let layers = gather::layers(self.org, other, Thing::Role(role), "sts");
            let Decided { allowed, .. } = self.query.decide(hop, &layers);
            if allowed.may == Formula::FALSE {
                return known(false);
            }
            let info = HopInfo {
                number: hop,
                party: other,
                thing: Thing::Role(role),
                taken: way,
                note: Some("assumes the role and sets session tags".to_owned()),
            };
            self.hops.push(info);
            parts.push(allowed);
            if other.session_tags == SessionTags::Open {
                parts.push(self.tags_of_tagger(other, hop));
            }
        }
        let allowed = self.all(&parts);
        // A model may name several ways: a witness shows those that lead there.
        let leads = match allowed.must {
            Formula::FALSE => allowed.may,
            certain => certain,
        };
        let taken = self.query.problem.all(&[way, leads]);
        for hop in self.hops.iter_mut().skip(before) {
            hop.taken = taken;
        }
        allowed
    }

    /// A session tag takes the place of the role's own tag of that name; nothing takes it away.
    fn keeps_own(
        &mut self,
        role: &cofferdam_org::model::Principal,
        data: usize,
        keys: &[ContextKey],
    ) -> Interval {
        let own = role.tags.present();
        let has = |key: &&ContextKey| {
            let name = key.tag().unwrap_or_default();
            own.is_some_and(|tags| tags.keys().any(|own| own.eq_ignore_ascii_case(name)))
        };
        let mut parts = vec![known(true)];
        for key in keys.iter().filter(has) {
            parts.push(self.query.reading(data).present(key));
        }
        self.all(&parts)
    }

    /// Whoever tags a session may have been tagged in turn; that is not followed further.
    fn tags_of_tagger(&mut self, other: &'a Party<'a>, hop: usize) -> Interval {
        let keys = self.query.open_keys(hop, PRINCIPAL_TAG);
        if keys.is_empty() {
            return known(true);
        }
        let untagged = self.untagged(other, hop, &keys);
        let tagged = self.unknown(
            hop,
            "who may tag the sessions of somebody who tags sessions was not followed",
        );
        self.any(&[untagged, tagged])
    }

    /// The tags for which policies ask in any hop of the session: each is one for all of them.
    fn tags_asked(&mut self, data: usize) -> Vec<ContextKey> {
        let hops = self.hops.iter().map(|hop| hop.number);
        let mut keys: Vec<ContextKey> = hops
            .flat_map(|hop| self.query.open_keys(hop, PRINCIPAL_TAG))
            .collect();
        keys.sort();
        keys.dedup();
        for key in &keys {
            self.query.reading(data).present(key);
        }
        keys
    }

    /// A session without tags of its own shows the role's.
    fn untagged(&mut self, party: &'a Party<'a>, data: usize, keys: &[ContextKey]) -> Interval {
        let tags = party.principal.map(|principal| &principal.tags);
        let mut parts = vec![known(true)];
        for tag in keys {
            let name = tag.tag().unwrap_or_default();
            let own = match tags {
                Some(Known::Present(tags)) => {
                    tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))
                }
                Some(Known::Unknown(why)) => {
                    parts.push(self.unknown(data, why));
                    continue;
                }
                _ => None,
            };
            let mut reading = self.query.reading(data);
            let part = match own {
                Some((_, value)) => {
                    reading.some_value(tag, &[cofferdam_authz::beside::literal(value)])
                }
                None => {
                    let present = reading.present(tag);
                    reading.not(present)
                }
            };
            parts.push(part);
        }
        self.all(&parts)
    }

    /// All of them.
    pub fn all(&mut self, parts: &[Interval]) -> Interval {
        let must: Vec<Formula> = parts.iter().map(|part| part.must).collect();
        let may: Vec<Formula> = parts.iter().map(|part| part.may).collect();
        Interval {
            must: self.query.problem.all(&must),
            may: self.query.problem.all(&may),
        }
    }

    /// Any of them.
    pub fn any(&mut self, parts: &[Interval]) -> Interval {
        let must: Vec<Formula> = parts.iter().map(|part| part.must).collect();
        let may: Vec<Formula> = parts.iter().map(|part| part.may).collect();
        Interval {
            must: self.query.problem.any(&must),
            may: self.query.problem.any(&may),
        }
    }

    /// The opposite.
    pub fn not(&mut self, part: Interval) -> Interval {
        Interval {
            must: self.query.problem.not(part.may),
            may: self.query.problem.not(part.must),
        }
    }

    /// Something that nobody can settle.
    pub fn unknown(&mut self, hop: usize, why: &str) -> Interval {
        self.query.reading(hop).unknown(why)
    }
}

/// How the keys of a session's tags begin.
const PRINCIPAL_TAG: &str = "aws:principaltag/";

/// Tags that an identity provider or a service puts on sessions are not ours to read.
fn tagged_by_provider(
    org: &Organization,
    role: &cofferdam_org::model::Principal,
) -> Option<String> {
    let policy = org.policies.get(*role.trust.present()?);
    let statements = &policy.document.present()?.statements;
    let names_provider = statements
        .iter()
        .any(|statement| match &statement.principals {
            Principals::Only(patterns) => patterns.iter().any(|pattern| {
                matches!(
                    pattern,
                    PrincipalPattern::Federated(_)
                        | PrincipalPattern::Service(_)
                        | PrincipalPattern::Everyone
                )
            }),
            Principals::NotGiven | Principals::Except(_) => true,
        });
    names_provider.then(|| {
        format!(
            "which tags a provider or service puts on sessions of {} was not read",
            role.arn
        )
    })
}

/// A proposition that is known.
pub fn known(value: bool) -> Interval {
    let formula = if value { Formula::TRUE } else { Formula::FALSE };
    Interval {
        must: formula,
        may: formula,
    }
}

/// A formula about the request alone.
pub fn exactly(formula: Formula) -> Interval {
    Interval {
        must: formula,
        may: formula,
    }
}

/// Where a request may come from. Service principals and forwarded calls come from AWS's network.
fn networks<'a>(
    org: &'a Organization,
    party: &Party<'_>,
    service: &str,
    forwarded_by: Option<&str>,
    region: &Known<Box<str>>,
) -> Vec<Network<'a>> {
    let by_aws = matches!(
        party.caller.kind,
        cofferdam_authz::caller::CallerKind::Service(_)
    );
    if by_aws || forwarded_by.is_some() {
        return vec![Network::Aws];
    }
    gather::networks(org, service, region)
}

/// The host name under which a service calls others.
pub fn host_of(service: &str) -> &'static str {
    match service {
        "s3" => "s3.amazonaws.com",
        "dynamodb" => "dynamodb.amazonaws.com",
        "sqs" => "sqs.amazonaws.com",
        "sns" => "sns.amazonaws.com",
        "secretsmanager" => "secretsmanager.amazonaws.com",
        "lambda" => "lambda.amazonaws.com",
        "ecr" => "ecr.amazonaws.com",
        _ => "service.amazonaws.com",
    }
}

/// The encryption context that a service sends ("Encryption context" of each service's page on
/// KMS).
fn encryption_context(store: &Store<'_>, data: usize) -> Vec<(&'static str, Given)> {
    match store.service {
        "s3" => vec![
            (
                "kms:EncryptionContext:aws:s3:arn",
                Given::Unknown("with a bucket key the context names the bucket, else the object"),
            ),
            (
                "kms:EncryptionContextKeys",
                Given::Value("aws:s3:arn".to_owned()),
            ),
        ],
        "secretsmanager" => vec![
            ("kms:EncryptionContext:SecretARN", Given::ResourceOf(data)),
            (
                "kms:EncryptionContextKeys",
                Given::Unknown("Secrets Manager sends two keys of encryption context"),
            ),
        ],
        _ => vec![(
            "kms:EncryptionContextKeys",
            Given::Unknown("the encryption context of this service is not modelled"),
        )],
    }
}

/// Whether a key is one that the customer manages.
pub fn is_customer_managed(key: &Resource) -> bool {
    match &key.details {
        Details::Key(details) => details.aws_managed != Known::Present(true),
        _ => false,
    }
}
