//! `/api/stats` and `/api/key-usage-details`: what the request log says of the last hours.

use std::collections::HashMap;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use jiff::tz::TimeZone;
use keypool::{KeyId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{ErrorFilter, LoggedRequest, RequestFilter, Store};

use super::pool;
use crate::State as Console;
use crate::error::Error;

/// Rows that are read at once, and the most that are looked at: the newest.
const PAGE: u32 = 500;
const MOST: usize = 20_000;

const DAY: Duration = Duration::from_hours(24);

#[derive(Deserialize)]
pub(crate) struct Period {
    period: String,
    key: Option<String>,
}

/// One call, as the log has it.
#[derive(Serialize)]
pub(crate) struct Called {
    timestamp: String,
    key: String,
    model: String,
    /// `success` or `failure`.
    status: &'static str,
    status_code: u16,
    latency_ms: u32,
}

/// `GET /api/stats/details?period=`, newest first.
pub(crate) async fn details(
    State(console): State<Console>,
    wanted: Result<Query<Period>, QueryRejection>,
) -> Result<Json<Vec<Called>>, Error> {
    let Query(wanted) = wanted?;
    called(&console, length(&wanted.period)?, None).await
}

/// `GET /api/stats/key-details?key=&period=`, newest first.
pub(crate) async fn key_details(
    State(console): State<Console>,
    wanted: Result<Query<Period>, QueryRejection>,
) -> Result<Json<Vec<Called>>, Error> {
    let Query(wanted) = wanted?;
    let key = wanted.key.ok_or_else(|| Error::invalid("key", "is missing"))?;
    let length = length(&wanted.period)?;
    match pool::find(&console.store, &key).await? {
        Some(key) => called(&console, length, Some(key.id)).await,
        None => Ok(Json(Vec::new())),
    }
}

/// `GET /api/key-usage-details/{key}`: calls of each model in the last day, the most used first.
pub(crate) async fn key_usage(
    State(console): State<Console>,
    Path(key): Path<String>,
) -> Result<Json<Value>, Error> {
    let key = pool::find(&console.store, &key).await?;
    let key = key.ok_or(Error::NotFound("There is no such key."))?;
    let mut counts: HashMap<String, u64> = HashMap::new();
    for request in requests(&console.store, DAY, Some(key.id)).await? {
        *counts.entry(request.model.unwrap_or_default()).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|(one, first), (other, second)| second.cmp(first).then(one.cmp(other)));
    let counts: Map<String, Value> =
        counts.into_iter().map(|(model, count)| (model, count.into())).collect();
    Ok(Json(Value::Object(counts)))
}

#[derive(Deserialize)]
pub(crate) struct Attention {
    limit: Option<usize>,
    status_code: Option<u16>,
}

/// A key that failed often.
#[derive(Serialize)]
pub(crate) struct Failing {
    key: String,
    count: u64,
    status_code: u16,
}

/// `GET /api/stats/attention-keys`: keys of the pool that had most answers with a status in the last
/// day.
pub(crate) async fn attention_keys(
    State(console): State<Console>,
    wanted: Result<Query<Attention>, QueryRejection>,
) -> Result<Json<Vec<Failing>>, Error> {
    let Query(wanted) = wanted?;
    let status_code = wanted.status_code.unwrap_or(429);
    let mut counts: HashMap<KeyId, u64> = HashMap::new();
    for id in failures(&console.store, status_code).await? {
        *counts.entry(id).or_default() += 1;
    }
    let keys = pool::all(&console).into_iter();
    let mut failing: Vec<Failing> = keys
        .filter_map(|key| {
            let count = counts.remove(&key.snapshot.id)?;
            Some(Failing { key: key.name, count, status_code })
        })
        .collect();
    failing.sort_by_key(|one| std::cmp::Reverse(one.count));
    failing.truncate(wanted.limit.unwrap_or(20));
    Ok(Json(failing))
}

async fn called(
    console: &Console,
    length: Duration,
    key_id: Option<KeyId>,
) -> Result<Json<Vec<Called>>, Error> {
    let zone = console.gateway.configuration().settings.logging.timezone.clone();
    let called = |request: LoggedRequest| Called {
        timestamp: moment(request.at, &zone),
        key: request.key_mask.unwrap_or_default(),
        model: request.model.unwrap_or_default(),
        status: if request.status < 400 { "success" } else { "failure" },
        status_code: request.status,
        latency_ms: request.duration_ms,
    };
    let requests = requests(&console.store, length, key_id).await?;
    Ok(Json(requests.into_iter().map(called).collect()))
}

/// The newest requests of the last so many hours.
async fn requests(
    store: &Store,
    length: Duration,
    key_id: Option<KeyId>,
) -> Result<Vec<LoggedRequest>, Error> {
    let since = Some(relay::now() - length);
    let mut filter = RequestFilter { key_id, since, ..RequestFilter::default() };
    let mut requests = Vec::new();
    loop {
        let page = store.recent_requests(PAGE, &filter).await?;
        filter.before = page.last().map(|last| last.row);
        let is_last = page.len() < PAGE as usize;
        requests.extend(page);
        if is_last || requests.len() >= MOST {
            return Ok(requests);
        }
    }
}

/// The keys of the last day's attempts that ended with this status.
async fn failures(store: &Store, status: u16) -> Result<Vec<KeyId>, Error> {
    let since = relay::now() - DAY;
    let mut filter = ErrorFilter::default();
    let (mut found, mut looked) = (Vec::new(), 0);
    loop {
        let page = store.recent_errors(PAGE, &filter).await?;
        filter.before = page.last().map(|last| last.row);
        looked += page.len();
        let is_last = page.len() < PAGE as usize || page.iter().any(|error| error.at < since);
        let counted = page.into_iter().filter(|error| error.at >= since);
        let counted = counted.filter(|error| error.status == Some(status));
        found.extend(counted.filter_map(|error| error.key_id));
        if is_last || looked >= MOST {
            return Ok(found);
        }
    }
}

fn length(period: &str) -> Result<Duration, Error> {
    Ok(match period {
        "1m" => Duration::from_mins(1),
        "1h" => Duration::from_hours(1),
        "8h" => Duration::from_hours(8),
        "24h" => DAY,
        _ => return Err(Error::invalid("period", "accepted are 1m, 1h, 8h and 24h")),
    })
}

/// A moment by the clock of this time zone, such as `2026-11-21T16:00:00+08:00`.
pub(super) fn moment(at: Timestamp, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let at = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    at.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_by_the_clock_of_the_administrator() {
        let at = Timestamp::from_millis(1_795_241_400_123);
        assert_eq!(moment(at, "Asia/Shanghai"), "2026-11-21T14:10:00+08:00");
        assert_eq!(moment(at, "nowhere"), "2026-11-21T06:10:00+00:00");
    }
}
