//! Google's error object: `{"error":{"code","message","status","details"}}`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::json::{self, Text};

/// What an error body of Google says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeminiError {
    /// HTTP status; derived from `status` where the body does not say.
    pub code: u16,
    /// Google's sentence. May name projects and keys: redact before showing.
    pub message: String,
    /// gRPC name of the error, as in `RESOURCE_EXHAUSTED`; empty when unknown.
    pub status: String,
    /// `reason` of the `ErrorInfo` detail, as in `API_KEY_INVALID`.
    pub reason: Option<String>,
}

impl GeminiError {
    /// The request's history has lost thought signatures, or has some that this model does not
    /// accept. Worth another try with placeholders for all of them.
    pub fn wants_signatures(&self) -> bool {
        let message = self.message.to_ascii_lowercase();
        let names = |word: &str| message.contains(word);
        self.code == 400 && (names("thought_signature") || names("thought signature"))
    }

    /// This model takes no presence or frequency penalty.
    pub fn refuses_penalties(&self) -> bool {
        self.code == 400 && self.message.contains("enalty is not enabled")
    }

    /// A model that speaks wanted to write an answer to what it was to say.
    pub fn wants_to_write(&self) -> bool {
        self.code == 400 && self.message.contains("tried to generate text")
    }

    /// The error is about the pool's key or project, which is none of the client's business.
    pub fn concerns_credential(&self) -> bool {
        // A file of another project is also refused with 403, but names what the client asked for.
        let of_resource = ["File ", "files/", "CachedContent", "cachedContents/", "tunedModels/"]
            .iter()
            .any(|name| self.message.contains(name));
        let key_invalid = self.reason.as_deref() == Some("API_KEY_INVALID")
            || self.message.contains("API key not valid")
            || self.message.contains("API key expired")
            || self.message.contains("Multiple authentication credentials");
        key_invalid || self.code == 401 || (self.code == 403 && !of_resource)
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Detail<'a>,
}

#[derive(Serialize)]
struct Detail<'a> {
    code: u16,
    message: &'a str,
    status: &'a str,
}

/// An error body in Google's shape. `grpc_status` overrides the name that the HTTP status implies.
pub fn body(status: u16, message: &str, grpc_status: Option<&str>) -> Vec<u8> {
    let name = grpc_status.unwrap_or_else(|| name_of(status));
    json::to_vec(&Envelope { error: Detail { code: status, message, status: name } })
}

/// Reads an error body: an object, an array of one object, or an event that holds `error`.
pub fn parse(body: &[u8]) -> Option<GeminiError> {
    let text = std::str::from_utf8(body).ok()?.trim_start();
    let wire: WireBody<'_> = if text.starts_with('[') {
        let list: Vec<WireBody<'_>> = serde_json::from_str(text).ok()?;
        list.into_iter().find(|body| body.error.is_some())?
    } else {
        serde_json::from_str(text).ok()?
    };
    Some(read(wire.error?))
}

/// Reads the value of `error`, whatever it is.
pub(crate) fn read(error: &RawValue) -> GeminiError {
    let Ok(wire) = serde_json::from_str::<WireError<'_>>(error.get()) else {
        // OAuth endpoints and proxies put a bare string there.
        let message = serde_json::from_str(error.get()).unwrap_or_else(|_| error.get().to_owned());
        return GeminiError { code: 500, message, status: String::new(), reason: None };
    };
    let status = wire.status.map_or(Cow::Borrowed(""), |status| status.decode()).into_owned();
    // The Interactions family sends names here, others leave it out in streams.
    let code = wire
        .code
        .and_then(|code| code.get().parse().ok())
        .filter(|code| (400..600).contains(code))
        .unwrap_or_else(|| http_of(&status));
    let details =
        wire.details.and_then(|raw| serde_json::from_str::<Vec<WireDetail<'_>>>(raw.get()).ok());
    let reason = details.into_iter().flatten().find_map(|detail| detail.reason);
    GeminiError {
        code,
        message: wire.message.map(|message| message.decode().into_owned()).unwrap_or_default(),
        status,
        reason: reason.map(|reason| reason.decode().into_owned()),
    }
}

#[derive(Deserialize)]
struct WireBody<'a> {
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct WireError<'a> {
    #[serde(borrow)]
    code: Option<&'a RawValue>,
    message: Option<Text<'a>>,
    status: Option<Text<'a>>,
    #[serde(borrow)]
    details: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct WireDetail<'a> {
    reason: Option<Text<'a>>,
}

fn name_of(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        501 => "UNIMPLEMENTED",
        502 | 503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        400..=499 => "INVALID_ARGUMENT",
        _ => "INTERNAL",
    }
}

fn http_of(name: &str) -> u16 {
    match name {
        "CANCELLED" => 499,
        "INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE" => 400,
        "UNAUTHENTICATED" => 401,
        "PERMISSION_DENIED" => 403,
        "NOT_FOUND" => 404,
        "ALREADY_EXISTS" | "ABORTED" => 409,
        "RESOURCE_EXHAUSTED" => 429,
        "UNIMPLEMENTED" => 501,
        "UNAVAILABLE" => 503,
        "DEADLINE_EXCEEDED" => 504,
        _ => 500,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_of_ours_reads_back() {
        let error = parse(&body(429, "slow", None)).unwrap();
        assert_eq!((error.code, error.status.as_str()), (429, "RESOURCE_EXHAUSTED"));
        assert_eq!(error.message, "slow");
    }

    #[test]
    fn arrays_names_and_strings_are_understood() {
        let error = parse(br#"[{"error":{"message":"m","status":"UNAVAILABLE","details":[{"@type":"x"},{"reason":"R"}]}}]"#).unwrap();
        assert_eq!((error.code, error.reason.as_deref()), (503, Some("R")));
        let error = parse(br#"{"error":{"code":"authentication","message":"m"}}"#).unwrap();
        assert_eq!(error.code, 500);
        assert_eq!(parse(br#"{"error":"gone"}"#).unwrap().message, "gone");
        assert_eq!(parse(b"<html>"), None);
        assert_eq!(parse(br#"{"candidates":[]}"#), None);
    }

    #[test]
    fn key_trouble_is_told_from_other_refusals() {
        let says = |code, message: &str| GeminiError {
            code,
            message: message.into(),
            status: String::new(),
            reason: None,
        };
        assert!(says(400, "API key not valid. Please pass a valid API key.").concerns_credential());
        assert!(says(403, "Consumer has been suspended").concerns_credential());
        assert!(
            !says(403, "You do not have permission to access the File abc-123")
                .concerns_credential()
        );
        assert!(!says(400, "Request contains an invalid argument.").concerns_credential());
    }
}
