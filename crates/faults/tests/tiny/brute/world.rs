//! What an attacker holds, and the organization as it has edited it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use cofferdam_names::{AccountId, Arn};
use cofferdam_org::fact::Known;
use cofferdam_org::model::{
    Attached, Details, NamedPolicy, Organization, PolicyId, Principal, PrincipalKind, Unit,
};
use cofferdam_policy::ast::Effect;
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::parse::parse;
use cofferdam_text::Documents;

use super::decide::Truth;

/// What was changed, by kind and by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A policy that allows everything is attached.
    Identity(String),
    /// What lay inline is written over.
    Inline(String),
    /// A document may be taken from a principal, at the price of what it grants.
    Removable(String, PolicyId),
    /// It was.
    Removed(String, PolicyId),
    Boundary(String),
    Tags(String),
    Trust(String),
    Text(PolicyId),
    Guardrails(AccountId),
    /// The account is no longer of the organization.
    Left(AccountId),
    Own(String),
    /// The policy of a resource may be deleted, at the price of what it grants.
    Deletable(String),
    /// It was.
    Deleted(String),
    /// The block of public access of a bucket, and that of an account.
    Floor(String),
    Public(AccountId),
    Endpoint(String),
    Net(AccountId),
    Copy(String),
    Unkey(String),
    Destroy(String),
    Evidence(String),
    Blind(String),
}

impl Change {
    /// Whether requests are decided otherwise after it: no document says that a trail was stopped.
    fn is_read(&self) -> bool {
        !matches!(
            self,
            Change::Removable(..)
                | Change::Deletable(_)
                | Change::Left(_)
                | Change::Net(_)
                | Change::Copy(_)
                | Change::Unkey(_)
                | Change::Destroy(_)
                | Change::Evidence(_)
                | Change::Blind(_)
        )
    }
}

/// Decisions by the edits under which they were made. The same question about the same documents
/// has one answer, whoever asks it.
#[derive(Default)]
pub struct Decided {
    edits: BTreeMap<BTreeSet<Change>, u32>,
    names: HashMap<String, u32>,
    /// By edits and question.
    pub answers: HashMap<(u32, String), Truth>,
    /// By edits and actor: by edge and object.
    pub steps: HashMap<[u32; 2], HashMap<[u32; 2], Truth>>,
}

impl Decided {
    /// The number of a name.
    pub fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.names.get(name) {
            return *number;
        }
        let next = self.names.len() as u32;
        self.names.insert(name.to_owned(), next);
        next
    }
}

/// The organization after what an attacker did, and whom it acts as.
#[derive(Clone)]
pub struct World {
    /// What was decided over the same edits, by anybody's set of faults.
    pub decided: Rc<RefCell<Decided>>,
    pub org: Organization,
    pub who: BTreeSet<String>,
    pub changed: BTreeSet<Change>,
    all: PolicyId,
    everybody: PolicyId,
    /// The number of what was changed, once it was asked.
    edits: Cell<Option<u32>>,
}

impl World {
    pub fn new(org: &Organization) -> World {
        let mut org = org.clone();
        let all = add(&mut org, "");
        let everybody = add(&mut org, r#""Principal": "*", "#);
        World {
            decided: Rc::default(),
            org,
            who: BTreeSet::new(),
            changed: BTreeSet::new(),
            all,
            everybody,
            edits: Cell::new(None),
        }
    }

    /// The number of the edits so far that decisions depend on.
    pub fn edits(&self) -> u32 {
        if let Some(number) = self.edits.get() {
            return number;
        }
        let mut decided = self.decided.borrow_mut();
        let next = decided.edits.len() as u32;
        let of_documents = self.changed.iter().filter(|change| change.is_read());
        let of_documents = of_documents.cloned().collect();
        let number = *decided.edits.entry(of_documents).or_insert(next);
        self.edits.set(Some(number));
        number
    }

    /// Edits the organization. Says whether that was new.
    pub fn change(&mut self, change: Change) -> bool {
        if !self.changed.insert(change.clone()) {
            return false;
        }
        self.edits.set(None);
        let (all, everybody) = (self.all, self.everybody);
        match change {
            Change::Identity(arn) => self.attach(&arn, all),
            Change::Inline(arn) => self.write_over(&arn),
            Change::Removable(arn, id) if !self.grants(Some(id)) => {
                self.change(Change::Removed(arn, id));
            }
            Change::Removed(arn, id) => {
                if let Some(one) = self.principal(&arn)
                    && let Known::Present(ids) = &mut one.identity
                {
                    ids.retain(|other| *other != id);
                }
            }
            Change::Deletable(arn) => {
                let policy = self.org.resource(&arn).map(|one| &one.policy);
                if !self.grants(policy.and_then(Known::present).copied()) {
                    self.change(Change::Deleted(arn));
                }
            }
            Change::Deleted(arn) => self.delete(&arn),
            Change::Boundary(arn) => {
                if let Some(one) = self.principal(&arn) {
                    one.boundary = Known::Absent;
                }
            }
            Change::Trust(arn) => {
                if let Some(one) = self.principal(&arn) {
                    one.trust = Known::Present(everybody);
                }
                // It names itself there, and may tag its sessions.
                self.who.insert(arn.clone());
                self.changed.insert(Change::Tags(arn));
            }
            Change::Text(id) => {
                let text = self.org.policies.get(all).document.clone();
                self.org.policies.get_mut(id).document = text;
            }
            Change::Guardrails(account) => self.release(account),
            // Where it names everybody here, it names whom it likes, which is not the public.
            Change::Own(arn) => {
                self.own(&arn, everybody);
                self.floor(&arn);
            }
            Change::Floor(arn) => self.floor(&arn),
            Change::Public(account) => {
                if let Some(account) = self.org.accounts.get_mut(&account) {
                    account.public_access_block = Known::Absent;
                }
            }
            Change::Endpoint(id) => {
                let mut endpoints = self.org.endpoints.iter_mut();
                if let Some(one) = endpoints.find(|one| *one.id == *id) {
                    one.policy = Known::Absent;
                }
            }
            _ => {}
        }
        true
    }

    fn principal(&mut self, arn: &str) -> Option<&mut Principal> {
        let mut all = self.org.principals.iter_mut();
        all.find(|one| one.arn.as_str() == arn)
    }

    /// Beside what is attached, whose denials stay.
    fn attach(&mut self, arn: &str, all: PolicyId) {
        let Some(one) = self.principal(arn) else {
            return;
        };
        match &mut one.identity {
            Known::Present(ids) => ids.push(all),
            Known::Absent => one.identity = Known::Present(vec![all]),
            Known::Unknown(_) => {}
        }
    }

    /// What a group has inline stays.
    fn write_over(&mut self, arn: &str) {
        let managed = self.org.managed.values().copied();
        let managed: BTreeSet<PolicyId> = managed.chain([self.all]).collect();
        if let Some(one) = self.principal(arn)
            && let Known::Present(ids) = &mut one.identity
        {
            ids.retain(|id| managed.contains(id) || one.of_groups.contains(id));
        }
    }

    /// Whether a document grants anything, as far as it was read.
    fn grants(&self, id: Option<PolicyId>) -> bool {
        let document = id.map(|id| &self.org.policies.get(id).document);
        match document {
            Some(Known::Present(document)) => {
                let mut statements = document.statements.iter();
                statements.any(|statement| statement.effect == Effect::Allow)
            }
            Some(Known::Unknown(_)) => true,
            _ => false,
        }
    }

    fn delete(&mut self, arn: &str) {
        let everybody = Known::Present(self.everybody);
        let mut resources = self.org.resources.iter_mut();
        if let Some(one) = resources.find(|one| one.arn.as_str() == arn)
            && one.policy != everybody
        {
            one.policy = Known::Absent;
        }
    }

    /// The worlds in which one more document is gone that the attacker may delete.
    pub fn poorer(&self) -> Vec<World> {
        let more = self.changed.iter().filter_map(|change| match change {
            Change::Removable(arn, id) => Some(Change::Removed(arn.clone(), *id)),
            Change::Deletable(arn) => Some(Change::Deleted(arn.clone())),
            _ => None,
        });
        let more = more.filter(|change| !self.changed.contains(change));
        more.map(|change| {
            let mut world = self.clone();
            world.change(change);
            world
        })
        .collect()
    }

    fn own(&mut self, arn: &str, policy: PolicyId) {
        let mut resources = self.org.resources.iter_mut();
        if let Some(one) = resources.find(|one| one.arn.as_str() == arn) {
            one.policy = Known::Present(policy);
        }
    }

    fn floor(&mut self, arn: &str) {
        let mut resources = self.org.resources.iter_mut();
        let one = resources.find(|one| one.arn.as_str() == arn);
        if let Some(Details::Bucket(bucket)) = one.map(|one| &mut one.details) {
            bucket.public_access_block = Known::Absent;
        }
    }

    /// Moves an account below a root of its own, to which nothing is attached.
    fn release(&mut self, account: AccountId) {
        let nothing = Attached {
            service_control: Known::Absent,
            resource_control: Known::Absent,
        };
        let unit = Unit {
            id: "r-none".into(),
            name: "none".into(),
            parent: Known::Absent,
            attached: nothing.clone(),
        };
        self.org.units.insert("r-none".into(), unit);
        if let Some(one) = self.org.accounts.get_mut(&account) {
            one.parent = Known::Present("r-none".into());
            one.attached = nothing;
        }
    }

    /// Whether nothing would be new.
    pub fn holds(&self, change: &Change) -> bool {
        self.changed.contains(change)
    }

    /// Acts as somebody. Says whether that was new.
    pub fn become_(&mut self, arn: &str) -> bool {
        self.who.insert(arn.to_owned())
    }

    /// Makes a role that may do everything, and acts as it.
    pub fn make(&mut self, account: AccountId) -> bool {
        let text = format!("arn:aws:iam::{account}:role/made-by-the-attacker");
        if !self.who.insert(text.clone()) {
            return false;
        }
        self.org.principals.push(Principal {
            arn: Arn::parse(&text).unwrap(),
            account,
            kind: PrincipalKind::Role,
            unique_id: Known::Unknown("made later".into()),
            tags: Known::Absent,
            identity: Known::Present(vec![self.all]),
            of_groups: Vec::new(),
            boundary: Known::Absent,
            trust: Known::Present(self.everybody),
            permission_set: None,
            origin: None,
        });
        self.org
            .principals
            .sort_by(|one, other| one.arn.as_str().cmp(other.arn.as_str()));
        true
    }

    /// Everybody of an account.
    pub fn whole(&mut self, account: AccountId) -> bool {
        let principals = self.org.principals.iter();
        let of: Vec<String> = principals
            .filter(|one| one.account == account && one.kind != PrincipalKind::ServiceLinkedRole)
            .map(|one| one.arn.to_string())
            .collect();
        let root = format!("arn:aws:iam::{account}:root");
        let mut new = self.make(account);
        for arn in of.into_iter().chain([root]) {
            new |= self.become_(&arn);
        }
        new
    }

    /// The same with other tags on those whose tags the attacker chooses.
    pub fn tagged(&self, arn: &str, tags: &[(String, String)]) -> Option<World> {
        if tags.is_empty() || !self.changed.contains(&Change::Tags(arn.to_owned())) {
            return None;
        }
        let mut world = self.clone();
        let tags: BTreeMap<Box<str>, Box<str>> = tags
            .iter()
            .map(|(key, value)| (key.as_str().into(), value.as_str().into()))
            .collect();
        world.principal(arn)?.tags = Known::Present(tags);
        world.decided = Rc::default();
        world.edits.set(None);
        Some(world)
    }
}

fn add(org: &mut Organization, principal: &str) -> PolicyId {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", {principal}"Action": "*", "Resource": "*"}}}}"#
    );
    let kind = match principal {
        "" => PolicyKind::Identity,
        _ => PolicyKind::Resource,
    };
    let node = Documents::new()
        .read_json("edit", text.into_bytes())
        .unwrap();
    org.policies.add(NamedPolicy {
        name: "edit".into(),
        document: Known::Present(parse(&node, kind).0),
        origin: None,
    })
}
