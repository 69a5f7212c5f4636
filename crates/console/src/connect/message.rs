//! A message to try a token with, in each protocol: it goes through the public API.

use std::time::{Duration, Instant};

use axum::body::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Limited};
use relay::{Gateway, Within};
use serde_json::{Value, json};

use crate::State;

/// What is asked.
const PROMPT: &str = "Say hello in five words.";

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a running gateway may take to hear of a token that was made just now.
const NEWS: Duration = Duration::from_secs(5);

/// So much of an answer is read.
const ENOUGH: usize = 1024 * 1024;

/// So many characters of it are shown.
const SHOWN: usize = 160;

/// The protocols that clients speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Chat,
    Responses,
    Anthropic,
    Gemini,
}

/// How a message went.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) protocol: Protocol,
    /// Nothing if there was no answer at all.
    pub(crate) status: Option<u16>,
    pub(crate) millis: u64,
    /// The first words of the answer, or of the error.
    pub(crate) words: String,
    /// Under which the log knows it.
    pub(crate) request: String,
}

impl Protocol {
    pub(crate) const ALL: [Self; 4] = [Self::Chat, Self::Responses, Self::Anthropic, Self::Gemini];

    /// In addresses.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Responses => "responses",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chat => "OpenAI Chat",
            Self::Responses => "OpenAI Responses",
            Self::Anthropic => "Anthropic",
            Self::Gemini => "Gemini",
        }
    }

    pub(crate) fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.id() == id)
    }

    pub(crate) fn path(self, model: &str) -> String {
        match self {
            Self::Chat => "/v1/chat/completions".to_owned(),
            Self::Responses => "/v1/responses".to_owned(),
            Self::Anthropic => "/v1/messages".to_owned(),
            Self::Gemini => format!("/v1beta/models/{model}:generateContent"),
        }
    }

    fn body(self, model: &str) -> Value {
        let messages = json!([{"role": "user", "content": PROMPT}]);
        match self {
            Self::Chat => json!({"model": model, "messages": messages}),
            Self::Responses => json!({"model": model, "input": PROMPT, "store": false}),
            Self::Anthropic => json!({"model": model, "max_tokens": 4000, "messages": messages}),
            Self::Gemini => json!({"contents": [{"role": "user", "parts": [{"text": PROMPT}]}]}),
        }
    }

    /// The text of an answer in its dialect.
    fn text(self, answer: &Value) -> String {
        let texts = |list: &Value| -> String {
            let parts = list.as_array().into_iter().flatten();
            parts.filter_map(|part| part["text"].as_str()).collect()
        };
        match self {
            Self::Chat => {
                answer["choices"][0]["message"]["content"].as_str().unwrap_or_default().to_owned()
            }
            Self::Responses => {
                let items = answer["output"].as_array().into_iter().flatten();
                items.map(|item| texts(&item["content"])).collect()
            }
            Self::Anthropic => texts(&answer["content"]),
            Self::Gemini => texts(&answer["candidates"][0]["content"]["parts"]),
        }
    }
}

impl Told {
    pub(crate) fn is_well(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Sends it as the client of this token would, and tells how that went.
pub(crate) async fn send(console: &State, token_id: &str, protocol: Protocol, model: &str) -> Told {
    until_known(&console.gateway, token_id).await;
    let start = Instant::now();
    let answer =
        tokio::time::timeout(PATIENCE, ask(&console.within, token_id, protocol, model)).await;
    let millis = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (status, words, request) = answer.unwrap_or_else(|_| {
        (None, format!("No answer within {} seconds.", PATIENCE.as_secs()), String::new())
    });
    let words = shortened(&words);
    Told { protocol, status, millis, words, request }
}

/// A gateway takes up what was changed within a second.
async fn until_known(gateway: &Gateway, token_id: &str) {
    let mut looks = tokio::time::interval(Duration::from_millis(50));
    let known = async {
        while gateway.token_standing(token_id).is_none() {
            looks.tick().await;
        }
    };
    // One that lets nobody in is refused by the public API, in its own words.
    let _ = tokio::time::timeout(NEWS, known).await;
}

async fn ask(
    within: &Within,
    token_id: &str,
    protocol: Protocol,
    model: &str,
) -> (Option<u16>, String, String) {
    let body = Bytes::from(protocol.body(model).to_string());
    let request = Request::builder()
        .method(Method::POST)
        .uri(protocol.path(model))
        .header(CONTENT_TYPE, "application/json")
        .body(body);
    let Ok(request) = request else {
        return (None, "The model's name cannot stand in an address.".to_owned(), String::new());
    };
    let response = match within.ask_for(token_id, request).await {
        Ok(response) => response,
        Err(error) => return (None, error.to_string(), String::new()),
    };
    let status = response.status();
    let id = response.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    let id = id.unwrap_or_default().to_owned();
    let body = match Limited::new(response.into_body(), ENOUGH).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return (Some(status.as_u16()), error.to_string(), id),
    };
    let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
    let words = if status.is_success() {
        protocol.text(&answer)
    } else {
        // All dialects have it in the same place.
        answer["error"]["message"].as_str().unwrap_or_default().to_owned()
    };
    (Some(status.as_u16()), words, id)
}

fn shortened(words: &str) -> String {
    let mut letters = words.trim().chars();
    let shown: String = letters.by_ref().take(SHOWN).collect();
    if letters.next().is_some() { format!("{shown}…") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_found_in_each_dialect() {
        let answers = [
            json!({"choices": [{"message": {"content": "hello"}}]}),
            json!({"output": [{"type": "reasoning"}, {"content": [{"text": "hel"}, {"text": "lo"}]}]}),
            json!({"content": [{"type": "thinking"}, {"text": "hello"}]}),
            json!({"candidates": [{"content": {"parts": [{"text": "hello"}]}}]}),
        ];
        for (protocol, answer) in Protocol::ALL.into_iter().zip(answers) {
            assert_eq!(protocol.text(&answer), "hello", "{}", protocol.name());
            assert_eq!(protocol.text(&json!([])), "");
            assert_eq!(Protocol::of_id(protocol.id()), Some(protocol));
        }
    }

    #[test]
    fn long_answers_are_cut_between_characters() {
        assert_eq!(shortened(" short \n"), "short");
        let long = "你".repeat(SHOWN + 1);
        assert_eq!(shortened(&long), format!("{}…", "你".repeat(SHOWN)));
    }
}
