//! The bodies that the gateway answers with.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;

use crate::activity::Busy;
use crate::mount::BodyError;

/// A stream of an answer was ended on purpose; the connection closes without a proper end, so that
/// no client takes the answer for a whole one.
#[derive(Debug, thiserror::Error)]
#[error("the answer ended early")]
pub(crate) struct EndedEarly;

/// Frames that are made while they are pulled.
pub(crate) type Frames = Pin<Box<dyn http_body::Body<Data = Bytes, Error = EndedEarly> + Send>>;

/// The body of a response.
pub(crate) struct Body {
    content: Content,
    busy: Option<Busy>,
}

enum Content {
    Whole(Bytes),
    Frames(Frames),
}

impl Body {
    /// A body that is there already.
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self { content: Content::Whole(bytes.into()), busy: None }
    }

    /// A body that is pulled frame by frame.
    pub(crate) fn frames(frames: Frames) -> Self {
        Self { content: Content::Frames(frames), busy: None }
    }

    /// A body that somebody else makes.
    pub(crate) fn foreign(body: UnsyncBoxBody<Bytes, BodyError>) -> Self {
        let told = |error: BodyError| {
            tracing::warn!(%error, "an answer broke off");
            EndedEarly
        };
        Self::frames(Box::pin(body.map_err(told)))
    }

    /// Keeps the connection marked as busy until this body is done.
    pub(crate) fn until_done(mut self, busy: Busy) -> Self {
        self.busy = Some(busy);
        self
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = EndedEarly;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, EndedEarly>>> {
        match &mut self.content {
            Content::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Content::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Content::Frames(frames) => frames.as_mut().poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Whole(bytes) => bytes.is_empty(),
            Content::Frames(frames) => frames.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Frames(frames) => frames.size_hint(),
        }
    }
}
