//! A line of the client's file, and the line that Google gets for it.

use std::fmt;

use bytes::BufMut;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Mistake, kept::Kept};
use crate::{
    DialectError,
    json::{self, Text},
    openai::{chat::ChatContext, embeddings::Embeddings},
};

/// A longer `custom_id` is no name.
const LONGEST_ID: usize = 512;

/// What a batch asks in each of its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Endpoint {
    /// `/v1/chat/completions`
    #[serde(rename = "/v1/chat/completions")]
    Chat,
    /// `/v1/embeddings`
    #[serde(rename = "/v1/embeddings")]
    Embeddings,
}

impl Endpoint {
    /// The endpoint that is written so; `None` if no batch can ask it.
    pub fn parse(path: &str) -> Option<Self> {
        [Self::Chat, Self::Embeddings].into_iter().find(|endpoint| endpoint.as_str() == path)
    }

    /// As clients write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "/v1/chat/completions",
            Self::Embeddings => "/v1/embeddings",
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A line of the client's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// By which the client knows the answer.
    pub custom_id: String,
    /// What is asked.
    pub endpoint: Endpoint,
    /// The request itself, to be translated like any other.
    pub body: &'a [u8],
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Wire<'a> {
    custom_id: Option<Text<'a>>,
    method: Option<Text<'a>>,
    url: Option<Text<'a>>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

impl<'a> Line<'a> {
    /// Reads a line that is not blank.
    pub fn read(line: &'a [u8]) -> Result<Self, Mistake> {
        let read = serde_json::from_slice(line);
        let Wire { custom_id, method, url, body } = read.map_err(|error| unreadable(&error))?;
        let custom_id = custom_id.map(|id| id.decode().into_owned()).unwrap_or_default();
        if custom_id.is_empty() {
            return Err(missing("custom_id"));
        }
        if custom_id.len() > LONGEST_ID {
            let message = format!("'custom_id' has more than {LONGEST_ID} bytes.");
            return Err(Mistake::new("invalid_custom_id", Some("custom_id"), message));
        }
        let method = method.ok_or_else(|| missing("method"))?;
        if method.decode() != "POST" {
            let message = "Invalid value for 'method': a batch can only POST.";
            return Err(Mistake::new("invalid_method", Some("method"), message));
        }
        let url = url.ok_or_else(|| missing("url"))?;
        let endpoint = Endpoint::parse(&url.decode()).ok_or_else(|| {
            let message = format!(
                "Invalid value for 'url': batches of {} and {} are served.",
                Endpoint::Chat,
                Endpoint::Embeddings
            );
            Mistake::new("invalid_url", Some("url"), message)
        })?;
        let body = body.ok_or_else(|| missing("body"))?.get().as_bytes();
        Ok(Self { custom_id, endpoint, body })
    }
}

fn missing(field: &str) -> Mistake {
    let message = format!("Missing required parameter: '{field}'.");
    Mistake::new("missing_required_parameter", Some(field), message)
}

fn unreadable(error: &serde_json::Error) -> Mistake {
    let message = format!("This line is not parseable as valid JSON: {error}.");
    Mistake::new("invalid_json_line", None, message)
}

/// A translated request of a line.
#[derive(Debug)]
pub struct Request {
    body: Box<RawValue>,
    pub(super) kept: Kept,
}

impl Request {
    /// Of a chat; `body` is what `generateContent` would be asked.
    pub fn of_chat(context: ChatContext, body: Vec<u8>) -> Result<Self, DialectError> {
        if context.stream() {
            let message = "Unsupported value for 'stream': a batch cannot stream its answers.";
            return Err(DialectError::unsupported("stream", message));
        }
        if context.calls() > 1 {
            let message = "Unsupported value for 'n': this model gives one choice a request, and \
                           each line of a batch is one request.";
            return Err(DialectError::unsupported("n", message));
        }
        Ok(Self { body: raw(body)?, kept: Kept::of_chat(context) })
    }

    /// Of embeddings; `body` is what `batchEmbedContents` would be asked.
    pub fn of_embeddings(embeddings: Embeddings, body: &[u8]) -> Result<Self, DialectError> {
        #[derive(Deserialize)]
        struct Calls {
            requests: Vec<Box<RawValue>>,
        }
        let Calls { requests } = json::parse(body)?;
        let [body]: [_; 1] = requests.try_into().map_err(|_| {
            let message = "Unsupported value for 'input': each line of a batch has one input.";
            DialectError::unsupported("input", message)
        })?;
        Ok(Self { body, kept: Kept::of_embeddings(embeddings) })
    }

    /// The model that is asked, as Google names it.
    pub fn model(&self) -> &str {
        self.kept.model()
    }

    /// What Google is asked.
    pub fn body(&self) -> &[u8] {
        self.body.get().as_bytes()
    }

    /// Appends the line for Google, which gives `key` back with its answer.
    pub fn write(&self, key: &str, out: &mut Vec<u8>) {
        out.reserve(self.body().len() + key.len() + 32);
        out.put_slice(br#"{"key":"#);
        json::push(out, key);
        out.put_slice(br#","request":"#);
        if self.body().contains(&b'\n') {
            out.put_slice(json::compact(self.body.get()).as_bytes());
        } else {
            out.put_slice(self.body());
        }
        out.put_slice(b"}\n");
    }
}

fn raw(body: Vec<u8>) -> Result<Box<RawValue>, DialectError> {
    let text = String::from_utf8(body).ok();
    let raw = text.and_then(|text| RawValue::from_string(text).ok());
    raw.ok_or_else(|| DialectError::unreadable("it is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Line<'_>, (String, Option<String>)> {
        Line::read(line.as_bytes()).map_err(|mistake| (mistake.code, mistake.param))
    }

    fn wrong(line: &str, code: &str, param: Option<&str>) {
        assert_eq!(read(line).unwrap_err(), (code.to_owned(), param.map(str::to_owned)), "{line}");
    }

    #[test]
    fn a_line_is_read_or_its_mistake_is_named() {
        let line =
            r#"{"custom_id":"a-1","method":"POST","url":"/v1/embeddings","body":{"input":"x"}}"#;
        let expected = Line {
            custom_id: "a-1".to_owned(),
            endpoint: Endpoint::Embeddings,
            body: br#"{"input":"x"}"#,
        };
        assert_eq!(read(line).unwrap(), expected);
        wrong("{", "invalid_json_line", None);
        wrong("[]", "invalid_json_line", None);
        wrong("{}", "missing_required_parameter", Some("custom_id"));
        wrong(r#"{"custom_id":"a"}"#, "missing_required_parameter", Some("method"));
        wrong(&line.replace("POST", "GET"), "invalid_method", Some("method"));
        wrong(&line.replace("embeddings", "images"), "invalid_url", Some("url"));
        wrong(&line.replace("body", "boby"), "missing_required_parameter", Some("body"));
        wrong(&line.replace("a-1", &"a".repeat(513)), "invalid_custom_id", Some("custom_id"));
    }

    #[test]
    fn what_a_batch_cannot_do_is_refused_by_its_field() {
        use crate::openai::{chat, embeddings};
        let chat = |more: &str| {
            let body = format!(
                r#"{{"model":"gemini-3.8-flash","messages":[{{"role":"user","content":"x"}}]{more}}}"#
            );
            let options = chat::Options { fan_out: true, ..chat::Options::default() };
            let translated = chat::translate(body.as_bytes(), &options).unwrap();
            let (context, request) = translated.without_fetching(body.as_bytes()).unwrap();
            Request::of_chat(context, request).map_err(|error| Mistake::from(error).param)
        };
        let mut line = Vec::new();
        chat("").unwrap().write("0-a", &mut line);
        let line = String::from_utf8(line).unwrap();
        assert!(line.starts_with(r#"{"key":"0-a","request":{"contents":"#), "{line}");
        assert!(line.ends_with("}}\n") && line.matches('\n').count() == 1, "{line}");
        assert_eq!(chat(r#","stream":true"#).unwrap_err().as_deref(), Some("body.stream"));
        assert_eq!(chat(r#","n":2"#).unwrap_err().as_deref(), Some("body.n"));
        let two = br#"{"model":"gemini-embedding-2","input":["a","b"]}"#;
        let translated = embeddings::translate(two, &embeddings::Options::default()).unwrap();
        let (embeddings, body) = translated.without_fetching(two).unwrap();
        let refused = Request::of_embeddings(embeddings, &body).unwrap_err();
        assert_eq!(refused.param.as_deref(), Some("input"));
    }
}
