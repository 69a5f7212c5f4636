//! What is said to what a client says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::tokens;

/// What the client has said since the last answer, and how it wants to be answered.
pub(super) struct Turns {
    text: String,
    audio_bytes: usize,
    in_audio: bool,
    transcribes: bool,
    function: Option<String>,
    is_resumed: bool,
}

/// An answer.
pub(super) enum Said {
    Nothing,
    /// A call of a function.
    Call(Value),
    /// Soon it is over.
    GoAway,
    Turn {
        parts: Value,
        transcription: Option<String>,
        usage: Value,
    },
}

impl Turns {
    pub(super) fn new(setup: &Value) -> Self {
        let modalities = field(field(setup, "generationConfig"), "responseModalities");
        let wants_text = |list: &Vec<Value>| list.iter().any(|one| one == "TEXT");
        let tools = setup["tools"].as_array().into_iter().flatten();
        let function = tools
            .filter_map(|tool| field(tool, "functionDeclarations").as_array()?.first())
            .find_map(|declared| declared["name"].as_str());
        Self {
            text: String::new(),
            audio_bytes: 0,
            in_audio: !modalities.as_array().is_some_and(wants_text),
            transcribes: !field(setup, "outputAudioTranscription").is_null(),
            function: function.map(str::to_owned),
            is_resumed: field(field(setup, "sessionResumption"), "handle").is_string(),
        }
    }

    pub(super) fn hear(&mut self, message: &Value, serial: u64) -> Said {
        let content = field(message, "clientContent");
        for turn in content["turns"].as_array().into_iter().flatten() {
            for part in turn["parts"].as_array().into_iter().flatten() {
                self.text.push_str(part["text"].as_str().unwrap_or_default());
            }
        }
        if field(content, "turnComplete") == true {
            return self.answer(serial);
        }
        let input = field(message, "realtimeInput");
        if let Some(text) = input["text"].as_str() {
            self.text.push_str(text);
            return self.answer(serial);
        }
        if let Some(data) = input["audio"]["data"].as_str() {
            self.audio_bytes += STANDARD.decode(data).map_or(0, |bytes| bytes.len());
        }
        if field(input, "audioStreamEnd") == true {
            let heard = std::mem::take(&mut self.audio_bytes);
            return self.turn(&format!("You sent {heard} bytes of sound"), heard as u64 / 32);
        }
        let responses = field(field(message, "toolResponse"), "functionResponses");
        if let Some(first) = responses.as_array().and_then(|list| list.first()) {
            return self.turn(&format!("The function said: {}", first["response"]), 3);
        }
        Said::Nothing
    }

    fn answer(&mut self, serial: u64) -> Said {
        let text = std::mem::take(&mut self.text);
        if text.contains("go away") {
            return Said::GoAway;
        }
        if let Some(name) = self.function.as_ref().filter(|_| text.contains("weather")) {
            let id = format!("live-call-{serial}");
            return Said::Call(json!({"id": id, "name": name, "args": {"city": "Paris"}}));
        }
        let again = if self.is_resumed { " (the session goes on)" } else { "" };
        let tokens = tokens::of_text(&text);
        self.turn(&format!("You said: {text}{again}"), tokens)
    }

    fn turn(&self, text: &str, prompt: u64) -> Said {
        let response = tokens::of_text(text);
        let modality = if self.in_audio { "AUDIO" } else { "TEXT" };
        let usage = json!({
            "promptTokenCount": prompt,
            "responseTokenCount": response,
            "totalTokenCount": prompt + response,
            "responseTokensDetails": [{"modality": modality, "tokenCount": response}],
        });
        if !self.in_audio {
            return Said::Turn { parts: json!([{"text": text}]), transcription: None, usage };
        }
        let sound = json!({"mimeType": "audio/pcm;rate=24000", "data": STANDARD.encode(text)});
        let transcription = self.transcribes.then(|| text.to_owned());
        Said::Turn { parts: json!([{"inlineData": sound}]), transcription, usage }
    }
}

impl Said {
    /// The messages that say it.
    pub(super) fn messages(&self) -> Vec<Value> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Call(call) => vec![json!({"toolCall": {"functionCalls": [call]}})],
            Self::GoAway => vec![json!({"goAway": {"timeLeft": "5s"}})],
            Self::Turn { parts, transcription, usage } => {
                let content = |content: Value| json!({"serverContent": content});
                let mut messages =
                    vec![content(json!({"modelTurn": {"role": "model", "parts": parts}}))];
                if let Some(text) = transcription {
                    messages.push(content(json!({"outputTranscription": {"text": text}})));
                }
                messages.push(content(json!({"generationComplete": true})));
                let mut last = content(json!({"turnComplete": true}));
                last["usageMetadata"] = usage.clone();
                messages.push(last);
                messages
            }
        }
    }
}

/// A field in either of the spellings that Google takes.
pub(super) fn field<'a>(object: &'a Value, name: &str) -> &'a Value {
    match &object[name] {
        Value::Null => &object[snake(name)],
        found => found,
    }
}

fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
