//! The admin API of the Python project, for scripts that were written for it: its addresses and
//! shapes, on our pool, settings and logs.
//!
//! What differs: nobody gets in without the administrator's credential, and keys show as masks. Where
//! a script names a key, its mask, id, name or the whole key will do. A key is invalid if Google
//! refuses it for good; there is no count of failures that could make it so.

mod checks;
mod config;
mod errors;
mod keys;
mod models;
mod pool;
mod proxies;
mod scheduler;
mod stats;
mod version;

use crate::routes::Routes;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/keys", keys::page)
        .get("/api/keys/all", keys::all)
        .post("/api/config/keys/delete-selected", keys::delete_selected)
        .delete("/api/config/keys/{key}", keys::delete)
        .post("/gemini/v1beta/reset-all-fail-counts", checks::reset_all)
        .post("/gemini/v1beta/reset-selected-fail-counts", checks::reset_selected)
        .post("/gemini/v1beta/reset-fail-count/{key}", checks::reset)
        .post("/gemini/v1beta/verify-key/{key}", checks::verify)
        .post("/gemini/v1beta/verify-selected-keys", checks::verify_selected)
        .get("/api/config", config::read)
        .put("/api/config", config::change)
        .post("/api/config/reset", config::reset)
        .get("/api/config/ui/models", models::list)
        .post("/api/config/proxy/check", proxies::check)
        .post("/api/config/proxy/check-all", proxies::check_all)
        .get("/api/config/proxy/cache-stats", proxies::cache_stats)
        .post("/api/config/proxy/clear-cache", proxies::clear_cache)
        .get("/api/key-usage-details/{key}", stats::key_usage)
        .get("/api/stats/details", stats::details)
        .get("/api/stats/key-details", stats::key_details)
        .get("/api/stats/attention-keys", stats::attention_keys)
        .get("/api/logs/errors", errors::list)
        .delete("/api/logs/errors", errors::delete_selected)
        .get("/api/logs/errors/lookup", errors::look_up)
        .delete("/api/logs/errors/all", errors::delete_all)
        .get("/api/logs/errors/{id}/details", errors::details)
        .delete("/api/logs/errors/{id}", errors::delete)
        .post("/api/scheduler/start", scheduler::start)
        .post("/api/scheduler/stop", scheduler::stop)
        .get("/api/version/check", version::check)
}
