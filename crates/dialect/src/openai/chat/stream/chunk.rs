//! The frame around every delta.

use bytes::{BufMut, BytesMut};

use super::super::{ChatContext, response::write_identity, usage};
use crate::{
    gemini::{answer::Answer, counts::Counts},
    json,
    stamp::Stamp,
};

/// Writes chunks; what all of them share is made once.
pub(super) struct Chunks {
    /// From `data: ` to the list of choices.
    head: Vec<u8>,
    /// From the end of that list to the blank line.
    tail: &'static [u8],
    pub(super) created: i64,
    scratch: Vec<u8>,
}

impl Chunks {
    pub(super) fn new(answer: &Answer<'_>, context: &ChatContext, stamp: &Stamp) -> Self {
        let mut head = b"data: ".to_vec();
        write_identity(answer, context, stamp, "chat.completion.chunk", &mut head);
        head.extend_from_slice(br#","choices":["#);
        let tail: &[u8] = if context.include_usage { b"],\"usage\":null}\n\n" } else { b"]}\n\n" };
        Self { head, tail, created: stamp.created, scratch: Vec::new() }
    }
}

/// Where chunks go.
pub(super) struct Output<'s> {
    pub(super) chunks: &'s mut Chunks,
    pub(super) out: &'s mut BytesMut,
}

impl Output<'_> {
    /// Appends a chunk with the delta that `write` writes, braces included.
    pub(super) fn delta(
        &mut self,
        index: u64,
        logprobs: Option<&[u8]>,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        self.chunks.scratch.clear();
        write(&mut self.chunks.scratch);
        self.out.reserve(self.chunks.head.len() + self.chunks.scratch.len() + 96);
        self.open(index);
        self.out.put_slice(&self.chunks.scratch);
        self.out.put_slice(br#","logprobs":"#);
        self.out.put_slice(logprobs.unwrap_or(b"null"));
        self.out.put_slice(br#","finish_reason":null}"#);
        self.out.put_slice(self.chunks.tail);
    }

    /// Appends the chunk that ends a choice.
    pub(super) fn finish(&mut self, index: u64, reason: &str) {
        self.open(index);
        self.out.put_slice(br#"{},"logprobs":null,"finish_reason":""#);
        self.out.put_slice(reason.as_bytes());
        self.out.put_slice(br#""}"#);
        self.out.put_slice(self.chunks.tail);
    }

    /// Appends the chunk that tells the usage.
    pub(super) fn usage(&mut self, counts: &Counts) {
        self.out.put_slice(&self.chunks.head);
        self.out.put_slice(br#"],"usage":"#);
        usage::write(counts, self.out);
        self.out.put_slice(b"}\n\n");
    }

    fn open(&mut self, index: u64) {
        self.out.put_slice(&self.chunks.head);
        self.out.put_slice(br#"{"index":"#);
        if index < 10 {
            self.out.put_u8(b'0' + index as u8);
        } else {
            json::push_number(self.out, index);
        }
        self.out.put_slice(br#","delta":"#);
    }
}
