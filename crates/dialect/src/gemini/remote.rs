//! URLs of pictures, films and documents: who reads them?

use std::borrow::Cow;

use super::{
    content::File,
    media::{self, DataUrl},
};
use crate::{DialectError, json::Text};

/// Something that the gateway would have to fetch before the request can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remote {
    /// Where the client named it.
    pub(crate) param: String,
    /// `http://` or `https://`
    pub(crate) url: String,
}

/// What a URL of a client leads to.
pub(crate) enum Source<'a> {
    /// It holds the data itself.
    Data(DataUrl<'a>),
    /// Google reads it.
    Google(File<'a>),
    /// Somebody has to fetch it.
    Remote(String),
    /// Nothing that can be read.
    Nowhere,
}

/// Sorts a URL.
pub(crate) fn read(url: Text<'_>) -> Source<'_> {
    if let Some(found) = media::data_url(&url) {
        return Source::Data(found);
    }
    let text = url.decode();
    if is_for_google(&text) {
        let mime = media::mime_of_name(&text).map(Cow::Borrowed);
        let mime = if text.starts_with("gs://") { mime } else { None };
        return Source::Google(File { uri: url, mime });
    }
    if text.starts_with("https://") || text.starts_with("http://") {
        return Source::Remote(text.into_owned());
    }
    Source::Nowhere
}

/// The file that a client uploaded to Google and names by id; `None` for ids of other services.
pub(crate) fn uploaded<'a>(id: &Text<'a>) -> Option<File<'a>> {
    let id = id.decode();
    let uri = if let Some(name) = id.strip_prefix("files/") {
        format!("https://generativelanguage.googleapis.com/v1beta/files/{name}")
    } else if is_for_google(&id) {
        id.into_owned()
    } else {
        return None;
    };
    Some(File { uri: uri.into(), mime: None })
}

/// The mistake of naming something that nobody fetches.
pub(crate) fn refuse(remote: &[Remote]) -> Result<(), DialectError> {
    let Some(Remote { param, .. }) = remote.first() else { return Ok(()) };
    let message = format!(
        "Unsupported value for '{param}': this version accepts data URLs, Files API URIs and \
         YouTube URLs, and fetches nothing itself."
    );
    Err(DialectError::unsupported(param, message))
}

/// URIs that Google reads itself: uploaded files, its storage, `YouTube`.
fn is_for_google(url: &str) -> bool {
    let files = "https://generativelanguage.googleapis.com/";
    let youtube = ["youtube.com/", "www.youtube.com/", "m.youtube.com/", "youtu.be/"];
    let host = url.strip_prefix("https://").unwrap_or_default();
    url.starts_with("gs://")
        || (url.starts_with(files) && url.contains("/files/"))
        || youtube.iter().any(|prefix| host.starts_with(prefix))
}
