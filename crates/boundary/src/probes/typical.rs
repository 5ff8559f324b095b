//! Which action a probe takes for a class: the one that people think of first.

use cofferdam_catalog::Class;
use cofferdam_names::ActionName;

use crate::scope::{ClassedAction, Group, Store};

/// The usual action of a class, by service.
const TYPICAL: [(&str, Class, &str); 17] = [
    ("dynamodb", Class::Read, "GetItem"),
    ("dynamodb", Class::Write, "PutItem"),
    ("dynamodb", Class::Delete, "DeleteItem"),
    ("ecr", Class::Read, "BatchGetImage"),
    ("ecr", Class::Write, "PutImage"),
    ("ecr", Class::Delete, "BatchDeleteImage"),
    ("lambda", Class::Read, "InvokeFunction"),
    ("lambda", Class::Write, "UpdateFunctionCode"),
    ("s3", Class::Read, "GetObject"),
    ("s3", Class::Write, "PutObject"),
    ("s3", Class::Delete, "DeleteObject"),
    ("s3", Class::List, "ListBucket"),
    ("secretsmanager", Class::Write, "PutSecretValue"),
    ("sns", Class::Read, "Subscribe"),
    ("sqs", Class::Read, "ReceiveMessage"),
    ("sqs", Class::Write, "SendMessage"),
    ("sqs", Class::Delete, "DeleteMessage"),
];

/// The groups to try for a class, with the usual action alone first.
pub(super) fn groups(
    store: &Store<'_>,
    keep: impl Fn(&ClassedAction) -> bool,
    class: Class,
) -> Vec<Group> {
    let kept: Vec<Group> = store
        .groups
        .iter()
        .filter_map(|group| group.only(&keep))
        .collect();
    let usual = TYPICAL
        .iter()
        .find(|(service, of, _)| *service == store.service && *of == class);
    let named = |name: &ActionName| usual.is_some_and(|(.., usual)| *usual == name.name());
    let first = kept
        .iter()
        .find_map(|group| group.only(|action| named(&action.name)));
    let main = |group: &Group| group.only(|action| action.classes.first() == Some(&class));
    let main: Vec<Group> = kept.iter().filter_map(main).collect();
    first.into_iter().chain(main).chain(kept).collect()
}
