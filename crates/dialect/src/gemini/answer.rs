//! An answer of Gemini, whole or one event of a stream, borrowing from its bytes.
//!
//! Google adds fields without notice and leaves out any of them: nothing here is required.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::counts::UsageMetadata;
use crate::json::{Text, compact, number::Integer};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(crate) struct Answer<'a> {
    pub(crate) candidates: Option<Vec<Candidate<'a>>>,
    pub(crate) prompt_feedback: Option<PromptFeedback<'a>>,
    pub(crate) usage_metadata: Option<UsageMetadata<'a>>,
    pub(crate) model_version: Option<Text<'a>>,
    pub(crate) response_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) error: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(crate) struct PromptFeedback<'a> {
    pub(crate) block_reason: Option<Text<'a>>,
    pub(crate) block_reason_message: Option<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(crate) struct Candidate<'a> {
    pub(crate) index: Option<Integer>,
    pub(crate) content: Option<AnswerContent<'a>>,
    pub(crate) finish_reason: Option<Text<'a>>,
    pub(crate) finish_message: Option<Text<'a>>,
    pub(crate) continuation_token: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) grounding_metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) citation_metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) logprobs_result: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct AnswerContent<'a> {
    pub(crate) parts: Option<Vec<AnswerPart<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(crate) struct AnswerPart<'a> {
    pub(crate) text: Option<Text<'a>>,
    pub(crate) thought: Option<bool>,
    pub(crate) thought_signature: Option<Text<'a>>,
    pub(crate) function_call: Option<AnswerCall<'a>>,
    pub(crate) inline_data: Option<AnswerInline<'a>>,
    #[serde(borrow)]
    pub(crate) audio_transcription: Option<&'a RawValue>,
    pub(crate) executable_code: Option<ExecutableCode<'a>>,
    pub(crate) code_execution_result: Option<CodeResult<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct AnswerCall<'a> {
    pub(crate) id: Option<Text<'a>>,
    pub(crate) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) args: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(crate) struct AnswerInline<'a> {
    pub(crate) mime_type: Option<Text<'a>>,
    pub(crate) data: Option<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct ExecutableCode<'a> {
    pub(crate) language: Option<Text<'a>>,
    pub(crate) code: Option<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct CodeResult<'a> {
    pub(crate) output: Option<Text<'a>>,
}

impl<'a> Answer<'a> {
    /// Reads a body or the data of an event.
    pub(crate) fn read(data: &'a [u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(data).map_err(|error| error.to_string())?;
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// The reason why the prompt was blocked, if it was.
    pub(crate) fn block_reason(&self) -> Option<&Text<'a>> {
        let reason = self.prompt_feedback.as_ref()?.block_reason.as_ref()?;
        let unspecified = matches!(
            reason,
            Text::Verbatim("BLOCK_REASON_UNSPECIFIED" | "BLOCKED_REASON_UNSPECIFIED")
        );
        (!unspecified && !reason.is_empty()).then_some(reason)
    }

    pub(crate) fn candidates(&self) -> &[Candidate<'a>] {
        self.candidates.as_deref().unwrap_or_default()
    }
}

impl<'a> AnswerCall<'a> {
    /// The arguments as JSON text: an object, unless the model wrote something else.
    pub(crate) fn arguments(&self) -> Cow<'a, str> {
        match self.args.map(RawValue::get) {
            None => Cow::Borrowed("{}"),
            Some(text) if text.starts_with('"') => {
                serde_json::from_str(text).map_or(Cow::Borrowed(text), Cow::Owned)
            }
            Some(object) => compact(object),
        }
    }
}

impl<'a> Candidate<'a> {
    /// `finishReason`, if the event brings one.
    pub(crate) fn reason(&self) -> Option<&Text<'a>> {
        self.finish_reason.as_ref().filter(|reason| !reason.is_empty())
    }

    pub(crate) fn parts(&self) -> &[AnswerPart<'a>] {
        self.content.as_ref().and_then(|content| content.parts.as_deref()).unwrap_or_default()
    }

    pub(crate) fn has_content(&self) -> bool {
        self.parts().iter().any(AnswerPart::is_content)
    }

    pub(crate) fn has_data(&self) -> bool {
        self.parts().iter().any(|part| part.inline_data.is_some() && !part.is_thought())
    }

    pub(crate) fn has_thoughts(&self) -> bool {
        self.parts().iter().any(AnswerPart::is_thought)
    }
}

impl AnswerPart<'_> {
    pub(crate) fn is_thought(&self) -> bool {
        self.thought == Some(true)
    }

    /// Something that a client can use. What is no text is a call, data, or of a kind that is newer
    /// than this program.
    pub(crate) fn is_content(&self) -> bool {
        !self.is_thought() && self.text.as_ref().is_none_or(|text| !text.is_empty())
    }
}
