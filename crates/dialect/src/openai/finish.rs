//! Why an answer ended, in OpenAI's words.

/// The end of one choice.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    /// `finish_reason`
    pub(crate) reason: &'static str,
    /// Told instead of an answer that a filter withheld.
    pub(crate) refusal: Option<String>,
    /// Google's own words where the model said nothing.
    pub(crate) text: Option<String>,
}

/// The answer is a failure of the model, not an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NothingThere;

/// What the choice held.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Held {
    /// Calls that the client was given.
    pub(crate) calls: bool,
    /// Anything that a client can use.
    pub(crate) content: bool,
    /// The client uses `functions`.
    pub(crate) legacy: bool,
}

/// Translates Gemini's `finishReason` and `finishMessage`.
pub(crate) fn ending(
    reason: &str,
    message: Option<String>,
    held: Held,
) -> Result<Ending, NothingThere> {
    let plain = |reason| Ok(Ending { reason, refusal: None, text: None });
    if held.calls {
        return plain(if held.legacy { "function_call" } else { "tool_calls" });
    }
    match reason {
        "STOP" => plain("stop"),
        "MAX_TOKENS" | "CONTINUATION" => plain("length"),
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "ESCALATION" => {
            let told =
                || message.unwrap_or_else(|| format!("Blocked by upstream filter: {reason}"));
            let refusal = (!held.content).then(told);
            Ok(Ending { reason: "content_filter", refusal, text: None })
        }
        "MALFORMED_FUNCTION_CALL"
        | "MALFORMED_RESPONSE"
        | "UNEXPECTED_TOOL_CALL"
        | "TOO_MANY_TOOL_CALLS"
        | "MISSING_THOUGHT_SIGNATURE" => {
            let text = message.filter(|_| !held.content);
            Ok(Ending { reason: "stop", refusal: None, text })
        }
        _ if held.content => plain("stop"),
        _ => Err(NothingThere),
    }
}

/// The reason in the words of `/v1/completions`, which knows no calls.
pub(crate) fn of_text(reason: &'static str) -> &'static str {
    match reason {
        "tool_calls" | "function_call" => "stop",
        other => other,
    }
}

/// What is told instead of an answer that a filter has kept back, where it is nothing without the
/// rest; `None` if the answer ended for another reason.
pub(crate) fn withheld(reason: &str) -> Option<String> {
    let is_filter = matches!(
        reason,
        "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "ESCALATION"
    );
    is_filter.then(|| format!("Blocked by upstream filter: {reason}"))
}

/// What is told instead of an answer to a blocked prompt.
pub(crate) fn blocked_prompt(reason: &str, message: Option<&str>) -> String {
    match message {
        Some(message) => format!("Prompt blocked by upstream filter: {reason}: {message}"),
        None => format!("Prompt blocked by upstream filter: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(gemini: &str, calls: bool, content: bool) -> Option<&'static str> {
        ending(gemini, None, Held { calls, content, legacy: false }).ok().map(|end| end.reason)
    }

    #[test]
    fn every_reason_has_a_counterpart() {
        assert_eq!(reason("STOP", false, false), Some("stop"));
        assert_eq!(reason("STOP", true, true), Some("tool_calls"));
        assert_eq!(reason("MAX_TOKENS", false, false), Some("length"));
        assert_eq!(reason("CONTINUATION", false, true), Some("length"));
        assert_eq!(reason("SAFETY", false, true), Some("content_filter"));
        assert_eq!(reason("NEVER_SEEN_BEFORE", false, true), Some("stop"));
        assert_eq!(reason("NEVER_SEEN_BEFORE", false, false), None);
        assert_eq!(reason("OTHER", false, false), None);
    }

    #[test]
    fn withheld_answers_are_refusals() {
        let end = ending("SPII", None, Held::default()).unwrap();
        assert_eq!(end.refusal.as_deref(), Some("Blocked by upstream filter: SPII"));
        let end = ending("SAFETY", None, Held { content: true, ..Held::default() }).unwrap();
        assert_eq!(end.refusal, None);
        let end = ending("MALFORMED_FUNCTION_CALL", Some("bad".into()), Held::default()).unwrap();
        assert_eq!((end.reason, end.text.as_deref()), ("stop", Some("bad")));
    }
}
