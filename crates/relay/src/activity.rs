//! What a connection is doing, as its socket and its requests see it together.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::takeover::Takeover;

/// So much of an answer may wait for the socket. A client that stops reading costs this and one more
/// frame; hyper would wait with as much as it reads at once, which is more.
const MOST_UNSENT: usize = 64 * 1024;

/// Whether a request is being served; shared by the socket and the request's parts.
#[derive(Default)]
pub(crate) struct Activity {
    busy: AtomicBool,
    /// Bytes of answers that were handed out since the socket had taken everything.
    unsent: AtomicUsize,
    /// An answer was told to wait for the socket.
    held_up: AtomicBool,
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

    /// The socket has taken everything. Whether an answer waited for that, and is to be asked again.
    pub(crate) fn all_sent(&self) -> bool {
        self.unsent.store(0, Ordering::Relaxed);
        self.held_up.swap(false, Ordering::Relaxed)
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

    /// Whether more of the answer may be handed out; if not, it is asked again when it may.
    pub(crate) fn has_room(&self) -> bool {
        let has_room = self.0.unsent.load(Ordering::Relaxed) < MOST_UNSENT;
        if !has_room {
            self.0.held_up.store(true, Ordering::Relaxed);
        }
        has_room
    }

    /// So many bytes of the answer were handed out.
    pub(crate) fn hands_out(&self, bytes: usize) {
        self.0.unsent.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.store(false, Ordering::Relaxed);
    }
}
