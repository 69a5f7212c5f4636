//! `/admin/tokens/{id}`: one client token, what it may use, and what it has used.

mod limits;

use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::Redirect;
use http::HeaderMap;
use relay::Standing;
use serde::Deserialize;
use store::{Cost, StoredToken, TokenUpdate};

use self::limits::{Limits, moment};
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
    let tokens = console.store.list_tokens().await?;
    let token = tokens.into_iter().find(|token| token.id == id);
    let token = token.ok_or(Error::NotFound("There is no such client token."))?;
    let (w, cw) = (TokensWords::of(shell.language), ConnectWords::of(shell.language));
    let standing = console.gateway.token_standing(&id);
    Ok(Page(TokenPage { shell, w, cw, limits: Limits::of(&token), token, standing }))
}

/// What the form says of a token.
#[derive(Deserialize)]
pub(crate) struct Changes {
    name: String,
    tags: String,
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
    let Form(Changes { name, tags, limits }) = changes?;
    let changes = TokenUpdate {
        name: Some(name),
        tags: Some(labels(&tags)),
        expires_at: Some(moment(&limits.expires)?),
        limits: Some(limits.read()?),
    };
    changes::edit(&console.store, &identity, &id, changes).await?;
    Ok(Redirect::to(&format!("/admin/tokens/{id}")))
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
        if !self.is_in_use() {
            ("", self.w.revoked)
        } else if self.token.expires_at.is_some_and(|end| end <= relay::now()) {
            ("bad", self.w.expired)
        } else {
            ("good", self.w.in_use)
        }
    }

    fn tags(&self) -> String {
        self.token.tags.join(", ")
    }

    /// What was used beside what may be used; nothing of limits that are not set.
    fn used(&self) -> Vec<(&'static str, String, &str)> {
        let Some(standing) = &self.standing else { return Vec::new() };
        let count = |number: u64| crate::format::count(number);
        let (w, limits) = (self.w, &self.limits);
        vec![
            (w.in_flight, count(standing.in_flight), limits.concurrency.as_str()),
            (w.minute_requests, count(standing.minute_requests), &limits.requests_per_minute),
            (w.minute_tokens, count(standing.minute_tokens), &limits.tokens_per_minute),
            (w.day_requests, count(standing.day.requests), &limits.requests_per_day),
            (w.day_tokens, count(standing.day.tokens), &limits.tokens_per_day),
            (
                w.day_cost,
                format!("${}", Cost::from_nanos(standing.day.nanos)),
                &limits.budget_per_day,
            ),
            (w.month_cost, format!("${}", standing.month), &limits.budget_per_month),
        ]
    }
}
