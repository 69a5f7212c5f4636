//! Content blocks, as parts of a content.

use std::fmt::Write as _;

use serde_json::value::RawValue;

use super::{
    body::{Block, Kind},
    place::Place,
};
use crate::{
    DialectError,
    gemini::content::Part,
    json::{
        self, Text,
        choice::{TextListOrObject, TextOrObject},
    },
    media::MediaReader,
};

/// Stands before what a search found earlier.
const FOUND: &str = "Web search results:";

/// Reads the blocks of a conversation.
pub(super) struct BlockReader<'a> {
    pub(super) media: MediaReader<'a>,
}

impl<'a> BlockReader<'a> {
    /// The parts of a block that anybody may say; `None` for blocks of other kinds.
    pub(super) fn said(
        &mut self,
        place: Place,
        block: Block<'a>,
    ) -> Result<Option<Vec<Part<'a>>>, DialectError> {
        let parts = match block.kind() {
            Kind::Text => vec![Part::text(block.text.ok_or_else(|| place.missing("text"))?)],
            Kind::Image => Vec::from_iter(self.image(place, block)?),
            Kind::Document => self.document(place, block)?,
            Kind::SearchResult => vec![search_result(place, &block)?],
            _ => return Ok(None),
        };
        Ok(Some(parts.into_iter().filter(|part| !part.is_empty()).collect()))
    }

    /// What a tool gave back, its texts a line each.
    pub(super) fn result(
        &mut self,
        place: Place,
        content: Option<TextListOrObject<'a, &'a RawValue>>,
    ) -> Result<Vec<Part<'a>>, DialectError> {
        let blocks = match content {
            None => return Ok(Vec::new()),
            Some(TextListOrObject::Text(text)) => return Ok(vec![Part::text(text)]),
            Some(TextListOrObject::Object) => {
                return Err(place.invalid("content", "expected a string or an array"));
            }
            Some(TextListOrObject::List(blocks)) => blocks,
        };
        let mut parts = Vec::with_capacity(blocks.len());
        let mut texts = 0;
        for part in self.nested(place, "content", &blocks)? {
            if matches!(part, Part::Text { .. }) {
                if texts > 0 {
                    parts.push(Part::text(Text::Verbatim(r"\n")));
                }
                texts += 1;
            }
            parts.push(part);
        }
        Ok(parts)
    }

    /// The parts of blocks within a block. What cannot be said otherwise is told as JSON.
    pub(super) fn nested(
        &mut self,
        place: Place,
        member: &'static str,
        blocks: &[&'a RawValue],
    ) -> Result<Vec<Part<'a>>, DialectError> {
        let mut parts = Vec::with_capacity(blocks.len());
        for (inner, raw) in blocks.iter().enumerate() {
            let place = place.inside(member, inner)?;
            let block = json::parse(raw.get().as_bytes())
                .map_err(|mistake: DialectError| mistake.within(&place.to_string()))?;
            match self.said(place, block)? {
                Some(said) => parts.extend(said),
                None => parts.push(Part::text(json::compact(raw.get()))),
            }
        }
        Ok(parts)
    }
}

/// A passage that the client found somewhere, with where it found it.
fn search_result(place: Place, block: &Block<'_>) -> Result<Part<'static>, DialectError> {
    let mut lines = vec!["Search result:".to_owned()];
    let mut line = |text: &Text<'_>| lines.push(text.decode().into_owned());
    if let Some(title) = &block.title {
        line(title);
    }
    if let Some(TextOrObject::Text(source)) = block.source.as_deref() {
        line(source);
    }
    match block.content.as_deref() {
        Some(TextListOrObject::Text(text)) => line(text),
        Some(TextListOrObject::List(blocks)) => {
            for (inner, raw) in blocks.iter().enumerate() {
                let place = place.inside("content", inner)?;
                let block: Block<'_> = json::parse(raw.get().as_bytes())
                    .map_err(|mistake: DialectError| mistake.within(&place.to_string()))?;
                line(block.text.as_ref().ok_or_else(|| place.missing("text"))?);
            }
        }
        Some(TextListOrObject::Object) | None => return Err(place.missing("content")),
    }
    Ok(Part::text(lines.join("\n")))
}

/// What Anthropic's search, or ours, found earlier: titles and addresses.
pub(super) fn found_earlier(block: &Block<'_>) -> Option<Part<'static>> {
    let Some(TextListOrObject::List(results)) = block.content.as_deref() else { return None };
    let mut text = FOUND.to_owned();
    for raw in results {
        let Ok(result) = json::parse::<Block<'_>>(raw.get().as_bytes()) else { continue };
        let title = result.title.map(|title| title.decode().into_owned()).unwrap_or_default();
        let Some(url) = result.url else { continue };
        // Writing into a String cannot fail.
        let _ = write!(text, "\n{title} – {url}");
    }
    (text.len() > FOUND.len()).then(|| Part::text(text))
}
