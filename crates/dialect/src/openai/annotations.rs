//! Sources of an answer: grounding and recitation, as `url_citation`s.

use std::{borrow::Cow, fmt::Write as _};

use serde::{Deserialize, Serialize};

use crate::{
    gemini::grounding::{Chunk, Grounding, Segment, Source},
    json::{self, Text, number::Integer},
};

/// The text that sources refer to.
pub(crate) struct Told<'t> {
    /// The whole content as the client has it; `None` if it was not kept.
    pub(crate) content: Option<&'t str>,
    /// Where each part of the answer begins in it, in bytes.
    pub(crate) starts: &'t [usize],
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Citations<'a> {
    #[serde(alias = "citations")]
    citation_sources: Option<Vec<Citation<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Citation<'a> {
    start_index: Option<Integer>,
    end_index: Option<Integer>,
    uri: Option<Text<'a>>,
}

/// A source, and the characters of the content that it supports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct UrlCitation {
    pub(crate) start_index: usize,
    pub(crate) end_index: usize,
    pub(crate) url: String,
    pub(crate) title: String,
}

#[derive(Serialize)]
struct Annotation {
    r#type: &'static str,
    url_citation: UrlCitation,
}

/// The list of annotations as chat has it; `[]` where there are none.
pub(crate) fn translate(
    grounding: Option<&str>,
    citations: Option<&str>,
    told: &Told<'_>,
) -> Vec<u8> {
    let nested = |url_citation| Annotation { r#type: "url_citation", url_citation };
    let found = read(grounding, citations, told).into_iter().map(nested);
    json::to_vec(&found.collect::<Vec<_>>())
}

/// All sources. What cannot be read is left out.
pub(crate) fn read(
    grounding: Option<&str>,
    citations: Option<&str>,
    told: &Told<'_>,
) -> Vec<UrlCitation> {
    let mut list = List { found: Vec::new(), told };
    if let Some(grounding) = grounding.and_then(|raw| serde_json::from_str(raw).ok()) {
        list.grounding(&grounding);
    }
    if let Some(citations) = citations.and_then(|raw| serde_json::from_str(raw).ok()) {
        list.citations(&citations);
    }
    list.found
}

/// The sources as a list in Markdown, to put below the text; empty where there are none.
pub(crate) fn as_text(grounding: &str) -> String {
    let read: Option<Grounding<'_>> = serde_json::from_str(grounding).ok();
    let mut text = String::new();
    for chunk in read.and_then(|grounding| grounding.grounding_chunks).into_iter().flatten() {
        let Some(Source { uri: Some(uri), title }) = chunk.web.or(chunk.maps) else { continue };
        text.push_str(if text.is_empty() { "\n\n---\n\n**Sources**\n\n" } else { "" });
        let uri = uri.decode();
        let title = title.map(|title| title.decode()).filter(|title| !title.is_empty());
        let title = title.unwrap_or(Cow::Borrowed(&uri)).replace('[', "\\[").replace(']', "\\]");
        let target = uri.replace(' ', "%20").replace('(', "%28").replace(')', "%29");
        // Writing into a String cannot fail.
        let _ = writeln!(text, "- [{title}]({target})");
    }
    text
}

struct List<'t> {
    found: Vec<UrlCitation>,
    told: &'t Told<'t>,
}

impl List<'_> {
    fn grounding(&mut self, grounding: &Grounding<'_>) {
        let chunks = grounding.grounding_chunks.as_deref().unwrap_or_default();
        let mut supporting = vec![false; chunks.len()];
        for support in grounding.grounding_supports.iter().flatten() {
            let segment = support.segment.as_ref();
            let (start, end) = segment.map_or((0, 0), |segment| self.place(segment));
            for Integer(index) in support.grounding_chunk_indices.iter().flatten() {
                let Some(index) = usize::try_from(*index).ok().filter(|at| *at < chunks.len())
                else {
                    continue;
                };
                supporting[index] = true;
                self.source(&chunks[index], start, end);
            }
        }
        // Sources that nothing refers to concern the answer as a whole.
        let end = self.told.content.map_or(0, |content| content.chars().count());
        for (chunk, _) in chunks.iter().zip(supporting).filter(|(_, supporting)| !supporting) {
            self.source(chunk, end, end);
        }
    }

    fn source(&mut self, chunk: &Chunk<'_>, start: usize, end: usize) {
        let Some(source) = chunk.web.as_ref().or(chunk.maps.as_ref()) else { return };
        let Some(uri) = &source.uri else { return };
        let title = source.title.as_ref().map(Text::decode).unwrap_or_default();
        self.push(start, end, &uri.decode(), &title);
    }

    fn citations(&mut self, citations: &Citations<'_>) {
        for citation in citations.citation_sources.iter().flatten() {
            let Some(uri) = citation.uri.as_ref().map(Text::decode) else { continue };
            let bytes = (offset(citation.start_index), offset(citation.end_index));
            let (start, end) = self.characters(bytes);
            self.push(start, end, &uri, &uri);
        }
    }

    fn push(&mut self, start_index: usize, end_index: usize, url: &str, title: &str) {
        let (url, title) = (url.to_owned(), title.to_owned());
        self.found.push(UrlCitation { start_index, end_index, url, title });
    }

    /// Gemini counts bytes within a part, OpenAI characters of the whole content.
    fn place(&self, segment: &Segment<'_>) -> (usize, usize) {
        let part = self.told.starts.get(offset(segment.part_index)).copied().unwrap_or(0);
        let (start, end) = (part + offset(segment.start_index), part + offset(segment.end_index));
        let text = segment.text.as_ref().map(Text::decode).unwrap_or_default();
        let Some(content) = self.told.content.filter(|_| !text.is_empty()) else {
            return self.characters((start, end));
        };
        if content.get(start..end) == Some(&*text) {
            return self.characters((start, end));
        }
        // In streams the parts are cut elsewhere than Gemini counts them.
        match content.find(&*text) {
            Some(found) => self.characters((found, found + text.len())),
            None => self.characters((start, end)),
        }
    }

    fn characters(&self, (start, end): (usize, usize)) -> (usize, usize) {
        let Some(content) = self.told.content else { return (start, end) };
        let count = |byte: usize| {
            let boundary = content.floor_char_boundary(byte.min(content.len()));
            content[..boundary].chars().count()
        };
        (count(start), count(end))
    }
}

fn offset(number: Option<Integer>) -> usize {
    number.and_then(|Integer(number)| usize::try_from(number).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(grounding: &str, content: &str, starts: &[usize]) -> String {
        let told = Told { content: Some(content), starts };
        String::from_utf8(translate(Some(grounding), None, &told)).unwrap()
    }

    #[test]
    fn sources_are_listed_below_the_text() {
        let grounding = r#"{"groundingChunks":[{"web":{"uri":"https://a/(b) c","title":"[A]"}},{"maps":{"uri":"https://b"}},{}]}"#;
        assert_eq!(
            as_text(grounding),
            "\n\n---\n\n**Sources**\n\n- [\\[A\\]](https://a/%28b%29%20c)\n- [https://b](https://b)\n"
        );
        assert_eq!(as_text("{}"), "");
    }

    #[test]
    fn byte_offsets_become_character_offsets() {
        let grounding = r#"{"groundingChunks":[{"web":{"uri":"https://a","title":"A"}},{"web":{"uri":"https://b"}},{}],
            "groundingSupports":[{"segment":{"startIndex":4,"endIndex":6,"text":"é"},"groundingChunkIndices":[0,7]}]}"#;
        insta::assert_snapshot!(
            translated(grounding, "ééé!", &[0]),
            @r#"[{"type":"url_citation","url_citation":{"start_index":2,"end_index":3,"url":"https://a","title":"A"}},{"type":"url_citation","url_citation":{"start_index":4,"end_index":4,"url":"https://b","title":""}}]"#
        );
    }

    #[test]
    fn parts_shift_and_wrong_offsets_are_searched() {
        let shifted = r#"{"groundingChunks":[{"web":{"uri":"u"}}],"groundingSupports":[
            {"segment":{"partIndex":2,"startIndex":0,"endIndex":2,"text":"cd"},"groundingChunkIndices":[0]}]}"#;
        assert!(
            translated(shifted, "abcd", &[0, 0, 2]).contains(r#""start_index":2,"end_index":4"#)
        );
        assert!(translated(shifted, "abcd", &[0]).contains(r#""start_index":2,"end_index":4"#));
        assert!(translated(shifted, "ab", &[0]).contains(r#""start_index":0,"end_index":2"#));
    }

    #[test]
    fn nonsense_gives_no_annotations() {
        assert_eq!(translated("{}", "a", &[]), "[]");
        assert_eq!(translated(r#"{"groundingChunks":3}"#, "a", &[]), "[]");
        let cited =
            r#"{"citationSources":[{"startIndex":0,"endIndex":9,"uri":"u"},{"license":"x"}]}"#;
        let told = Told { content: Some("é"), starts: &[] };
        let list = String::from_utf8(translate(None, Some(cited), &told)).unwrap();
        assert_eq!(
            list,
            r#"[{"type":"url_citation","url_citation":{"start_index":0,"end_index":1,"url":"u","title":"u"}}]"#
        );
    }
}
