//! How many input tokens a request will probably use, and how it begins: what the pool needs to
//! know before Google has counted.

use std::hash::{DefaultHasher, Hasher};

use memchr::memchr;

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
pub(crate) fn input_tokens(body: &[u8]) -> u64 {
    if body.len() < MEDIA_FROM {
        return body.len() as u64 / BYTES_PER_TOKEN;
    }
    let (mut words, mut media) = (0, 0);
    let mut rest = body;
    while !rest.is_empty() {
        let end = memchr(b'"', rest).unwrap_or(rest.len());
        let (piece, tail) = rest.split_at(end);
        let long = piece.get(..MEDIA_FROM);
        if long.is_some_and(|beginning| memchr(b' ', beginning).is_none()) {
            media += 1;
        } else {
            words += piece.len() as u64;
        }
        rest = tail.get(1..).unwrap_or_default();
    }
    words / BYTES_PER_TOKEN + media * TOKENS_PER_MEDIA
}

/// Stands for how a long prompt begins; `None` if it is too short to matter.
pub(crate) fn prefix(body: &[u8]) -> Option<u64> {
    let beginning = body.get(..PREFIX).filter(|_| body.len() >= CACHED_FROM)?;
    let mut hasher = DefaultHasher::new();
    hasher.write(beginning);
    Some(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn only_long_prompts_have_a_beginning_that_matters() {
        assert_eq!(prefix(&[b'a'; CACHED_FROM - 1]), None);
        let mut body = vec![b'a'; CACHED_FROM];
        let first = prefix(&body);
        assert!(first.is_some());
        body.extend_from_slice(b"another turn");
        assert_eq!(prefix(&body), first);
        body[10] = b'b';
        assert_ne!(prefix(&body), first);
    }
}
