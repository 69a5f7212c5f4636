//! What stays of a request until its answer is translated.

use std::collections::HashMap;

use super::tools::{Kind, Special};
use crate::gemini::names::Names;

/// What is needed of a Responses request to translate its answer.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of one request")]
pub struct ResponsesContext {
    pub(super) model: String,
    pub(super) more_models: usize,
    pub(super) stream: bool,
    pub(super) background: bool,
    pub(super) store: bool,
    /// Members of the response object that repeat the request, each followed by a comma.
    pub(super) echo: Vec<u8>,
    /// `include` names `reasoning.encrypted_content`.
    pub(super) wants_encrypted: bool,
    /// `include` names `web_search_call.action.sources`.
    pub(super) wants_sources: bool,
    /// `parallel_tool_calls` is false: only the first call is given to the client.
    pub(super) single_call: bool,
    /// The function whose arguments are the answer.
    pub(super) answer_tool: Option<String>,
    pub(super) names: Names,
    pub(super) special: HashMap<String, Special>,
    /// Ids of calls in the history, which new calls must not repeat.
    pub(super) call_ids: Vec<String>,
    /// Generation of the model, for its signatures.
    pub(super) family: &'static str,
    /// Where the response is known before its answer.
    pub(super) known: Option<Known>,
    pub(super) dropped: Vec<&'static str>,
}

/// What is known of a response before its answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// Behind `resp_`.
    pub(super) id: String,
    /// Unix seconds.
    pub(super) created: i64,
}

/// What a function of Gemini is to the client.
pub(super) struct Meaning<'c> {
    pub(super) kind: Kind,
    pub(super) namespace: Option<&'c str>,
    pub(super) name: &'c str,
}

impl ResponsesContext {
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

    /// The client does not wait for the answer, and asks for it later.
    pub fn background(&self) -> bool {
        self.background
    }

    /// The response shall be kept.
    pub fn store(&self) -> bool {
        self.store
    }

    /// Fields that have no counterpart and would have changed the answer:
    /// for the header `x-gemini-balance-dropped`.
    pub fn dropped(&self) -> &[&'static str] {
        &self.dropped
    }

    /// The same request where nothing can be kept, which the client is told.
    #[must_use]
    pub fn without_store(self) -> Self {
        Self { store: false, ..self }
    }

    /// The same request whose response was created at `created` (Unix seconds) and is known as
    /// `resp_` and `id`, whatever its answer says.
    #[must_use]
    pub fn known_as(self, id: String, created: i64) -> Self {
        Self { known: Some(Known { id, created }), ..self }
    }

    /// Signatures travel in reasoning items, which the client has asked for or must send back, since
    /// nobody else keeps them. They travel in the ids of calls otherwise: the client may go on with
    /// the response that is kept, or with a list of its own.
    pub(super) fn signs_reasoning(&self) -> bool {
        self.wants_encrypted || !self.store
    }

    pub(super) fn meaning<'c>(&'c self, sent: &'c str) -> Meaning<'c> {
        let original = self.names.original(sent).name;
        match self.special.get(original) {
            None => Meaning { kind: Kind::Function, namespace: None, name: original },
            Some(Special { kind, within: None }) => {
                Meaning { kind: *kind, namespace: None, name: original }
            }
            Some(Special { kind, within: Some((namespace, name)) }) => {
                Meaning { kind: *kind, namespace: Some(namespace), name }
            }
        }
    }
}
