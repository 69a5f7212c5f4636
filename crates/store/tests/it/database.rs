//! Fresh databases for tests, and a way to them past the store.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use secret::{MasterKey, Vault};
use sqlx::{Connection, MySqlConnection, PgConnection, SqliteConnection};
use store::{OpenError, Store, StoreOptions};
use tempfile::TempDir;

/// A kind of database to test against.
#[derive(Clone)]
pub(crate) enum Kind {
    Sqlite,
    /// The URL of a server, of some database that exists there.
    Postgres(String),
    MySql(String),
}

impl Kind {
    /// The servers that the environment names.
    pub(crate) fn servers() -> Vec<Self> {
        let urls = std::env::var("TEST_DATABASE_URLS").unwrap_or_default();
        urls.split(',')
            .map(str::trim)
            .filter(|url| !url.is_empty() && !url.starts_with("sqlite"))
            .map(str::to_owned)
            .map(
                |url| {
                    if url.starts_with("postgres") { Self::Postgres(url) } else { Self::MySql(url) }
                },
            )
            .collect()
    }

    pub(crate) fn base(&self) -> &str {
        match self {
            Self::Sqlite => "",
            Self::Postgres(url) | Self::MySql(url) => url,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres(_) => "postgres",
            Self::MySql(_) => "mysql",
        })
    }
}

/// A database that nobody else uses, and that does not exist until it is opened.
pub(crate) struct Database {
    pub(crate) kind: Kind,
    pub(crate) url: String,
    name: String,
    folder: TempDir,
}

impl Database {
    pub(crate) fn fresh(kind: &Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("store_test_{}", uuid::Uuid::now_v7().simple());
        let url = match kind {
            Kind::Sqlite => format!("sqlite://{}/data/gb.db", folder.path().display()),
            Kind::Postgres(base) | Kind::MySql(base) => {
                format!("{}/{name}", base.rsplit_once('/').unwrap().0)
            }
        };
        Self { kind: kind.clone(), url, name, folder }
    }

    pub(crate) async fn open(&self) -> Store {
        self.open_with("the master key of tests").await.unwrap()
    }

    pub(crate) async fn open_with(&self, master: &str) -> Result<Store, OpenError> {
        Store::open(&self.url, vault(master), StoreOptions::default()).await
    }

    /// The file of the control tables, with SQLite.
    pub(crate) fn control_file(&self) -> PathBuf {
        self.folder.path().join("data/gb.db")
    }

    /// The file of the log tables, with SQLite.
    pub(crate) fn logs_file(&self) -> PathBuf {
        self.folder.path().join("data/gb-logs.db")
    }

    /// Runs a statement past the store.
    pub(crate) async fn execute(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql);
        match &self.kind {
            Kind::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Kind::Postgres(_) => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Kind::MySql(_) => {
                let mut connection = MySqlConnection::connect(&self.url).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    /// The texts of a query's only column.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = sqlx::AssertSqlSafe(sql);
        match &self.kind {
            Kind::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
            }
            Kind::Postgres(_) => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
            }
            Kind::MySql(_) => {
                let mut connection = MySqlConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
            }
        }
    }

    /// Everything that the database holds: its files' bytes, or all columns of all tables.
    pub(crate) async fn contents(&self) -> Vec<u8> {
        let columns = match &self.kind {
            Kind::Sqlite => return self.file_contents(),
            Kind::Postgres(_) => {
                "SELECT table_name || ' ' || column_name FROM information_schema.columns \
                 WHERE table_schema = 'public'"
            }
            Kind::MySql(_) => {
                "SELECT CAST(CONCAT(table_name, ' ', column_name) AS CHAR) \
                 FROM information_schema.columns WHERE table_schema = DATABASE()"
            }
        };
        let cast = if matches!(self.kind, Kind::Postgres(_)) { "TEXT" } else { "CHAR" };
        let mut all = Vec::new();
        for pair in self.texts(columns).await {
            let (table, column) = pair.split_once(' ').unwrap();
            let sql = format!(
                "SELECT CAST({column} AS {cast}) FROM {table} \
                 WHERE {column} IS NOT NULL AND '{column}' <> 'checksum'"
            );
            for text in self.texts(&sql).await {
                all.extend_from_slice(text.as_bytes());
                all.push(b'\n');
            }
        }
        all
    }

    fn file_contents(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path().join("data")).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }

    /// Deletes the database.
    pub(crate) async fn remove(self) {
        let drop = match &self.kind {
            Kind::Sqlite => return,
            Kind::Postgres(_) => format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name),
            Kind::MySql(_) => format!("DROP DATABASE IF EXISTS {}", self.name),
        };
        let base = Self { url: self.kind.base().to_owned(), ..self };
        base.execute(&drop).await;
    }
}

pub(crate) fn vault(master: &str) -> Arc<Vault> {
    Arc::new(Vault::new(&MasterKey::from_text(master).unwrap()))
}
