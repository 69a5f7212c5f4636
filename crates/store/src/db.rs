//! One statement, three databases: sea-query renders it, and sqlx's driver for that database runs it.

use std::future::Future;
use std::time::Duration;

use sea_query::{
    Expr, ExprTrait as _, MysqlQueryBuilder, PostgresQueryBuilder, SqliteQueryBuilder,
};
use sea_query_sqlx::SqlxBinder;
use sqlx::mysql::{MySqlPool, MySqlRow};
use sqlx::postgres::{PgPool, PgRow};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{AssertSqlSafe, FromRow, MySql, Postgres, Sqlite, Transaction};

use crate::StoreError;

/// How long a single operation may take, the wait for a connection included.
pub(crate) const OPERATION_TIMEOUT: Duration = Duration::from_secs(8);

/// An open database.
#[derive(Clone)]
pub(crate) enum Db {
    /// One connection writes, so that writers queue here and not at the file's lock.
    Sqlite {
        writer: SqlitePool,
        reader: SqlitePool,
    },
    Postgres(PgPool),
    MySql(MySqlPool),
}

/// A transaction. Dropped, it is rolled back.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
    MySql(Transaction<'static, MySql>),
}

/// What can be read from a row of each database; `#[derive(FromRow)]` makes it so.
pub(crate) trait Record:
    for<'r> FromRow<'r, SqliteRow>
    + for<'r> FromRow<'r, PgRow>
    + for<'r> FromRow<'r, MySqlRow>
    + Send
    + Unpin
{
}

impl<R> Record for R where
    R: for<'r> FromRow<'r, SqliteRow>
        + for<'r> FromRow<'r, PgRow>
        + for<'r> FromRow<'r, MySqlRow>
        + Send
        + Unpin
{
}

/// Renders `$statement` for the builder `$dialect`, and hands query text and values to `$run`.
macro_rules! rendered {
    ($statement:expr, $dialect:expr, |$sql:ident, $values:ident| $run:expr) => {{
        let (text, $values) = $statement.build_sqlx($dialect);
        let $sql = AssertSqlSafe(text);
        within($run).await
    }};
}

impl Db {
    pub(crate) async fn all<R: Record>(
        &self,
        statement: &(impl SqlxBinder + Sync),
    ) -> Result<Vec<R>, StoreError> {
        match self {
            Self::Sqlite { reader, .. } => {
                rendered!(statement, SqliteQueryBuilder, |sql, values| sqlx::query_as_with(
                    sql, values
                )
                .fetch_all(reader))
            }
            Self::Postgres(pool) => {
                rendered!(statement, PostgresQueryBuilder, |sql, values| sqlx::query_as_with(
                    sql, values
                )
                .fetch_all(pool))
            }
            Self::MySql(pool) => {
                rendered!(statement, MysqlQueryBuilder, |sql, values| sqlx::query_as_with(
                    sql, values
                )
                .fetch_all(pool))
            }
        }
    }

    pub(crate) async fn optional<R: Record>(
        &self,
        statement: &(impl SqlxBinder + Sync),
    ) -> Result<Option<R>, StoreError> {
        Ok(self.all(statement).await?.into_iter().next())
    }

    /// The names of all tables.
    pub(crate) async fn tables(&self) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Sqlite { reader, .. } => {
                let sql = "SELECT name FROM sqlite_schema WHERE type = 'table'";
                within(sqlx::query_scalar(sql).fetch_all(reader)).await
            }
            Self::Postgres(pool) => {
                let sql = "SELECT table_name::text FROM information_schema.tables \
                           WHERE table_schema = current_schema()";
                within(sqlx::query_scalar(sql).fetch_all(pool)).await
            }
            Self::MySql(pool) => {
                let sql = "SELECT CAST(table_name AS CHAR) FROM information_schema.tables \
                           WHERE table_schema = DATABASE()";
                within(sqlx::query_scalar(sql).fetch_all(pool)).await
            }
        }
    }

    /// The names of a table's columns; none if there is no such table.
    pub(crate) async fn columns(&self, table: &str) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Sqlite { reader, .. } => {
                let sql = "SELECT name FROM pragma_table_info(?)";
                within(sqlx::query_scalar(sql).bind(table).fetch_all(reader)).await
            }
            Self::Postgres(pool) => {
                let sql = "SELECT column_name::text FROM information_schema.columns \
                           WHERE table_schema = current_schema() AND table_name = $1";
                within(sqlx::query_scalar(sql).bind(table).fetch_all(pool)).await
            }
            Self::MySql(pool) => {
                let sql = "SELECT CAST(column_name AS CHAR) FROM information_schema.columns \
                           WHERE table_schema = DATABASE() AND table_name = ?";
                within(sqlx::query_scalar(sql).bind(table).fetch_all(pool)).await
            }
        }
    }

    /// The value as a text, whatever it is stored as.
    pub(crate) fn text(&self, value: Expr) -> Expr {
        value.cast_as(match self {
            Self::MySql(_) => "CHAR",
            Self::Sqlite { .. } | Self::Postgres(_) => "TEXT",
        })
    }

    /// The value as a 64-bit integer: databases have others for sums and lengths.
    pub(crate) fn integer(&self, value: Expr) -> Expr {
        value.cast_as(match self {
            Self::MySql(_) => "SIGNED",
            Self::Sqlite { .. } | Self::Postgres(_) => "BIGINT",
        })
    }

    /// Starts a transaction that only reads, and to which everything stays as it is now.
    pub(crate) async fn look(&self) -> Result<Tx, StoreError> {
        match self {
            Self::Sqlite { reader, .. } => {
                within(reader.begin_with("BEGIN DEFERRED")).await.map(Tx::Sqlite)
            }
            Self::Postgres(pool) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                within(pool.begin_with(begin)).await.map(Tx::Postgres)
            }
            Self::MySql(pool) => {
                // Our sessions read what others commit, unless they say otherwise.
                let begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; \
                             START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
                within(pool.begin_with(begin)).await.map(Tx::MySql)
            }
        }
    }

    /// Starts a transaction that will write.
    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        match self {
            // A transaction that began by reading and then writes fails at once if another process
            // wrote in between, whatever the busy timeout: so the lock is taken first.
            Self::Sqlite { writer, .. } => {
                within(writer.begin_with("BEGIN IMMEDIATE")).await.map(Tx::Sqlite)
            }
            Self::Postgres(pool) => within(pool.begin()).await.map(Tx::Postgres),
            Self::MySql(pool) => within(pool.begin()).await.map(Tx::MySql),
        }
    }

    /// Closes the connections, those in use as soon as they are given back.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { writer, reader } => {
                reader.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
            Self::MySql(pool) => pool.close().await,
        }
    }
}

impl Tx {
    pub(crate) async fn all<R: Record>(
        &mut self,
        statement: &(impl SqlxBinder + Sync),
    ) -> Result<Vec<R>, StoreError> {
        match self {
            Self::Sqlite(tx) => {
                rendered!(statement, SqliteQueryBuilder, |sql, values| sqlx::query_as_with(
                    sql, values
                )
                .fetch_all(&mut **tx))
            }
            Self::Postgres(tx) => {
                rendered!(statement, PostgresQueryBuilder, |sql, values| sqlx::query_as_with(
                    sql, values
                )
                .fetch_all(&mut **tx))
            }
            Self::MySql(tx) => {
                rendered!(statement, MysqlQueryBuilder, |sql, values| sqlx::query_as_with(
                    sql, values
                )
                .fetch_all(&mut **tx))
            }
        }
    }

    pub(crate) async fn optional<R: Record>(
        &mut self,
        statement: &(impl SqlxBinder + Sync),
    ) -> Result<Option<R>, StoreError> {
        Ok(self.all(statement).await?.into_iter().next())
    }

    /// Returns how many rows the statement touched.
    pub(crate) async fn execute(
        &mut self,
        statement: &(impl SqlxBinder + Sync),
    ) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(tx) => {
                rendered!(statement, SqliteQueryBuilder, |sql, values| sqlx::query_with(
                    sql, values
                )
                .execute(&mut **tx))
                .map(|done| done.rows_affected())
            }
            Self::Postgres(tx) => {
                rendered!(statement, PostgresQueryBuilder, |sql, values| sqlx::query_with(
                    sql, values
                )
                .execute(&mut **tx))
                .map(|done| done.rows_affected())
            }
            Self::MySql(tx) => {
                rendered!(statement, MysqlQueryBuilder, |sql, values| sqlx::query_with(sql, values)
                    .execute(&mut **tx))
                .map(|done| done.rows_affected())
            }
        }
    }

    /// Makes the transaction durable.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => within(tx.commit()).await,
            Self::Postgres(tx) => within(tx.commit()).await,
            Self::MySql(tx) => within(tx.commit()).await,
        }
    }
}

pub(crate) async fn within<T>(
    operation: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(OPERATION_TIMEOUT, operation).await {
        Ok(result) => result.map_err(StoreError::Database),
        Err(_) => Err(StoreError::TimedOut(OPERATION_TIMEOUT.as_secs())),
    }
}
