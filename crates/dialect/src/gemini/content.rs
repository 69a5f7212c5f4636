//! Contents and parts of a `generateContent` request, written straight into the body.

use std::borrow::Cow;

use bytes::BufMut;
use serde_json::value::RawValue;

use crate::json::{self, Text};
use crate::written::Draft;

/// Who speaks in a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    User,
    Model,
}

/// One turn: parts in order, by one speaker.
#[derive(Debug, Clone)]
pub(crate) struct Content<'a> {
    pub(crate) role: Role,
    pub(crate) parts: Vec<Part<'a>>,
}

/// One part of a content. Rare kinds are boxed, since a request may hold very many texts.
#[derive(Debug, Clone)]
pub(crate) enum Part<'a> {
    Text { text: Text<'a>, signature: Option<Box<Text<'a>>> },
    Inline(Box<Inline<'a>>),
    File(Box<File<'a>>),
    Call(Box<Call<'a>>),
    Result(Box<CallResult<'a>>),
}

/// Bytes inside the request, in base64.
#[derive(Debug, Clone)]
pub(crate) struct Inline<'a> {
    pub(crate) mime: Cow<'a, str>,
    pub(crate) data: Text<'a>,
    /// `MEDIA_RESOLUTION_…`
    pub(crate) resolution: Option<&'static str>,
    /// Of a picture that the model made.
    pub(crate) signature: Option<Text<'a>>,
}

/// A file that Google can read itself.
#[derive(Debug, Clone)]
pub(crate) struct File<'a> {
    pub(crate) uri: Text<'a>,
    pub(crate) mime: Option<Cow<'a, str>>,
}

/// A call that the model made.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    pub(crate) id: Cow<'a, str>,
    pub(crate) name: Cow<'a, str>,
    /// An object.
    pub(crate) args: Box<RawValue>,
    pub(crate) signature: Option<Text<'a>>,
}

/// What a call gave back.
#[derive(Debug, Clone)]
pub(crate) struct CallResult<'a> {
    pub(crate) id: Cow<'a, str>,
    pub(crate) name: Cow<'a, str>,
    pub(crate) output: Output<'a>,
    /// Pictures and documents that the tool returned (Gemini 3 and later).
    pub(crate) media: Vec<Inline<'a>>,
}

/// The text of a result: several texts are joined to one.
#[derive(Debug, Clone)]
pub(crate) enum Output<'a> {
    Texts(Vec<Text<'a>>),
    /// What went wrong.
    Error(Vec<Text<'a>>),
}

impl<'a> Part<'a> {
    pub(crate) fn text(text: impl Into<Text<'a>>) -> Self {
        Self::Text { text: text.into(), signature: None }
    }

    /// The part says nothing; Gemini refuses such parts.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Text { text, signature: None } if text.is_empty())
    }

    /// Puts a thought signature on it; parts that cannot have one stay as they are.
    pub(crate) fn sign(&mut self, with: Text<'a>) {
        match self {
            Self::Text { signature, .. } => *signature = Some(Box::new(with)),
            Self::Inline(inline) => inline.signature = Some(with),
            Self::Call(call) => call.signature = Some(with),
            Self::File(_) | Self::Result(_) => {}
        }
    }

    pub(crate) fn write(&self, out: &mut Draft<'a>) {
        match self {
            Self::Text { text, signature } => {
                out.put_slice(br#"{"text":"#);
                out.push_text(text);
                write_signature(signature.as_deref(), out);
            }
            Self::Inline(inline) => {
                inline.write_open(out);
                if let Some(level) = inline.resolution {
                    out.put_slice(br#","mediaResolution":{"level":""#);
                    out.put_slice(level.as_bytes());
                    out.put_slice(br#""}"#);
                }
                write_signature(inline.signature.as_ref(), out);
            }
            Self::File(file) => file.write_open(out),
            Self::Call(call) => call.write_open(out),
            Self::Result(result) => result.write_open(out),
        }
        out.put_u8(b'}');
    }
}

fn write_signature(signature: Option<&Text<'_>>, out: &mut Vec<u8>) {
    if let Some(signature) = signature {
        out.put_slice(br#","thoughtSignature":"#);
        signature.write(out);
    }
}

impl<'a> Inline<'a> {
    /// Gemini takes pictures and papers inside a result; sounds and films it refuses there.
    pub(crate) fn may_stand_in_result(&self) -> bool {
        self.mime.starts_with("image/") || self.mime == "application/pdf"
    }

    fn write_open(&self, out: &mut Draft<'a>) {
        out.put_slice(br#"{"inlineData":{"mimeType":"#);
        out.push_json(&self.mime);
        out.put_slice(br#","data":"#);
        out.push_text(&self.data);
        out.put_u8(b'}');
    }
}

impl File<'_> {
    fn write_open(&self, out: &mut Vec<u8>) {
        out.put_slice(br#"{"fileData":{"fileUri":"#);
        self.uri.write(out);
        if let Some(mime) = &self.mime {
            out.put_slice(br#","mimeType":"#);
            json::push(out, mime);
        }
        out.put_u8(b'}');
    }
}

impl Call<'_> {
    fn write_open(&self, out: &mut Vec<u8>) {
        out.put_slice(br#"{"functionCall":{"id":"#);
        json::push(out, &self.id);
        out.put_slice(br#","name":"#);
        json::push(out, &self.name);
        out.put_slice(br#","args":"#);
        out.put_slice(self.args.get().as_bytes());
        out.put_u8(b'}');
        write_signature(self.signature.as_ref(), out);
    }
}

impl<'a> CallResult<'a> {
    fn write_open(&self, out: &mut Draft<'a>) {
        out.put_slice(br#"{"functionResponse":{"id":"#);
        out.push_json(&self.id);
        out.put_slice(br#","name":"#);
        out.push_json(&self.name);
        let (member, texts): (&[u8], _) = match &self.output {
            Output::Texts(texts) => (br#","response":{"output":""#, texts),
            Output::Error(texts) => (br#","response":{"error":""#, texts),
        };
        out.put_slice(member);
        for text in texts {
            text.write_inner(out);
        }
        out.put_slice(br#""}"#);
        if !self.media.is_empty() {
            out.put_slice(br#","parts":"#);
            write_list(&self.media, out, |inline, out| {
                inline.write_open(out);
                out.put_u8(b'}');
            });
        }
        out.put_u8(b'}');
    }
}

impl<'a> Content<'a> {
    pub(crate) fn write(&self, out: &mut Draft<'a>) {
        out.put_slice(match self.role {
            Role::User => br#"{"role":"user","parts":"#,
            Role::Model => br#"{"role":"model","parts":"#.as_slice(),
        });
        write_list(&self.parts, out, Part::write);
        out.put_u8(b'}');
    }
}

/// Writes a JSON list.
pub(crate) fn write_list<T, O: AsMut<Vec<u8>>>(
    elements: &[T],
    out: &mut O,
    mut write: impl FnMut(&T, &mut O),
) {
    out.as_mut().put_u8(b'[');
    for (position, element) in elements.iter().enumerate() {
        if position > 0 {
            out.as_mut().put_u8(b',');
        }
        write(element, out);
    }
    out.as_mut().put_u8(b']');
}

/// How much of them need not be copied to be sent.
pub(crate) fn long_bytes(contents: &[Content<'_>]) -> usize {
    let parts = contents.iter().flat_map(|content| &content.parts);
    let long = |part: &Part<'_>| match part {
        Part::Inline(inline) => inline.data.dense_bytes(),
        _ => 0,
    };
    parts.map(long).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_written_as_gemini_reads_them() {
        let content = Content {
            role: Role::Model,
            parts: vec![
                Part::Text { text: "a\n".into(), signature: Some(Box::new("s".into())) },
                Part::Call(Box::new(Call {
                    id: "1".into(),
                    name: "f".into(),
                    args: serde_json::from_str(r#"{"x":1}"#).unwrap(),
                    signature: None,
                })),
                Part::Result(Box::new(CallResult {
                    id: "1".into(),
                    name: "f".into(),
                    output: Output::Texts(vec!["a".into(), Text::Verbatim(r"\n")]),
                    media: vec![Inline {
                        mime: "image/png".into(),
                        data: "AA".into(),
                        resolution: None,
                        signature: None,
                    }],
                })),
            ],
        };
        let mut out = Draft::default();
        content.write(&mut out);
        insta::assert_snapshot!(String::from_utf8(out.whole()).unwrap(), @r#"{"role":"model","parts":[{"text":"a\n","thoughtSignature":"s"},{"functionCall":{"id":"1","name":"f","args":{"x":1}}},{"functionResponse":{"id":"1","name":"f","response":{"output":"a\n"},"parts":[{"inlineData":{"mimeType":"image/png","data":"AA"}}]}}]}"#);
    }
}
