//! The body of an answer, read from the connection as it is polled.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use keypool::Phase;
use tokio::time::Instant;

use crate::Broken;
use crate::connection::{Connection, cut};
use crate::framing::{Framing, Malformed, Step};
use crate::pool::Pool;

/// The body of an answer. Polling it reads from the connection, so what is not polled is not read;
/// dropping it before its end closes the connection, which cancels the request.
#[derive(Debug)]
pub struct AnswerBody {
    /// `None` once the body was read to its end or broke.
    connection: Option<Box<Connection>>,
    framing: Framing,
    /// Where the connection goes at the end, if it can be used again.
    pool: Option<Arc<Pool>>,
    idle_timeout: Duration,
    deadline: Option<Instant>,
    /// Whether something arrived since the watchdog was set.
    moved: bool,
}

impl AnswerBody {
    pub(crate) fn new(
        connection: Box<Connection>,
        framing: Framing,
        pool: Option<Arc<Pool>>,
        idle_timeout: Duration,
        deadline: Option<Instant>,
    ) -> Self {
        let mut body = Self {
            connection: Some(connection),
            framing,
            pool,
            idle_timeout,
            deadline,
            moved: true,
        };
        if matches!(body.framing, Framing::Done | Framing::Length(0)) {
            body.finish();
        }
        body
    }

    /// The whole body, if it is no longer than `limit` bytes.
    pub async fn collect(mut self, limit: usize) -> Result<Bytes, Broken> {
        let mut first = Bytes::new();
        let mut all = BytesMut::new();
        while let Some(data) = poll_fn(|context| self.poll_data(context)).await {
            let data = data?;
            if first.len() + all.len() + data.len() > limit {
                return Err(Broken::new(Phase::Protocol, "the answer is too large"));
            }
            if first.is_empty() && all.is_empty() {
                first = data;
                continue;
            }
            if all.is_empty() {
                let expected = self.framing.left().unwrap_or_default().min(limit as u64);
                all.reserve(first.len() + data.len() + expected as usize);
                all.extend_from_slice(&std::mem::take(&mut first));
            }
            all.extend_from_slice(&data);
        }
        Ok(if all.is_empty() { first } else { all.freeze() })
    }

    fn poll_data(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
        loop {
            let Some(connection) = &mut self.connection else { return Poll::Ready(None) };
            match self.framing.next(&mut connection.received) {
                Ok(Step::Data(data)) => {
                    if self.framing == Framing::Done {
                        self.finish();
                    }
                    return Poll::Ready(Some(Ok(data)));
                }
                Ok(Step::Done) => self.finish(),
                Ok(Step::NeedMore) => match connection.poll_receive(context) {
                    Poll::Ready(Ok(0)) if self.framing == Framing::UntilClose => {
                        self.connection = None;
                    }
                    Poll::Ready(Ok(0)) => {
                        let text = "the other side closed the connection within its answer";
                        return self.fail(Broken::new(Phase::Cut, text));
                    }
                    Poll::Ready(Ok(_)) => self.moved = true,
                    Poll::Ready(Err(error)) => return self.fail(cut(&error)),
                    Poll::Pending => return self.poll_time(context),
                },
                Err(Malformed) => {
                    let text = "the answer's chunks are malformed";
                    return self.fail(Broken::new(Phase::Protocol, text));
                }
            }
        }
    }

    /// Pending, unless the pause was too long.
    fn poll_time(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
        let Some(connection) = &mut self.connection else { return Poll::Ready(None) };
        if std::mem::take(&mut self.moved) {
            let limit = Instant::now() + self.idle_timeout;
            connection.watchdog.set(self.deadline.map_or(limit, |deadline| deadline.min(limit)));
        }
        match connection.watchdog.poll_passed(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => {
                let text = if self.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                    "the answer was not complete in time"
                } else {
                    "the answer stopped coming"
                };
                self.fail(Broken::new(Phase::Idle, text).timed_out())
            }
        }
    }

    fn fail(&mut self, broken: Broken) -> Poll<Option<Result<Bytes, Broken>>> {
        self.connection = None;
        Poll::Ready(Some(Err(broken)))
    }

    /// The body is complete: the connection is free for another request, unless more came than was
    /// announced.
    fn finish(&mut self) {
        self.framing = Framing::Done;
        if let (Some(connection), Some(pool)) = (self.connection.take(), self.pool.take())
            && connection.received.is_empty()
        {
            pool.keep(connection);
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        self.get_mut().poll_data(context).map_ok(Frame::data)
    }

    fn is_end_stream(&self) -> bool {
        self.connection.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.framing.left().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
