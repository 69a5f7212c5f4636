//! What the operator decides about a translation.

use crate::{media::FetchedMedia, models::Additions};

/// How to translate a request. The default fetches nothing.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub struct Options<'o> {
    /// What stands behind URLs of the request, as far as it was fetched.
    pub media: Option<&'o FetchedMedia>,
    /// What the administrator adds.
    pub additions: Additions<'o>,
    /// Thoughts are neither asked for nor handed out (`SHOW_THINKING_PROCESS` is false).
    pub hide_thoughts: bool,
    /// Answers of models that search by their name end with a list of their sources
    /// (`SHOW_SEARCH_LINK`).
    pub list_sources: bool,
    /// System messages in the middle of a conversation go to its beginning. By default they stay
    /// where they are, marked, which keeps the order and the prefix that Google caches.
    pub hoist_system: bool,
    /// The request may be sent several times, for models that give one choice a call: see
    /// [`ChatContext::calls`](super::ChatContext::calls).
    pub fan_out: bool,
    /// What becomes of thought signatures.
    pub signatures: Signatures,
}

/// What becomes of thought signatures, which clients should give back but mostly lose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Signatures {
    /// Clients get them in `extra_content` and, from models that insist on them, in the ids of
    /// calls; every one that comes back is used. The ids of a client that has shown to keep
    /// `extra_content` stay short.
    #[default]
    InIds,
    /// As `InIds`, but clients get them in `extra_content` only.
    InExtraContent,
}
