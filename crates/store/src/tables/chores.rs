use std::time::Duration;

use keypool::Timestamp;
use sea_query::{Expr, ExprTrait as _, Iden, Query, SelectStatement, UpdateStatement};
use sqlx::FromRow;

use crate::sql::equals;
use crate::text::cut;
use crate::{Store, StoreError};

/// How much is kept of how a chore went, in characters.
const DETAIL_LENGTH: usize = 8_000;

/// What one process does by the clock for all on the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chore {
    /// Making a backup.
    Backup,
    /// Asking whether there is a newer version.
    Updates,
}

/// How a chore went when it was done last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoreReport {
    /// When it was begun.
    pub begun_at: Timestamp,
    /// When it ended last; before it was begun while it is done, or if the process that did it is gone.
    pub ended_at: Option<Timestamp>,
    /// Whether it ended well.
    pub is_done: bool,
    /// What it brought then, as JSON, or why it did not end well.
    pub detail: String,
}

impl Chore {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Updates => "updates",
        }
    }
}

impl Store {
    /// Whether the caller is to do a chore now: it was begun `every` ago or longer, or `again` ago and
    /// did not end well. Of several processes one is told so.
    pub async fn claim_chore(
        &self,
        chore: Chore,
        now: Timestamp,
        every: Duration,
        again: Duration,
    ) -> Result<bool, StoreError> {
        let before = |age: Duration| {
            let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
            Expr::col(Chores::BegunAt).lte(now.millis().saturating_sub(age))
        };
        let is_bad = Expr::col(Chores::Done)
            .eq(false)
            .or(Expr::col(Chores::EndedAt).lt(Expr::col(Chores::BegunAt)));
        let due = before(every).or(before(again.min(every)).and(is_bad));
        let mut tx = self.control.begin().await?;
        let claimed = tx.execute(begun(chore, now).and_where(due)).await? > 0;
        tx.commit().await?;
        Ok(claimed)
    }

    /// A chore is begun, whether it is due or not.
    pub async fn begin_chore(&self, chore: Chore, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.control.begin().await?;
        tx.execute(&begun(chore, now)).await?;
        tx.commit().await
    }

    /// Writes down how a chore went that was begun.
    pub async fn end_chore(
        &self,
        chore: Chore,
        now: Timestamp,
        is_done: bool,
        detail: &str,
    ) -> Result<(), StoreError> {
        let update = Query::update()
            .table(Chores::Table)
            .value(Chores::EndedAt, now.millis())
            .value(Chores::Done, is_done)
            .value(Chores::Detail, cut(detail, DETAIL_LENGTH).as_ref())
            .and_where(equals(Chores::Name, chore.as_str()))
            .take();
        let mut tx = self.control.begin().await?;
        tx.execute(&update).await?;
        tx.commit().await
    }

    /// How a chore went when it was done last.
    pub async fn chore(&self, chore: Chore) -> Result<Option<ChoreReport>, StoreError> {
        let row: Option<Row> = self.control.optional(&select(chore)).await?;
        Ok(row.filter(|row| row.begun_at > 0).map(ChoreReport::from))
    }
}

fn begun(chore: Chore, now: Timestamp) -> UpdateStatement {
    Query::update()
        .table(Chores::Table)
        .value(Chores::BegunAt, now.millis())
        .and_where(equals(Chores::Name, chore.as_str()))
        .take()
}

fn select(chore: Chore) -> SelectStatement {
    Query::select()
        .columns([Chores::BegunAt, Chores::EndedAt, Chores::Done, Chores::Detail])
        .from(Chores::Table)
        .and_where(equals(Chores::Name, chore.as_str()))
        .take()
}

#[derive(Iden, Clone, Copy)]
enum Chores {
    Table,
    Name,
    BegunAt,
    EndedAt,
    Done,
    Detail,
}

#[derive(FromRow)]
struct Row {
    begun_at: i64,
    ended_at: Option<i64>,
    done: bool,
    detail: String,
}

impl From<Row> for ChoreReport {
    fn from(row: Row) -> Self {
        Self {
            begun_at: Timestamp::from_millis(row.begun_at),
            ended_at: row.ended_at.map(Timestamp::from_millis),
            is_done: row.done,
            detail: row.detail,
        }
    }
}
