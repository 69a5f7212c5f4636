//! What is measured: the requests of each scenario and the bar that the gateway has to meet.

use serde_json::{Value, json};

/// One kind of traffic.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    /// For `--only`.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) connections: usize,
    pub(crate) traffic: Traffic,
    /// How many times nginx's CPU time the gateway may use.
    pub(crate) bar: Option<f64>,
}

/// What a client sends, and how Google answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Traffic {
    /// An OpenAI chat with a prompt of 1 KB, answered as a whole.
    Chat,
    /// The same, in Gemini's own words.
    Native,
    /// An OpenAI chat, streamed in 50 pieces without a pause.
    Burst,
    /// An OpenAI chat with an image of 200 KB in base64, answered as a whole.
    Image,
    /// An OpenAI chat, streamed in 40 pieces 50 ms apart; each connection asks once.
    Slow,
}

/// Who is spoken to: nginx does not translate, so it gets Gemini's words in every scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Words {
    Gemini,
    OpenAi,
}

/// Every scenario, in the order of the report.
pub(crate) const SCENARIOS: [Scenario; 6] = [
    Scenario {
        name: "chat1",
        title: "chat, 1 KB prompt, 1 connection",
        connections: 1,
        traffic: Traffic::Chat,
        bar: Some(3.0),
    },
    Scenario {
        name: "chat32",
        title: "chat, 1 KB prompt, 32 connections",
        connections: 32,
        traffic: Traffic::Chat,
        bar: Some(3.0),
    },
    Scenario {
        name: "native32",
        title: "generateContent, 32 connections",
        connections: 32,
        traffic: Traffic::Native,
        bar: Some(2.5),
    },
    Scenario {
        name: "burst16",
        title: "chat stream of 50 chunks, 16 connections",
        connections: 16,
        traffic: Traffic::Burst,
        bar: Some(2.5),
    },
    Scenario {
        name: "image8",
        title: "chat with a 200 KB image, 8 connections",
        connections: 8,
        traffic: Traffic::Image,
        bar: Some(2.0),
    },
    Scenario {
        name: "slow2000",
        title: "2000 streams of 40 chunks, 50 ms apart, per chunk",
        connections: 2000,
        traffic: Traffic::Slow,
        bar: Some(2.0),
    },
];

/// How much memory the gateway may have used at most while it holds 2000 streams, in MiB.
pub(crate) const MEMORY_BAR_MIB: f64 = 100.0;

/// The client token that the gateway is started with.
pub(crate) const TOKEN: &str = "sk-bench-0123456789abcdef0123456789abcdef";

impl Traffic {
    /// The pieces of a streamed answer.
    pub(crate) fn pieces(self) -> Option<usize> {
        match self {
            Self::Chat | Self::Native | Self::Image => None,
            Self::Burst => Some(50),
            Self::Slow => Some(40),
        }
    }

    /// The words in which a program is asked.
    pub(crate) fn words(self, translates: bool) -> Words {
        if translates && self != Self::Native { Words::OpenAi } else { Words::Gemini }
    }

    /// The whole request, head and body.
    pub(crate) fn request(self, words: Words) -> Vec<u8> {
        let (path, body) = match words {
            Words::Gemini => {
                let verb = match self.pieces() {
                    Some(_) => "streamGenerateContent?alt=sse",
                    None => "generateContent",
                };
                (format!("/v1beta/models/{}:{verb}", self.model()), self.gemini_body())
            }
            Words::OpenAi => ("/v1/chat/completions".to_owned(), self.openai_body()),
        };
        let body = body.to_string();
        let credential = match words {
            Words::Gemini => format!("x-goog-api-key: {TOKEN}"),
            Words::OpenAi => format!("authorization: Bearer {TOKEN}"),
        };
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: bench\r\n{credential}\r\nuser-agent: bench/1\r\n\
             accept: */*\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body.as_bytes()].concat()
    }

    /// The mock tells slow streams by the model's name.
    fn model(self) -> &'static str {
        if self == Self::Slow { "gemini-slow-flash" } else { "gemini-3.8-flash" }
    }

    fn prompt() -> String {
        "Tell me about the history of bridges. ".repeat(27)
    }

    fn image() -> String {
        "iVBORw0KGgoAAAANSUhEUgAA".repeat(200 * 1024 / 24)
    }

    fn gemini_body(self) -> Value {
        let mut parts = vec![json!({"text": Self::prompt()})];
        if self == Self::Image {
            parts.push(json!({"inlineData": {"mimeType": "image/png", "data": Self::image()}}));
        }
        json!({
            "contents": [{"role": "user", "parts": parts}],
            "systemInstruction": {"parts": [{"text": "Be brief."}]},
            "generationConfig": {"temperature": 0.5, "maxOutputTokens": 500},
        })
    }

    fn openai_body(self) -> Value {
        let content = match self {
            Self::Image => {
                let url = format!("data:image/png;base64,{}", Self::image());
                json!([
                    {"type": "text", "text": Self::prompt()},
                    {"type": "image_url", "image_url": {"url": url}},
                ])
            }
            _ => json!(Self::prompt()),
        };
        json!({
            "model": self.model(),
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": content},
            ],
            "temperature": 0.5,
            "max_tokens": 500,
            "stream": self.pieces().is_some(),
        })
    }
}
