//! What the settings of speech mean.

use crate::layers::Values;

/// Speech, spoken and heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speech {
    /// Model that speaks where the client names none (`TTS_MODEL`).
    pub model: String,
    /// Voice where the client names none that is known (`TTS_VOICE_NAME`).
    pub voice: String,
    /// Pace where the client names none (`TTS_SPEED`).
    pub pace: Pace,
    /// Model that transcribes where the client names none (`TRANSCRIPTION_MODEL`).
    pub transcriber: String,
    /// Model that translates then (`TRANSLATION_MODEL`).
    pub translator: String,
}

/// How fast speech is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Slower than the model would speak.
    Slow,
    /// As the model speaks.
    Normal,
    /// Faster than the model would speak.
    Fast,
}

impl Speech {
    pub(crate) fn read(values: &Values) -> Self {
        let text = |name| values.text(name).unwrap_or_default().to_owned();
        Self {
            model: text("TTS_MODEL"),
            voice: text("TTS_VOICE_NAME"),
            pace: match values.text("TTS_SPEED") {
                Some("slow") => Pace::Slow,
                Some("fast") => Pace::Fast,
                _ => Pace::Normal,
            },
            transcriber: text("TRANSCRIPTION_MODEL"),
            translator: text("TRANSLATION_MODEL"),
        }
    }
}
