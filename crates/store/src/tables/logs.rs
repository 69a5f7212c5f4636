//! What is asked of both logs together.

use std::collections::{BTreeSet, HashSet};

use keypool::Timestamp;
use sea_query::{Alias, Expr, ExprTrait as _, Iden, IntoIden, Order, Query};
use sqlx::FromRow;

use crate::bulk::{Flavour, InsertSql};
use crate::db::Db;
use crate::traffic::batch::{self, LatencyRow, TrafficRow};
use crate::{ErrorRecord, RequestRecord, Store, StoreError};

/// How many rows are deleted in one transaction, about: nobody shall wait long for the lock.
const DELETED_AT_ONCE: u64 = 5_000;

/// Rows in the logs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogCounts {
    /// Requests.
    pub requests: u64,
    /// Failed attempts.
    pub errors: u64,
}

/// The insert statements of both logs and of the sums, for the database in use.
pub(crate) struct LogSql {
    requests: InsertSql,
    errors: InsertSql,
    traffic: InsertSql,
    latency: InsertSql,
}

impl LogSql {
    pub(crate) fn new(db: &Db) -> Self {
        let flavour = match db {
            Db::Sqlite { .. } => Flavour::Sqlite,
            Db::Postgres(_) => Flavour::Postgres,
            Db::MySql(_) => Flavour::MySql,
        };
        Self {
            requests: InsertSql::new::<RequestRecord>(flavour),
            errors: InsertSql::new::<ErrorRecord>(flavour),
            traffic: InsertSql::new::<TrafficRow>(flavour),
            latency: InsertSql::new::<LatencyRow>(flavour),
        }
    }
}

impl Store {
    /// All records in one transaction: either all are in the logs and in the sums, or none.
    pub(crate) async fn insert_logs(
        &self,
        requests: &[RequestRecord],
        errors: &[ErrorRecord],
    ) -> Result<(), StoreError> {
        let mut tx = self.logs.begin().await?;
        self.log_sql.requests.insert(&mut tx, requests).await?;
        self.log_sql.errors.insert(&mut tx, errors).await?;
        let (sums, times) = batch::rows(requests, errors);
        self.log_sql.traffic.insert(&mut tx, &sums).await?;
        self.log_sql.latency.insert(&mut tx, &times).await?;
        tx.commit().await
    }

    /// Whether these records, written in one transaction earlier, arrived although its commit
    /// seemed to fail: so that they are not written twice.
    pub(crate) async fn has_logs(
        &self,
        requests: &[RequestRecord],
        errors: &[ErrorRecord],
    ) -> Result<bool, StoreError> {
        let request =
            requests.first().map(|record| (Dated::Requests, &record.request_id, record.at));
        let error = errors.first().map(|record| (Dated::Errors, &record.request_id, record.at));
        let Some((table, request_id, at)) = request.or(error) else { return Ok(true) };
        let select = Query::select()
            .column(Column::At)
            .from(table)
            .and_where(Expr::col(Column::At).eq(at.millis()))
            .and_where(Expr::col(Column::RequestId).eq(request_id.as_ref()))
            .limit(1)
            .take();
        Ok(self.logs.optional::<Moment>(&select).await?.is_some())
    }

    /// Which of these requests, given by time and id, are in the log.
    pub async fn known_requests(
        &self,
        requests: &[(Timestamp, &str)],
    ) -> Result<HashSet<String>, StoreError> {
        self.known(Dated::Requests, requests).await
    }

    /// The same for failed attempts.
    pub async fn known_errors(
        &self,
        errors: &[(Timestamp, &str)],
    ) -> Result<HashSet<String>, StoreError> {
        self.known(Dated::Errors, errors).await
    }

    /// The index is on the times.
    async fn known(
        &self,
        table: Dated,
        rows: &[(Timestamp, &str)],
    ) -> Result<HashSet<String>, StoreError> {
        if rows.is_empty() {
            return Ok(HashSet::new());
        }
        let times: BTreeSet<i64> = rows.iter().map(|(at, _)| at.millis()).collect();
        let select = Query::select()
            .column(Column::RequestId)
            .from(table)
            .and_where(Expr::col(Column::At).is_in(times))
            .and_where(Expr::col(Column::RequestId).is_in(rows.iter().map(|(_, id)| *id)))
            .take();
        let known: Vec<RequestId> = self.logs.all(&select).await?;
        Ok(known.into_iter().map(|row| row.request_id).collect())
    }

    /// Deletes the requests that came before `moment`, some thousand rows at a time so that writing
    /// goes on. Returns how many rows were deleted.
    pub async fn delete_requests_before(&self, moment: Timestamp) -> Result<u64, StoreError> {
        self.delete_before(Dated::Requests, moment).await
    }

    /// Deletes the errors that happened before `moment`, as [`Store::delete_requests_before`] does.
    pub async fn delete_errors_before(&self, moment: Timestamp) -> Result<u64, StoreError> {
        self.delete_before(Dated::Errors, moment).await
    }

    /// How many rows the logs hold.
    pub async fn count_logs(&self) -> Result<LogCounts, StoreError> {
        Ok(LogCounts {
            requests: self.count(Dated::Requests).await?,
            errors: self.count(Dated::Errors).await?,
        })
    }

    pub(crate) async fn delete_before(
        &self,
        table: Dated,
        moment: Timestamp,
    ) -> Result<u64, StoreError> {
        let older = Expr::col(Column::At).lt(moment.millis());
        let mut deleted = 0;
        loop {
            let step = Query::select()
                .column(Column::At)
                .from(table)
                .and_where(older.clone())
                .order_by(Column::At, Order::Asc)
                .limit(1)
                .offset(DELETED_AT_ONCE)
                .take();
            let step: Option<Moment> = self.logs.optional(&step).await?;
            let condition = match &step {
                Some(row) => Expr::col(Column::At).lte(row.at),
                None => older.clone(),
            };
            let delete = Query::delete().from_table(table).and_where(condition).take();
            let mut tx = self.logs.begin().await?;
            deleted += tx.execute(&delete).await?;
            tx.commit().await?;
            if step.is_none() {
                return Ok(deleted);
            }
        }
    }

    pub(crate) async fn count(&self, table: Dated) -> Result<u64, StoreError> {
        let select = Query::select()
            .expr_as(Expr::col(Column::Id).count(), Alias::new("number"))
            .from(table.into_iden())
            .take();
        let row: Option<Count> = self.logs.optional(&select).await?;
        Ok(row.map_or(0, |row| row.number.unsigned_abs()))
    }
}

/// The tables whose rows are deleted by their age.
#[derive(Iden, Clone, Copy)]
pub(crate) enum Dated {
    #[iden = "request_log"]
    Requests,
    #[iden = "error_log"]
    Errors,
    #[iden = "responses"]
    Responses,
    #[iden = "running_responses"]
    RunningResponses,
    #[iden = "pictures"]
    Pictures,
}

/// The columns that both logs have; all have `at`.
#[derive(Iden, Clone, Copy)]
enum Column {
    Id,
    At,
    RequestId,
}

#[derive(FromRow)]
struct Moment {
    at: i64,
}

#[derive(FromRow)]
struct RequestId {
    request_id: String,
}

#[derive(FromRow)]
struct Count {
    number: i64,
}
