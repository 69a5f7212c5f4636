//! OpenAI's protocol.

pub mod chat;
pub mod completions;
pub mod error;
pub mod models;
