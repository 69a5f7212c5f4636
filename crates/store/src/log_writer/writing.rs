use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::Shared;
use super::queue::{Batch, FULL_BATCH};
use crate::{Store, StoreError};

/// How long a record waits for others to be written with.
const GATHERING: Duration = Duration::from_millis(250);

/// The longest pause between two tries while the database is in trouble: work is normal again
/// within 5 s of its recovery.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// Writes batches until the queue is closed and empty.
pub(super) async fn run(shared: Arc<Shared>, store: Store) {
    loop {
        while shared.queue().fall_asleep() {
            if shared.queue().is_finished() {
                return;
            }
            shared.wake.notified().await;
        }
        gather(&shared).await;
        let batch = shared.queue().take();
        let dropped = write(&shared, &store, batch).await;
        shared.queue().settle(dropped);
        shared.settled.notify_waiters();
    }
}

/// Lets more records come, unless there are enough or somebody waits.
async fn gather(shared: &Shared) {
    let until = Instant::now() + GATHERING;
    loop {
        {
            let queue = shared.queue();
            if queue.waiting() >= FULL_BATCH || queue.in_hurry() {
                return;
            }
        }
        if timeout_at(until, shared.wake.notified()).await.is_err() {
            return;
        }
    }
}

/// Tries until the batch is written. Returns how many of its records the database would not take.
async fn write(shared: &Shared, store: &Store, mut batch: Batch) -> usize {
    let mut pause = GATHERING;
    let mut tries: u32 = 0;
    let mut refused = 0;
    loop {
        tries += 1;
        let Err(error) = write_once(store, &batch, tries > 1).await else { break };
        if error.is_about_the_data() {
            refused += sort_out(store, &mut batch).await;
        }
        if batch.len() == 0 {
            break;
        }
        if tries == 1 {
            tracing::warn!(%error, rows = batch.len(), "the logs cannot be written; records wait");
        }
        let in_hurry = shared.queue().in_hurry();
        sleep(if in_hurry { GATHERING } else { pause }).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    if refused > 0 {
        tracing::error!(refused, "the database does not take some log records; they are dropped");
    } else if tries > 1 {
        tracing::info!(tries, "the logs can be written again");
    }
    refused
}

async fn write_once(store: &Store, batch: &Batch, again: bool) -> Result<(), StoreError> {
    if again && store.has_logs(&batch.requests, &batch.errors).await? {
        return Ok(());
    }
    store.insert_logs(&batch.requests, &batch.errors).await
}

/// Writes the records one by one, so that one which the database refuses does not hold up the
/// others. Leaves in the batch what could not be tried. Returns how many were refused.
async fn sort_out(store: &Store, batch: &mut Batch) -> usize {
    let mut refused = 0;
    while let Some(record) = batch.requests.last() {
        match store.insert_logs(std::slice::from_ref(record), &[]).await {
            Ok(()) => {}
            Err(error) if error.is_about_the_data() => refused += 1,
            Err(_) => return refused,
        }
        batch.requests.pop();
    }
    while let Some(record) = batch.errors.last() {
        match store.insert_logs(&[], std::slice::from_ref(record)).await {
            Ok(()) => {}
            Err(error) if error.is_about_the_data() => refused += 1,
            Err(_) => return refused,
        }
        batch.errors.pop();
    }
    refused
}
