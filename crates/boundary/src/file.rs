//! The boundary file: what an organization declares about its data.
//!
//! People write it, so reading it is forgiving in one direction only. What cannot be read never
//! widens the boundary: an unread principal approves nobody, an unread exception lifts nothing,
//! and an unread resource is kept as [`Missing`], so that no verdict about its dataset can be
//! "proved". Every declared thing keeps its [`Origin`], and every name is resolved here, so that
//! the rooms above never meet a name without a declaration.
//!
//! The format is section 0 of the contracts; `docs/boundary.md` explains it field by field.

mod dataset;
mod date;
mod fields;
mod lifting;
mod log;
mod merge;
mod nearest;
mod prohibition;
#[cfg(test)]
mod random;
mod require;
mod shared;
#[cfg(test)]
mod tests;
mod values;
mod who;
pub mod words;

use std::collections::BTreeMap;

use cofferdam_catalog::Class;
use cofferdam_findings::finding::Missing;
use cofferdam_names::{AccountId, Arn, OrgId, Region};
use cofferdam_policy::ast::{ActionPattern, Condition};
use cofferdam_policy::operand::Network;
use cofferdam_text::{Diagnostic, Node, Origin};

pub use date::Date;
pub use prohibition::named;

/// The version of the boundary file that this reader knows.
pub const VERSION: u32 = 1;

/// Reads the files of a boundary as one.
///
/// The same name twice, in one file or in two, is an error that marks both places; the first
/// declaration stays. Diagnostics come in the order of files, then of places.
pub fn read(files: &[Node]) -> (Boundary, Vec<Diagnostic>) {
    merge::merge(files)
}

/// The declared boundary, merged over all its files.
#[derive(Clone, Debug)]
pub struct Boundary {
    /// The version of the format.
    pub version: u32,
    /// Where the organization is read from, relative to the project, later ones over earlier
    /// ones.
    pub sources: Vec<String>,
    /// The organizations that own data, and those of partners.
    pub organizations: Vec<OrganizationDeclared>,
    /// Accounts of others that may be approved.
    pub partners: Vec<Partner>,
    /// Networks that access may be expected from, by name.
    pub networks: BTreeMap<String, NetworkDeclared>,
    /// The data to protect.
    pub datasets: Vec<Dataset>,
    /// What nobody may do, whatever identity policies say.
    pub forbidden: Vec<Declared>,
    /// Accepted violations, with an owner and an end.
    pub exceptions: Vec<Exception>,
    /// Emergency roles.
    pub break_glass: Vec<BreakGlass>,
    /// Roles that a platform puts into every account.
    pub platform_roles: Vec<PlatformRole>,
    /// What proofs may take for granted.
    pub assume: Vec<Assume>,
    /// What is asked of the boundary as a whole.
    pub require: Require,
    /// Fields that were read and kept, but that no obligation asks about yet.
    pub reserved: Vec<Reserved>,
    /// What could not be read outside of any dataset, and would have asked for more.
    pub missing: Vec<Missing>,
    /// Where the first file lies; `None` if there is no file.
    pub origin: Option<Origin>,
}

/// One AWS organization, by its id.
#[derive(Clone, Debug, Hash)]
pub struct OrganizationDeclared {
    /// `o-acme1a2b3c`.
    pub id: OrgId,
    /// Whether it is ours.
    pub trust: Trust,
    /// Names that the boundary file may use in place of account ids.
    pub accounts: BTreeMap<String, AccountId>,
    /// Where it is declared.
    pub origin: Origin,
}

/// Whose an organization is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trust {
    /// Ours: its principals are inside.
    Own,
    /// A partner's: known by name, and outside.
    Partner,
}

/// Accounts of somebody else, who may be approved by name.
#[derive(Clone, Debug, Hash)]
pub struct Partner {
    /// The name that `{partner: NAME}` refers to.
    pub name: String,
    /// The partner's accounts.
    pub accounts: Vec<AccountId>,
    /// Who answers for the relation.
    pub owner: Option<String>,
    /// The last day on which it counts; `None`: no end was declared.
    pub expires: Option<Date>,
    /// Where it is declared.
    pub origin: Origin,
}

/// A network that access may be expected from.
#[derive(Clone, Debug, Hash)]
pub struct NetworkDeclared {
    /// Its name.
    pub name: String,
    /// VPC endpoints that requests travel through.
    pub endpoints: EndpointsDeclared,
    /// VPCs; an id is unique only within its Region.
    pub vpcs: Vec<VpcDeclared>,
    /// Public address ranges (`aws:SourceIp`).
    pub cidrs: Vec<Network>,
    /// Private address ranges behind an endpoint (`aws:VpcSourceIp`).
    pub source_ips: Vec<Network>,
    /// Whether only our own machines send from it; a shared network never counts as a layer.
    pub exclusive: bool,
    /// Where it is declared.
    pub origin: Origin,
}

/// Which VPC endpoints belong to a network.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EndpointsDeclared {
    /// Those with these ids (`vpce-…`).
    These(Vec<Box<str>>),
    /// Any endpoint that the organization owns.
    Organization,
    /// No endpoint.
    None,
}

/// A VPC as a network names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VpcDeclared {
    /// `vpc-…`.
    pub id: Box<str>,
    /// Its Region.
    pub region: Region,
}

/// Data to protect: resources with one class, one owner and one set of approvals.
#[derive(Clone, Debug, Hash)]
pub struct Dataset {
    /// Its name.
    pub name: String,
    /// How sensitive it is, in the organization's own words; `unclassified` if not given.
    pub class: String,
    /// Who owns it.
    pub owner: Option<String>,
    /// The resources that hold it.
    pub resources: Vec<ResourceDeclared>,
    /// The keys that encrypt it.
    pub keys: Vec<KeyDeclared>,
    /// Who may do what, and from where. Nothing else is approved.
    pub access: Vec<Access>,
    /// Who may change the resources and their policies; not who may read.
    pub administrators: Vec<WhoAt>,
    /// Who may change the keys and their policies.
    pub key_administrators: Vec<WhoAt>,
    /// Where access is recorded; `None` if the file does not say.
    pub audit: Option<Audit>,
    /// What of the declaration could not be read, or waits for a reserved field: while there is
    /// any, no verdict about this dataset may be "proved".
    pub missing: Vec<Missing>,
    /// Where it is declared; `None` for a dataset that was found and not declared.
    pub origin: Option<Origin>,
}

/// A resource of a dataset.
#[derive(Clone, Debug, Hash)]
pub struct ResourceDeclared {
    /// The ARN; for S3 that of the bucket.
    pub arn: Arn,
    /// Where it is declared; `None` for one that was found and not declared.
    pub origin: Option<Origin>,
}

/// A KMS key of a dataset.
#[derive(Clone, Debug, Hash)]
pub struct KeyDeclared {
    /// The key's ARN; of a multi-Region key, that of any of its replicas.
    pub arn: Arn,
    /// The Regions of a multi-Region key's replicas; empty for a key of one Region.
    pub regions: Vec<Region>,
    /// Where it is declared.
    pub origin: Origin,
}

/// One approval: who may do what with a dataset, and from where.
#[derive(Clone, Debug, Hash)]
pub struct Access {
    /// Whom it approves.
    pub who: Vec<WhoAt>,
    /// What it approves.
    pub can: Vec<Can>,
    /// Names of networks, all of them declared; empty: every network is unexpected.
    pub from: Vec<String>,
    /// Who may obtain a session of `who`; `None` if the file does not say.
    pub assumed_by: Option<Vec<WhoAt>>,
    /// Where it is declared.
    pub origin: Origin,
}

/// What an approval covers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Can {
    /// A data class of the catalogue: read, write, delete or list.
    Class(Class),
    /// Actions by name.
    Action(ActionPattern),
}

/// Where access to a dataset is recorded.
#[derive(Clone, Debug, Hash)]
pub struct Audit {
    /// The trail, by name or ARN.
    pub trail: String,
    /// The bucket that the trail delivers to.
    pub archive: Arn,
    /// For how many days records must be kept.
    pub retention_days: Option<u32>,
    /// Who may change the archive.
    pub administrators: Vec<WhoAt>,
    /// Where it is declared.
    pub origin: Origin,
}

/// Somebody, with the place that names them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WhoAt {
    /// Who.
    pub who: Who,
    /// Where they are named.
    pub origin: Origin,
}

/// Somebody: a principal, or a set of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// One role, by its ARN with path.
    Role(Arn),
    /// One user, by ARN with path.
    User(Arn),
    /// Every role whose ARN the pattern matches (`*` and `?`), now or later.
    RolePattern {
        /// The pattern over role ARNs.
        pattern: Box<str>,
        /// Who may create such roles; empty: nobody.
        creators: Vec<WhoAt>,
    },
    /// The roles that IAM Identity Center makes for a permission set.
    PermissionSet {
        /// The permission set's name.
        name: Box<str>,
        /// The accounts in which it counts; empty: all of our accounts.
        accounts: Vec<AccountId>,
        /// The groups that may be assigned to it; empty: any.
        groups: Vec<Box<str>>,
    },
    /// Subjects of an OpenID Connect provider.
    Oidc {
        /// The provider's host, or its ARN.
        provider: Box<str>,
        /// The subject, `*` and `?` allowed.
        sub: Box<str>,
    },
    /// Subjects of a SAML provider.
    Saml {
        /// The provider's ARN.
        provider: Arn,
    },
    /// An AWS service acting by itself.
    Service {
        /// `cloudtrail.amazonaws.com`.
        host: Box<str>,
        /// The resource for which it must act (`aws:SourceArn`), `*` and `?` allowed.
        source_arn: Option<Box<str>>,
        /// The account for which it must act (`aws:SourceAccount`).
        source_account: Option<AccountId>,
    },
    /// Principals of a declared partner.
    Partner {
        /// The partner's name.
        name: String,
        /// The external id that its requests to assume a role must carry.
        external_id: Option<Box<str>>,
    },
    /// Every principal of one account.
    Account(AccountId),
}

/// An entry of `forbidden`.
#[derive(Clone, Debug, Hash)]
pub enum Declared {
    /// All of it was understood.
    Read(Prohibition),
    /// It forbids something that is not known.
    Unread(Missing),
}

/// What nobody may do, whatever identity policies say now or later.
#[derive(Clone, Debug, Hash)]
pub struct Prohibition {
    /// Its name, under which findings name it.
    pub name: String,
    /// The actions; each pattern matches one at least.
    pub actions: Vec<ActionPattern>,
    /// Patterns over ARNs; empty: any resource.
    pub resources: Vec<Box<str>>,
    /// Whose principals it binds; empty: every account but the management account.
    pub accounts: Vec<AccountId>,
    /// Whom it binds, with whatever identity policies; `None`: everybody of these accounts, and of
    /// a resource that is named also strangers.
    pub who: Option<Vec<WhoAt>>,
    /// Whom it does not bind.
    pub except: Vec<WhoAt>,
    /// Conditions of the policy language, all of which hold of the requests that are forbidden.
    pub when: Vec<Condition>,
    /// Why it is forbidden.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where it is declared.
    pub origin: Origin,
}

/// An accepted violation.
///
/// An exception does not hide: what it covers stays a violation that names it. One that was not
/// wholly understood is not in the boundary at all.
#[derive(Clone, Debug, Hash)]
pub struct Exception {
    /// Its id, under which findings name it.
    pub id: String,
    /// Obligation ids, `*` allowed: `identity.*`.
    pub lifts: Vec<String>,
    /// The datasets it speaks of, all of them declared; `None`: every dataset.
    pub datasets: Option<Vec<String>>,
    /// The principals it speaks of; `None`: whoever does it.
    pub who: Option<Vec<WhoAt>>,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The ticket that records the decision.
    pub ticket: Option<String>,
    /// The last day on which it counts; `None`: no end was declared.
    pub expires: Option<Date>,
    /// Where it is declared.
    pub origin: Origin,
}

/// Roles for emergencies.
#[derive(Clone, Debug, Hash)]
pub struct BreakGlass {
    /// `break-glass NAME`, under which findings name it; the name is that of the first of `who`.
    pub id: String,
    /// The principals.
    pub who: Vec<WhoAt>,
    /// Obligation ids that do not bind them, `*` allowed.
    pub lifts: Vec<String>,
    /// Obligation ids that bind them whatever lifts them elsewhere, `*` allowed.
    pub never_lifts: Vec<String>,
    /// Where it is declared.
    pub origin: Origin,
}

/// A role that a platform puts into every account.
#[derive(Clone, Debug, Hash)]
pub struct PlatformRole {
    /// `platform-role PATTERN`, under which findings name it.
    pub id: String,
    /// A pattern over role ARNs, with `*` and `?`.
    pub pattern: Box<str>,
    /// The platform that makes it, such as `control-tower` (the field `origin`).
    pub made_by: Option<String>,
    /// Obligation ids that do not bind it, `*` allowed.
    pub lifts: Vec<String>,
    /// Why that is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it counts; `None`: no end was declared.
    pub expires: Option<Date>,
    /// Where it is declared.
    pub origin: Origin,
}

/// Something that proofs may take for granted; they list it when they do.
#[derive(Clone, Debug, Hash)]
pub struct Assume {
    /// What is assumed.
    pub that: Assumption,
    /// Why it may be.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it counts; `None`: no end was declared.
    pub expires: Option<Date>,
    /// Where it is declared.
    pub origin: Origin,
}

/// The assumptions that a boundary may make.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Assumption {
    /// `region-empty`: nothing exists in these Regions.
    RegionEmpty {
        /// The Regions.
        regions: Vec<Region>,
    },
}

/// What is asked of the boundary as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Require {
    /// The size that the smallest breaching set of faults must have at least.
    pub breach_depth: Option<u32>,
    /// Pairs of layers that no single fault may control.
    pub disjoint: Vec<(Layer, Layer)>,
    /// What is taken to be beyond compromise; the management account if the file does not say.
    pub sound: Vec<Sound>,
    /// Where it is declared; `None` if it is not.
    pub origin: Option<Origin>,
}

/// A layer of the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// SCPs and RCPs.
    Organization,
    /// Identity policies, permissions boundaries, trust policies.
    Identity,
    /// Resource policies, ACLs, public-access blocks.
    Resource,
    /// Endpoint policies and routes.
    Network,
    /// Key policies and grants.
    Encryption,
    /// Trails, selectors, the archive.
    Audit,
}

/// What is taken to be beyond compromise.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Sound {
    /// The organization's management account.
    Management,
    /// An account with all its principals.
    Account(AccountId),
    /// One principal.
    Principal(Arn),
}

/// A field that is read and kept, but that no obligation asks about yet.
#[derive(Clone, Debug)]
pub struct Reserved {
    /// The field: `copies`, `through`, `login`, `enforce`, or a selector of resources.
    pub field: String,
    /// The dataset that it was found in, if any.
    pub dataset: Option<String>,
    /// What was written.
    pub value: Node,
    /// Where.
    pub origin: Origin,
}

impl Default for Boundary {
    /// No declaration at all: the sources of a project that has no boundary.
    fn default() -> Boundary {
        Boundary {
            version: VERSION,
            sources: vec![merge::DEFAULT_SOURCE.to_owned()],
            organizations: Vec::new(),
            partners: Vec::new(),
            networks: BTreeMap::new(),
            datasets: Vec::new(),
            forbidden: Vec::new(),
            exceptions: Vec::new(),
            break_glass: Vec::new(),
            platform_roles: Vec::new(),
            assume: Vec::new(),
            require: Require::default(),
            reserved: Vec::new(),
            missing: Vec::new(),
            origin: None,
        }
    }
}

impl Boundary {
    /// The dataset of that name.
    pub fn dataset(&self, name: &str) -> Option<&Dataset> {
        self.datasets.iter().find(|dataset| dataset.name == name)
    }

    /// The partner of that name, whether or not its time is over.
    pub fn partner(&self, name: &str) -> Option<&Partner> {
        self.partners.iter().find(|partner| partner.name == name)
    }

    /// The account that the boundary calls so.
    pub fn account(&self, name: &str) -> Option<AccountId> {
        self.organizations
            .iter()
            .find_map(|organization| organization.accounts.get(name).copied())
    }
}

impl Default for Require {
    /// Nothing required, and the management account taken for sound.
    fn default() -> Require {
        Require {
            breach_depth: None,
            disjoint: Vec::new(),
            sound: vec![Sound::Management],
            origin: None,
        }
    }
}

impl Layer {
    /// Every layer, in the order of the design.
    pub const ALL: [Layer; 6] = [
        Layer::Organization,
        Layer::Identity,
        Layer::Resource,
        Layer::Network,
        Layer::Encryption,
        Layer::Audit,
    ];

    /// The word in files and output.
    pub fn word(self) -> &'static str {
        match self {
            Layer::Organization => "organization",
            Layer::Identity => "identity",
            Layer::Resource => "resource",
            Layer::Network => "network",
            Layer::Encryption => "encryption",
            Layer::Audit => "audit",
        }
    }

    /// The layer that a word stands for.
    pub fn from_word(word: &str) -> Option<Layer> {
        Layer::ALL.into_iter().find(|layer| layer.word() == word)
    }
}
