pub(crate) mod kinds;

use std::sync::Arc;

use keypool::{KeyId, Timestamp};
use sea_query::{Expr, ExprTrait as _, Iden, Order, Query};
use sqlx::FromRow;
use sqlx::error::BoxDynError;

use crate::bulk::{Labels, LogRow, Values};
use crate::sql::equals;
use crate::text::INDEXED;
use crate::{ErrorRecord, Store, StoreError};

/// How much of a message is kept, in characters.
const MESSAGE_LENGTH: usize = 16_000;
/// How much of a request body is kept, in characters.
const BODY_LENGTH: usize = 250_000;

/// A failed attempt as it is read back from the log.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields mean what they mean in `ErrorRecord`")]
pub struct LoggedError {
    /// The row's number: newer rows have higher ones. Where the next page begins.
    pub row: i64,
    pub request_id: String,
    pub at: Timestamp,
    pub attempt: u16,
    pub key_id: Option<KeyId>,
    pub key_mask: Option<String>,
    pub token_id: Option<String>,
    pub model: Option<String>,
    pub status: Option<u16>,
    pub outcome: String,
    pub message: String,
    pub request_body: Option<String>,
}

/// Which failed attempts are wanted. Without any condition: all.
#[derive(Debug, Clone, Default)]
pub struct ErrorFilter {
    /// Only rows older than this one ([`LoggedError::row`]).
    pub before: Option<i64>,
    /// Only attempts of this request.
    pub request_id: Option<String>,
    /// Only attempts with this key.
    pub key_id: Option<KeyId>,
    /// Only attempts that ended so.
    pub outcome: Option<String>,
}

impl Store {
    /// Logs failed attempts, all in one transaction.
    pub async fn insert_errors(&self, records: &[ErrorRecord]) -> Result<(), StoreError> {
        self.insert_logs(&[], records).await
    }

    /// The newest failed attempts that pass the filter, newest first, at most `limit` of them.
    pub async fn recent_errors(
        &self,
        limit: u32,
        filter: &ErrorFilter,
    ) -> Result<Vec<LoggedError>, StoreError> {
        let select = Query::select()
            .columns(COLUMNS)
            .from(ErrorLog::Table)
            .and_where_option(filter.before.map(|row| Expr::col(ErrorLog::Id).lt(row)))
            .and_where_option(
                filter.request_id.as_deref().map(|id| equals(ErrorLog::RequestId, id)),
            )
            .and_where_option(filter.key_id.as_ref().map(|id| equals(ErrorLog::KeyId, id.as_str())))
            .and_where_option(
                filter.outcome.as_deref().map(|outcome| equals(ErrorLog::Outcome, outcome)),
            )
            .order_by(ErrorLog::Id, Order::Desc)
            .limit(u64::from(limit))
            .take();
        let rows: Vec<Row> = self.logs.all(&select).await?;
        Ok(rows.into_iter().map(LoggedError::from).collect())
    }

    /// Deletes the failed attempts of these rows ([`LoggedError::row`]). Returns how many there were.
    pub async fn delete_errors(&self, rows: &[i64]) -> Result<u64, StoreError> {
        let delete = Query::delete()
            .from_table(ErrorLog::Table)
            .and_where(Expr::col(ErrorLog::Id).is_in(rows.iter().copied()))
            .take();
        let mut tx = self.logs.begin().await?;
        let deleted = tx.execute(&delete).await?;
        tx.commit().await?;
        Ok(deleted)
    }
}

impl LogRow for ErrorRecord {
    const TABLE: &'static str = "error_log";
    const COLUMNS: &'static [&'static str] = &[
        "request_id",
        "at",
        "attempt",
        "key_id",
        "key_mask",
        "token_id",
        "model",
        "status",
        "outcome",
        "message",
        "request_body",
    ];

    fn size(&self) -> usize {
        ErrorRecord::size(self)
    }

    fn values(&self, labels: &mut Labels, row: &mut impl Values) -> Result<(), BoxDynError> {
        row.foreign(Some(&self.request_id), INDEXED)?;
        row.integer(Some(self.at.millis()))?;
        row.integer(Some(i64::from(self.attempt)))?;
        row.text(self.key_id.as_ref().map(|id| Arc::from(id.as_str())))?;
        row.text(self.key_mask.clone())?;
        row.text(self.token_id.clone())?;
        row.foreign(self.model.as_ref(), INDEXED)?;
        row.integer(self.status.map(i64::from))?;
        row.text(Some(labels.shared(self.outcome)))?;
        row.foreign(Some(&self.message), MESSAGE_LENGTH)?;
        row.foreign(self.request_body.as_ref(), BODY_LENGTH)
    }
}

#[derive(Iden, Clone, Copy)]
enum ErrorLog {
    Table,
    Id,
    RequestId,
    At,
    Attempt,
    KeyId,
    KeyMask,
    TokenId,
    Model,
    Status,
    Outcome,
    Message,
    RequestBody,
}

const COLUMNS: [ErrorLog; 12] = [
    ErrorLog::Id,
    ErrorLog::RequestId,
    ErrorLog::At,
    ErrorLog::Attempt,
    ErrorLog::KeyId,
    ErrorLog::KeyMask,
    ErrorLog::TokenId,
    ErrorLog::Model,
    ErrorLog::Status,
    ErrorLog::Outcome,
    ErrorLog::Message,
    ErrorLog::RequestBody,
];

#[derive(FromRow)]
struct Row {
    id: i64,
    request_id: String,
    at: i64,
    attempt: i64,
    key_id: Option<String>,
    key_mask: Option<String>,
    token_id: Option<String>,
    model: Option<String>,
    status: Option<i64>,
    outcome: String,
    message: String,
    request_body: Option<String>,
}

impl From<Row> for LoggedError {
    fn from(row: Row) -> Self {
        Self {
            row: row.id,
            request_id: row.request_id,
            at: Timestamp::from_millis(row.at),
            attempt: row.attempt.try_into().unwrap_or(u16::MAX),
            key_id: row.key_id.map(KeyId::from),
            key_mask: row.key_mask,
            token_id: row.token_id,
            model: row.model,
            status: row.status.and_then(|status| status.try_into().ok()),
            outcome: row.outcome,
            message: row.message,
            request_body: row.request_body,
        }
    }
}
