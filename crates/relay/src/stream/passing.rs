//! An answer that is handed on as it comes, whatever it is.

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

struct Passing {
    exchange: Exchange,
    status: StatusCode,
    /// What was read of it before.
    first: Option<Bytes>,
    upstream: AnswerBody,
    held: Option<Held>,
}

/// The answer to hand to the client; `first` is what was read of its body.
pub(crate) fn pass(exchange: Exchange, held: Held, answer: Answer, first: Bytes) -> Response<Body> {
    let Answer { status, headers, body, .. } = answer;
    let first = Some(first).filter(|first| !first.is_empty());
    let passing = Passing { exchange, status, first, upstream: body, held: Some(held) };
    let mut response = Response::new(Body::frames(Box::pin(passing)));
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    response
}

impl Passing {
    fn finish(&mut self) {
        let Some(held) = self.held.take() else { return };
        let served = Outcome::Served { usage: Usage::default() };
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

impl http_body::Body for Passing {
    type Data = Bytes;
    type Error = EndedEarly;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, EndedEarly>>> {
        let this = self.get_mut();
        if let Some(first) = this.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        match std::task::ready!(Pin::new(&mut this.upstream).poll_frame(context)) {
            Some(Ok(frame)) => {
                if this.upstream.is_end_stream() {
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
                Poll::Ready(None)
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        let read = self.first.as_ref().map_or(0, Bytes::len) as u64;
        let left = self.upstream.size_hint().exact();
        left.map_or_else(SizeHint::default, |left| SizeHint::with_exact(left + read))
    }
}
