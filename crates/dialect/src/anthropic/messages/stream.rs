//! A streamed answer, translated event by event.

mod events;

use bytes::{BufMut, BytesMut};
use serde_json::value::RawValue;

use super::{
    MessagesContext,
    composer::Composer,
    response,
    search::Searches,
    stop::{Ending, NothingThere},
    usage::write_end,
};
use crate::{
    Usage,
    anthropic::error as told,
    gemini::{
        CallSignature,
        answer::{Answer, Candidate},
        counts::Counts,
        error,
    },
    outcome::{Seen, StreamError},
    stamp::{Ids, Stamp},
};
use events::{Events, Opening};

/// An event that says nothing, for clients that give up on silent streams. It may stand after
/// anything but the end, and not before the message has begun; see [`MessagesStream::begin`].
pub const PING: &[u8] = b"event: ping\ndata: {\"type\":\"ping\"}\n\n";

/// Translates one streamed answer. Feed it every event, then [`MessagesStream::finish`].
///
/// All methods append whole events to `out`. Nothing is appended before there is something to say,
/// so that a stream which turns out empty can still be tried again elsewhere.
pub struct MessagesStream {
    context: MessagesContext,
    composer: Composer,
    /// Stands for the id, until the first event brings one.
    fallback_id: String,
    opening: Opening,
    /// Blocks so far.
    blocks: u64,
    counts: Counts,
    finish_reason: Option<String>,
    finish_message: Option<String>,
    /// The end of a blocked prompt.
    blocked: Option<Ending>,
    grounding: Option<String>,
}

impl MessagesStream {
    /// Begins an answer.
    pub fn new(context: MessagesContext, mut stamp: Stamp) -> Self {
        Self {
            composer: Composer::new(Ids::new(&context.call_ids, &mut stamp)),
            context,
            fallback_id: stamp.fallback_id,
            opening: Opening::Unknown,
            blocks: 0,
            counts: Counts::default(),
            finish_reason: None,
            finish_message: None,
            blocked: None,
            grounding: None,
        }
    }

    /// Translates the data of one event.
    pub fn event(&mut self, data: &[u8], out: &mut BytesMut) -> Result<Seen, StreamError> {
        if data.trim_ascii().is_empty() {
            return Ok(Seen::default());
        }
        let answer = match Answer::read(data) {
            Ok(answer) => answer,
            Err(why) => {
                let error = error::parse(data);
                return Err(error.map_or(StreamError::Malformed(why), StreamError::Upstream));
            }
        };
        if let Some(error) = answer.error {
            return Err(StreamError::Upstream(error::read(error)));
        }
        if let Some(metadata) = &answer.usage_metadata {
            self.counts.merge(metadata);
        }
        // The identity of the message is that of the first event, and never changes after.
        self.opening.note(&answer, &self.counts, &self.context, &self.fallback_id);
        let Some(candidate) = answer.candidates().first() else {
            return Ok(Seen { content: false, finish: self.block(&answer) });
        };
        self.note_end(candidate);
        let mut events = Events { opening: &mut self.opening, blocks: &mut self.blocks, out };
        self.composer.take(candidate, &self.context, &mut events);
        let content = candidate.has_content();
        Ok(Seen { content, finish: candidate.finish_reason.is_some() })
    }

    fn note_end(&mut self, candidate: &Candidate<'_>) {
        if let Some(reason) = candidate.reason() {
            self.finish_reason = Some(reason.decode().into_owned());
        }
        if let Some(message) = &candidate.finish_message {
            self.finish_message = Some(message.decode().into_owned());
        }
        // Early events bring empty metadata; the last that says something counts.
        let grounding = candidate.grounding_metadata.filter(|_| self.context.searches);
        let says_something = |raw: &&RawValue| {
            ["webSearchQueries", "groundingChunks"].iter().any(|mark| raw.get().contains(mark))
        };
        if let Some(raw) = grounding.filter(says_something) {
            self.grounding = Some(raw.get().to_owned());
        }
    }

    fn block(&mut self, answer: &Answer<'_>) -> bool {
        let early = self.finish_reason.is_none() && self.blocks == 0;
        let Some(ending) = response::blocked(answer).filter(|_| early) else { return false };
        self.blocked = Some(ending);
        true
    }

    /// Sends `message_start` now if it was not sent, so that [`PING`]s can follow. The stream cannot
    /// be tried again elsewhere after that.
    pub fn begin(&mut self, out: &mut BytesMut) {
        let nothing = Answer::default();
        self.opening.note(&nothing, &self.counts, &self.context, &self.fallback_id);
        self.opening.send(out);
    }

    /// The upstream ended: closes the last block and appends `message_delta` and `message_stop`.
    pub fn finish(&mut self, out: &mut BytesMut) -> Result<(), StreamError> {
        let ending = self.ending()?;
        self.begin(out);
        let found = self.grounding.take().and_then(|grounding| Searches::read(&grounding));
        let searches = found.as_ref().map_or(0, Searches::count);
        self.composer.searched(found);
        let mut events = Events { opening: &mut self.opening, blocks: &mut self.blocks, out };
        self.composer.end(&ending, &self.context, &mut events);
        out.extend_from_slice(
            b"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{",
        );
        ending.write(out);
        out.extend_from_slice(b",\"container\":null},\"usage\":");
        write_end(&self.counts, searches, out);
        out.extend_from_slice(b"}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
        Ok(())
    }

    fn ending(&mut self) -> Result<Ending, StreamError> {
        if let Some(ending) = self.blocked.take() {
            return Ok(ending);
        }
        let reason = self.finish_reason.as_deref().ok_or(StreamError::Truncated)?;
        let ending = self.composer.ending(reason, self.finish_message.take());
        ending.map_err(|NothingThere| StreamError::Empty)
    }

    /// Ends the stream with an `error` event, and without `message_stop`. For faults of the gateway
    /// itself.
    pub fn error(&self, status: u16, message: &str, request_id: Option<&str>, out: &mut BytesMut) {
        out.put_slice(b"event: error\ndata: ");
        out.put_slice(&told::body(status, message, None, request_id));
        out.put_slice(b"\n\n");
    }

    /// Ends the stream with what [`MessagesStream::event`] or [`MessagesStream::finish`] complained
    /// of.
    pub fn fail(&self, error: &StreamError, request_id: Option<&str>, out: &mut BytesMut) {
        let (status, message) = match error {
            StreamError::Upstream(error) => told::in_stream(error),
            StreamError::Malformed(_) => (500, "The upstream sent a malformed event."),
            StreamError::Truncated => {
                (500, "The upstream stream ended before the answer was complete.")
            }
            StreamError::Empty => (500, "The upstream answer is empty."),
            StreamError::Withheld(message) => (400, message.as_str()),
        };
        self.error(status, message, request_id, out);
    }

    /// Tokens counted so far.
    pub fn usage(&self) -> Usage {
        self.counts.usage()
    }

    /// Something came that a client can use.
    pub fn has_content(&self) -> bool {
        self.composer.has_content()
    }

    /// The message has begun: another try would begin it twice.
    pub fn has_begun(&self) -> bool {
        matches!(self.opening, Opening::Sent)
    }

    /// Signatures of the calls since the last time, to be remembered until the calls come back (see
    /// [`Options::recall`](super::Options::recall)).
    pub fn take_signatures(&mut self) -> Vec<CallSignature> {
        self.composer.take_signatures()
    }
}
