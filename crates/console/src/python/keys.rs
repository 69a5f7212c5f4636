//! `/api/keys` and `/api/config/keys`: the pool's keys, listed and removed.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::pool;
use crate::State as Console;
use crate::access::Identity;
use crate::changes::keys as changes;
use crate::error::Error;

/// Keys of a page, if nothing is said; and the most.
const PAGE: usize = 10;
const LARGEST_PAGE: usize = 1_000;

#[derive(Deserialize)]
pub(crate) struct Wanted {
    page: Option<usize>,
    limit: Option<usize>,
    search: Option<String>,
    fail_count_threshold: Option<u64>,
    status: Option<String>,
}

/// `GET /api/keys`: a page of names with failures.
pub(crate) async fn page(
    State(console): State<Console>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Error> {
    let Query(wanted) = wanted?;
    let valid = match wanted.status.as_deref().unwrap_or("all") {
        "valid" => Some(true),
        "invalid" => Some(false),
        "all" | "" => None,
        _ => return Err(Error::invalid("status", "accepted are valid, invalid and all")),
    };
    let limit = wanted.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let mut keys = pool::all(&console);
    keys.retain(|key| {
        valid.is_none_or(|valid| key.is_valid == valid)
            && wanted.search.as_deref().is_none_or(|search| key.matches(search))
            && wanted.fail_count_threshold.is_none_or(|threshold| key.failures >= threshold)
    });
    let (total, page) = (keys.len(), wanted.page.unwrap_or(1).max(1));
    let of_page = keys.into_iter().skip((page - 1).saturating_mul(limit)).take(limit);
    let keys: Map<String, Value> =
        of_page.map(|key| (key.name, Value::from(key.failures))).collect();
    Ok(Json(json!({
        "keys": keys,
        "total_items": total,
        "total_pages": total.div_ceil(limit),
        "current_page": page,
    })))
}

/// `GET /api/keys/all`: the names of all, valid and invalid.
pub(crate) async fn all(State(console): State<Console>) -> Json<Value> {
    let (valid, invalid): (Vec<_>, Vec<_>) =
        pool::all(&console).into_iter().partition(|key| key.is_valid);
    let names = |keys: Vec<pool::Known>| keys.into_iter().map(|key| key.name).collect::<Vec<_>>();
    let total = valid.len() + invalid.len();
    Json(json!({
        "valid_keys": names(valid), "invalid_keys": names(invalid), "total_count": total,
    }))
}

/// `DELETE /api/config/keys/{key}`.
pub(crate) async fn delete(
    State(console): State<Console>,
    identity: Identity,
    Path(key): Path<String>,
) -> Result<Json<Value>, Error> {
    let found = pool::the(&console.store, &key).await?;
    changes::remove(&console, &identity, found.id.as_str()).await?;
    let message = format!("Key {} was removed.", found.mask);
    Ok(Json(json!({"success": true, "message": message})))
}

/// `POST /api/config/keys/delete-selected`.
pub(crate) async fn delete_selected(
    State(console): State<Console>,
    identity: Identity,
    selected: Result<Json<pool::Selected>, JsonRejection>,
) -> Result<Json<Value>, Error> {
    let (found, unknown) = pool::selected(&console.store, selected).await?;
    if found.is_empty() {
        return Err(Error::invalid("keys", "none of these keys is there"));
    }
    for (_, key) in &found {
        changes::remove(&console, &identity, key.id.as_str()).await?;
    }
    Ok(Json(json!({
        "success": true,
        "message": format!("Removed {} keys.", found.len()),
        "deleted_count": found.len(),
        "not_found_keys": unknown,
    })))
}
