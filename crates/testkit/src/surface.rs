//! The APIs that the gateway speaks, as far as tests tell them apart.

use serde_json::Value;

use crate::Answer;

/// An API that the gateway speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// Google's.
    Gemini,
    /// OpenAI's.
    OpenAi,
}

/// An error as its caller reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The sentence.
    pub message: String,
    /// Gemini: `status`; OpenAI: `code`, empty where it is null.
    pub code: String,
}

impl Surface {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Gemini, Self::OpenAi];

    /// The text that an answer holds.
    #[track_caller]
    pub fn text(self, answer: &Answer) -> String {
        let json = answer.json();
        let text = match self {
            Self::Gemini => &json["candidates"][0]["content"]["parts"][0]["text"],
            Self::OpenAi => &json["choices"][0]["message"]["content"],
        };
        text.as_str().unwrap_or_else(|| panic!("no text in {json}")).to_owned()
    }

    /// The text that one event of a stream holds; empty if it holds none.
    pub fn event_text(self, event: &str) -> String {
        let json: Value = serde_json::from_str(event).unwrap_or_default();
        let text = match self {
            Self::Gemini => &json["candidates"][0]["content"]["parts"][0]["text"],
            Self::OpenAi => &json["choices"][0]["delta"]["content"],
        };
        text.as_str().unwrap_or_default().to_owned()
    }

    /// The reason that one event gives for the end of the answer.
    pub fn finish_reason(self, event: &str) -> Option<String> {
        let json: Value = serde_json::from_str(event).ok()?;
        let reason = match self {
            Self::Gemini => &json["candidates"][0]["finishReason"],
            Self::OpenAi => &json["choices"][0]["finish_reason"],
        };
        reason.as_str().map(str::to_owned)
    }

    /// Reads an error and checks that it has the shape of this API.
    #[track_caller]
    pub fn error(self, answer: &Answer) -> ErrorAnswer {
        let json = answer.json();
        let Some(error) = self.event_error(&json) else {
            panic!("no error of this API: {} {json}", answer.status)
        };
        if self == Self::Gemini {
            assert_eq!(json["error"]["code"], answer.status, "{json}");
        }
        ErrorAnswer { status: answer.status, ..error }
    }

    /// The error that a JSON object of this API is, if it is one. The status is Google's `code`, or
    /// 0 where the API names none.
    pub fn event_error(self, json: &Value) -> Option<ErrorAnswer> {
        let error = json.get("error")?.as_object()?;
        let message = error.get("message")?.as_str()?.to_owned();
        let (status, code) = match self {
            Self::Gemini => (error.get("code")?.as_u64()?, error.get("status")?.as_str()?),
            Self::OpenAi => {
                error.get("type")?.as_str()?;
                error.get("param")?;
                (0, error.get("code")?.as_str().unwrap_or_default())
            }
        };
        Some(ErrorAnswer { status: u16::try_from(status).ok()?, message, code: code.to_owned() })
    }
}
