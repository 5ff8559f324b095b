//! `cofferdam facts`: the dated facts about AWS that verdicts rest on.

use clap::Args;
use cofferdam_catalog as catalog;
use serde_json::{Value, json};

use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// List the dated facts about AWS that verdicts rest on, or what is known of one action or key
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Facts {
    /// An action such as `s3:GetObject`, or a condition key such as `aws:SourceVpce`
    name: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam facts
  cofferdam facts dynamodb:Query
  cofferdam facts aws:PrincipalOrgID --format json";

/// Prints tables, or one fact.
pub fn run(args: &Facts, terminal: &Terminal) -> Result<Exit, Failure> {
    let fields = match &args.name {
        None => return tables(terminal),
        Some(name) => action(name)
            .or_else(|| key(name))
            .ok_or_else(|| not_known(name))?,
    };
    let text = match terminal.format {
        Format::Json => format!("{:#}\n", Value::Object(fields.into_iter().collect())),
        Format::Text => fields
            .iter()
            .map(|(name, value)| line(name, value))
            .collect(),
    };
    terminal.answer(&text)?;
    Ok(Exit::Fine)
}

fn not_known(name: &str) -> Failure {
    Failure::usage(
        format!("nothing is known of `{name}`"),
        "write an action as `service:Action` or a condition key as `service:key`",
    )
}

fn tables(terminal: &Terminal) -> Result<Exit, Failure> {
    let tables = catalog::tables();
    let text = match terminal.format {
        Format::Json => {
            let rows = tables.iter().map(|table| {
                json!({"name": table.name, "as_of": table.as_of, "rows": table.rows,
                    "source": table.source, "regenerate": table.regenerate})
            });
            format!(
                "{:#}\n",
                json!({"as_of": catalog::as_of(), "tables": rows.collect::<Vec<_>>()})
            )
        }
        Format::Text => tables
            .iter()
            .map(|table| {
                format!(
                    "{:<20} {}  {:>6} rows  {}\n",
                    table.name, table.as_of, table.rows, table.source
                )
            })
            .collect(),
    };
    terminal.answer(&text)?;
    Ok(Exit::Fine)
}

type Fields = Vec<(String, Value)>;

fn action(name: &str) -> Option<Fields> {
    let (service, action) = name.split_once(':')?;
    let found = catalog::action(service, action)?;
    let mut fields = vec![
        (
            "action".into(),
            json!(format!("{}:{}", found.service(), found.name())),
        ),
        ("access".into(), json!(found.access().word())),
        ("condition_keys".into(), json!(found.condition_keys())),
        (
            "covered_by_rcp".into(),
            json!(catalog::rcp_covers(service, action)),
        ),
    ];
    if let Some(data) = catalog::data_action(service, action) {
        let classes: Vec<&str> = data.classes().map(|class| class.word()).collect();
        fields.push(("data_classes".into(), json!(classes)));
        fields.push((
            "key_use".into(),
            json!(data.kms_actions().collect::<Vec<_>>()),
        ));
        fields.push(("key_checked_against".into(), json!(data.key_check().word())));
    }
    Some(fields)
}

fn key(name: &str) -> Option<Fields> {
    let found = catalog::key(name)?;
    Some(vec![
        ("key".into(), json!(found.name)),
        ("type".into(), json!(found.kind.word())),
        ("several_values".into(), json!(found.multivalued)),
        ("set_by".into(), json!(found.origin.word())),
        ("present".into(), json!(found.presence.word())),
        ("note".into(), json!(found.note)),
    ])
}

fn line(name: &str, value: &Value) -> String {
    let text = match value {
        Value::Array(items) => items
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(", "),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    format!("{:<20} {text}\n", name.replace('_', " "))
}
