//! From what came of each event to what is told: rates by class, kinds of disagreements, and above
//! all what contradicts a proof.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cofferdam_authz::call::{Answered, BlamedKind, Call};
use cofferdam_boundary::cast::Cast;
use cofferdam_boundary::check::undeclared;
use cofferdam_boundary::obligations::Context;
use cofferdam_boundary::replay::{Excluded, Likeness, Proofs, Told, in_words, is_held};
use cofferdam_catalog::{action, data_action};
use cofferdam_findings::finding::{Finding, Reason};
use cofferdam_findings::replay::{
    Contradiction, Counted, Disagreement, Group, Replay, Sample, Verdict,
};
use cofferdam_findings::story::Story;
use cofferdam_names::Arn;
use cofferdam_org::change::Timeline;
use cofferdam_org::fact::Facts;
use cofferdam_policy::kind::PolicyKind;
use cofferdam_sources::event::changes::{changes, seconds};

use super::judge::{Judge, Judged};
use super::log::{self, EVENTS_MAX, KINDS_MAX, Log, Seen, count};
use crate::engine::{self, Options};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::project::Project;

/// Kinds of contradictions and of disagreements that are told one by one.
const TOLD_MAX: usize = 200;

/// What is asked of a log.
pub struct Asked<'a> {
    /// Files and folders of events.
    pub events: &'a [PathBuf],
    /// Only events on this dataset.
    pub dataset: Option<&'a str>,
    /// Whether proofs are made to hold events against.
    pub proofs: bool,
}

/// Replays a log.
pub fn replay(
    project: &mut Project,
    facts: &Facts,
    asked: &Asked<'_>,
    progress: &Progress,
) -> Result<Replay, Failure> {
    let mut likeness = Likeness::of(&project.organization);
    let declared = project
        .boundary
        .iter()
        .flat_map(|one| one.networks.values());
    for network in declared.flat_map(|network| &network.cidrs) {
        likeness.tell_apart(*network);
    }
    let mut log = log::read(asked.events, &mut likeness, progress)?;
    let (changed, diagnostics) = changes(&mut project.documents, &log.changes);
    project.diagnostics.extend(diagnostics);
    let read_at = project.captured_at.as_deref().and_then(seconds);
    let timeline = Timeline::new(changed, read_at, facts);
    if learns(&mut likeness, &timeline) {
        log = log::read(asked.events, &mut likeness, progress)?;
    }
    log.seen
        .sort_by_key(|seen| (seen.at, seen.file, seen.offset));
    let project = &*project;
    let boundary = match &project.boundary {
        Some(boundary) => boundary.clone(),
        None => undeclared(&project.organization),
    };
    let findings = match asked.proofs {
        true => proofs(project, progress),
        false => Vec::new(),
    };
    let cast = Cast::of(&project.organization);
    let context = Context {
        org: &project.organization,
        boundary: &boundary,
        cast: &cast,
        as_of: project.day(),
    };
    let proofs = Proofs::of(context, &findings);
    let mut judge = Judge::new(&project.organization, facts, &timeline, &log);
    let judged = judge.judge(&log);
    let telling = Telling {
        log: &log,
        judged: &judged,
        judge: &judge,
        timeline: &timeline,
        proofs: &proofs,
        dataset: asked.dataset,
    };
    let mut replay = telling.tell();
    replay.notes.extend(notes(&log, project, &timeline));
    replay.notes.extend(missing(&timeline, facts));
    Ok(replay)
}

/// Policies of other times may tell calls apart that those of the sources do not.
fn learns(likeness: &mut Likeness, timeline: &Timeline) -> bool {
    let mut learnt = false;
    for change in timeline.changes() {
        for node in change.documents() {
            let (policy, _) = cofferdam_policy::parse::parse(node, PolicyKind::Resource);
            learnt |= likeness.add(&policy);
        }
    }
    learnt
}

fn proofs(project: &Project, progress: &Progress) -> Vec<Finding> {
    let known = engine::obligations(project);
    let obligations: Vec<&str> = known.into_iter().filter(|id| is_held(id)).collect();
    let options = Options {
        as_of: project.day(),
        obligations: &obligations,
        inventory: false,
        threads: engine::processors(),
        progress: &|done, total, what| progress.step(done, total, what),
    };
    engine::check(project, &options).findings
}

fn notes(log: &Log, project: &Project, timeline: &Timeline) -> Vec<String> {
    let mut notes = Vec::new();
    if log.left_out > 0 {
        notes.push(format!(
            "{} events were left out: at most {EVENTS_MAX} events and {KINDS_MAX} kinds of calls are \
             replayed at once; give a shorter time",
            log.left_out
        ));
    }
    if project.captured_at.is_none() && !timeline.changes().is_empty() {
        notes.push(
            "when the sources were read is not known: it is taken to be after every event"
                .to_owned(),
        );
    }
    notes
}

/// Policies that the sources hold otherwise than the events wrote them last.
fn missing(timeline: &Timeline, facts: &Facts) -> Vec<String> {
    let unlike = timeline.unlike(facts).into_iter().take(TOLD_MAX);
    let told = unlike.map(|change| {
        format!(
            "{} at {} wrote another policy of {} than the sources hold: a later change is not among the \
             events, and what is said of the time between is unsure",
            change.call,
            change.time,
            in_words(&change.touches)
        )
    });
    told.collect()
}

/// What is needed to tell.
struct Telling<'t> {
    log: &'t Log,
    judged: &'t Judged,
    judge: &'t Judge<'t>,
    timeline: &'t Timeline,
    proofs: &'t Proofs<'t>,
    dataset: Option<&'t str>,
}

/// What is known of a kind before its events are counted.
struct Kind<'t> {
    wanted: bool,
    excluded: Vec<Excluded<'t>>,
    group: (String, String, String),
}

impl Telling<'_> {
    fn tell(&self) -> Replay {
        let kinds: Vec<Kind<'_>> = self
            .judge
            .kinds
            .iter()
            .map(|told| self.kind(told))
            .collect();
        let mut replay = Replay {
            files: self.log.files.len() as u64,
            records: self.log.records,
            duplicates: self.log.duplicates,
            twins: self.log.twins,
            changes: self.timeline.changes().len() as u64,
            moved: self.moved(),
            proofs: self.proofs.count() as u64,
            classes: self.judged.all.len() as u64,
            period: self.period(),
            broken: self.log.broken.clone(),
            broken_in_all: self.log.broken_in_all,
            unclear: sorted(self.log.unclear.clone()),
            ..Replay::default()
        };
        let mut counts = Counts {
            others: self.log.others.clone(),
            ..Counts::default()
        };
        for (seen, place) in self.log.seen.iter().zip(&self.judged.of) {
            let Some(kind) = kinds.get(seen.kind as usize) else {
                continue;
            };
            if !kind.wanted {
                replay.of_other_datasets += 1;
                continue;
            }
            self.count(&mut counts, kind, seen, *place);
        }
        replay.groups = counts.groups();
        replay.undecided = sorted(counts.undecided);
        replay.no_decisions = sorted(counts.others);
        replay.disagreements_in_all = counts.disagreements.len() as u64;
        replay.disagreements = self.disagreements(&counts.disagreements);
        replay.contradictions_in_all = counts.contradictions.len() as u64;
        replay.contradictions = self.contradictions(&kinds, &counts.contradictions);
        replay
    }

    fn kind(&self, told: &Told) -> Kind<'_> {
        let call = &told.call;
        Kind {
            wanted: self
                .dataset
                .is_none_or(|name| self.proofs.datasets(told).contains(&name)),
            excluded: self.proofs.excluded(told),
            group: (
                call.name.service().to_owned(),
                class(call),
                answer(&call.answer),
            ),
        }
    }

    fn moved(&self) -> u64 {
        let known = |change: &&cofferdam_org::change::Change| !change.edits.is_empty();
        self.timeline.changes().iter().filter(known).count() as u64
    }

    /// Events are sorted by time.
    fn period(&self) -> Option<(String, String)> {
        let first = self.log.seen.iter().find(|seen| seen.at > 0)?;
        Some((iso(first.at), iso(self.log.seen.last()?.at)))
    }

    fn count(&self, counts: &mut Counts, kind: &Kind<'_>, seen: &Seen, place: u32) {
        let Some(outcome) = self.judged.all.get(place as usize) else {
            return;
        };
        for (number, _) in kind.excluded.iter().enumerate() {
            let since = self.since(seen);
            let key = (since.is_some(), seen.kind, number);
            let known = counts.contradictions.entry(key);
            known.or_insert_with(|| (0, *seen, place, since)).0 += 1;
        }
        let group = counts.groups.entry(kind.group.clone()).or_default();
        let where_it_is = || {
            let (file, offset) = self.log.place(seen);
            format!("{file}, offset {offset}")
        };
        match outcome.compared.verdict {
            Verdict::Agrees => group.0 += 1,
            Verdict::Disagrees => {
                group.1 += 1;
                counts
                    .disagreements
                    .entry(place)
                    .or_insert_with(|| (0, *seen))
                    .0 += 1;
            }
            Verdict::Undecided => {
                group.2 += 1;
                count(&mut counts.undecided, &outcome.compared.why, where_it_is());
            }
            Verdict::NoDecision => {
                count(&mut counts.others, &outcome.compared.why, where_it_is());
            }
        }
    }

    /// A change that lies between an event and the sources.
    fn since(&self, seen: &Seen) -> Option<String> {
        let relevant = self.judge.relevant.get(seen.kind as usize)?;
        relevant.since(self.timeline, i64::from(seen.at))
    }

    fn disagreements(&self, found: &BTreeMap<u32, (u64, Seen)>) -> Vec<Disagreement> {
        let mut all: Vec<(&u32, &(u64, Seen))> = found.iter().collect();
        all.sort_by_key(|(place, (events, _))| (std::cmp::Reverse(*events), **place));
        all.truncate(TOLD_MAX);
        let told = all.into_iter().filter_map(|(place, (events, seen))| {
            let outcome = self.judged.all.get(*place as usize)?;
            let story = outcome.compared.story.as_ref()?;
            let said = story.aws.as_ref();
            Some(Disagreement {
                aws: said.map_or_else(String::new, |said| said.words.clone()),
                policy: said.and_then(|said| said.policy.clone()),
                decision: story.decision,
                why: outcome.compared.why.clone(),
                look_at: look_at(story, &self.call(outcome.kind)?.answer),
                because: because(story),
                layers: refusing(story),
                events: *events,
                sample: self.sample(seen)?,
            })
        });
        told.collect()
    }

    fn call(&self, kind: u32) -> Option<&Call> {
        self.judge.kinds.get(kind as usize).map(|told| &told.call)
    }

    /// Those without a change that explains them first.
    fn contradictions(&self, kinds: &[Kind<'_>], found: &Contradicting) -> Vec<Contradiction> {
        let told = found.iter().take(TOLD_MAX);
        let told = told.filter_map(|((_, kind, number), (events, seen, place, since))| {
            let excluded = kinds.get(*kind as usize)?.excluded.get(*number)?;
            let outcome = self.judged.all.get(*place as usize)?;
            Some(Contradiction {
                finding: excluded.finding.id.clone(),
                obligation: excluded.finding.obligation,
                dataset: excluded.finding.dataset.clone().unwrap_or_default(),
                owner: excluded.finding.owner.clone(),
                proved: excluded.finding.message.clone(),
                why: excluded.why.clone(),
                changed_since: since.clone(),
                decision: outcome.compared.decision,
                events: *events,
                sample: self.sample(seen)?,
            })
        });
        told.collect()
    }

    fn sample(&self, seen: &Seen) -> Option<Sample> {
        let told = self.judge.kinds.get(seen.kind as usize)?;
        let call = &told.call;
        let (file, offset) = self.log.place(seen);
        Some(Sample {
            event: self.log.id(seen.id),
            time: iso(seen.at),
            file,
            offset,
            principal: caller(told),
            action: call.name.to_string(),
            resource: call.resource.clone(),
            from: from(call),
        })
    }
}

/// By whether a change may explain it, the kind, and the number of the proof: how many, the first, its
/// result, and the change.
type Contradicting = BTreeMap<(bool, u32, usize), (u64, Seen, u32, Option<String>)>;

#[derive(Default)]
struct Counts {
    groups: BTreeMap<(String, String, String), (u64, u64, u64)>,
    undecided: BTreeMap<String, Counted>,
    others: BTreeMap<String, Counted>,
    disagreements: BTreeMap<u32, (u64, Seen)>,
    contradictions: Contradicting,
}

impl Counts {
    fn groups(&mut self) -> Vec<Group> {
        let groups = std::mem::take(&mut self.groups).into_iter();
        let counted =
            groups.filter(|(_, (agrees, disagrees, undecided))| agrees + disagrees + undecided > 0);
        counted
            .map(
                |((service, class, answer), (agrees, disagrees, undecided))| Group {
                    service,
                    class,
                    answer,
                    agrees,
                    disagrees,
                    undecided,
                },
            )
            .collect()
    }
}

/// The most frequent first.
fn sorted(counted: BTreeMap<String, Counted>) -> Vec<Counted> {
    let mut all: Vec<Counted> = counted.into_values().collect();
    all.sort_by(|one, other| (other.events, &one.why).cmp(&(one.events, &other.why)));
    all
}

/// What a call does: of stores by the class of its data, else by AWS's access level.
fn class(call: &Call) -> String {
    let (service, name) = (call.name.service(), call.name.name());
    if let Some(known) = data_action(service, name) {
        return known.class().word().to_owned();
    }
    match action(service, name) {
        Some(known) => known.access().word().to_lowercase(),
        None => "several".to_owned(),
    }
}

fn answer(answer: &Answered) -> String {
    match answer {
        Answered::Passed => "passed".to_owned(),
        Answered::NotTold => "not decided".to_owned(),
        Answered::Refused(blame) => {
            let kind = blame.kind.map_or("no reason given", BlamedKind::words);
            format!("refused: {kind}")
        }
    }
}

/// Of a copy for the owner only the account is told.
fn caller(told: &Told) -> String {
    let arn = Arn::parse(&told.call.principal).ok();
    match arn.and_then(|arn| arn.account_id()) {
        Some(account) if told.only_account => format!("somebody of account {account}"),
        _ => told.call.principal.clone(),
    }
}

fn from(call: &Call) -> Option<String> {
    let stated = |name: &str| {
        let found = call.context.iter().find(|(key, _)| key.folded() == name);
        found
            .and_then(|(_, values)| values.first())
            .map(ToString::to_string)
    };
    call.forwarded_by
        .clone()
        .or_else(|| stated("aws:sourcevpce"))
        .or_else(|| stated("aws:sourceip"))
}

/// The statements that made the sources' decision: of a refusal those that deny.
fn because(story: &Story) -> Vec<Reason> {
    let refused = story.decision != "allowed";
    let all = story.requests.iter().flat_map(|one| &one.because);
    let mut because: Vec<Reason> = all
        .filter(|reason| !refused || reason.effect == "Deny")
        .cloned()
        .collect();
    because.sort();
    because.dedup();
    because
}

fn refusing(story: &Story) -> Vec<String> {
    let layers = story.requests.iter().flat_map(|one| &one.layers);
    let refuse = layers.filter(|one| matches!(one.outcome, "denies" | "does_not_allow"));
    let mut names: Vec<String> = refuse
        .map(|one| match one.target.is_empty() {
            true => one.layer.replace('_', " "),
            false => format!("{} of {}", one.layer.replace('_', " "), one.target),
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

/// What most likely makes the difference.
fn look_at(story: &Story, answered: &Answered) -> String {
    let refused = matches!(answered, Answered::Refused(_));
    let kind = match answered {
        Answered::Refused(blame) => blame.kind,
        _ => None,
    };
    match (refused, story.decision, kind) {
        (true, "allowed", Some(kind)) => format!(
            "a {} that the sources do not hold, or that changed between the event and the sources",
            kind.words()
        ),
        (true, "allowed", None) => {
            "a policy that the sources do not hold, or that changed between the event and the sources; \
             if both are ruled out, an error of Cofferdam's: report it with the event"
                .to_owned()
        }
        (true, ..) => {
            "the policies of the named kind: both refuse, but AWS names another reason".to_owned()
        }
        (false, ..) => {
            "whether what refuses here was attached after the event, by a call that is not among the \
             events; if it was not, an error of Cofferdam's: report it with the event"
                .to_owned()
        }
    }
}

/// A time as records write it.
fn iso(at: u32) -> String {
    cofferdam_sources::event::changes::written(i64::from(at))
}
