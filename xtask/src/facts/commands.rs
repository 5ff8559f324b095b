//! Which command of the AWS CLI sends an action, and how it names the resource.
//!
//! The AWS CLI makes its commands from the API models of the Python package `botocore`
//! (Apache-2.0): the command is the operation's name in lower case with hyphens, its options are
//! the members of the input. Renamed options are read from the package `awscli` (Apache-2.0). What
//! is required is written with a sample; the members that name the resource are written as
//! placeholders, found by comparing their names with the variables of the resource's ARN.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::table::{Header, line, read, write};
use super::{Result, output, wheel};

/// Services beside those that hold data or repeat calls: where roles, trails and accounts are.
const FURTHER: [&str; 5] = ["cloudtrail", "glue", "iam", "organizations", "sts"];

/// Models whose folder is not named by the service's prefix.
const FURTHER_MODELS: [(&str, &str); 1] = [("s3", "s3control")];

/// Commands that the AWS CLI names otherwise than the folder of the model.
const COMMANDS: [(&str, &str); 1] = [("s3", "s3api")];

/// Options that a call needs for its effect and that the models leave optional.
const FURTHER_OPTIONS: [(&str, &str); 10] = [
    (
        "cloudtrail:PutEventSelectors",
        "--event-selectors file://event-selectors.json",
    ),
    (
        "dynamodb:Query",
        "--key-conditions file://key-conditions.json",
    ),
    ("kms:CreateGrant", "--grantee-principal PRINCIPAL"),
    ("kms:Decrypt", "--ciphertext-blob fileb://ciphertext-blob"),
    ("kms:GenerateDataKey", "--key-spec AES_256"),
    ("kms:GenerateDataKeyWithoutPlaintext", "--key-spec AES_256"),
    ("s3:PutBucketAcl", "--acl public-read"),
    ("s3:PutObjectAcl", "--acl public-read"),
    (
        "secretsmanager:PutSecretValue",
        "--secret-string file://secret-string",
    ),
    ("sns:Subscribe", "--notification-endpoint ENDPOINT"),
];

/// The one body of a request that an option in [`FURTHER_OPTIONS`] stands for.
const OTHER_BODY: &str = "AccessControlPolicy";

/// Services whose operations take names only, though their descriptions speak of ARNs.
const BY_NAME: [&str; 2] = ["iam", "s3"];

/// Members whose name says nothing of the variable that they hold.
const ALIASES: [(&str, &str); 1] = [("Key", "ObjectName")];

/// Downloads the packages and writes the table.
pub(super) fn run(work: &Path) -> Result<()> {
    let (models, version, day) = wheel("botocore", work)?;
    let (cli, cli_version, _) = wheel("awscli", work)?;
    let renamed = fs::read_to_string(cli.join("awscli/customizations/argrename.py"))?;
    let tables = Tables::read(&renamed)?;
    let mut rows = Vec::new();
    for service in &tables.services {
        rows.extend(tables.rows(service, &models.join("botocore/data"))?);
    }
    let source = format!(
        "the API models of botocore {version} and the renamed options of awscli {cli_version} (both Apache-2.0)"
    );
    let header = Header {
        table: "commands",
        as_of: &day,
        source: &source,
        columns: "service\taction\tcommand of the AWS CLI, {…} for parts of the resource's ARN",
    };
    write(&header, rows)
}

/// What is known before the models are read.
struct Tables {
    services: BTreeSet<String>,
    /// Every action with its resource types.
    actions: BTreeMap<(String, String), Vec<String>>,
    /// The ARN of every resource type.
    types: BTreeMap<(String, String), String>,
    /// Operations that need an action of another name.
    operations: BTreeMap<(String, String), Vec<String>>,
    /// `service.command.option` to the option's name, for options that were renamed.
    renamed: BTreeMap<String, String>,
}

impl Tables {
    fn read(renamed: &str) -> Result<Self> {
        let first =
            |rows: Vec<Vec<String>>| rows.into_iter().filter_map(|row| row.into_iter().next());
        let services = first(read("data_actions")?).chain(first(read("forwarded")?));
        let services = services.chain(FURTHER.map(str::to_owned)).collect();
        let mut actions = BTreeMap::new();
        for row in read("actions")? {
            let [service, action, _, types, ..] = row.as_slice() else {
                return Err("a row of actions is too short".into());
            };
            let types = types
                .split(',')
                .map(|name| name.trim_end_matches('*').to_owned());
            actions.insert((service.clone(), action.clone()), types.collect());
        }
        let mut types = BTreeMap::new();
        for row in read("resource_types")? {
            if let [service, name, arn, ..] = row.as_slice() {
                types.insert((service.clone(), name.clone()), arn.clone());
            }
        }
        let mut operations: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for row in read("event_names")? {
            if let [_, operation, action, ..] = row.as_slice()
                && let Some((service, name)) = action.split_once(':')
            {
                let key = (service.to_owned(), name.to_owned());
                operations.entry(key).or_default().push(operation.clone());
            }
        }
        Ok(Self {
            services,
            actions,
            types,
            operations,
            renamed: renames(renamed),
        })
    }

    /// The rows of one service; models that come first win.
    fn rows(&self, service: &str, data: &Path) -> Result<Vec<String>> {
        let further = FURTHER_MODELS.iter().filter(|(of, _)| *of == service);
        let folders = std::iter::once(service).chain(further.map(|(_, folder)| *folder));
        let mut found: BTreeMap<&str, String> = BTreeMap::new();
        for folder in folders {
            let model = Model::read(folder, data)?;
            let all = self.actions.keys().filter(|(of, _)| of == service);
            for (_, action) in all {
                if let Some(command) = self.command(service, action, &model) {
                    found.entry(action).or_insert(command);
                }
            }
        }
        found
            .iter()
            .map(|(action, command)| line(&[service, action, command]))
            .collect()
    }

    /// The command that needs this action before all: the operation of its name, or the last of
    /// those that need it.
    fn command(&self, service: &str, action: &str, model: &Model) -> Option<String> {
        let key = (service.to_owned(), action.to_owned());
        let others = self.operations.get(&key).into_iter().flatten().rev();
        let mut candidates = std::iter::once(action).chain(others.map(String::as_str));
        let same = candidates.find(|name| model.operation(name).is_some());
        let older = action.replacen("Version", "", 1);
        let (name, version) = match same {
            Some(name) => (name, false),
            None if older != action && model.operation(&older).is_some() => (older.as_str(), true),
            None => return None,
        };
        let operation = model.operation(name)?;
        let members = model.members(operation);
        if version && !members.contains_key("VersionId") {
            return None;
        }
        let named = Named::of(self, &key);
        let mut options = self.options(service, name, model, &members, &named);
        if version {
            options.push("--version-id VERSION_ID".to_owned());
        }
        options.extend(self.body(service, name, model, operation, &members));
        let typed = format!("{service}:{name}");
        let further = FURTHER_OPTIONS.iter().find(|(of, _)| *of == typed);
        options.extend(further.map(|(_, option)| (*option).to_owned()));
        if model.streams(operation) {
            options.push("/dev/null".to_owned());
        }
        let command = COMMANDS.iter().find(|(folder, _)| *folder == model.folder);
        let command = command.map_or(model.folder.as_str(), |(_, command)| *command);
        let options: Vec<String> = options
            .into_iter()
            .filter(|option| !option.is_empty())
            .collect();
        Some(
            format!("{command} {} {}", kebab(name), options.join(" "))
                .trim_end()
                .to_owned(),
        )
    }

    /// What a request carries as its body, where the model does not require it.
    fn body(
        &self,
        service: &str,
        name: &str,
        model: &Model,
        operation: &Value,
        members: &Map<String, Value>,
    ) -> Option<String> {
        let payload = model.input(operation).get("payload")?.as_str()?;
        let reference = members.get(payload).filter(|_| payload != OTHER_BODY)?;
        let required = model.required(name).iter().any(|member| member == payload);
        (!required).then(|| self.option(service, name, payload, None, reference, model))
    }

    fn options(
        &self,
        service: &str,
        operation: &str,
        model: &Model,
        members: &Map<String, Value>,
        named: &Named,
    ) -> Vec<String> {
        let required = model.required(operation);
        let mut told = BTreeSet::new();
        let mut options = Vec::new();
        for member in &required {
            let Some(reference) = members.get(member) else {
                continue;
            };
            let part = named.part(service, member, reference, model);
            options.push(self.option(
                service,
                operation,
                member,
                part.as_deref(),
                reference,
                model,
            ));
            told.extend(part);
        }
        let optional = members
            .iter()
            .filter(|(member, _)| !required.contains(member));
        let mut parts: Vec<(String, &String, &Value)> = optional
            .filter_map(|(member, reference)| {
                Some((
                    named.part(service, member, reference, model)?,
                    member,
                    reference,
                ))
            })
            .collect();
        // An ARN says more than a name, where nothing is named yet.
        parts.sort_by_key(|(part, _, _)| part != ARN);
        for (part, member, reference) in parts {
            let more = match part.as_str() {
                ARN => told.is_empty(),
                _ => !told.contains(ARN),
            };
            if part == ACCOUNT || (more && told.insert(part.clone())) {
                let part = Some(part.as_str());
                options.push(self.option(service, operation, member, part, reference, model));
            }
        }
        options
    }

    fn option(
        &self,
        service: &str,
        operation: &str,
        member: &str,
        part: Option<&str>,
        reference: &Value,
        model: &Model,
    ) -> String {
        let own = kebab(member);
        let key = format!("{service}.{}.{own}", kebab(operation));
        let name = self.renamed.get(&key).unwrap_or(&own);
        match part {
            Some(part) => format!("--{name} {part}"),
            None => sample(name, reference, model),
        }
    }
}

/// The lines `'service.command.option': 'name'` of a table in Python.
fn renames(module: &str) -> BTreeMap<String, String> {
    let table = module.split("HIDDEN_ALIASES").next().unwrap_or(module);
    let rows = table.lines().filter_map(|line| {
        let mut texts = line.trim().split('\'');
        let (key, name) = (texts.nth(1)?, texts.nth(1)?);
        (key.matches('.').count() == 2).then(|| (key.to_owned(), name.to_owned()))
    });
    rows.collect()
}

/// A value to fill in, by the type of the member.
fn sample(name: &str, reference: &Value, model: &Model) -> String {
    let shape = model.shape_of(reference);
    let is = |kind: &str| shape.get("type").and_then(Value::as_str) == Some(kind);
    let element = shape
        .get("member")
        .map_or(shape, |member| model.shape_of(member));
    let first = element.get("enum").and_then(Value::as_array);
    let first = first.and_then(|list| list.first());
    let streams = [shape, reference]
        .iter()
        .any(|holder| holder.get("streaming").is_some());
    let upper = name.to_ascii_uppercase().replace('-', "_");
    let text = |text: &str| format!("--{name} {text}");
    match first.and_then(Value::as_str) {
        Some(first) => text(first),
        None if is("boolean") => format!("--{name}"),
        None if is("integer") || is("long") || is("double") || is("float") => text("1"),
        None if is("blob") && streams => text("FILE"),
        None if is("blob") => text(&format!("fileb://{name}")),
        None if is("structure") || is("map") || is_structures(shape, model) => {
            text(&format!("file://{name}.json"))
        }
        None if name.ends_with("policy") || name.ends_with("document") => {
            text(&format!("file://{name}.json"))
        }
        None => text(&upper),
    }
}

fn is_structures(shape: &Value, model: &Model) -> bool {
    shape.get("member").is_some_and(|member| {
        let kind = model.shape_of(member).get("type");
        kind.and_then(Value::as_str) == Some("structure")
    })
}

/// The placeholder for the whole ARN.
const ARN: &str = "{arn}";

/// The placeholder for the account in it.
const ACCOUNT: &str = "{account}";

/// How an action's resources are named.
struct Named {
    /// Normal forms of the types' names.
    types: BTreeSet<String>,
    /// The variables of their ARNs, by normal form.
    variables: BTreeMap<String, String>,
}

impl Named {
    fn of(tables: &Tables, action: &(String, String)) -> Self {
        let names = tables.actions.get(action).into_iter().flatten();
        let mut named = Self {
            types: BTreeSet::new(),
            variables: BTreeMap::new(),
        };
        for name in names {
            let Some(arn) = tables.types.get(&(action.0.clone(), name.clone())) else {
                continue;
            };
            named.types.insert(normal(name));
            let variables = arn
                .split("${")
                .skip(1)
                .filter_map(|rest| rest.split('}').next());
            let own = variables.filter(|name| !matches!(*name, "Partition" | "Region" | "Account"));
            named
                .variables
                .extend(own.map(|name| (normal(name), name.to_owned())));
        }
        named
    }

    /// The part of the resource that a member holds, if it holds one.
    fn part(
        &self,
        service: &str,
        member: &str,
        reference: &Value,
        model: &Model,
    ) -> Option<String> {
        if self.types.is_empty() {
            return None;
        }
        if matches!(
            member,
            "AccountId" | "CatalogId" | "registryId" | "RegistryId"
        ) {
            return Some(ACCOUNT.to_owned());
        }
        if member == "QueueUrl" {
            return Some("{queue}".to_owned());
        }
        let shape = model.shape_of(reference);
        if shape.get("type").and_then(Value::as_str) != Some("string")
            || shape.get("enum").is_some()
        {
            return None;
        }
        let alias = ALIASES
            .iter()
            .find(|(of, _)| *of == member && service == "s3");
        let normal = normal(alias.map_or(member, |(_, variable)| *variable));
        let variable = self.variables.get(&normal);
        let is_resource = self.types.contains(&normal) || variable.is_some();
        let generic = normal.is_empty() || normal == "resource";
        if (is_resource || generic)
            && !BY_NAME.contains(&service)
            && takes_arn(member, reference, model)
        {
            return Some(ARN.to_owned());
        }
        if is_resource && member.to_ascii_lowercase().ends_with("arn") {
            return Some(ARN.to_owned());
        }
        variable.map(|variable| format!("{{{variable}}}"))
    }
}

/// Whether the model says that a member may be an ARN: by its name, its shape, the pattern of its
/// values or its description.
fn takes_arn(member: &str, reference: &Value, model: &Model) -> bool {
    let shape = model.shape_of(reference);
    let says = |holder: &Value, field: &str, word: &str| {
        holder
            .get(field)
            .and_then(Value::as_str)
            .is_some_and(|text| text.contains(word))
    };
    let name = |text: &str| text.to_ascii_lowercase().ends_with("arn");
    let shape_name = reference.get("shape").and_then(Value::as_str).unwrap_or("");
    name(member)
        || name(shape_name)
        || says(shape, "pattern", "arn:")
        || says(reference, "documentation", "ARN")
        || says(shape, "documentation", "ARN")
}

/// A name without what differs between the models and the reference: case, hyphens, and the word
/// that says what kind of name it is.
fn normal(name: &str) -> String {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    let plain = plain.strip_suffix("withpath").unwrap_or(&plain);
    let endings = ["name", "arn", "identifier", "id"];
    let stem = endings.iter().find_map(|ending| plain.strip_suffix(ending));
    stem.unwrap_or(plain).to_owned()
}

/// The API model of a service.
struct Model {
    folder: String,
    model: Value,
}

impl Model {
    /// The newest version in the folder.
    fn read(folder: &str, data: &Path) -> Result<Self> {
        let versions = fs::read_dir(data.join(folder))?;
        let versions: BTreeSet<_> = versions
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        let newest = versions
            .into_iter()
            .rfind(|path| path.join("service-2.json.gz").is_file())
            .ok_or_else(|| format!("no model of {folder}"))?;
        let text = output("gzip", &["-dc", "service-2.json.gz"], &newest)?;
        Ok(Self {
            folder: folder.to_owned(),
            model: serde_json::from_str(&text)?,
        })
    }

    fn operation(&self, name: &str) -> Option<&Value> {
        let operation = self.model.get("operations")?.get(name)?;
        operation.get("deprecated").is_none().then_some(operation)
    }

    fn shape_of(&self, reference: &Value) -> &Value {
        let name = reference.get("shape").and_then(Value::as_str);
        let shapes = self.model.get("shapes");
        shapes
            .zip(name)
            .and_then(|(shapes, name)| shapes.get(name))
            .unwrap_or(&Value::Null)
    }

    fn input(&self, operation: &Value) -> &Value {
        operation
            .get("input")
            .map_or(&Value::Null, |input| self.shape_of(input))
    }

    fn members(&self, operation: &Value) -> Map<String, Value> {
        let members = self
            .input(operation)
            .get("members")
            .and_then(Value::as_object);
        members.cloned().unwrap_or_default()
    }

    fn required(&self, operation: &str) -> Vec<String> {
        let operation = self.operation(operation);
        let required = operation.and_then(|operation| self.input(operation).get("required"));
        let texts = required.and_then(Value::as_array).into_iter().flatten();
        texts.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Whether the answer is a file, which the AWS CLI writes where its last argument says: its body
    /// is bytes.
    fn streams(&self, operation: &Value) -> bool {
        let output = operation
            .get("output")
            .map_or(&Value::Null, |output| self.shape_of(output));
        let payload = output.get("payload").and_then(Value::as_str);
        let members = output.get("members");
        let member = members
            .zip(payload)
            .and_then(|(members, name)| members.get(name));
        let kind = member.and_then(|member| self.shape_of(member).get("type"));
        kind.and_then(Value::as_str) == Some("blob")
    }
}

/// `ListObjectsV2` as `list-objects-v2`, by the rule of botocore (`xform_name`).
fn kebab(name: &str) -> String {
    if name.contains('-') {
        return name.to_owned();
    }
    let words = words(&plural_acronym(name));
    let mut text = String::new();
    let mut last = '-';
    for letter in words.chars() {
        if letter.is_ascii_uppercase() && (last.is_ascii_lowercase() || last.is_ascii_digit()) {
            text.push('-');
        }
        text.push(letter);
        last = letter;
    }
    text.to_ascii_lowercase()
}

/// `GatewayARNs` as `Gateway-arns`.
fn plural_acronym(name: &str) -> String {
    let Some(stem) = name.strip_suffix('s') else {
        return name.to_owned();
    };
    let head = stem.trim_end_matches(|letter: char| letter.is_ascii_uppercase());
    match stem.len() - head.len() {
        0 | 1 => name.to_owned(),
        _ => format!(
            "{head}-{}",
            name.get(head.len()..).unwrap_or("").to_ascii_lowercase()
        ),
    }
}

/// A hyphen before every capital that lower letters follow, where something stands before it.
fn words(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let at = |place: usize| letters.get(place).copied().unwrap_or(' ');
    let mut text = String::new();
    let mut place = 0;
    while place < letters.len() {
        text.push(at(place));
        place += 1;
        if at(place).is_ascii_uppercase() && at(place + 1).is_ascii_lowercase() {
            text.push('-');
            text.push(at(place));
            place += 1;
            while at(place).is_ascii_lowercase() {
                text.push(at(place));
                place += 1;
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_the_command_line_writes_them() {
        for (name, expected) in [
            ("GetObject", "get-object"),
            ("ListObjectsV2", "list-objects-v2"),
            ("GetBucketAcl", "get-bucket-acl"),
            ("KeyId", "key-id"),
            ("SSEKMSKeyId", "ssekms-key-id"),
            ("ListWebACLs", "list-web-acls"),
            ("MFA", "mfa"),
            ("registryId", "registry-id"),
            ("AssumeRoleWithSAML", "assume-role-with-saml"),
            ("StreamARN", "stream-arn"),
        ] {
            assert_eq!(kebab(name), expected, "{name}");
        }
    }
}
