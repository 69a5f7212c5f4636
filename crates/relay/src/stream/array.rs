//! The array form of a stream (no `alt=sse`): `[{…},{…}]`, element by element.

use bytes::BytesMut;
use keypool::Usage;
use sse::Event;

use super::{Failure, Progress, Translate, error_object, pool_usage};

/// Hands elements through, so that the array is well-formed however the stream ends.
#[derive(Debug, Default)]
pub(crate) struct ArrayEvents {
    progress: Progress,
    begun: bool,
}

impl ArrayEvents {
    fn element(&mut self, element: &[u8], out: &mut BytesMut) {
        out.extend_from_slice(if self.begun { b",\r\n" } else { b"[" });
        out.extend_from_slice(element);
        self.begun = true;
    }
}

impl Translate for ArrayEvents {
    fn event(&mut self, event: &Event, out: &mut BytesMut) -> Result<(), Box<Failure>> {
        self.progress.observe(&event.data)?;
        self.element(&event.data, out);
        Ok(())
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Box<Failure>> {
        if !self.progress.finished {
            return Err(Box::new(Failure::truncated()));
        }
        out.extend_from_slice(b"]");
        Ok(())
    }

    fn fail(&mut self, failure: &Failure, out: &mut BytesMut) {
        self.element(&error_object(failure), out);
        out.extend_from_slice(b"]");
    }

    fn usage(&self) -> Usage {
        pool_usage(self.progress.usage)
    }

    /// Blanks may stand wherever an element ends.
    fn sign_of_life(&mut self, out: &mut BytesMut) {
        out.extend_from_slice(b"\n");
    }
}
