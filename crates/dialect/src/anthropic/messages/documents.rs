//! Pictures and documents of a conversation.

use std::borrow::Cow;

use super::{
    blocks::BlockReader,
    body::{Block, Source},
    place::Place,
};
use crate::{
    DialectError,
    gemini::content::Part,
    json::{
        Text,
        choice::{TextOrList, TextOrObject},
    },
    media,
};

impl<'a> BlockReader<'a> {
    /// The part of a picture; none where somebody has to fetch it first.
    pub(super) fn image(
        &mut self,
        place: Place,
        block: Block<'a>,
    ) -> Result<Option<Part<'a>>, DialectError> {
        let source = source(place, block.source)?;
        match source.kind.decode().as_ref() {
            "base64" => self.bytes(place, source),
            "url" => self.url(place, source),
            "file" => file(place, &source).map(Some),
            other => Err(unknown(place, other)),
        }
    }

    /// The parts of a document, its title and context before it.
    pub(super) fn document(
        &mut self,
        place: Place,
        mut block: Block<'a>,
    ) -> Result<Vec<Part<'a>>, DialectError> {
        let mut parts = Vec::from_iter(heading(block.title.take(), block.context.take()));
        let source = source(place, block.source.take())?;
        match source.kind.decode().as_ref() {
            "base64" => parts.extend(self.bytes(place, source)?),
            "text" => {
                let text = source.data.ok_or_else(|| place.missing("source.data"))?;
                parts.push(Part::text(text));
            }
            "url" => parts.extend(self.url(place, source)?),
            "file" => parts.push(file(place, &source)?),
            "content" => {
                let content = source.content.ok_or_else(|| place.missing("source.content"))?;
                match content {
                    TextOrList::Text(text) => parts.push(Part::text(text)),
                    TextOrList::List(blocks) => {
                        parts.extend(self.nested(place, "source.content", &blocks)?);
                    }
                }
            }
            other => return Err(unknown(place, other)),
        }
        Ok(parts)
    }

    fn url(&mut self, place: Place, source: Source<'a>) -> Result<Option<Part<'a>>, DialectError> {
        let url = source.url.ok_or_else(|| place.missing("source.url"))?;
        self.media.url(|| place.path("source.url"), url, None)
    }

    fn bytes(
        &mut self,
        place: Place,
        source: Source<'a>,
    ) -> Result<Option<Part<'a>>, DialectError> {
        let data = source.data.ok_or_else(|| place.missing("source.data"))?;
        let mime = source
            .media_type
            .as_ref()
            .and_then(media::named_mime)
            .or_else(|| media::mime_of_bytes(&data).map(Cow::Borrowed))
            .ok_or_else(|| {
                place.invalid("source.media_type", "the media type is missing or unknown")
            })?;
        self.media.bytes(|| place.path("source.data"), data, Some(mime))
    }
}

fn source<'a>(
    place: Place,
    source: Option<Box<TextOrObject<'a, Source<'a>>>>,
) -> Result<Source<'a>, DialectError> {
    match source.map(|source| *source) {
        Some(TextOrObject::Object(source)) => Ok(source),
        Some(TextOrObject::Text(_)) => Err(place.invalid("source", "expected an object")),
        None => Err(place.missing("source")),
    }
}

fn file<'a>(place: Place, source: &Source<'a>) -> Result<Part<'a>, DialectError> {
    let id = source.file_id.as_ref().ok_or_else(|| place.missing("source.file_id"))?;
    media::uploaded(&id.decode()).ok_or_else(|| {
        let why = "only files of the Gemini Files API (`files/…`) can be named";
        place.unsupported("source.file_id", why)
    })
}

fn unknown(place: Place, kind: &str) -> DialectError {
    place.invalid("source.type", &format!("unknown source type '{kind}'"))
}

/// What the client says about a document.
fn heading<'a>(title: Option<Box<Text<'a>>>, context: Option<Box<Text<'a>>>) -> Option<Part<'a>> {
    let said = |text: Option<Box<Text<'a>>>| text.filter(|text| !text.is_empty());
    match (said(title), said(context)) {
        (None, None) => None,
        (title, context) => {
            let text = |text: Option<Box<Text<'a>>>| text.map(|text| text.decode().into_owned());
            let first = format!("Document: {}", text(title).unwrap_or_default());
            Some(Part::text(
                [Some(first), text(context)].into_iter().flatten().collect::<Vec<_>>().join("\n"),
            ))
        }
    }
}
