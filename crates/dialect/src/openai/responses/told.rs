//! Events of a stream that were told, to be told again.

use bytes::BytesMut;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::stored::StoredResponse;
use crate::json::Text;

/// An event of a response's stream. Its place in the stream is its `sequence_number`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ToldEvent(Box<RawValue>);

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
}

impl ToldEvent {
    /// Reads the data of an event; `None` if no stream of a response has such.
    pub fn read(data: &[u8]) -> Option<Self> {
        let told = Self(serde_json::from_slice(data).ok()?);
        told.event().is_some().then_some(told)
    }

    /// The event with which a stream ends, of a response that has ended.
    pub fn ending(response: &StoredResponse, sequence_number: u64) -> Option<Self> {
        let kind = match response.status().as_str() {
            "completed" => "response.completed",
            "incomplete" => "response.incomplete",
            // There is no event for what was cancelled.
            _ => "response.failed",
        };
        Self::with_response(kind, sequence_number, response.response())
    }

    /// An event that holds a whole response object.
    pub(super) fn with_response(kind: &str, number: u64, response: &str) -> Option<Self> {
        let text =
            format!(r#"{{"type":"{kind}","sequence_number":{number},"response":{response}}}"#);
        RawValue::from_string(text).ok().map(Self)
    }

    /// Appends the event as it stands in a stream.
    pub fn write(&self, out: &mut BytesMut) {
        let Some(event) = self.event() else { return };
        let kind = event.kind.decode();
        for piece in ["event: ", &kind, "\ndata: ", self.0.get(), "\n\n"] {
            out.extend_from_slice(piece.as_bytes());
        }
    }

    /// The response object of the event that says that the model works on the response.
    pub fn progress(&self) -> Option<&str> {
        self.response_of(&["response.in_progress"])
    }

    /// The response object of the event that ends the stream.
    pub fn end(&self) -> Option<&str> {
        self.response_of(&["response.completed", "response.incomplete", "response.failed"])
    }

    fn response_of(&self, kinds: &[&str]) -> Option<&str> {
        let event = self.event()?;
        let response = event.response.filter(|_| kinds.contains(&&*event.kind.decode()))?;
        Some(response.get())
    }

    fn event(&self) -> Option<Event<'_>> {
        serde_json::from_str(self.0.get()).ok()
    }
}
