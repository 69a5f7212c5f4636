//! A conversation in each of the four APIs, one a file.

mod completions;
mod gemini;
mod messages;
mod responses;

use serde_json::{Map, Value, json};

use super::composed::Composed;
use super::wanted::{Attachment, Chat, Dialect, Role, Safety, Turn};
use crate::error::Error;

/// The request that goes on with a conversation.
pub(super) fn compose(chat: &Chat) -> Result<Composed, Error> {
    if chat.model.trim().is_empty() {
        return Err(Error::invalid("model", "name one"));
    }
    match chat.dialect {
        Dialect::Chat => completions::compose(chat),
        Dialect::Responses => responses::compose(chat),
        Dialect::Messages => messages::compose(chat),
        Dialect::Gemini => Ok(gemini::compose(chat)),
    }
}

/// Puts a member into a body, if there is one.
fn put(body: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body.insert(name.to_owned(), value.into());
    }
}

/// A text that says something.
fn said(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.trim().is_empty())
}

/// The kinds of harm that Google tells apart.
const HARMS: [&str; 4] = [
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
];

/// The same threshold for each kind of harm, as Google's settings have it.
fn safety(threshold: Safety) -> Value {
    HARMS.iter().map(|harm| json!({"category": harm, "threshold": threshold})).collect()
}

/// Refuses what an API has no place for.
fn without_safety(chat: &Chat) -> Result<(), Error> {
    match chat.safety {
        Some(_) => Err(Error::invalid("safety", "has no place in this API")),
        None => Ok(()),
    }
}

/// A turn as OpenAI's chat completions and Anthropic's API have it, which differ in their `parts`.
fn message(
    turn: &Turn,
    part: impl Fn(&Attachment) -> Result<Value, Error>,
) -> Result<Value, Error> {
    let role = match turn.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    if turn.files.is_empty() {
        return Ok(json!({"role": role, "content": turn.text}));
    }
    let files = turn.files.iter().map(part).collect::<Result<Vec<_>, _>>()?;
    let text = said(&turn.text).map(|text| json!({"type": "text", "text": text}));
    Ok(json!({"role": role, "content": files.into_iter().chain(text).collect::<Vec<_>>()}))
}

#[cfg(test)]
mod tests;
