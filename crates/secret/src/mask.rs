/// Characters shown of a secret's beginning.
pub(crate) const HEAD: usize = 6;
/// Characters shown of a secret's end.
pub(crate) const TAIL: usize = 4;
/// Stands for everything that is not shown.
pub(crate) const GAP: char = '…';
/// Shorter texts would show too large a part of themselves.
const SHORTEST_WITH_HEAD: usize = 16;
const SHORTEST_WITH_TAIL: usize = 8;

/// A secret as people may see it: the first six and the last four characters, `AIzaSy…wxyz`.
///
/// Texts of fewer than 16 characters show the last two only, of fewer than 8 nothing at all.
pub fn mask(text: &str) -> String {
    let length = text.chars().count();
    let (head, tail) = match length {
        SHORTEST_WITH_HEAD.. => (HEAD, TAIL),
        SHORTEST_WITH_TAIL.. => (0, 2),
        _ => (0, 0),
    };
    let mut masked: String = text.chars().take(head).collect();
    masked.push(GAP);
    masked.extend(text.chars().skip(length - tail));
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_show_both_ends_and_short_ones_almost_nothing() {
        let cases = [
            ("AIzaSyCANARY0000000000000000000000000wxyz", "AIzaSy…wxyz"),
            ("0123456789abcdef", "012345…cdef"),
            ("0123456789abcde", "…de"),
            ("sk-12345", "…45"),
            ("sk-1234", "…"),
            ("", "…"),
            ("ключключключключ", "ключкл…ключ"),
        ];
        for (text, expected) in cases {
            assert_eq!(mask(text), expected, "{text:?}");
        }
    }
}
