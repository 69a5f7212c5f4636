//! What the administrator's side asks Google through the pool: for no client token, and for no log.

use std::sync::Arc;

use keypool::Platform;
use tokio::time::Instant;
use uuid::Uuid;

use crate::exchange::{Exchange, InProgress};
use crate::gateway::Gateway;
use crate::ledger::Entry;
use crate::route::Dialect;
use crate::routes;
use crate::tokens::Client;

/// Why there is no list of models: a sentence without secrets.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct NoModels(String);

impl Gateway {
    /// All models that are served, as JSON in the shape of OpenAI's list: those that the pool's keys
    /// can see, and those that only the gateway knows.
    pub async fn list_models(self: &Arc<Self>) -> Result<Vec<u8>, NoModels> {
        let listed = routes::models::offered(&mut self.exchange_of_nobody()).await;
        listed.map_err(|lost| NoModels(self.redactor.redact(lost.message()).into_owned()))
    }

    fn exchange_of_nobody(self: &Arc<Self>) -> Exchange {
        let configuration = self.configuration();
        let (id, dialect) = (Uuid::now_v7().to_string(), Dialect::OpenAi);
        Box::new(InProgress {
            gateway: Arc::clone(self),
            platform: Platform::Gemini,
            client: configuration.clients().gemini,
            deadline: Instant::now() + configuration.settings.upstream.total_timeout,
            configuration,
            dialect,
            entry: Entry::begin(self, &id, dialect, &Arc::new(Client::nobody()), false),
            dropped: Vec::new(),
            tie: None,
            prefers: None,
            waits: true,
            more_models: 0,
        })
    }
}
