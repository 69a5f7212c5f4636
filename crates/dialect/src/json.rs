//! Small helpers around JSON text.

pub(crate) mod compact;
pub(crate) mod text;

use serde::Serialize;

/// Serialises a value that cannot fail: maps with text keys, numbers, strings.
pub(crate) fn to_vec<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// Appends a JSON string, quotes included.
pub(crate) fn push_string(out: &mut Vec<u8>, text: &str) {
    // Writing a string into a Vec cannot fail.
    let _ = serde_json::to_writer(out, text);
}
