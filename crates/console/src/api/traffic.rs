//! `GET /api/admin/traffic?range=`: what requests came to.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;

use crate::State as Console;
use crate::error::Error;
use crate::traffic::{Range, Report};

#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    range: Range,
}

pub(crate) async fn read(
    State(console): State<Console>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Report>, Error> {
    let Query(Wanted { range }) = wanted?;
    Ok(Json(Report::read(&console.store, range, relay::now()).await?))
}
