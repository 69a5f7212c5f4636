//! `GET /api/admin/traffic?range=`: what requests came to.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::ErrorBody;
use crate::State as Console;
use crate::error::Error;
use crate::traffic::{Range, Report};

/// How far back one looks.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// How far back; a day if it is not said.
    #[serde(default)]
    #[param(inline, required = false)]
    range: Range,
}

/// Tells what requests came to: in sum, step by step, and by model and client token.
#[utoipa::path(
    get, path = "/api/admin/traffic", tag = "Requests", operation_id = "readTraffic",
    params(Wanted),
    responses(
        (status = 200, description = "The numbers", body = Report, example = json!({
            "range": "1h", "from": 1_795_237_860_000_i64, "to": 1_795_241_460_000_i64, "step": 60_000,
            "total": {
                "requests": 120, "succeeded": 119, "rescued": 4, "failed": 1, "prompt_tokens": 88_000,
                "cached_tokens": 12_000, "completion_tokens": 21_000, "thought_tokens": 9_000,
                "list_price": 0.1575
            },
            "before": {
                "requests": 97, "succeeded": 97, "rescued": 0, "failed": 0, "prompt_tokens": 70_000,
                "cached_tokens": 0, "completion_tokens": 18_000, "thought_tokens": 8_000,
                "list_price": 0.15
            },
            "steps": [],
            "first_byte": {"p50": 724, "p95": 2_048, "p99": 3_444},
            "duration": {"p50": 2_896, "p95": 9_742, "p99": 16_384},
            "models": [], "tokens": [], "marks": [{
                "at": 1_795_240_000_000_i64, "action": "settings.save", "object": "MAX_RETRIES",
                "actor": "admin"
            }], "prices_as_of": "2026-11-21"
        })),
        (status = 400, description = "There is no such range", body = ErrorBody)
    )
)]
pub(crate) async fn read(
    State(console): State<Console>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Report>, Error> {
    let Query(Wanted { range }) = wanted?;
    Ok(Json(Report::read(&console.store, range, relay::now()).await?))
}
