//! An answer's bytes, cut where people would cut them: an event a frame, or all in one.

use bytes::{Bytes, BytesMut};
use sse::{Decoder, Event, EventKind};

/// Longer frames are shown as a beginning.
const SHOWN: usize = 16 * 1024;

/// No more is collected of what does not end.
const LARGEST: usize = 64 * 1024 * 1024;

/// Collects bytes until they are a frame.
pub(super) enum Wire {
    Events(Decoder),
    Whole(BytesMut),
}

/// A piece of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// As it came.
    pub(super) raw: Bytes,
    /// What it carries; nothing where it carries nothing.
    pub(super) data: Bytes,
}

/// An answer, or an event of one, is too large to be shown.
#[derive(Debug, thiserror::Error)]
#[error("The answer is larger than what is shown here.")]
pub(super) struct TooLarge;

impl Wire {
    /// For an answer that is a stream of events, or for another one.
    pub(super) fn new(is_events: bool) -> Self {
        if is_events { Self::Events(Decoder::new(LARGEST)) } else { Self::Whole(BytesMut::new()) }
    }

    pub(super) fn push(&mut self, bytes: Bytes) -> Result<(), TooLarge> {
        match self {
            Self::Events(decoder) => decoder.push(bytes),
            Self::Whole(buffer) if buffer.len() + bytes.len() > LARGEST => return Err(TooLarge),
            Self::Whole(buffer) => buffer.extend_from_slice(&bytes),
        }
        Ok(())
    }

    /// The next event that is complete.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame>, TooLarge> {
        let Self::Events(decoder) = self else { return Ok(None) };
        let event = decoder.next_event().transpose().map_err(|_| TooLarge)?;
        Ok(event.map(Frame::from))
    }

    /// What is left when the answer has ended.
    pub(super) fn finish(self) -> Option<Frame> {
        match self {
            Self::Events(mut decoder) => decoder.finish().map(Frame::from),
            Self::Whole(buffer) if buffer.is_empty() => None,
            Self::Whole(buffer) => {
                let raw = buffer.freeze();
                Some(Frame { data: raw.clone(), raw })
            }
        }
    }
}

impl From<Event> for Frame {
    fn from(event: Event) -> Self {
        let Event { raw, data, kind } = event;
        let data = if kind == EventKind::Comment { Bytes::new() } else { data };
        Self { raw, data }
    }
}

impl Frame {
    /// The frame as it is shown.
    pub(super) fn shown(&self) -> String {
        let beginning = self.raw.get(..SHOWN).unwrap_or(&self.raw);
        let text = String::from_utf8_lossy(beginning);
        match self.raw.len() - beginning.len() {
            0 => text.into_owned(),
            more => format!("{text}… (+{more} bytes)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(wire: &mut Wire, text: &'static str) {
        wire.push(Bytes::from_static(text.as_bytes())).unwrap();
    }

    #[test]
    fn a_stream_is_cut_into_its_events_however_it_comes() {
        let mut wire = Wire::new(true);
        push(&mut wire, "event: a\ndata: 1\n");
        assert_eq!(wire.next_frame().unwrap(), None);
        push(&mut wire, "\ndata: 2\r\n\r\ndata: 3");
        let frame = wire.next_frame().unwrap().unwrap();
        assert_eq!((&frame.raw[..], &frame.data[..]), (&b"event: a\ndata: 1\n\n"[..], &b"1"[..]));
        assert_eq!(wire.next_frame().unwrap().unwrap().raw, "data: 2\r\n\r\n");
        assert_eq!(wire.next_frame().unwrap(), None);
        assert_eq!(wire.finish().unwrap().data, "3");
    }

    #[test]
    fn what_is_no_stream_is_one_frame_and_long_ones_are_shown_as_a_beginning() {
        let mut wire = Wire::new(false);
        push(&mut wire, "{\n\n}");
        assert_eq!(wire.next_frame().unwrap(), None);
        assert_eq!(wire.finish().unwrap().raw, "{\n\n}");
        let frame = Frame { raw: vec![b'a'; SHOWN + 7].into(), data: Bytes::new() };
        assert!(frame.shown().ends_with("a… (+7 bytes)"));
    }
}
