//! Counts of client tokens that several processes share through Redis; the only crate that speaks
//! to it.
//!
//! A request asks once ([`Shared::reserve`]) and waits 50 milliseconds at the most. Where no answer
//! came, nobody asks again until the [`keeper`](Shared::keep) has reached Redis once more; until
//! then every process keeps to its share of what is allowed.

mod keeper;
mod scripts;
mod types;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client};
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

use self::scripts::Scripts;

pub use keeper::Keeper;
pub use types::{Ask, Counted, Limits, Reached, Settlement, Verdict};

/// How long a request may wait for Redis.
const PATIENCE: Duration = Duration::from_millis(50);

/// Settlements that may wait for Redis. What is lost beyond heals when its time is over.
const WAITING: usize = 10_000;

/// The connection to Redis, or the lack of it. Clones are the same.
#[derive(Clone, Debug)]
pub struct Shared(Arc<Inner>);

struct Inner {
    client: Client,
    /// Our name among the replicas.
    replica: String,
    /// None while Redis cannot be reached: the breaker is open.
    connection: ArcSwapOption<MultiplexedConnection>,
    /// Processes that were there when Redis was last reached.
    replicas: AtomicU64,
    lost: Notify,
    settlements: mpsc::Sender<Settlement>,
    scripts: Scripts,
}

impl fmt::Debug for Inner {
    /// The client would show the password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Inner").field("replica", &self.replica).finish_non_exhaustive()
    }
}

/// The address is none of a Redis server.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct InvalidUrl(String);

/// Redis did not answer in time, and is not asked before it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Redis cannot be reached")]
pub struct Unreachable;

impl Shared {
    /// Counts are shared through the server at `url`, for the process named `replica`. Nothing is
    /// connected before the keeper runs.
    pub fn new(url: &str, replica: &str) -> Result<(Self, Keeper), InvalidUrl> {
        // The error may quote the address, which may hold a password.
        let client = Client::open(url).map_err(|error| InvalidUrl(error.category().to_owned()))?;
        let (settlements, waiting) = mpsc::channel(WAITING);
        let shared = Self(Arc::new(Inner {
            client,
            replica: replica.to_owned(),
            connection: ArcSwapOption::empty(),
            replicas: AtomicU64::new(1),
            lost: Notify::new(),
            settlements,
            scripts: Scripts::new(),
        }));
        let keeper = Keeper::new(shared.clone(), waiting);
        Ok((shared, keeper))
    }

    /// How many processes share the counts, as far as is known: one at least.
    pub fn replicas(&self) -> u64 {
        self.0.replicas.load(Ordering::Relaxed).max(1)
    }

    /// Whether Redis is reached.
    pub fn is_connected(&self) -> bool {
        self.0.connection.load().is_some()
    }

    /// How long Redis takes to answer, over a connection of its own; else why it does not.
    pub async fn ping(&self) -> Result<Duration, String> {
        let mut connection = self.connect().await.map_err(|error| error.to_string())?;
        let begun = std::time::Instant::now();
        redis::cmd("PING")
            .query_async::<()>(&mut connection)
            .await
            .map_err(|error| error.to_string())?;
        Ok(begun.elapsed())
    }

    /// Reserves for a request what it asks, unless it is beyond a limit for all processes together.
    pub async fn reserve(&self, ask: &Ask<'_>) -> Result<Verdict, Unreachable> {
        let connection = self.0.connection.load_full().ok_or(Unreachable)?;
        let asking = self.0.scripts.reserve(&connection, &self.0.replica, ask);
        match timeout(PATIENCE, asking).await {
            Ok(Ok(verdict)) => Ok(verdict),
            Ok(Err(error)) => {
                self.lose(&connection, &error.to_string());
                Err(Unreachable)
            }
            Err(_) => {
                self.lose(&connection, "it does not answer in time");
                Err(Unreachable)
            }
        }
    }

    /// Tells what a request that had reserved has used. Never waits.
    pub fn settle(&self, settlement: Settlement) {
        if self.0.settlements.try_send(settlement).is_err() {
            tracing::debug!("a settlement could not wait for Redis");
        }
    }

    /// Nobody asks over this connection any more.
    fn lose(&self, connection: &Arc<MultiplexedConnection>, why: &str) {
        let lost = Some(Arc::clone(connection));
        let current = self.0.connection.compare_and_swap(&lost, None);
        if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, connection)) {
            tracing::warn!(
                why,
                share = self.replicas(),
                "Redis is lost: limits of client tokens are kept by each process's share"
            );
            self.0.lost.notify_one();
        }
    }

    async fn connect(&self) -> Result<MultiplexedConnection, redis::RedisError> {
        const CONNECT: Duration = Duration::from_secs(1);
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(CONNECT));
        self.0.client.get_multiplexed_async_connection_with_config(&config).await
    }
}
