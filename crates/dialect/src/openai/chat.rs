//! `POST /v1/chat/completions` to and from `generateContent`.
//!
//! [`request`] translates what the client sent; [`response`] a whole answer; [`ChatStream`] an
//! answer event by event.

mod context;
mod request;
mod response;
mod stream;

pub use context::{ChatContext, Stamp};
pub use request::request;
pub use response::{ResponseError, Translated, response};
pub use stream::{ChatStream, Seen, StreamError};
