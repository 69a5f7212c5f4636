//! Bodies for Google that borrow what is long from the client's own.

use std::ops::{Deref, DerefMut, Range};

use bytes::BufMut;
use serde::Serialize;

use crate::{
    json::{self, Text},
    models::ROOM,
};

/// Shorter texts are copied: to send many pieces costs more.
const INSET_FROM: usize = 16 * 1024;

/// The body of a request for Google. Pictures that stand in the client's body as Google wants them
/// are left out of the text and only pointed at, so that they are never copied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Everything else.
    pub text: Vec<u8>,
    /// What is missing in it, in order.
    pub insets: Vec<Inset>,
}

/// A piece of the client's body that belongs into the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inset {
    /// Before which byte of the text.
    pub at: usize,
    /// Where it stands in the client's body.
    pub of: Range<usize>,
}

impl From<Vec<u8>> for Written {
    fn from(text: Vec<u8>) -> Self {
        Self { text, insets: Vec::new() }
    }
}

impl Written {
    /// All of it in one piece; `body` is the client's.
    pub fn whole(self, body: &[u8]) -> Vec<u8> {
        let pieces = self.insets.into_iter().map(|inset| (inset.at, &body[inset.of]));
        joined(self.text, pieces)
    }
}

/// The body of a request for Google, while it is written.
#[derive(Debug, Default)]
pub(crate) struct Draft<'a> {
    text: Vec<u8>,
    insets: Vec<(usize, &'a [u8])>,
}

impl<'a> Draft<'a> {
    /// With room for what becomes of the body of a client's request, of which so many bytes are long
    /// texts.
    pub(crate) fn of(client: &[u8], long: usize) -> Self {
        Self::with_capacity(client.len().saturating_sub(long) + ROOM)
    }

    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { text: Vec::with_capacity(bytes), insets: Vec::new() }
    }

    /// Appends a JSON string, which is only pointed at if it is long.
    pub(crate) fn push_text(&mut self, text: &Text<'a>) {
        match text {
            Text::Dense(data) if data.len() >= INSET_FROM => {
                self.text.put_u8(b'"');
                self.insets.push((self.text.len(), data));
                self.text.put_u8(b'"');
            }
            text => text.write(&mut self.text),
        }
    }

    /// Appends a value.
    pub(crate) fn push_json<T: Serialize + ?Sized>(&mut self, value: &T) {
        json::push(&mut self.text, value);
    }

    /// What was written, where `body` is the client's. What was pointed at elsewhere is copied.
    pub(crate) fn written(self, body: &[u8]) -> Written {
        let place = |(at, data): &(usize, &[u8])| Some(Inset { at: *at, of: place(body, data)? });
        match self.insets.iter().map(place).collect() {
            Some(insets) => Written { text: self.text, insets },
            None => self.whole().into(),
        }
    }

    /// All of it in one piece.
    pub(crate) fn whole(self) -> Vec<u8> {
        joined(self.text, self.insets.into_iter())
    }
}

impl Deref for Draft<'_> {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.text
    }
}

/// Only what stands behind the last inset may be changed.
impl DerefMut for Draft<'_> {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }
}

impl AsMut<Vec<u8>> for Draft<'_> {
    fn as_mut(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }
}

/// Where `data` stands in `body`.
fn place(body: &[u8], data: &[u8]) -> Option<Range<usize>> {
    let begin = data.as_ptr().addr().checked_sub(body.as_ptr().addr())?;
    let end = begin.checked_add(data.len())?;
    (end <= body.len()).then_some(begin..end)
}

fn joined<'a>(text: Vec<u8>, insets: impl ExactSizeIterator<Item = (usize, &'a [u8])>) -> Vec<u8> {
    if insets.len() == 0 {
        return text;
    }
    let mut whole = Vec::with_capacity(2 * text.len());
    let mut begin = 0;
    for (at, data) in insets {
        whole.extend_from_slice(&text[begin..at]);
        whole.extend_from_slice(data);
        begin = at;
    }
    whole.extend_from_slice(&text[begin..]);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drafted(data: &[u8]) -> Draft<'_> {
        let mut draft = Draft::default();
        draft.put_slice(b"{\"a\":");
        draft.push_text(&Text::Dense(data));
        draft.put_slice(b",\"b\":");
        draft.push_text(&Text::Dense(data));
        draft.put_u8(b'}');
        draft
    }

    #[test]
    fn what_is_long_is_pointed_at() {
        let body = format!("\"{}\"", "A".repeat(INSET_FROM));
        let data = &body.as_bytes()[1..=INSET_FROM];
        let written = drafted(data).written(body.as_bytes());
        assert_eq!(written.text, br#"{"a":"","b":""}"#);
        let of = 1..=INSET_FROM;
        let of = *of.start()..*of.end() + 1;
        assert_eq!(written.insets, [Inset { at: 6, of: of.clone() }, Inset { at: 13, of }]);
        let expected = format!("{{\"a\":{body},\"b\":{body}}}").into_bytes();
        assert_eq!(written.whole(body.as_bytes()), expected);
    }

    #[test]
    fn what_is_short_or_stands_elsewhere_is_copied() {
        let short = drafted(b"abc").written(b"abc");
        assert_eq!(
            (short.text.as_slice(), short.insets.len()),
            (&br#"{"a":"abc","b":"abc"}"#[..], 0)
        );
        let elsewhere = "A".repeat(INSET_FROM);
        let copied = drafted(elsewhere.as_bytes()).written(b"abc");
        assert_eq!((copied.text.len(), copied.insets.len()), (15 + 2 * INSET_FROM, 0));
    }
}
