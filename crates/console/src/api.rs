//! The JSON API, by address. Times are milliseconds since the Unix epoch.

mod forecast;
mod pool;
mod request;
mod requests;

use crate::routes::Routes;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/admin/pool", pool::read)
        .get("/api/admin/forecast", forecast::read)
        .get("/api/admin/requests", requests::list)
        .get("/api/admin/requests/{id}", request::read)
}
