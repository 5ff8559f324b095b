//! Calls that a service makes again as the caller (forward access sessions).
//!
//! The second call carries the caller's identity but AWS's network. A boundary on networks that
//! spares such calls therefore rests on what may start them, and this table says which calls do.
//! It holds only what AWS documents: a pair that is missing is not known to be impossible.

use std::sync::OnceLock;

use crate::rows::Row;
use crate::tables::FORWARDED;

/// One action that makes a service call another as the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forward {
    /// The prefix of the service that is called first.
    pub service: &'static str,
    /// The action that is called first.
    pub action: &'static str,
    /// The prefix of the service that is then called as the caller; `*` for any.
    pub to_service: &'static str,
    /// The action that is then called; `*` for any.
    pub to_action: &'static str,
    /// What the second call carries in `aws:CalledVia`; `None` if AWS does not say that the first
    /// service sends that key.
    pub called_via: Option<&'static str>,
    /// In which case the second call is made.
    pub when: &'static str,
    /// The titles of AWS's pages that say so.
    pub page: &'static str,
}

/// What a call makes its service call as the caller.
pub fn forwards(service: &str, action: &str) -> impl Iterator<Item = Forward> {
    FORWARDED.starting(&[service, action]).map(of)
}

/// Which calls make a service call that action as the caller: every way to reach it from AWS's own
/// network.
pub fn forwarded_from(service: &str, action: &str) -> impl Iterator<Item = Forward> {
    parsed()
        .iter()
        .copied()
        .filter(move |forward| same(forward.to_service, service) && same(forward.to_action, action))
}

/// Every documented pair, read once: the question which services repeat an action goes through all
/// of them, and is asked for each principal.
fn parsed() -> &'static [Forward] {
    static PARSED: OnceLock<Vec<Forward>> = OnceLock::new();
    PARSED.get_or_init(|| all_forwards().collect())
}

/// Every documented pair, in order.
pub fn all_forwards() -> impl Iterator<Item = Forward> {
    FORWARDED.all().map(of)
}

fn same(written: &str, asked: &str) -> bool {
    written == "*" || written.eq_ignore_ascii_case(asked)
}

fn of(row: Row) -> Forward {
    Forward {
        service: row.column(0),
        action: row.column(1),
        to_service: row.column(2),
        to_action: row.column(3),
        called_via: Some(row.column(4)).filter(|name| !name.is_empty()),
        when: row.column(5),
        page: row.column(6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::action;

    /// "Use CalledVia context keys for Athena"; "Forward access sessions".
    #[test]
    fn athena_reads_as_the_caller() {
        let found: Vec<Forward> = forwards("athena", "startqueryexecution")
            .filter(|forward| forward.to_action == "GetObject")
            .collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].called_via, Some("athena.amazonaws.com"));
    }

    #[test]
    fn ways_to_an_action() {
        let mut ways: Vec<&str> = forwarded_from("s3", "GetObject")
            .map(|forward| forward.service)
            .collect();
        ways.dedup();
        assert_eq!(ways, ["athena", "cloudformation", "dynamodb"]);
        assert!(forwarded_from("kms", "decrypt").any(|forward| forward.service == "s3"));
    }

    #[test]
    fn every_row_names_real_actions() {
        for forward in all_forwards() {
            assert!(
                action(forward.service, forward.action).is_some(),
                "{forward:?}"
            );
            let to_any = forward.to_service == "*" && forward.to_action == "*";
            let to_known = action(forward.to_service, forward.to_action).is_some();
            assert!(to_any || to_known, "{forward:?}");
            assert!(
                !forward.when.is_empty() && forward.page.starts_with('"'),
                "{forward:?}"
            );
        }
    }
}
