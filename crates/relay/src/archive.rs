//! Responses that clients go on from: written down behind the requests' backs, and found again.

mod running;

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dialect::openai::responses::StoredResponse;
use http::StatusCode;
use store::{Store, StoreError};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::answer::Fault;

/// How much may wait for the database.
const MAX_WAITING: usize = 1_000;
const MAX_WAITING_BYTES: usize = 64 * 1024 * 1024;

/// Where responses are kept. What is not written yet is found all the same.
pub struct Archive {
    store: Store,
    /// The runtime of the store's connections.
    runtime: Handle,
    waiting: Arc<Waiting>,
}

#[derive(Default)]
struct Waiting {
    list: Mutex<List>,
    /// A response has been written, or could not be.
    settled: Notify,
}

#[derive(Default)]
struct List {
    responses: HashMap<Arc<str>, Unwritten>,
    bytes: usize,
}

/// A response that is being written.
struct Unwritten {
    owner: Arc<str>,
    body: Arc<str>,
}

impl Archive {
    /// The database is spoken to on the current tokio runtime.
    pub fn new(store: Store) -> Self {
        Self { store, runtime: Handle::current(), waiting: Arc::default() }
    }

    /// Keeps a response for the token `owner`. It can be found at once; the task ends when it is
    /// on disk. `None` where too much waits to be written.
    pub(crate) fn keep(
        &self,
        owner: &Arc<str>,
        response: &StoredResponse,
    ) -> Option<JoinHandle<()>> {
        let body: Arc<str> = match serde_json::to_string(response) {
            Ok(body) => body.into(),
            Err(error) => {
                tracing::error!(%error, "a response cannot be kept");
                return None;
            }
        };
        let id: Arc<str> = response.id().into();
        let unwritten = Unwritten { owner: Arc::clone(owner), body: Arc::clone(&body) };
        if !self.waiting.add(&id, unwritten) {
            tracing::error!(
                response = &*id,
                "a response is not kept: too many wait for the database"
            );
            return None;
        }
        let (store, owner, waiting) =
            (self.store.clone(), Arc::clone(owner), Arc::clone(&self.waiting));
        Some(self.runtime.spawn(async move {
            if let Err(error) = store.insert_response(&owner, &id, &body).await {
                tracing::error!(%error, response = &*id, "a response could not be kept");
            }
            waiting.remove(&id);
        }))
    }

    /// The response of this id, if it belongs to `owner`. One that nobody works on any more is
    /// failed by then.
    pub(crate) async fn find(
        &self,
        owner: &Arc<str>,
        id: &str,
    ) -> Result<Option<StoredResponse>, Fault> {
        match self.kept(owner, id).await? {
            Some(response) if response.is_running() => self.checked(owner, response).await,
            found => Ok(found),
        }
    }

    /// The response as it was kept.
    async fn kept(&self, owner: &Arc<str>, id: &str) -> Result<Option<StoredResponse>, Fault> {
        let body = match self.waiting.body(owner, id) {
            Some(body) => Some(body),
            None => self.read(owner, id).await?.map(Arc::from),
        };
        let parsed = body.map(|body| serde_json::from_str(&body)).transpose();
        parsed.map_err(|error| failed(id, &error))
    }

    /// Deletes the response of this id. Returns whether it was there and belonged to `owner`.
    pub(crate) async fn delete(&self, owner: &Arc<str>, id: &str) -> Result<bool, Fault> {
        self.waiting.until(|list| !list.responses.contains_key(id)).await;
        let (store, owner) = (self.store.clone(), Arc::clone(owner));
        self.ask(id, |id| async move { store.delete_response(&owner, &id).await }).await
    }

    /// Waits until everything is written, at most so long. Returns whether it is.
    pub async fn flush(&self, patience: Duration) -> bool {
        timeout(patience, self.waiting.until(|list| list.responses.is_empty())).await.is_ok()
    }

    async fn read(&self, owner: &Arc<str>, id: &str) -> Result<Option<String>, Fault> {
        let (store, owner) = (self.store.clone(), Arc::clone(owner));
        self.ask(id, |id| async move { store.find_response(&owner, &id).await }).await
    }

    /// Asks the database on its own runtime.
    async fn ask<T, F>(&self, id: &str, question: impl FnOnce(String) -> F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        match self.runtime.spawn(question(id.to_owned())).await {
            Ok(answered) => answered.map_err(|error| failed(id, &error)),
            Err(error) => Err(failed(id, &error)),
        }
    }
}

impl Waiting {
    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether there was room.
    fn add(&self, id: &Arc<str>, response: Unwritten) -> bool {
        let mut list = self.list();
        let bytes = list.bytes + response.body.len();
        if list.responses.len() >= MAX_WAITING
            || (bytes > MAX_WAITING_BYTES && !list.responses.is_empty())
        {
            return false;
        }
        list.bytes = bytes;
        list.responses.insert(Arc::clone(id), response);
        true
    }

    fn remove(&self, id: &str) {
        let mut list = self.list();
        if let Some(response) = list.responses.remove(id) {
            list.bytes -= response.body.len();
        }
        drop(list);
        self.settled.notify_waiters();
    }

    fn body(&self, owner: &Arc<str>, id: &str) -> Option<Arc<str>> {
        let list = self.list();
        let response = list.responses.get(id).filter(|response| response.owner == *owner)?;
        Some(Arc::clone(&response.body))
    }

    async fn until(&self, condition: impl Fn(&List) -> bool) {
        loop {
            let mut settled = std::pin::pin!(self.settled.notified());
            // From here on no notification is missed.
            settled.as_mut().enable();
            if condition(&self.list()) {
                return;
            }
            settled.await;
        }
    }
}

fn failed(id: &str, error: &dyn Display) -> Fault {
    tracing::error!(%error, response = id, "the database could not be asked for a response");
    let message = "The gateway's database, which keeps responses, cannot be asked now.";
    Fault::new(StatusCode::SERVICE_UNAVAILABLE, "store_unavailable", message)
}
