//! The live world: HTTPS by AWS's own client, credentials by AWS's own chain, the real clock.
//!
//! This is the one file that is asynchronous inside. Everything above calls it as functions.

use std::time::{Duration, SystemTime};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_http_client::{Builder, Connector, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpClient,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use tokio::runtime::Runtime;

use crate::http::{Broken, Clock, Identity, Keys, Request, Response, Transport};

/// Time for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// Time for an answer. The slowest call of the table lists all identities of an account.
const READ: Duration = Duration::from_secs(60);
/// No page of an answer is larger; one that is, is not read.
const BODY_MAX: usize = 64 << 20;
/// What servers see of the reader.
const USER_AGENT: &str = concat!("cofferdam/", env!("CARGO_PKG_VERSION"));
/// Threads that carry requests. They only wait.
const THREADS: usize = 2;

/// AWS, or what stands in for it.
pub struct Live {
    runtime: Runtime,
    connector: Connector,
    credentials: Option<SharedCredentialsProvider>,
    region: Option<String>,
}

impl Live {
    /// Opens the standard chain: environment, profiles, single sign-on, web identity, container
    /// and instance roles.
    ///
    /// # Errors
    /// When the machine has no threads left.
    pub fn open(profile: Option<&str>) -> Result<Live, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .enable_all()
            .build()
            .map_err(|error| format!("no threads for the network: {error}"))?;
        let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
        let http = Builder::new().tls_provider(tls.clone()).build_https();
        let config = runtime.block_on(chain(profile, http));
        let connector = runtime.block_on(async {
            Connector::builder()
                .tls_provider(tls)
                .proxy_config(ProxyConfig::from_env())
                .connector_settings(
                    HttpConnectorSettings::builder()
                        .connect_timeout(CONNECT)
                        .read_timeout(READ)
                        .build(),
                )
                .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
                .build()
        });
        Ok(Live {
            credentials: config.credentials_provider(),
            region: config.region().map(ToString::to_string),
            runtime,
            connector,
        })
    }

    /// The Region of the environment or the profile.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }
}

/// The standard chain. A profile that is named comes before the environment, as with the AWS CLI.
async fn chain(profile: Option<&str>, http: SharedHttpClient) -> SdkConfig {
    let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http.clone());
    let Some(profile) = profile else {
        return loader.load().await;
    };
    let config = loader.profile_name(profile).load().await;
    let settings = ProviderConfig::without_region()
        .with_region(config.region().cloned())
        .with_http_client(http)
        .with_behavior_version(Some(BehaviorVersion::latest()));
    let named = ProfileFileCredentialsProvider::builder()
        .profile_name(profile)
        .configure(&settings)
        .build();
    let named = SharedCredentialsProvider::new(named);
    config.into_builder().credentials_provider(named).build()
}

impl Transport for Live {
    fn send(&self, request: &Request) -> Result<Response, Broken> {
        let request = outgoing(request).map_err(Broken::Connection)?;
        self.runtime.block_on(async {
            let sent =
                self.connector
                    .call(request)
                    .await
                    .map_err(|error| match error.is_timeout() {
                        true => Broken::Timeout,
                        false => Broken::Connection(causes(&error)),
                    })?;
            let status = sent.status().as_u16();
            let headers = sent.headers().iter();
            let headers = headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect();
            Ok(Response {
                status,
                headers,
                body: body(sent.into_body()).await?,
            })
        })
    }
}

fn outgoing(request: &Request) -> Result<HttpRequest, String> {
    let mut out = HttpRequest::new(SdkBody::from(request.body.clone()));
    out.set_method(&request.method)
        .map_err(|error| causes(&error))?;
    out.set_uri(request.url()).map_err(|error| causes(&error))?;
    for (name, value) in &request.headers {
        let named = out.headers_mut().try_insert(name.clone(), value.clone());
        named.map_err(|error| causes(&error))?;
    }
    let agent = out.headers_mut().try_insert("user-agent", USER_AGENT);
    agent.map_err(|error| causes(&error))?;
    Ok(out)
}

async fn body(body: SdkBody) -> Result<Vec<u8>, Broken> {
    let mut stream = ByteStream::new(body);
    let mut found = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| Broken::Connection(causes(&error)))?;
        if found.len() + chunk.len() > BODY_MAX {
            return Err(Broken::Connection(format!(
                "the answer has more than {BODY_MAX} bytes"
            )));
        }
        found.extend_from_slice(&chunk);
    }
    Ok(found)
}

/// An error with what caused it: the cause is what tells a refused connection from a lost name.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}

impl Identity for Live {
    fn keys(&self) -> Result<Keys, String> {
        let provider = self
            .credentials
            .as_ref()
            .ok_or("the environment and the profile name none")?;
        let found = self
            .runtime
            .block_on(provider.provide_credentials())
            .map_err(|error| causes(&error))?;
        Ok(Keys {
            id: found.access_key_id().to_owned(),
            secret: found.secret_access_key().to_owned(),
            token: found.session_token().map(str::to_owned),
            until: found.expiry(),
        })
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wall;

impl Clock for Wall {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }

    /// The fraction of a second is as good as any for spreading those who wait.
    fn jitter(&self) -> f64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        f64::from(since.map_or(0, |since| since.subsec_nanos()) % 1_000_003) / 1_000_003.0
    }
}
