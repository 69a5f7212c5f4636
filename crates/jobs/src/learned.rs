//! What the pool has learned, written down soon after it was learned.

use std::sync::Arc;
use std::time::Duration;

use keypool::Learned;
use relay::Gateway;
use store::Store;
use tokio::time::Instant;

/// Several lessons of one moment become one transaction.
const GATHER: Duration = Duration::from_millis(50);

/// Blocks that are over, and lessons that woke nobody, are written at least this often.
const AT_LEAST: Duration = Duration::from_secs(1);

/// What was used is written this often; of what comes between, a crash loses the count.
const USAGE: Duration = Duration::from_secs(5);

/// Writes down what the pool learns until the gateway stops. While the database is in trouble the
/// lessons wait; the newest about a subject replaces older ones.
pub async fn keep_learned(gateway: Arc<Gateway>, store: Store) {
    let mut waiting: Vec<Learned> = Vec::new();
    let mut counted = Instant::now();
    while !gateway.stop.is_cancelled() {
        tokio::select! {
            () = gateway.learned.notified() => tokio::time::sleep(GATHER).await,
            () = tokio::time::sleep(AT_LEAST) => {}
            () = gateway.stop.cancelled() => {}
        }
        take(&gateway, &mut waiting);
        if counted.elapsed() >= USAGE {
            counted = Instant::now();
            let usage = gateway.pool().take_usage(relay::now());
            replace(&mut waiting, usage);
        }
        if waiting.is_empty() {
            continue;
        }
        match store.save_learned(waiting.clone()).await {
            Ok(()) => waiting.clear(),
            Err(error) => tracing::warn!(%error, "what the pool learned could not be stored yet"),
        }
    }
}

/// Writes down what is not written yet: for the end of the process, when nobody learns any more.
pub async fn save_learned(gateway: &Gateway, store: &Store) {
    let mut last = Vec::new();
    take(gateway, &mut last);
    last.extend(gateway.pool().take_usage(relay::now()));
    if let Err(error) = store.save_learned(last).await {
        tracing::warn!(%error, "what the pool learned last could not be stored");
    }
}

fn take(gateway: &Gateway, waiting: &mut Vec<Learned>) {
    let news = {
        let mut pool = gateway.pool();
        pool.tick(relay::now());
        pool.take_changes()
    };
    replace(waiting, news);
}

fn replace(waiting: &mut Vec<Learned>, news: Vec<Learned>) {
    if news.is_empty() {
        return;
    }
    waiting.retain(|old| news.iter().all(|new| new.subject() != old.subject()));
    waiting.extend(news);
}
