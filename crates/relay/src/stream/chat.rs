//! Gemini's events to a client of OpenAI's `chat/completions`.

use bytes::BytesMut;
use dialect::openai::chat::{ChatStream, StreamError};
use keypool::{Outcome, Phase, Usage};
use sse::{Event, EventKind};

use super::{Failure, Translate, pool_usage};

/// Translates event by event.
pub(crate) struct ChatEvents(pub(crate) ChatStream);

impl Translate for ChatEvents {
    fn event(&mut self, event: &Event, out: &mut BytesMut) -> Result<(), Box<Failure>> {
        if matches!(event.kind, EventKind::Comment) {
            return Ok(());
        }
        match self.0.event(&event.data, out) {
            Ok(_) => Ok(()),
            Err(StreamError::Upstream(_)) => Err(Box::new(Failure::refused(&event.data))),
            Err(error) => Err(Box::new(self.failure(&error))),
        }
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Box<Failure>> {
        self.0.finish(out).map_err(|error| Box::new(self.failure(&error)))
    }

    fn fail(&mut self, failure: &Failure, out: &mut BytesMut) {
        let code = match failure.outcome {
            Outcome::QuotaSpent(_) => "rate_limit_exceeded",
            Outcome::Empty { .. } => "upstream_empty_response",
            _ => "upstream_error",
        };
        self.0.error(&failure.message, code, out);
    }

    fn usage(&self) -> Usage {
        pool_usage(self.0.usage())
    }
}

impl ChatEvents {
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
