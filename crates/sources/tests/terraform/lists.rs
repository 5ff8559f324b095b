//! Resources that add to lists: of new things, whose lists begin empty.

use cofferdam_org::fact::Kind;
use expect_test::expect;

use crate::{change, check, declared, plan};

const ROLE: &str = r#"{"name": "r", "path": "/", "assume_role_policy": "{\"Statement\": []}"}"#;

#[test]
fn permissions_become_statements_of_the_function() {
    let changes = [
        change(
            "aws_lambda_function",
            "f",
            "create",
            r#"{"function_name": "f"}"#,
            r#"{"arn": true}"#,
        ),
        change(
            "aws_lambda_permission",
            "p",
            "create",
            r#"{"function_name": "f", "statement_id": "Bucket", "action": "lambda:InvokeFunction",
            "principal": "s3.amazonaws.com", "source_arn": "arn:aws:s3:::records", "source_account": "111122223333"}"#,
            "{}",
        ),
        change(
            "aws_lambda_permission",
            "q",
            "create",
            r#"{"function_name": "arn:aws:lambda:eu-west-1:111122223333:function:f", "action": "lambda:InvokeFunction",
            "principal": "*", "principal_org_id": "o-acme1a2b3c"}"#,
            r#"{"statement_id": true}"#,
        ),
    ];
    let written = ["f", "p", "q"].map(|name| match name {
        "f" => declared("aws_lambda_function", name, "{}"),
        name => declared("aws_lambda_permission", name, "{}"),
    });
    check(
        "permissions",
        &plan(&changes.join(","), &written.join(",")),
        Kind::Function,
        expect![[r#"
            arn:aws:lambda:eu-west-1:111122223333:function:f
              Exists: true
              Name: "f"
              Account: "111122223333"
              Tags: []
              ResourcePolicy: {"Version":"2012-10-17","Statement":[{"Sid":"Bucket","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:eu-west-1:111122223333:function:f","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::records"},"StringEquals":{"AWS:SourceAccount":"111122223333"}}},{"Sid":"aws_lambda_permission.q","Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:eu-west-1:111122223333:function:f","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-acme1a2b3c"}}}]}
              Encryption: absent
        "#]],
    );
}

#[test]
fn only_the_named_policies_stay_with_a_role() {
    let changes = [
        change(
            "aws_iam_role",
            "r",
            "create",
            ROLE,
            r#"{"arn": true, "id": true}"#,
        ),
        change(
            "aws_iam_role_policy",
            "a",
            "create",
            r#"{"name": "a", "role": "r", "policy": "{\"Statement\": []}"}"#,
            "{}",
        ),
        change(
            "aws_iam_role_policy",
            "b",
            "create",
            r#"{"name": "b", "role": "r", "policy": "{\"Statement\": []}"}"#,
            "{}",
        ),
        change(
            "aws_iam_role_policy_attachment",
            "c",
            "create",
            r#"{"role": "r", "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}"#,
            "{}",
        ),
        change(
            "aws_iam_role_policies_exclusive",
            "e",
            "create",
            r#"{"role_name": "r", "policy_names": ["a"]}"#,
            "{}",
        ),
        change(
            "aws_iam_role_policy_attachments_exclusive",
            "e",
            "create",
            r#"{"role_name": "r", "policy_arns": []}"#,
            "{}",
        ),
    ];
    let written = declared("aws_iam_role", "r", "{}");
    check(
        "exclusive",
        &plan(&changes.join(","), &written),
        Kind::Role,
        expect![[r#"
            arn:aws:iam::111122223333:role/r
              Exists: true
              Account: "111122223333"
              Tags: []
              UniqueId: "(aws_iam_role.r, known after apply)"
              Trust: {"Statement":[]}
              InlinePolicies: [{"PolicyName":"a","PolicyDocument":{"Statement":[]}}]
              AttachedPolicies: []
              Boundary: absent
        "#]],
    );
}

#[test]
fn policies_are_attached_by_their_type() {
    let changes = [
        change(
            "aws_organizations_organizational_unit",
            "u",
            "create",
            r#"{"name": "data", "parent_id": "r-1"}"#,
            r#"{"id": true, "arn": true}"#,
        ),
        change(
            "aws_organizations_policy",
            "s",
            "create",
            r#"{"name": "no-leave", "type": "SERVICE_CONTROL_POLICY", "content": "{\"Statement\": []}"}"#,
            r#"{"id": true}"#,
        ),
        change(
            "aws_organizations_policy",
            "r",
            "create",
            r#"{"name": "perimeter", "type": "RESOURCE_CONTROL_POLICY", "content": "{\"Statement\": []}"}"#,
            r#"{"id": true}"#,
        ),
        change(
            "aws_organizations_policy_attachment",
            "s",
            "create",
            "{}",
            r#"{"policy_id": true, "target_id": true}"#,
        ),
        change(
            "aws_organizations_policy_attachment",
            "r",
            "create",
            "{}",
            r#"{"policy_id": true, "target_id": true}"#,
        ),
    ];
    let to = |name: &str| {
        format!(
            r#"{{"policy_id": {{"references": ["aws_organizations_policy.{name}.id", "aws_organizations_policy.{name}"]}},
            "target_id": {{"references": ["aws_organizations_organizational_unit.u.id", "aws_organizations_organizational_unit.u"]}}}}"#
        )
    };
    let written = [
        declared("aws_organizations_organizational_unit", "u", "{}"),
        declared("aws_organizations_policy", "s", "{}"),
        declared("aws_organizations_policy", "r", "{}"),
        declared("aws_organizations_policy_attachment", "s", &to("s")),
        declared("aws_organizations_policy_attachment", "r", &to("r")),
    ];
    check(
        "attached",
        &plan(&changes.join(","), &written.join(",")),
        Kind::Unit,
        expect![[r#"
            ou-(aws_organizations_organizational_unit.u, known after apply)
              Exists: true
              Name: "data"
              Parent: "r-1"
              ServiceControlPolicies: ["p-FullAWSAccess","p-(aws_organizations_policy.s, known after apply)"]
              ResourceControlPolicies: ["p-RCPFullAWSAccess","p-(aws_organizations_policy.r, known after apply)"]
        "#]],
    );
}

#[test]
fn grants_and_aliases_of_a_new_key() {
    let changes = [
        change(
            "aws_kms_key",
            "k",
            "create",
            "{}",
            r#"{"id": true, "arn": true, "key_id": true, "policy": true}"#,
        ),
        change(
            "aws_kms_alias",
            "a",
            "create",
            r#"{"name": "alias/k"}"#,
            r#"{"target_key_id": true}"#,
        ),
        change(
            "aws_kms_grant",
            "g",
            "create",
            r#"{"name": "g", "operations": ["Decrypt"], "grantee_principal": "arn:aws:iam::111122223333:role/r",
            "constraints": [{"encryption_context_subset": {"dept": "claims"}, "encryption_context_equals": null}]}"#,
            r#"{"key_id": true, "grant_id": true}"#,
        ),
    ];
    let key = r#"{"references": ["aws_kms_key.k.key_id", "aws_kms_key.k"]}"#;
    let written = [
        declared("aws_kms_key", "k", "{}"),
        declared(
            "aws_kms_alias",
            "a",
            &format!(r#"{{"target_key_id": {key}}}"#),
        ),
        declared("aws_kms_grant", "g", &format!(r#"{{"key_id": {key}}}"#)),
    ];
    check(
        "grants",
        &plan(&changes.join(","), &written.join(",")),
        Kind::Key,
        expect![[r#"
            arn:aws:kms:eu-west-1:111122223333:key/(aws_kms_key.k, known after apply)
              Exists: true
              Account: "111122223333"
              Tags: []
              Status: "Enabled"
              ResourcePolicy: {"Version":"2012-10-17","Id":"key-default-1","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}
              Grants: [{"GrantId":"aws_kms_grant.g","GranteePrincipal":"arn:aws:iam::111122223333:role/r","Operations":["Decrypt"],"Constraints":{"EncryptionContextSubset":{"dept":"claims"}}}]
              KeyManager: "CUSTOMER"
              Rotation: false
              MultiRegion: absent
              Aliases: ["alias/k"]
        "#]],
    );
}

#[test]
fn members_of_a_group_and_what_is_attached_to_it() {
    let changes = [
        change(
            "aws_iam_user",
            "u",
            "create",
            r#"{"name": "u", "path": "/people/"}"#,
            r#"{"arn": true}"#,
        ),
        change(
            "aws_iam_group",
            "g",
            "create",
            r#"{"name": "g", "path": "/"}"#,
            r#"{"arn": true}"#,
        ),
        change(
            "aws_iam_group_membership",
            "m",
            "create",
            r#"{"name": "m", "group": "g", "users": ["u"]}"#,
            "{}",
        ),
        change(
            "aws_iam_user_policy_attachment",
            "a",
            "create",
            r#"{"user": "u", "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}"#,
            "{}",
        ),
    ];
    let written = [
        declared("aws_iam_user", "u", "{}"),
        declared("aws_iam_group", "g", "{}"),
    ];
    check(
        "members",
        &plan(&changes.join(","), &written.join(",")),
        Kind::User,
        expect![[r#"
            arn:aws:iam::111122223333:user/people/u
              Exists: true
              Account: "111122223333"
              Tags: []
              UniqueId: "(aws_iam_user.u, known after apply)"
              InlinePolicies: []
              AttachedPolicies: [{"PolicyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}]
              Boundary: absent
              Groups: ["g"]
        "#]],
    );
}
