//! `GET /api/admin/quota`: what each project has used of each model.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use keypool::QuotaCell;
use relay::Gateway;
use serde::Serialize;
use utoipa::ToSchema;

/// A project and a model, and how full its day is.
#[derive(Serialize, ToSchema)]
#[schema(as = ProjectQuota)]
pub(crate) struct Row {
    #[serde(flatten)]
    cell: QuotaCell,
    /// In percent; 100 where Google has said that the day is used up; nothing where no limit is
    /// known.
    heat: Option<u64>,
}

/// Tells what each project has used of each model today and in the last minute.
#[utoipa::path(
    get, path = "/api/admin/quota", tag = "Pool", operation_id = "readQuota",
    responses((status = 200, description = "Projects and models that have met", body = [Row], example = json!([{
        "domain": {"project": "gen-lang-1"}, "is_guess": false, "keys": 2,
        "model": "gemini-2.5-flash", "day_requests": {"used": 200, "limit": 250},
        "minute_requests": {"used": 3, "limit": 10}, "minute_tokens": {"used": 1200, "limit": null},
        "closed_until": null, "closed_for": null, "heat": 80
    }])))
)]
pub(crate) async fn read(State(gateway): State<Arc<Gateway>>) -> Json<Vec<Row>> {
    let cells = gateway.quota_cells(relay::now());
    let rows = cells.into_iter().map(|cell| Row { heat: cell.heat(), cell });
    Json(rows.collect())
}
