//! The sizes of quotas and what was used of them: `quota_limits` and `quota_usage`.

use keypool::{Learned, LearnedLimit, LearnedUsage, ReplicaId, Timestamp, Used};
use sea_query::{Expr, ExprTrait as _, Iden, Query};
use sqlx::FromRow;

use super::{ChangedRow, cell_name, stored_name};
use crate::db::Tx;
use crate::sql::{equals, upsert};
use crate::{Store, StoreError};

#[derive(Iden, Clone, Copy)]
enum QuotaLimits {
    Table,
    Subject,
    Model,
    QuotaWindow,
    QuotaLimit,
    MetAt,
    Changed,
}

#[derive(Iden, Clone, Copy)]
enum QuotaUsage {
    Table,
    Subject,
    Model,
    Replica,
    DayEnds,
    DayRequests,
    DayTokens,
    MinuteRequests,
    MinuteTokens,
    UsedAt,
    Changed,
}

#[derive(FromRow)]
struct LimitRow {
    subject: String,
    model: String,
    quota_window: String,
    quota_limit: i64,
    met_at: i64,
}

#[derive(FromRow)]
struct UsageRow {
    subject: String,
    model: String,
    replica: String,
    day_ends: i64,
    day_requests: i64,
    day_tokens: i64,
    minute_requests: i64,
    minute_tokens: i64,
    used_at: i64,
}

impl LimitRow {
    fn learned(self) -> Option<Learned> {
        Some(Learned::Limit(LearnedLimit {
            name: cell_name(&self.subject, &self.model)?,
            window: self.quota_window.parse().ok()?,
            limit: u64::try_from(self.quota_limit).ok()?,
            met: Timestamp::from_millis(self.met_at),
        }))
    }
}

impl UsageRow {
    fn learned(self) -> Option<Learned> {
        let used = |requests: i64, tokens: i64| {
            Some(Used {
                requests: u64::try_from(requests).ok()?,
                tokens: u64::try_from(tokens).ok()?,
            })
        };
        Some(Learned::Usage(LearnedUsage {
            by: ReplicaId::new(self.replica.as_str()),
            name: cell_name(&self.subject, &self.model)?,
            day_ends: Timestamp::from_millis(self.day_ends),
            day: used(self.day_requests, self.day_tokens)?,
            minute: used(self.minute_requests, self.minute_tokens)?,
            at: Timestamp::from_millis(self.used_at),
        }))
    }
}

impl Store {
    /// Deletes counts of days that ended before `moment`. Returns how many.
    pub async fn delete_usage_before(&self, moment: Timestamp) -> Result<u64, StoreError> {
        let delete = Query::delete()
            .from_table(QuotaUsage::Table)
            .and_where(Expr::col(QuotaUsage::DayEnds).lt(moment.millis()))
            .take();
        let mut tx = self.control.begin().await?;
        let deleted = tx.execute(&delete).await?;
        tx.commit().await?;
        Ok(deleted)
    }
}

/// Limits and counts that were written after a change, those that are over included.
pub(super) async fn since(store: &Store, seen: i64) -> Result<Vec<Learned>, StoreError> {
    let limits = Query::select()
        .columns([
            QuotaLimits::Subject,
            QuotaLimits::Model,
            QuotaLimits::QuotaWindow,
            QuotaLimits::QuotaLimit,
            QuotaLimits::MetAt,
        ])
        .from(QuotaLimits::Table)
        .and_where(Expr::col(QuotaLimits::Changed).gt(seen))
        .take();
    let usage = Query::select()
        .columns([
            QuotaUsage::Subject,
            QuotaUsage::Model,
            QuotaUsage::Replica,
            QuotaUsage::DayEnds,
            QuotaUsage::DayRequests,
            QuotaUsage::DayTokens,
            QuotaUsage::MinuteRequests,
            QuotaUsage::MinuteTokens,
            QuotaUsage::UsedAt,
        ])
        .from(QuotaUsage::Table)
        .and_where(Expr::col(QuotaUsage::Changed).gt(seen))
        .take();
    let limits: Vec<LimitRow> = store.control.all(&limits).await?;
    let usage: Vec<UsageRow> = store.control.all(&usage).await?;
    let limits = limits.into_iter().filter_map(LimitRow::learned);
    Ok(limits.chain(usage.into_iter().filter_map(UsageRow::learned)).collect())
}

pub(super) async fn save_limit(
    tx: &mut Tx,
    learned: LearnedLimit,
    number: i64,
) -> Result<(), StoreError> {
    let Some((subject, model)) = stored_name(&learned.name) else { return Ok(()) };
    let newer = Query::select()
        .column(QuotaLimits::Changed)
        .from(QuotaLimits::Table)
        .and_where(equals(QuotaLimits::Subject, subject.as_str()))
        .and_where(equals(QuotaLimits::Model, model.as_str()))
        .and_where(equals(QuotaLimits::QuotaWindow, learned.window.as_str()))
        .and_where(Expr::col(QuotaLimits::MetAt).gt(learned.met.millis()))
        .take();
    if tx.optional::<ChangedRow>(&newer).await?.is_some() {
        return Ok(());
    }
    let row: [(QuotaLimits, Expr); 6] = [
        (QuotaLimits::Subject, subject.into()),
        (QuotaLimits::Model, model.into()),
        (QuotaLimits::QuotaWindow, learned.window.as_str().into()),
        (QuotaLimits::QuotaLimit, count(learned.limit).into()),
        (QuotaLimits::MetAt, learned.met.millis().into()),
        (QuotaLimits::Changed, number.into()),
    ];
    tx.execute(&upsert(QuotaLimits::Table, row, 3)).await?;
    Ok(())
}

pub(super) async fn save_usage(
    tx: &mut Tx,
    usage: LearnedUsage,
    number: i64,
) -> Result<(), StoreError> {
    let Some((subject, model)) = stored_name(&usage.name) else { return Ok(()) };
    let row: [(QuotaUsage, Expr); 10] = [
        (QuotaUsage::Subject, subject.into()),
        (QuotaUsage::Model, model.into()),
        (QuotaUsage::Replica, usage.by.as_str().into()),
        (QuotaUsage::DayEnds, usage.day_ends.millis().into()),
        (QuotaUsage::DayRequests, count(usage.day.requests).into()),
        (QuotaUsage::DayTokens, count(usage.day.tokens).into()),
        (QuotaUsage::MinuteRequests, count(usage.minute.requests).into()),
        (QuotaUsage::MinuteTokens, count(usage.minute.tokens).into()),
        (QuotaUsage::UsedAt, usage.at.millis().into()),
        (QuotaUsage::Changed, number.into()),
    ];
    tx.execute(&upsert(QuotaUsage::Table, row, 3)).await?;
    Ok(())
}

/// Forgets limits and counts of a key that stood for a project of its own.
pub(super) async fn forget(tx: &mut Tx, subject: &str) -> Result<(), StoreError> {
    let limits = Query::delete()
        .from_table(QuotaLimits::Table)
        .and_where(equals(QuotaLimits::Subject, subject))
        .take();
    tx.execute(&limits).await?;
    let usage = Query::delete()
        .from_table(QuotaUsage::Table)
        .and_where(equals(QuotaUsage::Subject, subject))
        .take();
    tx.execute(&usage).await?;
    Ok(())
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
