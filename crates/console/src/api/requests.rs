//! `GET /api/admin/requests`: the newest requests of the log, page by page.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use keypool::{KeyId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{LoggedRequest, RequestFilter, Store};

use crate::error::Error;

/// Rows of a page, if nothing is said.
const PAGE: u32 = 50;

/// The most rows of a page.
const LARGEST_PAGE: u32 = 500;

/// Which requests are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    limit: Option<u32>,
    /// Only rows before this one: `next` of the page before.
    before: Option<i64>,
    key_id: Option<String>,
    token_id: Option<String>,
    model: Option<String>,
    since: Option<i64>,
    /// 400 for requests that failed.
    status_from: Option<u16>,
}

#[derive(Serialize)]
pub(crate) struct Page {
    requests: Vec<Row>,
    /// `before` of the next page, if there may be one.
    next: Option<i64>,
}

/// A request as the API shows it.
#[derive(Serialize)]
pub(crate) struct Row {
    id: String,
    at: Timestamp,
    token_id: Option<String>,
    token_name: Option<String>,
    dialect: String,
    operation: String,
    model: Option<String>,
    key_id: Option<KeyId>,
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

pub(crate) async fn list(
    State(store): State<Store>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Page>, Error> {
    let Query(wanted) = wanted?;
    let limit = wanted.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let filter = RequestFilter {
        before: wanted.before,
        request_id: None,
        key_id: wanted.key_id.map(KeyId::from),
        model: wanted.model,
        token_id: wanted.token_id,
        since: wanted.since.map(Timestamp::from_millis),
        status_from: wanted.status_from,
    };
    let requests = store.recent_requests(limit, &filter).await?;
    let is_full = requests.len() == limit as usize;
    let next = requests.last().map(|last| last.row).filter(|_| is_full);
    Ok(Json(Page { requests: requests.into_iter().map(Row::from).collect(), next }))
}
