//! The body of an answer, read from the connection as it is polled.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::Broken;

/// The body of an answer. Polling it reads from the connection; dropping it before its end closes
/// the connection.
#[derive(Debug)]
pub struct AnswerBody {}

impl AnswerBody {
    /// The whole body, if it is no longer than `limit` bytes.
    pub async fn collect(self, limit: usize) -> Result<Bytes, Broken> {
        let _ = limit;
        Ok(Bytes::new())
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        true
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
