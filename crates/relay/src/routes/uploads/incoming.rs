//! A client's body as it comes, as long as it moves.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as _, Frame};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep};
use upstream::SourceFailed;

use crate::answer::Fault;
use crate::exchange::Exchange;
use crate::request_body::{broken_off, too_slow};

/// Gives up when the client pauses for longer than `BODY_IDLE_TIMEOUT`.
pub(crate) struct Guarded {
    body: Incoming,
    idle: Duration,
    timer: Pin<Box<Sleep>>,
    failed: Failed,
}

/// Why a body gave up, if it did.
#[derive(Clone, Default)]
pub(super) struct Failed(Arc<Mutex<Option<Fault>>>);

impl Failed {
    pub(super) fn take(&self) -> Option<Fault> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn set(&self, fault: Fault) -> SourceFailed {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
        SourceFailed
    }
}

/// The body, and how long it is if that was announced.
pub(super) fn guarded(exchange: &Exchange, body: Incoming) -> (Guarded, Option<u64>) {
    let idle = exchange.configuration.settings.server.body_idle_timeout;
    let length = body.size_hint().exact();
    let timer = Box::pin(sleep(idle));
    (Guarded { body, idle, timer, failed: Failed::default() }, length)
}

impl Guarded {
    pub(super) fn failed(&self) -> Failed {
        self.failed.clone()
    }
}

impl http_body::Body for Guarded {
    type Data = Bytes;
    type Error = SourceFailed;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, SourceFailed>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            let moved = Instant::now() + this.idle;
            this.timer.as_mut().reset(moved);
            return Poll::Ready(
                frame.map(|frame| frame.map_err(|_| this.failed.set(broken_off()))),
            );
        }
        ready!(this.timer.as_mut().poll(context));
        Poll::Ready(Some(Err(this.failed.set(too_slow(this.idle)))))
    }
}
