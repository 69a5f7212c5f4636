//! `GET /api/admin/pool`: how every key stands.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use keypool::Snapshot;
use relay::Gateway;

pub(crate) async fn read(State(gateway): State<Arc<Gateway>>) -> Json<Snapshot> {
    let snapshot = gateway.pool().snapshot(relay::now());
    Json(snapshot)
}
