//! A streamed answer, translated event by event.

use bytes::BytesMut;

use super::{ChatContext, Stamp};
use crate::{Usage, gemini::GeminiError};

/// Translates one streamed answer. Feed it every event, then [`ChatStream::finish`].
///
/// All methods append whole `data: …` lines to `out`.
pub struct ChatStream {
    context: ChatContext,
    stamp: Stamp,
    usage: Usage,
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
}

impl ChatStream {
    /// Begins an answer.
    pub fn new(context: ChatContext, stamp: Stamp) -> Self {
        Self { context, stamp, usage: Usage::default() }
    }

    /// Translates the data of one event.
    pub fn event(&mut self, data: &[u8], out: &mut BytesMut) -> Result<Seen, StreamError> {
        let _ = (data, out, &self.context, &self.stamp);
        Ok(Seen::default())
    }

    /// The upstream ended: appends the finish chunk, the usage chunk if asked for, and `[DONE]`.
    pub fn finish(&mut self, out: &mut BytesMut) -> Result<(), StreamError> {
        let _ = out;
        Err(StreamError::Truncated)
    }

    /// Ends the stream with an error object, without `[DONE]`. For faults of the gateway itself.
    pub fn error(&self, message: &str, code: &str, out: &mut BytesMut) {
        let _ = (message, code, out);
    }

    /// Ends the stream with what [`ChatStream::event`] or [`ChatStream::finish`] complained of.
    pub fn fail(&self, error: &StreamError, out: &mut BytesMut) {
        let _ = (error, out);
    }

    /// Tokens counted so far.
    pub fn usage(&self) -> Usage {
        self.usage
    }
}
