//! Which value a plain YAML scalar is, by the core schema of YAML 1.2.
//!
//! By that schema `2012-10-17`, `yes` and `on` are strings, as AWS means them; the older rules
//! would turn a policy's version into a date. Source: "YAML Ain't Markup Language version 1.2",
//! section 10.3 "Core Schema".

use crate::node::Value;

/// The value of a scalar that was written without quotes and tag.
pub(crate) fn core_value(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        number if is_core_number(number) => Value::Number(number.into()),
        string => Value::String(string.into()),
    }
}

/// Whether JSON would take `text` as a number.
pub(crate) fn is_json_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (integer, rest) = split_digits(unsigned);
    let canonical = integer == "0" || (!integer.is_empty() && !integer.starts_with('0'));
    let rest = match rest.strip_prefix('.').map(split_digits) {
        Some(("", _)) => return false,
        Some((_, rest)) => rest,
        None => rest,
    };
    canonical && is_exponent(rest)
}

fn is_core_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    is_radix(text, "0x", 16)
        || is_radix(text, "0o", 8)
        || is_decimal(unsigned)
        || matches!(unsigned, ".inf" | ".Inf" | ".INF")
        || matches!(text, ".nan" | ".NaN" | ".NAN")
}

fn is_radix(text: &str, prefix: &str, radix: u32) -> bool {
    let digits = text.strip_prefix(prefix).unwrap_or_default();
    !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix))
}

fn is_decimal(text: &str) -> bool {
    let (integer, rest) = split_digits(text);
    let (fraction, rest) = rest.strip_prefix('.').map_or(("", rest), split_digits);
    !(integer.is_empty() && fraction.is_empty()) && is_exponent(rest)
}

fn is_exponent(text: &str) -> bool {
    let Some(power) = text.strip_prefix(['e', 'E']) else {
        return text.is_empty();
    };
    let digits = power.strip_prefix(['-', '+']).unwrap_or(power);
    !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())
}

fn split_digits(text: &str) -> (&str, &str) {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, kind: &str) {
        let found = match core_value(text) {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            _ => "string",
        };
        assert_eq!(found, kind, "plain scalar {text}");
    }

    #[test]
    fn core_schema_of_yaml_1_2() {
        for text in ["", "~", "null", "NULL"] {
            check(text, "null");
        }
        for text in ["true", "False", "TRUE"] {
            check(text, "bool");
        }
        for text in [
            "0",
            "-1",
            "+12",
            "012345678901",
            "1.",
            ".5",
            "1e3",
            "0x1F",
            "0o17",
            "-.inf",
            ".nan",
        ] {
            check(text, "number");
        }
        for text in [
            "2012-10-17",
            "yes",
            "off",
            "1.2.3",
            "0x",
            "1e",
            ".",
            "+",
            "-",
            "1_000",
            "12:30",
            "0b1",
        ] {
            check(text, "string");
        }
    }

    #[test]
    fn json_numbers() {
        for text in ["0", "-0", "10", "1.50", "1e9", "-1.5E-3"] {
            assert!(is_json_number(text), "{text}");
        }
        for text in ["", "-", "01", "+1", ".5", "1.", "1e", "0x1", "1 "] {
            assert!(!is_json_number(text), "{text}");
        }
    }
}
