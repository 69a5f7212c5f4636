//! What clients made at Google is forgotten once it has expired there, and so are live sessions.

use std::sync::Arc;
use std::time::Duration;

use relay::Gateway;
use store::Store;
use tokio::time::Instant;

/// How often it is looked whether the time has come.
const GLANCE: Duration = Duration::from_mins(1);

/// How often live sessions are looked at.
const SESSIONS: Duration = Duration::from_hours(1);

/// Forgets what has expired, at the start and every `FILES_CLEANUP_INTERVAL_HOURS` from then on,
/// until the gateway stops.
pub async fn forget_expired(gateway: Arc<Gateway>, store: Store) {
    let mut last: Option<Instant> = None;
    let mut swept: Option<Instant> = None;
    while !gateway.stop.is_cancelled() {
        let every = gateway.configuration().settings.jobs.files_cleanup;
        let is_due = |every| last.is_none_or(|last| last.elapsed() >= every);
        if every.is_some_and(is_due) {
            last = Some(Instant::now());
            match store.forget_expired_resources(relay::now()).await {
                Ok(forgotten) => tracing::debug!(forgotten, "expired resources are forgotten"),
                Err(error) => tracing::warn!(%error, "expired resources could not be forgotten"),
            }
        }
        if swept.is_none_or(|swept| swept.elapsed() >= SESSIONS) {
            swept = Some(Instant::now());
            if let Err(error) = store.forget_expired_live_sessions(relay::now()).await {
                tracing::warn!(%error, "live sessions that are over could not be forgotten");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(GLANCE) => {}
            () = gateway.stop.cancelled() => return,
        }
    }
}
