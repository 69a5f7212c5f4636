//! The JSON API, by address. Times are milliseconds since the Unix epoch.

pub(crate) mod admin_tokens;
pub(crate) mod audit;
mod begun;
pub(crate) mod conversations;
pub(crate) mod document;
mod error_body;
pub(crate) mod errors;
pub(crate) mod files;
pub(crate) mod forecast;
pub(crate) mod imports;
pub(crate) mod jobs;
pub(crate) mod key_why;
pub(crate) mod keys;
mod made_token;
pub(crate) mod models;
pub(crate) mod people;
pub(crate) mod play;
pub(crate) mod pool;
pub(crate) mod proxies;
pub(crate) mod proxy_balance;
pub(crate) mod quota;
pub(crate) mod request;
pub(crate) mod requests;
pub(crate) mod second_factor;
pub(crate) mod settings;
pub(crate) mod token_trial;
pub(crate) mod tokens;
pub(crate) mod traffic;
pub(crate) mod upkeep;

pub(crate) use begun::Begun;
pub(crate) use error_body::ErrorBody;
pub(crate) use made_token::MadeToken;

use crate::moving;
use crate::routes::Routes;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/openapi.json", document::read)
        .get("/api/admin/pool", pool::read)
        .get("/api/admin/forecast", forecast::read)
        .get("/api/admin/quota", quota::read)
        .get("/api/admin/traffic", traffic::read)
        .get("/api/admin/errors", errors::list)
        .post("/api/admin/errors/mark", errors::mark)
        .post("/api/admin/errors/act", errors::act)
        .get("/api/admin/keys", keys::list)
        .post("/api/admin/keys", keys::add)
        .post("/api/admin/keys/act", keys::act)
        .get("/api/admin/keys/{id}", keys::read)
        .get("/api/admin/keys/{id}/why", key_why::read)
        .patch("/api/admin/keys/{id}", keys::change)
        .delete("/api/admin/keys/{id}", keys::remove)
        .get("/api/admin/files", files::list)
        .post("/api/admin/files/act", files::act)
        .delete("/api/admin/files/expired", files::clean)
        .and(of_models())
        .and(of_playground())
        .get("/api/admin/tokens", tokens::list)
        .post("/api/admin/tokens", tokens::create)
        .patch("/api/admin/tokens/{id}", tokens::change)
        .post("/api/admin/tokens/{id}/rotate", tokens::rotate)
        .post("/api/admin/tokens/{id}/copy", tokens::copy)
        .post("/api/admin/tokens/{id}/try", token_trial::send)
        .delete("/api/admin/tokens/{id}", tokens::revoke)
        .post_large("/api/admin/imports", moving::text_limit(), imports::begin)
        .post("/api/admin/imports/file", imports::begin_file)
        .get("/api/admin/imports/{id}", imports::read)
        .patch("/api/admin/imports/{id}", imports::change)
        .delete("/api/admin/imports/{id}", imports::forget)
        .and(of_proxies())
        .get("/api/admin/requests", requests::list)
        .delete("/api/admin/requests", requests::delete)
        .get("/api/admin/requests/summary", requests::summarize)
        .get("/api/admin/requests/{id}", request::read)
        .get("/api/admin/settings", settings::list)
        .patch("/api/admin/settings", settings::change)
        .post("/api/admin/settings/preview", settings::preview)
        .post("/api/admin/settings/test", settings::test)
        .get("/api/admin/audit", audit::list)
        .get("/api/admin/backups", upkeep::backups)
        .post("/api/admin/backups", upkeep::back_up)
        .get("/api/admin/updates", upkeep::updates)
        .post("/api/admin/updates", upkeep::look)
        .get("/api/admin/people", people::list)
        .post("/api/admin/people", people::add)
        .patch("/api/admin/people/{id}", people::change)
        .delete("/api/admin/people/{id}", people::remove)
        .post("/api/admin/people/{id}/password", people::reset_password)
        .get("/api/admin/admin-tokens", admin_tokens::list)
        .post("/api/admin/admin-tokens", admin_tokens::create)
        .delete("/api/admin/admin-tokens/{id}", admin_tokens::revoke)
}

/// The ways out to Google.
fn of_proxies() -> Routes {
    Routes::new()
        .get("/api/admin/proxies", proxies::list)
        .post("/api/admin/proxies", proxies::add)
        .post("/api/admin/proxies/test", proxies::test)
        .get("/api/admin/proxies/rebalance", proxy_balance::preview)
        .post("/api/admin/proxies/rebalance", proxy_balance::rebalance)
        .get("/api/admin/proxies/{id}", proxies::read)
        .patch("/api/admin/proxies/{id}", proxies::change)
        .delete("/api/admin/proxies/{id}", proxies::remove)
}

/// The models, and the work over keys, files, proxies and models.
fn of_models() -> Routes {
    Routes::new()
        .get("/api/admin/models", models::list)
        .post("/api/admin/models/act", models::act)
        .post("/api/admin/models/refresh", models::refresh)
        .post("/api/admin/models/{id}/test", models::test)
        .get("/api/admin/models/{id}", models::read)
        .patch("/api/admin/models/{id}", models::change)
        .get("/api/admin/jobs", jobs::list)
        .get("/api/admin/jobs/{id}", jobs::read)
        .post("/api/admin/jobs/{id}/cancel", jobs::cancel)
        .post("/api/admin/jobs/{id}/undo", jobs::undo)
}

/// What is tried out, and what is kept of it.
fn of_playground() -> Routes {
    Routes::new()
        .post_large("/api/admin/play", play::body_limit(), play::send)
        .post_large("/api/admin/play/preview", play::body_limit(), play::preview)
        .get("/api/admin/play/conversations", conversations::list)
        .post_large("/api/admin/play/conversations", conversations::limit(), conversations::keep)
        .get("/api/admin/play/conversations/{id}", conversations::read)
        .put_large(
            "/api/admin/play/conversations/{id}",
            conversations::limit(),
            conversations::change,
        )
        .delete("/api/admin/play/conversations/{id}", conversations::forget)
}

/// What concerns only whoever asks: viewers may, too.
pub(crate) fn own() -> Routes {
    Routes::new()
        .post("/api/admin/people/password", people::change_password)
        .get("/api/admin/people/second-factor", second_factor::propose)
        .post("/api/admin/people/second-factor", second_factor::set_up)
        .post("/api/admin/people/second-factor/off", second_factor::turn_off)
}
