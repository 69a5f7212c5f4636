//! `/admin/tokens`: the clients' tokens, and how to connect a client with one.

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query, RawForm, State};
use axum::response::Redirect;
use http::HeaderMap;
use serde::Deserialize;
use store::{Store, StoredToken, TokenGrant, TokenLimits};

use super::connect::ConnectPage;
use super::token::{Limits, Used, moment};
use crate::State as Console;
use crate::access::Identity;
use crate::changes::{labels, tokens as changes};
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::words::tokens::TokensWords;

#[derive(Template)]
#[template(path = "tokens.html")]
pub(crate) struct TokensPage {
    shell: Shell,
    w: &'static TokensWords,
    /// Those that the filter lets through.
    tokens: Vec<Row>,
    q: String,
}

/// A token as the list shows it.
struct Row {
    token: StoredToken,
    /// What it has used of what is limited; nothing of a token that lets nobody in.
    limits: Vec<Used>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    /// What their names, labels or masks hold.
    q: String,
}

#[derive(Deserialize)]
pub(crate) struct NewToken {
    name: String,
    #[serde(default)]
    tags: String,
    #[serde(default)]
    note: String,
    #[serde(flatten)]
    limits: Limits,
}

pub(crate) async fn list(
    State(console): State<Console>,
    shell: Shell,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Page<TokensPage>, Error> {
    let Query(Wanted { q }) = wanted?;
    let w = TokensWords::of(shell.language);
    let needle = q.trim().to_lowercase();
    let is_meant = |token: &StoredToken| {
        let texts = token.tags.iter().chain([&token.name, &token.mask, &token.note]);
        needle.is_empty() || texts.into_iter().any(|text| text.to_lowercase().contains(&needle))
    };
    let tokens = console.store.list_tokens().await?.into_iter().filter(is_meant);
    let tokens = tokens.map(|token| {
        let standing = console.gateway.token_standing(&token.id);
        let limits = standing.map(|standing| Used::of(w, &token.limits, &standing));
        Row { limits: limits.unwrap_or_default(), token }
    });
    let tokens = tokens.collect();
    Ok(Page(TokensPage { shell, w, tokens, q }))
}

/// `POST /admin/tokens`: makes one, and shows it this once.
pub(crate) async fn create(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    headers: HeaderMap,
    token: Result<Form<NewToken>, FormRejection>,
) -> Result<Page<ConnectPage>, Error> {
    let Form(NewToken { name, tags, note, limits }) = token?;
    let grant = TokenGrant {
        tags: labels(&tags),
        limits: limits.read()?,
        expires_at: moment(&limits.expires)?,
        note,
    };
    let made = changes::create(&console.store, &identity, &name, &grant).await?;
    Ok(Page(ConnectPage::of_made(&console, shell, &headers, &made)))
}

/// `POST /admin/tokens/{id}/revoke`.
pub(crate) async fn revoke(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    changes::revoke(&store, &identity, &id).await?;
    Ok(Redirect::to("/admin/tokens"))
}

/// `POST /admin/tokens/revoke`: all that are chosen; those that are revoked already stay so.
pub(crate) async fn revoke_chosen(
    State(store): State<Store>,
    identity: Identity,
    RawForm(form): RawForm,
) -> Result<Redirect, Error> {
    let chosen = url::form_urlencoded::parse(&form).filter(|(name, _)| name == "id");
    let chosen: Vec<String> = chosen.map(|(_, id)| id.into_owned()).collect();
    if chosen.is_empty() {
        return Err(Error::invalid("id", "no token is chosen"));
    }
    for id in chosen {
        match changes::revoke(&store, &identity, &id).await {
            Ok(()) | Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Redirect::to("/admin/tokens"))
}

impl TokensPage {
    /// Whether several can be chosen.
    fn has_choice(&self) -> bool {
        self.shell.may_change() && self.tokens.iter().any(|row| row.token.revoked_at.is_none())
    }

    /// How a token stands, as a colour and in a word.
    fn state(&self, token: &StoredToken) -> (&'static str, &'static str) {
        super::token::state(self.w, token)
    }
}

impl Row {
    /// Whether nothing is limited.
    fn is_free(&self) -> bool {
        self.token.limits == TokenLimits::default()
    }
}
