//! Reading a backup into a database: everything or nothing.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::Arc;

use sea_query::{Alias, DeleteStatement, Expr, ExprTrait as _, Order, Query, SelectStatement};
use secret::{Salt, Vault};
use serde_json::Value;

use super::file::{Header, Line, Reader};
use super::sealing::reseal;
use super::tables::{CHANGED, Kind, TABLES, Table};
use super::taking::derive;
use super::{BackupError, BackupOptions, Contents, Restored};
use crate::db::{Db, Tx};
use crate::tables::revision;
use crate::{ForeignRow, Store};

/// The most values and, about, bytes of one statement.
const VALUES: usize = 5_000;
const BYTES: usize = 1024 * 1024;

/// Whose table it is that may stay.
const ADMINISTRATORS: &str = "administrators";

/// Rows that are deleted by one statement.
const DELETED_AT_ONCE: u64 = 20_000;

/// What makes a database one that is in use.
const TELLING: [(&str, &str); 4] = [
    ("api_keys", "keys"),
    ("client_tokens", "client tokens"),
    ("settings", "saved settings"),
    ("administrators", "administrators"),
];

impl Store {
    /// Reads what [`Store::backup`] wrote, from a database of any kind. Running gateways take it up
    /// like any other change. Of what is there nothing stays but the logs, if the backup has none;
    /// everybody has to sign in anew.
    pub async fn restore(
        &self,
        options: &BackupOptions,
        input: &mut (dyn BufRead + Send),
    ) -> Result<Restored, BackupError> {
        let (reader, header) = Reader::new(input)?;
        let opens = self.opening(options, &header).await?;
        let mut control = self.change().await?;
        if !options.replace {
            refuse_used(&mut control).await?;
        }
        let learned = revision::bump_learned(&mut control).await?;
        let is_apart = matches!(self.control, Db::Sqlite { .. });
        let logs = if is_apart && header.logs { Some(self.logs.begin().await?) } else { None };
        let mut restoring = Restoring {
            reader,
            opens,
            seals: Arc::clone(&self.vault),
            keeps_removed: header.master_check == self.vault.check_value(),
            learned,
            db: self.control.clone(),
            control,
            logs,
            rows: BTreeMap::new(),
            forgotten: 0,
        };
        restoring.clear(header.logs, !options.keeps_administrators).await?;
        restoring.fill().await?;
        let Restoring { control, logs, rows, forgotten, .. } = restoring;
        // A file of logs for itself does no harm; keys without their logs would be half of it.
        if let Some(logs) = logs {
            logs.commit().await?;
        }
        control.commit().await?;
        let contents = Contents::of(&rows);
        Ok(Restored { contents, made_at: header.made_at, version: header.version, forgotten })
    }

    /// What opens the secrets of the file, if they are not sealed as they are here.
    pub(super) async fn opening(
        &self,
        options: &BackupOptions,
        header: &Header,
    ) -> Result<Option<Arc<Vault>>, BackupError> {
        let Some(sealed_with) = &header.passphrase else {
            let is_ours = header.master_check == self.vault.check_value();
            return if is_ours { Ok(None) } else { Err(BackupError::OtherMasterKey) };
        };
        let passphrase = options.passphrase.as_ref().ok_or(BackupError::PassphraseNeeded)?;
        let salt = Salt::from_text(&sealed_with.salt).ok_or(BackupError::Foreign)?;
        let vault = derive(passphrase, salt).await?;
        if vault.check_value() != sealed_with.check {
            return Err(BackupError::WrongPassphrase);
        }
        Ok(Some(vault))
    }
}

struct Restoring<R> {
    reader: Reader<R>,
    opens: Option<Arc<Vault>>,
    seals: Arc<Vault>,
    /// Fingerprints of removed keys mean something under their own master key only.
    keeps_removed: bool,
    /// The number under which other gateways take up what was learned.
    learned: i64,
    db: Db,
    control: Tx,
    logs: Option<Tx>,
    rows: BTreeMap<String, u64>,
    forgotten: u64,
}

/// A table of the file: which of its columns stand where.
pub(super) struct Section {
    table: &'static Table,
    /// For each column of the table its place in the file's rows.
    places: Vec<Option<usize>>,
    width: usize,
}

impl Section {
    pub(super) fn find<R: BufRead>(
        reader: &Reader<R>,
        name: &str,
        columns: &[String],
    ) -> Result<Self, BackupError> {
        let table = Table::find(name);
        let table = table.ok_or_else(|| {
            reader.damaged(format!("no table {name:?} is known; a newer version made it"))
        })?;
        if let Some(column) = columns.iter().find(|column| table.place(column).is_none()) {
            let problem = format!("{name} has no column {column:?}; a newer version made it");
            return Err(reader.damaged(problem));
        }
        let place = |wanted: &str| columns.iter().position(|column| column == wanted);
        let places = table.columns.iter().map(|(column, _)| place(column)).collect();
        Ok(Self { table, places, width: columns.len() })
    }

    pub(super) fn name(&self) -> &'static str {
        self.table.name
    }

    pub(super) fn check<R: BufRead>(
        &self,
        reader: &Reader<R>,
        row: &[Value],
    ) -> Result<(), BackupError> {
        if row.len() == self.width {
            return Ok(());
        }
        Err(reader.damaged("has more or fewer values than its table"))
    }
}

impl<R: BufRead> Restoring<R> {
    async fn clear(
        &mut self,
        also_logs: bool,
        also_administrators: bool,
    ) -> Result<(), BackupError> {
        let goes = |table: &&Table| {
            (also_logs || !table.is_log) && (also_administrators || table.name != ADMINISTRATORS)
        };
        for table in TABLES.iter().filter(goes) {
            let boundary = boundary(&self.db, table);
            let tx = self.tx(table);
            while let Some(row) = tx.optional::<ForeignRow>(&boundary).await? {
                let Some(key) = row.get(0) else { break };
                if tx.execute(&until(table, key)).await? == 0 {
                    break;
                }
            }
            tx.execute(&Query::delete().from_table(Alias::new(table.name)).take()).await?;
        }
        let sessions = Query::delete().from_table(Alias::new("sessions")).take();
        self.control.execute(&sessions).await?;
        Ok(())
    }

    async fn fill(&mut self) -> Result<(), BackupError> {
        let mut section: Option<Section> = None;
        let mut pending = Vec::new();
        let mut size = 0;
        loop {
            match self.reader.read()? {
                Line::Table { table, columns } => {
                    self.flush(section.as_ref(), &mut pending).await?;
                    section = Some(Section::find(&self.reader, &table, &columns)?);
                }
                Line::Row(row) => {
                    let Some(section) = &section else {
                        return Err(self.reader.damaged("a row belongs to no table"));
                    };
                    *self.rows.entry(section.table.name.to_owned()).or_default() += 1;
                    size += row.iter().map(weight).sum::<usize>();
                    pending.extend(self.row(section, &row)?);
                    if pending.len() * section.table.columns.len() >= VALUES || size > BYTES {
                        self.flush(Some(section), &mut pending).await?;
                        size = 0;
                    }
                }
                Line::End { mut rows, .. } => {
                    self.flush(section.as_ref(), &mut pending).await?;
                    rows.retain(|_, count| *count > 0);
                    if rows != self.rows {
                        return Err(self.reader.damaged("rows are missing"));
                    }
                    return Ok(());
                }
            }
        }
    }

    /// A row of the file as it is stored here; `None` if it is not to be.
    fn row(&mut self, section: &Section, row: &[Value]) -> Result<Option<Vec<Value>>, BackupError> {
        let table = section.table;
        section.check(&self.reader, row)?;
        if table.name == "removed_keys" && !self.keeps_removed {
            self.forgotten += 1;
            return Ok(None);
        }
        let cell = |place: &Option<usize>| place.map_or(Value::Null, |place| row[place].clone());
        let mut values: Vec<Value> = section.places.iter().map(cell).collect();
        if let Some(opens) = &self.opens {
            reseal(table, &mut values, opens, &self.seals)?;
        }
        if table.is_learned
            && let Some(changed) = table.place(CHANGED).and_then(|place| values.get_mut(place))
        {
            *changed = self.learned.into();
        }
        Ok(Some(values))
    }

    async fn flush(
        &mut self,
        section: Option<&Section>,
        pending: &mut Vec<Vec<Value>>,
    ) -> Result<(), BackupError> {
        let Some(section) = section.filter(|_| !pending.is_empty()) else { return Ok(()) };
        // A column that an older file does not have gets what the schema gives it.
        let there = |index: &usize| {
            section.places[*index].is_some() || section.table.columns[*index].0 == CHANGED
        };
        let indexes: Vec<usize> = (0..section.places.len()).filter(there).collect();
        let columns = indexes.iter().map(|index| Alias::new(section.table.columns[*index].0));
        let mut insert = Query::insert();
        insert.into_table(Alias::new(section.table.name)).columns(columns);
        for row in pending.drain(..) {
            let mut values = Vec::with_capacity(indexes.len());
            for index in &indexes {
                let (column, kind) = section.table.columns[*index];
                let value = expression(kind, &row[*index]);
                values.push(value.ok_or_else(|| {
                    self.reader.damaged(format!("a value of {column} is of another kind"))
                })?);
            }
            insert.values_panic(values);
        }
        self.tx(section.table).execute(&insert.take()).await?;
        Ok(())
    }

    fn tx(&mut self, table: &Table) -> &mut Tx {
        match &mut self.logs {
            Some(logs) if table.is_log => logs,
            _ => &mut self.control,
        }
    }
}

async fn refuse_used(tx: &mut Tx) -> Result<(), BackupError> {
    let mut used = Vec::new();
    for (table, what) in TELLING {
        let one = Query::select().expr(Expr::val("1")).from(Alias::new(table)).limit(1).take();
        if tx.optional::<ForeignRow>(&one).await?.is_some() {
            used.push(what);
        }
    }
    if used.is_empty() { Ok(()) } else { Err(BackupError::NotEmpty(used.join(", "))) }
}

/// The key of a row some way into a large table.
fn boundary(db: &Db, table: &Table) -> SelectStatement {
    let key = Alias::new(table.key[0]);
    Query::select()
        .expr(db.text(Expr::col(key.clone())))
        .from(Alias::new(table.name))
        .order_by((Alias::new(table.name), key), Order::Asc)
        .limit(1)
        .offset(DELETED_AT_ONCE)
        .take()
}

fn until(table: &Table, boundary: &str) -> DeleteStatement {
    let key = Expr::col(Alias::new(table.key[0]));
    let condition = match boundary.parse::<i64>() {
        Ok(number) if table.is_numbered() => key.lt(number),
        _ => key.lt(boundary),
    };
    Query::delete().from_table(Alias::new(table.name)).and_where(condition).take()
}

/// `None` if the value is not of this kind.
fn expression(kind: Kind, value: &Value) -> Option<Expr> {
    Some(match (kind, value) {
        (Kind::Text, Value::Null) => Expr::val(None::<String>),
        (Kind::Integer, Value::Null) => Expr::val(None::<i64>),
        (Kind::Text, Value::String(text)) => Expr::val(text.clone()),
        (Kind::Integer, Value::Number(number)) => Expr::val(number.as_i64()?),
        (Kind::Flag, Value::Bool(flag)) => Expr::val(*flag),
        _ => return None,
    })
}

fn weight(value: &Value) -> usize {
    value.as_str().map_or(8, str::len)
}
