//! What the operator decides about a translation.

use crate::{media::FetchedMedia, models::Offers};

/// How to translate a request. The default fetches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'o> {
    /// What stands behind URLs of the request, as far as it was fetched.
    pub media: Option<&'o FetchedMedia>,
    /// Names of models that only the gateway knows; without, names are Google's.
    pub offers: Option<&'o Offers>,
    /// The request may be sent several times, for models that give one choice a call: see
    /// [`ChatContext::calls`](super::ChatContext::calls).
    pub fan_out: bool,
    /// What becomes of thought signatures.
    pub signatures: Signatures,
}

/// What becomes of thought signatures, which clients should give back but mostly lose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Signatures {
    /// Clients get them in `extra_content` and in the ids of calls, and every one that comes back
    /// is used. The ids of a client that has shown to keep `extra_content` stay short.
    #[default]
    InIds,
    /// As `InIds`, but clients get them in `extra_content` only.
    InExtraContent,
    /// Those that come back are replaced by placeholders, for a second try after
    /// [`wants_signatures`](crate::gemini::GeminiError::wants_signatures). Clients get new ones as
    /// with `InIds`.
    Renewed,
}
