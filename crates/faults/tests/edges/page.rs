//! The page that shows the catalogue to people says what the table says.
//!
//! The page is written from the table, so that nobody has to keep two lists of 620 rows alike.

use std::fmt::Write;
use std::path::Path;

use cofferdam_faults::catalogue::{Edge, Guard, Need, On, Operand, as_of, edges};
use cofferdam_org::fact::Kind;

const MARK: &str = "<!-- what follows is written from crates/faults/data/edges.tsv -->";

const GROUPS: [(char, &str); 6] = [
    ('A', "Becoming a principal"),
    ('B', "The organization layer"),
    ('C', "The resource layer, and copies past it"),
    ('D', "The network layer"),
    ('E', "The encryption layer"),
    ('F', "The audit layer"),
];

fn on(edge: &Edge) -> String {
    match &edge.on {
        On::Other(name) => format!("other: {}", name.replace('-', " ")),
        on => {
            let known = On::PLAIN.iter().find(|(_, plain)| plain == on);
            known.map_or("", |(word, _)| word).to_owned()
        }
    }
}

fn need(need: &Need) -> String {
    let operand = match &need.operand {
        Operand::Target => "",
        Operand::Objects => " on objects",
        Operand::Itself => " on itself",
        Operand::New => " on something new",
        Operand::Any => " on any",
        Operand::Policy => " on a policy",
        Operand::Carrier => " on it",
        Operand::Passed(host) => return format!("`{}` to `{host}`", need.action),
    };
    format!("`{}`{operand}", need.action)
}

fn guard(guard: &Guard) -> String {
    let kind = |kind: &Kind| {
        let found = Guard::KINDS.iter().find(|(_, known)| known == kind);
        found.map_or("", |(word, _)| word).replace('-', " ")
    };
    let plain = Guard::PLAIN.iter().find(|(_, plain)| plain == guard);
    match (guard, plain) {
        (Guard::Trusts(host), _) => format!("trusts `{host}`"),
        (Guard::Delegate(service), _) => format!("delegate of `{service}`"),
        (Guard::CarriedBy(what), _) => format!("carried by: {}", kind(what)),
        (Guard::ThereIs(what), _) => format!("there is: {}", kind(what)),
        (Guard::Exists(what), _) => format!("exists: {}", what.replace('-', " ")),
        (Guard::Declared(link), _) => format!("declared: {}", link.replace('-', " ")),
        (_, found) => found.map_or("", |(word, _)| word).replace('-', " "),
    }
}

fn row(edge: &Edge) -> String {
    let list = |words: Vec<String>, between: &str| match words.is_empty() {
        true => "-".to_owned(),
        false => words.join(between),
    };
    let needs = list(edge.needs.iter().map(need).collect(), ", ");
    let guards = list(edge.guards.iter().map(guard).collect(), "; ");
    let gains: Vec<&str> = edge.gains.iter().map(|gain| gain.word()).collect();
    let layer = edge.layer.map_or("-", |layer| layer.word());
    format!(
        "| {} | {} | {needs} | {guards} | {} | {layer} | {} | {} |",
        edge.id,
        on(edge),
        gains.join(", "),
        edge.text,
        edge.source,
    )
}

fn page() -> String {
    let mut page = format!("{MARK}\n\nAs of {}: {} edges.\n", as_of(), edges().len());
    for (group, title) in GROUPS {
        let of_group = edges().iter().filter(|edge| edge.id.starts_with(group));
        let rows: Vec<String> = of_group.map(row).collect();
        let _ = write!(
            page,
            "\n### {group}: {title}\n\n\
             | id | on | needs | guards | gains | layer | what is done | AWS pages |\n\
             |---|---|---|---|---|---|---|---|\n{}\n",
            rows.join("\n")
        );
    }
    page
}

#[test]
fn the_page_says_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/edges.md");
    let text = std::fs::read_to_string(&path).expect("docs/edges.md");
    let (head, shown) = text.split_at(text.find(MARK).expect("the mark of docs/edges.md"));
    let expected = page();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, format!("{head}{expected}")).expect("docs/edges.md is written");
    } else {
        let differ = expected
            .lines()
            .zip(shown.lines())
            .find(|(is, was)| is != was);
        assert!(
            shown == expected,
            "UPDATE_EXPECT=1 writes docs/edges.md anew; the first line that differs: {differ:?}"
        );
    }
}
