//! The protocols that clients speak, and their translation to and from Gemini.
//!
//! Gemini's JSON is the inner language: every other dialect is translated to it and back, and never
//! to a third one. Nothing here does I/O, reads a clock or draws randomness; times and ids come in
//! from outside.
//!
//! * [`gemini`]: what the gateway reads of Gemini's own answers and writes into its requests.
//! * [`openai`]: `chat/completions`, `completions`, `responses`, `embeddings`, `images`, `audio/…`,
//!   `models` and the error object.
//! * [`anthropic`]: `messages`, their token counts, `models` and the error object.
//! * [`media`]: what clients attach, and what has to be fetched for it.
//! * [`addresses`]: what a misspelt path means.
//! * [`typing`]: text cut so that it seems to be typed.
//! * [`models`]: what is known of each model, and what is assumed of unknown ones.

pub mod addresses;
pub mod anthropic;
mod fault;
pub mod gemini;
mod json;
pub mod media;
pub mod models;
pub mod openai;
mod outcome;
mod stamp;
pub mod typing;
mod usage;
mod written;

pub use fault::DialectError;
pub use media::Translation;
pub use outcome::{ResponseError, Seen, StreamError, Translated};
pub use stamp::Stamp;
pub use usage::Usage;
pub use written::{Inset, Written};
