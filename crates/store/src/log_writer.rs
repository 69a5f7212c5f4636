//! Logging behind the requests' backs: a bounded queue, and a task that empties it in batches.

mod queue;
mod writing;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use self::queue::Queue;
use crate::{ErrorRecord, RequestRecord, Store};

/// Takes log records and writes them soon, without making anybody wait.
///
/// At most 250 ms pass until a record is on its way into the database. While the database is in
/// trouble, records wait; once there are more than the bounds allow, the oldest are dropped, and
/// counted. Clones share the queue.
#[derive(Clone)]
pub struct LogWriter {
    shared: Arc<Shared>,
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// How much may wait in memory for the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogBounds {
    /// The most records.
    pub rows: usize,
    /// The most bytes, roughly.
    pub bytes: usize,
}

impl Default for LogBounds {
    /// 10,000 records or 32 MiB, whichever is reached first.
    fn default() -> Self {
        Self { rows: 10_000, bytes: 32 * 1024 * 1024 }
    }
}

/// What the pushing side and the writing task share.
struct Shared {
    queue: Mutex<Queue>,
    /// For the task: there is something to do at once.
    wake: Notify,
    /// For those who wait in [`LogWriter::flush`]: records have left the queue for good.
    settled: Notify,
}

impl LogWriter {
    /// Starts the writing task on the current tokio runtime.
    pub fn start(store: Store, bounds: LogBounds) -> Self {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue::new(bounds)),
            wake: Notify::new(),
            settled: Notify::new(),
        });
        let task = tokio::spawn(writing::run(Arc::clone(&shared), store));
        Self { shared, task: Arc::new(Mutex::new(Some(task))) }
    }

    /// Hands a request over. Takes well under a microsecond, whatever the database does.
    pub fn push_request(&self, record: RequestRecord) {
        let wake = self.shared.queue().push_request(record);
        if wake {
            self.shared.wake.notify_one();
        }
    }

    /// Hands a failed attempt over.
    pub fn push_error(&self, record: ErrorRecord) {
        let wake = self.shared.queue().push_error(record);
        if wake {
            self.shared.wake.notify_one();
        }
    }

    /// Waits until all that was pushed before is in the database, at most so long. Returns whether
    /// it is (or was dropped before, for lack of room).
    pub async fn flush(&self, patience: Duration) -> bool {
        let target = self.shared.queue().hurry();
        self.shared.wake.notify_one();
        timeout(patience, self.shared.wait_until_settled(target)).await.is_ok()
    }

    /// Takes no more records, writes those that wait, and ends the task, all within so long.
    /// Returns whether everything was written; what was not is gone.
    pub async fn shutdown(&self, patience: Duration) -> bool {
        self.shared.queue().close();
        let complete = self.flush(patience).await;
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task.filter(|_| !complete) {
            task.abort();
        }
        complete
    }

    /// How many records wait or are being written.
    pub fn depth(&self) -> usize {
        self.shared.queue().depth()
    }

    /// How many records were dropped since the start.
    pub fn dropped(&self) -> u64 {
        self.shared.queue().dropped()
    }
}

impl fmt::Debug for LogWriter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LogWriter")
            .field("depth", &self.depth())
            .field("dropped", &self.dropped())
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait_until_settled(&self, target: u64) {
        loop {
            let mut settled = std::pin::pin!(self.settled.notified());
            // From here on no notification is missed.
            settled.as_mut().enable();
            if self.queue().settled() >= target {
                return;
            }
            settled.await;
        }
    }
}
