//! `generationConfig` and `toolConfig` of a request.

use serde::Serialize;
use serde_json::Value;

use super::thinking::ThinkingConfig;
use crate::models::Rules;

/// Everything that shapes the answer. A field that is `None` is not sent.
#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GenerationConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) top_k: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) candidate_count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) stop_sequences: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) presence_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) response_logprobs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) logprobs: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) response_mime_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) response_json_schema: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) response_modalities: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) speech_config: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) thinking_config: Option<ThinkingConfig>,
}

/// How freely the client wants the next token to be chosen.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sampling {
    pub(crate) temperature: Option<f64>,
    pub(crate) top_p: Option<f64>,
    pub(crate) top_k: Option<f64>,
}

impl GenerationConfig {
    /// Takes over the sampling where the model honours it, and reports it elsewhere.
    pub(crate) fn sample(
        &mut self,
        sampling: Sampling,
        rules: &Rules,
        dropped: &mut Vec<&'static str>,
    ) {
        let Sampling { temperature, top_p, top_k } = sampling;
        if rules.sampling {
            self.temperature = temperature;
            self.top_p = top_p;
            self.top_k = top_k.map(|k| k as i64);
            return;
        }
        let fields = [("temperature", temperature), ("top_p", top_p), ("top_k", top_k)];
        dropped.extend(fields.iter().filter(|(_, value)| value.is_some()).map(|(name, _)| *name));
    }
}

/// Which functions the model may or must call, and how tools mix.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToolConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) include_server_side_tool_invocations: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) function_calling_config: Option<FunctionCalling>,
}

/// `functionCallingConfig`.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FunctionCalling {
    pub(crate) mode: Mode,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) allowed_function_names: Vec<String>,
}

/// May the model call functions?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Mode {
    /// It must.
    Any,
    /// It must not.
    None,
    /// It may, and its arguments keep to the schema.
    Validated,
}

impl From<Mode> for FunctionCalling {
    fn from(mode: Mode) -> Self {
        Self { mode, allowed_function_names: Vec::new() }
    }
}
