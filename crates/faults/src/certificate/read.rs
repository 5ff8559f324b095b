//! Certificates as they were read: what is missing or of another kind is refused with its place.

use cofferdam_findings::depths::{
    Attack, AttackStep, Bounds, Certificate, Claim, Closed, Cover, Exit, FORMAT, KIND, Of, Sent,
};
use cofferdam_text::{Diagnostic, Node};

/// The certificate that a file holds.
///
/// # Errors
/// What is not as the format has it, with its place.
pub fn read(node: &Node) -> Result<Certificate, Diagnostic> {
    let (kind, format) = (text(node, "kind")?, number(node, "format")?);
    if kind != KIND || format.to_string() != FORMAT {
        let message = format!("this is no certificate of depths in format {FORMAT}");
        return Err(Diagnostic::error(node.origin, message));
    }
    Ok(Certificate {
        faults: texts(node, "faults")?,
        edges: text(node, "edges_sha256")?,
        datasets: each(node, "datasets", bounds)?,
    })
}

fn bounds(node: &Node) -> Result<Bounds, Diagnostic> {
    Ok(Bounds {
        dataset: text(node, "dataset")?,
        searched_to: number(node, "searched_to")?,
        claims: each(node, "claims", claim)?,
        upper: each(node, "at_most", attack)?,
        lower: each(node, "at_least", cover)?,
        unwritten: texts(node, "unwritten")?,
        at: Some(node.origin),
    })
}

fn claim(node: &Node) -> Result<Claim, Diagnostic> {
    let is_open = node.get("at_most").is_some_and(Node::is_null);
    Ok(Claim {
        of: of(node)?,
        at_least: number(node, "at_least")?,
        at_most: match is_open {
            true => None,
            false => Some(number(node, "at_most")?),
        },
        at: Some(node.origin),
    })
}

fn of(node: &Node) -> Result<Of, Diagnostic> {
    let word = text(node, "of")?;
    let known = [Of::Leak, Of::Breach].into_iter();
    let mut such = known.filter(|of| of.word() == word);
    such.next().ok_or_else(|| {
        let message = format!("`{word}` has no depth; write leak or breach");
        Diagnostic::error(node.origin, message)
    })
}

fn attack(node: &Node) -> Result<Attack, Diagnostic> {
    Ok(Attack {
        of: of(node)?,
        faults: texts(node, "faults")?,
        steps: each(node, "steps", step)?,
        exit: exit(member(node, "exit")?)?,
        defeats: texts(node, "defeats")?,
        at: Some(node.origin),
    })
}

fn step(node: &Node) -> Result<AttackStep, Diagnostic> {
    Ok(AttackStep {
        edge: text(node, "edge")?,
        by: text(node, "by")?,
        on: text(node, "on")?,
        gains: texts(node, "gains")?,
        requests: each(node, "requests", sent)?,
        at: Some(node.origin),
    })
}

fn exit(node: &Node) -> Result<Exit, Diagnostic> {
    Ok(Exit {
        reader: perhaps(node, "reader")?,
        store: text(node, "store")?,
        door: perhaps(node, "door")?,
        requests: each(node, "requests", sent)?,
        at: Some(node.origin),
    })
}

fn sent(node: &Node) -> Result<Sent, Diagnostic> {
    let context = member(node, "context")?;
    let members = context.as_object();
    let members = members.ok_or_else(|| expected(context, "an object"))?;
    let rows = members.iter().map(|member| {
        let values = strings(&member.value)?;
        Ok((member.key.to_string(), values))
    });
    Ok(Sent {
        principal: text(node, "principal")?,
        action: text(node, "action")?,
        resource: text(node, "resource")?,
        context: rows.collect::<Result<_, Diagnostic>>()?,
        through: perhaps(node, "through")?,
        at: Some(node.origin),
    })
}

fn cover(node: &Node) -> Result<Cover, Diagnostic> {
    Ok(Cover {
        of: of(node)?,
        at_least: number(node, "depth")?,
        states: each(node, "states", closed)?,
        at: Some(node.origin),
    })
}

fn closed(node: &Node) -> Result<Closed, Diagnostic> {
    Ok(Closed {
        faults: texts(node, "faults")?,
        holds: texts(node, "holds")?,
        at: Some(node.origin),
    })
}

fn expected(node: &Node, what: &str) -> Diagnostic {
    let message = format!("{what} was expected, but here is {}", node.kind());
    Diagnostic::error(node.origin, message)
}

fn member<'n>(node: &'n Node, key: &str) -> Result<&'n Node, Diagnostic> {
    let missing = || Diagnostic::error(node.origin, format!("`{key}` is missing"));
    node.get(key).ok_or_else(missing)
}

fn text(node: &Node, key: &str) -> Result<String, Diagnostic> {
    let found = member(node, key)?;
    let text = found.as_str().map(str::to_owned);
    text.ok_or_else(|| expected(found, "a text"))
}

/// A text or `null`.
fn perhaps(node: &Node, key: &str) -> Result<Option<String>, Diagnostic> {
    match member(node, key)?.is_null() {
        true => Ok(None),
        false => text(node, key).map(Some),
    }
}

fn number(node: &Node, key: &str) -> Result<u32, Diagnostic> {
    let found = member(node, key)?;
    let number = found.as_number().and_then(|number| number.parse().ok());
    number.ok_or_else(|| expected(found, "a whole number"))
}

fn strings(node: &Node) -> Result<Vec<String>, Diagnostic> {
    let items = node.as_array().ok_or_else(|| expected(node, "a list"))?;
    let texts = items.iter().map(|item| {
        let text = item.as_str().map(str::to_owned);
        text.ok_or_else(|| expected(item, "a text"))
    });
    texts.collect()
}

fn texts(node: &Node, key: &str) -> Result<Vec<String>, Diagnostic> {
    strings(member(node, key)?)
}

fn each<T>(
    node: &Node,
    key: &str,
    one: impl Fn(&Node) -> Result<T, Diagnostic>,
) -> Result<Vec<T>, Diagnostic> {
    let found = member(node, key)?;
    let items = found.as_array().ok_or_else(|| expected(found, "a list"))?;
    items.iter().map(one).collect()
}
