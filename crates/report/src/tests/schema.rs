//! What is written agrees with the schemas that the program publishes.
//!
//! The checker below knows only the words that those schemas use, and refuses to meet another, so
//! that it cannot pass what it does not understand.

use cofferdam_findings::finding::Missing;
use cofferdam_findings::lint::{Linted, Lints, Remark};
use cofferdam_findings::replay::{
    Broken, Contradiction, Counted, Disagreement, Group, Replay, Sample,
};
use cofferdam_text::{Diagnostic, Documents};
use serde_json::{Map, Value};

use super::{other, sample::sample};
use crate::json::{self, Tool};

const CHECK: &str = include_str!("../../../cli/schemas/check.json");
const DECISION: &str = include_str!("../../../cli/schemas/decision.json");
const LINT: &str = include_str!("../../../cli/schemas/lint.json");
const REPLAY: &str = include_str!("../../../cli/schemas/replay.json");
const INVENTORY: &str = include_str!("../../../cli/schemas/inventory.json");

#[track_caller]
pub(super) fn check(schema: &str, text: &str) {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    let mut wrong = Vec::new();
    Checker {
        root: &schema,
        wrong: &mut wrong,
    }
    .check(&schema, &value, "");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn check_answers_agree_with_their_schema() {
    let (answer, documents) = sample();
    let tool = Tool {
        version: "1".into(),
        facts_as_of: "2026-11-20".into(),
    };
    check(CHECK, &json::check(&answer, &documents, &tool, None));
    check(
        CHECK,
        &json::check(&answer, &documents, &tool, Some(&Default::default())),
    );
    check(
        CHECK,
        &json::check(&Default::default(), &Documents::new(), &tool, None),
    );
}

#[test]
fn lints_agree_with_their_schema() {
    let mut documents = Documents::new();
    let node = documents.read_json("p.json", b"{}".to_vec()).unwrap();
    let said = Diagnostic::error(node.origin, "wrong");
    let lints = Lints {
        policies: vec![Linted {
            name: "p.json".into(),
            kind: "key",
            guessed: true,
            origin: node.origin,
            remarks: vec![Remark {
                rule: "size",
                statement: Some(0),
                diagnostic: said.clone(),
            }],
        }],
        unread: vec![Missing {
            key: "q.json".into(),
            why: "no JSON".into(),
            origin: None,
        }],
        left_out: 1,
    };
    check(LINT, &json::lints(&lints, &[said], &documents));
    check(LINT, &json::lints(&Lints::default(), &[], &documents));
}

#[test]
fn replays_agree_with_their_schema() {
    let sample = Sample {
        event: "e".into(),
        resource: Some("arn:aws:s3:::b/k".into()),
        ..Sample::default()
    };
    let counted = vec![Counted {
        why: "a reason".into(),
        events: 2,
        first: "log.json, offset 12".into(),
    }];
    let replay = Replay {
        period: Some(("then".into(), "now".into())),
        groups: vec![Group {
            service: "s3".into(),
            agrees: 2,
            disagrees: 1,
            ..Group::default()
        }],
        contradictions: vec![Contradiction {
            finding: "resource.public:records".into(),
            obligation: "resource.public",
            dataset: "records".into(),
            owner: None,
            proved: "records is not open to the public".into(),
            why: "nobody in particular made it".into(),
            changed_since: None,
            decision: "undecided",
            events: 1,
            sample: sample.clone(),
        }],
        disagreements: vec![Disagreement {
            aws: "passed".into(),
            policy: None,
            decision: "implicitly_denied",
            why: "the sources say otherwise".into(),
            look_at: "the policies".into(),
            because: Vec::new(),
            layers: vec!["identity".into()],
            events: 1,
            sample,
        }],
        undecided: counted.clone(),
        unclear: counted,
        broken: vec![Broken {
            file: "log.json".into(),
            offset: 7,
            why: "no JSON".into(),
        }],
        ..Replay::default()
    };
    check(REPLAY, &json::replay(&replay, &[], &Documents::new()));
    let nothing = json::replay(&Replay::default(), &[], &Documents::new());
    check(REPLAY, &nothing);
}

#[test]
fn inventories_agree_with_their_schema() {
    let (answer, documents) = sample();
    check(
        INVENTORY,
        &json::inventory(&answer.inventory, &answer.diagnostics, &documents),
    );
}

#[test]
fn decisions_agree_with_their_schema() {
    for line in json::decisions(&other::decisions()).lines() {
        check(DECISION, line);
    }
}

#[test]
fn the_checker_finds_a_missing_a_wrong_and_an_unknown_field() {
    let schema =
        r#"{"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}"#;
    let schema: Value = serde_json::from_str(schema).unwrap();
    for (text, expected) in [
        ("{}", "/: no `a`"),
        (r#"{"a": 1}"#, "/a: 1 is no string"),
        (r#"{"a": "", "b": 1}"#, "/: `b` is not in the schema"),
    ] {
        let mut wrong = Vec::new();
        let value = serde_json::from_str(text).unwrap();
        Checker {
            root: &schema,
            wrong: &mut wrong,
        }
        .check(&schema, &value, "");
        assert_eq!(wrong, [expected]);
    }
}

struct Checker<'a> {
    root: &'a Value,
    wrong: &'a mut Vec<String>,
}

impl Checker<'_> {
    fn check(&mut self, schema: &Value, value: &Value, at: &str) {
        for (word, rule) in schema.as_object().unwrap() {
            self.rule(word, rule, schema, value, at);
        }
    }

    fn rule(&mut self, word: &str, rule: &Value, schema: &Value, value: &Value, at: &str) {
        match word {
            "$schema" | "$defs" | "title" | "description" | "required" | "minimum" => {}
            "additionalProperties" if schema.get("properties").is_none() => {
                let fields = value.as_object().into_iter().flatten();
                fields.for_each(|(name, field)| self.check(rule, field, &format!("{at}/{name}")));
            }
            "$ref" => {
                let pointer = rule.as_str().unwrap().trim_start_matches('#');
                self.check(self.root.pointer(pointer).unwrap(), value, at);
            }
            "type" => self.kind(rule, value, at),
            "const" => self.expect(rule == value, at, || format!("{value} is not {rule}")),
            "enum" => {
                let known = rule.as_array().unwrap().contains(value);
                self.expect(known, at, || format!("{value} is none of {rule}"));
            }
            "anyOf" => self.any(rule, value, at),
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                items.for_each(|(number, item)| self.check(rule, item, &format!("{at}/{number}")));
            }
            "properties" => self.fields(rule.as_object().unwrap(), schema, value, at),
            other => panic!("the checker does not know `{other}`"),
        }
    }

    fn kind(&mut self, rule: &Value, value: &Value, at: &str) {
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let fits = match rule {
            Value::Array(kinds) => kinds.iter().any(|one| one == kind),
            one => one == kind,
        };
        self.expect(fits, at, || {
            format!("{value} is no {}", rule.as_str().unwrap_or("such kind"))
        });
    }

    fn any(&mut self, rule: &Value, value: &Value, at: &str) {
        let fits = rule.as_array().unwrap().iter().any(|option| {
            let mut wrong = Vec::new();
            Checker {
                root: self.root,
                wrong: &mut wrong,
            }
            .check(option, value, at);
            wrong.is_empty()
        });
        self.expect(fits, at, || format!("{value} fits no option"));
    }

    /// We write nothing that the schema does not name, though readers must bear more.
    fn fields(&mut self, known: &Map<String, Value>, schema: &Value, value: &Value, at: &str) {
        let Some(fields) = value.as_object() else {
            return;
        };
        for name in schema["required"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap();
            self.expect(fields.contains_key(name), at, || format!("no `{name}`"));
        }
        for (name, field) in fields {
            match known.get(name) {
                Some(rule) => self.check(rule, field, &format!("{at}/{name}")),
                None => self.expect(false, at, || format!("`{name}` is not in the schema")),
            }
        }
    }

    fn expect(&mut self, fits: bool, at: &str, why: impl Fn() -> String) {
        if !fits {
            self.wrong.push(format!(
                "{}: {}",
                if at.is_empty() { "/" } else { at },
                why()
            ));
        }
    }
}
