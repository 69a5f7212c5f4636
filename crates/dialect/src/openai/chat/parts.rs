//! Parts of a message, as parts of a content.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::body::{ContentPart, InputAudio, InputFile, PartKind, Url};
use crate::{
    DialectError,
    gemini::content::Part,
    json::{
        Text,
        choice::{List, TextOrList, TextOrObject},
    },
    media::{self, MediaReader},
};

/// Reads the content of messages.
pub(in crate::openai) struct PartReader<'a> {
    /// The list that contents stand in, for mistakes.
    pub(in crate::openai) root: &'static str,
    /// Parts may say how finely a picture is looked at (Gemini 3 and later).
    pub(in crate::openai) per_part_resolution: bool,
    pub(in crate::openai) media: MediaReader<'a>,
}

impl<'a> PartReader<'a> {
    /// All parts of a content; empty texts are left out.
    pub(in crate::openai) fn read(
        &mut self,
        message: usize,
        content: TextOrList<'a, ContentPart<'a>>,
    ) -> Result<Vec<Part<'a>>, DialectError> {
        let parts = match content {
            TextOrList::Text(text) if text.is_empty() => return Ok(Vec::new()),
            TextOrList::Text(text) => return Ok(vec![Part::text(text)]),
            TextOrList::List(parts) => parts,
        };
        self.list(message, "content", parts)
    }

    /// Pictures that the model made, where a client kept them. Other clients have other things
    /// under this name, which say nothing to us.
    pub(super) fn images(
        &mut self,
        message: usize,
        images: &'a RawValue,
    ) -> Result<Vec<Part<'a>>, DialectError> {
        let parts = serde_json::from_str::<List<ContentPart<'a>>>(images.get());
        parts.map_or(Ok(Vec::new()), |List(parts)| self.list(message, "images", parts))
    }

    fn list(
        &mut self,
        message: usize,
        list: &'static str,
        parts: Vec<ContentPart<'a>>,
    ) -> Result<Vec<Part<'a>>, DialectError> {
        let mut read = Vec::with_capacity(parts.len());
        for (position, mut part) in parts.into_iter().enumerate() {
            let place = Place { root: self.root, message, list, position };
            let extra = part.extra_content.take();
            let Some(mut part) = self.part(place, part)? else { continue };
            if let Some(signature) = extra.as_ref().and_then(|extra| extra.signature()) {
                part.sign(signature.clone());
            }
            read.extend((!part.is_empty()).then_some(part));
        }
        Ok(read)
    }

    fn part(
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
                self.media.url(|| place.path("image_url.url"), url, resolution)
            }
            PartKind::VideoUrl => {
                let (url, _) = address(*part.video_url.ok_or(place.missing("video_url"))?);
                self.media.url(|| place.path("video_url.url"), url, None)
            }
            PartKind::InputAudio => {
                self.audio(place, *part.input_audio.ok_or(place.missing("input_audio"))?)
            }
            PartKind::File => self.file(place, *part.file.ok_or(place.missing("file"))?),
        }
    }

    fn audio(
        &mut self,
        place: Place,
        audio: InputAudio<'a>,
    ) -> Result<Option<Part<'a>>, DialectError> {
        let mime = audio_mime(&audio.format.decode()).ok_or_else(|| {
            let message = format!("unknown audio format '{}'", audio.format);
            place.invalid("input_audio.format", &message)
        })?;
        self.media.bytes(|| place.path("input_audio.data"), audio.data, Some(mime.into()))
    }

    fn file(
        &mut self,
        place: Place,
        file: InputFile<'a>,
    ) -> Result<Option<Part<'a>>, DialectError> {
        let Some(data) = file.file_data else {
            let id = file.file_id.ok_or(place.missing("file.file_data"))?;
            let message = "only files of the Gemini Files API (`files/…`) can be named";
            let unknown = || place.unsupported("file.file_id", message);
            return media::uploaded(&id.decode()).ok_or_else(unknown).map(Some);
        };
        let of_name = file.filename.and_then(|name| media::mime_of_name(&name.decode()));
        self.media.bytes(|| place.path("file.file_data"), data, of_name.map(Cow::Borrowed))
    }
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

fn audio_mime(format: &str) -> Option<&'static str> {
    Some(match format {
        "wav" => "audio/wav",
        "mp3" | "mpeg" => "audio/mp3",
        "flac" => "audio/flac",
        "ogg" => "audio/ogg",
        "opus" => "audio/opus",
        "aac" => "audio/aac",
        "m4a" => "audio/m4a",
        "aiff" => "audio/aiff",
        "webm" => "audio/webm",
        _ => return None,
    })
}

/// Where a part stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    root: &'static str,
    message: usize,
    list: &'static str,
    position: usize,
}

impl Place {
    fn path(self, member: &str) -> String {
        let Self { root, message, list, position } = self;
        format!("{root}[{message}].{list}[{position}].{member}")
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
