//! Which call of which API a request is, and how CloudTrail names it: the services behind the forms
//! of the kit ("CloudTrail record contents", and the CloudTrail page of each service).
//!
//! Four ways of calling are in use: a target in a header with JSON, a form, S3's paths and Lambda's.

use serde_json::{Map, Value, json};

use super::http::{Request, pairs};

/// A call as a record names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Called {
    /// As credentials and hosts name it: `dynamodb`.
    pub service: String,
    /// The name of the event.
    pub name: String,
    /// Where it was sent.
    pub region: String,
    /// `requestParameters`.
    pub parameters: Value,
    /// What it is about: type and ARN.
    pub resources: Vec<(&'static str, String)>,
}

/// The Region of a request that names none.
const USUAL_REGION: &str = "eu-west-1";

/// Prefixes of targets, where a request has no signature that names the service.
const TARGETS: [(&str, &str); 5] = [
    ("DynamoDB_", "dynamodb"),
    ("TrentService.", "kms"),
    ("secretsmanager.", "secretsmanager"),
    ("AmazonSQS.", "sqs"),
    ("AmazonEC2ContainerRegistry_", "ecr"),
];

/// S3's calls by method, whether a key is named, and the word in the query.
const S3_CALLS: [(&str, bool, &str, &str); 12] = [
    ("GET", true, "attributes", "GetObjectAttributes"),
    ("GET", true, "tagging", "GetObjectTagging"),
    ("GET", true, "acl", "GetObjectAcl"),
    ("GET", true, "", "GetObject"),
    ("HEAD", true, "", "HeadObject"),
    ("GET", false, "location", "GetBucketLocation"),
    ("GET", false, "policy", "GetBucketPolicy"),
    ("GET", false, "versioning", "GetBucketVersioning"),
    ("GET", false, "acl", "GetBucketAcl"),
    ("GET", false, "encryption", "GetBucketEncryption"),
    ("GET", false, "list-type", "ListObjects"),
    ("HEAD", false, "", "HeadBucket"),
];

/// Lambda's calls by method and by the end of the path; those of one version of the API have its date
/// in their event names ("Logging AWS Lambda API calls using AWS CloudTrail").
const LAMBDA_CALLS: [(&str, &str, &str); 2] = [
    ("POST", "/invocations", "Invoke"),
    ("GET", "/policy", "GetPolicy20150331v2"),
];

/// Parameters that records leave out, since they are the data themselves.
const LEFT_OUT: [&str; 4] = [
    "Plaintext",
    "CiphertextBlob",
    "SecretString",
    "SecretBinary",
];

/// What a request is; `None`: none of the kit's forms.
pub fn called(request: &Request) -> Option<Called> {
    let scope = scope(request);
    let service = match &scope {
        Some((_, _, service)) => service.clone(),
        None => unsigned(request),
    };
    let region = scope.map_or_else(|| USUAL_REGION.to_owned(), |(_, region, _)| region);
    let (name, parameters) = match service.as_str() {
        "s3" => s3(request)?,
        "lambda" => lambda(request)?,
        _ => targeted(request).or_else(|| form(request))?,
    };
    let resources = resources(&service, &region, &parameters);
    Some(Called {
        service,
        name,
        region,
        parameters,
        resources,
    })
}

/// The access key, the Region and the service that the signature names ("Create a signed AWS API request").
pub fn scope(request: &Request) -> Option<(String, String, String)> {
    let signed = request.header("authorization")?;
    let (_, credential) = signed.split_once("Credential=")?;
    let mut parts = credential.split([',', '/']);
    let key = parts.next()?.to_owned();
    let (region, service) = (parts.nth(1)?.to_owned(), parts.next()?.to_owned());
    Some((key, region, service))
}

fn unsigned(request: &Request) -> String {
    let target = request.header("x-amz-target").unwrap_or_default();
    let known = TARGETS
        .iter()
        .find(|(prefix, _)| target.starts_with(prefix));
    known.map_or("s3", |(_, service)| service).to_owned()
}

/// `X-Amz-Target: DynamoDB_20120810.GetItem`, with the parameters as JSON.
fn targeted(request: &Request) -> Option<(String, Value)> {
    let (_, name) = request.header("x-amz-target")?.rsplit_once('.')?;
    let body: Map<String, Value> = serde_json::from_slice(&request.body).unwrap_or_default();
    let told = body
        .into_iter()
        .filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()));
    let parameters: Map<String, Value> = told.map(|(name, value)| (small(&name), value)).collect();
    Some((name.to_owned(), Value::Object(parameters)))
}

/// `Action=GetTopicAttributes&TopicArn=…`
fn form(request: &Request) -> Option<(String, Value)> {
    let fields = pairs(std::str::from_utf8(&request.body).ok()?);
    let (_, name) = fields.iter().find(|(name, _)| name == "Action")?.clone();
    let told = fields
        .into_iter()
        .filter(|(name, _)| name != "Action" && name != "Version");
    let parameters = told.map(|(name, value)| (small(&name), Value::String(value)));
    Some((name, Value::Object(parameters.collect())))
}

fn s3(request: &Request) -> Option<(String, Value)> {
    let path = request.path();
    let (bucket, key) = path
        .strip_prefix('/')?
        .split_once('/')
        .unwrap_or((path.get(1..)?, ""));
    let query = request.query();
    let fits = |(method, has_key, word, _): &&(&str, bool, &str, &str)| {
        let asked = word.is_empty() || query.iter().any(|(name, _)| name == word);
        *method == request.method && *has_key != key.is_empty() && asked
    };
    let (_, _, _, name) = S3_CALLS.iter().find(fits)?;
    let mut parameters = json!({"bucketName": bucket, "Host": request.header("host")});
    let members = parameters.as_object_mut()?;
    if !key.is_empty() {
        members.insert("key".to_owned(), key.into());
    }
    for (name, value) in query {
        members.insert(name, value.into());
    }
    Some(((*name).to_owned(), parameters))
}

/// `/2015-03-31/functions/NAME/invocations`
fn lambda(request: &Request) -> Option<(String, Value)> {
    let path = request.path();
    let fits =
        |(method, end, _): &&(&str, &str, &str)| *method == request.method && path.ends_with(end);
    let (_, end, name) = LAMBDA_CALLS.iter().find(fits)?;
    let (_, function) = path.strip_suffix(end)?.rsplit_once("/functions/")?;
    Some(((*name).to_owned(), json!({"functionName": function})))
}

/// What the record lists. Secrets Manager and SQS list nothing.
fn resources(service: &str, region: &str, parameters: &Value) -> Vec<(&'static str, String)> {
    let text = |name: &str| parameters.get(name).and_then(Value::as_str);
    let arn = |kind: &'static str, name: &str| {
        let arn = text(name).filter(|arn| arn.starts_with("arn:"));
        arn.map(|arn| (kind, arn.to_owned())).into_iter().collect()
    };
    match service {
        "s3" => {
            let bucket = format!("arn:aws:s3:::{}", text("bucketName").unwrap_or_default());
            let object = text("key").map(|key| ("AWS::S3::Object", format!("{bucket}/{key}")));
            object
                .into_iter()
                .chain([("AWS::S3::Bucket", bucket)])
                .collect()
        }
        "dynamodb" => arn("AWS::DynamoDB::Table", "tableName"),
        "kms" => arn("AWS::KMS::Key", "keyId"),
        "sns" => arn("AWS::SNS::Topic", "topicArn"),
        "lambda" => arn("AWS::Lambda::Function", "functionName"),
        "sts" => arn("AWS::IAM::Role", "roleArn"),
        "ecr" => text("registryId")
            .zip(text("repositoryName"))
            .map(|(account, name)| {
                (
                    "AWS::ECR::Repository",
                    format!("arn:aws:ecr:{region}:{account}:repository/{name}"),
                )
            })
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

impl Called {
    /// Whose thing it is about; buckets are told by `owners`.
    pub fn owner(&self, owners: impl Fn(&str) -> Option<String>) -> Option<String> {
        let text = |name: &str| self.parameters.get(name).and_then(Value::as_str);
        if self.service == "s3" {
            return owners(text("bucketName")?);
        }
        if let Some(url) = text("queueUrl") {
            return url.rsplit('/').nth(1).map(str::to_owned);
        }
        let listed = self.resources.first().map(|(_, arn)| arn.as_str());
        let arn = listed.or_else(|| text("secretId"))?;
        let account = arn.split(':').nth(4)?;
        (!account.is_empty()).then(|| account.to_owned())
    }

    /// Whether it is about data and not about what holds them ("Logging data events").
    pub fn is_data(&self) -> bool {
        let of_object = self.service == "s3" && self.parameters.get("key").is_some();
        let named = [
            ("s3", "ListObjects"),
            ("dynamodb", "GetItem"),
            ("lambda", "Invoke"),
        ];
        of_object || named.contains(&(self.service.as_str(), self.name.as_str()))
    }

    /// Whether it changes nothing. All of KMS's use of keys counts so.
    pub fn reads(&self) -> bool {
        let changes = ["Invoke", "Put", "Create", "Delete", "Update"];
        !changes.iter().any(|verb| self.name.starts_with(verb))
    }
}

/// Records begin the names of parameters with a small letter.
fn small(name: &str) -> String {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_ascii_lowercase().to_string() + letters.as_str(),
        None => String::new(),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A request as the command line tool sends it; `service` is that of its signature.
    pub fn sent(service: &str, line: &str, target: &str, body: &str) -> Request {
        let (method, target_of_line) = line.split_once(' ').unwrap();
        let mut headers = vec![("host".to_owned(), "h".to_owned())];
        if !service.is_empty() {
            let signed = format!(
                "AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/20261123/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
            );
            headers.push(("authorization".to_owned(), signed));
        }
        if !target.is_empty() {
            headers.push(("x-amz-target".to_owned(), target.to_owned()));
        }
        Request {
            method: method.to_owned(),
            target: target_of_line.to_owned(),
            headers,
            body: body.as_bytes().to_vec(),
        }
    }

    /// Service, request line, target, body; name of the event, owner, what is listed first, data, parameters.
    #[track_caller]
    fn check(request: [&str; 4], expected: [&str; 5]) {
        let [service, line, target, body] = request;
        let call = called(&sent(service, line, target, body)).unwrap();
        let owner = call.owner(|bucket| Some(format!("owner of {bucket}")));
        let first = call.resources.first().map(|(_, arn)| arn.clone());
        let found = [
            call.name.clone(),
            owner.unwrap_or_default(),
            first.unwrap_or_default(),
            call.is_data().to_string(),
            call.parameters.to_string(),
        ];
        assert_eq!(found, expected.map(str::to_owned), "{request:?}");
    }

    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1";

    #[test]
    fn calls_of_s3() {
        let bucket = |query: &str, name: &str, is_data: &str| {
            let line = format!("GET /b?{query}");
            let word = query.split('=').next().unwrap();
            let value = query.split('=').nth(1).unwrap_or_default();
            let told = format!(r#"{{"bucketName":"b","Host":"h","{word}":"{value}"}}"#);
            check(
                ["s3", &line, "", ""],
                [name, "owner of b", "arn:aws:s3:::b", is_data, &told],
            );
        };
        bucket("location", "GetBucketLocation", "false");
        bucket("policy", "GetBucketPolicy", "false");
        bucket("versioning", "GetBucketVersioning", "false");
        bucket("acl", "GetBucketAcl", "false");
        bucket("encryption", "GetBucketEncryption", "false");
        bucket("list-type=2", "ListObjects", "true");
        let object = |line: &str, name: &str, more: &str| {
            let told = format!(r#"{{"bucketName":"b","Host":"h","key":"a b/c"{more}}}"#);
            check(
                ["s3", line, "", ""],
                [name, "owner of b", "arn:aws:s3:::b/a b/c", "true", &told],
            );
        };
        object("GET /b/a%20b/c", "GetObject", "");
        object("HEAD /b/a%20b/c", "HeadObject", "");
        object(
            "GET /b/a%20b/c?attributes",
            "GetObjectAttributes",
            r#","attributes":"""#,
        );
        object(
            "GET /b/a%20b/c?tagging",
            "GetObjectTagging",
            r#","tagging":"""#,
        );
        object("GET /b/a%20b/c?acl", "GetObjectAcl", r#","acl":"""#);
    }

    #[test]
    fn calls_with_a_target() {
        let table = "arn:aws:dynamodb:eu-west-1:444455556666:table/t";
        check(
            [
                "dynamodb",
                "POST /",
                "DynamoDB_20120810.GetItem",
                &format!(r#"{{"TableName": "{table}", "Key": {{"id": {{"S": "1"}}}}}}"#),
            ],
            [
                "GetItem",
                "444455556666",
                table,
                "true",
                &format!(r#"{{"tableName":"{table}","key":{{"id":{{"S":"1"}}}}}}"#),
            ],
        );
        check(
            [
                "kms",
                "POST /",
                "TrentService.Encrypt",
                &format!(r#"{{"KeyId": "{KEY}", "Plaintext": "YQ==", "DryRun": true}}"#),
            ],
            [
                "Encrypt",
                "111122223333",
                KEY,
                "false",
                &format!(r#"{{"keyId":"{KEY}","dryRun":true}}"#),
            ],
        );
        let secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s-AbCdEf";
        check(
            [
                "secretsmanager",
                "POST /",
                "secretsmanager.GetSecretValue",
                &format!(r#"{{"SecretId": "{secret}", "VersionStage": "cofferdam-canary"}}"#),
            ],
            [
                "GetSecretValue",
                "111122223333",
                "",
                "false",
                &format!(r#"{{"secretId":"{secret}","versionStage":"cofferdam-canary"}}"#),
            ],
        );
        check(
            [
                "sqs",
                "POST /",
                "AmazonSQS.GetQueueAttributes",
                r#"{"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/q"}"#,
            ],
            [
                "GetQueueAttributes",
                "111122223333",
                "",
                "false",
                r#"{"queueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/q"}"#,
            ],
        );
        check(
            [
                "ecr",
                "POST /",
                "AmazonEC2ContainerRegistry_V20150921.BatchGetImage",
                r#"{"registryId": "111122223333", "repositoryName": "a/b"}"#,
            ],
            [
                "BatchGetImage",
                "111122223333",
                "arn:aws:ecr:eu-west-1:111122223333:repository/a/b",
                "false",
                r#"{"registryId":"111122223333","repositoryName":"a/b"}"#,
            ],
        );
    }

    #[test]
    fn calls_by_form_and_by_path() {
        let topic = "arn:aws:sns:eu-west-1:111122223333:t";
        check(
            [
                "sns",
                "POST /",
                "",
                "Action=GetTopicAttributes&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A111122223333%3At",
            ],
            [
                "GetTopicAttributes",
                "111122223333",
                topic,
                "false",
                &format!(r#"{{"topicArn":"{topic}"}}"#),
            ],
        );
        check(
            [
                "sts",
                "POST /",
                "",
                "Action=GetCallerIdentity&Version=2011-06-15",
            ],
            ["GetCallerIdentity", "", "", "false", "{}"],
        );
        let function = "arn:aws:lambda:eu-west-1:111122223333:function:f";
        let told = format!(r#"{{"functionName":"{function}"}}"#);
        let path =
            "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A111122223333%3Afunction%3Af";
        check(
            ["lambda", &format!("POST {path}/invocations"), "", ""],
            ["Invoke", "111122223333", function, "true", &told],
        );
        check(
            ["lambda", &format!("GET {path}/policy"), "", ""],
            [
                "GetPolicy20150331v2",
                "111122223333",
                function,
                "false",
                &told,
            ],
        );
    }

    #[test]
    fn without_a_signature_the_target_names_the_service() {
        let call = called(&sent("", "POST /", "DynamoDB_20120810.GetItem", "{}")).unwrap();
        assert_eq!(
            (call.service.as_str(), call.region.as_str()),
            ("dynamodb", "eu-west-1")
        );
        let call = called(&sent("", "GET /b/k", "", "")).unwrap();
        assert_eq!(
            (call.service.as_str(), call.name.as_str()),
            ("s3", "GetObject")
        );
        assert_eq!(called(&sent("s3", "DELETE /b/k", "", "")), None);
    }
}
