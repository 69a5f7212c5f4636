//! The event-stream codec: push bytes in, take events out.
