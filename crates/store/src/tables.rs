//! One file a table: its columns, its rows, and what is asked of it.

pub(crate) mod admin_tokens;
pub(crate) mod administrators;
pub(crate) mod api_keys;
pub(crate) mod audit_log;
pub(crate) mod chores;
pub(crate) mod client_tokens;
pub(crate) mod error_log;
pub(crate) mod learned;
pub(crate) mod live_sessions;
pub(crate) mod log_size;
pub(crate) mod logs;
pub(crate) mod meta;
pub(crate) mod pictures;
pub(crate) mod preferences;
pub(crate) mod removed_keys;
pub(crate) mod request_log;
pub(crate) mod resources;
pub(crate) mod responses;
pub(crate) mod revision;
pub(crate) mod running_responses;
pub(crate) mod saved_views;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod token_usage;
pub(crate) mod traffic;
