//! What the model says: the user's own words, so that tests see what arrived.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::hearing;
use crate::models::Model;
use crate::picture;
use crate::schema;
use crate::speech;
use crate::tokens;
use crate::tools;
use crate::validate::decoded_len;

/// A model's answer, before it is cut into events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) thoughts: Vec<String>,
    pub(crate) text: String,
    /// An image or sound, as a part.
    pub(crate) media: Option<Value>,
    /// Pieces of a speech or of a transcript, as parts.
    pub(crate) pieces: Vec<Value>,
    /// What a thinking model has drawn before, as a part.
    pub(crate) draft: Option<Value>,
    /// Whole `functionCall` parts.
    pub(crate) calls: Vec<Value>,
    pub(crate) finish: &'static str,
    /// Asks for the next part of a long answer.
    pub(crate) continuation: Option<String>,
    /// How many times the same is said: `candidateCount`.
    pub(crate) candidates: u64,
    /// The signature of the answer's last text, from Gemini 3 on.
    pub(crate) signature: Option<String>,
    pub(crate) usage: Usage,
    pub(crate) model: String,
    pub(crate) response_id: String,
}

/// `usageMetadata`, in tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usage {
    pub(crate) prompt: u64,
    pub(crate) prompt_details: Value,
    pub(crate) thoughts: u64,
    /// Of a speech.
    pub(crate) spoken: u64,
}

impl Answer {
    /// The answer to a checked request; `serial` makes its ids unique.
    pub(crate) fn to(ask: &Ask<'_>, body: &Value, serial: u64) -> Self {
        let mut answer = Self {
            candidates: ask.config("candidateCount").as_u64().unwrap_or(1).max(1),
            usage: Usage {
                prompt: ask.prompt_tokens(),
                prompt_details: tokens::details(body),
                thoughts: thought_tokens(ask),
                spoken: 0,
            },
            ..Self::empty(ask.model, serial)
        };
        if answer.usage.thoughts > 0 && ask.thinking("includeThoughts") == true {
            answer.thoughts = thoughts(ask);
        }
        answer.calls = tools::calls(ask, serial);
        if let Some(speech) = speech::speech(ask) {
            (answer.pieces, answer.usage.spoken) = (speech.parts, speech.tokens);
            return answer;
        }
        if let Some(transcript) = hearing::transcript(ask) {
            answer.pieces = transcript;
            return answer;
        }
        if answer.calls.is_empty() {
            answer.media = media(ask);
            let draws = answer.media.is_some() && ask.model.id == "gemini-3-pro-image";
            answer.draft = draws.then(picture::draft);
            answer.text = if answer.media.is_some() { String::new() } else { text(ask) };
            answer.signature = ask.model.is_third_or_later().then(|| signature(serial));
            answer.shorten(ask);
        }
        answer
    }

    /// An answer of this model without anything in it.
    pub(crate) fn empty(model: &Model, serial: u64) -> Self {
        Self {
            model: model.id.clone(),
            response_id: response_id(serial),
            finish: "STOP",
            candidates: 1,
            usage: Usage { prompt: 1, prompt_details: json!([]), ..Usage::default() },
            ..Self::default()
        }
    }

    /// Stop sequences first, then the limit of tokens, as a model meets them while writing.
    fn shorten(&mut self, ask: &Ask<'_>) {
        let stops = ask.stop_sequences();
        let stop = stops.iter().filter(|stop| !stop.is_empty()).filter_map(|s| self.text.find(s));
        if let Some(at) = stop.min() {
            self.text.truncate(at);
        }
        let Some(most) = ask.config("maxOutputTokens").as_u64() else { return };
        if tokens::of_text(&self.text) <= most {
            return;
        }
        let most = usize::try_from(most.saturating_mul(4)).unwrap_or(usize::MAX);
        let mut end = most.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        self.text.truncate(end);
        self.finish = "MAX_TOKENS";
    }
}

/// Opaque bytes in base64, as signatures are.
pub(crate) fn signature(serial: u64) -> String {
    STANDARD.encode(format!("a signature of the simulated Google, number {serial}"))
}

fn response_id(serial: u64) -> String {
    let scattered = serial.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bytes = [scattered.to_le_bytes(), scattered.rotate_left(32).to_be_bytes()].concat();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn thought_tokens(ask: &Ask<'_>) -> u64 {
    let budget = ask.thinking("thinkingBudget").as_i64();
    match ask.model.thinking() {
        Some(thinking) if thinking.control == "budget" && budget == Some(0) => 0,
        Some(_) => match ask.thinking("thinkingLevel").as_str().unwrap_or("MEDIUM") {
            "MINIMAL" => 0,
            "LOW" => 16,
            "HIGH" | "XHIGH" => 128,
            _ => 32,
        },
        None => 0,
    }
}

fn thoughts(ask: &Ask<'_>) -> Vec<String> {
    let asked: String = ask.last_user_text().chars().take(80).collect();
    vec![
        format!("**Reading the Request**\n\nThe user writes: {asked}\n\n\n"),
        "**Finding an Answer**\n\nI shall say what I was told.\n\n\n".to_owned(),
    ]
}

fn text(ask: &Ask<'_>) -> String {
    if let Some(heard) = hearing::written(ask) {
        return heard;
    }
    let said = ask.last_user_text();
    if let Some((mime_type, schema)) = format(ask) {
        return match (mime_type, schema) {
            ("text/x.enum", schema) => schema["enum"][0].as_str().unwrap_or_default().to_owned(),
            (_, Value::Null) => json!({"answer": format!("You said: {said}")}).to_string(),
            (_, schema) => schema::document(schema, &said).to_string(),
        };
    }
    let mut sentences: Vec<String> = ask.last_user_parts().iter().filter_map(remark).collect();
    if !said.is_empty() {
        sentences.push(format!("You said: {said}"));
    }
    let system = ask.system_text();
    if !system.is_empty() {
        sentences.push(format!("(I was told: {system})"));
    }
    sentences.join(" ")
}

/// What is noteworthy about a part that is no text.
fn remark(part: &Value) -> Option<String> {
    if let Some(data) = part["inlineData"]["data"].as_str() {
        let mime_type = part["inlineData"]["mimeType"].as_str().unwrap_or_default();
        return Some(format!("I see {mime_type} of {} bytes.", decoded_len(data).unwrap_or(0)));
    }
    if let Some(uri) = part["fileData"]["fileUri"].as_str() {
        return Some(format!("I see the file {uri}."));
    }
    let result = part["functionResponse"].as_object()?;
    let (name, response) = (result.get("name")?.as_str()?, result.get("response"));
    let response = response.map(Value::to_string).unwrap_or_default();
    Some(format!("The tool {name} answered {response}."))
}

/// The MIME type and schema of a structured answer, in either of the ways to ask for one.
fn format<'a>(ask: &Ask<'a>) -> Option<(&'a str, &'a Value)> {
    let newer = &ask.config("responseFormat")["text"];
    let mime_type = ask.config("responseMimeType").as_str().or(newer["mimeType"].as_str())?;
    if !matches!(mime_type, "application/json" | "text/x.enum") {
        return None;
    }
    let schemas = [
        ask.config("responseJsonSchema"),
        ask.config("_responseJsonSchema"),
        ask.config("responseSchema"),
        &newer["schema"],
    ];
    let schema = schemas.into_iter().find(|schema| !schema.is_null());
    Some((mime_type, schema.unwrap_or(&Value::Null)))
}

fn media(ask: &Ask<'_>) -> Option<Value> {
    let modalities = crate::ask::items(ask.config("responseModalities"));
    let wants = |modality: &str| modalities.iter().any(|each| each == modality);
    if wants("IMAGE") {
        return Some(picture::part(ask));
    }
    if wants("AUDIO") && !ask.model.speaks() {
        let silence = STANDARD.encode(vec![0; 4800]);
        let mime_type = "audio/L16;codec=pcm;rate=24000";
        return Some(json!({"inlineData": {"mimeType": mime_type, "data": silence}}));
    }
    None
}
