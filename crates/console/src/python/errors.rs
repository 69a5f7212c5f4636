//! `/api/logs/errors`: the log of failed attempts.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use http::StatusCode;
use keypool::{KeyId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{ErrorFilter, LoggedError, Store};

use super::pool;
use super::stats::moment;
use crate::State as Console;
use crate::access::Identity;
use crate::error::Error;

/// Rows that are read at once, and the most that are looked at: the newest.
const PAGE: u32 = 500;
const MOST: usize = 20_000;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Wanted {
    limit: Option<usize>,
    offset: usize,
    /// Part of a key's mask, or its id or whole text.
    key_search: Option<String>,
    /// Part of the kind or the words.
    error_search: Option<String>,
    error_code_search: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Row {
    id: i64,
    gemini_key: Option<String>,
    error_type: String,
    error_code: Option<u16>,
    model_name: Option<String>,
    request_time: String,
}

/// `GET /api/logs/errors`.
pub(crate) async fn list(
    State(console): State<Console>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Error> {
    let Query(wanted) = wanted?;
    let search = Search::new(&console, &wanted).await?;
    let mut found = all(&console.store, search.start).await?;
    found.retain(|error| search.finds(error));
    sort(&mut found, &wanted)?;
    let total = found.len();
    let limit = wanted.limit.unwrap_or(10).clamp(1, 1_000);
    let page = found.into_iter().skip(wanted.offset).take(limit);
    let zone = zone(&console);
    let logs: Vec<Row> = page.map(|error| Row::new(error, &zone)).collect();
    Ok(Json(json!({"logs": logs, "total": total})))
}

/// `GET /api/logs/errors/{id}/details`.
pub(crate) async fn details(
    State(console): State<Console>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, Error> {
    let found = one(&console.store, id).await?;
    let found = found.ok_or(Error::NotFound("There is no such entry in the log of errors."))?;
    Ok(Json(detailed(found, &zone(&console))))
}

#[derive(Deserialize)]
pub(crate) struct Around {
    gemini_key: String,
    timestamp: String,
    status_code: Option<u16>,
    window_seconds: Option<u64>,
}

/// `GET /api/logs/errors/lookup`: the entry of a key that is closest to a moment.
pub(crate) async fn look_up(
    State(console): State<Console>,
    wanted: Result<Query<Around>, QueryRejection>,
) -> Result<Json<Value>, Error> {
    let Query(wanted) = wanted?;
    let nothing = Error::NotFound("No error of this key is logged around this time.");
    let zone = zone(&console);
    let at = read(&wanted.timestamp, &zone).ok_or_else(|| Error::invalid("timestamp", WHEN))?;
    let window = Duration::from_secs(wanted.window_seconds.unwrap_or(100).clamp(1, 300));
    let Some(key) = pool::find(&console.store, &wanted.gemini_key).await? else {
        return Err(nothing);
    };
    let mut near = all(&console.store, Some(at - window)).await?;
    near.retain(|error| error.key_id.as_ref() == Some(&key.id) && error.at <= at + window);
    let of_status = |error: &LoggedError| error.status == wanted.status_code;
    if wanted.status_code.is_some() && near.iter().any(of_status) {
        near.retain(of_status);
    }
    let closest = near.into_iter().min_by_key(|error| error.at.millis().abs_diff(at.millis()));
    Ok(Json(detailed(closest.ok_or(nothing)?, &zone)))
}

#[derive(Deserialize)]
pub(crate) struct Ids {
    ids: Vec<i64>,
}

/// `DELETE /api/logs/errors`.
pub(crate) async fn delete_selected(
    State(console): State<Console>,
    identity: Identity,
    ids: Result<Json<Ids>, JsonRejection>,
) -> Result<StatusCode, Error> {
    let Json(Ids { ids }) = ids?;
    if ids.is_empty() {
        return Err(Error::invalid("ids", "is empty"));
    }
    let deleted = console.store.delete_errors(&ids).await?;
    noted(&console, &identity, deleted).await
}

/// `DELETE /api/logs/errors/all`.
pub(crate) async fn delete_all(
    State(console): State<Console>,
    identity: Identity,
) -> Result<StatusCode, Error> {
    let deleted = console.store.delete_errors_before(Timestamp::MAX).await?;
    noted(&console, &identity, deleted).await
}

/// `DELETE /api/logs/errors/{id}`.
pub(crate) async fn delete(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<i64>,
) -> Result<StatusCode, Error> {
    match console.store.delete_errors(&[id]).await? {
        0 => Err(Error::NotFound("There is no such entry in the log of errors.")),
        deleted => noted(&console, &identity, deleted).await,
    }
}

async fn noted(console: &Console, identity: &Identity, deleted: u64) -> Result<StatusCode, Error> {
    let detail = json!({"count": deleted}).to_string();
    console.store.note(&identity.actor, "logs.delete", "errors", &detail).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a moment may look like.
const WHEN: &str = "is no moment such as 2026-11-21T08:00:00";

/// What is looked for.
struct Search {
    key: Option<String>,
    key_id: Option<KeyId>,
    words: Option<String>,
    code: Option<u16>,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
}

impl Search {
    async fn new(console: &Console, wanted: &Wanted) -> Result<Self, Error> {
        let zone = zone(console);
        let moment = |field, text: &Option<String>| {
            let text = text.as_deref().filter(|text| !text.is_empty());
            text.map(|text| read(text, &zone).ok_or_else(|| Error::invalid(field, WHEN)))
                .transpose()
        };
        let given = |text: &Option<String>| {
            text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_lowercase)
        };
        let key_id = match wanted.key_search.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => console.store.find_keys(text).await?.into_iter().next().map(|key| key.id),
            None => None,
        };
        Ok(Self {
            key: given(&wanted.key_search),
            key_id,
            words: given(&wanted.error_search),
            // What is no number was passed over.
            code: wanted.error_code_search.as_deref().and_then(|code| code.trim().parse().ok()),
            start: moment("start_date", &wanted.start_date)?,
            end: moment("end_date", &wanted.end_date)?,
        })
    }

    fn finds(&self, error: &LoggedError) -> bool {
        let contains = |text: &str, part: &str| text.to_lowercase().contains(part);
        let is_key = |key: &String| {
            (self.key_id.is_some() && error.key_id == self.key_id)
                || error.key_mask.as_deref().is_some_and(|mask| contains(mask, key))
        };
        let says =
            |words: &String| contains(&error.outcome, words) || contains(&error.message, words);
        self.key.as_ref().is_none_or(is_key)
            && self.words.as_ref().is_none_or(says)
            && self.code.is_none_or(|code| error.status == Some(code))
            && self.start.is_none_or(|start| error.at >= start)
            && self.end.is_none_or(|end| error.at < end)
    }
}

/// The newest errors since a moment.
async fn all(store: &Store, since: Option<Timestamp>) -> Result<Vec<LoggedError>, Error> {
    let mut filter = ErrorFilter::default();
    let mut found = Vec::new();
    loop {
        let page = store.recent_errors(PAGE, &filter).await?;
        filter.before = page.last().map(|last| last.row);
        let is_over = |error: &LoggedError| since.is_some_and(|since| error.at < since);
        let is_last = page.len() < PAGE as usize || page.iter().any(is_over);
        found.extend(page.into_iter().filter(|error| !is_over(error)));
        if is_last || found.len() >= MOST {
            return Ok(found);
        }
    }
}

async fn one(store: &Store, id: i64) -> Result<Option<LoggedError>, Error> {
    let filter = ErrorFilter { before: id.checked_add(1), ..ErrorFilter::default() };
    let found = store.recent_errors(1, &filter).await?.pop();
    Ok(found.filter(|error| error.row == id))
}

fn sort(found: &mut [LoggedError], wanted: &Wanted) -> Result<(), Error> {
    match wanted.sort_by.as_deref().unwrap_or("id") {
        "id" | "request_time" => found.sort_by_key(|error| error.row),
        "gemini_key" => found.sort_by(|one, other| one.key_mask.cmp(&other.key_mask)),
        "error_type" => found.sort_by(|one, other| one.outcome.cmp(&other.outcome)),
        "error_code" => found.sort_by_key(|error| error.status),
        "model_name" => found.sort_by(|one, other| one.model.cmp(&other.model)),
        _ => {
            let accepted = "accepted are id, request_time, gemini_key, error_type, error_code and \
                            model_name";
            return Err(Error::invalid("sort_by", accepted));
        }
    }
    if wanted.sort_order.as_deref() != Some("asc") {
        found.reverse();
    }
    Ok(())
}

impl Row {
    fn new(error: LoggedError, zone: &str) -> Self {
        Self {
            id: error.row,
            gemini_key: error.key_mask,
            error_type: error.outcome,
            error_code: error.status,
            model_name: error.model,
            request_time: moment(error.at, zone),
        }
    }
}

fn detailed(mut error: LoggedError, zone: &str) -> Value {
    let (message, body) = (std::mem::take(&mut error.message), error.request_body.take());
    // Readable, as it was there.
    let body = body.map(|body| match serde_json::from_str::<Value>(&body) {
        Ok(json) => format!("{json:#}"),
        Err(_) => body,
    });
    let row = Row::new(error, zone);
    json!({
        "id": row.id,
        "gemini_key": row.gemini_key,
        "error_type": row.error_type,
        "error_log": message,
        "request_msg": body,
        "model_name": row.model_name,
        "request_time": row.request_time,
        "error_code": row.error_code,
    })
}

fn zone(console: &Console) -> String {
    console.gateway.configuration().settings.logging.timezone.clone()
}

/// A moment with an offset, or by the clock of the time zone.
fn read(text: &str, zone: &str) -> Option<Timestamp> {
    // A blank in an address is what a plus has become.
    let text = text.trim().replace(' ', "+");
    let at = if let Ok(at) = text.parse::<jiff::Timestamp>() {
        at
    } else {
        let local = text.replace('+', "T").parse::<jiff::civil::DateTime>().ok()?;
        local.in_tz(zone).ok()?.timestamp()
    };
    Some(Timestamp::from_millis(at.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_scripts_write_them() {
        let at = Some(Timestamp::from_millis(1_795_241_400_000));
        for text in [
            "2026-11-21T06:10:00Z",
            "2026-11-21T14:10:00+08:00",
            "2026-11-21T14:10:00 08:00",
            "2026-11-21T14:10:00",
            "2026-11-21 14:10:00",
        ] {
            assert_eq!(read(text, "Asia/Shanghai"), at, "{text}");
        }
        assert_eq!(read("yesterday", "UTC"), None);
    }
}
