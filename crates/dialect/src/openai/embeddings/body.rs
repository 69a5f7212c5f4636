//! The body of a request for embeddings as clients send it, borrowing from its bytes.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

use super::super::chat::body::ContentPart;
use crate::json::{
    Text,
    choice::{MAX_ELEMENTS, TextOrList},
    number::Integer,
};

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Body<'a> {
    pub(super) model: Option<Text<'a>>,
    pub(super) input: Option<Input<'a>>,
    pub(super) dimensions: Option<Integer>,
    pub(super) encoding_format: Option<Text<'a>>,
    /// Google's `taskType`; the last one is Cohere's and Voyage's name for it.
    #[serde(alias = "taskType", alias = "input_type")]
    pub(super) task_type: Option<Text<'a>>,
    pub(super) title: Option<Text<'a>>,
}

/// What is to be embedded.
pub(super) enum Input<'a> {
    One(Text<'a>),
    Many(Vec<Item<'a>>),
    /// Numbers, of one text or of several.
    Tokens,
}

/// One input of several.
pub(super) enum Item<'a> {
    Text(Text<'a>),
    /// An extension: a content as a chat's message has it.
    Content(TextOrList<'a, ContentPart<'a>>),
}

/// An element of the list, which may be of the kind that is not supported.
enum Element<'a> {
    Item(Item<'a>),
    Tokens,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Content<'a> {
    content: TextOrList<'a, ContentPart<'a>>,
}

struct InputVisitor;

impl<'de> Visitor<'de> for InputVisitor {
    type Value = Input<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string or an array")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Input::One(Text::Verbatim(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Input::One(Text::from(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(element) = list.next_element()? {
            let Element::Item(item) = element else {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Input::Tokens);
            };
            if items.len() == MAX_ELEMENTS {
                return Err(A::Error::custom(format_args!("more than {MAX_ELEMENTS} elements")));
            }
            items.push(item);
        }
        Ok(Input::Many(items))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Input<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InputVisitor)
    }
}

struct ElementVisitor;

impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string, or an object with content")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Element::Item(Item::Text(Text::Verbatim(text))))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Element::Item(Item::Text(Text::from(text.to_owned()))))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Element::Tokens)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Element::Tokens)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Element::Tokens)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Element::Tokens)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let Content { content } = Content::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Element::Item(Item::Content(content)))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Element<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor)
    }
}
