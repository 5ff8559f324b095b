//! The resource of a call: what its parameters say, what the record lists, or `*`.
//!
//! The forms of ARNs are those of the service authorization reference. Most of their variables are
//! called like a parameter (`${TableName}`, `tableName`); a table of the catalogue says the rest.

use cofferdam_catalog::{EventResource, action, event_resources, resource_type_arn};
use cofferdam_names::{ActionName, Arn};

use super::value::Value;
use super::who::partition;

/// The ways in which the calls of one name say their resource, worked out once.
#[derive(Clone, Debug)]
pub struct Ways {
    service: String,
    /// The action takes no resource.
    none: bool,
    /// Forms of the ARNs that the action takes; empty if the call is no action by itself.
    forms: Vec<Form>,
    /// The ways of the table.
    stated: Vec<EventResource>,
}

/// A form of ARN.
#[derive(Clone, Debug)]
struct Form {
    template: &'static str,
    /// Its variables that parameters give, and the names of those.
    variables: Vec<(&'static str, String)>,
}

/// Variables that do not come from parameters.
const OF_PLACE: [&str; 3] = ["Partition", "Region", "Account"];

impl Ways {
    /// Of a call by its name.
    pub fn of(name: &ActionName) -> Ways {
        let known = action(name.service(), name.name());
        let types = known.iter().flat_map(|action| action.resource_types());
        let templates = types.filter_map(|used| resource_type_arn(name.service(), used.name));
        let mut forms: Vec<Form> = templates.map(form).collect();
        forms.sort_by_key(|form| std::cmp::Reverse(form.variables.len()));
        Ways {
            service: whose_arns(name).to_owned(),
            none: known.is_some() && forms.is_empty(),
            forms,
            stated: event_resources(name.service()),
        }
    }

    /// The resource of one call; `None` if the record does not say.
    pub fn resource(&self, record: &Value<'_>) -> Option<String> {
        if self.none {
            return Some("*".to_owned());
        }
        let place = Place::of(record);
        self.by_table(record, &place)
            .or_else(|| self.listed(record))
            .or_else(|| self.by_arn(record))
            .or_else(|| self.by_form(record, &place))
    }

    fn by_table(&self, record: &Value<'_>, place: &Place<'_>) -> Option<String> {
        let made = self
            .stated
            .iter()
            .filter_map(|way| stated(way, record, place));
        made.into_iter().find(|arn| self.fits(arn))
    }

    /// What the record lists; of an object and its bucket the longer.
    fn listed(&self, record: &Value<'_>) -> Option<String> {
        let listed = record
            .get("resources")
            .map(Value::items)
            .unwrap_or_default();
        let arns = listed
            .iter()
            .filter_map(|one| one.text_at("ARN").or_else(|| one.text_at("arn")));
        let own = arns.filter(|arn| Arn::parse(arn).is_ok_and(|arn| arn.service() == self.service));
        let fitting = own.filter(|arn| self.fits(arn));
        fitting.max_by_key(|arn| arn.len()).map(str::to_owned)
    }

    /// A parameter that is an ARN of a form that the action takes.
    fn by_arn(&self, record: &Value<'_>) -> Option<String> {
        let parameters = record.get("requestParameters")?.members();
        let texts = parameters.iter().filter_map(|(_, value)| value.text());
        let mut arns = texts.filter(|text| text.starts_with("arn:"));
        arns.find(|arn| !self.forms.is_empty() && self.fits(arn))
            .map(str::to_owned)
    }

    fn by_form(&self, record: &Value<'_>, place: &Place<'_>) -> Option<String> {
        self.forms.iter().find_map(|form| {
            if form.variables.is_empty() {
                return None;
            }
            let mut arn = form.template.to_owned();
            for (variable, parameter) in &form.variables {
                let value = record.get("requestParameters")?.text_at(parameter)?;
                arn = arn.replace(&format!("${{{variable}}}"), value);
            }
            place.put(arn)
        })
    }

    /// Whether an ARN is one that the action may be about.
    fn fits(&self, arn: &str) -> bool {
        let Ok(arn) = Arn::parse(arn) else {
            return false;
        };
        let like = |form: &Form| {
            let mut parts = form.template.splitn(6, ':');
            let service = parts.nth(2).unwrap_or_default();
            let resource = parts.nth(2).unwrap_or_default();
            service == arn.service() && holds_in_order(arn.resource(), resource)
        };
        self.forms.is_empty() || self.forms.iter().any(like)
    }
}

/// Whether a text begins like a template and holds what stands between its variables, in order.
fn holds_in_order(text: &str, template: &str) -> bool {
    let mut fixed = template
        .split("${")
        .map(|piece| piece.split_once('}').map_or(piece, |(_, after)| after));
    let Some(mut rest) = text.strip_prefix(fixed.next().unwrap_or_default()) else {
        return false;
    };
    fixed.all(|piece| {
        let found = rest.split_once(piece);
        rest = found.map_or(rest, |(_, after)| after);
        found.is_some()
    })
}

/// Whose ARNs an action is about: a role's session is asked of STS and named by IAM.
fn whose_arns(name: &ActionName) -> &str {
    match name.service() {
        "sts" => "iam",
        service => service,
    }
}

fn form(template: &'static str) -> Form {
    let names = template.split("${").skip(1);
    let names = names.filter_map(|rest| Some(rest.split_once('}')?.0));
    let variables = names.filter(|name| !OF_PLACE.contains(name));
    Form {
        template,
        variables: variables
            .map(|name| (name, parameter(name.trim_end_matches("WithPath"))))
            .collect(),
    }
}

/// `TableName` as CloudTrail writes it: `tableName`.
fn parameter(variable: &str) -> String {
    let mut letters = variable.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn stated(way: &EventResource, record: &Value<'_>, place: &Place<'_>) -> Option<String> {
    let parameters = record.get("requestParameters")?;
    let mut arn = way.resource.to_owned();
    for (number, name) in way.parameters.iter().enumerate() {
        let value = parameters.text_at(name)?;
        if Arn::parse(value).is_ok() {
            return Some(whole(value, parameters));
        }
        if value.starts_with(ALIAS) {
            return None;
        }
        if arn.contains(QUEUE) {
            return queue(&arn, value, place);
        }
        arn = arn.replace(&format!("${{{}}}", number + 1), value);
    }
    place.put(arn)
}

/// An ARN in place of a name; of an access point in place of a bucket's name, with the object
/// ("Policy resources for Amazon S3").
fn whole(arn: &str, parameters: &Value<'_>) -> String {
    let is_point = Arn::parse(arn).is_ok_and(|arn| arn.resource().starts_with("accesspoint/"));
    match parameters.text_at("key").filter(|_| is_point) {
        Some(key) => format!("{arn}/object/{key}"),
        None => arn.to_owned(),
    }
}

/// An alias stands for a key that the record lists, if at all.
const ALIAS: &str = "alias/";

/// Stands for the account and the name in a queue's URL.
const QUEUE: &str = "${queue}";

/// `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`.
fn queue(template: &str, url: &str, place: &Place<'_>) -> Option<String> {
    let mut parts = url.rsplit('/');
    let (name, account) = (parts.next()?, parts.next()?);
    let own = Place {
        account: Some(account),
        ..*place
    };
    own.put(template.replace(QUEUE, name))
}

/// Where a call was made.
#[derive(Clone, Copy)]
struct Place<'r> {
    partition: &'static str,
    region: Option<&'r str>,
    account: Option<&'r str>,
}

impl<'r> Place<'r> {
    fn of(record: &'r Value<'_>) -> Place<'r> {
        let recipient = record.text_at("recipientAccountId");
        Place {
            partition: partition(record),
            region: record.text_at("awsRegion"),
            account: recipient.or_else(|| record.text_at("userIdentity.accountId")),
        }
    }

    /// Fills the place in; an ARN of which a part is not told is none.
    fn put(&self, template: String) -> Option<String> {
        let mut arn = template.replace("${Partition}", self.partition);
        for (name, value) in [("${Region}", self.region), ("${Account}", self.account)] {
            if arn.contains(name) {
                arn = arn.replace(name, value?);
            }
        }
        (!arn.contains("${") && Arn::parse(&arn).is_ok()).then_some(arn)
    }
}
