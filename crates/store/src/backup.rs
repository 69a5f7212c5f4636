//! One file with everything that a gateway knows, the same whatever database it came from.
//!
//! Lines of JSON: a header, for each table its name and columns and then its rows, and at the end how
//! many rows there were and their digest. Secrets stay sealed: under the master key, or under a
//! passphrase, so that they can be opened under another master key.

mod file;
mod looking;
mod restoring;
mod sealing;
mod tables;
mod taking;

use std::io;

use secret::Passphrase;

use crate::StoreError;

/// How a backup is made or read.
#[derive(Debug, Clone, Default)]
pub struct BackupOptions {
    /// Also the logs of requests and failed attempts, and the responses that are kept.
    pub logs: bool,
    /// What the secrets are sealed with in the file; without one they stay under the master key.
    pub passphrase: Option<Passphrase>,
    /// Put the file's content in the place of what is there.
    pub replace: bool,
    /// Let administrators stay who are there; for a file that holds none, so that nobody is locked
    /// out.
    pub keeps_administrators: bool,
}

/// How much a backup holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Contents {
    /// Keys of the pool.
    pub keys: u64,
    /// Client tokens, revoked ones included.
    pub tokens: u64,
    /// Saved settings.
    pub settings: u64,
    /// Whoever may use the console.
    pub administrators: u64,
    /// Logged requests.
    pub requests: u64,
    /// All rows of all tables.
    pub rows: u64,
}

/// What a restoration did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Restored {
    /// What is there now.
    pub contents: Contents,
    /// When the backup was made, in milliseconds since the Unix epoch.
    pub made_at: i64,
    /// The version of the program that made it.
    pub version: String,
    /// How many removed keys could not be remembered, since they are known under another master key
    /// only: `API_KEYS` may bring them back.
    pub forgotten: u64,
}

/// Why there is no backup, or nothing was restored. Whatever the reason, the database is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be read or written.
    #[error("the file cannot be read or written: {0}")]
    File(#[from] io::Error),
    /// There is something in the database already.
    #[error("the database is not empty: it holds {0}; --force puts the backup in its place")]
    NotEmpty(String),
    /// The file is something else.
    #[error("this is no backup that gemini-balance made")]
    Foreign,
    /// The file is damaged or ends early.
    #[error("line {line} of the backup: {problem}; nothing was restored")]
    Damaged {
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// A newer program made it.
    #[error("the backup was made by version {0}, which is newer than this one; restore it there")]
    Newer(String),
    /// Its secrets are sealed under a master key that is not here.
    #[error(
        "the secrets in the backup are sealed under another master key; give that one as MASTER_KEY, or make the backup again with --passphrase-file"
    )]
    OtherMasterKey,
    /// It was sealed with a passphrase.
    #[error(
        "the secrets in the backup are sealed with a passphrase; give it with --passphrase-file"
    )]
    PassphraseNeeded,
    /// It was sealed with another passphrase.
    #[error("the passphrase is not the one that the backup was made with")]
    WrongPassphrase,
    /// A secret in the database cannot be sealed anew.
    #[error(
        "the secret of {place} does not open with this master key; remove it, or make the backup without a passphrase"
    )]
    Locked {
        /// Whose secret.
        place: String,
    },
    /// A key could not be derived, or a secret not be sealed.
    #[error("the secrets cannot be sealed: no memory or no randomness")]
    Sealing,
}
