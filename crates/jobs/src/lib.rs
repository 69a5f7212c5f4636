//! What runs by the clock: keeping what the pool has learned and what client tokens have used,
//! sharing both with other processes,
//! taking up what an administrator changed, asking Google about keys, deleting old logs and what has
//! expired at Google, making backups, asking whether there is a newer version, and telling the owner
//! what went wrong.

mod backups;
mod checks;
mod configuration;
mod expired;
mod learned;
mod models;
mod newest;
mod notifications;
mod retention;
mod take_up;
mod token_usage;
mod updates;

pub use backups::{BackedUp, BackupFile, NoBackup, back_up_now, backup_files, keep_backups};
pub use checks::{Checker, Finding, check_keys};
pub use configuration::{LoadError, Loaded, Loader, declared_limits};
pub use expired::forget_expired;
pub use learned::{keep_learned, save_learned};
pub use models::{ModelsUnseen, see_models, watch_models};
pub use newest::NewestLesson;
pub use notifications::{Arrival, notify_owner, send_test};
pub use retention::delete_old_logs;
pub use take_up::take_up_changes;
pub use token_usage::TokenKeeper;
pub use updates::{Release, look_for_release_now, watch_releases};
