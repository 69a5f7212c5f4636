//! What scripts present as `Authorization: Bearer …`: `AUTH_TOKEN`, or an admin token.

use std::time::Instant;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use secret::{AdminToken, TokenDigest};
use settings::Hidden;
use store::Store;

use super::Identity;
use crate::State as Console;
use crate::error::Error;
use crate::state::Peer;

/// How stale the time of the last use may become, in milliseconds.
const GRAIN: i64 = 60_000;

/// What a bearer is good for.
pub(super) enum Bearer {
    /// For getting in.
    Known(Identity),
    /// For nothing; the headers may hold something else.
    Unknown,
    /// Not looked at, since too many from this address were wrong.
    Unheard(Error),
}

/// Who presents this bearer. An admin token cannot be guessed, so those who have one need not wait
/// until the guesses at the password of others are over.
pub(super) async fn find(console: &Console, peer: Peer, bearer: &[u8]) -> Result<Bearer, Error> {
    if bearer.starts_with(AdminToken::PREFIX.as_bytes())
        && let Some(identity) = holder(&console.store, bearer).await?
    {
        return Ok(Bearer::Known(identity));
    }
    if let Some(wait) = console.bearers().wait(peer.0, Instant::now()) {
        return Ok(Bearer::Unheard(Error::must_wait(wait)));
    }
    let configuration = console.gateway.configuration();
    let password = configuration.settings.security.auth_token.as_ref();
    if password.is_some_and(|password| is_password(bearer, password)) {
        console.bearers().succeeded(peer.0);
        return Ok(Bearer::Known(Identity::bearer()));
    }
    Ok(Bearer::Unknown)
}

async fn holder(store: &Store, bearer: &[u8]) -> Result<Option<Identity>, Error> {
    let Some(token) = store.admin_token(&TokenDigest::of(bearer)).await? else { return Ok(None) };
    let now = relay::now().millis();
    if token.last_used_at.is_none_or(|last| now - last.millis() > GRAIN) {
        store.see_admin_token(&token.id).await?;
    }
    Ok(Some(token.into()))
}

/// What the headers carry, if it is one thing.
pub(super) fn presented(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, presented) = value.as_bytes().split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(presented)
}

/// Whether this is the password. Digests are compared, so that the time taken tells nothing about
/// it.
pub(crate) fn is_password(presented: &[u8], password: &Hidden) -> bool {
    let password = password.expose().as_bytes();
    !password.is_empty() && TokenDigest::of(presented) == TokenDigest::of(password)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_the_whole_password_opens() {
        let headers = |values: &[&'static str]| -> HeaderMap {
            values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_static(value))).collect()
        };
        let sesame = Hidden::new("sesame");
        let opens = |values: &[&'static str]| {
            presented(&headers(values)).is_some_and(|bearer| is_password(bearer, &sesame))
        };
        assert!(opens(&["Bearer sesame"]));
        assert!(opens(&["bearer sesame"]));
        for wrong in ["Bearer sesam", "Bearer sesame ", "Bearer ", "sesame", "", "Basic sesame"] {
            assert!(!opens(&[wrong]), "{wrong:?}");
        }
        assert!(!is_password(b"", &Hidden::new("")));
        assert!(!opens(&["Bearer sesame", "Bearer sesame"]));
        assert!(!opens(&[]));
    }
}
