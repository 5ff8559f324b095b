//! Whether data leaves the boundary: somebody who is not approved reads it, or an approved
//! principal from a network that is not declared for it, or it is copied out.

mod anew;

use std::cell::RefCell;
use std::collections::BTreeMap;

use cofferdam_authz::coarse::Span;
use cofferdam_authz::gather::{Party, Thing};
use cofferdam_authz::rewritten::Rewritten;
use cofferdam_authz::search::{Found, Search};
use cofferdam_authz::symbolic::Interval;
use cofferdam_boundary::cast::known_as;
use cofferdam_boundary::file::Access;
use cofferdam_boundary::obligations::Approval;
use cofferdam_boundary::obligations::engines::{Engine, engines, start, starting_point};
use cofferdam_boundary::path::{DataPath, Made, Path, host_of, known};
use cofferdam_boundary::reach::expected;
use cofferdam_boundary::scope::{ClassedAction, Group, Scope, Store};
use cofferdam_catalog::Class;
use cofferdam_names::ActionName;
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Details, Resource};

use crate::alike::Mark;
use crate::decide::{Decider, Shown, Truth, at_large, is_possible, not_chosen, shown};
use crate::power::{Power, State};
use crate::setting::{Actor, Setting};

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// Somebody of an account outside the organization.
    Outsider,
    /// An unsigned request.
    Anonymous,
    /// Somebody whom the attacker acts as.
    Actor(Actor),
}

/// One way in which data leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Who reads; `None`: it is copied out.
    pub reader: Option<Reader>,
    /// The store, by its place in the scope.
    pub store: usize,
    /// The copy, if it is one.
    pub copy: Option<Power>,
    /// Whether that is certain.
    pub truth: Truth,
}

/// Which reads count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reads {
    /// Every read.
    All,
    /// Reads that no trail certainly records.
    PerhapsUnrecorded,
    /// Reads that certainly no trail records.
    Unrecorded,
}

/// Reads that are asked about together.
struct Reading<'a> {
    group: Group,
    /// The approvals by which the reader may make them.
    approved: Vec<&'a Access>,
    /// The service that makes them as the reader; `None`: the reader itself does.
    engine: Option<Engine>,
}

/// Looks for leaks of one dataset.
pub struct Leaks<'l, 's, 'a> {
    /// Who decides.
    pub decider: &'l Decider<'s, 'a>,
    /// The dataset.
    pub scope: &'l Scope<'a>,
    /// For each store, how far each read of it is recorded.
    pub recorded: Vec<Vec<(ActionName, Truth)>>,
    known: RefCell<BTreeMap<Key, Truth>>,
    /// For each store, the places of the resources whose own policies have a say in every read.
    guards: Vec<Vec<usize>>,
    /// Whom the boundary approves for anything.
    approved: RefCell<BTreeMap<Actor, bool>>,
}

/// Who reads what, and what of the rewrites touches it.
type Key = (Who, usize, Reads, Rewritten);

/// Whom an answer is remembered for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    /// One reader.
    One(Reader),
    /// All whom nothing tells apart and nobody approved.
    All(Mark),
}

impl<'l, 's, 'a> Leaks<'l, 's, 'a> {
    /// Nothing was looked at yet. `recorded` says of each store how far its reads are recorded.
    pub fn new(
        decider: &'l Decider<'s, 'a>,
        scope: &'l Scope<'a>,
        recorded: Vec<Vec<(ActionName, Truth)>>,
    ) -> Self {
        Leaks {
            decider,
            scope,
            recorded,
            known: RefCell::default(),
            guards: scope
                .stores
                .iter()
                .map(|store| guards(decider.setting, store))
                .collect(),
            approved: RefCell::default(),
        }
    }

    /// The surest way in which data leaves; the readers are asked in a fixed order.
    pub fn way(&self, state: &State, reads: Reads, enough: Truth) -> Option<Way> {
        let mut best: Option<Way> = None;
        for way in self
            .copies(state)
            .into_iter()
            .filter(|_| reads == Reads::All)
        {
            best = surer(best, way);
        }
        let actors = state.actors().map(Reader::Actor);
        let readers = [Reader::Outsider, Reader::Anonymous]
            .into_iter()
            .chain(actors);
        for reader in readers {
            for (store, _) in self.scope.stores.iter().enumerate() {
                if best.is_some_and(|way| way.truth >= enough) {
                    return best;
                }
                let truth = self.reads(state, reader, store, reads);
                if truth != Truth::No {
                    let way = Way {
                        reader: Some(reader),
                        store,
                        copy: None,
                        truth,
                    };
                    best = surer(best, way);
                }
            }
        }
        best
    }

    /// What leaves by itself. Under a key of the customer's it takes somebody who may use the key,
    /// and is possible only, since who uses it for the copy is not modelled.
    fn copies(&self, state: &State) -> Vec<Way> {
        let setting = self.decider.setting;
        let stores = self.scope.stores.iter().enumerate();
        let copied = stores.filter_map(|(at, store)| {
            let place = setting.place_of(store.resource)?;
            let power = Power::Copy(place);
            let step = state.steps().get(state.step_of(power)?)?;
            let key = self.key_use(state, store)?;
            let possible = step.possible || key == Truth::Possible;
            Some(Way {
                reader: None,
                store: at,
                copy: Some(power),
                truth: if possible {
                    Truth::Possible
                } else {
                    Truth::Certain
                },
            })
        });
        copied.collect()
    }

    /// Whether somebody can use the key of a store; `None`: nobody.
    fn key_use(&self, state: &State, store: &Store<'a>) -> Option<Truth> {
        let setting = self.decider.setting;
        let key = match &store.resource.encryption {
            Known::Present(encryption) if encryption.key.is_some() => {
                setting.context.org.key_of(store.resource)
            }
            // It may lie under a key that the reader of the copy may not use.
            Known::Unknown(_) => return Some(Truth::Possible),
            _ => return Some(Truth::Certain),
        };
        let Some(key) = key else {
            return Some(Truth::Possible);
        };
        let Some(place) = setting.place_of(key) else {
            return Some(Truth::Possible);
        };
        let may = |actor: Actor| self.may_use(state, actor, place, store);
        let used = state.holds(Power::Own(place)) || state.actors().any(may);
        used.then_some(Truth::Possible)
    }

    fn may_use(&self, state: &State, actor: Actor, key: usize, store: &Store<'a>) -> bool {
        let host = host_of(store.service);
        self.decider.decrypts(state, actor, key, host) != Truth::No
    }

    /// Whether an actor may use the key of some store, which is all that a copy which somebody else
    /// makes may want.
    pub fn can_copy(&self, state: &State, actor: Actor) -> bool {
        let setting = self.decider.setting;
        self.scope.stores.iter().any(|store| {
            let key = setting.context.org.key_of(store.resource);
            let place = key.and_then(|key| setting.place_of(key));
            place.is_some_and(|place| self.may_use(state, actor, place, store))
        })
    }

    /// Whether somebody reads a store outside the boundary.
    fn reads(&self, state: &State, reader: Reader, store: usize, reads: Reads) -> Truth {
        let Some(at) = self.scope.stores.get(store) else {
            return Truth::No;
        };
        if let Reader::Actor(actor) = reader
            && !self.is_near(state, actor, store)
        {
            return Truth::No;
        }
        let after = self.touching(state, reader, at);
        let who = self.who(state, reader);
        let apart = match who {
            Who::One(_) => after.clone(),
            Who::All(_) => after.of_nobody(),
        };
        let key = (who, store, reads, apart);
        if let Some(truth) = self.known.borrow().get(&key) {
            return *truth;
        }
        let truth = self.decide(&after, reader, store, reads);
        self.known.borrow_mut().insert(key, truth);
        truth
    }

    fn who(&self, state: &State, reader: Reader) -> Who {
        let Reader::Actor(actor) = reader else {
            return Who::One(reader);
        };
        match self.decider.setting.mark(state, actor) {
            Some(mark) if !self.is_approved(actor) => Who::All(mark),
            _ => Who::One(reader),
        }
    }

    /// Whether the boundary approves an actor for anything.
    pub fn is_approved(&self, actor: Actor) -> bool {
        if let Some(approved) = self.approved.borrow().get(&actor) {
            return *approved;
        }
        let principal = self.principal(Reader::Actor(actor));
        let approval = self.approval();
        let mut access = self.scope.dataset.access.iter();
        let approved = access.any(|one| approval.among(&one.who, &principal));
        self.approved.borrow_mut().insert(actor, approved);
        approved
    }

    /// Whether a store can have to do with an actor at all, and its key, where none can read it
    /// without.
    fn is_near(&self, state: &State, actor: Actor, store: usize) -> bool {
        let setting = self.decider.setting;
        let touches =
            |place: usize| state.holds(Power::Own(place)) || setting.is_near(actor, place);
        let guards = self.guards.get(store);
        guards.is_none_or(|places| places.iter().all(|place| touches(*place)))
    }

    fn decide(&self, after: &Rewritten, reader: Reader, store: usize, reads: Reads) -> Truth {
        let choices = after.choices(self.decider.setting.context.org);
        let mut best = Truth::No;
        for reading in self.readings(reader, store, reads) {
            for after in &choices {
                let found = self.ask(after, reader, store, &reading, |_, _, found| {
                    Truth::of(&found)
                });
                best = best.max(found.unwrap_or(Truth::No).min(at_most(&reading.group)));
                if best == Truth::Certain {
                    return best;
                }
            }
        }
        best
    }

    /// Whether somebody may read at all, after the rewrites.
    pub fn can_read(&self, state: &State, reader: Reader) -> bool {
        let stores = 0..self.scope.stores.len();
        stores
            .into_iter()
            .any(|store| self.reads(state, reader, store, Reads::All) != Truth::No)
    }

    /// Everything that a way needs to be held.
    pub fn powers(&self, state: &State, way: &Way, reads: Reads) -> Vec<Power> {
        let mut powers: Vec<Power> = way.copy.into_iter().collect();
        if let Some(Reader::Actor(actor)) = way.reader {
            powers.push(Power::Is(actor));
        }
        powers.extend(self.hangs_on(state, way, reads));
        powers
    }

    /// The rewrites without which a read would not pass.
    pub fn hangs_on(&self, state: &State, way: &Way, reads: Reads) -> Vec<Power> {
        let Some(reader) = way.reader else {
            return Vec::new();
        };
        let now = self.reads(state, reader, way.store, reads);
        state.needed_for(self.decider.setting, |less| {
            self.reads(less, reader, way.store, reads) >= now
        })
    }

    /// The read itself, decided again.
    pub fn show(&self, state: &State, way: &Way, reads: Reads) -> Shown {
        let (Some(reader), Some(at)) = (way.reader, self.scope.stores.get(way.store)) else {
            return Shown::default();
        };
        let after = self.touching(state, reader, at);
        let choices = after.choices(self.decider.setting.context.org);
        let mut best = Shown::default();
        for reading in self.readings(reader, way.store, reads) {
            for after in &choices {
                match self.show_under(after, (reader, way.store), &reading) {
                    Some((true, shown)) => return shown,
                    Some((false, shown)) if best.requests.is_empty() => best = shown,
                    _ => {}
                }
            }
        }
        best
    }

    /// A read of a group, and whether it is certain.
    fn show_under(
        &self,
        after: &Rewritten,
        (reader, store): (Reader, usize),
        reading: &Reading<'a>,
    ) -> Option<(bool, Shown)> {
        let tell = |path: &Path<'_>, search: &Search<'_, '_>, found: Found<'_>| match found {
            Found::Certain(model) => Some((true, shown(path, search, &model, Vec::new()))),
            Found::Possible(model) => {
                let missing = path.query.reasons().map(ToOwned::to_owned).collect();
                Some((false, shown(path, search, &model, missing)))
            }
            Found::GaveUp(_) | Found::Nothing(_) => None,
        };
        self.ask(after, reader, store, reading, tell).flatten()
    }

    /// The reads of a store: by the reader itself, and by services that repeat its requests
    /// ("Forward access sessions").
    fn readings(&self, reader: Reader, store: usize, reads: Reads) -> Vec<Reading<'a>> {
        let Some(at) = self.scope.stores.get(store) else {
            return Vec::new();
        };
        let mut readings: Vec<Reading<'a>> = Vec::new();
        let mut through: Vec<Reading<'a>> = Vec::new();
        for (group, approved) in self.groups(reader, store, at, reads) {
            let repeated = match reader {
                Reader::Anonymous => Vec::new(),
                Reader::Outsider | Reader::Actor(_) => engines(at.service, &group),
            };
            through.extend(repeated.into_iter().filter_map(|engine| {
                Some(Reading {
                    group: group.only(|action| engine.forwards.contains(&action.name))?,
                    approved: approved.clone(),
                    engine: Some(engine),
                })
            }));
            readings.push(Reading {
                group,
                approved,
                engine: None,
            });
        }
        readings.extend(through);
        readings
    }

    /// The reads of a store in groups, each with the approvals by which the reader may make them.
    fn groups(
        &self,
        reader: Reader,
        store: usize,
        at: &Store<'a>,
        reads: Reads,
    ) -> Vec<(Group, Vec<&'a Access>)> {
        let counted = |action: &ClassedAction| self.counts(store, &action.name, reads);
        let principal = self.principal(reader);
        let mut groups = Vec::new();
        let counting = contents(at);
        let counting = counting.iter().filter_map(|group| group.only(counted));
        for group in counting.flat_map(|group| apart(&group)) {
            let approved =
                |action: &ClassedAction| !self.approvals(&principal, &action.name).is_empty();
            if let Some(group) = group.only(|action| !approved(action)) {
                groups.push((group, Vec::new()));
            }
            for action in group.actions.iter().filter(|action| approved(action)) {
                let only = group.only(|other| other.name == action.name);
                let by = self.approvals(&principal, &action.name);
                groups.extend(only.map(|group| (group, by)));
            }
        }
        groups
    }

    fn counts(&self, store: usize, action: &ActionName, reads: Reads) -> bool {
        let of_store = self.recorded.get(store);
        let mut rows = of_store.into_iter().flatten();
        let recorded = rows
            .find(|(name, _)| name == action)
            .map_or(Truth::Possible, |(_, recorded)| *recorded);
        match reads {
            Reads::All => true,
            Reads::PerhapsUnrecorded => recorded != Truth::Certain,
            Reads::Unrecorded => recorded == Truth::No,
        }
    }

    /// The approvals that cover a read by a principal.
    fn approvals(&self, principal: &str, action: &ActionName) -> Vec<&'a Access> {
        let approval = self.approval();
        let dataset = self.scope.dataset;
        let of = dataset.access.iter();
        of.filter(|access| {
            approval.among(&access.who, principal)
                && cofferdam_boundary::obligations::covered(access, Class::Read, action)
        })
        .collect()
    }

    fn approval(&self) -> Approval<'a> {
        Approval {
            context: self.decider.setting.context,
            dataset: self.scope.dataset,
        }
    }

    fn principal(&self, reader: Reader) -> String {
        self.party(reader).map(known_as).unwrap_or_default()
    }

    fn party(&self, reader: Reader) -> Option<&Party<'a>> {
        let setting = self.decider.setting;
        match reader {
            Reader::Outsider => Some(&setting.context.cast.outsiders),
            Reader::Anonymous => Some(&setting.context.cast.anonymous),
            Reader::Actor(actor) => setting.party(actor),
        }
    }

    fn ask<T>(
        &self,
        after: &Rewritten,
        reader: Reader,
        store: usize,
        reading: &Reading<'a>,
        tell: impl FnOnce(&Path<'_>, &Search<'_, '_>, Found<'_>) -> T,
    ) -> Option<T> {
        let context = &self.decider.setting.context;
        let party = self.party(reader)?;
        let store = self.scope.stores.get(store)?;
        if !self.is_possible(after, (reader, party), store, reading) {
            return None;
        }
        let mut path = Path::new(context.org, context.cast);
        path.after = Some(after);
        // How a stolen session was made is not the attacker's choice.
        if matches!(reader, Reader::Actor(Actor::Existing(_))) {
            path.carried = not_chosen().collect();
        }
        let started = started(reader, reading).map(|engine| start(&mut path, engine, party, store));
        let host = reading.engine.as_ref().map(|engine| engine.host);
        let data = path.data(party, store, &reading.group, host);
        let goal = self.goal(&mut path, reader, started, &data, &reading.approved);
        let goal = path.query.goal(&[goal]);
        let mut search = Search::new(&path.query, goal);
        let found = search.find();
        Some(tell(&path, &search, found))
    }

    /// One coarse decision on each request, which refuses most.
    fn is_possible(
        &self,
        after: &Rewritten,
        (reader, party): (Reader, &Party<'a>),
        store: &Store<'a>,
        reading: &Reading<'a>,
    ) -> bool {
        let org = self.decider.setting.context.org;
        let names = reading.group.names();
        let span = Span {
            actions: &names,
            wanted: &reading.group.wanted,
        };
        let host = reading.engine.as_ref().map(|engine| engine.host);
        let on = (store.thing(), store.service);
        if !is_possible(org, after, party, on, span, host) {
            return false;
        }
        started(reader, reading).is_none_or(|engine| {
            let wanted = starting_point(engine.service, party, store);
            let span = Span {
                actions: &engine.starts,
                wanted: &wanted,
            };
            let on = (Thing::Nothing, engine.service);
            is_possible(org, after, party, on, span, None)
        })
    }

    /// That the read passes and is outside the boundary.
    fn goal(
        &self,
        path: &mut Path<'_>,
        reader: Reader,
        started: Option<Made>,
        data: &DataPath,
        approved: &[&Access],
    ) -> Interval {
        // What a service repeats comes from its own network; what matters is who starts it from where.
        let first = started
            .as_ref()
            .map_or(data.data.hop, |started| started.hop);
        let large = at_large(path, first);
        let mut parts = vec![data.whole, large];
        parts.extend(started.map(|started| started.allowed));
        if reader == Reader::Outsider {
            let approval = self.approval();
            let partners = approval.approved(Class::Read);
            let is_partner = approval.is_one_of(&mut path.query, data.data.hop, &partners);
            parts.push(path.not(is_partner));
        }
        let networks = &self.decider.setting.context.boundary.networks;
        for name in approved.iter().flat_map(|access| &access.from) {
            let inside = match networks.get(name) {
                Some(network) => expected(path, first, network),
                None => known(false),
            };
            parts.push(path.not(inside));
        }
        path.all(&parts)
    }

    /// What of the rewrites can touch a read of a store.
    fn touching(&self, state: &State, reader: Reader, store: &Store<'a>) -> Rewritten {
        let all = state.rewritten();
        if all.is_empty() {
            return Rewritten::default();
        }
        let org = self.decider.setting.context.org;
        let key = org.key_of(store.resource);
        let arns: Vec<&str> = [Some(store.resource), key]
            .into_iter()
            .flatten()
            .map(|resource: &Resource| resource.arn.as_str())
            .collect();
        let party = self.party(reader);
        let accounts = [
            party.and_then(|party| party.caller.account),
            Some(store.resource.account),
            key.map(|key| key.account),
        ];
        let principal = match reader {
            Reader::Actor(actor) => self.decider.setting.principal(actor),
            _ => None,
        };
        let names: Vec<&str> = principal.iter().map(|one| one.arn.as_str()).collect();
        all.only(&arns, &names, accounts.into_iter().flatten())
    }
}

/// The reads that give what a store holds in plain text. Where a service uses a key for some reads
/// and not for others, the others give what is said about the data, such as tags.
pub fn contents(store: &Store<'_>) -> Vec<Group> {
    let reads = |group: &Group| group.only(|action| action.classes.contains(&Class::Read));
    let reads: Vec<Group> = store.groups.iter().filter_map(reads).collect();
    let (under_key, others): (Vec<Group>, Vec<Group>) = reads
        .into_iter()
        .partition(|group| !group.key_actions.is_empty());
    match under_key.is_empty() {
        true => others,
        false => under_key,
    }
}

/// The service that a reader must start first. Nobody governs what an outsider starts at home.
fn started<'r>(reader: Reader, reading: &'r Reading<'_>) -> Option<&'r Engine> {
    let engine = reading.engine.as_ref();
    engine.filter(|_| matches!(reader, Reader::Actor(_)))
}

/// Rights by which AWS's own replication reads. Nobody sends such a request; what they come to hangs
/// on a replication that is set up ("Setting up permissions for live replication", "DynamoDB global
/// tables: security").
const OF_REPLICATION: [(&str, &str); 3] = [
    ("s3", "GetObjectVersionForReplication"),
    ("s3", "GetObjectVersionAnnotationForReplication"),
    ("dynamodb", "ReadDataForReplication"),
];

fn is_of_replication(action: &ClassedAction) -> bool {
    OF_REPLICATION.contains(&(action.name.service(), action.name.name()))
}

/// What callers read by themselves, and what AWS reads for them.
fn apart(group: &Group) -> Vec<Group> {
    let each = [false, true].map(|theirs| group.only(|one| is_of_replication(one) == theirs));
    each.into_iter().flatten().collect()
}

/// How sure a read of a group can be.
fn at_most(group: &Group) -> Truth {
    match group.actions.iter().all(is_of_replication) {
        true => Truth::Possible,
        false => Truth::Certain,
    }
}

/// The store itself, unless it is read by another name, and its key, unless grants have a say.
fn guards(setting: &Setting<'_>, store: &Store<'_>) -> Vec<usize> {
    let keyed = |group: &Group| !group.key_actions.is_empty();
    let key = setting.context.org.key_of(store.resource).filter(|key| {
        let granted = match &key.details {
            Details::Key(key) => match &key.grants {
                Known::Present(grants) => !grants.is_empty(),
                Known::Absent => false,
                Known::Unknown(_) => true,
            },
            _ => true,
        };
        !granted && contents(store).iter().all(keyed)
    });
    let itself = store.is_itself().then_some(store.resource);
    let both = [itself, key].into_iter().flatten();
    both.filter_map(|resource| setting.place_of(resource))
        .collect()
}

fn surer(best: Option<Way>, way: Way) -> Option<Way> {
    match best {
        Some(best) if best.truth >= way.truth => Some(best),
        _ => Some(way),
    }
}
