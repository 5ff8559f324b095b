//! Symbolic callers: everybody outside, or everybody inside, as one ARN.
//!
//! The ARN is the one that `aws:PrincipalArn` shows: a user's, a role's or a root's. Everything
//! that follows from it (account, organization for known accounts) is a test on it.

use cofferdam_logic::{Attribute, Case, Class, Formula, Pattern, Token};
use cofferdam_names::{AccountId, Arn, Principal};
use cofferdam_policy::ast::PrincipalPattern;
use cofferdam_policy::reading::Reading;

use super::{Interval, Symbolic};
use crate::caller::{CallerKind, Crowd};
use crate::context::crowd_holds;
use crate::matching::{Named, names};

/// The name of the attribute that stands for a symbolic caller.
const CALLER: &str = "caller";

impl Symbolic<'_, '_> {
    /// Whether a `Principal` element's value names the caller.
    pub(super) fn principal_named(&mut self, pattern: &PrincipalPattern) -> Interval {
        let Some(caller) = self.state().map(|state| state.hop.situation.caller) else {
            return self.known(false);
        };
        if let CallerKind::Anyone(crowd) = &caller.kind {
            return self.crowd_named(crowd, pattern);
        }
        match names(pattern, caller) {
            Named::Yes => self.known(true),
            Named::No => self.known(false),
            Named::Unknown(why) => self.unknown(why),
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
                self.unknown("a principal is written in a form that AWS does not document")
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
        self.query.problem.matches(
            attribute,
            &Pattern::glob(&format!("arn:aws:iam::{account}:*")),
        )
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
            .map(|account| {
                problem.matches(
                    attribute,
                    &Pattern::glob(&format!("arn:aws:iam::{account}:*")),
                )
            })
            .collect();
        let listed = problem.any(&of);
        let constraint = match crowd {
            Crowd::Within(_) => listed,
            Crowd::OutsideOf(_) => problem.not(listed),
        };
        // Nobody but AWS makes or uses a service-linked role; those that exist are asked one by one.
        let linked = problem.matches(attribute, &Pattern::glob("arn:*:role/aws-service-role/*"));
        for constraint in [constraint, problem.not(linked)] {
            if !self.query.constraints.contains(&constraint) {
                self.query.constraints.push(constraint);
            }
        }
    }
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

/// How such ARNs begin, of any account.
pub(super) fn beginning(kind: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = "arn:aws:iam::".chars().map(Token::Char).collect();
    tokens.extend(std::iter::repeat_n(Token::One(Class::Digit), 12));
    tokens.extend(kind.chars().map(Token::Char));
    tokens
}

/// Roles, users and roots of any account, in the order in which witnesses prefer them.
fn caller_shapes() -> Vec<Pattern> {
    let of = |kind: &str, example: &str| of_kind(kind).with_example(example);
    vec![
        of(":role/", "arn:aws:iam::999988887777:role/outsider"),
        of(":user/", "arn:aws:iam::999988887777:user/outsider"),
        of(":root", "arn:aws:iam::999988887777:root"),
    ]
}
