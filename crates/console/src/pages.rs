//! The pages, one a file; their templates have the same names.

mod api;
mod audit;
mod backup;
pub(crate) mod connect;
mod diagnostics;
mod errors;
pub(crate) mod failure;
mod files;
mod jobs;
mod key;
mod keys;
mod live;
mod login;
mod logs;
mod model;
mod models;
mod overview;
mod own;
mod people;
mod play;
mod preferences;
mod proxies;
mod proxy;
mod second_factor;
mod settings;
pub(crate) mod setup;
mod system;
mod token;
mod tokens;
mod trace;

use axum::extract::rejection::QueryRejection;
use axum::extract::{DefaultBodyLimit, Query};
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::moving;
use crate::routes::Routes;

/// Fifty thousand keys, with names and labels.
const MANY_KEYS: usize = 16 * 1024 * 1024;

/// What a query says that did not come as the address's own.
pub(crate) fn in_query<T: DeserializeOwned>(query: &str) -> Result<Query<T>, Error> {
    let uri = format!("/?{query}").parse();
    let uri: http::Uri = uri.map_err(|_| Error::invalid("filter", "is no query"))?;
    Query::try_from_uri(&uri).map_err(|error: QueryRejection| error.into())
}

/// Pages for strangers: the ways to become known.
pub(crate) fn open() -> Routes {
    Routes::new()
        .get("/admin/login", login::show)
        .post("/admin/login", login::sign_in)
        .get("/admin/setup", setup::show)
        .post("/admin/setup", setup::claim)
        .post("/admin/preferences", preferences::keep)
}

/// What concerns only whoever asks: viewers may, too.
pub(crate) fn own() -> Routes {
    Routes::new()
        .post("/admin/logout", login::sign_out)
        .post("/admin/people/password", people::change_password)
        .get("/admin/people/second-factor", second_factor::show)
        .post("/admin/people/second-factor", second_factor::set_up)
        .post("/admin/people/second-factor/off", second_factor::turn_off)
        .post("/admin/own/look", own::look)
        .post("/admin/own/views", own::save_view)
        .post("/admin/own/views/{id}/pin", own::pin_view)
        .post("/admin/own/views/{id}/forget", own::forget_view)
}

/// All other pages.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/admin", overview::show)
        .get("/admin/", overview::show)
        .get("/admin/live", live::stream)
        .and(setting_up())
        .and(of_keys())
        .get("/admin/files", files::show)
        .post("/admin/files/act", files::act)
        .post("/admin/files/clean", files::clean)
        .get("/admin/jobs", jobs::list)
        .get("/admin/jobs/{id}", jobs::show)
        .post("/admin/jobs/{id}/cancel", jobs::cancel)
        .post("/admin/jobs/{id}/remove", jobs::remove)
        .post("/admin/jobs/{id}/undo", jobs::undo)
        .and(of_tokens())
        .get("/admin/logs", logs::list)
        .get("/admin/logs/export", logs::export)
        .post("/admin/logs/delete", logs::delete)
        .get("/admin/logs/{id}", trace::show)
        .get("/admin/errors", errors::show)
        .post("/admin/errors/mark", errors::mark)
        .post("/admin/errors/act", errors::act)
        .get("/admin/models", models::show)
        .post("/admin/models/act", models::act)
        .post("/admin/models/refresh", models::refresh)
        .post("/admin/models/{id}/test", model::test)
        .get("/admin/models/{id}", model::show)
        .post("/admin/models/{id}/change", model::change)
        .get("/admin/proxies", proxies::show)
        .post("/admin/proxies/add", proxies::add)
        .post("/admin/proxies/test", proxies::test)
        .get("/admin/proxies/rebalance", proxies::preview_rebalance)
        .post("/admin/proxies/rebalance", proxies::rebalance)
        .get("/admin/proxies/{id}", proxy::show)
        .post("/admin/proxies/{id}/state", proxies::set_state)
        .post("/admin/proxies/{id}/remove", proxies::remove)
        .and(of_settings())
        .get("/admin/audit", audit::show)
        .get("/admin/audit/export", audit::export)
        .get("/admin/api", api::show)
        .get("/admin/play", play::show)
        .post("/admin/play/conversations/{id}/forget", play::forget)
        .get("/admin/people", people::show)
        .post("/admin/people", people::add)
        .post("/admin/people/{id}/role", people::set_role)
        .post("/admin/people/{id}/remove", people::remove)
        .post("/admin/people/{id}/password", people::reset_password)
        .post("/admin/people/tokens", people::create_token)
        .post("/admin/people/tokens/{id}/revoke", people::revoke_token)
        .get("/admin/system", system::show)
        .get("/admin/system/diagnostics", diagnostics::show)
        .get("/admin/system/diagnostics/stream", diagnostics::stream)
        .post("/admin/system/backup", backup::download)
        .post("/admin/system/backups", system::back_up)
        .post("/admin/system/updates", system::look_for_updates)
        .post("/admin/system/notifications/test", system::test_notifications)
        .post("/admin/system/sessions/{id}/end", system::end_session)
}

/// The clients' tokens.
fn of_tokens() -> Routes {
    Routes::new()
        .get("/admin/tokens", tokens::list)
        .post("/admin/tokens", tokens::create)
        .post("/admin/tokens/revoke", tokens::revoke_chosen)
        .get("/admin/tokens/{id}", token::show)
        .get("/admin/tokens/{id}/connect", connect::show)
        .post("/admin/tokens/{id}/connect/link", connect::link)
        .post("/admin/tokens/{id}/connect/test", connect::test)
        .post("/admin/tokens/{id}/copy", token::copy)
        .post("/admin/tokens/{id}/edit", token::edit)
        .post("/admin/tokens/{id}/rotate", token::rotate)
        .post("/admin/tokens/{id}/revoke", tokens::revoke)
}

/// The settings, their history, and what is saved as a file.
fn of_settings() -> Routes {
    Routes::new()
        .get("/admin/settings", settings::show)
        .post("/admin/settings/review", settings::review)
        .post("/admin/settings/save", settings::save)
        .post("/admin/settings/test", settings::test)
        .get("/admin/settings/export", settings::export)
        .post("/admin/settings/import", settings::import)
        .get("/admin/settings/history", settings::history)
        .post("/admin/settings/history/{id}/undo", settings::undo)
}

/// The pool's list, and what is done to keys there.
fn of_keys() -> Routes {
    Routes::new()
        .get("/admin/keys", keys::show)
        .get("/admin/keys/export", keys::export)
        .post("/admin/keys/act", keys::act)
        .post("/admin/keys/losses", keys::losses)
        .post_large("/admin/keys/add", DefaultBodyLimit::max(MANY_KEYS), keys::add)
        .post_large("/admin/keys/preview", DefaultBodyLimit::max(MANY_KEYS), keys::preview)
        .get("/admin/keys/{id}", key::show)
        .post("/admin/keys/{id}/edit", key::edit)
}

/// What a new owner does after claiming; also later.
fn setting_up() -> Routes {
    Routes::new()
        .get("/admin/setup/data", setup::data::show)
        .post_large("/admin/setup/data/text", moving::text_limit(), setup::data::paste)
        .post("/admin/setup/data/url", setup::data::server)
        .post_large("/admin/setup/data/file", DefaultBodyLimit::disable(), setup::data::file)
        .get("/admin/setup/data/{id}", setup::data::delivery)
        .post("/admin/setup/data/{id}/unlock", setup::data::unlock)
        .post("/admin/setup/data/{id}/confirm", setup::data::confirm)
        .post("/admin/setup/data/{id}/forget", setup::data::forget)
        .get("/admin/setup/check", setup::check::show)
        .post("/admin/setup/check", setup::check::begin)
        .post("/admin/setup/check/proxies", setup::check::set_proxies)
        .get("/admin/setup/client", setup::client::show)
        .post("/admin/setup/client", setup::client::create)
}
