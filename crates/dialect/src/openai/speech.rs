//! `POST /v1/audio/speech` to and from `generateContent`.
//!
//! [`translate()`] translates what the client sent; [`Speech`] takes the samples out of an answer,
//! whole or event by event. Making a file of them is for [`audio`]; [`delta`] and [`done`] write
//! the events of a client that wants events.

mod answer;
mod events;
mod request;
mod turns;
mod voices;

pub use voices::GEMINI as VOICES;

pub use answer::{Speech, Unspoken};
pub use events::{delta, done};
pub use request::{Options, Pace, SpeechContext, SpeechRequest, translate};
