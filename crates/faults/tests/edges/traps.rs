//! Traps: organizations in which a look at the names of actions is wrong, one way or the other.
//!
//! Each has a caller that seems to have an edge and has not, or the other way round, and beside it
//! the smallest change after which the answer is the opposite, so that a trap cannot pass by
//! deciding nothing at all.

use cofferdam_faults::catalogue::edge;
use cofferdam_faults::decide::Truth;

use crate::each::truth;

const CALLER: &str = "arn:aws:iam::200000000002:role/caller";

const HEAD: &str = r#"
organization: {id: o-acme1a2b3c, management: "100000000001"}
units: {r-1: {}, ou-1: {parent: r-1, name: work}}
"#;

const ACCOUNTS: &str = r#"
accounts:
  "100000000001": {name: management, parent: r-1}
  "200000000002": {name: work, parent: ou-1}
  "200000000003": {name: other, parent: ou-1}
"#;

fn service(host: &str) -> String {
    format!(
        r#"trust: [{{Effect: Allow, Principal: {{Service: {host}}}, Action: "sts:AssumeRole"}}]"#
    )
}

/// A caller with these policies, and whatever else it has.
fn caller(policies: &str, rest: &str) -> String {
    let trust = service("macie.amazonaws.com");
    format!("  200000000002/caller: {{{trust}, inline: {{{policies}}}{rest}}}\n")
}

fn allow(action: &str, resource: &str, condition: &str) -> String {
    format!(r#"{{Effect: Allow, Action: {action}, Resource: "{resource}"{condition}}}"#)
}

fn deny(action: &str, resource: &str) -> String {
    format!(r#"{{Effect: Deny, {action}, Resource: "{resource}"}}"#)
}

fn target(host: &str) -> String {
    format!("  200000000002/target: {{{}}}\n", service(host))
}

fn organization(roles: &str, rest: &str) -> String {
    format!("{HEAD}{ACCOUNTS}roles:\n{roles}{rest}")
}

fn check(what: &str, id: &str, text: &str, expected: Truth) {
    check_for(what, id, text, CALLER, expected);
}

fn check_for(what: &str, id: &str, text: &str, caller: &str, expected: Truth) {
    let edge = edge(id).expect("an edge");
    let got = truth(text, caller, edge);
    assert_eq!(got, expected, "{what}: {id} {}\n{text}", edge.text);
}

const TARGET: &str = "arn:aws:iam::200000000002:role/target";
const CREATE_FUNCTION: &str =
    r#"["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]"#;

/// "Policy evaluation logic": an explicit denial anywhere wins.
#[test]
fn a_denial_in_another_policy() {
    let may = allow("\"iam:*\"", TARGET, "");
    let with = |policies: &str| {
        organization(
            &(caller(policies, "") + &target("lambda.amazonaws.com")),
            "",
        )
    };
    let not = deny("Action: \"iam:UpdateAssumeRolePolicy\"", TARGET);
    let elsewhere = deny(
        "Action: \"iam:UpdateAssumeRolePolicy\"",
        "arn:aws:iam::200000000002:role/else",
    );
    let text = with(&format!("may: [{may}], not: [{not}]"));
    check("denied on the target", "A07", &text, Truth::No);
    let text = with(&format!("may: [{may}], not: [{elsewhere}]"));
    check("denied on another role", "A07", &text, Truth::Certain);
}

/// "IAM JSON policy elements: NotAction": a denial of all but a few denies the rest.
#[test]
fn a_denial_of_everything_else() {
    let may = allow("\"*\"", "*", "");
    let with = |policies: &str| {
        organization(
            &(caller(policies, "") + &target("lambda.amazonaws.com")),
            "",
        )
    };
    let not = deny("NotAction: [\"s3:*\", \"sts:*\"]", "*");
    check(
        "all but S3 denied",
        "A07",
        &with(&format!("may: [{may}, {not}]")),
        Truth::No,
    );
    let not = deny("NotAction: [\"s3:*\", \"iam:*\"]", "*");
    check(
        "all but IAM denied",
        "A07",
        &with(&format!("may: [{may}, {not}]")),
        Truth::Certain,
    );
}

/// "Permissions boundaries for IAM entities": both the policy and the boundary must allow.
#[test]
fn a_boundary_in_the_way() {
    let may = allow("\"*\"", "*", "");
    let with = |fence: &str| {
        let roles = caller(&format!("may: [{may}]"), ", boundary: 200000000002/fence");
        let fence = format!("managed: {{200000000002/fence: [{fence}]}}\n");
        organization(&(roles + &target("lambda.amazonaws.com")), &fence)
    };
    let narrow = allow("[\"lambda:*\", \"s3:*\"]", "*", "");
    check("no PassRole inside", "A58.1", &with(&narrow), Truth::No);
    let wide = allow("[\"lambda:*\", \"iam:PassRole\"]", "*", "");
    check("PassRole inside", "A58.1", &with(&wide), Truth::Certain);
}

/// "Grant a user permissions to pass a role to an AWS service": the role must trust the service.
#[test]
fn a_role_that_does_not_trust_the_service() {
    let may = allow(CREATE_FUNCTION, "*", "");
    let with =
        |host: &str| organization(&(caller(&format!("may: [{may}]"), "") + &target(host)), "");
    check("trusts EC2", "A58.1", &with("ec2.amazonaws.com"), Truth::No);
    check(
        "trusts Lambda",
        "A58.1",
        &with("lambda.amazonaws.com"),
        Truth::Certain,
    );
}

/// "Grant a user permissions to pass a role to an AWS service": iam:PassedToService, and the ARN of
/// the one role.
#[test]
fn a_right_to_pass_another_role_or_to_another_service() {
    let make = allow(
        r#"["lambda:CreateFunction", "lambda:InvokeFunction"]"#,
        "*",
        "",
    );
    let with = |pass: &str| {
        let roles = caller(&format!("may: [{make}, {pass}]"), "") + &target("lambda.amazonaws.com");
        organization(&roles, "")
    };
    let to = |host: &str| {
        let condition =
            format!(r#", Condition: {{StringEquals: {{"iam:PassedToService": {host}}}}}"#);
        allow("\"iam:PassRole\"", "*", &condition)
    };
    check(
        "to EC2 only",
        "A58.1",
        &with(&to("ec2.amazonaws.com")),
        Truth::No,
    );
    check(
        "to Lambda only",
        "A58.1",
        &with(&to("lambda.amazonaws.com")),
        Truth::Certain,
    );
    let other = allow(
        "\"iam:PassRole\"",
        "arn:aws:iam::200000000002:role/harmless",
        "",
    );
    check("another role only", "A58.1", &with(&other), Truth::No);
}

/// The bundle of an edge is one principal's: its policies count together, those of two do not.
#[test]
fn policies_that_suffice_only_together() {
    let pass = allow("\"iam:PassRole\"", "*", "");
    let make = allow(
        r#"["lambda:CreateFunction", "lambda:InvokeFunction"]"#,
        "*",
        "",
    );
    let one = caller(&format!("pass: [{pass}], make: [{make}]"), "");
    let text = organization(&(one + &target("lambda.amazonaws.com")), "");
    check("two policies of one role", "A58.1", &text, Truth::Certain);

    let trust = service("macie.amazonaws.com");
    let second = format!("  200000000002/second: {{{trust}, inline: {{make: [{make}]}}}}\n");
    let first = caller(&format!("pass: [{pass}]"), "");
    let text = organization(&(first + &second + &target("lambda.amazonaws.com")), "");
    check("one policy each of two roles", "A58.1", &text, Truth::No);
    let second = "arn:aws:iam::200000000002:role/second";
    check_for("the other of the two", "A58.1", &text, second, Truth::No);
}

/// A condition on facts of the caller is met by no request if the caller is otherwise.
#[test]
fn a_condition_that_no_request_meets() {
    let with = |condition: &str, rest: &str| {
        let may = allow("\"iam:UpdateAssumeRolePolicy\"", "*", condition);
        let roles = caller(&format!("may: [{may}]"), rest) + &target("lambda.amazonaws.com");
        organization(&roles, "")
    };
    let account = r#", Condition: {StringEquals: {"aws:PrincipalAccount": "200000000003"}}"#;
    check("of another account", "A07", &with(account, ""), Truth::No);
    let tag = r#", Condition: {StringEquals: {"aws:PrincipalTag/team": platform}}"#;
    check("without the tag", "A07", &with(tag, ""), Truth::No);
    check(
        "with the tag",
        "A07",
        &with(tag, ", tags: {team: platform}"),
        Truth::Certain,
    );
}

/// "Controlling access to AWS resources using tags": the target's tags are not the caller's choice.
#[test]
fn a_condition_on_tags_that_the_caller_cannot_set() {
    let condition = r#", Condition: {StringEquals: {"aws:ResourceTag/team": sandbox}}"#;
    let may = allow("\"iam:PutRolePolicy\"", "*", condition);
    let with = |team: &str| {
        let trust = service("lambda.amazonaws.com");
        let role = format!("  200000000002/target: {{{trust}, tags: {{team: {team}}}}}\n");
        let own = r#", tags: {team: core}"#;
        organization(&(caller(&format!("may: [{may}]"), own) + &role), "")
    };
    check("another team's role", "A16.2", &with("core"), Truth::No);
    check(
        "a role of the team",
        "A16.2",
        &with("sandbox"),
        Truth::Certain,
    );
}

/// "IAM and AWS STS condition context keys": iam:PolicyARN says which policies may be attached.
#[test]
fn a_right_to_attach_harmless_policies_only() {
    let with = |policy: &str| {
        let condition = format!(r#", Condition: {{ArnLike: {{"iam:PolicyARN": "{policy}"}}}}"#);
        let may = allow("\"iam:AttachRolePolicy\"", "*", &condition);
        organization(&caller(&format!("may: [{may}]"), ""), "")
    };
    let aws = |name: &str| format!("arn:aws:iam::aws:policy/{name}");
    check("to read", "A16.1", &with(&aws("ReadOnlyAccess")), Truth::No);
    check(
        "everything",
        "A16.1",
        &with(&aws("AdministratorAccess")),
        Truth::Certain,
    );
    // What policies of the account allow, an attacker may or may not choose.
    let own = "arn:aws:iam::200000000002:policy/*";
    check("those of the account", "A16.1", &with(own), Truth::Possible);
}

/// "Service control policies": they bind member accounts and never the management account.
#[test]
fn a_guardrail_that_stops_members_and_not_the_management_account() {
    let policies = "policies: {stop: [{Effect: Deny, Action: \"iam:UpdateAssumeRolePolicy\", Resource: \"*\"}]}\n";
    let root = "units: {r-1: {scp: [FullAWSAccess, stop]}, ou-1: {parent: r-1, name: work}}";
    let head = HEAD.replace("units: {r-1: {}, ou-1: {parent: r-1, name: work}}", root);
    let may = allow("\"*\"", "*", "");
    let trust = service("macie.amazonaws.com");
    let roles = |account: &str| {
        format!(
            "  {account}/caller: {{{trust}, inline: {{may: [{may}]}}}}\n  {account}/target: {{{trust}}}\n"
        )
    };
    let roles = roles("200000000002") + &roles("100000000001");
    let text = format!("{head}{ACCOUNTS}roles:\n{roles}{policies}");
    check("in a member", "A07", &text, Truth::No);
    let caller = "arn:aws:iam::100000000001:role/caller";
    check_for(
        "in the management account",
        "A07",
        &text,
        caller,
        Truth::Certain,
    );
}

/// "Amazon S3 bucket policies": a denial in the bucket's own policy binds its administrators.
#[test]
fn a_denial_in_the_policy_of_the_target() {
    let may = allow("\"s3:*\"", "*", "");
    let with = |except: &str| {
        let condition = format!(
            r#"Condition: {{ArnNotEquals: {{"aws:PrincipalArn": "arn:aws:iam::200000000002:role/{except}"}}}}"#
        );
        let policy = format!(
            r#"{{Effect: Deny, Principal: "*", Action: "s3:PutBucketPolicy", Resource: "arn:aws:s3:::records", {condition}}}"#
        );
        let bucket =
            format!("buckets: {{records: {{account: \"200000000002\", policy: [{policy}]}}}}\n");
        organization(&caller(&format!("may: [{may}]"), ""), &bucket)
    };
    check("for the keeper only", "C01.1", &with("keeper"), Truth::No);
    check(
        "for the caller only",
        "C01.1",
        &with("caller"),
        Truth::Certain,
    );
}

/// "Default key policy": identity policies act on a key only where its policy leaves it to them.
#[test]
fn a_key_policy_that_names_its_administrator_alone() {
    let may = allow("\"kms:*\"", "*", "");
    let with = |principal: &str| {
        let policy = format!(
            r#"{{Effect: Allow, Principal: {{AWS: "{principal}"}}, Action: "kms:*", Resource: "*"}}"#
        );
        let key = format!(
            "keys: {{\"arn:aws:kms:eu-west-1:200000000002:key/1\": {{policy: [{policy}]}}}}\n"
        );
        let admin = format!(
            "  200000000002/keeper: {{{}}}\n",
            service("macie.amazonaws.com")
        );
        organization(&(caller(&format!("may: [{may}]"), "") + &admin), &key)
    };
    check(
        "its keeper alone",
        "E01",
        &with("arn:aws:iam::200000000002:role/keeper"),
        Truth::No,
    );
    check(
        "the whole account",
        "E01",
        &with("200000000002"),
        Truth::Certain,
    );
}

/// "The confused deputy problem" and "Secure API access with MFA": what a trust policy asks for.
#[test]
fn a_trust_policy_that_asks_for_more() {
    let may = allow("\"sts:AssumeRole\"", "*", "");
    let with = |condition: &str| {
        let trust = format!(
            r#"trust: [{{Effect: Allow, Principal: {{AWS: "200000000002"}}, Action: "sts:AssumeRole"{condition}}}]"#
        );
        let role = format!("  200000000002/target: {{{trust}}}\n");
        organization(&(caller(&format!("may: [{may}]"), "") + &role), "")
    };
    let mfa = r#", Condition: {Bool: {"aws:MultiFactorAuthPresent": "true"}}"#;
    // How the stolen session was made is not known.
    check("MFA", "A01", &with(mfa), Truth::Possible);
    let id = r#", Condition: {StringEquals: {"sts:ExternalId": "4711"}}"#;
    // Whoever calls writes the external id, and it is no secret of AWS's.
    check("an external id", "A01", &with(id), Truth::Certain);
    let other = r#", Condition: {StringEquals: {"aws:PrincipalOrgID": "o-foreign123"}}"#;
    check("another organization", "A01", &with(other), Truth::No);
}

/// "Cross-account policy evaluation logic": both accounts must allow.
#[test]
fn across_accounts_both_sides_must_allow() {
    let with = |grant: &str, trusted: &str| {
        let trust = format!(
            r#"trust: [{{Effect: Allow, Principal: {{AWS: "{trusted}"}}, Action: "sts:AssumeRole"}}]"#
        );
        let role = format!("  200000000003/target: {{{trust}}}\n");
        let may = allow(grant, "*", "");
        organization(&(caller(&format!("may: [{may}]"), "") + &role), "")
    };
    check("trust alone", "A01", &with("\"s3:*\"", CALLER), Truth::No);
    check(
        "grant alone",
        "A01",
        &with("\"sts:*\"", "100000000001"),
        Truth::No,
    );
    check("both", "A01", &with("\"sts:*\"", CALLER), Truth::Certain);
}

/// "Create a service-linked role": nobody edits its trust policy, nor passes it on.
#[test]
fn a_service_linked_role_is_no_target() {
    let may = allow("\"iam:*\"", "*", "");
    let trust = service("macie.amazonaws.com");
    let with = |path: &str| {
        let role = format!("  200000000002/{path}target: {{{trust}}}\n");
        let own = format!("may: [{may}, {}]", deny("Action: \"iam:*\"", CALLER));
        organization(&(caller(&own, "") + &role), "")
    };
    check(
        "service-linked",
        "A07",
        &with("aws-service-role/macie.amazonaws.com/"),
        Truth::No,
    );
    check("an ordinary role", "A07", &with(""), Truth::Certain);
}

/// "Locking objects with Object Lock": compliance mode binds everybody, governance mode whoever may
/// not pass it by.
#[test]
fn a_lock_that_nobody_may_pass_by() {
    let may = |actions: &str| caller(&format!("may: [{}]", allow(actions, "*", "")), "");
    let with = |actions: &str, lock: &str| {
        let bucket =
            format!("buckets: {{logs: {{account: \"200000000002\", versioning: true{lock}}}}}\n");
        organization(&may(actions), &bucket)
    };
    let compliance = ", object-lock: {mode: COMPLIANCE, days: 400}";
    let governance = ", object-lock: {mode: GOVERNANCE, days: 400}";
    check(
        "compliance",
        "F09",
        &with("\"s3:*\"", compliance),
        Truth::No,
    );
    check(
        "governance",
        "F09",
        &with("\"s3:*\"", governance),
        Truth::Certain,
    );
    let no_bypass = "[\"s3:DeleteObjectVersion\", \"s3:GetObject\"]";
    check(
        "no right to pass it by",
        "F09",
        &with(no_bypass, governance),
        Truth::No,
    );
    check("no lock", "F08.1", &with(no_bypass, ""), Truth::Certain);
}
