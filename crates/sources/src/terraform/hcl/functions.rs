//! Functions of the language, as far as they are pure and policies are written with them
//! ("Built-in Functions", Terraform documentation).

use cofferdam_text::Documents;

use super::value::Value;

/// The value of a call, or nothing if the function is not known or does not take such arguments.
pub(super) fn call(name: &str, arguments: &[Value]) -> Option<Value> {
    match (name, arguments) {
        ("jsonencode", [value]) => Some(Value::Text(value.json())),
        ("jsondecode", [Value::Text(text)]) => {
            let read = Documents::new().read_json("text", text.clone().into_bytes());
            read.ok().map(|node| Value::of(&node))
        }
        ("tostring", [value]) => value.text().map(Value::Text),
        ("tonumber", [value]) if !value.has_hole() => value.text().map(Value::Number),
        ("tobool", [value]) => Some(Value::Bool(value.text()? == "true")),
        ("toset", [value]) => set(value),
        ("tolist" | "tomap" | "sensitive" | "nonsensitive" | "trimspace" | "chomp", [value])
            if !matches!(name, "trimspace" | "chomp") =>
        {
            Some(value.clone())
        }
        ("trimspace" | "chomp", [value]) => Some(Value::Text(value.text()?.trim().to_owned())),
        ("format", [Value::Text(format), rest @ ..]) => formatted(format, rest),
        ("join", [separator, Value::List(items)]) => joined(&separator.text()?, items),
        ("split", [separator, value]) => split(&separator.text()?, value),
        ("concat", lists) => concatenated(lists),
        ("flatten", [value]) => Some(Value::List(flat(value))),
        ("distinct", [value]) => set_of(value, false),
        ("compact", [Value::List(items)]) => Some(Value::List(
            items
                .iter()
                .filter(|one| !matches!(one, Value::Null) && one.text().as_deref() != Some(""))
                .cloned()
                .collect(),
        )),
        ("merge", maps) => merged(maps),
        ("keys", [Value::Map(members)]) => Some(Value::List(
            members
                .iter()
                .map(|(key, _)| Value::Text(key.clone()))
                .collect(),
        )),
        ("values", [Value::Map(members)]) => Some(Value::List(
            members.iter().map(|(_, value)| value.clone()).collect(),
        )),
        ("length", [Value::List(items)]) => Some(Value::Number(items.len().to_string())),
        ("length", [Value::Map(members)]) => Some(Value::Number(members.len().to_string())),
        ("element", [Value::List(items), place]) => {
            let place: usize = place.text()?.parse().ok()?;
            items.get(place.checked_rem(items.len())?).cloned()
        }
        ("one", [Value::List(items)]) => match items.as_slice() {
            [] => Some(Value::Null),
            [one] => Some(one.clone()),
            _ => None,
        },
        ("lookup", [map @ Value::Map(_), key, rest @ ..]) => {
            map.get(&key.text()?).or_else(|| rest.first()).cloned()
        }
        ("contains", [Value::List(items), value]) if !value.has_hole() => {
            let held = items.contains(value);
            (held || !items.iter().any(Value::has_hole)).then_some(Value::Bool(held))
        }
        ("coalesce", values) => {
            let empty =
                |one: &&Value| !matches!(one, Value::Null) && one.text().as_deref() != Some("");
            values.iter().find(empty).cloned()
        }
        _ => of_text(name, arguments),
    }
}

/// Functions of text, which need to know all of it.
fn of_text(name: &str, arguments: &[Value]) -> Option<Value> {
    if arguments.iter().any(Value::has_hole) {
        return None;
    }
    let texts: Vec<String> = arguments.iter().map(Value::text).collect::<Option<_>>()?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let made = match (name, texts.as_slice()) {
        ("lower", [text]) => text.to_lowercase(),
        ("upper", [text]) => text.to_uppercase(),
        ("replace", [text, from, to]) if !from.starts_with('/') => text.replace(from, to),
        ("trimprefix", [text, start]) => text.strip_prefix(start).unwrap_or(text).to_owned(),
        ("trimsuffix", [text, end]) => text.strip_suffix(end).unwrap_or(text).to_owned(),
        ("trim", [text, signs]) => text.trim_matches(|sign| signs.contains(sign)).to_owned(),
        ("startswith", [text, start]) => return Some(Value::Bool(text.starts_with(start))),
        ("endswith", [text, end]) => return Some(Value::Bool(text.ends_with(end))),
        ("substr", [text, from, count]) => {
            let (from, count): (usize, usize) = (from.parse().ok()?, count.parse().ok()?);
            text.chars().skip(from).take(count).collect()
        }
        _ => return None,
    };
    Some(Value::Text(made))
}

/// `%s`, `%d` and `%v` with the arguments in their order.
fn formatted(format: &str, arguments: &[Value]) -> Option<Value> {
    let mut out = String::new();
    let mut given = arguments.iter();
    let mut signs = format.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '%' => match signs.next()? {
                '%' => out.push('%'),
                's' | 'd' | 'v' => out.push_str(&given.next()?.text()?),
                _ => return None,
            },
            sign => out.push(sign),
        }
    }
    Some(Value::Text(out))
}

fn joined(separator: &str, items: &[Value]) -> Option<Value> {
    let texts: Vec<String> = items.iter().map(Value::text).collect::<Option<_>>()?;
    Some(Value::Text(texts.join(separator)))
}

fn split(separator: &str, value: &Value) -> Option<Value> {
    if value.has_hole() || separator.is_empty() {
        return None;
    }
    let text = value.text()?;
    let parts = text
        .split(separator)
        .map(|part| Value::Text(part.to_owned()));
    Some(Value::List(parts.collect()))
}

fn concatenated(lists: &[Value]) -> Option<Value> {
    let mut all = Vec::new();
    for list in lists {
        match list {
            Value::List(items) => all.extend(items.iter().cloned()),
            _ => return None,
        }
    }
    Some(Value::List(all))
}

fn flat(value: &Value) -> Vec<Value> {
    match value {
        Value::List(items) => items.iter().flat_map(flat).collect(),
        other => vec![other.clone()],
    }
}

fn merged(maps: &[Value]) -> Option<Value> {
    let mut all: Vec<(String, Value)> = Vec::new();
    for map in maps {
        let Value::Map(members) = map else {
            return matches!(map, Value::Null).then_some(Value::map(all));
        };
        for (key, value) in members {
            all.retain(|(known, _)| known != key);
            all.push((key.clone(), value.clone()));
        }
    }
    Some(Value::map(all))
}

fn set(value: &Value) -> Option<Value> {
    set_of(value, true)
}

/// Each element once; a set is in the order of its texts.
fn set_of(value: &Value, sorted: bool) -> Option<Value> {
    let Value::List(items) = value else {
        return None;
    };
    let mut once: Vec<Value> = Vec::new();
    for item in items {
        if !once.contains(item) {
            once.push(item.clone());
        }
    }
    if sorted {
        once.sort_by_key(Value::text);
    }
    Some(Value::List(once))
}
