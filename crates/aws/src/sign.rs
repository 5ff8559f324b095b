//! Signatures, made by AWS's own crate.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningParams,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;

use crate::http::{Keys, Request};

/// What a signature is for.
pub(crate) struct For<'a> {
    /// The service's name in signatures.
    pub service: &'a str,
    /// The Region that answers.
    pub region: &'a str,
    /// When.
    pub time: SystemTime,
}

/// Signs a request.
///
/// # Errors
/// When the request is none that can be signed, which is an error of ours.
pub(crate) fn signed(mut request: Request, keys: &Keys, what: &For) -> Result<Request, String> {
    let credentials = Credentials::new(
        keys.id.clone(),
        keys.secret.clone(),
        keys.token.clone(),
        None,
        "cofferdam",
    );
    let identity: Identity = credentials.into();
    let params: SigningParams = v4::SigningParams::builder()
        .identity(&identity)
        .region(what.region)
        .name(what.service)
        .time(what.time)
        .settings(settings(what.service))
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let url = request.url();
    let added = {
        let headers = request.headers.iter();
        let signable = SignableRequest::new(
            &request.method,
            &url,
            headers.map(|(name, value)| (&**name, &**value)),
            SignableBody::Bytes(&request.body),
        )
        .map_err(|error| error.to_string())?;
        let (instructions, _) = sign(signable, &params)
            .map_err(|error| error.to_string())?
            .into_parts();
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        instructions.headers().map(owned).collect::<Vec<_>>()
    };
    request.headers.extend(added);
    Ok(request)
}

/// S3 takes paths as they are and wants the body's hash in a header ("Signature calculations",
/// Amazon S3 API Reference).
fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_names_key_service_and_region() {
        let request = Request {
            method: "GET".into(),
            origin: "https://s3.eu-west-1.amazonaws.com".into(),
            path: "/".into(),
            ..Request::default()
        };
        let keys = Keys {
            id: "AKIDEXAMPLE".into(),
            secret: "example".into(),
            token: Some("token".into()),
            until: None,
        };
        let what = For {
            service: "s3",
            region: "eu-west-1",
            time: SystemTime::UNIX_EPOCH,
        };
        let signed = signed(request, &keys, &what).unwrap();
        let header = |name: &str| signed.headers.iter().find(|(key, _)| key == name);
        let (_, authorization) = header("authorization").unwrap();
        assert!(
            authorization.contains("AKIDEXAMPLE/19700101/eu-west-1/s3/aws4_request"),
            "{authorization}"
        );
        assert!(header("x-amz-security-token").is_some());
        assert!(header("x-amz-content-sha256").is_some());
    }
}
