//! A socket that can be told to speak something that is no HTTP.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

const GARBAGE: &[u8] =
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is no HTTP at all\r\n\r\n\x00\xff";

/// Turns the answer on its connection into garbage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sabotage(Arc<AtomicBool>);

impl Sabotage {
    pub(crate) fn arm(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_armed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The server's side of a connection.
pub(crate) struct Wire {
    socket: TcpStream,
    sabotage: Sabotage,
    garbage: &'static [u8],
}

impl Wire {
    pub(crate) fn new(socket: TcpStream, sabotage: Sabotage) -> Self {
        Self { socket, sabotage, garbage: GARBAGE }
    }

    /// Writes the garbage, then swallows everything.
    fn write_garbage(&mut self, context: &mut Context<'_>, len: usize) -> Poll<io::Result<usize>> {
        while !self.garbage.is_empty() {
            let wrote = Pin::new(&mut self.socket).poll_write(context, self.garbage);
            let wrote = std::task::ready!(wrote)?;
            self.garbage = self.garbage.get(wrote..).unwrap_or_default();
        }
        Poll::Ready(Ok(len))
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.sabotage.is_armed() {
            return self.write_garbage(context, buffer.len());
        }
        Pin::new(&mut self.socket).poll_write(context, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.sabotage.is_armed() {
            let len = buffers.iter().map(|buffer| buffer.len()).sum();
            return self.write_garbage(context, len);
        }
        Pin::new(&mut self.socket).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
