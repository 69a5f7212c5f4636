//! Items of a conversation, and the parts of messages.
//!
//! New kinds of items appear often, so one shape fits all and nothing but the kind decides.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::{
    Text, bulk,
    choice::{TextOrList, TextOrObject},
};

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Item<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Option<Text<'a>>,
    pub(super) id: Option<Text<'a>>,
    pub(super) role: Option<Text<'a>>,
    pub(super) content: Option<TextOrList<'a, Part<'a>>>,
    pub(super) call_id: Option<Text<'a>>,
    pub(super) name: Option<Text<'a>>,
    pub(super) namespace: Option<Text<'a>>,
    /// A string that holds JSON; some clients send the object itself.
    #[serde(borrow)]
    pub(super) arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) output: Option<&'a RawValue>,
    /// What a shell shall do.
    #[serde(borrow)]
    pub(super) action: Option<&'a RawValue>,
    /// What shall be done to a file.
    #[serde(borrow)]
    pub(super) operation: Option<&'a RawValue>,
    pub(super) encrypted_content: Option<Text<'a>>,
    /// A picture, in base64.
    #[serde(borrow)]
    pub(super) result: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Part<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) text: Option<Text<'a>>,
    pub(super) refusal: Option<Text<'a>>,
    pub(super) image_url: Option<TextOrObject<'a, Url<'a>>>,
    pub(super) detail: Option<Text<'a>>,
    pub(super) file_id: Option<Text<'a>>,
    #[serde(default, deserialize_with = "bulk::option")]
    pub(super) file_data: Option<Text<'a>>,
    pub(super) file_url: Option<Text<'a>>,
    pub(super) filename: Option<Text<'a>>,
    pub(super) input_audio: Option<Sound<'a>>,
}

/// As chat has it; some clients send it here too.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Url<'a> {
    #[serde(deserialize_with = "bulk::text")]
    pub(super) url: Text<'a>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Sound<'a> {
    #[serde(deserialize_with = "bulk::text")]
    pub(super) data: Text<'a>,
    pub(super) format: Text<'a>,
}
