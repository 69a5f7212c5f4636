//! A line of Google's file of answers, told as OpenAI tells it.

use bytes::BufMut;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::kept::Kept;
use crate::{
    ResponseError, Stamp, Usage,
    gemini::error as google,
    json::{self, Text},
    openai::{chat, error},
};

/// Tells the answers of one batch.
pub struct Answers {
    contexts: Vec<Option<Kept>>,
    batch: String,
    lines: u64,
}

/// A line of an output file or of an error file.
#[derive(Debug)]
pub struct Told {
    /// It belongs into the error file.
    pub is_error: bool,
    /// With the end of the line.
    pub line: Vec<u8>,
    /// What the answer cost.
    pub usage: Usage,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Wire<'a> {
    key: Option<Text<'a>>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
    #[serde(borrow, alias = "status")]
    error: Option<&'a RawValue>,
}

/// What a request came to.
struct Came {
    status: u16,
    body: Vec<u8>,
    usage: Usage,
}

impl Answers {
    /// `contexts` are those of [`Contexts::into_texts`](super::Contexts::into_texts); `batch` makes the
    /// ids of its answers.
    pub fn new(contexts: &[String], batch: &str) -> Self {
        let contexts = contexts.iter().map(|text| serde_json::from_str(text).ok()).collect();
        Self { contexts, batch: batch.to_owned(), lines: 0 }
    }

    /// Tells the next line of Google's file; `None` for a blank one. `stamp` makes the time and the ids
    /// of its answer.
    pub fn tell(&mut self, line: &[u8], stamp: impl FnOnce(&str) -> Stamp) -> Option<Told> {
        let line = line.trim_ascii();
        if line.is_empty() {
            return None;
        }
        self.lines += 1;
        let id = format!("{}_{}", self.batch, self.lines);
        let (custom_id, came) = match serde_json::from_slice::<Wire<'_>>(line) {
            Ok(wire) => {
                let key = wire.key.as_ref().map(Text::decode).unwrap_or_default();
                let (number, custom_id) = key.split_once('-').unwrap_or(("", &*key));
                let context = number.parse().ok().and_then(|at: usize| self.contexts.get(at));
                let kept = context.and_then(Option::as_ref);
                (custom_id.to_owned(), came(&wire, kept, &mut stamp(&id)))
            }
            Err(error) => (String::new(), malformed(&error.to_string())),
        };
        let mut out = Vec::with_capacity(came.body.len() + 256);
        out.put_slice(br#"{"id":"#);
        json::push(&mut out, &format_args!("batch_req_{id}"));
        out.put_slice(br#","custom_id":"#);
        json::push(&mut out, &custom_id);
        out.put_slice(br#","response":{"status_code":"#);
        json::push_number(&mut out, came.status.into());
        out.put_slice(br#","request_id":"#);
        json::push(&mut out, &id);
        out.put_slice(br#","body":"#);
        out.put_slice(&came.body);
        out.put_slice(b"},\"error\":null}\n");
        Some(Told { is_error: came.status != 200, line: out, usage: came.usage })
    }
}

fn came(wire: &Wire<'_>, kept: Option<&Kept>, stamp: &mut Stamp) -> Came {
    let Some(response) = wire.response else {
        let Some(error) = wire.error else { return malformed("it holds no answer") };
        return refused(&by_number(error));
    };
    let response = response.get().as_bytes();
    let translated = match kept {
        Some(Kept::Chat(context)) => {
            chat::response(context, response, stamp).map(|told| (told.body, told.usage))
        }
        Some(Kept::Embeddings(embeddings)) => embeddings.read(0, response).map(|vectors| {
            let usage = vectors.usage;
            (embeddings.response(&[vectors]), usage)
        }),
        None => Err(ResponseError::Malformed("its key is none that was asked".to_owned())),
    };
    match translated {
        Ok((body, usage)) => Came { status: 200, body, usage },
        Err(ResponseError::Upstream(error)) => refused(&error),
        Err(ResponseError::Withheld { message, usage }) => {
            Came { usage, ..failed(400, &message, "content_filter") }
        }
        Err(ResponseError::Empty { usage }) => {
            let message = "Google's answer was empty.";
            Came { usage, ..failed(502, message, "upstream_empty_response") }
        }
        Err(ResponseError::Malformed(why)) => malformed(&why),
    }
}

fn refused(refused: &google::GeminiError) -> Came {
    let body = google::body(refused.code, &refused.message, None);
    let body = error::from_gemini(refused.code, &body);
    Came { status: refused.code, body, usage: Usage::default() }
}

/// What files of answers have in place of one: an error by its number at gRPC, without its name.
fn by_number(raw: &RawValue) -> google::GeminiError {
    #[derive(Deserialize)]
    struct Status {
        code: Option<u16>,
    }
    let number = serde_json::from_str(raw.get()).ok().and_then(|Status { code }| code);
    let read = google::read(raw);
    let code = match number {
        Some(1) => 499,
        Some(3 | 9 | 11) => 400,
        Some(4) => 504,
        Some(5) => 404,
        Some(6 | 10) => 409,
        Some(7) => 403,
        Some(8) => 429,
        Some(12) => 501,
        Some(14) => 503,
        Some(16) => 401,
        _ => read.code,
    };
    google::GeminiError { code, ..read }
}

fn malformed(why: &str) -> Came {
    failed(502, &format!("Google's answer: {why}."), "upstream_malformed_response")
}

fn failed(status: u16, message: &str, code: &str) -> Came {
    let body = error::body(status, message, None, None, Some(code));
    Came { status, body, usage: Usage::default() }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::openai::{
        batches::{Contexts, Request},
        embeddings,
    };

    fn stamp(id: &str) -> Stamp {
        let call_ids = Box::new(|| "call_x".to_owned());
        Stamp { created: 7, fallback_id: id.to_owned(), call_ids }
    }

    fn told(answers: &mut Answers, line: &Value) -> (bool, Value) {
        let told = answers.tell(line.to_string().as_bytes(), stamp).unwrap();
        (told.is_error, serde_json::from_slice(&told.line).unwrap())
    }

    /// Two chats without tools, one with one between them, and an embedding.
    fn contexts() -> (Contexts, Vec<String>) {
        let mut contexts = Contexts::default();
        let tools =
            json!([{"type": "function", "function": {"name": "look up", "parameters": {}}}]);
        let messages = json!([{"role": "user", "content": "x"}]);
        let plain = json!({"model": "gemini-2.5-flash", "messages": messages});
        let with_tools = json!({"model": "gemini-2.5-flash", "messages": messages, "tools": tools});
        let mut keys = Vec::new();
        for (body, id) in [(&plain, "a-1"), (&with_tools, "b"), (&plain, "c")] {
            let (context, body) = chat::request(body.to_string().as_bytes()).unwrap();
            let request = Request::of_chat(context, body).unwrap();
            keys.push(contexts.key(&request, id).unwrap());
        }
        let body = br#"{"model":"gemini-embedding-2","input":"x","encoding_format":"base64"}"#;
        let translated = embeddings::translate(body, &embeddings::Options::default()).unwrap();
        let (one, body) = translated.without_fetching(body).unwrap();
        let request = Request::of_embeddings(one, &body).unwrap();
        keys.push(contexts.key(&request, "d").unwrap());
        (contexts, keys)
    }

    #[test]
    fn answers_find_the_request_that_they_are_for() {
        let (contexts, keys) = contexts();
        assert_eq!(keys, ["0-a-1", "1-b", "0-c", "2-d"]);

        let mut answers = Answers::new(&contexts.into_texts(), "abc");
        let parts = json!([{"functionCall": {"name": "look_up", "args": {}}}]);
        let candidate = json!({"content": {"parts": parts}, "finishReason": "STOP"});
        let usage = json!({"promptTokenCount": 3, "totalTokenCount": 3});
        let response = json!({"candidates": [candidate], "usageMetadata": usage});
        let (is_error, line) = told(&mut answers, &json!({"key": "1-b", "response": response}));
        assert!(!is_error, "{line}");
        assert_eq!((&line["id"], &line["custom_id"]), (&json!("batch_req_abc_1"), &json!("b")));
        assert_eq!((&line["response"]["status_code"], &line["error"]), (&json!(200), &Value::Null));
        let call = &line["response"]["body"]["choices"][0]["message"]["tool_calls"][0];
        assert_eq!(call["function"]["name"], "look up");
        assert_eq!(line["response"]["body"]["usage"]["prompt_tokens"], 3);

        let response = json!({"embedding": {"values": [1.0, 0.0]}});
        let (is_error, line) = told(&mut answers, &json!({"key": "2-d", "response": response}));
        assert!(!is_error, "{line}");
        assert_eq!(line["response"]["body"]["data"][0]["embedding"], "AACAPwAAAAA=");

        let error = json!({"code": 3, "message": "Too long."});
        let (is_error, line) = told(&mut answers, &json!({"key": "0-a-1", "error": error}));
        assert!(is_error);
        assert_eq!(
            (&line["custom_id"], &line["response"]["status_code"]),
            (&json!("a-1"), &json!(400))
        );
        assert_eq!(line["response"]["body"]["error"]["message"], "Too long.");
        for (line, status) in [
            (json!({"key": "0-a-1"}), 502),
            (json!({"key": "9-x", "response": {}}), 502),
            (json!({"key": "0-a-1", "response": {"candidates": [{"content": {}}]}}), 502),
            (json!([]), 502),
        ] {
            let (is_error, told) = told(&mut answers, &line);
            assert_eq!(
                (is_error, &told["response"]["status_code"]),
                (true, &json!(status)),
                "{line}"
            );
        }
        assert!(answers.tell(b" \r", stamp).is_none());
    }
}
