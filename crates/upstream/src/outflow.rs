//! A body that is sent as it comes, and never as a whole in memory.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::Body;

/// The source of a body gave up before its end; it knows why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request's body broke off")]
pub struct SourceFailed;

/// Frames as they come from wherever they come.
type Frames = Pin<Box<dyn Body<Data = Bytes, Error = SourceFailed> + Send>>;

/// A body that can be sent once. No more of it is asked for than the connection takes.
pub struct Outflow {
    frames: Frames,
    /// If it is not known, the body is sent in chunks.
    length: Option<u64>,
    begun: bool,
}

impl Outflow {
    /// A body of `length` bytes, or of as many as come. It must not give more or fewer.
    pub fn new(
        frames: impl Body<Data = Bytes, Error = SourceFailed> + Send + 'static,
        length: Option<u64>,
    ) -> Self {
        Self { frames: Box::pin(frames), length, begun: false }
    }

    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }

    /// The next piece: what stands before it goes to `head`. `None` at the end.
    pub(crate) fn poll_piece(
        &mut self,
        head: &mut BytesMut,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, SourceFailed>>> {
        let data = loop {
            match ready!(self.frames.as_mut().poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => break Some(data),
                    _ => {}
                },
                Some(Err(failed)) => return Poll::Ready(Some(Err(failed))),
                None => break None,
            }
        };
        if self.length.is_none() {
            let between = if self.begun { "\r\n" } else { "" };
            let size = data.as_ref().map_or(0, Bytes::len);
            let end = if data.is_none() { "\r\n" } else { "" };
            head.extend_from_slice(format!("{between}{size:x}\r\n{end}").as_bytes());
        }
        self.begun = true;
        Poll::Ready(data.map(Ok))
    }
}

impl std::fmt::Debug for Outflow {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Outflow").field("length", &self.length).finish_non_exhaustive()
    }
}
