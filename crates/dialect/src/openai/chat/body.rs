//! The body of a chat request as clients send it, borrowing from its bytes.
//!
//! Only what has a meaning for the translation is here; everything else is skipped unread.

mod message;
mod tool;

use serde::Deserialize;
use serde_json::value::RawValue;

pub(crate) use message::{
    ContentPart, FunctionCall, InputAudio, InputFile, Message, PartKind, Role, ToolCall, Url,
};
pub(crate) use tool::{FunctionDef, Tool, ToolChoice, ToolReference};

use super::extra::Places;
use crate::json::{
    Text,
    choice::{List, TextOrList, TextOrObject},
    number::Integer,
};

/// OpenAI allows 128.
const MAX_TOOLS: usize = 2048;

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct ChatBody<'a> {
    pub(crate) model: Option<Text<'a>>,
    pub(crate) messages: Option<List<Message<'a>>>,

    pub(crate) stream: Option<bool>,
    pub(crate) stream_options: Option<StreamOptions>,

    pub(crate) temperature: Option<f64>,
    pub(crate) top_p: Option<f64>,
    pub(crate) top_k: Option<f64>,
    pub(crate) max_completion_tokens: Option<Integer>,
    pub(crate) max_tokens: Option<Integer>,
    pub(crate) n: Option<Integer>,
    pub(crate) stop: Option<TextOrList<'a, Text<'a>>>,
    pub(crate) seed: Option<Integer>,
    pub(crate) presence_penalty: Option<f64>,
    pub(crate) frequency_penalty: Option<f64>,
    pub(crate) logprobs: Option<bool>,
    pub(crate) top_logprobs: Option<Integer>,
    #[serde(borrow)]
    pub(crate) logit_bias: Option<&'a RawValue>,

    pub(crate) response_format: Option<ResponseFormat<'a>>,
    pub(crate) modalities: Option<List<Text<'a>>>,
    pub(crate) audio: Option<AudioOptions<'a>>,

    pub(crate) tools: Option<List<Tool<'a>, MAX_TOOLS>>,
    pub(crate) tool_choice: Option<TextOrObject<'a, ToolChoice<'a>>>,
    pub(crate) parallel_tool_calls: Option<bool>,
    pub(crate) functions: Option<List<FunctionDef<'a>, MAX_TOOLS>>,
    pub(crate) function_call: Option<TextOrObject<'a, ToolReference<'a>>>,
    pub(crate) web_search_options: Option<WebSearch<'a>>,

    pub(crate) reasoning_effort: Option<Text<'a>>,
    pub(crate) reasoning: Option<Reasoning<'a>>,
    pub(crate) thinking: Option<ThinkingSwitch<'a>>,
    pub(crate) enable_thinking: Option<bool>,
    pub(crate) include_reasoning: Option<bool>,

    pub(crate) service_tier: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) verbosity: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) prediction: Option<&'a RawValue>,
    #[serde(borrow, alias = "safetySettings")]
    pub(crate) safety_settings: Option<&'a RawValue>,
    pub(crate) extra_body: Option<ExtraBody<'a>>,
    #[serde(borrow)]
    pub(crate) google: Option<&'a RawValue>,
}

impl ChatBody<'_> {
    /// Where pieces of a Gemini request may stand.
    pub(crate) fn places(&self) -> Places<'_> {
        Places {
            safety_settings: self.safety_settings,
            extra_body: self.extra_body.as_ref(),
            google: self.google,
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct StreamOptions {
    pub(crate) include_usage: Option<bool>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct ResponseFormat<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: FormatKind,
    pub(crate) json_schema: Option<JsonSchema<'a>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FormatKind {
    Text,
    JsonObject,
    JsonSchema,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct JsonSchema<'a> {
    pub(crate) name: Option<Text<'a>>,
    pub(crate) description: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) schema: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct AudioOptions<'a> {
    pub(crate) voice: Option<TextOrObject<'a, Voice<'a>>>,
    pub(crate) format: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Voice<'a> {
    pub(crate) id: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(crate) struct WebSearch<'a> {
    #[serde(borrow)]
    pub(crate) user_location: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) search_context_size: Option<&'a RawValue>,
}

/// The way of `OpenRouter` to say how much to think.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Reasoning<'a> {
    pub(crate) effort: Option<Text<'a>>,
    pub(crate) max_tokens: Option<Integer>,
    pub(crate) exclude: Option<bool>,
    pub(crate) enabled: Option<bool>,
}

/// Anthropic's way to say it.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct ThinkingSwitch<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: Option<Text<'a>>,
    pub(crate) budget_tokens: Option<Integer>,
}

/// OpenAI's SDK merges its `extra_body` into the body, so users end up with one or two of them.
#[derive(Deserialize)]
pub(crate) struct ExtraBody<'a> {
    #[serde(borrow)]
    pub(crate) google: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) extra_body: Option<InnerExtraBody<'a>>,
}

#[derive(Deserialize)]
pub(crate) struct InnerExtraBody<'a> {
    #[serde(borrow)]
    pub(crate) google: Option<&'a RawValue>,
}
