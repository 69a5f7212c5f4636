//! Databases of the projects that the gateway takes the place of, in their exact schemas.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection, SqliteConnection};

/// The Python project's tables, as `SQLAlchemy` makes them in SQLite.
const PYTHON_SQLITE: &str = include_str!("predecessor/python-sqlite.sql");
/// The same in MySQL.
const PYTHON_MYSQL: &str = include_str!("predecessor/python-mysql.sql");
/// The Next.js project's tables, as Prisma makes them in SQLite.
const NEXTJS_SQLITE: &str = include_str!("predecessor/nextjs-sqlite.sql");
/// The same in PostgreSQL.
const NEXTJS_POSTGRES: &str = include_str!("predecessor/nextjs-postgres.sql");

/// A database of another project, empty at first.
#[derive(Debug)]
pub struct Predecessor {
    /// What to import.
    pub url: String,
    /// A database at the same server, and the name of this one there.
    server: Option<(String, String)>,
}

impl Predecessor {
    /// The Python project on SQLite, in this file.
    pub async fn python_in(file: &Path) -> Self {
        Self::in_file(file, PYTHON_SQLITE).await
    }

    /// The Next.js project on SQLite, in this file.
    pub async fn nextjs_in(file: &Path) -> Self {
        Self::in_file(file, NEXTJS_SQLITE).await
    }

    /// The Python project on the MySQL servers that `TEST_DATABASE_URLS` names.
    pub async fn python_on_servers() -> Vec<Self> {
        Self::on_servers("mysql", PYTHON_MYSQL).await
    }

    /// The Next.js project on the PostgreSQL servers that `TEST_DATABASE_URLS` names.
    pub async fn nextjs_on_servers() -> Vec<Self> {
        Self::on_servers("postgres", NEXTJS_POSTGRES).await
    }

    async fn in_file(file: &Path, schema: &str) -> Self {
        std::fs::File::create_new(file).unwrap();
        let database = Self { url: format!("sqlite://{}", file.display()), server: None };
        database.execute(schema).await;
        database
    }

    async fn on_servers(scheme: &str, tables: &str) -> Vec<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let urls = std::env::var("TEST_DATABASE_URLS").unwrap_or_default();
        let mut databases = Vec::new();
        for base in urls.split(',').map(str::trim).filter(|url| url.starts_with(scheme)) {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!("predecessor_{}_{number}", std::process::id());
            run(base, &format!("CREATE DATABASE {name}")).await;
            let url = format!("{}/{name}", base.rsplit_once('/').unwrap().0);
            let database = Self { url, server: Some((base.to_owned(), name)) };
            database.execute(tables).await;
            databases.push(database);
        }
        databases
    }

    /// Runs statements, such as those that make rows.
    pub async fn execute(&self, sql: &str) {
        run(&self.url, sql).await;
    }

    /// Deletes the database at its server.
    pub async fn remove(self) {
        if let Some((base, name)) = &self.server {
            run(base, &format!("DROP DATABASE {name}")).await;
        }
    }
}

async fn run(url: &str, sql: &str) {
    let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    if url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        sql.execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    } else if url.starts_with("postgres") {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sql.execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    } else {
        let mut connection = MySqlConnection::connect(url).await.unwrap();
        sql.execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
}
