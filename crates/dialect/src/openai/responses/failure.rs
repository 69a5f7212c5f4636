//! Why a response that nobody waits for has come to nothing.

use serde::Deserialize;

/// What would have been the answer's error, had the client waited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseFailure {
    /// For `error.code` of the response.
    pub code: &'static str,
    /// For `error.message`.
    pub message: String,
}

#[derive(Deserialize)]
struct Body {
    error: Error,
}

#[derive(Deserialize)]
struct Error {
    message: String,
    code: Option<String>,
}

impl ResponseFailure {
    /// Reads an error that was to be answered with this status.
    pub fn read(status: u16, body: &[u8]) -> Self {
        let read: Option<Body> = serde_json::from_slice(body).ok();
        let error = read.map(|body| body.error);
        let told = error.as_ref().and_then(|error| error.code.as_deref());
        let code = match (status, told) {
            (_, Some("context_length_exceeded")) => "context_length_exceeded",
            (429, _) => "rate_limit_exceeded",
            (400..500, _) => "invalid_prompt",
            _ => "server_error",
        };
        let message = error.map_or_else(|| format!("Status {status}."), |error| error.message);
        Self { code, message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openai::error;

    #[test]
    fn errors_become_codes_that_clients_know() {
        for (status, told, code) in [
            (429, "pool_exhausted", "rate_limit_exceeded"),
            (400, "context_length_exceeded", "context_length_exceeded"),
            (400, "invalid_value", "invalid_prompt"),
            (403, "x", "invalid_prompt"),
            (503, "server_overloaded", "server_error"),
        ] {
            let body = error::body(status, "m", None, None, Some(told));
            let expected = ResponseFailure { code, message: "m".to_owned() };
            assert_eq!(ResponseFailure::read(status, &body), expected);
        }
        assert_eq!(ResponseFailure::read(502, b"<html>").message, "Status 502.");
    }
}
