//! Streamed answers: upstream events in, the client's events out, pulled by whoever reads.
//!
//! No task and no channel: the client's connection polls the body, the body polls Google's. A slow
//! reader slows Google down, and a reader who leaves drops the upstream call with the body.

mod array;
mod chat;
mod messages;
mod native;
mod responses;
mod vigil;

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use dialect::StreamError;
use http_body::Frame;
use keypool::{Outcome, Phase, Usage};
use sse::Event;
use upstream::AnswerBody;

pub(crate) use array::ArrayEvents;
pub(crate) use chat::ChatEvents;
pub(crate) use messages::MessageEvents;
pub(crate) use native::NativeEvents;
pub(crate) use responses::ResponseEvents;
pub(crate) use vigil::{Due, Vigil};

use crate::attempts::Started;
use crate::body::{Body, EndedEarly};
use crate::decode::Decode;
use crate::exchange::Exchange;
use crate::lease::Held;
use crate::ledger::Entry;

/// Turns upstream events into what the client reads.
pub(crate) trait Translate: Send + Unpin {
    fn event(&mut self, event: &Event, out: &mut BytesMut) -> Result<(), Box<Failure>>;
    /// The upstream ended in good order.
    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Box<Failure>>;
    /// Says in the client's dialect that the answer ends here and is not whole.
    fn fail(&mut self, failure: &Failure, out: &mut BytesMut);
    fn usage(&self) -> Usage;

    /// Says that somebody is still there, in a way that no client takes for part of the answer.
    fn sign_of_life(&mut self, out: &mut BytesMut) {
        out.extend_from_slice(b": keep-alive\n\n");
    }
}

/// Why a stream that has begun cannot be finished.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) outcome: Outcome,
    /// HTTP status that fits, for the error event.
    pub(crate) status: u16,
    pub(crate) message: String,
    /// Google's own error object, if that is what came.
    pub(crate) body: Option<Bytes>,
}

impl Failure {
    fn broken(phase: Phase, message: impl Into<String>) -> Self {
        let status = if matches!(phase, Phase::Idle | Phase::FirstByte) { 504 } else { 502 };
        let outcome = Outcome::LinkBroken(phase);
        Self { outcome, status, message: message.into(), body: None }
    }

    /// The stream ended without saying why.
    fn truncated() -> Self {
        Self::broken(Phase::Cut, "Google's answer ended early.")
    }

    /// A translator cannot go on after an event.
    fn translating(error: &StreamError, event: &Bytes, usage: Usage) -> Self {
        match error {
            StreamError::Upstream(_) => Self::refused(event),
            error => Self::finishing(error, usage),
        }
    }

    /// A translator cannot bring the answer to a good end.
    fn finishing(error: &StreamError, usage: Usage) -> Self {
        match error {
            StreamError::Truncated => Self::truncated(),
            StreamError::Empty => Self {
                outcome: Outcome::Empty { usage },
                status: 502,
                message: "Google's answer was empty.".to_owned(),
                body: None,
            },
            other => Self::broken(Phase::Protocol, other.to_string()),
        }
    }

    /// An error object arrived as an event.
    fn refused(body: &Bytes) -> Self {
        match upstream::classify_event_error(body, crate::clock::now()) {
            None => Self::broken(Phase::Protocol, "Google's answer holds an unreadable error."),
            Some(verdict) => Self {
                outcome: verdict.outcome,
                status: verdict.status,
                message: verdict.message,
                body: Some(body.clone()),
            },
        }
    }
}

/// The body of a streamed answer.
pub(crate) struct EventStream<D, T> {
    decoder: D,
    translate: T,
    upstream: AnswerBody,
    /// Events that arrived before the answer was opened.
    first: Vec<Event>,
    out: BytesMut,
    ended: bool,
    held: Option<Held>,
    entry: Entry,
    redactor: telemetry::LiveRedactor,
    vigil: Vigil,
}

/// Opens the streamed answer of an exchange; it gives a sign of life after each such `silence`,
/// unless that is zero.
pub(crate) fn open<D, T>(
    exchange: Exchange,
    started: Started<D>,
    translate: T,
    silence: Duration,
) -> Body
where
    D: Decode + 'static,
    T: Translate + 'static,
{
    let Exchange { gateway, entry, deadline, .. } = exchange;
    Body::frames(Box::pin(EventStream {
        decoder: started.decoder,
        translate,
        upstream: started.body,
        first: started.first,
        out: BytesMut::new(),
        ended: false,
        held: Some(started.held),
        entry,
        redactor: gateway.redactor.clone(),
        vigil: Vigil::new(&gateway.stop_now, deadline, silence),
    }))
}

impl<D: Decode, T: Translate> EventStream<D, T> {
    /// Translates everything that has arrived.
    fn drain(&mut self) {
        for event in std::mem::take(&mut self.first) {
            if !self.ended {
                self.translated(&event);
            }
        }
        while !self.ended {
            match self.decoder.next_event() {
                None => return,
                Some(Ok(event)) => self.translated(&event),
                Some(Err(())) => {
                    let message = "An event of Google's answer is larger than MAX_EVENT_SIZE.";
                    self.fail(Failure::broken(Phase::Protocol, message));
                }
            }
        }
    }

    fn translated(&mut self, event: &Event) {
        if let Err(failure) = self.translate.event(event, &mut self.out) {
            return self.fail(*failure);
        }
        let usage = self.translate.usage();
        self.entry.usage(usage);
        if let Some(held) = self.held.as_mut() {
            held.usage = usage;
        }
    }

    /// The upstream ended.
    fn finish(&mut self) {
        while !self.ended
            && let Some(event) = self.decoder.finish()
        {
            self.translated(&event);
        }
        if self.ended {
            return;
        }
        if let Err(failure) = self.translate.finish(&mut self.out) {
            return self.fail(*failure);
        }
        self.ended = true;
        let usage = self.translate.usage();
        self.entry.usage(usage);
        self.entry.ends(http::StatusCode::OK, "served");
        if let Some(held) = self.held.take() {
            let served = Outcome::Served { usage };
            self.entry.attempt_ends(&held, &served, Some(200));
            held.settle(&served);
        }
    }

    fn fail(&mut self, mut failure: Failure) {
        self.ended = true;
        failure.message = self.redactor.redact(&failure.message).into_owned();
        if let Some(body) = failure.body.take() {
            failure.body = Some(self.redactor.redact_bytes(&body).into_owned().into());
        }
        let outcome = &failure.outcome;
        self.entry.fails(http::StatusCode::OK, outcome.label(), &failure.message);
        self.translate.fail(&failure, &mut self.out);
        if let Some(held) = self.held.take() {
            self.entry.attempt_failed(&held, Some(200), outcome, &failure.message, None);
            held.settle(outcome);
        }
    }

    /// Nothing arrives; something else is due.
    fn due(&mut self, due: Due) {
        match due {
            Due::Sign => self.translate.sign_of_life(&mut self.out),
            Due::Stopped => self.end_for_us(503, "The gateway is shutting down."),
            Due::Late => {
                self.end_for_us(504, "The answer took longer than TOTAL_TIMEOUT allows.");
            }
        }
    }

    /// Ends the stream for a reason of the gateway's own, which blames no key.
    fn end_for_us(&mut self, status: u16, message: &str) {
        let outcome = Outcome::Cancelled { usage: self.translate.usage() };
        self.fail(Failure { outcome, status, message: message.to_owned(), body: None });
    }
}

impl<D: Decode, T: Translate> http_body::Body for EventStream<D, T> {
    type Data = Bytes;
    type Error = EndedEarly;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, EndedEarly>>> {
        let this = self.get_mut();
        loop {
            this.drain();
            if !this.out.is_empty() {
                this.vigil.heard();
                let bytes = this.out.split().freeze();
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            }
            if this.ended {
                return Poll::Ready(None);
            }
            match Pin::new(&mut this.upstream).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(bytes) = frame.into_data() {
                        this.decoder.push(bytes);
                    }
                }
                Poll::Ready(Some(Err(broken))) => {
                    this.fail(Failure::broken(broken.phase, broken.to_string()));
                }
                Poll::Ready(None) => this.finish(),
                Poll::Pending => match this.vigil.poll_due(context) {
                    Poll::Ready(due) => this.due(due),
                    Poll::Pending => return Poll::Pending,
                },
            }
        }
    }
}

/// Usage as the pool counts it.
pub(crate) fn pool_usage(usage: dialect::Usage) -> Usage {
    let dialect::Usage { prompt, completion, thoughts, cached, tool_prompt, total } = usage;
    Usage { prompt, completion, thoughts, cached, tool_prompt, total }
}

/// What events of a native stream have said so far.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    usage: dialect::Usage,
    /// A finish reason or a blocked prompt was seen: the stream may end.
    finished: bool,
}

impl Progress {
    /// Looks at an event without changing it.
    fn observe(&mut self, data: &Bytes) -> Result<(), Box<Failure>> {
        let observed = dialect::gemini::observe(data);
        if observed.malformed {
            let message = "Google's answer broke off inside an event.";
            return Err(Box::new(Failure::broken(Phase::Cut, message)));
        }
        if observed.error.is_some() {
            return Err(Box::new(Failure::refused(data)));
        }
        if let Some(usage) = &observed.usage {
            self.usage.merge(usage);
        }
        self.finished |= observed.finish_reason.is_some() || observed.blocked;
        Ok(())
    }
}

/// Google's error object for a failure.
fn error_object(failure: &Failure) -> Bytes {
    match &failure.body {
        Some(body) => body.clone(),
        None => dialect::gemini::error::body(failure.status, &failure.message, None).into(),
    }
}
