//! `/api/admin/settings`: every setting, and changes of several at once.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use settings::Row;

use crate::State as Console;
use crate::access::Identity;
use crate::changes::settings as changes;
use crate::error::Error;

pub(crate) async fn list(State(console): State<Console>) -> Result<Json<Vec<Row>>, Error> {
    Ok(Json(changes::resolved(&console).await?.rows()))
}

/// `PATCH`: names with new values; `null` goes back to the environment or the default.
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
