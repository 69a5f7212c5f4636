//! `/api/admin/tokens`: the clients' tokens.

use std::net::IpAddr;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use keypool::Timestamp;
use relay::Standing;
use serde::{Deserialize, Serialize};
use store::{Cost, Store, StoredToken, TokenGrant, TokenUpdate};
use utoipa::ToSchema;

use super::{ErrorBody, MadeToken};
use crate::State as Console;
use crate::access::Identity;
use crate::changes::{Limits, tokens as changes};
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
    limits: Limits,
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
    revoked_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    /// The address that it was used from last.
    #[schema(value_type = Option<String>)]
    last_used_from: Option<IpAddr>,
    note: String,
    /// What it has used of what is limited; none of a token that lets nobody in.
    used: Option<Used>,
}

/// What a token has used.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenUse)]
pub(crate) struct Used {
    /// Requests that are being answered.
    in_flight: u64,
    /// In the last minute.
    minute_requests: u64,
    minute_tokens: u64,
    /// Since midnight.
    day_requests: u64,
    day_tokens: u64,
    /// Dollars by list price, as in `"2.50"`.
    day_cost: String,
    month_cost: String,
}

/// What is to change of a token; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenChanges {
    name: Option<String>,
    tags: Option<Vec<String>>,
    /// All of them: what this leaves out is not limited any more.
    limits: Option<Limits>,
    /// When it expires; 0 for never.
    expires_at: Option<i64>,
    /// What is to be remembered of it.
    note: Option<String>,
}

/// How a token gets another secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    /// For how many hours the secret before opens.
    #[serde(default)]
    overlap_hours: u32,
}

/// Another token that may do the same.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CopiedToken)]
pub(crate) struct Copied {
    /// Who or what uses it; without one, the name of the other and a number.
    name: Option<String>,
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
    /// What it may use; what is left out is not limited.
    #[serde(default)]
    limits: Limits,
    /// When it expires, in milliseconds since 1970; left out for never.
    expires_at: Option<i64>,
    /// What is to be remembered of it.
    #[serde(default)]
    note: String,
}

/// Lists all client tokens, revoked ones included.
#[utoipa::path(
    get, path = "/api/admin/tokens", tag = "Client tokens", operation_id = "listTokens",
    responses((status = 200, description = "All tokens", body = [Token], example = json!([{
        "id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "name": "laptop", "token": "gb-4Jf…k9Qz",
        "tags": [], "limits": {"requests_per_minute": 60}, "expires_at": null, "created_at": 1_795_241_400_000_i64, "revoked_at": null, "last_used_at": 1_795_241_460_000_i64,
        "last_used_from": "203.0.113.7", "note": "",
        "used": {"in_flight": 0, "minute_requests": 1, "minute_tokens": 120, "day_requests": 40, "day_tokens": 61_000, "day_cost": "0.02", "month_cost": "0.31"}
    }])))
)]
pub(crate) async fn list(State(console): State<Console>) -> Result<Json<Vec<Token>>, Error> {
    let tokens = console.store.list_tokens().await?;
    let shown = |token: StoredToken| {
        let used = console.gateway.token_standing(&token.id).map(Used::from);
        Token { used, ..Token::from(token) }
    };
    Ok(Json(tokens.into_iter().map(shown).collect()))
}

/// Makes a client token, and shows it this once.
#[utoipa::path(
    post, path = "/api/admin/tokens", tag = "Client tokens", operation_id = "createToken",
    request_body(content = NewToken, example = json!({
        "name": "laptop", "tags": ["paid"], "limits": {"requests_per_minute": 60}
    })),
    responses(
        (status = 201, description = "The token, in clear this once", body = MadeToken, example = json!({
            "id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "name": "laptop", "token": "gb-…"
        })),
        (status = 400, description = "The name is empty, or a value is not accepted", body = ErrorBody),
        (status = 409, description = "A token of this name is in use", body = ErrorBody),
    )
)]
pub(crate) async fn create(
    State(store): State<Store>,
    identity: Identity,
    wanted: Result<Json<NewToken>, JsonRejection>,
) -> Result<(StatusCode, Json<MadeToken>), Error> {
    let Json(NewToken { name, tags, limits, expires_at, note }) = wanted?;
    let expires_at = expires_at.map(Timestamp::from_millis);
    let grant = TokenGrant { tags, limits: limits.read()?, expires_at, note };
    let made = changes::create(&store, &identity, &name, &grant).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Changes what a client token may use.
#[utoipa::path(
    patch, path = "/api/admin/tokens/{id}", tag = "Client tokens", operation_id = "changeToken",
    params(("id" = String, Path, description = "The token's id")),
    request_body(content = TokenChanges, example = json!({
        "limits": {"requests_per_minute": 60, "budget_per_day": "2.50", "models": ["gemini-3*"]}
    })),
    responses(
        (status = 204, description = "It is changed"),
        (status = 400, description = "A value is not accepted", body = ErrorBody),
        (status = 404, description = "There is no such token that is in use", body = ErrorBody),
        (status = 409, description = "A token of this name is in use", body = ErrorBody),
    )
)]
pub(crate) async fn change(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
    wanted: Result<Json<TokenChanges>, JsonRejection>,
) -> Result<StatusCode, Error> {
    let Json(TokenChanges { name, tags, limits, expires_at, note }) = wanted?;
    let expires_at = expires_at.map(|at| (at != 0).then(|| Timestamp::from_millis(at)));
    let limits = limits.map(Limits::read).transpose()?;
    let update = TokenUpdate { name, tags, limits, expires_at, note };
    changes::edit(&store, &identity, &id, update).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a client token another secret, and shows it this once.
#[utoipa::path(
    post, path = "/api/admin/tokens/{id}/rotate", tag = "Client tokens",
    operation_id = "rotateToken",
    params(("id" = String, Path, description = "The token's id")),
    request_body(content = Rotation, example = json!({"overlap_hours": 24})),
    responses(
        (status = 200, description = "The token, in clear this once", body = MadeToken, example = json!({
            "id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "name": "laptop", "token": "gb-…"
        })),
        (status = 404, description = "There is no such token that is in use", body = ErrorBody),
    )
)]
pub(crate) async fn rotate(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
    wanted: Result<Json<Rotation>, JsonRejection>,
) -> Result<Json<MadeToken>, Error> {
    let Json(Rotation { overlap_hours }) = wanted?;
    let overlap = Duration::from_hours(overlap_hours.into());
    let made = changes::rotate(&store, &identity, &id, overlap).await?;
    Ok(Json(made.into()))
}

/// Makes another client token that may do the same, and shows it this once.
#[utoipa::path(
    post, path = "/api/admin/tokens/{id}/copy", tag = "Client tokens", operation_id = "copyToken",
    params(("id" = String, Path, description = "The token's id")),
    request_body(content = Copied, example = json!({"name": "phone"})),
    responses(
        (status = 201, description = "The token, in clear this once", body = MadeToken, example = json!({
            "id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "name": "laptop 2", "token": "gb-…"
        })),
        (status = 404, description = "There is no such token that is in use", body = ErrorBody),
        (status = 409, description = "A token of this name is in use", body = ErrorBody),
    )
)]
pub(crate) async fn copy(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
    wanted: Result<Json<Copied>, JsonRejection>,
) -> Result<(StatusCode, Json<MadeToken>), Error> {
    let Json(Copied { name }) = wanted?;
    let made = changes::copy(&store, &identity, &id, name).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
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
            limits: token.limits.into(),
            expires_at: token.expires_at,
            created_at: token.created_at,
            revoked_at: token.revoked_at,
            last_used_at: token.last_used_at,
            last_used_from: token.last_used_from,
            note: token.note,
            used: None,
        }
    }
}

impl From<Standing> for Used {
    fn from(standing: Standing) -> Self {
        Self {
            in_flight: standing.in_flight,
            minute_requests: standing.minute_requests,
            minute_tokens: standing.minute_tokens,
            day_requests: standing.day.requests,
            day_tokens: standing.day.tokens,
            day_cost: Cost::from_nanos(standing.day.nanos).to_string(),
            month_cost: standing.month.to_string(),
        }
    }
}
