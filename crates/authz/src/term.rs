//! What is known of a context key before a request is seen.
//!
//! The presence rules are read once ([`crate::context`]) into these terms. A concrete reading
//! takes the values; a symbolic one turns what is open into attributes. Keys that follow from the
//! caller are never open: they are parts of the caller, so that no model can make them disagree.

use cofferdam_names::AccountId;

/// What is known of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// The request does not have it.
    Absent,
    /// These values.
    Values(Vec<Box<str>>),
    /// Nobody can tell, with the reason.
    Unknown(Box<str>),
    /// The caller, or chance, picks the value.
    Open(Open),
    /// A part of a symbolic caller's ARN.
    OfCaller(CallerPart),
    /// A part of the organization path of a caller outside the organization, if it has one.
    OfForeignPath(PathPart),
    /// Depends on the account of a symbolic caller.
    ByAccount(Vec<(AccountId, Term)>),
}

/// A value that is not fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The key in the spelling of output.
    pub name: String,
    /// Whether every request has it.
    pub always: bool,
    /// Whether it is one value for the whole data path (a session's) or one for each request.
    pub shared: bool,
    /// What values look like.
    pub domain: Domain,
}

/// What the values of an open key look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Any text.
    Text,
    /// Text of this shape.
    Shaped(Shape),
    /// Several texts.
    Texts,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// An instant.
    Instant,
    /// An address of the internet.
    Address,
}

/// Shapes of identifiers, so that witnesses look real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Twelve digits.
    Account,
    /// An ARN.
    Arn,
    /// The ARN of an access point of an account that is not among the given ones.
    PointArn,
    /// The account of such an access point.
    PointAccount,
    /// `vpce-…`.
    Endpoint,
    /// `vpc-…`.
    Vpc,
    /// `o-…`.
    Organization,
    /// An organization's id that may be ours too: that of the resource a service acts for.
    AnyOrganization,
    /// `o-…/r-…/…`.
    OrganizationPath,
    /// `AROA…:session` or `AIDA…`.
    UserId,
    /// `eu-west-1`.
    Region,
    /// A session name, a tag value.
    Word,
}

/// A part of a caller's ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerPart {
    /// All of it.
    Arn,
    /// The account.
    Account,
    /// What aws:PrincipalType says of it.
    Type,
    /// The name of a user.
    UserName,
    /// The host of a service.
    Service,
}

/// A part of a foreign organization path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathPart {
    /// The organization's id.
    Organization,
    /// The whole path.
    Path,
}

impl Term {
    /// One value.
    pub fn value(value: impl Into<Box<str>>) -> Term {
        Term::Values(vec![value.into()])
    }

    /// `true` or `false`.
    pub fn flag(value: bool) -> Term {
        Term::value(if value { "true" } else { "false" })
    }

    /// Unknown, with the reason.
    pub fn unknown(why: impl Into<Box<str>>) -> Term {
        Term::Unknown(why.into())
    }
}
