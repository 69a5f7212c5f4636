//! Which models Google lists, and since when.

use std::sync::Arc;
use std::time::Duration;

use keypool::Timestamp;
use relay::{Gateway, NoModels};
use store::{Store, StoreError};

/// How often the list is looked at.
const EVERY: Duration = Duration::from_hours(6);

/// A gateway that has never looked waits so long before it does.
const AT_FIRST: Duration = Duration::from_mins(10);

/// Why nobody knows what Google lists.
#[derive(Debug, thiserror::Error)]
pub enum ModelsUnseen {
    /// Google told of no models.
    #[error(transparent)]
    NoModels(#[from] NoModels),
    /// It could not be written down.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Looks at Google's list four times a day until the gateway stops.
pub async fn watch_models(gateway: Arc<Gateway>, store: Store) {
    loop {
        let seen = store.listed_models().await.unwrap_or_default();
        let last = seen.iter().map(|model| model.last_seen).max();
        tokio::select! {
            () = tokio::time::sleep(pause(last, relay::now())) => {}
            () = gateway.stop.cancelled() => return,
        }
        if let Err(error) = see_models(&gateway, &store).await {
            tracing::debug!(%error, "Google's list of models could not be looked at");
            tokio::select! {
                () = tokio::time::sleep(AT_FIRST) => {}
                () = gateway.stop.cancelled() => return,
            }
        }
    }
}

/// How long until the list is to be looked at.
fn pause(last: Option<Timestamp>, now: Timestamp) -> Duration {
    let Some(last) = last else { return AT_FIRST };
    let age = u64::try_from(now.millis() - last.millis()).unwrap_or_default();
    EVERY.saturating_sub(Duration::from_millis(age))
}

/// Looks at Google's list now, and writes it down. Returns how many models stand there.
pub async fn see_models(gateway: &Arc<Gateway>, store: &Store) -> Result<usize, ModelsUnseen> {
    let listed = gateway.list_google_models().await?;
    store.saw_models(&listed).await?;
    Ok(listed.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_looked_at_when_it_is_old() {
        let hour = 3_600_000;
        let now = Timestamp::from_millis(100 * hour);
        assert_eq!(pause(None, now), AT_FIRST);
        assert_eq!(pause(Some(Timestamp::from_millis(98 * hour)), now), Duration::from_hours(4));
        assert_eq!(pause(Some(Timestamp::from_millis(50 * hour)), now), Duration::ZERO);
    }
}
