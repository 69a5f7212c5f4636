//! `GET /api/admin/errors?hours=`: failed attempts, put together by what went wrong.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use keypool::Timestamp;
use serde::{Deserialize, Serialize};
use store::{ErrorGroup, Store};
use utoipa::ToSchema;

use super::ErrorBody;
use crate::error::Error;

/// The most groups that are told.
const GROUPS: u64 = 500;

const HOUR: i64 = 60 * 60 * 1000;

/// How far back one looks.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// How far back, in hours; a day if it is not said.
    #[serde(default = "day")]
    #[param(required = false)]
    hours: u32,
}

fn day() -> u32 {
    24
}

/// Groups, the most frequent first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Groups {
    groups: Vec<Group>,
}

/// Failed attempts that are alike.
#[derive(Serialize, ToSchema)]
struct Group {
    /// How they ended.
    outcome: String,
    /// What Google answered with, if it answered.
    status: Option<u16>,
    model: Option<String>,
    /// How many attempts.
    times: u64,
    /// How many keys met it.
    keys: u64,
}

impl From<ErrorGroup> for Group {
    fn from(group: ErrorGroup) -> Self {
        let ErrorGroup { outcome, status, model, times, keys, .. } = group;
        Self { outcome, status, model, times, keys }
    }
}

/// Tells which attempts failed, put together by outcome, status and model.
#[utoipa::path(
    get, path = "/api/admin/errors", tag = "Requests", operation_id = "listErrorGroups",
    params(Wanted),
    responses(
        (status = 200, description = "The groups", body = Groups, example = json!({
            "groups": [{
                "outcome": "quota_spent", "status": 429, "model": "gemini-2.5-pro", "times": 31, "keys": 4
            }]
        })),
        (status = 400, description = "The hours are no number", body = ErrorBody)
    )
)]
pub(crate) async fn list(
    State(store): State<Store>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Groups>, Error> {
    let Query(Wanted { hours }) = wanted?;
    let since = relay::now().millis().saturating_sub(i64::from(hours) * HOUR);
    let groups = store.error_groups(Timestamp::from_millis(since), GROUPS).await?;
    Ok(Json(Groups { groups: groups.into_iter().map(Group::from).collect() }))
}
