//! The solver's public face, question by question: verdicts, witnesses as people see them, cores,
//! limits.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may"
)]

use cofferdam_logic::{
    Attribute, Case, Class, Comparison, Decimal, Formula, Limits, Memory, Network, Outcome, Part,
    Pattern, Problem, Reason, Solver, Token,
};

fn solve<'p>(problem: &'p Problem, goal: Formula) -> Outcome<'p> {
    Solver::new(problem, goal, Limits::default()).solve(&[])
}

/// `text name = value; …` for the attributes asked for, or the verdict.
fn shown(problem: &Problem, goal: Formula, attributes: &[Attribute]) -> String {
    said(&solve(problem, goal), problem, attributes)
}

fn said(outcome: &Outcome<'_>, problem: &Problem, attributes: &[Attribute]) -> String {
    match outcome {
        Outcome::Satisfiable(model) => {
            let value = |a: &Attribute| format!("{} = {}", problem.name(*a), model.text(*a));
            attributes.iter().map(value).collect::<Vec<_>>().join("; ")
        }
        Outcome::Unsatisfiable(core) => format!("no ({})", core.assumptions().len()),
        Outcome::Undecided(reason) => format!("undecided: {reason}"),
    }
}

/// A question of one problem after another: the same with what solvers before it found out, also
/// where the problem has grown since, and where the memory is of another problem.
#[test]
fn what_earlier_solvers_found_out_changes_no_answer() {
    let globs = ["a*", "*b", "*ab*", "?", "a?b*", "*", "ab", "b"];
    let mut memory = Memory::default();
    for reversed in [false, true] {
        let mut p = Problem::new();
        let (name, other) = (
            p.text("name", vec![], Case::Sensitive),
            p.text("other", vec![role_shape()], Case::Sensitive),
        );
        let mut globs = globs;
        if reversed {
            globs.reverse();
        }
        for (place, first) in globs.iter().enumerate() {
            for second in &globs[..place] {
                let holds = p.matches(name, &Pattern::glob(first));
                let fails = p.matches(name, &Pattern::glob(second));
                let joined = p.joined(
                    other,
                    &[Part::Pattern(Pattern::glob("*/")), Part::Value(name)],
                );
                let goal = p.all(&[holds, !fails, joined]);
                let mut again = Solver::remembering(&p, goal, Limits::default(), memory);
                let answer = said(&again.solve(&[]), &p, &[name, other]);
                memory = again.memory();
                assert_eq!(
                    answer,
                    shown(&p, goal, &[name, other]),
                    "{first} without {second}"
                );
            }
        }
    }
}

fn literal_tokens(text: &str) -> Vec<Token> {
    text.chars().map(Token::Char).collect()
}

/// `arn:aws:iam::` account `:role/` name.
fn role_shape() -> Pattern {
    let mut tokens = literal_tokens("arn:aws:iam::");
    tokens.extend([Token::One(Class::Digit); 12]);
    tokens.extend(literal_tokens(":role/"));
    tokens.extend([Token::One(Class::Word), Token::Many(Class::Path)]);
    Pattern::from_tokens(tokens).with_example("arn:aws:iam::999988887777:role/example")
}

fn check_role(positive: &[&str], negative: &[&str], expected: &str) {
    let mut p = Problem::new();
    let role = p.text("role", vec![role_shape()], Case::Sensitive);
    let mut parts: Vec<Formula> = positive
        .iter()
        .map(|glob| p.matches(role, &Pattern::glob(glob)))
        .collect();
    parts.extend(
        negative
            .iter()
            .map(|glob| !p.matches(role, &Pattern::glob(glob))),
    );
    let goal = p.all(&parts);
    assert_eq!(
        shown(&p, goal, &[role]),
        expected,
        "{positive:?} without {negative:?}"
    );
}

#[test]
fn witnesses_look_real() {
    check_role(&[], &[], "role = arn:aws:iam::999988887777:role/example");
    check_role(
        &["*::111122223333:*"],
        &[],
        "role = arn:aws:iam::111122223333:role/example",
    );
    check_role(
        &["*:role/app/*"],
        &[],
        "role = arn:aws:iam::999988887777:role/app/example",
    );
    check_role(
        &["*admin"],
        &["*/admin"],
        "role = arn:aws:iam::999988887777:role/aadmin",
    );
    check_role(
        &[],
        &["*999988887777*"],
        "role = arn:aws:iam::111188887777:role/example",
    );
    check_role(&["*:role/*:*"], &[], "no (0)");
    check_role(&["arn:aws:iam::*:user/*"], &[], "no (0)");
    check_role(&["arn:aws:iam::????????????:role/a", "*b"], &[], "no (0)");
}

#[test]
fn shapes_are_preferred_in_order() {
    let mut p = Problem::new();
    let shapes = vec![Pattern::literal("anonymous"), role_shape()];
    let who = p.text("who", shapes, Case::Sensitive);
    assert_eq!(shown(&p, Formula::TRUE, &[who]), "who = anonymous");
    let named = p.matches(who, &Pattern::glob("arn:*"));
    assert_eq!(
        shown(&p, named, &[who]),
        "who = arn:aws:iam::999988887777:role/example"
    );
    let role = p.matches(who, &Pattern::glob("*:role/*"));
    let neither = p.all(&[named, !role]);
    assert_eq!(shown(&p, neither, &[who]), "no (0)");
}

#[test]
fn case_may_be_disregarded_per_attribute_and_per_pattern() {
    let mut p = Problem::new();
    let loose = p.text("loose", vec![], Case::Insensitive);
    let upper = p.matches(loose, &Pattern::literal("ABC"));
    let lower = p.matches(loose, &Pattern::literal("abc"));
    let goal = p.all(&[upper, !lower]);
    assert_eq!(shown(&p, goal, &[loose]), "no (0)");
    let strict = p.text("strict", vec![], Case::Sensitive);
    let folded = p.matches(strict, &Pattern::literal("abc").any_case());
    let exact = p.matches(strict, &Pattern::literal("abc"));
    let goal = p.all(&[folded, !exact]);
    assert_eq!(shown(&p, goal, &[strict]), "strict = abC");
}

/// Policy variables: `a` against a concatenation with the value of `v`.
fn check_joined(a: &[&str], not_a: &[&str], v: &[&str], join: &str, sign: bool, expected: &str) {
    let mut p = Problem::new();
    let key = p.text("a", vec![], Case::Sensitive);
    let variable = p.text("v", vec![], Case::Sensitive);
    let mut parts: Vec<Formula> = a
        .iter()
        .map(|glob| p.matches(key, &Pattern::glob(glob)))
        .collect();
    parts.extend(
        not_a
            .iter()
            .map(|glob| !p.matches(key, &Pattern::glob(glob))),
    );
    parts.extend(
        v.iter()
            .map(|glob| p.matches(variable, &Pattern::glob(glob))),
    );
    let (before, after) = join.split_once('$').unwrap();
    let joined = [
        Part::Pattern(Pattern::glob(before)),
        Part::Value(variable),
        Part::Pattern(Pattern::glob(after)),
    ];
    let joined: Vec<Part> = joined
        .into_iter()
        .filter(|part| !matches!(part, Part::Pattern(piece) if piece.tokens().is_empty()))
        .collect();
    let relation = p.joined(key, &joined);
    parts.push(if sign { relation } else { !relation });
    let goal = p.all(&parts);
    let case = format!("{a:?} {not_a:?} {v:?} {join} {sign}");
    assert_eq!(shown(&p, goal, &[key, variable]), expected, "{case}");
}

#[test]
fn equal_attributes_share_their_constraints() {
    check_joined(&["x*"], &[], &["*y"], "$", true, "a = xy; v = xy");
    check_joined(&["x*"], &[], &["y*"], "$", true, "no (0)");
    check_joined(&["x"], &[], &["x"], "$", false, "no (0)");
    check_joined(&["x?"], &["xx"], &["x?"], "$", false, "a = xa; v = xx");
}

#[test]
fn values_are_cut_out_of_what_they_are_joined_into() {
    check_joined(
        &["home/alice/x"],
        &[],
        &[],
        "home/$/*",
        true,
        "a = home/alice/x; v = alice",
    );
    check_joined(
        &["home/*"],
        &[],
        &["bob"],
        "home/$/*",
        true,
        "a = home/bob/; v = bob",
    );
    check_joined(&["home/alice/*"], &[], &["bob"], "home/$/*", true, "no (0)");
    check_joined(&["tmp/*"], &[], &[], "home/$/*", true, "no (0)");
    check_joined(
        &["home/alice/x"],
        &[],
        &["alice"],
        "home/$/*",
        false,
        "no (0)",
    );
}

#[test]
fn values_are_literal_even_if_they_look_like_wildcards() {
    check_joined(&["ab"], &[], &["a?", "?[*]"], "$", true, "no (0)");
    let mut p = Problem::new();
    let a = p.text("a", vec![], Case::Sensitive);
    let v = p.text("v", vec![], Case::Sensitive);
    let joined = p.joined(a, &[Part::Value(v), Part::Pattern(Pattern::literal("/"))]);
    let star = p.matches(v, &Pattern::literal("*"));
    let other = p.matches(a, &Pattern::literal("x/"));
    let goal = p.all(&[joined, star, other]);
    assert_eq!(shown(&p, goal, &[a, v]), "no (0)");
}

#[test]
fn sets_have_one_element_per_demand() {
    let mut p = Problem::new();
    let keys = p.texts("keys", vec![], Case::Sensitive);
    let a = p.some(keys, &Pattern::glob("a*"));
    let b = p.some(keys, &Pattern::glob("b*"));
    let short = p.every(keys, &Pattern::glob("??"));
    let goal = p.all(&[a, b, short]);
    let Outcome::Satisfiable(model) = solve(&p, goal) else {
        panic!("satisfiable")
    };
    assert_eq!(model.texts(keys), ["ax", "bx"]);
    let only_c = p.every(keys, &Pattern::glob("c*"));
    let goal = p.all(&[only_c, short]);
    let Outcome::Satisfiable(model) = solve(&p, goal) else {
        panic!("the empty set")
    };
    assert!(
        model.texts(keys).is_empty(),
        "universal demands hold of the empty set"
    );
    let goal = p.all(&[only_c, a]);
    assert!(matches!(solve(&p, goal), Outcome::Unsatisfiable(_)));
}

#[test]
fn every_kind_of_value_is_given() {
    let mut p = Problem::new();
    let ip = p.address("ip");
    let time = p.number_near("time", Decimal::from_integer(1_790_000_000));
    let action = p.finite(
        "action",
        ["s3:GetObject", "s3:PutObject"].map(str::to_owned).to_vec(),
    );
    let net: Network = "203.0.113.0/24".parse().unwrap();
    let outside = !p.within(ip, &net);
    let later = p.compare(
        time,
        Comparison::Greater,
        Decimal::from_integer(1_800_000_000),
    );
    let put = p.one_of(action, [1]);
    let goal = p.all(&[outside, later, put]);
    let Outcome::Satisfiable(model) = solve(&p, goal) else {
        panic!("satisfiable")
    };
    assert_eq!(model.address(ip).to_string(), "198.51.100.20");
    assert_eq!(model.number(time).to_string(), "1800000001");
    assert_eq!(
        p.values(action)[model.finite(action) as usize],
        "s3:PutObject"
    );
    assert!(model.holds(goal) && !model.holds(!goal));
}

#[test]
fn cores_name_the_assumptions_that_matter() {
    let mut p = Problem::new();
    let name = p.text("name", vec![], Case::Sensitive);
    let controls: Vec<Formula> = (0..8).map(|n| p.flag(&format!("control {n}"))).collect();
    let mut parts = Vec::new();
    for (n, glob) in ["a*", "*c", "b*", "*d", "*", "??*", "*x*", "*y*"]
        .iter()
        .enumerate()
    {
        let test = p.matches(name, &Pattern::glob(glob));
        parts.push(p.implies(controls[n], test));
    }
    let goal = p.all(&parts);
    let mut solver = Solver::new(&p, goal, Limits::default());
    let Outcome::Unsatisfiable(core) = solver.solve(&controls) else {
        panic!("contradictory")
    };
    assert_eq!(core.assumptions().len(), 2, "{core:?}");
    let rest: Vec<Formula> = controls
        .iter()
        .copied()
        .filter(|c| *c != controls[2])
        .collect();
    let Outcome::Unsatisfiable(core) = solver.solve(&rest) else {
        panic!("*c and *d")
    };
    assert_eq!(core.assumptions(), [controls[1], controls[3]]);
    assert!(matches!(
        solver.solve(&controls[..2]),
        Outcome::Satisfiable(_)
    ));
    assert!(!solver.lemmas().is_empty(), "lemmas are recorded");
}

#[test]
fn assumptions_that_the_goal_decides_are_not_blamed_wrongly() {
    let mut p = Problem::new();
    let (f, g) = (p.flag("f"), p.flag("g"));
    let goal = p.all(&[f, g]);
    let mut solver = Solver::new(&p, goal, Limits::default());
    let Outcome::Unsatisfiable(core) = solver.solve(&[f, !g]) else {
        panic!("not g")
    };
    assert_eq!(core.assumptions(), [!g]);
    let mut solver = Solver::new(&p, Formula::FALSE, Limits::default());
    let Outcome::Unsatisfiable(core) = solver.solve(&[f]) else {
        panic!("false")
    };
    assert!(core.assumptions().is_empty());
}

#[test]
fn blocking_enumerates_all_causes() {
    let mut p = Problem::new();
    let name = p.text("name", vec![], Case::Sensitive);
    let uses: Vec<Formula> = (0..4).map(|n| p.flag(&format!("statement {n}"))).collect();
    let mut ways = Vec::new();
    for (n, glob) in ["a*", "b*", "c*", "d*"].iter().enumerate() {
        let test = p.matches(name, &Pattern::glob(glob));
        ways.push(p.all(&[uses[n], test]));
    }
    let some_way = p.any(&ways);
    let not_d = !p.matches(name, &Pattern::glob("d*"));
    let goal = p.all(&[some_way, not_d]);
    let mut solver = Solver::new(&p, goal, Limits::default());
    let mut causes = Vec::new();
    while let Outcome::Satisfiable(model) = solver.solve(&[]) {
        let used: Vec<usize> = (0..4).filter(|n| model.holds(uses[*n])).collect();
        let blocked: Vec<Formula> = used.iter().map(|n| !uses[*n]).collect();
        solver.assert_any(&blocked);
        causes.push(used);
    }
    causes.sort();
    assert_eq!(causes, [[0], [1], [2]]);
}

#[test]
fn limits_make_undecided_and_never_wrong() {
    let mut p = Problem::new();
    let name = p.text("name", vec![], Case::Sensitive);
    let shape = Pattern::from_tokens(vec![Token::One(Class::Any); 15]);
    let mut parts = vec![p.matches(name, &shape)];
    for n in b'a'..b'i' {
        let glob = format!("*{}{}*", char::from(n), char::from(n).to_ascii_uppercase());
        parts.push(p.matches(name, &Pattern::glob(&glob)));
    }
    let goal = p.all(&parts);
    let tight = Limits {
        product_states: 50,
        ..Limits::default()
    };
    let outcome = Solver::new(&p, goal, tight).solve(&[]);
    assert!(
        matches!(outcome, Outcome::Undecided(Reason::ProductStates)),
        "{outcome:?}"
    );
    let outcome = Solver::new(&p, goal, Limits::default()).solve(&[]);
    assert!(matches!(outcome, Outcome::Unsatisfiable(_)), "{outcome:?}");
    let none = Limits {
        rounds: 0,
        ..Limits::default()
    };
    let outcome = Solver::new(&p, Formula::TRUE, none).solve(&[]);
    assert!(
        matches!(outcome, Outcome::Undecided(Reason::Rounds)),
        "{outcome:?}"
    );
}

#[test]
fn a_test_that_a_kind_does_not_have_is_named() {
    let mut p = Problem::new();
    let ip = p.address("aws:SourceIp");
    let wrong = p.matches(ip, &Pattern::glob("10.*"));
    let Outcome::Undecided(reason) = solve(&p, wrong) else {
        panic!("misuse")
    };
    assert_eq!(
        reason.to_string(),
        "attribute 'aws:SourceIp' is address and cannot be tested for a pattern"
    );
}

#[test]
fn names_make_attributes_and_formulas_the_same() {
    let mut p = Problem::new();
    let a = p.text("a", vec![], Case::Sensitive);
    assert_eq!(p.text("a", vec![], Case::Sensitive), a);
    assert_ne!(p.text("a", vec![], Case::Insensitive), a);
    let f = p.matches(a, &Pattern::glob("x*"));
    assert_eq!(p.matches(a, &Pattern::glob("x**")), f);
    assert_eq!(p.matches(a, &Pattern::glob("*")), Formula::TRUE);
    let flag = p.flag("f");
    let both = p.all(&[f, !flag]);
    assert_eq!(p.display(both), "(a is \"x*\" and not f)");
    assert_eq!(p.display(!both), "(not a is \"x*\" or f)");
}

/// The whole run, values and lemmas, must repeat.
#[test]
fn the_same_question_has_the_same_answer() {
    let run = || {
        let mut p = Problem::new();
        let name = p.text("name", vec![role_shape()], Case::Sensitive);
        let tags = p.texts("tags", vec![], Case::Sensitive);
        let mut parts = Vec::new();
        for n in 0..40 {
            let flag = p.flag(&format!("f{}", n % 7));
            let glob = Pattern::glob(&format!("*:role/{}*{}", n % 5, n % 3));
            let one = p.matches(name, &glob);
            let tag = p.some(tags, &Pattern::glob(&format!("{}*", n % 11)));
            parts.push(p.any(&[flag, one, !tag]));
            parts.push(p.any(&[!flag, tag]));
        }
        let goal = p.all(&parts);
        let mut solver = Solver::new(&p, goal, Limits::default());
        let outcome = match solver.solve(&[]) {
            Outcome::Satisfiable(model) => {
                format!("{} {:?}", model.text(name), model.texts(tags))
            }
            other => format!("{other:?}"),
        };
        format!("{outcome} {:?}", solver.lemmas())
    };
    assert_eq!(run(), run());
}
