//! Making a backup: all tables as they are at one moment, page by page.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use sea_query::{Alias, Expr, ExprTrait as _, Order, Query, SelectStatement};
use secret::{Passphrase, Salt, Vault};
use serde_json::Value;

use super::file::{Header, Line, SealedWith, Writer};
use super::sealing::reseal;
use super::tables::{Kind, TABLES, Table};
use super::{BackupError, BackupOptions, Contents};
use crate::db::{Db, Tx};
use crate::{ForeignRow, Store};

/// Rows that are read at once; responses may be large.
const PAGE: u64 = 500;

impl Store {
    /// Writes everything that this database knows. Running gateways are not held up, and the file
    /// shows one moment of keys, tokens and settings, and one of the logs.
    pub async fn backup(
        &self,
        options: &BackupOptions,
        out: &mut (dyn Write + Send),
    ) -> Result<Contents, BackupError> {
        let (vault, sealed_with) = match &options.passphrase {
            Some(passphrase) => {
                let salt = Salt::generate().map_err(|_| BackupError::Sealing)?;
                let vault = derive(passphrase, salt).await?;
                let sealed_with = SealedWith { salt: salt.to_text(), check: vault.check_value() };
                (Some(vault), Some(sealed_with))
            }
            None => (None, None),
        };
        let header = Header::new(self.vault.check_value(), options.logs, sealed_with);
        let mut taking = Taking {
            store: self,
            seal: vault,
            out: Writer::new(out, &header)?,
            rows: BTreeMap::new(),
        };
        let mut control = self.control.look().await?;
        for table in TABLES.iter().filter(|table| !table.is_log) {
            taking.table(&self.control, &mut control, table).await?;
        }
        drop(control);
        if options.logs {
            let mut logs = self.logs.look().await?;
            for table in TABLES.iter().filter(|table| table.is_log) {
                taking.table(&self.logs, &mut logs, table).await?;
            }
        }
        let Taking { out, rows, .. } = taking;
        let contents = Contents::of(&rows);
        out.end(rows)?;
        Ok(contents)
    }
}

/// Takes as long as it must to make guessing dear: not on a thread that others wait for.
pub(super) async fn derive(passphrase: &Passphrase, salt: Salt) -> Result<Arc<Vault>, BackupError> {
    let passphrase = passphrase.clone();
    let derived = tokio::task::spawn_blocking(move || passphrase.vault(salt)).await;
    derived.ok().flatten().map(Arc::new).ok_or(BackupError::Sealing)
}

struct Taking<'a, W> {
    store: &'a Store,
    /// What seals the secrets in the file, if not the master key.
    seal: Option<Arc<Vault>>,
    out: Writer<W>,
    rows: BTreeMap<String, u64>,
}

impl<W: Write> Taking<'_, W> {
    async fn table(
        &mut self,
        db: &Db,
        tx: &mut Tx,
        table: &'static Table,
    ) -> Result<(), BackupError> {
        let columns = table.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        self.out.line(&Line::Table { table: table.name.to_owned(), columns })?;
        let (mut number, mut last) = (0, None);
        loop {
            let rows: Vec<ForeignRow> = tx.all(&page(db, table, last.take(), number)).await?;
            let is_last = (rows.len() as u64) < PAGE;
            for row in rows {
                number += 1;
                let mut cells = row.into_cells().into_iter();
                last = cells.next().flatten();
                self.row(table, cells)?;
            }
            if is_last {
                break;
            }
        }
        self.rows.insert(table.name.to_owned(), number);
        Ok(())
    }

    fn row(
        &mut self,
        table: &'static Table,
        cells: impl Iterator<Item = Option<String>>,
    ) -> Result<(), BackupError> {
        let values = table.columns.iter().zip(cells).map(|((_, kind), cell)| value(*kind, cell));
        let mut row: Vec<Value> = values.collect();
        if let Some(seal) = &self.seal {
            reseal(table, &mut row, &self.store.vault, seal)?;
        }
        self.out.line(&Line::Row(row))
    }
}

/// The next rows of a table: the first part of its key, and all columns, as texts. A table whose key
/// has one part is entered where the page before ended.
fn page(db: &Db, table: &Table, last: Option<String>, passed: u64) -> SelectStatement {
    let mut select = Query::select();
    let key = Alias::new(table.key[0]);
    select.expr(db.text(Expr::col(key.clone())));
    for (column, _) in table.columns {
        select.expr(db.text(Expr::col(Alias::new(*column))));
    }
    select.from(Alias::new(table.name));
    for part in table.key {
        // With its table: to PostgreSQL a bare name means the text that is selected under it.
        select.order_by((Alias::new(table.name), Alias::new(*part)), Order::Asc);
    }
    if table.key.len() > 1 {
        select.offset(passed);
    } else if let Some(last) = last {
        match last.parse::<i64>() {
            Ok(number) if table.is_numbered() => select.and_where(Expr::col(key).gt(number)),
            _ => select.and_where(Expr::col(key).gt(last)),
        };
    }
    select.limit(PAGE).take()
}

/// Databases write flags and numbers as different texts.
fn value(kind: Kind, cell: Option<String>) -> Value {
    let Some(cell) = cell else { return Value::Null };
    match kind {
        Kind::Text => Value::String(cell),
        Kind::Integer => cell.parse::<i64>().map_or(Value::Null, Value::from),
        Kind::Flag => Value::Bool(matches!(cell.as_str(), "1" | "t" | "true")),
    }
}

impl Contents {
    pub(super) fn of(rows: &BTreeMap<String, u64>) -> Self {
        let count = |table: &str| rows.get(table).copied().unwrap_or_default();
        Self {
            keys: count("api_keys"),
            tokens: count("client_tokens"),
            settings: count("settings"),
            administrators: count("administrators"),
            requests: count("request_log"),
            rows: rows.values().sum(),
        }
    }
}
