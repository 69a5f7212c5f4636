use bytes::{Buf, Bytes};
use memchr::{memchr, memchr2, memchr3};

use crate::TooLarge;
use crate::unread::append;

/// Cuts a streamed JSON array of objects, `[{…}\n,\n{…}]`, into its elements.
///
/// For observing a stream on its way past: it finds where objects begin and end, knows strings and
/// escapes, and does not judge whether the JSON is right. Whatever stands between objects is
/// skipped, so that a single object without an array around it is an element too.
#[derive(Debug)]
pub struct ArrayDecoder {
    /// What was pushed and not taken yet.
    unread: Bytes,
    /// The longest element in bytes.
    limit: usize,
    /// Up to where `unread` was looked through.
    searched: usize,
    /// How many objects are open there; 0: between elements.
    depth: usize,
    /// A string is open there.
    in_string: bool,
    /// Set once an element was too large.
    failed: bool,
}

impl ArrayDecoder {
    /// A decoder that accepts elements of up to `max_element_bytes`.
    pub fn new(max_element_bytes: usize) -> Self {
        Self {
            unread: Bytes::new(),
            limit: max_element_bytes,
            searched: 0,
            depth: 0,
            in_string: false,
            failed: false,
        }
    }

    /// Takes in the next chunk of the body.
    pub fn push(&mut self, chunk: Bytes) {
        if !self.failed {
            append(&mut self.unread, chunk);
        }
    }

    /// The next element that is complete, from its first brace to its last; `None`: more bytes are
    /// needed.
    pub fn next_element(&mut self) -> Option<Result<Bytes, TooLarge>> {
        let end = self.element_end();
        if end.unwrap_or(self.unread.len()) > self.limit {
            self.failed = true;
            self.reset();
            return Some(Err(TooLarge { limit: self.limit }));
        }
        end.map(|end| {
            self.searched = 0;
            Ok(self.unread.split_to(end))
        })
    }

    /// To be called when the body has ended: what came of an element that was cut.
    pub fn finish(&mut self) -> Option<Bytes> {
        let cut = std::mem::take(&mut self.unread);
        self.reset();
        (!cut.is_empty()).then_some(cut)
    }

    /// Where the first element ends, if that is known; then `depth` is 0 again.
    fn element_end(&mut self) -> Option<usize> {
        if self.depth == 0 {
            self.open_element()?;
        }
        loop {
            let rest = &self.unread[self.searched..];
            let found = if self.in_string {
                memchr2(b'"', b'\\', rest)
            } else {
                memchr3(b'"', b'{', b'}', rest)
            };
            let Some(offset) = found else {
                self.searched = self.unread.len();
                return None;
            };
            match rest[offset] {
                b'"' => self.in_string = !self.in_string,
                b'{' => self.depth += 1,
                b'}' => self.depth -= 1,
                // The escaped character is skipped together with its backslash, once it is there.
                _ if offset + 1 == rest.len() => {
                    self.searched += offset;
                    return None;
                }
                _ => self.searched += 1,
            }
            self.searched += offset + 1;
            if self.depth == 0 {
                return Some(self.searched);
            }
        }
    }

    /// Drops what stands before the next object and steps into it, if one begins.
    fn open_element(&mut self) -> Option<()> {
        let Some(start) = memchr(b'{', &self.unread) else {
            self.unread.clear();
            return None;
        };
        self.unread.advance(start);
        self.searched = 1;
        self.depth = 1;
        Some(())
    }

    fn reset(&mut self) {
        *self = Self { failed: self.failed, ..Self::new(self.limit) };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All elements of a body that comes in these chunks, and what was left at its end.
    fn decode<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Bytes>, Option<Bytes>) {
        let mut decoder = ArrayDecoder::new(1 << 20);
        let mut elements = Vec::new();
        for chunk in chunks {
            decoder.push(Bytes::copy_from_slice(chunk));
            while let Some(element) = decoder.next_element() {
                elements.push(element.unwrap());
            }
        }
        (elements, decoder.finish())
    }

    #[test]
    fn elements_are_cut_out_whole() {
        let body = br#"[{"a": {"b": "}{\"\\"}}
,
{},{"c":[{"d":1}]}
]"#;
        let (elements, rest) = decode([&body[..]]);
        let expected: [&[u8]; 3] = [br#"{"a": {"b": "}{\"\\"}}"#, b"{}", br#"{"c":[{"d":1}]}"#];
        assert_eq!(elements, expected);
        assert_eq!(rest, None);
    }

    #[test]
    fn a_single_object_is_an_element() {
        assert_eq!(decode([&b"{\"error\":{}}\n"[..]]).0, [&b"{\"error\":{}}"[..]]);
    }

    #[test]
    fn a_cut_element_is_left_at_the_end() {
        let (elements, rest) = decode([&b"[{\"a\":1},{\"b\":\"x"[..]]);
        assert_eq!(elements, [&b"{\"a\":1}"[..]]);
        assert_eq!(rest, Some(Bytes::from_static(b"{\"b\":\"x")));
    }

    #[test]
    fn an_element_in_one_chunk_is_not_copied() {
        let chunk = Bytes::from_static(b"[{\"a\":1}");
        let mut decoder = ArrayDecoder::new(100);
        decoder.push(chunk.clone());
        let element = decoder.next_element().unwrap().unwrap();
        assert_eq!(element.as_ptr(), chunk[1..].as_ptr());
    }

    #[test]
    fn too_large_an_element_is_refused_as_soon_as_it_is() {
        let mut decoder = ArrayDecoder::new(10);
        decoder.push(Bytes::from_static(b"[{\"a\":1234}, "));
        assert_eq!(decoder.next_element().unwrap().unwrap().len(), 10);
        decoder.push(Bytes::from_static(b"{\"a\":123456"));
        assert_eq!(decoder.next_element(), Some(Err(TooLarge { limit: 10 })));
        decoder.push(Bytes::from_static(b"}, {}"));
        assert_eq!(decoder.next_element(), None);
        assert_eq!(decoder.finish(), None);
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(
            body in r#"\[(\{("(a|\\"|\\\\|\{|\}){0,5}"|:|\{\}|,){0,6}\}[ ,\n]{0,3}){0,5}(\{"a\\)?"#,
            size in 1..20_usize,
        ) {
            let whole = decode([body.as_bytes()]);
            prop_assert_eq!(decode(body.as_bytes().chunks(size)), whole);
        }
    }
}
