//! That no data leaves in a state.

use cofferdam_authz::rewritten::Rewritten;
use cofferdam_boundary::path::host_of;
use cofferdam_boundary::scope::Store;
use cofferdam_findings::depths::Of;
use cofferdam_org::fact::Known;

use super::{Checker, Dataset};
use crate::certificate::MAY;
use crate::decide::Truth;
use crate::leak::{Reader, Reads};
use crate::power::{Power, State};

impl<'a> Checker<'_, '_, 'a> {
    /// That nothing leaves, or for a breach: nothing without a witness.
    pub(super) fn harmless(
        &self,
        dataset: &Dataset<'_, '_, 'a>,
        state: &State,
        of: Of,
    ) -> Result<(), String> {
        let refused = |what: String| match of {
            Of::Leak => format!("in this state {what}"),
            Of::Breach => format!("in this state {what}, and no evidence is left"),
        };
        let read = |reads: Reads| self.read(dataset, state, reads);
        let leak = || self.copied(dataset, state).or_else(|| read(Reads::All));
        let found = match of {
            Of::Leak => leak(),
            Of::Breach => read(Reads::PerhapsUnrecorded).or_else(|| {
                let out = dataset.sinks.defeated(self.setting(), state, MAY);
                out.and_then(|_| leak())
            }),
        };
        match found {
            Some(what) => Err(refused(what)),
            None => Ok(()),
        }
    }

    /// Who may read something, if anybody may.
    fn read(&self, dataset: &Dataset<'_, '_, 'a>, state: &State, reads: Reads) -> Option<String> {
        let actors = state.actors().map(Reader::Actor);
        let readers = [Reader::Outsider, Reader::Anonymous].into_iter();
        for reader in readers.chain(actors) {
            let after = self.after(state, reader);
            for (place, store) in dataset.leaks.scope.stores.iter().enumerate() {
                let leaks = dataset.leaks;
                if leaks.reads_anew(&after, reader, place, reads) != Truth::No {
                    let who = self.reader(reader);
                    return Some(format!("`{who}` may read {}", store.resource.arn));
                }
            }
        }
        None
    }

    /// What was rewritten, as far as it can touch what a reader does.
    pub(in crate::certificate) fn after(&self, state: &State, reader: Reader) -> Rewritten {
        let actor = match reader {
            Reader::Actor(actor) => Some(actor),
            _ => None,
        };
        self.rules().after(state, actor)
    }

    /// Who reads, as text.
    pub(in crate::certificate) fn reader(&self, reader: Reader) -> String {
        match reader {
            Reader::Outsider => "outsider".to_owned(),
            Reader::Anonymous => "anonymous".to_owned(),
            Reader::Actor(actor) => self.names.power(Power::Is(actor)),
        }
    }

    /// A store that may be copied out. Under a key it takes somebody who may use it.
    fn copied(&self, dataset: &Dataset<'_, '_, 'a>, state: &State) -> Option<String> {
        let mut stores = dataset.leaks.scope.stores.iter();
        let copied = stores.find(|store| {
            let place = self.setting().place_of(store.resource);
            let held = place.is_some_and(|place| state.holds(Power::Copy(place)));
            held && self.may_use_key(state, store)
        })?;
        Some(format!("{} may be copied out", copied.resource.arn))
    }

    fn may_use_key(&self, state: &State, store: &Store<'a>) -> bool {
        let setting = self.setting();
        let has_key = match &store.resource.encryption {
            Known::Present(encryption) => encryption.key.is_some(),
            _ => false,
        };
        let key = setting.context.org.key_of(store.resource);
        let place = key.and_then(|key| setting.place_of(key));
        let Some(place) = place.filter(|_| has_key) else {
            return true;
        };
        let host = host_of(store.service);
        let uses = |actor| {
            let after = self.rules().after(state, Some(actor));
            self.decider.uses_anew(&after, actor, place, host)
        };
        state.holds(Power::Own(place)) || state.actors().any(uses)
    }
}
