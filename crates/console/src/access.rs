//! Who may in, and what they may do.
//!
//! [`identify`] finds out who asks: whoever presents the administrator's password or an admin token as
//! a [`bearer`], or a browser with a [`session`]. [`guard`] lets nobody else pass, [`may_change`] lets
//! viewers only look.

pub(crate) mod bearer;
pub(crate) mod code;
mod identity;
pub(crate) mod password;
pub(crate) mod second_factor;
pub(crate) mod session;
mod setup_code;
mod throttle;
mod ticket;

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{OriginalUri, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::{ACCEPT, HeaderMap};
use store::SavedView;

pub(crate) use identity::{Identity, Means};
pub(crate) use setup_code::{Presented, SetupCode};
pub(crate) use throttle::Throttle;
pub(crate) use ticket::Ticket;

use crate::State as Console;
use crate::error::Error;
use crate::state::Peer;
use bearer::Bearer;

/// The filters that the caller has saved.
#[derive(Debug, Clone, Default)]
pub(crate) struct Views(pub(crate) Arc<[SavedView]>);

/// Attaches the caller's [`Identity`] to the request, if there is one, and to that of a page the
/// [`Views`] that stand in its navigation.
pub(crate) async fn identify(
    State(console): State<Console>,
    peer: Peer,
    mut request: Request,
    next: Next,
) -> Result<Response, Error> {
    if let Some(identity) = known(&console, peer, request.headers()).await? {
        if request.method().is_safe() && is_page(request.uri().path()) {
            let views = console.store.saved_views(&identity.actor).await?;
            request.extensions_mut().insert(Views(views.into()));
        }
        request.extensions_mut().insert(identity);
    }
    Ok(next.run(request).await)
}

async fn known(
    console: &Console,
    peer: Peer,
    headers: &HeaderMap,
) -> Result<Option<Identity>, Error> {
    let bearer = match bearer::presented(headers) {
        Some(presented) => Some(bearer::find(console, peer, presented).await?),
        None => None,
    };
    if let Some(Bearer::Known(identity)) = bearer {
        return Ok(Some(identity));
    }
    if let Some(identity) = session::find(&console.store, headers).await? {
        return Ok(Some(identity));
    }
    match bearer {
        Some(Bearer::Unheard(error)) => return Err(error),
        Some(_) => console.bearers().failed(peer.0, Instant::now()),
        None => {}
    }
    Ok(None)
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
    if matches!(identity.means, Means::Token) && is_page(uri.path()) {
        return Err(Error::TokenAtPage);
    }
    Ok(next.run(request).await)
}

/// Lets viewers only look.
pub(crate) async fn may_change(
    identity: Identity,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    if identity.may_change() || request.method().is_safe() {
        return Ok(next.run(request).await);
    }
    Err(Error::Forbidden)
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
