//! `/api/admin/admin-tokens`: what opens this API to scripts.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use keypool::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Store, StoredAdminToken};
use utoipa::ToSchema;

use super::{ErrorBody, MadeToken};
use crate::access::Identity;
use crate::changes::admin_tokens as changes;
use crate::error::Error;

/// A token that opens this API.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminToken)]
pub(crate) struct Token {
    id: String,
    name: String,
    /// As it may be shown.
    #[serde(rename = "token")]
    mask: String,
    /// `read` or `full`.
    scope: &'static str,
    /// Who made it.
    maker: String,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

/// An admin token that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAdminToken)]
pub(crate) struct NewToken {
    /// What uses it.
    name: String,
    /// `read`: GET only. `full`: everything.
    scope: String,
    /// When it expires by itself; never, if it is missing.
    expires_at: Option<Timestamp>,
}

/// Lists all admin tokens, revoked and expired ones included.
#[utoipa::path(
    get, path = "/api/admin/admin-tokens", tag = "People", operation_id = "listAdminTokens",
    responses((status = 200, description = "All admin tokens", body = [Token], example = json!([{
        "id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "name": "backup", "token": "gba_3f…09ab",
        "scope": "read", "maker": "ann", "created_at": 1_795_241_400_000_i64, "expires_at": null,
        "last_used_at": null, "revoked_at": null
    }])))
)]
pub(crate) async fn list(State(store): State<Store>) -> Result<Json<Vec<Token>>, Error> {
    let tokens = store.admin_tokens().await?;
    Ok(Json(tokens.into_iter().map(Token::from).collect()))
}

/// Makes an admin token, and shows it this once.
#[utoipa::path(
    post, path = "/api/admin/admin-tokens", tag = "People", operation_id = "createAdminToken",
    request_body(content = NewToken, example = json!({"name": "backup", "scope": "read"})),
    responses(
        (status = 201, description = "The token, in clear this once", body = MadeToken, example = json!({
            "id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "name": "backup", "token": "gba_…"
        })),
        (status = 400, description = "A field cannot be so", body = ErrorBody),
        (status = 409, description = "A token of this name is in use", body = ErrorBody),
    )
)]
pub(crate) async fn create(
    State(store): State<Store>,
    identity: Identity,
    wanted: Result<Json<NewToken>, JsonRejection>,
) -> Result<(StatusCode, Json<MadeToken>), Error> {
    let Json(NewToken { name, scope, expires_at }) = wanted?;
    let made = changes::create(&store, &identity, &name, &scope, expires_at).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Revokes an admin token, for good.
#[utoipa::path(
    delete, path = "/api/admin/admin-tokens/{id}", tag = "People", operation_id = "revokeAdminToken",
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

impl From<StoredAdminToken> for Token {
    fn from(token: StoredAdminToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            mask: token.mask,
            scope: token.scope.as_str(),
            maker: token.maker,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            revoked_at: token.revoked_at,
        }
    }
}
