//! The body of a request as clients send it, borrowing from its bytes.
//!
//! Only what has a meaning for the translation is here; everything else is skipped unread.

mod block;
mod tool;

use serde::Deserialize;
use serde_json::value::RawValue;

pub(super) use block::{Block, Kind, Source};
pub(super) use tool::{Tool, ToolChoice};

use crate::json::{
    Text,
    choice::{List, TextOrList},
    number::Integer,
};

/// More than any client has; each costs memory far beyond its bytes.
const MAX_TOOLS: usize = 2048;

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct MessagesBody<'a> {
    pub(super) model: Option<Text<'a>>,
    pub(super) max_tokens: Option<Integer>,
    pub(super) messages: Option<List<Message<'a>>>,
    pub(super) system: Option<TextOrList<'a, Block<'a>>>,
    pub(super) stream: Option<bool>,

    pub(super) temperature: Option<f64>,
    pub(super) top_p: Option<f64>,
    pub(super) top_k: Option<f64>,
    pub(super) stop_sequences: Option<List<Text<'a>>>,
    pub(super) thinking: Option<ThinkingSwitch<'a>>,
    pub(super) output_config: Option<OutputConfig<'a>>,
    /// What `output_config.format` was called in a beta.
    pub(super) output_format: Option<OutputFormat<'a>>,

    pub(super) tools: Option<List<Tool<'a>, MAX_TOOLS>>,
    pub(super) tool_choice: Option<ToolChoice<'a>>,
    pub(super) metadata: Option<Metadata<'a>>,

    #[serde(borrow)]
    pub(super) thread: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) container: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) context_management: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) mcp_servers: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) inference_geo: Option<&'a RawValue>,
    pub(super) speed: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Message<'a> {
    pub(super) role: Role,
    pub(super) content: TextOrList<'a, Block<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    User,
    Assistant,
    System,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct ThinkingSwitch<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) budget_tokens: Option<Integer>,
    pub(super) display: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct OutputConfig<'a> {
    pub(super) effort: Option<Text<'a>>,
    pub(super) format: Option<OutputFormat<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct OutputFormat<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) schema: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Metadata<'a> {
    pub(super) user_id: Option<Text<'a>>,
}
