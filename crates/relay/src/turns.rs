//! Requests that wait for a key, each in its turn: first come first served for each client token,
//! and fair shares between them. The pool decides whose turn it is; here they are told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keypool::{Ask, Lease, Platform, Timestamp, WaiterId};
use tokio::sync::{Notify, oneshot};

use crate::clock;
use crate::gateway::Gateway;

/// While somebody waits, the pool is asked at least this often.
const AT_LEAST: Duration = Duration::from_millis(250);

/// Who stands in which pool's line, and how they are told.
type Waiting = HashMap<(Platform, WaiterId), oneshot::Sender<Lease>>;

/// Those who wait, and how they are told.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    waiting: Mutex<Waiting>,
    /// Something happened that may have made it somebody's turn.
    changed: Notify,
}

/// A place in the queue; dropping it gives it up.
pub(crate) struct Place {
    gateway: Arc<Gateway>,
    platform: Platform,
    id: WaiterId,
    turn: oneshot::Receiver<Lease>,
}

impl Turns {
    /// To be called when a lease has ended, if anybody waits.
    pub(crate) fn stir(&self) {
        self.changed.notify_one();
    }
}

impl Place {
    /// Takes a place at the end of the queue of `client`.
    pub(crate) fn take(
        gateway: &Arc<Gateway>,
        platform: Platform,
        client: &str,
        ask: &Ask<'_>,
    ) -> Self {
        let (sender, turn) = oneshot::channel();
        let id = {
            let mut pool = gateway.pool(platform);
            let id = pool.enqueue(client, ask, clock::now());
            // Under the pool's lock, so that nobody is told before there is somebody to tell.
            waiting(gateway).insert((platform, id), sender);
            id
        };
        gateway.turns.stir();
        Self { gateway: Arc::clone(gateway), platform, id, turn }
    }

    /// Waits for the turn, at most so long; `None` if it has not come.
    pub(crate) async fn turn(mut self, patience: Duration) -> Option<Lease> {
        tokio::time::timeout(patience, &mut self.turn).await.ok()?.ok()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut pool = self.gateway.pool(self.platform);
        waiting(&self.gateway).remove(&(self.platform, self.id));
        pool.cancel(self.id, clock::now());
        // Told, but gone before it was heard.
        if let Ok(lease) = self.turn.try_recv() {
            pool.give_back(lease.ticket, clock::now());
        }
    }
}

/// Tells those who wait when it is their turn, until the gateway stops for good.
pub async fn keep_turns(gateway: Arc<Gateway>) {
    while !gateway.stop_now.is_cancelled() {
        let wakes = Platform::ALL.iter().filter_map(|one| gateway.pool(*one).next_wake());
        let next = wakes.min();
        tokio::select! {
            () = gateway.turns.changed.notified() => {}
            () = gateway.stop_now.cancelled() => return,
            () = due(next) => {}
        }
        for platform in Platform::ALL {
            wake(&gateway, *platform);
        }
    }
}

fn wake(gateway: &Gateway, platform: Platform) {
    let mut pool = gateway.pool(platform);
    let now = clock::now();
    for (id, lease) in pool.wake(now) {
        let told = match waiting(gateway).remove(&(platform, id)) {
            Some(sender) => sender.send(lease),
            None => Err(lease),
        };
        if let Err(lease) = told {
            pool.give_back(lease.ticket, now);
        }
    }
}

/// Returns when the pool is to be asked again; never while nobody waits.
async fn due(next: Option<Timestamp>) {
    let Some(next) = next else { return std::future::pending().await };
    let pause = next.saturating_since(clock::now());
    tokio::time::sleep(pause.clamp(Duration::from_millis(1), AT_LEAST)).await;
}

fn waiting(gateway: &Gateway) -> MutexGuard<'_, Waiting> {
    gateway.turns.waiting.lock().unwrap_or_else(PoisonError::into_inner)
}
