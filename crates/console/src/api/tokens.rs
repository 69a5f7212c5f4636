//! `/api/admin/tokens`: the clients' tokens.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use keypool::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Store, StoredToken};
use utoipa::ToSchema;

use super::ErrorBody;
use crate::access::Identity;
use crate::changes::tokens as changes;
use crate::error::Error;

/// A token that lets a client in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Token {
    id: String,
    name: String,
    /// As it may be shown.
    #[serde(rename = "token")]
    mask: String,
    /// Only keys with one of these labels serve it; all keys if there are none.
    tags: Vec<String>,
    created_at: Timestamp,
    revoked_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
}

/// A token that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// Who or what uses it.
    name: String,
    /// Only keys with one of these labels serve it; all keys if there are none.
    #[serde(default)]
    tags: Vec<String>,
}

/// A token that was made, in clear this once.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeToken)]
pub(crate) struct Made {
    id: String,
    name: String,
    token: String,
}

/// Lists all client tokens, revoked ones included.
#[utoipa::path(
    get, path = "/api/admin/tokens", tag = "Client tokens", operation_id = "listTokens",
    responses((status = 200, description = "All tokens", body = [Token], example = json!([{
        "id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "name": "laptop", "token": "gb-4Jf…k9Qz",
        "tags": [], "created_at": 1_795_241_400_000_i64, "revoked_at": null, "last_used_at": null
    }])))
)]
pub(crate) async fn list(State(store): State<Store>) -> Result<Json<Vec<Token>>, Error> {
    let tokens = store.list_tokens().await?;
    Ok(Json(tokens.into_iter().map(Token::from).collect()))
}

/// Makes a client token, and shows it this once.
#[utoipa::path(
    post, path = "/api/admin/tokens", tag = "Client tokens", operation_id = "createToken",
    request_body(content = NewToken, example = json!({"name": "laptop", "tags": ["paid"]})),
    responses(
        (status = 201, description = "The token, in clear this once", body = Made, example = json!({
            "id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "name": "laptop", "token": "gb-…"
        })),
        (status = 400, description = "The name is empty, or a label is none", body = ErrorBody),
        (status = 409, description = "A token of this name is in use", body = ErrorBody),
    )
)]
pub(crate) async fn create(
    State(store): State<Store>,
    identity: Identity,
    wanted: Result<Json<NewToken>, JsonRejection>,
) -> Result<(StatusCode, Json<Made>), Error> {
    let Json(NewToken { name, tags }) = wanted?;
    let made = changes::create(&store, &identity, &name, tags).await?;
    let token = made.token.expose().to_owned();
    Ok((StatusCode::CREATED, Json(Made { id: made.id, name: made.name, token })))
}

/// Revokes a client token: whoever has it stays outside, for good.
#[utoipa::path(
    delete, path = "/api/admin/tokens/{id}", tag = "Client tokens", operation_id = "revokeToken",
    params(("id" = String, Path, description = "The token's id")),
    responses(
        (status = 204, description = "It is revoked"),
        (status = 404, description = "There is no such token that is in use", body = ErrorBody),
    )
)]
pub(crate) async fn revoke(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    changes::revoke(&store, &identity, &id).await?;
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
