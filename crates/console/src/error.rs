//! What a caller of the admin API is told when something is wrong:
//! `{"error":{"code":…,"message":…}}`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;
use store::StoreError;

/// Why an endpoint gives no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is no password that could be presented.
    #[error("No AUTH_TOKEN is set, so nobody may in here. Set one in the environment.")]
    NoPassword,
    /// None or a wrong one was presented.
    #[error("This is for Authorization: Bearer <AUTH_TOKEN>.")]
    Unauthorized,
    /// Nothing lives at this address.
    #[error("There is nothing at this address.")]
    UnknownAddress,
    /// The thing asked for does not exist.
    #[error("{0}")]
    NotFound(&'static str),
    /// A parameter cannot be read.
    #[error("The query cannot be read: {}", .0.body_text())]
    Query(#[from] QueryRejection),
    /// The database did not answer.
    #[error("The database does not answer at present.")]
    Store(#[from] StoreError),
}

impl Error {
    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NoPassword | Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::UnknownAddress => (StatusCode::NOT_FOUND, "unknown_address"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
            Self::Query(_) => (StatusCode::BAD_REQUEST, "invalid_query"),
            Self::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "database"),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Self::Store(error) = &self {
            tracing::error!(%error, "the admin API could not read the database");
        }
        let (status, code) = self.status_and_code();
        let body = json!({"error": {"code": code, "message": self.to_string()}});
        (status, Json(body)).into_response()
    }
}
