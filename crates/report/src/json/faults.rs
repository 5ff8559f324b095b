//! Answers of `faults` and `reach`.

use cofferdam_findings::faults::{
    AttackStep, Becomes, CommonCause, CutSet, Depth, Depths, Faults, Hardened, Hardening,
    Independence, LayerLoad, Leak, Left, Reached, Rewrite, Survival,
};
use cofferdam_text::{Diagnostic, Documents};
use serde_json::{Value, json};

use super::{place, print};
use crate::faults::{Requirement, View};

/// What faults lead to.
pub fn faults(view: &View<'_>, diagnostics: &[Diagnostic], documents: &Documents) -> String {
    let Faults {
        universe,
        principals,
        datasets,
        assumptions,
    } = view.faults;
    let write = Writer { documents };
    print(&json!({
        "universe": universe,
        "diagnostics": place::diagnostics(diagnostics, documents),
        "principals": list(principals, |one| write.reached(one)),
        "datasets": list(datasets, |one| write.dataset(one)),
        "requirements": list(view.requirements, requirement),
        "assumptions": assumptions,
    }))
}

fn left(left: &Left) -> Value {
    json!({
        "kind": left.kind,
        "sink": left.sink,
        "lost": left.lost,
        "possible": left.possible,
        "how": left.how,
    })
}

fn list<T>(items: &[T], one: impl Fn(&T) -> Value) -> Vec<Value> {
    items.iter().map(one).collect()
}

struct Writer<'a> {
    documents: &'a Documents,
}

impl Writer<'_> {
    fn reached(&self, reached: &Reached) -> Value {
        json!({
            "principal": reached.principal,
            "administrator": reached.administrator,
            "administrator_possible": reached.administrator_possible,
            "becomes": list(&reached.becomes, |one| self.becomes(one)),
            "rewrites": list(&reached.rewrites, |one| self.rewrite(one)),
            "leaks": list(&reached.leaks, |one| self.leak(one)),
            "left": list(&reached.left, left),
        })
    }

    fn becomes(&self, becomes: &Becomes) -> Value {
        json!({
            "principal": becomes.principal,
            "possible": becomes.possible,
            "steps": self.steps(&becomes.steps),
        })
    }

    fn rewrite(&self, rewrite: &Rewrite) -> Value {
        json!({
            "layer": rewrite.layer,
            "object": rewrite.object,
            "effect": rewrite.effect,
            "edge": rewrite.edge,
            "possible": rewrite.possible,
            "steps": self.steps(&rewrite.steps),
        })
    }

    fn leak(&self, leak: &Leak) -> Value {
        json!({
            "dataset": leak.dataset,
            "possible": leak.possible,
            "steps": self.steps(&leak.steps),
        })
    }

    fn dataset(&self, depths: &Depths) -> Value {
        json!({
            "dataset": depths.dataset,
            "leak_depth": depth(depths.leak_depth),
            "breach_depth": depth(depths.breach_depth),
            "silent_depth": depth(depths.silent_depth),
            "searched_to": depths.searched_to,
            "depth_if_management_falls": depths.depth_if_management_falls,
            "cut_sets": list(&depths.cut_sets, |one| self.cut_set(one)),
            "independence": list(&depths.independence, |one| self.independence(one)),
            "survival": list(&depths.survival, |one| self.survival(one)),
            "layers": list(&depths.layers, layer),
            "common_causes": list(&depths.common_causes, common_cause),
            "hardening": list(&depths.hardening, hardening),
        })
    }

    fn cut_set(&self, set: &CutSet) -> Value {
        json!({
            "faults": set.faults,
            "opens": set.opens,
            "possible": set.possible,
            "steps": self.steps(&set.steps),
        })
    }

    fn independence(&self, pair: &Independence) -> Value {
        json!({
            "layers": [pair.layers.0, pair.layers.1],
            "depth": depth(pair.depth),
            "cut_set": pair.cut_set,
            "steps": self.steps(&pair.steps),
        })
    }

    fn survival(&self, said: &Survival) -> Value {
        json!({
            "fault": said.fault,
            "leaks": said.leaks,
            "leaks_possible": said.leaks_possible,
            "layers": said.layers,
            "evidence": said.evidence.word(),
            "evidence_open": said.evidence_open,
            "why": said.why,
            "steps": self.steps(&said.steps),
        })
    }

    fn steps(&self, steps: &[AttackStep]) -> Vec<Value> {
        list(steps, |one| self.step(one))
    }

    fn step(&self, step: &AttackStep) -> Value {
        json!({
            "edge": step.edge,
            "principal": step.principal,
            "actions": step.actions,
            "on": step.on,
            "gains": step.gains,
            "why": step.why,
            "possible": step.possible,
            "missing": step.missing,
            "because": list(&step.because, |one| place::reason(one, self.documents)),
            "requests": list(&step.requests, place::step),
        })
    }
}

fn depth(depth: Depth) -> Value {
    json!({"may": depth.may, "must": depth.must})
}

fn layer(load: &LayerLoad) -> Value {
    json!({
        "layer": load.layer,
        "bearing": load.bearing,
        "control_points": load.control_points,
    })
}

fn common_cause(cause: &CommonCause) -> Value {
    json!({
        "what": cause.what,
        "faults": cause.faults,
        "breach_depth": depth(cause.breach_depth),
    })
}

fn hardening(hardening: &Hardening) -> Value {
    let mut told = json!({
        "of": hardening.of,
        "before": depth(hardening.before),
    });
    let found = match &hardening.hardened {
        Hardened::Not(why) => json!({"changes": [], "statements": [], "why_none": why}),
        Hardened::By {
            changes,
            statements,
            after,
            smallest,
        } => json!({
            "after": depth(*after),
            "changes": changes,
            "smallest": smallest,
            "statements": list(statements, |(document, statement)| {
                let parsed: Result<Value, _> = serde_json::from_str(statement);
                let statement = parsed.unwrap_or_else(|_| json!(statement));
                json!({"where": document, "statement": statement})
            }),
        }),
    };
    if let (Value::Object(told), Value::Object(found)) = (&mut told, found) {
        told.extend(found);
    }
    told
}

fn requirement(requirement: &Requirement) -> Value {
    json!({
        "dataset": requirement.dataset,
        "requirement": requirement.what,
        "verdict": requirement.verdict.word(),
        "message": requirement.message,
    })
}
