//! Uploads that have begun. The address of each is unguessable, ends, and acts for the token that
//! began it; the register knows it by a digest, so that other processes can go on with it.

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use secret::{SecretCode, TokenDigest};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use store::Resource;
use url::Url;

use super::header;
use crate::answer::Fault;
use crate::body::Body;
use crate::clock;
use crate::exchange::Exchange;
use crate::gateway::Gateway;
use crate::own_address::own_address;
use crate::resources::{Known, name};

pub(super) const URL: &str = "x-goog-upload-url";
const CONTROL_URL: &str = "x-goog-upload-control-url";
const KIND: &str = name::UPLOADS;

/// So long after its beginning an upload can be gone on with.
const LASTS: Duration = Duration::from_hours(24);

/// An upload that has begun.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    resource: Resource,
    inner: Inner,
}

/// What only this side knows of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Inner {
    /// Google's own address of it, below the base address.
    target: String,
}

impl Session {
    /// The upload that the query of a request names.
    pub(crate) async fn find(gateway: &Gateway, query: &str) -> Result<Self, Fault> {
        let id = id(query).ok_or_else(unknown)?;
        let found = gateway.resources.fetch(&name_of(id)).await?;
        let lives = |found: &Resource| found.expires_at.is_none_or(|end| clock::now() < end);
        let resource = found.filter(lives).ok_or_else(unknown)?;
        let inner = serde_json::from_str(&resource.body).map_err(|_| unknown())?;
        Ok(Self { resource, inner })
    }

    /// Who began it.
    pub(crate) fn owner(&self) -> &str {
        &self.resource.token_id
    }

    pub(super) fn name(&self) -> &str {
        &self.resource.name
    }

    pub(super) fn target(&self) -> &str {
        &self.inner.target
    }

    pub(super) fn known(&self) -> Known {
        Known::of(&self.resource)
    }
}

/// Whether a query names an upload that has begun.
pub(crate) fn is_named(query: Option<&str>) -> bool {
    query.is_some_and(|query| id(query).is_some())
}

fn id(query: &str) -> Option<&str> {
    query.split('&').find_map(|pair| pair.strip_prefix("upload_id="))
}

fn name_of(id: &str) -> String {
    format!("{KIND}/{}", TokenDigest::of(id.as_bytes()).to_hex())
}

/// The same whether it has ended, belongs to a token that is no more, or never was.
pub(crate) fn unknown() -> Fault {
    let message = "This upload does not exist, or has ended.";
    Fault::new(StatusCode::NOT_FOUND, "not_found", message)
}

/// The address at which Google goes on with an upload, below the base address.
pub(super) fn google_target(exchange: &Exchange, headers: &HeaderMap) -> Result<String, Fault> {
    let named = || {
        let url = Url::parse(header(headers, URL)).ok()?;
        let base = &exchange.configuration.settings.upstream.base_url;
        let prefix = Url::parse(base).ok()?;
        let prefix = prefix.path().trim_end_matches('/').to_owned();
        let path = url.path().strip_prefix(&*prefix).unwrap_or(url.path());
        let query = url.query()?;
        path.starts_with("/upload/").then(|| super::target(path, query))
    };
    named().ok_or_else(|| {
        let message = "Google began an upload without saying where to go on with it.";
        Fault::new(StatusCode::BAD_GATEWAY, "upstream_malformed_response", message)
    })
}

/// Writes down that an upload has begun; gives the address to go on with it.
pub(super) async fn begun(
    exchange: &Exchange,
    target: String,
    path: &str,
    asked: &HeaderMap,
) -> Result<HeaderValue, Fault> {
    let Some(tie) = &exchange.tie else { return Err(unknown()) };
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "an upload cannot begin");
        let message = "The gateway failed on this request; the error is in its log.";
        Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message)
    };
    let code = SecretCode::generate().map_err(|error| failed(&error))?;
    let inner = Inner { target };
    let now = clock::now();
    let resource = Resource {
        name: name_of(code.expose()),
        kind: KIND.to_owned(),
        key_id: tie.bond.key.to_string(),
        project: tie.bond.project.as_deref().map(str::to_owned),
        token_id: exchange.entry.token_id().to_string(),
        state: "active".to_owned(),
        display_name: None,
        mime: None,
        size: header(asked, "x-goog-upload-header-content-length").parse().ok(),
        created_at: now,
        expires_at: Some(now + LASTS),
        body: serde_json::to_string(&inner).map_err(|error| failed(&error))?,
    };
    exchange.gateway.resources.keep(resource).await?;
    let settings = &exchange.configuration.settings;
    // HTTP/1.1 without a host is refused before.
    let base = own_address(settings, asked).unwrap_or_default();
    let url = format!("{base}{path}?upload_id={}&upload_protocol=resumable", code.expose());
    let mut value = HeaderValue::from_str(&url).map_err(|error| failed(&error))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Takes Google's own addresses out of an answer.
pub(super) fn without_addresses(headers: &mut HeaderMap) {
    headers.remove(URL);
    headers.remove(CONTROL_URL);
    headers.remove(http::header::LOCATION);
}

/// Hands on what Google says of an upload, and writes down what has come of it.
pub(super) async fn answered(
    mut exchange: Exchange,
    session: &Session,
    mut answered: Parts,
    body: Bytes,
) -> Response<Body> {
    let status = header(&answered.headers, "x-goog-upload-status").to_ascii_lowercase();
    let has_ended = matches!(status.as_str(), "final" | "cancelled");
    let learned = exchange.learn(&body, None).await;
    let learned = match learned {
        Ok(()) if has_ended => exchange.gateway.resources.forget(session.name()).await,
        learned => learned,
    };
    if let Err(fault) = learned {
        return exchange.reject(&fault);
    }
    without_addresses(&mut answered.headers);
    Response::from_parts(answered, Body::whole(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_query_with_an_id_names_an_upload() {
        assert!(is_named(Some("upload_protocol=resumable&upload_id=x")));
        assert!(!is_named(Some("upload_protocol=resumable")));
        assert!(!is_named(None));
        assert_ne!(name_of("a"), name_of("b"));
        assert!(!name_of("secret-code").contains("secret"));
    }
}
