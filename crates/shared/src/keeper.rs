//! The one task that connects to Redis, says that this process is there, and hands settlements over.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::join_all;
use redis::RedisError;
use redis::aio::MultiplexedConnection;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use crate::types::Settlement;
use crate::{PATIENCE, Shared};

/// The pause between two tries to reach Redis.
const AGAIN: Duration = Duration::from_millis(250);

/// How often a process says that it is there, and looks who else is.
const PRESENCE: Duration = Duration::from_secs(1);

/// A process that said nothing for so long is gone.
const GONE: Duration = Duration::from_secs(10);

/// Settlements that are sent together.
const TOGETHER: usize = 64;

const REPLICAS: &str = "gemini-balance:replicas";

/// Keeps the connection, until it is dropped.
#[derive(Debug)]
pub struct Keeper {
    shared: Shared,
    waiting: mpsc::Receiver<Settlement>,
    /// What was being sent when Redis was lost.
    unsent: Vec<Settlement>,
}

impl Keeper {
    pub(crate) fn new(shared: Shared, waiting: mpsc::Receiver<Settlement>) -> Self {
        Self { shared, waiting, unsent: Vec::new() }
    }

    /// Connects, and connects anew whenever Redis was lost. Never returns.
    pub async fn run(mut self) {
        let mut is_first = true;
        loop {
            match self.reach().await {
                Ok(connection) => {
                    tracing::info!("Redis is reached: limits of client tokens are shared");
                    self.serve(connection).await;
                }
                Err(error) if is_first => {
                    tracing::warn!(%error, "Redis cannot be reached; it is tried on and on");
                }
                Err(_) => {}
            }
            is_first = false;
            sleep(AGAIN).await;
        }
    }

    async fn reach(&self) -> Result<Arc<MultiplexedConnection>, RedisError> {
        let connection = Arc::new(self.shared.connect().await?);
        self.be_there(&connection).await?;
        self.shared.0.connection.store(Some(Arc::clone(&connection)));
        Ok(connection)
    }

    /// Until Redis is lost.
    async fn serve(&mut self, connection: Arc<MultiplexedConnection>) {
        let shared = self.shared.clone();
        let mut there = Instant::now();
        while shared.is_connected() {
            if self.unsent.is_empty() {
                tokio::select! {
                    _ = self.waiting.recv_many(&mut self.unsent, TOGETHER) => {}
                    () = tokio::time::sleep_until(there + PRESENCE) => {}
                    () = shared.0.lost.notified() => return,
                }
            }
            if let Err(why) = self.send(&connection).await {
                return shared.lose(&connection, &why);
            }
            if there.elapsed() >= PRESENCE {
                there = Instant::now();
                match timeout(PATIENCE, self.be_there(&connection)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => return shared.lose(&connection, &error.to_string()),
                    Err(_) => return shared.lose(&connection, "it does not answer in time"),
                }
            }
        }
    }

    async fn send(&mut self, connection: &MultiplexedConnection) -> Result<(), String> {
        let Self { shared, unsent, .. } = self;
        let inner = &shared.0;
        let sending = unsent
            .iter()
            .map(|settlement| inner.scripts.settle(connection, &inner.replica, settlement));
        match timeout(PATIENCE, join_all(sending)).await {
            Ok(sent) => {
                let sent: Result<Vec<()>, RedisError> = sent.into_iter().collect();
                sent.map_err(|error| error.to_string())?;
                unsent.clear();
                Ok(())
            }
            Err(_) => Err("it does not answer in time".to_owned()),
        }
    }

    /// Says that this process is there, and counts those that are.
    async fn be_there(&self, connection: &MultiplexedConnection) -> Result<(), RedisError> {
        let inner = &self.shared.0;
        let mut connection = connection.clone();
        let (seconds, _): (i64, i64) = redis::cmd("TIME").query_async(&mut connection).await?;
        let gone = seconds - GONE.as_secs() as i64;
        let (count,): (u64,) = redis::pipe()
            .cmd("ZADD")
            .arg(REPLICAS)
            .arg(seconds)
            .arg(&inner.replica)
            .ignore()
            .cmd("ZREMRANGEBYSCORE")
            .arg(REPLICAS)
            .arg("-inf")
            .arg(gone)
            .ignore()
            .cmd("ZCARD")
            .arg(REPLICAS)
            .query_async(&mut connection)
            .await?;
        inner.replicas.store(count, Ordering::Relaxed);
        Ok(())
    }
}
