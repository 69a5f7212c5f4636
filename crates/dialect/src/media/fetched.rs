//! What stands behind the URLs of a request.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::mime;
use crate::DialectError;

/// A picture, film or document that has to be fetched before the request can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wanted {
    /// Where the client named it, as in `messages[0].content[1].image_url.url`.
    pub param: String,
    /// `http://` or `https://`, as the client wrote it.
    pub url: String,
}

impl Wanted {
    /// The answer to the client where nothing may be fetched.
    pub fn refused(&self) -> DialectError {
        let param = &self.param;
        let message = format!(
            "Unsupported value for '{param}': URLs are not fetched here. Send a data URL, a Files \
             API URI or a YouTube URL."
        );
        DialectError::unsupported(param, message)
    }

    /// The answer to the client where it could not be fetched; `why` follows a colon, without an
    /// end point.
    pub fn failed(&self, why: &str) -> DialectError {
        let param = &self.param;
        let message = format!("Invalid value for '{param}': the URL could not be fetched: {why}.");
        DialectError::invalid(param, message)
    }
}

/// What was fetched for a request, by its URLs.
#[derive(Debug, Clone, Default)]
pub struct FetchedMedia(HashMap<String, Fetched>);

#[derive(Debug, Clone)]
pub(super) struct Fetched {
    pub(super) mime: Option<String>,
    /// In base64.
    pub(super) data: String,
}

impl FetchedMedia {
    /// Puts in what stands behind `url`, which must be spelled as in [`Wanted`]. `mime` is the
    /// server's `Content-Type`, which only counts where the bytes do not tell their type.
    pub fn insert(&mut self, url: String, mime: Option<&str>, bytes: &[u8]) {
        let data = STANDARD.encode(bytes);
        let declared = || mime.and_then(mime::declared);
        let mime = mime::of_bytes(&data.as_str().into()).map(str::to_owned).or_else(declared);
        self.0.insert(url, Fetched { mime, data });
    }

    /// Nothing was fetched.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn find(&self, url: &str) -> Option<&Fetched> {
        self.0.get(url)
    }
}
