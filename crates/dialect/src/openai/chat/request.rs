//! The client's request, translated.

use super::ChatContext;
use crate::DialectError;

/// Translates the body of a chat request into the body of `generateContent`.
pub fn request(body: &[u8]) -> Result<(ChatContext, Vec<u8>), DialectError> {
    let _ = body;
    Err(DialectError::missing("model"))
}
