//! Where a body is worth reading: everywhere but in pictures and the like, which are most of a large
//! body and need not be read by everybody.

use std::ops::Range;

/// How far before a resource's name its string may begin: as in `https://…/v1beta/files/abc`.
pub(crate) const LONGEST_ADDRESS: usize = 256;

/// So much of a string can hold a name: an address before it and the longest collection, each
/// character escaped.
const FRONT: usize = 6 * (LONGEST_ADDRESS + 64);

/// What goes on for so long without a quotation mark is passed over behind its front.
const LONG: usize = 2 * FRONT;

/// The parts of a JSON body that are passed over, in their order.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    gaps: Vec<Range<usize>>,
}

/// A part that is read, and how many bytes behind it are not.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Front {
    pub(crate) range: Range<usize>,
    pub(crate) unread: usize,
}

impl Outline {
    pub(crate) fn of(body: &[u8]) -> Self {
        let mut gaps = Vec::new();
        if body.len() > LONG {
            let mut last = 0;
            for quote in memchr::memchr2_iter(b'"', b'\'', body).chain([body.len()]) {
                if quote - last > LONG {
                    gaps.push(last + FRONT..quote);
                }
                last = quote;
            }
        }
        Self { gaps }
    }

    /// What is read of a body of this length.
    pub(crate) fn fronts(&self, length: usize) -> impl Iterator<Item = Front> {
        let mut begin = 0;
        self.gaps.iter().cloned().chain(std::iter::once(length..length)).map(move |gap| {
            let range = begin..gap.start;
            begin = gap.end;
            Front { range, unread: gap.len() }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fronts(body: &str) -> Vec<Front> {
        Outline::of(body.as_bytes()).fronts(body.len()).collect()
    }

    #[test]
    fn short_bodies_are_read_whole() {
        assert_eq!(fronts(""), [Front { range: 0..0, unread: 0 }]);
        assert_eq!(fronts(r#"{"a":"b"}"#), [Front { range: 0..9, unread: 0 }]);
        let quoted = "'".repeat(10_000);
        assert_eq!(fronts(&quoted), [Front { range: 0..10_000, unread: 0 }]);
    }

    #[test]
    fn long_strings_are_passed_over_behind_their_front() {
        let body = format!(r#"{{"data":"{}","text":"what is it?"}}"#, "A".repeat(200_000));
        let expected = [
            Front { range: 0..8 + FRONT, unread: 200_001 - FRONT },
            Front { range: 200_009..body.len(), unread: 0 },
        ];
        assert_eq!(fronts(&body), expected);
    }

    #[test]
    fn a_body_may_end_in_what_is_passed_over() {
        let body = format!("\"{}", "A".repeat(20_000));
        let expected = [
            Front { range: 0..FRONT, unread: 20_001 - FRONT },
            Front { range: 20_001..20_001, unread: 0 },
        ];
        assert_eq!(fronts(&body), expected);
    }
}
