//! Finding, checking and migrating a database, before anybody uses it.
//!
//! The order is always the same: connect, look without changing anything, refuse what is not ours
//! to touch, migrate under a lock, note the master key. A refused database is left as it was.

pub(crate) mod foreign;
mod mysql;
mod postgres;
mod sqlite;

use std::time::Duration;

use secret::Vault;

use crate::db::Db;
use crate::location::{Location, Place};
use crate::{OpenError, StoreOptions, schema};

/// A database that may be used.
pub(crate) struct Opened {
    pub(crate) control: Db,
    pub(crate) logs: Db,
    pub(crate) shown: String,
}

pub(crate) async fn open(
    url: &str,
    vault: &Vault,
    options: &StoreOptions,
) -> Result<Opened, OpenError> {
    let Location { shown, place } = Location::parse(url)?;
    let (control, logs) = match place {
        Place::Memory => sqlite::open_memory(&shown).await?,
        Place::Files { control, logs } => {
            sqlite::open_files(&shown, &control, &logs, vault, options).await?
        }
        Place::Postgres(connect) => {
            let db = postgres::open(&shown, *connect, vault, options).await?;
            (db.clone(), db)
        }
        Place::MySql(connect) => {
            let db = mysql::open(&shown, *connect, vault, options).await?;
            (db.clone(), db)
        }
    };
    schema::claim(&control, vault).await.map_err(|objection| objection.at(&shown))?;
    Ok(Opened { control, logs, shown })
}

/// How long to sleep between two tries to get a lock that cannot be waited for.
const RETRY_PAUSE: Duration = Duration::from_millis(25);
