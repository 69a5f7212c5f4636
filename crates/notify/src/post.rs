//! One message over HTTP.

use std::error::Error as _;
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Uri};
use http_body_util::{BodyExt as _, Collected, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::time::timeout;

/// One attempt may take so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// More of an answer is not read.
const ENOUGH: usize = 16 * 1024;
/// More of what an answer says is not repeated.
const READABLE: usize = 200;

/// Why a message did not arrive. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// A setting holds what cannot be used.
    #[error("{0}")]
    Setting(&'static str),
    /// Nobody answered.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// It took too long.
    #[error("there was no answer within {} seconds", PATIENCE.as_secs())]
    TooSlow,
    /// It was not wanted.
    #[error("it was refused with status {status}{said}")]
    Refused {
        /// The answer's status.
        status: u16,
        /// A colon and what the answer says, if it says anything.
        said: String,
    },
    /// The e-mail was not wanted.
    #[error("{0}")]
    Mail(String),
}

impl DeliveryError {
    /// Whether it may be otherwise in a moment.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::TooSlow => true,
            Self::Refused { status, .. } => matches!(status, 408 | 425 | 429 | 500..),
            Self::Setting(_) | Self::Mail(_) => false,
        }
    }
}

/// A request that carries a message.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// A field of a JSON answer, and its value if all is well.
    success: Option<(&'static str, i64)>,
    /// What must not be repeated of an answer.
    hidden: Vec<String>,
}

impl Post {
    pub(crate) fn new(
        address: &str,
        media_type: &'static str,
        body: Bytes,
    ) -> Result<Self, DeliveryError> {
        // What people write may hold letters that must be encoded, and a fragment.
        let mut url =
            url::Url::parse(address).map_err(|_| DeliveryError::Setting("its address is none"))?;
        url.set_fragment(None);
        let uri = Uri::try_from(url.as_str())
            .map_err(|_| DeliveryError::Setting("its address cannot be used"))?;
        let mut post =
            Self { uri, headers: HeaderMap::new(), body, success: None, hidden: Vec::new() };
        post.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        post.headers.insert(header::USER_AGENT, HeaderValue::from_static("gemini-balance"));
        Ok(post)
    }

    pub(crate) fn json(address: &str, body: &Value) -> Result<Self, DeliveryError> {
        Self::new(address, "application/json", Bytes::from(body.to_string()))
    }

    pub(crate) fn header(&mut self, name: &'static str, value: Option<HeaderValue>) {
        if let Some(value) = value {
            self.headers.insert(HeaderName::from_static(name), value);
        }
    }

    /// All is well only if a field of the answer has this value.
    pub(crate) fn succeeding_with(self, field: &'static str, value: i64) -> Self {
        Self { success: Some((field, value)), ..self }
    }

    /// Errors do not repeat this.
    pub(crate) fn hiding(mut self, secret: &str) -> Self {
        if !secret.is_empty() {
            self.hidden.push(secret.to_owned());
        }
        self
    }

    fn request(&self) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }

    /// Whether an answer means that the message has arrived.
    pub(crate) fn judge(&self, status: u16, body: &[u8]) -> Result<(), DeliveryError> {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let is_well = self.success.is_none_or(|(field, value)| body[field].as_i64() == Some(value));
        if (200..300).contains(&status) && is_well {
            return Ok(());
        }
        let mut fields = ["description", "message", "error"].into_iter();
        let said = fields.find_map(|field| body[field].as_str()).unwrap_or_default();
        let said =
            self.hidden.iter().fold(said.to_owned(), |said, secret| said.replace(secret, "…"));
        let said: String =
            said.chars().filter(|letter| !letter.is_control()).take(READABLE).collect();
        let said = if said.is_empty() { said } else { format!(": {said}") };
        Err(DeliveryError::Refused { status, said })
    }
}

/// Sends posts, each over a connection of its own. Follows no redirect.
#[derive(Debug, Clone)]
pub(crate) struct Poster(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Poster {
    /// Reads the system's root certificates; Mozilla's where there are none.
    pub(crate) fn new() -> Self {
        let connector = match HttpsConnectorBuilder::new().with_native_roots() {
            Ok(connector) => connector,
            Err(_) => HttpsConnectorBuilder::new().with_webpki_roots(),
        };
        let connector = connector.https_or_http().enable_http1().build();
        Self(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector))
    }

    pub(crate) async fn send(&self, post: &Post) -> Result<(), DeliveryError> {
        timeout(PATIENCE, self.exchange(post)).await.unwrap_or(Err(DeliveryError::TooSlow))
    }

    async fn exchange(&self, post: &Post) -> Result<(), DeliveryError> {
        let answer = self.0.request(post.request()).await.map_err(|error| unreachable(&error))?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), ENOUGH).collect().await;
        post.judge(status, &body.map(Collected::to_bytes).unwrap_or_default())
    }
}

/// The innermost reason, which names no path.
fn unreachable(error: &hyper_util::client::legacy::Error) -> DeliveryError {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        reason = inner.to_string();
        source = inner.source();
    }
    DeliveryError::Unreachable(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let refused = |status| DeliveryError::Refused { status, said: String::new() };
        assert!([408, 429, 500, 503].into_iter().all(|status| refused(status).may_pass()));
        assert!(![302, 400, 401, 404].into_iter().any(|status| refused(status).may_pass()));
        assert!(DeliveryError::TooSlow.may_pass());
        assert!(!DeliveryError::Setting("wrong").may_pass());
    }

    #[test]
    fn a_redirect_is_no_arrival() {
        let post = Post::json("http://example.com/hook", &Value::Null).unwrap();
        assert_eq!(post.judge(204, b""), Ok(()));
        assert_eq!(
            post.judge(302, b"<html>").unwrap_err().to_string(),
            "it was refused with status 302"
        );
    }

    #[tokio::test]
    async fn nobody_there_is_told_without_the_address() {
        let post = Post::json("http://127.0.0.1:9/bot-canary", &Value::Null).unwrap();
        let error = Poster::new().send(&post).await.unwrap_err();
        assert!(matches!(error, DeliveryError::Unreachable(_)), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}
