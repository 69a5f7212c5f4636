//! What a translation needs from outside, and what stays of a request until its answer comes.

use super::thinking::Thoughts;
use crate::{anthropic::Aliases, gemini::names::Names, media::FetchedMedia, models::Additions};

/// Finds the signature of an earlier call by the call's id and the generation of the model that is
/// asked now, as in `gemini-3`; see [`CallSignature`](crate::gemini::CallSignature).
pub type Recall<'o> = dyn Fn(&str, &str) -> Option<String> + 'o;

/// What a translation needs to know besides the request.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    /// Which Gemini model stands for a name of Claude.
    pub aliases: &'o Aliases,
    /// Remembers signatures for clients that did not ask for thinking, and so have no block that
    /// could carry them. Without it, they travel in the ids of the calls.
    pub recall: Option<&'o Recall<'o>>,
    /// What was fetched for this body, after [`Translation::Fetch`](crate::Translation::Fetch).
    pub media: Option<&'o FetchedMedia>,
    /// What the administrator adds. A name of Claude may stand for one of these models.
    pub additions: Additions<'o>,
}

impl<'o> Options<'o> {
    /// Options that remember nothing, before anything was fetched.
    pub fn new(aliases: &'o Aliases) -> Self {
        Self { aliases, recall: None, media: None, additions: Additions::default() }
    }
}

/// What takes signatures to the client and back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Carrier {
    /// Thinking blocks, which clients that asked for thinking keep.
    Blocks,
    /// Whoever remembers them.
    Memory,
    /// Ids of calls, which every client keeps.
    #[default]
    Ids,
}

/// What is needed of a request to translate its answer.
#[derive(Debug, Clone, Default)]
pub struct MessagesContext {
    pub(super) model: String,
    pub(super) more_models: usize,
    /// The model's name as the client wrote it, which it wants to see again.
    pub(super) asked: String,
    pub(super) stream: bool,
    pub(super) thoughts: Thoughts,
    /// Generation of the model, as signatures name it.
    pub(super) generation: &'static str,
    pub(super) carrier: Carrier,
    /// `disable_parallel_tool_use`: only the first call is given to the client.
    pub(super) single_call: bool,
    /// The function whose arguments are the answer.
    pub(super) answer_tool: Option<String>,
    /// Google may search the web, and the client wants to see what was found.
    pub(super) searches: bool,
    pub(super) names: Names,
    /// Ids of calls in the history, which new calls must not repeat.
    pub(super) call_ids: Vec<String>,
    pub(super) user_id: Option<String>,
    pub(super) dropped: Vec<&'static str>,
}

impl MessagesContext {
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

    /// `metadata.user_id`, which tells conversations apart. It is not sent to Google.
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// Fields that have no counterpart and would have changed the answer:
    /// for the header `x-gemini-balance-dropped`.
    pub fn dropped(&self) -> &[&'static str] {
        &self.dropped
    }
}
