//! `/api/version/check`: this version. Nobody is asked whether there is a newer one.

use axum::Json;
use serde_json::{Value, json};

pub(crate) async fn check() -> Json<Value> {
    Json(json!({
        "current_version": env!("CARGO_PKG_VERSION"),
        "latest_version": null,
        "update_available": false,
        "error_message": "This program does not ask whether there is a newer version.",
    }))
}
