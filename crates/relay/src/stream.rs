//! Streamed answers: upstream events in, the client's events out, pulled by whoever reads.
//!
//! No task and no channel: the client's connection polls the body, the body polls Google's. A slow
//! reader slows Google down, and a reader who leaves drops the upstream call with the body.

mod array;
mod chat;
mod failure;
mod messages;
mod narrator;
mod native;
mod passing;
mod responses;
mod speech;
mod teller;
mod transcript;
mod vigil;

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Frame;
use keypool::{Outcome, Phase, Usage};
use sse::Event;
use upstream::AnswerBody;

pub(crate) use array::ArrayEvents;
pub(crate) use chat::ChatEvents;
pub(crate) use failure::Failure;
pub(crate) use messages::MessageEvents;
pub(crate) use narrator::{Source, narrated};
pub(crate) use native::NativeEvents;
pub(crate) use passing::{AsItIs, Heard, Passage, Tally, pass};
pub(crate) use responses::ResponseEvents;
pub(crate) use speech::{Encoded, Ending, SpeechEvents, encoded};
pub(crate) use teller::Teller;
pub(crate) use transcript::TranscriptEvents;
pub(crate) use vigil::{Due, Vigil};

use crate::attempts::Started;
use crate::body::{Body, EndedEarly};
use crate::decode::Decode;
use crate::exchange::Exchange;
use crate::lease::Held;

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

/// The body of a streamed answer of one call.
pub(crate) struct EventStream<D, T> {
    decoder: D,
    upstream: AnswerBody,
    /// Events that arrived before the answer was opened.
    first: Vec<Event>,
    held: Option<Held>,
    teller: Teller<T>,
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
    Body::frames(Box::pin(EventStream {
        decoder: started.decoder,
        upstream: started.body,
        first: started.first,
        held: Some(started.held),
        teller: Teller::new(exchange, translate, silence),
    }))
}

impl<D: Decode, T: Translate> EventStream<D, T> {
    /// Translates everything that has arrived.
    fn drain(&mut self) {
        for event in std::mem::take(&mut self.first) {
            if !self.teller.ended {
                self.translated(&event);
            }
        }
        while !self.teller.ended {
            match self.decoder.next_event() {
                None => return,
                Some(Ok(event)) => self.translated(&event),
                Some(Err(())) => self.fail(Failure::too_large()),
            }
        }
    }

    fn translated(&mut self, event: &Event) {
        if let Err(failure) = self.teller.event(event) {
            return self.fail(*failure);
        }
        let usage = self.teller.usage();
        self.teller.entry.usage(usage);
        if let Some(held) = self.held.as_mut() {
            held.usage = usage;
        }
    }

    /// The upstream ended.
    fn finish(&mut self) {
        while !self.teller.ended
            && let Some(event) = self.decoder.finish()
        {
            self.translated(&event);
        }
        if self.teller.ended {
            return;
        }
        if let Err(failure) = self.teller.finish() {
            return self.fail(*failure);
        }
        let usage = self.teller.usage();
        self.teller.entry.usage(usage);
        if let Some(held) = self.held.take() {
            let served = Outcome::Served { usage };
            self.teller.entry.attempt_ends(&held, &served, Some(200));
            held.settle(&served);
        }
    }

    fn fail(&mut self, failure: Failure) {
        let failure = self.teller.fail(failure);
        if let (Some(held), Some(outcome)) = (self.held.take(), &failure.outcome) {
            self.teller.entry.attempt_failed(&held, Some(200), outcome, &failure.message, None);
            held.settle(outcome);
        }
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
            if let Some(bytes) = this.teller.told() {
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            }
            if this.teller.ended {
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
                Poll::Pending => match this.teller.vigil.poll_due(context) {
                    Poll::Ready(due) => {
                        if let Err(failure) = this.teller.due(due) {
                            this.fail(*failure);
                        }
                    }
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
    pub(crate) usage: dialect::Usage,
    /// A finish reason or a blocked prompt was seen: the stream may end.
    pub(crate) finished: bool,
}

impl Progress {
    /// Looks at an event without changing it.
    pub(crate) fn observe(&mut self, data: &Bytes) -> Result<(), Box<Failure>> {
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
