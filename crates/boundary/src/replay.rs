//! What happened, held against what the sources say, and against what was proved.
//!
//! One event is one answer of AWS. It agrees with the sources if they decide its requests alike over
//! the configuration of its time, and disagrees if they certainly decide otherwise; whatever a record
//! does not show leaves it undecided, and is named. Nothing is guessed to make the rate better.

mod beyond;
mod excluded;
mod likeness;
mod relevant;

use cofferdam_authz::call::{Answered, BlamedKind, Call};
use cofferdam_authz::context::SessionTags;
use cofferdam_authz::free::needs_none;
use cofferdam_authz::gather::Party;
use cofferdam_authz::witness::key;
use cofferdam_findings::replay::Verdict;
use cofferdam_findings::story::Story;
use cofferdam_names::Arn;
use cofferdam_org::change::Touches;
use cofferdam_org::model::Organization;
use cofferdam_policy::operand::Network;

use crate::explain;

pub use excluded::{Excluded, Proofs, is_held};
pub use likeness::Likeness;
pub use relevant::{Relevant, Then};

/// What is known of the session that made a call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Session {
    /// Its beginning is not among the events.
    Unknown,
    /// The call that began it was seen.
    Begun {
        /// Its tags.
        tags: Vec<(Box<str>, Box<str>)>,
        /// Whether it may have more of them.
        more_tags: bool,
        /// Whether session policies narrow it.
        has_policies: bool,
    },
}

/// A call as an event tells it.
#[derive(Clone, Debug)]
pub struct Told {
    /// The call.
    pub call: Call,
    /// Only the account of its principal is told.
    pub only_account: bool,
    /// The principal's unique id.
    pub unique_id: Option<String>,
    /// It is the endpoint's owner who tells it, without its resource.
    pub network_activity: bool,
}

/// What came of comparing.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Whether the sources agree with AWS.
    pub verdict: Verdict,
    /// Why, in one sentence; of an undecided one, what is missing.
    pub why: String,
    /// What the sources decided.
    pub decision: &'static str,
    /// Why, of a disagreement: nobody asks of the others, of which there are many more.
    pub story: Option<Box<Story>>,
}

impl Compared {
    /// A verdict for which nothing was decided.
    pub fn without_story(verdict: Verdict, why: String) -> Compared {
        Compared {
            verdict,
            why,
            decision: "undecided",
            story: None,
        }
    }
}

/// Completes what only the sources know: a principal by its unique id, a role's path, the signs at the
/// end of a secret's ARN.
pub fn completed(org: &Organization, told: &Told) -> Told {
    let mut told = told.clone();
    if told.only_account
        && let Some(principal) = by_unique_id(org, told.unique_id.as_deref())
    {
        told.call.principal = principal;
        told.only_account = false;
    }
    if let Some(resource) = told
        .call
        .resource
        .as_deref()
        .and_then(|arn| whole(org, arn))
    {
        told.call.resource = Some(resource);
    }
    told
}

fn by_unique_id(org: &Organization, id: Option<&str>) -> Option<String> {
    let id = id?;
    let known = org
        .principals
        .iter()
        .find(|one| one.unique_id.present().is_some_and(|known| &**known == id))?;
    Some(known.arn.to_string())
}

/// Stands for the signs that Secrets Manager gives to the ARN of a secret.
const SUFFIX: &str = "-??????";

/// An ARN that a record could not tell in full.
fn whole(org: &Organization, arn: &str) -> Option<String> {
    if let Some(name) = arn.strip_suffix(SUFFIX) {
        let of_name = |found: &&Arn| {
            let rest = found.as_str().strip_prefix(name);
            rest.is_some_and(|rest| rest.len() == SUFFIX.len() && rest.starts_with('-'))
        };
        let mut found = org.resources.iter().map(|one| &one.arn).filter(of_name);
        return found.next().map(Arn::to_string);
    }
    let (account, name) = arn.split_once(":role/")?;
    if name.contains('/') || org.principal(arn).is_some() {
        return None;
    }
    let beginning = format!("{account}:role/");
    let ending = format!("/{name}");
    let mut found = org.principals.iter().map(|one| one.arn.as_str());
    found
        .find(|arn| arn.starts_with(&beginning) && arn.ends_with(&ending))
        .map(str::to_owned)
}

/// Compares one call with what the sources decide.
pub fn compare(org: &Organization, told: &Told, session: &Session) -> Compared {
    let undecided = |why: String| Compared::without_story(Verdict::Undecided, why);
    if told.call.answer == Answered::NotTold {
        return Compared::without_story(Verdict::NoDecision, NOT_TOLD.to_owned());
    }
    if needs_none(&told.call.name) {
        return Compared::without_story(Verdict::NoDecision, NO_PERMISSION.to_owned());
    }
    if told.network_activity {
        return undecided(NO_RESOURCE.to_owned());
    }
    if told.only_account {
        return undecided(ONLY_ACCOUNT.to_owned());
    }
    let Some(mut party) = Party::from_text(org, &told.call.principal) else {
        return undecided("the kind of its caller is not one that decisions know".to_owned());
    };
    let call = &with_session(&told.call, &mut party, session);
    let story = explain::decided(org, &party, call);
    let is_session = party.caller.is_role_session();
    let (verdict, why) = judged(&story, call, session, is_session);
    Compared {
        verdict,
        why,
        decision: story.decision,
        story: (verdict == Verdict::Disagrees).then(|| Box::new(story)),
    }
}

const NOT_TOLD: &str = "the call came to no decision: it was throttled, malformed or not signed";
const NO_PERMISSION: &str = "the call needs no permission, and no policy can refuse it";
const NO_RESOURCE: &str =
    "a network activity event tells neither the resource nor the parameters of its call";
const ONLY_ACCOUNT: &str =
    "the copy of an event for the resource's owner names only the caller's account";

/// The call with what its session brings along. What the beginning of the session does not tell may
/// be anything.
fn with_session(call: &Call, party: &mut Party<'_>, session: &Session) -> Call {
    let mut call = call.clone();
    let is_session = party.caller.is_role_session();
    match session {
        Session::Unknown if is_session => party.session_tags = SessionTags::Open,
        Session::Begun {
            tags, more_tags, ..
        } => {
            for (name, value) in tags {
                if let Some(key) = key(&format!("aws:PrincipalTag/{name}")) {
                    call.context.insert(key, vec![value.clone()]);
                }
            }
            if *more_tags {
                party.session_tags = SessionTags::Open;
            }
        }
        Session::Unknown => {}
    }
    call
}

/// The verdict on a story. A session policy can only narrow, so it explains a refusal and no pass.
fn judged(story: &Story, call: &Call, session: &Session, is_session: bool) -> (Verdict, String) {
    let Some(said) = &story.aws else {
        return (Verdict::NoDecision, String::new());
    };
    let refused = story.decision != "allowed" && story.decision != "undecided";
    // Some network would give AWS's answer, and another would not.
    let by_network = story.requests.iter().any(|one| !one.places.is_empty());
    if by_network && said.agrees == Some(true) {
        return (Verdict::Undecided, NO_NETWORK.to_owned());
    }
    let Answered::Refused(blame) = &call.answer else {
        return match said.agrees {
            Some(true) => (Verdict::Agrees, said.why.clone()),
            Some(false) => (Verdict::Disagrees, said.why.clone()),
            None => (Verdict::Undecided, missing(story)),
        };
    };
    let may_be_narrowed = match session {
        Session::Unknown => is_session,
        Session::Begun { has_policies, .. } => *has_policies,
    };
    let by_session = blame.kind == Some(BlamedKind::Session);
    match said.agrees {
        Some(true) => (Verdict::Agrees, said.why.clone()),
        None if refused && !by_session => (Verdict::Agrees, said.why.clone()),
        None => (Verdict::Undecided, missing(story)),
        Some(false) if story.decision == "undecided" => (Verdict::Undecided, missing(story)),
        Some(false) if by_session || (may_be_narrowed && blame.kind.is_none() && !refused) => {
            (Verdict::Undecided, NARROWED.to_owned())
        }
        Some(false) => (Verdict::Disagrees, said.why.clone()),
    }
}

const NO_NETWORK: &str = "the network that it came from is not told, and decides it";

const NARROWED: &str =
    "a session policy may have refused it, and its text is not among what is read";

/// What would settle it; the commonest reason of each request is enough to group by.
fn missing(story: &Story) -> String {
    let whys = story.missing.iter().map(|missing| {
        let why = missing.why.replace(" (give it with --resource)", "");
        match why.contains(':') || why.contains(' ') {
            true => why,
            false => format!("{} is not known", missing.key),
        }
    });
    let mut whys: Vec<String> = whys.collect();
    whys.sort();
    whys.dedup();
    whys.truncate(REASONS_MAX);
    match whys.is_empty() {
        true => NO_NETWORK.to_owned(),
        false => whys.join("; "),
    }
}

/// Reasons that are told of one undecided event.
const REASONS_MAX: usize = 3;

/// Whether an address lies in a network; IPv4 and IPv6 never meet.
fn holds(network: &Network, address: std::net::IpAddr) -> bool {
    let bits = |address: std::net::IpAddr| match address {
        std::net::IpAddr::V4(four) => (u128::from(four.to_bits()) << 96, 32),
        std::net::IpAddr::V6(six) => (six.to_bits(), 128),
    };
    let ((one, width), (other, other_width)) = (bits(network.address), bits(address));
    let shift = 128 - u32::from(network.prefix);
    width == other_width && (shift >= 128 || one >> shift == other >> shift)
}

/// What a change is about, in words.
pub fn in_words(touches: &Touches) -> String {
    match touches {
        Touches::Role(account, name) => format!("the role {name} of {account}"),
        Touches::User(account, name) => format!("the user {name} of {account}"),
        Touches::Account(account) => format!("the account {account}"),
        Touches::Resource(arn) => arn.to_string(),
        Touches::Organization => "the organization".to_owned(),
        Touches::Endpoint(id) if id.is_empty() => "an endpoint".to_owned(),
        Touches::Endpoint(id) => format!("the endpoint {id}"),
    }
}

#[cfg(test)]
mod tests;
