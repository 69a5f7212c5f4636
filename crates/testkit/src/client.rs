//! Whoever asks the gateway.

use std::net::SocketAddr;

use bytes::Bytes;
use serde_json::json;

use crate::{Ask, Raw, Surface};

/// A model that the simulated Google knows.
pub const MODEL: &str = "gemini-2.5-flash";

/// Another one.
pub const OTHER_MODEL: &str = "gemini-2.5-pro";

/// Makes requests that carry one token.
#[derive(Clone, Debug)]
pub struct Client {
    address: SocketAddr,
    token: String,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, token: &str) -> Self {
        Self { address, token: token.to_owned() }
    }

    /// Where it asks.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The token that it shows.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A request with the token as a bearer's.
    pub fn request(&self, method: &str, path: &str) -> Ask {
        Ask::new(self.address, method, path)
            .header("authorization", &format!("Bearer {}", self.token))
    }

    /// A request without any credential.
    pub fn anonymous(&self, method: &str, path: &str) -> Ask {
        Ask::new(self.address, method, path)
    }

    /// A GET.
    pub fn get(&self, path: &str) -> Ask {
        self.request("GET", path)
    }

    /// A POST of JSON.
    pub fn post(&self, path: &str, body: impl Into<Bytes>) -> Ask {
        self.request("POST", path).header("content-type", "application/json").body(body)
    }

    /// A prompt of one text to [`MODEL`] by the Gemini API.
    pub fn generate(&self, text: &str) -> Ask {
        self.ask(Surface::Gemini, MODEL, text, false)
    }

    /// The same, answered as a stream of events.
    pub fn generate_stream(&self, text: &str) -> Ask {
        self.ask(Surface::Gemini, MODEL, text, true)
    }

    /// A prompt of one text to [`MODEL`] by OpenAI's chat completions.
    pub fn chat(&self, text: &str) -> Ask {
        self.ask(Surface::OpenAi, MODEL, text, false)
    }

    /// The same, answered as a stream of events.
    pub fn chat_stream(&self, text: &str) -> Ask {
        self.ask(Surface::OpenAi, MODEL, text, true)
    }

    /// A prompt of one text, in the words of `surface`.
    pub fn ask(&self, surface: Surface, model: &str, text: &str, stream: bool) -> Ask {
        match (surface, stream) {
            (Surface::Gemini, false) => {
                self.post(&format!("/v1beta/models/{model}:generateContent"), gemini_body(text))
            }
            (Surface::Gemini, true) => self.post(
                &format!("/v1beta/models/{model}:streamGenerateContent?alt=sse"),
                gemini_body(text),
            ),
            (Surface::OpenAi, _) => {
                let messages = json!([{"role": "user", "content": text}]);
                let body = json!({"model": model, "messages": messages, "stream": stream});
                self.post("/v1/chat/completions", body.to_string())
            }
        }
    }

    /// A connection without any rules.
    pub async fn raw(&self) -> Raw {
        Raw::connect(self.address).await
    }
}

fn gemini_body(text: &str) -> String {
    json!({"contents": [{"role": "user", "parts": [{"text": text}]}]}).to_string()
}
