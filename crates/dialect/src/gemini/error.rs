//! Google's error object: `{"error":{"code","message","status","details"}}`.

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

/// An error body in Google's shape. `grpc_status` overrides the name that the HTTP status implies.
pub fn body(status: u16, message: &str, grpc_status: Option<&str>) -> Vec<u8> {
    let _ = (status, message, grpc_status);
    Vec::new()
}

/// Reads an error body: an object, an array of one object, or an event that holds `error`.
pub fn parse(body: &[u8]) -> Option<GeminiError> {
    let _ = body;
    None
}
