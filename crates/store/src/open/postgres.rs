use std::time::Duration;

use secret::Vault;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};
use tokio::time::{sleep, timeout};

use super::RETRY_PAUSE;
use crate::db::Db;
use crate::{OpenError, StoreOptions, schema};

/// The advisory lock around inspection and migration: "gembal" in ASCII.
const LOCK: i64 = 0x67_65_6d_62_61_6c;

/// No statement may hold up the gateway, and no forgotten transaction other clients.
const SESSION: &str = "SET statement_timeout = '5s'; SET lock_timeout = '5s'; \
                       SET idle_in_transaction_session_timeout = '15s'";

pub(super) async fn open(
    shown: &str,
    mut connect: PgConnectOptions,
    vault: &Vault,
    options: &StoreOptions,
) -> Result<Db, OpenError> {
    if connect.get_application_name().is_none() {
        connect = connect.application_name("gemini-balance");
    }
    let pool = PgPoolOptions::new()
        .max_connections(options.connections)
        .acquire_timeout(Duration::from_secs(2))
        .after_connect(|connection, _| {
            Box::pin(async move { connection.execute(SESSION).await.map(|_| ()) })
        })
        .connect_lazy_with(connect.clone());
    let db = Db::Postgres(pool);
    let migrator = schema::postgres();
    let inspection = async {
        let mut connection = if options.migrate {
            connect_or_create(shown, &connect).await?
        } else {
            connect.connect().await.map_err(|error| failure(shown, &error))?
        };
        lock(&mut connection).await.map_err(|error| failure(shown, &error))?;
        let current = schema::inspect(&db, &migrator, Some(vault))
            .await
            .map_err(|objection| objection.at(shown))?;
        Ok((connection, current))
    };
    let (mut connection, current) = timeout(options.start_timeout, inspection)
        .await
        .unwrap_or_else(|_| Err(too_late(shown)))?;
    if !current {
        if !options.migrate {
            return Err(OpenError::NotMigrated { url: shown.to_owned() });
        }
        migrator.run_direct(None, &mut connection, false).await.map_err(|error| {
            OpenError::Database { url: shown.to_owned(), problem: error.to_string() }
        })?;
    }
    // Gives the lock back, too.
    connection.close().await.map_err(|error| failure(shown, &error))?;
    Ok(db)
}

async fn lock(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    loop {
        let locked: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
            .bind(LOCK)
            .fetch_one(&mut *connection)
            .await?;
        if locked {
            return Ok(());
        }
        sleep(RETRY_PAUSE).await;
    }
}

async fn connect_or_create(
    shown: &str,
    options: &PgConnectOptions,
) -> Result<PgConnection, OpenError> {
    match options.connect().await {
        Err(error) if code(&error).as_deref() == Some("3D000") => {
            create(options).await.map_err(|error| failure(shown, &error))?;
            options.connect().await
        }
        other => other,
    }
    .map_err(|error| failure(shown, &error))
}

async fn create(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let name = options.get_database().unwrap_or_else(|| options.get_username());
    let statement = format!("CREATE DATABASE \"{}\"", name.replace('"', "\"\""));
    let mut connection = options.clone().database("postgres").connect().await?;
    match connection.execute(AssertSqlSafe(statement)).await {
        Ok(_) => {}
        // Another start was faster: "duplicate database", or the catalogue's unique index.
        Err(error) if matches!(code(&error).as_deref(), Some("42P04" | "23505")) => {}
        Err(error) => return Err(error),
    }
    connection.close().await
}

fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(Into::into)
}

pub(super) fn failure(shown: &str, error: &sqlx::Error) -> OpenError {
    let url = shown.to_owned();
    let problem = error
        .as_database_error()
        .map_or_else(|| error.to_string(), |answer| answer.message().to_owned());
    let code = code(error);
    match (error, code.as_deref()) {
        // Wrong password or user; not allowed to connect, to create or to use something.
        (_, Some("28P01" | "28000" | "42501")) => OpenError::Denied { url, problem },
        // Starting up, shutting down, too many connections.
        (_, Some("57P03" | "57P01" | "53300")) | (sqlx::Error::Io(_) | sqlx::Error::Tls(_), _) => {
            OpenError::Unreachable { url, problem }
        }
        _ => OpenError::Database { url, problem },
    }
}

pub(super) fn too_late(shown: &str) -> OpenError {
    OpenError::Unreachable {
        url: shown.to_owned(),
        problem: "it did not answer in time, or another process is migrating it".to_owned(),
    }
}
