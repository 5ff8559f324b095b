//! `cofferdam facts`: the dated facts about AWS that verdicts rest on.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use cofferdam_boundary::file::Date;
use cofferdam_catalog as catalog;
use serde_json::{Value, json};

use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// List the dated facts about AWS that verdicts rest on, or what is known of one thing
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Facts {
    /// An action such as `s3:GetObject`, a condition key such as `aws:SourceVpce`, the ARN of an AWS
    /// managed policy, a service such as `kms`, a service principal, or a quota such as `scp.size`
    name: Option<String>,
    /// The day by which the age of tables is counted; by default today
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam facts
  cofferdam facts dynamodb:Query
  cofferdam facts aws:PrincipalOrgID --format json
  cofferdam facts arn:aws:iam::aws:policy/ReadOnlyAccess";

/// Prints tables, or one fact.
pub fn run(args: &Facts, terminal: &Terminal) -> Result<Exit, Failure> {
    let Some(name) = &args.name else {
        return tables(args.as_of, terminal);
    };
    let kinds = [
        action,
        key,
        managed_policy,
        service_principal,
        service,
        quota,
    ];
    let mut found = kinds.iter().filter_map(|kind| kind(name));
    let fields = found.next().ok_or_else(|| not_known(name))?;
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
        "write an action as `service:Action`, a condition key as `service:key`, or the ARN of an AWS managed policy",
    )
}

fn tables(as_of: Option<Date>, terminal: &Terminal) -> Result<Exit, Failure> {
    let today = as_of.map(days_of).or_else(today);
    let tables = catalog::tables();
    let text = match terminal.format {
        Format::Json => {
            let rows = tables.iter().map(|table| {
                json!({"name": table.name, "as_of": table.as_of, "age_days": age(table.as_of, today),
                    "rows": table.rows, "source": table.source, "regenerate": table.regenerate})
            });
            format!(
                "{:#}\n",
                json!({"as_of": catalog::as_of(), "tables": rows.collect::<Vec<_>>()})
            )
        }
        Format::Text => tables.iter().map(|table| row(table, today)).collect(),
    };
    terminal.answer(&text)?;
    Ok(Exit::Fine)
}

fn row(table: &catalog::Table, today: Option<i64>) -> String {
    let age = match age(table.as_of, today) {
        Some(1) => "1 day old".to_owned(),
        Some(days) => format!("{days} days old"),
        None => String::new(),
    };
    format!(
        "{:<20} {} {age:>13} {:>6} rows  {}\n",
        table.name, table.as_of, table.rows, table.source
    )
}

/// Days since the facts held; `None` where that day is still to come.
fn age(as_of: &str, today: Option<i64>) -> Option<i64> {
    let days = today? - days_of(as_of.parse().ok()?);
    (days >= 0).then_some(days)
}

const SECONDS_A_DAY: u64 = 86_400;

fn today() -> Option<i64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs() / SECONDS_A_DAY).ok()
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, counted in years that begin with March.
fn days_of(date: Date) -> i64 {
    let (month, day) = (i64::from(date.month), i64::from(date.day));
    let year = i64::from(date.year) - i64::from(month < 3);
    let since_march = (month + 9) % 12;
    let in_year = (153 * since_march + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + in_year
        - 719_468
}

type Fields = Vec<(String, Value)>;

fn fields<const N: usize>(list: [(&str, Value); N]) -> Fields {
    list.into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn action(name: &str) -> Option<Fields> {
    let (service, action) = name.split_once(':')?;
    let found = catalog::action(service, action)?;
    let mut all = fields([
        (
            "action",
            json!(format!("{}:{}", found.service(), found.name())),
        ),
        ("access", json!(found.access().word())),
        ("condition_keys", json!(found.condition_keys())),
        (
            "covered_by_rcp",
            json!(catalog::rcp_covers(service, action)),
        ),
    ]);
    if let Some(data) = catalog::data_action(service, action) {
        let classes: Vec<&str> = data.classes().map(|class| class.word()).collect();
        all.extend(fields([
            ("data_classes", json!(classes)),
            ("key_use", json!(data.kms_actions().collect::<Vec<_>>())),
            ("key_checked_against", json!(data.key_check().word())),
        ]));
    }
    if let Some(command) = catalog::command(service, action) {
        all.extend(fields([("command", json!(format!("aws {command}")))]));
    }
    Some(all)
}

fn key(name: &str) -> Option<Fields> {
    let found = catalog::key(name)?;
    Some(fields([
        ("key", json!(found.name)),
        ("type", json!(found.kind.word())),
        ("several_values", json!(found.multivalued)),
        ("set_by", json!(found.origin.word())),
        ("present", json!(found.presence.word())),
        ("note", json!(found.note)),
    ]))
}

fn managed_policy(arn: &str) -> Option<Fields> {
    let found = catalog::managed_policy(arn)?;
    Some(fields([
        ("managed_policy", json!(arn)),
        ("version", json!(found.version)),
        ("updated", json!(found.updated)),
        ("as_of", json!(catalog::table("managed_policies")?.as_of)),
        ("document", json!(found.document())),
    ]))
}

fn service_principal(name: &str) -> Option<Fields> {
    let found = catalog::service_principal(name)?;
    Some(fields([
        ("service_principal", json!(found.name)),
        ("service", json!(found.service)),
        ("sends_source", json!(found.sends_source)),
        ("note", json!(found.note)),
    ]))
}

fn service(prefix: &str) -> Option<Fields> {
    let name = catalog::service_name(prefix)?;
    let sends = catalog::ENDPOINT_OWNER;
    let sends = sends
        .iter()
        .filter(|key| catalog::sends_endpoint_key(key, prefix));
    let mut all = fields([
        ("service", json!(prefix)),
        ("name", json!(name)),
        ("actions", json!(catalog::actions_of(prefix).count())),
        (
            "covered_by_rcp",
            json!(catalog::rcp_services().any(|covered| covered == prefix)),
        ),
        ("endpoint_keys", json!(sends.collect::<Vec<_>>())),
    ]);
    if let Some(policy) = catalog::resource_policy(prefix) {
        let size =
            catalog::quota(policy.size).map(|quota| format!("{} {}", quota.default, quota.unit));
        all.extend(fields([
            ("resource_policy", json!(policy.name)),
            ("resource_policy_size", json!(size)),
        ]));
    }
    Some(all)
}

fn quota(name: &str) -> Option<Fields> {
    let found = catalog::quota(name)?;
    Some(fields([
        ("quota", json!(found.name)),
        ("default", json!(found.default)),
        ("unit", json!(found.unit)),
        ("raised_to", json!(found.raised_to)),
        ("note", json!(found.note)),
    ]))
}

fn line(name: &str, value: &Value) -> String {
    let text = match value {
        Value::Array(items) => items
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(", "),
        Value::String(text) if text.contains('\n') => format!("\n{}", text.trim_end()),
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    };
    format!("{:<21} {text}\n", name.replace('_', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_counted_over_leap_years() {
        for (from, to, days) in [
            ("1970-01-01", "1970-01-02", Some(1)),
            ("2024-02-28", "2024-03-01", Some(2)),
            ("2023-02-28", "2023-03-01", Some(1)),
            ("2026-09-26", "2026-11-22", Some(57)),
            ("2026-11-23", "2026-11-22", None),
        ] {
            let today = days_of(to.parse().unwrap());
            assert_eq!(age(from, Some(today)), days, "{from} to {to}");
        }
        assert_eq!(days_of("1970-01-01".parse().unwrap()), 0);
    }
}
