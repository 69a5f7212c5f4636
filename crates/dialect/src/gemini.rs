//! Gemini's own protocol, as far as the gateway reads or writes it.

mod amended;
pub(crate) mod answer;
pub(crate) mod arguments;
pub(crate) mod audio;
pub(crate) mod carrier;
pub(crate) mod code;
pub(crate) mod content;
pub mod continuation;
pub(crate) mod counts;
pub(crate) mod declarations;
pub mod error;
mod fan_out;
pub(crate) mod format;
pub(crate) mod generation;
pub(crate) mod grounding;
pub(crate) mod history;
pub(crate) mod names;
mod observe;
pub(crate) mod plan;
pub(crate) mod recited;
pub(crate) mod schema;
pub(crate) mod signatures;
pub(crate) mod step;
pub(crate) mod thinking;
pub(crate) mod tools;
mod typed;
mod whole;
pub(crate) mod wording;

pub use amended::{Amended, amended};
pub use carrier::CallSignature;
pub use continuation::Continuation;
pub use error::GeminiError;
pub use fan_out::{FanOut, merge};
pub use observe::{Observed, observe};
pub use typed::typed;
pub use whole::{Unusable, WholeAnswer};
