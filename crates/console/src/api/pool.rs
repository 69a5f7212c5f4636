//! `GET /api/admin/pool`: how every key stands.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use keypool::Snapshot;
use relay::Gateway;

/// Tells how the whole pool stands.
#[utoipa::path(
    get, path = "/api/admin/pool", tag = "Pool", operation_id = "readPool",
    responses((status = 200, description = "The pool at this moment", body = Snapshot))
)]
pub(crate) async fn read(State(gateway): State<Arc<Gateway>>) -> Json<Snapshot> {
    let snapshot = gateway.snapshot(relay::now());
    Json(snapshot)
}
