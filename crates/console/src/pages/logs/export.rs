//! `GET /admin/logs/export`: the requests that a filter finds, as a file, read as it is sent.

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Deserialize;
use store::{LoggedRequest, RequestFilter, Store, StoreError};

use super::LogFilter;
use crate::api::requests::Row;
use crate::csv;
use crate::error::Error;
use crate::format::absolute;

/// Rows that are read at a time.
const AT_ONCE: u32 = 500;

/// No file has more rows: whoever wants all of them copies the database.
const MOST: u32 = 200_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Format {
    format: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Csv,
    Jsonl,
}

/// What is left to be sent.
struct Rest {
    store: Store,
    filter: RequestFilter,
    kind: Kind,
    is_begun: bool,
    left: u32,
}

pub(crate) async fn export(
    State(store): State<Store>,
    filter: Result<Query<LogFilter>, QueryRejection>,
    format: Result<Query<Format>, QueryRejection>,
) -> Result<Response, Error> {
    let (Query(filter), Query(Format { format })) = (filter?, format?);
    let (kind, mime, name) = match format.as_str() {
        "" | "csv" => (Kind::Csv, "text/csv; charset=utf-8", "requests.csv"),
        "jsonl" => (Kind::Jsonl, "application/jsonl", "requests.jsonl"),
        _ => return Err(Error::invalid("format", "accepted are csv and jsonl")),
    };
    let filter = filter.ask(relay::now())?;
    let rest = Rest { store, filter, kind, is_begun: false, left: MOST };
    let lines = stream::try_unfold(rest, async |mut rest| {
        let part = rest.part().await?;
        Ok::<_, StoreError>(part.map(|part| (part, rest)))
    });
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [(CONTENT_TYPE, mime.to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from_stream(lines)).into_response())
}

impl Rest {
    /// The next piece of the file; `None` at its end.
    async fn part(&mut self) -> Result<Option<String>, StoreError> {
        if !std::mem::replace(&mut self.is_begun, true) && self.kind == Kind::Csv {
            return Ok(Some(csv::row(HEAD)));
        }
        let limit = AT_ONCE.min(self.left);
        let read = self.store.recent_requests(limit, &self.filter).await?;
        let Some(last) = read.last() else { return Ok(None) };
        self.filter.before = Some(last.row);
        self.left -= limit;
        Ok(Some(read.into_iter().map(|request| line(request, self.kind)).collect()))
    }
}

const HEAD: [&str; 18] = [
    "id",
    "at",
    "token",
    "dialect",
    "operation",
    "model",
    "key",
    "status",
    "outcome",
    "attempts",
    "stream",
    "first_byte_ms",
    "duration_ms",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "thought_tokens",
    "error",
];

fn line(request: LoggedRequest, kind: Kind) -> String {
    if kind == Kind::Jsonl {
        let line = serde_json::to_string(&Row::from(request)).unwrap_or_default();
        return format!("{line}\n");
    }
    let text = |text: Option<String>| text.unwrap_or_default();
    let usage = request.usage;
    csv::row(
        [
            request.request_id,
            absolute(request.at),
            text(request.token_name),
            request.dialect,
            request.operation,
            text(request.model),
            text(request.key_mask),
            request.status.to_string(),
            request.outcome,
            request.attempts.to_string(),
            request.stream.to_string(),
            text(request.first_byte_ms.map(|millis| millis.to_string())),
            request.duration_ms.to_string(),
            usage.prompt.to_string(),
            usage.cached.to_string(),
            usage.completion.to_string(),
            usage.thoughts.to_string(),
            text(request.error),
        ]
        .iter()
        .map(String::as_str),
    )
}
