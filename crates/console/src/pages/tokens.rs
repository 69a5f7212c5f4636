//! `/admin/tokens`: the clients' tokens, and how to connect a client with one.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::Redirect;
use http::HeaderMap;
use serde::Deserialize;
use store::{Store, StoredToken};

use super::connect::ConnectPage;
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
    tokens: Vec<StoredToken>,
}

#[derive(Deserialize)]
pub(crate) struct NewToken {
    name: String,
    #[serde(default)]
    tags: String,
}

pub(crate) async fn list(
    State(store): State<Store>,
    shell: Shell,
) -> Result<Page<TokensPage>, Error> {
    let w = TokensWords::of(shell.language);
    let tokens = store.list_tokens().await?;
    Ok(Page(TokensPage { shell, w, tokens }))
}

/// `POST /admin/tokens`: makes one, and shows it this once.
pub(crate) async fn create(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    headers: HeaderMap,
    token: Result<Form<NewToken>, FormRejection>,
) -> Result<Page<ConnectPage>, Error> {
    let Form(NewToken { name, tags }) = token?;
    let made = changes::create(&console.store, &identity, &name, labels(&tags)).await?;
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
