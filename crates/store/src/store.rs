use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use keypool::Timestamp;
use secret::Vault;

use crate::db::{Db, Tx};
use crate::tables::logs::LogSql;
use crate::tables::revision::{self, Revisions};
use crate::{OpenError, StoreError, open};

/// What tickets are sealed for.
const TICKET: &str = "ticket";

/// An open database, migrated and checked. Clones share its connections.
///
/// Every change of keys, tokens or settings is on disk when its call returns, and counts the
/// [`revision`](Store::revision) up, so that other processes on the same database take it up.
#[derive(Clone)]
pub struct Store {
    pub(crate) control: Db,
    /// The same database as `control` on a server, a file of its own with SQLite.
    pub(crate) logs: Db,
    pub(crate) vault: Arc<Vault>,
    pub(crate) log_sql: Arc<LogSql>,
    shown: Arc<str>,
}

/// How a store is opened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StoreOptions {
    /// How long the start may take: connecting, waiting for another process's migration, checking.
    /// A migration that has begun is never cut off.
    pub start_timeout: Duration,
    /// The most connections to a database server.
    pub connections: u32,
    /// Whether a database that is missing is created, and an old one migrated.
    pub migrate: bool,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { start_timeout: Duration::from_secs(5), connections: 10, migrate: true }
    }
}

impl StoreOptions {
    /// For looking at a database: one that is missing or old stays so, and cannot be opened.
    pub fn without_migration() -> Self {
        Self { migrate: false, ..Self::default() }
    }
}

impl Store {
    /// Opens the database at `url`, creates it where it is missing, and migrates it.
    ///
    /// `sqlite://path` (relative or absolute), `sqlite::memory:` (gone with the store),
    /// `postgres://…` or `postgresql://…`, `mysql://…` or `mariadb://…`.
    pub async fn open(
        url: &str,
        vault: Arc<Vault>,
        options: StoreOptions,
    ) -> Result<Self, OpenError> {
        let opened = open::open(url, &vault, &options).await?;
        Ok(Self {
            control: opened.control,
            log_sql: Arc::new(LogSql::new(&opened.logs)),
            logs: opened.logs,
            vault,
            shown: opened.shown.into(),
        })
    }

    /// The database's URL without its password.
    pub fn shown_url(&self) -> &str {
        &self.shown
    }

    /// Counts the changes of keys, tokens and settings, by whatever process. Cheap enough to be
    /// asked once a second: where it differs from the last answer, everything is read anew.
    pub async fn revision(&self) -> Result<i64, StoreError> {
        Ok(self.revisions().await?.configuration)
    }

    /// The same, and the number of the last change of what pools have learned
    /// ([`learned_since`](Store::learned_since)): both in one question.
    pub async fn revisions(&self) -> Result<Revisions, StoreError> {
        revision::read(&self.control).await
    }

    /// Seals what is handed to a browser that shall bring it back unread and unchanged.
    pub fn seal_ticket(&self, text: &str) -> Result<String, StoreError> {
        Ok(self.vault.seal(TICKET, text.as_bytes())?)
    }

    /// What [`seal_ticket`](Store::seal_ticket) sealed; `None` if it is anything else.
    pub fn open_ticket(&self, sealed: &str) -> Option<String> {
        let plain = self.vault.open(TICKET, sealed).ok()?;
        String::from_utf8(plain.to_vec()).ok()
    }

    /// Closes all connections. The store's clones fail from then on.
    pub async fn close(&self) {
        self.logs.close().await;
        self.control.close().await;
    }

    /// A transaction that changes what a running server must take up. It waits until no other
    /// such transaction is open, so that what it reads stays true until it commits.
    pub(crate) async fn change(&self) -> Result<Tx, StoreError> {
        let mut tx = self.control.begin().await?;
        revision::bump(&mut tx).await?;
        Ok(tx)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Store").field("url", &self.shown).finish_non_exhaustive()
    }
}

/// The wall clock, for the times that rows carry.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
