//! Gemini's events to a client of Anthropic's Messages.

use bytes::BytesMut;
use dialect::anthropic::messages::{MessagesStream, PING};
use keypool::Usage;
use sse::{Event, EventKind};

use super::{Failure, Translate, pool_usage};

/// Translates event by event.
pub(crate) struct MessageEvents {
    stream: MessagesStream,
    request_id: Box<str>,
}

impl MessageEvents {
    pub(crate) fn new(stream: MessagesStream, request_id: &str) -> Self {
        Self { stream, request_id: request_id.into() }
    }
}

impl Translate for MessageEvents {
    fn event(&mut self, event: &Event, out: &mut BytesMut) -> Result<(), Box<Failure>> {
        if matches!(event.kind, EventKind::Comment) {
            return Ok(());
        }
        let translated = self.stream.event(&event.data, out);
        translated
            .map(drop)
            .map_err(|error| Failure::translating(&error, &event.data, self.usage()).into())
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Box<Failure>> {
        let finished = self.stream.finish(out);
        finished.map_err(|error| Failure::finishing(&error, self.usage()).into())
    }

    fn fail(&mut self, failure: &Failure, out: &mut BytesMut) {
        self.stream.error(failure.status, &failure.message, Some(&self.request_id), out);
    }

    fn usage(&self) -> Usage {
        pool_usage(self.stream.usage())
    }

    fn sign_of_life(&mut self, out: &mut BytesMut) {
        self.stream.begin(out);
        out.extend_from_slice(PING);
    }
}
