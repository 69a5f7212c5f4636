//! Tokens of a stream of events that is handed on byte for byte: what its events say of them, or a guess
//! where they say nothing.

use bytes::Bytes;
use keypool::Usage;

use super::Passage;

/// Text runs at about four bytes a token.
const BYTES_PER_TOKEN: u64 = 4;

/// What an event says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Of tokens, for the whole answer so far.
    pub(crate) usage: Option<Usage>,
    /// So many bytes of text.
    pub(crate) written: usize,
}

/// Counts while a stream passes.
pub(crate) struct Tally {
    /// None once an event was too large to be looked at.
    decoder: Option<sse::Decoder>,
    hear: fn(&[u8]) -> Heard,
    told: Option<Usage>,
    /// Of the prompt, until Google tells it.
    prompt: u64,
    written: u64,
}

impl Tally {
    /// `hear` reads the data of an event, of at most `limit` bytes; the prompt has probably so many
    /// tokens.
    pub(crate) fn new(limit: usize, prompt: u64, hear: fn(&[u8]) -> Heard) -> Self {
        let decoder = Some(sse::Decoder::new(limit));
        Self { decoder, hear, told: None, prompt, written: 0 }
    }
}

impl Passage for Tally {
    fn take(&mut self, piece: Bytes) -> Bytes {
        let Some(decoder) = &mut self.decoder else { return piece };
        decoder.push(piece.clone());
        while let Some(event) = decoder.next_event() {
            let Ok(event) = event else {
                self.decoder = None;
                break;
            };
            let Heard { usage, written } = (self.hear)(&event.data);
            self.told = usage.or(self.told);
            self.written += written as u64;
        }
        piece
    }

    fn usage(&self) -> Usage {
        self.told.unwrap_or_else(|| {
            let (prompt, completion) = (self.prompt, self.written.div_ceil(BYTES_PER_TOKEN));
            Usage { prompt, completion, total: prompt + completion, ..Usage::default() }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(data: &[u8]) -> Heard {
        let text = std::str::from_utf8(data).unwrap();
        let usage = text.parse().ok().map(|total| Usage { total, ..Usage::default() });
        Heard { usage, written: if usage.is_some() { 0 } else { text.len() } }
    }

    #[test]
    fn what_is_told_replaces_what_is_guessed() {
        let mut tally = Tally::new(1024, 10, hear);
        for piece in ["data: eight by", "tes\n\ndata: more", "\n\n"] {
            assert_eq!(tally.take(Bytes::from_static(piece.as_bytes())), piece);
        }
        let guessed = Usage { prompt: 10, completion: 4, total: 14, ..Usage::default() };
        assert_eq!(tally.usage(), guessed);
        tally.take(Bytes::from_static(b"data: 5\n\ndata: 7\n\ndata: x\n\n"));
        assert_eq!(tally.usage(), Usage { total: 7, ..Usage::default() });
        tally.take(Bytes::from("y".repeat(2000)));
        assert_eq!(tally.take(Bytes::from_static(b"\n\ndata: 9\n\n")), "\n\ndata: 9\n\n");
        assert_eq!(tally.usage().total, 7, "it was too large");
    }
}
