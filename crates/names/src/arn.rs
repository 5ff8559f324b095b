//! Amazon Resource Names, split once.
//!
//! The text is kept whole with the offsets of its parts, since it is compared and printed far more
//! often than it is taken apart. ARNs are compared with regard to case, byte for byte.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::account::AccountId;
use crate::error::NameError;

/// Bytes of the longest ARN: IAM's limit on a resource ARN ("IAM and AWS STS quotas").
pub const ARN_BYTES_MAX: usize = 2048;

/// One ARN: `arn:partition:service:region:account:resource` ("Identify AWS resources with Amazon
/// Resource Names (ARNs)"). Ordered by its text.
#[derive(Clone)]
pub struct Arn {
    text: Box<str>,
    /// Where partition, service, region and account end.
    ends: [u16; 4],
}

impl Arn {
    /// Splits an ARN. Region and account may be empty; the resource may hold anything.
    ///
    /// # Errors
    /// When it does not begin with `arn:`, has fewer than six parts, an empty part that none has,
    /// or is too long.
    pub fn parse(text: &str) -> Result<Arn, NameError> {
        if ARN_BYTES_MAX < text.len() {
            let message = format!("an ARN has at most {ARN_BYTES_MAX} bytes");
            return Err(NameError::new(message));
        }
        let arn = Arn {
            text: text.into(),
            ends: ends(text)?,
        };
        let needed = [
            ("partition", arn.partition()),
            ("service", arn.service()),
            ("resource", arn.resource()),
        ];
        match needed.iter().find(|(_, part)| part.is_empty()) {
            Some((name, _)) => Err(NameError::new(format!("the {name} of the ARN is empty"))),
            None => Ok(arn),
        }
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `aws`, `aws-cn`, `aws-us-gov`, ….
    pub fn partition(&self) -> &str {
        let [partition, ..] = self.ends;
        self.part(PREFIX.len(), partition)
    }

    /// The service's namespace, such as `s3`.
    pub fn service(&self) -> &str {
        let [partition, service, ..] = self.ends;
        self.part(after(partition), service)
    }

    /// The Region, or nothing where the kind of resource has none in its ARN.
    pub fn region(&self) -> &str {
        let [_, service, region, _] = self.ends;
        self.part(after(service), region)
    }

    /// The account as written: twelve digits, nothing for S3, or a word such as `aws`.
    pub fn account(&self) -> &str {
        let [_, _, region, account] = self.ends;
        self.part(after(region), account)
    }

    /// Everything after the fifth colon.
    pub fn resource(&self) -> &str {
        let [.., account] = self.ends;
        self.text.get(after(account)..).unwrap_or_default()
    }

    /// The account, if the ARN holds a number.
    pub fn account_id(&self) -> Option<AccountId> {
        self.account().parse().ok()
    }

    /// The bucket's name, if this is an S3 bucket or an object in one (not an access point, whose
    /// ARN has a Region).
    pub fn bucket_name(&self) -> Option<&str> {
        let plain = self.service() == "s3" && self.region().is_empty() && self.account().is_empty();
        plain.then(|| self.resource().split('/').next().unwrap_or_default())
    }

    /// The ARN of the bucket, if this is an S3 bucket or an object in one.
    pub fn bucket(&self) -> Option<Arn> {
        let name = self.bucket_name()?;
        Arn::parse(&format!("arn:{}:s3:::{name}", self.partition())).ok()
    }

    /// The key of the S3 object, if this is one.
    pub fn object_key(&self) -> Option<&str> {
        self.bucket_name()?;
        self.resource().split_once('/').map(|(_, key)| key)
    }

    fn part(&self, start: usize, end: u16) -> &str {
        self.text.get(start..usize::from(end)).unwrap_or_default()
    }
}

fn after(end: u16) -> usize {
    usize::from(end) + 1
}

fn ends(text: &str) -> Result<[u16; 4], NameError> {
    if !text.starts_with(PREFIX) {
        return Err(NameError::new("an ARN begins with `arn:`"));
    }
    let mut colons = text
        .bytes()
        .enumerate()
        .skip(PREFIX.len())
        .filter(|(_, byte)| *byte == b':');
    let mut ends = [0; 4];
    for (found, end) in ends.iter_mut().enumerate() {
        let colon = colons.next().and_then(|(at, _)| u16::try_from(at).ok());
        *end = colon.ok_or_else(|| missing_parts(found + 2))?;
    }
    Ok(ends)
}

fn missing_parts(found: usize) -> NameError {
    let message = format!("an ARN has six parts between colons, and this has {found}");
    NameError::new(message)
}

impl FromStr for Arn {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Arn, NameError> {
        Arn::parse(text)
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl PartialEq for Arn {
    fn eq(&self, other: &Arn) -> bool {
        self.text == other.text
    }
}

impl Eq for Arn {}

impl PartialOrd for Arn {
    fn partial_cmp(&self, other: &Arn) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Arn {
    fn cmp(&self, other: &Arn) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for Arn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// An ordered map by ARN can be asked with plain text.
impl Borrow<str> for Arn {
    fn borrow(&self) -> &str {
        &self.text
    }
}

const PREFIX: &str = "arn:";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, parts: [&str; 5]) {
        let arn = Arn::parse(text).expect(text);
        let found = [
            arn.partition(),
            arn.service(),
            arn.region(),
            arn.account(),
            arn.resource(),
        ];
        assert_eq!(found, parts);
        assert_eq!(arn.to_string(), text);
    }

    fn check_error(text: &str, expected: &str) {
        assert_eq!(Arn::parse(text).expect_err(text).to_string(), expected);
    }

    fn check_s3(text: &str, bucket: Option<&str>, key: Option<&str>) {
        let arn = Arn::parse(text).expect(text);
        assert_eq!(
            arn.bucket().as_ref().map(Arn::as_str),
            bucket,
            "bucket of {text}"
        );
        assert_eq!(arn.object_key(), key, "key of {text}");
    }

    #[test]
    fn parts() {
        check(
            "arn:aws:s3:::records/a:b",
            ["aws", "s3", "", "", "records/a:b"],
        );
        check(
            "arn:aws-us-gov:kms:us-gov-west-1:012345678901:key/mrk-1",
            [
                "aws-us-gov",
                "kms",
                "us-gov-west-1",
                "012345678901",
                "key/mrk-1",
            ],
        );
        check(
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            ["aws", "iam", "", "aws", "policy/ReadOnlyAccess"],
        );
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        check_error("records", "an ARN begins with `arn:`");
        check_error(
            "arn:aws:s3",
            "an ARN has six parts between colons, and this has 3",
        );
        check_error("arn:aws:s3:::", "the resource of the ARN is empty");
        check_error("arn::s3:::b", "the partition of the ARN is empty");
        check_error("arn:aws::::b", "the service of the ARN is empty");
        check_error(
            &format!("arn:aws:s3:::{}", "a".repeat(2048)),
            "an ARN has at most 2048 bytes",
        );
    }

    #[test]
    fn accounts_are_numbers() {
        let account = |text: &str| Arn::parse(text).expect(text).account_id();
        assert_eq!(
            account("arn:aws:iam::012345678901:root"),
            "012345678901".parse().ok()
        );
        assert_eq!(account("arn:aws:iam::aws:policy/A"), None);
        assert_eq!(account("arn:aws:s3:::b"), None);
    }

    #[test]
    fn buckets_and_objects() {
        check_s3("arn:aws:s3:::b", Some("arn:aws:s3:::b"), None);
        check_s3(
            "arn:aws-cn:s3:::b/x/y",
            Some("arn:aws-cn:s3:::b"),
            Some("x/y"),
        );
        check_s3(
            "arn:aws:s3:eu-west-1:111122223333:accesspoint/p/object/x",
            None,
            None,
        );
        check_s3("arn:aws:sqs:eu-west-1:111122223333:b", None, None);
    }

    proptest! {
        #[test]
        fn printing_and_parsing_agree(parts in prop::array::uniform4("[^:]{0,12}"), resource in ".{1,20}") {
            let [partition, service, region, account] = parts;
            let text = format!("arn:{partition}:{service}:{region}:{account}:{resource}");
            match Arn::parse(&text) {
                Ok(arn) => {
                    prop_assert_eq!(arn.to_string(), text);
                    let found = (arn.partition(), arn.service(), arn.region(), arn.account(), arn.resource());
                    prop_assert_eq!(found, (&*partition, &*service, &*region, &*account, &*resource));
                }
                Err(_) => prop_assert!(partition.is_empty() || service.is_empty()),
            }
        }

        #[test]
        fn no_text_panics(text in "(arn:)?[a:/é*]{0,20}") {
            let _ = Arn::parse(&text);
        }
    }
}
