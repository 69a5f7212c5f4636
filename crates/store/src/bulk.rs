//! Many rows in few statements: the cheapest way into all three databases.
//!
//! A statement inserts 100, 10 or 1 rows, so that its text is constant and is prepared once per
//! connection. Values are shared with the records, not copied.

use std::sync::Arc;

use sqlx::error::BoxDynError;
use sqlx::mysql::MySqlArguments;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Encode, Type};

use crate::StoreError;
use crate::db::{Tx, within};
use crate::text::cut;

/// The most bytes of one statement, about: MySQL closes the connection for a few megabytes.
const LARGEST_STATEMENT: usize = 1024 * 1024;

/// A record that becomes a row of a log.
pub(crate) trait LogRow: Sync {
    const TABLE: &'static str;
    const COLUMNS: &'static [&'static str];
    /// Where rows are sums: the columns that say of what. The others, all numbers, are added to the row
    /// that is there already.
    const KEYS: &'static [&'static str] = &[];

    /// Roughly the size of the row, in bytes.
    fn size(&self) -> usize;

    /// Hands out the values in the order of the columns.
    fn values(&self, labels: &mut Labels, row: &mut impl Values) -> Result<(), BoxDynError>;
}

/// Takes the values of a row, one after the other.
pub(crate) trait Values {
    fn text(&mut self, text: Option<Arc<str>>) -> Result<(), BoxDynError>;
    fn integer(&mut self, number: Option<i64>) -> Result<(), BoxDynError>;
    fn flag(&mut self, flag: bool) -> Result<(), BoxDynError>;

    /// Text that came from outside: cut to so many characters, and made fit for PostgreSQL.
    fn foreign(&mut self, text: Option<&Arc<str>>, maximum: usize) -> Result<(), BoxDynError> {
        self.text(text.map(|text| {
            let fit = cut(text, maximum);
            if fit.len() == text.len() && matches!(fit, std::borrow::Cow::Borrowed(_)) {
                Arc::clone(text)
            } else {
                Arc::from(fit.as_ref())
            }
        }))
    }
}

impl<A> Values for A
where
    A: Arguments,
    Option<Arc<str>>: for<'q> Encode<'q, A::Database> + Type<A::Database>,
    Option<i64>: for<'q> Encode<'q, A::Database> + Type<A::Database>,
    bool: for<'q> Encode<'q, A::Database> + Type<A::Database>,
{
    fn text(&mut self, text: Option<Arc<str>>) -> Result<(), BoxDynError> {
        self.add(text)
    }

    fn integer(&mut self, number: Option<i64>) -> Result<(), BoxDynError> {
        self.add(number)
    }

    fn flag(&mut self, flag: bool) -> Result<(), BoxDynError> {
        self.add(flag)
    }
}

/// The few constant words that rows repeat, each allocated once a batch.
#[derive(Default)]
pub(crate) struct Labels(Vec<(&'static str, Arc<str>)>);

impl Labels {
    pub(crate) fn shared(&mut self, label: &'static str) -> Arc<str> {
        if let Some((_, shared)) = self.0.iter().find(|(known, _)| std::ptr::eq(*known, label)) {
            return Arc::clone(shared);
        }
        let shared: Arc<str> = label.into();
        self.0.push((label, Arc::clone(&shared)));
        shared
    }
}

/// The texts of the insert statements of one table for one database, largest first.
pub(crate) struct InsertSql {
    by_rows: [(usize, Arc<str>); 3],
}

/// Whose SQL is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    Sqlite,
    Postgres,
    MySql,
}

impl Flavour {
    /// What follows an insert of sums, so that they are added to those that are there.
    fn adding<R: LogRow>(self) -> String {
        let sums = R::COLUMNS.iter().filter(|column| !R::KEYS.contains(column));
        if self == Self::MySql {
            let sums: Vec<String> =
                sums.map(|column| format!("{column} = {column} + VALUES({column})")).collect();
            return format!(" ON DUPLICATE KEY UPDATE {}", sums.join(", "));
        }
        let table = R::TABLE;
        let sums: Vec<String> =
            sums.map(|column| format!("{column} = {table}.{column} + excluded.{column}")).collect();
        format!(" ON CONFLICT ({}) DO UPDATE SET {}", R::KEYS.join(", "), sums.join(", "))
    }
}

impl InsertSql {
    pub(crate) fn new<R: LogRow>(flavour: Flavour) -> Self {
        let adding = if R::KEYS.is_empty() { String::new() } else { flavour.adding::<R>() };
        let text = |rows: usize| {
            let mut number = 0;
            let mut place = || {
                number += 1;
                match flavour {
                    Flavour::Sqlite | Flavour::MySql => "?".to_owned(),
                    Flavour::Postgres => format!("${number}"),
                }
            };
            let mut row = || {
                let places: Vec<String> = R::COLUMNS.iter().map(|_| place()).collect();
                format!("({})", places.join(","))
            };
            let rows: Vec<String> = (0..rows).map(|_| row()).collect();
            let columns = R::COLUMNS.join(",");
            let rows = rows.join(",");
            Arc::from(format!("INSERT INTO {} ({columns}) VALUES {rows}{adding}", R::TABLE))
        };
        Self { by_rows: [100, 10, 1].map(|rows| (rows, text(rows))) }
    }

    /// Inserts all rows, in order.
    pub(crate) async fn insert<R: LogRow>(
        &self,
        tx: &mut Tx,
        rows: &[R],
    ) -> Result<(), StoreError> {
        let mut labels = Labels::default();
        let mut rest = rows;
        for (count, sql) in &self.by_rows {
            while let Some((now, later)) = rest.split_at_checked(*count) {
                if *count > 1 && now.iter().map(R::size).sum::<usize>() > LARGEST_STATEMENT {
                    break;
                }
                insert_exactly(tx, sql, now, &mut labels).await?;
                rest = later;
                if rest.is_empty() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

async fn insert_exactly<R: LogRow>(
    tx: &mut Tx,
    sql: &Arc<str>,
    rows: &[R],
    labels: &mut Labels,
) -> Result<(), StoreError> {
    let text = AssertSqlSafe(Arc::clone(sql));
    match tx {
        Tx::Sqlite(tx) => {
            let values: SqliteArguments = arguments(rows, labels)?;
            within(sqlx::query_with(text, values).execute(&mut **tx)).await?;
        }
        Tx::Postgres(tx) => {
            let values: PgArguments = arguments(rows, labels)?;
            within(sqlx::query_with(text, values).execute(&mut **tx)).await?;
        }
        Tx::MySql(tx) => {
            let values: MySqlArguments = arguments(rows, labels)?;
            within(sqlx::query_with(text, values).execute(&mut **tx)).await?;
        }
    }
    Ok(())
}

fn arguments<A: Arguments + Values, R: LogRow>(
    rows: &[R],
    labels: &mut Labels,
) -> Result<A, StoreError> {
    let mut arguments = A::default();
    arguments.reserve(rows.len() * R::COLUMNS.len(), 0);
    for row in rows {
        row.values(labels, &mut arguments)
            .map_err(|error| StoreError::Database(sqlx::Error::Encode(error)))?;
    }
    Ok(arguments)
}
