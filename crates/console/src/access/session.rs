//! Sessions of browsers: a cookie with a random secret, of which the store knows the digest.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use secret::{SecretCode, TokenDigest};
use store::{NewSession, Role, Store};

use super::Identity;
use crate::cookies;
use crate::error::Error;
use crate::state::Peer;

/// The cookie that holds a session's secret.
pub(crate) const COOKIE: &str = "gb_session";

/// Without "keep me signed in".
const SHORT: Duration = Duration::from_hours(12);

/// With it.
const LONG: Duration = Duration::from_hours(30 * 24);

/// How stale the time of the last use may become, in milliseconds.
const GRAIN: i64 = 60_000;

/// Who has this cookie.
pub(super) async fn find(store: &Store, headers: &HeaderMap) -> Result<Option<Identity>, Error> {
    let Some(digest) = digest(headers) else { return Ok(None) };
    let Some(session) = store.session(&digest).await? else { return Ok(None) };
    if relay::now().millis() - session.seen_at.millis() > GRAIN {
        store.see_session(&session.id).await?;
    }
    Ok(Some(session.into()))
}

/// Begins a session, and returns the `Set-Cookie` that carries it.
pub(crate) async fn begin(
    store: &Store,
    actor: &str,
    role: Role,
    is_long: bool,
    peer: Peer,
    headers: &HeaderMap,
) -> Result<HeaderValue, Error> {
    let code = SecretCode::generate().map_err(|_| Error::Internal)?;
    let lifetime = if is_long { LONG } else { SHORT };
    let agent = headers.get(http::header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let address = peer.0.to_string();
    let session = NewSession {
        digest: code.digest(),
        actor,
        role,
        address: &address,
        agent: agent.unwrap_or_default(),
        lifetime,
    };
    store.begin_session(session).await?;
    Ok(cookie(code.expose(), is_long.then_some(lifetime), headers))
}

/// The `Set-Cookie` that takes a session's away.
pub(crate) fn ended(headers: &HeaderMap) -> HeaderValue {
    cookie("", Some(Duration::ZERO), headers)
}

/// Where to sign in to get there.
pub(crate) fn sign_in_address(there: &str) -> String {
    let there: String = url::form_urlencoded::byte_serialize(there.as_bytes()).collect();
    format!("/admin/login?next={there}")
}

fn digest(headers: &HeaderMap) -> Option<TokenDigest> {
    Some(TokenDigest::of(cookies::find(headers, COOKIE)?.as_bytes()))
}

/// Without a lifetime the browser forgets it when it is closed.
fn cookie(value: &str, lifetime: Option<Duration>, headers: &HeaderMap) -> HeaderValue {
    let secure = headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    let secure = if secure { "; Secure" } else { "" };
    let age = lifetime.map(|age| format!("; Max-Age={}", age.as_secs())).unwrap_or_default();
    let cookie = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict{age}{secure}");
    HeaderValue::try_from(cookie).unwrap_or(HeaderValue::from_static(""))
}
