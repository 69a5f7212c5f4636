//! OpenAI's protocol.

pub mod chat;
pub mod error;
pub mod models;
