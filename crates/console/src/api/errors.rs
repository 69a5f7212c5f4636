//! `/api/admin/errors`: failed attempts, put together by what went wrong, and what is done about them.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use http::StatusCode;
use keypool::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Begun, ErrorBody};
use crate::State as Console;
use crate::access::Identity;
use crate::changes::errors as changes;
use crate::error::Error;
use crate::groups::{self, Choice, Groups, Lately, Standing};

/// The most groups that are told.
const GROUPS: usize = 200;

/// Which groups are wanted.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// How far back, in hours; a day if it is not said.
    #[serde(default = "day")]
    #[param(required = false)]
    hours: u32,
    /// `open`, `ignored` or `resolved`; all if it is not said.
    #[serde(default = "all")]
    #[param(required = false)]
    state: String,
}

fn day() -> u32 {
    24
}

fn all() -> String {
    "all".to_owned()
}

/// Groups, the most frequent first.
#[derive(Serialize, ToSchema)]
#[schema(as = ErrorGroups)]
pub(crate) struct Told {
    groups: Vec<Alike>,
}

/// Failed attempts that are alike.
#[derive(Serialize, ToSchema)]
#[schema(as = ErrorGroup)]
struct Alike {
    /// Its name: outcome, status and model.
    group: String,
    /// How they ended.
    outcome: String,
    /// What Google answered with, if it answered.
    status: Option<u16>,
    model: Option<String>,
    /// How many attempts.
    times: u64,
    /// How many keys met it; of the newest 20,000 attempts.
    keys: u64,
    /// How many client tokens it was met for; of the newest 20,000 attempts.
    clients: u64,
    /// When it happened first, as far as the log reaches back.
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    /// What Google or the network said last.
    message: Option<String>,
    /// `open`, `ignored` or `resolved`.
    state: &'static str,
    /// Who decided that it is not open.
    decided_by: Option<String>,
    decided_at: Option<Timestamp>,
}

impl From<groups::Group> for Alike {
    fn from(group: groups::Group) -> Self {
        let (decided_by, decided_at) = group.mark.map(|mark| (mark.actor, mark.at)).unzip();
        let (last_at, message) = group.newest.map(|newest| (newest.at, newest.message)).unzip();
        Self {
            group: group.kind.label(),
            outcome: group.kind.outcome,
            status: group.kind.status,
            model: group.kind.model,
            times: group.times,
            keys: group.met.keys,
            clients: group.met.tokens,
            first_at: group.first,
            last_at,
            message,
            state: group.standing.as_str(),
            decided_by,
            decided_at,
        }
    }
}

/// Tells which attempts failed, put together by outcome, status and model.
#[utoipa::path(
    get, path = "/api/admin/errors", tag = "Requests", operation_id = "listErrorGroups",
    params(Wanted),
    responses(
        (status = 200, description = "The groups", body = Told, example = json!({
            "groups": [{
                "group": "quota_spent/429/gemini-2.5-pro", "outcome": "quota_spent", "status": 429,
                "model": "gemini-2.5-pro", "times": 31, "keys": 4, "clients": 2,
                "first_at": 1_795_141_400_000_i64, "last_at": 1_795_241_400_000_i64,
                "message": "You exceeded your current quota", "state": "open",
                "decided_by": null, "decided_at": null
            }]
        })),
        (status = 400, description = "The hours are no number, or there is no such state", body = ErrorBody)
    )
)]
pub(crate) async fn list(
    State(console): State<Console>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Told>, Error> {
    let Query(Wanted { hours, state }) = wanted?;
    let standing = Standing::of_filter(&state)?;
    let choice = Choice { standing, most: GROUPS, ..Choice::default() };
    let groups = Groups::read(&console.store, &Lately::hours(hours, relay::now()), &choice).await?;
    Ok(Json(Told { groups: groups.shown.into_iter().map(Alike::from).collect() }))
}

/// What is decided of a group.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ErrorDecision)]
pub(crate) struct Decision {
    /// Its name, as the list has it.
    group: String,
    /// `ignored` hides it, `resolved` hides it until it happens again, `open` takes either back.
    state: String,
}

/// Ignores failed attempts that are alike, declares them dealt with, or takes that back.
#[utoipa::path(
    post, path = "/api/admin/errors/mark", tag = "Requests", operation_id = "markErrorGroup",
    request_body(content = Decision, example = json!({
        "group": "quota_spent/429/gemini-2.5-pro", "state": "resolved"
    })),
    responses(
        (status = 204, description = "It is decided"),
        (status = 400, description = "There is no such group or state", body = ErrorBody),
    )
)]
pub(crate) async fn mark(
    State(console): State<Console>,
    identity: Identity,
    decision: Result<Json<Decision>, JsonRejection>,
) -> Result<StatusCode, Error> {
    let Json(Decision { group, state }) = decision?;
    changes::mark(&console, &identity, &group, Standing::of_name(&state)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is to be done to the keys that met a group's errors.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ErrorAction)]
pub(crate) struct Asked {
    /// Its name, as the list has it.
    group: String,
    /// `verify`, `disable` or `reset`.
    action: String,
    /// How far back keys are looked for, in hours; a day if it is not said.
    #[serde(default = "day")]
    hours: u32,
}

/// Does something to the keys that met such an error lately, as a job.
#[utoipa::path(
    post, path = "/api/admin/errors/act", tag = "Requests", operation_id = "actOnErrorGroup",
    request_body(content = Asked, example = json!({
        "group": "key_refused/403/gemini-2.5-pro", "action": "verify"
    })),
    responses(
        (status = 202, description = "The job that does it", body = Begun, example = json!({
            "job": "019aa5c1-6f6b-7c6e-9d3a-2b6f0e4f8a11", "total": 12
        })),
        (status = 400, description = "There is no such group or action, or no key", body = ErrorBody),
    )
)]
pub(crate) async fn act(
    State(console): State<Console>,
    identity: Identity,
    asked: Result<Json<Asked>, JsonRejection>,
) -> Result<(StatusCode, Json<Begun>), Error> {
    let Json(Asked { group, action, hours }) = asked?;
    let lately = Lately::hours(hours, relay::now());
    let job = changes::act(&console, &identity, &group, &action, &lately).await?;
    Ok(Begun::accepted(&job))
}
