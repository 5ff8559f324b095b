//! One data path as concrete requests, decided hop by hop.
//!
//! First the solver looks for a request of the wanted kind that passes: a path that must be refused
//! is refused only if there is none. Then a plain request stands for all of them, so that each
//! layer can be asked about it.

use std::collections::BTreeSet;

use crate::command::with_command;
use cofferdam_authz::concrete::{Asked, Context};
use cofferdam_authz::context::{Network, SessionTags};
use cofferdam_authz::decide::{Decision, Outcome, decide};
use cofferdam_authz::gather::{self, Party, Thing};
use cofferdam_authz::layers::{IdentitySide, LayerId};
use cofferdam_authz::search::{Found, Search};
use cofferdam_authz::symbolic::{Interval, Wanted};
use cofferdam_authz::witness::{Request, key};
use cofferdam_findings::finding::Step;
use cofferdam_logic::Model;
use cofferdam_names::ContextKey;
use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{Organization, Resource};

use super::alone::Alone;
use super::place::Place;
use crate::cast::Cast;
use crate::file::NetworkDeclared;
use crate::path::{Path, host_of};
use crate::probe_case::{self, Side};
use crate::reach;
use crate::scope::{Group, Store};

/// Somebody who tries.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// An ARN, a service host, or `anonymous`, as requests name it.
    pub text: String,
    /// Whether its own policies are taken to allow everything.
    pub administrator: bool,
}

/// What is tried.
pub(super) struct Try<'t, 'a> {
    /// The organization.
    pub org: &'a Organization,
    /// Everybody.
    pub cast: &'a Cast<'a>,
    /// The store.
    pub store: &'t Store<'a>,
    /// The actions of which one must pass.
    pub group: &'t Group,
    /// An address that no declared network holds.
    pub elsewhere: &'static str,
    /// What plain requests state beside caller and network.
    pub base: &'t Base,
}

/// What an approved request states, apart from who made it and from where.
#[derive(Clone, Debug, Default)]
pub(super) struct Base {
    /// In the data request.
    pub data: Context,
    /// In the use of the key.
    pub key: Context,
}

/// What became of it.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    /// The requests.
    pub steps: Vec<Step>,
    /// What was decided for all together.
    pub outcome: Outcome,
    /// Every layer that refuses by itself.
    pub refused_by: Vec<&'static str>,
    /// The requests as decision cases, without their names.
    pub cases: Vec<probe_case::Draft>,
    /// The requests of the caller itself, to be varied.
    pub base: Base,
}

/// One request with who makes it.
struct Made<'a> {
    request: Request,
    thing: Thing<'a>,
    note: Option<String>,
    administrator: bool,
}

impl<'t, 'a> Try<'t, 'a> {
    /// Looks for a request by `party` from the place that passes, whatever the unknown facts are.
    /// `except` are networks that it must not come from.
    pub(super) fn passing(
        &self,
        party: &Party<'a>,
        place: &Place<'_>,
        except: &[&NetworkDeclared],
    ) -> Option<Attempt> {
        let mut path = Path::new(self.org, self.cast);
        path.writes_use_key = place.is_approved();
        let data = path.data(party, self.store, self.group, None);
        let mut parts = vec![data.whole, place.holds(&mut path, data.data.hop)];
        for declared in except {
            let expected = reach::expected(&mut path, data.data.hop, declared);
            parts.push(path.not(expected));
        }
        let goal = path.all(&parts);
        self.solve(&mut path, goal)
    }

    fn solve(&self, path: &mut Path<'_>, goal: Interval) -> Option<Attempt> {
        let goal = path.query.goal(&[goal]);
        if goal.may == cofferdam_logic::Formula::FALSE {
            return None;
        }
        match Search::new(&path.query, goal).find() {
            Found::Certain(model) | Found::Possible(model) => Some(self.of_model(path, &model)),
            Found::Nothing(_) | Found::GaveUp(_) => None,
        }
    }

    fn of_model(&self, path: &Path<'_>, model: &Model<'_>) -> Attempt {
        let mut hops: Vec<_> = path
            .hops
            .iter()
            .filter(|hop| model.holds(hop.taken))
            .collect();
        hops.sort_by_key(|hop| !matches!(hop.thing, Thing::Role(_)));
        let made = hops.into_iter().filter_map(|hop| {
            let request = path.query.request(hop.number, model)?;
            let note = hop.note.clone().or_else(|| Some(request.network.clone()));
            let note = note.filter(|note| !note.is_empty());
            Some(Made {
                request,
                thing: hop.thing,
                note,
                administrator: false,
            })
        });
        self.decided(&made.collect::<Vec<_>>(), None)
    }

    /// The plain request from a place, with the use of the key that comes with it.
    pub(super) fn plain(&self, caller: &Caller, place: &Place<'_>) -> Option<Attempt> {
        let data = self.data_request(caller, place)?;
        let mut made = vec![Made {
            request: data,
            thing: self.store.thing(),
            note: Some(place.words()),
            administrator: caller.administrator,
        }];
        let (uses, doubt) = self.key_uses(caller);
        made.extend(uses);
        Some(self.decided(&made, doubt))
    }

    /// The use of the key alone.
    pub(super) fn key_alone(&self, caller: &Caller) -> Option<Attempt> {
        let (uses, _) = self.key_uses(caller);
        (!uses.is_empty()).then(|| self.decided(&uses, None))
    }

    fn data_request(&self, caller: &Caller, place: &Place<'_>) -> Option<Request> {
        let mut context = self.base.data.clone();
        context.extend(place.context(self.org, self.store.service, self.elsewhere));
        context.extend(foreign_keys(self.org, caller));
        Some(Request {
            principal: caller.text.clone(),
            action: self.group.actions.first()?.name.clone(),
            resource: example(&self.group.wanted),
            context,
            forwarded_by: None,
            network: String::new(),
        })
    }

    /// The uses of the key, or why there can be none or none can be told.
    fn key_uses(&self, caller: &Caller) -> (Vec<Made<'a>>, Option<Doubt>) {
        if self.group.key_check != cofferdam_catalog::KeyCheck::Caller {
            return (Vec::new(), None);
        }
        let named = match &self.store.resource.encryption {
            Known::Absent => return (Vec::new(), None),
            Known::Unknown(_) => return (Vec::new(), Some(Doubt::Unread)),
            Known::Present(encryption) => &encryption.key,
        };
        let Some(key) = self.org.key_of(self.store.resource) else {
            let own = cofferdam_names::Arn::parse(&caller.text)
                .ok()
                .and_then(|arn| arn.account_id());
            return match named {
                Some(_) => (Vec::new(), Some(Doubt::Unread)),
                None if own == Some(self.store.resource.account) => (Vec::new(), None),
                None => (Vec::new(), Some(Doubt::ManagedByAws)),
            };
        };
        (
            self.group
                .key_actions
                .iter()
                .map(|action| self.key_use(caller, key, action))
                .collect(),
            None,
        )
    }

    fn key_use(
        &self,
        caller: &Caller,
        key: &'a Resource,
        action: &cofferdam_names::ActionName,
    ) -> Made<'a> {
        let host = host_of(self.store.service);
        let mut context = self.base.key.clone();
        context.extend(foreign_keys(self.org, caller));
        let request = Request {
            principal: caller.text.clone(),
            action: action.clone(),
            resource: key.arn.to_string(),
            context,
            forwarded_by: Some(host.to_owned()),
            network: String::new(),
        };
        Made {
            request,
            thing: Thing::Resource(key),
            note: Some(format!(
                "made by {host} on the caller's behalf, to use the key"
            )),
            administrator: caller.administrator,
        }
    }

    fn decided(&self, made: &[Made<'_>], doubt: Option<Doubt>) -> Attempt {
        let mut attempt = Attempt {
            steps: Vec::new(),
            outcome: Outcome::Allowed,
            refused_by: Vec::new(),
            cases: Vec::new(),
            base: Base::default(),
        };
        let mut refused = BTreeSet::new();
        let mut outcomes = Vec::new();
        for one in made {
            let (decision, layers, draft) = self.decide(one);
            refused.extend(layers);
            outcomes.push(decision.outcome);
            attempt.steps.push(step(one, &decision));
            attempt.cases.push(draft);
            match one.thing {
                Thing::Resource(resource) if resource.kind == Kind::Key => {
                    attempt.base.key = own_words(&one.request.context);
                }
                Thing::Resource(_) => attempt.base.data = own_words(&one.request.context),
                _ => {}
            }
        }
        if let Some(Doubt::ManagedByAws) = doubt {
            refused.insert(LayerId::KeyPolicy);
            outcomes.push(Outcome::ImplicitlyDenied);
        }
        if let Some(Doubt::Unread) = doubt {
            outcomes.push(Outcome::Undecided);
        }
        attempt.outcome = together(&outcomes);
        attempt.refused_by = refused.into_iter().map(LayerId::id).collect();
        attempt
    }

    /// What is decided of one request, by whom alone, and as a case.
    fn decide(&self, made: &Made<'_>) -> (Decision, Vec<LayerId>, probe_case::Draft) {
        let Request {
            action,
            resource,
            context,
            forwarded_by,
            principal,
            ..
        } = &made.request;
        let party = Party::from_text(self.org, principal).unwrap_or_else(Party::anonymous);
        let party = Party {
            session_tags: SessionTags::Stated,
            ..party
        };
        let mut layers = gather::layers(self.org, &party, made.thing, action.service());
        if made.administrator {
            layers.identity = IdentitySide::Everything;
        }
        let network = match forwarded_by {
            Some(_) => Network::Aws,
            None => Network::Stated,
        };
        let mut situation =
            gather::situation(self.org, &party, made.thing, action.service(), network);
        situation.forwarded_by = forwarded_by.as_deref();
        let asked = Asked {
            action,
            resource,
            context,
            strict: true,
        };
        let whole = decide(&layers, &asked, &situation);
        let refusing = match whole.refused {
            true => Alone {
                layers: &layers,
                asked: &asked,
                situation: &situation,
                whole: &whole,
            }
            .refusing(),
            false => Vec::new(),
        };
        let side = Side {
            party: &party,
            layers: &layers,
            situation: &situation,
        };
        let draft = probe_case::draft(&made.request, &side, made.thing, whole.outcome);
        (whole, refusing, draft)
    }
}

/// Why the use of the key cannot be shown as a request.
enum Doubt {
    /// AWS manages the key: it works for its own account only ("AWS managed keys").
    ManagedByAws,
    /// The key or the encryption was not read.
    Unread,
}

/// All hops must pass.
fn together(outcomes: &[Outcome]) -> Outcome {
    let order = [
        Outcome::ExplicitlyDenied,
        Outcome::ImplicitlyDenied,
        Outcome::Undecided,
    ];
    order
        .into_iter()
        .find(|outcome| outcomes.contains(outcome))
        .unwrap_or(Outcome::Allowed)
}

fn step(made: &Made<'_>, decision: &Decision) -> Step {
    let Request {
        principal,
        action,
        resource,
        context,
        ..
    } = &made.request;
    let values = |values: &Vec<Box<str>>| values.iter().map(ToString::to_string).collect();
    with_command(Step {
        principal: principal.clone(),
        action: action.to_string(),
        resource: resource.clone(),
        context: context
            .iter()
            .map(|(key, held)| (key.to_string(), values(held)))
            .collect(),
        decision: decision.outcome.word(),
        note: made.note.clone(),
        command: None,
    })
}

/// An object, an index or a stream that may well exist.
fn example(wanted: &Wanted) -> String {
    match wanted {
        Wanted::Exactly(arn) => arn.clone(),
        Wanted::Anything => "*".to_owned(),
        Wanted::Under(beginning) => format!("{beginning}example"),
        Wanted::Like(pattern) => pattern.replace('*', "example").replace('?', "x"),
    }
}

/// Beginnings of keys that say who asks or from where, and what follows from a forwarding.
const NOT_OWN_WORDS: [&str; 9] = [
    "aws:principal",
    "aws:userid",
    "aws:username",
    "aws:source",
    "aws:vpc",
    "aws:viaawsservice",
    "aws:calledvia",
    "kms:viaservice",
    "kms:calleraccount",
];

/// What a request states by the caller's choice.
fn own_words(context: &Context) -> Context {
    let own = context.iter().filter(|(key, _)| {
        !NOT_OWN_WORDS
            .iter()
            .any(|start| key.folded().starts_with(start))
    });
    own.map(|(key, values)| (key.clone(), values.clone()))
        .collect()
}

/// The organization of somebody else's account.
fn foreign_keys(org: &Organization, caller: &Caller) -> Vec<(ContextKey, Vec<Box<str>>)> {
    let account = cofferdam_names::Arn::parse(&caller.text)
        .ok()
        .and_then(|arn| arn.account_id());
    let foreign = account.is_some_and(|account| !org.accounts.contains_key(&account));
    let organization = key("aws:PrincipalOrgID").filter(|_| foreign);
    organization
        .into_iter()
        .map(|key| (key, vec![FOREIGN_ORGANIZATION.into()]))
        .collect()
}

/// An organization id of the right form that is not ours.
const FOREIGN_ORGANIZATION: &str = "o-f0reign123";
