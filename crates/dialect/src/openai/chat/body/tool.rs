//! Tools, and which of them the model may use.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    gemini::tools::BuiltIn,
    json::{Text, choice::List},
};

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Tool<'a> {
    #[serde(rename = "type")]
    kind: Option<Text<'a>>,
    pub(crate) function: Option<FunctionDef<'a>>,
    pub(crate) custom: Option<CustomDef<'a>>,
    #[serde(borrow, alias = "googleSearch", alias = "google_search_retrieval")]
    google_search: Option<&'a RawValue>,
    #[serde(borrow, alias = "urlContext")]
    url_context: Option<&'a RawValue>,
    #[serde(borrow, alias = "codeExecution")]
    code_execution: Option<&'a RawValue>,
    #[serde(borrow, alias = "googleMaps")]
    google_maps: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct FunctionDef<'a> {
    pub(crate) name: Text<'a>,
    pub(crate) description: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) parameters: Option<&'a RawValue>,
    pub(crate) strict: Option<bool>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct CustomDef<'a> {
    pub(crate) name: Text<'a>,
    pub(crate) description: Option<Text<'a>>,
    pub(crate) format: Option<CustomFormat<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct CustomFormat<'a> {
    pub(crate) grammar: Option<Grammar<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Grammar<'a> {
    pub(crate) definition: Option<Text<'a>>,
}

impl Tool<'_> {
    /// The tool of Google that is meant, named by `type` or by a member of its own.
    pub(crate) fn built_in(&self) -> Option<BuiltIn> {
        let members = [
            (self.google_search, BuiltIn::GoogleSearch),
            (self.url_context, BuiltIn::UrlContext),
            (self.code_execution, BuiltIn::CodeExecution),
            (self.google_maps, BuiltIn::GoogleMaps),
        ];
        let by_member = members.iter().find(|(member, _)| member.is_some());
        self.kind
            .as_ref()
            .and_then(|kind| of_type(&kind.decode()))
            .or(by_member.map(|(_, tool)| *tool))
    }

    /// `type` as the client wrote it.
    pub(crate) fn kind(&self) -> String {
        self.kind.as_ref().map(|kind| kind.decode().into_owned()).unwrap_or_default()
    }
}

fn of_type(kind: &str) -> Option<BuiltIn> {
    Some(match kind {
        "google_search" | "googleSearch" | "web_search" | "web_search_preview" => {
            BuiltIn::GoogleSearch
        }
        "url_context" | "urlContext" => BuiltIn::UrlContext,
        "code_execution" | "codeExecution" | "code_interpreter" => BuiltIn::CodeExecution,
        "google_maps" | "googleMaps" => BuiltIn::GoogleMaps,
        _ => return None,
    })
}

/// `tool_choice` as an object: a function, a custom tool, or a list of allowed ones.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct ToolChoice<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: Option<Text<'a>>,
    pub(crate) function: Option<ToolReference<'a>>,
    pub(crate) custom: Option<ToolReference<'a>>,
    pub(crate) allowed_tools: Option<AllowedTools<'a>>,
    /// Without the wrapping object, as the Responses API has it.
    pub(crate) name: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct ToolReference<'a> {
    pub(crate) name: Text<'a>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct AllowedTools<'a> {
    pub(crate) mode: Option<Text<'a>>,
    pub(crate) tools: List<AllowedTool<'a>, 2048>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct AllowedTool<'a> {
    pub(crate) function: Option<ToolReference<'a>>,
    pub(crate) custom: Option<ToolReference<'a>>,
    pub(crate) name: Option<Text<'a>>,
}
