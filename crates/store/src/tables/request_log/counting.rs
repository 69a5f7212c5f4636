//! How many requests there are of each kind, and taking away those that a filter finds.

use keypool::Timestamp;
use sea_query::{Alias, Cond, Expr, ExprTrait as _, Order, Query};
use sqlx::FromRow;

use super::{RequestFilter, RequestLog, conditions};
use crate::{Store, StoreError, Tally};

/// Rows that are looked through in one transaction: nobody shall wait long for the lock.
const DELETED_AT_ONCE: i64 = 20_000;

/// Rows that are named in one statement.
const NAMED_AT_ONCE: usize = 500;

/// Requests that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields mean what they mean in `RequestRecord`")]
pub struct RequestGroup {
    /// When the span of time begins that they came in.
    pub since: Timestamp,
    pub outcome: String,
    pub status: u16,
    pub attempts: u16,
    pub dialect: String,
    pub model: Option<String>,
    pub token_id: Option<String>,
    /// How many.
    pub requests: u64,
}

impl RequestGroup {
    /// What they came to, as far as it is counted: without tokens.
    pub fn tally(&self) -> Tally {
        Tally::of_group(self.status, self.attempts, self.requests)
    }
}

/// What a count found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// The requests, put together.
    pub groups: Vec<RequestGroup>,
    /// Whether there are older ones that nobody looked at.
    pub is_bounded: bool,
}

impl Store {
    /// When the oldest request came that the log holds.
    pub async fn oldest_request(&self) -> Result<Option<Timestamp>, StoreError> {
        let select = Query::select()
            .column(RequestLog::At)
            .from(RequestLog::Table)
            .order_by(RequestLog::At, Order::Asc)
            .limit(1)
            .take();
        let row: Option<At> = self.logs.optional(&select).await?;
        Ok(row.map(|row| Timestamp::from_millis(row.at)))
    }

    /// Counts the requests that pass the filter by what they were, in spans of `step` milliseconds. Of
    /// the filter's time no more than `at_most` requests, the newest, are looked at.
    pub async fn count_requests(
        &self,
        filter: &RequestFilter,
        step: i64,
        at_most: u64,
    ) -> Result<Counted, StoreError> {
        use RequestLog as Log;
        let time =
            RequestFilter { since: filter.since, until: filter.until, ..RequestFilter::default() };
        // A constant, since servers may take a parameter in reckoning for a decimal.
        let since = Expr::cust(format!("at - at % {}", Ord::max(step, 1)));
        let newest = Query::select()
            .columns([Log::Id, Log::At, Log::RequestId, Log::TokenId, Log::Dialect, Log::Model])
            .columns([Log::KeyId, Log::Status, Log::Outcome, Log::Attempts, Log::DurationMs])
            .expr_as(since, Counting::Since)
            .from(Log::Table)
            .cond_where(conditions(&time))
            .order_by(Log::At, Order::Desc)
            .limit(at_most)
            .take();
        let columns = [Log::Outcome, Log::Status, Log::Attempts, Log::Dialect, Log::Model];
        let select = Query::select()
            .column(Counting::Since)
            .columns(columns)
            .column(Log::TokenId)
            .expr_as(Expr::col(Log::Id).count(), Counting::Requests)
            .from_subquery(newest, Alias::new("newest"))
            .cond_where(conditions(filter))
            .group_by_col(Counting::Since)
            .group_by_columns(columns)
            .group_by_col(Log::TokenId)
            .take();
        let rows: Vec<Row> = self.logs.all(&select).await?;
        let further = Query::select()
            .column(Log::At)
            .from(Log::Table)
            .cond_where(conditions(&time))
            .order_by(Log::At, Order::Desc)
            .limit(1)
            .offset(at_most)
            .take();
        let is_bounded = self.logs.optional::<At>(&further).await?.is_some();
        Ok(Counted { groups: rows.into_iter().map(RequestGroup::from).collect(), is_bounded })
    }

    /// In which pieces the requests are deleted that a filter finds: ranges of rows, the newest first.
    pub async fn pieces_of_requests(
        &self,
        filter: &RequestFilter,
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        let time = RequestFilter {
            since: filter.since,
            until: filter.until,
            before: filter.before,
            after: filter.after,
            ..RequestFilter::default()
        };
        let select = Query::select()
            .expr_as(Expr::col(RequestLog::Id).min(), Counting::First)
            .expr_as(Expr::col(RequestLog::Id).max(), Counting::Last)
            .from(RequestLog::Table)
            .cond_where(conditions(&time))
            .take();
        let ends: Option<Ends> = self.logs.optional(&select).await?;
        let mut pieces = Vec::new();
        if let Some(Ends { first: Some(first), last: Some(mut last) }) = ends {
            while last >= first {
                let begin = Ord::max(first, last - DELETED_AT_ONCE + 1);
                pieces.push((begin, last));
                last = begin - 1;
            }
        }
        Ok(pieces)
    }

    /// Deletes the requests of a piece that pass the filter, with their failed attempts. Returns how
    /// many requests there were. Sums stay as they are.
    pub async fn delete_requests(
        &self,
        filter: &RequestFilter,
        (first, last): (i64, i64),
    ) -> Result<u64, StoreError> {
        let meant = conditions(filter).add(Expr::col(RequestLog::Id).between(first, last));
        let failed = Cond::any()
            .add(Expr::col(RequestLog::Attempts).gt(1))
            .add(Expr::col(RequestLog::Status).gte(400))
            .add(Expr::col(RequestLog::Outcome).ne("served"));
        let ids = Query::select()
            .column(RequestLog::RequestId)
            .from(RequestLog::Table)
            .cond_where(meant.clone())
            .cond_where(failed)
            .take();
        let requests = Query::delete().from_table(RequestLog::Table).cond_where(meant).take();
        let mut tx = self.logs.begin().await?;
        // By their ids: older servers run a query within a deletion once for every row.
        let ids: Vec<Named> = tx.all(&ids).await?;
        for some in ids.chunks(NAMED_AT_ONCE) {
            let some = some.iter().map(|row| row.request_id.as_str());
            let attempts = Query::delete()
                .from_table(Alias::new("error_log"))
                .and_where(Expr::col(RequestLog::RequestId).is_in(some))
                .take();
            tx.execute(&attempts).await?;
        }
        let deleted = tx.execute(&requests).await?;
        tx.commit().await?;
        Ok(deleted)
    }
}

/// Columns that are reckoned.
#[derive(sea_query::Iden, Clone, Copy)]
enum Counting {
    Since,
    Requests,
    First,
    Last,
}

#[derive(FromRow)]
struct At {
    at: i64,
}

#[derive(FromRow)]
struct Named {
    request_id: String,
}

#[derive(FromRow)]
struct Ends {
    first: Option<i64>,
    last: Option<i64>,
}

#[derive(FromRow)]
struct Row {
    since: i64,
    outcome: String,
    status: i64,
    attempts: i64,
    dialect: String,
    model: Option<String>,
    token_id: Option<String>,
    requests: i64,
}

impl From<Row> for RequestGroup {
    fn from(row: Row) -> Self {
        Self {
            since: Timestamp::from_millis(row.since),
            outcome: row.outcome,
            status: row.status.try_into().unwrap_or_default(),
            attempts: row.attempts.try_into().unwrap_or(u16::MAX),
            dialect: row.dialect,
            model: row.model,
            token_id: row.token_id,
            requests: row.requests.unsigned_abs(),
        }
    }
}
