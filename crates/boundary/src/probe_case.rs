//! A request of the organization as a decision case that needs no organization (contracts, section
//! 1).
//!
//! A case holds every layer that applied, so that it can be kept, sent to somebody, and decided
//! again when policies have changed. What a case has no words for (a policy that was not read, an
//! ACL) makes no case rather than a wrong one.

use cofferdam_authz::caller::{CallerKind, Membership};
use cofferdam_authz::concrete::Context;
use cofferdam_authz::context::{Situation, Tags, term};
use cofferdam_authz::decide::Outcome;
use cofferdam_authz::gather::{Party, Thing};
use cofferdam_authz::layers::{IdentitySide, Layers, Level, Sheet};
use cofferdam_authz::term::Term;
use cofferdam_authz::witness::{Request, key};
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Details, Grant};
use cofferdam_policy::print;
use cofferdam_text::Quoted;

/// A case without its name; `None` if it has no words for something that decides.
#[derive(Clone, Debug)]
pub struct Draft(Option<Vec<(&'static str, Json)>>);

/// What decides a request, beside the request itself.
pub struct Side<'s> {
    /// Who asks.
    pub party: &'s Party<'s>,
    /// Every layer.
    pub layers: &'s Layers<'s>,
    /// What the context follows from.
    pub situation: &'s Situation<'s>,
}

/// Writes a case without its name.
pub fn draft(request: &Request, side: &Side<'_>, thing: Thing<'_>, outcome: Outcome) -> Draft {
    Draft(members(request, side, thing, outcome))
}

impl Draft {
    /// The case under a name, as JSON over lines.
    pub fn named(&self, name: &str) -> Option<String> {
        let mut members = vec![("name", Json::text(name))];
        members.extend(self.0.as_ref()?.iter().cloned());
        Some(Json::object(members).print())
    }
}

type Members = Vec<(&'static str, Json)>;

fn members(
    request: &Request,
    side: &Side<'_>,
    thing: Thing<'_>,
    outcome: Outcome,
) -> Option<Members> {
    let layers = side.layers;
    let mut members = vec![
        ("request", asked(request, side)),
        ("principal", principal(side)?),
        ("resource", resource(side, thing)?),
    ];
    let mut put = |name, json: Option<Json>| members.extend(json.map(|json| (name, json)));
    put("identity_policies", identity(&layers.identity)?);
    put("permission_boundaries", boundary(&layers.boundary)?);
    put("service_control_policies", levels(&layers.service_control)?);
    put(
        "resource_control_policies",
        levels(&layers.resource_control)?,
    );
    put("resource_policy", resource_policy(&layers.resource)?);
    put("endpoint_policies", endpoint(request, layers)?);
    put("block_public_access", block(&layers.restrict_public)?);
    put("grants", grants(&layers.grants)?);
    if let Known::Present([_, ..]) | Known::Unknown(_) = layers.acl {
        return None;
    }
    members.push((
        "expect",
        Json::object(vec![("decision", Json::text(outcome.word()))]),
    ));
    Some(members)
}

fn asked(request: &Request, side: &Side<'_>) -> Json {
    let mut context = request.context.clone();
    for name in FOLLOWING {
        state(&mut context, name, side.situation);
    }
    let values = context.iter().map(|(key, values)| {
        let json = match values.as_slice() {
            [one] => Json::text(one),
            several => Json::List(several.iter().map(|value| Json::text(value)).collect()),
        };
        (key.to_string(), json)
    });
    Json::object(vec![
        ("principal", Json::text(&request.principal)),
        ("action", Json::text(&request.action.to_string())),
        ("resource", Json::text(&request.resource)),
        ("context", Json::Object(values.collect())),
    ])
}

/// Keys that follow from the organization, or from a service that repeats the request, and that a
/// case cannot derive.
const FOLLOWING: [&str; 7] = [
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:RequestedRegion",
    "aws:ViaAWSService",
    "aws:userid",
    "kms:ViaService",
];

fn state(context: &mut Context, name: &str, situation: &Situation<'_>) {
    let Some(key) = key(name).filter(|key| !context.contains_key(key)) else {
        return;
    };
    if let Term::Values(values) = term(&key, situation) {
        context.insert(key, values);
    }
}

fn principal(side: &Side<'_>) -> Option<Json> {
    let mut members = Vec::new();
    if let CallerKind::Role { role, .. } = &side.party.caller.kind {
        members.push(("arn", Json::text(role.as_str())));
    }
    standing(&side.party.caller.membership, &mut members)?;
    tags(&side.situation.caller_tags, &mut members);
    Some(Json::object(members))
}

fn resource(side: &Side<'_>, thing: Thing<'_>) -> Option<Json> {
    let target = &side.situation.resource;
    let mut members = Vec::new();
    members.extend(
        target
            .account
            .map(|account| ("account", Json::text(&account.to_string()))),
    );
    standing(&target.membership, &mut members)?;
    tags(&target.tags, &mut members);
    if let Thing::Resource(resource) = thing
        && let Details::Key(key) = &resource.details
        && key.aws_managed == Known::Present(true)
    {
        members.push(("aws_managed", Json::Flag(true)));
    }
    Some(Json::object(members))
}

/// Foreign accounts say nothing: the request states what it shows.
fn standing(membership: &Membership, members: &mut Members) -> Option<()> {
    let Membership::Member {
        organization,
        path,
        management,
    } = membership
    else {
        return (*membership != Membership::Unknown).then_some(());
    };
    members.push(("organization", Json::text(organization)));
    if let Known::Present(paths) = path {
        let paths = paths.iter().map(|path| Json::text(path)).collect();
        members.push(("organization_paths", Json::List(paths)));
    }
    match management {
        Known::Present(is) => members.push(("is_management_account", Json::Flag(*is))),
        Known::Absent => {}
        Known::Unknown(_) => return None,
    }
    Some(())
}

fn tags(tags: &Known<&Tags>, members: &mut Members) {
    let tags = match tags {
        Known::Present(tags) => tags
            .iter()
            .map(|(key, value)| (key.to_string(), Json::text(value)))
            .collect(),
        Known::Absent => Vec::new(),
        Known::Unknown(_) => return,
    };
    members.push(("tags", Json::Object(tags)));
}

fn identity(side: &IdentitySide<'_>) -> Option<Option<Json>> {
    match side {
        IdentitySide::NotAsked => Some(None),
        IdentitySide::Everything => Some(Some(Json::List(vec![everything()]))),
        IdentitySide::Policies(Known::Unknown(_)) | IdentitySide::AllBut(_) => None,
        IdentitySide::Policies(Known::Absent) => Some(Some(Json::List(Vec::new()))),
        IdentitySide::Policies(Known::Present(sheets)) => Some(Some(named(sheets)?)),
    }
}

/// What stands for a principal that may do everything.
fn everything() -> Json {
    let statement = Json::object(vec![
        ("Effect", Json::text("Allow")),
        ("Action", Json::text("*")),
        ("Resource", Json::text("*")),
    ]);
    let policy = Json::object(vec![
        ("Version", Json::text("2012-10-17")),
        ("Statement", statement),
    ]);
    Json::object(vec![("name", Json::text("everything")), ("policy", policy)])
}

fn named(sheets: &[Sheet<'_>]) -> Option<Json> {
    let one = |sheet: &Sheet<'_>| {
        let name = ("name", Json::text(&sheet.policy.name));
        Some(Json::object(vec![name, ("policy", document(sheet)?)]))
    };
    sheets
        .iter()
        .map(one)
        .collect::<Option<Vec<Json>>>()
        .map(Json::List)
}

fn document(sheet: &Sheet<'_>) -> Option<Json> {
    let document = sheet.policy.document.present()?;
    print::print(document).ok().map(Json::Printed)
}

fn boundary(boundary: &Known<Sheet<'_>>) -> Option<Option<Json>> {
    match boundary {
        Known::Absent => Some(None),
        Known::Unknown(_) => None,
        Known::Present(sheet) => Some(Some(named(std::slice::from_ref(sheet))?)),
    }
}

/// A level at which the policy type is not enabled limits nobody, and is left out.
fn levels(levels: &Option<Known<Vec<Level<'_>>>>) -> Option<Option<Json>> {
    let levels = match levels {
        None | Some(Known::Absent) => return Some(None),
        Some(Known::Unknown(_)) => return None,
        Some(Known::Present(levels)) => levels,
    };
    let mut printed = Vec::new();
    for level in levels {
        let policies = match &level.sheets {
            Known::Absent => continue,
            Known::Unknown(_) => return None,
            Known::Present(sheets) => named(sheets)?,
        };
        let target = ("target", Json::text(&level.target));
        printed.push(Json::object(vec![target, ("policies", policies)]));
    }
    Some((!printed.is_empty()).then_some(Json::List(printed)))
}

fn resource_policy(sheet: &Known<Sheet<'_>>) -> Option<Option<Json>> {
    match sheet {
        Known::Absent => Some(None),
        Known::Unknown(_) => None,
        Known::Present(sheet) => Some(Some(document(sheet)?)),
    }
}

/// The policy of the endpoint that the request names; one without a policy lets everything through.
fn endpoint(request: &Request, layers: &Layers<'_>) -> Option<Option<Json>> {
    let named = key("aws:SourceVpce").and_then(|key| request.context.get(&key));
    let id = named.and_then(|values| values.first());
    let through = id.and_then(|id| {
        layers
            .endpoints
            .iter()
            .find(|endpoint| endpoint.id == &**id)
    });
    let Some(endpoint) = through else {
        return Some(None);
    };
    let policy = match &endpoint.policy {
        Known::Absent => return Some(None),
        Known::Unknown(_) => return None,
        Known::Present(sheet) => document(sheet)?,
    };
    let mut members = vec![("name", Json::text(endpoint.id))];
    if let Known::Present(gateway) = endpoint.gateway {
        let kind = if gateway { "gateway" } else { "interface" };
        members.push(("type", Json::text(kind)));
    }
    members.push(("policy", policy));
    Some(Some(Json::List(vec![Json::object(members)])))
}

fn block(restrict: &Known<bool>) -> Option<Option<Json>> {
    match restrict {
        Known::Absent => Some(None),
        Known::Unknown(_) => None,
        Known::Present(restrict) => Some(Some(Json::object(vec![(
            "restrict_public_buckets",
            Json::Flag(*restrict),
        )]))),
    }
}

fn grants(grants: &Known<&[Grant]>) -> Option<Option<Json>> {
    match grants {
        Known::Absent => Some(None),
        Known::Unknown(_) => None,
        Known::Present(grants) => Some(Some(Json::List(grants.iter().map(grant).collect()))),
    }
}

fn grant(grant: &Grant) -> Json {
    let pairs = |pairs: &[(Box<str>, Box<str>)]| {
        Json::Object(
            pairs
                .iter()
                .map(|(key, value)| (key.to_string(), Json::text(value)))
                .collect(),
        )
    };
    let mut constraints = Vec::new();
    if !grant.context_equals.is_empty() {
        constraints.push(("EncryptionContextEquals", pairs(&grant.context_equals)));
    }
    if !grant.context_subset.is_empty() {
        constraints.push(("EncryptionContextSubset", pairs(&grant.context_subset)));
    }
    let operations = grant
        .operations
        .iter()
        .map(|name| Json::text(name))
        .collect();
    let mut members = vec![
        ("GrantId", Json::text(&grant.id)),
        ("GranteePrincipal", Json::text(&grant.grantee)),
        ("Operations", Json::List(operations)),
    ];
    if !constraints.is_empty() {
        members.push(("Constraints", Json::object(constraints)));
    }
    Json::object(members)
}

/// JSON to be written; a tree of its own, because a tree that was read keeps the place of every
/// value and this has none.
#[derive(Clone, Debug)]
enum Json {
    Text(String),
    Flag(bool),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
    /// JSON over lines.
    Printed(String),
}

impl Json {
    fn text(text: &str) -> Json {
        Json::Text(text.to_owned())
    }

    fn object(members: Members) -> Json {
        Json::Object(
            members
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        )
    }

    fn print(&self) -> String {
        let mut out = String::new();
        self.write(0, &mut out);
        out
    }

    fn write(&self, level: usize, out: &mut String) {
        match self {
            Json::Text(text) => out.push_str(&Quoted(text).to_string()),
            Json::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            // A string in JSON holds no line break, so that every one here is layout.
            Json::Printed(text) => {
                out.push_str(&text.trim_end().replace('\n', &line(level)));
            }
            Json::List(items) => {
                let items = items.iter().map(|item| (None, item));
                between('[', ']', items.collect(), level, out);
            }
            Json::Object(members) => {
                let members = members
                    .iter()
                    .map(|(key, value)| (Some(key.as_str()), value));
                between('{', '}', members.collect(), level, out);
            }
        }
    }
}

fn between(
    open: char,
    close: char,
    items: Vec<(Option<&str>, &Json)>,
    level: usize,
    out: &mut String,
) {
    out.push(open);
    let last = items.len();
    for (index, (key, value)) in items.into_iter().enumerate() {
        out.push_str(&line(level + 1));
        if let Some(key) = key {
            out.push_str(&format!("{}: ", Quoted(key)));
        }
        value.write(level + 1, out);
        if index + 1 < last {
            out.push(',');
        }
    }
    if last > 0 {
        out.push_str(&line(level));
    }
    out.push(close);
}

fn line(level: usize) -> String {
    format!("\n{}", "  ".repeat(level))
}
