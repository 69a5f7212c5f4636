//! `/admin/login`: signing in and out.

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
use crate::access::password::PasswordError;
use crate::access::{Identity, Ticket, bearer, password, second_factor, session};
use crate::changes::people::named;
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

/// What is asked after the password of those who have a second factor.
#[derive(Template)]
#[template(path = "login_code.html")]
struct CodePage {
    shell: Shell,
    w: &'static SignInWords,
    next: String,
    ticket: String,
    problem: &'static str,
}

/// What is asked last of those whose password was made by somebody else.
#[derive(Template)]
#[template(path = "login_choice.html")]
struct ChoicePage {
    shell: Shell,
    w: &'static SignInWords,
    next: String,
    ticket: String,
    problem: &'static str,
    shortest: usize,
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
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
    keep: Option<String>,
    /// Of those who gave the right password a moment ago, and now the code.
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    code: String,
    /// The password that they choose in place of one that was made for them.
    new_password: Option<String>,
}

/// Why a password cannot be chosen.
#[derive(Clone, Copy)]
enum Unfit {
    TooShort,
    /// It is the one that was made.
    Known,
}

/// Where signing in has come to.
enum Step {
    In {
        actor: String,
        role: Role,
        keep: bool,
    },
    /// The password was right; a code is asked for.
    Code {
        ticket: String,
    },
    /// All is right; they have to choose a password of their own.
    Choice {
        ticket: String,
        problem: Option<Unfit>,
    },
    Wrong,
    WrongCode,
    TooLate,
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
    let step = if given.ticket.is_empty() {
        by_password(&console, &given).await?
    } else if let Some(new) = given.new_password.as_deref() {
        by_choice(&console, &given.ticket, new).await?
    } else {
        by_code(&console, &given).await?
    };
    if matches!(step, Step::Wrong | Step::WrongCode) {
        console.throttle().failed(peer.0, Instant::now());
        // Without the name that was typed: it may be a password in the wrong field.
        console.store.note("", "sign_in.failed", &peer.0.to_string(), "").await?;
    }
    let Step::In { actor, role, keep } = step else {
        return Ok(asks(step, given, shell));
    };
    console.throttle().succeeded(peer.0);
    let cookie = session::begin(&console.store, &actor, role, keep, peer, &headers).await?;
    console.store.note(&actor, "sign_in", &peer.0.to_string(), "").await?;
    Ok(([(SET_COOKIE, cookie)], Redirect::to(inside(&given.next))).into_response())
}

/// The page that asks for what is still missing.
fn asks(step: Step, given: Credentials, shell: Shell) -> Response {
    let w = SignInWords::of(shell.language);
    let Credentials { next, name, ticket: presented, .. } = given;
    let refused = StatusCode::UNAUTHORIZED;
    match step {
        Step::Code { ticket } => {
            Page(CodePage { shell, w, next, ticket, problem: "" }).into_response()
        }
        Step::WrongCode => {
            let page = CodePage { shell, w, next, ticket: presented, problem: w.wrong_code };
            (refused, Page(page)).into_response()
        }
        Step::Choice { ticket, problem } => {
            let (status, problem) = match problem {
                None => (StatusCode::OK, ""),
                Some(Unfit::TooShort) => (StatusCode::BAD_REQUEST, w.short_password),
                Some(Unfit::Known) => (StatusCode::BAD_REQUEST, w.known_password),
            };
            let shortest = password::SHORTEST;
            let page = ChoicePage { shell, w, next, ticket, problem, shortest };
            (status, Page(page)).into_response()
        }
        Step::Wrong | Step::TooLate | Step::In { .. } => {
            let problem = if matches!(step, Step::Wrong) { w.wrong } else { w.too_late };
            let page = LoginPage { shell, w, next, name, problem: problem.to_owned() };
            (refused, Page(page)).into_response()
        }
    }
}

pub(crate) async fn sign_out(
    State(console): State<Console>,
    identity: Identity,
    headers: HeaderMap,
) -> Result<Response, Error> {
    if let Some(id) = identity.session() {
        console.store.end_session(id).await?;
        console.store.note(&identity.actor, "sign_out", "", "").await?;
    }
    Ok(([(SET_COOKIE, session::ended(&headers))], Redirect::to("/admin/login")).into_response())
}

/// Whose name and password these are, if they are anybody's.
async fn by_password(console: &Console, given: &Credentials) -> Result<Step, Error> {
    let configuration = console.gateway.configuration();
    let master = configuration.settings.security.auth_token.as_ref();
    let is_admin = given.name.is_empty() || given.name == Identity::ADMIN;
    let keep = given.keep.is_some();
    if is_admin
        && master.is_some_and(|master| bearer::is_password(given.password.as_bytes(), master))
    {
        return Ok(Step::In { actor: Identity::ADMIN.to_owned(), role: Role::Administrator, keep });
    }
    let person: Option<Administrator> = named(&console.store, &given.name).await?;
    let hash = person.as_ref().map(|person| person.password_hash.clone());
    let is_right = password::matches(given.password.clone(), hash).await?;
    let Some(person) = person.filter(|_| is_right) else { return Ok(Step::Wrong) };
    if person.totp.is_some() {
        let ticket = Ticket::new(&person, keep).seal(&console.store)?;
        return Ok(Step::Code { ticket });
    }
    let_in(console, person, keep)
}

/// Lets somebody in who has given all that is asked for, if they need not choose a password first.
fn let_in(console: &Console, person: Administrator, keep: bool) -> Result<Step, Error> {
    if person.must_change {
        let ticket = Ticket::proven(&person, keep).seal(&console.store)?;
        return Ok(Step::Choice { ticket, problem: None });
    }
    Ok(Step::In { actor: person.name, role: person.role, keep })
}

/// Takes the password that somebody chooses in place of one that was made for them.
async fn by_choice(console: &Console, sealed: &str, new: &str) -> Result<Step, Error> {
    let Some(ticket) = Ticket::open(&console.store, sealed).filter(Ticket::is_proven) else {
        return Ok(Step::TooLate);
    };
    let person = named(&console.store, &ticket.name).await?;
    let Some(person) = person.filter(|person| ticket.is_of(person)) else {
        return Ok(Step::TooLate);
    };
    let again =
        |problem: Unfit| Ok(Step::Choice { ticket: sealed.to_owned(), problem: Some(problem) });
    if password::matches(new.to_owned(), Some(person.password_hash.clone())).await? {
        return again(Unfit::Known);
    }
    let hash = match password::choose_password(Some(new)).await {
        Ok(chosen) => chosen.hash,
        Err(PasswordError::TooShort) => return again(Unfit::TooShort),
        Err(error) => return Err(error.into()),
    };
    console.store.set_password(&person.name, &hash, None).await?;
    console.store.note(&person.name, "people.password", &person.name, "").await?;
    Ok(Step::In { actor: person.name, role: person.role, keep: ticket.keep })
}

/// Whether this is a code of those who gave the right password before.
async fn by_code(console: &Console, given: &Credentials) -> Result<Step, Error> {
    let Some(ticket) = Ticket::open(&console.store, &given.ticket) else {
        return Ok(Step::TooLate);
    };
    let person = named(&console.store, &ticket.name).await?;
    let Some(person) = person.filter(|person| ticket.is_of(person)) else {
        return Ok(Step::TooLate);
    };
    if person.totp.is_some()
        && !second_factor::accepts(&console.store, &person, &given.code).await?
    {
        return Ok(Step::WrongCode);
    }
    let_in(console, person, ticket.keep)
}

/// Only a path of the console's own is gone to after signing in.
fn inside(next: &str) -> &str {
    let is_inside = next == "/admin" || next.starts_with("/admin/") || next.starts_with("/admin?");
    let is_plain = !next.contains(['\\', '\r', '\n']) && !next.starts_with("/admin/login");
    if is_inside && is_plain { next } else { "/admin" }
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
