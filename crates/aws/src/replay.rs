//! Answers from a recording, in place of AWS.
//!
//! A recording is text that a person can write: what a request must contain, then the answer.
//! Nothing is recorded by the product itself, so that no answer of a real organization, and no
//! secret in it, ends in a file of tests.
//!
//! ```text
//! # a comment
//! > GetCallerIdentity
//! < 200
//! <GetCallerIdentityResponse>…</GetCallerIdentityResponse>
//! >* ListKeys eu-west-1
//! < timeout
//! ```
//!
//! A request must contain every word after `>`, in its method, address, headers or body. Each
//! exchange answers once, in order; `>*` answers always. A request that no exchange fits gets an
//! empty answer, which every protocol reads as "nothing there".

use std::sync::Mutex;

use crate::client::lock;
use crate::http::{Broken, Request, Response, Transport};

/// Answers by recorded exchanges.
#[derive(Debug, Default)]
pub struct Replay {
    exchanges: Mutex<Vec<Exchange>>,
    seen: Mutex<Vec<String>>,
}

#[derive(Clone, Debug)]
struct Exchange {
    words: Vec<String>,
    always: bool,
    used: bool,
    answer: Result<Response, Broken>,
}

impl Replay {
    /// Reads a recording.
    ///
    /// # Errors
    /// Which line is none of a recording.
    pub fn parse(text: &str) -> Result<Replay, String> {
        let mut exchanges: Vec<Exchange> = Vec::new();
        let mut answering = false;
        for (at, line) in text.lines().enumerate() {
            let wrong = || format!("line {} is none of a recording: {line}", at + 1);
            if let Some(words) = line.strip_prefix('>') {
                exchanges.push(exchange(words));
                answering = false;
            } else if let Some(status) = line.strip_prefix("< ") {
                let last = exchanges.last_mut().ok_or_else(wrong)?;
                last.answer = answer(status).ok_or_else(wrong)?;
                answering = true;
            } else if answering && !line.is_empty() && !line.starts_with('#') {
                let last = exchanges.last_mut().ok_or_else(wrong)?;
                take(last, line);
            } else if !line.is_empty() && !line.starts_with('#') {
                return Err(wrong());
            }
        }
        Ok(Replay {
            exchanges: Mutex::new(exchanges),
            seen: Mutex::default(),
        })
    }

    /// The requests so far, as text.
    pub fn seen(&self) -> Vec<String> {
        lock(&self.seen).clone()
    }

    /// Exchanges that nothing asked for.
    pub fn unused(&self) -> Vec<String> {
        let exchanges = lock(&self.exchanges);
        let unused = exchanges.iter().filter(|one| !one.used);
        unused.map(|one| one.words.join(" ")).collect()
    }

    /// The answer to a request given as text.
    ///
    /// # Errors
    /// Where the recording has the call break off.
    pub fn answer(&self, request: String) -> Result<Response, Broken> {
        let mut exchanges = lock(&self.exchanges);
        let fits = |one: &&mut Exchange| {
            (one.always || !one.used) && one.words.iter().all(|word| request.contains(word))
        };
        let found = exchanges.iter_mut().find(fits).map(|one| {
            one.used = true;
            one.answer.clone()
        });
        drop(exchanges);
        lock(&self.seen).push(request);
        found.unwrap_or_else(|| Ok(status(200)))
    }
}

fn exchange(words: &str) -> Exchange {
    let (always, words) = match words.strip_prefix('*') {
        Some(words) => (true, words),
        None => (false, words),
    };
    Exchange {
        words: words.split_whitespace().map(str::to_owned).collect(),
        always,
        used: false,
        answer: Ok(status(200)),
    }
}

fn answer(word: &str) -> Option<Result<Response, Broken>> {
    match word {
        "timeout" => Some(Err(Broken::Timeout)),
        "reset" => Some(Err(Broken::Connection("connection reset by peer".into()))),
        number => number.parse().ok().map(|number| Ok(status(number))),
    }
}

fn status(status: u16) -> Response {
    Response {
        status,
        ..Response::default()
    }
}

/// A line of an answer: `name: value` before the body is a header where it begins with `x-`.
fn take(exchange: &mut Exchange, line: &str) {
    let Ok(response) = &mut exchange.answer else {
        return;
    };
    match line.split_once(": ") {
        Some((name, value)) if response.body.is_empty() && name.starts_with("x-") => {
            response.headers.push((name.to_owned(), value.to_owned()));
        }
        _ => response.body.extend_from_slice(line.as_bytes()),
    }
}

impl Transport for Replay {
    fn send(&self, request: &Request) -> Result<Response, Broken> {
        let headers: Vec<String> = request
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        let body = String::from_utf8_lossy(&request.body);
        self.answer(format!(
            "{} {}\n{}\n\n{body}",
            request.method,
            request.url(),
            headers.join("\n")
        ))
    }
}
