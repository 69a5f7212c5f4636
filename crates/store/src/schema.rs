//! Which version of the schema a database has, and whether this program may use it.

use sea_query::{Iden, Order, Query};
use secret::Vault;
use sqlx::FromRow;
use sqlx::migrate::Migrator;

use crate::db::Db;
use crate::tables::{meta, revision};
use crate::{OpenError, StoreError};

/// Why a database must not be touched.
pub(crate) enum Objection {
    Newer { found: i64, known: i64 },
    Broken(String),
    WrongMasterKey,
    Failed(StoreError),
}

impl Objection {
    pub(crate) fn at(self, shown: &str) -> OpenError {
        let url = shown.to_owned();
        match self {
            Self::Newer { found, known } => OpenError::NewerSchema { url, found, known },
            Self::Broken(problem) => OpenError::BrokenSchema { url, problem },
            Self::WrongMasterKey => OpenError::WrongMasterKey { url },
            Self::Failed(error) => OpenError::Database { url, problem: error.to_string() },
        }
    }
}

impl From<StoreError> for Objection {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// The migrations for the control tables of an SQLite file.
pub(crate) fn sqlite() -> Migrator {
    without_lock(sqlx::migrate!("migrations/sqlite"))
}

/// The migrations for the log tables of an SQLite file.
pub(crate) fn sqlite_logs() -> Migrator {
    without_lock(sqlx::migrate!("migrations/sqlite-logs"))
}

/// The migrations for PostgreSQL.
pub(crate) fn postgres() -> Migrator {
    without_lock(sqlx::migrate!("migrations/postgres"))
}

/// The migrations for MySQL and MariaDB.
pub(crate) fn mysql() -> Migrator {
    without_lock(sqlx::migrate!("migrations/mysql"))
}

/// We hold a lock of our own, which covers the inspection too and is not waited for without end.
fn without_lock(mut migrator: Migrator) -> Migrator {
    migrator.set_locking(false);
    migrator
}

/// Looks at a database without changing it. Returns whether its schema is up to date; with a
/// vault, also whether its secrets are sealed under that vault's key.
pub(crate) async fn inspect(
    db: &Db,
    migrator: &Migrator,
    vault: Option<&Vault>,
) -> Result<bool, Objection> {
    let tables = db.tables().await?;
    if !tables.iter().any(|table| table == "_sqlx_migrations") {
        return Ok(false);
    }
    let select = Query::select()
        .columns([Migrations::Version, Migrations::Success, Migrations::Checksum])
        .from(Migrations::Table)
        .order_by(Migrations::Version, Order::Asc)
        .take();
    let applied: Vec<Applied> = db.all(&select).await?;
    let known = migrator.iter().map(|migration| migration.version).max().unwrap_or_default();
    if let Some(found) = applied.last().map(|row| row.version).filter(|found| *found > known) {
        return Err(Objection::Newer { found, known });
    }
    for row in &applied {
        row.check(migrator)?;
    }
    if let Some(vault) = vault
        && tables.iter().any(|table| table == "meta")
        && let Some(stored) = meta::read(db, meta::VAULT_CHECK).await?
        && stored != vault.check_value()
    {
        return Err(Objection::WrongMasterKey);
    }
    Ok(applied.len() == migrator.iter().count())
}

/// Notes under which key the secrets in this database are sealed, where nobody has done so yet.
pub(crate) async fn claim(db: &Db, vault: &Vault) -> Result<(), Objection> {
    if meta::read(db, meta::VAULT_CHECK).await?.is_none() {
        // One after the other: of two first starts with different keys, only one may win.
        let mut tx = db.begin().await?;
        revision::bump(&mut tx).await?;
        if meta::read_in(&mut tx, meta::VAULT_CHECK).await?.is_none() {
            meta::insert(&mut tx, meta::VAULT_CHECK, &vault.check_value()).await?;
            tx.commit().await?;
        }
    }
    match meta::read(db, meta::VAULT_CHECK).await? {
        Some(stored) if stored == vault.check_value() => Ok(()),
        _ => Err(Objection::WrongMasterKey),
    }
}

#[derive(Clone, Copy)]
enum Migrations {
    Table,
    Version,
    Success,
    Checksum,
}

impl Iden for Migrations {
    fn unquoted(&self) -> &str {
        match self {
            Self::Table => "_sqlx_migrations",
            Self::Version => "version",
            Self::Success => "success",
            Self::Checksum => "checksum",
        }
    }
}

#[derive(FromRow)]
struct Applied {
    version: i64,
    success: bool,
    checksum: Vec<u8>,
}

impl Applied {
    fn check(&self, migrator: &Migrator) -> Result<(), Objection> {
        let version = self.version;
        if !self.success {
            return Err(Objection::Broken(format!("migration {version} was cut off half-way")));
        }
        match migrator.iter().find(|migration| migration.version == version) {
            Some(known) if *known.checksum == *self.checksum => Ok(()),
            Some(_) => Err(Objection::Broken(format!(
                "migration {version} in the database is not the one of this program"
            ))),
            None => Err(Objection::Broken(format!(
                "migration {version} in the database is unknown to this program"
            ))),
        }
    }
}
