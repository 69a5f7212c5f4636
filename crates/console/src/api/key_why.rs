//! `GET /api/admin/keys/{id}/why`: what speaks against a key now.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use keypool::{Decision, KeyId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ErrorBody;
use crate::State as Console;
use crate::changes::tokens;
use crate::error::Error;
use crate::pool::{Step, find, why};

/// What is asked.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// The model; without one, a call that is about none.
    #[serde(default)]
    model: String,
    /// The client token that asks; without one, a client without limits.
    token_id: Option<String>,
}

/// What speaks against a key, and what a request would be told now.
#[derive(Serialize, ToSchema)]
#[schema(as = KeyWhy)]
pub(crate) struct Told {
    /// In the order in which they are looked at.
    steps: Vec<Step>,
    /// Which key a request would be given: `chosen`, `wait` or `refused`.
    #[schema(value_type = Object)]
    decision: Decision,
}

/// Says why a key would be passed over, or that it would be chosen.
#[utoipa::path(
    get, path = "/api/admin/keys/{id}/why", tag = "Keys", operation_id = "explainKey",
    params(("id" = String, Path, description = "The key's id"), Wanted),
    responses(
        (status = 200, description = "What is asked of it", body = Told, example = json!({
            "steps": [
                {"check": "enabled", "holds": true, "why": null, "until": null},
                {"check": "valid", "holds": false, "why": "dead", "until": null},
                {"check": "label", "holds": null, "why": null, "until": null}
            ],
            "decision": {"refused": "all_dead"}
        })),
        (status = 404, description = "There is no such key or client token", body = ErrorBody),
    )
)]
pub(crate) async fn read(
    State(console): State<Console>,
    Path(id): Path<String>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Told>, Error> {
    let Query(Wanted { model, token_id }) = wanted?;
    let client = match token_id {
        Some(id) => Some(tokens::find(&console.store, &id).await?),
        None => None,
    };
    let now = relay::now();
    let key = find(&console.gateway, &KeyId::from(id), now);
    let told = key.and_then(|key| why(&console, &key, &model, client.as_ref(), now));
    let told = told.ok_or(Error::NotFound("There is no such key in the pool."))?;
    Ok(Json(Told { steps: told.steps, decision: told.decision }))
}
