//! `POST /v1/chat/completions` to and from `generateContent`.
//!
//! [`request()`] translates what the client sent; [`response()`] a whole answer; [`ChatStream`] an
//! answer event by event.

mod annotations;
mod body;
mod calls;
mod choice;
mod code;
mod context;
mod extra;
mod finish;
mod logprobs;
mod media_out;
mod messages;
mod parts;
mod request;
mod response;
mod response_format;
mod sampling;
mod signatures;
mod stream;
mod tool_choice;
mod tools;
mod usage;

pub use context::{ChatContext, Stamp};
pub use request::request;
pub use response::{ResponseError, Translated, response};
pub use stream::{ChatStream, Seen, StreamError};
