//! Statements as data, with every pattern already split into its parts.
//!
//! Patterns are parsed when the document is read, never when a request is decided: a decision
//! only walks them. What a document holds that is not understood stays in the statement as
//! [`Statement::unreadable`], because dropping an unread Deny would fail open.

use cofferdam_names::ContextKey;
use cofferdam_text::Origin;

use crate::operand::{Operand, Template};
use crate::statements::Statements;

/// One policy document.
#[derive(Clone, Debug, Hash)]
pub struct Policy {
    /// The language version, which decides whether `${…}` is a variable.
    pub version: Version,
    /// The statements in the order of the document.
    pub statements: Statements,
    /// Where the document lies.
    pub origin: Origin,
}

/// The policy language version ("IAM JSON policy elements: Version").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// `2008-10-17`, also meant by a document that names none: variables are literal text.
    V2008,
    /// `2012-10-17`: variables are substituted.
    V2012,
}

/// One statement of a policy.
#[derive(Clone, Debug, Hash)]
pub struct Statement {
    /// Position in the document, counted from zero.
    pub index: u32,
    /// The statement's own name, if it has one.
    pub sid: Option<Box<str>>,
    /// Whether a match allows or denies.
    pub effect: Effect,
    /// Whom it speaks of.
    pub principals: Principals,
    /// Which actions it speaks of.
    pub actions: Actions,
    /// Which resources it speaks of.
    pub resources: Resources,
    /// Conditions, all of which must hold.
    pub conditions: Vec<Condition>,
    /// Why the statement was not wholly understood: such a statement matches at most "perhaps".
    pub unreadable: Option<Box<str>>,
    /// Where the statement lies.
    pub origin: Origin,
}

/// What a matching statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// The request may pass, unless something denies it.
    Allow,
    /// The request is refused, whatever allows it.
    Deny,
}

/// The `Principal` or `NotPrincipal` element.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Principals {
    /// The element is not there, as in identity policies.
    NotGiven,
    /// `Principal`: any of these.
    Only(Vec<PrincipalPattern>),
    /// `NotPrincipal`: everyone but these.
    Except(Vec<PrincipalPattern>),
}

/// One value of a `Principal` element ("AWS JSON policy elements: Principal").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalPattern {
    /// `"*"`: everyone, federated callers and services included.
    Everyone,
    /// `{"AWS": "*"}`: as `"*"`, but not the federated callers of AssumeRoleWith….
    EveryAws,
    /// An account id or `arn:…:iam::ACCOUNT:root`: everyone whom that account lets.
    Account(cofferdam_names::AccountId),
    /// A user, role, role session or federated user session by ARN.
    Arn(cofferdam_names::Arn),
    /// The unique id of a principal that was deleted (`AIDA…`, `AROA…`).
    UniqueId(Box<str>),
    /// `{"Service": "host"}`.
    Service(Box<str>),
    /// `{"Federated": "provider"}`: an OIDC host or a provider's ARN.
    Federated(Box<str>),
    /// `{"CanonicalUser": "id"}` of S3.
    CanonicalUser(Box<str>),
    /// Not a form that AWS documents: whether it matches is unknown.
    Unreadable(Box<str>),
}

/// The `Action` or `NotAction` element.
#[derive(Clone, Debug, Hash)]
pub enum Actions {
    /// `Action`: any of these.
    Only(Vec<ActionPattern>),
    /// `NotAction`: all but these.
    Except(Vec<ActionPattern>),
}

/// A pattern over action names, compared without regard to case ("IAM JSON policy elements: Action").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionPattern {
    /// `*`: every action of every service.
    Every,
    /// `service:name`, wildcards in the name only; both in lower case.
    Of {
        /// The service prefix in lower case.
        service: Box<str>,
        /// The glob over names in lower case.
        name: Box<str>,
    },
    /// Text that no action name matches (a comma, a wildcard in the service).
    Nothing(Box<str>),
}

/// The `Resource` or `NotResource` element.
#[derive(Clone, Debug, Hash)]
pub enum Resources {
    /// Neither element is there: every resource that the policy is attached to.
    NotGiven,
    /// `Resource`: any of these.
    Only(Vec<Template>),
    /// `NotResource`: all but these.
    Except(Vec<Template>),
}

/// One operator with one key and its values: `{"StringEquals": {"aws:SourceVpce": [..]}}`.
#[derive(Clone, Debug, Hash)]
pub struct Condition {
    /// How values are compared, and how many of them must agree.
    pub operator: Operator,
    /// The context key.
    pub key: ContextKey,
    /// The values, one of which suffices (none of which may match, if the operator is negated).
    pub operands: Vec<Operand>,
    /// Where the key lies.
    pub origin: Origin,
}

/// A condition operator, split into its independent parts ("IAM JSON policy elements: Condition operators").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operator {
    /// `ForAnyValue:` or `ForAllValues:`.
    pub quantifier: Quantifier,
    /// What is compared.
    pub test: Test,
    /// `…Not…`.
    pub negated: bool,
    /// `…IfExists`.
    pub if_exists: bool,
}

/// How many values of the key must agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// No set operator: meant for keys with one value.
    One,
    /// `ForAnyValue:`.
    Any,
    /// `ForAllValues:`.
    All,
}

/// What an operator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// The key against the operands.
    Values,
    /// `Null`: whether the key is absent; the operand says which.
    Null {
        /// `"true"`: the key must be absent.
        absent: bool,
    },
}
