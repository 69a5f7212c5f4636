pub(crate) mod counting;

use std::sync::Arc;

use keypool::{KeyId, Timestamp, Usage};
use sea_query::{Cond, Expr, ExprTrait as _, Iden, Order, Query};
use sqlx::FromRow;
use sqlx::error::BoxDynError;
use uuid::Uuid;

use crate::bulk::{Labels, LogRow, Values};
use crate::sql::equals;
use crate::text::INDEXED;
use crate::{RequestRecord, Store, StoreError};

/// How much of an error message is kept, in characters.
const ERROR_LENGTH: usize = 2_000;

/// The record of a request is begun within so many milliseconds of its id.
const CLOSE: i64 = 60_000;

/// A request as it is read back from the log.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields mean what they mean in `RequestRecord`")]
pub struct LoggedRequest {
    /// The row's number: newer rows have higher ones. Where the next page begins.
    pub row: i64,
    pub request_id: String,
    pub at: Timestamp,
    pub token_id: Option<String>,
    pub token_name: Option<String>,
    pub dialect: String,
    pub operation: String,
    pub model: Option<String>,
    pub key_id: Option<KeyId>,
    pub key_mask: Option<String>,
    pub status: u16,
    pub outcome: String,
    pub attempts: u16,
    pub stream: bool,
    pub duration_ms: u32,
    pub first_byte_ms: Option<u32>,
    pub usage: Usage,
    pub error: Option<String>,
}

/// Which requests are wanted. Without any condition: all.
#[derive(Debug, Clone, Default)]
pub struct RequestFilter {
    /// Only rows older than this one ([`LoggedRequest::row`]).
    pub before: Option<i64>,
    /// Only rows newer than this one.
    pub after: Option<i64>,
    /// Only this request.
    pub request_id: Option<String>,
    /// Only requests that this key served.
    pub key_id: Option<KeyId>,
    /// Only requests with this model.
    pub model: Option<String>,
    /// Only requests of the client token with this id.
    pub token_id: Option<String>,
    /// Only requests that came at this moment or later.
    pub since: Option<Timestamp>,
    /// Only requests that came before this moment.
    pub until: Option<Timestamp>,
    /// Only requests in this API.
    pub dialect: Option<String>,
    /// Only requests that came to this.
    pub outcome: Option<String>,
    /// Only requests whose answer took at least so many milliseconds.
    pub duration_from: Option<u32>,
    /// Only answers with at least this status: 400 for failed ones.
    pub status_from: Option<u16>,
    /// Only answers with at most this status.
    pub status_to: Option<u16>,
}

impl Store {
    /// Logs requests, all in one transaction. [`LogWriter`](crate::LogWriter) does it without
    /// making anybody wait.
    pub async fn insert_requests(&self, records: &[RequestRecord]) -> Result<(), StoreError> {
        self.insert_logs(records, &[]).await
    }

    /// One request with its trail ([`RequestRecord::trail`]), by the id that the client got.
    pub async fn request(
        &self,
        id: &str,
    ) -> Result<Option<(LoggedRequest, Option<String>)>, StoreError> {
        let select = Query::select()
            .columns(COLUMNS)
            .column(RequestLog::Trail)
            .from(RequestLog::Table)
            .and_where_option(near(id))
            .and_where(equals(RequestLog::RequestId, id))
            .order_by(RequestLog::Id, Order::Desc)
            .limit(1)
            .take();
        let row: Option<RowWithTrail> = self.logs.optional(&select).await?;
        Ok(row.map(|RowWithTrail { row, trail }| (row.into(), trail)))
    }

    /// The newest requests that pass the filter, newest first, at most `limit` of them.
    pub async fn recent_requests(
        &self,
        limit: u32,
        filter: &RequestFilter,
    ) -> Result<Vec<LoggedRequest>, StoreError> {
        let select = Query::select()
            .columns(COLUMNS)
            .from(RequestLog::Table)
            .cond_where(conditions(filter))
            .order_by(RequestLog::Id, Order::Desc)
            .limit(u64::from(limit))
            .take();
        let rows: Vec<Row> = self.logs.all(&select).await?;
        Ok(rows.into_iter().map(LoggedRequest::from).collect())
    }
}

impl LogRow for RequestRecord {
    const TABLE: &'static str = "request_log";
    const COLUMNS: &'static [&'static str] = &[
        "request_id",
        "at",
        "token_id",
        "token_name",
        "dialect",
        "operation",
        "model",
        "key_id",
        "key_mask",
        "status",
        "outcome",
        "attempts",
        "streamed",
        "duration_ms",
        "first_byte_ms",
        "prompt_tokens",
        "completion_tokens",
        "thought_tokens",
        "cached_tokens",
        "tool_prompt_tokens",
        "total_tokens",
        "error",
        "trail",
    ];

    fn size(&self) -> usize {
        RequestRecord::size(self)
    }

    fn values(&self, labels: &mut Labels, row: &mut impl Values) -> Result<(), BoxDynError> {
        row.foreign(Some(&self.request_id), INDEXED)?;
        row.integer(Some(self.at.millis()))?;
        row.text(self.token_id.clone())?;
        row.text(self.token_name.clone())?;
        row.text(Some(labels.shared(self.dialect)))?;
        row.text(Some(labels.shared(self.operation)))?;
        row.foreign(self.model.as_ref(), INDEXED)?;
        row.text(self.key_id.as_ref().map(|id| Arc::from(id.as_str())))?;
        row.text(self.key_mask.clone())?;
        row.integer(Some(i64::from(self.status)))?;
        row.text(Some(labels.shared(self.outcome)))?;
        row.integer(Some(i64::from(self.attempts)))?;
        row.flag(self.stream)?;
        row.integer(Some(i64::from(self.duration_ms)))?;
        row.integer(self.first_byte_ms.map(i64::from))?;
        row.integer(Some(tokens(self.usage.prompt)))?;
        row.integer(Some(tokens(self.usage.completion)))?;
        row.integer(Some(tokens(self.usage.thoughts)))?;
        row.integer(Some(tokens(self.usage.cached)))?;
        row.integer(Some(tokens(self.usage.tool_prompt)))?;
        row.integer(Some(tokens(self.usage.total)))?;
        row.foreign(self.error.as_ref(), ERROR_LENGTH)?;
        row.text(self.trail.clone())
    }
}

fn conditions(filter: &RequestFilter) -> Cond {
    use RequestLog as Log;
    let text =
        |column: Log, value: &Option<String>| value.as_deref().map(|value| equals(column, value));
    let status = |status: u16| i64::from(status);
    let all = [
        filter.before.map(|row| Expr::col(Log::Id).lt(row)),
        filter.after.map(|row| Expr::col(Log::Id).gt(row)),
        text(Log::RequestId, &filter.request_id),
        filter.key_id.as_ref().map(|id| equals(Log::KeyId, id.as_str())),
        text(Log::Model, &filter.model),
        text(Log::TokenId, &filter.token_id),
        text(Log::Dialect, &filter.dialect),
        text(Log::Outcome, &filter.outcome),
        filter.since.map(|at| Expr::col(Log::At).gte(at.millis())),
        filter.until.map(|at| Expr::col(Log::At).lt(at.millis())),
        filter.duration_from.map(|least| Expr::col(Log::DurationMs).gte(i64::from(least))),
        filter.status_from.map(|least| Expr::col(Log::Status).gte(status(least))),
        filter.status_to.map(|most| Expr::col(Log::Status).lte(status(most))),
    ];
    all.into_iter().flatten().fold(Cond::all(), Cond::add)
}

/// When a request with this id may have come: there is an index on times, but none on ids. An id
/// made by us tells its time (RFC 9562, version 7).
fn near(id: &str) -> Option<Expr> {
    let (seconds, nanos) = Uuid::parse_str(id).ok()?.get_timestamp()?.to_unix();
    let millis = i64::try_from(seconds).ok()? * 1000 + i64::from(nanos) / 1_000_000;
    Some(Expr::col(RequestLog::At).between(millis - CLOSE, millis + CLOSE))
}

fn tokens(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[derive(Iden, Clone, Copy)]
enum RequestLog {
    Table,
    Id,
    RequestId,
    At,
    TokenId,
    TokenName,
    Dialect,
    Operation,
    Model,
    KeyId,
    KeyMask,
    Status,
    Outcome,
    Attempts,
    Streamed,
    DurationMs,
    FirstByteMs,
    PromptTokens,
    CompletionTokens,
    ThoughtTokens,
    CachedTokens,
    ToolPromptTokens,
    TotalTokens,
    Error,
    Trail,
}

const COLUMNS: [RequestLog; 23] = [
    RequestLog::Id,
    RequestLog::RequestId,
    RequestLog::At,
    RequestLog::TokenId,
    RequestLog::TokenName,
    RequestLog::Dialect,
    RequestLog::Operation,
    RequestLog::Model,
    RequestLog::KeyId,
    RequestLog::KeyMask,
    RequestLog::Status,
    RequestLog::Outcome,
    RequestLog::Attempts,
    RequestLog::Streamed,
    RequestLog::DurationMs,
    RequestLog::FirstByteMs,
    RequestLog::PromptTokens,
    RequestLog::CompletionTokens,
    RequestLog::ThoughtTokens,
    RequestLog::CachedTokens,
    RequestLog::ToolPromptTokens,
    RequestLog::TotalTokens,
    RequestLog::Error,
];

#[derive(FromRow)]
struct Row {
    id: i64,
    request_id: String,
    at: i64,
    token_id: Option<String>,
    token_name: Option<String>,
    dialect: String,
    operation: String,
    model: Option<String>,
    key_id: Option<String>,
    key_mask: Option<String>,
    status: i64,
    outcome: String,
    attempts: i64,
    streamed: bool,
    duration_ms: i64,
    first_byte_ms: Option<i64>,
    prompt_tokens: i64,
    completion_tokens: i64,
    thought_tokens: i64,
    cached_tokens: i64,
    tool_prompt_tokens: i64,
    total_tokens: i64,
    error: Option<String>,
}

#[derive(FromRow)]
struct RowWithTrail {
    #[sqlx(flatten)]
    row: Row,
    trail: Option<String>,
}

impl From<Row> for LoggedRequest {
    fn from(row: Row) -> Self {
        Self {
            row: row.id,
            request_id: row.request_id,
            at: Timestamp::from_millis(row.at),
            token_id: row.token_id,
            token_name: row.token_name,
            dialect: row.dialect,
            operation: row.operation,
            model: row.model,
            key_id: row.key_id.map(KeyId::from),
            key_mask: row.key_mask,
            status: row.status.try_into().unwrap_or_default(),
            outcome: row.outcome,
            attempts: row.attempts.try_into().unwrap_or(u16::MAX),
            stream: row.streamed,
            duration_ms: row.duration_ms.try_into().unwrap_or(u32::MAX),
            first_byte_ms: row.first_byte_ms.map(|delay| delay.try_into().unwrap_or(u32::MAX)),
            usage: Usage {
                prompt: row.prompt_tokens.unsigned_abs(),
                completion: row.completion_tokens.unsigned_abs(),
                thoughts: row.thought_tokens.unsigned_abs(),
                cached: row.cached_tokens.unsigned_abs(),
                tool_prompt: row.tool_prompt_tokens.unsigned_abs(),
                total: row.total_tokens.unsigned_abs(),
            },
            error: row.error,
        }
    }
}
