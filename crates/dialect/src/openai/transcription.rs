//! `POST /v1/audio/transcriptions` and `POST /v1/audio/translations` to and from `generateContent`.
//!
//! Models made for transcribing give words with their times; any other model is asked in words, and
//! its times are estimates. [`translate()`] translates what the client uploaded, [`response()`] a
//! whole answer, [`TranscriptStream`] an answer event by event.

mod answer;
mod context;
mod heard;
mod kind;
mod lines;
mod request;
mod stream;
mod told;

pub use answer::response;
pub use context::{ResponseFormat, Task, TranscriptionContext};
pub use request::{Options, Upload, translate};
pub use stream::TranscriptStream;
