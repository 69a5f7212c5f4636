//! From the environment to an open store and resolved settings: what every command begins with.

use std::fs;
use std::sync::Arc;

use secret::Vault;
use settings::Resolved;
use store::{OpenError, Store, StoreOptions};

use crate::environment::Environment;
use crate::failure::Failure;
use crate::master_key::{self, Found};

/// An open store, and the settings of all layers.
pub(crate) struct Boot {
    pub(crate) environment: Environment,
    pub(crate) resolved: Resolved,
    pub(crate) store: Store,
}

impl Boot {
    /// Opens what the environment names, and reads what an administrator saved.
    pub(crate) async fn open(environment: Environment) -> Result<Self, Failure> {
        let resolved = Resolved::new(&environment, &std::collections::BTreeMap::new())?;
        let store = open_store(&resolved.settings.storage).await?;
        let resolved = Resolved::new(&environment, &store.stored_settings().await?)?
            .with_imported(&store.imported_settings().await?);
        Ok(Self { environment, resolved, store })
    }
}

async fn open_store(storage: &settings::Storage) -> Result<Store, Failure> {
    let Found { key, created } = master_key::find(storage)?;
    let vault = Arc::new(Vault::new(&key));
    let url = storage.database_url.expose();
    let opened = Store::open(url, vault, StoreOptions::default()).await;
    opened.map_err(|error| {
        // A key that does not fit must not lie there as if it did.
        let foreign = created.filter(|_| matches!(error, OpenError::WrongMasterKey { .. }));
        if let Some(path) = foreign {
            let _ = fs::remove_file(&path);
            return Failure::configuration(format!(
                "MASTER_KEY: the database was sealed with a master key that is not here; put its \
                 key file back as {}, or give the key as MASTER_KEY",
                path.display()
            ));
        }
        match error {
            OpenError::WrongMasterKey { .. } => {
                Failure::configuration(format!("MASTER_KEY: {error}"))
            }
            OpenError::Unreachable { .. } | OpenError::Busy { .. } => Failure::Failed(error.into()),
            _ => Failure::configuration(format!("DATABASE_URL: {error}")),
        }
    })
}
