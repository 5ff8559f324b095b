//! What Cargo says of the workspace and of everything it depends on, without the network.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::source;

/// Packages, with what they depend on directly.
pub struct Graph {
    /// In the order of Cargo's answer.
    pub packages: Vec<Package>,
}

/// One package.
pub struct Package {
    /// Its name in Cargo.toml.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence expression, if it states one.
    pub licence: Option<String>,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    name: String,
    kind: Kind,
    ours: bool,
}

/// When a dependency is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Always.
    Normal,
    /// By tests only.
    Test,
    /// By a build script.
    Build,
}

impl Graph {
    /// The packages of the workspace alone.
    pub fn of_the_workspace() -> Self {
        Self::read(&["--no-deps"]).expect("cargo metadata reads the workspace")
    }

    /// Every package that is locked; where those of other platforms were never fetched, those of
    /// this one.
    pub fn of_everything() -> Self {
        Self::read(&[])
            .or_else(|| Self::read(&["--filter-platform", "host-tuple"]))
            .expect("cargo metadata reads the dependencies that this test was built from")
    }

    fn read(options: &[&str]) -> Option<Self> {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--offline", "--locked"])
            .args(options)
            .current_dir(source::root())
            .output()
            .expect("cargo runs");
        let answer: Value = serde_json::from_slice(&output.stdout).ok()?;
        Some(Self {
            packages: list(&answer, "packages").iter().map(package).collect(),
        })
    }

    /// The names of the workspace's packages.
    pub fn members(&self) -> Vec<&str> {
        self.packages
            .iter()
            .map(|package| package.name.as_str())
            .collect()
    }

    /// The rooms that a package imports.
    pub fn imports(&self, package: &str) -> Vec<(String, Kind)> {
        let packages = self
            .packages
            .iter()
            .filter(|candidate| candidate.name == package);
        packages
            .flat_map(|package| &package.dependencies)
            .filter(|dependency| dependency.ours)
            .map(|dependency| (short(&dependency.name).to_owned(), dependency.kind))
            .collect()
    }

    /// Direct dependencies from outside, each with the packages that use it.
    pub fn outside(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for package in &self.packages {
            for dependency in package
                .dependencies
                .iter()
                .filter(|dependency| !dependency.ours)
            {
                let users = found.entry(dependency.name.clone()).or_default();
                users.insert(short(&package.name).to_owned());
            }
        }
        found
    }
}

fn short(name: &str) -> &str {
    name.strip_prefix("cofferdam-").unwrap_or(name)
}

fn package(value: &Value) -> Package {
    Package {
        name: text(value, "name"),
        version: text(value, "version"),
        licence: value
            .get("license")
            .and_then(Value::as_str)
            .map(str::to_owned),
        dependencies: list(value, "dependencies").iter().map(dependency).collect(),
    }
}

fn dependency(value: &Value) -> Dependency {
    let kind = match value.get("kind").and_then(Value::as_str) {
        Some("dev") => Kind::Test,
        Some("build") => Kind::Build,
        _ => Kind::Normal,
    };
    let ours = value.get("path").is_some_and(Value::is_string);
    Dependency {
        name: text(value, "name"),
        kind,
        ours,
    }
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn text(value: &Value, key: &str) -> String {
    value
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// Name and version of each package in Cargo.lock, those of other platforms too.
pub fn locked() -> Vec<(String, String)> {
    let lock = source::document("Cargo.lock");
    let field = |part: &str, key: &str| {
        let line = part.lines().find_map(|line| line.strip_prefix(key));
        line.unwrap_or_default().trim_matches('"').to_owned()
    };
    let parts = lock.split("[[package]]").skip(1);
    parts
        .map(|part| (field(part, "name = "), field(part, "version = ")))
        .collect()
}
