//! The edges by which an attacker goes on, as data: what an edge needs, what it is about, and what
//! it gains.
//!
//! An edge is a bundle of actions that one principal must be allowed, bound to at most one object.
//! The table says nothing of whether somebody is allowed: that is decided for each principal and
//! object by the same rules as every request. What AWS asks beyond policies is a guard. A guard on
//! something that the organization model does not hold leaves the edge possible and never certain;
//! a link between things that nobody but its owner can know (which pipeline deploys as which role)
//! makes an edge only where it is declared. Guards and gains are closed sets, since each word has
//! its meaning in code; the table of edges is open, and users add theirs with the same columns.

mod read;
mod row;

use std::sync::LazyLock;

use cofferdam_names::ActionName;
use cofferdam_org::fact::Kind;

pub use read::{EDGES_MAX, read};
pub use row::{NEEDS_MAX, TEXT_BYTES_MAX, Wrong};

/// The catalogue as it is built in: tab separated, sorted by id.
static TABLE: &str = include_str!("../data/edges.tsv");

/// Declares an enum of which each variant is written by one word.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every variant, in the order in which they are declared.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands for it in tables and files.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

/// One edge of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Its name: `A07`, or `A08.2` where a row of the catalogue has several forms.
    pub id: String,
    /// The kind of the one object that it is bound to.
    pub on: On,
    /// What one principal must be allowed, all of it. Empty: it needs no API of AWS.
    pub needs: Vec<Need>,
    /// What else must hold.
    pub guards: Vec<Guard>,
    /// What it gains; never empty.
    pub gains: Vec<Gain>,
    /// The layer that the gain rewrites; `None`: it rewrites nothing.
    pub layer: Option<Layer>,
    /// What is done and what is gained, in one sentence.
    pub text: String,
    /// Titles of the AWS pages that state it.
    pub source: String,
}

/// The kind of the one object that an edge is bound to. Its word is the variant in lower case, with
/// a hyphen between words; `other:NAME` for the last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// `-`: the caller itself, or its own account.
    Nothing,
    /// An IAM role.
    Role,
    /// An IAM user.
    User,
    /// An IAM group.
    Group,
    /// A customer managed IAM policy.
    Policy,
    /// An S3 bucket.
    Bucket,
    /// A KMS key.
    Key,
    /// A CloudTrail trail.
    Trail,
    /// A VPC endpoint.
    Endpoint,
    /// A DynamoDB table.
    Table,
    /// An SQS queue.
    Queue,
    /// An SNS topic.
    Topic,
    /// A Secrets Manager secret.
    Secret,
    /// A Lambda function.
    Function,
    /// An ECR repository.
    Repository,
    /// An Identity Center permission set, and with it the roles that are made from it.
    PermissionSet,
    /// An OIDC or SAML provider, and with it the roles that trust it.
    Provider,
    /// A service or resource control policy.
    OrgPolicy,
    /// An account.
    Account,
    /// The organization, and with it every account.
    Organization,
    /// A kind that the organization model does not hold: whether there is one is not known, so such
    /// an edge is possible at most.
    Other(String),
}

/// One action that an edge needs, and what it is done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The action.
    pub action: ActionName,
    /// What it is done to; written `action@operand`.
    pub operand: Operand,
}

/// What an action of an edge is done to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operand {
    /// `target`: the object that the edge is bound to.
    Target,
    /// `objects`: what lies in the bucket that the edge is bound to.
    Objects,
    /// `self`: the caller's own role or user.
    Itself,
    /// `new`: something made in the caller's own account.
    New,
    /// `any`: a thing of the caller's account that the organization model does not hold.
    Any,
    /// `policy`: some IAM policy of the caller's account.
    Policy,
    /// `carrier`: what the first guard `carried-by` or `there-is` of the edge found.
    Carrier,
    /// `target>HOST`: the bound role, passed to the service whose principal is `HOST`.
    Passed(String),
}

/// What must hold for an edge beyond what its actions need.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// `trusts:HOST`: the bound role's trust policy admits that service.
    Trusts(String),
    /// `delegate:SERVICE`: the caller is of the management account or of the account that administers
    /// that service for the organization (`organizations`: that manages its policies).
    Delegate(String),
    /// `exists:WHAT`: a thing exists that the organization model does not hold; never certain.
    Exists(String),
    /// `carried-by:KIND`: something of that kind acts as the bound role.
    CarriedBy(Kind),
    /// `there-is:KIND`: the caller's account has something of that kind.
    ThereIs(Kind),
    /// `declared:LINK`: a link that only its owner knows; the edge exists where it is declared.
    Declared(String),
    /// `trusts-caller`: the bound role's trust policy admits the caller.
    TrustsCaller,
    /// `not-service-linked`: the bound role is not service-linked, so that it can be changed.
    NotServiceLinked,
    /// `mfa`: what is gained matters only where a policy asks for MFA.
    Mfa,
    /// `management`: the caller is of the management account.
    Management,
    /// `member`: the caller is of a member account.
    Member,
    /// `own-account`: the bound object is of the caller's own account.
    OwnAccount,
    /// `no-boundary-forced`: no permissions boundary is forced on what is made.
    NoBoundaryForced,
    /// `acls`: object ownership lets ACLs of the bound bucket act.
    Acls,
    /// `versioned`: the bound bucket has versioning on.
    Versioned,
    /// `unversioned`: the bound bucket has versioning off.
    Unversioned,
    /// `unlocked`: no lock in compliance mode holds what lies in the bound bucket.
    Unlocked,
    /// `organization-trail`: the bound trail records the whole organization.
    OrganizationTrail,
    /// `unconfirmed`: no page of AWS states it; never certain.
    Unconfirmed,
}

words! {
    /// What an edge gains.
    Gain {
        /// Sessions of the bound principal, or of those who stand behind the bound object.
        Become = "become",
        /// Code that runs as the bound role.
        Code = "code",
        /// The bound principal's identity policies are the attacker's choice.
        Identity = "identity",
        /// Denials that the policies of the bound object hold can go.
        Undeny = "undeny",
        /// The bound principal's permissions boundary goes.
        Boundary = "boundary",
        /// The bound role's trust policy is the attacker's choice.
        Trust = "trust",
        /// The bound object's tags are the attacker's choice.
        Tags = "tags",
        /// The bound user's rights grow by what a group or policy holds.
        Rights = "rights",
        /// The bound managed policy's document is the attacker's choice.
        Policy = "policy",
        /// A new principal of the caller's account, with any policies.
        Create = "create",
        /// A new principal of the caller's account, with a name of the attacker's choice.
        Named = "named",
        /// The organization's policies over the bound account, or in the bound policy, are the
        /// attacker's choice.
        Guardrails = "guardrails",
        /// Everything in the bound account, or in one that is new.
        Account = "account",
        /// Everything in every member account.
        Organization = "organization",
        /// The bound object's own policy is the attacker's choice.
        Resource = "resource",
        /// The bound bucket's ACLs are the attacker's choice.
        Acl = "acl",
        /// What kept the public out of the bound object goes.
        PublicFloor = "public-floor",
        /// What the bound object holds leaves by itself.
        Copy = "copy",
        /// Names and sizes of what the bound object holds leave, and none of its content.
        Names = "names",
        /// Endpoint policies, routes, doors and filters of networks.
        Network = "network",
        /// The bound key's policy or grants are the attacker's choice.
        Encryption = "encryption",
        /// Under which key the bound object's data lies is the attacker's choice.
        Rekey = "rekey",
        /// The bound key no longer works.
        Unkey = "unkey",
        /// The bound object is gone.
        Destroy = "destroy",
        /// The bound trail, or another log, no longer records.
        Blind = "blind",
        /// What was recorded can be altered, expired or deleted.
        Evidence = "evidence",
        /// Something that watches, or a team that repairs, falls silent.
        Alert = "alert",
        /// A credential or a helper whose rights the organization model does not hold.
        Credential = "credential",
    }
}

words! {
    /// The layers of a boundary.
    Layer {
        /// Organization policies, and which account they bind.
        Organization = "organization",
        /// Identity policies, permissions boundaries, trust policies.
        Identity = "identity",
        /// Resource policies, ACLs, public-access blocks.
        Resource = "resource",
        /// Endpoint policies and routes.
        Network = "network",
        /// Key policies and grants.
        Encryption = "encryption",
        /// Trails, selectors, the archive, and what watches.
        Audit = "audit",
    }
}

impl On {
    /// The kinds that are one word each.
    pub const PLAIN: &'static [(&'static str, On)] = &[
        ("-", On::Nothing),
        ("role", On::Role),
        ("user", On::User),
        ("group", On::Group),
        ("policy", On::Policy),
        ("bucket", On::Bucket),
        ("key", On::Key),
        ("trail", On::Trail),
        ("endpoint", On::Endpoint),
        ("table", On::Table),
        ("queue", On::Queue),
        ("topic", On::Topic),
        ("secret", On::Secret),
        ("function", On::Function),
        ("repository", On::Repository),
        ("permission-set", On::PermissionSet),
        ("provider", On::Provider),
        ("org-policy", On::OrgPolicy),
        ("account", On::Account),
        ("organization", On::Organization),
    ];

    /// Kinds after `other:` of which sources may state some: an edge is about each that is stated.
    /// Where none is, whether there is one is not known.
    pub const STATED: &'static [(&'static str, Kind)] = &[
        ("log-group", Kind::LogGroup),
        ("alarm", Kind::Alarm),
        ("detector", Kind::Detector),
    ];

    /// The kind of the organization's model that `other:` names.
    pub fn stated(&self) -> Option<Kind> {
        let On::Other(word) = self else {
            return None;
        };
        let found = On::STATED.iter().find(|(name, _)| name == word);
        found.map(|(_, kind)| *kind)
    }
}

impl Guard {
    /// The kinds that `carried-by` and `there-is` may ask for.
    pub const KINDS: &'static [(&'static str, Kind)] = &[
        ("function", Kind::Function),
        ("instance", Kind::Instance),
        ("managed-node", Kind::ManagedNode),
        ("instance-profile", Kind::InstanceProfile),
        ("task-definition", Kind::TaskDefinition),
        ("cluster", Kind::Cluster),
    ];

    /// The guards that are one word each.
    pub const PLAIN: &'static [(&'static str, Guard)] = &[
        ("trusts-caller", Guard::TrustsCaller),
        ("not-service-linked", Guard::NotServiceLinked),
        ("mfa", Guard::Mfa),
        ("management", Guard::Management),
        ("member", Guard::Member),
        ("own-account", Guard::OwnAccount),
        ("no-boundary-forced", Guard::NoBoundaryForced),
        ("acls", Guard::Acls),
        ("versioned", Guard::Versioned),
        ("unversioned", Guard::Unversioned),
        ("unlocked", Guard::Unlocked),
        ("organization-trail", Guard::OrganizationTrail),
        ("unconfirmed", Guard::Unconfirmed),
    ];
}

/// Every edge that is built in, sorted by id. Parsed once.
pub fn edges() -> &'static [Edge] {
    static EDGES: LazyLock<Vec<Edge>> =
        LazyLock::new(|| rows().filter_map(|row| row::edge(&row).ok()).collect());
    &EDGES
}

/// The built-in edge of that id.
pub fn edge(id: &str) -> Option<&'static Edge> {
    edges().iter().find(|edge| edge.id == id)
}

/// The day at which the built-in edges held, as `YYYY-MM-DD`.
pub fn as_of() -> &'static str {
    let header = TABLE
        .lines()
        .find_map(|line| line.strip_prefix("# as of: "));
    header.unwrap_or("")
}

fn rows() -> impl Iterator<Item = row::Row<'static>> {
    let body = TABLE.lines().filter(|line| !line.starts_with('#'));
    body.map(row::Row::of_line)
}

#[cfg(test)]
mod tests;
