//! Streams in every dialect.

use std::time::{Duration, Instant};

use fake_gemini::FakeGemini;
use serde_json::{Value, json};
use store::LoggedRequest;
use testkit::{Ask, Client, Gateway, Live, eventually};

use crate::house::parse;

/// A dialect in which a stream is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoken {
    Gemini,
    Chat,
    Messages,
    Responses,
}

impl Spoken {
    pub(crate) const ALL: [Self; 4] = [Self::Gemini, Self::Chat, Self::Messages, Self::Responses];

    /// The dialects that are not Google's own.
    pub(crate) const TRANSLATED: [Self; 3] = [Self::Chat, Self::Messages, Self::Responses];

    /// A request for a stream.
    pub(crate) fn ask(self, client: &Client, model: &str, text: &str) -> Ask {
        self.request(client, model, text, true)
    }

    /// A request for an answer as a whole or as a stream, of at most a thousand tokens.
    pub(crate) fn request(self, client: &Client, model: &str, text: &str, stream: bool) -> Ask {
        let messages = json!([{"role": "user", "content": text}]);
        let (path, body) = match self {
            Self::Gemini => {
                let method =
                    if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
                let body = json!({"contents": [{"role": "user", "parts": [{"text": text}]}]});
                return client.post(&format!("/v1beta/models/{model}:{method}"), body.to_string());
            }
            Self::Chat => (
                "/v1/chat/completions",
                json!({"messages": messages, "max_tokens": 1000,
                "stream_options": stream.then(|| json!({"include_usage": true}))}),
            ),
            Self::Messages => ("/v1/messages", json!({"messages": messages, "max_tokens": 1000})),
            Self::Responses => ("/v1/responses", json!({"input": text, "max_output_tokens": 1000})),
        };
        let mut body = body;
        body["model"] = json!(model);
        body["stream"] = json!(stream);
        client.post(path, body.to_string())
    }

    /// The text that the events of a stream bring.
    pub(crate) fn text(self, events: &[String]) -> String {
        let events = events.iter().filter(|event| *event != "[DONE]").map(|event| parse(event));
        events.map(|event| self.piece(&event).as_str().unwrap_or_default().to_owned()).collect()
    }

    fn piece(self, event: &Value) -> Value {
        match self {
            Self::Gemini => event["candidates"][0]["content"]["parts"][0]["text"].clone(),
            Self::Chat => event["choices"][0]["delta"]["content"].clone(),
            Self::Messages => event["delta"]["text"].clone(),
            Self::Responses if event["type"] == "response.output_text.delta" => {
                event["delta"].clone()
            }
            Self::Responses => Value::Null,
        }
    }

    /// Whether the last event says that the answer is whole.
    pub(crate) fn has_ended_well(self, events: &[String]) -> bool {
        let last = events.last().map(String::as_str).unwrap_or_default();
        match self {
            Self::Gemini => parse(last)["candidates"][0]["finishReason"] == "STOP",
            Self::Chat => last == "[DONE]",
            Self::Messages => parse(last)["type"] == "message_stop",
            Self::Responses => parse(last)["type"] == "response.completed",
        }
    }

    /// The message of the error that ends the stream, if one does.
    pub(crate) fn error(self, events: &[String]) -> Option<String> {
        let last = events.last().filter(|last| *last != "[DONE]")?;
        let last = parse(last);
        let error = match self {
            Self::Gemini | Self::Chat => &last["error"],
            Self::Messages if last["type"] == "error" => &last["error"],
            Self::Responses if last["type"] == "response.failed" => &last["response"]["error"],
            _ => return None,
        };
        error["message"].as_str().map(str::to_owned)
    }
}

/// Reads on until `sign` has come; gives everything that came before it.
pub(crate) async fn read_until(live: &mut Live, sign: &str) -> String {
    let mut text = String::new();
    loop {
        if let Some(at) = text.find(sign) {
            text.truncate(at);
            return text;
        }
        let Some(chunk) = live.chunk().await else { panic!("ended before {sign:?}: {text}") };
        text.push_str(&String::from_utf8_lossy(&chunk));
    }
}

/// Leaves, and says how long Google's calls went on after that.
pub(crate) async fn leave(live: Live, google: &FakeGemini) -> Duration {
    let left = Instant::now();
    drop(live);
    eventually("Google's calls are closed", || async { google.open_streams() == 0 }).await;
    left.elapsed()
}

/// The request log, once it has so many rows.
pub(crate) async fn rows(gateway: &Gateway, count: usize) -> Vec<LoggedRequest> {
    let records = gateway.records().await;
    let written = || async { records.requests().await.len() >= count };
    eventually("the requests are logged", written).await;
    records.requests().await
}
