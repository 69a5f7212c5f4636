//! What stays of a request until its answer is translated.

/// What is needed of a chat request to translate its answer.
#[derive(Debug, Clone, Default)]
pub struct ChatContext {
    pub(super) model: String,
    pub(super) stream: bool,
    pub(super) dropped: Vec<&'static str>,
}

impl ChatContext {
    /// Gemini's name of the model, without prefixes: the one for the upstream path.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The client wants an event stream.
    pub fn stream(&self) -> bool {
        self.stream
    }

    /// Fields that have no counterpart and would have changed the answer:
    /// for the header `x-gemini-balance-dropped`.
    pub fn dropped(&self) -> &[&'static str] {
        &self.dropped
    }
}

/// Time and ids of an answer, which this crate cannot make itself.
pub struct Stamp {
    /// Unix seconds.
    pub created: i64,
    /// Stands for `responseId` where Gemini leaves it out: any unique text without a prefix.
    pub fallback_id: String,
    /// Makes ids of tool calls, prefix included (`call_` and 24 letters or digits).
    pub call_ids: Box<dyn FnMut() -> String + Send + Sync>,
}
