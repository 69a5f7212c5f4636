//! The whole console as one router: which routes are open, and what every request goes through.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;

use crate::access::{guard, identify, may_change};
use crate::error::Error;
use crate::routes::{Route, Routes};
use crate::{State, api, assets, headers, pages, python};

/// What pages are made of: the same for everybody, so nobody is looked up.
fn files() -> Routes {
    Routes::new().get("/admin/assets/{hash}/{*name}", assets::read)
}

/// What strangers may ask for besides.
fn open() -> Routes {
    pages::open()
}

/// What only those may ask for who are known.
fn guarded() -> Routes {
    pages::routes().and(api::routes()).and(python::routes())
}

/// What everybody who is known may do, viewers included: what concerns only themselves.
fn own() -> Routes {
    pages::own().and(api::own())
}

/// The addresses that strangers are answered at, and all others.
pub fn listing() -> (Vec<Route>, Vec<Route>) {
    (files().and(open()).into_parts().1, guarded().and(own()).into_parts().1)
}

/// From the outside in: headers, compression, refusal of what other sites send, and for all but files
/// who it is, and for most routes whether they may in, and whether they may change anything.
pub(crate) fn router(state: State) -> Router {
    let guarded = guarded()
        .into_parts()
        .0
        .fallback(nothing)
        .layer(from_fn(may_change))
        .merge(own().into_parts().0)
        .layer(from_fn_with_state(state.clone(), guard));
    let known = open()
        .into_parts()
        .0
        .merge(guarded)
        .layer(from_fn(pages::failure::as_page))
        .layer(from_fn_with_state(state.clone(), identify));
    files()
        .into_parts()
        .0
        .merge(known)
        .layer(CsrfLayer::new())
        .layer(CompressionLayer::new())
        .layer(from_fn(headers::add))
        .with_state(state)
}

async fn nothing(_: Request) -> Response {
    Error::UnknownAddress.into_response()
}
