//! The items of a request, as they are listed: with everything that clients may leave out.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::stored::StoredResponse;
use crate::json::{self, Text};

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Identity<'a> {
    id: Option<Text<'a>>,
    #[serde(rename = "type")]
    kind: Option<Text<'a>>,
    role: Option<Text<'a>>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

/// A message that holds one text.
pub(super) fn message_of(id: &str, role: &str, text: &Text<'_>) -> Box<RawValue> {
    let assistant = role == "assistant";
    let mut out = br#"{"type":"message","id":"#.to_vec();
    json::push(&mut out, id);
    out.extend_from_slice(br#","status":"completed","role":"#);
    json::push(&mut out, role);
    out.extend_from_slice(br#","content":[{"type":"#);
    json::push(&mut out, if assistant { "output_text" } else { "input_text" });
    out.extend_from_slice(br#","text":"#);
    text.write(&mut out);
    if assistant {
        out.extend_from_slice(br#","annotations":[],"logprobs":[]"#);
    }
    out.extend_from_slice(b"}]}");
    let text = String::from_utf8(out).ok();
    text.and_then(|text| RawValue::from_string(text).ok())
        .unwrap_or_else(|| RawValue::NULL.to_owned())
}

/// The item with everything that it may lack, and a message's text as a part.
pub(super) fn full_item(
    tail: &str,
    position: usize,
    raw: &RawValue,
    referenced: &[StoredResponse],
) -> Box<RawValue> {
    let Ok(read) = serde_json::from_str::<Identity<'_>>(raw.get()) else { return raw.to_owned() };
    let kind = read.kind.as_ref().map(Text::decode);
    let given = read.id.as_ref().map(|id| id.decode().into_owned()).filter(|id| !id.is_empty());
    let named = match kind.as_deref() {
        None => read.role.is_none(),
        Some(kind) => kind == "item_reference",
    };
    if let Some(id) = given.as_deref().filter(|_| named) {
        let found = referenced.iter().find_map(|response| response.raw_item(id));
        return found.unwrap_or(raw).to_owned();
    }
    let ours = format!("{}_{tail}_i{position}", prefix(kind.as_deref()));
    if let (Some(role), Some(content)) = (&read.role, read.content)
        && let Ok(text) = serde_json::from_str::<Text<'_>>(content.get())
    {
        return message_of(given.as_deref().unwrap_or(&ours), &role.decode(), &text);
    }
    completed(raw, given.as_deref().unwrap_or(&ours)).unwrap_or_else(|| raw.to_owned())
}

type Members<'a> = BTreeMap<Cow<'a, str>, Cow<'a, RawValue>>;

/// The item with that id, and what else it lacks.
fn completed(raw: &RawValue, id: &str) -> Option<Box<RawValue>> {
    let mut members = members(raw)?;
    put(&mut members, "id", id);
    put(&mut members, "type", "message");
    put(&mut members, "status", "completed");
    let parts = members.get("content").and_then(|content| {
        let parts: Vec<&RawValue> = serde_json::from_str(content.get()).ok()?;
        let parts: Vec<Box<RawValue>> = parts
            .into_iter()
            .map(|part| whole_part(part).unwrap_or_else(|| part.to_owned()))
            .collect();
        to_raw_value(&parts).ok()
    });
    if let Some(parts) = parts {
        members.insert("content".into(), Cow::Owned(parts));
    }
    to_raw_value(&members).ok()
}

/// The part of a message, with what it lacks; `None`: with nothing.
fn whole_part(raw: &RawValue) -> Option<Box<RawValue>> {
    let mut members = members(raw)?;
    let kind: Text<'_> = serde_json::from_str(members.get("type")?.get()).ok()?;
    match &*kind.decode() {
        "output_text" => {
            put::<[&str]>(&mut members, "annotations", &[]);
            put::<[&str]>(&mut members, "logprobs", &[]);
        }
        "input_image" => put(&mut members, "detail", "auto"),
        _ => return None,
    }
    to_raw_value(&members).ok()
}

fn members(raw: &RawValue) -> Option<Members<'_>> {
    let read: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    Some(read.into_iter().map(|(name, value)| (name, Cow::Borrowed(value))).collect())
}

/// Puts in what is not there, or null.
fn put<T: Serialize + ?Sized>(members: &mut Members<'_>, name: &'static str, value: &T) {
    let told = members.get(name).is_some_and(|value| !matches!(value.get(), "null" | "\"\""));
    if let (false, Ok(value)) = (told, to_raw_value(value)) {
        members.insert(name.into(), Cow::Owned(value));
    }
}

fn prefix(kind: Option<&str>) -> &'static str {
    match kind {
        None | Some("message") => "msg",
        Some("function_call") => "fc",
        Some("function_call_output") => "fco",
        Some("reasoning") => "rs",
        Some("custom_tool_call") => "ctc",
        _ => "item",
    }
}
