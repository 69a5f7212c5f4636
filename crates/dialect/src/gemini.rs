//! Gemini's own protocol, as far as the gateway reads or writes it.

pub(crate) mod answer;
pub(crate) mod audio;
pub(crate) mod content;
pub mod continuation;
pub(crate) mod counts;
pub mod error;
mod fan_out;
pub(crate) mod generation;
pub(crate) mod names;
mod observe;
pub(crate) mod schema;
pub(crate) mod signatures;
pub(crate) mod thinking;
mod typed;
mod whole;

pub use continuation::Continuation;
pub use error::GeminiError;
pub use fan_out::{FanOut, merge};
pub use observe::{Observed, observe};
pub use typed::typed;
pub use whole::{Unusable, WholeAnswer};
