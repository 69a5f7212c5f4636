use sea_query::{Expr, ExprTrait as _, Iden, Query};
use sqlx::FromRow;

use crate::StoreError;
use crate::db::{Db, Tx};

#[derive(Iden)]
enum Revision {
    Table,
    Number,
}

#[derive(FromRow)]
struct Row {
    number: i64,
}

pub(crate) async fn read(db: &Db) -> Result<i64, StoreError> {
    let select = Query::select().column(Revision::Number).from(Revision::Table).take();
    let row: Option<Row> = db.optional(&select).await?;
    row.map(|row| row.number).ok_or_else(|| StoreError::Damaged {
        table: "revision",
        problem: "the row is missing".to_owned(),
    })
}

/// Counts up, and holds the row until the transaction ends: changes happen one after the other.
pub(crate) async fn bump(tx: &mut Tx) -> Result<(), StoreError> {
    let update = Query::update()
        .table(Revision::Table)
        .value(Revision::Number, Expr::col(Revision::Number).add(1))
        .take();
    tx.execute(&update).await?;
    Ok(())
}
