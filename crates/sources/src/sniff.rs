//! The first keys of a JSON text, without reading the rest.
//!
//! A source may be larger than memory and need not be well-formed, so its kind is told from how it
//! begins. Strings and brackets are enough for that.

/// Bytes of a text that are looked at. Config writes two short members before its items, Terraform's
/// and CloudFormation's first keys come as early.
pub(crate) const BYTES: u64 = 64 * 1024;

/// The keys at the beginning of a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    /// Keys of the outermost object; of the elements where the text is an array.
    pub outer: Vec<String>,
    /// Keys one level below.
    pub inner: Vec<String>,
}

impl Keys {
    /// Whether the outermost object has the key.
    pub fn has(&self, key: &str) -> bool {
        self.outer.iter().any(|found| found == key)
    }

    /// Whether the outermost object or one directly in it has the key.
    pub fn has_inside(&self, key: &str) -> bool {
        self.has(key) || self.inner.iter().any(|found| found == key)
    }
}

/// Finds the keys of the outermost objects and of those directly in them.
pub(crate) fn keys(text: &[u8]) -> Keys {
    let mut keys = Keys::default();
    let (mut depth, mut string, mut word) = (0_usize, None, "");
    let array = text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let mut bytes = text.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match (string, byte) {
            (Some(_), b'\\') => drop(bytes.next()),
            (Some(start), b'"') => {
                let inside = text.get(start..at).unwrap_or_default();
                word = std::str::from_utf8(inside).unwrap_or_default();
                string = None;
            }
            (Some(_), _) => {}
            (None, b'"') => string = Some(at + 1),
            (None, b'{' | b'[') => depth += 1,
            (None, b'}' | b']') => depth = depth.saturating_sub(1),
            (None, b':') => match depth.saturating_sub(usize::from(array)) {
                1 => keys.outer.push(word.to_owned()),
                2 => keys.inner.push(word.to_owned()),
                _ => {}
            },
            (None, _) => {}
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_two_levels_up_to_the_cut() {
        let found = keys(br#"{"a": {"b\"": {"c": 1}}, "d": "x:{", "e": ["f", {"g": 1}], "h"#);
        assert_eq!(found.outer, ["a", "d", "e"]);
        assert_eq!(found.inner, ["b\\\""]);
        assert!(!found.has("c") && found.has_inside("d"));
    }

    #[test]
    fn elements_of_an_array_count_as_outermost() {
        assert_eq!(keys(br#" [{"a": 1}, {"b": {"c": 2}}]"#).outer, ["a", "b"]);
    }
}
