//! Refutations that are written out are accepted by a checker that shares no code with the solver,
//! and only for the question that they are about.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use cofferdam_checker::question;
use cofferdam_logic::{
    Attribute, Case, Certificate, Class, Comparison, Decimal, Formula, Limits, Network, Outcome,
    Part, Pattern, Problem, Solver, Token,
};

/// A fixed sequence of numbers that look random.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }
}

struct World {
    texts: [Attribute; 3],
    set: Attribute,
    finite: Attribute,
    address: Attribute,
    number: Attribute,
}

impl World {
    fn new(problem: &mut Problem) -> Self {
        let account = Pattern::from_tokens(vec![Token::One(Class::Digit); 2]);
        let path = Pattern::from_tokens(vec![Token::Char('a'), Token::Many(Class::Except(':'))]);
        Self {
            texts: [
                problem.text("t0", vec![], Case::Sensitive),
                problem.text("t1", vec![account, path], Case::Sensitive),
                problem.text("t2", vec![], Case::Insensitive),
            ],
            set: problem.texts("s", vec![], Case::Sensitive),
            finite: problem.finite("f", ["u", "v", "w", "x"].map(str::to_owned).to_vec()),
            address: problem.address("ip"),
            number: problem.number("n"),
        }
    }

    fn atom(&self, problem: &mut Problem, draw: &mut Draw) -> Formula {
        const GLOBS: [&str; 12] = [
            "a*", "*b", "ab", "a", "*ab*", "12", "1?", "*", "A*", "a:b", "*:*", "é*\\\"",
        ];
        const BLOCKS: [&str; 6] = [
            "10.0.0.0/8",
            "10.1.0.0/16",
            "0.0.0.0/0",
            "::/0",
            "2001:db8::/32",
            "10.1.2.3/32",
        ];
        const NUMBERS: [&str; 5] = ["0", "5", "-1.5", "5.000000000000000001", "6"];
        let glob = Pattern::glob(draw.of(&GLOBS));
        let text = draw.of(&self.texts);
        match draw.below(10) {
            0..3 => problem.matches(text, &glob),
            3 => problem.some(self.set, &glob),
            4 => problem.every(self.set, &glob),
            5 => problem.one_of(
                self.finite,
                [0, 1, 2, 3].into_iter().filter(|_| draw.below(2) == 0),
            ),
            6 => problem.within(self.address, &draw.of(&BLOCKS).parse::<Network>().unwrap()),
            7 => {
                let value = draw.of(&NUMBERS).parse::<Decimal>().unwrap();
                let op = draw.of(&[Comparison::Less, Comparison::LessOrEqual, Comparison::Equal]);
                problem.compare(self.number, op, value)
            }
            8 => problem.flag(draw.of(&["p", "q"])),
            _ => problem.joined(text, &self.parts(draw)),
        }
    }

    fn parts(&self, draw: &mut Draw) -> Vec<Part> {
        let value = Part::Value(draw.of(&self.texts));
        match draw.below(3) {
            0 => vec![value],
            1 => vec![Part::Pattern(Pattern::literal("a")), value],
            _ => vec![value, Part::Pattern(Pattern::glob("*b"))],
        }
    }

    fn formula(&self, problem: &mut Problem, draw: &mut Draw) -> Formula {
        let clauses: Vec<Formula> = (0..3 + draw.below(9))
            .map(|_| {
                let atoms: Vec<Formula> = (0..1 + draw.below(3))
                    .map(|_| {
                        let atom = self.atom(problem, draw);
                        if draw.below(2) == 0 {
                            atom
                        } else {
                            problem.not(atom)
                        }
                    })
                    .collect();
                problem.any(&atoms)
            })
            .collect();
        problem.all(&clauses)
    }
}

/// What the checker says of a certificate.
fn check(certificate: &Certificate) -> Result<(), String> {
    let Certificate {
        formula,
        clauses,
        proof,
    } = certificate;
    question(formula, clauses, proof)
        .map(drop)
        .map_err(|refused| refused.to_string())
}

#[test]
fn every_refutation_is_accepted_by_the_checker() {
    let (mut accepted, mut unwritten) = (0, 0);
    for seed in 0..3000 {
        let mut draw = Draw(seed);
        let mut problem = Problem::new();
        let world = World::new(&mut problem);
        let goal = world.formula(&mut problem, &mut draw);
        let assumption = world.atom(&mut problem, &mut draw);
        let mut solver = Solver::new(&problem, goal, Limits::default());
        let Outcome::Unsatisfiable(core) = solver.solve(&[assumption]) else {
            continue;
        };
        match solver.certificate(core.assumptions()) {
            Ok(certificate) => {
                let checked = check(&certificate);
                assert_eq!(checked, Ok(()), "seed {seed}: {certificate:#?}");
                keep(&certificate, seed);
                accepted += 1;
            }
            Err(_) => unwritten += 1,
        }
    }
    assert!(accepted > 600, "only {accepted} refutations were met");

    assert!(
        unwritten * 100 <= accepted,
        "{unwritten} could not be written out"
    );
}

/// Keeps a certificate where `xtask/foreign/run.sh` asks for it, to put it to other tools.
fn keep(certificate: &Certificate, seed: u64) {
    let Ok(directory) = std::env::var("KEEP_CERTIFICATES") else {
        return;
    };
    let directory = std::path::Path::new(&directory).join(seed.to_string());
    std::fs::create_dir_all(&directory).unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.join(name), text).unwrap();
    write("clauses.cnf", &certificate.clauses);
    write("proof.drat", &certificate.proof);
    let scripts = cofferdam_checker::lemmas(&certificate.formula, &certificate.clauses).unwrap();
    for (number, script) in (1..).zip(scripts) {
        write(&format!("{number:03}.smt2"), &script);
    }
}

#[test]
fn no_lemma_that_a_model_contradicts_is_accepted() {
    let mut refused = 0;
    for seed in 0..1500 {
        let mut draw = Draw(seed);
        let mut problem = Problem::new();
        let world = World::new(&mut problem);
        let literals: Vec<Formula> = (0..2 + draw.below(4))
            .map(|_| {
                let atom = world.atom(&mut problem, &mut draw);
                if draw.below(2) == 0 { atom } else { !atom }
            })
            .collect();
        let goal = problem.all(&literals);
        let flag = problem.flag("both ways");
        let mut solver = Solver::new(&problem, goal, Limits::default());
        let possible = matches!(solver.solve(&[]), Outcome::Satisfiable(_));
        // The text of the question, from a refutation that has nothing to do with its atoms.
        let Ok(Certificate { formula, .. }) = solver.certificate(&[flag, !flag]) else {
            continue;
        };
        let Some(clause) = opposite(&formula).filter(|_| possible) else {
            continue;
        };
        let nodes = formula
            .lines()
            .filter(|line| line.starts_with("node "))
            .count();
        let clauses = format!("p cnf {nodes} 1\n{clause} 0\n");
        let checked = question(&formula, &clauses, "0\n");
        let said = checked.unwrap_err().to_string();
        assert!(
            said.contains("nor holds by itself"),
            "seed {seed}: {said}\n{formula}"
        );
        refused += 1;
    }
    assert!(refused > 300, "only {refused} lemmas were met");
}

/// The clause that not all parts of the demanded conjunction hold, if each part is an atom.
fn opposite(formula: &str) -> Option<String> {
    let demand = formula
        .lines()
        .find_map(|line| line.strip_prefix("demand "))?;
    let start = format!("node {demand} all ");
    let parts = formula
        .lines()
        .find_map(|line| line.strip_prefix(start.as_str()))?;
    let parts: Vec<i64> = parts.split(' ').map(|part| part.parse().unwrap()).collect();
    let is_whole = |part: &i64| formula.contains(&format!("\nnode {} all ", part.abs()));
    let opposite: Vec<String> = parts.iter().map(|part| (-part).to_string()).collect();
    (!parts.iter().any(is_whole)).then(|| opposite.join(" "))
}

fn small() -> Certificate {
    let mut problem = Problem::new();
    let name = problem.text("name", vec![], Case::Sensitive);
    let (a, b) = (Pattern::glob("a*"), Pattern::glob("b*"));
    let (a, b) = (problem.matches(name, &a), problem.matches(name, &b));
    let flag = problem.flag("deployed");
    let guarded = problem.implies(flag, b);
    let goal = problem.all(&[a, guarded]);
    let mut solver = Solver::new(&problem, goal, Limits::default());
    let Outcome::Unsatisfiable(core) = solver.solve(&[flag]) else {
        unreachable!("nothing begins with a and with b");
    };
    solver.certificate(core.assumptions()).unwrap()
}

#[test]
fn a_certificate_reads_like_this() {
    let Certificate {
        formula,
        clauses,
        proof,
    } = small();
    assert_eq!(
        formula,
        "formula 1\n\
         pattern 0 many any\n\
         pattern 1 \"a\" many any\n\
         pattern 2 \"b\" many any\n\
         attribute 0 \"name\" text sensitive 0\n\
         node 1 match 0 1\n\
         node 2 match 0 2\n\
         node 3 flag \"deployed\"\n\
         node 4 all -2 3\n\
         node 5 all 1 -4\n\
         demand 5\n\
         assume 3\n"
    );
    assert!(clauses.starts_with("p cnf 5 "), "{clauses}");
    assert!(
        clauses.ends_with("-1 -2 0\n"),
        "the lemma comes last: {clauses}"
    );
    assert!(proof.ends_with("0\n"));
}

#[test]
fn a_certificate_is_refused_once_something_is_left_out_or_changed() {
    let good = small();
    assert_eq!(check(&good), Ok(()));
    type Change = fn(&mut Certificate);
    let changes: [(&str, Change); 6] = [
        ("the assumption", |c| {
            c.formula = c.formula.replace("assume 3\n", "")
        }),
        ("a pattern", |c| {
            c.formula = c.formula.replace("\"b\" many", "many any \"b\" many")
        }),
        ("a sign", |c| {
            c.formula = c.formula.replace("all 1 -4", "all 1 4")
        }),
        ("a lemma", |c| {
            c.clauses = c.clauses.replace("-1 -2 0", "-1 2 0")
        }),
        ("a demand", |c| {
            c.clauses = c.clauses.replace("\n3 0\n", "\n-3 0\n")
        }),
        ("the end", |c| {
            c.proof = c.proof.strip_suffix("0\n").unwrap().to_owned()
        }),
    ];
    for (what, change) in changes {
        let mut changed = good.clone();
        change(&mut changed);
        assert_ne!(changed, good, "{what}");
        assert!(check(&changed).is_err(), "{what} may be changed");
    }
}
