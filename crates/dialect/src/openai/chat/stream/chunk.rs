//! The frame around every delta.

use bytes::{BufMut, BytesMut};

use super::super::{ChatContext, context::TextCompletion, finish, response::write_identity, usage};
use crate::{
    gemini::{answer::Answer, counts::Counts},
    json::{self, Text},
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
    /// The client speaks `/v1/completions`.
    text: Option<Box<TextCompletion>>,
}

impl Chunks {
    pub(super) fn new(answer: &Answer<'_>, context: &ChatContext, stamp: &Stamp) -> Self {
        let mut head = b"data: ".to_vec();
        let object =
            if context.text.is_some() { "text_completion" } else { "chat.completion.chunk" };
        write_identity(answer, context, stamp, object, &mut head);
        head.extend_from_slice(br#","choices":["#);
        let tail: &[u8] = if context.include_usage { b"],\"usage\":null}\n\n" } else { b"]}\n\n" };
        let text = context.text.clone();
        Self { head, tail, created: stamp.created, scratch: Vec::new(), text }
    }
}

/// Where chunks go.
pub(super) struct Output<'s> {
    pub(super) chunks: &'s mut Chunks,
    pub(super) out: &'s mut BytesMut,
}

impl Output<'_> {
    /// Appends a chunk with visible text.
    pub(super) fn content(&mut self, index: u64, logprobs: Option<&[u8]>, text: &Text<'_>) {
        if self.chunks.text.is_some() {
            self.text(index, text, None);
            return;
        }
        self.delta(index, logprobs, |delta| {
            delta.put_slice(br#"{"content":"#);
            text.write(delta);
            delta.put_u8(b'}');
        });
    }

    /// Appends the chunk that begins a choice.
    pub(super) fn begin(&mut self, index: u64) {
        let echo = self.chunks.text.as_ref().map(|text| text.echo(index).to_owned());
        if let Some(echo) = echo.filter(|echo| !echo.is_empty()) {
            self.text(index, &Text::from(echo), None);
        }
        self.delta(index, None, |delta| {
            delta.put_slice(br#"{"role":"assistant","content":"","refusal":null}"#);
        });
    }

    /// Appends a chunk of `/v1/completions`.
    fn text(&mut self, index: u64, text: &Text<'_>, reason: Option<&'static str>) {
        self.chunks.scratch.clear();
        text.write(&mut self.chunks.scratch);
        self.out.put_slice(&self.chunks.head);
        self.out.put_slice(br#"{"text":"#);
        self.out.put_slice(&self.chunks.scratch);
        self.out.put_slice(br#","index":"#);
        json::push_number(self.out, index);
        self.out.put_slice(br#","logprobs":null,"finish_reason":"#);
        json::push(self.out, &reason.map(finish::of_text));
        self.out.put_u8(b'}');
        self.out.put_slice(self.chunks.tail);
    }

    /// Appends a chunk with the delta that `write` writes, braces included. What is not text does not
    /// reach clients of `/v1/completions`.
    pub(super) fn delta(
        &mut self,
        index: u64,
        logprobs: Option<&[u8]>,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        if self.chunks.text.is_some() {
            return;
        }
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
    pub(super) fn finish(&mut self, index: u64, reason: &'static str) {
        if self.chunks.text.is_some() {
            self.text(index, &Text::from(""), Some(reason));
            return;
        }
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
