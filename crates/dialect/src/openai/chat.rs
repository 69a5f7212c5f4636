//! `POST /v1/chat/completions` to and from `generateContent`.
//!
//! [`request()`] translates what the client sent; [`response()`] a whole answer; [`ChatStream`] an
//! answer event by event.

mod body;
mod calls;
mod choice;
mod context;
mod extra;
mod media_out;
mod messages;
mod parts;
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
pub use request::request;
pub use response::response;
pub use stream::ChatStream;
