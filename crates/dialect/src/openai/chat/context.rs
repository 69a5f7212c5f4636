//! What stays of a request until its answer is translated.

use serde::{Deserialize, Serialize};

use super::{
    Options, Signatures,
    body::{ChatBody, StreamOptions},
};
use crate::gemini::{audio::AudioFormat, names::Names};

/// What is needed of a chat request to translate its answer. What is kept of it for a batch is only
/// what matters for a whole answer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of one request")]
pub struct ChatContext {
    pub(super) model: String,
    #[serde(skip)]
    pub(super) more_models: usize,
    /// Calls beside the first one.
    #[serde(skip)]
    pub(in crate::openai) more_calls: usize,
    #[serde(skip)]
    pub(super) stream: bool,
    #[serde(skip)]
    pub(super) include_usage: bool,
    /// The client uses `functions`, and wants `function_call` back.
    pub(super) legacy_functions: bool,
    pub(super) hide_thoughts: bool,
    /// The text ends with a list of its sources.
    pub(super) list_sources: bool,
    pub(super) audio: AudioFormat,
    /// `parallel_tool_calls` is false: only the first call is given to the client.
    pub(super) single_call: bool,
    /// The function whose arguments are the answer.
    pub(super) answer_tool: Option<String>,
    /// Google may search the web, so the answer may have sources.
    pub(super) grounded: bool,
    pub(super) names: Names,
    /// Ids of new calls hold their signatures.
    pub(super) signatures_in_ids: bool,
    /// Ids of calls in the history, which new calls must not repeat.
    #[serde(skip)]
    pub(super) call_ids: Vec<String>,
    #[serde(skip)]
    pub(in crate::openai) dropped: Vec<&'static str>,
    /// The client speaks `/v1/completions`.
    #[serde(skip)]
    pub(in crate::openai) text: Option<Box<TextCompletion>>,
}

/// What the answer of `/v1/completions` needs besides.
#[derive(Debug, Clone, Default)]
pub(in crate::openai) struct TextCompletion {
    /// Prompts to say again before their answers; empty where the client does not want that.
    pub(in crate::openai) echo: Vec<String>,
    /// Choices for each prompt.
    pub(in crate::openai) choices: usize,
}

impl TextCompletion {
    /// What stands before the text of a choice.
    pub(super) fn echo(&self, index: u64) -> &str {
        let prompt = usize::try_from(index).unwrap_or(usize::MAX) / self.choices.max(1);
        self.echo.get(prompt).map_or("", String::as_str)
    }
}

impl ChatContext {
    /// What the body alone tells.
    pub(super) fn new(chat: &ChatBody<'_>, options: &Options<'_>) -> Self {
        let usage = |options: &StreamOptions| options.include_usage == Some(true);
        Self {
            stream: chat.stream == Some(true),
            include_usage: chat.stream_options.as_ref().is_some_and(usage),
            legacy_functions: chat.functions.is_some(),
            single_call: chat.parallel_tool_calls == Some(false),
            hide_thoughts: options.hide_thoughts,
            signatures_in_ids: options.signatures != Signatures::InExtraContent,
            ..Self::default()
        }
    }

    /// Gemini's name of the model, without prefixes: the one for the upstream path.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// How many models may answer if this one cannot: see
    /// [`Additions::turn`](crate::models::Additions::turn).
    pub fn more_models(&self) -> usize {
        self.more_models
    }

    /// The client wants an event stream.
    pub fn stream(&self) -> bool {
        self.stream
    }

    /// How often the request must be sent, 1 to 8. The answers of several calls are joined by
    /// [`gemini::merge`](crate::gemini::merge) or [`gemini::FanOut`](crate::gemini::FanOut) before
    /// they are translated.
    pub fn calls(&self) -> usize {
        self.more_calls + 1
    }

    /// Fields that have no counterpart and would have changed the answer:
    /// for the header `x-gemini-balance-dropped`.
    pub fn dropped(&self) -> &[&'static str] {
        &self.dropped
    }
}
