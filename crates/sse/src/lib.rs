//! The event-stream codec: push bytes in, take events out.
//!
//! * [`Decoder`] cuts a `text/event-stream` body into [`Event`]s, without copying them;
//! * [`ArrayDecoder`] does the same for a streamed JSON array, the other form that Gemini streams in;
//! * [`encode_data`] writes an event.
//!
//! Pure state machines: whoever owns the connection pushes each chunk as it arrives, takes events
//! until there are none, and calls `finish` when the body has ended.

mod array;
mod decoder;
mod encode;
mod event;
mod line;
mod unread;

pub use array::ArrayDecoder;
pub use decoder::Decoder;
pub use encode::encode_data;
pub use event::{Event, EventKind, TooLarge};
