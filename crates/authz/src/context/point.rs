//! Keys of requests that go through an S3 access point.
//!
//! Source: "Configuring IAM policies for using access points", section "Condition keys".

use cofferdam_names::AccountId;
use cofferdam_org::fact::Known;

use super::{ANY_SERVICE, Situation};
use crate::term::{Domain, Open, Shape, Term};

/// How a request comes to a bucket, as far as its keys show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Point {
    /// Directly, or to what is no bucket.
    Direct,
    /// Through this access point.
    Through(Shown),
    /// Through an access point of an account that is none of these.
    Elsewhere(Vec<AccountId>),
}

/// An access point, as the keys of requests through it show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its ARN.
    pub arn: Box<str>,
    /// The account that owns it.
    pub account: Box<str>,
    /// Whether it can be used from one VPC only.
    pub vpc_only: Known<bool>,
    /// Whether the account that owns it owns the bucket too.
    pub of_owner: bool,
}

const TWO_OWNERS: &str = "which owner's account a request shows, of the access point or of the bucket, is not documented";
const WHOSE_TAGS: &str = "whose tags a request through an access point shows is not modelled";
const ANY_WAY: &str = "whether the request comes through an access point was not stated";
const NOT_READ: &str = "the network origin of an access point that was not read is not known";

/// What is known of a key because of the access point; `None` if nothing follows from it.
pub(super) fn term(key: &str, situation: &Situation<'_>) -> Option<Term> {
    let Some(point) = &situation.point else {
        let unknown = is_point_key(key) && situation.service != ANY_SERVICE;
        return unknown.then(|| Term::unknown(ANY_WAY));
    };
    let (own_owner, own) = match point {
        Point::Direct => return direct(key),
        Point::Through(shown) => (shown.of_owner, through(key, shown)),
        Point::Elsewhere(_) => (false, elsewhere(key)),
    };
    match key {
        "aws:resourceaccount"
        | "aws:resourceorgid"
        | "aws:resourceorgpaths"
        | "s3:resourceaccount"
            if !own_owner =>
        {
            Some(Term::unknown(TWO_OWNERS))
        }
        _ if key.starts_with("aws:resourcetag/") || key.starts_with(POINT_TAG) => {
            Some(Term::unknown(WHOSE_TAGS))
        }
        _ => own,
    }
}

fn direct(key: &str) -> Option<Term> {
    is_point_key(key).then_some(Term::Absent)
}

/// Whether only requests through an access point have the key, in lower case.
pub fn is_point_key(key: &str) -> bool {
    matches!(
        key,
        "s3:dataaccesspointarn" | "s3:dataaccesspointaccount" | "s3:accesspointnetworkorigin"
    ) || key.starts_with(POINT_TAG)
}

/// How the keys of an access point's tags begin.
const POINT_TAG: &str = "s3:accesspointtag/";

fn through(key: &str, point: &Shown) -> Option<Term> {
    Some(match key {
        "s3:dataaccesspointarn" => Term::value(point.arn.clone()),
        "s3:dataaccesspointaccount" => Term::value(point.account.clone()),
        "s3:accesspointnetworkorigin" => match &point.vpc_only {
            Known::Present(true) => Term::value("VPC"),
            Known::Present(false) | Known::Absent => Term::value("Internet"),
            Known::Unknown(why) => Term::Unknown(why.clone()),
        },
        _ => return None,
    })
}

/// Whose access point it is, its owner chose.
fn elsewhere(key: &str) -> Option<Term> {
    let open = |name: &str, shape: Shape| {
        Term::Open(Open {
            name: name.to_owned(),
            always: true,
            shared: false,
            domain: Domain::Shaped(shape),
        })
    };
    Some(match key {
        "s3:dataaccesspointarn" => open("s3:DataAccessPointArn", Shape::PointArn),
        "s3:dataaccesspointaccount" => open("s3:DataAccessPointAccount", Shape::PointAccount),
        "s3:accesspointnetworkorigin" => Term::unknown(NOT_READ),
        _ => return None,
    })
}
