//! `/api/admin/audit`: what was done, newest first.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use keypool::Timestamp;
use serde::{Deserialize, Serialize};
use store::{AuditFilter, Store};

use crate::error::Error;

/// The most entries of a page.
const LARGEST_PAGE: u32 = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    limit: Option<u32>,
    /// The `id` of the last entry of the page before.
    before: Option<String>,
    actor: Option<String>,
    action: Option<String>,
    object: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Entry {
    id: String,
    at: Timestamp,
    actor: String,
    action: String,
    object: String,
    detail: String,
}

pub(crate) async fn list(
    State(store): State<Store>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Vec<Entry>>, Error> {
    let Query(wanted) = wanted?;
    let limit = wanted.limit.unwrap_or(100).clamp(1, LARGEST_PAGE);
    let Wanted { before, actor, action, object, .. } = wanted;
    let filter = AuditFilter { before, actor, action, object, since: None };
    let entries = store.audit_log(limit, &filter).await?.into_iter();
    let entries = entries.map(|entry| Entry {
        id: entry.id,
        at: entry.at,
        actor: entry.actor,
        action: entry.action,
        object: entry.object,
        detail: entry.detail,
    });
    Ok(Json(entries.collect()))
}
