//! What it takes to keep the response to one request.

use std::sync::Arc;

use bytes::Bytes;
use dialect::openai::responses::{Earlier, StoredResponse, ThoughtSignatures};
use tokio::task::JoinHandle;

use crate::exchange::Exchange;
use crate::gateway::Gateway;

/// Keeps the response to one request, once there is one.
pub(crate) struct Keeper {
    gateway: Arc<Gateway>,
    owner: Arc<str>,
    request: Bytes,
    referenced: Vec<StoredResponse>,
}

impl Keeper {
    /// `request` is what the client sent, `referenced` what its items name.
    pub(crate) fn new(
        exchange: &Exchange,
        request: Bytes,
        referenced: Vec<StoredResponse>,
    ) -> Self {
        let gateway = Arc::clone(&exchange.gateway);
        Self { gateway, owner: exchange.entry.token_id(), request, referenced }
    }

    /// The response object and what was asked, as they are kept.
    pub(crate) fn stored(
        &self,
        object: &[u8],
        signatures: &ThoughtSignatures,
    ) -> Option<StoredResponse> {
        let earlier = Earlier { chain: &[], referenced: &self.referenced };
        StoredResponse::new(&self.request, object, signatures, earlier)
            .inspect_err(|error| tracing::error!(%error, "a response cannot be kept"))
            .ok()
    }

    /// Hands it over to be written; from now on it can be found.
    pub(crate) fn keep(&self, stored: &StoredResponse) -> Option<JoinHandle<()>> {
        self.gateway.archive.keep(&self.owner, stored)
    }
}
