//! Header names and values. Problems never quote a value.

use indexmap::IndexMap;

use super::{Problem, collection};
use crate::hidden::Hidden;

/// Headers that belong to the connection or to the pool: setting them would break every call, or
/// give Google another credential than the pool's.
const RESERVED: [&str; 16] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-goog-api-key",
];

/// Names in lower case to values.
pub(super) fn headers(text: &str) -> Result<IndexMap<String, Hidden>, Problem> {
    checked(collection::texts(text)?)
}

/// The same of headers that have been read.
pub(super) fn checked(
    headers: IndexMap<String, String>,
) -> Result<IndexMap<String, Hidden>, Problem> {
    headers
        .into_iter()
        .map(|(name, value)| {
            let name = name.trim().to_ascii_lowercase();
            if name.is_empty() || !name.bytes().all(is_token) {
                return Err(format!("has {name:?}, which is no header name"));
            }
            if RESERVED.contains(&name.as_str()) {
                return Err(format!("has {name:?}, which the gateway sets itself"));
            }
            let value = value.trim();
            if !value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)) {
                return Err(format!("has a value at {name:?} that no header can carry"));
            }
            Ok((name, Hidden::new(value)))
        })
        .collect()
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
