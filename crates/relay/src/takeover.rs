//! What takes a client's connection over once its response has gone out.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

/// What is done with the connection from then on. It runs where the connection ran, and holds its place
/// among `MAX_CONNECTIONS`.
type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Travels in the extensions of a response with status 101, from the handler to the connection.
#[derive(Clone)]
pub(crate) struct Takeover(Arc<Mutex<Option<Work>>>);

impl Takeover {
    pub(crate) fn new(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Some(Box::pin(work)))))
    }

    /// Gives the work out, once.
    pub(crate) fn take(&self) -> Option<Work> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
