//! The request.

use audio::Format;
use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};

use super::{turns::turns, voices};
use crate::{
    DialectError,
    json::{Text, choice::TextOrObject, parse, to_vec},
    models::{Additions, Speaking, find, rules, speaking, strip_prefix},
    openai::chat::{
        body::{ExtraBody, Voice},
        extra::{self, Extra, Places, merge},
    },
};

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Wanted<'a> {
    model: Option<Text<'a>>,
    input: Option<Text<'a>>,
    voice: Option<TextOrObject<'a, Voice<'a>>>,
    instructions: Option<Text<'a>>,
    response_format: Option<Text<'a>>,
    speed: Option<f64>,
    stream_format: Option<Text<'a>>,
    extra_body: Option<ExtraBody<'a>>,
    #[serde(borrow)]
    google: Option<&'a RawValue>,
}

/// How fast speech is to be where the client does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pace {
    /// Slower than the model would speak.
    Slow,
    /// As the model speaks.
    #[default]
    Normal,
    /// Faster than the model would speak.
    Fast,
}

/// What the administrator decides about speech.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'o> {
    /// The model that speaks where the client names none, or one of OpenAI's (`TTS_MODEL`).
    pub model: &'o str,
    /// The voice where the client names none that is known (`TTS_VOICE_NAME`).
    pub voice: &'o str,
    /// The pace where the client names none (`TTS_SPEED`).
    pub pace: Pace,
    /// What is added to requests.
    pub additions: Additions<'o>,
}

/// What is needed of a request to answer it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeechContext {
    model: String,
    more_models: usize,
    format: Format,
    wants_events: bool,
    is_streamed: bool,
    dropped: Vec<&'static str>,
}

impl SpeechContext {
    /// Gemini's name of the model.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// How many models may answer if this one cannot.
    pub fn more_models(&self) -> usize {
        self.more_models
    }

    /// What the speech is to be handed out as.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The client wants events with pieces of the file in them, not the file.
    pub fn wants_events(&self) -> bool {
        self.wants_events
    }

    /// The model is to be asked by `streamGenerateContent`.
    pub fn is_streamed(&self) -> bool {
        self.is_streamed
    }

    /// Fields that have no counterpart and were left out.
    pub fn dropped(&self) -> &[&'static str] {
        &self.dropped
    }
}

/// A request for Gemini.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeechRequest {
    /// The body.
    pub body: Vec<u8>,
    /// The same in words that leave no doubt that the text is to be spoken, for a model that did
    /// not understand that; `None` for models that speak whatever they are given.
    pub urged: Option<Vec<u8>>,
}

/// Translates a request for speech.
pub fn translate(
    body: &[u8],
    options: &Options<'_>,
) -> Result<(SpeechContext, SpeechRequest), DialectError> {
    let body: Wanted<'_> = parse(body)?;
    let input = body.input.as_ref().ok_or_else(|| DialectError::missing("input"))?.decode();
    if input.trim().is_empty() {
        return Err(DialectError::invalid("input", "Invalid value for 'input': it is empty."));
    }
    let format = format(body.response_format.as_ref())?;
    let wants_events = wants_events(body.stream_format.as_ref())?;
    let (model, more_models) = model(body.model.as_ref(), options)?;
    let mut dropped = Vec::new();
    let voice = voice(body.voice.as_ref(), options, &mut dropped)?;
    let style = style(body.instructions.as_ref(), body.speed, options.pace)?;
    let (extra_body, google) = (body.extra_body.as_ref(), body.google);
    let extra = extra::read(&Places { extra_body, google, safety_settings: None })?;
    if extra.unknown || !extra.tools.is_empty() {
        dropped.push("extra_body.google");
    }
    let speaking = speaking(&model);
    let request = Request::new(&model, voice, speaking, extra, &options.additions);
    let (body, urged) = if speaking.is_structured {
        (request.with_parts(structured(&input, style.as_deref(), &request.speakers())), None)
    } else {
        let style = style.as_deref();
        (request.with_text(&spoken(&input, style)), Some(request.with_text(&urged(&input, style))))
    };
    let is_streamed = speaking.streams;
    let context = SpeechContext { model, more_models, format, wants_events, is_streamed, dropped };
    Ok((context, SpeechRequest { body, urged }))
}

fn format(name: Option<&Text<'_>>) -> Result<Format, DialectError> {
    let Some(name) = name.map(Text::decode) else { return Ok(Format::default()) };
    Format::named(&name).ok_or_else(|| {
        let names = Format::ALL.map(Format::name).join(", ");
        let message = format!("Invalid value for 'response_format': '{name}' is none of {names}.");
        DialectError::unsupported("response_format", message)
    })
}

fn wants_events(format: Option<&Text<'_>>) -> Result<bool, DialectError> {
    match format.map(Text::decode).as_deref() {
        None | Some("audio") => Ok(false),
        Some("sse") => Ok(true),
        Some(other) => {
            let message =
                format!("Invalid value for 'stream_format': '{other}' is none of audio, sse.");
            Err(DialectError::invalid("stream_format", message))
        }
    }
}

fn model(name: Option<&Text<'_>>, options: &Options<'_>) -> Result<(String, usize), DialectError> {
    let asked = name.map(Text::decode).unwrap_or_default();
    let asked = strip_prefix(&asked);
    let mut resolved = options.additions.resolve(asked);
    // An alias of the administrator's goes before what the gateway takes OpenAI's names for.
    let is_foreign = ["tts-", "gpt-"].iter().any(|prefix| asked.starts_with(prefix));
    if asked.is_empty() || (is_foreign && resolved.model == asked) {
        resolved = options.additions.resolve(strip_prefix(options.model));
    }
    if find(&resolved.model).is_some() && !rules(&resolved.model).speech {
        let message = format!(
            "Unsupported value for 'model': {} does not speak; {} does.",
            resolved.model, options.model
        );
        return Err(DialectError::unsupported("model", message));
    }
    Ok((resolved.model, resolved.more_models))
}

fn voice<'o>(
    voice: Option<&TextOrObject<'_, Voice<'_>>>,
    options: &Options<'o>,
    dropped: &mut Vec<&'static str>,
) -> Result<&'o str, DialectError> {
    let name = match voice {
        None => return Ok(options.voice),
        Some(TextOrObject::Text(name)) => name.decode(),
        Some(TextOrObject::Object(_)) => {
            let message = "Unsupported value for 'voice': Gemini knows no custom voices of OpenAI.";
            return Err(DialectError::unsupported("voice", message));
        }
    };
    if name.is_empty() {
        return Ok(options.voice);
    }
    Ok(voices::find(&name).unwrap_or_else(|| {
        dropped.push("voice");
        options.voice
    }))
}

/// How the text is to be spoken, in words; `None` if nobody says.
fn style(
    instructions: Option<&Text<'_>>,
    speed: Option<f64>,
    pace: Pace,
) -> Result<Option<String>, DialectError> {
    if speed.is_some_and(|speed| !(0.25..=4.0).contains(&speed)) {
        let message = "Invalid value for 'speed': expected a number from 0.25 to 4.";
        return Err(DialectError::invalid("speed", message));
    }
    let pace = match (speed, pace) {
        (Some(speed), _) if speed <= 0.6 => Some("Speak very slowly"),
        (Some(speed), _) if speed < 1.0 => Some("Speak slowly"),
        (Some(speed), _) if speed >= 1.6 => Some("Speak very fast"),
        (Some(speed), _) if speed > 1.0 => Some("Speak fast"),
        (Some(_), _) | (None, Pace::Normal) => None,
        (None, Pace::Slow) => Some("Speak slowly"),
        (None, Pace::Fast) => Some("Speak fast"),
    };
    let instructions = instructions.map(Text::decode).unwrap_or_default();
    let instructions = instructions.trim().trim_end_matches([':', '.']).trim_end();
    let told = Some(instructions).filter(|told| !told.is_empty());
    let told: Vec<&str> = told.into_iter().chain(pace).collect();
    Ok((!told.is_empty()).then(|| told.join(". ")))
}

fn spoken(input: &str, style: Option<&str>) -> String {
    match style {
        Some(style) => format!("{style}: {input}"),
        None => input.to_owned(),
    }
}

fn urged(input: &str, style: Option<&str>) -> String {
    match style {
        Some(style) => format!("Say the following. {style}: {input}"),
        None => format!("Say: {input}"),
    }
}

fn structured(input: &str, style: Option<&str>, speakers: &[String]) -> Value {
    let turns =
        if speakers.is_empty() { vec![(None, input.to_owned())] } else { turns(input, speakers) };
    let part = |(speaker, text): (Option<String>, String)| {
        let mut metadata = Map::new();
        metadata.extend(style.map(|style| ("style".to_owned(), style.into())));
        metadata.extend(speaker.map(|speaker| ("speaker".to_owned(), speaker.into())));
        let mut part = json!({"text": text});
        if !metadata.is_empty() {
            part["speechMetadata"] = metadata.into();
        }
        part
    };
    turns.into_iter().map(part).collect()
}

/// Everything of Gemini's request but what is to be spoken.
struct Request {
    config: Map<String, Value>,
    more: Map<String, Value>,
}

impl Request {
    fn new(
        model: &str,
        voice: &str,
        speaking: Speaking,
        extra: Extra,
        additions: &Additions<'_>,
    ) -> Self {
        let mut config = Map::new();
        config.insert("responseModalities".to_owned(), json!(["AUDIO"]));
        let prebuilt = json!({"prebuiltVoiceConfig": {"voiceName": voice}});
        config.insert("speechConfig".to_owned(), json!({"voiceConfig": prebuilt}));
        if speaking.is_structured {
            config.insert("responseFormat".to_owned(), json!({"audio": {"mimeType": "AUDIO_L16"}}));
        }
        merge(&mut config, extra.generation);
        if let Some(Value::Object(speech)) = config.get_mut("speechConfig")
            && speech.contains_key("multiSpeakerVoiceConfig")
        {
            speech.remove("voiceConfig");
        }
        let mut more = extra.request;
        let safety = additions.safety(model);
        if !safety.is_empty() && !more.contains_key("safetySettings") {
            more.insert("safetySettings".to_owned(), json!(safety));
        }
        Self { config, more }
    }

    /// Names of those who speak, where there are several.
    fn speakers(&self) -> Vec<String> {
        let speech = self.config.get("speechConfig").unwrap_or(&Value::Null);
        let configs = &speech["multiSpeakerVoiceConfig"]["speakerVoiceConfigs"];
        let names = configs.as_array().into_iter().flatten();
        names.filter_map(|config| config["speaker"].as_str().map(str::to_owned)).collect()
    }

    fn with_text(&self, text: &str) -> Vec<u8> {
        self.with_parts(json!([{"text": text}]))
    }

    fn with_parts(&self, parts: Value) -> Vec<u8> {
        let mut request = Map::new();
        let mut content = json!({"role": "user"});
        content["parts"] = parts;
        request.insert("contents".to_owned(), json!([content]));
        request.insert("generationConfig".to_owned(), self.config.clone().into());
        request.extend(self.more.clone());
        to_vec(&request)
    }
}
