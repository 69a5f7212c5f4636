//! Gemini's own protocol, as far as the gateway reads or writes it.

pub(crate) mod answer;
pub(crate) mod content;
pub(crate) mod counts;
pub mod error;
pub(crate) mod generation;
pub(crate) mod names;
mod observe;
pub(crate) mod schema;
pub(crate) mod signatures;
pub(crate) mod thinking;

pub use error::GeminiError;
pub use observe::{Observed, observe};
