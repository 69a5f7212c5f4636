//! What a caller is told when something is wrong: scripts get
//! `{"error":{"code":…,"message":…}}`, browsers a page that says the same.

use std::time::Duration;

use axum::Json;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::rejection::{FormRejection, JsonRejection, QueryRejection};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::RETRY_AFTER;
use store::StoreError;

use crate::access::password::PasswordError;
use crate::api::ErrorBody;
use crate::words::Language;
use crate::words::moving::Spoken;

/// Why an endpoint gives no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is no password that could be presented.
    #[error(
        "This is for an admin token as bearer, or for a browser that is signed in at /admin/login; no AUTH_TOKEN is set."
    )]
    NoPassword,
    /// None or a wrong one was presented.
    #[error(
        "This is for Authorization: Bearer <AUTH_TOKEN>, for an admin token in its place, or for a browser that is signed in at /admin/login."
    )]
    Unauthorized,
    /// A viewer wants to change something.
    #[error("Viewers may look, and change nothing.")]
    Forbidden,
    /// A script wants a page.
    #[error("Admin tokens open the API below /api/admin, and no pages.")]
    TokenAtPage,
    /// Too many passwords or bearers from this address were wrong.
    #[error("Too many wrong credentials came from this address. Wait {0} seconds.")]
    MustWait(u64),
    /// Nothing lives at this address.
    #[error("There is nothing at this address.")]
    UnknownAddress,
    /// The thing asked for does not exist.
    #[error("{0}")]
    NotFound(&'static str),
    /// A field or parameter has a value that it cannot have.
    #[error("{field}: {problem}")]
    Invalid { field: &'static str, problem: String },
    /// The same, in the words of whoever reads it.
    #[error("{field}: {}", said.of(Language::English))]
    Refused { field: &'static str, said: Spoken },
    /// What is asked for contradicts what is there.
    #[error("{0}")]
    Conflict(String),
    /// It has changed since whoever asks has seen it.
    #[error(
        "The settings have changed since this revision. Read them again, and see whether the change is still meant."
    )]
    Outdated,
    /// What was sent is larger than is taken.
    #[error("{0}")]
    TooLarge(String),
    /// A parameter cannot be read.
    #[error("The query cannot be read: {}", .0.body_text())]
    Query(#[from] QueryRejection),
    /// A body cannot be read.
    #[error("The form cannot be read: {}", .0.body_text())]
    Form(#[from] FormRejection),
    /// A body cannot be read.
    #[error("The body cannot be read: {}", .0.body_text())]
    Body(#[from] JsonRejection),
    /// A form with a file cannot be read.
    #[error("The form cannot be read: {}", .0.body_text())]
    Parts(#[from] MultipartError),
    /// The same, since it is no such form.
    #[error("The form cannot be read: {}", .0.body_text())]
    NoParts(#[from] MultipartRejection),
    /// The database did not answer.
    #[error("The database does not answer at present.")]
    Store(StoreError),
    /// Google told of no models.
    #[error(transparent)]
    NoModels(relay::NoModels),
    /// Something failed that should not.
    #[error("This failed within the gateway.")]
    Internal,
}

/// What an answer says of an error, for whoever makes a page of it.
#[derive(Clone, Debug)]
pub(crate) struct Told(pub(crate) String);

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NameTaken(_)
            | StoreError::TokenExists(_)
            | StoreError::TooMany { .. }
            | StoreError::LastAdministrator(_) => Self::Conflict(error.to_string()),
            StoreError::TooLong { field, .. } | StoreError::TooLarge { field, .. } => {
                Self::Invalid { field, problem: error.to_string() }
            }
            StoreError::Model(_) => Self::Invalid { field: "models", problem: error.to_string() },
            StoreError::Tag(problem) => Self::Invalid { field: "tags", problem },
            error => Self::Store(error),
        }
    }
}

impl From<PasswordError> for Error {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::TooShort => Self::invalid("password", error.to_string()),
            PasswordError::Failed => Self::Internal,
        }
    }
}

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a page could not be rendered");
        Self::Internal
    }
}

impl Error {
    pub(crate) fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NoPassword | Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::Forbidden | Self::TokenAtPage => (StatusCode::FORBIDDEN, "forbidden"),
            Self::MustWait(_) => (StatusCode::TOO_MANY_REQUESTS, "must_wait"),
            Self::UnknownAddress => (StatusCode::NOT_FOUND, "unknown_address"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
            Self::Invalid { .. } | Self::Refused { .. } => (StatusCode::BAD_REQUEST, "invalid"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
            Self::Outdated => (StatusCode::PRECONDITION_FAILED, "outdated"),
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::Query(_) => (StatusCode::BAD_REQUEST, "invalid_query"),
            Self::Form(_) | Self::Body(_) | Self::Parts(_) | Self::NoParts(_) => {
                (StatusCode::BAD_REQUEST, "invalid_body")
            }
            Self::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "database"),
            Self::NoModels(_) => (StatusCode::SERVICE_UNAVAILABLE, "no_models"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    /// The error of those who must wait before they try again.
    pub(crate) fn must_wait(wait: Duration) -> Self {
        Self::MustWait(wait.as_secs() + 1)
    }

    /// The error of a field that cannot have this value.
    pub(crate) fn invalid(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid { field, problem: problem.into() }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Self::Store(error) = &self {
            tracing::error!(%error, "the console could not use the database");
        }
        let (status, code) = self.status_and_code();
        let message = self.to_string();
        let body = ErrorBody::new(code, message.clone());
        let mut response = (status, Json(body)).into_response();
        if let Self::MustWait(seconds) = self {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(Told(message));
        response
    }
}
