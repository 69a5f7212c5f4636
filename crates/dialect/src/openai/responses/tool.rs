//! A tool as a client declares it.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::{Text, choice::List};

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Tool<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) name: Option<Text<'a>>,
    pub(super) description: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) parameters: Option<&'a RawValue>,
    pub(super) strict: Option<bool>,
    #[serde(borrow)]
    pub(super) format: Option<&'a RawValue>,
    /// Of a namespace.
    pub(super) tools: Option<List<Tool<'a>, 2048>>,
    #[serde(borrow)]
    pub(super) filters: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) user_location: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) search_context_size: Option<&'a RawValue>,
    pub(super) external_web_access: Option<bool>,
}

/// What a tool with free text accepts.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct TextForm<'a> {
    pub(super) syntax: Option<Text<'a>>,
    pub(super) definition: Option<Text<'a>>,
}
