//! Connections that wait for the next request.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use crate::connection::Connection;

/// More connections than this do not wait; a burst of streams would leave thousands.
const MOST_IDLE: usize = 512;

/// The idle connections of one egress. The one used last is used next, so that what a burst left
/// over grows old and is closed.
#[derive(Debug)]
pub(crate) struct Pool {
    idle: Mutex<Idle>,
    timeout: Duration,
}

#[derive(Debug, Default)]
struct Idle {
    /// By the moment they came to rest, the oldest first.
    connections: VecDeque<(Instant, Box<Connection>)>,
    /// Whether a task looks after the old ones.
    swept: bool,
}

impl Pool {
    pub(crate) fn new(timeout: Duration) -> Arc<Self> {
        Arc::new(Self { idle: Mutex::default(), timeout })
    }

    /// A connection that seems to be alive.
    pub(crate) fn take(&self) -> Option<Box<Connection>> {
        let mut idle = self.idle();
        while let Some((since, mut connection)) = idle.connections.pop_back() {
            if since.elapsed() >= self.timeout {
                idle.connections.clear();
            } else if connection.is_quiet() {
                return Some(connection);
            }
        }
        None
    }

    /// Keeps a connection whose last answer was read to its end.
    pub(crate) fn keep(self: &Arc<Self>, mut connection: Box<Connection>) {
        if self.timeout.is_zero() {
            return;
        }
        connection.rest();
        let mut idle = self.idle();
        if idle.connections.len() >= MOST_IDLE {
            idle.connections.pop_front();
        }
        idle.connections.push_back((Instant::now(), connection));
        if !idle.swept
            && let Ok(runtime) = Handle::try_current()
        {
            idle.swept = true;
            runtime.spawn(sweep(Arc::downgrade(self), self.timeout));
        }
    }

    /// Closes what is too old; false if nothing is left to look after.
    fn close_old(&self) -> bool {
        let mut idle = self.idle();
        while let Some((since, _)) = idle.connections.front()
            && since.elapsed() >= self.timeout
        {
            idle.connections.pop_front();
        }
        idle.swept = !idle.connections.is_empty();
        idle.swept
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs while there are idle connections, and ends with the pool.
async fn sweep(pool: Weak<Pool>, timeout: Duration) {
    let pause = (timeout / 4).max(Duration::from_millis(50));
    loop {
        sleep(pause).await;
        if !pool.upgrade().is_some_and(|pool| pool.close_old()) {
            return;
        }
    }
}
