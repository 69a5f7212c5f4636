//! Messages and their parts.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::{
    Text, bulk,
    choice::{List, TextOrList, TextOrObject},
};

/// Results are looked up among the calls of their step, one by one.
const MAX_CALLS: usize = 1024;

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Message<'a> {
    pub(crate) role: Role,
    pub(crate) content: Option<TextOrList<'a, ContentPart<'a>>>,
    pub(crate) tool_call_id: Option<Text<'a>>,
    pub(crate) tool_calls: Option<List<ToolCall<'a>, MAX_CALLS>>,
    pub(crate) name: Option<Box<Text<'a>>>,
    pub(crate) refusal: Option<Box<Text<'a>>>,
    pub(crate) function_call: Option<Box<FunctionCall<'a>>>,
    pub(crate) extra_content: Option<Box<ExtraContent<'a>>>,
    /// Pictures that the model made, as the gateway gave them.
    #[serde(borrow)]
    pub(crate) images: Option<&'a RawValue>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    System,
    Developer,
    User,
    #[serde(alias = "model")]
    Assistant,
    Tool,
    Function,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct ContentPart<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: PartKind,
    pub(crate) text: Option<Text<'a>>,
    pub(crate) image_url: Option<Box<TextOrObject<'a, Url<'a>>>>,
    pub(crate) video_url: Option<Box<TextOrObject<'a, Url<'a>>>>,
    pub(crate) input_audio: Option<Box<InputAudio<'a>>>,
    pub(crate) file: Option<Box<InputFile<'a>>>,
    pub(crate) refusal: Option<Box<Text<'a>>>,
    pub(crate) extra_content: Option<Box<ExtraContent<'a>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartKind {
    Text,
    ImageUrl,
    VideoUrl,
    InputAudio,
    File,
    Refusal,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Url<'a> {
    #[serde(deserialize_with = "bulk::text")]
    pub(crate) url: Text<'a>,
    pub(crate) detail: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct InputAudio<'a> {
    #[serde(deserialize_with = "bulk::text")]
    pub(crate) data: Text<'a>,
    pub(crate) format: Text<'a>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct InputFile<'a> {
    #[serde(default, deserialize_with = "bulk::option")]
    pub(crate) file_data: Option<Text<'a>>,
    pub(crate) file_id: Option<Text<'a>>,
    pub(crate) filename: Option<Text<'a>>,
}

/// A call that the model made earlier. Its signature may stand in several places, depending on
/// which client keeps which of them.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct ToolCall<'a> {
    pub(crate) id: Option<Text<'a>>,
    pub(crate) function: Option<FunctionCall<'a>>,
    pub(crate) custom: Option<Box<CustomCall<'a>>>,
    pub(crate) extra_content: Option<Box<ExtraContent<'a>>>,
    pub(crate) thought_signature: Option<Box<Text<'a>>>,
    pub(crate) provider_specific_fields: Option<Box<Signed<'a>>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct FunctionCall<'a> {
    pub(crate) name: Text<'a>,
    /// A string that holds JSON; some clients send the object itself.
    #[serde(borrow)]
    pub(crate) arguments: Option<&'a RawValue>,
    pub(crate) thought_signature: Option<Box<Text<'a>>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct CustomCall<'a> {
    pub(crate) name: Text<'a>,
    pub(crate) input: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct ExtraContent<'a> {
    pub(crate) google: Option<Signed<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Signed<'a> {
    pub(crate) thought_signature: Option<Text<'a>>,
}

impl<'a> ExtraContent<'a> {
    pub(crate) fn signature(&self) -> Option<&Text<'a>> {
        self.google.as_ref()?.thought_signature.as_ref().filter(|text| !text.is_empty())
    }
}

impl<'a> ToolCall<'a> {
    /// The thought signature that came with the call, wherever the client kept it.
    pub(crate) fn signature(&self) -> Option<&Text<'a>> {
        let of_function = self.function.as_ref().and_then(|call| call.thought_signature.as_deref());
        let of_provider = self.provider_specific_fields.as_ref();
        self.extra_content
            .as_ref()
            .and_then(|extra| extra.signature())
            .or(of_function)
            .or(self.thought_signature.as_deref())
            .or_else(|| of_provider.and_then(|fields| fields.thought_signature.as_ref()))
            .filter(|text| !text.is_empty())
    }
}
