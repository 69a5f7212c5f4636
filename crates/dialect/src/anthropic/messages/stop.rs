//! Why an answer ended, in Anthropic's words.

use bytes::BufMut;
use serde::Serialize;

use crate::json;

/// The end of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ending {
    /// `stop_reason`
    pub(super) reason: &'static str,
    /// Why the model refused.
    pub(super) refusal: Option<String>,
    /// Google's own words where the model said nothing.
    pub(super) text: Option<String>,
}

/// The answer is a failure of the model, not an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NothingThere;

/// What the answer held.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Held {
    /// Calls that the client was given.
    pub(super) calls: bool,
    /// Anything that a client can use.
    pub(super) content: bool,
}

/// Translates Gemini's `finishReason` and `finishMessage`.
pub(super) fn ending(
    reason: &str,
    message: Option<String>,
    held: Held,
) -> Result<Ending, NothingThere> {
    let plain = |reason| Ok(Ending { reason, refusal: None, text: None });
    if held.calls {
        return plain("tool_use");
    }
    match reason {
        "STOP" => plain("end_turn"),
        "MAX_TOKENS" | "CONTINUATION" => plain("max_tokens"),
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "ESCALATION" => Ok(refused(reason, message.as_deref())),
        "MALFORMED_FUNCTION_CALL"
        | "MALFORMED_RESPONSE"
        | "UNEXPECTED_TOOL_CALL"
        | "TOO_MANY_TOOL_CALLS"
        | "MISSING_THOUGHT_SIGNATURE" => {
            let text = message.filter(|_| !held.content);
            Ok(Ending { reason: "end_turn", refusal: None, text })
        }
        _ if held.content => plain("end_turn"),
        _ => Err(NothingThere),
    }
}

/// The end of an answer, or of a prompt, that a filter withheld.
pub(super) fn refused(reason: &str, message: Option<&str>) -> Ending {
    let refusal = match message.filter(|message| !message.is_empty()) {
        Some(message) => format!("{reason}: {message}"),
        None => reason.to_owned(),
    };
    Ending { reason: "refusal", refusal: Some(refusal), text: None }
}

#[derive(Serialize)]
struct StopDetails<'a> {
    r#type: &'static str,
    category: Option<&'static str>,
    explanation: &'a str,
}

impl Ending {
    /// Appends `"stop_reason":…,"stop_sequence":…,"stop_details":…`. Gemini does not say which
    /// sequence stopped it.
    pub(super) fn write(&self, out: &mut impl BufMut) {
        out.put_slice(br#""stop_reason":""#);
        out.put_slice(self.reason.as_bytes());
        out.put_slice(br#"","stop_sequence":null,"stop_details":"#);
        let details = self.refusal.as_deref().map(|explanation| StopDetails {
            r#type: "refusal",
            category: None,
            explanation,
        });
        json::push(out, &details);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_counterpart() {
        let reason = |gemini: &str, calls, content| {
            ending(gemini, None, Held { calls, content }).ok().map(|end| end.reason)
        };
        assert_eq!(reason("STOP", false, false), Some("end_turn"));
        assert_eq!(reason("STOP", true, true), Some("tool_use"));
        assert_eq!(reason("MAX_TOKENS", false, false), Some("max_tokens"));
        assert_eq!(reason("CONTINUATION", false, true), Some("max_tokens"));
        assert_eq!(reason("SAFETY", false, true), Some("refusal"));
        assert_eq!(reason("ESCALATION", false, false), Some("refusal"));
        assert_eq!(reason("NEVER_SEEN_BEFORE", false, true), Some("end_turn"));
        assert_eq!(reason("LANGUAGE", false, true), Some("end_turn"));
        assert_eq!(reason("NEVER_SEEN_BEFORE", false, false), None);
        assert_eq!(reason("OTHER", false, false), None);
    }

    #[test]
    fn refusals_say_why() {
        let mut out = Vec::new();
        refused("SPII", None).write(&mut out);
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#""stop_reason":"refusal","stop_sequence":null,"stop_details":{"type":"refusal","category":null,"explanation":"SPII"}"#);
        let told = ending("SAFETY", Some("Because.".into()), Held::default()).unwrap();
        assert_eq!(told.refusal.as_deref(), Some("SAFETY: Because."));
        let malformed = ending("MALFORMED_FUNCTION_CALL", Some("bad".into()), Held::default());
        assert_eq!(malformed.unwrap().text.as_deref(), Some("bad"));
    }
}
