//! The questions, in families, each with our answers and the scripts that ask the same elsewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cofferdam_authz::alone::{self, Asking, Document, Question};
use cofferdam_logic::{Formula, Limits, Outcome, Problem, Solver, smt};
use cofferdam_org::fact::Known;
use cofferdam_org::model::NamedPolicy;
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::parse::parse;
use cofferdam_text::Documents;
use serde_json::Value;

use crate::clock::processor;
use crate::draw::{self, Random, Taste};
use crate::perimeter;

/// How much is asked.
#[derive(Clone, Copy)]
pub struct Scale {
    /// Questions of a family.
    pub each: usize,
    /// Whether each is measured once only.
    pub quick: bool,
}

/// Questions of one sort.
pub struct Family {
    pub name: &'static str,
    pub asked: Vec<Asked>,
}

/// A question that was asked here.
pub struct Asked {
    /// The searches that it came to, up to the first that found something.
    pub searches: Vec<Search>,
    /// Processor time of the whole question, in microseconds.
    pub micros: u64,
    /// The question, for whoever has to look into a difference.
    pub shown: String,
}

/// One search: the script, and our answer; nothing if we gave up.
pub struct Search {
    pub script: String,
    pub holds: Option<bool>,
}

pub fn policy(value: &Value, kind: PolicyKind) -> NamedPolicy {
    let mut documents = Documents::new();
    let tree = documents
        .read_json("policy", value.to_string().into_bytes())
        .unwrap();
    let (policy, _) = parse(&tree, kind);
    NamedPolicy {
        name: "policy".into(),
        document: Known::Present(policy),
        origin: None,
    }
}

/// One search as a script with our own answer.
pub fn search(problem: &Problem, goal: Formula) -> Search {
    let holds = match Solver::new(problem, goal, Limits::default()).solve(&[]) {
        Outcome::Satisfiable(_) => Some(true),
        Outcome::Unsatisfiable(_) => Some(false),
        Outcome::Undecided(_) => None,
    };
    Search {
        script: smt(problem, goal),
        holds,
    }
}

fn searches(asking: &Asking<'_>) -> Vec<Search> {
    let mut all = Vec::new();
    asking.each_part(|part| {
        let search = search(&part.query.problem, part.goal.may);
        let holds = search.holds;
        all.push(search);
        (holds == Some(true)).then_some(())
    });
    all
}

/// How much processor time a question is given, so that the clock's own steps do not count.
const MEASURED: Duration = Duration::from_millis(40);

/// Processor time of something, in microseconds.
pub fn timed(quick: bool, mut work: impl FnMut()) -> u64 {
    let start = Instant::now();
    let clock = || processor().unwrap_or_else(|| start.elapsed());
    let (mut from, mut runs) = (clock(), 0);
    if !quick {
        work();
        from = clock();
    }
    loop {
        work();
        runs += 1;
        let spent = clock().saturating_sub(from);
        if quick || spent >= MEASURED {
            return u64::try_from((spent / runs).as_micros()).unwrap();
        }
    }
}

fn compared(old: &Value, new: &Value, kind: PolicyKind, quick: bool) -> Asked {
    let parsed = [policy(old, kind), policy(new, kind)];
    let documents = [0, 1].map(|place| Document {
        policy: &parsed[place],
        kind,
    });
    let micros = timed(quick, || {
        alone::compare(documents[0], documents[1]);
    });
    let question = Question::everything();
    let direction = |documents: &[Document<'_>]| {
        searches(&Asking {
            documents,
            question: &question,
        })
    };
    let mut both = direction(&[documents[1], documents[0]]);
    both.extend(direction(&documents));
    Asked {
        searches: both,
        micros,
        shown: format!("{kind:?}\n{old:#}\n{new:#}"),
    }
}

fn proved(value: &Value, kind: PolicyKind, question: &Question, quick: bool) -> Asked {
    let parsed = policy(value, kind);
    let documents = [Document {
        policy: &parsed,
        kind,
    }];
    let micros = timed(quick, || {
        alone::prove(documents[0], question);
    });
    Asked {
        searches: searches(&Asking {
            documents: &documents,
            question,
        }),
        micros,
        shown: format!("{kind:?} {question:?}\n{value:#}"),
    }
}

fn drawn(
    name: &'static str,
    seed: u64,
    scale: Scale,
    mut one: impl FnMut(&mut Random) -> Asked,
) -> Family {
    let mut random = Random::new(seed);
    Family {
        name,
        asked: (0..scale.each).map(|_| one(&mut random)).collect(),
    }
}

fn of_taste(name: &'static str, seed: u64, scale: Scale, taste: Taste) -> Family {
    drawn(name, seed, scale, |random| {
        let kind = draw::kind(random);
        let old = draw::policy(random, kind, taste);
        let new = draw::mutant(random, &old);
        compared(&old, &new, kind, scale.quick)
    })
}

fn outside(name: &'static str, seed: u64, scale: Scale) -> Family {
    drawn(name, seed, scale, |random| {
        let value = draw::policy(random, PolicyKind::Resource, Taste::Mixed);
        let question = draw::question(random);
        proved(&value, PolicyKind::Resource, &question, scale.quick)
    })
}

fn pairs(name: &'static str, seed: u64, scale: Scale) -> Family {
    drawn(name, seed, scale, |random| {
        let kind = draw::kind(random);
        let [old, new] = [0, 1].map(|_| draw::policy(random, kind, Taste::Mixed));
        compared(&old, &new, kind, scale.quick)
    })
}

fn kind_of(path: &Path) -> PolicyKind {
    let text = path.display().to_string();
    [
        ("resource-control", PolicyKind::ResourceControl),
        ("service-control", PolicyKind::ServiceControl),
    ]
    .into_iter()
    .find_map(|(word, kind)| text.contains(word).then_some(kind))
    .unwrap_or(PolicyKind::Identity)
}

fn json_files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(json_files(&path));
        } else if path.extension().is_some_and(|end| end == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Published policies against mutants of themselves. A service control policy that only denies
/// allows nothing by itself, so full access is put beside it.
fn published(name: &'static str, directories: &[PathBuf], scale: Scale) -> Family {
    let mut random = Random::new(7);
    let mut asked = Vec::new();
    for path in directories
        .iter()
        .flat_map(|directory| json_files(directory))
    {
        let kind = kind_of(&path);
        let Ok(mut value) = serde_json::from_slice::<Value>(&fs::read(&path).unwrap()) else {
            continue;
        };
        let Some(statements) = value.get_mut("Statement").and_then(Value::as_array_mut) else {
            continue;
        };
        if kind == PolicyKind::ServiceControl {
            statements.push(serde_json::json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
        }
        for _ in 0..2 {
            let mutant = draw::mutant(&mut random, &value);
            asked.push(compared(&value, &mutant, kind, scale.quick));
        }
    }
    Family { name, asked }
}

/// All families whose name holds a word.
pub fn all(directories: &[PathBuf], scale: Scale, word: &str) -> Vec<Family> {
    type Make<'m> = Box<dyn Fn(&'static str) -> Family + 'm>;
    let taste =
        |seed, taste| -> Make<'_> { Box::new(move |name| of_taste(name, seed, scale, taste)) };
    let boundary = |identities| -> Make<'_> {
        Box::new(move |name| perimeter::family(name, scale, identities))
    };
    let families: [(&'static str, Make<'_>); 9] = [
        ("pairs", Box::new(|name| pairs(name, 1, scale))),
        (
            "published and mutants",
            Box::new(|name| published(name, directories, scale)),
        ),
        (
            "outside a resource",
            Box::new(|name| outside(name, 2, scale)),
        ),
        ("variables", taste(3, Taste::Variables)),
        ("sets", taste(4, Taste::Sets)),
        ("addresses and order", taste(5, Taste::Addresses)),
        ("boundary, 0 identities", boundary(0)),
        ("boundary, 20 identities", boundary(20)),
        ("boundary, 60 identities", boundary(60)),
    ];
    let wanted = families.into_iter().filter(|(name, _)| name.contains(word));
    let mut families: Vec<Family> = wanted.map(|(name, make)| make(name)).collect();
    families.retain(|family| !family.asked.is_empty());
    families
}
