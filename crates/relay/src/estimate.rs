//! How many input tokens a request will probably use, and how it begins: what the pool needs to
//! know before Google has counted.

use std::hash::{DefaultHasher, Hasher};

use memchr::memchr;
use upstream::Payload;

use crate::outline::{Front, Outline};

/// Text runs at about four bytes a token in English; more tokens in other scripts, fewer bytes too.
const BYTES_PER_TOKEN: u64 = 4;

/// A longer string is media in base64, not words, if so much of it has no blank.
const MEDIA_FROM: usize = 2048;

/// Roughly what Google counts for an image of common size.
const TOKENS_PER_MEDIA: u64 = 300;

/// Shorter prompts are not cached by Google, so nothing is gained by sending them to one project.
const CACHED_FROM: usize = 16 * 1024;

/// So much of the beginning must be equal to be taken for the same prompt.
const PREFIX: usize = 4096;

/// Input tokens of a request body, within a factor of two or so; corrected by Google's own count
/// afterwards.
pub(crate) fn input_tokens(body: &Payload, outline: &Outline) -> u64 {
    words_and_media(body.text(), outline) + body.insets().len() as u64 * TOKENS_PER_MEDIA
}

fn words_and_media(body: &[u8], outline: &Outline) -> u64 {
    if body.len() < MEDIA_FROM {
        return body.len() as u64 / BYTES_PER_TOKEN;
    }
    let (mut words, mut media) = (0, 0);
    let mut count = |piece: &[u8], unread: usize| {
        let begin = piece.get(..MEDIA_FROM).unwrap_or(piece);
        if piece.len() + unread >= MEDIA_FROM && memchr(b' ', begin).is_none() {
            media += 1;
        } else {
            words += (piece.len() + unread) as u64;
        }
    };
    for Front { range, unread } in outline.fronts(body.len()) {
        let mut rest = &body[range];
        while let Some(end) = memchr(b'"', rest) {
            count(&rest[..end], 0);
            rest = &rest[end + 1..];
        }
        count(rest, unread);
    }
    words / BYTES_PER_TOKEN + media * TOKENS_PER_MEDIA
}

/// Stands for how a long prompt begins; `None` if it is too short to matter.
pub(crate) fn prefix(body: &Payload) -> Option<u64> {
    if body.len() < CACHED_FROM {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    let mut left = PREFIX;
    for piece in body.pieces() {
        let beginning = piece.get(..left).unwrap_or(&piece);
        hasher.write(beginning);
        left -= beginning.len();
    }
    Some(hasher.finish())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn input_tokens(body: &[u8]) -> u64 {
        words_and_media(body, &Outline::of(body))
    }

    #[test]
    fn words_count_by_length_and_media_by_piece() {
        assert_eq!(input_tokens(b""), 0);
        assert_eq!(input_tokens(&[b'a'; 400]), 100);
        let words = format!(r#"{{"text":"{}"}}"#, "word ".repeat(2000));
        assert_eq!(input_tokens(words.as_bytes()), 10_007 / 4);
        let image = format!(r#"{{"data":"{}","text":"what is it?"}}"#, "A".repeat(200_000));
        assert_eq!(input_tokens(image.as_bytes()), 300 + 24 / 4);
    }

    #[test]
    fn what_is_lent_counts_as_media_and_begins_a_prompt_too() {
        let picture = |letter: &str| (6, Bytes::from(letter.repeat(CACHED_FROM)));
        let of = |letter| Payload::new(r#"["a","b"]"#, vec![picture(letter)]);
        assert_eq!(super::input_tokens(&of("A"), &Outline::default()), 300 + 2);
        assert_eq!(prefix(&of("A")), prefix(&Payload::from(of("A").whole())));
        assert_ne!(prefix(&of("A")), prefix(&of("B")));
    }

    #[test]
    fn only_long_prompts_have_a_beginning_that_matters() {
        let of = |body: &[u8]| prefix(&Payload::from(body.to_vec()));
        assert_eq!(of(&[b'a'; CACHED_FROM - 1]), None);
        let mut body = vec![b'a'; CACHED_FROM];
        let first = of(&body);
        assert!(first.is_some());
        body.extend_from_slice(b"another turn");
        assert_eq!(of(&body), first);
        body[10] = b'b';
        assert_ne!(of(&body), first);
    }
}
