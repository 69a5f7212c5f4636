//! One file per surface: what a client sent becomes a plan for the attempt loop, and what came back
//! becomes the client's answer.

pub(crate) mod chat;
pub(crate) mod compat;
mod counting;
pub(crate) mod embeddings;
pub(crate) mod express;
pub(crate) mod files;
pub(crate) mod gemini;
pub(crate) mod health_check;
pub(crate) mod images;
mod joined;
pub(crate) mod live;
pub(crate) mod messages;
pub(crate) mod models;
pub(crate) mod operations;
pub(crate) mod pictures;
pub(crate) mod resources;
pub(crate) mod responses;
pub(crate) mod speech;
mod stamp;
pub(crate) mod transcription;
pub(crate) mod translated;
pub(crate) mod uploads;
