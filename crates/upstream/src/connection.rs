//! One connection: a request out, the head of the answer in.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http::Method;
use keypool::Phase;
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::time::Instant;

use crate::answer_head::{AnswerHead, HeadReader};
use crate::watchdog::Watchdog;
use crate::wire::Wire;
use crate::{Broken, Outflow, Payload};

/// A body up to this size is copied behind its head, so that both leave in one packet; a larger
/// one is written from where it lies.
pub(crate) const COPIED_BODY: usize = 16 * 1024;
/// What one read asks for at first, and at most when the answer keeps filling it.
const SMALLEST_READ: usize = 8 * 1024;
const LARGEST_READ: usize = 128 * 1024;
/// So many pieces are handed to the system at once.
const MOST_SLICES: usize = 8;

/// A connection to Google that carries one request at a time.
#[derive(Debug)]
pub(crate) struct Connection {
    wire: Wire,
    /// What arrived and was not taken yet.
    pub(crate) received: BytesMut,
    /// The head of the request, and its body if that is small.
    pub(crate) outgoing: BytesMut,
    pub(crate) watchdog: Watchdog,
    /// Whether the request asks to speak another protocol from here on.
    pub(crate) may_switch: bool,
    next_read: usize,
}

/// A request that got no head in answer.
#[derive(Debug)]
pub(crate) struct NoAnswer {
    pub(crate) broken: Broken,
    /// Whether any byte of an answer had come.
    pub(crate) heard: bool,
}

impl Connection {
    pub(crate) fn new(wire: Wire) -> Self {
        Self {
            wire,
            received: BytesMut::new(),
            outgoing: BytesMut::new(),
            watchdog: Watchdog::new(Instant::now()),
            may_switch: false,
            next_read: SMALLEST_READ,
        }
    }

    /// What it consists of: the wire, and what arrived on it.
    pub(crate) fn into_parts(self) -> (Wire, BytesMut) {
        (self.wire, self.received)
    }

    /// Reads whatever is there into `received`; 0 at the end of the stream.
    pub(crate) fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Self { wire, received, next_read, .. } = self;
        if received.capacity() - received.len() < *next_read / 4 {
            received.reserve(*next_read);
        }
        let room = received.capacity() - received.len();
        let read = pin!(wire.read_buf(received)).poll(context);
        if read.is_pending() && received.is_empty() {
            // Thousands of streams wait most of the time, and need no buffer for that.
            *received = BytesMut::new();
        }
        let count = ready!(read)?;
        if count == room {
            *next_read = (*next_read * 2).min(LARGEST_READ);
        }
        Poll::Ready(Ok(count))
    }

    /// Whether nothing has come in since the last answer, not even the end of the stream: only such
    /// a connection can be used again. Asks no more than what the runtime knows already.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.received.is_empty()
            && self.poll_receive(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    /// Forgets how large the last answer was.
    pub(crate) fn rest(&mut self) {
        self.next_read = SMALLEST_READ;
    }

    /// Sends the head that lies in `outgoing` and the body, and waits for the head of the answer
    /// until `deadline`. An answer that comes before the body is out ends the sending.
    pub(crate) async fn exchange(
        &mut self,
        method: &Method,
        body: &Payload,
        max_head_bytes: usize,
        deadline: Instant,
    ) -> Result<AnswerHead, NoAnswer> {
        let mut left = VecDeque::new();
        if body.len() <= COPIED_BODY {
            body.pieces().for_each(|piece| self.outgoing.extend_from_slice(&piece));
        } else {
            left.extend(body.pieces());
        }
        let sending = Sending::new(left, None);
        self.watchdog.set(deadline);
        self.run(method, sending, max_head_bytes).await
    }

    /// The same with a body that comes bit by bit. Each of its pieces may take as long as `patience`.
    pub(crate) async fn exchange_streamed(
        &mut self,
        method: &Method,
        outflow: Outflow,
        max_head_bytes: usize,
        patience: Duration,
    ) -> Result<AnswerHead, NoAnswer> {
        let sending = Sending::new(VecDeque::new(), Some((outflow, patience)));
        self.watchdog.set(Instant::now() + patience);
        self.run(method, sending, max_head_bytes).await
    }

    async fn run(
        &mut self,
        method: &Method,
        mut sending: Sending,
        max_head_bytes: usize,
    ) -> Result<AnswerHead, NoAnswer> {
        let mut reader = HeadReader::new(method, max_head_bytes).switching(self.may_switch);
        let answer =
            poll_fn(|context| self.poll_exchange(&mut sending, &mut reader, context)).await;
        match answer {
            Ok(mut head) => {
                head.keep_alive &= sending.state == SendState::Done;
                Ok(head)
            }
            Err(broken) => {
                let heard = reader.heard() || !self.received.is_empty();
                Err(NoAnswer { broken: Broken { sent: sending.begun, ..broken }, heard })
            }
        }
    }

    fn poll_exchange(
        &mut self,
        sending: &mut Sending,
        reader: &mut HeadReader<'_>,
        context: &mut Context<'_>,
    ) -> Poll<Result<AnswerHead, Broken>> {
        sending.poll(&mut self.wire, &mut self.outgoing, context);
        if let Some(patience) = sending.moved() {
            self.watchdog.set(Instant::now() + patience);
        }
        if sending.state == SendState::Abandoned {
            let text = "the request's body broke off";
            return Poll::Ready(Err(Broken::new(Phase::Cut, text)));
        }
        loop {
            match self.poll_receive(context) {
                Poll::Ready(Ok(0)) => {
                    let text = "the other side closed the connection before answering";
                    return Poll::Ready(Err(Broken::new(Phase::Cut, text)));
                }
                Poll::Ready(Ok(_)) => match reader.next(&mut self.received) {
                    Ok(None) => {}
                    Ok(Some(head)) => return Poll::Ready(Ok(head)),
                    Err(text) => return Poll::Ready(Err(Broken::new(Phase::Protocol, text))),
                },
                Poll::Ready(Err(error)) => return Poll::Ready(Err(cut(&error))),
                Poll::Pending => break,
            }
        }
        ready!(self.watchdog.poll_passed(context));
        let broken = Broken::new(Phase::FirstByte, "no answer came in time");
        Poll::Ready(Err(broken.timed_out()))
    }
}

/// The connection broke while in use.
pub(crate) fn cut(error: &io::Error) -> Broken {
    Broken::new(Phase::Cut, format!("the connection broke: {}", error.kind()))
}

/// How far a request is written.
struct Sending {
    /// The pieces of the body behind what lies in the connection's buffer; none is empty.
    left: VecDeque<Bytes>,
    /// Where more of it comes from.
    source: Option<Outflow>,
    /// How long a piece of that may take.
    patience: Option<Duration>,
    /// Whether anything went out since that was looked at last.
    moved: bool,
    /// Whether a byte was handed to the system.
    begun: bool,
    state: SendState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SendState {
    Writing,
    Flushing,
    Done,
    /// The other side takes no more; it may have answered before.
    Failed,
    /// There is no rest of the body to send.
    Abandoned,
}

impl Sending {
    fn new(left: VecDeque<Bytes>, streamed: Option<(Outflow, Duration)>) -> Self {
        let (source, patience) = streamed.unzip();
        let (moved, begun, state) = (false, false, SendState::Writing);
        Self { left, source, patience, moved, begun, state }
    }

    /// How much longer to be patient, if something went out that came bit by bit.
    fn moved(&mut self) -> Option<Duration> {
        self.patience.filter(|_| std::mem::take(&mut self.moved))
    }

    /// Writes as much as can be written now.
    fn poll(&mut self, wire: &mut Wire, outgoing: &mut BytesMut, context: &mut Context<'_>) {
        while self.state == SendState::Writing {
            if outgoing.is_empty()
                && self.left.is_empty()
                && self.refill(wire, outgoing, context).is_pending()
            {
                return;
            }
            if self.state != SendState::Writing {
                break;
            }
            let mut slices = [IoSlice::new(&[]); MOST_SLICES];
            let pieces = std::iter::once(&**outgoing).chain(self.left.iter().map(|left| &**left));
            let pieces = pieces.filter(|piece| !piece.is_empty());
            let used = slices.iter_mut().zip(pieces).map(|(slice, piece)| {
                *slice = IoSlice::new(piece);
            });
            let used = used.count();
            let slices = slices.get(..used).unwrap_or_default();
            match Pin::new(&mut *wire).poll_write_vectored(context, slices) {
                Poll::Pending => return,
                Poll::Ready(Ok(count)) if count > 0 => {
                    (self.begun, self.moved) = (true, true);
                    let of_head = count.min(outgoing.len());
                    outgoing.advance(of_head);
                    self.advance(count - of_head);
                    if outgoing.is_empty() && self.left.is_empty() && self.source.is_none() {
                        *outgoing = BytesMut::new();
                        self.state = SendState::Flushing;
                    }
                }
                Poll::Ready(_) => self.state = SendState::Failed,
            }
        }
        if self.state == SendState::Flushing {
            match Pin::new(wire).poll_flush(context) {
                Poll::Pending => {}
                Poll::Ready(Ok(())) => self.state = SendState::Done,
                Poll::Ready(Err(_)) => self.state = SendState::Failed,
            }
        }
    }

    /// So many bytes of the body are out.
    fn advance(&mut self, mut count: usize) {
        while let Some(piece) = self.left.front_mut() {
            let of_piece = count.min(piece.len());
            piece.advance(of_piece);
            count -= of_piece;
            if !piece.is_empty() {
                return;
            }
            self.left.pop_front();
        }
    }

    /// The next piece of a body that comes bit by bit, once all before it is out.
    fn refill(
        &mut self,
        wire: &mut Wire,
        outgoing: &mut BytesMut,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        let Some(source) = &mut self.source else {
            self.state = SendState::Flushing;
            return Poll::Ready(());
        };
        match source.poll_piece(outgoing, context) {
            Poll::Ready(Some(Ok(piece))) => self.left.push_back(piece),
            Poll::Ready(Some(Err(_))) => self.state = SendState::Abandoned,
            Poll::Ready(None) => {
                self.source = None;
                if outgoing.is_empty() {
                    self.state = SendState::Flushing;
                }
            }
            Poll::Pending => {
                // What was written before must not wait for what comes; failures show when writing.
                let _ = Pin::new(wire).poll_flush(context);
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    }
}
