//! Speech as files.
//!
//! Gemini speaks in samples; clients want files. An [`Encoder`] takes samples (16 bits, little
//! endian, one channel) in pieces of any size and gives the bytes of a file as far as they are
//! known. [`wav`] reads the files that some models answer with.
//!
//! Nothing here does I/O. Encoding takes time in proportion to the speech, so whoever has other
//! things to do gives long pieces to another thread.

mod aac;
mod encoder;
mod flac;
mod format;
mod mp3;
mod opus;
pub mod wav;

pub use encoder::{EncodeError, Encoder, whole};
pub use format::Format;
