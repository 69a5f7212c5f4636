//! `/api/scheduler`: checks of failing keys by the clock, which `CHECK_INTERVAL_HOURS` rules here.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use store::AuditFilter;

use crate::State as Console;
use crate::access::Identity;
use crate::changes::settings as changes;
use crate::error::Error;

const INTERVAL: &str = "CHECK_INTERVAL_HOURS";

/// `POST /api/scheduler/start`: takes the last stop back, if it was the last word.
pub(crate) async fn start(
    State(console): State<Console>,
    identity: Identity,
) -> Result<Json<Value>, Error> {
    let stored = console.store.stored_settings().await?;
    if stored.get(INTERVAL).is_some_and(|hours| hours == "0") {
        let wanted = before_the_stop(&console).await?;
        save(&console, &identity, &wanted).await?;
    }
    Ok(Json(json!({"message": "Scheduler started."})))
}

/// `POST /api/scheduler/stop`: no checks until the start.
pub(crate) async fn stop(
    State(console): State<Console>,
    identity: Identity,
) -> Result<Json<Value>, Error> {
    save(&console, &identity, &interval(Some("0"))).await?;
    Ok(Json(json!({"message": "Scheduler stopped."})))
}

/// What was saved before, as the audit log knows it; else back to the environment or the default.
async fn before_the_stop(console: &Console) -> Result<BTreeMap<String, Option<String>>, Error> {
    let filter = AuditFilter {
        action: Some("settings.save".to_owned()),
        object: Some(INTERVAL.to_owned()),
        ..AuditFilter::default()
    };
    let last = console.store.audit_log(1, &filter).await?.pop();
    let wanted = last.map(|last| changes::undoing(&last.detail)).unwrap_or_default();
    Ok(if wanted.contains_key(INTERVAL) { wanted } else { interval(None) })
}

fn interval(hours: Option<&str>) -> BTreeMap<String, Option<String>> {
    BTreeMap::from([(INTERVAL.to_owned(), hours.map(str::to_owned))])
}

async fn save(
    console: &Console,
    identity: &Identity,
    wanted: &BTreeMap<String, Option<String>>,
) -> Result<(), Error> {
    let planned = changes::plan(console, wanted).await?;
    changes::save(console, identity, &planned).await
}
