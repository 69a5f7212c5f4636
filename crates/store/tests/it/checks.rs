//! What must hold on every database.

pub(crate) mod audit;
pub(crate) mod backups;
pub(crate) mod chores;
pub(crate) mod counting;
pub(crate) mod errors;
pub(crate) mod keys;
pub(crate) mod learned;
pub(crate) mod live_sessions;
pub(crate) mod logs;
pub(crate) mod opening;
pub(crate) mod own;
pub(crate) mod people;
pub(crate) mod pictures;
pub(crate) mod resources;
pub(crate) mod responses;
pub(crate) mod settings;
pub(crate) mod tokens;
pub(crate) mod traffic;
