//! Old log rows and responses are deleted after the days that the settings allow them, log rows also where they
//! take more room than they may, pictures when
//! their time is over, counts of quotas after the day that they are about, counts of client tokens after
//! a year, and sums of requests by how fine they are.

use std::sync::Arc;
use std::time::Duration;

use keypool::Timestamp;
use relay::Gateway;
use store::{Span, Store, StoreError, Subject};

const EVERY: Duration = Duration::from_hours(1);
/// What client tokens used is kept for a year, and the month that it began in.
const TOKEN_USAGE_DAYS: u32 = 400;
const DAY: Duration = Duration::from_hours(24);

/// Deletes old rows at the start and every hour until the gateway stops.
pub async fn delete_old_logs(gateway: Arc<Gateway>, store: Store) {
    while !gateway.stop.is_cancelled() {
        if let Err(error) = delete(&gateway, &store).await {
            tracing::warn!(%error, "old log rows could not be deleted");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = gateway.stop.cancelled() => return,
        }
    }
}

async fn delete(gateway: &Gateway, store: &Store) -> Result<(), StoreError> {
    let configuration = gateway.configuration();
    let logging = &configuration.settings.logging;
    store.delete_usage_before(before(1)).await?;
    let day = relay::utc_day(before(TOKEN_USAGE_DAYS));
    store.delete_token_usage_before(&day).await?;
    delete_traffic(store).await?;
    if let Some(days) = logging.request_log_days {
        let deleted = store.delete_requests_before(before(days)).await?;
        tracing::debug!(deleted, "old request log rows are gone");
    }
    if let Some(days) = logging.error_log_days {
        let deleted = store.delete_errors_before(before(days)).await?;
        tracing::debug!(deleted, "old error log rows are gone");
    }
    if let Some(bytes) = logging.request_log_bytes {
        let deleted = store.delete_requests_beyond(bytes).await?;
        tracing::debug!(deleted, "request log rows beyond their room are gone");
    }
    if let Some(bytes) = logging.error_log_bytes {
        let deleted = store.delete_errors_beyond(bytes).await?;
        tracing::debug!(deleted, "error log rows beyond their room are gone");
    }
    let deleted = store.delete_responses_before(before(logging.response_days)).await?;
    tracing::debug!(deleted, "old responses are gone");
    let deleted = store.delete_pictures_before(relay::now()).await?;
    tracing::debug!(deleted, "old pictures are gone");
    Ok(())
}

/// Of what requests came to, minutes are kept for two days, hours and the days of keys for two months,
/// the other days for as long as what client tokens used.
async fn delete_traffic(store: &Store) -> Result<(), StoreError> {
    for (span, days) in [(Span::Minute, 2), (Span::Hour, 62), (Span::Day, TOKEN_USAGE_DAYS)] {
        for subject in Subject::ALL {
            let days = if subject == Subject::Key { days.min(62) } else { days };
            store.delete_traffic_before(subject, span, before(days)).await?;
        }
        store.delete_latencies_before(span, before(days)).await?;
    }
    Ok(())
}

fn before(days: u32) -> Timestamp {
    let age = i64::try_from((DAY * days).as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(relay::now().millis().saturating_sub(age))
}
