use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::Duration;

use secret::Vault;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Executor, SqliteConnection};
use tokio::time::{Instant, sleep};

use super::RETRY_PAUSE;
use crate::db::Db;
use crate::schema::{self, Objection};
use crate::{OpenError, StoreError, StoreOptions};

/// Up to this size a file is read through at the start, to find damage before it does harm. Takes
/// 3 ms per MB: a start with a year of logs must not wait for it.
const CHECKED_SIZE: u64 = 16 * 1024 * 1024;

pub(super) async fn open_files(
    shown: &str,
    control: &Path,
    logs: &Path,
    vault: &Vault,
    options: &StoreOptions,
) -> Result<(Db, Db), OpenError> {
    let deadline = Instant::now() + options.start_timeout;
    let control = DatabaseFile {
        shown,
        path: control,
        migrator: schema::sqlite(),
        synchronous: SqliteSynchronous::Full,
        deadline,
    };
    let logs = DatabaseFile {
        shown,
        path: logs,
        migrator: schema::sqlite_logs(),
        synchronous: SqliteSynchronous::Normal,
        deadline,
    };
    // Both are looked at before either is touched.
    let control_current = control.inspect(Some(vault)).await?;
    let logs_current = logs.inspect(None).await?;
    if !(options.migrate || control_current && logs_current) {
        return Err(OpenError::NotMigrated { url: shown.to_owned() });
    }
    Ok((control.open(control_current).await?, logs.open(logs_current).await?))
}

pub(super) async fn open_memory(shown: &str) -> Result<(Db, Db), OpenError> {
    let mut opened = Vec::new();
    for migrator in [schema::sqlite(), schema::sqlite_logs()] {
        let failed = |problem: String| OpenError::Database { url: shown.to_owned(), problem };
        let options: SqliteConnectOptions =
            "sqlite::memory:".parse().map_err(|error: sqlx::Error| failed(error.to_string()))?;
        let pool = writer_pool(options.disable_statement_logging());
        migrator.run(&pool).await.map_err(|error| failed(error.to_string()))?;
        opened.push(Db::Sqlite { writer: pool.clone(), reader: pool });
    }
    let (Some(logs), Some(control)) = (opened.pop(), opened.pop()) else {
        return Err(OpenError::Database { url: shown.to_owned(), problem: "lost".to_owned() });
    };
    Ok((control, logs))
}

/// One of the two files, on its way to be opened.
struct DatabaseFile<'a> {
    shown: &'a str,
    path: &'a Path,
    migrator: Migrator,
    synchronous: SqliteSynchronous,
    deadline: Instant,
}

impl DatabaseFile<'_> {
    /// Reads the file, if there is one, without changing it. Returns whether it is up to date.
    async fn inspect(&self, vault: Option<&Vault>) -> Result<bool, OpenError> {
        match OpenOptions::new().read(true).write(true).open(self.path) {
            Ok(file) => {
                let length = file.metadata().map_err(|error| self.io(&error))?.len();
                if length == 0 { Ok(false) } else { self.inspect_existing(length, vault).await }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.io(&error)),
        }
    }

    async fn inspect_existing(
        &self,
        length: u64,
        vault: Option<&Vault>,
    ) -> Result<bool, OpenError> {
        let options = self.basic_options().read_only(true);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options.clone());
        let mut connection = self.connect(&options).await?;
        if length <= CHECKED_SIZE {
            let found: String = sqlx::query_scalar("PRAGMA quick_check(1)")
                .fetch_one(&mut connection)
                .await
                .map_err(|error| self.failure(&error))?;
            if found != "ok" {
                return Err(self.corrupt(&found));
            }
        }
        let db = Db::Sqlite { writer: pool.clone(), reader: pool };
        let current = schema::inspect(&db, &self.migrator, vault).await;
        db.close().await;
        connection.close().await.map_err(|error| self.failure(&error))?;
        current.map_err(|objection| self.objection(objection))
    }

    async fn open(&self, current: bool) -> Result<Db, OpenError> {
        self.create_if_missing().map_err(|error| self.io(&error))?;
        let options = self
            .basic_options()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(self.synchronous)
            // Without a limit, the write-ahead log keeps the size it once had.
            .pragma("journal_size_limit", "67108864");
        let mut connection = self.connect(&options).await?;
        if !current {
            self.migrate(&mut connection).await?;
        }
        connection.close().await.map_err(|error| self.failure(&error))?;
        let reader = SqlitePoolOptions::new()
            .max_connections(2)
            .acquire_timeout(Duration::from_secs(5))
            .test_before_acquire(false)
            .connect_lazy_with(options.clone().pragma("query_only", "ON"));
        Ok(Db::Sqlite { writer: writer_pool(options), reader })
    }

    /// All migrations in one transaction, whose lock keeps a second start waiting.
    async fn migrate(&self, connection: &mut SqliteConnection) -> Result<(), OpenError> {
        let mut tx =
            connection.begin_with("BEGIN IMMEDIATE").await.map_err(|error| self.failure(&error))?;
        self.migrator.run_direct(None, &mut *tx, false).await.map_err(|error| {
            OpenError::Database { url: self.shown.to_owned(), problem: error.to_string() }
        })?;
        tx.commit().await.map_err(|error| self.failure(&error))
    }

    fn basic_options(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(self.path)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("trusted_schema", "OFF")
            .disable_statement_logging()
    }

    /// The lock for entering WAL mode is not waited for by SQLite itself, so we do.
    async fn connect(&self, options: &SqliteConnectOptions) -> Result<SqliteConnection, OpenError> {
        let patience = self.deadline.saturating_duration_since(Instant::now());
        let options = options.clone().busy_timeout(patience);
        loop {
            let attempt = async {
                let mut connection = options.connect().await?;
                connection.execute("SELECT name FROM sqlite_schema LIMIT 1").await?;
                Ok(connection)
            };
            match attempt.await {
                Ok(connection) => return Ok(connection),
                Err(error) if is_busy(&error) && Instant::now() < self.deadline => {
                    sleep(RETRY_PAUSE).await;
                }
                Err(error) => return Err(self.failure(&error)),
            }
        }
    }

    fn create_if_missing(&self) -> io::Result<()> {
        let mut directories = DirBuilder::new();
        let mut file = OpenOptions::new();
        directories.recursive(true);
        file.write(true).create_new(true);
        only_for_us(&mut directories, &mut file);
        if let Some(parent) = self.path.parent().filter(|parent| !parent.as_os_str().is_empty())
            && !parent.is_dir()
        {
            directories.create(parent)?;
        }
        match file.open(self.path).as_ref().map(File::sync_all) {
            Ok(synced) => synced,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error.kind().into()),
        }
    }

    fn objection(&self, objection: Objection) -> OpenError {
        match objection {
            Objection::Failed(StoreError::Database(error)) => self.failure(&error),
            other => other.at(self.shown),
        }
    }

    fn failure(&self, error: &sqlx::Error) -> OpenError {
        let problem = error
            .as_database_error()
            .map_or_else(|| error.to_string(), |answer| answer.message().to_owned());
        match primary_code(error) {
            Some(11 | 26) => self.corrupt(&problem),
            Some(5 | 6) => OpenError::Busy { url: self.shown.to_owned(), problem },
            // Permissions, read-only, I/O, full disk, cannot open.
            Some(3 | 8 | 10 | 13 | 14 | 23) => {
                OpenError::File { path: self.path.to_owned(), problem }
            }
            _ => OpenError::Database { url: self.shown.to_owned(), problem },
        }
    }

    fn corrupt(&self, problem: &str) -> OpenError {
        // SQLite's report has several lines.
        let problem = problem.split_whitespace().collect::<Vec<_>>().join(" ");
        OpenError::Corrupt { path: self.path.to_owned(), problem }
    }

    fn io(&self, error: &io::Error) -> OpenError {
        OpenError::File { path: self.path.to_owned(), problem: error.to_string() }
    }
}

/// One connection that stays open: writers queue for it.
fn writer_pool(options: SqliteConnectOptions) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(6))
        .test_before_acquire(false)
        .connect_lazy_with(options)
}

/// SQLite's result code without the details in its upper bytes.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

fn is_busy(error: &sqlx::Error) -> bool {
    matches!(primary_code(error), Some(5 | 6))
}

/// Directories 0700, files 0600: the keys in the database are sealed, the logs are not.
#[cfg(unix)]
fn only_for_us(directories: &mut DirBuilder, file: &mut OpenOptions) {
    use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
    directories.mode(0o700);
    file.mode(0o600);
}

#[cfg(not(unix))]
fn only_for_us(_: &mut DirBuilder, _: &mut OpenOptions) {}
