//! OpenAI's protocol.

mod annotations;
pub mod batches;
pub mod chat;
pub mod completions;
pub mod embeddings;
pub mod error;
mod finish;
pub mod images;
mod logprobs;
pub mod models;
pub mod responses;
pub mod speech;
pub mod transcription;
