//! What the administrator's side asks Google through the pool: for no client token, and for no log.

use std::sync::Arc;

use keypool::Platform;
use serde::Deserialize;
use serde_json::Value;
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

    /// The models that Google lists for the pool's keys, as it does: each with its name without
    /// `models/`, and what is said of it as JSON.
    pub async fn list_google_models(self: &Arc<Self>) -> Result<Vec<(String, String)>, NoModels> {
        let pages = routes::models::of_google(&mut self.exchange_of_nobody()).await;
        let pages =
            pages.map_err(|lost| NoModels(self.redactor.redact(lost.message()).into_owned()))?;
        Ok(pages.iter().flat_map(|page| listed(page)).collect())
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
            way: None,
            waits: true,
            more_models: 0,
        })
    }
}

/// The models of a page of Google's list.
fn listed(page: &[u8]) -> Vec<(String, String)> {
    #[derive(Deserialize)]
    struct Page {
        #[serde(default)]
        models: Vec<Value>,
    }
    let models = serde_json::from_slice::<Page>(page).map(|page| page.models).unwrap_or_default();
    let named = models.into_iter().filter_map(|model| {
        let name = model.get("name")?.as_str()?;
        Some((name.strip_prefix("models/").unwrap_or(name).to_owned(), model.to_string()))
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_googles_list_is_read_whatever_else_it_says() {
        let page =
            br#"{"models": [{"name": "models/a", "inputTokenLimit": 5}, {"x": 1}], "more": 2}"#;
        let [(name, said)] = listed(page).try_into().unwrap();
        assert_eq!((name.as_str(), said.contains("inputTokenLimit")), ("a", true));
        assert!(listed(b"[]").is_empty());
    }
}
