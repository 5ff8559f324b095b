//! Damaged plans and hostile sources: never a panic, and always an end.

use std::fs;
use std::path::Path;

use cofferdam_sources::terraform::{Options as Terraform, Rule};
use cofferdam_sources::{Options, read_with};
use cofferdam_text::{Documents, Member, Node, Value};

use crate::{Files, change, declared, plan};

/// The tree with one node replaced, counted from the root down.
fn replaced(node: &Node, at: &mut usize, by: &Value) -> Node {
    let here = *at == 0;
    *at = at.wrapping_sub(1);
    let value = match &node.value {
        _ if here => by.clone(),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| replaced(item, at, by)).collect())
        }
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|member| Member {
                    value: replaced(&member.value, at, by),
                    ..member.clone()
                })
                .collect(),
        ),
        other => other.clone(),
    };
    Node {
        value,
        origin: node.origin,
    }
}

fn size(node: &Node) -> usize {
    let elements = node.as_array().unwrap_or_default().iter().map(size);
    let members = node.as_object().unwrap_or_default().iter();
    1 + elements.sum::<usize>() + members.map(|one| size(&one.value)).sum::<usize>()
}

/// Nodes between two that are damaged: a prime, so that every kind of place is hit.
const STRIDE: usize = 11;

#[test]
fn damage_of_a_plan_is_never_a_panic() {
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    let text = fs::read(plans.join("landing-zone.plan.json")).unwrap();
    let root = Documents::new().read_json("plan.json", text).unwrap();
    let files = Files::new("damage");
    let long = "x".repeat(3000);
    let values = [
        Value::Null,
        Value::Bool(true),
        Value::Number("7".into()),
        Value::String("module.a[\"".into()),
        Value::String(long.as_str().into()),
        Value::Array([].into()),
        Value::Object([].into()),
    ];
    for (number, at) in (0..size(&root)).step_by(STRIDE).enumerate() {
        let damaged = replaced(&root, &mut at.clone(), &values[number % values.len()]);
        let path = files.write("plan.json", &damaged.to_json());
        let terraform = Terraform {
            directory: (number % 2 == 0).then(|| plans.join("landing-zone")),
            ..Terraform::default()
        };
        let options = Options {
            terraform,
            ..Options::default()
        };
        if let Ok(read) = read_with(&[path], &options, &mut Documents::new()) {
            let _ = cofferdam_org::build::build(&read.facts);
        }
    }
}

#[test]
fn sources_that_run_in_circles_end() {
    let files = Files::new("circles");
    let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    files.write(
        "tf/main.tf",
        &format!(
            r#"
locals {{
  a    = "${{local.b}}"
  b    = [local.a, local.a, local.a, local.a]
  deep = {deep}
  many = [for a in range(9) : [for b in local.c : [for c in local.c : [for d in local.c : [for e in local.c : [for f in local.c : e]]]]]]
  c    = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]
  wide = [for b in local.c : [for c in local.c : [for d in local.c : [for e in local.c : [for f in local.c : f]]]]]
}}
resource "aws_s3_bucket_policy" "a" {{
  bucket = aws_s3_bucket_policy.b.bucket
  policy = jsonencode([local.a, local.deep, local.many, local.wide, aws_s3_bucket_policy.b.policy])
}}
resource "aws_s3_bucket_policy" "b" {{
  bucket = aws_s3_bucket_policy.a.bucket
  policy = "${{aws_s3_bucket_policy.a.policy}}${{aws_s3_bucket_policy.a.policy}}"
}}
"#
        ),
    );
    let unknown = r#"{"bucket": true, "policy": true}"#;
    let changes =
        ["a", "b"].map(|name| change("aws_s3_bucket_policy", name, "create", "{}", unknown));
    let written = [("a", "b"), ("b", "a")].map(|(name, other)| {
        let to = |attribute: &str| format!(r#"{{"references": ["aws_s3_bucket_policy.{other}.{attribute}", "aws_s3_bucket_policy.{other}"]}}"#);
        declared("aws_s3_bucket_policy", name, &format!(r#"{{"bucket": {}, "policy": {}}}"#, to("bucket"), to("policy")))
    });
    let path = files.write("plan.json", &plan(&changes.join(","), &written.join(",")));
    let terraform = Terraform {
        directory: Some(files.0.join("tf")),
        ..Terraform::default()
    };
    let options = Options {
        terraform,
        ..Options::default()
    };
    let read = read_with(&[path], &options, &mut Documents::new()).expect("a plan");
    assert_eq!(read.coverage.count(Rule::Sources), 0, "{:?}", read.coverage);
}
