//! The error object of the OpenAI API: `{"error":{"message","type","param","code"}}`.

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
    error: Detail<'a>,
}

#[derive(Serialize)]
struct Detail<'a> {
    message: &'a str,
    r#type: &'a str,
    param: Option<&'a str>,
    code: Option<&'a str>,
}

/// An error body. `kind` overrides the `type` that the status implies.
pub fn body(
    status: u16,
    message: &str,
    kind: Option<&str>,
    param: Option<&str>,
    code: Option<&str>,
) -> Vec<u8> {
    let kind = kind.unwrap_or(match status {
        429 => "rate_limit_error",
        500.. => "server_error",
        _ => "invalid_request_error",
    });
    json::to_vec(&Envelope { error: Detail { message, r#type: kind, param, code } })
}

/// The body for a client's mistake.
pub fn from_mistake(mistake: &DialectError) -> Vec<u8> {
    body(mistake.status, &mistake.message, None, mistake.param.as_deref(), mistake.code)
}

/// Google's error body in OpenAI's shape: its message stays, `type` and `code` follow the table of
/// the gateway's contract. What concerns a pool key (401, 403) is told in general words only.
pub fn from_gemini(status: u16, upstream_body: &[u8]) -> Vec<u8> {
    let told = error::parse(upstream_body);
    let Fault { message, kind, param, code } = match &told {
        Some(error) => fault(status, error),
        None => without_body(status),
    };
    body(status, &message, kind, param, Some(code))
}

struct Fault<'a> {
    message: Cow<'a, str>,
    kind: Option<&'static str>,
    param: Option<&'static str>,
    code: &'static str,
}

impl<'a> Fault<'a> {
    fn new(message: impl Into<Cow<'a, str>>, code: &'static str) -> Self {
        Self { message: message.into(), kind: None, param: None, code }
    }
}

fn fault(status: u16, error: &GeminiError) -> Fault<'_> {
    let message = wording::without_projects(&error.message);
    if error.concerns_credential() {
        let kind = Some("server_error");
        let told = wording::CREDENTIALS;
        return Fault { kind, ..Fault::new(told, "upstream_error") };
    }
    if message.contains("User location is not supported") {
        let kind = Some("server_error");
        return Fault { kind, ..Fault::new(message, "upstream_location_unsupported") };
    }
    match status {
        400 => bad_request(message),
        403 => Fault::new(message, "not_found"),
        404 => not_found(message),
        _ => Fault { message, ..without_body(status) },
    }
}

fn bad_request(message: Cow<'_, str>) -> Fault<'_> {
    let logprobs = message.to_ascii_lowercase().contains("logprobs is not enabled");
    if let Some(length) = ContextLength::read(&message) {
        let told = context_length(&length);
        return Fault { param: Some("messages"), ..Fault::new(told, "context_length_exceeded") };
    }
    let param = logprobs.then_some("logprobs");
    Fault { param, ..Fault::new(message, "invalid_argument") }
}

fn context_length(length: &ContextLength<'_>) -> String {
    let ContextLength { counted, allowed } = length;
    let counted = counted.unwrap_or("more");
    format!(
        "This model's maximum context length is {allowed} tokens. However, your messages resulted \
         in {counted} tokens."
    )
}

fn not_found(message: Cow<'_, str>) -> Fault<'_> {
    let model = message.split_once("models/").map(|(_, rest)| {
        rest.split(|character: char| character.is_whitespace() || character == '\'').next()
    });
    let Some(Some(model)) = model else {
        return Fault::new(message, "not_found");
    };
    let told = format!("The model `{model}` does not exist or you do not have access to it.");
    Fault { param: Some("model"), ..Fault::new(told, "model_not_found") }
}

/// What a status alone says, for bodies that are no error object.
fn without_body(status: u16) -> Fault<'static> {
    let code = match status {
        404 => "not_found",
        413 => "request_too_large",
        429 => "rate_limit_exceeded",
        503 => "server_overloaded",
        408 | 504 => "timeout",
        400..=499 => "invalid_argument",
        _ => "upstream_error",
    };
    Fault::new(wording::of_status(status), code)
}

/// Message and code for an error that came in the middle of a stream.
pub(crate) fn in_stream(error: &GeminiError) -> (&'static str, &'static str) {
    let code = match error.code {
        503 => "server_overloaded",
        429 => "rate_limit_exceeded",
        504 => "timeout",
        _ => "upstream_error",
    };
    (wording::within_answer(error.code), code)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn translated(status: u16, message: &str) -> Value {
        let upstream = error::body(status, message, None);
        let body: Value = serde_json::from_slice(&from_gemini(status, &upstream)).unwrap();
        body["error"].clone()
    }

    #[test]
    fn all_four_members_are_there() {
        let body = String::from_utf8(body(
            401,
            "Incorrect API key provided.",
            None,
            None,
            Some("invalid_api_key"),
        ))
        .unwrap();
        assert_eq!(
            body,
            r#"{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#
        );
    }

    #[test]
    fn codes_follow_the_table() {
        let check = |status, message: &str, code: &str, kind: &str| {
            let error = translated(status, message);
            assert_eq!((&error["code"], &error["type"]), (&json!(code), &json!(kind)), "{message}");
        };
        let client = "invalid_request_error";
        check(400, "Request contains an invalid argument.", "invalid_argument", client);
        check(400, "Logprobs is not enabled for models/x", "invalid_argument", client);
        check(404, "models/x is not found for API version v1beta", "model_not_found", client);
        check(404, "CachedContent not found", "not_found", client);
        check(429, "You exceeded your current quota", "rate_limit_exceeded", "rate_limit_error");
        check(500, "Internal", "upstream_error", "server_error");
        check(503, "The model is overloaded.", "server_overloaded", "server_error");
        check(504, "Deadline", "timeout", "server_error");
        check(
            400,
            "API key not valid. Please pass a valid API key.",
            "upstream_error",
            "server_error",
        );
        check(
            400,
            "User location is not supported for the API use.",
            "upstream_location_unsupported",
            "server_error",
        );
    }

    #[test]
    fn context_length_is_told_in_openais_words() {
        let error = translated(
            400,
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        );
        assert_eq!(
            error,
            json!({"message": "This model's maximum context length is 1048576 tokens. However, your messages resulted in 1200000 tokens.",
                   "type": "invalid_request_error", "param": "messages", "code": "context_length_exceeded"})
        );
    }

    #[test]
    fn keys_and_projects_stay_inside() {
        let suspended =
            translated(403, "Permission denied: Consumer 'api_key:AIzaSecret' has been suspended.");
        assert!(!suspended.to_string().contains("AIza"));
        let other = translated(429, "Quota of consumer projects/123456, limit 3");
        assert_eq!(other["message"], "Quota of consumer projects/…, limit 3");
        assert_eq!(
            serde_json::from_slice::<Value>(&from_gemini(502, b"<html>")).unwrap()["error"]["code"],
            "upstream_error"
        );
    }
}
