//! Requests and answers of HTTP/1.1, as far as a command line tool and an emulator on one machine
//! write them: a head, and a body whose length the head says.

use std::io::{self, BufRead, Read as _};

/// The most bytes of a message; a probe and its answer are a few thousand.
const MESSAGE_MAX: u64 = 16 * 1024 * 1024;

/// One request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// GET, POST and so on.
    pub method: String,
    /// What stands between the method and the version.
    pub target: String,
    /// Names in small letters, and values.
    pub headers: Vec<(String, String)>,
    /// What follows the head.
    pub body: Vec<u8>,
}

impl Request {
    /// Reads one.
    pub fn read(from: &mut impl BufRead) -> io::Result<Request> {
        let head = head(from)?;
        let mut lines = head.lines();
        let mut first = lines.next().unwrap_or_default().split(' ');
        let mut request = Request {
            method: first.next().unwrap_or_default().to_owned(),
            target: first.next().unwrap_or_default().to_owned(),
            headers: lines.filter_map(header).collect(),
            body: Vec::new(),
        };
        let length = request.header("content-length");
        let length: u64 = length.and_then(|text| text.parse().ok()).unwrap_or(0);
        from.take(length.min(MESSAGE_MAX))
            .read_to_end(&mut request.body)?;
        Ok(request)
    }

    /// A header by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The same for another server, which shall end the connection after its answer.
    pub fn written(&self) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        let hop = ["connection", "expect"];
        let passed = self.headers.iter();
        for (name, value) in passed.filter(|(name, _)| !hop.contains(&name.as_str())) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("connection: close\r\n\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend(&self.body);
        bytes
    }

    /// The path with its escapes resolved.
    pub fn path(&self) -> String {
        decoded(self.target.split('?').next().unwrap_or_default(), false)
    }

    /// Names and values behind the question mark.
    pub fn query(&self) -> Vec<(String, String)> {
        let text = self.target.split_once('?').map_or("", |(_, text)| text);
        pairs(text)
    }
}

/// One answer.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body as text.
    pub body: String,
}

impl Answer {
    /// Takes apart what a server wrote.
    pub fn of(bytes: &[u8]) -> Answer {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        Answer {
            status: status.unwrap_or(0),
            body: body.to_owned(),
        }
    }
}

/// Everything up to the empty line, which is not kept.
fn head(from: &mut impl BufRead) -> io::Result<String> {
    let mut head = Vec::new();
    let mut rest = from.take(MESSAGE_MAX);
    while rest.read_until(b'\n', &mut head)? > 0 {
        if head.ends_with(b"\r\n\r\n") {
            return Ok(String::from_utf8_lossy(&head).into_owned());
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

fn header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    Some((name.to_ascii_lowercase(), value.trim().to_owned()))
}

/// Names and values as forms and queries write them.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decoded(name, true), decoded(value, true))
    };
    parts.map(pair).collect()
}

fn decoded(text: &str, is_form: bool) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes().iter().copied();
    while let Some(byte) = rest.next() {
        let digits = rest.clone().take(2).collect::<Vec<u8>>();
        match (byte, hexadecimal(&digits)) {
            (b'%', Some(meant)) => {
                bytes.push(meant);
                rest.nth(1);
            }
            (b'+', _) if is_form => bytes.push(b' '),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let is_pair = digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).ok().filter(|_| is_pair)?;
    u8::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_and_passed_on() {
        let text = "POST /a%2Fb?x=1+2&y HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nokmore";
        let request = Request::read(&mut text.as_bytes()).unwrap();
        assert_eq!(
            (request.method.as_str(), &*request.body),
            ("POST", &b"ok"[..])
        );
        assert_eq!(request.path(), "/a/b");
        assert_eq!(
            request.query(),
            [("x", "1 2"), ("y", "")].map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert_eq!(
            String::from_utf8(request.written()).unwrap(),
            "POST /a%2Fb?x=1+2&y HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"
        );
        assert!(Request::read(&mut "GET / HTTP/1.1\r\n".as_bytes()).is_err());
    }

    #[test]
    fn an_answer_is_taken_apart() {
        let answer = Answer::of(b"HTTP/1.1 403 FORBIDDEN\r\nA: b\r\n\r\n<Error/>");
        assert_eq!((answer.status, answer.body.as_str()), (403, "<Error/>"));
    }
}
