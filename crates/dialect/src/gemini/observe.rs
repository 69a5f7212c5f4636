//! What the gateway needs to know of an answer that it does not translate.

use std::borrow::Cow;

use super::{
    GeminiError,
    answer::{Answer, Candidate},
    counts::Counts,
    error,
};
use crate::{Usage, json::Text};

/// What one answer, or one event of a stream, says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
#[non_exhaustive]
pub struct Observed<'a> {
    /// The bytes were no JSON object.
    pub malformed: bool,
    /// Tokens counted so far.
    pub usage: Option<Usage>,
    /// There is something a client can use: visible text, a function call, inline data, code.
    pub has_content: bool,
    /// There is inline data that is no thought: a picture, a piece of speech.
    pub has_data: bool,
    /// There are thoughts.
    pub has_thoughts: bool,
    /// Why the (first) candidate ended, as in `STOP`. Streams may repeat it in every event.
    pub finish_reason: Option<Cow<'a, str>>,
    /// The prompt was blocked (`promptFeedback.blockReason`).
    pub blocked: bool,
    /// The bytes are an error object.
    pub error: Option<GeminiError>,
    /// The model that answered, as Google names it.
    pub model_version: Option<Cow<'a, str>>,
}

impl Observed<'_> {
    /// The answer failed because the request's history has lost thought signatures: worth another
    /// try with placeholders for all of them.
    pub fn wants_signatures(&self) -> bool {
        let told = self.error.as_ref().is_some_and(GeminiError::wants_signatures);
        let missing = self.finish_reason.as_deref() == Some("MISSING_THOUGHT_SIGNATURE");
        told || (missing && !self.has_content)
    }

    /// A whole answer that failed although its status is 200, and that another try may mend.
    ///
    /// Filters and spent token budgets are answers, even without text.
    pub fn is_empty(&self) -> bool {
        let mendable = self.finish_reason.as_deref().is_none_or(is_mendable);
        !self.has_content && !self.blocked && self.error.is_none() && mendable
    }
}

/// [`Observed::is_empty`] of an answer that was read, and is no error.
pub(crate) fn is_empty(answer: &Answer<'_>) -> bool {
    let candidates = answer.candidates();
    let reason = candidates.first().and_then(|first| first.finish_reason.as_ref());
    !candidates.iter().any(Candidate::has_content)
        && answer.block_reason().is_none()
        && reason.map(Text::decode).as_deref().is_none_or(is_mendable)
}

fn is_mendable(reason: &str) -> bool {
    matches!(
        reason,
        "STOP"
            | "OTHER"
            | "MALFORMED_FUNCTION_CALL"
            | "MALFORMED_RESPONSE"
            | "UNEXPECTED_TOOL_CALL"
            | "TOO_MANY_TOOL_CALLS"
            | "FINISH_REASON_UNSPECIFIED"
    )
}

/// Looks at a whole answer or at the data of one stream event.
pub fn observe(data: &[u8]) -> Observed<'_> {
    let Ok(answer) = Answer::read(data) else {
        return match error::parse(data) {
            Some(error) => Observed { error: Some(error), ..Observed::default() },
            None => Observed { malformed: true, ..Observed::default() },
        };
    };
    let reason = answer.candidates().first().and_then(|first| first.finish_reason.as_ref());
    Observed {
        malformed: false,
        usage: answer.usage_metadata.as_ref().map(|metadata| {
            let mut counts = Counts::default();
            counts.merge(metadata);
            counts.usage()
        }),
        has_content: answer.candidates().iter().any(Candidate::has_content),
        has_data: answer.candidates().iter().any(Candidate::has_data),
        has_thoughts: answer.candidates().iter().any(Candidate::has_thoughts),
        finish_reason: reason.map(Text::decode),
        blocked: answer.block_reason().is_some(),
        error: answer.error.map(error::read),
        model_version: answer.model_version.as_ref().map(Text::decode),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_what_a_stream_event_brings() {
        let seen = observe(
            br#"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"text":"a"}]},"finishReason":"STOP"}],
                "usageMetadata":{"promptTokenCount":3,"totalTokenCount":4},"modelVersion":"m","new":{}}"#,
        );
        assert!(seen.has_content && !seen.is_empty() && !seen.malformed);
        assert_eq!(seen.finish_reason.as_deref(), Some("STOP"));
        assert_eq!(seen.usage.map(|usage| usage.completion), Some(1));
        assert_eq!(seen.model_version.as_deref(), Some("m"));
    }

    #[test]
    fn thoughts_alone_are_no_content() {
        let seen = observe(
            br#"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"text":""}]},"finishReason":"STOP"}]}"#,
        );
        assert!(!seen.has_content && seen.is_empty());
        let spent = observe(br#"{"candidates":[{"finishReason":"MAX_TOKENS"}]}"#);
        assert!(!spent.has_content && !spent.is_empty());
    }

    #[test]
    fn blocks_errors_and_garbage_are_told_apart() {
        let blocked = observe(br#"{"promptFeedback":{"blockReason":"SAFETY"}}"#);
        assert!(blocked.blocked && !blocked.is_empty());
        assert!(
            !observe(br#"{"promptFeedback":{"blockReason":"BLOCK_REASON_UNSPECIFIED"}}"#).blocked
        );
        assert_eq!(observe(br#"{"error":{"code":503}}"#).error.map(|error| error.code), Some(503));
        assert_eq!(
            observe(br#"[{"error":{"code":400}}]"#).error.map(|error| error.code),
            Some(400)
        );
        let missing = br#"{"candidates":[{"finishReason":"MISSING_THOUGHT_SIGNATURE"}]}"#;
        assert!(observe(missing).wants_signatures() && !observe(b"{}").wants_signatures());
        assert!(observe(b"<html>").malformed);
        assert!(observe(br#"{"candidates":null}"#).is_empty());
    }
}
