//! From facts to the typed organization.
//!
//! Building never fails. What a fact cannot tell becomes an unknown field, and what is malformed
//! becomes a diagnostic and an unknown field, so that one bad document never hides the rest. Each
//! theme has a file; they share only the [`Builder`], which reads attributes and keeps policies.

mod access;
mod access_points;
mod buckets;
mod compute;
mod delegates;
mod endpoints;
mod keys;
mod managed;
mod permission_sets;
mod principals;
mod resources;
mod trails;
mod units;

use cofferdam_names::Arn;
use cofferdam_text::Diagnostic;

use crate::fact::{Facts, Kind};
use crate::model::Organization;
use access::Builder;

/// The organization that the facts state, with what was wrong with them.
pub fn build(facts: &Facts) -> (Organization, Vec<Diagnostic>) {
    let mut builder = Builder::new(facts);
    managed::read(&mut builder);
    let mut organization = Organization {
        identity: units::identity(&mut builder),
        units: units::units(&mut builder),
        accounts: units::accounts(&mut builder),
        principals: principals::principals(&mut builder),
        resources: resources::resources(&mut builder),
        access_points: access_points::access_points(&mut builder),
        endpoints: endpoints::endpoints(&mut builder),
        trails: trails::trails(&mut builder),
        providers: providers(&mut builder),
        permission_sets: permission_sets::permission_sets(&mut builder),
        compute: compute::compute(&mut builder),
        delegates: delegates::delegates(&mut builder),
        delegation: delegates::delegation(&mut builder),
        ..Organization::default()
    };
    keys::resolve(&mut organization.resources);
    finish(builder, organization)
}

fn finish(builder: Builder, mut organization: Organization) -> (Organization, Vec<Diagnostic>) {
    let listed = builder.facts.gaps();
    organization.gaps = listed
        .map(|(account, kind, why)| (account.into(), kind, why.into()))
        .collect();
    organization.gaps.extend(builder.gaps);
    organization.policies = builder.policies;
    organization.managed = builder.managed;
    organization.dated = builder.dated;
    organization.organization_policies = builder.organization_policies;
    (organization, builder.diagnostics)
}

fn providers(builder: &mut Builder) -> Vec<Arn> {
    let entities = builder.existing(Kind::Provider);
    entities
        .into_iter()
        .filter_map(|entity| builder.arn(entity))
        .collect()
}
