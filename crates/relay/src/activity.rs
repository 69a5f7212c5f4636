//! What a connection is doing, as its socket and its requests see it together.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::takeover::Takeover;

/// Whether a request is being served; shared by the socket and the request's parts.
#[derive(Default)]
pub(crate) struct Activity {
    busy: AtomicBool,
    /// Heads that were completed so far.
    heads: AtomicUsize,
    /// Set by the request that ends the connection's life as one of HTTP.
    takeover: OnceLock<Takeover>,
}

impl Activity {
    /// How many heads were completed so far.
    pub(crate) fn heads(&self) -> usize {
        self.heads.load(Ordering::Relaxed)
    }

    /// Whether a request is being served.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed)
    }

    /// The connection goes to somebody else when this response is out.
    pub(crate) fn ends_with(&self, takeover: Takeover) {
        let _ = self.takeover.set(takeover);
    }

    /// Who has the connection after HTTP.
    pub(crate) fn takeover(&self) -> Option<&Takeover> {
        self.takeover.get()
    }
}

/// Held from the moment a head is complete until its response is done.
pub(crate) struct Busy(Arc<Activity>);

impl Busy {
    /// A head is complete: its request is being served from now on.
    pub(crate) fn new(activity: &Arc<Activity>) -> Self {
        activity.busy.store(true, Ordering::Relaxed);
        activity.heads.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(activity))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.store(false, Ordering::Relaxed);
    }
}
