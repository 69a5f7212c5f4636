//! The answer.

use audio::wav::{self, Unwrapped};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    StreamError, Usage,
    gemini::{
        answer::{Answer, AnswerInline},
        audio::rate_of,
        counts::Counts,
        error,
    },
    json::Text,
    openai::finish::{blocked_prompt, withheld},
};

/// The speech of an answer: takes the samples out of it, whole or event by event.
#[derive(Debug, Default)]
pub struct Speech {
    unwrapped: Unwrapped,
    /// What the media types say.
    rate: Option<u32>,
    counts: Counts,
    has_sound: bool,
    has_ended: bool,
    /// A filter has kept back the speech, or what was left of it.
    refusal: Option<String>,
}

/// Why there is no speech, or not all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unspoken {
    /// The answer has no end.
    Truncated,
    /// The answer ended without a sound.
    Silent,
    /// A filter has kept it back; in words for the client.
    Refused(String),
}

impl Speech {
    /// Reads a whole answer or the data of one event, and appends the samples in it: 16 bits, little
    /// endian, one channel.
    pub fn read(&mut self, data: &[u8], samples: &mut Vec<u8>) -> Result<(), StreamError> {
        if data.trim_ascii().is_empty() {
            return Ok(());
        }
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
            let feedback = answer.prompt_feedback.as_ref();
            let message = feedback.and_then(|feedback| feedback.block_reason_message.as_ref());
            let message = message.map(Text::decode);
            self.refusal = Some(blocked_prompt(&reason.decode(), message.as_deref()));
        }
        let Some(candidate) = answer.candidates().first() else { return Ok(()) };
        for part in candidate.parts().iter().filter(|part| !part.is_thought()) {
            if let Some(inline) = &part.inline_data {
                self.sound(inline, samples)?;
            }
        }
        if let Some(reason) = candidate.reason() {
            self.has_ended = true;
            self.refusal = withheld(&reason.decode()).or(self.refusal.take());
        }
        Ok(())
    }

    fn sound(
        &mut self,
        inline: &AnswerInline<'_>,
        samples: &mut Vec<u8>,
    ) -> Result<(), StreamError> {
        let mime = inline.mime_type.as_ref().map(Text::decode).unwrap_or_default();
        if !is_understood(&mime) {
            return Err(StreamError::Malformed(format!("its speech is {mime}")));
        }
        let data = inline.data.as_ref().map(Text::decode).unwrap_or_default();
        let bytes = STANDARD.decode(data.as_bytes());
        let bytes = bytes.map_err(|error| StreamError::Malformed(error.to_string()))?;
        self.rate = self.rate.or(rate_of(&mime));
        let before = samples.len();
        let taken = self.unwrapped.push(&bytes, samples);
        taken.map_err(|unknown| StreamError::Malformed(unknown.to_string()))?;
        self.has_sound |= samples.len() > before;
        Ok(())
    }

    /// Samples a second.
    pub fn rate(&self) -> u32 {
        self.unwrapped.rate().or(self.rate).unwrap_or(wav::RATE)
    }

    /// Something can be heard.
    pub fn has_sound(&self) -> bool {
        self.has_sound
    }

    /// A filter has kept back the speech, or what was left of it.
    pub fn refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }

    /// What it has cost so far.
    pub fn usage(&self) -> Usage {
        self.counts.usage()
    }

    /// Judges the speech after everything has been read.
    pub fn finish(&self) -> Result<(), Unspoken> {
        if let Some(refusal) = &self.refusal {
            return Err(Unspoken::Refused(refusal.clone()));
        }
        match (self.has_sound, self.has_ended) {
            (_, false) => Err(Unspoken::Truncated),
            (false, true) => Err(Unspoken::Silent),
            (true, true) => Ok(()),
        }
    }
}

/// Bare samples, or a file of them.
fn is_understood(mime: &str) -> bool {
    let kind = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(
        kind.as_str(),
        "audio/l16" | "audio/pcm" | "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(events: &[&str]) -> (Speech, Vec<u8>) {
        let (mut speech, mut samples) = (Speech::default(), Vec::new());
        for event in events {
            speech.read(event.as_bytes(), &mut samples).unwrap();
        }
        (speech, samples)
    }

    const SOUND: &str = r#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"audio/L16;rate=16000","data":"AQID"}}]}}]}"#;
    const STOP: &str = r#"{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":25}}"#;

    #[test]
    fn pieces_are_joined() {
        let (speech, samples) = read(&[SOUND, SOUND, STOP]);
        assert_eq!((samples.as_slice(), speech.rate()), ([1, 2, 3, 1, 2, 3].as_slice(), 16_000));
        assert_eq!(speech.finish(), Ok(()));
        assert_eq!(speech.usage().completion, 25);
    }

    #[test]
    fn a_file_says_its_own_rate() {
        let file = [wav::header(2, 44_100).as_slice(), &[7, 8]].concat();
        let data = STANDARD.encode(file);
        let event = format!(
            r#"{{"candidates":[{{"content":{{"parts":[{{"inlineData":{{"mimeType":"audio/wav","data":"{data}"}}}}]}},"finishReason":"STOP"}}]}}"#
        );
        let (speech, samples) = read(&[&event]);
        assert_eq!((samples.as_slice(), speech.rate()), ([7, 8].as_slice(), 44_100));
    }

    #[test]
    fn what_is_no_speech_is_told_apart() {
        assert_eq!(read(&[SOUND]).0.finish(), Err(Unspoken::Truncated));
        let text =
            r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}"#;
        assert_eq!(read(&[text]).0.finish(), Err(Unspoken::Silent));
        let blocked = r#"{"promptFeedback":{"blockReason":"SAFETY"}}"#;
        assert!(matches!(read(&[blocked]).0.finish(), Err(Unspoken::Refused(_))));
        let cut = r#"{"candidates":[{"finishReason":"PROHIBITED_CONTENT"}]}"#;
        assert!(matches!(read(&[SOUND, cut]).0.finish(), Err(Unspoken::Refused(_))));
        let other = r#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"audio/mulaw","data":"AQ=="}}]}}]}"#;
        let mut speech = Speech::default();
        assert!(matches!(
            speech.read(other.as_bytes(), &mut Vec::new()),
            Err(StreamError::Malformed(_))
        ));
        let error = br#"{"error":{"code":500,"message":"m","status":"INTERNAL"}}"#;
        assert!(matches!(speech.read(error, &mut Vec::new()), Err(StreamError::Upstream(_))));
    }
}
