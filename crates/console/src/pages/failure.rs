//! Errors as pages, for browsers that followed a link or sent a form.

use askama::Template;
use axum::extract::{FromRequestParts as _, Request};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};
use http::header::ACCEPT;

use crate::error::Told;
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    shell: Shell,
    message: String,
    status: u16,
}

/// Puts what an error says into a page where one was asked for.
pub(crate) async fn as_page(request: Request, next: Next) -> Response {
    let accepts = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let is_for_people = accepts.is_some_and(|accept| accept.contains("text/html"))
        && request.uri().path().starts_with("/admin");
    if !is_for_people {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(shell) = Shell::from_request_parts(&mut parts, &()).await;
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(Told(message)) = response.extensions().get::<Told>() else {
        return response;
    };
    let status = response.status();
    let page = FailurePage { shell, message: message.clone(), status: status.as_u16() };
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(_) => response,
    }
}
