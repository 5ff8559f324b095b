//! One call with each kind of answer that AWS and the network give.

use cofferdam_aws::client::{At, Client, Endpoints, Signer};
use cofferdam_aws::failure::Failure;
use cofferdam_aws::http::{Identity, Keys};
use serde_json::{Value, json};

use crate::world::{Jumping, Renewed, recording};

struct Own(Renewed);

impl Signer for Own {
    fn keys(&self, stale: Option<&Keys>) -> Result<Keys, Failure> {
        match stale {
            None => Ok(Keys {
                id: "AKIDOLD".into(),
                secret: "example".into(),
                token: None,
                until: None,
            }),
            Some(_) => self
                .0
                .keys()
                .map_err(|why| Failure::new("NoCredentials", &why)),
        }
    }
}

/// Asks an operation of a recording; compares the answer, the error's code, and how many requests
/// it took.
fn check(name: &str, operation: &str, given: Value, expected: (Value, &str), sent: usize) {
    let replay = recording(name);
    let clock = Jumping::new();
    let client = Client::new(&replay, &clock, Endpoints::new(), 4).attempts(3);
    let at = At {
        account: "111122223333",
        region: "eu-west-1",
        partition: "aws",
    };
    let own = Own(Renewed::default());
    let outcome = client.ask(operation, given.as_object().unwrap(), &at, &own);
    let code = outcome.failure.as_ref().map_or("", |failure| &failure.code);
    let found = (outcome.response.clone().unwrap_or_default(), code);
    assert_eq!(found, expected, "{name}");
    assert_eq!(replay.seen().len(), sent, "{name}: {:#?}", replay.seen());
    assert!(replay.unused().is_empty(), "{name}: {:?}", replay.unused());
}

const LIST: &str = "kms.list-keys";

#[test]
fn a_throttled_call_is_asked_again_after_a_pause() {
    let whole = json!({"Keys": [{"KeyId": "a"}]});
    check("throttled", LIST, json!({}), (whole, ""), 2);
}

#[test]
fn a_call_that_is_throttled_for_good_is_an_error() {
    let expected = (Value::Null, "ThrottlingException");
    check("throttled-for-good", LIST, json!({}), expected, 3);
}

#[test]
fn a_refused_call_is_not_asked_again() {
    let bucket = json!({"Bucket": "records"});
    let expected = (Value::Null, "AccessDenied");
    check("denied", "s3api.get-bucket-policy", bucket, expected, 1);
}

#[test]
fn what_is_not_there_keeps_its_code() {
    let bucket = json!({"Bucket": "records"});
    let expected = (Value::Null, "NoSuchBucketPolicy");
    check("not-found", "s3api.get-bucket-policy", bucket, expected, 1);
}

#[test]
fn credentials_that_ran_out_are_renewed_once() {
    let whole = json!({"Keys": []});
    check("expired", LIST, json!({}), (whole, ""), 2);
    let expected = (Value::Null, "ExpiredTokenException");
    check("expired-for-good", LIST, json!({}), expected, 2);
}

#[test]
fn a_region_that_is_off_is_an_error() {
    let expected = (Value::Null, "UnrecognizedClientException");
    check("region-off", LIST, json!({}), expected, 1);
}

#[test]
fn a_call_without_an_answer_is_asked_again() {
    let whole = json!({"Keys": [{"KeyId": "a"}]});
    check("broken", LIST, json!({}), (whole, ""), 3);
    check("timeouts", LIST, json!({}), (Value::Null, "Timeout"), 3);
    let expected = (Value::Null, "ConnectionFailed");
    check("resets", LIST, json!({}), expected, 3);
}

#[test]
fn an_answer_that_cannot_be_read_is_an_error() {
    let expected = (Value::Null, "MalformedAnswer");
    check("malformed", LIST, json!({}), expected, 3);
    let all = "iam.get-account-authorization-details";
    let expected = (Value::Null, "MalformedAnswer");
    check("malformed-xml", all, json!({}), expected, 3);
}

#[test]
fn pages_are_joined_and_their_marks_go() {
    let whole = json!({"Keys": [{"KeyId": "a"}, {"KeyId": "b"}, {"KeyId": "c"}]});
    check("pages", LIST, json!({}), (whole, ""), 3);
}

#[test]
fn a_page_that_fails_leaves_the_pages_before_it_and_the_error() {
    let part = json!({"Keys": [{"KeyId": "a"}]});
    check(
        "page-fails",
        LIST,
        json!({}),
        (part, "AccessDeniedException"),
        2,
    );
}

#[test]
fn a_list_that_goes_in_circles_ends_with_an_error() {
    let part = json!({"Keys": [{"KeyId": "a"}, {"KeyId": "a"}]});
    check("circle", LIST, json!({}), (part, "MalformedAnswer"), 2);
}

#[test]
fn a_bucket_elsewhere_is_asked_where_it_is() {
    let bucket = json!({"Bucket": "records"});
    let whole = json!({"Policy": "{}"});
    check("moved", "s3api.get-bucket-policy", bucket, (whole, ""), 2);
}
