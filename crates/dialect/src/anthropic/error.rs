//! The error object of the Anthropic API: `{"type":"error","error":{"type","message"}}`.

use serde::Serialize;

use crate::json;

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
}

/// The error body for an HTTP status. `kind` overrides the `type` that the status implies.
pub fn body(status: u16, message: &str, kind: Option<&str>, request_id: Option<&str>) -> Vec<u8> {
    let kind = kind.unwrap_or_else(|| kind_of(status));
    json::to_vec(&Envelope { r#type: "error", error: Detail { r#type: kind, message }, request_id })
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
    use super::*;

    #[test]
    fn has_both_types() {
        let text = String::from_utf8(body(429, "slow \"down\"", None, None)).unwrap();
        assert_eq!(
            text,
            r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow \"down\""}}"#
        );
    }
}
