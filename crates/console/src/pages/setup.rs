//! `/admin/setup`: claiming a console that nobody administers, with the code of this start.

use std::sync::{MutexGuard, PoisonError};
use std::time::Instant;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use secret::{NoRandomness, SecretCode};
use serde::Deserialize;
use store::Role;

use crate::State as Console;
use crate::access::{Identity, Presented, SetupCode, password, session};
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::state::Peer;
use crate::words::sign_in::SignInWords;

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    shell: Shell,
    w: &'static SignInWords,
    shortest: usize,
    name: String,
    problem: &'static str,
}

#[derive(Deserialize)]
pub(crate) struct Claim {
    code: String,
    name: String,
    password: String,
}

pub(crate) async fn show(State(console): State<Console>, shell: Shell) -> Result<Response, Error> {
    if !console.is_unclaimed().await? {
        return Ok(Redirect::to("/admin").into_response());
    }
    let name = Identity::ADMIN.to_owned();
    Ok(Page(SetupPage::new(shell, name, "")).into_response())
}

pub(crate) async fn claim(
    State(console): State<Console>,
    peer: Peer,
    shell: Shell,
    headers: HeaderMap,
    claim: Result<Form<Claim>, FormRejection>,
) -> Result<Response, Error> {
    let Form(Claim { code, name, password }) = claim?;
    let w = SignInWords::of(shell.language);
    let name = name.trim().to_owned();
    let refused = |shell, status, name, problem| {
        Ok((status, Page(SetupPage::new(shell, name, problem))).into_response())
    };
    if !console.is_unclaimed().await? {
        return Err(Error::UnknownAddress);
    }
    let presented = console
        .setup_code()
        .as_mut()
        .map_or(Presented::Spent, |right| right.present(&code, Instant::now()));
    match presented {
        Presented::Right => {}
        Presented::Wrong => {
            return refused(shell, StatusCode::FORBIDDEN, name, w.wrong_setup_code);
        }
        Presented::Spent => {
            return refused(shell, StatusCode::FORBIDDEN, name, w.spent_setup_code);
        }
    }
    if name.is_empty() {
        return refused(shell, StatusCode::BAD_REQUEST, name, w.no_name);
    }
    if password.chars().count() < password::SHORTEST {
        return refused(shell, StatusCode::BAD_REQUEST, name, w.short_password);
    }
    let hash = password::hash(password).await?;
    if !console.store.claim(&name, &hash).await? {
        return refused(shell, StatusCode::CONFLICT, name, w.claimed);
    }
    *console.setup_code() = None;
    console.store.note(&name, "claim", &peer.0.to_string(), "").await?;
    let role = Role::Administrator;
    let cookie = session::begin(&console.store, &name, role, false, peer, &headers).await?;
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/admin")).into_response())
}

impl SetupPage {
    fn new(shell: Shell, name: String, problem: &'static str) -> Self {
        let w = SignInWords::of(shell.language);
        Self { shell, w, shortest: password::SHORTEST, name, problem }
    }
}

impl Console {
    /// Nobody administers this gateway: there is no password and no administrator.
    pub(crate) async fn is_unclaimed(&self) -> Result<bool, Error> {
        if self.gateway.configuration().settings.security.auth_token.is_some() {
            return Ok(false);
        }
        Ok(self.store.administrators().await?.is_empty())
    }

    /// Makes the code with which an unclaimed console is claimed, for somebody to show it to whoever
    /// started the program. `None` if it is claimed.
    ///
    /// # Errors
    /// The database does not answer, or the system has no randomness.
    pub async fn open_for_claim(&self) -> Result<Option<SecretCode>, OpenForClaimError> {
        if self.gateway.configuration().settings.security.auth_token.is_some()
            || !self.store.administrators().await?.is_empty()
        {
            return Ok(None);
        }
        let (code, typed) = SetupCode::generate(Instant::now())?;
        *self.setup_code() = Some(code);
        Ok(Some(typed))
    }

    fn setup_code(&self) -> MutexGuard<'_, Option<SetupCode>> {
        self.doors.setup_code.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why no setup code could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenForClaimError {
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The system has no randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}
