//! Content blocks.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::{
    Text, bulk,
    choice::{TextListOrObject, TextOrList, TextOrObject},
};

/// A block of any kind; which members count depends on `kind`.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Block<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: Text<'a>,
    pub(crate) text: Option<Text<'a>>,

    /// An object, but the text of a `search_result`.
    pub(crate) source: Option<Box<TextOrObject<'a, Source<'a>>>>,
    pub(crate) title: Option<Box<Text<'a>>>,
    pub(crate) context: Option<Box<Text<'a>>>,
    /// Of a `web_search_result`.
    pub(crate) url: Option<Box<Text<'a>>>,

    pub(crate) id: Option<Box<Text<'a>>>,
    pub(crate) name: Option<Box<Text<'a>>>,
    #[serde(borrow)]
    pub(crate) input: Option<&'a RawValue>,

    pub(crate) tool_use_id: Option<Box<Text<'a>>>,
    pub(crate) is_error: Option<bool>,
    /// Blocks of other kinds, read when their place is known.
    pub(crate) content: Option<Box<TextListOrObject<'a, &'a RawValue>>>,

    pub(crate) signature: Option<Box<Text<'a>>>,
}

/// Where a picture or document comes from.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Source<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: Text<'a>,
    pub(crate) media_type: Option<Text<'a>>,
    #[serde(default, deserialize_with = "bulk::option")]
    pub(crate) data: Option<Text<'a>>,
    pub(crate) url: Option<Text<'a>>,
    pub(crate) file_id: Option<Text<'a>>,
    pub(crate) content: Option<TextOrList<'a, &'a RawValue>>,
}

/// What a block is, as far as the translation tells blocks apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Image,
    Document,
    SearchResult,
    Thinking,
    RedactedThinking,
    ToolUse,
    ToolResult,
    /// A call of a tool that Anthropic runs; the block with its result says what it was about.
    ServerToolUse,
    WebSearchToolResult,
    /// Something of Anthropic's own machinery, and what it is called when it is left out.
    Foreign(&'static str),
    Unknown,
}

impl Block<'_> {
    pub(crate) fn kind(&self) -> Kind {
        match self.kind.decode().as_ref() {
            "text" => Kind::Text,
            "image" => Kind::Image,
            "document" => Kind::Document,
            "search_result" => Kind::SearchResult,
            "thinking" => Kind::Thinking,
            "redacted_thinking" => Kind::RedactedThinking,
            "tool_use" => Kind::ToolUse,
            "tool_result" => Kind::ToolResult,
            "server_tool_use" => Kind::ServerToolUse,
            "web_search_tool_result" => Kind::WebSearchToolResult,
            "web_fetch_tool_result" => Kind::Foreign("messages.content.web_fetch_tool_result"),
            "code_execution_tool_result"
            | "bash_code_execution_tool_result"
            | "text_editor_code_execution_tool_result" => {
                Kind::Foreign("messages.content.code_execution_tool_result")
            }
            "tool_search_tool_result" => Kind::Foreign("messages.content.tool_search_tool_result"),
            "mcp_tool_use" | "mcp_tool_result" => Kind::Foreign("messages.content.mcp_tool_use"),
            "container_upload" => Kind::Foreign("messages.content.container_upload"),
            "compaction" => Kind::Foreign("messages.content.compaction"),
            _ => Kind::Unknown,
        }
    }
}
