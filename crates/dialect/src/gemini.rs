//! Gemini's own protocol, as far as the gateway reads or writes it.

pub mod error;
mod observe;

pub use error::GeminiError;
pub use observe::{Observed, observe};
