//! Questions that defeated simpler designs: they must be answered or refused within the limits.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use cofferdam_logic::{Case, Class, Formula, Limits, Outcome, Pattern, Problem, Solver, Token};

fn verdict(problem: &Problem, goal: Formula) -> String {
    let mut solver = Solver::new(problem, goal, Limits::default());
    match solver.solve(&[]) {
        Outcome::Satisfiable(_) => "satisfiable".to_owned(),
        Outcome::Unsatisfiable(_) => "unsatisfiable".to_owned(),
        Outcome::Undecided(reason) => format!("undecided: {reason}"),
    }
}

fn infixes(count: u8) -> Vec<Pattern> {
    (0..count)
        .map(|n| {
            Pattern::glob(&format!(
                "*{}{}*",
                char::from(b'a' + n),
                char::from(b'A' + n)
            ))
        })
        .collect()
}

/// Infix globs multiply: 2^n states. Their conjunction has a long shortest member.
#[test]
fn twelve_infix_globs_meet() {
    let mut p = Problem::new();
    let name = p.text("name", vec![], Case::Sensitive);
    let parts: Vec<Formula> = infixes(12)
        .iter()
        .map(|glob| p.matches(name, glob))
        .collect();
    let goal = p.all(&parts);
    assert_eq!(verdict(&p, goal), "satisfiable");
}

/// The same within a shape too short for them: everything has to be looked at.
#[test]
fn twelve_infix_globs_do_not_fit() {
    let mut p = Problem::new();
    let shape = Pattern::from_tokens(vec![Token::One(Class::Any); 23]);
    let name = p.text("name", vec![shape], Case::Sensitive);
    let parts: Vec<Formula> = infixes(12)
        .iter()
        .map(|glob| p.matches(name, glob))
        .collect();
    let goal = p.all(&parts);
    let verdict = verdict(&p, goal);
    assert!(
        verdict.starts_with("uns") || verdict.starts_with("und"),
        "{verdict}"
    );
}

fn account(n: usize) -> String {
    format!("{:012}", 100_000_000_000 + n * 7919)
}

/// Three thousand exact names against three thousand account globs that cover them.
#[test]
fn exact_names_against_account_globs() {
    let mut p = Problem::new();
    let name = p.text("principal", vec![], Case::Sensitive);
    let (mut exact, mut globs) = (Vec::new(), Vec::new());
    for n in 0..3_000 {
        let literal = Pattern::literal(&format!("arn:aws:iam::{}:role/app", account(n)));
        exact.push(p.matches(name, &literal));
        globs.push(p.matches(
            name,
            &Pattern::glob(&format!("arn:aws:iam::{}:*", account(n))),
        ));
    }
    let (one, covered) = (p.any(&exact), p.any(&globs));
    let goal = p.all(&[one, !covered]);
    assert_eq!(verdict(&p, goal), "unsatisfiable");
    globs.pop();
    let covered = p.any(&globs);
    let goal = p.all(&[one, !covered]);
    assert_eq!(verdict(&p, goal), "satisfiable");
}

/// The same under a selector per pair, so that nothing is forced and slicing cannot help.
#[test]
fn exact_names_against_account_globs_with_conditions() {
    let mut p = Problem::new();
    let name = p.text("principal", vec![], Case::Sensitive);
    let (mut exact, mut globs) = (Vec::new(), Vec::new());
    for n in 0..3_000 {
        let flag = p.flag(&format!("condition {n}"));
        let literal = Pattern::literal(&format!("arn:aws:iam::{}:role/app", account(n)));
        let literal = p.matches(name, &literal);
        exact.push(p.all(&[literal, flag]));
        let glob = p.matches(
            name,
            &Pattern::glob(&format!("arn:aws:iam::{}:*", account(n))),
        );
        globs.push(p.all(&[glob, flag]));
    }
    let (one, covered) = (p.any(&exact), p.any(&globs));
    let goal = p.all(&[one, !covered]);
    assert_eq!(verdict(&p, goal), "unsatisfiable");
}

/// Patterns like those of the largest managed policies, as text rather than as finite values.
fn names(count: usize) -> Vec<Pattern> {
    let verbs = ["Get", "List", "Describe", "Batch"];
    (0..count)
        .map(|n| {
            let star = if n % 3 == 0 { "*" } else { "" };
            Pattern::glob(&format!(
                "svc{}:{}Thing{n}{star}",
                n % 150,
                verbs.get(n % 4).unwrap()
            ))
        })
        .collect()
}

#[test]
fn a_list_of_4500_patterns_against_most_of_itself() {
    let mut p = Problem::new();
    let action = p.text("action", vec![], Case::Insensitive);
    let atoms: Vec<Formula> = names(4_500)
        .iter()
        .map(|name| p.matches(action, name))
        .collect();
    let all = p.any(&atoms);
    let most = p.any(&atoms[..4_499]);
    let (wider, narrower) = (p.all(&[all, !most]), p.all(&[most, !all]));
    assert_eq!(verdict(&p, wider), "satisfiable");
    assert_eq!(verdict(&p, narrower), "unsatisfiable");
    let broad = ["svc*:Get*", "svc*:List*", "svc*:Describe*", "svc*:Batch*"];
    let broad: Vec<Formula> = broad.map(|g| p.matches(action, &Pattern::glob(g))).to_vec();
    let broad = p.any(&broad);
    let goal = p.all(&[all, !broad]);
    assert_eq!(verdict(&p, goal), "unsatisfiable");
    let goal = p.all(&[broad, !all]);
    assert_eq!(verdict(&p, goal), "satisfiable");
}

/// Seventeen thousand finite values cut by hundreds of sets.
#[test]
fn a_large_finite_universe() {
    let mut p = Problem::new();
    let values: Vec<String> = (0..17_000).map(|n| format!("action{n}")).collect();
    let action = p.finite("action", values);
    let mut parts = Vec::new();
    for n in 0..400u32 {
        let flag = p.flag(&format!("condition {n}"));
        let set = p.one_of(action, (0..17_000).filter(|v| v % 400 != n));
        parts.push(p.any(&[!flag, set]));
        parts.push(flag);
    }
    let goal = p.all(&parts);
    assert_eq!(verdict(&p, goal), "unsatisfiable");
    let goal = p.all(&parts[2..]);
    assert_eq!(verdict(&p, goal), "satisfiable");
}

/// Nesting far deeper than any stack.
#[test]
fn deep_formulas_do_not_recurse() {
    let mut p = Problem::new();
    let mut f = p.flag("start");
    for n in 0..50_000 {
        let flag = p.flag(&format!("flag {n}"));
        f = if n % 2 == 0 {
            p.any(&[f, flag])
        } else {
            p.all(&[f, flag])
        };
    }
    assert_eq!(verdict(&p, f), "satisfiable");
    assert!(p.display(f).len() < 10_000);
}
