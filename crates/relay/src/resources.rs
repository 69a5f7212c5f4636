//! What clients have made at Google: which key reaches it, and whose it is.

pub(crate) mod name;
pub(crate) mod scan;
pub(crate) mod told;

mod recent;

use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use keypool::{Bond, KeyId, Timestamp};
use store::{Resource, ResourcePlace, Store, StoreError};
use tokio::runtime::Handle;

use self::recent::Recent;
use crate::answer::Fault;
use crate::clock;

/// The register of all that exists in one project only. What was asked for lately is in memory; the
/// database knows the rest, also what other processes have made.
pub struct Resources {
    store: Store,
    /// The runtime of the store's connections.
    runtime: Handle,
    recent: Mutex<Recent>,
}

/// What must be known of a resource to use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// The client token that made it.
    pub(crate) owner: Arc<str>,
    /// The key that reaches it.
    pub(crate) bond: Bond,
    pub(crate) expires: Option<Timestamp>,
    /// As Google last said.
    pub(crate) state: Arc<str>,
}

impl Resources {
    /// The database is spoken to on the current tokio runtime.
    pub fn new(store: Store) -> Self {
        Self { store, runtime: Handle::current(), recent: Mutex::default() }
    }

    /// What is known of this name, as long as it has not expired.
    pub(crate) async fn find(&self, name: &str) -> Result<Option<Known>, Fault> {
        let now = clock::now();
        let lives = |known: &Known| known.expires.is_none_or(|end| now < end);
        if let Some(known) = self.recent().get(name) {
            return Ok(Some(known).filter(lives));
        }
        let Some(resource) = self.fetch(name).await? else { return Ok(None) };
        let known = Known::of(&resource);
        self.recent().put(name, known.clone());
        Ok(Some(known).filter(lives))
    }

    /// All that is kept of this name, expired or not.
    pub(crate) async fn fetch(&self, name: &str) -> Result<Option<Resource>, Fault> {
        let (store, name) = (self.store.clone(), name.to_owned());
        self.ask(async move { store.find_resource(&name).await }).await
    }

    /// Keeps a resource, or what is new about it. Returns whether it is its token's: not where the
    /// name is somebody else's already.
    pub(crate) async fn keep(&self, resource: Resource) -> Result<bool, Fault> {
        let (name, known) = (resource.name.clone(), Known::of(&resource));
        let (store, now) = (self.store.clone(), clock::now());
        let kept = self.ask(async move { store.keep_resource(&resource, now).await }).await?;
        if kept {
            self.recent().put(&name, known);
        }
        Ok(kept)
    }

    /// The resources of a kind, the newest first: those of a token, or all.
    pub(crate) async fn list(
        &self,
        kind: &str,
        owner: Option<&str>,
        behind: Option<ResourcePlace>,
        limit: u64,
    ) -> Result<Vec<Resource>, Fault> {
        let (store, kind, owner) = (self.store.clone(), kind.to_owned(), owner.map(str::to_owned));
        let now = clock::now();
        let list = async move {
            store.list_resources(&kind, owner.as_deref(), behind.as_ref(), now, limit).await
        };
        self.ask(list).await
    }

    /// Forgets a resource that is no more.
    pub(crate) async fn forget(&self, name: &str) -> Result<(), Fault> {
        self.recent().remove(name);
        let (store, name) = (self.store.clone(), name.to_owned());
        self.ask(async move { store.forget_resource(&name).await }).await.map(drop)
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the database on its own runtime.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, Fault> {
        match self.runtime.spawn(question).await {
            Ok(answered) => answered.map_err(|error| failed(&error)),
            Err(error) => Err(failed(&error)),
        }
    }
}

impl Known {
    pub(crate) fn of(resource: &Resource) -> Self {
        Self {
            owner: resource.token_id.as_str().into(),
            bond: Bond {
                key: KeyId::from(resource.key_id.as_str()),
                project: resource.project.as_deref().map(Into::into),
            },
            expires: resource.expires_at,
            state: resource.state.as_str().into(),
        }
    }
}

fn failed(error: &dyn Display) -> Fault {
    tracing::error!(%error, "the database could not be asked for a resource");
    let message = "The gateway's database, which knows whose files and other resources are, cannot be asked now.";
    Fault::new(StatusCode::SERVICE_UNAVAILABLE, "store_unavailable", message)
}
