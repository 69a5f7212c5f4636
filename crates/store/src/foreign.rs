//! Databases of other programs: read page by page, never written.

use sea_query::{Alias, Expr, ExprTrait as _, Func, Order, Query};
use sqlx::{ColumnIndex, Decode, FromRow, Row, Type};

use crate::db::Db;
use crate::open::foreign as open;
use crate::{OpenError, StoreError};

/// The longest text that is read of a cell, in characters; the rest stays behind.
const LONGEST_CELL: i32 = 250_000;

/// What every table that is read page by page has.
const ID: &str = "id";

/// A database that belongs to another program. Whatever its tables hold is read as text, since
/// programs and databases differ in how they store times, flags and numbers.
#[derive(Clone)]
pub struct Foreign {
    db: Db,
    shown: String,
}

/// A table, and those of the wanted columns that it has.
#[derive(Debug, Clone)]
pub struct ForeignTable {
    name: &'static str,
    columns: Vec<(&'static str, bool)>,
}

/// The cells of a row in the order of the columns that were asked for. A column that the table does
/// not have is empty in every row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignRow(Vec<Option<String>>);

impl Foreign {
    /// Opens the SQLite file at `path`.
    pub async fn open_file(path: &std::path::Path) -> Result<Self, OpenError> {
        let db = open::sqlite(path).await?;
        Ok(Self { db, shown: path.display().to_string() })
    }

    /// Opens what `url` names. The forms of `SQLAlchemy` and Prisma are understood, too.
    pub async fn open_url(url: &str) -> Result<Self, OpenError> {
        let (db, shown) = open::url(url).await?;
        Ok(Self { db, shown })
    }

    /// Where the database is, without a password.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The kind of database: `SQLite`, `PostgreSQL` or `MySQL`.
    pub fn kind(&self) -> &'static str {
        match self.db {
            Db::Sqlite { .. } => "SQLite",
            Db::Postgres(_) => "PostgreSQL",
            Db::MySql(_) => "MySQL",
        }
    }

    /// The names of all tables.
    pub async fn tables(&self) -> Result<Vec<String>, StoreError> {
        self.db.tables().await
    }

    /// The table called `name`, to be read with these columns; `None` if there is none.
    pub async fn table(
        &self,
        name: &'static str,
        columns: &[&'static str],
    ) -> Result<Option<ForeignTable>, StoreError> {
        let there = self.db.columns(name).await?;
        if there.is_empty() {
            return Ok(None);
        }
        // SQLite takes the name of a column that is not there for a text.
        let has = |column: &&str| there.iter().any(|known| known == column);
        let columns = columns.iter().map(|column| (*column, has(column))).collect();
        Ok(Some(ForeignTable { name, columns }))
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &ForeignTable) -> Result<u64, StoreError> {
        let select = Query::select()
            .expr(self.db.text(Func::count(Expr::val(1)).into()))
            .from(Alias::new(table.name))
            .take();
        let row: Option<ForeignRow> = self.db.optional(&select).await?;
        Ok(row.and_then(|row| row.get(0)?.parse().ok()).unwrap_or_default())
    }

    /// All rows of a table that is not large, in the order of a column that it has.
    pub async fn all(
        &self,
        table: &ForeignTable,
        order: &'static str,
    ) -> Result<Vec<ForeignRow>, StoreError> {
        let select = Query::select()
            .exprs(self.cells(table))
            .from(Alias::new(table.name))
            .order_by((Alias::new(table.name), Alias::new(order)), Order::Asc)
            .take();
        self.db.all(&select).await
    }

    /// At most `limit` rows with an `id` above `after`, in the order of their ids.
    pub async fn page(
        &self,
        table: &ForeignTable,
        after: i64,
        limit: u64,
    ) -> Result<Vec<(i64, ForeignRow)>, StoreError> {
        let id = || Expr::col(Alias::new(ID));
        let select = Query::select()
            .expr(self.db.text(id()))
            .exprs(self.cells(table))
            .from(Alias::new(table.name))
            .and_where(id().gt(after))
            // With its table: to PostgreSQL a bare name means the text that is selected under it.
            .order_by((Alias::new(table.name), Alias::new(ID)), Order::Asc)
            .limit(limit)
            .take();
        let rows: Vec<ForeignRow> = self.db.all(&select).await?;
        rows.into_iter().map(|row| row.with_id(table.name)).collect()
    }

    /// Closes the connections.
    pub async fn close(&self) {
        self.db.close().await;
    }

    fn cells(&self, table: &ForeignTable) -> Vec<Expr> {
        let cell = |(column, there): &(&'static str, bool)| {
            let value = if *there { Expr::col(Alias::new(*column)) } else { Expr::null() };
            Func::cust(Alias::new("SUBSTR"))
                .arg(self.db.text(value))
                .arg(Expr::val(1))
                .arg(Expr::val(LONGEST_CELL))
                .into()
        };
        table.columns.iter().map(cell).collect()
    }
}

impl ForeignRow {
    /// The cell of a column, by its place; `None` if it is empty.
    pub fn get(&self, column: usize) -> Option<&str> {
        self.0.get(column)?.as_deref()
    }

    pub(crate) fn into_cells(self) -> Vec<Option<String>> {
        self.0
    }

    fn with_id(mut self, table: &'static str) -> Result<(i64, Self), StoreError> {
        let id = if self.0.is_empty() { None } else { self.0.remove(0) };
        let id = id.and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| StoreError::Damaged {
            table,
            problem: "a row has no whole number as its id".to_owned(),
        })?;
        Ok((id, self))
    }
}

impl<'r, R> FromRow<'r, R> for ForeignRow
where
    R: Row,
    usize: ColumnIndex<R>,
    Option<String>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        (0..row.len()).map(|column| row.try_get(column)).collect::<Result<_, _>>().map(Self)
    }
}
