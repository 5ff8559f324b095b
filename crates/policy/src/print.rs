//! A policy back into its document, in one canonical form.
//!
//! Reading the result gives the same policy again, apart from places and the order of conditions,
//! all of which must hold in any order: an object holds each operator once, so conditions that one
//! operator says are printed together. A policy of which something was not understood has no such
//! form, and is refused rather than printed with another meaning.

use std::fmt;

use cofferdam_text::{Member, Node, Origin, Value};

use crate::ast::{
    ActionPattern, Actions, Condition, Effect, Policy, PrincipalPattern, Principals, Resources,
    Statement, Test, Version,
};
use crate::operand::{Operand, Template};
use crate::operator::{self, Comparand, OPERATORS, Row};
use crate::template::Signs;
use crate::values;

/// Why a policy cannot be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unprintable {
    /// The statement, counted from zero.
    pub statement: u32,
    /// What has no printed form.
    pub what: String,
}

impl fmt::Display for Unprintable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "statement {} cannot be printed: {}",
            self.statement, self.what
        )
    }
}

impl std::error::Error for Unprintable {}

/// The document as JSON over lines.
pub fn print(policy: &Policy) -> Result<String, Unprintable> {
    document(policy).map(|node| node.to_json_pretty())
}

/// The document as a tree, whose every place is the policy's own.
pub fn document(policy: &Policy) -> Result<Node, Unprintable> {
    let mut statements = Vec::with_capacity(policy.statements.len());
    for statement in &policy.statements {
        let printed = Printer {
            version: policy.version,
            origin: policy.origin,
        }
        .statement(statement);
        statements.push(printed.map_err(|what| Unprintable {
            statement: statement.index,
            what,
        })?);
    }
    let make = Printer {
        version: policy.version,
        origin: policy.origin,
    };
    let version = match policy.version {
        Version::V2008 => "2008-10-17",
        Version::V2012 => "2012-10-17",
    };
    Ok(make.object(vec![
        make.member("Version", make.string(version)),
        make.member("Statement", make.node(Value::Array(statements.into()))),
    ]))
}

#[derive(Clone, Copy)]
struct Printer {
    version: Version,
    origin: Origin,
}

impl Printer {
    fn node(&self, value: Value) -> Node {
        Node {
            value,
            origin: self.origin,
        }
    }

    fn string(&self, text: impl AsRef<str>) -> Node {
        self.node(Value::String(text.as_ref().into()))
    }

    fn object(&self, members: Vec<Member>) -> Node {
        self.node(Value::Object(members.into()))
    }

    fn member(&self, key: &str, value: Node) -> Member {
        Member {
            key: key.into(),
            key_origin: self.origin,
            value,
        }
    }

    /// One value alone, several as a list.
    fn list(&self, mut values: Vec<String>) -> Node {
        match values.len() {
            1 => self.string(values.pop().unwrap_or_default()),
            _ => self.node(Value::Array(
                values.iter().map(|each| self.string(each)).collect(),
            )),
        }
    }

    fn signs(&self, wildcards: bool) -> Signs {
        Signs {
            wildcards,
            variables: self.version == Version::V2012,
        }
    }

    fn statement(&self, statement: &Statement) -> Result<Node, String> {
        if let Some(why) = &statement.unreadable {
            return Err(format!("it was not understood: {why}"));
        }
        let mut members = Vec::new();
        if let Some(sid) = &statement.sid {
            members.push(self.member("Sid", self.string(sid)));
        }
        let effect = match statement.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        members.push(self.member("Effect", self.string(effect)));
        members.extend(self.principals(&statement.principals)?);
        members.extend(self.actions(&statement.actions));
        members.extend(self.resources(&statement.resources)?);
        members.extend(self.conditions(&statement.conditions)?);
        Ok(self.object(members))
    }

    fn principals(&self, principals: &Principals) -> Result<Option<Member>, String> {
        let (name, patterns) = match principals {
            Principals::NotGiven => return Ok(None),
            Principals::Only(patterns) => ("Principal", patterns),
            Principals::Except(patterns) => ("NotPrincipal", patterns),
        };
        if let [PrincipalPattern::Everyone] = patterns.as_slice() {
            return Ok(Some(self.member(name, self.string("*"))));
        }
        let mut types: Vec<(&str, Vec<String>)> = Vec::new();
        for pattern in patterns {
            let (kind, text) = typed(pattern)?;
            match types.iter_mut().find(|(listed, _)| *listed == kind) {
                Some((_, texts)) => texts.push(text),
                None => types.push((kind, vec![text])),
            }
        }
        let members = types
            .into_iter()
            .map(|(kind, texts)| self.member(kind, self.list(texts)));
        Ok(Some(self.member(name, self.object(members.collect()))))
    }

    /// An empty list stands for an element that was left out of a key policy.
    fn actions(&self, actions: &Actions) -> Option<Member> {
        let (name, patterns) = match actions {
            Actions::Only(patterns) => ("Action", patterns),
            Actions::Except(patterns) => ("NotAction", patterns),
        };
        let texts: Vec<_> = patterns.iter().map(action).collect();
        (!texts.is_empty()).then(|| self.member(name, self.list(texts)))
    }

    fn resources(&self, resources: &Resources) -> Result<Option<Member>, String> {
        let (name, patterns) = match resources {
            Resources::NotGiven => return Ok(None),
            Resources::Only(patterns) => ("Resource", patterns),
            Resources::Except(patterns) => ("NotResource", patterns),
        };
        let texts = patterns
            .iter()
            .map(|each| self.template(each, true))
            .collect::<Result<Vec<_>, _>>()?;
        Ok((!texts.is_empty()).then(|| self.member(name, self.list(texts))))
    }

    fn template(&self, template: &Template, wildcards: bool) -> Result<String, String> {
        let unwritable = || {
            "a wildcard sign stands for itself, which Version 2008-10-17 cannot write".to_owned()
        };
        template.print(self.signs(wildcards)).ok_or_else(unwritable)
    }

    fn conditions(&self, conditions: &[Condition]) -> Result<Option<Member>, String> {
        let mut blocks: Vec<(String, Vec<Member>)> = Vec::new();
        for condition in conditions {
            let (name, value) = self.condition(condition, &blocks)?;
            let member = self.member(&condition.key.to_string(), value);
            match blocks.iter_mut().find(|(listed, _)| *listed == name) {
                Some((_, members)) => members.push(member),
                None => blocks.push((name, vec![member])),
            }
        }
        let members = blocks
            .into_iter()
            .map(|(name, keys)| self.member(&name, self.object(keys)));
        Ok((!conditions.is_empty())
            .then(|| self.member("Condition", self.object(members.collect()))))
    }

    /// The condition under the first operator name that says it and keeps it in its place: in the
    /// last block or in a new one, else in any block that has no such key yet.
    fn condition(
        &self,
        condition: &Condition,
        blocks: &[(String, Vec<Member>)],
    ) -> Result<(String, Node), String> {
        let names = spellings(condition);
        let key = condition.key.to_string();
        let free = |name: &str| {
            let block = blocks.iter().find(|(listed, _)| listed == name);
            block.is_none_or(|(_, members)| members.iter().all(|member| *member.key != *key))
        };
        let in_place = |name: &str| {
            let place = blocks.iter().position(|(listed, _)| listed == name);
            place.is_none_or(|place| place + 1 == blocks.len())
        };
        let chosen = names.iter().find(|(name, _)| free(name) && in_place(name));
        let chosen = chosen.or_else(|| names.iter().find(|(name, _)| free(name)));
        let (name, row) = chosen
            .ok_or_else(|| format!("no operator can say what is asked of {key} a second time"))?;
        Ok((name.clone(), self.list(self.operands(condition, row)?)))
    }

    fn operands(&self, condition: &Condition, row: &Row) -> Result<Vec<String>, String> {
        if let Test::Null { absent } = condition.operator.test {
            return Ok(vec![absent.to_string()]);
        }
        let wildcards = matches!(
            row.comparand,
            Comparand::Text {
                wildcards: true,
                ..
            }
        );
        condition
            .operands
            .iter()
            .map(|operand| self.operand(operand, wildcards))
            .collect()
    }

    fn operand(&self, operand: &Operand, wildcards: bool) -> Result<String, String> {
        Ok(match operand {
            Operand::Text { template, .. } => self.template(template, wildcards)?,
            Operand::Arn(fields) => {
                let fields = fields.iter().map(|field| self.template(field, true));
                fields.collect::<Result<Vec<_>, _>>()?.join(":")
            }
            Operand::Number(_, number) => values::print_decimal(*number),
            Operand::Instant(_, instant) => values::print_instant(*instant),
            Operand::Bool(truth) => truth.to_string(),
            Operand::Binary(bytes) => values::print_base64(bytes),
            Operand::Address(network) => format!("{}/{}", network.address, network.prefix),
            Operand::BareAddress(address) => address.to_string(),
            Operand::Nothing(text) => text.to_string(),
            Operand::Unclear(why) => return Err(format!("a value is unclear: {why}")),
        })
    }
}

fn typed(pattern: &PrincipalPattern) -> Result<(&'static str, String), String> {
    Ok(match pattern {
        PrincipalPattern::Everyone => {
            return Err("\"*\" cannot stand beside other principals".to_owned());
        }
        PrincipalPattern::EveryAws => ("AWS", "*".to_owned()),
        PrincipalPattern::Account(account) => ("AWS", account.to_string()),
        PrincipalPattern::Arn(arn) => ("AWS", arn.to_string()),
        PrincipalPattern::UniqueId(id) => ("AWS", id.to_string()),
        PrincipalPattern::Service(host) => ("Service", host.to_string()),
        PrincipalPattern::Federated(provider) => ("Federated", provider.to_string()),
        PrincipalPattern::CanonicalUser(id) => ("CanonicalUser", id.to_string()),
        PrincipalPattern::Unreadable(text) => {
            return Err(format!("the principal \"{text}\" was not understood"));
        }
    })
}

fn action(pattern: &ActionPattern) -> String {
    match pattern {
        ActionPattern::Every => "*".to_owned(),
        ActionPattern::Of { service, name } => format!("{service}:{name}"),
        ActionPattern::Nothing(text) => text.to_string(),
    }
}

/// Every operator name that reads back as this condition's operator and operands.
fn spellings(condition: &Condition) -> Vec<(String, Row)> {
    let fits = |row: &&Row| match condition.operator.test {
        Test::Null { .. } => row.comparand == Comparand::Null,
        Test::Values => {
            row.negated == condition.operator.negated
                && condition
                    .operands
                    .iter()
                    .all(|operand| says(row.comparand, operand))
        }
    };
    let rows = OPERATORS.iter().filter(fits);
    rows.map(|row| (operator::print(&condition.operator, row), *row))
        .collect()
}

fn says(comparand: Comparand, operand: &Operand) -> bool {
    match (comparand, operand) {
        (Comparand::Text { case, wildcards }, Operand::Text { template, case: of }) => {
            case == *of && (wildcards || template.is_exact())
        }
        (Comparand::Arn, Operand::Arn(_) | Operand::Nothing(_)) => true,
        (Comparand::Number(relation), Operand::Number(of, _)) => relation == *of,
        (Comparand::Instant(relation), Operand::Instant(of, _)) => relation == *of,
        (Comparand::Bool, Operand::Bool(_)) => true,
        (Comparand::Binary, Operand::Binary(_)) => true,
        (Comparand::Address, Operand::Address(_) | Operand::BareAddress(_)) => true,
        _ => false,
    }
}
