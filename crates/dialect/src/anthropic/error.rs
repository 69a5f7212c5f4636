//! The error object of the Anthropic API: `{"type":"error","error":{"type","message"}}`.

use std::borrow::Cow;

use serde::Serialize;

use crate::{
    DialectError,
    gemini::{
        GeminiError, error,
        wording::{self, ContextLength},
    },
    json,
};

#[derive(Serialize)]
struct Envelope<'a> {
    r#type: &'static str,
    error: Detail<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Detail<'a> {
    r#type: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<MoreDetail<'a>>,
}

#[derive(Serialize)]
struct MoreDetail<'a> {
    error_code: &'a str,
}

/// An error in Anthropic's shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// HTTP status, which may differ from Google's: overload is 529 here.
    pub status: u16,
    /// The error object.
    pub body: Vec<u8>,
}

/// The error body for an HTTP status, which implies its `type`. Of all codes only those about threads
/// are told, since clients act on them: they send the whole conversation instead.
pub fn body(status: u16, message: &str, code: Option<&str>, request_id: Option<&str>) -> Vec<u8> {
    let code = code.filter(|code| code.starts_with("thread_"));
    let details = code.map(|error_code| MoreDetail { error_code });
    let error = Detail { r#type: kind_of(status), message, details };
    json::to_vec(&Envelope { r#type: "error", error, request_id })
}

/// The body for a client's mistake.
pub fn from_mistake(mistake: &DialectError, request_id: Option<&str>) -> Vec<u8> {
    body(mistake.status, &mistake.message, mistake.code, request_id)
}

/// Google's error in Anthropic's shape. What concerns a pool key is told in general words, and never
/// as 401 or 403: the client would think that its own key is bad.
pub fn from_gemini(status: u16, upstream_body: &[u8], request_id: Option<&str>) -> Told {
    let (status, message) = match error::parse(upstream_body) {
        Some(error) => told(status, &error),
        None => (status_of(status), Cow::Borrowed(wording::of_status(status))),
    };
    Told { status, body: body(status, &message, None, request_id) }
}

fn told(status: u16, error: &GeminiError) -> (u16, Cow<'static, str>) {
    if error.concerns_credential() {
        return (500, wording::CREDENTIALS.into());
    }
    if let Some(ContextLength { counted, allowed }) = ContextLength::read(&error.message) {
        // Claude Code knows this sentence, and then shortens the conversation.
        let counted = counted.unwrap_or("?");
        return (400, format!("prompt is too long: {counted} tokens > {allowed} maximum").into());
    }
    if error.message.contains("User location is not supported") {
        return (403, wording::without_projects(&error.message).into_owned().into());
    }
    let words = error.message.to_ascii_lowercase().replace('_', " ");
    if status == 400 && words.contains("thought signature") {
        // Claude Code would take Google's words for a fault in its own thinking blocks.
        return (400, "The upstream cannot continue this conversation as it was sent.".into());
    }
    let message = wording::without_projects(&error.message).into_owned().into();
    match status {
        // What belongs to another project does not exist for the client.
        403 => (404, message),
        503 => (529, wording::of_status(503).into()),
        _ => (status_of(status), message),
    }
}

/// Status and sentence for an error that came in the middle of a stream.
pub(super) fn in_stream(error: &GeminiError) -> (u16, &'static str) {
    let status = match error.code {
        429 | 503 | 504 => error.code,
        _ => 500,
    };
    (status_of(status), wording::within_answer(error.code))
}

/// The status that Anthropic would have answered.
fn status_of(status: u16) -> u16 {
    match status {
        503 => 529,
        408 => 504,
        502 => 500,
        other => other,
    }
}

fn kind_of(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        503 | 529 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn has_both_types() {
        let text = String::from_utf8(body(429, "slow \"down\"", None, None)).unwrap();
        assert_eq!(
            text,
            r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow \"down\""}}"#
        );
    }

    fn from_google(status: u16, message: &str) -> (u16, Value) {
        let upstream = error::body(status, message, None);
        let told = from_gemini(status, &upstream, Some("req_1"));
        let body: Value = serde_json::from_slice(&told.body).unwrap();
        assert_eq!(body["request_id"], "req_1");
        (told.status, body["error"].clone())
    }

    #[test]
    fn kinds_follow_the_table() {
        let check = |status, message: &str, expected: u16, kind: &str| {
            let (found, error) = from_google(status, message);
            assert_eq!((found, &error["type"]), (expected, &json!(kind)), "{message}");
        };
        check(400, "Request contains an invalid argument.", 400, "invalid_request_error");
        check(404, "models/x is not found for API version v1beta", 404, "not_found_error");
        check(403, "You do not have permission to access the File abc", 404, "not_found_error");
        check(429, "You exceeded your current quota", 429, "rate_limit_error");
        check(500, "Internal", 500, "api_error");
        check(502, "Bad gateway", 500, "api_error");
        check(503, "The model is overloaded.", 529, "overloaded_error");
        check(504, "Deadline", 504, "timeout_error");
        check(400, "API key not valid. Please pass a valid API key.", 500, "api_error");
        check(403, "Consumer has been suspended", 500, "api_error");
        check(400, "User location is not supported for the API use.", 403, "permission_error");
        let garbage = from_gemini(503, b"<html>", None);
        assert_eq!(garbage.status, 529);
    }

    #[test]
    fn words_that_claude_code_acts_on() {
        let (_, error) = from_google(
            400,
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        );
        assert_eq!(error["message"], "prompt is too long: 1200000 tokens > 1048576 maximum");
        let (_, error) = from_google(400, "Function call is missing a thought_signature in part 1");
        let message = error["message"].as_str().unwrap();
        assert!(!message.contains("signature") && !message.contains("thought"), "{message}");
    }

    #[test]
    fn keys_and_projects_stay_inside() {
        let (_, suspended) = from_google(
            403,
            "Permission denied: Consumer 'api_key:AIzaSecret' has been suspended.",
        );
        assert!(!suspended.to_string().contains("AIza"));
        let (_, other) = from_google(429, "Quota of consumer projects/123456, limit 3");
        assert_eq!(other["message"], "Quota of consumer projects/…, limit 3");
    }
}
