//! What is logged of a request and of its failed attempts.

use std::sync::Arc;

use keypool::{KeyId, Timestamp, Usage};

use crate::Cost;

/// One request, as it ended. Texts are shared, not copied, on their way into the database.
#[derive(Debug, Clone)]
pub struct RequestRecord {
    /// The id that the client got as `x-request-id`.
    pub request_id: Arc<str>,
    /// When the request came.
    pub at: Timestamp,
    /// The client token's id, if the request had a valid one.
    pub token_id: Option<Arc<str>>,
    /// Its name at that time.
    pub token_name: Option<Arc<str>>,
    /// In which protocol the client spoke: `gemini`, `openai`, `responses`, `anthropic`.
    pub dialect: &'static str,
    /// What was asked for: `generate`, `stream`, `count_tokens`, `models` …
    pub operation: &'static str,
    /// The model's name, if the operation has one.
    pub model: Option<Arc<str>>,
    /// The key that served last, if any did.
    pub key_id: Option<KeyId>,
    /// That key as people may see it.
    pub key_mask: Option<Arc<str>>,
    /// The HTTP status that the client got.
    pub status: u16,
    /// The outcome's label.
    pub outcome: &'static str,
    /// How often Google was asked.
    pub attempts: u16,
    /// Whether the answer was streamed.
    pub stream: bool,
    /// From the request's first byte to the answer's last, in milliseconds.
    pub duration_ms: u32,
    /// To the answer's first byte, in milliseconds.
    pub first_byte_ms: Option<u32>,
    /// The tokens used.
    pub usage: Usage,
    /// What they cost by list price. Only the sums keep it.
    pub cost: Cost,
    /// What the client was told, if it was an error; already redacted.
    pub error: Option<Arc<str>>,
    /// Why which keys were chosen, and what became of each attempt: a JSON object, written as it is.
    pub trail: Option<Arc<str>>,
}

/// One attempt that failed.
#[derive(Debug, Clone)]
pub struct ErrorRecord {
    /// The request's id.
    pub request_id: Arc<str>,
    /// When the attempt ended.
    pub at: Timestamp,
    /// Which attempt of the request; the first is 1.
    pub attempt: u16,
    /// The key that was tried.
    pub key_id: Option<KeyId>,
    /// That key as people may see it.
    pub key_mask: Option<Arc<str>>,
    /// The client token's id, if it is known.
    pub token_id: Option<Arc<str>>,
    /// The model's name, if the operation has one.
    pub model: Option<Arc<str>>,
    /// The HTTP status that Google answered with, if it answered.
    pub status: Option<u16>,
    /// The outcome's label.
    pub outcome: &'static str,
    /// What Google or the network said; already redacted.
    pub message: Arc<str>,
    /// What was sent, if that is to be logged; already redacted.
    pub request_body: Option<Arc<str>>,
}

impl RequestRecord {
    /// Roughly the memory that the record holds, in bytes.
    pub(crate) fn size(&self) -> usize {
        // Names, masks and key ids are shared with the pool and cost a reference only.
        size_of::<Self>()
            + self.request_id.len()
            + length(self.model.as_ref())
            + length(self.error.as_ref())
            + length(self.trail.as_ref())
    }
}

impl ErrorRecord {
    /// Roughly the memory that the record holds, in bytes.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>()
            + self.request_id.len()
            + length(self.model.as_ref())
            + self.message.len()
            + length(self.request_body.as_ref())
    }
}

fn length(text: Option<&Arc<str>>) -> usize {
    text.map_or(0, |text| text.len())
}
