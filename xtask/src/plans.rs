//! The plans that tests read, made anew with Terraform: `cargo xtask plans`.
//!
//! Each folder of `crates/sources/tests/plans` is a root module, some with a state of what is there
//! already. Terraform plans it with the real provider and without any server, so that what is not
//! known before apply is what a user's plan would not know. The JSON is committed beside its sources;
//! nobody needs Terraform to run the tests.

use std::fs;
use std::path::{Path, PathBuf};

use crate::example::{provider_mirror, succeed, terraform, terraform_settings};

/// The root modules.
const PLANS: [&str; 3] = ["landing-zone", "change", "destroy"];

type Outcome<T> = Result<T, String>;

/// Makes every plan.
pub fn run() -> Outcome<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .ok_or("xtask has no parent folder")?;
    let work = root.join("target/plans");
    create(&work)?;
    let settings = work.join("terraform.tfrc");
    write(&settings, &terraform_settings(provider_mirror()))?;
    PLANS.iter().try_for_each(|name| {
        make(
            &root.join("crates/sources/tests/plans"),
            &work,
            &settings,
            name,
        )
    })
}

fn make(sources: &Path, work: &Path, settings: &Path, name: &str) -> Outcome<()> {
    let folder = work.join(name);
    let _ = fs::remove_dir_all(&folder);
    copy(&sources.join(name), &folder)?;
    copy_file(&sources.join("provider.tf"), &folder.join("provider.tf"))?;
    let state = folder.join("existing.tfstate");
    if state.is_file() {
        copy_file(&state, &folder.join("terraform.tfstate"))?;
    }
    let run = |arguments: &[&str], what: &str| {
        succeed(&mut terraform(settings, &folder, arguments), what)
    };
    run(&["init", "-input=false", "-no-color"], "terraform init")?;
    let plan = [
        "plan",
        "-refresh=false",
        "-input=false",
        "-no-color",
        "-out=plan.bin",
    ];
    run(&plan, "terraform plan")?;
    let shown = terraform(settings, &folder, &["show", "-json", "plan.bin"])
        .output()
        .map_err(|error| format!("terraform show: {error}"))?;
    let text = String::from_utf8(shown.stdout).map_err(|error| error.to_string())?;
    write(&sources.join(format!("{name}.plan.json")), &timeless(&text))
}

/// The plan without the time at which it was made, so that two runs give the same file.
fn timeless(text: &str) -> String {
    const TIME: &str = ",\"timestamp\":\"";
    let without = text.split_once(TIME).and_then(|(before, after)| {
        let (_, rest) = after.split_once('"')?;
        Some(format!("{before}{rest}"))
    });
    without.unwrap_or_else(|| text.to_owned())
}

fn copy(from: &Path, to: &Path) -> Outcome<()> {
    create(to)?;
    let entries = fs::read_dir(from).map_err(|error| format!("{}: {error}", from.display()))?;
    let paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    for path in paths {
        let target = to.join(path.file_name().unwrap_or_default());
        match path.is_dir() {
            true => copy(&path, &target)?,
            false => copy_file(&path, &target)?,
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Outcome<()> {
    let copied = fs::copy(from, to).map(|_| ());
    copied.map_err(|error| format!("{}: {error}", from.display()))
}

fn create(folder: &Path) -> Outcome<()> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

fn write(path: &Path, text: &str) -> Outcome<()> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
