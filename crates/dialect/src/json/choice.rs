//! Fields that may be a string or something else.
//!
//! Serde's untagged enums buffer the whole value first, which would copy every picture, and lose
//! the path of a mistake; these visitors do neither.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

use super::Text;

/// No list of a client may be longer; each element costs memory far beyond its bytes.
pub(crate) const MAX_ELEMENTS: usize = 50_000;

/// A string, or a list.
#[derive(Debug, Clone)]
pub(crate) enum TextOrList<'a, T> {
    Text(Text<'a>),
    List(Vec<T>),
}

/// A string, or an object.
#[derive(Debug, Clone)]
pub(crate) enum TextOrObject<'a, T> {
    Text(Text<'a>),
    Object(T),
}

/// A string, a list, or an object that nobody reads.
#[derive(Debug, Clone)]
pub(crate) enum TextListOrObject<'a, T> {
    Text(Text<'a>),
    List(Vec<T>),
    Object,
}

/// A list of bounded length.
#[derive(Debug, Clone)]
pub(crate) struct List<T, const MAX: usize = MAX_ELEMENTS>(pub(crate) Vec<T>);

fn borrowed(text: &str) -> Text<'_> {
    // Serde lends only strings that stand in the body without escapes.
    Text::Verbatim(text)
}

fn collect<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(
    mut list: A,
    max: usize,
) -> Result<Vec<T>, A::Error> {
    let mut elements = Vec::with_capacity(list.size_hint().unwrap_or(0).min(64));
    while let Some(element) = list.next_element()? {
        if elements.len() == max {
            return Err(A::Error::custom(format_args!("more than {max} elements")));
        }
        elements.push(element);
    }
    Ok(elements)
}

struct ListOnly<T, const MAX: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for ListOnly<T, MAX> {
    type Value = List<T, MAX>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        collect(list, MAX).map(List)
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListOnly::<T, MAX>(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = TextOrList<'de, T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string or an array")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(TextOrList::Text(borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(TextOrList::Text(Text::from(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        collect(list, MAX_ELEMENTS).map(TextOrList::List)
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for TextOrList<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

struct AnyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for AnyVisitor<T> {
    type Value = TextListOrObject<'de, T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string, an array or an object")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(TextListOrObject::Text(borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(TextListOrObject::Text(Text::from(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        collect(list, MAX_ELEMENTS).map(TextListOrObject::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        IgnoredAny::deserialize(MapAccessDeserializer::new(map))?;
        Ok(TextListOrObject::Object)
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for TextListOrObject<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = TextOrObject<'de, T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string or an object")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(TextOrObject::Text(borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(TextOrObject::Text(Text::from(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(TextOrObject::Object)
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for TextOrObject<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_with_escapes_is_owned_and_others_borrow() {
        let plain: TextOrList<'_, u8> = serde_json::from_str(r#""abc""#).unwrap();
        assert!(matches!(plain, TextOrList::Text(Text::Verbatim("abc"))));
        let escaped: TextOrList<'_, u8> = serde_json::from_str(r#""a\nb""#).unwrap();
        assert!(matches!(escaped, TextOrList::Text(Text::Plain(text)) if text == "a\nb"));
    }

    #[test]
    fn long_lists_are_refused() {
        let body = format!("[{}0]", "0,".repeat(MAX_ELEMENTS));
        let error = serde_json::from_str::<List<u8>>(&body).unwrap_err();
        assert!(error.to_string().contains("more than 50000 elements"), "{error}");
    }
}
