//! From a call to the requests that it needs allowed.

use cofferdam_catalog::{Need, needs};
use cofferdam_names::{AccountId, ActionName, Arn};

use super::Call;

/// One request of a call, not yet looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The action.
    pub action: ActionName,
    /// An ARN, `*`, or nothing where nobody said.
    pub resource: Option<String>,
    /// What it is in the call.
    pub what: String,
}

/// What a call comes to.
#[derive(Debug, Default)]
pub struct Needed {
    /// The requests, the caller's own first.
    pub requests: Vec<Wanted>,
    /// What the call needs only in some cases, of which nobody said whether they are given.
    pub notes: Vec<String>,
}

/// The requests of a call, its own first.
pub fn needed(call: &Call, account: Option<AccountId>) -> Needed {
    let mut needed = Needed::default();
    let rows: Vec<Need> = needs(call.name.service(), call.name.name()).collect();
    let (own, further): (Vec<&Need>, Vec<&Need>) =
        rows.iter().partition(|need| need.parameter.is_none());
    for need in own.into_iter().chain(further) {
        add(&mut needed, call, account, need);
    }
    if needed.requests.is_empty() {
        needed.requests.push(Wanted {
            action: call.name.clone(),
            resource: call.resource.clone(),
            what: "the caller's request".to_owned(),
        });
    }
    needed
}

/// How the table says that a permission is needed in every case.
const ALWAYS: &str = "always";

fn add(needed: &mut Needed, call: &Call, account: Option<AccountId>, need: &Need) {
    let Ok(action) = ActionName::parse(need.action) else {
        return;
    };
    let mut push = |value: Option<&str>| {
        let what = match need.when {
            ALWAYS => format!("needed for {}", call.name),
            when => format!("also needed, because {when}"),
        };
        needed.requests.push(Wanted {
            action: action.clone(),
            resource: filled(need.resource, call, account, value),
            what,
        });
    };
    let Some(parameter) = need.parameter else {
        return push(None);
    };
    match call.parameters.get(parameter) {
        Some(values) if need.resource.contains("${Value}") => {
            values.iter().for_each(|value| push(Some(value)));
        }
        Some(_) => push(None),
        None if call.parameters.is_empty() => needed.notes.push(format!(
            "it also needs {} if {}: say so with --param {parameter}=VALUE",
            need.action, need.when
        )),
        None => {}
    }
}

fn filled(
    template: &str,
    call: &Call,
    account: Option<AccountId>,
    value: Option<&str>,
) -> Option<String> {
    // A copy may name the version that it reads.
    let value = value.map(|value| {
        let bare = value.split("?versionId=").next().unwrap_or(value);
        bare.trim_start_matches('/')
    });
    if let Some(value) = value.filter(|value| Arn::parse(value).is_ok()) {
        return Some(value.to_owned());
    }
    if template == "${Resource}" {
        return call.resource.clone();
    }
    let own = call
        .resource
        .as_deref()
        .and_then(|arn| Arn::parse(arn).ok());
    let of_own = |part: fn(&Arn) -> &str| own.as_ref().map(part).filter(|text| !text.is_empty());
    let region = of_own(Arn::region).map_or_else(|| region(call), str::to_owned);
    let account = account.map_or_else(|| "*".to_owned(), |account| account.to_string());
    let partition = of_own(Arn::partition).unwrap_or("aws");
    let filled = template
        .replace("${Partition}", partition)
        .replace("${Region}", &region)
        .replace("${Account}", &account)
        .replace("${Value}", value.unwrap_or("*"));
    Arn::parse(&filled).is_ok().then_some(filled)
}

fn region(call: &Call) -> String {
    let stated = call
        .context
        .iter()
        .find(|(key, _)| key.folded() == "aws:requestedregion");
    let value = stated.and_then(|(_, values)| values.first());
    value.map_or_else(|| "*".to_owned(), ToString::to_string)
}
