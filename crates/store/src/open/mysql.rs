use std::time::Duration;

use secret::Vault;
use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, MySqlConnection};
use tokio::time::{sleep, timeout};

use super::RETRY_PAUSE;
use crate::db::Db;
use crate::{OpenError, StoreOptions, schema};

/// A name of the whole server's, so the database's name is part of it; at most 64 characters.
const LOCK: &str = "CONCAT('gemini-balance.', MD5(DATABASE()))";

/// Too long a text is an error and not cut; a change reads what others have committed before it.
const SESSION: &str = "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), \
                       SESSION innodb_lock_wait_timeout = 5, \
                       SESSION transaction_isolation = 'READ-COMMITTED'";

/// The same for servers that know the isolation level by its old name only (MariaDB before 11.1).
const SESSION_OLD: &str = "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), \
                           SESSION innodb_lock_wait_timeout = 5, \
                           SESSION tx_isolation = 'READ-COMMITTED'";

pub(super) async fn open(
    shown: &str,
    connect: MySqlConnectOptions,
    vault: &Vault,
    options: &StoreOptions,
) -> Result<Db, OpenError> {
    let pool = MySqlPoolOptions::new()
        .max_connections(options.connections)
        .acquire_timeout(Duration::from_secs(2))
        .after_connect(|connection, _| {
            Box::pin(async move {
                match connection.execute(SESSION).await {
                    Ok(_) => Ok(()),
                    Err(_) => connection.execute(SESSION_OLD).await.map(|_| ()),
                }
            })
        })
        .connect_lazy_with(connect.clone());
    let db = Db::MySql(pool);
    let migrator = schema::mysql();
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

async fn lock(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    loop {
        let locked: Option<i64> = sqlx::query_scalar(AssertSqlSafe(format!(
            "SELECT CAST(GET_LOCK({LOCK}, 0) AS SIGNED)"
        )))
        .fetch_one(&mut *connection)
        .await?;
        if locked == Some(1) {
            return Ok(());
        }
        sleep(RETRY_PAUSE).await;
    }
}

async fn connect_or_create(
    shown: &str,
    options: &MySqlConnectOptions,
) -> Result<MySqlConnection, OpenError> {
    match options.connect().await {
        // "Unknown database"
        Err(error) if number(&error) == Some(1049) => {
            create(options).await.map_err(|error| failure(shown, &error))?;
            options.connect().await
        }
        other => other,
    }
    .map_err(|error| failure(shown, &error))
}

async fn create(options: &MySqlConnectOptions) -> Result<(), sqlx::Error> {
    let name = options.get_database().unwrap_or_default();
    let statement = format!(
        "CREATE DATABASE IF NOT EXISTS `{}` DEFAULT CHARACTER SET utf8mb4",
        name.replace('`', "``")
    );
    let mut connection = options.clone().database("information_schema").connect().await?;
    connection.execute(AssertSqlSafe(statement)).await?;
    connection.close().await
}

fn number(error: &sqlx::Error) -> Option<u16> {
    Some(error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>()?.number())
}

pub(super) fn failure(shown: &str, error: &sqlx::Error) -> OpenError {
    let url = shown.to_owned();
    let problem = error
        .as_database_error()
        .map_or_else(|| error.to_string(), |answer| answer.message().to_owned());
    match (error, number(error)) {
        // Access denied: to the database, to the server, to a command, for a user without password.
        (_, Some(1044 | 1045 | 1142 | 1227 | 1698)) => OpenError::Denied { url, problem },
        // Too many connections, shutting down.
        (_, Some(1040 | 1053)) | (sqlx::Error::Io(_) | sqlx::Error::Tls(_), _) => {
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
