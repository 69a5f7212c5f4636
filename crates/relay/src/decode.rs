//! The two forms in which Google streams, cut into events by one interface.

use bytes::Bytes;
use sse::{Event, EventKind};

/// Cuts a byte stream into events.
pub(crate) trait Decode: Send + Unpin {
    fn push(&mut self, bytes: Bytes);
    /// The next whole event; `Err` when one is larger than allowed.
    fn next_event(&mut self) -> Option<Result<Event, ()>>;
    /// What is left at the end of the stream; to be called until there is nothing.
    fn finish(&mut self) -> Option<Event>;
}

impl Decode for sse::Decoder {
    fn push(&mut self, bytes: Bytes) {
        self.push(bytes);
    }

    fn next_event(&mut self) -> Option<Result<Event, ()>> {
        Some(self.next_event()?.map_err(drop))
    }

    fn finish(&mut self) -> Option<Event> {
        self.finish()
    }
}

/// Cuts the array into its elements.
pub(crate) struct Elements(pub(crate) sse::ArrayDecoder);

impl Decode for Elements {
    fn push(&mut self, bytes: Bytes) {
        self.0.push(bytes);
    }

    fn next_event(&mut self) -> Option<Result<Event, ()>> {
        Some(self.0.next_element()?.map(event).map_err(drop))
    }

    fn finish(&mut self) -> Option<Event> {
        self.0.finish().map(event)
    }
}

fn event(element: Bytes) -> Event {
    Event { raw: element.clone(), data: element, kind: EventKind::Data }
}
