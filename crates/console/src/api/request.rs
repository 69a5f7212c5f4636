//! `GET /api/admin/requests/{id}`: one request, with the pool's decisions and every attempt.

use axum::Json;
use axum::extract::{Path, State};
use keypool::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::{ErrorFilter, LoggedError, Store};
use utoipa::ToSchema;

use super::ErrorBody;
use super::requests::Row;
use crate::error::Error;

/// The most failed attempts that are told of; the pool hops no further.
const ATTEMPTS: u32 = 100;

/// A request with everything that is known of it.
#[derive(Serialize, ToSchema)]
#[schema(as = RequestWithTrail)]
pub(crate) struct Request {
    #[serde(flatten)]
    row: Row,
    /// Each decision of the pool: candidates, who was skipped and why, who was chosen and why.
    #[schema(value_type = Vec<Object>)]
    decisions: Value,
    /// Each call to Google, with what it came to.
    #[schema(value_type = Vec<Object>)]
    attempts: Value,
    /// Models that could not answer before the one that is named.
    #[schema(value_type = Vec<Value>)]
    passed_over: Value,
    /// What the client sent along, as pairs of a name and a value; only what carries no secret.
    #[schema(value_type = Vec<Vec<String>>)]
    headers: Value,
    /// What Google or the network said when an attempt failed.
    errors: Vec<AttemptError>,
}

/// What was said when an attempt failed.
#[derive(Serialize, ToSchema)]
struct AttemptError {
    /// Which attempt, from 1.
    attempt: u16,
    at: Timestamp,
    /// The key as it may be shown.
    key: Option<String>,
    status: Option<u16>,
    outcome: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_body: Option<String>,
}

impl From<LoggedError> for AttemptError {
    fn from(logged: LoggedError) -> Self {
        Self {
            attempt: logged.attempt,
            at: logged.at,
            key: logged.key_mask,
            status: logged.status,
            outcome: logged.outcome,
            message: logged.message,
            request_body: logged.request_body,
        }
    }
}

/// Shows one request: what the pool considered, and what became of each attempt.
#[utoipa::path(
    get, path = "/api/admin/requests/{id}", tag = "Requests", operation_id = "readRequest",
    params(("id" = String, Path, description = "The request's id, which the client was given as x-request-id")),
    responses(
        (status = 200, description = "The request", body = Request),
        (status = 404, description = "No request with this id is in the log", body = ErrorBody),
    )
)]
pub(crate) async fn read(
    State(store): State<Store>,
    Path(id): Path<String>,
) -> Result<Json<Request>, Error> {
    let found = store.request(&id).await?;
    let (logged, trail) = found.ok_or(Error::NotFound(
        "No request with this id is in the log: it is still running, too old, or was never logged.",
    ))?;
    let filter = ErrorFilter { request_id: Some(id), ..ErrorFilter::default() };
    let mut errors = store.recent_errors(ATTEMPTS, &filter).await?;
    errors.reverse();
    let mut trail: Value =
        trail.and_then(|trail| serde_json::from_str(&trail).ok()).unwrap_or_default();
    let mut part =
        |name: &str| trail.get_mut(name).map_or_else(|| Value::Array(Vec::new()), Value::take);
    Ok(Json(Request {
        row: logged.into(),
        decisions: part("decisions"),
        attempts: part("attempts"),
        passed_over: part("passed_over"),
        headers: part("headers"),
        errors: errors.into_iter().map(AttemptError::from).collect(),
    }))
}
