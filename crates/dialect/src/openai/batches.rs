//! The files of `/v1/batches`: lines of requests, which become lines of Google's batches, and Google's
//! lines of answers, which become OpenAI's.
//!
//! [`Line::read`] reads what a client has written; the request in it is translated like any other, and
//! [`Request::of_chat`] or [`Request::of_embeddings`] make the line for Google of it. [`Answers::tell`]
//! makes a line of the output file of a line of Google's.

mod input;
mod kept;
mod mistake;
mod output;

pub use input::{Endpoint, Line, Request};
pub use kept::{Contexts, TooMany};
pub use mistake::Mistake;
pub use output::{Answers, Told};
