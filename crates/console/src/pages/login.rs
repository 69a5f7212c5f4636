//! `/admin/login`: signing in and out.

use std::sync::PoisonError;
use std::time::Instant;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::{RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use store::{Administrator, Role};

use crate::State as Console;
use crate::access::{Identity, Means, bearer, password, session};
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::state::Peer;
use crate::words::fill;
use crate::words::sign_in::SignInWords;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    shell: Shell,
    w: &'static SignInWords,
    next: String,
    name: String,
    problem: String,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct There {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(crate) struct Credentials {
    #[serde(default)]
    name: String,
    password: String,
    #[serde(default)]
    next: String,
    keep: Option<String>,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    Query(There { next }): Query<There>,
) -> Result<Response, Error> {
    if shell.identity.is_some() {
        return Ok(Redirect::to(inside(&next)).into_response());
    }
    if console.is_unclaimed().await? {
        return Ok(Redirect::to("/admin/setup").into_response());
    }
    let w = SignInWords::of(shell.language);
    let name = Identity::ADMIN.to_owned();
    Ok(Page(LoginPage { shell, w, next, name, problem: String::new() }).into_response())
}

pub(crate) async fn sign_in(
    State(console): State<Console>,
    peer: Peer,
    shell: Shell,
    headers: HeaderMap,
    credentials: Result<Form<Credentials>, FormRejection>,
) -> Result<Response, Error> {
    let Form(given) = credentials?;
    let w = SignInWords::of(shell.language);
    if let Some(wait) = console.throttle().wait(peer.0, Instant::now()) {
        let seconds = wait.as_secs() + 1;
        let problem = fill(w.wait, seconds);
        let page = LoginPage { shell, w, next: given.next, name: given.name, problem };
        let status = StatusCode::TOO_MANY_REQUESTS;
        return Ok((status, [(RETRY_AFTER, seconds.to_string())], Page(page)).into_response());
    }
    let Some((actor, role)) = known(&console, &given).await? else {
        console.throttle().failed(peer.0, Instant::now());
        // Without the name that was typed: it may be a password in the wrong field.
        console.store.note("", "sign_in.failed", &peer.0.to_string(), "").await?;
        let problem = w.wrong.to_owned();
        let page = LoginPage { shell, w, next: given.next, name: given.name, problem };
        return Ok((StatusCode::UNAUTHORIZED, Page(page)).into_response());
    };
    console.throttle().succeeded(peer.0);
    let is_long = given.keep.is_some();
    let cookie = session::begin(&console.store, &actor, role, is_long, peer, &headers).await?;
    console.store.note(&actor, "sign_in", &peer.0.to_string(), "").await?;
    Ok(([(SET_COOKIE, cookie)], Redirect::to(inside(&given.next))).into_response())
}

pub(crate) async fn sign_out(
    State(console): State<Console>,
    identity: Identity,
    headers: HeaderMap,
) -> Result<Response, Error> {
    if let Means::Session { id } = &identity.means {
        console.store.end_session(id).await?;
        console.store.note(&identity.actor, "sign_out", "", "").await?;
    }
    Ok(([(SET_COOKIE, session::ended(&headers))], Redirect::to("/admin/login")).into_response())
}

/// Whose credentials these are.
async fn known(console: &Console, given: &Credentials) -> Result<Option<(String, Role)>, Error> {
    let configuration = console.gateway.configuration();
    let master = configuration.settings.security.auth_token.as_ref();
    let is_admin = given.name.is_empty() || given.name == Identity::ADMIN;
    if is_admin
        && master.is_some_and(|master| bearer::is_password(given.password.as_bytes(), master))
    {
        return Ok(Some((Identity::ADMIN.to_owned(), Role::Administrator)));
    }
    let administrators = console.store.administrators().await?;
    let named: Option<Administrator> =
        administrators.into_iter().find(|known| known.name == given.name);
    let hash = named.as_ref().map(|named| named.password_hash.clone());
    let is_right = password::matches(given.password.clone(), hash).await?;
    Ok(named.filter(|_| is_right).map(|named| (named.name, named.role)))
}

/// Only a path of the console's own is gone to after signing in.
fn inside(next: &str) -> &str {
    let is_inside = next == "/admin" || next.starts_with("/admin/") || next.starts_with("/admin?");
    let is_plain = !next.contains(['\\', '\r', '\n']) && !next.starts_with("/admin/login");
    if is_inside && is_plain { next } else { "/admin" }
}

impl Console {
    pub(crate) fn throttle(&self) -> std::sync::MutexGuard<'_, crate::access::Throttle> {
        self.doors.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for there in ["/admin", "/admin/keys?status=cooling", "/admin?range=1h"] {
            assert_eq!(inside(there), there);
        }
        for there in ["", "//evil.test", "https://evil.test", "/administer", "/admin/\\evil", "/v1"]
        {
            assert_eq!(inside(there), "/admin", "{there}");
        }
    }
}
