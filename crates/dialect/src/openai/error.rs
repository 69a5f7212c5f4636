//! The error object of the OpenAI API: `{"error":{"message","type","param","code"}}`.

/// An error body. `kind` overrides the `type` that the status implies.
pub fn body(
    status: u16,
    message: &str,
    kind: Option<&str>,
    param: Option<&str>,
    code: Option<&str>,
) -> Vec<u8> {
    let _ = (status, message, kind, param, code);
    Vec::new()
}

/// Google's error body in OpenAI's shape: its message stays, `type` and `code` follow the table of
/// the gateway's contract. What concerns a pool key (401, 403) is told in general words only.
pub fn from_gemini(status: u16, upstream_body: &[u8]) -> Vec<u8> {
    let _ = (status, upstream_body);
    Vec::new()
}
