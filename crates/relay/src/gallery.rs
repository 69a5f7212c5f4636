//! Pictures that the gateway keeps itself, for as long as links to them work.

use std::time::Duration;

use store::{KeptPicture, Store, StoreError};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// No answer waits longer for the database.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where pictures are kept.
pub struct Gallery {
    store: Store,
    /// The runtime of the store's connections.
    runtime: Handle,
}

/// Why a picture cannot be kept or found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the database takes too long")]
    TooSlow,
}

impl Gallery {
    /// The database is spoken to on the current tokio runtime.
    pub fn new(store: Store) -> Self {
        Self { store, runtime: Handle::current() }
    }

    /// Keeps a picture. Returns its name, once it is on disk.
    pub(crate) async fn keep(&self, picture: KeptPicture) -> Result<String, Trouble> {
        let store = self.store.clone();
        let keeping = self.runtime.spawn(async move { store.keep_picture(&picture).await });
        waited(keeping).await
    }

    /// The picture of that name.
    pub(crate) async fn find(&self, name: &str) -> Result<Option<KeptPicture>, Trouble> {
        let (store, name) = (self.store.clone(), name.to_owned());
        let finding = self.runtime.spawn(async move { store.find_picture(&name).await });
        waited(finding).await
    }
}

async fn waited<T>(asking: JoinHandle<Result<T, StoreError>>) -> Result<T, Trouble> {
    match timeout(PATIENCE, asking).await {
        Ok(Ok(answered)) => Ok(answered?),
        Ok(Err(_)) | Err(_) => Err(Trouble::TooSlow),
    }
}
