//! The only crate that speaks SQL: SQLite, PostgreSQL and MySQL behind one interface.
//!
//! [`Store::open`] finds, checks and migrates a database; the methods of [`Store`] are grouped one
//! file a table under `tables/`. Keys and secret settings are sealed before they are stored, client
//! tokens are stored as digests. [`LogWriter`] writes the logs behind the requests' backs. [`Foreign`]
//! reads databases of other programs, for imports; [`Store::backup`] and [`Store::restore`] write and read
//! a file that any of the three databases understands.
//!
//! Ids are the text of version 7 UUIDs, made here; times are milliseconds since the Unix epoch.

mod backup;
mod error;
mod foreign;
mod location;
mod open;
mod schema;
mod store;

mod log_writer;
mod record;
mod role;
mod source;
mod tables;
mod token_limits;
mod traffic;

mod bulk;
mod db;
mod sql;
mod tags;
mod text;

pub use backup::{BackupError, BackupOptions, Contents, Restored};
pub use error::{OpenError, StoreError};
pub use foreign::{Foreign, ForeignRow, ForeignTable};
pub use log_writer::{LogBounds, LogWriter};
pub use record::{ErrorRecord, RequestRecord};
pub use role::Role;
pub use source::Source;
pub use store::{Store, StoreOptions};
pub use tables::admin_tokens::{AdminTokenGrant, Scope, StoredAdminToken};
pub use tables::administrators::{Administrator, NewTotp};
pub use tables::api_keys::{AddKey, ImportedKeys, KeyUpdate, NewKey, StoredKey};
pub use tables::audit_log::{AuditEntry, AuditFilter};
pub use tables::chores::{Chore, ChoreReport};
pub use tables::client_tokens::{
    FormerSecret, ImportedTokens, StoredToken, TokenGrant, TokenUpdate, TokenUse,
};
pub use tables::conversations::Conversation;
pub use tables::error_log::kinds::{ErrorKind, Met};
pub use tables::error_log::{ErrorFilter, LoggedError};
pub use tables::error_marks::{ErrorMark, Mark};
pub use tables::listed_models::ListedModel;
pub use tables::live_sessions::KeptSession;
pub use tables::logs::LogCounts;
pub use tables::pictures::KeptPicture;
pub use tables::request_log::counting::{Counted, RequestGroup};
pub use tables::request_log::{LoggedRequest, RequestFilter};
pub use tables::resources::listing::{
    ResourceColumn, ResourceFilter, ResourceGroup, ResourceOrder,
};
pub use tables::resources::{Resource, ResourcePlace};
pub use tables::revision::Revisions;
pub use tables::saved_views::SavedView;
pub use tables::sessions::{NewSession, Session};
pub use tables::settings::SettingChange;
pub use tables::token_usage::TokenUsage;
pub use tables::traffic::{Latencies, Period};
pub use token_limits::{Cost, NoAmount, TokenLimits};
pub use traffic::{Histogram, RequestKind, Span, Subject, Tally};
