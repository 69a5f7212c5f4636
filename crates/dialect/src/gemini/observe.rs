//! What the gateway needs to know of an answer that it does not translate.

use std::borrow::Cow;

use super::GeminiError;
use crate::Usage;

/// What one answer, or one event of a stream, says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Observed<'a> {
    /// The bytes were no JSON object.
    pub malformed: bool,
    /// Tokens counted so far.
    pub usage: Option<Usage>,
    /// There is something a client can use: visible text, a function call, inline data, code.
    pub has_content: bool,
    /// Why the (first) candidate ended, as in `STOP`. Streams may repeat it in every event.
    pub finish_reason: Option<Cow<'a, str>>,
    /// The prompt was blocked (`promptFeedback.blockReason`).
    pub blocked: bool,
    /// The bytes are an error object.
    pub error: Option<GeminiError>,
    /// The model that answered, as Google names it.
    pub model_version: Option<Cow<'a, str>>,
}

/// Looks at a whole answer or at the data of one stream event.
pub fn observe(data: &[u8]) -> Observed<'_> {
    let _ = data;
    Observed::default()
}
