//! The output of `cdk synth`: a manifest with stacks, their templates, accounts and Regions.
//!
//! "Cloud assemblies" of the AWS CDK developer guide. Stages are assemblies in directories below.

use std::path::Path;

use cofferdam_text::{Diagnostic, Documents, Member, Node};

use super::given::Parameters;
use super::place::{Options, Place};
use super::template::{self, Application, Assets, Given, Origins};

/// The name of an assembly's manifest.
pub(crate) const MANIFEST: &str = "manifest.json";

/// What the names of asset manifests end with.
const ASSETS: &str = ".assets.json";

/// Characters of a hash: a shorter key could stand in an address by chance.
const HASH_MIN: usize = 32;

/// Assemblies within each other: stages within stages.
const DEPTH_MAX: usize = 8;

/// Adds the stacks of an assembly.
pub(super) fn read(
    application: &mut Application,
    source: &Path,
    options: &Options,
    given: &Parameters,
    documents: &mut Documents,
) -> Result<(), Diagnostic> {
    let mut reader = Reader {
        application,
        source,
        options,
        given,
        documents,
    };
    reader.assembly(source, 0)
}

struct Reader<'a> {
    application: &'a mut Application,
    source: &'a Path,
    options: &'a Options,
    given: &'a Parameters,
    documents: &'a mut Documents,
}

impl Reader<'_> {
    fn assembly(&mut self, directory: &Path, depth: usize) -> Result<(), Diagnostic> {
        if DEPTH_MAX < depth {
            let message = format!("assemblies are nested deeper than {DEPTH_MAX}");
            return Err(Diagnostic::in_file(
                directory.display().to_string(),
                message,
            ));
        }
        let manifest = template::read(self.documents, &directory.join(MANIFEST))?;
        let artifacts = manifest.get("artifacts").and_then(Node::as_object);
        let artifacts = artifacts.unwrap_or_default();
        let assets = self.assets(directory, artifacts);
        for artifact in artifacts {
            let kind = artifact.value.get("type").and_then(Node::as_str);
            let properties = artifact.value.get("properties");
            let part = |name| properties?.get(name)?.as_str();
            match kind {
                Some("aws:cloudformation:stack") => {
                    self.stack(directory, artifact, &assets)?;
                }
                Some("cdk:cloud-assembly") => {
                    let inner = part("directoryName").filter(|name| is_name(name));
                    if let Some(name) = inner {
                        self.assembly(&directory.join(name), depth + 1)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Files that stacks refer to by their hashes. An asset manifest that cannot be read leaves the
    /// nested stacks that it names unread, which is said then.
    fn assets(&mut self, directory: &Path, artifacts: &[Member]) -> Assets {
        let mut found = Assets::new();
        for artifact in artifacts {
            let properties = artifact.value.get("properties");
            let file = properties.and_then(|node| node.get("file")?.as_str());
            let Some(file) = file.filter(|name| is_name(name) && name.ends_with(ASSETS)) else {
                continue;
            };
            if let Ok(manifest) = template::read(self.documents, &directory.join(file)) {
                let files = manifest.get("files").and_then(Node::as_object);
                let files = files.unwrap_or_default().iter();
                found.extend(files.filter_map(|file| {
                    let path = file.value.get("source")?.get("path")?.as_str()?;
                    (file.key.len() >= HASH_MIN).then(|| (file.key.to_string(), path.to_owned()))
                }));
            }
        }
        found
    }

    fn stack(
        &mut self,
        directory: &Path,
        artifact: &Member,
        assets: &Assets,
    ) -> Result<(), Diagnostic> {
        let (id, node) = (&*artifact.key, &artifact.value);
        let properties = node.get("properties");
        let part = |name| properties?.get(name)?.as_str();
        let Some(file) = part("templateFile").filter(|name| is_name(name)) else {
            return Ok(());
        };
        let name = part("stackName").unwrap_or(id).to_owned();
        let environment = node.get("environment").and_then(Node::as_str);
        let own = environment.map_or_else(Place::unsaid, place);
        let mut given = self.given.of(&name);
        let parameters = properties.and_then(|node| node.get("parameters"));
        for member in parameters.and_then(Node::as_object).unwrap_or_default() {
            if let Some(value) = member.value.text() {
                let value = Given::Text(value.to_owned());
                given.entry(member.key.to_string()).or_insert(value);
            }
        }
        let from = Origins {
            source: self.source,
            file: directory.join(file),
            place: Place::of(&name, own, self.options),
            name,
            given,
            assets,
            depth: 0,
        };
        let at = self.application.add(self.documents, from)?;
        self.application.sources.push((self.source.to_owned(), at));
        Ok(())
    }
}

/// `aws://111122223333/eu-west-1`; what CDK does not know is written `unknown-account`.
fn place(environment: &str) -> Place {
    let rest = environment.trim_start_matches("aws://");
    let (account, region) = rest.split_once('/').unwrap_or((rest, ""));
    let known = |text: &str| match text.starts_with("unknown-") {
        true => String::new(),
        false => text.to_owned(),
    };
    Place {
        account: known(account),
        region: known(region),
    }
}

/// A manifest must not reach files outside of its directory.
fn is_name(name: &str) -> bool {
    !name.contains(['/', '\\']) && name != ".." && !name.is_empty()
}
