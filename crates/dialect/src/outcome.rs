//! What comes of translating an answer.

use crate::{Usage, gemini::GeminiError};

/// A whole answer in the client's dialect, ready to send.
#[derive(Debug, Clone)]
pub struct Translated {
    /// The body, JSON.
    pub body: Vec<u8>,
    /// What the answer cost.
    pub usage: Usage,
    /// There is nothing in it that a client could use, and another try may bring more.
    pub is_empty: bool,
}

/// Why an answer of Gemini cannot be translated.
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
    /// A filter has kept the answer back; asking again would change nothing.
    #[error("{message}")]
    Withheld {
        /// In words for the client.
        message: String,
        /// What it cost nevertheless.
        usage: Usage,
    },
}

/// What an event brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seen {
    /// Something that a client can use: text, a call, data. Not thoughts.
    pub content: bool,
    /// A finish reason or a blocked prompt.
    pub finish: bool,
}

/// Why a stream cannot go on.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The event is an error object.
    #[error("upstream error {}: {}", .0.code, .0.message)]
    Upstream(GeminiError),
    /// The event is no JSON object.
    #[error("the upstream event is malformed: {0}")]
    Malformed(String),
    /// The stream ended without a finish reason.
    #[error("the upstream stream ended early")]
    Truncated,
    /// The stream ended properly with nothing in it; worth another try if nothing was sent.
    #[error("the upstream stream is empty")]
    Empty,
    /// A filter has kept back what was left of the answer; in words for the client.
    #[error("{0}")]
    Withheld(String),
}
