//! `GET /api/admin/requests/{id}`: one request, with the pool's decisions and every attempt.

use axum::Json;
use axum::extract::{Path, State};
use keypool::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::{ErrorFilter, LoggedError, Store};

use super::requests::Row;
use crate::error::Error;

/// The most failed attempts that are told of; the pool hops no further.
const ATTEMPTS: u32 = 100;

#[derive(Serialize)]
pub(crate) struct Request {
    #[serde(flatten)]
    row: Row,
    /// Each decision of the pool: candidates, who was skipped and why, who was chosen and why.
    decisions: Value,
    /// Each call to Google, with what it came to.
    attempts: Value,
    /// Models that could not answer before the one that is named.
    passed_over: Value,
    /// What Google or the network said when an attempt failed.
    errors: Vec<AttemptError>,
}

#[derive(Serialize)]
struct AttemptError {
    attempt: u16,
    at: Timestamp,
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
        errors: errors.into_iter().map(AttemptError::from).collect(),
    }))
}
