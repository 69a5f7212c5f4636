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
        let Self { content, busy } = &mut *self;
        let frames = match content {
            Content::Whole(bytes) if bytes.is_empty() => return Poll::Ready(None),
            Content::Whole(bytes) => {
                return Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes)))));
            }
            Content::Frames(frames) => frames,
        };
        if busy.as_ref().is_some_and(|busy| !busy.has_room()) {
            // The socket wakes the connection when it has taken what is there.
            return Poll::Pending;
        }
        let polled = frames.as_mut().poll_frame(context);
        if let (Poll::Ready(Some(Ok(frame))), Some(busy)) = (&polled, busy) {
            busy.hands_out(frame.data_ref().map_or(0, Bytes::len));
        }
        polled
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::task::Waker;

    use futures_util::stream;
    use http_body_util::StreamBody;

    use super::*;
    use crate::activity::Activity;

    fn poll(body: &mut Body) -> Poll<usize> {
        let polled =
            http_body::Body::poll_frame(Pin::new(body), &mut Context::from_waker(Waker::noop()));
        polled.map(|frame| frame.unwrap().unwrap().into_data().unwrap().len())
    }

    #[test]
    fn no_more_is_handed_out_than_the_socket_has_taken() {
        let piece = Bytes::from(vec![b'a'; 40 * 1024]);
        let pieces = stream::repeat_with(move || Ok::<_, Infallible>(Frame::data(piece.clone())));
        let frames = StreamBody::new(pieces).map_err(|never| match never {});
        let activity = Arc::new(Activity::default());
        let mut body = Body::frames(Box::pin(frames)).until_done(Busy::new(&activity));
        let one = Poll::Ready(40 * 1024);
        assert_eq!([poll(&mut body), poll(&mut body)], [one, one]);
        assert_eq!([poll(&mut body), poll(&mut body)], [Poll::Pending; 2]);
        assert!(activity.all_sent(), "the body waits to be asked again");
        assert_eq!([poll(&mut body), poll(&mut body), poll(&mut body)], [one, one, Poll::Pending]);
        assert!(activity.all_sent() && !activity.all_sent());
    }
}
