//! OpenAI's protocol.

mod annotations;
pub mod chat;
pub mod completions;
pub mod error;
mod finish;
mod logprobs;
pub mod models;
pub mod responses;
pub mod speech;
pub mod transcription;
