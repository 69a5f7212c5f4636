//! Sessions that outlive the process: written down behind the sessions' backs, and found again by any
//! gateway on the same database.

use std::collections::HashMap;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keypool::{Bond, KeyId};
use secret::TokenDigest;
use store::{KeptSession, Store, StoreError};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::{KeepHandles, LiveSession};
use crate::clock;

/// Google lets a session go on for two hours after its last connection, which lasts some minutes.
const LASTS: Duration = Duration::from_hours(3);

/// Handles of one moment become one transaction.
const GATHER: Duration = Duration::from_millis(100);

/// After the database has failed it is left alone for so long.
const PAUSE: Duration = Duration::from_secs(1);

/// How many may wait for the database.
const MOST_WAITING: usize = 20_000;

/// Keeps sessions in the database; clones keep them in the same place.
#[derive(Clone)]
pub struct KeptSessions(Arc<Keeper>);

struct Keeper {
    store: Store,
    /// The runtime of the store's connections.
    runtime: Handle,
    waiting: Mutex<Waiting>,
    /// All that waited is written.
    settled: Notify,
}

#[derive(Default)]
struct Waiting {
    sessions: HashMap<TokenDigest, LiveSession>,
    is_writing: bool,
}

impl KeptSessions {
    /// The database is spoken to on the current tokio runtime.
    pub fn new(store: Store) -> Self {
        let (waiting, settled) = (Mutex::default(), Notify::new());
        Self(Arc::new(Keeper { store, runtime: Handle::current(), waiting, settled }))
    }

    /// Waits until everything is written, at most so long. Returns whether it is.
    pub async fn flush(&self, patience: Duration) -> bool {
        timeout(patience, self.0.written()).await.is_ok()
    }
}

impl KeepHandles for KeptSessions {
    fn remember(&self, handle: TokenDigest, session: LiveSession) {
        let mut waiting = self.0.waiting();
        if waiting.sessions.len() >= MOST_WAITING {
            tracing::warn!("a live session is not kept: too many wait for the database");
            return;
        }
        waiting.sessions.insert(handle, session);
        if !mem::replace(&mut waiting.is_writing, true) {
            let keeper = Arc::clone(&self.0);
            self.0.runtime.spawn(async move { keeper.write().await });
        }
    }

    fn find(
        &self,
        handle: TokenDigest,
    ) -> Pin<Box<dyn Future<Output = Option<LiveSession>> + Send + '_>> {
        Box::pin(async move {
            if let Some(session) = self.0.waiting().sessions.get(&handle) {
                return Some(session.clone());
            }
            let store = self.0.store.clone();
            let find = async move { store.find_live_session(handle, clock::now()).await };
            match self.0.runtime.spawn(find).await {
                Ok(Ok(found)) => found.map(session),
                Ok(Err(error)) => {
                    tracing::error!(%error, "the database could not be asked for a live session");
                    None
                }
                Err(_) => None,
            }
        })
    }
}

impl Keeper {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes until nothing waits.
    async fn write(&self) {
        loop {
            tokio::time::sleep(GATHER).await;
            let batch = self.batch();
            if batch.is_empty() {
                self.settled.notify_waiters();
                return;
            }
            if let Err(error) = self.store.keep_live_sessions(&batch).await {
                self.complain(&error);
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            let mut waiting = self.waiting();
            for session in batch {
                waiting.sessions.remove(&session.digest);
            }
        }
    }

    /// All that waits; without any, the writing is over.
    fn batch(&self) -> Vec<KeptSession> {
        let mut waiting = self.waiting();
        waiting.is_writing = !waiting.sessions.is_empty();
        let expires_at = clock::now() + LASTS;
        let kept = |(digest, session): (&TokenDigest, &LiveSession)| KeptSession {
            digest: *digest,
            key_id: session.bond.key.to_string(),
            project: session.bond.project.as_deref().map(str::to_owned),
            token_id: session.owner.to_string(),
            expires_at,
        };
        waiting.sessions.iter().map(kept).collect()
    }

    fn complain(&self, error: &StoreError) {
        let waiting = self.waiting().sessions.len();
        tracing::warn!(%error, waiting, "live sessions could not be kept yet");
    }

    async fn written(&self) {
        loop {
            let mut settled = std::pin::pin!(self.settled.notified());
            // From here on no notification is missed.
            settled.as_mut().enable();
            if !self.waiting().is_writing {
                return;
            }
            settled.await;
        }
    }
}

fn session(kept: KeptSession) -> LiveSession {
    LiveSession {
        bond: Bond { key: KeyId::from(kept.key_id), project: kept.project.map(Into::into) },
        owner: kept.token_id.into(),
    }
}
