//! Anthropic's Messages protocol. So far only its error object.

pub mod error;
