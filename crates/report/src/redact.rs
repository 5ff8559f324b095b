//! Pseudonyms for accounts, organizations, external ids and names, so that a report can be shown to
//! people who must not get a map of the organization.
//!
//! It works on finished text, whatever its format: a pseudonym is as long as what it stands for, so
//! that tables stay aligned and underlines stay under their words, and every later format is covered
//! without knowing of it. The same name has the same pseudonym in every run with the same key.
//! A pseudonym hides its original only from those who do not have the key, since account numbers
//! are few enough to try them all; so for publication give a key and keep it.

mod secret;

use std::collections::BTreeSet;

use cofferdam_findings::faults::{AttackStep, Faults};
use cofferdam_findings::finding::{Answer, Step};
use cofferdam_findings::inventory::Row;
use cofferdam_findings::probe::Probe;

/// Replaces names by pseudonyms.
pub struct Redaction {
    key: [u64; 2],
    /// Names in question, which stay readable.
    keep: BTreeSet<String>,
    /// Values that must go wherever they stand, such as external ids.
    secrets: BTreeSet<String>,
}

impl Redaction {
    /// With a key that the user keeps; the names of the datasets' own resources stay.
    pub fn new(key: &str) -> Redaction {
        let half = |part: u64| siphash([part, !part], key.as_bytes());
        Redaction {
            key: [half(1), half(2)],
            keep: BTreeSet::new(),
            secrets: BTreeSet::new(),
        }
    }

    /// Keeps what an answer is about, and learns what must go.
    #[must_use]
    pub fn for_answer(mut self, answer: &Answer) -> Redaction {
        let causes = answer.findings.iter().flat_map(|finding| &finding.causes);
        for step in causes.flat_map(|cause| &cause.witness.steps) {
            self.secrets.extend(external_ids(step));
        }
        self.keep.extend(
            answer
                .findings
                .iter()
                .filter_map(|finding| finding.dataset.clone()),
        );
        self.for_rows(&answer.inventory)
    }

    /// Keeps the resources of these rows.
    #[must_use]
    pub fn for_rows(mut self, rows: &[Row]) -> Redaction {
        for row in rows {
            self.keep.insert(row.dataset.clone());
            self.keep.extend(names_in(&row.resource).map(str::to_owned));
        }
        self
    }

    /// Keeps the names in an ARN that the question itself gives.
    #[must_use]
    pub fn for_resource(mut self, arn: &str) -> Redaction {
        self.keep.extend(names_in(arn).map(str::to_owned));
        self
    }

    /// Keeps the names of the datasets that these paths try.
    #[must_use]
    pub fn for_probes(mut self, probes: &[Probe]) -> Redaction {
        for probe in probes {
            self.keep.insert(probe.dataset.clone());
            let ids = probe.steps.iter().flat_map(external_ids);
            self.secrets.extend(ids);
        }
        self
    }

    /// Keeps the names of the datasets of an answer about faults, and learns what must go.
    #[must_use]
    pub fn for_faults(mut self, faults: &Faults) -> Redaction {
        let leaks = faults.principals.iter().flat_map(|one| &one.leaks);
        let datasets = faults.datasets.iter().map(|one| &one.dataset);
        let leaking = leaks.map(|one| &one.dataset);
        self.keep.extend(datasets.chain(leaking).cloned());
        let ids = steps(faults).flat_map(|step| &step.requests);
        self.secrets.extend(ids.flat_map(external_ids));
        self
    }

    /// The text with pseudonyms.
    pub fn apply(&self, text: &str) -> String {
        let text = &self.without_secrets(text);
        let named: BTreeSet<&str> = pieces(text).flat_map(|piece| names_in(piece.arn)).collect();
        let mut redacted = String::with_capacity(text.len());
        for piece in pieces(text) {
            self.replace(
                piece.prose,
                &|word| named.contains(word) && is_distinct(word),
                &mut redacted,
            );
            let (head, resource) = piece.arn.split_at(resource_start(piece.arn));
            self.replace(head, &|_| false, &mut redacted);
            self.replace(resource, &|word| named.contains(word), &mut redacted);
        }
        redacted
    }

    /// An external id may hold anything: it is replaced wherever it is called one, and everywhere
    /// if it is long enough to be nothing else.
    fn without_secrets(&self, text: &str) -> String {
        let mut hidden = String::with_capacity(text.len());
        let mut secrets = self.secrets.clone();
        let mut done = 0;
        for range in secret::written_ids(text) {
            let id = text.get(range.clone()).unwrap_or_default();
            hidden.push_str(text.get(done..range.start).unwrap_or_default());
            hidden.push_str(&self.letters(id, 0));
            secrets.insert(id.to_owned());
            done = range.end;
        }
        hidden.push_str(text.get(done..).unwrap_or_default());
        let long = secrets
            .iter()
            .filter(|id| id.len() >= secret::LENGTH_DISTINCT);
        long.fold(hidden, |text, id| text.replace(id, &self.letters(id, 0)))
    }

    fn replace(&self, text: &str, is_name: &dyn Fn(&str) -> bool, redacted: &mut String) {
        for (word, between) in words(text) {
            match self.pseudonym(word, is_name) {
                Some(pseudonym) => redacted.push_str(&pseudonym),
                None => redacted.push_str(word),
            }
            redacted.push_str(between);
        }
    }

    /// What a word becomes, if it must change.
    fn pseudonym(&self, word: &str, is_name: &dyn Fn(&str) -> bool) -> Option<String> {
        if is_account(word) {
            return Some(self.digits(word));
        }
        if let Some(prefix) = id_prefix(word) {
            return Some(self.letters(word, prefix.len()));
        }
        let goes = is_name(word) && !self.keep.contains(word);
        goes.then(|| self.letters(word, 0))
    }

    fn digits(&self, word: &str) -> String {
        let mut number = siphash(self.key, word.as_bytes());
        let mut next = || {
            let digit = (number % 10) as u8;
            number /= 10;
            char::from(b'0' + digit)
        };
        word.chars().map(|_| next()).collect()
    }

    /// As many letters after the first `kept` bytes, with what joins the words of a name left in
    /// place.
    fn letters(&self, word: &str, kept: usize) -> String {
        let (prefix, rest) = word.split_at_checked(kept).unwrap_or(("", word));
        let mut stream = Stream {
            key: self.key,
            word,
            block: 0,
            bits: 0,
            left: 0,
        };
        let replaced = rest.chars().map(|character| match character {
            '-' | '_' | '.' => character,
            _ => stream.letter(),
        });
        prefix.chars().chain(replaced).collect()
    }
}

/// Letters from a hash, as many as asked for.
struct Stream<'a> {
    key: [u64; 2],
    word: &'a str,
    block: u64,
    bits: u64,
    left: u32,
}

impl Stream<'_> {
    fn letter(&mut self) -> char {
        if self.left == 0 {
            self.bits = siphash(
                [self.key[0] ^ self.block, self.key[1]],
                self.word.as_bytes(),
            );
            self.block += 1;
            self.left = LETTERS_PER_HASH;
        }
        self.left -= 1;
        let letter = (self.bits % 26) as u8;
        self.bits /= 26;
        char::from(b'a' + letter)
    }
}

/// 26 to this power still fits into the 64 bits of a hash.
const LETTERS_PER_HASH: u32 = 12;

/// The steps of all attacks.
fn steps(faults: &Faults) -> impl Iterator<Item = &AttackStep> {
    let of_principals = faults.principals.iter().flat_map(|one| {
        let becomes = one.becomes.iter().flat_map(|one| &one.steps);
        let rewrites = one.rewrites.iter().flat_map(|one| &one.steps);
        let leaks = one.leaks.iter().flat_map(|one| &one.steps);
        becomes.chain(rewrites).chain(leaks)
    });
    let of_datasets = faults.datasets.iter().flat_map(|one| {
        let sets = one.cut_sets.iter().flat_map(|one| &one.steps);
        let pairs = one.independence.iter().flat_map(|one| &one.steps);
        let single = one.survival.iter().flat_map(|one| &one.steps);
        sets.chain(pairs).chain(single)
    });
    of_principals.chain(of_datasets)
}

fn external_ids(step: &Step) -> Vec<String> {
    let is_id = |(key, _): &&(String, Vec<String>)| key.eq_ignore_ascii_case("sts:ExternalId");
    step.context
        .iter()
        .filter(is_id)
        .flat_map(|(_, values)| values.clone())
        .collect()
}

/// An account: twelve digits that stand alone.
fn is_account(word: &str) -> bool {
    word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// What an id begins with that AWS makes for an organization, a root, a unit, an endpoint or a VPC.
fn id_prefix(word: &str) -> Option<&'static str> {
    let is_made = |rest: &str| {
        rest.bytes().any(|byte| byte.is_ascii_digit())
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    ID_PREFIXES
        .iter()
        .copied()
        .find(|prefix| word.strip_prefix(prefix).is_some_and(is_made))
}

const ID_PREFIXES: &[&str] = &["o-", "ou-", "r-", "vpc-", "vpce-"];

/// The text as words, each with what stands between it and the next.
fn words(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest
            .find(|character| !is_word(character))
            .unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        let next = tail.find(is_word).unwrap_or(tail.len());
        let (between, tail) = tail.split_at(next);
        rest = tail;
        Some((word, between))
    })
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || "-_.+=@".contains(character)
}

/// Running text and the ARN after it.
struct Piece<'a> {
    prose: &'a str,
    arn: &'a str,
}

/// The text, cut before and after everything that is written as an ARN.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (prose, tail) = rest.split_at(rest.find("arn:aws").unwrap_or(rest.len()));
        let end = tail.find(|character: char| !is_word(character) && !":/*?$".contains(character));
        let (arn, tail) = tail.split_at(end.unwrap_or(tail.len()));
        rest = tail;
        Some(Piece { prose, arn })
    })
}

/// Where the resource part begins: after the fifth colon.
fn resource_start(arn: &str) -> usize {
    arn.match_indices(':')
        .nth(4)
        .map_or(arn.len(), |(at, _)| at + 1)
}

/// The names in the resource part of an ARN: not the words that say what it is, and nothing of what
/// AWS itself owns and every account sees, such as its managed policies.
fn names_in(arn: &str) -> impl Iterator<Item = &str> {
    let is_of_aws = arn.split(':').nth(4) == Some("aws");
    let resource = arn
        .get(resource_start(arn)..)
        .filter(|_| !is_of_aws)
        .unwrap_or_default();
    words(resource)
        .map(|(word, _)| word)
        .filter(|word| !word.is_empty() && !KINDS.contains(word))
}

/// Whether a word outside ARNs can only be a name. A role may be called `read` or `verdict`; such a
/// word is replaced within ARNs alone, or fields of JSON and plain sentences would change.
fn is_distinct(word: &str) -> bool {
    word.chars()
        .any(|character| !character.is_ascii_lowercase() && character != '_')
}

/// Words in ARNs that name a kind and not a thing.
const KINDS: &[&str] = &[
    "alias",
    "assumed-role",
    "aws",
    "aws-reserved",
    "aws-service-role",
    "federated-user",
    "function",
    "group",
    "key",
    "oidc-provider",
    "policy",
    "queue",
    "repository",
    "role",
    "root",
    "saml-provider",
    "secret",
    "service-role",
    "sso.amazonaws.com",
    "table",
    "topic",
    "trail",
    "user",
    "vpc-endpoint",
];

/// SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF"): keyed, and the same in
/// every release of this program, which the standard library's hasher does not promise.
fn siphash(key: [u64; 2], bytes: &[u8]) -> u64 {
    let mut state = [
        key[0] ^ 0x736f_6d65_7073_6575,
        key[1] ^ 0x646f_7261_6e64_6f6d,
        key[0] ^ 0x6c79_6765_6e65_7261,
        key[1] ^ 0x7465_6462_7974_6573,
    ];
    let mut absorb = |word: u64| {
        state[3] ^= word;
        sip_round(&mut state);
        sip_round(&mut state);
        state[0] ^= word;
    };
    let (chunks, tail) = bytes.as_chunks::<8>();
    chunks
        .iter()
        .for_each(|chunk| absorb(u64::from_le_bytes(*chunk)));
    let mut last = (bytes.len() as u64) << 56;
    for (at, byte) in tail.iter().enumerate() {
        last |= u64::from(*byte) << (8 * at);
    }
    absorb(last);
    state[2] ^= 0xff;
    (0..4).for_each(|_| sip_round(&mut state));
    state.iter().fold(0, |hash, word| hash ^ word)
}

fn sip_round(state: &mut [u64; 4]) {
    let [mut a, mut b, mut c, mut d] = *state;
    a = a.wrapping_add(b);
    c = c.wrapping_add(d);
    b = b.rotate_left(13) ^ a;
    d = d.rotate_left(16) ^ c;
    a = a.rotate_left(32).wrapping_add(d);
    c = c.wrapping_add(b);
    d = d.rotate_left(21) ^ a;
    b = b.rotate_left(17) ^ c;
    c = c.rotate_left(32);
    *state = [a, b, c, d];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siphash_is_siphash() {
        // The paper's own test vector, appendix A.
        let message: Vec<u8> = (0..15).collect();
        let key = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
        assert_eq!(siphash(key, &message), 0xa129_ca61_49be_45e5);
    }

    #[test]
    fn names_go_and_what_the_question_is_about_stays() {
        let rows = [Row {
            dataset: "records".into(),
            resource: "arn:aws:s3:::acme-records".into(),
            ..Row::default()
        }];
        let redaction = Redaction::new("k").for_rows(&rows);
        let text = "claims-reader: arn:aws:iam::200000000002:role/app/claims-reader in \
                    o-acme1a2b3c reads arn:aws:s3:::acme-records at snapshot/200000000002/s3.json with arn:aws:iam::aws:policy/ReadOnlyAccess";
        let redacted = redaction.apply(text);
        for gone in ["claims", "reader", "200000000002", "acme1a2b3c", "/app/"] {
            assert!(!redacted.contains(gone), "{gone} is still in {redacted}");
        }
        for kept in [
            "arn:aws:s3:::acme-records",
            "role/",
            "snapshot/",
            "s3.json",
            "policy/ReadOnlyAccess",
        ] {
            assert!(redacted.contains(kept), "{kept} is missing in {redacted}");
        }
        assert_eq!(
            redacted.len(),
            text.len(),
            "pseudonyms are as long as the names"
        );
        assert_eq!(
            redacted,
            redaction.apply(text),
            "the same key gives the same pseudonyms"
        );
        assert_ne!(
            redacted,
            Redaction::new("other").for_rows(&rows).apply(text)
        );
    }
}
