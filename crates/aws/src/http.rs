//! Requests and answers as plain values, and what carries them.
//!
//! The collector knows no network: it hands a request to a [`Transport`] and gets an answer. The
//! live one speaks HTTPS; tests replay recordings. That is also why nothing above this file is
//! asynchronous: a call is a function that returns.

use std::time::{Duration, SystemTime};

/// A request before it is signed.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: String,
    /// `https://kms.eu-west-1.amazonaws.com`, without a path.
    pub origin: String,
    /// The path, percent-encoded.
    pub path: String,
    /// The query, percent-encoded, without the question mark.
    pub query: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The whole address.
    pub fn url(&self) -> String {
        match self.query.is_empty() {
            true => format!("{}{}", self.origin, self.path),
            false => format!("{}{}?{}", self.origin, self.path, self.query),
        }
    }
}

/// An answer, whatever its status.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// The status of HTTP.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name)?;
        Some(&found.1)
    }
}

/// Why there is no answer at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Nothing came within the time limit.
    Timeout,
    /// The connection could not be made or broke, with the reason.
    Connection(String),
}

/// Carries a signed request to AWS.
pub trait Transport: Send + Sync {
    /// Sends a request and waits for the answer.
    ///
    /// # Errors
    /// When there is no answer.
    fn send(&self, request: &Request) -> Result<Response, Broken>;
}

/// The clock, so that tests need not wait.
pub trait Clock: Send + Sync {
    /// The time.
    fn now(&self) -> SystemTime;
    /// Waits.
    fn pause(&self, time: Duration);
    /// A number from 0 to 1, so that those who wait do not come back together.
    fn jitter(&self) -> f64;
}

/// Credentials as AWS hands them out.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// The id of the key.
    pub id: String,
    /// The secret part.
    pub secret: String,
    /// The token of a session.
    pub token: Option<String>,
    /// When they run out, where that is known.
    pub until: Option<SystemTime>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Keys({})", self.id)
    }
}

/// Where the reader's own credentials come from.
pub trait Identity: Send + Sync {
    /// Credentials that hold now.
    ///
    /// # Errors
    /// When there are none, with what was tried.
    fn keys(&self) -> Result<Keys, String>;
}
