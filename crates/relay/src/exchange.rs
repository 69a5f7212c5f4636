//! One request on its way: who asks, under which configuration, until when.

use std::sync::Arc;

use http::{Response, StatusCode};
use keypool::{Bond, EgressId, Platform};
use tokio::time::Instant;
use upstream::Client;

use crate::answer::{self, Fault};
use crate::body::Body;
use crate::bound::Tie;
use crate::gateway::{Configuration, Gateway};
use crate::ledger::Entry;
use crate::lost::Lost;
use crate::route::Dialect;

/// What the handlers of all surfaces need of a request that was let in.
///
/// On the heap: it is handed from future to future, and each has room for it twice.
pub(crate) type Exchange = Box<InProgress>;

/// What an [`Exchange`] holds.
pub(crate) struct InProgress {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) configuration: Arc<Configuration>,
    /// Which of Google's APIs answers it, with the keys of its own pool.
    pub(crate) platform: Platform,
    /// The worker's connections to that API.
    pub(crate) client: Arc<Client>,
    pub(crate) dialect: Dialect,
    /// Becomes the request log's row.
    pub(crate) entry: Entry,
    /// When everything must be over.
    pub(crate) deadline: Instant,
    /// Fields of the request that were left out on the way.
    pub(crate) dropped: Vec<&'static str>,
    /// What the request needs that exists in one project only.
    pub(crate) tie: Option<Tie>,
    /// Where it goes if that is possible.
    pub(crate) prefers: Option<Bond>,
    /// The only way out that its attempts may take.
    pub(crate) way: Option<EgressId>,
    /// It may wait for a key: no other model can answer it at once.
    pub(crate) waits: bool,
    /// How many models may answer in place of the one that the client asked for.
    pub(crate) more_models: usize,
}

/// A request that no answer was found for, and of which the client has heard nothing yet.
pub(crate) struct Unserved {
    pub(crate) exchange: Exchange,
    pub(crate) lost: Lost,
}

/// What came of asking a model.
pub(crate) type Served = Result<Response<Body>, Unserved>;

impl InProgress {
    /// The same request, for calls that are made beside others, streamed or not.
    pub(crate) fn branch(&self, stream: bool) -> Exchange {
        Box::new(Self {
            gateway: Arc::clone(&self.gateway),
            configuration: Arc::clone(&self.configuration),
            platform: self.platform,
            client: Arc::clone(&self.client),
            dialect: self.dialect,
            entry: self.entry.branch(stream),
            deadline: self.deadline,
            dropped: Vec::new(),
            tie: self.tie.clone(),
            prefers: None,
            way: self.way,
            waits: self.waits,
            more_models: 0,
        })
    }

    /// No answer was found.
    pub(crate) fn unserved(self: Box<Self>, lost: Lost) -> Unserved {
        Unserved { exchange: self, lost }
    }

    /// Why `model` is refused: the administrator does not want it served, or it is no model at all
    /// but a secret in the wrong place, which must not be passed around.
    pub(crate) fn filtered(&self, model: &str) -> Option<Fault> {
        let shown = self.gateway.redactor.redact(model);
        if shown != model {
            let message = format!("The model `{shown}` does not exist.");
            return Some(Fault::new(StatusCode::NOT_FOUND, "model_not_found", message));
        }
        let message = if self.configuration.settings.models.is_filtered(model) {
            format!("The model `{model}` is not served here (FILTERED_MODELS).")
        } else if !self.entry.owner().limits.allows(model) {
            format!("The model `{model}` is none of those that this client token may use.")
        } else {
            return None;
        };
        let fault = Fault::new(StatusCode::NOT_FOUND, "model_not_found", message);
        Some(Fault { param: Some("model".to_owned()), ..fault })
    }

    /// Whether lists name a model, which may have a name that only the gateway knows.
    pub(crate) fn lists(&self, name: &str) -> bool {
        let limits = &self.entry.owner().limits;
        let means = || self.configuration.offering.offers.resolve(name, 0).model;
        !self.configuration.settings.models.is_filtered(name)
            && (limits.models.is_empty() || limits.allows(name) || limits.allows(&means()))
    }

    /// Ends it with an error of the gateway's own.
    pub(crate) fn reject(&mut self, fault: &Fault) -> Response<Body> {
        self.entry.fails(fault.status, "rejected", &fault.message);
        fault.response(self.dialect)
    }

    /// Ends it without an answer of Google's.
    pub(crate) fn lose(&mut self, lost: Lost) -> Response<Body> {
        self.entry.fails(lost.status(), lost.outcome(), lost.message());
        answer::telling(lost.response(self.dialect), &self.dropped)
    }
}
