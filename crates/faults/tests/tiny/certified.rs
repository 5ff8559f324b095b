//! Certificates of all tiny organizations: each bound that is answered is written and holds.
//!
//! The checker tries every edge of every actor on every object. So a cover that holds says of the
//! search what brute force says, from another side: its closed states leave nothing out.

use cofferdam_boundary::cast::Cast;
use cofferdam_boundary::file::read;
use cofferdam_boundary::obligations::Context;
use cofferdam_boundary::scope::Scope;
use cofferdam_faults::answer::{Options, certified};
use cofferdam_faults::catalogue::edges;
use cofferdam_faults::certificate::verify::{Outcome, Refused, Shows, verify};
use cofferdam_faults::closure::{Closure, Mode};
use cofferdam_faults::decide::Decider;
use cofferdam_faults::fault::Universe;
use cofferdam_faults::power::State;
use cofferdam_faults::setting::Setting;
use cofferdam_findings::depths::{Attack, Bounds, Certificate, Closed, Of};
use cofferdam_findings::faults::Depths;
use cofferdam_text::Documents;

use crate::case::{Case, cases, organization};
use crate::suite::FILES;

/// Sets of up to this size are tried.
const UP_TO: u32 = 3;

#[test]
fn identity() {
    check("identity");
}

#[test]
fn guards() {
    check("guards");
}

#[test]
fn stores() {
    check("stores");
}

#[test]
fn evidence() {
    check("evidence");
}

fn check(file: &str) {
    let (_, text) = FILES.iter().find(|(name, _)| *name == file).unwrap();
    let only = std::env::var("COFFERDAM_TINY").ok();
    let mut wrong = Vec::new();
    for case in cases(text) {
        if only.as_ref().is_some_and(|only| !case.name.contains(only)) {
            continue;
        }
        wrong.extend(differences(&case));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Asks about a case, has its certificate changed, and checks that against what was answered.
fn checked(
    case: &Case,
    change: impl FnOnce(&mut Certificate),
) -> (Depths, Certificate, Vec<Result<Outcome, Refused>>) {
    let org = cofferdam_fixture::organization(&case.organization);
    let mut documents = Documents::new();
    let node = documents
        .read_yaml("boundary", case.boundary().into_bytes())
        .unwrap();
    let (boundary, _) = read(&[node]);
    let cast = Cast::of(&org);
    let setting = Setting::new(Context {
        org: &org,
        boundary: &boundary,
        cast: &cast,
        as_of: None,
    });
    let datasets = boundary.datasets.iter();
    let scopes: Vec<Scope<'_>> = datasets.map(|one| Scope::of(&org, one)).collect();
    let options = Options {
        search_to: UP_TO,
        ..Options::default()
    };
    let (mut found, bounds) = certified(&setting, &scopes, &options, &|_, _| {}, true).unwrap();
    let mut certificate = Certificate {
        faults: vec!["compromise".to_owned()],
        datasets: bounds,
        ..Certificate::default()
    };
    change(&mut certificate);
    let outcomes = verify(&setting, &scopes, edges(), &certificate, 1).unwrap();
    (found.datasets.remove(0), certificate, outcomes)
}

/// What of a case's certificate does not hold.
fn differences(case: &Case) -> Vec<String> {
    let (found, certificate, outcomes) = checked(case, |_| {});
    let mut wrong = missing(&found, &certificate.datasets[0]);
    for outcome in outcomes {
        let outcome = outcome.unwrap();
        if let Err(refused) = &outcome.result {
            let of = outcome.of.word();
            let shows = match outcome.shows {
                Shows::AtMost(size) => format!("{of} by {size}"),
                Shows::AtLeast(depth, _) => format!("{of} at least {depth}"),
            };
            wrong.push(format!("{shows}: {}", refused.what));
        }
    }
    let name = &case.name;
    wrong.iter().map(|what| format!("{name}: {what}")).collect()
}

/// Bounds that were answered and are not there.
fn missing(found: &Depths, bounds: &Bounds) -> Vec<String> {
    let mut wrong = bounds.unwritten.clone();
    for (of, depth) in [
        (Of::Leak, found.leak_depth),
        (Of::Breach, found.breach_depth),
    ] {
        let sizes = bounds.upper.iter().filter(|attack| attack.of == of);
        let at_most = sizes.map(|attack| attack.faults.len()).min();
        if at_most != depth.must.map(|size| size as usize) {
            wrong.push(format!("{of:?} at most {at_most:?}, not {:?}", depth.must));
        }
        let may = depth.may.unwrap_or(found.searched_to + 1);
        let covers = bounds.lower.iter().filter(|cover| cover.of == of);
        let at_least = covers.map(|cover| cover.at_least).max().unwrap_or(0);
        if at_least != may {
            wrong.push(format!("{of:?} at least {at_least}, not {may}"));
        }
    }
    wrong
}

/// A small organization: a developer who runs code as an opener, a trail with an administrator of
/// its own.
const ATTACKED: &str = r##"
roles:
  #2/reader: {trust: runs(ec2), inline: {a: can(s3:GetObject)}}
  #2/opener: {trust: runs(lambda), inline: {a: can(s3:DeleteBucketPolicy s3:GetObject)}}
  #2/developer: {trust: runs(ec2), inline: {a: can(iam:PassRole lambda:CreateFunction lambda:InvokeFunction)}}
  #4/logging: {trust: runs(ec2), inline: {a: can(cloudtrail:StopLogging)}}
buckets: {acme-records: {account: "#2", policy: {Effect: Deny, Principal: "*", Action: "s3:GetObject", Resource: "*"}}, LOGS}
trails: {TRAIL}
"##;

fn attacked() -> Case {
    Case {
        name: "attacked".to_owned(),
        data: vec!["arn:aws:s3:::acme-records".to_owned()],
        organization: organization(ATTACKED),
        ..Case::default()
    }
}

/// The attack of the developer, in three steps with the read.
fn attack(certificate: &mut Certificate) -> &mut Attack {
    let attacks = certificate.datasets[0].upper.iter_mut();
    let mut by_developer = attacks.filter(|one| one.faults[0].contains("developer"));
    by_developer.next().unwrap()
}

/// The first state of the cover of breaches.
fn state(certificate: &mut Certificate) -> &mut Closed {
    let mut covers = certificate.datasets[0].lower.iter_mut();
    let cover = covers.find(|cover| cover.of == Of::Breach).unwrap();
    &mut cover.states[0]
}

/// That a change is refused, and why.
#[track_caller]
fn refused(change: impl FnOnce(&mut Certificate), why: &str) {
    let (_, _, outcomes) = checked(&attacked(), change);
    let refused: Vec<Refused> = outcomes
        .into_iter()
        .filter_map(|outcome| outcome.and_then(|outcome| outcome.result).err())
        .collect();
    assert_eq!(refused.len(), 1, "{why}: {refused:?}");
    assert!(refused[0].what.contains(why), "{why}: {refused:?}");
}

#[test]
fn an_attack_that_was_changed_is_refused() {
    refused(|all| drop(attack(all).steps.remove(0)), "nobody acts as");
    refused(|all| drop(attack(all).steps.pop()), "the decision is");
    refused(|all| attack(all).steps.swap(0, 1), "nobody acts as");
    refused(
        |all| attack(all).steps[0].edge = "A01".to_owned(),
        "requests where",
    );
    refused(
        |all| attack(all).steps[0].edge = "Z01".to_owned(),
        "there is no such edge",
    );
    refused(
        |all| drop(attack(all).steps[0].requests.pop()),
        "requests where it needs",
    );
    refused(
        |all| attack(all).steps[0].requests[1].action = "s3:ListBucket".to_owned(),
        "the edge needs",
    );
    refused(
        |all| {
            attack(all).steps[0].gains =
                vec!["is arn:aws:iam::200000000004:role/logging".to_owned()]
        },
        "this does not gain",
    );
    refused(
        |all| {
            attack(all).steps[0].on = "principal arn:aws:iam::200000000002:role/reader".to_owned()
        },
        "its guards do not certainly hold",
    );
    refused(
        |all| attack(all).steps[1].requests[0].resource = "arn:aws:s3:::acme-logs".to_owned(),
        "the edge is not about this",
    );
    refused(
        |all| attack(all).exit.requests[0].resource = "arn:aws:s3:::acme-logs/x".to_owned(),
        "this reads no data of it",
    );
    refused(
        |all| attack(all).exit.store = "arn:aws:s3:::acme-logs".to_owned(),
        "holds no data of it",
    );
    refused(
        |all| attack(all).exit.requests.clear(),
        "there is no request",
    );
    refused(|all| attack(all).exit.reader = None, "it is not copied out");
    refused(|all| attack(all).faults.clear(), "nobody acts as");
    refused(
        |all| {
            attack(all).faults =
                vec!["compromise(arn:aws:iam::200000000002:role/nobody)".to_owned()]
        },
        "is not counted as a fault",
    );
    refused(|all| attack(all).of = Of::Breach, "this read is recorded");
}

/// What a request states wins over what follows of its caller, so it may state only what its sender
/// chooses.
#[test]
fn a_request_states_only_what_its_sender_chooses() {
    let state = |key: &'static str, value: &'static str| {
        move |all: &mut Certificate| {
            let context = &mut attack(all).steps[0].requests[0].context;
            context.retain(|(name, _)| !name.eq_ignore_ascii_case(key));
            context.push((key.to_owned(), vec![value.to_owned()]));
        }
    };
    for (key, value) in [
        ("aws:PrincipalArn", "arn:aws:iam::200000000002:role/opener"),
        ("aws:PrincipalAccount", "200000000004"),
        ("aws:PrincipalOrgID", "o-other"),
        ("aws:PrincipalTag/team", "data"),
        ("aws:SourceVpce", "vpce-0f0f"),
    ] {
        refused(state(key, value), "which is not its to state");
    }
    refused(
        state("aws:MultiFactorAuthPresent", "true"),
        "which no attacker chooses",
    );
    refused(
        state("aws:SourceIdentity", "somebody"),
        "which no attacker chooses",
    );
    refused(state("aws:SourceIp", "10.0.0.1"), "it does not come from");
    refused(
        state("iam:PassedToService", "ec2.amazonaws.com"),
        "it does not state",
    );
    refused(
        |all| {
            attack(all).steps[0].requests[0].principal =
                "arn:aws:sts::200000000002:assumed-role/opener/session".to_owned()
        },
        "it is sent by",
    );
}

#[test]
fn a_cover_that_was_changed_is_refused() {
    let drop_power = |word: &'static str| {
        move |all: &mut Certificate| {
            let holds = &mut state(all).holds;
            let at = holds.iter().position(|power| power.starts_with(word));
            holds.remove(at.unwrap());
        }
    };
    refused(drop_power("bare "), "which this state lacks");
    refused(drop_power("is "), "starts with");
    refused(
        |all| drop(state(all).faults.remove(0)),
        "starts inside no state",
    );
    refused(
        |all| state(all).holds.push("own nothing".to_owned()),
        "there is no power",
    );
    refused(
        |all| state(all).faults.push("account(200000000004)".to_owned()),
        "is not counted as a fault",
    );
    // A state in which more has happened is closed no longer, or lets data leave.
    refused(
        |all| {
            state(all)
                .holds
                .push("blind arn:aws:cloudtrail:eu-west-1:200000000004:trail/main".to_owned())
        },
        "in this state",
    );
    refused(
        |all| {
            let mut covers = all.datasets[0].lower.iter_mut();
            covers
                .find(|cover| cover.of == Of::Breach)
                .unwrap()
                .at_least += 1;
        },
        "starts inside no state",
    );
    refused(
        |all| {
            let mut covers = all.datasets[0].lower.iter_mut();
            covers
                .find(|cover| cover.of == Of::Breach)
                .unwrap()
                .at_least = 0;
        },
        "a bound of 0 says nothing",
    );
    refused(
        |all| all.datasets[0].dataset = "others".to_owned(),
        "declares no dataset",
    );
    refused(|all| all.faults.push("weather".to_owned()), "there is not");
}

/// More powers never forbid: what lower bounds rest on. Each question that a state settles is
/// settled alike, or in favour of the attacker, in every state that holds more.
#[test]
fn whoever_holds_more_is_refused_nothing_more() {
    let mut asked = 0;
    for (_, text) in FILES {
        for case in cases(text) {
            asked += grows(&case);
        }
    }
    assert!(asked > 300, "only {asked} powers were compared");
}

/// What single faults lead to is held by what any two of them lead to together.
fn grows(case: &Case) -> usize {
    let org = cofferdam_fixture::organization(&case.organization);
    let mut documents = Documents::new();
    let node = documents
        .read_yaml("boundary", case.boundary().into_bytes())
        .unwrap();
    let (boundary, _) = read(&[node]);
    let cast = Cast::of(&org);
    let setting = Setting::new(Context {
        org: &org,
        boundary: &boundary,
        cast: &cast,
        as_of: None,
    });
    let decider = Decider::new(&setting, edges()).unwrap();
    let closure = Closure::new(&decider, edges());
    let faults = Universe::default().faults(&setting);
    let closed = |mut state: State, mode: Mode| {
        closure.close(&mut state, mode);
        state
    };
    let mut asked = 0;
    for mode in [Mode::Certain, Mode::Possible] {
        for (at, one) in faults.iter().enumerate() {
            let alone = closed(one.start(&setting), mode);
            for other in faults.iter().skip(at + 1) {
                let mut both = one.start(&setting);
                both.join(&setting, &other.start(&setting));
                let both = closed(both, mode);
                for power in alone.powers() {
                    asked += 1;
                    assert!(both.holds(power), "{}: {mode:?} {power:?}", case.name);
                }
            }
        }
    }
    asked
}
