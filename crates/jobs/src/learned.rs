//! What the pool has learned, written down soon after it was learned, and what others have.
//!
//! Processes that share a database learn from each other through it. One job does both directions,
//! one after the other, so that nothing of our own is overwritten by an older word of others.

use std::sync::Arc;
use std::time::Duration;

use keypool::{Learned, Platform, ReplicaId};
use relay::Gateway;
use store::{Store, StoreError};
use tokio::time::Instant;

use crate::NewestLesson;

/// Several lessons of one moment become one transaction.
const GATHER: Duration = Duration::from_millis(50);

/// Blocks that are over, and lessons that woke nobody, are written at least this often.
const AT_LEAST: Duration = Duration::from_secs(1);

/// What was used is written this often; of what comes between, a crash loses the count.
const USAGE: Duration = Duration::from_secs(5);

/// The same while others use the same keys, so that they know.
const SHARED_USAGE: Duration = Duration::from_secs(1);

/// For so long after its last word another process is thought to be running.
const PRESENCE: Duration = Duration::from_mins(1);

/// Writes down what the pool learns, and takes up what others have, until the gateway stops. While
/// the database is in trouble the lessons wait; the newest about a subject replaces older ones.
///
/// `seen` is the number of the last change that the pool knows already; `newest` tells of others.
pub async fn keep_learned(
    gateway: Arc<Gateway>,
    store: Store,
    replica: ReplicaId,
    seen: i64,
    newest: Arc<NewestLesson>,
) {
    let mut keeper = Keeper {
        gateway,
        store,
        replica,
        seen,
        newest,
        waiting: Vec::new(),
        counted: Instant::now(),
        company: None,
    };
    while !keeper.gateway.stop.is_cancelled() {
        tokio::select! {
            () = keeper.gateway.learned.notified() => tokio::time::sleep(GATHER).await,
            () = tokio::time::sleep(AT_LEAST) => {}
            () = keeper.gateway.stop.cancelled() => {}
        }
        keeper.take();
        if let Err(error) = keeper.save().await {
            tracing::warn!(%error, "what the pool learned could not be stored yet");
        } else if let Err(error) = keeper.follow().await {
            tracing::warn!(%error, "what others learned cannot be read yet");
        }
    }
}

/// Writes down what is not written yet: for the end of the process, when nobody learns any more.
pub async fn save_learned(gateway: &Gateway, store: &Store, newest: &NewestLesson) {
    let mut last = news(gateway);
    last.extend(usage(gateway));
    if let Err(error) = store.share_learned(last, newest.number()).await {
        tracing::warn!(%error, "what the pool learned last could not be stored");
    }
}

struct Keeper {
    gateway: Arc<Gateway>,
    store: Store,
    replica: ReplicaId,
    /// The last change in the store that the pool knows.
    seen: i64,
    newest: Arc<NewestLesson>,
    /// What is not stored yet.
    waiting: Vec<Learned>,
    /// When what was used was taken last.
    counted: Instant,
    /// When another process was last heard to use keys.
    company: Option<Instant>,
}

impl Keeper {
    fn take(&mut self) {
        replace(&mut self.waiting, news(&self.gateway));
        let shared = self.company.is_some_and(|heard| heard.elapsed() < PRESENCE);
        if self.counted.elapsed() >= if shared { SHARED_USAGE } else { USAGE } {
            self.counted = Instant::now();
            replace(&mut self.waiting, usage(&self.gateway));
        }
    }

    async fn save(&mut self) -> Result<(), StoreError> {
        let number = self.store.share_learned(self.waiting.clone(), self.seen).await?;
        self.waiting.clear();
        // Nobody else has written anything in between: there is nothing to be read.
        if number == self.seen.saturating_add(1) {
            self.seen = number;
        }
        Ok(())
    }

    async fn follow(&mut self) -> Result<(), StoreError> {
        let newest = self.newest.number();
        if newest <= self.seen {
            return Ok(());
        }
        let news = self.store.learned_since(self.seen).await?;
        self.seen = newest;
        let is_others = |entry: &Learned| match entry {
            Learned::Usage(usage) => usage.by != self.replica,
            _ => false,
        };
        if news.iter().any(is_others) {
            self.company = Some(Instant::now());
        }
        // Each pool takes what concerns its own keys.
        for platform in Platform::ALL {
            self.gateway.pool(*platform).restore(news.clone(), relay::now());
        }
        Ok(())
    }
}

fn news(gateway: &Gateway) -> Vec<Learned> {
    let of_pool = |platform: &Platform| {
        let mut pool = gateway.pool(*platform);
        pool.tick(relay::now());
        pool.take_changes()
    };
    Platform::ALL.iter().flat_map(of_pool).collect()
}

fn usage(gateway: &Gateway) -> Vec<Learned> {
    let of_pool = |platform: &Platform| gateway.pool(*platform).take_usage(relay::now());
    Platform::ALL.iter().flat_map(of_pool).collect()
}

fn replace(waiting: &mut Vec<Learned>, news: Vec<Learned>) {
    if news.is_empty() {
        return;
    }
    waiting.retain(|old| news.iter().all(|new| new.subject() != old.subject()));
    waiting.extend(news);
}
