//! The part of a snapshot that can matter to a change.
//!
//! A pipeline that checks one change need not hold the map of the whole organization. A slice is a
//! snapshot like any other, with the same operations in the same files, and without stores, keys and
//! principals that no question about the change can reach. What is left out is left out of the lists
//! too, so the reader takes it for not there; that is only right for what cannot matter, and so
//! everything in doubt is kept:
//!
//! - the organization, its units, policies and what they are attached to, endpoints, trails, networks,
//!   and whatever was refused, are kept whole;
//! - a store or a key is kept if the change or the boundary names it, or something kept names it;
//! - the principals of an account are kept if the account is named by the change, the boundary, a
//!   policy of something kept, or the trust policy of a kept role; all of them, if something kept is
//!   open to everybody, or the boundary forbids something to everybody.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use cofferdam_org::fact::{Attribute, Entity, Facts, Kind, Known};
use cofferdam_text::{Diagnostic, Documents, Member, Node, Value};

use crate::answers::{self, About};
use crate::detect::MANIFEST;
use crate::files;
use crate::finish::account_of;
use crate::sink::{Call, list};

/// Kinds of things that may be left out one by one.
const SINGLE: &[Kind] = &[
    Kind::Bucket,
    Kind::Key,
    Kind::Queue,
    Kind::Topic,
    Kind::Secret,
    Kind::Table,
    Kind::Function,
    Kind::Repository,
];

/// Lists of such things, by operation: where the elements lie in the answer.
const LISTS: &[(&str, &str)] = &[
    ("s3api.list-buckets", "Buckets"),
    ("kms.list-keys", "Keys"),
    ("sqs.list-queues", "QueueUrls"),
    ("sns.list-topics", "Topics"),
    ("secretsmanager.list-secrets", "SecretList"),
    ("dynamodb.list-tables", "TableNames"),
    ("lambda.list-functions", "Functions"),
    ("ecr.describe-repositories", "repositories"),
];

/// The answer that holds an account's principals, and the lists in it.
const PRINCIPALS: &str = "iam.get-account-authorization-details";
const PRINCIPAL_LISTS: &[&str] = &["UserDetailList", "GroupDetailList", "RoleDetailList"];

/// What a slice is made of and for.
pub struct Wanted<'a> {
    /// The texts of the change and of the boundary: what they name is kept.
    pub texts: &'a [String],
    /// Whether the boundary forbids things to everybody.
    pub forbids: bool,
    /// What the manifest says of where the slice comes from: names and values.
    pub about: &'a [(String, String)],
    /// Hashes a file, as the manifest writes it.
    pub hash: &'a dyn Fn(&[u8]) -> String,
}

/// A slice: files by their paths below the directory, the manifest among them.
#[derive(Debug, Default)]
pub struct Slice {
    /// Path and text.
    pub files: Vec<(String, String)>,
    /// Stores and keys that are kept, and how many there were.
    pub stores: (usize, usize),
    /// Accounts whose principals are kept, and how many there were.
    pub accounts: (usize, usize),
}

/// Cuts a slice out of a snapshot with a manifest.
///
/// # Errors
/// When the directory has no manifest, or it cannot be read.
pub fn slice(snapshot: &Path, wanted: &Wanted) -> Result<Slice, Diagnostic> {
    let mut documents = Documents::new();
    let path = snapshot.join(MANIFEST);
    let name = path.display().to_string();
    let manifest = documents.read_json(&name, files::bytes(&path)?)?;
    let read = crate::read(&[snapshot.to_owned()], &mut documents)?;
    let kept = Kept::of(&read.facts, wanted);
    let mut slice = Slice {
        stores: (
            kept.entities.len(),
            SINGLE
                .iter()
                .map(|kind| read.facts.of_kind(*kind).count())
                .sum(),
        ),
        accounts: (
            kept.accounts.len(),
            read.facts.of_kind(Kind::Account).count(),
        ),
        ..Slice::default()
    };
    let mut entries = Vec::new();
    for entry in manifest.get("read").map(Node::items).unwrap_or_default() {
        if let Some((path, text)) = cut(snapshot, entry, &kept) {
            entries.push(hashed(entry, &(wanted.hash)(text.as_bytes())));
            slice.files.push((path, text));
        }
    }
    let manifest = described(&manifest, entries, wanted);
    slice
        .files
        .push((MANIFEST.to_owned(), manifest.to_json_pretty() + "\n"));
    Ok(slice)
}

/// What a slice keeps of the things that may be left out.
struct Kept {
    entities: BTreeSet<Entity>,
    /// The last parts of their names.
    names: BTreeSet<String>,
    accounts: BTreeSet<String>,
    /// Managed policies that something kept is given.
    attached: BTreeSet<String>,
}

impl Kept {
    fn of(facts: &Facts, wanted: &Wanted) -> Kept {
        let mut words: BTreeSet<String> =
            wanted.texts.iter().flat_map(|text| words(text)).collect();
        for trail in facts.of_kind(Kind::Trail) {
            words.extend(said(facts, trail));
        }
        for kind in [Kind::AccessPoint, Kind::MultiRegionAccessPoint] {
            facts
                .of_kind(kind)
                .for_each(|point| words.extend(said(facts, point)));
        }
        let entities = stores(facts, &mut words);
        let everybody = wanted.forbids || entities.iter().any(|one| is_open(facts, one));
        let accounts = accounts(facts, &entities, &words, everybody);
        Kept {
            names: entities
                .iter()
                .map(|one| last(&one.id).to_owned())
                .collect(),
            attached: attached(facts, &accounts),
            entities,
            accounts,
        }
    }

    /// Whether an element of a list is one of the things that are kept.
    fn holds(&self, element: &Node) -> bool {
        let members = element.as_object().unwrap_or_default();
        let texts = members.iter().map(|one| &one.value).chain([element]);
        texts
            .filter_map(Node::as_str)
            .any(|text| self.names.contains(last(text)))
    }
}

/// Names in a text: runs of the signs that names are made of.
fn words(text: &str) -> BTreeSet<String> {
    let inside = |sign: char| sign.is_alphanumeric() || "-_.+=@".contains(sign);
    let found = text
        .split(|sign: char| !inside(sign))
        .filter(|word| !word.is_empty());
    found.map(str::to_owned).collect()
}

/// Everything that is stated about an entity, as words.
fn said(facts: &Facts, entity: &Entity) -> BTreeSet<String> {
    let values = facts.about(entity).filter_map(|(_, value)| value.present());
    let texts: Vec<String> = values.map(Node::to_json).collect();
    texts.iter().flat_map(|text| words(text)).collect()
}

/// The last part of an ARN, a URL or a name.
fn last(name: &str) -> &str {
    name.rsplit(['/', ':']).next().unwrap_or(name)
}

/// Stores and keys that are named, and those that they name in turn.
fn stores(facts: &Facts, words: &mut BTreeSet<String>) -> BTreeSet<Entity> {
    let all: Vec<&Entity> = SINGLE
        .iter()
        .flat_map(|kind| facts.of_kind(*kind))
        .collect();
    let mut kept = BTreeSet::new();
    loop {
        let named = |one: &&&Entity| {
            let by_alias = facts.get(one, Attribute::Aliases);
            let aliases = by_alias.present().map(|node| node.items());
            let aliases = aliases.unwrap_or_default().iter();
            let mut names = aliases.filter_map(Node::text).chain([&*one.id]);
            names.any(|name| words.contains(last(name)))
        };
        let found: Vec<&Entity> = all
            .iter()
            .filter(|one| !kept.contains(**one))
            .filter(named)
            .copied()
            .collect();
        if found.is_empty() {
            return kept;
        }
        for one in found {
            words.extend(said(facts, one));
            kept.insert(one.clone());
        }
    }
}

/// Whether a policy of the entity lets everybody in, as far as its principals go.
fn is_open(facts: &Facts, entity: &Entity) -> bool {
    let policies = [Attribute::ResourcePolicy, Attribute::Trust];
    policies
        .iter()
        .any(|attribute| match facts.get(entity, *attribute) {
            Known::Present(policy) => {
                let statements = policy.get("Statement").map(Node::items).unwrap_or_default();
                statements.iter().any(allows_everybody)
            }
            Known::Unknown(_) => {
                *attribute == Attribute::ResourcePolicy || entity.kind == Kind::Role
            }
            Known::Absent => false,
        })
}

/// Anything but an Allow for named principals is taken for open.
fn allows_everybody(statement: &Node) -> bool {
    if statement.get("Effect").and_then(Node::as_str) == Some("Deny") {
        return false;
    }
    let Some(principal) = statement.get("Principal") else {
        return true;
    };
    let members = principal.as_object().unwrap_or_default().iter();
    let listed = members.flat_map(|one| one.value.items());
    listed
        .chain([principal])
        .any(|one| one.as_str() == Some("*"))
}

/// Accounts whose principals may matter.
fn accounts(
    facts: &Facts,
    kept: &BTreeSet<Entity>,
    words: &BTreeSet<String>,
    everybody: bool,
) -> BTreeSet<String> {
    let all: Vec<String> = facts
        .of_kind(Kind::Account)
        .map(|one| one.id.to_string())
        .collect();
    if everybody {
        return all.into_iter().collect();
    }
    let mut named: BTreeSet<String> = words.clone();
    for one in kept {
        named.extend(account_of(facts, one));
    }
    for organization in facts.of_kind(Kind::Organization) {
        named.extend(said(facts, organization));
    }
    loop {
        let found: BTreeSet<String> = all
            .iter()
            .filter(|id| named.contains(*id))
            .cloned()
            .collect();
        let mut roles = facts
            .of_kind(Kind::Role)
            .filter(|one| account_of(facts, one).is_some_and(|owner| found.contains(&owner)));
        let before = named.len();
        let mut open = false;
        for role in roles.by_ref() {
            open |= is_open(facts, role);
            if let Known::Present(trust) = facts.get(role, Attribute::Trust) {
                named.extend(words_of(trust));
            }
        }
        if open {
            return all.into_iter().collect();
        }
        if named.len() == before {
            return found;
        }
    }
}

fn words_of(node: &Node) -> BTreeSet<String> {
    words(&node.to_json())
}

/// Managed policies of the principals of some accounts, and their boundaries.
fn attached(facts: &Facts, accounts: &BTreeSet<String>) -> BTreeSet<String> {
    let kinds = [Kind::Role, Kind::User, Kind::Group];
    let all = kinds.iter().flat_map(|kind| facts.of_kind(*kind));
    let mut found = BTreeSet::new();
    for one in
        all.filter(|one| account_of(facts, one).is_some_and(|owner| accounts.contains(&owner)))
    {
        if let Known::Present(list) = facts.get(one, Attribute::AttachedPolicies) {
            let arns = list
                .items()
                .iter()
                .filter_map(|item| item.get("PolicyArn")?.text());
            found.extend(arns.map(str::to_owned));
        }
        if let Known::Present(boundary) = facts.get(one, Attribute::Boundary) {
            found.extend(boundary.text().map(str::to_owned));
        }
    }
    found
}

/// What is left of one file, with its path; nothing if the file states no fact, or cannot be read.
fn cut(snapshot: &Path, entry: &Node, kept: &Kept) -> Option<(String, String)> {
    let file = entry.get("file")?.text()?.to_owned();
    let below = Path::new(&file)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let path: PathBuf = snapshot.join(&file);
    let operation = entry
        .get("operation")
        .and_then(Node::text)
        .map(str::to_owned);
    let operation = operation.or_else(|| files::operation_of(&path).map(|name| name.operation))?;
    let row = answers::row(&operation).filter(|_| below)?;
    let bytes = files::bytes(&path).ok()?;
    let account = entry
        .get("account")
        .and_then(Node::text)
        .unwrap_or_default();
    let mut documents = Documents::new();
    if path.extension().is_some_and(|kind| kind == "jsonl") {
        let (lines, problems) = documents.read_json_lines(&file, bytes);
        if !problems.is_empty() {
            return Some((file, std::fs::read_to_string(&path).ok()?));
        }
        let left = lines.iter().filter(|line| stays(row, entry, line, kept));
        let text: String = left.map(|line| line.to_json() + "\n").collect();
        let of_one = matches!(row.about, About::One { .. });
        return (!of_one || !text.is_empty()).then_some((file, text));
    }
    let Ok(answer) = documents.read_json(&file, bytes) else {
        return Some((file, std::fs::read_to_string(&path).ok()?));
    };
    let answer = match operation.as_str() {
        PRINCIPALS => principals(&answer, account, kept),
        operation => match LISTS.iter().find(|(name, _)| *name == operation) {
            Some((_, list)) => without(&answer, &[list], |element| kept.holds(element)),
            None => answer,
        },
    };
    Some((file, answer.to_json() + "\n"))
}

/// Whether a call for one thing is kept: of things that may be left out, if the thing is.
fn stays(row: &answers::Row, entry: &Node, line: &Node, kept: &Kept) -> bool {
    let About::One { kind, entity, .. } = &row.about else {
        return true;
    };
    let text = |key: &str| entry.get(key).and_then(Node::text).unwrap_or_default();
    let region = Some(text("region")).filter(|region| *region != "global");
    let call = Call {
        account: text("account"),
        region: region.unwrap_or_default(),
        partition: "aws",
        request: line.get("request"),
    };
    match entity(&call) {
        Some(one) if SINGLE.contains(kind) => {
            kept.entities.contains(&one) || kept.names.contains(last(&one.id))
        }
        _ => true,
    }
}

/// The principals of an account, if it may matter, with the policies that they are given.
fn principals(answer: &Node, account: &str, kept: &Kept) -> Node {
    let there = kept.accounts.contains(account);
    let answer = without(answer, PRINCIPAL_LISTS, |_| there);
    without(&answer, &["Policies"], |policy| {
        let arn = policy.get("Arn").and_then(Node::text);
        there && arn.is_some_and(|arn| kept.attached.contains(arn))
    })
}

/// The answer with only some elements of some of its lists.
fn without(answer: &Node, lists: &[&str], keeps: impl Fn(&Node) -> bool) -> Node {
    let left = |member: &Member| {
        let mut member = member.clone();
        if let Some(items) = member
            .value
            .as_array()
            .filter(|_| lists.contains(&&*member.key))
        {
            let kept = items.iter().filter(|item| keeps(item)).cloned().collect();
            member.value = list(kept, member.value.origin);
        }
        member
    };
    match answer.as_object() {
        Some(members) => Node {
            value: Value::Object(members.iter().map(left).collect()),
            origin: answer.origin,
        },
        None => answer.clone(),
    }
}

/// The entry of a file with its hash.
fn hashed(entry: &Node, hash: &str) -> Node {
    with(
        entry,
        "sha256",
        Node {
            value: Value::String(hash.into()),
            origin: entry.origin,
        },
    )
}

fn with(node: &Node, key: &str, value: Node) -> Node {
    let others = node.as_object().unwrap_or_default().iter();
    let others = others.filter(|one| &*one.key != key).cloned();
    let added = Member {
        key: key.into(),
        key_origin: value.origin,
        value,
    };
    Node {
        value: Value::Object(others.chain([added]).collect()),
        origin: node.origin,
    }
}

/// The manifest of the slice: that of the snapshot, with what is left and where it comes from.
fn described(manifest: &Node, entries: Vec<Node>, wanted: &Wanted) -> Node {
    let text = |value: &str| Node {
        value: Value::String(value.into()),
        origin: manifest.origin,
    };
    let about = wanted.about.iter().map(|(key, value)| Member {
        key: key.as_str().into(),
        key_origin: manifest.origin,
        value: text(value),
    });
    let about = Node {
        value: Value::Object(about.collect()),
        origin: manifest.origin,
    };
    let entries = list(entries, manifest.origin);
    let sliced = with(manifest, "slice", about);
    with(&sliced, "read", entries)
}
