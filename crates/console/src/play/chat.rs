//! A conversation in each of the four APIs, one a file.

mod completions;
mod gemini;
mod messages;
mod responses;

use serde_json::{Map, Value};

use super::composed::Composed;
use super::wanted::{Chat, Dialect};
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

#[cfg(test)]
mod tests;
