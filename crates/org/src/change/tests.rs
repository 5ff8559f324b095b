//! Facts at other times, each by what was done to them.

use cofferdam_text::Documents;

use super::*;

fn node(text: &str) -> Node {
    let mut documents = Documents::new();
    documents.read_json("x", text.into()).unwrap()
}

const BUCKET: &str = "arn:aws:s3:::b";
const ROLE: &str = "arn:aws:iam::111122223333:role/app/reader";

/// An edit in one line: `is JSON`, `is not there`, `NAME is JSON`, `NAME is gone`, with what was before as
/// `, before nothing`, `, before something`, `, before JSON`.
fn edit(entity: &Entity, attribute: Attribute, words: &str) -> Edit {
    let (words, before) = words
        .split_once(", before ")
        .map_or((words, None), |(words, before)| (words, Some(before)));
    let (name, value) = words.split_once("is ").unwrap();
    let known = |value: &str| match value {
        "not there" | "gone" | "nothing" => Known::Absent,
        "something" => Known::Unknown("it was there".into()),
        text => Known::Present(node(text)),
    };
    Edit {
        entity: entity.clone(),
        attribute,
        element: (!name.is_empty()).then(|| name.trim().into()),
        after: known(value),
        before: before.map(known),
        origin: node("0").origin,
    }
}

fn change(at: i64, edits: Vec<Edit>) -> Change {
    Change {
        at,
        time: at.to_string().into(),
        call: "a:Call".into(),
        event: at.to_string().into(),
        touches: Touches::Resource(BUCKET.into()),
        edits,
    }
}

fn told(value: &Known<&Node>) -> String {
    match value {
        Known::Present(node) => node.to_json(),
        Known::Absent => "absent".to_owned(),
        Known::Unknown(_) => "unknown".to_owned(),
    }
}

/// An attribute of a thing at a time, of a snapshot read at 100 that says `read`.
#[track_caller]
fn check_of(
    (entity, attribute, read): (&Entity, Attribute, &str),
    changes: &[(i64, &str)],
    at: i64,
    expected: &str,
) {
    let mut facts = Facts::new();
    facts.state(entity.clone(), attribute, Known::Present(node(read)));
    let changes = changes
        .iter()
        .map(|(at, words)| change(*at, vec![edit(entity, attribute, words)]));
    let timeline = Timeline::new(changes.collect(), Some(100), &facts);
    let moved = timeline.moved(&facts, timeline.until(at));
    assert_eq!(told(&moved.get(entity, attribute)), expected, "at {at}");
}

#[track_caller]
fn check(changes: &[(i64, &str)], at: i64, expected: &str) {
    let bucket = Entity::new(Kind::Bucket, BUCKET);
    check_of(
        (&bucket, Attribute::ResourcePolicy, "0"),
        changes,
        at,
        expected,
    );
}

#[test]
fn whole_values_backwards_and_forwards() {
    check(&[], 50, "0");
    check(&[(60, "is 1")], 50, "unknown");
    check(&[(40, "is 1"), (60, "is 0")], 50, "1");
    check(&[(40, "is not there"), (60, "is 0")], 50, "absent");
    check(&[(40, "is 1")], 30, "unknown");
    check(&[(110, "is 2")], 120, "2");
    check(&[(110, "is 2")], 105, "0");
    check(&[(40, "is 1"), (110, "is 2")], 130, "2");
}

#[test]
fn a_call_that_tells_what_was_before() {
    check(&[(60, "is 1, before 7")], 50, "7");
    check(&[(60, "is 1, before nothing")], 50, "absent");
    check(&[(60, "is 1, before something")], 50, "unknown");
}

/// Inline policies of a role, of which the snapshot holds `a` and `b`.
#[track_caller]
fn check_inline(changes: &[(i64, &str)], at: i64, expected: &str) {
    let role = Entity::new(Kind::Role, ROLE);
    let read = r#"[{"PolicyName":"a","PolicyDocument":1},{"PolicyName":"b","PolicyDocument":2}]"#;
    check_of(
        (&role, Attribute::InlinePolicies, read),
        changes,
        at,
        expected,
    );
}

const A: &str = r#"{"PolicyName":"a","PolicyDocument":1}"#;
const B: &str = r#"{"PolicyName":"b","PolicyDocument":2}"#;
const NOT_TOLD: &str = "the configuration at that time is not known: a:Call wrote it at 60, and nothing before among the events";

#[test]
fn elements_of_a_list_each_by_itself() {
    let unsure = |name: &str| format!(r#"{{"PolicyName":"{name}","Unknown":"{NOT_TOLD}"}}"#);
    let written = r#"b is {"PolicyName":"b","PolicyDocument":3}"#;
    check_inline(&[], 50, &format!("[{A},{B}]"));
    // What was overwritten is not known; the other policy is.
    check_inline(&[(60, written)], 50, &format!("[{A},{}]", unsure("b")));
    check_inline(&[(60, written)], 70, &format!("[{A},{B}]"));
    // What was written before that is.
    let earlier = r#"b is {"PolicyName":"b","PolicyDocument":9}"#;
    let nine = r#"{"PolicyName":"b","PolicyDocument":9}"#;
    check_inline(
        &[(40, earlier), (60, written)],
        50,
        &format!("[{A},{nine}]"),
    );
    check_inline(&[(40, "b is gone"), (60, written)], 50, &format!("[{A}]"));
    // What was deleted was there, and nobody knows what it said.
    let deleted = "c is gone, before something";
    check_inline(&[(60, deleted)], 50, &format!("[{A},{B},{}]", unsure("c")));
    // After the snapshot everything is known.
    check_inline(&[(110, "a is gone")], 120, &format!("[{B}]"));
    check_inline(
        &[(110, written)],
        120,
        &format!(r#"[{A},{{"PolicyName":"b","PolicyDocument":3}}]"#),
    );
    check_inline(&[(110, "a is gone")], 105, &format!("[{A},{B}]"));
}

#[test]
fn a_list_since_its_thing_was_made() {
    let made = "is not there";
    let written = r#"b is {"PolicyName":"b","PolicyDocument":2}"#;
    let later = r#"a is {"PolicyName":"a","PolicyDocument":1}"#;
    let all = [(20, made), (40, written), (60, later)];
    check_inline(&all, 30, "absent");
    check_inline(&all, 50, &format!("[{B}]"));
    check_inline(&all, 70, &format!("[{A},{B}]"));
    check_inline(&all, 10, "unknown");
}

#[test]
fn attachments_and_other_lists() {
    let unit = Entity::new(Kind::Unit, "ou-1");
    let of = (&unit, Attribute::Groups, r#"["p-1","p-2"]"#);
    check_of(
        of,
        &[(60, r#"p-2 is "p-2", before nothing"#)],
        50,
        r#"["p-1"]"#,
    );
    check_of(
        of,
        &[(60, r#"p-3 is gone, before "p-3""#)],
        50,
        r#"["p-1","p-2","p-3"]"#,
    );
    check_of(of, &[(110, "p-1 is gone")], 120, r#"["p-2"]"#);
    // A list of names has no place for a name that may be there.
    check_of(of, &[(60, r#"p-2 is "p-2""#)], 50, "unknown");
    let role = Entity::new(Kind::Role, ROLE);
    let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let attached = format!(r#"{{"PolicyName":"ReadOnlyAccess","PolicyArn":"{arn}"}}"#);
    let of = (
        &role,
        Attribute::AttachedPolicies,
        &*format!("[{attached}]"),
    );
    let maybe = format!(
        r#"[{{"PolicyName":"ReadOnlyAccess","PolicyArn":"{arn}","Unknown":"{NOT_TOLD}"}}]"#
    );
    check_of(of, &[(60, &format!("{arn} is {attached}"))], 50, &maybe);
    check_of(
        of,
        &[
            (40, &format!("{arn} is gone")),
            (60, &format!("{arn} is {attached}")),
        ],
        50,
        "[]",
    );
}

#[test]
fn what_was_written_last_and_read_otherwise() {
    let bucket = Entity::new(Kind::Bucket, BUCKET);
    let role = Entity::new(Kind::Role, ROLE);
    let mut facts = Facts::new();
    facts.state(
        bucket.clone(),
        Attribute::ResourcePolicy,
        Known::Present(node("0")),
    );
    facts.state(
        role.clone(),
        Attribute::InlinePolicies,
        Known::Present(node(&format!("[{A}]"))),
    );
    let unlike = |all: &[(i64, &str)]| {
        let changes = all.iter().map(|(at, words)| {
            let of = match words.starts_with("is") {
                true => edit(&bucket, Attribute::ResourcePolicy, words),
                false => edit(&role, Attribute::InlinePolicies, words),
            };
            change(*at, vec![of])
        });
        let timeline = Timeline::new(changes.collect(), Some(100), &facts);
        timeline.unlike(&facts).len()
    };
    assert_eq!(unlike(&[(40, "is 1"), (60, "is 0")]), 0);
    assert_eq!(unlike(&[(40, "is 0"), (60, "is 1")]), 1);
    assert_eq!(unlike(&[(60, "is 0"), (120, "is 1")]), 0);
    assert_eq!(unlike(&[(40, "a is gone"), (60, &format!("a is {A}"))]), 0);
    assert_eq!(unlike(&[(60, "a is gone")]), 1);
    assert_eq!(unlike(&[(60, &format!("b is {B}"))]), 1);
    assert_eq!(
        unlike(&[(60, r#"a is {"PolicyName":"a","PolicyDocument":5}"#)]),
        1
    );
    assert_eq!(unlike(&[(60, "c is gone")]), 0);
}

#[test]
fn what_calls_do_not_say_is_looked_up() {
    let role = Entity::new(Kind::Role, ROLE);
    let mut facts = Facts::new();
    facts.state(
        role.clone(),
        Attribute::Exists,
        Known::Present(node("true")),
    );
    for (id, kind) in [("p-1", "RESOURCE_CONTROL_POLICY"), ("p-2", "TAG_POLICY")] {
        let policy = Entity::new(Kind::OrganizationPolicy, id);
        let kind = Known::Present(node(&format!("\"{kind}\"")));
        facts.state(policy, Attribute::PolicyType, kind);
    }
    let without_path = Entity::new(Kind::Role, "arn:aws:iam::111122223333:role/reader");
    let root = Entity::new(Kind::Unit, "r-1");
    let list = Attribute::ServiceControlPolicies;
    let changes = vec![
        change(1, vec![edit(&without_path, Attribute::Trust, "is 1")]),
        change(2, vec![edit(&root, list, r#"p-1 is "p-1""#)]),
        change(3, vec![edit(&root, list, r#"p-2 is "p-2""#)]),
        change(4, vec![edit(&root, list, r#"p-3 is "p-3""#)]),
    ];
    let timeline = Timeline::new(changes, Some(100), &facts);
    let told: Vec<(i64, Vec<(&str, Attribute)>)> = timeline
        .changes()
        .iter()
        .map(|change| {
            let edits = change.edits.iter();
            (
                change.at,
                edits
                    .map(|edit| (&*edit.entity.id, edit.attribute))
                    .collect(),
            )
        })
        .collect();
    let expected = vec![
        (1, vec![(ROLE, Attribute::Trust)]),
        (2, vec![("r-1", Attribute::ResourceControlPolicies)]),
        // A policy of a type that decides nothing is no change; one that is not known is some change.
        (4, vec![]),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_lies_between() {
    let timeline = Timeline::new(vec![change(60, Vec::new())], Some(100), &Facts::new());
    let between = |at| timeline.is_between(&timeline.changes()[0], at);
    assert!(between(50) && !between(60) && !between(70) && !between(200));
}
