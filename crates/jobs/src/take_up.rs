//! Changes by the command line, the console or another replica, taken up while serving.

use std::sync::Arc;
use std::time::Duration;

use relay::Gateway;
use settings::Settings;

use crate::{Loader, NewestLesson};

/// A change is in force within two of these.
const POLL: Duration = Duration::from_millis(500);

/// Asks the store for its revisions until the gateway stops, and loads anew when that of the
/// configuration has moved on. `revision` is the one that is in force already; `changed` sees the
/// settings before they come into force. That others have learned something is told to `newest`
/// once the keys that it may be about are there.
pub async fn take_up_changes(
    gateway: Arc<Gateway>,
    loader: Loader,
    mut revision: i64,
    newest: Arc<NewestLesson>,
    changed: impl Fn(&Settings),
) {
    while !gateway.stop.is_cancelled() {
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = gateway.stop.cancelled() => return,
        }
        let revisions = loader.store().revisions().await;
        gateway.set_store_works(revisions.is_ok());
        let revisions = match revisions {
            Ok(revisions) => revisions,
            Err(error) => {
                tracing::warn!(%error, "the database does not answer");
                continue;
            }
        };
        if revisions.configuration != revision {
            match loader.load().await {
                Ok(news) => {
                    changed(&news.configuration.settings);
                    news.apply(&gateway, relay::now());
                    revision = revisions.configuration;
                    tracing::info!(revision, "changes were taken up");
                }
                Err(error) => {
                    tracing::error!(%error, "changes cannot be taken up");
                    continue;
                }
            }
        }
        if newest.note(revisions.learned) {
            gateway.learned.notify_one();
        }
    }
}
