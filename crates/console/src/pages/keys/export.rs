//! `GET /admin/keys/export`: the keys that a filter finds, as a file. Masks only: the keys themselves
//! are exported by whoever has a shell.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use keypool::KeySnapshot;
use serde::{Deserialize, Serialize};

use crate::State as Console;
use crate::csv;
use crate::error::Error;
use crate::format::absolute;
use crate::pool::{Filter, Key, find};

/// So many keys are described before others have their turn.
const AT_ONCE: usize = 200;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Format {
    #[serde(default)]
    format: String,
}

/// A key in a JSON file.
#[derive(Serialize)]
struct Row<'k> {
    status: &'static str,
    #[serde(flatten)]
    snapshot: &'k KeySnapshot,
}

pub(crate) async fn export(
    State(console): State<Console>,
    filter: Result<Query<Filter>, QueryRejection>,
    format: Result<Query<Format>, QueryRejection>,
) -> Result<Response, Error> {
    let (Query(filter), Query(Format { format })) = (filter?, format?);
    let ids = filter.all(&console.gateway).await;
    let mut keys = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let now = relay::now();
        let found = some.iter().filter_map(|id| find(&console.gateway, id, now));
        keys.extend(found.map(Key::new));
        tokio::task::yield_now().await;
    }
    let (kind, name, text) = match format.as_str() {
        "json" => ("application/json", "keys.json", json(&keys)?),
        "" | "csv" => ("text/csv; charset=utf-8", "keys.csv", csv(&keys)),
        _ => return Err(Error::invalid("format", "accepted are csv and json")),
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, text).into_response())
}

fn json(keys: &[Key]) -> Result<String, Error> {
    let rows = keys.iter().map(|key| {
        let status = key.standing.as_str();
        Row { status, snapshot: &key.snapshot }
    });
    serde_json::to_string_pretty(&rows.collect::<Vec<_>>()).map_err(|_| Error::Internal)
}

fn csv(keys: &[Key]) -> String {
    let head = [
        "id",
        "key",
        "name",
        "status",
        "reason",
        "api",
        "project",
        "tags",
        "weight",
        "tier",
        "served",
        "quota_spent",
        "failed",
        "last_used",
    ];
    let mut text = csv::row(head);
    for key in keys {
        let snapshot = &key.snapshot;
        let counters = &snapshot.counters;
        let numbers = [
            u64::from(snapshot.weight),
            u64::from(snapshot.tier),
            counters.served,
            counters.quota_spent,
            counters.failed,
        ];
        let [weight, tier, served, spent, failed] = numbers.map(|number| number.to_string());
        let (tags, used) = (snapshot.tags.join(" "), counters.last_used.map(absolute));
        text.push_str(&csv::row([
            key.id(),
            &snapshot.mask,
            key.name(),
            key.standing.as_str(),
            key.reason(),
            snapshot.platform.as_str(),
            key.project().unwrap_or_default(),
            &tags,
            &weight,
            &tier,
            &served,
            &spent,
            &failed,
            used.as_deref().unwrap_or_default(),
        ]));
    }
    text
}
