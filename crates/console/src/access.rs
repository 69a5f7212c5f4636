//! Who may in, and what they may do.
//!
//! [`identify`] finds out who asks: whoever presents the administrator's password as a bearer, or a
//! browser with a [`session`]. [`guard`] lets nobody else pass, and lets viewers only look.

pub(crate) mod bearer;
mod identity;
pub(crate) mod password;
pub(crate) mod session;
mod setup_code;
mod throttle;

use axum::extract::{OriginalUri, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::{ACCEPT, HeaderMap};
use store::Role;

pub(crate) use identity::{Identity, Means};
pub(crate) use setup_code::{Presented, SetupCode};
pub(crate) use throttle::Throttle;

use crate::State as Console;
use crate::error::Error;

/// Attaches the caller's [`Identity`] to the request, if there is one.
pub(crate) async fn identify(
    State(console): State<Console>,
    mut request: Request,
    next: Next,
) -> Result<Response, Error> {
    let configuration = console.gateway.configuration();
    let password = configuration.settings.security.auth_token.as_ref();
    let identity = if bearer::carries(request.headers(), password) {
        Some(Identity::bearer())
    } else {
        session::find(&console.store, request.headers()).await?
    };
    if let Some(identity) = identity {
        request.extensions_mut().insert(identity);
    }
    Ok(next.run(request).await)
}

/// Lets those pass who are known; browsers are sent to the place where they can sign in.
pub(crate) async fn guard(
    State(console): State<Console>,
    OriginalUri(uri): OriginalUri,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    let Some(identity) = request.extensions().get::<Identity>() else {
        if is_page(uri.path()) && wants_page(request.headers()) {
            let there = uri.path_and_query().map_or("/admin", |there| there.as_str());
            return Ok(Redirect::to(&session::sign_in_address(there)).into_response());
        }
        return Err(if console.gateway.configuration().settings.security.auth_token.is_none() {
            Error::NoPassword
        } else {
            Error::Unauthorized
        });
    };
    if identity.role == Role::Viewer && !request.method().is_safe() {
        return Err(Error::Forbidden);
    }
    Ok(next.run(request).await)
}

fn is_page(path: &str) -> bool {
    path == "/admin" || path.starts_with("/admin/")
}

/// A link that was followed, not a script that wants a part of a page.
fn wants_page(headers: &HeaderMap) -> bool {
    let accepts_html = headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    accepts_html && !headers.contains_key("hx-request")
}
