//! Pictures, films, sounds and documents inside requests, the same for every dialect.
//!
//! Bytes travel in base64 as they stand in the client's body. What stands behind an http(s) URL is
//! fetched by whoever calls: a translation says with [`Translation::Fetch`] what it needs, and is
//! asked again with the same body and [`FetchedMedia`]. What Google reads itself stays a URI.

mod data_url;
mod dimensions;
mod fetched;
mod mime;
mod reader;

pub(crate) use dimensions::dimensions;
pub use fetched::{FetchedMedia, Wanted};
pub(crate) use mime::{
    declared as declared_mime, named as named_mime, of_bytes as mime_of_bytes,
    of_name as mime_of_name,
};
pub(crate) use reader::{MediaReader, uploaded};

use crate::Written;

/// What became of a client's request.
#[derive(Debug)]
pub enum Translation<C> {
    /// The body of Gemini's request, and what stays until its answer is translated.
    Ready(C, Written),
    /// These have to be fetched first; each URL stands here once.
    Fetch(Vec<Wanted>),
}

impl<C> Translation<C> {
    /// The translation in one piece, where nothing may be fetched; `client` is the client's body.
    pub fn without_fetching(self, client: &[u8]) -> Result<(C, Vec<u8>), crate::DialectError> {
        self.ready().map(|(context, body)| (context, body.whole(client)))
    }

    /// The translation, where nothing may be fetched.
    pub fn ready(self) -> Result<(C, Written), crate::DialectError> {
        match self {
            Self::Ready(context, body) => Ok((context, body)),
            Self::Fetch(wanted) => Err(wanted
                .first()
                .map_or_else(|| crate::DialectError::unreadable("it names URLs"), Wanted::refused)),
        }
    }
}
