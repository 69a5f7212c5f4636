//! Anthropic's Messages protocol.

mod aliases;
pub mod count_tokens;
pub mod error;
pub mod messages;
pub mod models;

pub use aliases::Aliases;
