//! Why a stream that has begun cannot be finished.

use bytes::Bytes;
use dialect::StreamError;
use dialect::openai::error;
use keypool::{Outcome, Phase, Usage};
use telemetry::LiveRedactor;

use crate::lost::Lost;

/// Why a stream that has begun cannot be finished.
#[derive(Debug)]
pub(crate) struct Failure {
    /// How the attempt that was under way ended, if one was.
    pub(crate) outcome: Option<Outcome>,
    /// The outcome's label, for the request log.
    pub(crate) label: &'static str,
    /// HTTP status that fits, for the error event.
    pub(crate) status: u16,
    /// Machine-readable, for OpenAI's `code`.
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Google's own error object, if that is what came.
    pub(crate) body: Option<Bytes>,
}

impl Failure {
    /// An attempt ended this way.
    pub(crate) fn of(outcome: Outcome, status: u16, message: impl Into<String>) -> Self {
        let (label, message) = (outcome.label(), message.into());
        let code = match outcome {
            Outcome::QuotaSpent(_) => "rate_limit_exceeded",
            Outcome::Empty { .. } => "upstream_empty_response",
            _ => "upstream_error",
        };
        Self { outcome: Some(outcome), label, status, code, message, body: None }
    }

    pub(crate) fn broken(phase: Phase, message: impl Into<String>) -> Self {
        let status = if matches!(phase, Phase::Idle | Phase::FirstByte) { 504 } else { 502 };
        Self::of(Outcome::LinkBroken(phase), status, message)
    }

    /// The stream ended without saying why.
    pub(crate) fn truncated() -> Self {
        Self::broken(Phase::Cut, "Google's answer ended early.")
    }

    /// An event is beyond what the decoder takes.
    pub(crate) fn too_large() -> Self {
        let message = "An event of Google's answer is larger than MAX_EVENT_SIZE.";
        Self::broken(Phase::Protocol, message)
    }

    /// A translator cannot go on after an event.
    pub(crate) fn translating(error: &StreamError, event: &Bytes, usage: Usage) -> Self {
        match error {
            StreamError::Upstream(_) => Self::refused(event),
            error => Self::finishing(error, usage),
        }
    }

    /// A translator cannot bring the answer to a good end.
    pub(crate) fn finishing(error: &StreamError, usage: Usage) -> Self {
        match error {
            StreamError::Truncated => Self::truncated(),
            StreamError::Empty => {
                Self::of(Outcome::Empty { usage }, 502, "Google's answer was empty.")
            }
            StreamError::Withheld(message) => Self {
                code: "content_filter",
                ..Self::of(Outcome::ClientFault, 400, message.as_str())
            },
            other => Self::broken(Phase::Protocol, other.to_string()),
        }
    }

    /// An error object arrived as an event.
    pub(crate) fn refused(body: &Bytes) -> Self {
        match upstream::classify_event_error(body, crate::clock::now()) {
            None => Self::broken(Phase::Protocol, "Google's answer holds an unreadable error."),
            Some(verdict) => {
                let failure = Self::of(verdict.outcome, verdict.status, verdict.message);
                Self { body: Some(body.clone()), ..failure }
            }
        }
    }

    /// No call gave an answer, after the client's had begun.
    pub(crate) fn lost(lost: Lost) -> Self {
        let (status, label) = (lost.status().as_u16(), lost.outcome());
        let message = lost.message().to_owned();
        let (code, body) = match lost {
            Lost::Fault(fault, _) | Lost::Exhausted(fault, _) => (fault.code, None),
            Lost::Refused(refused) => (None, Some(refused.body)),
        };
        let code = match status {
            429 => "rate_limit_exceeded",
            _ => code.unwrap_or("upstream_error"),
        };
        Self { outcome: None, label, status, code, message, body }
    }

    /// OpenAI's error object for it.
    pub(crate) fn for_openai(&self) -> Vec<u8> {
        let Self { status, code, message, body, .. } = self;
        match body {
            Some(body) => error::from_gemini(*status, body),
            None => error::body(*status, message, None, None, Some(code)),
        }
    }

    /// The same with nothing secret in it.
    pub(crate) fn redacted(self, redactor: &LiveRedactor) -> Self {
        let message = redactor.redact(&self.message).into_owned();
        let body = self.body.map(|body| redactor.redact_bytes(&body).into_owned().into());
        Self { message, body, ..self }
    }
}
