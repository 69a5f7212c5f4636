//! The body of an answer: steps taken one at a time, so that long streams need no memory and a
//! slow reader slows them down.

use std::future::Future;
use std::iter::Peekable;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::received::InProgress;

/// What a body does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Sends these bytes as one chunk.
    Send(Bytes),
    /// Lets what was sent go out, then waits.
    Pause(Duration),
    /// Sends nothing more, with the connection open.
    Hang,
    /// Closes the connection without ending the body.
    Cut,
}

pub(crate) type Steps = Box<dyn Iterator<Item = Step> + Send>;

/// Why a connection is closed in the middle of an answer: it was scripted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScriptedCut;

impl std::fmt::Display for ScriptedCut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the script cuts the connection here")
    }
}

impl std::error::Error for ScriptedCut {}

/// The steps as a body, with the journal's guard.
pub(crate) struct Feed {
    steps: Peekable<Steps>,
    /// Set for whole answers, which carry a `content-length`.
    length: Option<u64>,
    sleep: Option<Pin<Box<Sleep>>>,
    /// How it ends before its time, once that is so.
    ending: Option<Ending>,
    guard: InProgress,
}

#[derive(Clone, Copy)]
enum Ending {
    Silence,
    Cut,
}

impl Feed {
    pub(crate) fn new(steps: Steps, length: Option<u64>, guard: InProgress) -> Self {
        let mut steps = steps.peekable();
        if steps.peek().is_none() {
            guard.finish();
        }
        Self { steps, length, sleep: None, ending: None, guard }
    }

    fn pause(&mut self, pause: Duration) {
        self.sleep = Some(Box::pin(sleep(pause)));
    }
}

impl Body for Feed {
    type Data = Bytes;
    type Error = ScriptedCut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ScriptedCut>>> {
        loop {
            if let Some(sleep) = &mut self.sleep {
                std::task::ready!(sleep.as_mut().poll(context));
                self.sleep = None;
            }
            match self.ending {
                None => {}
                Some(Ending::Silence) => return Poll::Pending,
                Some(Ending::Cut) => {
                    self.guard.finish();
                    return Poll::Ready(Some(Err(ScriptedCut)));
                }
            }
            match self.steps.next() {
                None => return Poll::Ready(None),
                Some(Step::Send(bytes)) => {
                    if self.steps.peek().is_none() {
                        self.guard.finish();
                    }
                    if let Some(left) = &mut self.length {
                        *left = left.saturating_sub(bytes.len() as u64);
                    }
                    self.guard.sends(&bytes);
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Some(Step::Pause(Duration::ZERO)) => {
                    // Pending once makes hyper flush, so that each event is a packet of its own.
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Some(Step::Pause(pause)) => self.pause(pause),
                Some(Step::Hang) => self.ending = Some(Ending::Silence),
                Some(Step::Cut) => {
                    self.ending = Some(Ending::Cut);
                    // Meanwhile what was sent before reaches the wire.
                    self.pause(Duration::from_millis(10));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        false
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
