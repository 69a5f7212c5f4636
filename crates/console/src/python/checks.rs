//! `/gemini/v1beta/reset-…` and `verify-…`: keys that failed, tried again or asked about.
//!
//! To reset a count meant to let a key serve again; here that is to revive a key that Google
//! refused. Disabled keys stay disabled.

use std::collections::{BTreeMap, HashSet};

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use http::StatusCode;
use jobs::{Checker, Finding};
use keypool::KeyId;
use serde::Deserialize;
use serde_json::{Value, json};
use store::StoredKey;

use super::pool;
use crate::State as Console;
use crate::access::Identity;
use crate::error::Error;

#[derive(Deserialize)]
pub(crate) struct Which {
    key_type: Option<String>,
}

/// `POST /gemini/v1beta/reset-all-fail-counts?key_type=valid|invalid`.
pub(crate) async fn reset_all(
    State(console): State<Console>,
    identity: Identity,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Json<Value>, Error> {
    let Query(Which { key_type }) = which?;
    let mut keys = pool::all(&console);
    match key_type.as_deref() {
        Some("valid") => keys.retain(|key| key.is_valid),
        Some("invalid") => keys.retain(|key| !key.is_valid),
        _ => {}
    }
    let count = keys.len();
    keys.retain(|key| !key.is_valid);
    revive(&console, &identity, keys.into_iter().map(|key| key.snapshot.id).collect()).await?;
    let message = format!("Reset the failures of {count} keys.");
    Ok(Json(json!({"success": true, "message": message, "reset_count": count})))
}

/// `POST /gemini/v1beta/reset-selected-fail-counts`.
pub(crate) async fn reset_selected(
    State(console): State<Console>,
    identity: Identity,
    selected: Result<Json<pool::Selected>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Error> {
    let (found, unknown) = pool::selected(&console.store, selected).await?;
    let dead = dead(&console);
    let ids = found.iter().map(|(_, key)| key.id.clone()).filter(|id| dead.contains(id));
    revive(&console, &identity, ids.collect()).await?;
    let status = if unknown.is_empty() { StatusCode::OK } else { StatusCode::MULTI_STATUS };
    let message = format!("Reset the failures of {} keys.", found.len());
    let body = json!({
        "success": unknown.is_empty(), "message": message, "reset_count": found.len(),
    });
    Ok((status, Json(body)))
}

/// `POST /gemini/v1beta/reset-fail-count/{key}`.
pub(crate) async fn reset(
    State(console): State<Console>,
    identity: Identity,
    Path(key): Path<String>,
) -> Result<(StatusCode, Json<Value>), Error> {
    let Some(key) = pool::find(&console.store, &key).await? else {
        let body = json!({"success": false, "message": pool::UNKNOWN});
        return Ok((StatusCode::NOT_FOUND, Json(body)));
    };
    let ids = dead(&console).take(&key.id).into_iter().collect();
    revive(&console, &identity, ids).await?;
    let message = format!("Reset the failures of {}.", key.mask);
    Ok((StatusCode::OK, Json(json!({"success": true, "message": message}))))
}

/// `POST /gemini/v1beta/verify-key/{key}`.
pub(crate) async fn verify(
    State(console): State<Console>,
    identity: Identity,
    Path(key): Path<String>,
) -> Result<Json<Value>, Error> {
    let found = pool::the(&console.store, &key).await?;
    let mut findings = check(&console, &identity, std::slice::from_ref(&found)).await?;
    Ok(Json(match findings.pop().map(problem) {
        Some(None) => json!({"status": "valid"}),
        Some(Some((message, _))) => json!({"status": "invalid", "error": message}),
        None => return Err(Error::Internal),
    }))
}

/// `POST /gemini/v1beta/verify-selected-keys`.
pub(crate) async fn verify_selected(
    State(console): State<Console>,
    identity: Identity,
    selected: Result<Json<pool::Selected>, JsonRejection>,
) -> Result<Json<Value>, Error> {
    let (found, unknown) = pool::selected(&console.store, selected).await?;
    let (names, keys): (Vec<String>, Vec<StoredKey>) = found.into_iter().unzip();
    let findings = check(&console, &identity, &keys).await?;
    let mut successful = Vec::new();
    let mut failed = BTreeMap::new();
    let mut fails = |name: String, message: String, code: u16| {
        failed.insert(name, json!({"error_message": message, "error_code": code}));
    };
    for (name, finding) in names.into_iter().zip(findings) {
        match problem(finding) {
            None => successful.push(name),
            Some((message, code)) => fails(name, message, code),
        }
    }
    for name in unknown {
        fails(name, pool::UNKNOWN.to_owned(), 404);
    }
    let (valid, invalid) = (successful.len(), failed.len());
    Ok(Json(json!({
        "success": true,
        "message": format!("{valid} keys are valid, {invalid} are not."),
        "successful_keys": successful,
        "failed_keys": failed,
        "valid_count": valid,
        "invalid_count": invalid,
    })))
}

fn dead(console: &Console) -> HashSet<KeyId> {
    let keys = pool::all(console).into_iter().filter(|key| !key.is_valid);
    keys.map(|key| key.snapshot.id).collect()
}

async fn revive(console: &Console, identity: &Identity, ids: Vec<KeyId>) -> Result<(), Error> {
    for id in ids {
        if console.store.revive_key(&id).await? {
            console.store.note(&identity.actor, "keys.enable", id.as_str(), "").await?;
        }
    }
    Ok(())
}

async fn check(
    console: &Console,
    identity: &Identity,
    keys: &[StoredKey],
) -> Result<Vec<Finding>, Error> {
    let checker = Checker::new(&console.gateway.configuration().settings).map_err(|error| {
        tracing::warn!(%error, "keys cannot be checked");
        Error::Internal
    })?;
    let detail = json!({"count": keys.len()}).to_string();
    console.store.note(&identity.actor, "keys.verify", "", &detail).await?;
    Ok(checker.check(&console.store, keys).await?)
}

/// What is wrong with a key, with the status that goes with it.
fn problem(finding: Finding) -> Option<(String, u16)> {
    match finding {
        Finding::Alive { .. } => None,
        Finding::Dead { reason, words } => Some((format!("{reason}: {words}"), 403)),
        Finding::Unclear { why } => Some((why, 500)),
    }
}
