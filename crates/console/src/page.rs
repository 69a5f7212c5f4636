//! Templates as answers.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

use crate::error::Error;

/// A whole page, or the part of one that was asked for.
pub(crate) struct Page<T>(pub(crate) T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(text) => Html(text).into_response(),
            Err(error) => Error::from(error).into_response(),
        }
    }
}
