//! Findings as bytes.
//!
//! A large organization has hundreds of thousands of findings that say nearly the same, so texts
//! are numbered and written once. Places are written by file, since documents are numbered anew in
//! every run. Whatever does not read back exactly is no finding: the question is asked again.

use cofferdam_boundary::obligations::OBLIGATIONS;
use cofferdam_findings::finding::{
    Cause, DatedFact, Finding, Missing, Reason, Severity, Step, Verdict, Witness,
};
use cofferdam_text::{Origin, StablePlace, StablePlaces};

/// Numbers texts for a writer.
pub(super) trait Numbering {
    fn number(&mut self, text: &str) -> u32;
}

/// Finds the texts of numbers for a reader.
pub(super) trait Numbered {
    fn text(&self, number: u32) -> Option<&str>;
}

/// Words of findings that no file brings.
const WORDS: [&str; 26] = [
    "access",
    "acl",
    "access_point",
    "allowed",
    "audit",
    "block_public_access",
    "boundary",
    "data",
    "encryption",
    "endpoint",
    "explicitly_denied",
    "grant",
    "identity",
    "implicitly_denied",
    "key_policy",
    "network",
    "permissions_boundary",
    "resource",
    "resource_control",
    "service_control",
    "session",
    "trust",
    "undecided",
    "durability",
    "evidence",
    "independence",
];

fn known(word: &str) -> Option<&'static str> {
    let ids = OBLIGATIONS.iter().map(|obligation| obligation.id);
    let of_faults = cofferdam_faults::obligations::IDS;
    let ids = ids.chain(of_faults);
    WORDS.into_iter().chain(ids).find(|known| *known == word)
}

const VERDICTS: [Verdict; 3] = [Verdict::Proved, Verdict::Violated, Verdict::Undecided];
const SEVERITIES: [Severity; 4] = [
    Severity::Critical,
    Severity::High,
    Severity::Medium,
    Severity::Low,
];

/// Writes findings; none if one of them has a word or a place that would not read back.
pub(super) fn findings(
    findings: &[Finding],
    places: &StablePlaces<'_>,
    texts: &mut dyn Numbering,
) -> Option<Vec<u8>> {
    let mut writer = Writer {
        bytes: Vec::new(),
        places,
        texts,
        fits: true,
    };
    writer.list(findings, Writer::finding);
    writer.fits.then_some(writer.bytes)
}

struct Writer<'w> {
    bytes: Vec<u8>,
    places: &'w StablePlaces<'w>,
    texts: &'w mut dyn Numbering,
    fits: bool,
}

impl Writer<'_> {
    fn number(&mut self, number: u64) {
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    fn small(&mut self, number: u32) {
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    fn flag(&mut self, flag: bool) {
        self.bytes.push(u8::from(flag));
    }

    fn text(&mut self, text: &str) {
        let number = self.texts.number(text);
        self.small(number);
    }

    fn word(&mut self, word: &str) {
        self.fits &= known(word).is_some();
        self.text(word);
    }

    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.small(u32::try_from(items.len()).unwrap_or(u32::MAX));
        items.iter().for_each(|item| each(self, item));
    }

    fn maybe<T>(&mut self, item: Option<T>, each: impl FnOnce(&mut Self, T)) {
        self.flag(item.is_some());
        if let Some(item) = item {
            each(self, item);
        }
    }

    fn texts(&mut self, texts: &[String]) {
        self.list(texts, |writer, text| writer.text(text));
    }

    fn origin(&mut self, origin: Option<Origin>) {
        let place = origin.map(|origin| self.places.place(origin));
        self.fits &= place != Some(None);
        self.maybe(place.flatten(), |writer, place| {
            writer.text(place.file);
            writer.small(place.document);
            writer.small(place.start);
            writer.small(place.end);
        });
    }

    fn finding(&mut self, finding: &Finding) {
        let Finding {
            id,
            obligation,
            dataset,
            owner,
            layer,
            verdict,
            severity,
            message,
            excepted_by,
            held_by,
            causes,
            causes_complete,
            assumptions,
            facts,
            missing,
            vacuous,
            carried_by,
            kept: _,
        } = finding;
        self.text(id);
        self.word(obligation);
        self.maybe(dataset.as_deref(), Self::text);
        self.maybe(owner.as_deref(), Self::text);
        self.word(layer);
        self.place_in(&VERDICTS, verdict);
        self.place_in(&SEVERITIES, severity);
        self.text(message);
        self.maybe(excepted_by.as_deref(), Self::text);
        self.maybe(*held_by, Self::word);
        self.list(causes, Self::cause);
        self.flag(*causes_complete);
        self.texts(assumptions);
        self.list(facts, |writer, DatedFact { fact, as_of }| {
            writer.text(fact);
            writer.text(as_of);
        });
        self.list(missing, |writer, Missing { key, why, origin }| {
            writer.text(key);
            writer.text(why);
            writer.origin(*origin);
        });
        self.flag(*vacuous);
        self.list(carried_by, Self::reason);
    }

    fn place_in<T: PartialEq>(&mut self, all: &[T], one: &T) {
        let place = all.iter().position(|known| known == one);
        self.bytes.push(
            place
                .and_then(|place| u8::try_from(place).ok())
                .unwrap_or(u8::MAX),
        );
    }

    fn cause(&mut self, cause: &Cause) {
        let Cause {
            fingerprint,
            origin,
            because,
            witness,
            principals,
            sample,
            would_fix,
            excepted_by,
        } = cause;
        self.text(fingerprint);
        self.text(origin);
        self.list(because, Self::reason);
        self.list(&witness.steps, Self::step);
        self.number(*principals);
        self.texts(sample);
        self.text(would_fix);
        self.maybe(excepted_by.as_deref(), Self::text);
    }

    fn reason(&mut self, reason: &Reason) {
        let Reason {
            document,
            layer,
            statement,
            sid,
            effect,
            origin,
        } = reason;
        self.text(document);
        self.word(layer);
        self.maybe(*statement, Self::small);
        self.maybe(sid.as_deref(), Self::text);
        self.text(effect);
        self.origin(*origin);
    }

    fn step(&mut self, step: &Step) {
        let Step {
            principal,
            action,
            resource,
            context,
            decision,
            note,
            command,
        } = step;
        self.text(principal);
        self.text(action);
        self.text(resource);
        self.list(context, |writer, (key, values)| {
            writer.text(key);
            writer.texts(values);
        });
        self.word(decision);
        self.maybe(note.as_deref(), Self::text);
        self.maybe(command.as_deref(), Self::text);
    }
}

/// Reads findings back, marked as kept; none if the bytes are no findings.
pub(super) fn read(
    bytes: &[u8],
    places: &StablePlaces<'_>,
    texts: &dyn Numbered,
) -> Option<Vec<Finding>> {
    let mut reader = Reader {
        bytes,
        places,
        texts,
    };
    let findings = reader.list(Reader::finding)?;
    reader.bytes.is_empty().then_some(findings)
}

struct Reader<'r> {
    bytes: &'r [u8],
    places: &'r StablePlaces<'r>,
    texts: &'r dyn Numbered,
}

impl<'r> Reader<'r> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.bytes.split_first_chunk()?;
        self.bytes = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn small(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn flag(&mut self) -> Option<bool> {
        match self.take()? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }

    fn borrowed(&mut self) -> Option<&'r str> {
        let number = self.small()?;
        self.texts.text(number)
    }

    fn text(&mut self) -> Option<String> {
        self.borrowed().map(str::to_owned)
    }

    fn word(&mut self) -> Option<&'static str> {
        known(self.borrowed()?)
    }

    fn list<T>(&mut self, mut each: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.small()?;
        (0..count).map(|_| each(self)).collect()
    }

    fn maybe<T>(&mut self, each: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.flag()? {
            true => each(self).map(Some),
            false => Some(None),
        }
    }

    fn texts(&mut self) -> Option<Vec<String>> {
        self.list(Self::text)
    }

    fn origin(&mut self) -> Option<Option<Origin>> {
        self.maybe(|reader| {
            let place = StablePlace {
                file: reader.borrowed()?,
                document: reader.small()?,
                start: reader.small()?,
                end: reader.small()?,
            };
            reader.places.origin(&place)
        })
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let [place] = self.take()?;
        all.get(usize::from(place)).copied()
    }

    fn finding(&mut self) -> Option<Finding> {
        Some(Finding {
            id: self.text()?,
            obligation: self.word()?,
            dataset: self.maybe(Self::text)?,
            owner: self.maybe(Self::text)?,
            layer: self.word()?,
            verdict: self.one_of(&VERDICTS)?,
            severity: self.one_of(&SEVERITIES)?,
            message: self.text()?,
            excepted_by: self.maybe(Self::text)?,
            held_by: self.maybe(Self::word)?,
            causes: self.list(Self::cause)?,
            causes_complete: self.flag()?,
            assumptions: self.texts()?,
            facts: self.list(|reader| {
                Some(DatedFact {
                    fact: reader.text()?,
                    as_of: reader.text()?,
                })
            })?,
            missing: self.list(|reader| {
                Some(Missing {
                    key: reader.text()?,
                    why: reader.text()?,
                    origin: reader.origin()?,
                })
            })?,
            vacuous: self.flag()?,
            carried_by: self.list(Self::reason)?,
            kept: true,
        })
    }

    fn cause(&mut self) -> Option<Cause> {
        Some(Cause {
            fingerprint: self.text()?,
            origin: self.text()?,
            because: self.list(Self::reason)?,
            witness: Witness {
                steps: self.list(Self::step)?,
            },
            principals: self.number()?,
            sample: self.texts()?,
            would_fix: self.text()?,
            excepted_by: self.maybe(Self::text)?,
        })
    }

    fn reason(&mut self) -> Option<Reason> {
        Some(Reason {
            document: self.text()?,
            layer: self.word()?,
            statement: self.maybe(Self::small)?,
            sid: self.maybe(Self::text)?,
            effect: self.text()?,
            origin: self.origin()?,
        })
    }

    fn step(&mut self) -> Option<Step> {
        Some(Step {
            principal: self.text()?,
            action: self.text()?,
            resource: self.text()?,
            context: self.list(|reader| Some((reader.text()?, reader.texts()?)))?,
            decision: self.word()?,
            note: self.maybe(Self::text)?,
            command: self.maybe(Self::text)?,
        })
    }
}
