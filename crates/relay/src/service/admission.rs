//! Who is let in, by the credential that a request shows.

use std::borrow::Cow;

use http::{HeaderMap, StatusCode};

use super::Service;
use crate::answer::Fault;
use crate::clock;
use crate::credential;
use crate::gateway::Configuration;
use crate::ledger::Entry;
use crate::live::SessionToken;
use crate::route::{Dialect, Route};
use crate::within::Guest;

impl Service {
    /// Lets somebody in who asks from within, or shows a client token, or one of a session where
    /// those may stand.
    pub(super) async fn let_in(
        &self,
        configuration: &Configuration,
        route: &Route<'_>,
        guest: Option<Guest>,
        shown: Result<Cow<'_, str>, Fault>,
        id: &str,
    ) -> Result<(Entry, Option<SessionToken>), Fault> {
        if let Some(guest) = guest {
            return Ok((self.admit_guest(configuration, guest, route.dialect(), id)?, None));
        }
        let shown = shown?;
        if accepts_session_tokens(route) && SessionToken::is_meant(&shown) {
            let (entry, token) = Box::pin(self.admit_by_token(configuration, &shown, id)).await?;
            return Ok((entry, Some(token)));
        }
        Ok((self.admit(configuration, &shown, route.dialect(), id)?, None))
    }

    /// Lets in whoever asks from within this process.
    fn admit_guest(
        &self,
        configuration: &Configuration,
        guest: Guest,
        dialect: Dialect,
        id: &str,
    ) -> Result<Entry, Fault> {
        let client =
            guest.client.ok_or_else(|| unauthorized("This client token lets nobody in."))?;
        let logged = configuration.settings.logging.request_log_enabled;
        let entry = Entry::begin(&self.gateway, id, dialect, &client, logged);
        Ok(entry.witnessed(guest.witness))
    }

    fn admit(
        &self,
        configuration: &Configuration,
        token: &str,
        dialect: Dialect,
        id: &str,
    ) -> Result<Entry, Fault> {
        let logged = configuration.settings.logging.request_log_enabled;
        let client = configuration.tokens.find(token, clock::now()).map_err(|not_valid| {
            if !configuration.tokens.is_empty() {
                let (code, message) = (not_valid.code(), not_valid.message());
                return Fault::new(StatusCode::UNAUTHORIZED, code, message);
            }
            unauthorized(
                "No client token is configured, so nobody gets in. Create one with `gemini-balance tokens create NAME`.",
            )
        })?;
        Ok(Entry::begin(&self.gateway, id, dialect, client, logged))
    }

    /// Lets somebody in who shows a token of a session, which acts for the client that made it.
    async fn admit_by_token(
        &self,
        configuration: &Configuration,
        text: &str,
        id: &str,
    ) -> Result<(Entry, SessionToken), Fault> {
        let unknown = || unauthorized("The token of a session is not valid, or has expired.");
        let (kept, now) = (self.gateway.resources.fetch(text).await?, clock::now());
        let token = kept.and_then(|kept| SessionToken::of(text, &kept, now));
        let token = token.ok_or_else(unknown)?;
        let client = configuration.tokens.valid_client(&token.owner, now).ok_or_else(unknown)?;
        let logged = configuration.settings.logging.request_log_enabled;
        Ok((Entry::begin(&self.gateway, id, Dialect::Gemini, client, logged), token))
    }
}

/// The credential that a request shows.
pub(super) fn presented<'r>(
    route: &Route<'_>,
    headers: &'r HeaderMap,
    query: Option<&'r str>,
) -> Result<Cow<'r, str>, Fault> {
    let dialect = route.dialect();
    let shown = match route {
        Route::Live(call) => credential::read_among(dialect, headers, query, call.credentials()),
        _ => credential::read(dialect, headers, query),
    };
    shown.map_err(|rejected| unauthorized(rejected.message(dialect)))
}

fn accepts_session_tokens(route: &Route<'_>) -> bool {
    matches!(route, Route::Live(call) if call.is_constrained())
}

fn unauthorized(message: &str) -> Fault {
    Fault::new(StatusCode::UNAUTHORIZED, "invalid_api_key", message)
}
