//! An answer event by event.

use bytes::{BufMut, BytesMut};
use serde_json::{Value, json};

use super::{
    context::{ResponseFormat, TranscriptionContext},
    heard::Hearing,
    told,
};
use crate::{Usage, json::to_vec, outcome::StreamError};

/// Translates one streamed answer. Feed it every event, then [`TranscriptStream::finish`].
#[derive(Debug)]
pub struct TranscriptStream {
    context: TranscriptionContext,
    hearing: Hearing,
}

impl TranscriptStream {
    /// Begins an answer.
    pub fn new(context: TranscriptionContext) -> Self {
        Self { context, hearing: Hearing::default() }
    }

    /// Translates the data of one event.
    pub fn event(&mut self, data: &[u8], out: &mut BytesMut) -> Result<(), StreamError> {
        if data.trim_ascii().is_empty() {
            return Ok(());
        }
        let heard = self.hearing.read(data)?;
        // Who says something is known when all of it is there.
        if !heard.is_empty() && self.context.format != ResponseFormat::DiarizedJson {
            event(&json!({"type": "transcript.text.delta", "delta": heard}), out);
        }
        Ok(())
    }

    /// The upstream ended: appends the last event, with the whole text.
    pub fn finish(&mut self, out: &mut BytesMut) -> Result<(), StreamError> {
        if let Some(message) = self.hearing.refusal.take() {
            return Err(StreamError::Withheld(message));
        }
        if !self.hearing.has_ended {
            return Err(StreamError::Truncated);
        }
        let counts = self.hearing.counts.clone();
        let hearing = std::mem::take(&mut self.hearing);
        self.hearing.counts = counts.clone();
        let transcript = hearing.finish(&self.context)?;
        if self.context.format == ResponseFormat::DiarizedJson {
            for segment in told::diarized(&transcript) {
                event(&segment, out);
            }
        }
        let usage = told::usage(&counts);
        let done = json!({"type": "transcript.text.done", "text": transcript.text, "usage": usage});
        event(&done, out);
        Ok(())
    }

    /// Tokens counted so far.
    pub fn usage(&self) -> Usage {
        self.hearing.counts.usage()
    }
}

fn event(event: &Value, out: &mut BytesMut) {
    out.put_slice(b"data: ");
    out.put_slice(&to_vec(event));
    out.put_slice(b"\n\n");
}
