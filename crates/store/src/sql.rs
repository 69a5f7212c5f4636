//! Statements that every table needs.

use sea_query::{
    Expr, ExprTrait as _, InsertStatement, IntoColumnRef, IntoIden, OnConflict, Query,
};

/// Inserts one row, given as pairs of column and value.
pub(crate) fn insert<C: IntoIden>(
    table: impl IntoIden,
    row: impl IntoIterator<Item = (C, Expr)>,
) -> InsertStatement {
    let (columns, values): (Vec<C>, Vec<Expr>) = row.into_iter().unzip();
    Query::insert().into_table(table.into_iden()).columns(columns).values_panic(values).take()
}

/// Inserts one row, or overwrites the one with the same key: the first `keys` columns.
pub(crate) fn upsert<C: IntoIden + Copy>(
    table: impl IntoIden,
    row: impl IntoIterator<Item = (C, Expr)>,
    keys: usize,
) -> InsertStatement {
    let row: Vec<(C, Expr)> = row.into_iter().collect();
    let columns: Vec<C> = row.iter().map(|(column, _)| *column).collect();
    let (keys, others) = columns.split_at(keys.min(columns.len()));
    let mut overwrite = OnConflict::columns(keys.iter().copied());
    overwrite.update_columns(others.iter().copied());
    insert(table, row).on_conflict(overwrite).take()
}

/// `column = value`.
pub(crate) fn equals(column: impl IntoColumnRef, value: impl Into<Expr>) -> Expr {
    Expr::col(column).eq(value)
}
