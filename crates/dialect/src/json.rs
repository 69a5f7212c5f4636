//! Small helpers around JSON text.

pub(crate) mod bulk;
pub(crate) mod choice;
mod compact;
pub(crate) mod number;
mod object;
mod surrogates;
mod text;

use bytes::BufMut;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

pub(crate) use compact::compact;
pub(crate) use object::Object;
pub(crate) use surrogates::mend;
pub(crate) use text::Text;

use crate::DialectError;

/// Serialises a value that cannot fail: maps with text keys, numbers, strings.
pub(crate) fn to_vec<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// Appends a value as JSON.
pub(crate) fn push<T: Serialize + ?Sized>(out: &mut impl BufMut, value: &T) {
    // Writing into memory cannot fail, and neither can our types.
    let _ = serde_json::to_writer(out.writer(), value);
}

/// Reads a small piece of a body as a whole; `None` if it is longer than `max_bytes` or nested too
/// deeply.
pub(crate) fn small_value(raw: &RawValue, max_bytes: usize) -> Option<Value> {
    if raw.get().len() > max_bytes {
        return None;
    }
    match mend(raw.get()) {
        Some(mended) => serde_json::from_str(&mended).ok(),
        None => serde_json::from_str(raw.get()).ok(),
    }
}

/// Appends a number in decimal.
pub(crate) fn push_number(out: &mut impl BufMut, number: u64) {
    push(out, &number);
}

/// Reads a client's body. The path of a mistake is only sought after the plain parse failed,
/// because tracking it costs more than parsing.
pub(crate) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, DialectError> {
    serde_json::from_slice(body).map_err(|error| locate::<T>(body, &error))
}

fn locate<'a, T: Deserialize<'a>>(body: &'a [u8], error: &serde_json::Error) -> DialectError {
    let Ok(text) = std::str::from_utf8(body) else {
        return DialectError::unreadable("it is not UTF-8");
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Ok(_) => DialectError::from_json(".", error),
        Err(found) => DialectError::from_json(&found.path().to_string(), found.inner()),
    }
}
