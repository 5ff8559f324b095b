//! How many calls a second each service gets, and how many calls an account gets in all.
//!
//! A reader that is throttled takes the service away from whoever shares the account with it, so
//! the collector stays well below the rates at which AWS throttles. The rates are data
//! (`data/budgets.json`), per service, account and Region, as AWS counts them.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::failure::Failure;
use crate::http::Clock;

const DATA: &str = include_str!("../data/budgets.json");
/// Calls a second where the data says nothing of a service.
const DEFAULT: f64 = 5.0;
/// Seconds of calls that may come at once after a pause.
const BURST: f64 = 2.0;
/// How long a service is left alone after it asked to slow down.
const PENALTY: Duration = Duration::from_secs(1);

/// The code of a call that was not made because the account has had its number.
pub const EXHAUSTED: &str = "CallBudgetExhausted";

/// The code of what was not asked on purpose: what is left out, or beyond the calls that a service
/// may have.
pub const NOT_ASKED: &str = "NotAsked";

/// Calls a second that a service gets in one account and Region.
pub fn rate(service: &str) -> f64 {
    static RATES: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(DATA).unwrap_or_default());
    let number = |at: &str| RATES.pointer(at).and_then(Value::as_f64);
    number(&format!("/services/{service}"))
        .or_else(|| number("/default"))
        .unwrap_or(DEFAULT)
}

/// A service in an account and Region, which is what AWS counts calls of.
type Counted = (String, String, String);

/// What one service had of all accounts.
#[derive(Debug, Default)]
struct Share {
    had: u32,
    left: Option<u32>,
    /// Whether it was asked for more than it may have.
    wanted: bool,
}

/// What has been spent.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    /// Calls that one account may have; none: as many as it takes.
    most: Option<u32>,
    spent: Mutex<BTreeMap<String, u32>>,
    /// Calls that each service had, and what is left of those that have a number.
    services: Mutex<BTreeMap<String, Share>>,
    next: Mutex<BTreeMap<Counted, SystemTime>>,
}

impl Budget {
    pub fn new(most: Option<u32>) -> Budget {
        Budget {
            most,
            ..Budget::default()
        }
    }

    /// Counts a call and waits until it may be made.
    ///
    /// # Errors
    /// When the account has had its number of calls.
    pub fn take(
        &self,
        service: &str,
        account: &str,
        region: &str,
        clock: &dyn Clock,
    ) -> Result<(), Failure> {
        self.share(service)?;
        self.count(account)?;
        let pause = self.reserve(service, account, region, clock.now());
        if !pause.is_zero() {
            clock.pause(pause);
        }
        Ok(())
    }

    /// Lets a service have no more than so many calls from here on.
    pub fn cap(&self, service: &str, left: u32) {
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        services.entry(service.to_owned()).or_default().left = Some(left);
    }

    /// Calls that a service had, in all accounts.
    pub fn of_service(&self, service: &str) -> u32 {
        let services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        services.get(service).map_or(0, |share| share.had)
    }

    /// Calls that a service had, if it wanted more.
    pub fn exhausted(&self, service: &str) -> Option<u32> {
        let services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        let share = services.get(service).filter(|share| share.wanted)?;
        Some(share.had)
    }

    fn share(&self, service: &str) -> Result<(), Failure> {
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        let share = services.entry(service.to_owned()).or_default();
        if share.left == Some(0) {
            share.wanted = true;
            let why = format!("{service} had its {} calls", share.had);
            return Err(Failure::new(NOT_ASKED, &why));
        }
        share.left = share.left.map(|left| left - 1);
        share.had += 1;
        Ok(())
    }

    fn count(&self, account: &str) -> Result<(), Failure> {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let count = spent.entry(account.to_owned()).or_default();
        match self.most {
            Some(most) if *count >= most => Err(Failure::new(
                EXHAUSTED,
                &format!("not asked: the account had its {most} calls"),
            )),
            _ => {
                *count += 1;
                Ok(())
            }
        }
    }

    /// The time to wait, with the place in the line taken.
    fn reserve(&self, service: &str, account: &str, region: &str, now: SystemTime) -> Duration {
        let each = Duration::from_secs_f64(1.0 / rate(service));
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let earliest = now
            .checked_sub(Duration::from_secs_f64(BURST))
            .unwrap_or(now);
        let counted = (service.to_owned(), account.to_owned(), region.to_owned());
        let turn = next.entry(counted).or_insert(earliest);
        *turn = (*turn).max(earliest) + each;
        turn.duration_since(now).unwrap_or_default()
    }

    /// A service asked to slow down: everyone in its line waits longer.
    pub fn slow_down(&self, service: &str, account: &str, region: &str, clock: &dyn Clock) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = (service.to_owned(), account.to_owned(), region.to_owned());
        let turn = next.entry(counted).or_insert_with(|| clock.now());
        *turn = (*turn).max(clock.now()) + PENALTY;
    }

    /// Counts what was asked before the reader's account was known as calls of that account.
    pub fn settle(&self, account: &str) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let first = spent.remove("").unwrap_or_default();
        *spent.entry(account.to_owned()).or_default() += first;
    }

    /// Calls that were made, by account.
    pub fn spent(&self) -> BTreeMap<String, u32> {
        self.spent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_come_at_the_rate_of_the_service() {
        let budget = Budget::new(None);
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let free = (rate("organizations") * BURST) as usize;
        let waits: Vec<_> = (0..free + 2)
            .map(|_| budget.reserve("organizations", "1", "r", now))
            .collect();
        assert!(waits[..free].iter().all(Duration::is_zero), "{waits:?}");
        assert!(!waits[free].is_zero() && waits[free] < waits[free + 1]);
        assert!(budget.reserve("organizations", "2", "r", now).is_zero());
    }

    #[test]
    fn budgets_are_of_services_that_are_called() {
        let data: Value = serde_json::from_str(DATA).unwrap();
        let called: Vec<_> = cofferdam_sources::operations()
            .iter()
            .map(|row| &*row.service)
            .collect();
        for service in data["services"].as_object().unwrap().keys() {
            let known = called.contains(&&**service) || service == "sts";
            assert!(known, "nothing of {service} is called");
        }
    }

    #[test]
    fn an_account_gets_no_more_calls_than_its_number() {
        let budget = Budget::new(Some(1));
        assert!(budget.count("1").is_ok());
        assert_eq!(budget.count("1").unwrap_err().code, EXHAUSTED);
        assert!(budget.count("2").is_ok());
    }
}
