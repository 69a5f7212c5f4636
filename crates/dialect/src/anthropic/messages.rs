//! `POST /v1/messages` to and from `generateContent`.
//!
//! [`translate()`] translates what the client sent, [`request()`] does so where nothing may be
//! fetched; [`response()`] translates a whole answer, [`MessagesStream`] an answer event by event.

mod blocks;
mod body;
mod composer;
mod context;
mod documents;
mod generation;
mod history;
mod known_tools;
mod place;
mod request;
mod response;
mod search;
mod stop;
mod stream;
mod thinking;
mod tools;
mod usage;

pub use crate::outcome::{ResponseError, Seen, StreamError};
pub use crate::stamp::Stamp;
pub use context::{MessagesContext, Options, Recall};
pub(super) use request::countable;
pub use request::{request, translate};
pub use response::{Translated, response};
pub use stream::{MessagesStream, PING};
