use std::path::Path;
use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};
use tokio::time::timeout;

use super::{mysql, postgres};
use crate::OpenError;
use crate::db::Db;
use crate::location::{Location, Place};

/// How long a server may take to let us in.
const PATIENCE: Duration = Duration::from_secs(10);

/// Up to this size a file is read through before anything is taken from it; takes 3 ms per MB.
const CHECKED_SIZE: u64 = 2 << 30;

/// What Prisma writes behind the address of a database, besides the schema.
const PRISMA: [&str; 6] = [
    "pgbouncer",
    "connection_limit",
    "pool_timeout",
    "connect_timeout",
    "socket_timeout",
    "statement_cache_size",
];

/// Opens the file for reading only.
pub(crate) async fn sqlite(path: &Path) -> Result<Db, OpenError> {
    let problem = |problem: String| OpenError::File { path: path.to_owned(), problem };
    let metadata = std::fs::metadata(path).map_err(|error| problem(error.to_string()))?;
    if !metadata.is_file() {
        return Err(problem("is no file".to_owned()));
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("trusted_schema", "OFF")
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options);
    let statement = if metadata.len() <= CHECKED_SIZE {
        "PRAGMA quick_check(1)"
    } else {
        "SELECT COALESCE(MAX('ok'), 'ok') FROM sqlite_schema"
    };
    let found: Result<String, _> = sqlx::query_scalar(statement).fetch_one(&pool).await;
    let damage = match found {
        Ok(found) if found == "ok" => return Ok(Db::Sqlite { writer: pool.clone(), reader: pool }),
        Ok(found) => found.split_whitespace().collect::<Vec<_>>().join(" "),
        Err(error) => error
            .as_database_error()
            .map_or_else(|| error.to_string(), |answer| answer.message().to_owned()),
    };
    pool.close().await;
    Err(problem(format!("is damaged, or no SQLite database ({damage})")))
}

/// Opens what a URL names, and gives the URL as it may be shown.
pub(crate) async fn url(url: &str) -> Result<(Db, String), OpenError> {
    let Plain { url, schema } = Plain::new(url.trim());
    let Location { shown, place } = Location::parse(&url)?;
    let db = match place {
        Place::Files { control, .. } => sqlite(&control).await?,
        Place::Memory => {
            let problem = "a database in memory belongs to one process".to_owned();
            return Err(OpenError::Url { url: shown, problem });
        }
        Place::Postgres(options) => postgres(&shown, *options, schema).await?,
        Place::MySql(options) => mysql(&shown, *options).await?,
    };
    Ok((db, shown))
}

async fn postgres(
    shown: &str,
    options: PgConnectOptions,
    schema: Option<String>,
) -> Result<Db, OpenError> {
    let path = schema.map_or_else(String::new, |schema| {
        format!("; SET search_path = \"{}\"", schema.replace('"', "\"\""))
    });
    let session = format!("SET default_transaction_read_only = on{path}");
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .after_connect(move |connection, _| {
            let session = AssertSqlSafe(session.clone());
            Box::pin(async move { connection.execute(sqlx::raw_sql(session)).await.map(|_| ()) })
        })
        .connect_lazy_with(options.clone());
    let first = timeout(PATIENCE, options.connect()).await;
    first
        .map_err(|_| postgres::too_late(shown))?
        .map_err(|error| postgres::failure(shown, &error))?;
    Ok(Db::Postgres(pool))
}

async fn mysql(shown: &str, options: MySqlConnectOptions) -> Result<Db, OpenError> {
    let pool = MySqlPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .after_connect(|connection, _| {
            let session = "SET SESSION TRANSACTION READ ONLY";
            Box::pin(async move { connection.execute(session).await.map(|_| ()) })
        })
        .connect_lazy_with(options.clone());
    let first = timeout(PATIENCE, options.connect()).await;
    first.map_err(|_| mysql::too_late(shown))?.map_err(|error| mysql::failure(shown, &error))?;
    Ok(Db::MySql(pool))
}

/// A URL without what other programs add to it.
#[derive(Debug, PartialEq, Eq)]
struct Plain {
    url: String,
    /// The PostgreSQL schema, which Prisma names in the URL.
    schema: Option<String>,
}

impl Plain {
    fn new(url: &str) -> Self {
        let (scheme, rest) = url.split_once(':').unwrap_or(("", url));
        // SQLAlchemy names the driver: `mysql+aiomysql`.
        let scheme = scheme.split('+').next().unwrap_or(scheme);
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        match scheme {
            "" => Self { url: url.to_owned(), schema: None },
            "file" => Self { url: format!("sqlite:{address}"), schema: None },
            _ => {
                let pairs = query.split('&').filter(|pair| !pair.is_empty());
                let (other, kept): (Vec<&str>, Vec<&str>) = pairs.partition(|pair| {
                    let name = pair.split('=').next().unwrap_or(pair);
                    name == "schema" || PRISMA.contains(&name)
                });
                let path = other.iter().find_map(|pair| pair.strip_prefix("schema="));
                let query = if kept.is_empty() { "" } else { &format!("?{}", kept.join("&")) };
                let url = format!("{scheme}:{address}{query}");
                Self { url, schema: path.map(str::to_owned) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_other_programs_are_understood() {
        let cases = [
            ("mysql+aiomysql://u:p@h:3306/gb", "mysql://u:p@h:3306/gb", None),
            (
                "postgresql://u:p@h/gb?schema=app&sslmode=require",
                "postgresql://u:p@h/gb?sslmode=require",
                Some("app"),
            ),
            ("postgres://u@h/gb?pgbouncer=true&connection_limit=1", "postgres://u@h/gb", None),
            ("file:./prisma/dev.db?connection_limit=1", "sqlite:./prisma/dev.db", None),
            ("sqlite:///srv/data/default_db", "sqlite:///srv/data/default_db", None),
        ];
        for (written, url, schema) in cases {
            let schema = schema.map(str::to_owned);
            assert_eq!(Plain::new(written), Plain { url: url.to_owned(), schema });
        }
    }
}
