//! Events of a streamed response.

use bytes::{BufMut, BytesMut};
use serde::Serialize;

use crate::json;

/// Where events go; nowhere while a whole answer is put together.
pub(super) struct Events<'o> {
    pub(super) out: Option<&'o mut BytesMut>,
    /// Number of the next event.
    pub(super) sequence: &'o mut u64,
}

/// Members of an event behind `type` and `sequence_number`.
pub(super) struct Members(Vec<u8>);

impl Events<'_> {
    /// Appends an event with the members that `write` writes.
    pub(super) fn send(&mut self, kind: &str, write: impl FnOnce(&mut Members)) {
        let Some(out) = &mut self.out else { return };
        let mut members = Members(Vec::new());
        write(&mut members);
        out.reserve(members.0.len() + 2 * kind.len() + 64);
        out.put_slice(b"event: ");
        out.put_slice(kind.as_bytes());
        out.put_slice(b"\ndata: {\"type\":\"");
        out.put_slice(kind.as_bytes());
        out.put_slice(b"\",\"sequence_number\":");
        json::push_number(*out, *self.sequence);
        out.put_slice(&members.0);
        out.put_slice(b"}\n\n");
        *self.sequence += 1;
    }
}

impl Members {
    pub(super) fn put<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> &mut Self {
        self.open(name);
        json::push(&mut self.0, value);
        self
    }

    /// A member whose JSON `write` writes.
    pub(super) fn with(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) -> &mut Self {
        self.open(name);
        write(&mut self.0);
        self
    }

    fn open(&mut self, name: &str) {
        self.0.put_u8(b',');
        json::push(&mut self.0, name);
        self.0.put_u8(b':');
    }
}
