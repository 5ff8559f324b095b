//! One row, wherever it was written, made into an edge.
//!
//! The built-in table and a user's file have the same columns, so the words of a column are
//! understood in one place and the two cannot drift apart.

use cofferdam_names::ActionName;
use cofferdam_org::fact::Kind;

use super::{Edge, Gain, Guard, Layer, Need, On, Operand};

/// How many actions one edge may need: twice the longest bundle of the catalogue.
pub const NEEDS_MAX: usize = 8;

/// How long the sentence of an edge, or its source, may be in bytes: they are printed at each step.
pub const TEXT_BYTES_MAX: usize = 600;

/// How long any other word of an edge may be in bytes.
const WORD_BYTES_MAX: usize = 120;

/// What a row holds, column by column.
#[derive(Clone, Debug, Default)]
pub(super) struct Row<'a> {
    pub id: &'a str,
    pub on: &'a str,
    pub needs: Vec<&'a str>,
    pub guards: Vec<&'a str>,
    pub gains: Vec<&'a str>,
    pub layer: &'a str,
    pub text: &'a str,
    pub source: &'a str,
}

/// Why a row is no edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The column that is at fault.
    pub column: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl<'a> Row<'a> {
    pub fn of_line(line: &'a str) -> Row<'a> {
        let mut columns = line.split('\t');
        let mut next = || columns.next().unwrap_or("");
        Row {
            id: next(),
            on: next(),
            needs: needs(next()),
            guards: guards(next()),
            gains: gains(next()),
            layer: next(),
            text: next(),
            source: next(),
        }
    }
}

/// The needs of one column.
pub(super) fn needs(column: &str) -> Vec<&str> {
    listed(column.split(", "))
}

/// The guards of one column.
pub(super) fn guards(column: &str) -> Vec<&str> {
    listed(column.split(' '))
}

/// The gains of one column.
pub(super) fn gains(column: &str) -> Vec<&str> {
    listed(column.split('+'))
}

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let words = words.map(str::trim);
    words
        .filter(|word| !word.is_empty() && *word != "-")
        .collect()
}

/// The edge that a row states.
pub(super) fn edge(row: &Row<'_>) -> Result<Edge, Wrong> {
    let on = on(row.on)?;
    let needs = row.needs.iter().map(|word| need(word));
    let needs: Vec<Need> = needs.collect::<Result<_, _>>()?;
    if needs.len() > NEEDS_MAX {
        let message = format!(
            "{} actions, but an edge has at most {NEEDS_MAX}",
            needs.len()
        );
        return Err(wrong("needs", message));
    }
    for need in &needs {
        fits(&on, &need.operand)?;
    }
    let guards = row.guards.iter().map(|word| guard(word));
    let guards: Vec<Guard> = guards.collect::<Result<_, _>>()?;
    carried(&on, &needs, &guards)?;
    Ok(Edge {
        id: id(row.id)?,
        on,
        needs,
        guards,
        gains: all_gains(&row.gains)?,
        layer: layer(row.layer)?,
        text: sentence("text", row.text)?,
        source: sentence("source", row.source)?,
    })
}

fn wrong(column: &'static str, message: impl Into<String>) -> Wrong {
    Wrong {
        column,
        message: message.into(),
        help: None,
    }
}

fn no_such(column: &'static str, word: &str, known: impl Iterator<Item = &'static str>) -> Wrong {
    let known: Vec<&str> = known.collect();
    Wrong {
        column,
        message: format!("`{word}` is no word for `{column}`"),
        help: Some(format!("write one of {}", known.join(", "))),
    }
}

fn id(word: &str) -> Result<String, Wrong> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    if word.is_empty() || word.len() > WORD_BYTES_MAX || !word.chars().all(allowed) {
        let message = "an id holds letters, digits, `.` and `-`";
        return Err(wrong("id", message));
    }
    Ok(word.to_owned())
}

fn on(word: &str) -> Result<On, Wrong> {
    if let Some(name) = word.strip_prefix("other:") {
        return Ok(On::Other(words("on", name)?));
    }
    let known = On::PLAIN.iter().find(|(name, _)| *name == word);
    let words = On::PLAIN.iter().map(|(name, _)| *name);
    known
        .map(|(_, on)| on.clone())
        .ok_or_else(|| no_such("on", word, words.chain(["other:NAME"])))
}

fn need(word: &str) -> Result<Need, Wrong> {
    let Some((action, operand)) = word.split_once('@') else {
        let message = format!("`{word}` does not say what the action is done to");
        let help = "write `action@operand`, such as `iam:PassRole@target>lambda.amazonaws.com`";
        return Err(Wrong {
            help: Some(help.to_owned()),
            ..wrong("needs", message)
        });
    };
    let parsed = ActionName::parse(action);
    Ok(Need {
        action: parsed.map_err(|error| wrong("needs", format!("`{action}`: {error}")))?,
        operand: operand_of(operand)?,
    })
}

fn operand_of(word: &str) -> Result<Operand, Wrong> {
    if let Some(host) = word.strip_prefix("target>") {
        return Ok(Operand::Passed(words("needs", host)?));
    }
    match word {
        "target" => Ok(Operand::Target),
        "objects" => Ok(Operand::Objects),
        "self" => Ok(Operand::Itself),
        "new" => Ok(Operand::New),
        "any" => Ok(Operand::Any),
        "policy" => Ok(Operand::Policy),
        "carrier" => Ok(Operand::Carrier),
        _ => {
            let known = [
                "target", "objects", "self", "new", "any", "policy", "carrier",
            ];
            Err(no_such(
                "needs",
                word,
                known.into_iter().chain(["target>HOST"]),
            ))
        }
    }
}

/// An operand that the bound object cannot be would make an edge that never exists.
fn fits(on: &On, operand: &Operand) -> Result<(), Wrong> {
    let held = !matches!(on, On::Nothing | On::Other(_));
    let (fits, what) = match operand {
        Operand::Target => (held, "`target` needs an object that the model holds"),
        Operand::Objects => (*on == On::Bucket, "`objects` needs a bucket"),
        Operand::Passed(_) => (*on == On::Role, "only a role is passed"),
        Operand::Itself => (*on == On::Nothing, "`self` is bound to nothing else"),
        Operand::New | Operand::Any | Operand::Policy | Operand::Carrier => (true, ""),
    };
    if fits {
        Ok(())
    } else {
        Err(wrong("needs", what))
    }
}

/// What is taken over must be asked for, and only roles are carried.
fn carried(on: &On, needs: &[Need], guards: &[Guard]) -> Result<(), Wrong> {
    let by = |guard: &Guard| matches!(guard, Guard::CarriedBy(_));
    let asks = |guard: &Guard| by(guard) || matches!(guard, Guard::ThereIs(_));
    if guards.iter().any(by) && *on != On::Role {
        return Err(wrong("guard", "only a role is carried"));
    }
    let named = needs.iter().any(|need| need.operand == Operand::Carrier);
    if named && !guards.iter().any(asks) {
        let message = "`carrier` needs a guard `carried-by:KIND` or `there-is:KIND`";
        return Err(wrong("needs", message));
    }
    Ok(())
}

/// The kind that a guard asks for.
fn kind(word: &str) -> Result<Kind, Wrong> {
    let found = Guard::KINDS.iter().find(|(name, _)| *name == word);
    let known = Guard::KINDS.iter().map(|(name, _)| *name);
    found
        .map(|(_, kind)| *kind)
        .ok_or_else(|| no_such("guard", word, known))
}

fn guard(word: &str) -> Result<Guard, Wrong> {
    if let Some((name, rest)) = word.split_once(':') {
        let rest = words("guard", rest)?;
        return match name {
            "carried-by" => Ok(Guard::CarriedBy(kind(&rest)?)),
            "there-is" => Ok(Guard::ThereIs(kind(&rest)?)),
            "trusts" => Ok(Guard::Trusts(rest)),
            "delegate" => Ok(Guard::Delegate(rest)),
            "exists" => Ok(Guard::Exists(rest)),
            "declared" => Ok(Guard::Declared(rest)),
            _ => Err(no_such_guard(word)),
        };
    }
    let found = Guard::PLAIN.iter().find(|(name, _)| *name == word);
    found
        .map(|(_, guard)| guard.clone())
        .ok_or_else(|| no_such_guard(word))
}

fn no_such_guard(word: &str) -> Wrong {
    let plain = Guard::PLAIN.iter().map(|(name, _)| *name);
    let longer = [
        "trusts:HOST",
        "delegate:SERVICE",
        "exists:WHAT",
        "carried-by:KIND",
        "there-is:KIND",
        "declared:LINK",
    ];
    no_such("guard", word, plain.chain(longer))
}

fn all_gains(words: &[&str]) -> Result<Vec<Gain>, Wrong> {
    if words.is_empty() {
        return Err(wrong("gain", "an edge that gains nothing is no edge"));
    }
    let known = || Gain::ALL.iter().map(|gain| gain.word());
    let each = words.iter().map(|word| {
        let found = Gain::ALL.iter().find(|gain| gain.word() == *word);
        found.copied().ok_or_else(|| no_such("gain", word, known()))
    });
    each.collect()
}

fn layer(word: &str) -> Result<Option<Layer>, Wrong> {
    if word == "-" || word.is_empty() {
        return Ok(None);
    }
    let found = Layer::ALL.iter().find(|layer| layer.word() == word);
    let known = Layer::ALL.iter().map(|layer| layer.word());
    found
        .map(|layer| Some(*layer))
        .ok_or_else(|| no_such("layer", word, known.chain(["-"])))
}

fn words(column: &'static str, text: &str) -> Result<String, Wrong> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    if text.is_empty() || text.len() > WORD_BYTES_MAX || !text.chars().all(allowed) {
        let message = format!("`{text}`: write small letters, digits, `.` and `-`");
        return Err(wrong(column, message));
    }
    Ok(text.to_owned())
}

fn sentence(column: &'static str, text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if text.is_empty() {
        return Err(wrong(column, format!("`{column}` is missing")));
    }
    if text.len() > TEXT_BYTES_MAX {
        let message = format!(
            "`{column}` has {} bytes, at most {TEXT_BYTES_MAX}",
            text.len()
        );
        return Err(wrong(column, message));
    }
    Ok(text.to_owned())
}
