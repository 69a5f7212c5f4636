//! Gemini's events to a client of OpenAI's Responses.

use bytes::BytesMut;
use dialect::openai::responses::ResponsesStream;
use keypool::Usage;
use sse::{Event, EventKind};

use super::{Failure, Translate, pool_usage};
use crate::clock;
use crate::keeper::Keeper;

/// Translates event by event, and keeps the response that comes of it.
pub(crate) struct ResponseEvents {
    stream: ResponsesStream,
    keeper: Option<Keeper>,
}

impl ResponseEvents {
    pub(crate) fn new(stream: ResponsesStream, keeper: Option<Keeper>) -> Self {
        Self { stream, keeper }
    }
}

impl Translate for ResponseEvents {
    fn event(&mut self, event: &Event, out: &mut BytesMut) -> Result<(), Box<Failure>> {
        if matches!(event.kind, EventKind::Comment) {
            return Ok(());
        }
        let translated = self.stream.event(&event.data, out);
        translated
            .map(drop)
            .map_err(|error| Failure::translating(&error, &event.data, self.usage()).into())
    }

    /// The client has not read the end yet, so it finds the response when it goes on from it.
    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Box<Failure>> {
        let completed = clock::now().millis() / 1000;
        let finished = self.stream.finish(completed, out);
        finished.map_err(|error| Failure::finishing(&error, self.usage()))?;
        if let Some(keeper) = &self.keeper
            && let Some(stored) = keeper.stored(self.stream.object(), self.stream.signatures())
        {
            // Nobody waits for it to be written.
            drop(keeper.keep(stored));
        }
        Ok(())
    }

    fn fail(&mut self, failure: &Failure, out: &mut BytesMut) {
        self.stream.error(&failure.message, failure.code, out);
    }

    fn usage(&self) -> Usage {
        pool_usage(self.stream.usage())
    }
}
