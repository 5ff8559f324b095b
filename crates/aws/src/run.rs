//! Groups of operations, read and written down.
//!
//! A group is one account, one Region and operations that follow from each other. Groups run side
//! by side; inside one, the calls of an operation do. What a call answers goes through the removal
//! of secrets before it is kept, even in memory.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use cofferdam_sources::{Operation, Scope};
use serde_json::{Value, json};

use crate::client::{At, Client, Outcome, Signer, lock};
use crate::failure::{Failure, Sort};
use crate::plan::{Answers, Group, has_lines, requests};
use crate::remove;
use crate::request::Given;
use crate::sessions::{NO_CREDENTIALS, Sessions};
use crate::store::{Place, Store};
use crate::thin::Thing;

/// Calls of one operation that are made side by side.
const SIDE_BY_SIDE: usize = 8;
/// Where what has no Region lies in a snapshot.
pub(crate) const GLOBAL: &str = "global";

/// Hears how far the work is.
pub trait Watch: Sync {
    /// `done` of `total` groups are read; `what` was the last.
    fn step(&self, done: usize, total: usize, what: &str);
}

/// A group at its place.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// The account that the answers are about.
    pub account: String,
    /// The account whose credentials ask; the same, but for an organization read by a delegate.
    pub reader: String,
    /// The Region, or `global`.
    pub label: String,
    /// The Region that is asked.
    pub region: String,
    /// What is asked.
    pub group: Group,
    /// The one thing that is asked about, where only one is.
    pub only: Option<Thing>,
    /// What stands for answers that were not asked for.
    pub seed: Answers,
}

/// A collection under way.
pub(crate) struct Run<'w> {
    pub client: &'w Client<'w>,
    pub sessions: &'w Sessions<'w>,
    pub store: &'w Store,
    pub home: &'w str,
    /// Why the collection cannot go on.
    pub stopped: Mutex<Option<String>>,
    /// Regions that an account has not enabled, with what they answered.
    off: Mutex<BTreeMap<(String, String), Failure>>,
}

/// The calls of one operation.
pub(crate) type Lines = Vec<(Given, Outcome)>;

impl<'w> Run<'w> {
    pub fn new(
        client: &'w Client<'w>,
        sessions: &'w Sessions<'w>,
        store: &'w Store,
        home: &'w str,
    ) -> Run<'w> {
        Run {
            client,
            sessions,
            store,
            home,
            stopped: Mutex::new(None),
            off: Mutex::new(BTreeMap::new()),
        }
    }

    /// Runs jobs side by side, in their order as far as there is room.
    pub fn all(&self, jobs: &[Job], parallel: usize, watch: &dyn Watch) {
        let done = AtomicUsize::new(0);
        in_order(jobs, parallel, |job| {
            if !self.is_stopped() {
                self.group(job);
            }
            let what = format!("{} {}", job.account, job.label);
            watch.step(done.fetch_add(1, Ordering::Relaxed) + 1, jobs.len(), &what);
        });
    }

    /// Reads a group, operation after operation; gives the answers.
    pub fn group(&self, job: &Job) -> Answers {
        let mut answers = job.seed.clone();
        for row in &job.group {
            if self.is_stopped() {
                break;
            }
            let place = place(job, row);
            let lines = match self.store.entry(&place) {
                Some(entry) => self.kept(entry.file.as_deref()),
                None => self.asked(job, row, &place, &answers),
            };
            answers.push((row, lines));
        }
        answers
    }

    fn kept(&self, file: Option<&str>) -> Vec<(Given, Value)> {
        let read = file.map_or(Ok(Vec::new()), |file| self.store.answers(file));
        read.unwrap_or_else(|error| {
            self.stop(error);
            Vec::new()
        })
    }

    fn asked(
        &self,
        job: &Job,
        row: &Operation,
        place: &Place,
        answers: &Answers,
    ) -> Vec<(Given, Value)> {
        if let Some(failure) = self.is_off(job) {
            self.refuse(place, &failure);
            return Vec::new();
        }
        let lines = self.lines(job, row, answers);
        if let Some(why) = lines.iter().find_map(|(_, outcome)| ended(outcome)) {
            self.stop(why);
            return Vec::new();
        }
        self.note_off(job, row, &lines);
        self.write(row, place, &lines, self.source_failure(job, row));
        let response = |(given, outcome): (Given, Outcome)| Some((given, outcome.response?));
        lines.into_iter().filter_map(response).collect()
    }

    /// Calls an operation until no call is left that follows from an answer, its own included.
    fn lines(&self, job: &Job, row: &Operation, answers: &Answers) -> Lines {
        let signer = self.sessions.signer(&job.reader);
        let at = At {
            account: &job.reader,
            region: row.at.as_deref().unwrap_or(&job.region),
            partition: &self.sessions.caller().partition,
        };
        let feeds_itself = row
            .for_each
            .iter()
            .any(|call| call.operation == row.operation);
        let mut done = BTreeSet::new();
        let mut lines = Lines::new();
        let mut known = Cow::Borrowed(answers);
        loop {
            let mut fresh = requests(row, &job.account, &known, &mut done);
            if let Some(only) = job.only.as_ref().filter(|_| !row.for_each.is_empty()) {
                fresh.retain(|given| only.is_named_by(given));
            }
            if fresh.is_empty() || self.is_stopped() {
                return lines;
            }
            let ask = |given: &Given| self.call(row, given, &at, &signer);
            let found = in_order(&fresh, SIDE_BY_SIDE, ask);
            let new: Lines = fresh.into_iter().zip(found).collect();
            if feeds_itself {
                known.to_mut().extend(own(row, &new));
            }
            lines.extend(new);
            if !feeds_itself {
                return lines;
            }
        }
    }

    /// Why an operation that this one follows from is not known in full: then there may be things
    /// that nobody could ask about.
    fn source_failure(&self, job: &Job, row: &Operation) -> Option<Failure> {
        let others = row
            .for_each
            .iter()
            .filter(|call| call.operation != row.operation);
        others.into_iter().find_map(|call| {
            let (account, label) = (job.account.clone(), job.label.clone());
            let entry = self
                .store
                .entry(&(account, label, call.operation.to_string()))?;
            let error = entry.refused.first()?.get("error")?;
            let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
            let why = format!(
                "{} is not known in full: {}",
                call.operation,
                text("message")
            );
            Some(Failure::new(text("code"), &why))
        })
    }

    /// One call, without the secrets of its answer.
    pub fn call(&self, row: &Operation, given: &Given, at: &At, signer: &dyn Signer) -> Outcome {
        let mut outcome = self.client.ask(&row.operation, given, at, signer);
        if let Some(response) = &mut outcome.response {
            remove::secrets(row, response);
        }
        outcome
    }

    /// Writes what came of an operation, and why there may be more of it, if there may.
    pub fn write(&self, row: &Operation, place: &Place, lines: &Lines, more: Option<Failure>) {
        let mut refused: Vec<Value> = lines
            .iter()
            .filter_map(|(given, outcome)| Some((given, outcome.failure.as_ref()?)))
            .filter(|(_, failure)| !row.absent_codes.iter().any(|code| **code == *failure.code))
            .map(|(given, failure)| refusal(place, Some(given), failure))
            .collect();
        refused.extend(more.map(|failure| refusal(place, None, &failure)));
        let text = text(row, lines);
        let written = text.as_ref().map(|(ending, text)| (*ending, &**text));
        if let Err(error) = self.store.finish(place, written, refused) {
            self.stop(error);
        }
    }

    /// Writes down that nothing of an operation is known, and why.
    pub fn refuse(&self, place: &Place, failure: &Failure) {
        let refused = vec![refusal(place, None, failure)];
        if let Err(error) = self.store.finish(place, None, refused) {
            self.stop(error);
        }
    }

    fn is_off(&self, job: &Job) -> Option<Failure> {
        let place = (job.account.clone(), job.region.clone());
        lock(&self.off).get(&place).cloned()
    }

    /// A Region that refuses good credentials is not enabled: the rest of it need not be asked.
    fn note_off(&self, job: &Job, row: &Operation, lines: &Lines) {
        if row.scope != Scope::Region || job.region == self.home {
            return;
        }
        let failures = lines
            .iter()
            .filter_map(|(_, outcome)| outcome.failure.as_ref());
        if let Some(failure) = failures.into_iter().find(|one| one.kind == Sort::RegionOff) {
            let place = (job.account.clone(), job.region.clone());
            lock(&self.off).insert(place, failure.clone());
        }
    }

    pub fn is_stopped(&self) -> bool {
        lock(&self.stopped).is_some()
    }

    pub fn stop(&self, why: String) {
        lock(&self.stopped).get_or_insert(why);
    }
}

fn own(row: &Operation, lines: &Lines) -> Answers {
    let row = cofferdam_sources::operations()
        .iter()
        .find(|other| other.operation == row.operation);
    let responses = lines
        .iter()
        .filter_map(|(given, outcome)| Some((given.clone(), outcome.response.clone()?)));
    row.map(|row| (row, responses.collect()))
        .into_iter()
        .collect()
}

/// The place of an operation of a job.
pub(crate) fn place(job: &Job, row: &Operation) -> Place {
    (
        job.account.clone(),
        job.label.clone(),
        row.operation.to_string(),
    )
}

/// Why the collection ends here: credentials that ran out are no fact about the organization.
pub(crate) fn ended(outcome: &Outcome) -> Option<String> {
    let failure = outcome.failure.as_ref()?;
    let ended = failure.kind == Sort::Expired || failure.code == NO_CREDENTIALS;
    ended.then(|| {
        format!(
            "the credentials have run out ({}: {})",
            failure.code, failure.message
        )
    })
}

fn refusal(place: &Place, given: Option<&Given>, failure: &Failure) -> Value {
    let (account, region, operation) = place;
    let mut entry = json!({"account": account, "region": region, "operation": operation});
    if let (Some(given), Some(object)) = (
        given.filter(|given| !given.is_empty()),
        entry.as_object_mut(),
    ) {
        object.insert("request".into(), Value::Object(given.clone()));
    }
    if let Some(object) = entry.as_object_mut() {
        object.insert("error".into(), described(failure));
    }
    entry
}

fn described(failure: &Failure) -> Value {
    json!({"code": failure.code, "message": failure.message})
}

/// The file's ending and text; none where there is nothing to write.
fn text(row: &Operation, lines: &Lines) -> Option<(&'static str, String)> {
    match lines.as_slice() {
        [] => None,
        [(_, outcome)] if !has_lines(row) => match (&outcome.response, &outcome.failure) {
            (Some(response), None) => Some(("json", format!("{response:#}\n"))),
            // A list that is not whole must not look like one that is.
            (Some(_), Some(_)) => Some(("jsonl", joined(lines))),
            (None, _) => None,
        },
        lines => Some(("jsonl", joined(lines))),
    }
}

fn joined<'l>(lines: impl IntoIterator<Item = &'l (Given, Outcome)>) -> String {
    let mut text = String::new();
    for (given, outcome) in lines {
        if let Some(response) = &outcome.response {
            text.push_str(&format!(
                "{}\n",
                json!({"request": given, "response": response})
            ));
        }
        if let Some(failure) = &outcome.failure {
            text.push_str(&format!(
                "{}\n",
                json!({"request": given, "error": described(failure)})
            ));
        }
    }
    text
}

/// Does something for each item, up to `width` at a time; results are in the order of the items.
pub(crate) fn in_order<T: Sync, R: Send>(
    items: &[T],
    width: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    if items.len() < 2 || width < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let found: Mutex<BTreeMap<usize, R>> = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..width.min(items.len()) {
            scope.spawn(|| {
                while let Some((at, item)) = take(&next, items) {
                    let result = work(item);
                    lock(&found).insert(at, result);
                }
            });
        }
    });
    let found = found
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    found.into_values().collect()
}

fn take<'i, T>(next: &AtomicUsize, items: &'i [T]) -> Option<(usize, &'i T)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    Some((at, items.get(at)?))
}
