//! `POST /v1/chat/completions` to and from `generateContent`.
//!
//! [`translate()`] translates what the client sent, [`request()`] does so without options;
//! [`response()`] translates a whole answer; [`ChatStream`] an answer event by event.

pub(in crate::openai) mod body;
mod calls;
mod choice;
mod context;
pub(in crate::openai) mod extra;
mod media_out;
mod messages;
mod options;
pub(in crate::openai) mod parts;
mod request;
mod response;
mod response_format;
mod sampling;
mod stream;
mod tool_choice;
mod tools;
mod usage;

use super::{annotations, finish, logprobs};

pub use crate::outcome::{ResponseError, Seen, StreamError, Translated};
pub use crate::stamp::Stamp;
pub use context::ChatContext;
pub(in crate::openai) use context::TextCompletion;
pub use options::{Options, Signatures};
pub use request::{request, translate};
pub use response::response;
pub use stream::ChatStream;
