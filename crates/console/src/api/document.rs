//! `GET /api/openapi.json`: what this API offers.

use axum::Json;
use utoipa::openapi::OpenApi;

use crate::openapi;

/// Gives this document.
#[utoipa::path(
    get, path = "/api/openapi.json", tag = "About", operation_id = "readDocument",
    responses((status = 200, description = "An OpenAPI 3.1 document", body = Object))
)]
pub(crate) async fn read() -> Json<OpenApi> {
    Json(openapi::document())
}
