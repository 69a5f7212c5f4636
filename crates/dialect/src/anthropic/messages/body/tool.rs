//! Tools, and which of them the model may use.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::Text;

/// A tool of the client, or one that Anthropic defines.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Tool<'a> {
    /// `custom` or missing for the client's own.
    #[serde(rename = "type")]
    pub(crate) kind: Option<Text<'a>>,
    pub(crate) name: Option<Text<'a>>,
    pub(crate) description: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) input_schema: Option<&'a RawValue>,
    pub(crate) strict: Option<bool>,

    #[serde(borrow)]
    pub(crate) allowed_domains: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) blocked_domains: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) user_location: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) max_uses: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct ToolChoice<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: Text<'a>,
    pub(crate) name: Option<Text<'a>>,
    pub(crate) disable_parallel_tool_use: Option<bool>,
}
