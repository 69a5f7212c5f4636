//! Changes by the command line, the console or another replica, taken up while serving.

use std::sync::Arc;
use std::time::Duration;

use relay::Gateway;
use settings::Settings;

use crate::Loader;

/// A change is in force within two of these.
const POLL: Duration = Duration::from_millis(500);

/// Asks the store for its revision until the gateway stops, and loads anew when it has moved on.
/// `revision` is the one that is in force already; `changed` sees the settings before they come
/// into force.
pub async fn take_up_changes(
    gateway: Arc<Gateway>,
    loader: Loader,
    mut revision: i64,
    changed: impl Fn(&Settings),
) {
    while !gateway.stop.is_cancelled() {
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = gateway.stop.cancelled() => return,
        }
        let newest = loader.store().revision().await;
        gateway.set_store_works(newest.is_ok());
        match newest {
            Ok(newest) if newest == revision => {}
            Ok(newest) => match loader.load().await {
                Ok(news) => {
                    changed(&news.configuration.settings);
                    news.apply(&gateway, relay::now());
                    revision = newest;
                    tracing::info!(revision, "changes were taken up");
                }
                Err(error) => tracing::error!(%error, "changes cannot be taken up"),
            },
            Err(error) => tracing::warn!(%error, "the database does not answer"),
        }
    }
}
