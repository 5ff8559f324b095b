//! Symbolic callers: everybody outside, or everybody inside, as one ARN.
//!
//! The ARN is the one that `aws:PrincipalArn` shows: a user's, a role's or a root's. Everything
//! that follows from it (account, organization for known accounts) is a test on it.

use cofferdam_logic::{Attribute, Case, Class, Formula, Pattern, Token};
use cofferdam_names::{AccountId, Arn, Principal};
use cofferdam_policy::ast::PrincipalPattern;
use cofferdam_policy::reading::Reading;

use super::{Around, Interval, Symbolic};
use crate::caller::{CallerKind, Crowd, EVERY_SERVICE};
use crate::context::crowd_holds;
use crate::matching::{Named, doubt, names_in};

/// The name of the attribute that stands for a symbolic caller.
const CALLER: &str = "caller";

/// The name of the attribute that stands for a symbolic service.
const SERVICE: &str = "service";

impl Symbolic<'_, '_> {
    /// Whether a `Principal` element's value names the caller.
    pub(super) fn principal_named(&mut self, pattern: &PrincipalPattern) -> Interval {
        let Some(caller) = self.state().map(|state| state.hop.situation.caller) else {
            return self.known(false);
        };
        if let CallerKind::Anyone(crowd) = &caller.kind {
            return self.crowd_named(crowd, pattern);
        }
        if let (CallerKind::Service(every), PrincipalPattern::Service(host)) =
            (&caller.kind, pattern)
            && **every == *EVERY_SERVICE
        {
            let attribute = self.service_attribute();
            let formula = self
                .query
                .problem
                .matches(attribute, &Pattern::literal(host));
            return self.exactly(formula);
        }
        let named = self
            .state()
            .map_or(Named::No, |state| names_in(pattern, &state.hop.situation));
        match named {
            Named::Yes => self.known(true),
            Named::No => self.known(false),
            Named::Unknown(why) => self.unknown(doubt(pattern, why)),
        }
    }

    fn crowd_named(&mut self, crowd: &Crowd, pattern: &PrincipalPattern) -> Interval {
        match pattern {
            PrincipalPattern::Everyone | PrincipalPattern::EveryAws => self.known(true),
            PrincipalPattern::Account(account) if crowd_holds(crowd, *account) => {
                let formula = self.caller_in(*account);
                self.exactly(formula)
            }
            PrincipalPattern::Arn(arn)
                if arn.account_id().is_some_and(|id| crowd_holds(crowd, id)) =>
            {
                self.crowd_member(arn)
            }
            PrincipalPattern::CanonicalUser(_) => {
                self.unknown("which account a canonical user id stands for was not read")
            }
            PrincipalPattern::Unreadable(_) => {
                let why = "a principal is written in a form that AWS does not document";
                self.unknown(doubt(pattern, why))
            }
            _ => self.known(false),
        }
    }

    /// A user or role by ARN; a role session by its role, since the caller picks the session name.
    fn crowd_member(&mut self, arn: &Arn) -> Interval {
        let attribute = self.crowd_attribute();
        let Some(Principal::AssumedRole { role, .. }) = arn.principal() else {
            let formula = self
                .query
                .problem
                .matches(attribute, &Pattern::literal(arn.as_str()));
            return self.exactly(formula);
        };
        let beginning = format!("arn:{}:iam::{}:role/", arn.partition(), arn.account());
        let plain = Pattern::literal(&format!("{beginning}{role}"));
        let mut tokens: Vec<Token> = beginning.chars().map(Token::Char).collect();
        tokens.push(Token::Many(Class::Any));
        tokens.push(Token::Char('/'));
        tokens.extend(role.chars().map(Token::Char));
        let problem = &mut self.query.problem;
        let plain = problem.matches(attribute, &plain);
        let with_path = problem.matches(attribute, &Pattern::from_tokens(tokens));
        let may = problem.any(&[plain, with_path]);
        let _ = self.unknown("a statement names one session of a role");
        Interval {
            must: Formula::FALSE,
            may,
        }
    }

    /// That the symbolic caller is of this account.
    pub(super) fn caller_in(&mut self, account: AccountId) -> Formula {
        let attribute = self.crowd_attribute();
        let tokens = account.to_string().chars().map(Token::Char).collect();
        self.part_test(attribute, Around::AccountOfArn, tokens)
    }

    /// The attribute of a symbolic service.
    pub(super) fn service_attribute(&mut self) -> Attribute {
        let problem = &mut self.query.problem;
        let attribute = problem.text(SERVICE, vec![service_shape()], Case::Sensitive);
        self.query.crowd = Some(attribute);
        attribute
    }

    /// The kinds of principals that a symbolic caller may be, each with the condition for it.
    pub(super) fn crowd_kinds(&mut self) -> [(Formula, &'static str); 4] {
        let attribute = self.crowd_attribute();
        let problem = &mut self.query.problem;
        [
            (of_kind(":role/"), "AssumedRole"),
            (of_kind(":user/"), "User"),
            (of_kind(":root"), "Account"),
            (federated_shape(), "FederatedUser"),
        ]
        .map(|(shape, kind)| (problem.matches(attribute, &shape), kind))
    }

    /// The attribute of the symbolic caller, shared by all hops.
    pub(super) fn crowd_attribute(&mut self) -> Attribute {
        let crowd = self
            .state()
            .and_then(|state| match &state.hop.situation.caller.kind {
                CallerKind::Anyone(crowd) => Some(crowd.clone()),
                _ => None,
            });
        let attribute = self
            .query
            .problem
            .text(CALLER, caller_shapes(), Case::Sensitive);
        self.query.crowd = Some(attribute);
        if let Some(crowd) = crowd {
            self.keep_to_crowd(&crowd, attribute);
        }
        attribute
    }

    fn keep_to_crowd(&mut self, crowd: &Crowd, attribute: Attribute) {
        let problem = &mut self.query.problem;
        let (Crowd::OutsideOf(accounts) | Crowd::Within(accounts)) = crowd;
        if matches!(crowd, Crowd::OutsideOf(none) if none.is_empty()) {
            return;
        }
        let of: Vec<Formula> = accounts
            .iter()
            .map(|account| problem.matches(attribute, &of_account(*account)))
            .collect();
        let listed = problem.any(&of);
        let constraint = match crowd {
            Crowd::Within(_) => listed,
            Crowd::OutsideOf(_) => problem.not(listed),
        };
        // Nobody but AWS makes or uses a service-linked role; those that exist are asked one by one.
        let linked = problem.matches(attribute, &Pattern::glob("arn:*:role/aws-service-role/*"));
        for constraint in [constraint, problem.not(linked)] {
            self.query.require(constraint);
        }
    }
}

/// What stands before the account in the ARN of a principal, in any partition.
pub(super) fn before_account() -> Vec<Token> {
    let mut tokens: Vec<Token> = "arn:aws".chars().map(Token::Char).collect();
    tokens.extend([Token::Many(Class::Host), Token::Char(':')]);
    tokens.extend([Token::Many(Class::Except(':')), Token::Char(':')]);
    tokens.push(Token::Char(':'));
    tokens
}

/// ARNs of the principals of an account.
fn of_account(account: AccountId) -> Pattern {
    let mut tokens = before_account();
    tokens.extend(format!("{account}:").chars().map(Token::Char));
    tokens.push(Token::Many(Class::Any));
    Pattern::from_tokens(tokens)
}

/// Hosts of services; real ones end in `.amazonaws.com` or a partition's own name.
fn service_shape() -> Pattern {
    let tokens = vec![Token::One(Class::LowerAlnum), Token::Many(Class::Host)];
    Pattern::from_tokens(tokens).with_example("delivery.logs.amazonaws.com")
}

/// ARNs of one kind of caller: `:role/`, `:user/` or `:root`. The account is spelled out, so that
/// no role whose path holds a colon passes for a root user.
pub(super) fn of_kind(kind: &str) -> Pattern {
    let mut tokens = beginning(kind);
    if kind.ends_with('/') {
        tokens.extend([Token::Many(Class::Any), Token::One(Class::Word)]);
    }
    Pattern::from_tokens(tokens)
}

/// How such ARNs begin, of any account and partition.
pub(super) fn beginning(kind: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = "arn:aws".chars().map(Token::Char).collect();
    tokens.push(Token::Many(Class::Host));
    tokens.extend(":iam::".chars().map(Token::Char));
    tokens.extend(std::iter::repeat_n(Token::One(Class::Digit), 12));
    tokens.extend(kind.chars().map(Token::Char));
    tokens
}

/// Roles, users, roots and federated sessions of any account and partition, in the order in which
/// witnesses prefer them.
fn caller_shapes() -> Vec<Pattern> {
    let of = |kind: &str, example: &str| of_kind(kind).with_example(example);
    vec![
        of(":role/", "arn:aws:iam::999988887777:role/outsider"),
        of(":user/", "arn:aws:iam::999988887777:user/outsider"),
        of(":root", "arn:aws:iam::999988887777:root"),
        federated_shape(),
    ]
}

/// Sessions of GetFederationToken, whose names have no path.
fn federated_shape() -> Pattern {
    let mut tokens: Vec<Token> = "arn:aws".chars().map(Token::Char).collect();
    tokens.push(Token::Many(Class::Host));
    tokens.extend(":sts::".chars().map(Token::Char));
    tokens.extend(std::iter::repeat_n(Token::One(Class::Digit), 12));
    tokens.extend(":federated-user/".chars().map(Token::Char));
    tokens.extend([Token::One(Class::Word), Token::Many(Class::Word)]);
    Pattern::from_tokens(tokens).with_example("arn:aws:sts::999988887777:federated-user/outsider")
}
