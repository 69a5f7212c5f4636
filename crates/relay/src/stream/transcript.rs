//! Gemini's events to a client that reads a transcript.

use bytes::BytesMut;
use dialect::openai::transcription::TranscriptStream;
use keypool::Usage;
use sse::{Event, EventKind};

use super::{Failure, Translate, pool_usage};

/// Translates event by event.
pub(crate) struct TranscriptEvents(pub(crate) TranscriptStream);

impl Translate for TranscriptEvents {
    fn event(&mut self, event: &Event, out: &mut BytesMut) -> Result<(), Box<Failure>> {
        if matches!(event.kind, EventKind::Comment) {
            return Ok(());
        }
        let translated = self.0.event(&event.data, out);
        translated.map_err(|error| Failure::translating(&error, &event.data, self.usage()).into())
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Box<Failure>> {
        let finished = self.0.finish(out);
        finished.map_err(|error| Failure::finishing(&error, self.usage()).into())
    }

    fn fail(&mut self, failure: &Failure, out: &mut BytesMut) {
        sse::encode_data(out, &failure.for_openai());
    }

    fn usage(&self) -> Usage {
        pool_usage(self.0.usage())
    }
}
