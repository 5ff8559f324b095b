//! A second evaluator, as plain as can be, that shares nothing with the product: it walks policies
//! as JSON, has a glob of its own, and follows AWS's pages one sentence after the other. What the
//! product decides by one shared combination is compared with it on random cases.
//!
//! `None` is "AWS does not say".

mod points;
mod values;

use serde_json::Value;

use values::{Sign, Step, instant, like, lower, ordered, steps_match, within};

/// True, false, or not documented.
pub type Three = Option<bool>;

fn not(a: Three) -> Three {
    a.map(|a| !a)
}

fn and(a: Three, b: Three) -> Three {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(a: Three, b: Three) -> Three {
    not(and(not(a), not(b)))
}

fn any(of: impl IntoIterator<Item = Three>) -> Three {
    of.into_iter().fold(Some(false), or)
}

fn all(of: impl IntoIterator<Item = Three>) -> Three {
    of.into_iter().fold(Some(true), and)
}

/// One string or several.
fn several(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        Value::String(text) => vec![text],
        _ => Vec::new(),
    }
}

fn statements(policy: &Value) -> Vec<&Value> {
    match &policy["Statement"] {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    User,
    Role,
    Root,
    FederatedUser,
    Service,
    Anonymous,
}

struct World<'c> {
    case: &'c Value,
    kind: Kind,
    principal: &'c str,
    /// The role behind a session, the user behind a federated session.
    behind: Option<&'c str>,
    account: Option<&'c str>,
    owner: Option<&'c str>,
    action: &'c str,
    resource: &'c str,
}

/// Decides a strict case that states the owner of its resource.
pub fn decide(case: &Value) -> &'static str {
    let (denied, allowed) = if case.get("access_point").is_some() {
        let (at_point, bucket) = points::both(case);
        let (at_point, bucket) = (world(&at_point), world(&bucket));
        let (point_denied, point_allowed) = at_point.decide(None);
        let (bucket_denied, bucket_allowed) = bucket.decide(Some(&at_point));
        let vpc = Some(points::from_vpc(case));
        (
            or(point_denied, bucket_denied),
            all([point_allowed, bucket_allowed, vpc]),
        )
    } else {
        world(case).decide(None)
    };
    match (denied, allowed) {
        (Some(true), _) => "explicitly_denied",
        (_, Some(true)) => "allowed",
        (Some(false), Some(false)) => "implicitly_denied",
        _ => "undecided",
    }
}

fn world(case: &Value) -> World<'_> {
    let request = &case["request"];
    let principal = request["principal"].as_str().unwrap();
    let resource = request["resource"].as_str().unwrap();
    let kind = if principal == "anonymous" {
        Kind::Anonymous
    } else if principal.ends_with(".amazonaws.com") {
        Kind::Service
    } else if principal.contains(":user/") {
        Kind::User
    } else if principal.contains(":assumed-role/") {
        Kind::Role
    } else if principal.contains(":federated-user/") {
        Kind::FederatedUser
    } else {
        Kind::Root
    };
    let has_account = !matches!(kind, Kind::Service | Kind::Anonymous);
    let account = has_account.then(|| principal.split(':').nth(4).unwrap());
    let in_arn = resource.split(':').nth(4).filter(|part| !part.is_empty());
    let stated = request["resource_account"].as_str();
    World {
        case,
        kind,
        principal,
        behind: case["principal"]["arn"].as_str(),
        account,
        owner: in_arn.or(stated).or(account),
        action: request["action"].as_str().unwrap(),
        resource,
    }
}

#[derive(Clone, Copy)]
struct Says {
    allows: Three,
    denies: Three,
}

impl World<'_> {
    /// Whether it is denied, and whether it is allowed. What goes through an access point was asked
    /// there; no page says whether the caller's own side is asked about the bucket too.
    fn decide(&self, at_point: Option<&World<'_>>) -> (Three, Three) {
        let own_side = |of: fn(&World<'_>) -> Says| {
            let here = of(self);
            let Some(point) = at_point else {
                return here;
            };
            Says {
                allows: or(here.allows, and(of(point).allows, None)),
                denies: and(here.denies, None),
            }
        };
        let rcp = self.resource_control();
        let scp = self.service_control(at_point);
        let endpoint = self.endpoint();
        let identity = own_side(|world| world.identity());
        let boundary = own_side(|world| world.boundary());
        let session = own_side(|world| world.session());
        let resource = self.resource_denies();
        let denied = any([
            rcp,
            scp.denies,
            endpoint.denies,
            identity.denies,
            boundary.denies,
            session.denies,
            resource,
        ]);
        let limit = and(boundary.allows, session.allows);
        let own = and(identity.allows, limit);
        let granted = if self.account.is_none() {
            self.granted_at_all()
        } else if self.account == self.owner {
            self.granted_within(own, limit)
        } else {
            and(own, self.granted_at_all())
        };
        // Anonymous callers are "allowed only by some services".
        let unsigned = self.kind == Kind::Anonymous && self.action.starts_with("kms:");
        let takes = if unsigned { None } else { Some(true) };
        let allowed = all([granted, scp.allows, endpoint.allows, not(denied), takes]);
        (denied, allowed)
    }

    fn is_key(&self) -> bool {
        self.resource.starts_with("arn:aws:kms:")
    }

    fn is_trust(&self) -> bool {
        self.action.starts_with("sts:AssumeRole") && self.resource.contains(":role/")
    }

    // "Policy evaluation for requests within a single account", with the table of Principal.
    fn granted_within(&self, own: Three, limit: Three) -> Three {
        let mut direct = Some(false);
        let mut delegated = Some(false);
        for statement in self.resource_statements("Allow") {
            let matched = self.matches_but_principal(&self.case["resource_policy"], statement);
            for (kind, text) in principals(&statement["Principal"]) {
                let named = and(matched, self.names(kind, text));
                let counts = match (kind, text) {
                    (_, "*") if tests_principal_arn(statement) => named,
                    (_, "*") => and(named, or(limit, None)),
                    ("AWS", text) if is_account(text) => {
                        delegated = or(delegated, named);
                        Some(false)
                    }
                    ("AWS", text) if self.kind != Kind::User && Some(text) == self.behind => {
                        and(named, limit)
                    }
                    _ => named,
                };
                direct = or(direct, counts);
            }
        }
        let through_identity = if self.is_key() || self.is_trust() {
            and(own, delegated)
        } else {
            own
        };
        or(through_identity, direct)
    }

    fn granted_at_all(&self) -> Three {
        let granted = any(self.resource_statements("Allow").map(|statement| {
            and(
                self.matches_but_principal(&self.case["resource_policy"], statement),
                self.principal_matches(statement),
            )
        }));
        let withheld = self.kind != Kind::Service
            && self.case["block_public_access"]["restrict_public_buckets"] == true
            && self
                .resource_statements("Allow")
                .any(|statement| is_public(statement, self.resource.contains(":accesspoint/")));
        if withheld { Some(false) } else { granted }
    }

    fn resource_statements(&self, effect: &'static str) -> impl Iterator<Item = &Value> {
        statements(&self.case["resource_policy"])
            .into_iter()
            .filter(move |statement| statement["Effect"] == effect)
    }

    fn resource_denies(&self) -> Three {
        any(self.resource_statements("Deny").map(|statement| {
            and(
                self.matches_but_principal(&self.case["resource_policy"], statement),
                self.principal_matches(statement),
            )
        }))
    }

    // "Resource control policies (RCPs)": only Deny can bite; SNS is not covered, nor RetireGrant.
    fn resource_control(&self) -> Three {
        let service = self.action.split(':').next().unwrap();
        let covered =
            ["s3", "sqs", "kms", "sts"].contains(&service) && self.action != "kms:RetireGrant";
        let exempt = self.case["resource"]["is_management_account"] == true || self.is_linked();
        if !covered || exempt {
            return Some(false);
        }
        let denies = any(self
            .levels("resource_control_policies")
            .into_iter()
            .flatten()
            .map(|policy| self.says(policy).denies));
        let reaches = if self.resource == "*" {
            None
        } else {
            Some(true)
        };
        and(denies, reaches)
    }

    fn is_linked(&self) -> bool {
        self.behind
            .is_some_and(|role| role.contains(":role/aws-service-role/"))
    }

    fn levels(&self, field: &str) -> Vec<Vec<&Value>> {
        let levels = self.case[field].as_array().into_iter().flatten();
        levels
            .map(|level| {
                let policies = level["policies"].as_array().unwrap();
                policies.iter().map(|named| &named["policy"]).collect()
            })
            .collect()
    }

    // "Service control policies (SCPs)".
    fn service_control(&self, at_point: Option<&World<'_>>) -> Says {
        let exempt = self.case["principal"]["is_management_account"] == true || self.is_linked();
        if self.account.is_none() || exempt {
            return Says {
                allows: Some(true),
                denies: Some(false),
            };
        }
        let levels = self.levels("service_control_policies");
        let level_says = |level: &Vec<&Value>| {
            let here = self.union(level);
            match at_point {
                None => here,
                Some(point) => Says {
                    allows: or(here.allows, and(point.union(level).allows, None)),
                    denies: and(here.denies, None),
                },
            }
        };
        let said: Vec<Says> = levels.iter().map(level_says).collect();
        Says {
            allows: all(said.iter().map(|says| says.allows)),
            denies: any(said.iter().map(|says| says.denies)),
        }
    }

    fn union(&self, policies: &[&Value]) -> Says {
        let said: Vec<Says> = policies.iter().map(|policy| self.says(policy)).collect();
        Says {
            allows: any(said.iter().map(|says| says.allows)),
            denies: any(said.iter().map(|says| says.denies)),
        }
    }

    fn says(&self, policy: &Value) -> Says {
        let of = |effect: &str| {
            any(statements(policy)
                .into_iter()
                .filter(|statement| statement["Effect"] == effect)
                .map(|statement| {
                    let named = if statement.get("Principal").is_some() {
                        self.principal_matches(statement)
                    } else {
                        Some(true)
                    };
                    and(self.matches_but_principal(policy, statement), named)
                }))
        };
        Says {
            allows: of("Allow"),
            denies: of("Deny"),
        }
    }

    fn policies(&self, field: &str) -> Vec<&Value> {
        let named = self.case[field].as_array().into_iter().flatten();
        named.map(|named| &named["policy"]).collect()
    }

    fn identity(&self) -> Says {
        if matches!(self.kind, Kind::Service | Kind::Anonymous | Kind::Root) {
            return Says {
                allows: Some(true),
                denies: Some(false),
            };
        }
        self.union(&self.policies("identity_policies"))
    }

    fn boundary(&self) -> Says {
        let policies = self.policies("permission_boundaries");
        if policies.is_empty() || matches!(self.kind, Kind::Service | Kind::Anonymous | Kind::Root)
        {
            return Says {
                allows: Some(true),
                denies: Some(false),
            };
        }
        self.union(&policies)
    }

    fn session(&self) -> Says {
        let policies = self.policies("session_policies");
        match self.kind {
            Kind::FederatedUser => self.union(&policies),
            Kind::Role if !policies.is_empty() => self.union(&policies),
            _ => Says {
                allows: Some(true),
                denies: Some(false),
            },
        }
    }

    // "Control access to VPC endpoints using endpoint policies".
    fn endpoint(&self) -> Says {
        let mut total = Says {
            allows: Some(true),
            denies: Some(false),
        };
        for endpoint in self.case["endpoint_policies"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let policy = &endpoint["policy"];
            let of = |effect: &str| {
                any(statements(policy)
                    .into_iter()
                    .filter(|statement| statement["Effect"] == effect)
                    .map(|statement| {
                        let plain = principals(&statement["Principal"])
                            .iter()
                            .all(|(_, text)| *text == "*");
                        let named = if endpoint["type"] == "interface" || plain {
                            self.principal_matches(statement)
                        } else {
                            None
                        };
                        and(self.matches_but_principal(policy, statement), named)
                    }))
            };
            total.allows = and(total.allows, of("Allow"));
            total.denies = or(total.denies, of("Deny"));
        }
        total
    }

    fn principal_matches(&self, statement: &Value) -> Three {
        any(principals(&statement["Principal"])
            .into_iter()
            .map(|(kind, text)| self.names(kind, text)))
    }

    // "AWS JSON policy elements: Principal".
    fn names(&self, kind: &str, text: &str) -> Three {
        match (kind, text) {
            ("*", _) => Some(true),
            ("AWS", "*") if self.kind == Kind::Service => None,
            ("AWS", "*") => Some(true),
            ("Service", host) => Some(self.kind == Kind::Service && host == self.principal),
            ("AWS", text) if is_account(text) => {
                let id = text.split(':').nth(4).unwrap_or(text);
                Some(self.account == Some(id))
            }
            ("AWS", arn) => {
                Some(self.account.is_some() && (arn == self.principal || self.behind == Some(arn)))
            }
            _ => Some(false),
        }
    }

    fn matches_but_principal(&self, policy: &Value, statement: &Value) -> Three {
        let new = policy["Version"] == "2012-10-17";
        let action = match statement.get("Action") {
            Some(patterns) => self.action_in(patterns),
            None => !self.action_in(&statement["NotAction"]),
        };
        let resource = match (statement.get("Resource"), statement.get("NotResource")) {
            (Some(patterns), _) => self.resource_in(patterns, new),
            (_, Some(patterns)) => !self.resource_in(patterns, new),
            _ => true,
        };
        and(Some(action && resource), self.conditions(statement, new))
    }

    fn action_in(&self, patterns: &Value) -> bool {
        several(patterns).into_iter().any(|pattern| {
            let pattern = pattern.to_lowercase();
            let action = self.action.to_lowercase();
            match pattern.split_once(':') {
                None => pattern == "*",
                Some((service, name)) => action
                    .split_once(':')
                    .is_some_and(|(own, action)| own == service && like(name, action)),
            }
        })
    }

    // "IAM JSON policy elements: Resource".
    fn resource_in(&self, patterns: &Value, new: bool) -> bool {
        several(patterns).into_iter().any(|pattern| {
            if pattern == "*" {
                return true;
            }
            let Some(signs) = self.signs(pattern, new, true) else {
                return false;
            };
            let mut colons = 0;
            let mut steps = Vec::new();
            for (place, sign) in signs.iter().enumerate() {
                let ends = matches!(signs.get(place + 1), None | Some(Sign::Letter(':')));
                let last = colons >= 5;
                steps.push(match sign {
                    Sign::Letter(letter) => {
                        colons += usize::from(*letter == ':');
                        Step::Letter(*letter)
                    }
                    Sign::Any => Step::One(last),
                    Sign::Star => Step::Run(last || ends),
                });
            }
            let text: Vec<char> = self.resource.chars().collect();
            steps_match(&steps, &text)
        })
    }

    // "IAM policy elements: Variables and tags": without value and default nothing matches.
    fn signs(&self, text: &str, new: bool, wild: bool) -> Option<Vec<Sign>> {
        let mut signs = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if new && let Some(after) = rest.strip_prefix("${") {
                let (inside, further) = after.split_once('}').unwrap();
                let (name, default) = match inside.split_once(", ") {
                    Some((name, default)) => (name, Some(default.trim_matches('\''))),
                    None => (inside, None),
                };
                let value = match name {
                    "*" | "?" | "$" => name.to_owned(),
                    _ => match self.key(name).and_then(|values| values.first().cloned()) {
                        Some(value) => value,
                        None => default?.to_owned(),
                    },
                };
                signs.extend(value.chars().map(Sign::Letter));
                rest = further;
                continue;
            }
            signs.push(match first {
                '*' if wild => Sign::Star,
                '?' if wild => Sign::Any,
                other => Sign::Letter(other),
            });
            rest = &rest[first.len_utf8()..];
        }
        Some(signs)
    }

    // "AWS global condition context keys".
    fn key(&self, name: &str) -> Option<Vec<String>> {
        let context = self.case["request"]["context"].as_object();
        let given = context
            .into_iter()
            .flatten()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        if let Some((_, value)) = given {
            return Some(several(value).into_iter().map(str::to_owned).collect());
        }
        let one = |text: &str| Some(vec![text.to_owned()]);
        let signed = self.kind != Kind::Anonymous;
        let organization = |side: &str| self.case[side]["organization"].as_str();
        match name.to_lowercase().as_str() {
            "aws:principalarn" => match self.kind {
                Kind::Service | Kind::Anonymous => None,
                Kind::Role => one(self.behind.unwrap()),
                _ => one(self.principal),
            },
            "aws:principalaccount" | "kms:calleraccount" => match self.kind {
                Kind::Anonymous => one("anonymous"),
                _ => self.account.and_then(one),
            },
            "aws:principalorgid" => self
                .account
                .and_then(|_| organization("principal"))
                .and_then(one),
            "aws:resourceorgid" => organization("resource")
                .or_else(|| {
                    organization("principal")
                        .filter(|_| self.account.is_some() && self.account == self.owner)
                })
                .and_then(one),
            "aws:resourceaccount" => self.owner.and_then(one),
            "aws:principalisawsservice" if signed => one(if self.kind == Kind::Service {
                "true"
            } else {
                "false"
            }),
            "aws:viaawsservice" => one("false"),
            "aws:username" if self.kind == Kind::User => one(self.principal.rsplit('/').next()?),
            "aws:requestedregion" => {
                let region = self
                    .resource
                    .split(':')
                    .nth(3)
                    .filter(|part| !part.is_empty());
                region.and_then(one)
            }
            "aws:sourcevpce" => {
                let endpoint = &self.case["endpoint_policies"][0]["name"];
                endpoint.as_str().and_then(one)
            }
            tag => {
                let tag = tag.strip_prefix("aws:principaltag/")?;
                let tags = self.case["principal"]["tags"].as_object()?;
                let found = tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(tag));
                self.account.filter(|_| self.kind != Kind::Root)?;
                one(found?.1.as_str()?)
            }
        }
    }

    fn conditions(&self, statement: &Value, new: bool) -> Three {
        let operators = statement["Condition"].as_object();
        all(operators
            .into_iter()
            .flatten()
            .flat_map(|(operator, keys)| {
                let keys = keys.as_object().unwrap();
                keys.iter()
                    .map(move |(key, values)| self.condition(operator, key, &several(values), new))
            }))
    }

    /// Of an access point and a bucket of two owners no page says whose account is shown.
    fn hides(&self, key: &str) -> bool {
        let point = &self.case["access_point"]["arn"];
        let of_point = point.as_str().and_then(|arn| arn.split(':').nth(4));
        let of_bucket = self.case["bucket_owner"].as_str();
        let shown = ["aws:ResourceAccount", "aws:ResourceOrgID"];
        of_point != of_bucket && shown.iter().any(|own| own.eq_ignore_ascii_case(key))
    }

    // "IAM JSON policy elements: Condition operators", "Conditions with multiple context keys or
    // values", "Single-valued vs. multivalued context keys".
    fn condition(&self, operator: &str, key: &str, wanted: &[&str], new: bool) -> Three {
        if self.hides(key) {
            return None;
        }
        let held = self.key(key);
        if operator == "Null" {
            return match (wanted[0], held) {
                ("true", None) => Some(true),
                ("true", Some(values)) if values.is_empty() => None,
                ("true", Some(_)) => Some(false),
                (_, held) => Some(held.is_some_and(|values| !values.is_empty())),
            };
        }
        let (each, operator) = match operator.split_once(':') {
            Some((set, operator)) => (Some(set), operator),
            None => (None, operator),
        };
        let (operator, if_exists) = match operator.strip_suffix("IfExists") {
            Some(operator) => (operator, true),
            None => (operator, false),
        };
        let negated = operator.contains("Not");
        let Some(values) = held else {
            return Some(match each {
                _ if if_exists => true,
                Some("ForAllValues") => true,
                Some(_) => false,
                None => negated,
            });
        };
        let many = key.eq_ignore_ascii_case("aws:TagKeys") || values.len() > 1;
        if each.is_none() && many {
            return None;
        }
        let of_list =
            |value: &String| any(wanted.iter().map(|one| self.is(operator, value, one, new)));
        match (each, negated) {
            (None, false) | (Some("ForAnyValue"), false) => any(values.iter().map(of_list)),
            (Some("ForAnyValue"), true) => any(values.iter().map(|value| not(of_list(value)))),
            (Some(_), false) => all(values.iter().map(of_list)),
            (None | Some(_), true) => all(values.iter().map(|value| not(of_list(value)))),
        }
    }

    /// One value against one of the list, apart from the operator's "Not".
    fn is(&self, operator: &str, value: &str, wanted: &str, new: bool) -> Three {
        let plain = operator.replacen("Not", "", 1);
        match plain.as_str() {
            "StringEquals" => self.text(value, wanted, new, false),
            "StringEqualsIgnoreCase" => {
                self.text(&value.to_lowercase(), &lower(wanted), new, false)
            }
            "StringLike" => self.text(value, wanted, new, true),
            "ArnEquals" | "ArnLike" => {
                let parts: Vec<&str> = value.splitn(6, ':').collect();
                let fields: Vec<&str> = wanted.splitn(6, ':').collect();
                if parts.len() < 6 {
                    return Some(false);
                }
                all(fields
                    .iter()
                    .zip(parts)
                    .map(|(field, part)| self.text(part, field, new, true)))
            }
            "Bool" => Some(value.eq_ignore_ascii_case(wanted)),
            "IpAddress" => within(value, wanted),
            "NumericEquals"
            | "NumericLessThan"
            | "NumericLessThanEquals"
            | "NumericGreaterThan"
            | "NumericGreaterThanEquals" => {
                let (value, wanted) = (value.parse::<f64>().ok()?, wanted.parse::<f64>().ok()?);
                Some(ordered(&plain["Numeric".len()..], value, wanted))
            }
            _ => {
                let (value, wanted) = (instant(value)?, instant(wanted)?);
                Some(ordered(&plain["Date".len()..], value, wanted))
            }
        }
    }

    fn text(&self, value: &str, wanted: &str, new: bool, wild: bool) -> Three {
        let Some(signs) = self.signs(wanted, new, wild) else {
            return Some(false);
        };
        let step = |sign: &Sign| match sign {
            Sign::Letter(letter) => Step::Letter(*letter),
            Sign::Any => Step::One(true),
            Sign::Star => Step::Run(true),
        };
        let steps: Vec<Step> = signs.iter().map(step).collect();
        let text: Vec<char> = value.chars().collect();
        Some(steps_match(&steps, &text))
    }
}

fn principals(element: &Value) -> Vec<(&str, &str)> {
    match element {
        Value::String(star) => vec![("*", star)],
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, of)| {
                several(of)
                    .into_iter()
                    .map(move |text| (kind.as_str(), text))
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn is_account(text: &str) -> bool {
    text.ends_with(":root") || text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn positive(operator: &str) -> bool {
    !operator.contains("Not")
        && !operator.ends_with("IfExists")
        && !operator.starts_with("ForAllValues")
        && operator != "Null"
}

fn tested(statement: &Value) -> impl Iterator<Item = (&str, &str, Vec<&str>)> {
    let operators = statement["Condition"].as_object().into_iter().flatten();
    operators.flat_map(|(operator, keys)| {
        let keys = keys.as_object().unwrap().iter();
        keys.map(move |(key, values)| (operator.as_str(), key.as_str(), several(values)))
    })
}

fn tests_principal_arn(statement: &Value) -> bool {
    tested(statement).any(|(operator, key, _)| {
        positive(operator) && key.eq_ignore_ascii_case("aws:PrincipalArn")
    })
}

// "Blocking public access to your Amazon S3 storage", the meaning of public.
fn is_public(statement: &Value, of_point: bool) -> bool {
    let fixing = [
        if of_point {
            "-"
        } else {
            "s3:dataaccesspointaccount"
        },
        "aws:principalorgid",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourcevpce",
        "aws:sourceip",
    ];
    let everyone = principals(&statement["Principal"])
        .iter()
        .any(|(_, text)| *text == "*");
    let fixed = tested(statement).any(|(operator, key, values)| {
        positive(operator)
            && fixing.contains(&key.to_lowercase().as_str())
            && values.iter().all(|value| {
                let wide = key.eq_ignore_ascii_case("aws:SourceIp")
                    && value.split_once('/').is_some_and(|(address, prefix)| {
                        let least = if address.contains(':') { 32 } else { 8 };
                        prefix.parse::<u32>().unwrap() < least
                    });
                !wide && !value.contains('*') && !value.contains("${")
            })
    });
    everyone && !fixed
}
