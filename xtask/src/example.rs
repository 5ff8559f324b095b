//! The examples' snapshots, made anew: `cargo xtask example [NAME…]`.
//!
//! What the examples hold is what an API server answered, not what somebody imagined: Terraform
//! fills a local emulator, `cofferdam collect` reads it back, and what the emulator lacks is added
//! from `completed/` and marked. The result is committed, so that nobody needs Terraform
//! or Python to run the tests; two runs give the same files.

use std::fs;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The capture time that every snapshot of an example carries, whenever it was really made.
const CAPTURED_AT: &str = "2026-11-22T09:00:00Z";
/// The Region that the examples read.
const REGION: &str = "eu-west-1";
/// The role that reads, in every account.
const READER: &str = "platform/org-reader";
/// The management account, by whose role the organization is read.
const MANAGEMENT: &str = "100000000001";
/// The examples; all of them build on the Terraform of the first.
const EXAMPLES: [&str; 2] = ["acme", "acme-leaky"];
/// How long the emulator may take to answer. It loads all of AWS's managed policies first.
const STARTUP: Duration = Duration::from_secs(60);

pub type Outcome<T> = Result<T, String>;

/// Makes the named examples, or all of them.
pub fn run(names: &[String]) -> Outcome<()> {
    let names = if names.is_empty() {
        EXAMPLES.map(String::from).to_vec()
    } else {
        names.to_vec()
    };
    if let Some(name) = names.iter().find(|name| !EXAMPLES.contains(&name.as_str())) {
        return Err(format!(
            "no example is called {name}; name one of {}",
            EXAMPLES.join(", ")
        ));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .ok_or("xtask has no parent folder")?;
    let tools = Tools::find(root)?;
    for name in names {
        Example {
            root,
            name: &name,
            work: root.join("target/example").join(&name),
        }
        .make(&tools)?;
    }
    Ok(())
}

/// The programs of others that the task starts.
pub struct Tools {
    python: PathBuf,
    terraform_config: PathBuf,
    scripts: PathBuf,
}

impl Tools {
    /// Makes a virtual environment with the emulator, and a Terraform configuration that takes its
    /// provider from a folder of this machine where there is one.
    pub fn find(root: &Path) -> Outcome<Self> {
        let work = root.join("target/example");
        create(&work)?;
        let scripts = root.join("xtask/example");
        let python = work.join("venv/bin/python");
        if !python.exists() {
            succeed(
                Command::new("python3")
                    .args(["-m", "venv"])
                    .arg(work.join("venv")),
                "python3 -m venv",
            )?;
        }
        let install = ["-m", "pip", "install", "--quiet", "--requirement"];
        succeed(
            Command::new(&python)
                .args(install)
                .arg(scripts.join("requirements.txt")),
            "pip install",
        )?;
        let terraform_config = work.join("terraform.rc");
        write(&terraform_config, &terraform_settings(provider_mirror()))?;
        succeed(
            &mut terraform(&terraform_config, &work, &["version"]),
            "terraform (is it installed?)",
        )?;
        Ok(Self {
            python,
            terraform_config,
            scripts,
        })
    }

    fn script(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(self.scripts.join(name));
        for (key, value) in CREDENTIALS {
            command.env(key, value);
        }
        command
    }
}

/// An emulator takes any credentials; Terraform and the SDK want some.
const CREDENTIALS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "example"),
    ("AWS_SECRET_ACCESS_KEY", "example"),
    ("AWS_REGION", REGION),
];

/// A folder with `registry.terraform.io/hashicorp/aws` in it: named by `COFFERDAM_TF_PLUGINS`, else
/// where optional software lies. Without one, Terraform asks its registry.
pub fn provider_mirror() -> Option<PathBuf> {
    std::env::var_os("COFFERDAM_TF_PLUGINS")
        .map(PathBuf::from)
        .into_iter()
        .chain([PathBuf::from("/opt/tf-plugins")])
        .find(|folder| folder.join("registry.terraform.io/hashicorp/aws").is_dir())
}

pub fn terraform_settings(mirror: Option<PathBuf>) -> String {
    let installation = mirror.map_or_else(String::new, |folder| {
        let path = folder.display();
        format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = \"{path}\"\n    include = [\"registry.terraform.io/*/*\"]\n  }}\n}}\n"
        )
    });
    format!("{installation}disable_checkpoint = true\n")
}

pub fn terraform(config: &Path, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("terraform");
    command
        .args(arguments)
        .current_dir(folder)
        .env("TF_CLI_CONFIG_FILE", config)
        .env("TF_IN_AUTOMATION", "1");
    command
}

/// One example while it is made.
pub struct Example<'a> {
    /// The root of the workspace.
    pub root: &'a Path,
    /// The folder below `examples/`.
    pub name: &'a str,
    /// Where it is made.
    pub work: PathBuf,
}

impl Example<'_> {
    fn make(&self, tools: &Tools) -> Outcome<()> {
        let emulator = self.filled(tools)?;
        let made = self.work.join("snapshot");
        remove(&made)?;
        let mut collect = collector(&emulator, &self.work, &made)?;
        ended(&mut collect, &[0, 3], "cofferdam collect")?;
        self.finish(tools, &emulator, &made)?;
        let committed = self.root.join("examples").join(self.name).join("snapshot");
        remove(&committed)?;
        copy(&made, &committed)
    }

    /// An emulator that holds the example.
    pub fn filled(&self, tools: &Tools) -> Outcome<Emulator> {
        create(&self.work)?;
        let emulator = Emulator::start(tools, &self.accounts())?;
        self.apply(tools, &emulator)?;
        let mut prepare = tools.script("prepare.py");
        prepare
            .arg(self.accounts())
            .arg(&emulator.address)
            .arg(REGION);
        succeed(&mut prepare, "prepare.py")?;
        Ok(emulator)
    }

    /// Makes a snapshot the same on every run, and completes it.
    pub fn finish(&self, tools: &Tools, emulator: &Emulator, made: &Path) -> Outcome<()> {
        let mut finish = tools.script("finish.py");
        finish
            .arg(made)
            .arg(self.acme().join("completed"))
            .arg(&emulator.address)
            .arg(CAPTURED_AT);
        succeed(&mut finish, "finish.py")
    }

    /// Fills the emulator: the Terraform of the sound example, and over it what this one changes.
    fn apply(&self, tools: &Tools, emulator: &Emulator) -> Outcome<()> {
        let folder = self.work.join("terraform");
        remove(&folder)?;
        copy(&self.acme().join("terraform"), &folder)?;
        let overlay = self.root.join("examples").join(self.name).join("overlay");
        if overlay.is_dir() {
            copy(&overlay, &folder)?;
        }
        write(
            &folder.join("emulator.auto.tfvars.json"),
            &self.variables()?,
        )?;
        let init = ["init", "-input=false", "-no-color"];
        succeed(
            &mut terraform(&tools.terraform_config, &folder, &init),
            "terraform init",
        )?;
        let apply = [
            "apply",
            "-auto-approve",
            "-input=false",
            "-no-color",
            "-compact-warnings",
        ];
        let mut apply = terraform(&tools.terraform_config, &folder, &apply);
        succeed(
            apply
                .envs(CREDENTIALS)
                .env("AWS_ENDPOINT_URL", &emulator.address),
            "terraform apply",
        )
    }

    fn variables(&self) -> Outcome<String> {
        let table = self.operations();
        let text =
            fs::read_to_string(&table).map_err(|error| format!("{}: {error}", table.display()))?;
        let rows: Vec<serde_json::Value> =
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", table.display()))?;
        let mut actions: Vec<&str> = rows
            .iter()
            .filter_map(|row| row.get("permission")?.as_str())
            .collect();
        actions.sort_unstable();
        actions.dedup();
        Ok(serde_json::json!({"local": true, "read_actions": actions}).to_string())
    }

    fn acme(&self) -> PathBuf {
        self.root.join("examples/acme")
    }

    fn accounts(&self) -> PathBuf {
        self.acme().join("terraform/accounts.auto.tfvars.json")
    }

    fn operations(&self) -> PathBuf {
        self.root.join("crates/sources/data/operations.json")
    }
}

/// The emulator's process; it ends with this value.
pub struct Emulator {
    process: Child,
    address: String,
}

impl Emulator {
    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    fn start(tools: &Tools, accounts: &Path) -> Outcome<Self> {
        let port = free_port()?;
        let mut command = tools.script("emulator.py");
        command
            .arg(accounts)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        command
            .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        let process = command
            .spawn()
            .map_err(|error| format!("the emulator did not start: {error}"))?;
        let emulator = Self {
            process,
            address: format!("http://127.0.0.1:{port}"),
        };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if begun.elapsed() > STARTUP {
                return Err(format!(
                    "the emulator did not answer within {} seconds",
                    STARTUP.as_secs()
                ));
            }
            sleep(Duration::from_millis(200));
        }
        Ok(emulator)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // Nothing is left to do where the process has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program itself, built beside this one, asked to read the emulator into a folder: from the
/// management account, which it enters through a profile, as people do.
pub fn collector(emulator: &Emulator, work: &Path, out: &Path) -> Outcome<Command> {
    let profile = work.join("aws.conf");
    write(
        &profile,
        &format!(
            "[profile management]\nrole_arn = arn:aws:iam::{MANAGEMENT}:role/{READER}\ncredential_source = Environment\nregion = {REGION}\n"
        ),
    )?;
    let mut command = Command::new(program()?);
    command
        .args(["collect", "--profile", "management", "--role-name", READER])
        .args(["--regions", REGION, "--out"])
        .arg(out)
        .envs(CREDENTIALS)
        .env("AWS_CONFIG_FILE", profile)
        .env("AWS_ENDPOINT_URL", &emulator.address)
        // The emulator answers what it lacks with status 500; once is enough.
        .env("AWS_MAX_ATTEMPTS", "1");
    Ok(command)
}

/// The program as Cargo builds it at the first use; a copy, so that what is built meanwhile does not
/// take part.
pub fn program() -> Outcome<PathBuf> {
    static PROGRAM: OnceLock<Outcome<PathBuf>> = OnceLock::new();
    PROGRAM.get_or_init(built).clone()
}

fn built() -> Outcome<PathBuf> {
    let mut build = Command::new("cargo");
    succeed(
        build.args(["build", "--quiet", "--package", "cofferdam-cli"]),
        "cargo build",
    )?;
    let own = std::env::current_exe().map_err(|error| format!("where am I? {error}"))?;
    let copy = own.with_file_name("cofferdam-copy");
    fs::copy(own.with_file_name("cofferdam"), &copy)
        .map_err(|error| format!("{}: {error}", copy.display()))?;
    Ok(copy)
}

fn free_port() -> Outcome<u16> {
    let bound = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    bound
        .map(|address| address.port())
        .map_err(|error| format!("no free port: {error}"))
}

pub fn succeed(command: &mut Command, what: &str) -> Outcome<()> {
    ended(command, &[0], what)
}

/// Runs a command that may end with any of these exit codes.
pub fn ended(command: &mut Command, codes: &[i32], what: &str) -> Outcome<()> {
    match command.status() {
        Ok(status) if status.code().is_some_and(|code| codes.contains(&code)) => Ok(()),
        Ok(status) => Err(format!("{what} failed: {status}")),
        Err(error) => Err(format!("{what} did not start: {error}")),
    }
}

fn write(path: &Path, text: &str) -> Outcome<()> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

pub fn create(folder: &Path) -> Outcome<()> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

pub fn remove(folder: &Path) -> Outcome<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

pub fn copy(from: &Path, to: &Path) -> Outcome<()> {
    create(to)?;
    let entries = fs::read_dir(from).map_err(|error| format!("{}: {error}", from.display()))?;
    for entry in entries {
        let entry = entry.map_err(|error| format!("{}: {error}", from.display()))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target)?;
        } else {
            // The text and not the file: a snapshot is made readable to its owner only, a committed example is not.
            let text =
                fs::read(&source).map_err(|error| format!("{}: {error}", source.display()))?;
            fs::write(&target, text).map_err(|error| format!("{}: {error}", target.display()))?;
        }
    }
    Ok(())
}
