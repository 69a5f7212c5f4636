//! `/api/admin/tokens`: the clients' tokens.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use keypool::Timestamp;
use secret::ClientToken;
use serde::{Deserialize, Serialize};
use store::{Store, StoredToken, TokenGrant};

use crate::access::Identity;
use crate::error::Error;

#[derive(Serialize)]
pub(crate) struct Token {
    id: String,
    name: String,
    #[serde(rename = "token")]
    mask: String,
    tags: Vec<String>,
    created_at: Timestamp,
    revoked_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    name: String,
    #[serde(default)]
    tags: Vec<String>,
}

/// A token that was made, in clear this once.
#[derive(Serialize)]
pub(crate) struct Made {
    id: String,
    name: String,
    token: String,
}

pub(crate) async fn list(State(store): State<Store>) -> Result<Json<Vec<Token>>, Error> {
    let tokens = store.list_tokens().await?;
    Ok(Json(tokens.into_iter().map(Token::from).collect()))
}

pub(crate) async fn create(
    State(store): State<Store>,
    identity: Identity,
    wanted: Result<Json<NewToken>, JsonRejection>,
) -> Result<(StatusCode, Json<Made>), Error> {
    let Json(NewToken { name, tags }) = wanted?;
    if name.trim().is_empty() {
        return Err(Error::invalid("name", "is empty"));
    }
    let token = ClientToken::generate().map_err(|_| Error::Internal)?;
    let id =
        store.create_token(&name, &token, &TokenGrant { tags, ..TokenGrant::default() }).await?;
    store.note(&identity.actor, "tokens.create", &id, &name).await?;
    let token = token.expose().to_owned();
    Ok((StatusCode::CREATED, Json(Made { id, name, token })))
}

pub(crate) async fn revoke(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    let revoked = store.revoke_token(&id).await?;
    let revoked = revoked.ok_or(Error::NotFound("There is no such token that is in use."))?;
    store.note(&identity.actor, "tokens.revoke", &revoked.id, &revoked.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<StoredToken> for Token {
    fn from(token: StoredToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            mask: token.mask,
            tags: token.tags,
            created_at: token.created_at,
            revoked_at: token.revoked_at,
            last_used_at: token.last_used_at,
        }
    }
}
