//! Changes to JSON that leave it JSON, since most changed bytes are refused before they reach
//! anything of interest: values are moved, doubled, dropped and renamed, and strings are made of
//! the words that policies are made of.

use libfuzzer_sys::fuzzer_mutate;
use serde_json::{Map, Value};

const DICTIONARY: &str = include_str!("../dictionary.txt");

/// The most changes at once.
const CHANGES_MAX: usize = 4;

/// Changes the tree of the input, or its bytes if it is no JSON and now and then in any case.
/// Answers the new length.
pub fn mutate(bytes: &mut [u8], length: usize, limit: usize, seed: u32) -> usize {
    let mut random = Random(u64::from(seed));
    let input = bytes.get(..length).unwrap_or_default();
    let tree = serde_json::from_slice::<Value>(input).ok();
    let Some(mut tree) = tree.filter(|_| random.below(4) != 0) else {
        return fuzzer_mutate(bytes, length, limit);
    };
    for _ in 0..=random.below(CHANGES_MAX) {
        change(&mut tree, &mut random);
    }
    let changed = tree.to_string();
    match bytes.get_mut(..changed.len()) {
        Some(place) if changed.len() <= limit => {
            place.copy_from_slice(changed.as_bytes());
            changed.len()
        }
        _ => fuzzer_mutate(bytes, length, limit),
    }
}

fn change(tree: &mut Value, random: &mut Random) {
    let count = size(tree);
    let other = nth(tree, &mut random.below(count)).map(|other| other.clone());
    let Some(place) = nth(tree, &mut random.below(count)) else {
        return;
    };
    match (random.below(8), other) {
        (0, Some(other)) => *place = other,
        (1, _) => *place = Value::Array(vec![place.take()]),
        (2, _) => *place = scalar(random),
        (_, other) => inside(place, other.unwrap_or_default(), random),
    }
}

/// Changes one value by its own kind.
fn inside(place: &mut Value, other: Value, random: &mut Random) {
    match place {
        Value::String(text) => *text = respelled(text, random),
        Value::Array(list) => {
            let at = random.below(list.len() + 1);
            match random.below(3) {
                0 if at < list.len() => drop(list.remove(at)),
                1 => list.insert(at, other),
                _ => list.insert(at, scalar(random)),
            }
        }
        Value::Object(members) => member(members, other, random),
        _ => *place = scalar(random),
    }
}

fn member(members: &mut Map<String, Value>, other: Value, random: &mut Random) {
    let keys: Vec<String> = members.keys().cloned().collect();
    let key = keys.get(random.below(keys.len() + 1));
    match (random.below(3), key) {
        (0, Some(key)) => drop(members.remove(key)),
        (1, Some(key)) => {
            let value = members.remove(key).unwrap_or_default();
            members.insert(respelled(key, random), value);
        }
        _ => drop(members.insert(word(random).to_owned(), other)),
    }
}

fn respelled(text: &str, random: &mut Random) -> String {
    let characters: Vec<char> = text.chars().collect();
    let (before, after) = characters.split_at(random.below(characters.len() + 1));
    let (before, after): (String, String) = (before.iter().collect(), after.iter().collect());
    match random.below(6) {
        0 => word(random).to_owned(),
        1 => format!("{before}{}{after}", word(random)),
        2 => format!("{before}*{after}"),
        3 => format!("{before}?{after}"),
        4 => format!("{before}{}", after.chars().skip(1).collect::<String>()),
        _ => before,
    }
}

fn scalar(random: &mut Random) -> Value {
    match random.below(8) {
        0 => Value::Null,
        1 => Value::Bool(random.below(2) == 0),
        2 => Value::from(random.below(1000)),
        3 => Value::Array(Vec::new()),
        4 => Value::Object(Map::new()),
        _ => Value::from(word(random)),
    }
}

/// A word of the dictionary that holds no quotes, which belong to the bytes and not to a value.
fn word(random: &mut Random) -> &'static str {
    let words = || {
        let quoted = DICTIONARY.lines().filter(|line| !line.contains('\\'));
        quoted.filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'))
    };
    words()
        .nth(random.below(words().count()))
        .unwrap_or_default()
}

fn size(tree: &Value) -> usize {
    1 + match tree {
        Value::Array(list) => list.iter().map(size).sum(),
        Value::Object(members) => members.values().map(size).sum(),
        _ => 0,
    }
}

/// The value at that position, counted from the root downwards.
fn nth<'v>(tree: &'v mut Value, position: &mut usize) -> Option<&'v mut Value> {
    if *position == 0 {
        return Some(tree);
    }
    *position -= 1;
    match tree {
        Value::Array(list) => list.iter_mut().find_map(|each| nth(each, position)),
        Value::Object(members) => members.values_mut().find_map(|each| nth(each, position)),
        _ => None,
    }
}

/// SplitMix64, by Steele, Lea and Flood: the same changes for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let count = u64::try_from(count.max(1)).unwrap_or(1);
        usize::try_from((mixed ^ (mixed >> 31)) % count).unwrap_or_default()
    }
}
