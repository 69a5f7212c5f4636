//! What it takes to keep the response to one request.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use dialect::openai::responses::{Earlier, StoredResponse, ThoughtSignatures};
use tokio::task::JoinHandle;

use crate::exchange::Exchange;
use crate::gateway::Gateway;

/// Keeps the response to one request, once there is one.
pub(crate) struct Keeper {
    destination: Destination,
    request: Bytes,
    referenced: Vec<StoredResponse>,
}

enum Destination {
    Archive { gateway: Arc<Gateway>, owner: Arc<str> },
    Hand(HandedOver),
}

/// Where a response is handed over to the one who will keep it.
#[derive(Clone, Default)]
pub(crate) struct HandedOver(Arc<Mutex<Option<StoredResponse>>>);

impl HandedOver {
    pub(crate) fn take(&self) -> Option<StoredResponse> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, response: StoredResponse) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
    }
}

impl Keeper {
    /// `request` is what the client sent, `referenced` what its items name.
    pub(crate) fn new(
        exchange: &Exchange,
        request: Bytes,
        referenced: Vec<StoredResponse>,
    ) -> Self {
        let (gateway, owner) = (Arc::clone(&exchange.gateway), exchange.entry.token_id());
        Self { destination: Destination::Archive { gateway, owner }, request, referenced }
    }

    /// The same for somebody else who keeps the response.
    pub(crate) fn handing_over(self) -> (Self, HandedOver) {
        let handed = HandedOver::default();
        (self.handing_to(handed.clone()), handed)
    }

    /// The same for the one who keeps what is handed over there.
    pub(crate) fn handing_to(self, handed: HandedOver) -> Self {
        Self { destination: Destination::Hand(handed), ..self }
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
    pub(crate) fn keep(&self, stored: StoredResponse) -> Option<JoinHandle<()>> {
        match &self.destination {
            Destination::Archive { gateway, owner } => gateway.archive.keep(owner, &stored),
            Destination::Hand(handed) => {
                handed.put(stored);
                None
            }
        }
    }
}
