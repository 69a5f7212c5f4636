//! Gemini's events to a client of Anthropic's Messages.

use bytes::BytesMut;
use dialect::StreamError;
use dialect::anthropic::messages::MessagesStream;
use keypool::{Outcome, Phase, Usage};
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

    fn failure(&self, error: &StreamError) -> Failure {
        match error {
            StreamError::Truncated => Failure::truncated(),
            StreamError::Empty => Failure {
                outcome: Outcome::Empty { usage: self.usage() },
                status: 502,
                message: "Google's answer was empty.".to_owned(),
                body: None,
            },
            other => Failure::broken(Phase::Protocol, other.to_string()),
        }
    }
}

impl Translate for MessageEvents {
    fn event(&mut self, event: &Event, out: &mut BytesMut) -> Result<(), Box<Failure>> {
        if matches!(event.kind, EventKind::Comment) {
            return Ok(());
        }
        match self.stream.event(&event.data, out) {
            Ok(_) => Ok(()),
            Err(StreamError::Upstream(_)) => Err(Box::new(Failure::refused(&event.data))),
            Err(error) => Err(Box::new(self.failure(&error))),
        }
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Box<Failure>> {
        self.stream.finish(out).map_err(|error| Box::new(self.failure(&error)))
    }

    fn fail(&mut self, failure: &Failure, out: &mut BytesMut) {
        self.stream.error(failure.status, &failure.message, Some(&self.request_id), out);
    }

    fn usage(&self) -> Usage {
        pool_usage(self.stream.usage())
    }
}
