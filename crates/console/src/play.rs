//! The playground: what is wanted becomes the request of a client, which the gateway is asked from
//! within; what comes back is told piece by piece, as it came and as people read it.

mod again;
mod chat;
mod composed;
mod kept;
mod markdown;
mod material;
mod reading;
mod snippets;
mod talk;
mod told;
mod wanted;
mod wire;

pub(crate) use again::curl;
pub(crate) use composed::Composed;
pub(crate) use kept::Kept;
pub(crate) use talk::{sent, talk};
pub(crate) use told::{Sent, Told};
pub(crate) use wanted::Play;
