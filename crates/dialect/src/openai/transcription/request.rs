//! The request.

use audio::wav;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::{
    context::{ResponseFormat, Task, TranscriptionContext},
    kind,
};
use crate::{
    DialectError,
    json::to_vec,
    models::{Additions, Changes, find, rules, strip_prefix},
};

/// Google takes requests of 20 MB, and a file grows by a third on its way.
const MAX_FILE: usize = 14 * 1024 * 1024;

/// What a client has uploaded.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'u> {
    /// The file.
    pub file: &'u [u8],
    /// What the client calls it.
    pub file_name: Option<&'u str>,
    /// What the client says it is.
    pub content_type: Option<&'u str>,
    /// The other fields of the form, with or without `[]` behind their names.
    pub fields: &'u [(String, String)],
}

/// What the administrator decides about transcripts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'o> {
    /// The model that transcribes where the client names none, or one of OpenAI's
    /// (`TRANSCRIPTION_MODEL`).
    pub transcriber: &'o str,
    /// The model that translates then (`TRANSLATION_MODEL`).
    pub translator: &'o str,
    /// What is added to requests.
    pub additions: Additions<'o>,
}

impl Upload<'_> {
    fn field(&self, name: &'static str) -> Option<&str> {
        self.all(name).next()
    }

    fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let is_named =
            move |(key, _): &&(String, String)| key.strip_suffix("[]").unwrap_or(key) == name;
        let values = self.fields.iter().filter(is_named).map(|(_, value)| value.trim());
        values.filter(|value| !value.is_empty())
    }

    fn flag(&self, name: &'static str) -> Result<bool, DialectError> {
        match self.field(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(_) => {
                let message = format!("Invalid value for '{name}': expected true or false.");
                Err(DialectError::invalid(name, message))
            }
        }
    }
}

/// Translates a request for a transcript.
pub fn translate(
    task: Task,
    upload: &Upload<'_>,
    options: &Options<'_>,
) -> Result<(TranscriptionContext, Vec<u8>), DialectError> {
    let mime = mime(upload)?;
    let format = format(task, upload)?;
    let (model, more_models, changes) = model(task, upload, options)?;
    let is_transcriber = is_transcriber(&model);
    if is_transcriber && task == Task::Translate {
        let message = format!("Unsupported value for 'model': {model} does not translate.");
        return Err(DialectError::unsupported("model", message));
    }
    let granularities: Vec<&str> = upload.all("timestamp_granularities").collect();
    if let Some(other) = granularities.iter().find(|name| !matches!(**name, "word" | "segment")) {
        let message = format!(
            "Invalid value for 'timestamp_granularities': '{other}' is none of word, segment."
        );
        return Err(DialectError::invalid("timestamp_granularities", message));
    }
    let is_verbose = format == ResponseFormat::VerboseJson;
    let wants_words = is_verbose && granularities.contains(&"word");
    let asks_for_events = upload.flag("stream")?;
    let has_events = !format.has_times() || format == ResponseFormat::DiarizedJson;
    let context = TranscriptionContext {
        more_models,
        task,
        format,
        // As OpenAI's: its one model that knows the other formats gives no events.
        stream: asks_for_events && has_events,
        is_structured: format.has_times() && !is_transcriber,
        wants_words: wants_words && is_transcriber,
        wants_segments: !wants_words || granularities.contains(&"segment") || !is_transcriber,
        language: upload.all("language").chain(upload.all("languages")).next().map(str::to_owned),
        duration: duration(upload.file),
        dropped: dropped(upload, asks_for_events && !has_events, wants_words && !is_transcriber),
        model,
    };
    let body = body(upload, &mime, &context, is_transcriber);
    let changes = if is_transcriber { Changes::default() } else { changes };
    let rules = rules(&context.model);
    let complete = options.additions.add(&context.model, &changes, &rules, body.into(), &[])?;
    Ok((context, complete.body.text))
}

fn mime(upload: &Upload<'_>) -> Result<String, DialectError> {
    if upload.file.is_empty() {
        return Err(DialectError::invalid("file", "Invalid value for 'file': it is empty."));
    }
    if upload.file.len() > MAX_FILE {
        return Err(DialectError::too_large(
            "file",
            format!(
                "Invalid value for 'file': it has {} bytes, and {MAX_FILE} are the most.",
                upload.file.len()
            ),
        ));
    }
    kind::of(upload.file, upload.file_name, upload.content_type).ok_or_else(|| {
        let message = "Invalid file format. Supported formats: flac, m4a, mp3, mp4, mpeg, mpga, \
                       oga, ogg, opus, wav, webm, aac, aiff.";
        DialectError::unsupported("file", message)
    })
}

fn format(task: Task, upload: &Upload<'_>) -> Result<ResponseFormat, DialectError> {
    let Some(name) = upload.field("response_format") else { return Ok(ResponseFormat::default()) };
    let found = ResponseFormat::of(task).find(|(known, _)| *known == name);
    found.map(|(_, format)| format).ok_or_else(|| {
        let names: Vec<&str> = ResponseFormat::of(task).map(|(name, _)| name).collect();
        let names = names.join(", ");
        let message = format!("Invalid value for 'response_format': '{name}' is none of {names}.");
        DialectError::unsupported("response_format", message)
    })
}

fn model(
    task: Task,
    upload: &Upload<'_>,
    options: &Options<'_>,
) -> Result<(String, usize, Changes), DialectError> {
    let asked = strip_prefix(upload.field("model").unwrap_or_default());
    let mut resolved = options.additions.resolve(asked);
    // An alias of the administrator's goes before what the gateway takes OpenAI's names for.
    let is_foreign = ["whisper", "gpt-"].iter().any(|prefix| asked.starts_with(prefix));
    if asked.is_empty() || (is_foreign && resolved.model == asked) {
        let own = match task {
            Task::Transcribe => options.transcriber,
            Task::Translate => options.translator,
        };
        resolved = options.additions.resolve(strip_prefix(own));
    }
    let known = find(&resolved.model);
    if known.is_some_and(|model| !model.input.is_empty() && !model.input.contains(&"audio")) {
        let message = format!("Unsupported value for 'model': {} cannot hear.", resolved.model);
        return Err(DialectError::unsupported("model", message));
    }
    // Tools would only be in the way.
    let changes = Changes { think: resolved.changes.think, ..Changes::default() };
    Ok((resolved.model, resolved.more_models, changes))
}

/// Made for transcribing, and for nothing else.
fn is_transcriber(model: &str) -> bool {
    find(model).map_or(model.contains("-transcribe"), |known| known.family == "asr")
}

/// Seconds, where the file says.
fn duration(file: &[u8]) -> Option<f64> {
    let (rate, samples) = wav::read(file).filter(|(rate, _)| *rate > 0)?;
    Some(samples.len() as f64 / 2.0 / f64::from(rate))
}

fn dropped(upload: &Upload<'_>, stream: bool, words: bool) -> Vec<&'static str> {
    let no_counterpart = [
        "temperature",
        "include",
        "chunking_strategy",
        "known_speaker_names",
        "known_speaker_references",
    ];
    let given = |name: &&'static str| match upload.field(name) {
        None | Some("0" | "0.0" | "auto") => false,
        Some(_) => true,
    };
    let mut dropped: Vec<_> = no_counterpart.into_iter().filter(given).collect();
    dropped.extend(stream.then_some("stream"));
    dropped.extend(words.then_some("timestamp_granularities"));
    dropped
}

/// The file goes straight into the request: megabytes that nobody needs to look at again.
fn body(
    upload: &Upload<'_>,
    mime: &str,
    context: &TranscriptionContext,
    is_transcriber: bool,
) -> Vec<u8> {
    let mut body = Vec::with_capacity(upload.file.len() / 3 * 4 + 2048);
    body.extend_from_slice(br#"{"contents":[{"role":"user","parts":["#);
    if !is_transcriber {
        body.append(&mut to_vec(&json!({"text": wording(upload, context)})));
        body.push(b',');
    }
    body.extend_from_slice(br#"{"inlineData":{"mimeType":"#);
    body.append(&mut to_vec(mime));
    body.extend_from_slice(br#","data":""#);
    body.extend_from_slice(STANDARD.encode(upload.file).as_bytes());
    body.extend_from_slice(br#""}}]}],"generationConfig":"#);
    let config = if is_transcriber { transcribing(upload, context) } else { answering(context) };
    body.append(&mut to_vec(&config));
    body.push(b'}');
    body
}

/// For models that are made for it.
fn transcribing(upload: &Upload<'_>, context: &TranscriptionContext) -> Value {
    let mut config = json!({"mode": "VERBATIM"});
    let languages: Vec<&str> = upload.all("language").chain(upload.all("languages")).collect();
    if !languages.is_empty() {
        config["languageCodes"] = json!(languages);
    }
    // A prompt mostly lists names and terms; what it is in sentences cannot be said.
    let terms = upload.field("prompt").unwrap_or_default().split([',', ';', '\n']);
    let vocabulary: Vec<&str> = upload.all("keywords").chain(terms.map(str::trim)).collect();
    let vocabulary: Vec<&str> = vocabulary.into_iter().filter(|term| !term.is_empty()).collect();
    if !vocabulary.is_empty() {
        config["customVocabulary"] = json!(vocabulary);
    }
    if context.format.has_times() {
        config["wordTimestamp"] = json!(true);
    }
    if context.format == ResponseFormat::DiarizedJson {
        config["diarization"] = json!(true);
    }
    json!({"audioTranscriptionConfig": config})
}

/// For all other models.
fn answering(context: &TranscriptionContext) -> Value {
    let mut config = Map::new();
    if rules(&context.model).sampling {
        config.insert("temperature".to_owned(), json!(0));
    }
    if context.is_structured {
        config.insert("responseMimeType".to_owned(), json!("application/json"));
        let is_diarized = context.format == ResponseFormat::DiarizedJson;
        config.insert("responseJsonSchema".to_owned(), schema(is_diarized));
    }
    config.into()
}

fn schema(is_diarized: bool) -> Value {
    let mut required = vec!["start", "end", "text"];
    let mut segment = json!({
        "start": {"type": "number"}, "end": {"type": "number"}, "text": {"type": "string"},
    });
    if is_diarized {
        segment["speaker"] = json!({"type": "string"});
        required.push("speaker");
    }
    json!({
        "type": "object",
        "properties": {
            "language": {"type": "string"},
            "segments": {
                "type": "array",
                "items": {"type": "object", "properties": segment, "required": required},
            },
        },
        "required": ["language", "segments"],
    })
}

fn wording(upload: &Upload<'_>, context: &TranscriptionContext) -> String {
    let what = match context.task {
        Task::Transcribe => "Transcribe the audio verbatim in its original language.",
        Task::Translate => "Translate the speech into English.",
    };
    let mut sentences = vec![what.to_owned()];
    if context.is_structured {
        sentences.push(
            "Cut it into segments of one sentence or less, with start and end in seconds. Name the \
             language of the audio by its ISO 639-1 code. Without speech there are no segments."
                .to_owned(),
        );
        if context.format == ResponseFormat::DiarizedJson {
            sentences.push("Call the speakers A, B and so on, as they come.".to_owned());
        }
    } else {
        let result = match context.task {
            Task::Transcribe => "transcript",
            Task::Translate => "translation",
        };
        sentences.push(format!("Output only the {result}, and nothing if there is no speech."));
    }
    sentences.extend(context.language.as_ref().map(|code| format!("Language: {code}.")));
    let keywords: Vec<&str> = upload.all("keywords").chain(upload.field("prompt")).collect();
    if !keywords.is_empty() {
        sentences.push(format!("Vocabulary/context: {}", keywords.join(", ")));
    }
    sentences.join(" ")
}
