//! The text of a drafted boundary.
//!
//! Every name comes from the snapshot, so every one is quoted: a bucket's tag must not be able to
//! write a line of YAML.

use std::collections::BTreeSet;

use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{Organization, Resource, Trail};
use cofferdam_text::Quoted;

/// Kinds of resources that hold data for long enough to be a dataset.
const STORES: &[Kind] = &[Kind::Bucket, Kind::Table, Kind::Secret, Kind::Queue];

/// A boundary file for `organization`, which `source` holds.
pub fn draft(organization: &Organization, source: &str) -> String {
    let trail = audit_trail(organization);
    let mut text = head(source);
    text.push_str(&organizations(organization));
    text.push_str(&networks(organization));
    text.push_str("\n# The data to protect. Group what belongs together, and delete what needs no protection.\n");
    let datasets = datasets(organization, trail);
    text.push_str(if datasets.is_empty() {
        "datasets: []  # the snapshot holds no data store\n"
    } else {
        "datasets:\n"
    });
    text.push_str(&datasets.concat());
    text
}

fn head(source: &str) -> String {
    format!(
        "# What this organization promises about its data.\n\
         # `cofferdam check` proves it over every possible request, or shows each way to break it.\n\
         # Drafted from {source}. It approves nobody yet: fill in `access` where it is empty.\n\
         \n\
         version: 1\n\
         sources: [{}]\n",
        quoted(source)
    )
}

fn organizations(organization: &Organization) -> String {
    let Some(identity) = &organization.identity else {
        return "\n# The snapshot does not say which organization this is.\n\
                # organizations: [{id: o-…, accounts: {NAME: \"111122223333\"}}]\n"
            .to_owned();
    };
    let mut text = format!(
        "\n# Account names may be used wherever an account is meant.\n\
         organizations:\n  - id: {}\n    accounts:\n",
        quoted(&identity.id)
    );
    let mut names = BTreeSet::new();
    for account in organization.accounts.values() {
        let name = unique(&mut names, &account.name);
        text.push_str(&format!("      {}: \"{}\"\n", quoted(&name), account.id));
    }
    text
}

fn networks(organization: &Organization) -> String {
    let mut text = "\n# Where access may come from.\nnetworks:\n".to_owned();
    text.push_str(
        "  organization: {endpoints: organization}  # any endpoint that the organization owns\n",
    );
    let vpcs: BTreeSet<&str> = organization
        .endpoints
        .iter()
        .filter_map(|endpoint| endpoint.vpc.present().map(|vpc| &**vpc))
        .collect();
    for vpc in vpcs {
        let of = organization
            .endpoints
            .iter()
            .filter(|endpoint| matches!(&endpoint.vpc, Known::Present(own) if **own == *vpc));
        let ids: Vec<String> = of.map(|endpoint| quoted(&endpoint.id)).collect();
        text.push_str(&format!(
            "  {}: {{endpoints: [{}]}}\n",
            quoted(vpc),
            ids.join(", ")
        ));
    }
    text
}

fn datasets(organization: &Organization, trail: Option<&Trail>) -> Vec<String> {
    let archives: BTreeSet<&str> = organization
        .trails
        .iter()
        .filter_map(|trail| trail.bucket.present().map(|bucket| bucket_name(bucket)))
        .collect();
    let mut names = BTreeSet::new();
    let holds_data = |resource: &&Resource| {
        STORES.contains(&resource.kind) && !archives.contains(bucket_name(resource.arn.as_str()))
    };
    let stores = organization.resources.iter().filter(holds_data);
    stores
        .map(|resource| dataset(resource, &unique(&mut names, last_name(resource)), trail))
        .collect()
}

fn dataset(resource: &Resource, name: &str, trail: Option<&Trail>) -> String {
    let mut text = format!(
        "  - name: {}\n    class: unclassified   # in your own words: public, internal, restricted\n    \
         owner: nobody-yet     # whom findings are for\n    resources:\n      - {{arn: {}}}\n",
        quoted(name),
        quoted(resource.arn.as_str())
    );
    let key = resource
        .encryption
        .present()
        .and_then(|encryption| encryption.key.as_deref());
    if let Some(key) = key.filter(|key| key.starts_with("arn:")) {
        text.push_str(&format!("    keys:\n      - {{arn: {}}}\n", quoted(key)));
    }
    text.push_str(
        "    access: []            # - {who: [{role: \"arn:…\"}], can: [read], from: [organization]}\n    \
         administrators: []    # - {role: \"arn:…\"}, who may change the policy\n    \
         key-administrators: []\n",
    );
    text + &audit(trail)
}

fn audit(trail: Option<&Trail>) -> String {
    let bucket = trail.and_then(|trail| Some((trail, trail.bucket.present()?)));
    match bucket {
        Some((trail, bucket)) => format!(
            "    audit: {{trail: {}, archive: {}, administrators: []}}\n",
            quoted(&trail.name),
            quoted(&format!("arn:aws:s3:::{}", bucket_name(bucket)))
        ),
        None => {
            "    # audit: {trail: NAME, archive: \"arn:aws:s3:::BUCKET\", administrators: []}\n"
                .to_owned()
        }
    }
}

/// The organization's trail, else the first.
fn audit_trail(organization: &Organization) -> Option<&Trail> {
    let of_all = |trail: &&Trail| trail.organization == Known::Present(true);
    organization
        .trails
        .iter()
        .find(of_all)
        .or(organization.trails.first())
}

fn bucket_name(text: &str) -> &str {
    text.rsplit(':').next().unwrap_or(text)
}

fn last_name(resource: &Resource) -> &str {
    resource
        .arn
        .resource()
        .rsplit(['/', ':'])
        .next()
        .unwrap_or_default()
}

/// `name`, or `name-2` if it is taken.
fn unique(taken: &mut BTreeSet<String>, name: &str) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    let free = names.find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(free.clone());
    free
}

fn quoted(text: &str) -> String {
    Quoted(text).to_string()
}
