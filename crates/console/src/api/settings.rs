//! `/api/admin/settings`: every setting, and changes of several at once.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use settings::Row;

use super::ErrorBody;
use crate::State as Console;
use crate::access::Identity;
use crate::changes::settings as changes;
use crate::error::Error;

/// Lists every setting with its value, where that comes from, and what it accepts. Secrets show only
/// that they are set.
#[utoipa::path(
    get, path = "/api/admin/settings", tag = "Settings", operation_id = "listSettings",
    responses((status = 200, description = "All settings", body = [Row], example = json!([{
        "name": "MAX_RETRIES", "group": "upstream", "value": "3", "source": "default",
        "via": null, "default": "3", "kind": "a whole number from 0 to 100",
        "help": "How often a request is tried again with another key.", "restart": false,
        "stored_allowed": true, "secret": false, "effective": true
    }])))
)]
pub(crate) async fn list(State(console): State<Console>) -> Result<Json<Vec<Row>>, Error> {
    Ok(Json(changes::resolved(&console).await?.rows()))
}

/// Changes several settings at once, all or none. `null` goes back to the environment or the default.
#[utoipa::path(
    patch, path = "/api/admin/settings", tag = "Settings", operation_id = "changeSettings",
    request_body(
        description = "Names with new values", content = BTreeMap<String, Option<String>>,
        example = json!({"MAX_RETRIES": "5", "POOL_WAIT": null})
    ),
    responses(
        (status = 200, description = "All settings, as they are now", body = [Row]),
        (status = 400, description = "A value is not accepted; nothing was changed", body = ErrorBody),
        (status = 409, description = "The environment is final (SETTINGS_READONLY)", body = ErrorBody),
    )
)]
pub(crate) async fn change(
    State(console): State<Console>,
    identity: Identity,
    wanted: Result<Json<BTreeMap<String, Option<String>>>, JsonRejection>,
) -> Result<Json<Vec<Row>>, Error> {
    let Json(wanted) = wanted?;
    let planned = changes::plan(&console, &wanted).await?;
    changes::save(&console, &identity, &planned).await?;
    list(State(console)).await
}
