//! Models that listen: every file says the same two sentences, unless it is silent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::ask::Ask;

/// Seconds of a word.
const WORD: f64 = 0.4;

struct Sentence {
    text: String,
    start: f64,
}

impl Sentence {
    fn words(&self) -> impl Iterator<Item = (&str, f64)> {
        let at = |number: usize| self.start + number as f64 * WORD;
        self.text.split(' ').enumerate().map(move |(number, word)| (word, at(number)))
    }

    fn end(&self) -> f64 {
        self.start + self.text.split(' ').count() as f64 * WORD
    }
}

/// What the user's file says; `None` if there is none.
fn heard(ask: &Ask<'_>) -> Option<Vec<Sentence>> {
    let is_sound = |part: &&Value| {
        part["inlineData"]["mimeType"].as_str().is_some_and(|kind| kind.starts_with("audio/"))
    };
    let part = ask.last_user_parts().iter().find(is_sound)?;
    let bytes = STANDARD.decode(part["inlineData"]["data"].as_str()?).ok()?;
    let is_silent = bytes.get(44..).is_some_and(|rest| rest.iter().all(|byte| *byte == 0));
    if is_silent {
        return Some(Vec::new());
    }
    let kind = part["inlineData"]["mimeType"].as_str().unwrap_or_default();
    let texts = ["Hello there.".to_owned(), format!("I am {kind} of {} bytes.", bytes.len())];
    let mut start = 0.0;
    Some(
        texts
            .into_iter()
            .map(|text| {
                let sentence = Sentence { text, start };
                start = sentence.end();
                sentence
            })
            .collect(),
    )
}

/// The answer of a model that is made for transcribing, as parts.
pub(crate) fn transcript(ask: &Ask<'_>) -> Option<Vec<Value>> {
    if !ask.model.transcribes() {
        return None;
    }
    let config = ask.config("audioTranscriptionConfig");
    let sentences = heard(ask)?;
    let part = |(number, sentence): (usize, &Sentence)| {
        let mut piece = json!({"text": sentence.text, "languageCode": "en-US"});
        if config["diarization"] == true {
            piece["speakerLabel"] = json!(format!("spk_{number}"));
        }
        if config["wordTimestamp"] == true {
            let word = |(word, start): (&str, f64)| {
                json!({
                    "word": word,
                    "startOffset": format!("{start:.3}s"),
                    "endOffset": format!("{:.3}s", start + WORD),
                })
            };
            piece["words"] = sentence.words().map(word).collect();
        }
        json!({"audioTranscription": piece})
    };
    Some(sentences.iter().enumerate().map(part).collect())
}

/// The answer of any other model to who asks for what is said.
pub(crate) fn written(ask: &Ask<'_>) -> Option<String> {
    let asked = ask.last_user_text();
    if !asked.starts_with("Transcribe the audio") && !asked.starts_with("Translate the speech") {
        return None;
    }
    let sentences = heard(ask)?;
    let schema = ask.config("responseJsonSchema");
    if schema.is_null() {
        let texts: Vec<&str> = sentences.iter().map(|sentence| sentence.text.as_str()).collect();
        return Some(texts.join(" "));
    }
    let is_diarized = schema.pointer("/properties/segments/items/properties/speaker").is_some();
    let segment = |(number, sentence): (usize, &Sentence)| {
        let (start, end) = (sentence.start, sentence.end());
        let mut segment = json!({"start": start, "end": end, "text": sentence.text});
        if is_diarized {
            segment["speaker"] = json!(if number == 0 { "A" } else { "B" });
        }
        segment
    };
    let segments: Vec<Value> = sentences.iter().enumerate().map(segment).collect();
    Some(json!({"language": "en", "segments": segments}).to_string())
}
