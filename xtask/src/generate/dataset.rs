//! What is declared of one bucket: who uses and administers it, and what of that its policy gets
//! wrong. The boundary and the policies are both written from here.

use super::{Random, Shape, id};

/// A declared bucket.
pub(super) struct Dataset {
    /// Its name, which is the bucket's.
    pub bucket: String,
    /// The account that owns it.
    pub account: u64,
    /// Whether it is under a key, and its policy names everybody who may come near.
    pub restricted: bool,
    /// Roles of its own account that read and write.
    pub users: Vec<String>,
    /// Roles of other accounts that read.
    pub readers: Vec<String>,
    /// The role that may change its policy.
    pub administrator: String,
    /// Whether its policy lets the whole organization read, which nobody declared.
    pub open: bool,
}

/// One bucket of so many is restricted.
const RESTRICTED: u64 = 4;
/// Of a hundred buckets, so many are read by a neighbour's pipeline, and so many are open to all.
const READ_BY_NEIGHBOUR: u64 = 10;
const OPEN: u64 = 1;

impl Dataset {
    /// The bucket of a number in the account of a number.
    pub fn new(shape: &Shape, index: u64, number: u64) -> Dataset {
        let account = shape.account(index);
        let role = |of: u64, name: &str| format!("arn:aws:iam::{}:role/{name}", id(of));
        let mut random = Random(shape.seed ^ account ^ (number << 48));
        let chance = random.below(100);
        let restricted = Dataset::is_restricted(shape, number);
        let members = shape.accounts.saturating_sub(1).max(1);
        let neighbour = shape.account(1 + index % members);
        let is_read = chance < READ_BY_NEIGHBOUR && neighbour != account;
        let users = (0..shape.roles).filter(|role| shape.bucket_of_role(*role) == Some(number));
        Dataset {
            bucket: Shape::bucket(account, number),
            account,
            restricted,
            users: users
                .map(|number| role(account, &format!("app/app-{number}")))
                .collect(),
            readers: is_read
                .then(|| role(neighbour, "platform/pipeline"))
                .into_iter()
                .collect(),
            administrator: role(account, "platform/org-admin"),
            open: chance >= 100 - OPEN && !restricted,
        }
    }

    /// Whether buckets of this number are restricted; without datasets none is.
    pub fn is_restricted(shape: &Shape, number: u64) -> bool {
        shape.datasets > 0 && number.is_multiple_of(RESTRICTED)
    }
}
