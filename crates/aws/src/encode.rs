//! Percent-encoding as AWS's signatures demand it: everything but letters, digits, `-`, `_`, `.`
//! and `~` ("Create a signed AWS API request", AWS IAM user guide).

/// Encodes a part of a query or one segment of a path.
pub(crate) fn part(text: &str) -> String {
    encode(text, false)
}

/// Encodes a path whose slashes stay.
pub(crate) fn path(text: &str) -> String {
    encode(text, true)
}

fn encode(text: &str, slash: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b'/' if slash => out.push('/'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Joins names and values to a query or a form.
pub(crate) fn form<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{}={}", part(name), part(value)))
        .collect();
    pairs.join("&")
}

/// Decodes percent-encoding. What is no encoding stays as it is.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = bytes
            .get(at + 1..at + 3)
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match (byte, hex) {
            (b'%', Some(value)) => {
                out.push(value);
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn encoding_and_decoding_agree() {
        for text in ["", "a b/c", "arn:aws:iam::1:role/x", "%", "ü", "{\"a\": 1}"] {
            assert_eq!(super::decode(&super::part(text)), text);
        }
        assert_eq!(super::path("/a b"), "/a%20b");
        assert_eq!(super::form([("A", "1+2"), ("B", "")]), "A=1%2B2&B=");
    }
}
