//! The endpoints, by address. Times are milliseconds since the Unix epoch.

mod forecast;
mod pool;
mod request;
mod requests;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use crate::State;
use crate::access::administrators_only;
use crate::error::Error;

pub(crate) fn router(state: State) -> Router {
    Router::new()
        .route("/api/admin/pool", get(pool::read))
        .route("/api/admin/forecast", get(forecast::read))
        .route("/api/admin/requests", get(requests::list))
        .route("/api/admin/requests/{id}", get(request::read))
        .fallback(|| async { Error::UnknownAddress })
        .layer(from_fn_with_state(state.clone(), administrators_only))
        .with_state(state)
}
