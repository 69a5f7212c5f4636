//! `/admin/logs`: the requests, newest first.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use keypool::{KeyId, Timestamp};
use serde::Deserialize;
use store::{LoggedRequest, RequestFilter, Store};

use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::words::logs::LogsWords;

/// Requests of a page.
const PAGE: u32 = 50;

const HOUR: i64 = 60 * 60 * 1000;

#[derive(Template)]
#[template(path = "logs.html")]
pub(crate) struct LogsPage {
    shell: Shell,
    w: &'static LogsWords,
    wanted: Wanted,
    requests: Vec<LoggedRequest>,
    next: Option<i64>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    model: String,
    token: String,
    key: String,
    /// `failed`, or nothing for all.
    outcome: String,
    /// `1h`, `24h`, `7d`, `30d`, or nothing for all.
    range: String,
    before: String,
    /// A request's id.
    q: String,
    /// `1` to follow what comes.
    live: String,
}

pub(crate) async fn list(
    State(store): State<Store>,
    shell: Shell,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Page<LogsPage>, Error> {
    let Query(wanted) = wanted?;
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let filter = RequestFilter {
        before: wanted.before.parse().ok(),
        request_id: some(&wanted.q),
        key_id: some(&wanted.key).map(KeyId::from),
        model: some(&wanted.model),
        token_id: some(&wanted.token),
        since: since(&wanted.range),
        status_from: (wanted.outcome == "failed").then_some(400),
    };
    let requests = store.recent_requests(PAGE, &filter).await?;
    let is_full = requests.len() == PAGE as usize;
    let next = requests.last().filter(|_| is_full).map(|last| last.row);
    let w = LogsWords::of(shell.language);
    Ok(Page(LogsPage { shell, w, wanted, requests, next }))
}

impl LogsPage {
    fn is_live(&self) -> bool {
        self.wanted.live == "1" && self.wanted.before.is_empty()
    }
}

/// Since when requests are wanted.
pub(super) fn since(range: &str) -> Option<Timestamp> {
    let hours = match range {
        "1h" => 1,
        "24h" => 24,
        "7d" => 7 * 24,
        "30d" => 30 * 24,
        _ => return None,
    };
    Some(Timestamp::from_millis(relay::now().millis() - hours * HOUR))
}
