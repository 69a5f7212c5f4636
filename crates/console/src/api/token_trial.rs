//! `POST /api/admin/tokens/{id}/try`: a message as a client with this token would send it.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ErrorBody;
use crate::State as Console;
use crate::access::Identity;
use crate::changes::tokens as changes;
use crate::error::Error;

/// What to try.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Trial {
    /// `chat`, `responses`, `anthropic` or `gemini`.
    protocol: String,
    /// The model to ask; without one `TEST_MODEL`.
    model: Option<String>,
}

/// How the message went.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrialResult {
    /// What the client would get; null if there was no answer in time.
    status: Option<u16>,
    millis: u64,
    /// The first words of the answer, or of the error.
    words: String,
    /// The request's id, under which it is in the log.
    request_id: String,
}

/// Sends a short message through the public API, for a client token: its limits hold, and the request
/// is in the log.
#[utoipa::path(
    post, path = "/api/admin/tokens/{id}/try", tag = "Client tokens", operation_id = "tryToken",
    params(("id" = String, Path, description = "The token's id")),
    request_body(content = Trial, example = json!({"protocol": "responses"})),
    responses(
        (status = 200, description = "How it went, be it well or not", body = TrialResult, example = json!({
            "status": 200, "millis": 812, "words": "Hello there, my dear friend!",
            "request_id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de"
        })),
        (status = 400, description = "There is no such protocol", body = ErrorBody),
        (status = 404, description = "There is no such token", body = ErrorBody),
    )
)]
pub(crate) async fn send(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
    wanted: Result<Json<Trial>, JsonRejection>,
) -> Result<Json<TrialResult>, Error> {
    let Json(Trial { protocol, model }) = wanted?;
    let tokens = console.store.list_tokens().await?;
    let token = tokens.into_iter().find(|token| token.id == id);
    let token = token.ok_or(Error::NotFound("There is no such client token."))?;
    let model =
        model.unwrap_or_else(|| console.gateway.configuration().settings.models.test_model.clone());
    let told = changes::try_out(&console, &identity, &token, &protocol, &model).await?;
    Ok(Json(TrialResult {
        status: told.status,
        millis: told.millis,
        words: told.words,
        request_id: told.request,
    }))
}
