//! Requests through S3 access points, and through multi-Region ones.
//!
//! Sources: "Configuring IAM policies for using access points" (the access point and the bucket must
//! both permit a request, each by its own name of what is asked for), "Creating access points
//! restricted to a virtual private cloud" (an endpoint policy must admit both names; from elsewhere
//! S3 rejects a request), "Multi-Region Access Point permissions".
//!
//! One request so has two names. A reading is told which of them `Resource` elements are read
//! against; everything else of the request is one.

use cofferdam_names::{ActionName, ContextKey};
use cofferdam_org::fact::Known;
use cofferdam_policy::matching::Match;
use cofferdam_policy::operand::{Part, Template};

use crate::combine::{Decided, Deciding, decide_one};
use crate::layers::Layers;

/// Why the caller's own side settles nothing about the bucket that it did not settle about the
/// access point.
pub(crate) const ASKED_AGAIN: &str = "whether the caller's own policies are asked about the bucket too, beside the access point, is not documented";

/// Why a resource element does not tell whether it names what is asked for.
pub(crate) const UNREAD: &str = "the name of an access point that was not read is not known";

/// An access point that a request goes through.
#[derive(Clone, Debug)]
pub struct Through<'a> {
    /// The two names of what is asked for.
    pub way: Way,
    /// The VPC that requests must come from; absent: from anywhere.
    pub vpc: Known<Box<str>>,
    /// What decides at the access point.
    pub layers: Box<Layers<'a>>,
}

/// How a bucket and what is in it are named through an access point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The bucket's ARN.
    pub bucket: Box<str>,
    /// The access point's ARN; `None`: of one that was not read.
    pub point: Option<Box<str>>,
}

/// What stands between an access point and the key of an object.
const OBJECT: &str = "/object/";

impl Way {
    /// The name that a bucket or object has through the access point; `None` if it is not of this
    /// bucket.
    pub fn renamed(&self, resource: &str) -> Option<String> {
        let rest = resource.strip_prefix(&*self.bucket)?;
        match rest.strip_prefix('/') {
            Some(key) => Some(format!("{}{key}", self.objects()?)),
            None => self
                .point
                .as_deref()
                .filter(|_| rest.is_empty())
                .map(str::to_owned),
        }
    }

    /// How the names of objects begin through the access point.
    pub fn objects(&self) -> Option<String> {
        self.point
            .as_deref()
            .map(|point| format!("{point}{OBJECT}"))
    }

    /// How the names of objects begin in the bucket.
    pub fn objects_of_bucket(&self) -> String {
        format!("{}/", self.bucket)
    }
}

/// Whether a resource pattern accepts a name through some access point of somebody: no, yes, or for
/// some of them. Only what stands before the first wildcard is looked at.
pub(crate) fn accepts_some(template: &Template) -> Match {
    let text = match template.parts.as_slice() {
        [Part::Many] => return Match::Yes,
        [Part::Literal(text), ..] => text,
        _ => return Match::No,
    };
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let last = fields.len().saturating_sub(1);
    let fits = |(place, field): (usize, &&str)| {
        let begins = |wanted: &str| place == last && wanted.starts_with(*field);
        match place {
            0 => *field == "arn" || begins("arn"),
            1 => field.starts_with("aws") || begins("aws"),
            2 => *field == "s3" || begins("s3"),
            3 => true,
            4 => place == last || !field.is_empty(),
            _ => field.starts_with(POINT) || begins(POINT),
        }
    };
    if fields.iter().enumerate().all(fits) {
        Match::Unknown
    } else {
        Match::No
    }
}

/// How the last field of an access point's ARN begins.
const POINT: &str = "accesspoint/";

/// Whether an ARN names an access point, or something through one.
pub fn is_point(arn: &str) -> bool {
    let mut fields = arn.splitn(6, ':');
    let is_s3 = fields.nth(2) == Some("s3");
    is_s3 && fields.nth(2).is_some_and(|rest| rest.starts_with(POINT))
}

/// Whether an ARN is that of an access point itself.
pub fn is_itself(arn: &str) -> bool {
    is_point(arn) && !arn.contains(['*', '?']) && arn.matches('/').count() == 1
}

/// Whether requests for this action can go through an access point to what is in its bucket: the
/// others are about the access point itself.
pub fn carries(action: &ActionName) -> bool {
    let known = cofferdam_catalog::data_action(action.service(), action.name());
    known.is_some_and(|known| {
        let on: Vec<&str> = known.on().collect();
        on.contains(&"accesspointobject") || on.contains(&"accesspoint") && on.contains(&"bucket")
    })
}

/// What is decided at the access point.
pub(crate) fn decide<R: Deciding>(reading: &mut R, through: &Through<'_>) -> Decided<R::Truth> {
    reading.named_by(Some(&through.way));
    let mut decided = decide_one(reading, &through.layers);
    reading.named_by(None);
    let from_vpc = from_vpc(reading, &through.vpc);
    decided.allowed = reading.and(decided.allowed, from_vpc);
    decided
}

/// S3 rejects what does not come from the VPC that the access point is restricted to.
fn from_vpc<R: Deciding>(reading: &mut R, vpc: &Known<Box<str>>) -> R::Truth {
    match vpc {
        Known::Absent => reading.known(true),
        Known::Unknown(why) => reading.unknown(why),
        Known::Present(vpc) => match ContextKey::parse("aws:SourceVpc") {
            Ok(key) => reading.some_value(&key, &[crate::beside::literal(vpc)]),
            Err(_) => reading.known(false),
        },
    }
}
