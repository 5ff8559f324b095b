//! CloudFormation: what templates say becomes facts, and what they leave open stays open.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)] // a test stops where it is wrong

mod support;

use std::path::PathBuf;

use cofferdam_names::deferred;
use cofferdam_org::fact::{Attribute, Entity, Facts, Kind, Known};
use cofferdam_sources::cloudformation::Options as Given;
use cofferdam_sources::{Options, Read, read_with};
use cofferdam_text::Documents;
use support::Directory;

const ACCOUNT: &str = "200000000002";

fn options(parameters: &[&str]) -> Options {
    let everywhere = |value: &str| [(String::new(), value.to_owned())].into_iter().collect();
    Options {
        cloudformation: Given {
            accounts: everywhere(ACCOUNT),
            regions: everywhere("eu-west-1"),
            parameters: parameters.iter().map(|&one| one.to_owned()).collect(),
        },
        ..Options::default()
    }
}

fn read_files(files: &[(&str, &str)], sources: &[&str], parameters: &[&str]) -> Read {
    let directory = Directory::of(files);
    let paths: Vec<PathBuf> = sources.iter().map(|name| directory.0.join(name)).collect();
    let mut documents = Documents::new();
    read_with(&paths, &options(parameters), &mut documents).expect("the sources can be used")
}

fn yaml(template: &str) -> Facts {
    with(template, &[])
}

fn with(template: &str, parameters: &[&str]) -> Facts {
    read_files(&[("app.yaml", template)], &["app.yaml"], parameters).facts
}

/// The value as JSON with holes as people read them; `absent`, or `unknown: ` and why.
fn shown(facts: &Facts, kind: Kind, id: &str, attribute: Attribute) -> String {
    match facts.get(&Entity::new(kind, id), attribute) {
        Known::Present(node) => deferred::shown(&node.to_json()).into_owned(),
        Known::Absent => "absent".to_owned(),
        Known::Unknown(why) => format!("unknown: {why}"),
    }
}

fn check(facts: &Facts, kind: Kind, id: &str, expected: &[(Attribute, &str)]) {
    for (attribute, value) in expected {
        let found = shown(facts, kind, id, *attribute);
        assert_eq!(found, *value, "{attribute:?} of {id}");
    }
}

fn ids(facts: &Facts, kind: Kind) -> Vec<String> {
    let all = facts.of_kind(kind);
    all.map(|one| deferred::shown(&one.id).into_owned())
        .collect()
}

const RECORDS: &str = "arn:aws:s3:::records";

#[test]
fn a_bucket_with_its_split_policy() {
    let facts = yaml(
        r#"
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: {Version: 2012-10-17, Statement: []}
  Records:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: records
      Tags: [{Key: team, Value: !Ref AWS::AccountId}]
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - BucketKeyEnabled: true
            ServerSideEncryptionByDefault: {SSEAlgorithm: "aws:kms", KMSMasterKeyID: !GetAtt Key.Arn}
      VersioningConfiguration: {Status: Enabled}
      ObjectLockEnabled: true
      ObjectLockConfiguration: {ObjectLockEnabled: Enabled, Rule: {DefaultRetention: {Mode: COMPLIANCE, Years: 1}}}
      LifecycleConfiguration: {Rules: [{Status: Enabled, ExpirationInDays: 30}]}
      OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Records
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - {Effect: Deny, Principal: "*", Action: "s3:*", Resource: !Sub "${Records.Arn}/*"}
"#,
    );
    check(
        &facts,
        Kind::Bucket,
        RECORDS,
        &[
            (Attribute::Name, r#""records""#),
            (Attribute::Account, r#""200000000002""#),
            (Attribute::Region, r#""eu-west-1""#),
            (
                Attribute::Tags,
                r#"[{"Key":"team","Value":"200000000002"}]"#,
            ),
            (
                Attribute::Encryption,
                r#"{"Algorithm":"aws:kms","KeyId":"arn:aws:kms:eu-west-1:200000000002:key/(app/Key, known after apply)","BucketKey":true}"#,
            ),
            (Attribute::Versioning, r#""Enabled""#),
            (Attribute::ObjectLock, r#"{"Mode":"COMPLIANCE","Days":365}"#),
            (
                Attribute::Lifecycle,
                r#"[{"Status":"Enabled","Expiration":{"Days":30}}]"#,
            ),
            (Attribute::Ownership, r#""BucketOwnerEnforced""#),
            (
                Attribute::ResourcePolicy,
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::records/*"}]}"#,
            ),
            (
                Attribute::PublicAccessBlock,
                r#"{"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}"#,
            ),
        ],
    );
    assert_eq!(
        ids(&facts, Kind::Key),
        ["arn:aws:kms:eu-west-1:200000000002:key/(app/Key, known after apply)"]
    );
}

/// One template a function: what the value of a bucket's tag is.
fn value(written: &str, expected: &str) {
    let template = format!(
        r#"
Parameters:
  Given: {{Type: String, Default: first}}
  Asked: {{Type: String}}
  List: {{Type: CommaDelimitedList, Default: "a, b,c"}}
  Looked: {{Type: "AWS::SSM::Parameter::Value<String>", Default: /name}}
Mappings:
  Map: {{first: {{second: found}}}}
Conditions:
  Yes: !Equals [!Ref Given, first]
  No: !Not [!Condition Yes]
  Open: !Equals [!Ref Asked, x]
  Both: !And [!Condition Yes, !Condition Open]
  Either: !Or [!Condition Yes, !Condition Open]
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties: {{BucketName: records, Tags: [{{Key: k, Value: {written}}}]}}
  Q: {{Type: AWS::SQS::Queue, Properties: {{QueueName: jobs}}}}
  T: {{Type: AWS::SNS::Topic}}
  X: {{Type: AWS::Foo::Bar}}
"#
    );
    let facts = yaml(&template);
    let tags = shown(&facts, Kind::Bucket, RECORDS, Attribute::Tags);
    let found = tags
        .trim_start_matches(r#"[{"Key":"k","Value":"#)
        .trim_end_matches("}]");
    assert_eq!(found, expected, "{written}");
}

#[test]
fn intrinsic_functions() {
    value("!Ref Given", r#""first""#);
    value("!Ref AWS::Region", r#""eu-west-1""#);
    value("!Ref AWS::StackName", r#""app""#);
    value(
        "!Sub 'x-${AWS::Partition}-${Given}-${!Given}'",
        r#""x-aws-first-${Given}""#,
    );
    value(
        "!Sub ['${A}/${Q.Arn}', {A: !Ref Given}]",
        r#""first/arn:aws:sqs:eu-west-1:200000000002:jobs""#,
    );
    value("!Join ['-', [a, !Ref Given, c]]", r#""a-first-c""#);
    value("!Join ['+', !Ref List]", r#""a+b+c""#);
    value("!Select [1, !Ref List]", r#""b""#);
    value("!Select [5, !Split [':', !GetAtt Q.Arn]]", r#""jobs""#);
    value("!FindInMap [Map, !Ref Given, second]", r#""found""#);
    value("!If [Yes, a, b]", r#""a""#);
    value("!If [No, a, b]", r#""b""#);
    value("!If [Either, a, b]", r#""a""#);
    value("!If [Open, same, same]", r#""same""#);
    value("{'Fn::If': [Yes, {Ref: Given}, b]}", r#""first""#);
    value(
        "!Ref Q",
        r#""https://sqs.eu-west-1.amazonaws.com/200000000002/jobs""#,
    );
    value(
        "!Ref T",
        r#""arn:aws:sns:eu-west-1:200000000002:app-T-(app/T, known after apply)""#,
    );
}

#[test]
fn what_is_not_told_is_unknown_by_name() {
    let unknown = |written, name| {
        value(
            written,
            &format!("unknown: the template does not tell {name}"),
        )
    };
    unknown("!Ref Asked", "parameter Asked of app");
    unknown("!Ref Looked", "parameter Looked of app");
    unknown("!If [Open, a, b]", "condition Open");
    unknown("!If [Both, a, b]", "condition Both");
    unknown(
        "!ImportValue nowhere",
        "the export nowhere of another stack",
    );
    unknown("!GetAtt X.Thing", "Thing of app/X");
    unknown("!GetAZs ''", "GetAZs in the template");
    unknown(
        "!Ref Nothing",
        "Nothing, which the template does not define",
    );
    unknown("'{{resolve:ssm:/name}}'", "the value of ssm:/name");
    value(
        "!Sub 'a-${Asked}'",
        r#""a-(parameter Asked of app, known after apply)""#,
    );
}

#[test]
fn parameters_are_given_by_key_by_stack_and_by_file() {
    let template = r#"
Parameters: {Name: {Type: String}, Team: {Type: String, Default: none}}
Resources:
  B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Name, Tags: [{Key: team, Value: !Ref Team}]}}
"#;
    let facts = with(template, &["Name=records", "other:Team=x", "app:Team=y"]);
    let tags = [(Attribute::Tags, r#"[{"Key":"team","Value":"y"}]"#)];
    check(&facts, Kind::Bucket, RECORDS, &tags);
    let file = r#"[{"ParameterKey": "Name", "ParameterValue": "records"}, {"ParameterKey": "Team", "ParameterValue": "y"}]"#;
    let directory = Directory::of(&[("app.yaml", template), ("given.json", file)]);
    let given = directory.0.join("given.json").display().to_string();
    let read = read_with(
        &[directory.0.join("app.yaml")],
        &options(&[&given]),
        &mut Documents::new(),
    );
    check(&read.unwrap().facts, Kind::Bucket, RECORDS, &tags);
}

const PRINCIPALS: &str = r#"
Parameters: {Asked: {Type: String}}
Conditions: {Open: !Equals [!Ref Asked, x]}
Resources:
  Reader:
    Type: AWS::IAM::Role
    Properties:
      RoleName: reader
      Path: /app/
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]}
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
      Policies: [{PolicyName: own, PolicyDocument: {Statement: []}}]
  More:
    Type: AWS::IAM::Policy
    Properties: {PolicyName: more, PolicyDocument: {Statement: []}, Roles: [!Ref Reader]}
  Perhaps:
    Type: AWS::IAM::RolePolicy
    Condition: Open
    Properties: {PolicyName: perhaps, PolicyDocument: {Statement: []}, RoleName: !Ref Reader}
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties: {ManagedPolicyName: managed, PolicyDocument: {Statement: []}, Roles: [!Ref Reader]}
  User: {Type: AWS::IAM::User, Properties: {UserName: ann, Groups: [!Ref Group]}}
  Group: {Type: AWS::IAM::Group, Properties: {GroupName: team}}
"#;

#[test]
fn principals_with_policies_of_every_kind() {
    let facts = yaml(PRINCIPALS);
    let reader = "arn:aws:iam::200000000002:role/app/reader";
    check(
        &facts,
        Kind::Role,
        reader,
        &[
            (
                Attribute::InlinePolicies,
                r#"[{"PolicyName":"own","PolicyDocument":{"Statement":[]}},{"PolicyName":"more","PolicyDocument":{"Statement":[]}},{"PolicyName":"perhaps","Unknown":"the template does not tell the condition Open of Perhaps"}]"#,
            ),
            (
                Attribute::AttachedPolicies,
                r#"[{"PolicyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"},{"PolicyArn":"arn:aws:iam::200000000002:policy/managed"}]"#,
            ),
            (Attribute::Boundary, "absent"),
        ],
    );
    let ann = "arn:aws:iam::200000000002:user/ann";
    check(
        &facts,
        Kind::User,
        ann,
        &[(Attribute::Groups, r#"["team"]"#)],
    );
}

#[test]
fn stores_endpoints_and_trails() {
    let facts = yaml(
        r#"
Resources:
  Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {Statement: []}, EnableKeyRotation: true}}
  Name: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/records, TargetKeyId: !Ref Key}}
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs, KmsMasterKeyId: !Ref Name}}
  JobsPolicy: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref Jobs], PolicyDocument: {Statement: []}}}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: db, KmsKeyId: !GetAtt Key.Arn}}
  SecretPolicy: {Type: AWS::SecretsManager::ResourcePolicy, Properties: {SecretId: !Ref Secret, ResourcePolicy: {Statement: []}}}
  Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: t, SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !Ref Key}}}
  Load: {Type: AWS::Lambda::Function, Properties: {FunctionName: load}}
  Allow: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !Ref Load, Action: "lambda:InvokeFunction", Principal: s3.amazonaws.com, SourceAccount: !Ref AWS::AccountId}}
  Repo: {Type: AWS::ECR::Repository, Properties: {RepositoryName: r, RepositoryPolicyText: {Statement: []}}}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Door: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref Vpc, ServiceName: !Sub "com.amazonaws.${AWS::Region}.s3", PolicyDocument: {Statement: []}}}
  Trail: {Type: AWS::CloudTrail::Trail, Properties: {TrailName: main, S3BucketName: log, IsLogging: true, IsMultiRegionTrail: true}}
"#,
    );
    let one = |kind, attribute| {
        let id = facts.of_kind(kind).next().unwrap().id.clone();
        shown(&facts, kind, &id, attribute)
    };
    let key = "arn:aws:kms:eu-west-1:200000000002:key/(app/Key, known after apply)";
    assert_eq!(one(Kind::Key, Attribute::Aliases), r#"["alias/records"]"#);
    assert_eq!(one(Kind::Key, Attribute::Rotation), "true");
    assert_eq!(one(Kind::Key, Attribute::Grants), "[]");
    assert_eq!(
        one(Kind::Queue, Attribute::ResourcePolicy),
        r#"{"Statement":[]}"#
    );
    assert_eq!(
        one(Kind::Queue, Attribute::Encryption),
        r#"{"Algorithm":"aws:kms","KeyId":"alias/records"}"#
    );
    assert_eq!(
        one(Kind::Secret, Attribute::ResourcePolicy),
        r#"{"Statement":[]}"#
    );
    assert_eq!(
        one(Kind::Secret, Attribute::Encryption),
        format!(r#"{{"Algorithm":"aws:kms","KeyId":"{key}"}}"#)
    );
    assert_eq!(
        one(Kind::Function, Attribute::ResourcePolicy),
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"Allow","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:eu-west-1:200000000002:function:load","Condition":{"StringEquals":{"AWS:SourceAccount":"200000000002"}}}]}"#
    );
    assert_eq!(
        one(Kind::Repository, Attribute::ResourcePolicy),
        r#"{"Statement":[]}"#
    );
    assert_eq!(
        one(Kind::Endpoint, Attribute::Vpc),
        r#""vpc-(app/Vpc, known after apply)""#
    );
    assert_eq!(
        one(Kind::Endpoint, Attribute::Service),
        r#""com.amazonaws.eu-west-1.s3""#
    );
    assert_eq!(one(Kind::Endpoint, Attribute::EndpointType), r#""Gateway""#);
    assert_eq!(one(Kind::Trail, Attribute::Logging), "true");
    assert_eq!(
        one(Kind::Trail, Attribute::TrailDescription),
        r#"{"Name":"main","TrailARN":"arn:aws:cloudtrail:eu-west-1:200000000002:trail/main","S3BucketName":"log","HomeRegion":"eu-west-1","IsMultiRegionTrail":true,"IsOrganizationTrail":false,"LogFileValidationEnabled":false}"#
    );
    assert_eq!(
        one(Kind::Trail, Attribute::Selectors),
        r#"{"EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true}]}"#
    );
}

#[test]
fn stacks_refer_to_each_other_in_any_order() {
    let uses = r#"
Resources:
  B: {Type: AWS::S3::Bucket, Properties: {BucketName: records, Tags: [{Key: k, Value: {"Fn::ImportValue": !Sub "${AWS::Region}-key"}}]}}
"#;
    let exports = r#"{"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": []}}}},
 "Outputs": {"Key": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}, "Export": {"Name": {"Fn::Sub": "${AWS::Region}-key"}}}}}"#;
    let expected = r#"[{"Key":"k","Value":"arn:aws:kms:eu-west-1:200000000002:key/(keys/Key, known after apply)"}]"#;
    for order in [["app.yaml", "keys.json"], ["keys.json", "app.yaml"]] {
        let read = read_files(&[("app.yaml", uses), ("keys.json", exports)], &order, &[]);
        check(
            &read.facts,
            Kind::Bucket,
            RECORDS,
            &[(Attribute::Tags, expected)],
        );
    }
}

const NESTED: &[(&str, &str)] = &[
    (
        "app.yaml",
        r#"
Resources:
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ./inner.yaml, Parameters: {Name: records}}
  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: q, Tags: [{Key: k, Value: !GetAtt Inner.Outputs.Arn}]}}
"#,
    ),
    (
        "inner.yaml",
        r#"
Parameters: {Name: {Type: String}}
Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Name}}}
Outputs: {Arn: {Value: !GetAtt B.Arn}}
"#,
    ),
];

#[test]
fn nested_stacks_take_parameters_and_give_outputs() {
    let read = read_files(NESTED, &["app.yaml"], &[]);
    assert_eq!(read.diagnostics, []);
    assert_eq!(ids(&read.facts, Kind::Bucket), [RECORDS]);
    let queue = "arn:aws:sqs:eu-west-1:200000000002:q";
    let expected = r#"[{"Key":"k","Value":"arn:aws:s3:::records"}]"#;
    check(
        &read.facts,
        Kind::Queue,
        queue,
        &[(Attribute::Tags, expected)],
    );
    let outside = NESTED[0].1.replace("./inner.yaml", "../inner.yaml");
    let read = read_files(&[("a/app.yaml", &outside), NESTED[1]], &["a/app.yaml"], &[]);
    assert!(
        read.diagnostics[0]
            .message
            .contains("nested stack Inner is not a local file"),
        "{:?}",
        read.diagnostics
    );
}

#[test]
fn loops_are_written_out() {
    let facts = yaml(
        r#"
Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Buckets:
    - Name
    - [a, b]
    - Bucket${Name}: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "records-${Name}"}}
"#,
    );
    assert_eq!(
        ids(&facts, Kind::Bucket),
        ["arn:aws:s3:::records-a", "arn:aws:s3:::records-b"]
    );
}

/// What a macro or a template elsewhere makes is not in the template: then no list is whole.
#[test]
fn what_others_write_leaves_every_list_open() {
    let check = |template: &str, expected: &str| {
        let read = read_files(&[("app.yaml", template)], &["app.yaml"], &[]);
        let mut gaps = read.facts.gaps();
        let why = gaps.find(|gap| gap.1 == Kind::Role).unwrap().2;
        assert_eq!(why, expected, "{template}");
    };
    let queue = "Q: {Type: AWS::SQS::Queue}";
    let none = "no answer of the source lists the Roles of account 200000000002";
    check(&format!("Resources: {{{queue}}}"), none);
    check(
        &format!("Transform: AWS::LanguageExtensions\nResources: {{{queue}}}"),
        none,
    );
    check(
        &format!("Transform: [Ours]\nResources: {{{queue}}}"),
        "the macro Ours may add anything to stack app",
    );
    check(
        &format!(
            "Parameters: {{L: {{Type: CommaDelimitedList}}}}\nResources: {{Fn::ForEach::X: [N, !Ref L, {{}}], {queue}}}"
        ),
        "Fn::ForEach::X may add anything to stack app",
    );
    check(
        "Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: AWS::Serverless::Function}}",
        "what AWS::Serverless::Function is written out as may add anything to stack app",
    );
    check(
        "Resources: {N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: https://example.com/t}}}",
        "the template of the nested stack N is not a local file: what it makes is not known",
    );
}

#[test]
fn replicas_of_keys_and_tables() {
    let primary = "arn:aws:kms:us-east-1:200000000002:key/mrk-1";
    let facts = yaml(&format!(
        r#"
Resources:
  Key: {{Type: AWS::KMS::ReplicaKey, Properties: {{PrimaryKeyArn: "{primary}", KeyPolicy: {{Statement: []}}}}}}
  Table:
    Type: AWS::DynamoDB::GlobalTable
    Properties:
      TableName: t
      SSESpecification: {{SSEEnabled: true, SSEType: KMS}}
      Replicas:
        - {{Region: us-east-1, SSESpecification: {{KMSMasterKeyId: other}}}}
        - {{Region: eu-west-1, SSESpecification: {{KMSMasterKeyId: !Ref Key}}, ResourcePolicy: {{PolicyDocument: {{Statement: []}}}}}}
"#
    ));
    assert_eq!(
        ids(&facts, Kind::Key),
        ["arn:aws:kms:eu-west-1:200000000002:key/mrk-1"]
    );
    let table = "arn:aws:dynamodb:eu-west-1:200000000002:table/t";
    check(
        &facts,
        Kind::Table,
        table,
        &[
            (
                Attribute::Encryption,
                r#"{"Algorithm":"aws:kms","KeyId":"mrk-1"}"#,
            ),
            (Attribute::ResourcePolicy, r#"{"Statement":[]}"#),
        ],
    );
}

#[test]
fn an_assembly_of_cdk_names_accounts_and_regions() {
    let manifest = r#"{"version": "36.0.0", "artifacts": {
  "app.assets": {"type": "cdk:asset-manifest", "properties": {"file": "app.assets.json"}},
  "app": {"type": "aws:cloudformation:stack", "environment": "aws://300000000003/eu-central-1", "properties": {"templateFile": "app.template.json", "stackName": "prod-app"}},
  "inner": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-inner"}}}}"#;
    let stack = |name: &str| {
        format!(
            r#"{{"Resources": {{"Q": {{"Type": "AWS::SQS::Queue", "Properties": {{"QueueName": "{name}"}}}}}}, "Parameters": {{"BootstrapVersion": {{"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/x/version"}}}}}}"#
        )
    };
    let inner = r#"{"artifacts": {"b": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region", "properties": {"templateFile": "b.template.json"}}}}"#;
    let hash = "bf97a643ac41417043070f177f21a2f9e7803cd02ae4cb3dff5a5759b45c767d";
    let assets = format!(
        r#"{{"files": {{"{hash}": {{"source": {{"path": "n.nested.template.json", "packaging": "file"}}}}}}}}"#
    );
    let nests = stack("one").replace(
        r#""Resources": {"#,
        &format!(
            r#""Resources": {{"N": {{"Type": "AWS::CloudFormation::Stack", "Properties": {{"TemplateURL": {{"Fn::Join": ["", ["https://s3.", {{"Ref": "AWS::Region"}}, "/x/{hash}.json"]]}}}}}}, "#
        ),
    );
    let files = [
        ("cdk.out/manifest.json", manifest),
        ("cdk.out/app.assets.json", &assets),
        ("cdk.out/app.template.json", &nests),
        ("cdk.out/n.nested.template.json", &stack("nested")),
        ("cdk.out/assembly-inner/manifest.json", inner),
        ("cdk.out/assembly-inner/b.template.json", &stack("two")),
    ];
    let read = read_files(&files, &["cdk.out"], &[]);
    assert_eq!(read.diagnostics, []);
    assert_eq!(
        ids(&read.facts, Kind::Queue),
        [
            "arn:aws:sqs:eu-central-1:300000000003:nested",
            "arn:aws:sqs:eu-central-1:300000000003:one",
            "arn:aws:sqs:eu-west-1:200000000002:two"
        ]
    );
}

#[test]
fn a_template_over_what_is() {
    let bucket = r#"
Resources:
  B: {Type: AWS::S3::Bucket, Properties: {BucketName: records, VersioningConfiguration: {Status: Enabled}}}
"#;
    let (list, policy) = (
        r#"{"Buckets": [{"Name": "records"}, {"Name": "other"}]}"#,
        r#"{"request": {"Bucket": "records"}, "response": {"Policy": "{\"Statement\":[]}"}}
{"request": {"Bucket": "other"}, "response": {"Policy": "{\"Statement\":[]}"}}"#,
    );
    let files = [
        ("now/200000000002/s3api.list-buckets.json", list),
        ("now/200000000002/s3api.get-bucket-policy.jsonl", policy),
        ("app.yaml", bucket),
    ];
    let read = read_files(&files, &["now", "app.yaml"], &[]);
    check(
        &read.facts,
        Kind::Bucket,
        RECORDS,
        &[
            (Attribute::Versioning, r#""Enabled""#),
            (
                Attribute::ResourcePolicy,
                "unknown: ResourcePolicy is configured now, and whether it stays so is not said",
            ),
        ],
    );
    let other = [(Attribute::ResourcePolicy, r#"{"Statement":[]}"#)];
    check(&read.facts, Kind::Bucket, "arn:aws:s3:::other", &other);
}

#[test]
fn a_change_set_says_what_goes_and_what_changes() {
    let changes = r#"{"StackName": "app", "ChangeSetName": "next", "StackId": "arn:aws:cloudformation:eu-west-1:200000000002:stack/app/1",
 "Parameters": [{"ParameterKey": "Env", "ParameterValue": "prod"}],
 "Changes": [
  {"Type": "Resource", "ResourceChange": {"Action": "Remove", "LogicalResourceId": "Gone", "PhysicalResourceId": "gone", "ResourceType": "AWS::S3::Bucket"}},
  {"Type": "Resource", "ResourceChange": {"Action": "Modify", "LogicalResourceId": "B", "PhysicalResourceId": "records", "ResourceType": "AWS::S3::Bucket", "Replacement": "False"}},
  {"Type": "Resource", "ResourceChange": {"Action": "Modify", "LogicalResourceId": "Q", "PhysicalResourceId": "https://sqs.eu-west-1.amazonaws.com/200000000002/jobs", "ResourceType": "AWS::SQS::Queue", "Replacement": "False",
    "AfterContext": "{\"Properties\":{\"QueueName\":\"jobs\",\"Tags\":[{\"Key\":\"env\",\"Value\":\"prod\"}]}}"}},
  {"Type": "Resource", "ResourceChange": {"Action": "Add", "LogicalResourceId": "New", "ResourceType": "AWS::SQS::Queue",
    "AfterContext": "{\"Properties\":{\"QueueName\":\"new\",\"KmsMasterKeyId\":\"{{changeSet:KNOWN_AFTER_APPLY}}\"}}"}}]}"#;
    let list = r#"{"Buckets": [{"Name": "records"}, {"Name": "gone"}]}"#;
    let files = [
        ("now/200000000002/s3api.list-buckets.json", list),
        ("changes.json", changes),
    ];
    let read = read_files(&files, &["now", "changes.json"], &[]);
    let bucket = |id, attribute| shown(&read.facts, Kind::Bucket, id, attribute);
    assert_eq!(bucket("arn:aws:s3:::gone", Attribute::Exists), "absent");
    assert_eq!(
        bucket(RECORDS, Attribute::Versioning),
        "unknown: the change set does not say how it changes B"
    );
    let queue = "arn:aws:sqs:eu-west-1:200000000002:jobs";
    let expected = r#"[{"Key":"env","Value":"prod"}]"#;
    check(
        &read.facts,
        Kind::Queue,
        queue,
        &[(Attribute::Tags, expected)],
    );
    let new = "arn:aws:sqs:eu-west-1:200000000002:new";
    let key = shown(&read.facts, Kind::Queue, new, Attribute::Encryption);
    assert!(
        key.starts_with("unknown: the template does not tell a value known only after the change"),
        "{key}"
    );
}

#[test]
fn places_in_templates_are_lines() {
    let template = "Resources:\n  B:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: records\n      PolicyDocument:\n        Statement:\n          - Effect: Deny\n";
    let directory = Directory::of(&[("app.yaml", template)]);
    let mut documents = Documents::new();
    let paths = [directory.0.join("app.yaml")];
    let read = read_with(&paths, &options(&[]), &mut documents).unwrap();
    let bucket = Entity::new(Kind::Bucket, RECORDS);
    let policy = read.facts.get(&bucket, Attribute::ResourcePolicy);
    let statement = &policy.present().unwrap().get("Statement").unwrap().items()[0];
    let place = documents.place(statement.origin);
    assert_eq!(
        (place.line, place.pointer.as_str()),
        (8, "/Resources/B/Properties/PolicyDocument/Statement/0")
    );
}

/// Characters are replaced, removed and doubled all over templates: nothing panics, and what is read
/// is the same each time.
#[test]
fn damage_anywhere_is_said_and_never_a_panic() {
    let mut seed = 11_u64;
    let directory = Directory::of(NESTED);
    let path = directory.0.join("app.yaml");
    for round in 0..600 {
        let mut bytes = match round % 2 {
            0 => PRINCIPALS.as_bytes().to_vec(),
            _ => NESTED[0].1.as_bytes().to_vec(),
        };
        for _ in 0..3 {
            seed = seed
                .wrapping_mul(0x5851_f42d_4c95_7f2d)
                .wrapping_add(0x1405_7b7e_f767_814f);
            let at = (seed >> 33) as usize % bytes.len();
            match seed >> 61 {
                0..=3 => bytes[at] = b"{}[]\"!:-# \n$"[(seed >> 20) as usize % 12],
                4..=5 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b"{[\"!"[(seed >> 20) as usize % 4]),
            }
        }
        std::fs::write(&path, &bytes).unwrap();
        let read = || {
            read_with(
                std::slice::from_ref(&path),
                &options(&[]),
                &mut Documents::new(),
            )
            .map(|read| (read.diagnostics, read.facts.of_kind(Kind::Role).count()))
        };
        assert_eq!(read(), read(), "round {round}");
    }
}

/// Names that lead to themselves, and to ever more names.
#[test]
fn circles_and_floods_end() {
    let facts = yaml(
        r#"
Resources:
  A: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref B}}
  B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref A}}
"#,
    );
    assert_eq!(facts.of_kind(Kind::Bucket).count(), 1);
    let items = vec!["a"; 900].join(",");
    let inner = format!(
        "{{Fn::ForEach::I: [J, [{items}], {{'B${{I}}${{J}}': {{Type: AWS::SQS::Queue, Properties: {{QueueName: !Sub '${{I}}'}}}}}}]}}"
    );
    let loops = format!("Resources:\n  Fn::ForEach::O: [I, [{items}], {inner}]\n");
    assert!(yaml(&loops).of_kind(Kind::Queue).count() < 10);
    let text = "x".repeat(1_000_000);
    let refs = vec!["{Key: k, Value: !Ref P}"; 20_000].join(",");
    let flood = format!(
        "Parameters: {{P: {{Type: String, Default: {text}}}}}\nResources: {{B: {{Type: AWS::S3::Bucket, Properties: {{BucketName: records, Tags: [{refs}]}}}}}}"
    );
    let tags = shown(&yaml(&flood), Kind::Bucket, RECORDS, Attribute::Tags);
    assert!(tags.starts_with("unknown"), "{} bytes", tags.len());
    let doubled = |at: usize| format!("  C{at}: !And [!Condition C{0}, !Condition C{0}]\n", at + 1);
    let conditions: String = (0..60).map(doubled).collect();
    let template = format!(
        "Conditions:\n{conditions}Resources:\n  B: {{Type: AWS::S3::Bucket, Condition: C0, Properties: {{BucketName: records}}}}\n"
    );
    assert_eq!(ids(&yaml(&template), Kind::Bucket), [RECORDS]);
}
