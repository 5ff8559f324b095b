//! A recording proxy on loopback: what a probe sends goes to the emulator as it is, and is kept with
//! the answer. It is the only place that sees both, as CloudTrail is on AWS's side.

use std::io::{self, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::http::{Answer, Request};
use crate::example::Outcome;

/// How long either side may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request with its answer.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// Seconds since 1970.
    pub at: u64,
    /// What was sent.
    pub request: Request,
    /// What came back.
    pub answer: Answer,
}

/// The proxy; it listens until the process ends.
pub struct Proxy {
    address: String,
    kept: Arc<Mutex<Vec<Exchange>>>,
}

impl Proxy {
    /// Listens in front of a server, which is named as `http://HOST:PORT`.
    pub fn start(server: &str) -> Outcome<Proxy> {
        let server = server.trim_start_matches("http://").to_owned();
        let cannot = |error| format!("the proxy cannot listen: {error}");
        let listener = TcpListener::bind("127.0.0.1:0").map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        let kept = Arc::new(Mutex::new(Vec::new()));
        let keeps = Arc::clone(&kept);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A client that breaks off gets no answer, and its probe says so.
                let _ = pass(client, &server, &keeps);
            }
        });
        Ok(Proxy {
            address: format!("http://{address}"),
            kept,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What went through since the last time.
    pub fn taken(&self) -> Vec<Exchange> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut kept)
    }
}

/// One request on one connection: the server is asked to end it.
fn pass(mut client: TcpStream, server: &str, kept: &Mutex<Vec<Exchange>>) -> io::Result<()> {
    client.set_read_timeout(Some(PATIENCE))?;
    let request = Request::read(&mut BufReader::new(&client))?;
    let mut up = TcpStream::connect(server)?;
    up.set_read_timeout(Some(PATIENCE))?;
    up.write_all(&request.written())?;
    let mut bytes = Vec::new();
    up.read_to_end(&mut bytes)?;
    let at = SystemTime::now().duration_since(UNIX_EPOCH);
    let exchange = Exchange {
        at: at.map_or(0, |since| since.as_secs()),
        answer: Answer::of(&bytes),
        request,
    };
    kept.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(exchange);
    client.write_all(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_through_is_kept_with_its_answer() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", server.local_addr().unwrap());
        let proxy = Proxy::start(&address).unwrap();
        let emulator = thread::spawn(move || {
            let (mut one, _) = server.accept().unwrap();
            let request = Request::read(&mut BufReader::new(&one)).unwrap();
            one.write_all(b"HTTP/1.1 200 OK\r\n\r\nhello").unwrap();
            request
        });
        let mut client = TcpStream::connect(&proxy.address()[7..]).unwrap();
        client
            .write_all(b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n")
            .unwrap();
        let mut got = String::new();
        client.read_to_string(&mut got).unwrap();
        assert!(got.ends_with("hello"), "{got}");
        assert_eq!(emulator.join().unwrap().target, "/a");
        let kept = proxy.taken();
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].answer.body, "hello");
        assert!(proxy.taken().is_empty());
    }
}
