//! Parts of a message, as parts of a content.

use std::borrow::Cow;

use super::body::{ContentPart, InputAudio, InputFile, PartKind, Url};
use crate::{
    DialectError,
    gemini::{
        content::{Inline, Part},
        media,
        remote::{self, Remote, Source},
    },
    json::{
        Text,
        choice::{TextOrList, TextOrObject},
    },
};

/// Reads the content of messages.
pub(super) struct PartReader {
    /// Parts may say how finely a picture is looked at (Gemini 3 and later).
    pub(super) per_part_resolution: bool,
    /// URLs that were left out because somebody has to fetch them first.
    pub(super) remote: Vec<Remote>,
}

impl PartReader {
    /// All parts of a content; empty texts are left out.
    pub(super) fn read<'a>(
        &mut self,
        message: usize,
        content: TextOrList<'a, ContentPart<'a>>,
    ) -> Result<Vec<Part<'a>>, DialectError> {
        let parts = match content {
            TextOrList::Text(text) if text.is_empty() => return Ok(Vec::new()),
            TextOrList::Text(text) => return Ok(vec![Part::text(text)]),
            TextOrList::List(parts) => parts,
        };
        let mut read = Vec::with_capacity(parts.len());
        for (position, part) in parts.into_iter().enumerate() {
            let place = Place { message, position };
            read.extend(self.part(place, part)?.filter(|part| !part.is_empty()));
        }
        Ok(read)
    }

    fn part<'a>(
        &mut self,
        place: Place,
        part: ContentPart<'a>,
    ) -> Result<Option<Part<'a>>, DialectError> {
        match part.kind {
            PartKind::Text => part.text.map(Part::text).map(Some).ok_or(place.missing("text")),
            PartKind::Refusal => {
                let text = part.refusal.map(|text| *text).or(part.text);
                text.map(Part::text).map(Some).ok_or(place.missing("refusal"))
            }
            PartKind::ImageUrl => {
                let (url, detail) = address(*part.image_url.ok_or(place.missing("image_url"))?);
                let resolution =
                    if self.per_part_resolution { level(detail.as_ref()) } else { None };
                self.media(place, "image_url", url, resolution)
            }
            PartKind::VideoUrl => {
                let (url, _) = address(*part.video_url.ok_or(place.missing("video_url"))?);
                self.media(place, "video_url", url, None)
            }
            PartKind::InputAudio => {
                audio(place, *part.input_audio.ok_or(place.missing("input_audio"))?).map(Some)
            }
            PartKind::File => {
                let input = *part.file.ok_or(place.missing("file"))?;
                file(place, input).map(Some)
            }
        }
    }

    fn media<'a>(
        &mut self,
        place: Place,
        member: &str,
        url: Text<'a>,
        resolution: Option<&'static str>,
    ) -> Result<Option<Part<'a>>, DialectError> {
        let param = format!("{member}.url");
        match remote::read(url) {
            Source::Data(found) => {
                let guess = || media::mime_of_bytes(&found.data).map(Cow::Borrowed);
                let mime = found
                    .mime
                    .clone()
                    .or_else(guess)
                    .ok_or_else(|| place.invalid(&param, "the data URL names no media type"))?;
                let inline = Inline { mime, data: found.data, resolution };
                Ok(Some(Part::Inline(Box::new(inline))))
            }
            Source::Google(file) => Ok(Some(Part::File(Box::new(file)))),
            Source::Remote(url) => {
                self.remote.push(Remote { param: place.path(&param), url });
                Ok(None)
            }
            Source::Nowhere => Err(place.invalid(&param, "expected a data URL or an https URL")),
        }
    }
}

fn file(place: Place, input: InputFile<'_>) -> Result<Part<'_>, DialectError> {
    let Some(data) = input.file_data else {
        let id = input.file_id.ok_or(place.missing("file.file_data"))?;
        return uploaded(place, &id);
    };
    let (mime, data) = match media::data_url(&data) {
        Some(found) => (found.mime, found.data),
        None => (None, media::without_spaces(data)),
    };
    let of_name =
        || input.filename.and_then(|name| media::mime_of_name(&name.decode())).map(Cow::Borrowed);
    let mime = mime
        .or_else(of_name)
        .or_else(|| media::mime_of_bytes(&data).map(Cow::Borrowed))
        .ok_or_else(|| {
            let hint = "its media type is unknown: send a data URL or a filename with extension";
            place.invalid("file.file_data", hint)
        })?;
    Ok(Part::Inline(Box::new(Inline { mime, data, resolution: None })))
}

fn address<'a>(url: TextOrObject<'a, Url<'a>>) -> (Text<'a>, Option<Text<'a>>) {
    match url {
        TextOrObject::Text(url) => (url, None),
        TextOrObject::Object(Url { url, detail }) => (url, detail),
    }
}

fn level(detail: Option<&Text<'_>>) -> Option<&'static str> {
    match detail? {
        Text::Verbatim("low") => Some("MEDIA_RESOLUTION_LOW"),
        Text::Verbatim("medium") => Some("MEDIA_RESOLUTION_MEDIUM"),
        Text::Verbatim("high") => Some("MEDIA_RESOLUTION_HIGH"),
        Text::Verbatim("original") => Some("MEDIA_RESOLUTION_ULTRA_HIGH"),
        _ => None,
    }
}

fn audio(place: Place, audio: InputAudio<'_>) -> Result<Part<'_>, DialectError> {
    let mime = match audio.format.decode().as_ref() {
        "wav" => "audio/wav",
        "mp3" | "mpeg" => "audio/mp3",
        "flac" => "audio/flac",
        "ogg" => "audio/ogg",
        "opus" => "audio/opus",
        "aac" => "audio/aac",
        "m4a" => "audio/m4a",
        "aiff" => "audio/aiff",
        "webm" => "audio/webm",
        other => {
            let message = format!("unknown audio format '{other}'");
            return Err(place.invalid("input_audio.format", &message));
        }
    };
    let data = match media::data_url(&audio.data) {
        Some(found) => found.data,
        None => media::without_spaces(audio.data),
    };
    Ok(Part::Inline(Box::new(Inline { mime: mime.into(), data, resolution: None })))
}

fn uploaded<'a>(place: Place, id: &Text<'a>) -> Result<Part<'a>, DialectError> {
    let file = remote::uploaded(id).ok_or_else(|| {
        let message = "only files of the Gemini Files API (`files/…`) can be named";
        place.unsupported("file.file_id", message)
    })?;
    Ok(Part::File(Box::new(file)))
}

/// Where a part stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    message: usize,
    position: usize,
}

impl Place {
    fn path(self, member: &str) -> String {
        format!("messages[{}].content[{}].{member}", self.message, self.position)
    }

    fn missing(self, member: &str) -> DialectError {
        DialectError::missing(self.path(member))
    }

    fn invalid(self, member: &str, why: &str) -> DialectError {
        let path = self.path(member);
        let message = format!("Invalid value for '{path}': {why}.");
        DialectError::invalid(path, message)
    }

    fn unsupported(self, member: &str, why: &str) -> DialectError {
        let path = self.path(member);
        let message = format!("Unsupported value for '{path}': {why}.");
        DialectError::unsupported(path, message)
    }
}
