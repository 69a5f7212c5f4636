//! What clients attach, as parts of a content.

use std::borrow::Cow;

use super::{
    data_url::{data_url, without_spaces},
    fetched::{Fetched, FetchedMedia, Wanted},
    mime,
};
use crate::{
    DialectError,
    gemini::content::{File, Inline, Part},
    json::Text,
};

/// No request may name more URLs that have to be fetched.
const MAX_URLS: usize = 64;

/// No URL is longer, data URLs aside.
const MAX_URL_BYTES: usize = 8192;

/// Reads media of one request, and collects what has to be fetched.
pub(crate) struct MediaReader<'m> {
    fetched: Option<&'m FetchedMedia>,
    wanted: Vec<Wanted>,
}

impl<'m> MediaReader<'m> {
    pub(crate) fn new(fetched: Option<&'m FetchedMedia>) -> Self {
        Self { fetched, wanted: Vec::new() }
    }

    /// What is missing. The parts are only complete if this is empty.
    pub(crate) fn wanted(self) -> Vec<Wanted> {
        self.wanted
    }

    /// Something has to be fetched.
    pub(crate) fn misses_any(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// The part for a URL of any kind: data, something that Google reads itself, or http(s).
    ///
    /// `None` stands for something that has to be fetched first. `param` names the field.
    pub(crate) fn url(
        &mut self,
        param: impl Fn() -> String,
        url: Text<'m>,
        resolution: Option<&'static str>,
    ) -> Result<Option<Part<'m>>, DialectError> {
        if let Some(found) = data_url(&url) {
            let guess = || mime::of_bytes(&found.data).map(Cow::Borrowed);
            let mime = found
                .mime
                .clone()
                .or_else(guess)
                .ok_or_else(|| invalid(param(), "the data URL names no media type"))?;
            return Ok(Some(inline(mime, found.data, resolution)));
        }
        let text = url.decode();
        if is_for_google(&text) {
            let stored = text.starts_with("gs://");
            let mime = stored.then(|| mime::of_url(&text)).flatten().map(Cow::Borrowed);
            return Ok(Some(Part::File(Box::new(File { uri: url, mime }))));
        }
        if is_web(&text) {
            let found = self.remote(&param, text)?;
            return Ok(found.map(|(mime, data)| inline(mime, data, resolution)));
        }
        Err(invalid(param(), "expected a data URL or an https URL"))
    }

    /// The part for base64, or for a data URL or a web URL that stands in its place. The type is the
    /// data URL's, `declared`, or what the bytes give away.
    pub(crate) fn bytes(
        &mut self,
        param: impl Fn() -> String,
        data: Text<'m>,
        declared: Option<Cow<'m, str>>,
    ) -> Result<Option<Part<'m>>, DialectError> {
        let (mime, data) = match data_url(&data) {
            Some(found) => (found.mime, found.data),
            None if looks_like_web(&data) => {
                let found = self.remote(&param, data.decode())?;
                return Ok(found.map(|(mime, data)| inline(mime, data, None)));
            }
            None => (None, without_spaces(data)),
        };
        let mime = mime
            .or(declared)
            .or_else(|| mime::of_bytes(&data).map(Cow::Borrowed))
            .ok_or_else(|| {
                let hint =
                    "its media type is unknown: send a data URL or a filename with extension";
                invalid(param(), hint)
            })?;
        Ok(Some(inline(mime, data, None)))
    }

    fn remote(
        &mut self,
        param: &impl Fn() -> String,
        url: Cow<'_, str>,
    ) -> Result<Option<(Cow<'m, str>, Text<'m>)>, DialectError> {
        if let Some(Fetched { mime, data }) = self.fetched.and_then(|fetched| fetched.find(&url)) {
            let named = || mime::of_url(&url).map(Cow::Borrowed);
            let mime = mime.as_deref().map(Cow::Borrowed).or_else(named).ok_or_else(|| {
                invalid(param(), "what stands behind the URL is of no known media type")
            })?;
            // Base64 needs no escapes.
            return Ok(Some((mime, Text::Verbatim(data))));
        }
        if self.wanted.iter().any(|wanted| wanted.url == url) {
            return Ok(None);
        }
        if url.len() > MAX_URL_BYTES {
            return Err(invalid(param(), "the URL is too long"));
        }
        if self.wanted.len() == MAX_URLS {
            let why = format!("a request may name at most {MAX_URLS} URLs to fetch");
            return Err(invalid(param(), &why));
        }
        self.wanted.push(Wanted { param: param(), url: url.into_owned() });
        Ok(None)
    }
}

/// The part for a file that was uploaded to Google, by Google's name or by the id that OpenAI's API
/// gives it here (`file-…`); `None` if the name is none of those.
pub(crate) fn uploaded<'a>(id: &str) -> Option<Part<'a>> {
    let uri = if let Some(name) = id.strip_prefix("files/").or_else(|| id.strip_prefix("file-")) {
        format!("https://generativelanguage.googleapis.com/v1beta/files/{name}")
    } else if is_for_google(id) {
        id.to_owned()
    } else {
        return None;
    };
    Some(Part::File(Box::new(File { uri: uri.into(), mime: None })))
}

fn inline<'m>(mime: Cow<'m, str>, data: Text<'m>, resolution: Option<&'static str>) -> Part<'m> {
    Part::Inline(Box::new(Inline { mime, data, resolution, signature: None }))
}

fn invalid(param: String, why: &str) -> DialectError {
    let message = format!("Invalid value for '{param}': {why}.");
    DialectError::invalid(param, message)
}

fn is_web(url: &str) -> bool {
    let scheme = |scheme: &str| {
        url.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
    };
    scheme("https://") || scheme("http://")
}

/// As [`is_web`], without decoding megabytes of base64.
fn looks_like_web(data: &Text<'_>) -> bool {
    let text = match data {
        Text::Verbatim(text) | Text::Plain(Cow::Borrowed(text)) => text.as_bytes(),
        Text::Dense(text) => text,
        Text::Plain(Cow::Owned(text)) => return is_web(text),
    };
    // A colon cannot stand in base64; slashes may be escaped.
    text.get(..6).is_some_and(|begin| begin.contains(&b':')) && is_web(&data.decode())
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
