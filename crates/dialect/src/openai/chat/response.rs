//! A whole answer, translated.

use super::{ChatContext, Stamp};
use crate::{Usage, gemini::GeminiError};

/// A chat completion, ready to send.
#[derive(Debug, Clone)]
pub struct Translated {
    /// The `chat.completion` object.
    pub body: Vec<u8>,
    /// What the answer cost.
    pub usage: Usage,
}

/// Why an answer of Gemini is no chat completion.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// Status 200 with nothing in it; worth another try.
    #[error("the upstream answer is empty")]
    Empty {
        /// What it cost nevertheless.
        usage: Usage,
    },
    /// The body is no JSON that an answer could be.
    #[error("the upstream answer is malformed: {0}")]
    Malformed(String),
    /// The body is an error object.
    #[error("upstream error {}: {}", .0.code, .0.message)]
    Upstream(GeminiError),
}

/// Translates a whole answer of `generateContent`.
pub fn response(
    context: &ChatContext,
    gemini_body: &[u8],
    stamp: &mut Stamp,
) -> Result<Translated, ResponseError> {
    let _ = (context, gemini_body, stamp);
    Err(ResponseError::Empty { usage: Usage::default() })
}
