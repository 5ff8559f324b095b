//! Faults in words and in groups: what the text, the JSON and the drawings of one answer share, so
//! that they say the same.

use cofferdam_findings::faults::{CutSet, Depth, Depths, Evidence, Faults, Reached, Survival};
use cofferdam_findings::finding::Verdict;

use crate::layout::some_of;

/// What is shown of an answer about faults.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The answer.
    pub faults: &'a Faults,
    /// What the boundary requires, and whether it holds.
    pub requirements: &'a [Requirement],
    /// Whether the principals were asked for by name, and so are told in full.
    pub named: bool,
}

/// One requirement of the boundary (`require:`), judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The dataset.
    pub dataset: String,
    /// `breach-depth 2`, `disjoint resource, encryption`.
    pub what: String,
    /// What the boundary asks, and what was found, as a sentence.
    pub message: String,
    /// Whether it holds.
    pub verdict: Verdict,
}

/// The layers of the design, from the outside in.
pub(crate) const LAYERS: [&str; 6] = [
    "organization",
    "identity",
    "resource",
    "network",
    "encryption",
    "audit",
];

/// What one fault, or several that are equal, do to a dataset.
pub(crate) struct Row<'a> {
    pub(crate) faults: Vec<&'a str>,
    pub(crate) said: &'a Survival,
}

/// Equal rows as one, in the order of the first of each; those that do anything come first.
pub(crate) fn rows(survival: &[Survival]) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for said in survival {
        match rows.iter_mut().find(|row| is_equal(row.said, said)) {
            Some(row) => row.faults.push(&said.fault),
            None => rows.push(Row {
                faults: vec![&said.fault],
                said,
            }),
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse(weight(row.said)));
    rows
}

fn is_equal(one: &Survival, other: &Survival) -> bool {
    let parts = |row: &Survival| {
        (
            row.leaks,
            row.leaks_possible,
            row.evidence,
            row.evidence_open,
        )
    };
    parts(one) == parts(other) && one.layers == other.layers && one.why == other.why
}

/// How bad a row is: what leaks unrecorded before what leaks, before what only weakens.
fn weight(said: &Survival) -> (bool, bool, Evidence, bool, usize) {
    let unrecorded = said.leaks && said.evidence != Evidence::Survives;
    let leaks = said.leaks || said.leaks_possible;
    let layers = said.layers.len();
    (unrecorded, leaks, said.evidence, said.evidence_open, layers)
}

/// Whether a fault changes nothing for the dataset.
pub(crate) fn is_harmless(said: &Survival) -> bool {
    !said.leaks
        && !said.leaks_possible
        && said.layers.is_empty()
        && said.evidence == Evidence::Survives
        && !said.evidence_open
}

/// What becomes of the evidence, in words: `may be lost` where that it survives hangs on something
/// unknown.
pub(crate) fn evidence(said: &Survival) -> String {
    match said.evidence_open {
        true => "may be lost".to_owned(),
        false => said.evidence.word().replace('_', " "),
    }
}

/// `yes`, `no`, or `may`, where it hangs on something unknown.
pub(crate) fn leaks(said: &Survival) -> &'static str {
    match (said.leaks, said.leaks_possible) {
        (true, _) => "yes",
        (false, true) => "may",
        (false, false) => "no",
    }
}

/// What a fault is about: the ARN, account or object in `compromise(…)`.
pub(crate) fn object(fault: &str) -> &str {
    fault
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'))
        .unwrap_or(fault)
}

/// Whoever was compromised, as people call it: an ARN, or `account 111122223333`.
pub(crate) fn called(principal: &str) -> String {
    match principal.starts_with("account(") {
        true => format!("account {}", object(principal)),
        false => principal.to_owned(),
    }
}

/// A fault as a noun: `a compromise of ARN`.
pub(crate) fn noun(fault: &str) -> String {
    let what = object(fault);
    match fault.split_once('(').map(|(kind, _)| kind) {
        Some("compromise") => format!("a compromise of {what}"),
        Some("account") => format!("the fall of account {what}"),
        Some("misconfigure") => format!("a misconfiguration of {what}"),
        _ => fault.to_owned(),
    }
}

/// Several faults, the first `shown` by name: `a compromise of ARN, ARN and 3 more`.
pub(crate) fn nouns(faults: &[&str], shown: usize) -> String {
    let kind = |fault: &str| fault.split_once('(').map(|(kind, _)| kind.to_owned());
    let alike = faults.windows(2).all(|pair| match pair {
        [one, other] => kind(one) == kind(other),
        _ => true,
    });
    let named = faults.iter().enumerate();
    let names: Vec<String> = named
        .map(|(number, fault)| match alike && number > 0 {
            true => object(fault).to_owned(),
            false => noun(fault),
        })
        .collect();
    some_of(&names, shown)
}

/// Minimal sets of faults whose attacks are the same but for who starts them.
pub(crate) struct Attack<'a> {
    pub(crate) sets: Vec<&'a CutSet>,
}

/// Equal attacks as one, in the order of the first of each. An attack that leaves no evidence is not
/// told a second time as one by which data leaves.
pub(crate) fn attacks(sets: &[CutSet]) -> Vec<Attack<'_>> {
    let mut attacks: Vec<(Shape<'_>, Attack<'_>)> = Vec::new();
    let is_told = |set: &CutSet| {
        let worse = sets.iter().filter(|other| other.opens == "breach");
        let same = |other: &CutSet| {
            (other.possible, &other.faults, &other.steps) == (set.possible, &set.faults, &set.steps)
        };
        set.opens == "leak" && worse.into_iter().any(same)
    };
    for set in sets.iter().filter(|set| !is_told(set)) {
        let shape = Shape::of(set);
        match attacks.iter_mut().find(|(known, _)| *known == shape) {
            Some((_, attack)) => attack.sets.push(set),
            None => attacks.push((shape, Attack { sets: vec![set] })),
        }
    }
    attacks.into_iter().map(|(_, attack)| attack).collect()
}

/// An attack with the place of a fault in its set instead of its name.
#[derive(PartialEq, Eq)]
struct Shape<'a> {
    opens: &'static str,
    possible: bool,
    faults: usize,
    steps: Vec<(&'a str, Party<'a>, Party<'a>, bool)>,
}

/// One who starts, by place, or somebody or something else by name.
#[derive(PartialEq, Eq)]
enum Party<'a> {
    Starts(usize),
    Other(&'a str),
}

impl<'a> Shape<'a> {
    fn of(set: &'a CutSet) -> Shape<'a> {
        let party = |name: &'a str| {
            let place = set.faults.iter().position(|fault| object(fault) == name);
            place.map_or(Party::Other(name), Party::Starts)
        };
        let steps = set.steps.iter().map(|step| {
            let (who, on) = (party(&step.principal), party(&step.on));
            (step.edge.as_str(), who, on, step.possible)
        });
        Shape {
            opens: set.opens,
            possible: set.possible,
            faults: set.faults.len(),
            // Without a story nothing says that two are equal but the fault itself.
            steps: match set.steps.is_empty() {
                true => set
                    .faults
                    .iter()
                    .map(|fault| ("", Party::Other(fault.as_str()), Party::Other(""), false))
                    .collect(),
                false => steps.collect(),
            },
        }
    }
}

/// A depth as a figure: `2`, `1–2`, `>3`, `1–>3`.
pub(crate) fn figure(depth: Depth, searched_to: u32) -> String {
    match (depth.may, depth.must) {
        (Some(may), Some(must)) if may == must => may.to_string(),
        (Some(may), Some(must)) => format!("{may}–{must}"),
        (Some(may), None) => format!("{may}–>{searched_to}"),
        (None, _) => format!(">{searched_to}"),
    }
}

/// A depth in words: `2`, `between 1 and 2`, `more than 3`.
pub fn range(depth: Depth, searched_to: u32) -> String {
    match (depth.may, depth.must) {
        (Some(may), Some(must)) if may == must => may.to_string(),
        (Some(may), Some(must)) => format!("between {may} and {must}"),
        (Some(may), None) => format!("at least {may}, perhaps more than {searched_to}"),
        (None, _) => format!("more than {searched_to}"),
    }
}

/// The sentence over a dataset, with its name before it.
pub(crate) fn headline(depths: &Depths) -> String {
    format!("{}: {}", depths.dataset, told(depths))
}

/// How many must fall together before data leaves unrecorded.
pub(crate) fn told(depths: &Depths) -> String {
    let (depth, searched_to) = (depths.breach_depth, depths.searched_to);
    format!(
        "{} (breach depth {}){}",
        Units::of(depths).before(depth, searched_to),
        range(depth, searched_to),
        management(depths)
    )
}

fn management(depths: &Depths) -> String {
    match depths.depth_if_management_falls {
        _ if depths.breach_depth.must.is_some_and(|must| must <= 1) => String::new(),
        Some(0) | None => String::new(),
        Some(1) => "; one is enough if it is the management account".to_owned(),
        Some(number) => format!(
            "; with the management account among them, {} are enough",
            in_words(number)
        ),
    }
}

/// What is counted.
pub(crate) struct Units {
    one: &'static str,
    many: &'static str,
}

impl Units {
    /// Principals, unless other faults were counted too.
    pub(crate) fn of(depths: &Depths) -> Units {
        let single = depths.survival.iter().map(|said| &said.fault);
        let mut all = depths
            .cut_sets
            .iter()
            .flat_map(|set| &set.faults)
            .chain(single);
        match all.all(|fault| fault.starts_with("compromise(")) {
            true => Units {
                one: "principal",
                many: "principals",
            },
            false => Units {
                one: "fault",
                many: "faults",
            },
        }
    }

    fn number(&self, number: u32) -> String {
        let unit = if number == 1 { self.one } else { self.many };
        format!("{} {unit}", in_words(number))
    }

    /// How many must come together before data leaves unrecorded.
    fn before(&self, depth: Depth, searched_to: u32) -> String {
        match (depth.may, depth.must) {
            (Some(0), Some(0)) => {
                "data leaves unrecorded already, before anything falls".to_owned()
            }
            (Some(may), Some(must)) if may == must => self.exactly(may),
            (Some(may), Some(must)) => format!(
                "{} may be enough and {} certainly {} for data to leave unrecorded",
                self.number(may),
                in_words(must),
                are(must)
            ),
            (Some(may), None) => format!(
                "{} may be enough for data to leave unrecorded, which hangs on something unknown; \
                 no set of up to {} certainly is",
                self.number(may),
                in_words(searched_to)
            ),
            (None, _) => format!(
                "no set of up to {} is enough for data to leave unrecorded",
                self.number(searched_to)
            ),
        }
    }

    fn exactly(&self, number: u32) -> String {
        match number {
            1 => format!("one {} is enough for data to leave unrecorded", self.one),
            _ => format!(
                "{} must fall together before data leaves unrecorded",
                self.number(number)
            ),
        }
    }
}

fn are(number: u32) -> &'static str {
    if number == 1 { "is" } else { "are" }
}

/// Small numbers as words.
pub(crate) fn in_words(number: u32) -> String {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    let word = WORDS.get(number as usize).map(|word| (*word).to_owned());
    word.unwrap_or_else(|| number.to_string())
}

/// What would settle why the two ends of a depth differ: what the possible attacks hang on.
pub(crate) fn unsettled(depths: &Depths, opens: &str) -> Vec<String> {
    let doubtful = depths
        .cut_sets
        .iter()
        .filter(|set| set.possible && set.opens == opens);
    let mut missing: Vec<String> = doubtful
        .flat_map(|set| &set.steps)
        .flat_map(|step| step.missing.clone())
        .collect();
    missing.sort();
    missing.dedup();
    missing
}

/// What a principal comes to be, in a few words.
pub(crate) fn rank(reached: &Reached) -> &'static str {
    match (reached.administrator, reached.administrator_possible) {
        _ if reached.principal.starts_with("account(") => "the whole account",
        (true, _) => "administrator of its account",
        (false, true) => "may become administrator of its account",
        (false, false) => "no administrator",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cofferdam_findings::faults::AttackStep;

    fn depth(may: Option<u32>, must: Option<u32>) -> Depth {
        Depth { may, must }
    }

    #[test]
    fn a_depth_says_what_is_certain_and_what_hangs_on_the_unknown() {
        for (may, must, words, sign) in [
            (Some(2), Some(2), "2", "2"),
            (Some(1), Some(3), "between 1 and 3", "1–3"),
            (Some(2), None, "at least 2, perhaps more than 3", "2–>3"),
            (None, None, "more than 3", ">3"),
        ] {
            assert_eq!(range(depth(may, must), 3), words);
            assert_eq!(figure(depth(may, must), 3), sign);
        }
    }

    #[test]
    fn headlines_are_sentences() {
        let check = |breach, management, expected: &str| {
            let depths = Depths {
                dataset: "records".into(),
                breach_depth: breach,
                searched_to: 3,
                depth_if_management_falls: management,
                ..Depths::default()
            };
            assert_eq!(headline(&depths), format!("records: {expected}"));
        };
        check(
            depth(Some(2), Some(2)),
            Some(1),
            "two principals must fall together before data leaves unrecorded (breach depth 2); \
             one is enough if it is the management account",
        );
        check(
            depth(Some(1), Some(1)),
            None,
            "one principal is enough for data to leave unrecorded (breach depth 1)",
        );
        check(
            depth(Some(1), Some(2)),
            None,
            "one principal may be enough and two certainly are for data to leave unrecorded \
             (breach depth between 1 and 2)",
        );
        check(
            depth(None, None),
            Some(2),
            "no set of up to three principals is enough for data to leave unrecorded (breach \
             depth more than 3); with the management account among them, two are enough",
        );
        check(
            depth(Some(0), Some(0)),
            None,
            "data leaves unrecorded already, before anything falls (breach depth 0)",
        );
    }

    #[test]
    fn attacks_that_differ_in_who_starts_them_are_one() {
        let set = |fault: &str, on: &str| CutSet {
            faults: vec![format!("compromise({fault})")],
            opens: "leak",
            steps: vec![AttackStep {
                edge: "C06".into(),
                principal: fault.into(),
                on: on.into(),
                ..AttackStep::default()
            }],
            ..CutSet::default()
        };
        let sets = [set("a", "x"), set("b", "x"), set("a", "y")];
        let told: Vec<usize> = attacks(&sets).iter().map(|one| one.sets.len()).collect();
        assert_eq!(told, [2, 1]);
    }

    #[test]
    fn equal_rows_are_one_and_the_worst_comes_first() {
        let row = |fault: &str, leaks, why: &str| Survival {
            fault: fault.into(),
            leaks,
            why: why.into(),
            ..Survival::default()
        };
        let survival = [
            row("compromise(a)", false, ""),
            row("compromise(b)", true, "reads"),
            row("compromise(c)", false, ""),
        ];
        let rows = rows(&survival);
        let faults: Vec<_> = rows.iter().map(|row| row.faults.clone()).collect();
        assert_eq!(
            faults,
            [
                vec!["compromise(b)"],
                vec!["compromise(a)", "compromise(c)"]
            ]
        );
    }
}
