use sea_query::{Expr, Iden, Query, SelectStatement};
use sqlx::FromRow;

use crate::db::{Db, Tx};
use crate::{StoreError, sql};

/// The vault's check value.
pub(crate) const VAULT_CHECK: &str = "vault_check";

/// The version of the program that began to serve last.
pub(crate) const VERSION: &str = "version";

#[derive(Iden, Clone, Copy)]
enum Meta {
    Table,
    Name,
    Value,
}

#[derive(FromRow)]
struct Row {
    value: String,
}

pub(crate) async fn read(db: &Db, name: &str) -> Result<Option<String>, StoreError> {
    let row: Option<Row> = db.optional(&select(name)).await?;
    Ok(row.map(|row| row.value))
}

pub(crate) async fn read_in(tx: &mut Tx, name: &str) -> Result<Option<String>, StoreError> {
    let row: Option<Row> = tx.optional(&select(name)).await?;
    Ok(row.map(|row| row.value))
}

pub(crate) async fn insert(tx: &mut Tx, name: &str, value: &str) -> Result<(), StoreError> {
    let row: [(Meta, Expr); 2] = [(Meta::Name, name.into()), (Meta::Value, value.into())];
    tx.execute(&sql::insert(Meta::Table, row)).await?;
    Ok(())
}

/// Inserts a value, or overwrites the one that is there.
pub(crate) async fn put(tx: &mut Tx, name: &str, value: &str) -> Result<(), StoreError> {
    let row: [(Meta, Expr); 2] = [(Meta::Name, name.into()), (Meta::Value, value.into())];
    tx.execute(&sql::upsert(Meta::Table, row, 1)).await?;
    Ok(())
}

fn select(name: &str) -> SelectStatement {
    Query::select()
        .column(Meta::Value)
        .from(Meta::Table)
        .and_where(sql::equals(Meta::Name, name))
        .take()
}
