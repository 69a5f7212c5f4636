//! `/api/admin/requests`: the requests of the log, page by page; how many there are of which kind; and
//! taking them away.

mod meant;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use http::StatusCode;
use keypool::{KeyId, Timestamp};
use meant::Meant;
use serde::{Deserialize, Serialize};
use store::{LoggedRequest, RequestFilter, Store};
use utoipa::ToSchema;

use super::{Begun, ErrorBody};
use crate::State as Console;
use crate::access::Identity;
use crate::changes::logs as changes;
use crate::error::Error;
use crate::traffic::Summary;

/// Rows of a page, if nothing is said.
const PAGE: u32 = 50;

/// The most rows of a page.
const LARGEST_PAGE: u32 = 500;

/// Which requests are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Rows of the page, 50 if nothing is said, 500 at the most.
    limit: Option<u32>,
    /// Only rows before this one: `next` of the page before.
    before: Option<i64>,
    /// Only those that this key served last.
    key_id: Option<String>,
    /// Only those of this client token.
    token_id: Option<String>,
    /// Only those for this model.
    model: Option<String>,
    /// Only those since this moment, in milliseconds since the Unix epoch.
    since: Option<i64>,
    /// Only those before this moment.
    until: Option<i64>,
    /// Only those with this status or a higher one: 400 for requests that failed.
    status_from: Option<u16>,
    /// Only those with this status or a lower one.
    status_to: Option<u16>,
    /// Only those that came to this, such as `quota_spent`.
    outcome: Option<String>,
    /// Only those in this API: `openai`, `responses`, `anthropic` or `gemini`.
    dialect: Option<String>,
    /// Only those that took at least so many milliseconds.
    duration_from: Option<u32>,
}

/// A page of the log.
#[derive(Serialize, ToSchema)]
#[schema(as = Requests)]
pub(crate) struct Page {
    requests: Vec<Row>,
    /// `before` of the next page, if there may be one.
    next: Option<i64>,
}

/// A request as the API shows it.
#[derive(Serialize, ToSchema)]
#[schema(as = LoggedRequest)]
pub(crate) struct Row {
    /// What the client was given as `x-request-id`.
    id: String,
    at: Timestamp,
    token_id: Option<String>,
    token_name: Option<String>,
    /// `openai`, `responses`, `anthropic` or `gemini`.
    dialect: String,
    /// `generate`, `stream`, `count_tokens`, `models` …
    operation: String,
    model: Option<String>,
    /// The key that served last.
    key_id: Option<KeyId>,
    /// The same as it may be shown.
    key: Option<String>,
    status: u16,
    outcome: String,
    attempt_count: u16,
    stream: bool,
    duration_ms: u32,
    first_byte_ms: Option<u32>,
    usage: keypool::Usage,
    error: Option<String>,
}

impl From<LoggedRequest> for Row {
    fn from(logged: LoggedRequest) -> Self {
        Self {
            id: logged.request_id,
            at: logged.at,
            token_id: logged.token_id,
            token_name: logged.token_name,
            dialect: logged.dialect,
            operation: logged.operation,
            model: logged.model,
            key_id: logged.key_id,
            key: logged.key_mask,
            status: logged.status,
            outcome: logged.outcome,
            attempt_count: logged.attempts,
            stream: logged.stream,
            duration_ms: logged.duration_ms,
            first_byte_ms: logged.first_byte_ms,
            usage: logged.usage,
            error: logged.error,
        }
    }
}

/// Lists the newest requests of the log, page by page.
#[utoipa::path(
    get, path = "/api/admin/requests", tag = "Requests", operation_id = "listRequests",
    params(Wanted),
    responses((status = 200, description = "A page of the log", body = Page, example = json!({
        "requests": [{
            "id": "019aa5c1-6f6b-7c6e-9d3a-2b6f0e4f8a11", "at": 1_795_241_400_000_i64,
            "token_id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "token_name": "laptop",
            "dialect": "openai", "operation": "stream", "model": "gemini-2.5-flash",
            "key_id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0d1", "key": "AIzaSy…wxyz",
            "status": 200, "outcome": "served", "attempt_count": 2, "stream": true,
            "duration_ms": 2310, "first_byte_ms": 480, "usage": {
                "prompt": 12, "completion": 80, "thoughts": 0, "cached": 0, "tool_prompt": 0,
                "total": 92
            },
            "error": null
        }],
        "next": null
    })))
)]
pub(crate) async fn list(
    State(store): State<Store>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Page>, Error> {
    let Query(wanted) = wanted?;
    let limit = wanted.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let filter = RequestFilter {
        before: wanted.before,
        key_id: wanted.key_id.map(KeyId::from),
        model: wanted.model,
        token_id: wanted.token_id,
        since: wanted.since.map(Timestamp::from_millis),
        until: wanted.until.map(Timestamp::from_millis),
        status_from: wanted.status_from,
        status_to: wanted.status_to,
        outcome: wanted.outcome,
        dialect: wanted.dialect,
        duration_from: wanted.duration_from,
        ..RequestFilter::default()
    };
    let requests = store.recent_requests(limit, &filter).await?;
    let is_full = requests.len() == limit as usize;
    let next = requests.last().map(|last| last.row).filter(|_| is_full);
    Ok(Json(Page { requests: requests.into_iter().map(Row::from).collect(), next }))
}

/// Tells how many requests there are: step by step, and by what they were. Without a filter but the time
/// all are counted; otherwise no more than the newest 20,000 of that time are looked at.
#[utoipa::path(
    get, path = "/api/admin/requests/summary", tag = "Requests", operation_id = "summarizeRequests",
    params(Meant),
    responses((status = 200, description = "The numbers", body = Summary, example = json!({
        "requests": 120, "of_newest": null, "from": 1_795_237_860_000_i64,
        "to": 1_795_241_460_000_i64, "step": 120_000, "steps": [],
        "outcomes": [{"value": "served", "requests": 117}, {"value": "quota_spent", "requests": 3}],
        "statuses": [{"value": "200", "requests": 117}, {"value": "429", "requests": 3}],
        "models": [{"value": "gemini-2.5-flash", "requests": 120}],
        "tokens": [{"value": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "requests": 120}],
        "dialects": [{"value": "openai", "requests": 120}]
    })))
)]
pub(crate) async fn summarize(
    State(store): State<Store>,
    meant: Result<Query<Meant>, QueryRejection>,
) -> Result<Json<Summary>, Error> {
    let Query(meant) = meant?;
    Ok(Json(Summary::read(&store, &meant.filter(), relay::now()).await?))
}

/// Deletes the requests that are meant, with their failed attempts, as a job; something must be said of
/// them. The numbers of the overview stay.
#[utoipa::path(
    delete, path = "/api/admin/requests", tag = "Requests", operation_id = "deleteRequests",
    params(Meant),
    responses(
        (status = 202, description = "The job that deletes them, by pieces of the log", body = Begun,
            example = json!({"job": "019aa5c1-6f6b-7c6e-9d3a-2b6f0e4f8a11", "total": 3})),
        (status = 400, description = "Nothing is said of them, or there are none", body = ErrorBody),
    )
)]
pub(crate) async fn delete(
    State(console): State<Console>,
    identity: Identity,
    meant: Result<Query<Meant>, QueryRejection>,
) -> Result<(StatusCode, Json<Begun>), Error> {
    let Query(meant) = meant?;
    let (filter, said) = (meant.filter(), meant.said());
    let job = changes::delete(&console, &identity, filter, &said, relay::now()).await?;
    Ok(Begun::accepted(&job))
}
