//! `POST /v1/responses` to and from `generateContent`.
//!
//! [`read()`] takes in what the client sent and says which earlier responses it refers to;
//! [`Asked::translate`] makes the request to Gemini of it. [`response()`] translates a whole answer,
//! [`ResponsesStream`] an answer event by event. [`StoredResponse`] is what a store keeps.
//! [`compaction()`] and [`Compaction`] are the way to a shorter conversation and back.

mod assembly;
mod body;
mod carrier;
mod compaction;
mod content;
mod context;
mod echo;
mod events;
mod failure;
mod generation;
mod input;
mod item;
mod listed_item;
mod listing;
mod object;
mod output;
mod request;
mod response;
mod search;
mod stored;
mod stream;
mod told;
mod tool;
mod tool_choice;
mod tools;
mod typed_call;

pub use crate::{
    outcome::{ResponseError, Seen, StreamError},
    stamp::Stamp,
};
pub use compaction::{Compaction, compaction};
pub use context::ResponsesContext;
pub use failure::ResponseFailure;
pub use listing::{Page, deleted, input_items};
pub use object::queued;
pub use request::{Asked, Options, References, input_tokens, input_tokens_answer, read, request};
pub use response::{TranslatedResponse, response};
pub use stored::{Earlier, StoredResponse, ThoughtSignatures};
pub use stream::{ResponsesStream, told_queued};
pub use told::ToldEvent;
