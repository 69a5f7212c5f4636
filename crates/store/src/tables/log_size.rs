//! How much room the logs take, and how they are held to it.
//!
//! What a database says of its tables' sizes is of no use for that: room that deleted rows have left counts, so
//! that a log would be emptied step by step. So rows are counted and some of them are measured.

use keypool::Timestamp;
use sea_query::{Alias, Expr, ExprTrait as _, Func, Iden, Order, Query};
use sqlx::FromRow;

use super::logs::Dated;
use crate::{Store, StoreError};

/// What a row takes beside its texts: its numbers, its head, and its place in the index; in bytes, about.
const BESIDE_TEXTS: u64 = 160;
/// Rows are measured at so many moments, evenly spread over the log.
const MOMENTS: i64 = 20;
/// So many rows are measured at each moment.
const ROWS_AT_MOMENT: u64 = 50;

impl Store {
    /// Deletes the oldest requests until those left take about `bytes` at most. Returns how many rows
    /// were deleted. A database keeps the room for what comes next.
    pub async fn delete_requests_beyond(&self, bytes: u64) -> Result<u64, StoreError> {
        self.delete_beyond(Dated::Requests, REQUEST_TEXTS, bytes).await
    }

    /// The same for failed attempts.
    pub async fn delete_errors_beyond(&self, bytes: u64) -> Result<u64, StoreError> {
        self.delete_beyond(Dated::Errors, ERROR_TEXTS, bytes).await
    }

    /// Older rows may be smaller than those that stay, so it is measured again until it fits.
    async fn delete_beyond(
        &self,
        table: Dated,
        texts: &[Text],
        bytes: u64,
    ) -> Result<u64, StoreError> {
        let mut deleted = 0;
        loop {
            let rows = self.count(table).await?;
            let size = self.row_size(table, texts).await?;
            let excess = rows.saturating_sub(bytes / size);
            let Some(moment) = self.moment_behind(table, excess).await? else { return Ok(deleted) };
            let gone = self.delete_before(table, moment).await?;
            deleted += gone;
            if gone == 0 {
                return Ok(deleted);
            }
        }
    }

    /// What a row takes on average, in bytes.
    async fn row_size(&self, table: Dated, texts: &[Text]) -> Result<u64, StoreError> {
        let Some((first, last)) = self.ends(table).await? else { return Ok(BESIDE_TEXTS) };
        let octets = texts
            .iter()
            .map(|text| {
                let octets = Func::cust(Alias::new("OCTET_LENGTH")).arg(Expr::col(*text));
                Expr::expr(Func::coalesce([octets.into(), Expr::val(0)]))
            })
            .reduce(Expr::add)
            .unwrap_or_else(|| Expr::val(0));
        let octets = self.logs.integer(octets);
        let (mut measured, mut sum) = (0, 0);
        for step in 0..MOMENTS {
            let moment = first + (last - first) / MOMENTS * step;
            let select = Query::select()
                .expr_as(octets.clone(), Alias::new("number"))
                .from(table)
                .and_where(Expr::col(Column::At).gte(moment))
                .order_by(Column::At, Order::Asc)
                .limit(ROWS_AT_MOMENT)
                .take();
            let rows: Vec<Number> = self.logs.all(&select).await?;
            measured += rows.len() as u64;
            sum += rows.iter().map(|row| row.number.unsigned_abs()).sum::<u64>();
        }
        Ok(BESIDE_TEXTS + sum / Ord::max(measured, 1))
    }

    /// The moments of the oldest and of the newest row, in milliseconds.
    async fn ends(&self, table: Dated) -> Result<Option<(i64, i64)>, StoreError> {
        let end = |order| {
            Query::select()
                .expr_as(Expr::col(Column::At), Alias::new("number"))
                .from(table)
                .order_by(Column::At, order)
                .limit(1)
                .take()
        };
        let first: Option<Number> = self.logs.optional(&end(Order::Asc)).await?;
        let last: Option<Number> = self.logs.optional(&end(Order::Desc)).await?;
        Ok(first.zip(last).map(|(first, last)| (first.number, last.number)))
    }

    /// The moment before which the `rows` oldest rows lie; none if no row is too many. All of them, and
    /// what is of their last moment, if there are no more rows than that.
    async fn moment_behind(
        &self,
        table: Dated,
        rows: u64,
    ) -> Result<Option<Timestamp>, StoreError> {
        let Some(last) = rows.checked_sub(1) else { return Ok(None) };
        let select = Query::select()
            .expr_as(Expr::col(Column::At), Alias::new("number"))
            .from(table)
            .order_by(Column::At, Order::Asc)
            .limit(1)
            .offset(last)
            .take();
        let row: Option<Number> = self.logs.optional(&select).await?;
        Ok(row.map(|row| Timestamp::from_millis(row.number.saturating_add(1))))
    }
}

#[derive(Iden, Clone, Copy)]
enum Column {
    At,
}

/// The columns with texts, whose lengths differ.
#[derive(Iden, Clone, Copy)]
enum Text {
    RequestId,
    TokenId,
    TokenName,
    Dialect,
    Operation,
    Model,
    KeyId,
    KeyMask,
    Outcome,
    Error,
    Trail,
    Message,
    RequestBody,
}

const REQUEST_TEXTS: &[Text] = &[
    Text::RequestId,
    Text::TokenId,
    Text::TokenName,
    Text::Dialect,
    Text::Operation,
    Text::Model,
    Text::KeyId,
    Text::KeyMask,
    Text::Outcome,
    Text::Error,
    Text::Trail,
];
const ERROR_TEXTS: &[Text] = &[
    Text::RequestId,
    Text::KeyId,
    Text::KeyMask,
    Text::Model,
    Text::Outcome,
    Text::Message,
    Text::RequestBody,
];

#[derive(FromRow)]
struct Number {
    number: i64,
}
