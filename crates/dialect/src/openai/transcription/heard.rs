//! What a model has heard, as its answer comes in.

use serde::Deserialize;

use super::{
    context::TranscriptionContext,
    lines::{Segment, Word, segments},
};
use crate::{
    gemini::{answer::Answer, answer::AnswerPart, counts::Counts, error},
    json::Text,
    openai::finish::{blocked_prompt, withheld},
    outcome::StreamError,
};

/// A part of a model's answer that is made for transcribing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct WirePiece<'a> {
    text: Option<Text<'a>>,
    language_code: Option<Text<'a>>,
    speaker_label: Option<Text<'a>>,
    words: Option<Vec<WireWord<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct WireWord<'a> {
    word: Option<Text<'a>>,
    start_offset: Option<Text<'a>>,
    end_offset: Option<Text<'a>>,
}

/// The answer of any other model, where it had to be JSON.
#[derive(Deserialize)]
struct Structured {
    language: Option<String>,
    segments: Vec<WireSegment>,
}

#[derive(Deserialize)]
struct WireSegment {
    start: f64,
    end: f64,
    text: String,
    speaker: Option<String>,
}

/// What was heard, once all of it is there.
#[derive(Debug, Default)]
pub(super) struct Transcript {
    pub(super) text: String,
    pub(super) language: Option<String>,
    pub(super) segments: Vec<Segment>,
    pub(super) words: Vec<Word>,
}

impl Transcript {
    /// Seconds up to the last sound that was understood.
    pub(super) fn end(&self) -> f64 {
        let words = self.words.iter().map(|word| word.end);
        let segments = self.segments.iter().map(|segment| segment.end);
        words.chain(segments).fold(0.0, f64::max)
    }
}

/// Gathers what was heard, event by event.
#[derive(Debug, Default)]
pub(super) struct Hearing {
    /// The text, or the JSON that holds it.
    text: String,
    language: Option<String>,
    words: Vec<Word>,
    pub(super) counts: Counts,
    pub(super) has_ended: bool,
    /// A filter has kept back the transcript, or what was left of it.
    pub(super) refusal: Option<String>,
}

impl Hearing {
    /// Reads a whole answer or the data of one event; gives the text in it.
    pub(super) fn read(&mut self, data: &[u8]) -> Result<String, StreamError> {
        let answer = match Answer::read(data) {
            Ok(answer) => answer,
            Err(why) => {
                let error = error::parse(data);
                return Err(error.map_or(StreamError::Malformed(why), StreamError::Upstream));
            }
        };
        if let Some(error) = answer.error {
            return Err(StreamError::Upstream(error::read(error)));
        }
        if let Some(metadata) = &answer.usage_metadata {
            self.counts.merge(metadata);
        }
        if let Some(reason) = answer.block_reason() {
            self.refusal = Some(blocked_prompt(&reason.decode(), None));
        }
        let before = self.text.len();
        if let Some(candidate) = answer.candidates().first() {
            for part in candidate.parts() {
                self.part(part);
            }
            if let Some(reason) = candidate.reason() {
                self.has_ended = true;
                self.refusal = withheld(&reason.decode()).or(self.refusal.take());
            }
        }
        Ok(self.text.get(before..).unwrap_or_default().to_owned())
    }

    fn part(&mut self, part: &AnswerPart<'_>) {
        if part.is_thought() {
            return;
        }
        let piece = part.audio_transcription.map(|raw| serde_json::from_str(raw.get()));
        if let Some(Ok(piece)) = piece {
            self.piece(&piece);
        } else if let Some(text) = &part.text {
            self.text.push_str(&text.decode());
        }
    }

    fn piece(&mut self, piece: &WirePiece<'_>) {
        let text = piece.text.as_ref().map(Text::decode).unwrap_or_default();
        if needs_blank(&self.text, &text) {
            self.text.push(' ');
        }
        self.text.push_str(&text);
        if self.language.is_none() {
            self.language = piece.language_code.as_ref().map(|code| code.decode().into_owned());
        }
        let speaker = piece.speaker_label.as_ref().map(|label| label.decode().into_owned());
        for word in piece.words.iter().flatten() {
            let start = seconds(word.start_offset.as_ref());
            self.words.push(Word {
                text: word.word.as_ref().map(|word| word.decode().into_owned()).unwrap_or_default(),
                start,
                end: seconds(word.end_offset.as_ref()).max(start),
                speaker: speaker.clone(),
            });
        }
    }

    /// All of it, after everything has been read.
    pub(super) fn finish(self, context: &TranscriptionContext) -> Result<Transcript, StreamError> {
        let text = self.text.trim();
        if context.is_structured {
            return structured(text);
        }
        let mut segments = segments(&self.words);
        if segments.is_empty() && !text.is_empty() {
            let end = context.duration.unwrap_or_default();
            segments.push(Segment { start: 0.0, end, text: text.to_owned(), speaker: None });
        }
        let (text, language, words) = (text.to_owned(), self.language, self.words);
        Ok(Transcript { text, language, segments, words })
    }
}

fn structured(text: &str) -> Result<Transcript, StreamError> {
    // Where nothing is said there may be nothing at all.
    if text.is_empty() {
        return Ok(Transcript::default());
    }
    let read: Structured = serde_json::from_str(text).map_err(|error| {
        StreamError::Malformed(format!("its transcript is not what was asked for: {error}"))
    })?;
    let mut transcript = Transcript { language: read.language, ..Transcript::default() };
    for WireSegment { start, end, text, speaker } in read.segments {
        let text = text.trim().to_owned();
        if needs_blank(&transcript.text, &text) {
            transcript.text.push(' ');
        }
        transcript.text.push_str(&text);
        let start = start.max(0.0);
        transcript.segments.push(Segment { start, end: end.max(start), text, speaker });
    }
    Ok(transcript)
}

/// Whether a blank belongs between two pieces of a text: not in scripts that are written without.
pub(super) fn needs_blank(before: &str, after: &str) -> bool {
    let (Some(last), Some(first)) = (before.chars().last(), after.chars().next()) else {
        return false;
    };
    // Thai, and all that is Chinese or Japanese.
    let is_dense = |letter: char| ('\u{e00}'..'\u{e80}').contains(&letter) || letter > '\u{2e7f}';
    let is_hangul = |letter: char| ('\u{ac00}'..'\u{d7b0}').contains(&letter);
    let is_dense = |letter: char| is_dense(letter) && !is_hangul(letter);
    let is_parted = last.is_whitespace() || first.is_whitespace();
    !(is_parted || is_dense(last) && is_dense(first))
}

/// `1.2` of `1.2s`.
fn seconds(offset: Option<&Text<'_>>) -> f64 {
    let offset = offset.map(Text::decode).unwrap_or_default();
    let seconds = offset.trim_end_matches('s').parse().unwrap_or(0.0_f64);
    if seconds.is_finite() { seconds.max(0.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_joined_as_their_script_wants() {
        assert!(needs_blank("one", "two") && needs_blank("하나", "둘"));
        assert!(!needs_blank("", "two") && !needs_blank("one ", "two"));
        assert!(!needs_blank("一。", "二") && needs_blank("一", "two"));
    }

    #[test]
    fn offsets_are_seconds() {
        let read = |text: &str| seconds(Some(&Text::from(text)));
        assert!((read("1.25s") - 1.25).abs() < f64::EPSILON && read("0s") == 0.0);
        assert!(read("-3s") == 0.0 && read("soon") == 0.0 && read("infs") == 0.0);
    }
}
