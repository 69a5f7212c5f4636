//! `POST /v1/chat/completions` to and from `generateContent`.
//!
//! [`translate()`] translates what the client sent, [`request()`] does so without options;
//! [`response()`] translates a whole answer; [`ChatStream`] an answer event by event.

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
mod options;
mod parts;
mod plan;
mod request;
mod response;
mod response_format;
mod sampling;
mod stream;
mod tool_choice;
mod tools;
mod usage;

pub(in crate::openai) use context::TextCompletion;
pub use context::{ChatContext, Stamp};
pub use options::{Options, SafetySetting, Signatures};
pub use request::{request, translate};
pub use response::{ResponseError, Translated, response};
pub use stream::{ChatStream, Seen, StreamError};
