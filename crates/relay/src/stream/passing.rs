//! An answer that is handed on as it comes, whatever it is.

mod tally;

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body::{Frame, SizeHint};
use keypool::{Outcome, Usage};
use upstream::{Answer, AnswerBody, Broken};

use crate::body::{Body, EndedEarly};
use crate::exchange::Exchange;
use crate::lease::Held;

pub(crate) use tally::{Heard, Tally};

/// What happens to an answer on its way to the client.
pub(crate) trait Passage: Send + Unpin + 'static {
    /// Whether as many bytes come out as went in.
    const KEEPS_LENGTH: bool = true;

    /// What goes on of a piece of it.
    fn take(&mut self, piece: Bytes) -> Bytes {
        piece
    }

    /// What is left at its end.
    fn end(&mut self) -> Bytes {
        Bytes::new()
    }

    /// What it has cost, as far as it has said so.
    fn usage(&self) -> Usage {
        Usage::default()
    }
}

/// Nothing happens to it.
pub(crate) struct AsItIs;

impl Passage for AsItIs {}

struct Passing<P> {
    exchange: Exchange,
    status: StatusCode,
    /// What was read of it before.
    first: Option<Bytes>,
    upstream: AnswerBody,
    passage: P,
    held: Option<Held>,
}

/// The answer to hand to the client; `first` is what was read of its body.
pub(crate) fn pass<P: Passage>(
    exchange: Exchange,
    held: Held,
    answer: Answer,
    first: Bytes,
    passage: P,
) -> Response<Body> {
    let Answer { status, headers, body, .. } = answer;
    let first = Some(first).filter(|first| !first.is_empty());
    let passing = Passing { exchange, status, first, upstream: body, passage, held: Some(held) };
    let mut response = Response::new(Body::frames(Box::pin(passing)));
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    response
}

impl<P: Passage> Passing<P> {
    /// What goes on of a piece of Google's answer.
    fn piece(&mut self, piece: Bytes) -> Bytes {
        let piece = self.passage.take(piece);
        self.exchange.entry.usage(self.passage.usage());
        piece
    }

    fn finish(&mut self) {
        let Some(held) = self.held.take() else { return };
        let served = Outcome::Served { usage: self.passage.usage() };
        let entry = &mut self.exchange.entry;
        entry.attempt_ends(&held, &served, Some(self.status.as_u16()));
        entry.ends(self.status, "served");
        held.settle(&served);
    }

    fn fail(&mut self, broken: &Broken) {
        let Some(held) = self.held.take() else { return };
        let (outcome, message) = (broken.outcome(), broken.to_string());
        let entry = &mut self.exchange.entry;
        let status = Some(self.status.as_u16());
        entry.attempt_failed(&held, status, &outcome, &message, None);
        entry.fails(StatusCode::BAD_GATEWAY, outcome.label(), &message);
        held.settle(&outcome);
    }
}

impl<P: Passage> http_body::Body for Passing<P> {
    type Data = Bytes;
    type Error = EndedEarly;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, EndedEarly>>> {
        let this = self.get_mut();
        if let Some(first) = this.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(this.piece(first)))));
        }
        if this.held.is_none() {
            return Poll::Ready(None);
        }
        match std::task::ready!(Pin::new(&mut this.upstream).poll_frame(context)) {
            Some(Ok(frame)) => {
                let frame = frame.map_data(|piece| this.piece(piece));
                // Who knows the length does not ask for the end.
                if P::KEEPS_LENGTH && this.upstream.is_end_stream() {
                    this.finish();
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(broken)) => {
                this.fail(&broken);
                Poll::Ready(Some(Err(EndedEarly)))
            }
            None => {
                this.finish();
                let left = this.passage.end();
                Poll::Ready((!left.is_empty()).then(|| Ok(Frame::data(left))))
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        let read = self.first.as_ref().map_or(0, Bytes::len) as u64;
        let left = self.upstream.size_hint().exact().filter(|_| P::KEEPS_LENGTH);
        left.map_or_else(SizeHint::default, |left| SizeHint::with_exact(left + read))
    }
}
