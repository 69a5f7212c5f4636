//! `/api/admin/play/conversations`: what whoever asks has kept of the playground.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use http::StatusCode;
use keypool::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Conversation, Store};
use utoipa::ToSchema;

use super::ErrorBody;
use crate::access::Identity;
use crate::error::Error;
use crate::play::Kept;

/// Files may be among what was said.
pub(crate) fn limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(6 * 1024 * 1024)
}

const UNKNOWN: Error = Error::NotFound("There is no such conversation of yours.");

/// A conversation without what was said.
#[derive(Serialize, ToSchema)]
#[schema(as = Conversation)]
pub(crate) struct Listed {
    id: String,
    title: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A conversation, and what was said.
#[derive(Serialize, ToSchema)]
#[schema(as = WholeConversation)]
pub(crate) struct Whole {
    #[serde(flatten)]
    listed: Listed,
    #[serde(flatten)]
    kept: Kept,
}

/// A conversation that is to be kept.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewConversation)]
pub(crate) struct Wanted {
    title: String,
    #[serde(flatten)]
    kept: Kept,
}

/// The conversation that was kept.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeConversation)]
pub(crate) struct Made {
    id: String,
}

/// Lists the conversations that you have kept, the newest first.
#[utoipa::path(
    get, path = "/api/admin/play/conversations", tag = "Playground",
    operation_id = "listConversations",
    responses((status = 200, description = "Yours, without what was said", body = [Listed], example = json!([{
        "id": "019aa5c1-6f6b-7c6e-9d3a-2b6f0e4f8a11", "title": "Of cats",
        "created_at": 1_795_241_400_000_i64, "updated_at": 1_795_241_400_000_i64
    }])))
)]
pub(crate) async fn list(
    State(store): State<Store>,
    identity: Identity,
) -> Result<Json<Vec<Listed>>, Error> {
    let kept = store.conversations(&identity.actor).await?;
    Ok(Json(kept.into_iter().map(Listed::from).collect()))
}

/// Keeps a conversation. It lies sealed in the database, and is seen by you alone.
#[utoipa::path(
    post, path = "/api/admin/play/conversations", tag = "Playground",
    operation_id = "keepConversation",
    request_body(content = Wanted, example = json!({
        "title": "Of cats", "dialect": "gemini", "model": "gemini-2.5-flash", "branches": [[
            {"role": "user", "text": "Say miaow"}, {"role": "assistant", "answers": ["Miaow"]}
        ]]
    })),
    responses(
        (status = 201, description = "It is kept", body = Made),
        (status = 400, description = "It is too long, or a field is missing", body = ErrorBody),
        (status = 409, description = "You keep as many as anybody may", body = ErrorBody),
    )
)]
pub(crate) async fn keep(
    State(store): State<Store>,
    identity: Identity,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<(StatusCode, Json<Made>), Error> {
    let Json(wanted) = wanted?;
    let (title, body) = wanted.texts()?;
    let id = store.keep_conversation(&identity.actor, &title, &body).await?;
    Ok((StatusCode::CREATED, Json(Made { id })))
}

/// Reads a conversation of yours.
#[utoipa::path(
    get, path = "/api/admin/play/conversations/{id}", tag = "Playground",
    operation_id = "readConversation",
    params(("id" = String, Path, description = "The conversation's id")),
    responses(
        (status = 200, description = "What was said", body = Whole),
        (status = 404, description = "There is no such conversation of yours", body = ErrorBody),
    )
)]
pub(crate) async fn read(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<Json<Whole>, Error> {
    let (listed, body) = store.conversation(&identity.actor, &id).await?.ok_or(UNKNOWN)?;
    let kept: Kept = serde_json::from_str(&body).map_err(|_| Error::Internal)?;
    Ok(Json(Whole { listed: listed.into(), kept: kept.rendered() }))
}

/// Keeps a conversation of yours anew, as it is now.
#[utoipa::path(
    put, path = "/api/admin/play/conversations/{id}", tag = "Playground",
    operation_id = "changeConversation",
    params(("id" = String, Path, description = "The conversation's id")),
    request_body(content = Wanted, example = json!({
        "title": "Of cats", "dialect": "gemini", "model": "gemini-2.5-flash", "branches": [[
            {"role": "user", "text": "Say miaow twice"}
        ]]
    })),
    responses(
        (status = 204, description = "It is kept"),
        (status = 400, description = "It is too long, or a field is missing", body = ErrorBody),
        (status = 404, description = "There is no such conversation of yours", body = ErrorBody),
    )
)]
pub(crate) async fn change(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<StatusCode, Error> {
    let Json(wanted) = wanted?;
    let (title, body) = wanted.texts()?;
    let is_there = store.change_conversation(&identity.actor, &id, &title, &body).await?;
    if is_there { Ok(StatusCode::NO_CONTENT) } else { Err(UNKNOWN) }
}

/// Forgets a conversation of yours.
#[utoipa::path(
    delete, path = "/api/admin/play/conversations/{id}", tag = "Playground",
    operation_id = "forgetConversation",
    params(("id" = String, Path, description = "The conversation's id")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "There is no such conversation of yours", body = ErrorBody),
    )
)]
pub(crate) async fn forget(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    let is_there = store.forget_conversation(&identity.actor, &id).await?;
    if is_there { Ok(StatusCode::NO_CONTENT) } else { Err(UNKNOWN) }
}

impl Wanted {
    /// The title, and everything else as it is kept.
    fn texts(&self) -> Result<(String, String), Error> {
        let title = self.title.trim();
        if title.is_empty() || title.chars().any(char::is_control) {
            let problem = "is empty, or has characters that cannot be seen";
            return Err(Error::invalid("title", problem));
        }
        if self.kept.branches.iter().all(Vec::is_empty) {
            return Err(Error::invalid("branches", "nothing was said"));
        }
        let body = serde_json::to_string(&self.kept).map_err(|_| Error::Internal)?;
        Ok((title.to_owned(), body))
    }
}

impl From<Conversation> for Listed {
    fn from(kept: Conversation) -> Self {
        let Conversation { id, title, created_at, updated_at } = kept;
        Self { id, title, created_at, updated_at }
    }
}
