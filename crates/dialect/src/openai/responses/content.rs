//! Parts of a message or of a tool's result, as parts of a content.

use std::borrow::Cow;

use super::item::{Part as ItemPart, Sound};
use crate::{
    DialectError,
    gemini::content::Part,
    json::{
        Text,
        choice::{TextOrList, TextOrObject},
    },
    media::{self, MediaReader},
};

/// Reads contents.
pub(super) struct ContentReader<'a> {
    /// Parts may say how finely a picture is looked at (Gemini 3 and later).
    pub(super) per_part_resolution: bool,
    pub(super) media: MediaReader<'a>,
}

impl<'a> ContentReader<'a> {
    /// All parts of a content, which stands at `path`; empty texts are left out.
    pub(super) fn read(
        &mut self,
        path: &str,
        content: TextOrList<'a, ItemPart<'a>>,
    ) -> Result<Vec<Part<'a>>, DialectError> {
        let parts = match content {
            TextOrList::Text(text) if text.is_empty() => return Ok(Vec::new()),
            TextOrList::Text(text) => return Ok(vec![Part::text(text)]),
            TextOrList::List(parts) => parts,
        };
        let mut read = Vec::with_capacity(parts.len());
        for (position, part) in parts.into_iter().enumerate() {
            let place = Place { path, position };
            read.extend(self.part(place, part)?.filter(|part| !part.is_empty()));
        }
        Ok(read)
    }

    fn part(
        &mut self,
        place: Place<'_>,
        part: ItemPart<'a>,
    ) -> Result<Option<Part<'a>>, DialectError> {
        match part.kind.decode().as_ref() {
            "input_text" | "output_text" | "text" | "summary_text" | "reasoning_text" => {
                part.text.map(Part::text).map(Some).ok_or_else(|| place.missing("text"))
            }
            "refusal" => {
                let text = part.refusal.or(part.text);
                text.map(Part::text).map(Some).ok_or_else(|| place.missing("refusal"))
            }
            "input_image" | "image_url" => self.image(place, part),
            "input_file" | "file" => self.file(place, part),
            "input_audio" => {
                let sound = part.input_audio.ok_or_else(|| place.missing("input_audio"))?;
                self.audio(place, sound)
            }
            kind => Err(place.invalid("type", &format!("unknown part '{kind}'"))),
        }
    }

    fn image(
        &mut self,
        place: Place<'_>,
        part: ItemPart<'a>,
    ) -> Result<Option<Part<'a>>, DialectError> {
        let resolution = part.detail.as_ref().filter(|_| self.per_part_resolution).and_then(level);
        let url = match part.image_url {
            Some(TextOrObject::Text(url)) => url,
            Some(TextOrObject::Object(object)) => object.url,
            None => {
                let id = part.file_id.ok_or_else(|| place.missing("image_url"))?;
                return uploaded(place, &id).map(Some);
            }
        };
        self.media.url(|| place.path("image_url"), url, resolution)
    }

    fn file(
        &mut self,
        place: Place<'_>,
        part: ItemPart<'a>,
    ) -> Result<Option<Part<'a>>, DialectError> {
        let Some(data) = part.file_data else {
            return match (part.file_id, part.file_url) {
                (Some(id), _) => uploaded(place, &id).map(Some),
                (None, Some(url)) => self.media.url(|| place.path("file_url"), url, None),
                (None, None) => Err(place.missing("file_data")),
            };
        };
        let named = part.filename.and_then(|name| media::mime_of_name(&name.decode()));
        self.media.bytes(|| place.path("file_data"), data, named.map(Cow::Borrowed))
    }

    fn audio(
        &mut self,
        place: Place<'_>,
        sound: Sound<'a>,
    ) -> Result<Option<Part<'a>>, DialectError> {
        let name = format!("x.{}", sound.format.decode());
        let mime = media::mime_of_name(&name).filter(|mime| mime.starts_with("audio/"));
        let mime = mime.ok_or_else(|| {
            let message = format!("unknown audio format '{}'", sound.format);
            place.invalid("input_audio.format", &message)
        })?;
        self.media.bytes(|| place.path("input_audio.data"), sound.data, Some(mime.into()))
    }
}

fn level(detail: &Text<'_>) -> Option<&'static str> {
    match detail.decode().as_ref() {
        "low" => Some("MEDIA_RESOLUTION_LOW"),
        "medium" => Some("MEDIA_RESOLUTION_MEDIUM"),
        "high" => Some("MEDIA_RESOLUTION_HIGH"),
        "original" => Some("MEDIA_RESOLUTION_ULTRA_HIGH"),
        _ => None,
    }
}

fn uploaded<'a>(place: Place<'_>, id: &Text<'a>) -> Result<Part<'a>, DialectError> {
    media::uploaded(&id.decode()).ok_or_else(|| {
        let path = place.path("file_id");
        let message = format!(
            "Unsupported value for '{path}': only files of the Gemini Files API (`files/…`) can be \
             named."
        );
        DialectError::unsupported(path, message)
    })
}

/// Where a part stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    path: &'p str,
    position: usize,
}

impl Place<'_> {
    fn path(self, member: &str) -> String {
        format!("{}[{}].{member}", self.path, self.position)
    }

    fn missing(self, member: &str) -> DialectError {
        DialectError::missing(self.path(member))
    }

    fn invalid(self, member: &str, why: &str) -> DialectError {
        let path = self.path(member);
        let message = format!("Invalid value for '{path}': {why}.");
        DialectError::invalid(path, message)
    }
}
