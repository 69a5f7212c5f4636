//! The body of a Responses request as clients send it, borrowing from its bytes.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::item::Item;
use crate::{
    DialectError,
    json::{
        self, Text,
        choice::{List, TextOrList},
        number::Integer,
    },
};

/// OpenAI allows 128.
pub(super) const MAX_TOOLS: usize = 2048;

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Body<'a> {
    pub(super) model: Option<Text<'a>>,
    pub(super) input: Option<TextOrList<'a, Item<'a>>>,
    pub(super) instructions: Option<Text<'a>>,
    pub(super) stream: Option<bool>,
    pub(super) background: Option<bool>,
    pub(super) store: Option<bool>,
    pub(super) previous_response_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) conversation: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) prompt: Option<&'a RawValue>,

    pub(super) temperature: Option<f64>,
    pub(super) top_p: Option<f64>,
    pub(super) max_output_tokens: Option<Integer>,
    pub(super) max_tool_calls: Option<Integer>,
    pub(super) top_logprobs: Option<Integer>,
    pub(super) include: Option<List<Text<'a>, 64>>,
    pub(super) reasoning: Option<Reasoning<'a>>,
    pub(super) text: Option<TextOptions<'a>>,
    pub(super) truncation: Option<Text<'a>>,
    pub(super) service_tier: Option<Text<'a>>,
    pub(super) user: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) metadata: Option<&'a RawValue>,

    /// Read later, and echoed as they stand.
    #[serde(borrow)]
    pub(super) tools: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tool_choice: Option<&'a RawValue>,
    pub(super) parallel_tool_calls: Option<bool>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Reasoning<'a> {
    pub(super) effort: Option<Text<'a>>,
    pub(super) summary: Option<Text<'a>>,
    pub(super) generate_summary: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct TextOptions<'a> {
    /// Read as [`FormatOptions`], and echoed as it stands.
    #[serde(borrow)]
    pub(super) format: Option<&'a RawValue>,
    pub(super) verbosity: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct FormatOptions<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) name: Option<Text<'a>>,
    pub(super) description: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) schema: Option<&'a RawValue>,
}

/// `tool_choice` as an object: one tool, or a list of allowed ones.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct ToolChoice<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Option<Text<'a>>,
    pub(super) name: Option<Text<'a>>,
    pub(super) namespace: Option<Text<'a>>,
    pub(super) mode: Option<Text<'a>>,
    pub(super) tools: Option<List<ToolChoice<'a>, MAX_TOOLS>>,
}

/// Reads a member that was kept as it stands.
pub(super) fn member<'a, T: Deserialize<'a>>(
    raw: Option<&'a RawValue>,
    name: &str,
) -> Result<Option<T>, DialectError> {
    let Some(raw) = raw else { return Ok(None) };
    json::parse::<Option<T>>(raw.get().as_bytes()).map_err(|mistake| {
        let path = match &mistake.param {
            None => name.to_owned(),
            Some(inner) if inner.starts_with('[') => format!("{name}{inner}"),
            Some(inner) => format!("{name}.{inner}"),
        };
        let message = format!("Invalid value for '{path}'. {}", mistake.message);
        DialectError { param: Some(path), message, ..mistake }
    })
}
