//! What a browser is told while a request is under way.

use serde::Serialize;
use store::RequestRecord;
use utoipa::ToSchema;

use super::snippets::Snippets;

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlayEvent)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Told {
    /// It was sent.
    Request(Sent),
    /// Its answer has begun.
    Response { status: u16, reason: String, headers: Vec<(String, String)>, after_ms: u64 },
    /// A piece of the answer as it came: an event of a stream, or all of it.
    Frame { after_ms: u64, bytes: usize, text: String },
    /// The model has said something.
    Text { text: String },
    /// The model has thought something.
    Thought { text: String },
    /// The model has drawn something, in base64.
    Picture { mime: String, data: String },
    /// The model has spoken, in base64.
    Sound { mime: String, data: String },
    /// Where the texts lie.
    Vectors { dimensions: usize, heads: Vec<Vec<f64>>, similarity: Option<f64> },
    /// It failed.
    Error { message: String },
    /// It is over.
    End(Box<End>),
}

/// A request as a client would send it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlayRequest)]
pub(crate) struct Sent {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    /// The client's token is a mask.
    pub(crate) headers: Vec<(String, String)>,
    /// What is inlined is shortened.
    pub(crate) body: String,
    pub(crate) snippets: Snippets,
}

/// How it went.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlayEnd)]
pub(crate) struct End {
    /// To the first byte of the answer's body.
    pub(crate) first_byte_ms: Option<u64>,
    pub(crate) total_ms: u64,
    /// What was said, as HTML without anything that could hurt.
    pub(crate) html: String,
    /// What was written down of it; nothing if it was not let in.
    pub(crate) facts: Option<Facts>,
}

/// What was written down of a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlayFacts)]
pub(crate) struct Facts {
    /// What the client is given as `x-request-id`.
    pub(crate) id: String,
    /// Whether it is in the log, where its trace is.
    pub(crate) is_logged: bool,
    pub(crate) outcome: &'static str,
    /// The model that answered.
    pub(crate) model: Option<String>,
    pub(crate) attempts: u16,
    /// The mask of the key that served last.
    pub(crate) key: Option<String>,
    pub(crate) key_id: Option<String>,
    pub(crate) usage: keypool::Usage,
    /// Tokens that were written in a second, thoughts included; nothing of what was not streamed.
    pub(crate) tokens_per_second: Option<f64>,
    /// What it cost by list price, in US dollars.
    pub(crate) value: String,
}

impl Facts {
    pub(super) fn of(record: &RequestRecord, is_logged: bool) -> Self {
        Self {
            id: record.request_id.to_string(),
            is_logged,
            outcome: record.outcome,
            model: record.model.as_deref().map(str::to_owned),
            attempts: record.attempts,
            key: record.key_mask.as_deref().map(str::to_owned),
            key_id: record.key_id.as_ref().map(ToString::to_string),
            usage: record.usage,
            tokens_per_second: pace(record),
            value: record.cost.to_string(),
        }
    }
}

/// How fast a stream was written, from its first byte to its last.
fn pace(record: &RequestRecord) -> Option<f64> {
    let written = record.usage.completion + record.usage.thoughts;
    let first = record.first_byte_ms.filter(|_| record.stream)?;
    let millis = record.duration_ms.saturating_sub(first);
    let pace = || (written as f64 * 10_000.0 / f64::from(millis)).round() / 10.0;
    (written > 0 && millis > 0).then(pace)
}
