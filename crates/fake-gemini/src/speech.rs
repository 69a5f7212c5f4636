//! Models that speak: a tone, as long as the text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::ask::{Ask, items};
use crate::errors::invalid_argument;
use crate::reply::Reply;

/// Samples a second.
const RATE: usize = 24_000;

/// Samples of a letter: twenty letters are said in a second.
const LETTER: usize = RATE / 20;

/// Samples of a piece of a stream: half a second.
const PIECE: usize = RATE / 2;

/// Tokens of a second.
const TOKENS: usize = 25;

const VOICES: &[&str] = &[
    "Zephyr",
    "Puck",
    "Charon",
    "Kore",
    "Fenrir",
    "Leda",
    "Orus",
    "Aoede",
    "Callirrhoe",
    "Autonoe",
    "Enceladus",
    "Iapetus",
    "Umbriel",
    "Algieba",
    "Despina",
    "Erinome",
    "Algenib",
    "Rasalgethi",
    "Laomedeia",
    "Achernar",
    "Alnilam",
    "Schedar",
    "Gacrux",
    "Pulcherrima",
    "Achird",
    "Zubenelgenubi",
    "Vindemiatrix",
    "Sadachbia",
    "Sadaltager",
    "Sulafat",
];

/// A speech, as parts, and what it costs.
pub(crate) struct Speech {
    pub(crate) parts: Vec<Value>,
    pub(crate) tokens: u64,
}

/// What a request may ask of a model that speaks, and what only such a model may be asked.
pub(crate) fn check(ask: &Ask<'_>) -> Result<(), Reply> {
    let speech = ask.config("speechConfig");
    let voices = [speech]
        .into_iter()
        .chain(speakers(ask))
        .filter_map(|config| config["voiceConfig"]["prebuiltVoiceConfig"]["voiceName"].as_str());
    for voice in voices {
        if !VOICES.iter().any(|known| known.eq_ignore_ascii_case(voice)) {
            return refuse(&format!("Voice name {voice} is not supported."));
        }
    }
    if speech["voiceConfig"].is_object() && speech["multiSpeakerVoiceConfig"].is_object() {
        return refuse("Only one of voice_config and multi_speaker_voice_config can be set.");
    }
    if speakers(ask).len() > 2 {
        return refuse("multi_speaker_voice_config takes two speakers at the most.");
    }
    let parts = ask.last_user_parts();
    let is_structured = parts.iter().any(|part| part["speechMetadata"].is_object());
    if is_structured && !(ask.model.speaks() && is_late(ask)) {
        return refuse("speech_metadata is not supported by this model.");
    }
    if !ask.model.speaks() {
        return Ok(());
    }
    if !items(ask.config("responseModalities")).iter().any(|modality| modality == "AUDIO") {
        return refuse("The requested combination of response modalities (TEXT) is not supported.");
    }
    if ask.config("responseFormat").is_object() && !is_late(ask) {
        return refuse("response_format is not supported by this model.");
    }
    if text(ask).contains("(refuse me)") && !is_urged(ask) {
        return refuse("Model tried to generate text, but it should only be used for TTS.");
    }
    Ok(())
}

fn refuse(message: &str) -> Result<(), Reply> {
    Err(invalid_argument(message))
}

fn speakers<'a>(ask: &Ask<'a>) -> &'a [Value] {
    items(&ask.config("speechConfig")["multiSpeakerVoiceConfig"]["speakerVoiceConfigs"])
}

/// 3.8 and later: the text stands alone, and the answer is a file.
fn is_late(ask: &Ask<'_>) -> bool {
    ask.model.generation().is_some_and(|generation| generation >= 3.8)
}

fn text(ask: &Ask<'_>) -> String {
    ask.last_user_text()
}

/// The text leaves no doubt that it is to be said.
fn is_urged(ask: &Ask<'_>) -> bool {
    text(ask).starts_with("Say")
}

/// What the model says; `None` if it does not speak, or writes instead since the text asks for it.
pub(crate) fn speech(ask: &Ask<'_>) -> Option<Speech> {
    let text = text(ask);
    if !ask.model.speaks() || (text.contains("(answer me)") && !is_urged(ask)) {
        return None;
    }
    let samples = (text.chars().count() * LETTER).max(RATE / 5);
    let bytes = tone(samples);
    let mime_type = ask.config("responseFormat")["audio"]["mimeType"].as_str();
    let parts = if is_late(ask) && !matches!(mime_type, Some("AUDIO_L16")) {
        let file = [header(bytes.len()).as_slice(), &bytes].concat();
        vec![part("audio/wav", &file)]
    } else {
        let pieces = bytes.chunks(PIECE * 2);
        pieces.map(|piece| part("audio/L16;codec=pcm;rate=24000", piece)).collect()
    };
    Some(Speech { parts, tokens: (samples * TOKENS).div_ceil(RATE) as u64 })
}

fn part(mime_type: &str, bytes: &[u8]) -> Value {
    json!({"inlineData": {"mimeType": mime_type, "data": STANDARD.encode(bytes)}})
}

/// 440 Hz.
fn tone(samples: usize) -> Vec<u8> {
    let sample = |at: usize| {
        let phase = at as f32 * 440.0 * std::f32::consts::TAU / RATE as f32;
        (phase.sin() * 12_000.0) as i16
    };
    (0..samples).flat_map(|at| sample(at).to_le_bytes()).collect()
}

fn header(bytes: usize) -> [u8; 44] {
    let length = u32::try_from(bytes).unwrap_or(u32::MAX);
    let rate = RATE as u32;
    let mut header = [0; 44];
    header[..4].copy_from_slice(b"RIFF");
    header[4..8].copy_from_slice(&length.saturating_add(36).to_le_bytes());
    header[8..16].copy_from_slice(b"WAVEfmt ");
    header[16..24].copy_from_slice(&[16, 0, 0, 0, 1, 0, 1, 0]);
    header[24..28].copy_from_slice(&rate.to_le_bytes());
    header[28..32].copy_from_slice(&(rate * 2).to_le_bytes());
    header[32..36].copy_from_slice(&[2, 0, 16, 0]);
    header[36..40].copy_from_slice(b"data");
    header[40..].copy_from_slice(&length.to_le_bytes());
    header
}
