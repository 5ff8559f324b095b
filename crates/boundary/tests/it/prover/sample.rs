//! Concrete data paths on the bucket of a drawn organization, decided one request at a time.
//!
//! What a request states is kept consistent by hand: an endpoint shows itself and hides the
//! address, a session's keys are those of both hops, the use of the key is made by S3. So each
//! allowed path is one that somebody could take.

use std::collections::BTreeMap;

use cofferdam_authz::access_point::carries;
use cofferdam_authz::caller::CallerKind;
use cofferdam_authz::concrete::{Asked, Context};
use cofferdam_authz::decide::{Outcome, decide_in};
use cofferdam_authz::gather::{Door, Party, Thing};
use cofferdam_boundary::cast::known_as;
use cofferdam_boundary::exception::includes;
use cofferdam_boundary::file::{Access, Boundary, Can, NetworkDeclared};
use cofferdam_catalog::{Class, all_data_actions, sends_endpoint_key};
use cofferdam_names::{ActionName, ContextKey};
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Organization, Resource};
use cofferdam_policy::matching::action_matches;

use super::random::Random;
use crate::common::TODAY;

const BUCKET: &str = "arn:aws:s3:::records";

const CALLERS: &[&str] = &[
    "arn:aws:sts::200000000007:assumed-role/reader/session",
    "arn:aws:sts::200000000007:assumed-role/reader/session",
    "arn:aws:sts::200000000007:assumed-role/reader/another",
    "arn:aws:sts::200000000007:assumed-role/other/session",
    "arn:aws:sts::100000000006:assumed-role/admin/session",
    "arn:aws:sts::100000000006:assumed-role/reader/session",
    "arn:aws:iam::100000000006:user/kim",
    "arn:aws:iam::100000000001:root",
    "arn:aws:iam::100000000006:root",
    "arn:aws:iam::200000000007:root",
    "arn:aws:sts::777700000001:assumed-role/job/session",
    "arn:aws:sts::777700000001:assumed-role/reader/session",
    "arn:aws:iam::777700000001:root",
    "arn:aws:iam::888800000001:user/open",
    "arn:aws:iam::999900000001:root",
    "arn:aws:sts::999900000001:assumed-role/reader/session",
    "anonymous",
];

const ACTIONS: &[&str] = &[
    "s3:GetObject",
    "s3:GetObject",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:ListBucket",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:PutBucketPolicy",
];

const OBJECTS: &[&str] = &[
    "open/a",
    "claims/a",
    "cards/x/y",
    "200000000007/a",
    "777700000001/b",
    "kim/c",
    "nobody/d",
    "z",
];

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    Endpoint(&'static str),
    Foreign,
    Public(&'static str),
}

const PLACES: &[From] = &[
    From::Endpoint("vpce-in"),
    From::Endpoint("vpce-out"),
    From::Foreign,
    From::Public("198.51.100.7"),
    From::Public("203.0.113.9"),
    From::Public("2001:db8::1"),
];

/// The endpoints of the drawn organizations: id, VPC, owner, the owner's path.
const ENDPOINTS: &[(&str, &str, &str, &str)] = &[
    ("vpce-in", "vpc-1", "200000000007", "o-acme1a2b3c/r-1/ou-2/"),
    (
        "vpce-out",
        "vpc-2",
        "100000000006",
        "o-acme1a2b3c/r-1/ou-1/",
    ),
];

/// A service that repeats requests as its caller: what starts it, and which of [`ACTIONS`] AWS says
/// that it repeats (none listed: any).
#[derive(Debug)]
struct Engine {
    service: &'static str,
    host: &'static str,
    start: &'static str,
    on: &'static str,
    repeats: &'static [&'static str],
}

const ENGINES: [Engine; 2] = [
    Engine {
        service: "athena",
        host: "athena.amazonaws.com",
        start: "athena:StartQueryExecution",
        on: "workgroup/etl",
        repeats: &["s3:GetObject", "s3:ListBucket", "s3:PutObject"],
    },
    Engine {
        service: "cloudformation",
        host: "cloudformation.amazonaws.com",
        start: "cloudformation:CreateStack",
        on: "stack/any/1",
        repeats: &[],
    },
];

/// A data path.
#[derive(Debug)]
pub struct Drawn {
    caller: &'static str,
    action: &'static str,
    resource: String,
    from: From,
    /// A service that makes the request on the caller's behalf.
    engine: Option<&'static Engine>,
    tagger: Option<Tagger>,
    session: Pairs,
    request: Pairs,
    private: &'static str,
    bucket_key: bool,
    address_forwarded: bool,
    /// Which access point, if it goes through one: the first, the second, ….
    point: Option<usize>,
}

/// Somebody who takes on the caller's role and tags the session.
#[derive(Debug)]
struct Tagger {
    who: &'static str,
    tag: &'static str,
    from: From,
    session: Pairs,
}

type Pairs = BTreeMap<&'static str, String>;

/// An allowed path with the findings that must not be proofs.
pub struct Found {
    /// The path in words.
    pub text: String,
    /// The ids of the findings.
    pub contradicts: Vec<String>,
}

/// Draws and decides.
pub struct Sampler<'o> {
    org: &'o Organization,
    boundary: &'o Boundary,
    bucket: &'o Resource,
    random: Random,
}

impl<'o> Sampler<'o> {
    /// Over one organization.
    pub fn new(org: &'o Organization, boundary: &'o Boundary, random: Random) -> Sampler<'o> {
        let bucket = org
            .resource(BUCKET)
            .expect("every drawn organization has it");
        Sampler {
            org,
            boundary,
            bucket,
            random,
        }
    }

    /// A path.
    pub fn draw(&mut self) -> Drawn {
        let random = &mut self.random;
        let caller = random.one(CALLERS);
        let action = random.one(ACTIONS);
        let resource = if action.contains("Bucket") {
            BUCKET.to_owned()
        } else {
            format!("{BUCKET}/{}", random.one(OBJECTS))
        };
        let engine = &ENGINES[random.below(ENGINES.len())];
        let may = engine.repeats.is_empty() || engine.repeats.contains(&action);
        let engine = (may && caller != "anonymous" && random.chance(20)).then_some(engine);
        let from = PLACES[random.below(PLACES.len())];
        let tagger = (random.chance(15) && is_our_role(caller)).then(|| tagger(random));
        let mut session = session(random, caller);
        if let Some(tagger) = &tagger {
            session.insert("aws:PrincipalTag/team", tagger.tag.to_owned());
        }
        Drawn {
            session,
            tagger,
            request: request(random),
            caller,
            action,
            resource,
            from,
            engine,
            private: random.one(&["10.20.0.5", "10.99.0.5", "192.168.0.1"]),
            bucket_key: random.chance(50),
            address_forwarded: random.chance(50),
            point: random.chance(50).then(|| random.below(2)),
        }
    }

    /// The way to the bucket.
    fn thing(&self, drawn: &Drawn) -> Thing<'o> {
        let action = ActionName::parse(drawn.action).expect("an action");
        let index = drawn.point.filter(|_| carries(&action));
        let point = index.and_then(|index| self.org.access_points.get(index));
        Thing::Behind(self.bucket, point.map_or(Door::Own, Door::Point))
    }

    /// Decides each hop; none if one is not allowed.
    pub fn decide(&self, drawn: &Drawn) -> Option<Found> {
        let party = Party::from_text(self.org, drawn.caller)?;
        let mut steps = Vec::new();
        if let Some(tagger) = &drawn.tagger {
            self.tags(tagger, &party, &mut steps)?;
        }
        if let Some(engine) = drawn.engine.filter(|_| is_ours(&party, self.org)) {
            let Engine {
                service, start, on, ..
            } = engine;
            let account = party.caller.account?;
            let on = format!("arn:aws:{service}:eu-west-1:{account}:{on}");
            let context = self.context(drawn, service, None);
            self.allowed(
                &party,
                Thing::Nothing,
                start,
                &on,
                &context,
                None,
                &mut steps,
            )?;
        }
        let via = drawn.engine.map(|engine| engine.host);
        let context = self.context(drawn, "s3", via);
        let thing = self.thing(drawn);
        self.allowed(
            &party,
            thing,
            drawn.action,
            &drawn.resource,
            &context,
            via,
            &mut steps,
        )?;
        self.uses_key(drawn, &party, &mut steps)?;
        Some(Found {
            text: steps.join("\n then "),
            contradicts: self.contradicts(drawn, &party),
        })
    }

    #[allow(clippy::too_many_arguments)]
    fn allowed(
        &self,
        party: &Party<'_>,
        thing: Thing<'_>,
        action: &str,
        resource: &str,
        context: &Context,
        via: Option<&str>,
        steps: &mut Vec<String>,
    ) -> Option<()> {
        let name = ActionName::parse(action).expect("an action");
        let asked = Asked {
            action: &name,
            resource,
            context,
            strict: true,
        };
        let decision = decide_in(self.org, party, thing, &asked, via);
        let stated: Vec<String> = context
            .iter()
            .map(|(key, values)| format!("{key}={}", values.join("+")))
            .collect();
        steps.push(format!(
            "{} {action} {resource} {} {via:?} {}",
            known_as(party),
            match thing {
                Thing::Behind(_, Door::Point(point)) => point.arn.as_str(),
                _ => "",
            },
            stated.join(" ")
        ));
        (decision.outcome == Outcome::Allowed).then_some(())
    }

    /// Both permissions that a tagged session takes, in one request.
    fn tags(&self, tagger: &Tagger, party: &Party<'_>, steps: &mut Vec<String>) -> Option<()> {
        let role = party.principal?;
        let who = Party::from_text(self.org, tagger.who)?;
        let mut context = Context::new();
        for (key, value) in &tagger.session {
            put(&mut context, key, value);
        }
        self.network(&mut context, "sts", tagger.from, "10.20.0.5");
        put(&mut context, "aws:RequestTag/team", tagger.tag);
        put(&mut context, "aws:TagKeys", "team");
        put(&mut context, "aws:SecureTransport", "true");
        put(&mut context, "aws:CurrentTime", "2026-11-22T11:00:00Z");
        for action in ["sts:AssumeRole", "sts:TagSession"] {
            let thing = Thing::Role(role);
            self.allowed(
                &who,
                thing,
                action,
                role.arn.as_str(),
                &context,
                None,
                steps,
            )?;
        }
        Some(())
    }

    /// A read of what is under a key needs the key; a writer may ask for other encryption.
    fn uses_key(&self, drawn: &Drawn, party: &Party<'_>, steps: &mut Vec<String>) -> Option<()> {
        let Known::Present(encryption) = &self.bucket.encryption else {
            return Some(());
        };
        if !drawn.action.starts_with("s3:GetObject") {
            return Some(());
        }
        if encryption.key.is_none() {
            return (party.caller.account == Some(self.bucket.account)).then_some(());
        }
        let key = self.org.key_of(self.bucket)?;
        let mut context = self.context(drawn, "kms", Some("s3.amazonaws.com"));
        let object = if drawn.bucket_key {
            BUCKET
        } else {
            &drawn.resource
        };
        put(&mut context, "kms:EncryptionContext:aws:s3:arn", object);
        put(&mut context, "kms:EncryptionContextKeys", "aws:s3:arn");
        let via = Some("s3.amazonaws.com");
        self.allowed(
            party,
            Thing::Resource(key),
            "kms:Decrypt",
            key.arn.as_str(),
            &context,
            via,
            steps,
        )
    }

    /// What a hop states: the session's keys always, the network's only where the caller makes it.
    fn context(&self, drawn: &Drawn, service: &str, via: Option<&str>) -> Context {
        let mut context = Context::new();
        for (key, value) in drawn.session.iter().chain(
            via.is_none()
                .then_some(&drawn.request)
                .into_iter()
                .flatten(),
        ) {
            put(&mut context, key, value);
        }
        put(&mut context, "aws:CurrentTime", "2026-11-22T12:00:00Z");
        if via.is_some() {
            put(&mut context, "aws:SecureTransport", "true");
            if let (From::Public(address), true) = (drawn.from, drawn.address_forwarded) {
                put(&mut context, "aws:SourceIp", address);
            }
            return context;
        }
        self.network(&mut context, service, drawn.from, drawn.private);
        context
    }

    fn network(&self, context: &mut Context, service: &str, from: From, private: &str) {
        match from {
            From::Public(address) => put(context, "aws:SourceIp", address),
            From::Foreign => {
                put(context, "aws:VpcSourceIp", private);
                put(context, "aws:SourceVpce", "vpce-0f0e1d2c3b4a59687");
                put(context, "aws:SourceVpc", "vpc-0f0e1d2c3b4a59687");
                owner(
                    context,
                    service,
                    "777700000001",
                    "o-f0reign123",
                    "o-f0reign123/r-f0r1/",
                );
            }
            From::Endpoint(id) if service == "s3" => {
                let (id, vpc, account, path) =
                    ENDPOINTS.iter().find(|row| row.0 == id).expect("a row");
                put(context, "aws:VpcSourceIp", private);
                put(context, "aws:SourceVpce", id);
                put(context, "aws:SourceVpc", vpc);
                owner(context, service, account, "o-acme1a2b3c", path);
            }
            // There is no endpoint for another service in that VPC: it leaves by the internet.
            From::Endpoint(_) => put(context, "aws:SourceIp", "203.0.113.10"),
        }
    }

    /// The findings that such a path contradicts.
    fn contradicts(&self, drawn: &Drawn, party: &Party<'_>) -> Vec<String> {
        let name = known_as(party);
        let action = ActionName::parse(drawn.action).expect("an action");
        let mut ids = Vec::new();
        let access = &self.boundary.datasets[0].access;
        for class in classes(&action) {
            let covering: Vec<&Access> = access
                .iter()
                .filter(|access| covers(access, class, &action) && self.among(&access.who, &name))
                .collect();
            let administers = class == Class::Administer
                && self.among(&self.boundary.datasets[0].administrators, &name);
            let obligation = if is_ours(party, self.org) {
                "identity.unapproved-principal"
            } else {
                "identity.outside-organization"
            };
            if covering.is_empty() && !administers {
                ids.push(format!("{obligation}:records:{}", class.word()));
            }
            let is_read =
                is_ours(party, self.org) && !matches!(party.caller.kind, CallerKind::Root(_));
            if is_read
                && !covering.is_empty()
                && !covering.iter().any(|access| self.expected(access, drawn))
            {
                ids.push("network.unexpected-source:records".to_owned());
            }
        }
        ids
    }

    fn among(&self, who: &[cofferdam_boundary::file::WhoAt], name: &str) -> bool {
        who.iter()
            .any(|who| includes(self.boundary, &who.who, name, TODAY.parse().ok()))
    }

    fn expected(&self, access: &Access, drawn: &Drawn) -> bool {
        let networks = access.from.iter().map(|name| &self.boundary.networks[name]);
        networks
            .into_iter()
            .any(|network| self.is_from(network, drawn))
    }

    /// By the names that the drawn boundary gives.
    fn is_from(&self, network: &NetworkDeclared, drawn: &Drawn) -> bool {
        let starts_elsewhere = drawn.engine.is_some();
        match (network.name.as_str(), drawn.from) {
            ("inside", From::Endpoint("vpce-in")) | ("ours", From::Endpoint(_)) => {
                !starts_elsewhere
            }
            ("office", From::Public("198.51.100.7")) => true,
            ("private", From::Endpoint(_)) => drawn.private == "10.20.0.5" && !starts_elsewhere,
            _ => false,
        }
    }
}

fn is_ours(party: &Party<'_>, org: &Organization) -> bool {
    party
        .caller
        .account
        .is_some_and(|account| org.is_member(account))
}

fn classes(action: &ActionName) -> Vec<Class> {
    all_data_actions(action.service())
        .find(|known| known.name().eq_ignore_ascii_case(action.name()))
        .map(|known| known.classes().collect())
        .unwrap_or_default()
}

fn covers(access: &Access, class: Class, action: &ActionName) -> bool {
    access.can.iter().any(|can| match can {
        Can::Class(approved) => *approved == class,
        Can::Action(pattern) => action_matches(pattern, action.service(), action.name()),
    })
}

fn put(context: &mut Context, key: &str, value: &str) {
    let key = ContextKey::parse(key).expect("a key");
    context.insert(key, vec![value.into()]);
}

fn owner(context: &mut Context, service: &str, account: &str, organization: &str, path: &str) {
    for (key, value) in [
        ("aws:VpceAccount", account),
        ("aws:VpceOrgID", organization),
        ("aws:VpceOrgPaths", path),
    ] {
        if sends_endpoint_key(&key.to_ascii_lowercase(), service) {
            put(context, key, value);
        }
    }
}

fn is_our_role(caller: &str) -> bool {
    caller.contains("assumed-role")
        && (caller.contains("200000000007") || caller.contains("100000000006"))
}

fn tagger(random: &mut Random) -> Tagger {
    let who = random.one(&[
        "arn:aws:sts::200000000007:assumed-role/other/session",
        "arn:aws:iam::100000000006:user/kim",
        "arn:aws:iam::200000000007:root",
        "arn:aws:sts::999900000001:assumed-role/any/session",
        "arn:aws:sts::777700000001:assumed-role/any/session",
    ]);
    Tagger {
        who,
        tag: random.one(&["claims", "cards", "open"]),
        from: PLACES[random.below(PLACES.len())],
        session: session(random, who),
    }
}

/// Keys of the session: the same in every hop.
fn session(random: &mut Random, caller: &str) -> Pairs {
    let mut pairs = Pairs::new();
    if caller == "anonymous" {
        return pairs;
    }
    if random.chance(50) {
        pairs.insert(
            "aws:MultiFactorAuthPresent",
            random.one(&["true", "false"]).to_owned(),
        );
    }
    let ours = ["100000000001", "100000000006", "200000000007"]
        .iter()
        .any(|account| caller.contains(account));
    if caller.contains("assumed-role") {
        pairs.insert(
            "aws:userid",
            format!("{}:session", random.one(&["AROAEXAMPLE", "AROAOTHER"])),
        );
        pairs.insert("aws:TokenIssueTime", "2026-11-22T11:00:00Z".to_owned());
    }
    if ours {
        return pairs;
    }
    if !caller.contains(":root") && random.chance(70) {
        pairs.insert(
            "aws:PrincipalTag/team",
            random.one(&["claims", "cards", "open"]).to_owned(),
        );
    }
    if random.chance(50) {
        pairs.insert("aws:PrincipalOrgID", "o-f0reign123".to_owned());
        pairs.insert("aws:PrincipalOrgPaths", "o-f0reign123/r-f0r1/".to_owned());
    }
    pairs
}

/// Keys that the caller writes into one request.
fn request(random: &mut Random) -> Pairs {
    let mut pairs = Pairs::new();
    pairs.insert(
        "aws:SecureTransport",
        random.one(&["true", "true", "false"]).to_owned(),
    );
    pairs.insert("aws:UserAgent", "someone".to_owned());
    for (key, values) in [
        ("s3:prefix", ["open", "claims"]),
        ("s3:x-amz-server-side-encryption", ["aws:kms", "AES256"]),
    ] {
        if random.chance(40) {
            pairs.insert(key, random.one(&values).to_owned());
        }
    }
    pairs
}
