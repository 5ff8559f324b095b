//! How data leaves at the end of an attack, replayed.

use cofferdam_authz::concrete::Context;
use cofferdam_authz::gather::Thing;
use cofferdam_authz::rewritten::Rewritten;
use cofferdam_authz::witness::{Request, key};
use cofferdam_boundary::obligations::engines::{Engine, engines, starting_point};
use cofferdam_boundary::path::host_of;
use cofferdam_boundary::scope::{Group, Store};
use cofferdam_catalog::KeyCheck;
use cofferdam_findings::depths::{Attack, Exit, Of, Sent};
use cofferdam_names::{Arn, Principal};
use cofferdam_org::fact::Known;
use cofferdam_org::model::Resource;
use cofferdam_policy::values;

use super::replay::{is_wanted, refused};
use super::{Checker, Dataset, Refused};
use crate::certificate::sending::{Made, request};
use crate::closure::Mode;
use crate::decide::anew::attacker;
use crate::leak::{Reader, Reads};
use crate::power::{Power, State};

/// A read of a store.
struct Read<'r, 'a> {
    reader: Reader,
    store: &'r Store<'a>,
    group: Group,
    request: Request,
    /// The service that makes it as the reader; `None`: the reader itself does.
    engine: Option<Engine>,
}

impl<'a> Checker<'_, '_, 'a> {
    /// That data leaves in the end.
    pub(super) fn leaves(
        &self,
        dataset: &Dataset<'_, '_, 'a>,
        attack: &Attack,
        state: &State,
    ) -> Result<(), Refused> {
        let exit = &attack.exit;
        let fail = |what: String| refused(exit.at.or(attack.at), format!("the exit: {what}"));
        let stores = dataset.leaks.scope.stores.iter().enumerate();
        let mut such = stores.filter(|(_, store)| {
            store.resource.arn.as_str() == exit.store && store.way() == exit.door
        });
        let found = such.next();
        let (place, store) =
            found.ok_or_else(|| fail(format!("`{}` holds no data of it", exit.store)))?;
        let Some(reader) = &exit.reader else {
            return self.is_copied(state, store).map_err(fail);
        };
        let reader = self.reads_as(state, reader).map_err(fail)?;
        let out = dataset.sinks.defeated(self.setting(), state, Mode::Certain);
        let reads = match attack.of == Of::Breach && out.is_none() {
            true => Reads::Unrecorded,
            false => Reads::All,
        };
        let (started, requests) = parts(store, &exit.requests);
        let data = requests.first();
        let data = data.ok_or_else(|| fail("there is no request".to_owned()))?;
        let of_data = |what: String| {
            let at = data.at.or(exit.at);
            refused(
                at,
                format!("the exit: {} on {}: {what}", data.action, data.resource),
            )
        };
        let read = self.read_of(dataset, (reader, place, store), data, reads);
        let read = read.map_err(of_data)?;
        let mut refused = Ok(());
        for after in self
            .after(state, reader)
            .choices(self.setting().context.org)
        {
            let allowed = self.data_request(dataset, &after, &read).map_err(of_data);
            let started = allowed.and_then(|()| {
                self.is_started(dataset, &after, &read, started)
                    .map_err(fail)
            });
            let uses = requests.get(1..).unwrap_or_default();
            refused = started.and_then(|()| self.key_use(dataset, &after, &read, (exit, uses)));
            if refused.is_ok() {
                break;
            }
        }
        refused
    }

    /// What is under a key that a customer manages leaves by no copy for certain: who uses the key
    /// for it is not modelled.
    fn is_copied(&self, state: &State, store: &Store<'a>) -> Result<(), String> {
        let place = self.setting().place_of(store.resource);
        if !place.is_some_and(|place| state.holds(Power::Copy(place))) {
            return Err("it is not copied out".to_owned());
        }
        match &store.resource.encryption {
            Known::Present(encryption) if encryption.key.is_some() => {
                Err("it lies under a key, and a copy may be of no use".to_owned())
            }
            Known::Unknown(why) => Err(format!("how it is encrypted is not known: {why}")),
            _ => Ok(()),
        }
    }

    fn reads_as(&self, state: &State, text: &str) -> Result<Reader, String> {
        match text {
            "outsider" => Ok(Reader::Outsider),
            "anonymous" => Ok(Reader::Anonymous),
            _ => match self.names.read_power(text) {
                Some(Power::Is(actor)) if state.holds(Power::Is(actor)) => Ok(Reader::Actor(actor)),
                _ => Err(format!("`{text}` is not held")),
            },
        }
    }

    /// What a request reads, if it reads the store's data.
    fn read_of<'r>(
        &self,
        dataset: &Dataset<'_, '_, 'a>,
        (reader, place, store): (Reader, usize, &'r Store<'a>),
        sent: &Sent,
        reads: Reads,
    ) -> Result<Read<'r, 'a>, String> {
        let request = request(sent)?;
        let groups = dataset.leaks.groups_that_count(place, reads).into_iter();
        let mut such = groups.filter(|group| {
            is_wanted(&group.wanted, &request.resource) && group.names().contains(&request.action)
        });
        let group = such.next().ok_or(match reads {
            Reads::All => "this reads no data of it",
            _ => "this read is recorded, or reads no data of it",
        })?;
        let engine = match &request.forwarded_by {
            None => None,
            Some(host) => {
                let mut such = engines(store.service, &group).into_iter().filter(|engine| {
                    engine.host == host && engine.forwards.contains(&request.action)
                });
                Some(such.next().ok_or("nobody reads it for somebody else")?)
            }
        };
        Ok(Read {
            reader,
            store,
            group,
            request,
            engine,
        })
    }

    /// That the reader may start the service that reads for it. Nobody governs what an outsider
    /// starts at home.
    fn is_started(
        &self,
        dataset: &Dataset<'_, '_, 'a>,
        after: &Rewritten,
        read: &Read<'_, 'a>,
        started: Option<&Sent>,
    ) -> Result<(), String> {
        let (engine, sent) = match (&read.engine, started) {
            (None, None) => return Ok(()),
            (Some(_), None) if read.reader == Reader::Outsider => return Ok(()),
            (Some(engine), Some(sent)) => (engine, sent),
            (Some(engine), None) => {
                return Err(format!("nothing makes {} read", engine.host));
            }
            (None, Some(sent)) => return Err(format!("{} starts nothing", sent.action)),
        };
        let party = dataset.leaks.reading_party(read.reader);
        let party = party.ok_or("there is no such reader")?;
        let request = request(sent)?;
        let meant = starting_point(engine.service, party, read.store);
        if !engine.starts.contains(&request.action) || !is_wanted(&meant, &request.resource) {
            return Err(format!(
                "{} does not make {} read",
                sent.action, engine.host
            ));
        }
        if request.principal != read.request.principal {
            return Err("the service reads as whoever starts it".to_owned());
        }
        let made = Made {
            request: &request,
            party,
            thing: Thing::Nothing,
            tags: after.tags_of(party),
            fixed: &[],
        };
        let contexts = std::slice::from_ref(&request.context);
        let allowed = self.is_allowed(after, made, contexts);
        allowed.map_err(|what| format!("{} on {}: {what}", sent.action, sent.resource))
    }

    /// That the read is allowed, and is outside what the boundary declares.
    fn data_request(
        &self,
        dataset: &Dataset<'_, '_, 'a>,
        after: &Rewritten,
        read: &Read<'_, 'a>,
    ) -> Result<(), String> {
        let party = dataset.leaks.reading_party(read.reader);
        let party = party.ok_or("there is no such reader")?;
        match read.reader {
            Reader::Outsider => self.is_outside(dataset, &read.request)?,
            _ => self.is_undeclared(dataset, read)?,
        }
        let made = Made {
            request: &read.request,
            party,
            thing: read.store.thing(),
            tags: after.tags_of(party),
            fixed: &[],
        };
        self.is_allowed(after, made, std::slice::from_ref(&read.request.context))
    }

    /// That somebody is of no account of the organization, says so, and is no approved partner.
    fn is_outside(&self, dataset: &Dataset<'_, '_, 'a>, request: &Request) -> Result<(), String> {
        let org = self.setting().context.org;
        let stated = request.context.get("aws:principalarn");
        let stated = stated.and_then(|values| values.first());
        let names = [Some(request.principal.as_str()), stated.map(|name| &**name)];
        for name in names.into_iter().flatten() {
            let arn = Arn::parse(name).map_err(|_| format!("`{name}` is nobody"))?;
            let account = arn.account_id();
            let outside = account.is_some_and(|account| {
                !org.accounts.contains_key(&account) && !org.is_member(account)
            });
            let role = match arn.principal() {
                Some(Principal::AssumedRole { role, .. }) => {
                    account.map(|account| format!("arn:aws:iam::{account}:role/{role}"))
                }
                _ => None,
            };
            let names = [Some(name), role.as_deref()];
            let approved = names
                .into_iter()
                .flatten()
                .any(|name| dataset.leaks.approves(name));
            if !outside || approved {
                return Err(format!("{name} is not outside"));
            }
        }
        let own = org.identity.as_ref().map(|identity| &*identity.id);
        let ours = ["aws:principalorgid", "aws:principalorgpaths"]
            .iter()
            .any(|key| {
                let values = request.context.get(*key).into_iter().flatten();
                own.is_some_and(|own| values.into_iter().any(|value| value.contains(own)))
            });
        match ours {
            true => Err("it states the organization as its own".to_owned()),
            false => Ok(()),
        }
    }

    /// That nothing approves this reader from the address of attackers.
    fn is_undeclared(
        &self,
        dataset: &Dataset<'_, '_, 'a>,
        read: &Read<'_, 'a>,
    ) -> Result<(), String> {
        let Reader::Actor(actor) = read.reader else {
            return Ok(());
        };
        let name = self.names.actor(actor);
        let networks = &self.setting().context.boundary.networks;
        let from = values::address(attacker());
        let approvals = dataset.leaks.approvals_of(&name, &read.request.action);
        let names = approvals.iter().flat_map(|access| &access.from);
        for network in names.filter_map(|name| networks.get(name)) {
            let here = |block| from.is_some_and(|from| values::contains(block, from));
            if network.cidrs.iter().copied().any(here) {
                return Err(format!("{} is declared for {name}", network.name));
            }
        }
        Ok(())
    }

    /// The uses of the key that the read causes.
    fn key_use(
        &self,
        dataset: &Dataset<'_, '_, 'a>,
        after: &Rewritten,
        read: &Read<'_, 'a>,
        (exit, uses): (&Exit, &[Sent]),
    ) -> Result<(), Refused> {
        let fail = |what: &str| refused(exit.at, format!("the exit: {what}"));
        let group = &read.group;
        let checked = !group.key_actions.is_empty() && group.key_check == KeyCheck::Caller;
        let key = match (&read.store.resource.encryption, checked) {
            (_, false) | (Known::Absent, _) => None,
            (Known::Unknown(_), _) => return Err(fail("how it is encrypted is not known")),
            (Known::Present(encryption), _) if encryption.key.is_none() => {
                let party = dataset.leaks.reading_party(read.reader);
                let account = party.and_then(|party| party.caller.account);
                if account != Some(read.store.resource.account) {
                    return Err(fail("a key of AWS works for its own account only"));
                }
                None
            }
            (Known::Present(_), _) => {
                let key = self.setting().context.org.key_of(read.store.resource);
                Some(key.ok_or_else(|| fail("its key was not read"))?)
            }
        };
        let actions = key.map_or(&[][..], |_| group.key_actions.as_slice());
        if actions.len() != uses.len() {
            return Err(fail(
                "not every use of the key is there, or another request is",
            ));
        }
        let Some(key) = key else {
            return Ok(());
        };
        for (action, sent) in actions.iter().zip(uses) {
            let done = self.one_use(dataset, after, read, key, sent);
            let done = match sent.action == action.to_string() {
                true => done,
                false => Err(format!("the read needs {action}")),
            };
            done.map_err(|what| {
                let what = format!("the exit: {} on {}: {what}", sent.action, sent.resource);
                refused(sent.at.or(exit.at), what)
            })?;
        }
        Ok(())
    }

    fn one_use(
        &self,
        dataset: &Dataset<'_, '_, 'a>,
        after: &Rewritten,
        read: &Read<'_, 'a>,
        found: &'a Resource,
        sent: &Sent,
    ) -> Result<(), String> {
        let request = request(sent)?;
        if request.resource != found.arn.as_str() {
            return Err("this is not the key".to_owned());
        }
        if request.forwarded_by.as_deref() != Some(host_of(read.store.service)) {
            return Err("the service of the store uses the key".to_owned());
        }
        if request.principal != read.request.principal {
            return Err("the key is used as whoever reads".to_owned());
        }
        let party = dataset.leaks.reading_party(read.reader);
        let party = party.ok_or("there is no such reader")?;
        let fixed = encryption_context(read, &request);
        let made = Made {
            request: &request,
            party,
            thing: Thing::Resource(found),
            tags: after.tags_of(party),
            fixed: &fixed,
        };
        self.is_allowed(after, made, &contexts(read, &request.context))
    }
}

/// What starts a service that reads, if one does, and the read with the uses of the key.
fn parts<'e>(store: &Store<'_>, requests: &'e [Sent]) -> (Option<&'e Sent>, &'e [Sent]) {
    let groups = store.groups.iter();
    let hosts: Vec<&str> = groups
        .flat_map(|group| engines(store.service, group))
        .map(|engine| engine.host)
        .collect();
    let repeats = |sent: &Sent| {
        let through = sent.through.as_deref();
        through.is_some_and(|through| hosts.contains(&through))
    };
    match requests.split_first() {
        Some((first, rest)) if rest.first().is_some_and(repeats) && !repeats(first) => {
            (Some(first), rest)
        }
        _ => (None, requests),
    }
}

/// What the service says that it decrypts, as far as it is stated.
fn encryption_context(read: &Read<'_, '_>, request: &Request) -> Vec<(&'static str, String)> {
    let rows = match read.store.service {
        "s3" => vec![("kms:encryptioncontextkeys", "aws:s3:arn".to_owned())],
        "secretsmanager" => {
            let secret = read.request.resource.clone();
            vec![("kms:encryptioncontext:secretarn", secret)]
        }
        _ => Vec::new(),
    };
    let rows = rows.into_iter();
    rows.filter(|(name, _)| request.context.contains_key(*name))
        .collect()
}

/// What the service may say of the object: with a bucket key the context names the bucket ("Reducing
/// the cost of SSE-KMS with Amazon S3 Bucket Keys").
fn contexts(read: &Read<'_, '_>, stated: &Context) -> Vec<Context> {
    let own = read.store.resource.arn.to_string();
    let name = key("kms:EncryptionContext:aws:s3:arn");
    match (read.store.service, name) {
        ("s3", Some(name)) => [own, read.request.resource.clone()]
            .into_iter()
            .map(|arn| {
                let mut context = stated.clone();
                context.insert(name.clone(), vec![arn.into()]);
                context
            })
            .collect(),
        _ => vec![stated.clone()],
    }
}
