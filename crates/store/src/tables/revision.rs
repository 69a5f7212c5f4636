//! Two counters of changes: of what people configure, and of what pools learn.

use sea_query::{Expr, ExprTrait as _, Iden, Order, Query};
use sqlx::FromRow;

use crate::StoreError;
use crate::db::{Db, Tx};
use crate::sql::equals;

/// How often something was changed, by whatever process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revisions {
    /// Changes of keys, tokens and settings.
    pub configuration: i64,
    /// Changes of what pools have learned.
    pub learned: i64,
}

/// What is counted; the number of its row.
#[derive(Clone, Copy)]
enum Counter {
    Configuration = 1,
    Learned = 2,
}

#[derive(Iden)]
enum Revision {
    Table,
    Id,
    Number,
}

#[derive(FromRow)]
struct Row {
    number: i64,
}

pub(crate) async fn read(db: &Db) -> Result<Revisions, StoreError> {
    let select = Query::select()
        .column(Revision::Number)
        .from(Revision::Table)
        .order_by(Revision::Id, Order::Asc)
        .take();
    match db.all::<Row>(&select).await?[..] {
        [Row { number: configuration }, Row { number: learned }] => {
            Ok(Revisions { configuration, learned })
        }
        _ => Err(row_is_missing()),
    }
}

/// Counts up, and holds the row until the transaction ends: changes happen one after the other.
pub(crate) async fn bump(tx: &mut Tx) -> Result<(), StoreError> {
    count_up(tx, Counter::Configuration).await
}

/// The same for what is learned; answers the new number. To be called before a row is touched, so
/// that numbers become visible in their order.
pub(crate) async fn bump_learned(tx: &mut Tx) -> Result<i64, StoreError> {
    count_up(tx, Counter::Learned).await?;
    let select = Query::select()
        .column(Revision::Number)
        .from(Revision::Table)
        .and_where(equals(Revision::Id, Counter::Learned as i64))
        .take();
    let row: Option<Row> = tx.optional(&select).await?;
    row.map(|row| row.number).ok_or_else(row_is_missing)
}

async fn count_up(tx: &mut Tx, counter: Counter) -> Result<(), StoreError> {
    let update = Query::update()
        .table(Revision::Table)
        .value(Revision::Number, Expr::col(Revision::Number).add(1))
        .and_where(equals(Revision::Id, counter as i64))
        .take();
    tx.execute(&update).await?;
    Ok(())
}

fn row_is_missing() -> StoreError {
    StoreError::Damaged { table: "revision", problem: "a row is missing".to_owned() }
}
