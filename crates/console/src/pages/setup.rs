//! `/admin/setup`: claiming a console that nobody administers, with the code of this start, and below
//! it what a new owner does next, one step a file.

pub(crate) mod check;
pub(crate) mod client;
pub(crate) mod data;
mod upload;

use std::collections::BTreeMap;
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
use crate::access::{Identity, Means, Presented, SetupCode, password, session};
use crate::changes::settings as changes;
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::state::Peer;
use crate::words::setup::SetupWords;
use crate::words::sign_in::SignInWords;

/// The first page asks for the code, the second for who claims.
#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    shell: Shell,
    w: &'static SignInWords,
    sw: &'static SetupWords,
    shortest: usize,
    /// The code, once it was right.
    code: Option<String>,
    name: String,
    timezone: String,
    problem: &'static str,
}

#[derive(Deserialize)]
pub(crate) struct Claim {
    code: String,
    /// Nothing of whoever has shown only the code yet.
    name: Option<String>,
    #[serde(default)]
    password: String,
    #[serde(default)]
    timezone: String,
}

/// A step after claiming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Data,
    Check,
    Client,
}

impl Step {
    pub(crate) const ALL: [Self; 3] = [Self::Data, Self::Check, Self::Client];

    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Data => "/admin/setup/data",
            Self::Check => "/admin/setup/check",
            Self::Client => "/admin/setup/client",
        }
    }

    pub(crate) fn label(self, w: &SetupWords) -> &'static str {
        match self {
            Self::Data => w.data,
            Self::Check => w.check,
            Self::Client => w.client,
        }
    }

    /// Where whoever is done with it goes on.
    pub(crate) fn next(self) -> &'static str {
        match self {
            Self::Data => Self::Check.path(),
            Self::Check => Self::Client.path(),
            Self::Client => "/admin",
        }
    }

    /// Claiming was the first two.
    pub(crate) fn number(self) -> usize {
        match self {
            Self::Data => 3,
            Self::Check => 4,
            Self::Client => 5,
        }
    }
}

pub(crate) async fn show(State(console): State<Console>, shell: Shell) -> Result<Response, Error> {
    if !console.is_unclaimed().await? {
        return Ok(Redirect::to("/admin").into_response());
    }
    Ok(Page(SetupPage::asking(shell, "")).into_response())
}

pub(crate) async fn claim(
    State(console): State<Console>,
    peer: Peer,
    shell: Shell,
    headers: HeaderMap,
    claim: Result<Form<Claim>, FormRejection>,
) -> Result<Response, Error> {
    let Form(claim) = claim?;
    let w = SignInWords::of(shell.language);
    if !console.is_unclaimed().await? {
        return Err(Error::UnknownAddress);
    }
    let presented = console
        .setup_code()
        .as_mut()
        .map_or(Presented::Spent, |right| right.present(&claim.code, Instant::now()));
    let problem = match presented {
        Presented::Right => "",
        Presented::Wrong => w.wrong_setup_code,
        Presented::Spent => w.spent_setup_code,
    };
    if presented != Presented::Right {
        return Ok((StatusCode::FORBIDDEN, Page(SetupPage::asking(shell, problem))).into_response());
    }
    let Some(name) = claim.name.as_deref().map(str::trim) else {
        return Ok(Page(SetupPage::claiming(shell, claim, "")).into_response());
    };
    let problem = if name.is_empty() {
        w.no_name
    } else if claim.password.chars().count() < password::SHORTEST {
        w.short_password
    } else if timezone(&claim.timezone).is_none() {
        SetupWords::of(shell.language).no_timezone
    } else {
        ""
    };
    if !problem.is_empty() {
        let page = SetupPage::claiming(shell, claim, problem);
        return Ok((StatusCode::BAD_REQUEST, Page(page)).into_response());
    }
    let name = name.to_owned();
    let hash = password::hash(claim.password.clone()).await?;
    if !console.store.claim(&name, &hash).await? {
        let page = SetupPage::claiming(shell, claim, w.claimed);
        return Ok((StatusCode::CONFLICT, Page(page)).into_response());
    }
    *console.setup_code() = None;
    console.store.note(&name, "claim", &peer.0.to_string(), "").await?;
    keep_timezone(&console, &name, &claim.timezone).await;
    let role = Role::Administrator;
    let cookie = session::begin(&console.store, &name, role, false, peer, &headers).await?;
    Ok(([(SET_COOKIE, cookie)], Redirect::to(Step::Data.path())).into_response())
}

/// The setting's value; nothing of what names no zone. What is empty changes nothing.
fn timezone(text: &str) -> Option<BTreeMap<String, Option<String>>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(BTreeMap::new());
    }
    jiff::tz::TimeZone::get(text).ok()?;
    Some(BTreeMap::from([("TIMEZONE".to_owned(), Some(text.to_owned()))]))
}

/// The gateway is claimed by then: that this failed can be seen among the settings.
async fn keep_timezone(console: &Console, name: &str, text: &str) {
    let identity =
        Identity { actor: name.to_owned(), role: Role::Administrator, means: Means::Password };
    let saved = async {
        let planned = changes::plan(console, &timezone(text).unwrap_or_default()).await?;
        changes::save(console, &identity, &planned).await
    };
    if let Err(error) = saved.await {
        tracing::warn!(%error, "the time zone was not saved");
    }
}

impl SetupPage {
    fn asking(shell: Shell, problem: &'static str) -> Self {
        let claim = Claim {
            code: String::new(),
            name: None,
            password: String::new(),
            timezone: String::new(),
        };
        Self { code: None, ..Self::claiming(shell, claim, problem) }
    }

    /// After the code was right.
    fn claiming(shell: Shell, claim: Claim, problem: &'static str) -> Self {
        let Claim { code, name, timezone, .. } = claim;
        Self {
            w: SignInWords::of(shell.language),
            sw: SetupWords::of(shell.language),
            shell,
            shortest: password::SHORTEST,
            code: Some(code),
            name: name.unwrap_or_else(|| Identity::ADMIN.to_owned()),
            timezone,
            problem,
        }
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
