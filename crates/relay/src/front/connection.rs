//! One client connection: HTTP/1.1 by hyper, with the timers that hyper lacks.
//!
//! hyper's `header_read_timeout` also ends idle keep-alive connections, so it is set to the idle
//! limit here; the deadline of a head that has begun is kept by [`HeadTimer`] around the socket.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::{Parts, Upgraded};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use crate::activity::{Activity, Busy};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::service::Service;
use crate::takeover::Takeover;

/// The most that is read at once, and of a head. A picture comes in one piece then, and need not be
/// put together. Answers are held up sooner, by [`Activity`].
const MAX_READ: usize = 256 * 1024;
const MAX_HEADERS: usize = 100;
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Serves one connection to its end.
pub(super) async fn serve(stream: TcpStream, service: Service) {
    let peer = stream.peer_addr().ok();
    let configuration = service.gateway().configuration();
    let server = &configuration.settings.server;
    let activity = Arc::new(Activity::default());
    let io = HeadTimer {
        socket: TokioIo::new(stream),
        activity: Arc::clone(&activity),
        limit: server.header_timeout,
        heads_seen: 0,
        head_since: None,
        timer: None,
    };
    let gateway = Arc::clone(service.gateway());
    let service = service.of(peer);
    let after = Arc::clone(&activity);
    let handler = service_fn(move |request: http::Request<Incoming>| {
        let busy = Busy::new(&activity);
        let service = service.clone();
        let activity = Arc::clone(&activity);
        async move {
            let mut response: http::Response<Body> = service.call(request).await;
            if let Some(takeover) = response.extensions_mut().remove::<Takeover>() {
                activity.ends_with(takeover);
            }
            Ok::<_, Infallible>(response.map(|body| body.until_done(busy)))
        }
    });
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(server.keep_alive_timeout)
            .max_buf_size(MAX_READ)
            .max_headers(MAX_HEADERS)
            .half_close(false)
            .serve_connection(io, handler)
            .with_upgrades()
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = gateway.stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = connection.as_mut() => ended,
                () = out_of_patience(&gateway) => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a client connection ended early");
    }
    if let Some(work) = after.takeover().and_then(Takeover::take) {
        work.await;
    }
}

/// The socket of a connection that speaks HTTP no more, without the timers for heads, and what has
/// arrived behind the last one.
pub(crate) fn socket(upgraded: Upgraded) -> Option<(TcpStream, Bytes)> {
    let Parts { io, read_buf, .. } = upgraded.downcast::<HeadTimer>().ok()?;
    Some((io.socket.into_inner(), read_buf))
}

/// Streams say that they end as soon as `stop_now` is cancelled; this leaves them the time to.
async fn out_of_patience(gateway: &Gateway) {
    gateway.stop_now.cancelled().await;
    tokio::time::sleep(LAST_WORDS).await;
}

/// Ends the connection when a head that has begun is not complete in time.
struct HeadTimer {
    socket: TokioIo<TcpStream>,
    activity: Arc<Activity>,
    limit: Duration,
    heads_seen: usize,
    /// Set by the first bytes that arrive while no request is being served.
    head_since: Option<Instant>,
    /// Armed only when such bytes were not a whole head, which is rare.
    timer: Option<Pin<Box<Sleep>>>,
}

impl HeadTimer {
    /// Forgets a head that has been completed since the last look.
    fn catch_up(&mut self) {
        let heads = self.activity.heads();
        if heads != self.heads_seen {
            self.heads_seen = heads;
            self.head_since = None;
            self.timer = None;
        }
    }

    fn check(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        self.catch_up();
        let Some(since) = self.head_since else { return Poll::Pending };
        let limit = self.limit;
        let timer =
            self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(since + limit)));
        ready!(timer.as_mut().poll(context));
        Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, "the request's head took too long"))
    }
}

impl Read for HeadTimer {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.socket).poll_read(context, buffer) {
            Poll::Ready(result) => {
                self.catch_up();
                if self.head_since.is_none() && !self.activity.is_busy() {
                    self.head_since = Some(Instant::now());
                }
                Poll::Ready(result)
            }
            Poll::Pending => self.check(context).map(Err),
        }
    }
}

impl Write for HeadTimer {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.socket).poll_flush(context));
        // hyper flushes when it has nothing more to write.
        if self.activity.all_sent() {
            context.waker().wake_by_ref();
        }
        Poll::Ready(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(context, slices)
    }
}
