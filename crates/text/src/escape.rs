//! Undoing the two encodings that hide a text inside a string: JSON escapes and percent-encoding.
//!
//! Both are strict. A half surrogate pair or a stray percent sign replaced by something readable
//! would let a policy print as one thing and be compared as another.

/// Why an escape cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EscapeError {
    /// The text ends within the escape.
    Ends,
    /// No escape of JSON begins so.
    Unknown,
    /// `\u` without four hexadecimal digits.
    NotHex,
    /// One half of a surrogate pair alone.
    LoneSurrogate,
}

/// Decodes the JSON escape at the start of `text`, which follows the backslash: the character and
/// the number of bytes it took.
pub(crate) fn json_escape(text: &str) -> Result<(char, usize), EscapeError> {
    let letter = *text.as_bytes().first().ok_or(EscapeError::Ends)?;
    let character = match letter {
        b'"' | b'\\' | b'/' => char::from(letter),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode_escape(text),
        _ => return Err(EscapeError::Unknown),
    };
    Ok((character, 1))
}

fn unicode_escape(text: &str) -> Result<(char, usize), EscapeError> {
    let first = hex4(text, 1)?;
    if !(0xd800..0xe000).contains(&first) {
        return char::from_u32(first)
            .map(|found| (found, 5))
            .ok_or(EscapeError::LoneSurrogate);
    }
    if first >= 0xdc00 || text.get(5..7) != Some("\\u") {
        return Err(EscapeError::LoneSurrogate);
    }
    let second = hex4(text, 7)?;
    let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400);
    let low = low.ok_or(EscapeError::LoneSurrogate)?;
    let code = 0x10000 + ((first - 0xd800) << 10) + low;
    char::from_u32(code)
        .map(|found| (found, 11))
        .ok_or(EscapeError::LoneSurrogate)
}

fn hex4(text: &str, at: usize) -> Result<u32, EscapeError> {
    let digits = text.as_bytes().get(at..at + 4).ok_or(EscapeError::Ends)?;
    digits.iter().try_fold(0, |code, digit| {
        Ok(code * 16 + hex(*digit).ok_or(EscapeError::NotHex)?)
    })
}

fn hex(digit: u8) -> Option<u32> {
    char::from(digit).to_digit(16)
}

/// Decodes percent-encoded UTF-8. A plus sign stays one, as in RFC 3986.
pub(crate) fn percent_decode(text: &str) -> Result<String, &'static str> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let pair = bytes.next().and_then(hex).zip(bytes.next().and_then(hex));
        let (high, low) = pair.ok_or("a percent sign is not followed by two hexadecimal digits")?;
        decoded.push(u8::try_from(high * 16 + low).unwrap_or(u8::MAX));
    }
    String::from_utf8(decoded).map_err(|_| "it is not UTF-8 once its percent-encoding is undone")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_escape(text: &str, expected: Result<(char, usize), EscapeError>) {
        assert_eq!(json_escape(text), expected, "after a backslash: {text}");
    }

    #[test]
    fn json_escapes() {
        check_escape("n rest", Ok(('\n', 1)));
        check_escape("u00e9", Ok(('é', 5)));
        check_escape("ud83d\\ude00", Ok(('😀', 11)));
        check_escape("ud83d", Err(EscapeError::LoneSurrogate));
        check_escape("ud83d\\u0041", Err(EscapeError::LoneSurrogate));
        check_escape("ude00", Err(EscapeError::LoneSurrogate));
        check_escape("u00g1", Err(EscapeError::NotHex));
        check_escape("u00", Err(EscapeError::Ends));
        check_escape("uéé", Err(EscapeError::NotHex));
        check_escape("x41", Err(EscapeError::Unknown));
        check_escape("", Err(EscapeError::Ends));
    }

    #[test]
    fn percent_encoding() {
        assert_eq!(
            percent_decode("%7B%22a+b%22%C3%A9"),
            Ok("{\"a+b\"é".to_owned())
        );
        assert!(percent_decode("100%").is_err());
        assert!(percent_decode("%zz").is_err());
        assert!(percent_decode("%ff").is_err());
    }
}
