use store::{OpenError, StoreError};

use crate::remark::NoSource;

/// Why nothing, or not everything, was imported. Each displays as one line without a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// What was named cannot be imported from.
    #[error("{place}: {problem}")]
    Source {
        /// What was named, without a password.
        place: String,
        /// Why not.
        problem: NoSource,
    },
    /// The database that was named cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot be read to its end. What was imported before stays.
    #[error("{place}: cannot be read: {error}")]
    Read {
        /// The database, without a password.
        place: String,
        /// What it said.
        error: StoreError,
    },
    /// Our own database failed. What was imported before stays.
    #[error(transparent)]
    Store(#[from] StoreError),
}
