//! Keys of requests that go through an S3 access point.
//!
//! Source: "Configuring IAM policies for using access points", section "Condition keys".

use cofferdam_org::fact::Known;

use super::Situation;
use crate::term::Term;

/// An access point, as the keys of requests through it show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Its ARN.
    pub arn: Box<str>,
    /// The account that owns it.
    pub account: Box<str>,
    /// Whether it can be used from one VPC only.
    pub vpc_only: Known<bool>,
    /// Whether the account that owns it owns the bucket too.
    pub of_owner: bool,
}

/// What is known of a key because of the access point; `None` if nothing follows from it.
pub(super) fn term(key: &str, situation: &Situation<'_>) -> Option<Term> {
    let point = situation.point.as_ref()?;
    Some(match key {
        "s3:dataaccesspointarn" => Term::value(point.arn.clone()),
        "s3:dataaccesspointaccount" => Term::value(point.account.clone()),
        "s3:accesspointnetworkorigin" => match &point.vpc_only {
            Known::Present(true) => Term::value("VPC"),
            Known::Present(false) | Known::Absent => Term::value("Internet"),
            Known::Unknown(why) => Term::Unknown(why.clone()),
        },
        "aws:resourceaccount"
        | "aws:resourceorgid"
        | "aws:resourceorgpaths"
        | "s3:resourceaccount"
            if !point.of_owner =>
        {
            Term::unknown(
                "which owner's account a request shows, of the access point or of the bucket, is not documented",
            )
        }
        _ if key.starts_with("aws:resourcetag/") => {
            Term::unknown("whose tags a request through an access point shows is not modelled")
        }
        _ => return None,
    })
}
