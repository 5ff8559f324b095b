//! What is forbidden whatever identity policies say: the guardrails of an organization, as a
//! declaration that can be proved.
//!
//! A guardrail is written once and trusted for years, and nobody notices when it stops to hold. The
//! conditions of `when` are those of the policy language and are read by its reader, so that they
//! mean here what they mean to AWS. A prohibition that is not wholly understood asks for more than
//! is known, and keeps verdicts from being "proved".

use cofferdam_names::ActionName;
use cofferdam_policy::ast::{ActionPattern, Condition};
use cofferdam_policy::kind::PolicyKind;
use cofferdam_text::{Member, Node, Severity, Value};

use super::Prohibition;
use super::dataset::action;
use super::fields::{Fields, Shape};
use super::log::Names;
use super::values::Reader;

const PROHIBITION: Shape = Shape {
    what: "a prohibition",
    fields: &[
        "name",
        "actions",
        "resources",
        "accounts",
        "who",
        "except",
        "when",
        "reason",
        "owner",
    ],
    reserved: &[],
    example: "{name: accounts-stay, actions: [\"organizations:LeaveOrganization\"], \
              reason: an account that leaves is bound by nothing, owner: TEAM}",
    strict: true,
};

impl Reader {
    /// One prohibition, if all of it was understood.
    pub(super) fn prohibition(&mut self, node: &Node, names: &mut Names) -> Option<Prohibition> {
        self.wholly(|reader| {
            let fields = reader.log.fields(node, &PROHIBITION)?;
            let name = reader.log.required_text(&fields, "name")?;
            names.claim(&mut reader.log, &name, node.origin);
            Some(Prohibition {
                actions: reader.actions(&fields)?,
                resources: reader.patterns(&fields),
                accounts: reader.accounts_of(&fields),
                who: fields
                    .get("who")
                    .map(|_| reader.required_who(&fields, "who")),
                except: reader.who(&fields, "except"),
                when: reader.conditions(&fields),
                reason: reader.log.text(&fields, "reason"),
                owner: reader.log.text(&fields, "owner"),
                origin: node.origin,
                name,
            })
        })
    }

    fn actions(&mut self, fields: &Fields<'_>) -> Option<Vec<ActionPattern>> {
        self.log.required(fields, "actions")?;
        let nodes = self.log.list(fields, "actions");
        Some(
            nodes
                .iter()
                .filter_map(|node| self.forbidden(node))
                .collect(),
        )
    }

    /// An action that exists, or a pattern that matches one.
    fn forbidden(&mut self, node: &Node) -> Option<ActionPattern> {
        let text = self.log.plain(node, "an action")?;
        let pattern = of_a_service(text).filter(|pattern| !named(pattern).is_empty());
        if pattern.is_none() {
            let message = format!(
                "no action that is known matches `{}`",
                super::log::shown(text)
            );
            let help = "write actions as policies name them: \"s3:PutBucketPolicy\", \"kms:Put*\"";
            self.log.error(node.origin, message, help);
        }
        pattern
    }

    fn patterns(&mut self, fields: &Fields<'_>) -> Vec<Box<str>> {
        let nodes = self.log.list(fields, "resources");
        nodes
            .iter()
            .filter_map(|node| self.resource_pattern(node))
            .collect()
    }

    fn resource_pattern(&mut self, node: &Node) -> Option<Box<str>> {
        let text = self.log.plain(node, "a resource")?;
        if text.starts_with("arn:") && text.splitn(6, ':').count() == 6 {
            return Some(text.into());
        }
        let help = "write an ARN, `*` and `?` allowed; leave the field out for any resource";
        self.log.expected(node, "a resource", "an ARN", help);
        None
    }

    /// The condition block of a policy.
    fn conditions(&mut self, fields: &Fields<'_>) -> Vec<Condition> {
        let Some(block) = fields.get("when") else {
            return Vec::new();
        };
        let (policy, complaints) =
            cofferdam_policy::parse::parse(&statement(block), PolicyKind::Identity);
        for complaint in complaints {
            let refused = complaint.severity == Severity::Error;
            self.log.add(complaint);
            if refused {
                self.log
                    .error(block.origin, "this condition cannot be asked", HELP);
            }
        }
        let mut statements = policy.statements.iter();
        statements
            .next()
            .map(|one| one.conditions.clone())
            .unwrap_or_default()
    }
}

const HELP: &str =
    "write it as in a policy: {StringNotEquals: {\"aws:RequestedRegion\": [eu-west-1]}}";

/// An action, a pattern over actions, or all actions of a service.
fn of_a_service(text: &str) -> Option<ActionPattern> {
    let every = |service: &str| ActionPattern::Of {
        service: service.to_ascii_lowercase().into(),
        name: "*".into(),
    };
    text.strip_suffix(":*").map(every).or_else(|| action(text))
}

/// A policy with one statement that has this condition block.
fn statement(block: &Node) -> Node {
    let at = |value| Node {
        value,
        origin: block.origin,
    };
    let text = |text: &str| at(Value::String(text.into()));
    let object = |members: Vec<(&str, Node)>| {
        let members = members.into_iter().map(|(key, value)| Member {
            key: key.into(),
            key_origin: block.origin,
            value,
        });
        at(Value::Object(members.collect()))
    };
    let statement = object(vec![
        ("Effect", text("Deny")),
        ("Action", text("*")),
        ("Resource", text("*")),
        ("Condition", block.clone()),
    ]);
    object(vec![
        ("Version", text("2012-10-17")),
        ("Statement", at(Value::Array([statement].into()))),
    ])
}

/// The actions of the catalogue that a pattern matches.
pub fn named(pattern: &ActionPattern) -> Vec<ActionName> {
    let ActionPattern::Of { service, .. } = pattern else {
        return Vec::new();
    };
    let here = cofferdam_catalog::actions_of(service);
    let matching = here.filter(|action| {
        cofferdam_policy::matching::action_matches(pattern, action.service(), action.name())
    });
    let names = matching.map(|action| format!("{}:{}", action.service(), action.name()));
    names
        .filter_map(|name| ActionName::parse(&name).ok())
        .collect()
}
