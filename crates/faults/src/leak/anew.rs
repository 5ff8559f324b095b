//! Leaks for certificates: without anything remembered, over all of the rewrites at once, and as
//! requests that somebody else can decide again.

use cofferdam_authz::gather::Party;
use cofferdam_authz::rewritten::Rewritten;
use cofferdam_authz::search::{Found, Search};
use cofferdam_authz::witness::Request;
use cofferdam_boundary::file::Access;
use cofferdam_boundary::path::Path;
use cofferdam_boundary::scope::{Group, Store};
use cofferdam_catalog::Class;
use cofferdam_names::ActionName;

use super::{Leaks, Reader, Reads, Way};
use crate::decide::Truth;
use crate::decide::anew::requests;

impl<'a> Leaks<'_, '_, 'a> {
    /// Whether somebody reads a store outside the boundary after all of the rewrites.
    pub(crate) fn reads_anew(
        &self,
        after: &Rewritten,
        reader: Reader,
        store: usize,
        reads: Reads,
    ) -> Truth {
        self.decide(after, reader, store, reads)
    }

    /// The requests of a read that certainly passes after the rewrites: what starts a service that
    /// reads, if one does, the read, and the uses of the key.
    pub(crate) fn certain_requests(
        &self,
        after: &Rewritten,
        reader: Reader,
        way: &Way,
        reads: Reads,
    ) -> Option<Vec<Request>> {
        let choices = after.choices(self.decider.setting.context.org);
        for reading in self.readings(reader, way.store, reads) {
            for after in &choices {
                let tell = |path: &Path<'_>, _: &Search<'_, '_>, found: Found<'_>| match found {
                    Found::Certain(model) => Some(requests(path, &model)),
                    _ => None,
                };
                let found = self.ask(after, reader, way.store, &reading, tell);
                if let Some(found) = found.flatten() {
                    return Some(found);
                }
            }
        }
        None
    }

    /// The groups of reads of a store that count, whoever reads.
    pub(crate) fn groups_that_count(&self, store: usize, reads: Reads) -> Vec<Group> {
        let Some(at) = self.scope.stores.get(store) else {
            return Vec::new();
        };
        let groups = super::contents(at).into_iter();
        groups
            .filter_map(|group| group.only(|action| self.counts(store, &action.name, reads)))
            .collect()
    }

    /// The approvals that cover a read by a principal.
    pub(crate) fn approvals_of(&self, principal: &str, action: &ActionName) -> Vec<&'a Access> {
        self.approvals(principal, action)
    }

    /// Whether somebody of this name is approved to read.
    pub(crate) fn approves(&self, principal: &str) -> bool {
        let approval = self.approval();
        approval.among_refs(&approval.approved(Class::Read), principal)
    }

    /// Who reads.
    pub(crate) fn reading_party(&self, reader: Reader) -> Option<&Party<'a>> {
        self.party(reader)
    }

    /// The store at a place.
    pub(crate) fn store(&self, place: usize) -> Option<&Store<'a>> {
        self.scope.stores.get(place)
    }
}
