//! `/api/admin/settings`: every setting, and changes of several at once.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use http::HeaderMap;
use http::header::{ETAG, IF_MATCH};
use serde::{Deserialize, Serialize};
use settings::Row;
use utoipa::ToSchema;

use super::ErrorBody;
use crate::State as Console;
use crate::access::Identity;
use crate::changes::settings as changes;
use crate::effects::{self, Effect};
use crate::error::Error;
use crate::trials::{Trial, Tried};

/// Settings, with the revision that they are of as the header `ETag`.
type Listed = ([(http::HeaderName, String); 1], Json<Vec<Row>>);

/// Lists every setting with its value, where that comes from, and what it accepts. Secrets show only
/// that they are set.
#[utoipa::path(
    get, path = "/api/admin/settings", tag = "Settings", operation_id = "listSettings",
    responses((status = 200, description = "All settings; `ETag` names their revision, for `If-Match` with a change", body = [Row], example = json!([{
        "name": "MAX_RETRIES", "group": "upstream", "value": "3", "source": "default",
        "via": null, "default": "3", "kind": "a whole number from 0 to 100",
        "help": "How often a request is tried again with another key.", "restart": false,
        "stored_allowed": true, "secret": false, "effective": true
    }])))
)]
pub(crate) async fn list(State(console): State<Console>) -> Result<Listed, Error> {
    let tag = revision(&console, &console.store.stored_settings().await?);
    Ok(([(ETAG, tag)], Json(changes::resolved(&console).await?.rows())))
}

fn revision(console: &Console, stored: &BTreeMap<String, String>) -> String {
    format!("\"{}\"", changes::revision(console, stored))
}

/// Changes several settings at once, all or none. `null` goes back to the environment or the default.
/// With `If-Match` nothing is changed if somebody else has saved a setting since that revision.
#[utoipa::path(
    patch, path = "/api/admin/settings", tag = "Settings", operation_id = "changeSettings",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` of the settings that the change is meant for")),
    request_body(
        description = "Names with new values", content = BTreeMap<String, Option<String>>,
        example = json!({"MAX_RETRIES": "5", "POOL_WAIT": null})
    ),
    responses(
        (status = 200, description = "All settings, as they are now", body = [Row]),
        (status = 400, description = "A value is not accepted; nothing was changed", body = ErrorBody),
        (status = 409, description = "The environment is final (SETTINGS_READONLY)", body = ErrorBody),
        (status = 412, description = "A setting was saved since the revision of `If-Match`", body = ErrorBody),
    )
)]
pub(crate) async fn change(
    State(console): State<Console>,
    identity: Identity,
    headers: HeaderMap,
    wanted: Result<Json<BTreeMap<String, Option<String>>>, JsonRejection>,
) -> Result<Listed, Error> {
    let Json(wanted) = wanted?;
    let stored = console.store.stored_settings().await?;
    let is_bound = headers.contains_key(IF_MATCH);
    if is_bound && !is_meant(&headers, &revision(&console, &stored)) {
        return Err(Error::Outdated);
    }
    let planned = changes::plan(&console, &wanted).await?;
    let seen = is_bound.then_some(&stored);
    if !changes::save_over(&console, &identity, &planned, seen).await? {
        return Err(Error::Outdated);
    }
    list(State(console)).await
}

/// Whether `If-Match` names this revision among others, or any.
fn is_meant(headers: &HeaderMap, revision: &str) -> bool {
    let tags = headers.get_all(IF_MATCH).iter().filter_map(|tags| tags.to_str().ok());
    tags.flat_map(|tags| tags.split(',')).map(str::trim).any(|tag| tag == "*" || tag == revision)
}

/// What a change would do.
#[derive(Serialize, ToSchema)]
#[schema(as = SettingsPreview)]
pub(crate) struct Preview {
    /// The settings that would have another value. Those that have it already are left out.
    changes: Vec<PlannedChange>,
    /// What that brings about, as far as it is known beforehand.
    effects: Vec<Effect>,
}

/// A setting that would have another value.
#[derive(Serialize, ToSchema)]
struct PlannedChange {
    name: String,
    /// Nothing for a secret, or if it is not set.
    before: Option<String>,
    /// Nothing for a secret, or if it goes back.
    after: Option<String>,
    secret: bool,
}

/// Shows what a change would do, and changes nothing.
#[utoipa::path(
    post, path = "/api/admin/settings/preview", tag = "Settings", operation_id = "previewSettings",
    request_body(
        description = "Names with new values", content = BTreeMap<String, Option<String>>,
        example = json!({"AUTO_DELETE_REQUEST_LOGS_DAYS": "7"})
    ),
    responses(
        (status = 200, description = "What would change", body = Preview, example = json!({
            "changes": [{"name": "AUTO_DELETE_REQUEST_LOGS_DAYS", "before": "30", "after": "7", "secret": false}],
            "effects": [{"effect": "requests_deleted", "requests": 412, "days": 7}]
        })),
        (status = 400, description = "A value is not accepted", body = ErrorBody),
    )
)]
pub(crate) async fn preview(
    State(console): State<Console>,
    wanted: Result<Json<BTreeMap<String, Option<String>>>, JsonRejection>,
) -> Result<Json<Preview>, Error> {
    let Json(wanted) = wanted?;
    let planned = changes::plan(&console, &wanted).await?;
    let effects = effects::of(&console, &planned).await?;
    let shown = |change: &changes::Change| {
        let changes::Change { name, before, after, secret, .. } = change.without_secret();
        PlannedChange { name, before, after, secret }
    };
    Ok(Json(Preview { changes: planned.iter().map(shown).collect(), effects }))
}

/// What is to be tried out, with which settings.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SettingsTrial)]
pub(crate) struct TrialWanted {
    what: Trial,
    /// In place of those that are saved; none of them is saved by this.
    #[serde(default)]
    settings: BTreeMap<String, Option<String>>,
}

/// Tries settings out: asks Google through each way, sends a notification, or puts a picture at its
/// host.
#[utoipa::path(
    post, path = "/api/admin/settings/test", tag = "Settings", operation_id = "testSettings",
    request_body(
        content = TrialWanted,
        example = json!({"what": "upstream", "settings": {"BASE_URL": "https://mirror.example/v1beta"}})
    ),
    responses(
        (status = 200, description = "How each went; none where there is nothing to try", body = [Tried], example = json!([
            {"what": "direct", "ok": true, "says": "180 ms, 400"}
        ])),
        (status = 400, description = "A value is not accepted", body = ErrorBody),
    )
)]
pub(crate) async fn test(
    State(console): State<Console>,
    identity: Identity,
    wanted: Result<Json<TrialWanted>, JsonRejection>,
) -> Result<Json<Vec<Tried>>, Error> {
    let Json(TrialWanted { what, settings }) = wanted?;
    let planned = changes::plan(&console, &settings).await?;
    let then = changes::foreseen(&console, &planned).await?;
    let tried = what.run(&console, &then.settings).await?;
    console.store.note(&identity.actor, "settings.test", what.name(), "").await?;
    Ok(Json(tried))
}
