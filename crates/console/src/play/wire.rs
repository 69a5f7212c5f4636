//! An answer's bytes, cut where people would cut them: an event a frame, or all in one.

use bytes::{Bytes, BytesMut};

/// Longer frames are shown as a beginning.
const SHOWN: usize = 16 * 1024;

/// No more is collected of what does not end.
const LARGEST: usize = 64 * 1024 * 1024;

/// Collects bytes until they are a frame.
#[derive(Debug)]
pub(super) struct Wire {
    buffer: BytesMut,
    is_events: bool,
}

/// An answer, or an event of one, is too large to be shown.
#[derive(Debug, thiserror::Error)]
#[error("The answer is larger than what is shown here.")]
pub(super) struct TooLarge;

impl Wire {
    /// For an answer that is a stream of events, or for another one.
    pub(super) fn new(is_events: bool) -> Self {
        Self { buffer: BytesMut::new(), is_events }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), TooLarge> {
        if self.buffer.len() + bytes.len() > LARGEST {
            return Err(TooLarge);
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// The next event that is complete.
    pub(super) fn next_frame(&mut self) -> Option<Bytes> {
        if !self.is_events {
            return None;
        }
        let end = self.buffer.windows(2).position(|two| two == b"\n\n")? + 2;
        Some(self.buffer.split_to(end).freeze())
    }

    /// What is left when the answer has ended.
    pub(super) fn finish(self) -> Option<Bytes> {
        Some(self.buffer.freeze()).filter(|rest| !rest.is_empty())
    }
}

/// A frame as it is shown.
pub(super) fn shown(frame: &[u8]) -> String {
    let beginning = frame.get(..SHOWN).unwrap_or(frame);
    let text = String::from_utf8_lossy(beginning);
    match frame.len() - beginning.len() {
        0 => text.into_owned(),
        more => format!("{text}… (+{more} bytes)"),
    }
}

/// What an event of a stream carries; nothing of one that carries nothing.
pub(super) fn data(frame: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(frame);
    let values = text.lines().filter_map(|line| line.strip_prefix("data:"));
    let values: Vec<&str> = values.map(|value| value.strip_prefix(' ').unwrap_or(value)).collect();
    Some(values.join("\n")).filter(|data| !data.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_cut_into_its_events_however_it_comes() {
        let mut wire = Wire::new(true);
        wire.push(b"event: a\ndata: 1\n").unwrap();
        assert_eq!(wire.next_frame(), None);
        wire.push(b"\ndata: 2\n\ndata: 3").unwrap();
        let frame = wire.next_frame().unwrap();
        assert_eq!(
            (&frame[..], data(&frame).as_deref()),
            (&b"event: a\ndata: 1\n\n"[..], Some("1"))
        );
        assert_eq!(wire.next_frame().as_deref(), Some(&b"data: 2\n\n"[..]));
        assert_eq!((wire.next_frame(), wire.finish().as_deref()), (None, Some(&b"data: 3"[..])));
        assert_eq!(data(b": nothing\n\n"), None);
    }

    #[test]
    fn what_is_no_stream_is_one_frame_and_long_ones_are_shown_as_a_beginning() {
        let mut wire = Wire::new(false);
        wire.push(b"{\n\n}").unwrap();
        assert_eq!(wire.next_frame(), None);
        assert_eq!(wire.finish().as_deref(), Some(&b"{\n\n}"[..]));
        assert!(shown(&vec![b'a'; SHOWN + 7]).ends_with("a… (+7 bytes)"));
    }
}
