//! A request as a client would send it.

use bytes::Bytes;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::chat;
use super::material;
use super::reading::Reads;
use super::wanted::Wanted;
use crate::error::Error;

/// Texts that are longer than this and have no space in them are shown as a beginning and a length.
const SHOWN: usize = 600;

/// How much is shown of them.
const BEGINNING: usize = 48;

/// What is sent, and what will come back.
#[derive(Debug)]
pub(crate) struct Composed {
    pub(crate) path: String,
    /// Where the client's token goes, and what goes before it.
    pub(crate) credential: (&'static str, &'static str),
    /// Headers that the API wants besides.
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) content: Content,
    pub(crate) reads: Reads,
    /// What a conversation comes to; nothing of what is none.
    pub(crate) spoken: Option<Spoken>,
}

/// A conversation as far as another program can go on with it.
#[derive(Debug)]
pub(crate) struct Spoken {
    pub(crate) model: String,
    pub(crate) system: String,
    /// What was said last.
    pub(crate) text: String,
}

/// A request's body.
#[derive(Debug)]
pub(crate) enum Content {
    Json(Value),
    Form(Vec<Field>),
}

/// A field of a form.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) value: FieldValue,
}

#[derive(Debug)]
pub(crate) enum FieldValue {
    Text(String),
    File { name: String, mime: String, bytes: Vec<u8> },
}

impl Composed {
    /// The request that says what is wanted.
    pub(crate) fn of(wanted: &Wanted) -> Result<Self, Error> {
        match wanted {
            Wanted::Chat(chat) => {
                let text = chat.turns.last().map(|turn| turn.text.clone()).unwrap_or_default();
                let (model, system) = (chat.model.clone(), chat.system.clone());
                let composed = chat::compose(chat)?;
                Ok(Self { spoken: Some(Spoken { model, system, text }), ..composed })
            }
            Wanted::Image(image) => material::image(image),
            Wanted::Speech(speech) => material::speech(speech),
            Wanted::Embedding(embedding) => material::embedding(embedding),
            Wanted::Transcription(transcription) => material::transcription(transcription),
        }
    }

    /// To an address of OpenAI's API.
    pub(super) fn openai(path: &str, content: Content, reads: Reads) -> Self {
        let credential = ("authorization", "Bearer ");
        Self {
            path: path.to_owned(),
            credential,
            headers: Vec::new(),
            content,
            reads,
            spoken: None,
        }
    }
}

impl Content {
    /// The body's bytes, and what its `Content-Type` says. `boundary` stands in nothing that is sent.
    pub(crate) fn encode(&self, boundary: &str) -> (String, Bytes) {
        match self {
            Self::Json(value) => ("application/json".to_owned(), value.to_string().into()),
            Self::Form(fields) => {
                (format!("multipart/form-data; boundary={boundary}"), form(fields, boundary))
            }
        }
    }

    /// The body as people read it, without the middle of what nobody reads.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Json(value) => pretty(&shortened(value)),
            Self::Form(fields) => fields.iter().map(Field::shown).collect::<Vec<_>>().join("\n"),
        }
    }
}

impl Field {
    pub(super) fn text(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: FieldValue::Text(value.into()) }
    }

    fn shown(&self) -> String {
        match &self.value {
            FieldValue::Text(text) => format!("{}: {text}", self.name),
            FieldValue::File { name, mime, bytes } => {
                format!("{}: {name} ({mime}, {} bytes)", self.name, bytes.len())
            }
        }
    }
}

fn form(fields: &[Field], boundary: &str) -> Bytes {
    let mut body = Vec::new();
    for Field { name, value } in fields {
        let begin = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"");
        body.extend_from_slice(begin.as_bytes());
        match value {
            FieldValue::Text(text) => {
                body.extend_from_slice(b"\r\n\r\n");
                body.extend_from_slice(text.as_bytes());
            }
            FieldValue::File { name, mime, bytes } => {
                let name = name.replace(['"', '\r', '\n'], "_");
                let mime = mime.replace(['\r', '\n'], "");
                let head = format!("; filename=\"{name}\"\r\nContent-Type: {mime}\r\n\r\n");
                body.extend_from_slice(head.as_bytes());
                body.extend_from_slice(bytes);
            }
        }
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body.into()
}

pub(super) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The same without the middle of what nobody reads: pictures and sound in base64.
pub(super) fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) if text.len() > SHOWN && !text.contains(char::is_whitespace) => {
            let beginning: String = text.chars().take(BEGINNING).collect();
            Value::String(format!("{beginning}… ({} characters)", text.chars().count()))
        }
        Value::Array(items) => items.iter().map(shortened).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), shortened(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

/// A name as a part of a path.
pub(super) fn in_path(name: &str) -> String {
    byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_nobody_reads_is_shown_as_a_beginning() {
        let long = "A".repeat(5_000);
        let shown = Content::Json(json!({"a": [long], "b": "word ".repeat(500)})).shown();
        assert!(shown.contains("AAAA… (5000 characters)") && shown.contains(&"word ".repeat(500)));
        assert!(shown.len() < 3_000);
    }

    #[test]
    fn a_form_holds_its_fields_and_no_name_breaks_out_of_it() {
        let file = FieldValue::File {
            name: "a\"\r\nX: y.png".to_owned(),
            mime: "image/png".to_owned(),
            bytes: vec![1, 2],
        };
        let fields = vec![Field::text("model", "m"), Field { name: "image", value: file }];
        let (kind, body) = Content::Form(fields).encode("b");
        assert_eq!(kind, "multipart/form-data; boundary=b");
        let text = String::from_utf8_lossy(&body);
        assert!(
            text.starts_with("--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n")
        );
        assert!(text.contains("filename=\"a___X: y.png\"") && text.ends_with("\r\n--b--\r\n"));
    }

    #[test]
    fn a_models_name_stays_one_part_of_a_path() {
        assert_eq!(in_path("gemini-2.5-flash"), "gemini-2.5-flash");
        assert_eq!(in_path("a/b ?x#"), "a%2Fb%20%3Fx%23");
    }
}
