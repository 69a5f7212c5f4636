//! `/api/admin/audit`: what was done, newest first.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use keypool::Timestamp;
use serde::{Deserialize, Serialize};
use store::{AuditEntry, AuditFilter, Store};
use utoipa::ToSchema;

use crate::error::Error;

/// The most entries of a page.
const LARGEST_PAGE: u32 = 500;

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Entries of the page, 100 if nothing is said, 500 at the most.
    limit: Option<u32>,
    /// The `id` of the last entry of the page before.
    before: Option<String>,
    /// Who did it.
    actor: Option<String>,
    /// What was done, such as `keys.remove`.
    action: Option<String>,
    /// What it was done to.
    object: Option<String>,
    /// Only since this moment, in milliseconds since the Unix epoch.
    since: Option<i64>,
    /// Only before this moment.
    until: Option<i64>,
}

/// Something that was done.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct Entry {
    id: String,
    at: Timestamp,
    /// Who did it.
    actor: String,
    /// What was done, such as `keys.remove`.
    action: String,
    /// What it was done to: an id or names; may be empty.
    object: String,
    /// JSON, for some actions; may be empty.
    detail: String,
}

/// Lists what was done, newest first.
#[utoipa::path(
    get, path = "/api/admin/audit", tag = "Audit", operation_id = "listAudit",
    params(Wanted),
    responses((status = 200, description = "A page of entries", body = [Entry], example = json!([{
        "id": "019aa5c1-6f6b-7c6e-9d3a-2b6f0e4f8a11", "at": 1_795_241_400_000_i64,
        "actor": "admin", "action": "tokens.create",
        "object": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "detail": "laptop"
    }])))
)]
pub(crate) async fn list(
    State(store): State<Store>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Vec<Entry>>, Error> {
    let Query(wanted) = wanted?;
    let limit = wanted.limit.unwrap_or(100).clamp(1, LARGEST_PAGE);
    let [since, until] = [wanted.since, wanted.until].map(|at| at.map(Timestamp::from_millis));
    let Wanted { before, actor, action, object, .. } = wanted;
    let filter = AuditFilter { before, actor, action, object, since, until };
    let entries = store.audit_log(limit, &filter).await?;
    Ok(Json(entries.into_iter().map(Entry::from).collect()))
}

impl From<AuditEntry> for Entry {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { id, at, actor, action, object, detail } = entry;
        Self { id, at, actor, action, object, detail }
    }
}
