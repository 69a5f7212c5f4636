use bytes::Bytes;

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The event as it came, with its line ends and (unless the stream was cut) its blank line.
    /// Blank lines beyond the one that ends an event belong to none.
    pub raw: Bytes,
    /// [`EventKind::Data`]: the values of the `data` lines, joined by line feeds.
    /// [`EventKind::Stray`]: `raw` without the line ends behind it. Else empty.
    pub data: Bytes,
    /// What the event carries.
    pub kind: EventKind,
}

/// What an [`Event`] carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// At least one `data` line.
    Data,
    /// Comments, or fields other than `data`: nothing that a client would be told of.
    Comment,
    /// Bytes that are no part of an event stream, such as the bare JSON error object that Google
    /// puts into a stream that fails half-way.
    Stray,
}

/// An event, or what has come of one, is longer than the decoder's limit. The decoder gives nothing
/// any more: what follows cannot be told from the rest of that event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is longer than {limit} bytes")]
pub struct TooLarge {
    /// The longest accepted event in bytes, line ends included.
    pub limit: usize,
}
