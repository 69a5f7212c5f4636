//! The events of a streamed message.

use bytes::{BufMut, BytesMut};

use super::super::{
    MessagesContext,
    composer::{Kind, Piece, Sink},
    response, usage,
};
use crate::{
    gemini::{answer::Answer, counts::Counts},
    json::{self, Text},
};

/// `message_start`, which goes before everything else, once there is something else.
pub(super) enum Opening {
    /// No event came yet.
    Unknown,
    /// The event, ready to send.
    Ready(Vec<u8>),
    Sent,
}

impl Opening {
    /// Takes the identity of the message from the first event.
    pub(super) fn note(
        &mut self,
        answer: &Answer<'_>,
        counts: &Counts,
        context: &MessagesContext,
        fallback_id: &str,
    ) {
        if !matches!(self, Self::Unknown) {
            return;
        }
        let mut event =
            b"event: message_start\ndata: {\"type\":\"message_start\",\"message\":".to_vec();
        response::write_head(answer, context, fallback_id, &mut event);
        event.put_slice(br#"],"stop_reason":null,"stop_sequence":null,"stop_details":null,"#);
        event.put_slice(br#""container":null,"diagnostics":null,"usage":"#);
        usage::write_start(counts, &response::tier(answer), &mut event);
        event.put_slice(b"}}\n\n");
        *self = Self::Ready(event);
    }

    /// Sends the event if it was not sent.
    pub(super) fn send(&mut self, out: &mut BytesMut) {
        if let Self::Ready(event) = self {
            out.extend_from_slice(event);
            *self = Self::Sent;
        }
    }
}

/// Where events go.
pub(super) struct Events<'s> {
    pub(super) opening: &'s mut Opening,
    /// Blocks so far.
    pub(super) blocks: &'s mut u64,
    pub(super) out: &'s mut BytesMut,
}

impl Events<'_> {
    /// Appends a `content_block_start` with the block that `write` writes.
    fn start(&mut self, write: impl FnOnce(&mut BytesMut)) {
        self.open("content_block_start", *self.blocks);
        self.out.put_slice(br#","content_block":"#);
        write(self.out);
        self.out.put_slice(b"}\n\n");
        *self.blocks += 1;
    }

    /// Appends a `content_block_delta` of the last block.
    fn delta(&mut self, kind: &str, member: &str, write: impl FnOnce(&mut BytesMut)) {
        self.open("content_block_delta", self.last());
        for piece in [r#","delta":{"type":""#, kind, r#"",""#, member, r#"":"#] {
            self.out.put_slice(piece.as_bytes());
        }
        write(self.out);
        self.out.put_slice(b"}}\n\n");
    }

    /// Appends the `content_block_stop` of the last block.
    fn stop(&mut self) {
        self.open("content_block_stop", self.last());
        self.out.put_slice(b"}\n\n");
    }

    fn last(&self) -> u64 {
        self.blocks.saturating_sub(1)
    }

    fn open(&mut self, name: &str, index: u64) {
        for piece in ["event: ", name, "\ndata: {\"type\":\"", name, "\",\"index\":"] {
            self.out.put_slice(piece.as_bytes());
        }
        json::push_number(self.out, index);
    }
}

impl Sink for Events<'_> {
    fn put(&mut self, piece: Piece<'_>) {
        self.opening.send(self.out);
        match piece {
            Piece::Open(Kind::Text) => {
                self.start(|out| out.put_slice(br#"{"type":"text","text":"","citations":null}"#));
            }
            Piece::Open(Kind::Thinking) => self.start(|out| {
                out.put_slice(br#"{"type":"thinking","thinking":"","signature":""}"#);
            }),
            Piece::More(Kind::Text, text) => self.delta("text_delta", "text", write(text)),
            Piece::More(Kind::Thinking, text) => {
                self.delta("thinking_delta", "thinking", write(text));
            }
            Piece::Close(Kind::Text, _) => self.stop(),
            Piece::Close(Kind::Thinking, signature) => {
                self.delta("signature_delta", "signature", |out| json::push(out, signature));
                self.stop();
            }
            Piece::ToolUse { id, name, input } => {
                self.start(|out| response::write_tool_use(id, name, "{}", out));
                self.delta("input_json_delta", "partial_json", |out| json::push(out, ""));
                self.delta("input_json_delta", "partial_json", |out| json::push(out, input));
                self.stop();
            }
            Piece::Whole(block) => {
                self.start(|out| out.put_slice(block));
                self.stop();
            }
        }
    }
}

fn write<'t>(text: &'t Text<'_>) -> impl FnOnce(&mut BytesMut) + 't {
    |out| text.write(out)
}
