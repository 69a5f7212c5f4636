//! What is kept of a response, so that later requests can go on from it.

use bytes::BytesMut;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::{
    carrier::{Signature, Signatures},
    item::Item,
    listed_item::{full_item, message_of},
    object::Fault,
    told::ToldEvent,
};
use crate::{
    DialectError,
    json::{self, Object, Text, choice::TextOrList},
};

/// A response and what was said before it. Serialises to JSON for a store.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredResponse {
    response: Box<RawValue>,
    /// Items of the request, each with an id.
    input: Vec<Box<RawValue>>,
    signatures: Option<Signatures>,
    /// What was streamed of a background response, to be streamed again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    told: Vec<ToldEvent>,
}

/// Earlier responses that a request goes on from, as its
/// [`References`](super::References) name them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Earlier<'s> {
    /// The chain that ends with `previous_response_id`, oldest first; empty where none is named
    /// or it is not there.
    pub chain: &'s [StoredResponse],
    /// Responses of which single items are named.
    pub referenced: &'s [StoredResponse],
}

/// Thought signatures of one answer's calls, kept beside it.
#[derive(Debug, Clone, Default)]
pub struct ThoughtSignatures {
    pub(super) family: &'static str,
    /// Call ids and their signatures.
    pub(super) list: Vec<(String, String)>,
}

impl ThoughtSignatures {
    /// Pairs of a call's id and its signature.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.list.iter().map(|(call, signature)| (call.as_str(), signature.as_str()))
    }
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Response<'a> {
    id: Option<Text<'a>>,
    previous_response_id: Option<Text<'a>>,
    status: Option<Text<'a>>,
    background: Option<bool>,
    #[serde(borrow, default)]
    output: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    input: Option<TextOrList<'a, &'a RawValue>>,
}

impl StoredResponse {
    /// Keeps a response: the bytes of the client's request, the response object that it was
    /// given, and the signatures that came with the answer. Named items are looked up in `earlier`.
    pub fn new(
        request_body: &[u8],
        response: &[u8],
        signatures: &ThoughtSignatures,
        earlier: Earlier<'_>,
    ) -> Result<Self, DialectError> {
        let response: Box<RawValue> = json::parse::<&RawValue>(response)?.to_owned();
        let id =
            Response::read(&response).and_then(|read| read.id).map(|id| id.decode().into_owned());
        let id = id.unwrap_or_default();
        let tail = id.strip_prefix("resp_").unwrap_or(&id);
        let input = input(request_body, tail, earlier)?;
        let list: Vec<Signature> = signatures
            .iter()
            .map(|(call_id, signature)| Signature {
                call_id: call_id.to_owned(),
                signature: signature.to_owned(),
            })
            .collect();
        let signatures =
            (!list.is_empty()).then(|| Signatures { family: signatures.family.to_owned(), list });
        Ok(Self { response, input, signatures, told: Vec::new() })
    }

    /// `resp_…`
    pub fn id(&self) -> String {
        self.member(|response| response.id)
    }

    /// The response before it in the chain, if it has one.
    pub fn previous_response_id(&self) -> Option<String> {
        Some(self.member(|response| response.previous_response_id)).filter(|id| !id.is_empty())
    }

    /// `completed`, `incomplete`, `failed`, `in_progress`, `queued` or `cancelled`.
    pub fn status(&self) -> String {
        self.member(|response| response.status)
    }

    /// The response object, for `GET /v1/responses/{id}`.
    pub fn response(&self) -> &str {
        self.response.get()
    }

    /// The same conversation with another response object, as a background response has when it
    /// ends.
    pub fn answered(&self, response: &[u8]) -> Result<Self, DialectError> {
        let response = json::parse::<&RawValue>(response)?.to_owned();
        Ok(Self { response, ..self.clone() })
    }

    /// The same response, with everything that was streamed of it.
    #[must_use]
    pub fn told(self, told: Vec<ToldEvent>) -> Self {
        Self { told, ..self }
    }

    /// The client did not wait for the answer.
    pub fn is_background(&self) -> bool {
        Response::read(&self.response).and_then(|read| read.background) == Some(true)
    }

    /// It has no end yet.
    pub fn is_running(&self) -> bool {
        matches!(self.status().as_str(), "queued" | "in_progress")
    }

    /// The same response, given up by the client.
    #[must_use]
    pub fn cancelled(&self) -> Self {
        self.changed("cancelled", None)
    }

    /// The same response, which has come to nothing.
    #[must_use]
    pub fn failed(&self, code: &str, message: &str) -> Self {
        self.changed("failed", Some(&Fault { code, message }))
    }

    /// The stream of a response that has ended, without the events up to `after`. Where it was not
    /// kept, there is only its beginning and its end to tell.
    pub fn stream(&self, after: Option<u64>) -> BytesMut {
        let mut out = BytesMut::new();
        let next = after.map_or(0, |after| after.saturating_add(1));
        if self.told.is_empty() {
            let begun = self.changed("in_progress", None);
            let begun = ToldEvent::with_response("response.created", 0, begun.response());
            let end = ToldEvent::ending(self, next.max(1));
            let events = begun.filter(|_| next == 0).into_iter().chain(end);
            events.for_each(|event| event.write(&mut out));
        }
        let skipped = usize::try_from(next).unwrap_or(usize::MAX);
        self.told.iter().skip(skipped).for_each(|event| event.write(&mut out));
        out
    }

    fn changed(&self, status: &str, error: Option<&Fault<'_>>) -> Self {
        let changed = Object::read(self.response.get()).and_then(|mut object| {
            object.put("status", status);
            object.put("error", &error);
            to_raw_value(&object).ok()
        });
        Self { response: changed.unwrap_or_else(|| self.response.clone()), ..self.clone() }
    }

    pub(super) fn input_items(&self) -> impl DoubleEndedIterator<Item = &RawValue> {
        self.input.iter().map(AsRef::as_ref)
    }

    pub(super) fn signatures(&self) -> Option<&Signatures> {
        self.signatures.as_ref()
    }

    /// Input, then output.
    pub(super) fn items(&self) -> impl Iterator<Item = Item<'_>> {
        self.raw_items().filter_map(|raw| serde_json::from_str(raw.get()).ok())
    }

    pub(super) fn item(&self, id: &str) -> Option<Item<'_>> {
        serde_json::from_str(self.raw_item(id)?.get()).ok()
    }

    pub(super) fn raw_item(&self, id: &str) -> Option<&RawValue> {
        self.raw_items().find(|raw| item_id(raw).as_deref() == Some(id))
    }

    fn raw_items(&self) -> impl Iterator<Item = &RawValue> {
        let output = Response::read(&self.response).map(|read| read.output).unwrap_or_default();
        self.input_items().chain(output)
    }

    fn member<'a>(&'a self, choose: impl Fn(Response<'a>) -> Option<Text<'a>>) -> String {
        let text = Response::read(&self.response).and_then(choose);
        text.map(|text| text.decode().into_owned()).unwrap_or_default()
    }
}

impl<'a> Response<'a> {
    fn read(raw: &'a RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok()
    }
}

/// The items of a request, each with an id that ends in `tail` unless the client gave one.
pub(super) fn input(
    request_body: &[u8],
    tail: &str,
    earlier: Earlier<'_>,
) -> Result<Vec<Box<RawValue>>, DialectError> {
    let request: Request<'_> = json::parse(request_body)?;
    Ok(match request.input {
        None => Vec::new(),
        Some(TextOrList::Text(text)) => {
            vec![message_of(&format!("msg_{tail}_i0"), "user", &text)]
        }
        Some(TextOrList::List(items)) => {
            let full = |(position, item)| full_item(tail, position, item, earlier.referenced);
            items.into_iter().enumerate().map(full).collect()
        }
    })
}

/// The id of an item.
pub(super) fn item_id(raw: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(bound(deserialize = "'de: 'a"))]
    struct Identity<'a> {
        id: Option<Text<'a>>,
    }
    let read: Identity<'_> = serde_json::from_str(raw.get()).ok()?;
    Some(read.id?.decode().into_owned())
}

/// The response that an item belongs to, as its id tells: `resp_R` of `msg_R_3`.
pub(super) fn owner(item_id: &str) -> Option<String> {
    let (_, rest) = item_id.split_once('_')?;
    let (response, _) = rest.rsplit_once('_')?;
    (!response.is_empty()).then(|| format!("resp_{response}"))
}
