//! One operation asked in full: all its pages, again where AWS or the network asks for it.
//!
//! What was tried and failed is part of the result: a list of which a page is missing is given
//! with the error, so that nobody takes it for whole.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};

use crate::answer::answer;
use crate::budget::Budget;
use crate::failure::{Failure, Sort};
use crate::http::{Clock, Keys, Transport};
use crate::request::{Given, Target, request, signing_region};
use crate::shapes::{Call, Pages, Service, shapes};
use crate::sign::{For, signed};

/// Attempts at one page, unless `AWS_MAX_ATTEMPTS` says otherwise.
pub const ATTEMPTS: u32 = 5;
/// The first pause after a failure that may pass; each next one is twice as long.
const PAUSE: Duration = Duration::from_millis(250);
/// The first pause after a service asked to slow down.
const PAUSE_THROTTLED: Duration = Duration::from_secs(1);
/// No pause is longer.
const PAUSE_MAX: Duration = Duration::from_secs(20);
/// No list of AWS has as many pages; one that does goes in circles.
const PAGES_MAX: usize = 20_000;

/// An address in place of AWS's own: for one service, or for all others.
pub type Endpoints = BTreeMap<Option<String>, String>;

/// Where a call is made.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// The account that is asked, which has its own call budget.
    pub account: &'a str,
    /// The Region.
    pub region: &'a str,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: &'a str,
}

/// What came of a call: an answer, an error, or the pages before the one that failed with the error.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The answer, all pages joined.
    pub response: Option<Value>,
    /// Why there is none, or why it is not whole.
    pub failure: Option<Failure>,
}

/// Whose credentials sign.
pub trait Signer {
    /// Credentials that hold now; `stale` are some that AWS no longer takes.
    ///
    /// # Errors
    /// When there are none.
    fn keys(&self, stale: Option<&Keys>) -> Result<Keys, Failure>;
}

/// Makes calls.
pub struct Client<'w> {
    transport: &'w dyn Transport,
    clock: &'w dyn Clock,
    endpoints: Endpoints,
    attempts: u32,
    slots: Slots,
    pub(crate) budget: Budget,
    /// Buckets that answered from another Region than the one that was asked.
    moved: Mutex<BTreeMap<String, String>>,
}

impl<'w> Client<'w> {
    /// A client that makes up to `parallel` calls at a time.
    pub fn new(
        transport: &'w dyn Transport,
        clock: &'w dyn Clock,
        endpoints: Endpoints,
        parallel: usize,
    ) -> Client<'w> {
        Client {
            transport,
            clock,
            endpoints,
            attempts: ATTEMPTS,
            slots: Slots::new(parallel),
            budget: Budget::new(None),
            moved: Mutex::new(BTreeMap::new()),
        }
    }

    /// The same with another number of attempts at a page.
    pub fn attempts(self, attempts: u32) -> Client<'w> {
        Client {
            attempts: attempts.max(1),
            ..self
        }
    }

    /// The same with a most number of calls for each account.
    pub fn at_most(self, calls: Option<u32>) -> Client<'w> {
        Client {
            budget: Budget::new(calls),
            ..self
        }
    }

    /// The clock that it waits by.
    pub fn clock(&self) -> &'w dyn Clock {
        self.clock
    }

    /// Asks an operation of the table for all its pages.
    pub fn ask(&self, operation: &str, given: &Given, at: &At, signer: &dyn Signer) -> Outcome {
        let Some((service, call)) = shapes().call(operation) else {
            let why = format!("`{operation}` is not known");
            return refused(Failure::new("UnknownOperation", &why));
        };
        let asking = Asking {
            client: self,
            service,
            call,
            at: *at,
            signer,
        };
        match &call.pages {
            None => match asking.page(given) {
                Ok(response) => Outcome {
                    response: Some(response),
                    failure: None,
                },
                Err(failure) => refused(failure),
            },
            Some(pages) => asking.all(given, pages),
        }
    }
}

fn refused(failure: Failure) -> Outcome {
    Outcome {
        response: None,
        failure: Some(failure),
    }
}

/// The pages so far, with the reason why there are no more of them, if it is none.
fn whole(joined: Option<Value>, pages: &Pages, failure: Option<Failure>) -> Outcome {
    Outcome {
        response: joined.map(|value| finished(value, pages)),
        failure,
    }
}

/// One operation while it is asked.
struct Asking<'a> {
    client: &'a Client<'a>,
    service: &'a Service,
    call: &'a Call,
    at: At<'a>,
    signer: &'a dyn Signer,
}

impl Asking<'_> {
    fn all(&self, given: &Given, pages: &Pages) -> Outcome {
        let mut joined: Option<Value> = None;
        let mut asked = given.clone();
        for _ in 0..PAGES_MAX {
            let page = match self.page(&asked) {
                Ok(page) => page,
                Err(failure) => return whole(joined, pages, Some(failure)),
            };
            let next = next(&page, pages);
            joined = Some(match joined {
                None => page,
                Some(before) => join(before, page, pages),
            });
            let Some(next) = next else {
                return whole(joined, pages, None);
            };
            if next
                .iter()
                .all(|(key, value)| asked.get(key) == Some(value))
            {
                break;
            }
            asked.extend(next);
        }
        let circle = Failure::malformed("the list goes in circles");
        whole(joined, pages, Some(circle))
    }

    /// One page, asked again while that may help.
    fn page(&self, given: &Given) -> Result<Value, Failure> {
        let mut stale: Option<Keys> = None;
        let mut turned = false;
        let mut attempt = 1;
        loop {
            let keys = self.signer.keys(stale.as_ref())?;
            let failure = match self.once(given, &keys) {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            match failure.kind {
                Sort::Expired if stale.is_none() => stale = Some(keys),
                Sort::Moved if !turned && self.turn(given, &failure) => turned = true,
                Sort::Throttled | Sort::Passing if attempt < self.client.attempts => {
                    self.wait(failure.kind, attempt);
                    attempt += 1;
                }
                _ => return Err(failure),
            }
        }
    }

    fn once(&self, given: &Given, keys: &Keys) -> Result<Value, Failure> {
        let client = self.client;
        let region = self.region(given);
        let target = Target {
            region: &region,
            partition: self.at.partition,
            endpoint: self.endpoint(),
        };
        let what = For {
            service: &self.service.signing,
            region: signing_region(self.service, &target),
            time: client.clock.now(),
        };
        let request = request(self.service, self.call, given, &target);
        let signed =
            signed(request, keys, &what).map_err(|error| Failure::new("NotSigned", &error))?;
        let at = &self.at;
        client
            .budget
            .take(&self.call.service, at.account, at.region, client.clock)?;
        let slot = client.slots.take();
        let response = client.transport.send(&signed);
        drop(slot);
        let response = response.map_err(|broken| Failure::broken(&broken))?;
        answer(self.service, self.call, &response)
    }

    fn endpoint(&self) -> Option<&str> {
        let own = Some(self.call.service.to_string());
        let endpoints = &self.client.endpoints;
        let found = endpoints.get(&own).or_else(|| endpoints.get(&None))?;
        Some(found)
    }

    /// The Region of a bucket that is known to lie elsewhere, else the one that is asked.
    fn region(&self, given: &Given) -> String {
        let moved = lock(&self.client.moved);
        let known = bucket(given).and_then(|bucket| moved.get(bucket));
        known.cloned().unwrap_or_else(|| self.at.region.to_owned())
    }

    /// Remembers where a bucket lies, if the answer says so and it is news.
    fn turn(&self, given: &Given, failure: &Failure) -> bool {
        let (Some(bucket), Some(region)) = (bucket(given), &failure.region) else {
            return false;
        };
        let before = lock(&self.client.moved).insert(bucket.to_owned(), region.clone());
        before.as_ref() != Some(region)
    }

    /// Waits for a random part of a time that doubles, so that those who failed together do not
    /// come back together.
    fn wait(&self, kind: Sort, attempt: u32) {
        let client = self.client;
        let first = match kind {
            Sort::Throttled => {
                let at = &self.at;
                client
                    .budget
                    .slow_down(&self.call.service, at.account, at.region, client.clock);
                PAUSE_THROTTLED
            }
            _ => PAUSE,
        };
        let full = first
            .saturating_mul(1 << (attempt - 1).min(8))
            .min(PAUSE_MAX);
        client
            .clock
            .pause(full.mul_f64(client.clock.jitter().clamp(0.0, 1.0)));
    }
}

fn bucket(given: &Given) -> Option<&str> {
    given.get("Bucket")?.as_str()
}

/// The parameters that ask for the page after this one, if there is one.
fn next(page: &Value, pages: &Pages) -> Option<Map<String, Value>> {
    let more = pages.more.as_deref().map(|more| page.get(more));
    if more.is_some_and(|more| more.and_then(Value::as_bool) != Some(true)) {
        return None;
    }
    let tokens = pages.into.iter().zip(&pages.out);
    let found: Map<String, Value> = tokens
        .filter_map(|(into, out)| {
            let token = page.get(&**out).filter(|token| !is_empty(token))?;
            Some((into.to_string(), token.clone()))
        })
        .collect();
    (!found.is_empty()).then_some(found)
}

fn is_empty(token: &Value) -> bool {
    token.is_null() || token.as_str() == Some("")
}

/// Adds the lists of a page to those before it.
fn join(mut before: Value, page: Value, pages: &Pages) -> Value {
    for path in &pages.results {
        let pointer = pointer(path);
        let Some(Value::Array(more)) = page.pointer(&pointer) else {
            continue;
        };
        match before.pointer_mut(&pointer) {
            Some(Value::Array(list)) => list.extend(more.iter().cloned()),
            Some(_) => {}
            None => {
                if let Some(object) = before.as_object_mut() {
                    object.insert(path.to_string(), Value::Array(more.clone()));
                }
            }
        }
    }
    before
}

fn pointer(path: &str) -> String {
    format!("/{}", path.replace('.', "/"))
}

/// The whole as the CLI prints it: without the marks of pages, with lists that are empty.
fn finished(mut value: Value, pages: &Pages) -> Value {
    if let Some(object) = value.as_object_mut() {
        for mark in pages.out.iter().chain(&pages.more) {
            object.shift_remove(&**mark);
        }
        for path in pages.results.iter().filter(|path| !path.contains('.')) {
            object
                .entry(path.to_string())
                .or_insert_with(|| Value::Array(Vec::new()));
        }
    }
    value
}

/// A lock whose holder does nothing that can panic.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many calls are under way at a time.
struct Slots {
    free: Mutex<usize>,
    freed: Condvar,
}

/// One call under way.
struct Slot<'s>(&'s Slots);

impl Slots {
    fn new(count: usize) -> Slots {
        Slots {
            free: Mutex::new(count.max(1)),
            freed: Condvar::new(),
        }
    }

    fn take(&self) -> Slot<'_> {
        let free = lock(&self.free);
        let mut free = self
            .freed
            .wait_while(free, |free| *free == 0)
            .unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Slot(self)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *lock(&self.0.free) += 1;
        self.0.freed.notify_one();
    }
}
