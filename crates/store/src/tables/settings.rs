use std::collections::{BTreeMap, BTreeSet};

use sea_query::{DeleteStatement, Expr, Iden, InsertStatement, Query, SelectStatement};
use secret::Vault;
use sqlx::FromRow;

use crate::db::Tx;
use crate::sql::{equals, upsert};
use crate::store::now;
use crate::text::{INDEXED, fitting};
use crate::{Source, Store, StoreError};

/// The longest value, in characters.
const VALUE_LENGTH: usize = 1_000_000;

/// Digits of a mark: enough to tell values of one setting apart.
const MARK: usize = 16;

impl Store {
    /// What administrators changed, by the setting's name. A secret value that does not open under
    /// the master key is left out, and reported in the log.
    pub async fn stored_settings(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let rows: Vec<Row> = self.control.all(&all()).await?;
        Ok(rows.into_iter().filter_map(|row| row.open(&self.vault)).collect())
    }

    /// The names of those that an import has brought, and nobody has changed since.
    pub async fn imported_settings(&self) -> Result<BTreeSet<String>, StoreError> {
        let select = Query::select()
            .column(Settings::Name)
            .from(Settings::Table)
            .and_where(equals(Settings::Source, Source::Import.as_str()))
            .take();
        let rows: Vec<Named> = self.control.all(&select).await?;
        Ok(rows.into_iter().map(|row| row.name).collect())
    }

    /// Stores a setting's value that an import brings; a `secret` one is sealed.
    pub async fn import_setting(
        &self,
        name: &str,
        value: &str,
        secret: bool,
    ) -> Result<(), StoreError> {
        let mut tx = self.change().await?;
        tx.execute(&self.row_with(name, value, secret, Source::Import)?).await?;
        tx.commit().await
    }

    /// Stores a setting's value; a `secret` one is sealed.
    pub async fn set_setting(
        &self,
        name: &str,
        value: &str,
        secret: bool,
    ) -> Result<(), StoreError> {
        self.change_settings(&[SettingChange { name, value: Some(value), secret }]).await
    }

    /// Changes several settings in one step: all of them, or none.
    pub async fn change_settings(&self, changes: &[SettingChange<'_>]) -> Result<(), StoreError> {
        let mut tx = self.change().await?;
        self.write_settings(&mut tx, changes).await?;
        tx.commit().await
    }

    /// The same, unless what is stored is no longer what the caller has `seen`. Returns whether it was.
    pub async fn change_settings_seen(
        &self,
        changes: &[SettingChange<'_>],
        seen: &BTreeMap<String, String>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.change().await?;
        let rows: Vec<Row> = tx.all(&all()).await?;
        let stored: BTreeMap<_, _> =
            rows.into_iter().filter_map(|row| row.open(&self.vault)).collect();
        if stored != *seen {
            return Ok(false);
        }
        self.write_settings(&mut tx, changes).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A short mark that tells whether a text is still the same, and nothing else of it.
    pub fn mark(&self, text: &str) -> String {
        let mut mark = self.vault.fingerprint(format!("mark:{text}").as_bytes());
        mark.truncate(MARK);
        mark
    }

    async fn write_settings(
        &self,
        tx: &mut Tx,
        changes: &[SettingChange<'_>],
    ) -> Result<(), StoreError> {
        for change in changes {
            match change.value {
                Some(value) => {
                    let row = self.row_with(change.name, value, change.secret, Source::Admin)?;
                    tx.execute(&row).await?;
                }
                None => {
                    tx.execute(&without(change.name)).await?;
                }
            }
        }
        Ok(())
    }

    /// Goes back to what the environment or the default says. Returns whether a value was stored.
    pub async fn unset_setting(&self, name: &str) -> Result<bool, StoreError> {
        let mut tx = self.change().await?;
        let found = tx.execute(&without(name)).await? > 0;
        if found {
            tx.commit().await?;
        }
        Ok(found)
    }

    fn row_with(
        &self,
        name: &str,
        value: &str,
        secret: bool,
        source: Source,
    ) -> Result<InsertStatement, StoreError> {
        let name = fitting("the setting's name", name, INDEXED)?.into_owned();
        let value = fitting("the setting's value", value, VALUE_LENGTH)?.into_owned();
        let value =
            if secret { self.vault.seal(&seal_context(&name), value.as_bytes())? } else { value };
        let row: [(Settings, Expr); 5] = [
            (Settings::Name, name.into()),
            (Settings::Value, value.into()),
            (Settings::Sealed, secret.into()),
            (Settings::UpdatedAt, now().millis().into()),
            (Settings::Source, source.as_str().into()),
        ];
        Ok(upsert(Settings::Table, row, 1))
    }
}

/// A setting that is to have another value.
#[derive(Clone, Copy, Debug)]
pub struct SettingChange<'a> {
    /// Which one.
    pub name: &'a str,
    /// The value; `None` goes back to what the environment or the default says.
    pub value: Option<&'a str>,
    /// Whether the value is sealed.
    pub secret: bool,
}

fn all() -> SelectStatement {
    Query::select()
        .columns([Settings::Name, Settings::Value, Settings::Sealed])
        .from(Settings::Table)
        .take()
}

fn without(name: &str) -> DeleteStatement {
    Query::delete().from_table(Settings::Table).and_where(equals(Settings::Name, name)).take()
}

#[derive(Iden, Clone, Copy)]
enum Settings {
    Table,
    Name,
    Value,
    Sealed,
    UpdatedAt,
    Source,
}

#[derive(FromRow)]
struct Named {
    name: String,
}

#[derive(FromRow)]
struct Row {
    name: String,
    value: String,
    sealed: bool,
}

impl Row {
    fn open(self, vault: &Vault) -> Option<(String, String)> {
        if !self.sealed {
            return Some((self.name, self.value));
        }
        let plain = vault.open(&seal_context(&self.name), &self.value).ok();
        let value = plain.and_then(|plain| String::from_utf8(plain.to_vec()).ok());
        if value.is_none() {
            tracing::error!(
                setting = self.name,
                "a stored secret setting does not open and is left out"
            );
        }
        Some((self.name, value?))
    }
}

pub(crate) fn seal_context(name: &str) -> String {
    format!("settings:{name}:value")
}
