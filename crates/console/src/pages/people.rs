//! `/admin/people`: who may use the console, what opens the admin API to scripts, and one's own
//! password.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use keypool::Timestamp;
use serde::Deserialize;
use store::{Administrator, Role, Store, StoredAdminToken};

use crate::State as Console;
use crate::access::{Identity, password};
use crate::changes::people::MadePassword;
use crate::changes::{admin_tokens, people as changes};
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::state::Peer;
use crate::words::fill;
use crate::words::people::PeopleWords;

const DAY: i64 = 24 * 60 * 60 * 1000;

#[derive(Template)]
#[template(path = "people.html")]
pub(crate) struct PeoplePage {
    shell: Shell,
    w: &'static PeopleWords,
    people: Vec<Administrator>,
    tokens: Vec<StoredAdminToken>,
    /// Whoever looks, if they have a password here.
    own: Option<Administrator>,
    shortest: usize,
    now: Timestamp,
}

/// What is shown this once.
#[derive(Template)]
#[template(path = "people_shown.html")]
pub(crate) struct ShownPage {
    pub(crate) shell: Shell,
    pub(crate) w: &'static PeopleWords,
    pub(crate) title: String,
    pub(crate) about: &'static str,
    pub(crate) text: String,
}

#[derive(Deserialize)]
pub(crate) struct NewPerson {
    name: String,
    role: String,
    #[serde(default)]
    password: String,
}

#[derive(Deserialize)]
pub(crate) struct NewRole {
    role: String,
}

#[derive(Deserialize)]
pub(crate) struct NewPassword {
    #[serde(default)]
    password: String,
}

#[derive(Deserialize)]
pub(crate) struct OwnPassword {
    current: String,
    password: String,
}

#[derive(Deserialize)]
pub(crate) struct NewToken {
    name: String,
    scope: String,
    /// Empty: it does not expire.
    #[serde(default)]
    days: String,
}

pub(crate) async fn show(
    State(store): State<Store>,
    shell: Shell,
    identity: Identity,
) -> Result<Page<PeoplePage>, Error> {
    let people = store.administrators().await?;
    let is_own =
        |person: &&Administrator| identity.session().is_some() && person.name == identity.actor;
    let own = people.iter().find(is_own).cloned();
    let w = PeopleWords::of(shell.language);
    let tokens = store.admin_tokens().await?;
    let (shortest, now) = (password::SHORTEST, relay::now());
    Ok(Page(PeoplePage { shell, w, people, tokens, own, shortest, now }))
}

pub(crate) async fn add(
    State(store): State<Store>,
    shell: Shell,
    identity: Identity,
    person: Result<Form<NewPerson>, FormRejection>,
) -> Result<Response, Error> {
    let Form(NewPerson { name, role, password }) = person?;
    let added = changes::add(&store, &identity, &name, &role, typed(&password)).await?;
    Ok(with_password(shell, added))
}

pub(crate) async fn set_role(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
    role: Result<Form<NewRole>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(NewRole { role }) = role?;
    changes::set_role(&store, &identity, &id, &role).await?;
    Ok(back())
}

pub(crate) async fn remove(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    changes::remove(&store, &identity, &id).await?;
    Ok(back())
}

pub(crate) async fn reset_password(
    State(store): State<Store>,
    shell: Shell,
    identity: Identity,
    Path(id): Path<String>,
    password: Result<Form<NewPassword>, FormRejection>,
) -> Result<Response, Error> {
    let Form(NewPassword { password }) = password?;
    let reset = changes::reset_password(&store, &identity, &id, typed(&password)).await?;
    Ok(with_password(shell, reset))
}

/// `POST /admin/people/password`: one's own.
pub(crate) async fn change_password(
    State(console): State<Console>,
    identity: Identity,
    peer: Peer,
    passwords: Result<Form<OwnPassword>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(OwnPassword { current, password }) = passwords?;
    changes::change_password(&console, &identity, peer, &current, &password).await?;
    Ok(back())
}

pub(crate) async fn create_token(
    State(store): State<Store>,
    shell: Shell,
    identity: Identity,
    token: Result<Form<NewToken>, FormRejection>,
) -> Result<Page<ShownPage>, Error> {
    let Form(NewToken { name, scope, days }) = token?;
    let expires_at = match days.trim() {
        "" => None,
        days => Some(in_days(days)?),
    };
    let made = admin_tokens::create(&store, &identity, &name, &scope, expires_at).await?;
    let w = PeopleWords::of(shell.language);
    let text = made.token.expose().to_owned();
    Ok(Page(ShownPage { shell, w, title: made.name, about: w.token_once, text }))
}

pub(crate) async fn revoke_token(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    admin_tokens::revoke(&store, &identity, &id).await?;
    Ok(back())
}

pub(crate) fn back() -> Redirect {
    Redirect::to("/admin/people")
}

/// What stands in a field that may be left empty.
fn typed(field: &str) -> Option<&str> {
    (!field.is_empty()).then_some(field)
}

fn in_days(days: &str) -> Result<Timestamp, Error> {
    let days: i64 = days
        .parse()
        .ok()
        .filter(|days| (1..=3650).contains(days))
        .ok_or_else(|| Error::invalid("days", "is no number from 1 to 3650"))?;
    Ok(Timestamp::from_millis(relay::now().millis().saturating_add(days * DAY)))
}

/// Shows a password that was made; nothing, where one was typed.
fn with_password(shell: Shell, (person, made): (Administrator, MadePassword)) -> Response {
    let Some(made) = made else { return back().into_response() };
    let w = PeopleWords::of(shell.language);
    let title = fill(w.password_of, &person.name);
    let text = made.to_string();
    Page(ShownPage { shell, w, title, about: w.password_once, text }).into_response()
}

impl PeoplePage {
    fn role(&self, person: &Administrator) -> &'static str {
        self.named(person.role)
    }

    /// The role that somebody has not, as forms send it.
    #[expect(clippy::unused_self, reason = "templates ask the page that they have")]
    fn other_role(&self, person: &Administrator) -> &'static str {
        other(person.role).as_str()
    }

    /// What makes it theirs.
    fn promotion(&self, person: &Administrator) -> String {
        fill(self.w.make, self.named(other(person.role)))
    }

    fn is_good(&self, token: &StoredAdminToken) -> bool {
        token.is_good(self.now)
    }

    fn named(&self, role: Role) -> &'static str {
        match role {
            Role::Administrator => self.w.administrator,
            Role::Viewer => self.w.viewer,
        }
    }
}

fn other(role: Role) -> Role {
    match role {
        Role::Administrator => Role::Viewer,
        Role::Viewer => Role::Administrator,
    }
}
