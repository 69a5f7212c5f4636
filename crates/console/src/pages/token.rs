//! `/admin/tokens/{id}`: one client token, what it may use, and what it has used.

mod limits;
mod used;

use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::Redirect;
use http::HeaderMap;
use relay::Standing;
use serde::Deserialize;
use store::{StoredToken, TokenUpdate};

pub(super) use self::limits::{Limits, moment};
pub(super) use self::used::Used;
use super::connect::ConnectPage;
use crate::State as Console;
use crate::access::Identity;
use crate::changes::{labels, tokens as changes};
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::words::connect::ConnectWords;
use crate::words::tokens::TokensWords;

/// The longest time that a secret opens after it was replaced, in hours: a month.
const LONGEST_OVERLAP: u64 = 31 * 24;

#[derive(Template)]
#[template(path = "token.html")]
pub(crate) struct TokenPage {
    shell: Shell,
    w: &'static TokensWords,
    cw: &'static ConnectWords,
    token: StoredToken,
    limits: Limits,
    /// Nothing of a token that lets nobody in.
    standing: Option<Standing>,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    Path(id): Path<String>,
) -> Result<Page<TokenPage>, Error> {
    let token = changes::find(&console.store, &id).await?;
    let (w, cw) = (TokensWords::of(shell.language), ConnectWords::of(shell.language));
    let standing = console.gateway.token_standing(&id);
    Ok(Page(TokenPage { shell, w, cw, limits: Limits::of(&token), token, standing }))
}

/// What the form says of a token.
#[derive(Deserialize)]
pub(crate) struct Changes {
    name: String,
    tags: String,
    #[serde(default)]
    note: String,
    #[serde(flatten)]
    limits: Limits,
}

/// `POST /admin/tokens/{id}/edit`.
pub(crate) async fn edit(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
    changes: Result<Form<Changes>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(Changes { name, tags, note, limits }) = changes?;
    let changes = TokenUpdate {
        name: Some(name),
        tags: Some(labels(&tags)),
        expires_at: Some(moment(&limits.expires)?),
        limits: Some(limits.read()?),
        note: Some(note),
    };
    changes::edit(&console.store, &identity, &id, changes).await?;
    Ok(Redirect::to(&format!("/admin/tokens/{id}")))
}

/// `POST /admin/tokens/{id}/copy`: another token that may do the same, shown this once.
pub(crate) async fn copy(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Page<ConnectPage>, Error> {
    let made = changes::copy(&console.store, &identity, &id, None).await?;
    Ok(Page(ConnectPage::of_made(&console, shell, &headers, &made)))
}

#[derive(Deserialize)]
pub(crate) struct Rotation {
    /// For how many hours the secret before opens.
    overlap: u64,
}

/// `POST /admin/tokens/{id}/rotate`: another secret, shown this once.
pub(crate) async fn rotate(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    headers: HeaderMap,
    Path(id): Path<String>,
    rotation: Result<Form<Rotation>, FormRejection>,
) -> Result<Page<ConnectPage>, Error> {
    let Form(Rotation { overlap }) = rotation?;
    if overlap > LONGEST_OVERLAP {
        return Err(Error::invalid("overlap", format!("is at most {LONGEST_OVERLAP} hours")));
    }
    let overlap = Duration::from_hours(overlap);
    let made = changes::rotate(&console.store, &identity, &id, overlap).await?;
    Ok(Page(ConnectPage::of_made(&console, shell, &headers, &made)))
}

impl TokenPage {
    fn is_in_use(&self) -> bool {
        self.token.revoked_at.is_none()
    }

    /// How it stands, as a colour and in a word.
    fn state(&self) -> (&'static str, &'static str) {
        state(self.w, &self.token)
    }

    fn tags(&self) -> String {
        self.token.tags.join(", ")
    }

    /// What was used beside what may be used.
    fn used(&self) -> Vec<Used> {
        let used = self.standing.map(|standing| Used::of(self.w, &self.token.limits, &standing));
        used.unwrap_or_default()
    }
}

/// How a token stands, as a colour and in a word.
pub(super) fn state(w: &TokensWords, token: &StoredToken) -> (&'static str, &'static str) {
    if token.revoked_at.is_some() {
        ("", w.revoked)
    } else if token.expires_at.is_some_and(|end| end <= relay::now()) {
        ("bad", w.expired)
    } else {
        ("good", w.in_use)
    }
}
