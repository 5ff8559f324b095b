//! A replay for programs: totals and rates first, then what contradicts, then every list.

use cofferdam_findings::replay::{
    Broken, Contradiction, Counted, Disagreement, Group, Replay, Sample,
};
use cofferdam_text::{Diagnostic, Documents};
use serde_json::{Value, json};

use super::{place, print};

/// The whole answer.
pub fn replay(answer: &Replay, diagnostics: &[Diagnostic], documents: &Documents) -> String {
    let disagreements = answer.disagreements.iter();
    print(&json!({
        "summary": summary(answer),
        "diagnostics": place::diagnostics(diagnostics, documents),
        "contradictions": answer.contradictions.iter().map(contradiction).collect::<Vec<_>>(),
        "classes": answer.groups.iter().map(group).collect::<Vec<_>>(),
        "disagreements": disagreements.map(|one| disagreement(one, documents)).collect::<Vec<_>>(),
        "cannot_decide": counted(&answer.undecided),
        "no_decision": counted(&answer.no_decisions),
        "not_understood": counted(&answer.unclear),
        "unreadable": answer.broken.iter().map(broken).collect::<Vec<_>>(),
        "notes": answer.notes,
    }))
}

fn summary(answer: &Replay) -> Value {
    let (agrees, disagrees, undecided) = answer.totals();
    let decided = agrees + disagrees;
    let (first, last) = match &answer.period {
        Some((first, last)) => (Some(first), Some(last)),
        None => (None, None),
    };
    json!({
        "first_event": first,
        "last_event": last,
        "files": answer.files,
        "records": answer.records,
        "duplicates": answer.duplicates,
        "copies_for_owners": answer.twins,
        "events_on_other_data": answer.of_other_datasets,
        "agrees": agrees,
        "disagrees": disagrees,
        "cannot_decide": undecided,
        "agreement": rate(agrees, decided),
        "coverage": rate(decided, decided + undecided),
        "kinds_decided": answer.classes,
        "proofs": answer.proofs,
        "contradictions": answer.contradictions_in_all,
        "disagreement_kinds": answer.disagreements_in_all,
        "changes": answer.changes,
        "changes_with_policy": answer.moved,
        "unreadable_places": answer.broken_in_all,
    })
}

/// Between 0 and 1, with six digits; none of nothing.
fn rate(part: u64, whole: u64) -> Value {
    match whole {
        0 => Value::Null,
        _ => {
            let millionths = u128::from(part) * 1_000_000 / u128::from(whole);
            json!(u32::try_from(millionths).map_or(1.0, |number| f64::from(number) / 1e6))
        }
    }
}

fn contradiction(one: &Contradiction) -> Value {
    json!({
        "finding": one.finding,
        "obligation": one.obligation,
        "dataset": (!one.dataset.is_empty()).then_some(&one.dataset),
        "owner": one.owner,
        "proved": one.proved,
        "why": one.why,
        "changed_since": one.changed_since,
        "decision": one.decision,
        "events": one.events,
        "first": sample(&one.sample),
    })
}

fn group(group: &Group) -> Value {
    let decided = group.agrees + group.disagrees;
    json!({
        "service": group.service,
        "class": group.class,
        "aws": group.answer,
        "agrees": group.agrees,
        "disagrees": group.disagrees,
        "cannot_decide": group.undecided,
        "agreement": rate(group.agrees, decided),
        "coverage": rate(decided, decided + group.undecided),
    })
}

fn disagreement(one: &Disagreement, documents: &Documents) -> Value {
    let because = one.because.iter();
    json!({
        "aws": one.aws,
        "policy": one.policy,
        "decision": one.decision,
        "why": one.why,
        "look_at": one.look_at,
        "because": because.map(|reason| place::reason(reason, documents)).collect::<Vec<_>>(),
        "refused_by": one.layers,
        "events": one.events,
        "first": sample(&one.sample),
    })
}

fn sample(sample: &Sample) -> Value {
    json!({
        "event": sample.event,
        "time": sample.time,
        "file": sample.file,
        "offset": sample.offset,
        "principal": sample.principal,
        "action": sample.action,
        "resource": sample.resource,
        "from": sample.from,
    })
}

fn counted(list: &[Counted]) -> Vec<Value> {
    let one = |counted: &Counted| json!({"why": counted.why, "events": counted.events, "first": counted.first});
    list.iter().map(one).collect()
}

fn broken(one: &Broken) -> Value {
    json!({"file": one.file, "offset": one.offset, "why": one.why})
}
