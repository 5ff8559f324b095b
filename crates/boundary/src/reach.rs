//! Every way into a store: who, with which classes of actions, from where, under which conditions.
//!
//! One formula is made for a principal and a group of actions. If it can hold at all, it is asked
//! again for each class and each network, so that most principals cost one question only. Answers
//! that hang on something unknown are kept apart from certain ones.

mod classes;
mod conditions;
mod nameless;
mod places;
mod unread;

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_authz::caller::{CallerKind, Crowd};
use cofferdam_authz::gather::{Party, Thing};
use cofferdam_authz::search::{Found, Search};
use cofferdam_authz::symbolic::Interval;
use cofferdam_catalog::Class;
use cofferdam_logic::Formula;
use cofferdam_names::{AccountId, ActionName};
use cofferdam_org::model::Organization;
use cofferdam_policy::ast::{Policy, PrincipalPattern, Principals};

use crate::cast::{Cast, known_as};
use crate::file::Who;
use crate::granted::near;
use crate::obligations::{Approval, CLASSES};
use crate::path::{DataPath, Path, Request, exactly};
use crate::scope::{Group, Store};

pub(crate) use classes::{CallerClass, Classes, Scene, Standing};

pub use places::{Place, PlaceName, contains, expected};

/// One way into a store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// ARN, service host, `anonymous`, or a crowd in words.
    pub principal: String,
    /// What can be done.
    pub class: Class,
    /// From where.
    pub from: PlaceName,
    /// Whether the boundary approves it; `None` without a boundary.
    pub approved: Option<bool>,
    /// Whether it is certain, or hangs on something unknown.
    pub certain: bool,
    /// What the request must be like beside that, in words.
    pub conditions: Vec<String>,
}

/// Every way into a store.
#[derive(Debug, Default)]
pub struct Ways {
    /// The ways, in the order in which parties are asked.
    pub ways: Vec<Way>,
    /// Everywhere that requests to the store may come from, but for those that services make of
    /// themselves.
    pub places: BTreeSet<PlaceName>,
    /// Why something could not be told, by whom it is about.
    pub unclear: BTreeMap<String, String>,
    /// Allowed actions of which AWS's pages do not settle whether they are recorded, each with
    /// somebody who may take it.
    pub unsettled: BTreeMap<ActionName, String>,
}

impl Ways {
    /// Adds the ways that a party has in common with its class: asked, if they were not before.
    fn also(
        &mut self,
        name: &str,
        classes: &mut Classes<Ways>,
        class: CallerClass,
        ask: impl FnOnce(&mut Ways),
    ) {
        if let Some(ways) = classes.get(&class) {
            self.copy(name, ways);
            return;
        }
        // An action that is settled for one need not be settled again.
        let mut own = Ways {
            unsettled: std::mem::take(&mut self.unsettled),
            ..Ways::default()
        };
        ask(&mut own);
        self.unsettled = std::mem::take(&mut own.unsettled);
        self.copy(name, &own);
        classes.put(class, own);
    }

    /// Adds the ways by another door, but for doubtful ones that certainly exist by one before.
    pub(crate) fn add(&mut self, other: Ways) {
        let known = |way: &Way| {
            let same = |own: &Way| {
                own.certain
                    && own.principal == way.principal
                    && own.class == way.class
                    && own.from == way.from
            };
            !way.certain && self.ways.iter().any(same)
        };
        let new: Vec<Way> = other.ways.into_iter().filter(|way| !known(way)).collect();
        self.ways.extend(new);
        self.places.extend(other.places);
        self.unclear.extend(other.unclear);
        self.unsettled.extend(other.unsettled);
    }

    /// Adds the ways of somebody whom nothing tells from another but the number of the account.
    fn exchanged(&mut self, name: &str, ways: &Ways, (known, own): (AccountId, AccountId)) {
        let (known, own) = (known.to_string(), own.to_string());
        let text = |text: &String| text.replace(&known, &own);
        let mut ways = Ways {
            ways: ways.ways.clone(),
            places: ways.places.clone(),
            unclear: ways
                .unclear
                .iter()
                .map(|(who, why)| (text(who), text(why)))
                .collect(),
            unsettled: BTreeMap::new(),
        };
        for way in &mut ways.ways {
            way.conditions.iter_mut().for_each(|one| *one = text(one));
        }
        self.copy(name, &ways);
    }

    fn copy(&mut self, name: &str, ways: &Ways) {
        let own = ways.ways.iter().map(|way| Way {
            principal: name.to_owned(),
            ..way.clone()
        });
        self.ways.extend(own);
        self.places.extend(ways.places.iter().cloned());
        let unclear = ways
            .unclear
            .values()
            .map(|why| (name.to_owned(), why.clone()));
        self.unclear.extend(unclear);
    }
}

/// What is asked of.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The organization.
    pub org: &'a Organization,
    /// Everybody.
    pub cast: &'a Cast<'a>,
    /// The approvals, with a boundary.
    pub approval: Option<Approval<'a>>,
}

impl<'a> Question<'a> {
    /// Finds every way into a store. `vias` are the services that may repeat a request on the
    /// caller's behalf; `None` stands for the caller itself.
    pub fn ways(&self, store: &Store<'a>, vias: &[Option<&'static str>]) -> Ways {
        let mut found = Ways::default();
        let mut classes = Classes::default();
        let near = near(self.org, self.cast, store.thing());
        for (party, name) in self.parties(near.as_deref()) {
            self.ways_by_class(party, &name, (store, vias), &mut classes, &mut found);
        }
        self.ways_of_unread((store, vias), &mut found);
        for service in self.services(store) {
            self.ways_of(&service, &known_as(&service), store, &[None], &mut found);
        }
        found
    }

    /// Outsiders, the anonymous and who exists; of those who exist only some, if nobody else can have
    /// been granted anything.
    fn parties(&self, near: Option<&[usize]>) -> Vec<(&'a Party<'a>, String)> {
        let cast = self.cast;
        let existing = match near {
            Some(near) => cast.at(near.to_vec()),
            None => cast.existing().collect(),
        };
        let known = [&cast.outsiders, &cast.anonymous].into_iter();
        let known = known.chain(existing);
        known.map(|party| (party, known_as(party))).collect()
    }

    /// Who exists unread, account by account.
    fn unread(&self) -> Vec<(&'a Party<'a>, String)> {
        let accounts = self.cast.unread.iter();
        let crowds = accounts.filter_map(|(account, _)| self.unread_in(*account));
        crowds.collect()
    }

    fn unread_in(&self, account: AccountId) -> Option<(&'a Party<'a>, String)> {
        let crowd = self.cast.alone.get(&account)?;
        let name = format!("unread principals of account {account}");
        Some((&crowd.party, name))
    }

    /// The services that the policies of the store and of its key name, and those approved.
    fn services(&self, store: &Store<'_>) -> Vec<Party<'a>> {
        let key = self.org.key_of(store.resource);
        let sheets = [Some(store.resource), key].into_iter().flatten();
        let policies = sheets.filter_map(|resource| resource.policy.present());
        let documents = policies.filter_map(|id| self.org.policies.get(*id).document.present());
        let mut hosts: BTreeSet<&str> = documents.flat_map(services_named).collect();
        let approved = self
            .approval
            .iter()
            .flat_map(|approval| &approval.dataset.access);
        for who in approved.flat_map(|access| &access.who) {
            if let Who::Service { host, .. } = &who.who {
                hosts.insert(host);
            }
        }
        hosts.into_iter().map(Party::service).collect()
    }

    /// Finds the ways of one party into a store; those that somebody like it has are not asked
    /// again.
    fn ways_by_class(
        &self,
        party: &Party<'a>,
        name: &str,
        (store, vias): (&Store<'a>, &[Option<&'static str>]),
        classes: &mut Classes<Ways>,
        found: &mut Ways,
    ) {
        let numbered = vias.iter().copied().enumerate();
        let scenes: Vec<Scene<'_, '_>> = numbered
            .map(|via| Scene::new(self, party, store, via))
            .collect();
        for (index, group) in store.groups.iter().enumerate() {
            for (scene, via) in scenes.iter().zip(vias) {
                let ask =
                    |own: &mut Ways| self.ways_of_group(party, name, (store, group), *via, own);
                match scene.standing(index, group) {
                    Standing::Out => {}
                    Standing::Alone => ask(found),
                    Standing::Of(class) => found.also(name, classes, class, ask),
                }
            }
        }
    }

    /// Finds the ways of one party into a store.
    pub fn ways_of(
        &self,
        party: &Party<'a>,
        name: &str,
        store: &Store<'a>,
        vias: &[Option<&'static str>],
        found: &mut Ways,
    ) {
        for group in &store.groups {
            for via in vias {
                self.ways_of_group(party, name, (store, group), *via, found);
            }
        }
    }

    fn ways_of_group(
        &self,
        party: &Party<'a>,
        name: &str,
        (store, group): (&Store<'a>, &Group),
        via: Option<&'static str>,
        found: &mut Ways,
    ) {
        let mut path = Path::new(self.org, self.cast);
        let data = path.data(party, store, group, via);
        self.ask(party, name, group, via, (path, data), found);
    }

    /// Finds every way to something that holds no data, such as a role that is assumed.
    pub fn ways_to(&self, target: &Target<'a>) -> Ways {
        let mut found = Ways::default();
        let all = self.parties(None).into_iter().chain(self.unread());
        for (party, name) in all {
            self.ways_of_to(party, &name, target, &mut found);
        }
        let named = target.policy.into_iter().flat_map(callers_named);
        let named: BTreeSet<PrincipalPattern> = named.cloned().collect();
        for caller in named.iter().filter_map(unsigned_caller) {
            self.ways_of_to(&caller, &known_as(&caller), target, &mut found);
        }
        found
    }

    /// Finds the ways of one party to something that holds no data.
    pub fn ways_of_to(&self, party: &Party<'a>, name: &str, target: &Target<'a>, found: &mut Ways) {
        let mut path = Path::new(self.org, self.cast);
        let made = path.request(
            Request {
                party,
                thing: target.thing,
                service: target.service,
                actions: target.group.names(),
                wanted: target.group.wanted.clone(),
                forwarded_by: None,
                given: Vec::new(),
            },
            Formula::TRUE,
            None,
        );
        let data = DataPath {
            whole: made.allowed,
            data: made,
        };
        self.ask(party, name, &target.group, None, (path, data), found);
    }

    fn ask<'q>(
        &'q self,
        party: &'q Party<'a>,
        name: &'q str,
        group: &'q Group,
        via: Option<&'static str>,
        (path, data): (Path<'q>, DataPath),
        found: &mut Ways,
    ) where
        'a: 'q,
    {
        let mut asking = Asking {
            question: self,
            party,
            name,
            group,
            path,
            data,
            via,
        };
        asking.ways(found);
    }
}

/// Callers without identity policies, as who may become a role is asked.
fn unsigned_caller<'a>(pattern: &PrincipalPattern) -> Option<Party<'a>> {
    match pattern {
        PrincipalPattern::Service(host) => Some(Party::service(host)),
        PrincipalPattern::Federated(provider) => Some(Party::federated(provider)),
        _ => None,
    }
}

/// Something that holds no data: who reaches it hangs on one request.
pub struct Target<'a> {
    /// What it is.
    pub thing: Thing<'a>,
    /// The prefix of the service that serves it.
    pub service: &'a str,
    /// The policy on it, for the callers that only it names.
    pub policy: Option<&'a Policy>,
    /// The actions that are asked about, and the form under which requests name it.
    pub group: Group,
}

fn callers_named(policy: &Policy) -> impl Iterator<Item = &PrincipalPattern> {
    policy
        .statements
        .iter()
        .flat_map(|statement| match &statement.principals {
            Principals::Only(patterns) => patterns.as_slice(),
            Principals::NotGiven | Principals::Except(_) => &[],
        })
}

fn services_named(policy: &Policy) -> impl Iterator<Item = &str> {
    callers_named(policy).filter_map(|pattern| match pattern {
        PrincipalPattern::Service(host) => Some(&**host),
        _ => None,
    })
}

/// One principal and one group of actions.
struct Asking<'q, 'a> {
    question: &'q Question<'a>,
    party: &'q Party<'a>,
    name: &'q str,
    group: &'q Group,
    path: Path<'q>,
    data: DataPath,
    via: Option<&'static str>,
}

/// What one question came to.
enum Answer<T> {
    No,
    Yes(bool, T),
    Unclear(String),
}

impl<'q> Asking<'q, '_> {
    fn ways(&mut self, found: &mut Ways) {
        match self.solve(self.data.whole, |_, _| ()) {
            Answer::No => return,
            Answer::Unclear(why) => {
                found.unclear.insert(self.name.to_owned(), why);
                return;
            }
            Answer::Yes(..) => {}
        }
        self.note_unsettled(found);
        for class in CLASSES {
            for (sanction, actions) in places::cells(self.question, self.party, self.group, class) {
                self.of_cell(class, &sanction, &actions, found);
            }
        }
    }

    /// The ways of some actions that the boundary treats alike, place by place.
    fn of_cell(
        &mut self,
        class: Class,
        sanction: &places::Sanction<'q>,
        actions: &[ActionName],
        found: &mut Ways,
    ) {
        let goal = self.among(actions);
        let places = places::places(
            &mut self.path,
            self.question,
            self.data.data.hop,
            sanction,
            self.via,
            self.group,
        );
        if !matches!(self.party.caller.kind, CallerKind::Service(_)) {
            let names = places.iter().map(|place| place.name.clone());
            found.places.extend(names);
        }
        if !matches!(self.solve(goal, |_, _| ()), Answer::Yes(..)) {
            return;
        }
        for place in places {
            let here = self.path.all(&[goal, place.holds]);
            match self.solve(here, conditions::conditions) {
                Answer::No => {}
                Answer::Unclear(why) => {
                    found.unclear.insert(self.name.to_owned(), why);
                }
                Answer::Yes(certain, conditions) => found.ways.push(Way {
                    principal: self.name.to_owned(),
                    class,
                    from: place.name,
                    approved: sanction.approves(place.expected, &conditions),
                    certain: certain && !self.is_unread(),
                    conditions,
                }),
            }
        }
    }

    /// Whether nobody knows who the party is, nor what its own policies say.
    fn is_unread(&self) -> bool {
        matches!(self.party.caller.kind, CallerKind::Anyone(Crowd::Within(_)))
    }

    /// That the data request is one of these actions.
    fn among(&mut self, actions: &[ActionName]) -> Interval {
        let hop = self.data.data.hop;
        let among = self
            .path
            .query
            .action_is(hop, |action| actions.contains(action));
        self.path.all(&[self.data.whole, exactly(among)])
    }

    fn note_unsettled(&mut self, found: &mut Ways) {
        let unsettled = self.group.only(|action| {
            action
                .classes
                .iter()
                .any(|class| *class != Class::Administer)
                && !crate::recording::is_settled(&action.name)
                && !found.unsettled.contains_key(&action.name)
        });
        let Some(unsettled) = unsettled else { return };
        let goal = self.among(&unsettled.names());
        let action = |asking: &Asking<'_, '_>, model: &cofferdam_logic::Model<'_>| {
            asking.path.query.chosen_action(asking.data.data.hop, model)
        };
        if let Answer::Yes(_, Some(action)) = self.solve(goal, action) {
            found.unsettled.insert(action, self.name.to_owned());
        }
    }

    fn solve<T>(
        &mut self,
        goal: Interval,
        read: impl Fn(&Self, &cofferdam_logic::Model<'_>) -> T,
    ) -> Answer<T> {
        let goal = self.path.query.goal(&[goal]);
        if goal.may == Formula::FALSE {
            return Answer::No;
        }
        match Search::new(&self.path.query, goal).find() {
            Found::Nothing(_) => Answer::No,
            Found::Certain(model) => Answer::Yes(true, read(self, &model)),
            Found::Possible(model) => Answer::Yes(false, read(self, &model)),
            Found::GaveUp(why) => Answer::Unclear(why),
        }
    }
}
