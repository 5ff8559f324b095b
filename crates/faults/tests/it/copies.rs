//! What leaves by a copy: under a key it takes somebody who may use the key, and where it is not known
//! how something is encrypted, that is not known either.

use cofferdam_faults::answer::Options;

use crate::world::answered;

const REPOSITORY: &str = "arn:aws:ecr:eu-west-1:200000000002:repository/app";

/// Whether data leaves by somebody who replicates: certainly, perhaps or not.
fn replicated(repository: &str, rest: &str) -> &'static str {
    let organization = format!(
        r#"
organization: {{id: o-acme1a2b3c, management: "100000000001"}}
units: {{r-1: {{}}}}
accounts: {{"100000000001": {{name: management, parent: r-1}}, "200000000002": {{name: claims, parent: r-1}}}}
roles:
  200000000002/copier: {{trust: [{{Effect: Allow, Principal: {{Service: ec2.amazonaws.com}}, Action: "sts:AssumeRole"}}], inline: {{copy: [{{Effect: Allow, Action: "ecr:PutReplicationConfiguration", Resource: "*"}}]}}}}
repositories: {{"{REPOSITORY}": {{{repository}}}}}
{rest}
"#
    );
    let boundary = format!(
        "version: 1\ndatasets: [{{name: images, class: restricted, owner: claims, resources: [{{arn: \"{REPOSITORY}\"}}]}}]\n"
    );
    let options = Options {
        from: vec!["arn:aws:iam::200000000002:role/copier".to_owned()],
        ..Options::default()
    };
    let found = answered(&organization, &boundary, &options);
    match found.principals[0].leaks.first().map(|leak| leak.possible) {
        Some(false) => "leaves",
        Some(true) => "may leave",
        None => "stays",
    }
}

#[test]
fn a_copy_of_what_is_not_encrypted_leaves() {
    assert_eq!(replicated("", ""), "leaves");
}

#[test]
fn a_copy_of_what_may_be_under_a_key_may_leave() {
    let unread = format!("unknown: [\"repository {REPOSITORY} Encryption: refused\"]");
    assert_eq!(replicated("", &unread), "may leave");
}

#[test]
fn a_copy_under_a_key_that_nobody_may_use_stays() {
    let key = "arn:aws:kms:eu-west-1:200000000002:key/1";
    let keys = format!(
        r#"keys: {{"{key}": {{policy: [{{Effect: Deny, Principal: "*", Action: "kms:Decrypt", Resource: "*"}}]}}}}"#
    );
    assert_eq!(replicated(&format!("key: \"{key}\""), &keys), "stays");
}
